"""What goes out as Atom comes out of a reader again, tombstones too; whatever the words, the document is well-formed."""

import calendar
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from lxml import etree

from syndication.feeds import odrl
from syndication.feeds.forms import FORMS
from syndication.feeds.parse import parse
from syndication.model.agreement import CreditPlace
from syndication.model.publication import FeedDocument
from syndication.model.rights import Credit
from tests.feeds.documents import CLIP, DOCUMENT, EMPTY, FULL, GONE, KILLED, NOON, PHOTO, PLAIN, hostile_documents

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "syn": "urn:uuid:6d0b7a52-3f0e-4c51-9d8b-1f6a2a4f7c10#",
}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def tree(document: FeedDocument) -> Any:
    """The document as a reader of XML sees it, with nothing forgiven."""
    return etree.fromstring(FORMS["atom"].render(document), etree.XMLParser(resolve_entities=False))


def text(parent: Any, path: str) -> str:
    """The text of what must be there once."""
    (found,) = parent.findall(path, NS)
    return found.text or ""


def read_moment(parsed: Any) -> datetime:
    """What feedparser makes of a date, which is always UTC."""
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def valid(root: Any) -> None:
    """What RFC 4287 and RFC 6721 require, and the rules of wire.md (16 to 20, 28)."""
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.get(LANG) is not None
    for parent in (root, *root.findall("a:entry", NS)):
        assert text(parent, "a:id").startswith("tag:")
        assert text(parent, "a:title").strip()
        assert parent.find("a:title", NS).get("type") == "text"
        assert RFC3339.fullmatch(text(parent, "a:updated"))
        alternates = [(link.get("type"), link.get("hreflang")) for link in parent.findall("a:link[@rel='alternate']", NS)]
        assert len(alternates) == len(set(alternates)) <= 1
        assert all(name.text and name.text.strip() for name in parent.findall("a:author/a:name", NS))
    assert len(root.findall("a:author", NS)) == 1
    assert len(root.findall("a:link[@rel='self']", NS)) == 1
    for entry in root.findall("a:entry", NS):
        assert RFC3339.fullmatch(text(entry, "a:published"))
        (content,) = entry.findall("a:content", NS)
        assert content.get("type") == "html"
        assert len(entry.findall("a:summary", NS)) <= 1
        assert entry.get(LANG) is not None
        assert all(link.get("href") and link.get("rel") for link in entry.findall("a:link", NS))
        assert all(category.get("term").strip() for category in entry.findall("a:category", NS))
    tombs = [(tomb.get("ref"), tomb.get("when")) for tomb in root.findall("at:deleted-entry", NS)]
    assert len(tombs) == len(set(tombs))
    assert all(RFC3339.fullmatch(when) for _, when in tombs)
    unnamed = [one.tag for one in root.iter() if not one.tag.startswith("{")]
    assert unnamed == []


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY], ids=["full", "empty"])
def test_what_atom_requires_is_there(document: FeedDocument) -> None:
    valid(tree(document))


def test_what_went_in_comes_out() -> None:
    read = feedparser.parse(io.BytesIO(FORMS["atom"].render(DOCUMENT)), sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo
    assert (read.version, read.encoding) == ("atom10", "utf-8")
    assert (read.feed.title, read.feed.link, read.feed.language) == ("VNA to TRC", "https://vna.example/", "en")
    assert read.feed.author == "Vietnam News Agency"
    first, second = read.entries
    content = FULL.version.content
    assert (first.id, first.title, first.link) == (FULL.entry_id, content.headline, content.link)
    assert (first.summary, first.content[0].value) == (content.summary, content.body)
    assert (first.title_detail.type, first.content[0].type, first.content[0].language) == ("text/plain", "text/html", "en-GB")
    assert tuple(author.name for author in first.authors) == content.byline
    assert [(tag.term, tag.scheme) for tag in first.tags] == [
        (topic, "http://cv.iptc.org/newscodes/mediatopic/") for topic in ("medtop:04000000", "medtop:20000210")
    ]
    assert read_moment(first.published_parsed) == FULL.published
    assert read_moment(first.updated_parsed) == FULL.updated.replace(microsecond=0)
    assert [(one.href, one.type, one.get("length")) for one in first.enclosures] == [
        (PHOTO.url, PHOTO.media_type, "482113"),
        (CLIP.url, CLIP.media_type, None),
    ]
    assert first.rights == FULL.terms
    assert (second.id, second.content[0].value, second.content[0].language) == (PLAIN.entry_id, PLAIN.version.content.body, "vi")


def test_a_story_taken_back_is_a_tombstone() -> None:
    """RFC 6721: children of the feed; a comment where there is one."""
    killed, gone = tree(DOCUMENT).findall("at:deleted-entry", NS)
    assert (killed.get("ref"), killed.get("when"), text(killed, "at:comment")) == (KILLED.entry_id, "2026-11-24T12:05:00Z", KILLED.note)
    assert (gone.get("ref"), gone.get("when"), len(gone)) == (GONE.entry_id, "2026-11-22T12:00:00Z", 0)


def test_terms_travel_with_each_entry() -> None:
    entry = tree(DOCUMENT).find("a:entry", NS)
    assert text(entry, "a:rights") == FULL.terms
    assert text(entry, "media:credit") == "Vietnam News Agency"
    assert text(entry, "dcterms:available") == "2026-11-24T18:00:00Z"
    assert text(entry, "dcterms:valid") == "start=2026-11-24T18:00:00Z; end=2026-12-24T12:00:00Z; scheme=W3C-DTF"
    assert text(entry, "dcterms:rights") == FULL.terms
    assert text(entry, "plus:DataMining") == "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
    assert dict(entry.find("syn:terms", NS).attrib) == {
        "agreement": "vna-trc-2025",
        "version": "1",
        "clause": "2.1",
        "onward": "own-subscribers",
        "alteration": "translate",
        "territory": "KZ",
        "archive": "false",
        "delete-at-end": "false",
        "machine-translation": "false",
        "model-training": "false",
    }
    assert text(entry, "syn:policy") == odrl.written(odrl.of_entry(DOCUMENT, FULL))


def test_each_credit_line_says_where_it_stands() -> None:
    owed = (Credit("TRC", CreditPlace.START), Credit("VNA", CreditPlace.BYLINE))
    found = tree(replace(DOCUMENT, entries=(replace(FULL, credits=owed),))).findall("a:entry/media:credit", NS)
    assert [(one.text, one.get(f"{{{NS['syn']}}}place")) for one in found] == [("TRC", "start"), ("VNA", "byline")]


def test_a_common_reader_finds_the_terms() -> None:
    """feedparser, which many read with, knows the words only by their names; it has them all."""
    entry = feedparser.parse(io.BytesIO(FORMS["atom"].render(DOCUMENT))).entries[0]
    assert (entry.syn_terms["onward"], entry.syn_terms["model-training"], entry.plus_datamining[-11:]) == (
        "own-subscribers",
        "false",
        "AIMLTRAINING"[-11:],
    )
    assert json.loads(entry.syn_policy)["target"] == FULL.entry_id


def test_the_credit_of_a_picture_is_within_it() -> None:
    picture, _ = tree(DOCUMENT).findall("a:entry/media:content", NS)
    assert text(picture, "media:credit") == PHOTO.credit


def test_an_address_that_is_none_is_left_out() -> None:
    """H04: no javascript: in any link that we publish."""
    content = replace(FULL.version.content, link="javascript:alert(1)", renditions=(replace(PHOTO, url="data:text/html,x"),))
    rendered = FORMS["atom"].render(replace(DOCUMENT, entries=(replace(FULL, version=replace(FULL.version, content=content)),)))
    assert b"javascript:" not in rendered
    assert b"data:" not in rendered


def test_the_same_document_is_the_same_bytes() -> None:
    assert FORMS["atom"].render(DOCUMENT) == FORMS["atom"].render(DOCUMENT)


def test_a_moment_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zone"):
        FORMS["atom"].render(replace(EMPTY, updated=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point


@given(hostile_documents)
@settings(deadline=None, max_examples=150)
def test_h12_whatever_the_words_the_document_is_well_formed(document: FeedDocument) -> None:
    valid(tree(document))
    assert FORMS["atom"].render(document) == FORMS["atom"].render(document)


def test_our_own_software_at_the_other_end_reads_the_same() -> None:
    """What we publish under terms is understood by another agency that runs this program: kills, embargo and captions too."""
    read = parse(FORMS["atom"].render(DOCUMENT), content_type="application/atom+xml", base_url=EMPTY.url, language="en", now=NOON)
    content, sent = read.entries[0].content, FULL.version.content
    assert (content.headline, content.summary, content.byline, content.topics) == (
        sent.headline,
        sent.summary,
        sent.byline,
        sent.topics[:2],
    )
    assert (content.renditions, content.embargo_until, content.language) == (sent.renditions, sent.embargo_until, "en-GB")
    assert [entry.guid for entry in read.entries] == [FULL.entry_id, PLAIN.entry_id]
    assert [(tomb.ref, tomb.when, tomb.comment) for tomb in read.tombstones] == [
        (KILLED.entry_id, KILLED.when, KILLED.note),
        (GONE.entry_id, GONE.when, None),
    ]
