"""The laws of the house: which room may know which library, and what the pure rooms may not know. The floors are import-linter's."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "syndication"
PURE = (
    "agreements/bounds.py",
    "agreements/calendar.py",
    "agreements/clearance.py",
    "agreements/covering.py",
    "agreements/dates.py",
    "agreements/effect.py",
    "agreements/governing.py",
    "agreements/quota.py",
    "agreements/rights.py",
    "agreements/schema.py",
    "agreements/retention.py",
    "agreements/subject.py",
    "feeds/cut.py",
    "feeds/draft.py",
    "feeds/incoming.py",
    "feeds/jsonfeed_in.py",
    "feeds/likeness.py",
    "feeds/newsml_story.py",
    "feeds/ninjs_story.py",
    "feeds/nitf_story.py",
    "feeds/fragments.py",
    "feeds/newsml.py",
    "feeds/odrl.py",
    "feeds/outgoing.py",
    "feeds/submitted.py",
    "feeds/tree.py",
    "agreements/widening.py",
    "folding.py",
    "ingest/cadence.py",
    "ingest/callback.py",
    "ingest/gaps.py",
    "ingest/likeness.py",
    "ingest/marking.py",
    "ingest/renaming.py",
    "ingest/rhythm.py",
    "ingest/triage.py",
    "publish/push.py",
    "media/sniff.py",
    "media/tags.py",
    "review/difference.py",
    "review/workflow.py",
)
OWNERS = {
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "flask": ("web/", "bootstrap.py"),
    "requests": ("fetch/",),
    "requests_hardened": ("fetch/",),
    "urllib3": ("fetch/",),
    "socket": ("fetch/",),
    "http.client": ("fetch/",),
    "urllib.request": ("fetch/",),
    "feedparser": ("feeds/parse.py",),
    "feedgen": ("feeds/rss.py", "feeds/atom.py", "feeds/generator.py"),
    "apscheduler": ("scheduler.py",),
    "argon2": ("access.py",),
    "cryptography": ("access.py",),
    "nh3": ("feeds/sanitize.py",),
    "PIL": ("media/",),
    "obstore": ("media/bucket.py",),
}
INPUT_OUTPUT = ("os", "pathlib", "subprocess", "threading", "random", "secrets", "syndication.storage", *OWNERS)


def imports(path: Path) -> list[str]:
    """Every module that a file imports, at any depth of the file."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
    return found


def is_of(module: str, library: str) -> bool:
    """Whether the module is the library or lies within it."""
    return module == library or module.startswith(f"{library}.")


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("library", OWNERS)
def test_only_its_room_knows_a_library(library: str) -> None:
    """F12: one way to the network, so that no call can forget the guard; one room for SQL, one for feedparser."""
    strangers = [
        str(path.relative_to(ROOT))
        for path in FILES
        if any(is_of(module, library) for module in imports(path)) and not str(path.relative_to(ROOT)).startswith(OWNERS[library])
    ]
    assert strangers == []


@pytest.mark.parametrize("library", OWNERS)
def test_the_rule_sees_an_import(library: str, tmp_path: Path) -> None:
    """The control: a file that does import the library is seen."""
    file = tmp_path / "stranger.py"
    file.write_text(f"def f():\n    import {library}\n")
    assert any(is_of(module, library) for module in imports(file))


@pytest.mark.parametrize("name", PURE)
def test_what_decides_knows_no_input_or_output(name: str) -> None:
    assert [module for module in imports(ROOT / name) if any(is_of(module, one) for one in INPUT_OUTPUT)] == []


def test_the_nouns_know_the_standard_library_only() -> None:
    allowed = ("collections", "dataclasses", "datetime", "enum", "typing", "urllib.parse", "syndication.model")
    strangers = [
        (path.name, module)
        for path in (ROOT / "model").glob("*.py")
        for module in imports(path)
        if not any(is_of(module, one) for one in allowed)
    ]
    assert strangers == []


def test_no_import_within_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_only_the_scheduler_catches_everything() -> None:
    """One flow's fault must not end the clock; everywhere else a failure has a name."""
    broad = [
        str(path.relative_to(ROOT))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]
    assert sorted(set(broad)) in ([], ["scheduler.py"])


def test_every_file_says_what_its_room_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in FILES
        if "versions" not in path.parts and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_feedparser_only_ever_gets_bytes_in_memory() -> None:
    """B01: `parse(body)` opens paths and fetches URLs; only `parse(io.BytesIO(...))` does not."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "feeds/parse.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "feedparser.parse"
    ]
    assert calls
    assert all(ast.unparse(call.args[0]).startswith("io.BytesIO(") for call in calls)
