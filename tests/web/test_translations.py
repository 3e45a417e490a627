"""The desk in Vietnamese, French and Russian: every text is translated, with the same places to fill in, and nothing is left over."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from syndication.feeds.vocabulary import TOPICS
from syndication.settings import LANGUAGES
from syndication.web import catalog as desk_catalog
from syndication.web import words as desk_words
from syndication.web.keys import KEYS, as_markdown
from tests.web.exchange import Exchange, story, words

ROOT = Path(__file__).parents[2]
TRANSLATED = ("fr", "ru", "vi")
PLACE = re.compile(r"%\(\w+\)s")


@cache
def texts() -> frozenset[str | tuple[str, ...]]:
    """Every text that the code and the templates want translated."""
    found = extract_from_dir(
        ROOT / "syndication/web",
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")],
        options_map={"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}},
        keywords={**DEFAULT_KEYWORDS, "lazy_gettext": None},
    )
    return frozenset(tuple(one[2]) if isinstance(one[2], list | tuple) else str(one[2]) for one in found)


def read(language: str) -> Catalog:
    with (desk_catalog.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def missing(catalog: Catalog) -> list[str]:
    """The texts that the catalog lacks, has empty or has marked as unsure."""
    return [str(text) for text in texts() if not is_whole(catalog.get(text), catalog)]


def is_whole(message: Message | None, catalog: Catalog) -> bool:
    """Translated in all its forms, with every place of the original."""
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if isinstance(message.id, tuple | list) and len(forms) != catalog.num_plurals:
        return False
    wanted = set(PLACE.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    return all(form and set(PLACE.findall(form)) == wanted for form in forms)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    assert len(texts()) > 300
    assert missing(read(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: str) -> None:
    known = {tuple(one.id) if isinstance(one.id, tuple | list) else one.id for one in read(language) if one.id}
    assert known - texts() == set()


def test_a_text_that_is_not_translated_is_seen() -> None:
    """The control: one is taken out, one loses its place, one is empty."""
    catalog = read("fr")
    catalog.delete("Accept")
    catalog["credit: %(line)s"].string = "source"
    catalog["Undo"].string = ""
    assert sorted(missing(catalog)) == ["Accept", "Undo", "credit: %(line)s"]


def test_each_language_of_the_settings_is_there() -> None:
    assert set(LANGUAGES) == {"en", *TRANSLATED}
    assert set(desk_catalog.NATIVE) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        pytest.param("fr", ("File d’examen", "à examiner", "peut aller à AZERTAC", "dans les 30 jours", "Viêt Nam"), id="French"),
        pytest.param("ru", ("Очередь на рассмотрение", "на рассмотрении", "можно передать: AZERTAC", "30 дней", "Вьетнам"), id="Russian"),
        pytest.param("vi", ("Hàng duyệt tin", "chờ duyệt", "được chuyển cho AZERTAC", "30 ngày", "Việt Nam"), id="Vietnamese"),
    ],
)
def test_the_desk_speaks_the_editors_language(exchange: Exchange, language: str, says: tuple[str, ...]) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    visitor.post("/account", language=language, keys="on")
    page = visitor.get(f"/queue?item={exchange.item().id}")
    assert f'<html lang="{language}">' in page.text
    for text in says:
        assert text in words(page)


@pytest.mark.parametrize(
    ("asked", "said"), [("vi-VN,vi;q=0.9", "Đăng nhập"), ("ru", "Войти"), ("de, fr;q=0.5", "Se connecter"), ("de", "Sign in")]
)
def test_who_has_not_signed_in_is_spoken_to_in_the_browsers_language(exchange: Exchange, asked: str, said: str) -> None:
    assert said in words(exchange.visitor().get("/sign-in", headers={"Accept-Language": asked}))


def test_every_topic_of_the_vocabulary_has_a_word() -> None:
    assert {code: str(text) for code, text in desk_words.TOPICS.items()} == TOPICS


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("medtop:15000000", "sport", id="of the top level"),
        pytest.param("medtop:20000210", "medtop:20000210", id="below it"),
        pytest.param("trc:экономика", "экономика (trc)", id="a partner's own word, and whose it is"),
        pytest.param("azertac:politics: home", "politics: home (azertac)", id="a word with a colon in it"),
        pytest.param("sport", "sport", id="no code at all"),
    ],
)
def test_a_subject_is_shown_by_its_name(code: str, said: str) -> None:
    assert desk_words.topic(code) == said


def test_the_docs_show_the_table_of_keys() -> None:
    """docs/review.md prints what `web/keys.py` says; `python -c "from syndication.web.keys import as_markdown; print(as_markdown())"`."""
    text = (ROOT / "docs/review.md").read_text(encoding="utf-8")
    assert as_markdown() in text


def test_the_page_and_the_buttons_show_the_same_keys(exchange: Exchange) -> None:
    exchange.receive(story())
    page = exchange.seated().get(f"/items/{exchange.item().id}").text
    for key in KEYS:
        assert f'data-key-act="{key.act}" data-key-keys="{"|".join(key.keys)}"' in page
    assert re.search(r'aria-keyshortcuts="a">Accept <kbd aria-hidden="true">a</kbd>', page)


def test_every_key_does_something(exchange: Exchange) -> None:
    """Each act is an element of some page, or one that the script knows itself."""
    script = (ROOT / "syndication/web/static/desk.js").read_text(encoding="utf-8")
    templates = "".join(one.read_text(encoding="utf-8") for one in (ROOT / "syndication/web/templates").glob("*.html"))
    named = (
        set(re.findall(r'data-act="(\w+)"', templates))
        | set(re.findall(r"^  (\w+):", script, re.M))
        | {"queue", "stories", "partners", "agreements"}
    )
    assert {key.act for key in KEYS} <= named
