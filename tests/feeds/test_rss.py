"""What goes out as RSS comes out of a reader again; whatever the words, the document is well-formed; nothing in it is from the clock."""

import calendar
import io
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from lxml import etree

from syndication.feeds import odrl
from syndication.feeds.forms import FORMS
from syndication.feeds.parse import parse
from syndication.model.publication import FeedDocument
from tests.feeds.documents import CLIP, DOCUMENT, EMPTY, FULL, GONE, KILLED, NOON, PHOTO, PLAIN, hostile_documents

NS = {
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "syn": "urn:uuid:6d0b7a52-3f0e-4c51-9d8b-1f6a2a4f7c10#",
}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def tree(document: FeedDocument) -> Any:
    """The document as a reader of XML sees it, with nothing forgiven."""
    return etree.fromstring(FORMS["rss"].render(document), etree.XMLParser(resolve_entities=False))


def read_moment(parsed: Any) -> datetime:
    """What feedparser makes of a date, which is always UTC."""
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def valid(root: Any) -> None:
    """What RSS 2.0 and the rules of wire.md (22 to 25) require."""
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert len(channel.findall(name)) == 1, name
    (own,) = channel.findall("atom:link[@rel='self']", NS)
    assert own.get("type") == "application/rss+xml"
    assert own.get("href") != channel.findtext("link")
    for item in channel.findall("item"):
        assert item.findtext("title").strip()
        assert item.find("guid").get("isPermaLink") == "false"
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None
        assert item.findtext("pubDate").endswith("+0000")
        assert item.get(LANG) is not None
        assert len(item.findall("enclosure")) <= 1
        for enclosure in item.findall("enclosure"):
            assert set(enclosure.attrib) == {"url", "length", "type"}
            assert enclosure.get("length").isdecimal()
        for name in ("title", "description", "link", "guid", "pubDate"):
            assert len(item.findall(name)) <= 1, name
        assert item.find("author") is None
        assert item.find("media:group", NS) is None


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY], ids=["full", "empty"])
def test_what_rss_requires_is_there(document: FeedDocument) -> None:
    valid(tree(document))


def test_what_went_in_comes_out() -> None:
    read = feedparser.parse(io.BytesIO(FORMS["rss"].render(DOCUMENT)), sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo
    assert (read.version, read.encoding) == ("rss20", "utf-8")
    assert (read.feed.title, read.feed.link, read.feed.language) == ("VNA to TRC", "https://vna.example/", "en")
    first, second = read.entries
    content = FULL.version.content
    assert (first.id, first.title, first.link) == (FULL.entry_id, content.headline, content.link)
    assert first.guidislink is False
    assert (first.summary, first.content[0].value) == (content.summary, content.body)
    assert first.content[0].language == "en-GB"
    assert tuple(author.name for author in first.authors) == content.byline
    assert [(tag.term, tag.scheme) for tag in first.tags] == [
        (topic, "http://cv.iptc.org/newscodes/mediatopic/") for topic in ("medtop:04000000", "medtop:20000210")
    ]
    assert read_moment(first.published_parsed) == FULL.published
    assert read_moment(first.updated_parsed) == FULL.updated.replace(microsecond=0)
    assert [(one.href, one.type, one.length) for one in first.enclosures] == [(PHOTO.url, PHOTO.media_type, "482113")]
    assert [one["url"] for one in first.media_content] == [PHOTO.url, CLIP.url]
    assert (second.id, second.content[0].value, second.content[0].language) == (PLAIN.entry_id, PLAIN.version.content.body, "vi")


def test_terms_travel_with_each_item() -> None:
    item = tree(DOCUMENT).find("channel/item")
    assert item.findtext("dc:rights", namespaces=NS) == FULL.terms
    assert item.findtext("media:credit", namespaces=NS) == "Vietnam News Agency"
    assert item.findtext("dcterms:available", namespaces=NS) == "2026-11-24T18:00:00Z"
    assert item.findtext("dcterms:valid", namespaces=NS) == "start=2026-11-24T18:00:00Z; end=2026-12-24T12:00:00Z; scheme=W3C-DTF"
    assert item.findtext("dcterms:rights", namespaces=NS) == FULL.terms
    assert item.find("syn:terms", NS).get("onward") == "own-subscribers"
    assert item.findtext("syn:policy", namespaces=NS) == odrl.written(odrl.of_entry(DOCUMENT, FULL))


def test_without_a_limit_of_use_nothing_is_said_of_one() -> None:
    assert tree(replace(DOCUMENT, entries=(PLAIN,))).find("channel/item/dcterms:valid", NS) is None


def test_the_credit_of_a_picture_is_within_it() -> None:
    picture, clip = tree(DOCUMENT).findall("channel/item/media:content", NS)
    assert picture.findtext("media:credit", namespaces=NS) == PHOTO.credit
    assert (picture.get("medium"), picture.get("fileSize"), picture.get("width")) == ("image", "482113", "3000")
    assert (clip.get("medium"), clip.get("fileSize")) == ("video", None)


def test_an_unknown_length_is_0() -> None:
    entry = replace(FULL, version=replace(FULL.version, content=replace(FULL.version.content, renditions=(CLIP,))))
    assert tree(replace(DOCUMENT, entries=(entry,))).find("channel/item/enclosure").get("length") == "0"


def test_a_story_taken_back_is_a_tombstone_in_the_channel() -> None:
    """Wire 28: RSS has no word for it, so Atom's stands in the channel; the item is gone."""
    channel = tree(DOCUMENT).find("channel")
    tombs = channel.findall("at:deleted-entry", NS)
    assert [(one.get("ref"), one.get("when")) for one in tombs] == [
        (KILLED.entry_id, "2026-11-24T12:05:00Z"),
        (GONE.entry_id, "2026-11-22T12:00:00Z"),
    ]
    assert tombs[0].findtext("at:comment", namespaces=NS) == KILLED.note
    assert KILLED.entry_id not in [item.findtext("guid") for item in channel.findall("item")]


def test_entries_keep_their_order() -> None:
    assert [item.findtext("guid") for item in tree(DOCUMENT).findall("channel/item")] == [FULL.entry_id, PLAIN.entry_id]


def test_the_same_document_is_the_same_bytes() -> None:
    """Wire 3: also from threads at once, though the library sets the locale of the process for each date."""
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(FORMS["rss"].render(DOCUMENT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {FORMS["rss"].render(DOCUMENT)}
    assert len(found) == 8


def test_h12_markup_in_a_title_is_text() -> None:
    title = "]]><x>&\x00\ud800"
    entry = replace(FULL, version=replace(FULL.version, content=replace(FULL.version.content, headline=title)))
    assert tree(replace(DOCUMENT, entries=(entry,))).findtext("channel/item/title") == "]]><x>&"


@given(hostile_documents)
@settings(deadline=None, max_examples=150)
def test_h12_whatever_the_words_the_document_is_well_formed(document: FeedDocument) -> None:
    valid(tree(document))
    assert FORMS["rss"].render(document) == FORMS["rss"].render(document)


def test_our_own_software_at_the_other_end_reads_the_same() -> None:
    """What we publish under terms is understood by another agency that runs this program: embargo and captions stay where they belong."""
    read = parse(FORMS["rss"].render(DOCUMENT), content_type="application/rss+xml", base_url=EMPTY.url, language="en", now=NOON)
    content, sent = read.entries[0].content, FULL.version.content
    assert (content.headline, content.summary, content.byline, content.topics) == (
        sent.headline,
        sent.summary,
        sent.byline,
        sent.topics[:2],
    )
    assert (content.renditions, content.embargo_until, content.language) == (sent.renditions, sent.embargo_until, "en-GB")
    assert [entry.guid for entry in read.entries] == [FULL.entry_id, PLAIN.entry_id]
