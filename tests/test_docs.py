"""Every setting, command, key and case is in the docs; and what the docs point at is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from syndication.agreements import shapes
from syndication.cli import main
from syndication.feeds.forms import FORMS
from syndication.settings import table

TREE = Path(__file__).parents[1]
CASE = r"\b[ABDFHPSTWXZ]\d\d\b"


def doc(name: str) -> str:
    return (TREE / "docs" / name).read_text(encoding="utf-8")


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} ")
        else:
            yield f"{before}{name}"


@pytest.mark.parametrize("name", [name for name, _ in table()])
def test_every_setting_is_in_operate_and_in_the_example(name: str) -> None:
    assert f"| `{name}` |" in doc("operate.md")
    assert re.search(rf"^# ?\[?{name}\b", (TREE / "config" / "settings.toml").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("name", list(commands(main)))
def test_every_command_is_in_operate(name: str) -> None:
    group, _, verb = name.rpartition(" ")
    rows = [line for line in doc("operate.md").splitlines() if line.startswith("| `")]
    assert any(group in row and verb in row for row in rows)


SHAPES = {
    "agreement": shapes.AGREEMENT,
    "term": shapes.TERM,
    "grant": shapes.GRANT,
    "obligation": shapes.OBLIGATION,
    "activity": shapes.ACTIVITY,
}
SHAPES |= {"act": shapes.ACT, "document": shapes.DOCUMENT, "partner": shapes.PARTNER, "flow": shapes.FLOW, "category": shapes.CATEGORY}
SHAPES |= {"markers": shapes.MARKERS}


@pytest.mark.parametrize(("shape", "key"), [(shape, key) for shape, table_ in SHAPES.items() for key in table_])
def test_every_key_of_the_files_is_explained(shape: str, key: str) -> None:
    assert SHAPES[shape][key].says
    assert f"| `{key}` | {SHAPES[shape][key].says} |" in doc("write-an-agreement.md")


def cases(path: Path) -> set[str]:
    """The cases that a file of tests names: in words, or in the name of a test (`test_z05_...`)."""
    text = path.read_text(encoding="utf-8")
    tests = " ".join(re.findall(r"def (test_\w+)", text)).replace("_", " ").upper()
    return {*re.findall(CASE, text), *re.findall(CASE, tests)}


def test_every_case_that_a_test_names_is_in_the_table_and_back() -> None:
    named = {(case, str(path.relative_to(TREE))) for path in (TREE / "tests").rglob("test_*.py") for case in cases(path)}
    rows = re.findall(rf"^\| ({CASE}) \| (.*) \|$", doc("security.md"), re.M)
    assert {(case, path) for case, paths in rows for path in re.findall(r"`([^`]+)`", paths)} == named


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_in_subscribe(form: str) -> None:
    """Where it is, and where its notices are, if they can be had in it."""
    text = doc("subscribe.md")
    assert re.search(rf"^\| `/feeds/<flow>\.{form}` \| .+ \|$", text, re.M)
    (notices,) = re.findall(r"^\| (`/feeds/<flow>/withdrawn\..*) \| .*\|$", text, re.M)
    assert (f".{form}`" in notices) == FORMS[form].notices


RULES = range(1, 48)
"""Of the wire: what a publisher does, and what a poller."""


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_the_wire_is_in_the_table_with_a_test_that_is_there(rule: int) -> None:
    """And the test names the rule."""
    (row,) = re.findall(rf"^\| {rule} \|.*\|$", doc("wire.md"), re.M)
    named = re.findall(r"`(test_\w+)`", row)
    there = {
        test for path in (TREE / "tests").rglob("test_*.py") for test in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    assert named
    assert set(named) <= there
    assert all(re.search(rf"_{rule}(_|$)", name) for name in named)
    assert re.search(r"\| (kept|kept in part|not kept)[ .:|]", row)


def test_every_rule_of_websub_is_in_the_table_with_tests_that_are_there() -> None:
    rows = re.findall(r"^\|.*\| kept[^?].*$", doc("wire.md").partition("## E. WebSub")[2], re.M)
    there = {
        test for path in (TREE / "tests").rglob("test_*.py") for test in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    assert len(rows) >= 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= there, row


@pytest.mark.parametrize("path", [TREE / "README.md", *sorted((TREE / "docs").glob("*.md"))], ids=lambda path: path.name)
def test_what_is_pointed_at_is_there(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [one for one in targets if "://" not in one and not (path.parent / one).exists()] == []
