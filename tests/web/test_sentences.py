"""Each sentence of the rules is known to the desk, keeps its values, and is said in the desk's language."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from syndication.web import sentences
from syndication.web.catalog import Catalogs

ROOT = Path(__file__).parents[2] / "syndication"
RULES = (
    "agreements/clearance.py",
    "agreements/covering.py",
    "agreements/effect.py",
    "agreements/governing.py",
    "agreements/widening.py",
    "agreements/subject.py",
    "ingest/marking.py",
    "ingest/rhythm.py",
    "ingest/triage.py",
)
PATTERN = re.compile(r"%Y|\\d")
APART = frozenset(
    {
        "the address of the original",
        # Of what a document brought, to the log and to who tries a flow: no page shows these.
        "deleted at the end of its use: it does not come in again",
        "killed before: it does not come in again",
        "older than what we hold",
        "our own story, come back: it does not come in",
        "our own story, come back by its address: it does not come in",
        "the content changed",
        "the entry says that it is killed",
    }
)


def spoken(source: str) -> set[str]:
    """Every text with a space in it that a module writes, without its docstrings: a sentence, or what one says between its values."""
    tree = ast.parse(source)
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            first = node.body[0] if not isinstance(node, ast.Expr) and node.body else node
            silent |= (
                {id(one) for one in ast.walk(first)} if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else set()
            )
    found = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    }
    return {text for one in found if " " in (text := one.removeprefix(": ").strip()) and not PATTERN.search(text)}


def unknown(pieces: set[str]) -> set[str]:
    known = {" ".join(sentences.PLACE.split(one)[::2]) for one in sentences.SENTENCES} | set(sentences.PIECES)
    return {one for one in pieces - APART if not any(one in text for text in (*known, *sentences.SENTENCES))}


@pytest.mark.parametrize("module", RULES)
def test_every_sentence_of_the_rules_is_known(module: str) -> None:
    assert unknown(spoken((ROOT / module).read_text(encoding="utf-8"))) == set()


def test_a_sentence_that_is_not_known_is_seen() -> None:
    """The control."""
    assert unknown(spoken('"""The room."""\ndef said(x):\n    """What it says."""\n    return f"it is {x}, and nobody knew"')) == {
        ", and nobody knew"
    }


NAMES = st.text(st.sampled_from("abcxyzđ019-."), min_size=1, max_size=12)


@given(sentence=st.sampled_from(sentences.SENTENCES), data=st.data())
def test_a_sentence_is_taken_apart_into_what_it_was_made_of(sentence: str, data: st.DataObject) -> None:
    places = sentences.PLACE.findall(sentence)
    values = {one: data.draw(st.sampled_from(sentences.ONE_OF[one]) if one in sentences.ONE_OF else NAMES) for one in places}
    assert sentences.taken_apart(sentence % values) == (sentence, tuple(values.items()))


@given(
    said=st.text(max_size=200)
    | st.lists(st.sampled_from([" is granted", " in ", " about ", ": ", "; ", ", ", "x", "%(names)s"])).map("".join)
)
@example("")
@example(" is granted")
@example("%(names)s is granted")
def test_whatever_is_said_nothing_of_it_is_lost(said: str) -> None:
    """Partners' words stand in these sentences: what is taken apart is what was there, to the letter."""
    apart = sentences.taken_apart(said)
    if apart is not None:
        assert apart[0] % dict(apart[1]) == said


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    Babel(app).domain_instance = Catalogs()
    return app


@pytest.mark.parametrize(
    ("said", "language", "shown"),
    [
        pytest.param("it is our own", "fr", "c’est notre propre contenu", id="a sentence without values"),
        pytest.param("trc-en is open", "vi", "trc-en: mở", id="a state in the desk's word"),
        pytest.param(
            "picture is not among what is granted: text, video",
            "fr",
            "photo ne figure pas parmi ce qui est accordé : texte, vidéo",
            id="types",
        ),
        pytest.param(
            "it came from trc for named-partners: oana, not for vna",
            "ru",
            "это пришло от trc; использование: можно передать названным партнёрам: oana, не для vna",
            id="a term and its names",
        ),
        pytest.param(
            "vna-azertac-2025 v1, which succeeded vna-azertac-2014, is in force since 2025-05-08, without end",
            "fr",
            "vna-azertac-2025 v1, qui a succédé à vna-azertac-2014, est en vigueur depuis le 2025-05-08, sans terme",
            id="a chain",
        ),
        pytest.param(
            "3 of 10 a day are used, 5 of 100 a month are used",
            "vi",
            "đã dùng 3 trên 10 mỗi ngày, đã dùng 5 trên 100 mỗi tháng",
            id="two ceilings",
        ),
        pytest.param("2.1: models may be trained on it", "fr", "2.1: des modèles peuvent y être entraînés", id="a clause before it"),
        pytest.param(
            "language: fr is not among what is granted: en; credit line: the credit line is missing",
            "ru",
            "язык: fr не входит в разрешённое: en; указание источника: нет строки источника",
            id="two clauses",
        ),
        pytest.param(
            "1.2: text, picture in every language about every subject comes in, and did not",
            "fr",
            "1.2: texte, photo ; langues : toutes les langues ; sujets : tous les sujets : cela entre, et n’entrait pas",
            id="what is widened",
        ),
        pytest.param("note to editors: it is killed", "vi", "ghi chú cho biên tập: it is killed", id="somebody's own words stay"),
        pytest.param("<b>x</b> is granted", "fr", "&lt;b&gt;x&lt;/b&gt; : accordé", id="values are text"),
        pytest.param(
            "nobody knows <this>", "fr", '<span lang="en">nobody knows &lt;this&gt;</span>', id="what is not known is English, and says so"
        ),
        pytest.param("<b>x</b> is granted", "en", "&lt;b&gt;x&lt;/b&gt; is granted", id="English stays"),
    ],
)
def test_as_it_is_shown(app: Flask, said: str, language: str, shown: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert sentences.told(said) == Markup(shown)
