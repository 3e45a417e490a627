"""The rules of the wire for what a feed document says (15 to 30), one by one, in what we publish; docs/wire.md has the table."""

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import etree
from reader import make_reader

from syndication.feeds import opml
from syndication.feeds.forms import FORMS
from syndication.feeds.parse import parse
from syndication.feeds.sanitize import clean_html
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument, FeedEntry, Links
from syndication.model.story import Rendition
from tests import worlds
from tests.feeds.documents import ARCHIVE, CLIP, COPY, DOCUMENT, EMPTY, FULL, GONE, KILLED, LINKS, NOON, PHOTO, PLAIN, TAKEN

NS: Final = {
    "a": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RFC822: Final = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
every_form = pytest.mark.parametrize("form", FORMS)
both = pytest.mark.parametrize("form", ["atom", "rss"])


def tree(form: str, document: FeedDocument = DOCUMENT) -> Any:
    """The feed (Atom) or the channel (RSS), as a reader of XML sees it, with nothing forgiven."""
    root = etree.fromstring(FORMS[form].render(document), etree.XMLParser(resolve_entities=False))
    return root if form == "atom" else root.find("channel")


def entries(form: str, document: FeedDocument = DOCUMENT) -> Any:
    """Its entries or items."""
    return tree(form, document).findall("a:entry" if form == "atom" else "item", NS)


def links(form: str, document: FeedDocument) -> dict[str, str]:
    """The feed's own links, by rel; each rel once."""
    found = [(one.get("rel"), one.get("href")) for one in tree(form, document).findall("a:link", NS)]
    assert len(found) == len(dict(found))
    return dict(found)


def feed(document: FeedDocument = DOCUMENT) -> Any:
    """As JSON Feed."""
    return json.loads(FORMS["json"].render(document))


def with_content(entry: FeedEntry = FULL, **changes: Any) -> FeedDocument:
    """A document of this entry alone, with other content."""
    version = replace(entry.version, content=replace(entry.version.content, **changes))
    return replace(DOCUMENT, entries=(replace(entry, version=version),))


@every_form
def test_wire_15_one_bad_item_does_not_cost_the_others(form: str) -> None:
    """Wire 15: C0 controls, lone surrogates, U+FFFE and U+FFFF go; the rest of the item, and the other items, stay."""
    bad = replace(FULL, version=replace(FULL.version, content=replace(FULL.version.content, headline="Ba\x00\x1b\ud800\ufffe\uffffd")))
    document = FORMS[form].render(replace(DOCUMENT, entries=(bad, PLAIN))).decode("utf-8")
    assert re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\\u0000", document) is None
    assert "Bad" in document
    assert PLAIN.version.content.headline in document
    if "xml" in FORMS[form].media_type:
        etree.fromstring(document.encode())
    else:
        json.loads(document)


def test_wire_16_each_feed_and_entry_has_an_id_a_title_and_a_date() -> None:
    """Wire 16: and the feed has an author; an id is an IRI, the same in every form, for every partner, at every address."""
    root = tree("atom")
    for one in (root, *entries("atom")):
        assert [len(one.findall(f"a:{name}", NS)) for name in ("id", "title", "updated")] == [1, 1, 1]
    assert root.findtext("a:author/a:name", namespaces=NS) == DOCUMENT.agency
    moved = replace(DOCUMENT, url="http://other.example/feeds/vna-to-bta.xml", home="http://other.example/", title="VNA to BTA")
    for document in (DOCUMENT, moved):
        assert [one.findtext("a:id", namespaces=NS) for one in entries("atom", document)] == [FULL.entry_id, PLAIN.entry_id]
        assert [one.findtext("guid") for one in entries("rss", document)] == [FULL.entry_id, PLAIN.entry_id]
        assert [one["id"] for one in feed(document)["items"]] == [FULL.entry_id, PLAIN.entry_id]


def test_wire_17_updated_is_of_the_last_change_and_published_of_the_first_release() -> None:
    """Wire 17: RFC 3339 in UTC, upper-case T and Z, whole seconds; a correction has another `updated` and the same `published`."""
    root = tree("atom")
    dates = [one.text for name in ("updated", "published") for one in root.iter(f"{{{NS['a']}}}{name}")]
    assert all(RFC3339.fullmatch(one) for one in dates)
    later = replace(FULL, updated=FULL.updated + timedelta(hours=1))
    before, after = (entries("atom", replace(DOCUMENT, entries=(one,)))[0] for one in (FULL, later))
    assert before.findtext("a:updated", namespaces=NS) != after.findtext("a:updated", namespaces=NS) == "2026-11-24T13:00:00Z"
    assert before.findtext("a:published", namespaces=NS) == after.findtext("a:published", namespaces=NS) == "2026-11-24T09:00:00Z"


def test_wire_18_no_two_alternate_links_are_of_one_kind() -> None:
    """Wire 18: enclosures are no alternates and say their length where it is known; one self link, absolute; every entry has content."""
    root = tree("atom")
    for parent in (root, *entries("atom")):
        alternates = [(one.get("type"), one.get("hreflang")) for one in parent.findall("a:link[@rel='alternate']", NS)]
        assert len(alternates) == len(set(alternates))
    assert [one.get("href") for one in root.findall("a:link[@rel='self']", NS)] == [DOCUMENT.url]
    enclosures = entries("atom")[0].findall("a:link[@rel='enclosure']", NS)
    assert [(one.get("href"), one.get("length")) for one in enclosures] == [(PHOTO.url, "482113"), (CLIP.url, None)]
    assert all(one.find("a:content", NS) is not None and one.find("a:content", NS).get("src") is None for one in entries("atom"))


def test_wire_19_each_text_construct_says_its_type() -> None:
    """Wire 19: titles, summaries and rights are text, bodies are html, escaped."""
    root = tree("atom", replace(DOCUMENT, entries=(COPY, PLAIN)))
    for name, kind in (("title", "text"), ("rights", "text"), ("summary", "text"), ("content", "html")):
        found = root.findall(f".//a:{name}", NS)
        assert found
        assert {one.get("type") for one in found} == {kind}
        assert all(len(one) == 0 for one in found)


@every_form
def test_wire_20_every_address_is_absolute_and_every_entry_says_its_language(form: str) -> None:
    """Wire 20: also inside HTML, where the sanitiser leaves no relative one."""
    assert clean_html('<p><a href="/here">here</a> <a href="https://a.example/">there</a></p>', "") == (
        '<p><a rel="noopener noreferrer nofollow">here</a> <a href="https://a.example/" rel="noopener noreferrer nofollow">there</a></p>'
    )
    text = FORMS[form].render(ARCHIVE).decode()
    addresses = re.findall(r"""(?:href|url|src)\\?["']?\s*[=:]\s*\\?["']([^"'\\]*)""", text)
    assert [one for one in addresses if not one.startswith(("https://", "http://"))] == []
    if "xml" in FORMS[form].media_type:
        assert 'xml:lang="en-GB"' in text
        assert 'xml:lang="vi"' in text
    else:
        assert '"language": "en-GB"' in text
        assert '"language": "vi"' in text


def test_wire_20_the_feed_says_its_language() -> None:
    """Wire 20."""
    assert tree("atom").get(LANG) == tree("rss").findtext("language") == feed()["language"] == "en"


def test_wire_21_a_copy_says_whose_story_it_is() -> None:
    """Wire 21: by our name for that partner, and when we took it. A story of ours, or one made from those of several, is nobody's copy."""
    document = replace(DOCUMENT, entries=(COPY,))
    name = "tag:vna.example,2025:party:azertac"
    source = entries("atom", document)[0].find("a:source", NS)
    told = {etree.QName(one).localname: one.text for one in source}
    assert told == {"id": name, "title": "azertac", "updated": "2026-11-24T07:00:00Z"}
    item = entries("rss", document)[0]
    assert (item.findtext("dc:source", namespaces=NS), item.findtext("dc:publisher", namespaces=NS)) == (name, "azertac")
    assert item.find("source") is None
    assert feed(document)["items"][0]["_syndication"]["source"] == {"id": name, "name": "azertac", "taken_at": "2026-11-24T07:00:00Z"}
    several = replace(FULL, version=replace(FULL.version, sources=(TAKEN, replace(TAKEN, partner="bta"))))
    for entry in (FULL, several):
        other = replace(DOCUMENT, entries=(entry,))
        assert entries("atom", other)[0].find("a:source", NS) is None
        assert entries("rss", other)[0].find("dc:source", NS) is None
        assert "source" not in feed(other)["items"][0]["_syndication"]


def test_wire_21_a_common_reader_finds_whose_story_it_is() -> None:
    """Wire 21: and takes nothing of it for the entry's own."""
    (read,) = feedparser.parse(io.BytesIO(FORMS["atom"].render(replace(DOCUMENT, entries=(COPY,))))).entries
    assert (read.source.id, read.source.title) == ("tag:vna.example,2025:party:azertac", "azertac")
    assert (read.id, read.title, read.updated) == (COPY.entry_id, COPY.version.content.headline, "2026-11-24T12:00:00Z")


def test_wire_22_a_channel_and_its_items_have_what_rss_requires() -> None:
    """Wire 22: dates of RFC 822 with four digits and +0000, guids that are no addresses; language, ttl, lastBuildDate and a self link."""
    channel = tree("rss")
    assert channel.getparent().get("version") == "2.0"
    assert all(channel.findtext(name) for name in ("title", "link", "description", "language", "ttl"))
    assert channel.findtext("lastBuildDate") == "Tue, 24 Nov 2026 12:05:00 +0000"
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")) == DOCUMENT.updated
    assert links("rss", DOCUMENT) == {"self": DOCUMENT.url}
    for item in entries("rss"):
        assert RFC822.fullmatch(item.findtext("pubDate"))
        assert item.find("guid").get("isPermaLink") == "false"
        assert item.findtext("title")


def test_wire_23_names_are_creators_and_bodies_are_encoded() -> None:
    """Wire 23: one dc:creator each, no author, no second date; the summary is the description and never the body."""
    item, short = entries("rss")
    assert tuple(one.text for one in item.findall("dc:creator", NS)) == FULL.version.content.byline
    assert [item.find("author"), item.find("dc:date", NS)] == [None, None]
    assert item.findtext("dcterms:modified", namespaces=NS) == "2026-11-24T12:00:00Z"
    assert (item.findtext("content:encoded", namespaces=NS), item.findtext("description")) == (
        FULL.version.content.body,
        FULL.version.content.summary,
    )
    assert (short.findtext("content:encoded", namespaces=NS), short.find("description")) == (PLAIN.version.content.body, None)
    assert {one.get("domain") for one in item.findall("category")} == {"http://cv.iptc.org/newscodes/mediatopic/"}


@pytest.mark.parametrize(("length", "written"), [(None, "0"), (-1, "0"), (0, "0"), (482_113, "482113")])
def test_wire_24_an_enclosure_has_all_three(length: int | None, written: str) -> None:
    """Wire 24: its length in bytes, 0 if unknown, never empty and never 'None'; one an item, all of them as media:content."""
    (item,) = entries("rss", with_content(renditions=(replace(PHOTO, length=length), CLIP)))
    (enclosure,) = item.findall("enclosure")
    assert dict(enclosure.attrib) == {"url": PHOTO.url, "length": written, "type": "image/jpeg"}
    assert [one.get("url") for one in item.findall("media:content", NS)] == [PHOTO.url, CLIP.url]


@both
def test_wire_25_what_belongs_to_a_picture_is_inside_it(form: str) -> None:
    """Wire 25: title, caption, credit and rights; pictures of several things are no group."""
    entry = entries(form)[0]
    photo, clip = entry.findall("media:content", NS)
    names = ("media:title", "media:description", "media:credit", "dcterms:rights")
    assert [photo.findtext(name, namespaces=NS) for name in names] == [PHOTO.title, PHOTO.description, PHOTO.credit, FULL.terms]
    assert [clip.findtext(name, namespaces=NS) for name in names] == [None, None, "VNA", FULL.terms]
    assert list(entry.iter(f"{{{NS['media']}}}group")) == []
    assert (photo.get("fileSize"), photo.get("width"), photo.get("height"), photo.get("medium")) == ("482113", "3000", "2000", "image")


@pytest.mark.parametrize(
    ("kind", "medium"),
    [(ContentType.PICTURE, "image"), (ContentType.GRAPHIC, "image"), (ContentType.VIDEO, "video"), (ContentType.AUDIO, "audio")],
)
def test_wire_25_a_rendition_of_every_type_goes_out(kind: ContentType, medium: str) -> None:
    """Wire 25."""
    sent = Rendition("https://media.vna.example/1", "application/octet-stream", kind, 7, credit="VNA")
    for form in ("atom", "rss"):
        (entry,) = entries(form, with_content(type=kind, renditions=(sent,)))
        assert entry.find("media:content", NS).get("medium") == medium
    (told,) = feed(with_content(type=kind, renditions=(sent,)))["items"][0]["attachments"]
    assert (told["url"], told["size_in_bytes"], told["_syndication"]["type"]) == (sent.url, 7, kind.value)


def test_wire_26_a_json_feed_has_what_it_requires() -> None:
    """Wire 26: ids are strings, one content each, dates of RFC 3339, authors, attachments with both keys, our own words under `_`."""
    told = feed()
    assert (told["version"], told["title"], told["feed_url"], told["home_page_url"]) == (
        "https://jsonfeed.org/version/1.1",
        DOCUMENT.title,
        DOCUMENT.url,
        DOCUMENT.home,
    )
    for item in told["items"]:
        assert isinstance(item["id"], str)
        assert "content_html" in item
        assert "content_text" not in item
        assert RFC3339.fullmatch(item["date_published"])
        assert RFC3339.fullmatch(item["date_modified"])
        assert all(one["url"] and one["mime_type"] for one in item.get("attachments", ()))
    assert [one["name"] for one in told["items"][0]["authors"]] == list(FULL.version.content.byline)
    known = {"version", "title", "home_page_url", "feed_url", "next_url", "language", "authors", "hubs", "items"}
    assert {key for key in told if not key.startswith("_")} <= known


@pytest.mark.parametrize(
    ("links_", "further"),
    [
        pytest.param(Links(), None, id="nothing further"),
        pytest.param(Links(next_page=f"{EMPTY.url}?since=12"), f"{EMPTY.url}?since=12", id="what came after this page"),
        pytest.param(Links(prev_archive=LINKS.prev_archive), LINKS.prev_archive, id="what was before it"),
        pytest.param(Links(next_page=EMPTY.url), None, id="never the page itself"),
    ],
)
def test_wire_26_the_next_address_is_another(links_: Links, further: str | None) -> None:
    """Wire 26."""
    assert feed(replace(DOCUMENT, links=links_)).get("next_url") == further


@both
def test_wire_27_an_archive_says_that_it_is_one_and_where_its_neighbours_are(form: str) -> None:
    """Wire 27: in RSS as atom:link. The document that is subscribed to is no archive, and links to the one before it."""
    assert links(form, ARCHIVE) == {
        "self": ARCHIVE.url,
        "current": LINKS.current,
        "prev-archive": LINKS.prev_archive,
        "next-archive": LINKS.next_archive,
        "hub": LINKS.hub,
        **({"alternate": DOCUMENT.home} if form == "atom" else {}),
    }
    assert len(tree(form, ARCHIVE).findall("fh:archive", NS)) == 1
    subscribed = replace(DOCUMENT, links=Links(prev_archive=LINKS.prev_archive))
    assert links(form, subscribed)["prev-archive"] == LINKS.prev_archive
    assert tree(form, subscribed).find("fh:archive", NS) is None
    assert tree(form, subscribed).find("fh:complete", NS) is None


@both
def test_wire_27_a_page_links_to_the_next_and_the_last_to_none(form: str) -> None:
    """Wire 27."""
    assert links(form, replace(DOCUMENT, links=Links(next_page=f"{DOCUMENT.url}?since=7")))["next"] == f"{DOCUMENT.url}?since=7"
    assert "next" not in links(form, DOCUMENT)


def test_wire_27_json_feed_says_it_in_words_of_ours() -> None:
    """Wire 27."""
    told = feed(ARCHIVE)["_syndication"]
    assert (told["archive"], told["current"], told["prev_archive"], told["next_archive"]) == (
        True,
        LINKS.current,
        LINKS.prev_archive,
        LINKS.next_archive,
    )
    assert not {"archive", "current", "prev_archive", "next_archive"} & set(feed()["_syndication"])


@both
def test_wire_21_28_our_own_software_at_the_other_end_is_told(form: str) -> None:
    """Wire 21, 28: whose story it is (a claim, which can only narrow), and each story taken back, in RSS too."""
    document = FORMS[form].render(replace(DOCUMENT, entries=(COPY, PLAIN)))
    read = parse(document, content_type=FORMS[form].media_type, base_url=EMPTY.url, language="en", now=NOON)
    assert [one.claimed_source for one in read.entries] == ["azertac", None]
    assert [(one.ref, one.when, one.comment) for one in read.tombstones] == [
        (KILLED.entry_id, KILLED.when, KILLED.note),
        (GONE.entry_id, GONE.when, None),
    ]
    assert read.entries[0].content.renditions == COPY.version.content.renditions


@both
def test_wire_28_a_story_taken_back_is_a_tombstone(form: str) -> None:
    """Wire 28: RSS too; with the entry's id and when; its reason as a comment; the same one once; and the entry is gone."""
    twice = replace(DOCUMENT, withdrawn=(KILLED, GONE, KILLED), entries=(FULL,))
    found = tree(form, twice).findall("at:deleted-entry", NS)
    assert [(one.get("ref"), one.get("when"), one.findtext("at:comment", namespaces=NS)) for one in found] == [
        (KILLED.entry_id, "2026-11-24T12:05:00Z", KILLED.note),
        (GONE.entry_id, "2026-11-22T12:00:00Z", None),
    ]
    ids = [one.findtext("a:id" if form == "atom" else "guid", namespaces=NS) for one in entries(form, twice)]
    assert ids == [FULL.entry_id]


def test_wire_29_opml_has_what_it_requires() -> None:
    """Wire 29: a title in the head; each outline has its text, and those of feeds a type and an address."""
    root = ElementTree.fromstring(opml.of([worlds.flow()], {"trc": worlds.partner()}, "What we poll").encode())
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "What we poll")
    assert all(one.get("text") for one in root.iter("outline"))
    assert [(one.get("type"), bool(one.get("xmlUrl"))) for one in root.findall("body/outline/outline")] == [("rss", True)]


@both
def test_wire_30_the_hub_and_the_self_link_stand_in_the_body(form: str) -> None:
    """Wire 30: one self, which is the topic; no hub where there is none."""
    document = replace(DOCUMENT, links=Links(hub=LINKS.hub))
    assert {rel: href for rel, href in links(form, document).items() if rel != "alternate"} == {"self": DOCUMENT.url, "hub": LINKS.hub}
    assert "hub" not in links(form, DOCUMENT)


def test_wire_30_json_feed_names_the_hub() -> None:
    """Wire 30."""
    assert feed(ARCHIVE)["hubs"] == [{"type": "WebSub", "url": LINKS.hub}]
    assert "hubs" not in feed()


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
@pytest.mark.parametrize("document", [DOCUMENT, ARCHIVE], ids=["feed", "archive"])
def test_a_reader_that_is_not_ours_takes_each_story_once(form: str, document: FeedDocument, tmp_path: Path) -> None:
    """`reader` reads all three from files: ids, titles, dates, languages, bodies; archives too. Read again, nothing is new."""
    (tmp_path / f"feed.{form}").write_bytes(FORMS[form].render(document))
    reader = make_reader(":memory:", feed_root=str(tmp_path))
    reader.add_feed(f"feed.{form}")
    first, again = (reader.update_feed(f"feed.{form}") for _ in range(2))
    assert first is not None
    assert (first.new, again is None or again.new == again.modified == 0) == (2, True)
    read = {one.id: one for one in reader.get_entries()}
    assert set(read) == {FULL.entry_id, PLAIN.entry_id}
    for entry in document.entries:
        told, content = read[entry.entry_id], entry.version.content
        assert (told.title, told.published) == (content.headline, entry.published)
        assert [one.language for one in told.content] == [content.language]
    enclosures = {one.href for one in read[FULL.entry_id].enclosures}
    assert enclosures == ({PHOTO.url} if form == "rss" else {PHOTO.url, CLIP.url})
    reader.close()
