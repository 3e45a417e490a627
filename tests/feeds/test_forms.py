"""Every form: its golden file; made once for each entry and joined, it is what it would be in one piece; the same state, the same bytes."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from syndication.feeds import atom, rss
from syndication.feeds.forms import FORMS
from syndication.model.publication import FeedDocument
from tests.feeds.documents import ARCHIVE, DOCUMENT, EMPTY, FULL, GOLDEN, PLAIN, hostile_documents

XML = [name for name, form in FORMS.items() if "xml" in form.media_type]
every_form = pytest.mark.parametrize("form", FORMS)


@every_form
@pytest.mark.parametrize(("name", "document"), [("feed", DOCUMENT), ("archive", ARCHIVE)])
def test_golden(form: str, name: str, document: FeedDocument) -> None:
    assert FORMS[form].render(document) == (GOLDEN / f"{name}.{form}").read_bytes()


def test_there_is_no_golden_file_of_a_form_that_is_none() -> None:
    assert {path.suffix[1:] for path in GOLDEN.iterdir()} == set(FORMS)


def elsewhere(document: FeedDocument) -> FeedDocument:
    """Another document of the same agency, in which the same entries may stand."""
    return replace(
        DOCUMENT,
        id="tag:vna.example,2025:flow:another",
        title="Another",
        url="https://feeds.vna.example/feeds/another.xml",
        agency=document.agency,
        giver=document.giver,
        authority=document.authority,
        language="ru",
        rights="Others.",
        links=ARCHIVE.links,
    )


def whole(form: str, document: FeedDocument) -> Any:
    """What the document says, as it is without any joining: made by feedgen in one piece, or by the order of its parts."""
    if form in ONE_PIECE:
        return canonical(re.sub(rb" *<\?entries \?>\n", b"", ONE_PIECE[form](document, document.entries)))
    return meaning(form, FORMS[form].render(document))


def canonical(document: bytes) -> bytes:
    """Canonical XML (C14N 1.0); spaces between elements say nothing."""
    tree = etree.fromstring(document, etree.XMLParser(resolve_entities=False, remove_blank_text=True, huge_tree=True))
    return bytes(etree.tostring(tree, method="c14n"))


def meaning(form: str, document: bytes) -> Any:
    """What a parser makes of it, with nothing forgiven."""
    return canonical(document) if form in XML else json.loads(document.decode("utf-8"))


ONE_PIECE: dict[str, Callable[..., bytes]] = {"atom": atom.written, "rss": rss.written}


@every_form
@given(hostile_documents)
@settings(deadline=None, max_examples=60)
def test_h12_wire_3_joined_from_what_was_made_elsewhere_it_is_the_same(form: str, document: FeedDocument) -> None:
    """Bytes of an entry that were made for another document, in another language, under other links: joined, they are this document."""
    made = FORMS[form]
    kept = [made.entry(elsewhere(document), entry) for entry in document.entries]
    joined = made.join(document, kept)
    assert joined == made.render(document)
    if form not in XML:
        told = json.loads(joined)
        assert [json.loads(one) for one in kept] == (told["items"] if form == "json" else told[: len(kept)])
    assert meaning(form, joined) == whole(form, document)


@every_form
def test_the_entries_keep_their_order_and_stand_once(form: str) -> None:
    text = FORMS[form].render(DOCUMENT).decode()
    told = re.findall(r"s_0123456789abcdef01234567(?=[\"<])|s_fedcba9876543210fedcba98(?=[\"<])", text)
    assert list(dict.fromkeys(told)) == [FULL.version.story, PLAIN.version.story]


@every_form
def test_control_an_entry_depends_on_the_giver(form: str) -> None:
    """What an entry may depend on is seen in its bytes: whoever keeps them keeps them by agency."""
    made = FORMS[form]
    assert made.entry(replace(EMPTY, giver="trc"), FULL) != made.entry(EMPTY, FULL)


@pytest.mark.parametrize("form", XML)
def test_wire_15_there_is_no_doctype_and_one_declaration(form: str) -> None:
    """Wire 15: UTF-8, said once, and no DOCTYPE; wire 1: the declaration says what the media type says."""
    document = FORMS[form].render(DOCUMENT)
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n")
    assert b"<!" not in document
    assert document.count(b"<?") == 1
