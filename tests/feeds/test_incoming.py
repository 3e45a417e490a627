"""A partner's document in every format: our own written and read again, their oddities, and what is refused or held."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syndication.errors import FeedError
from syndication.feeds.gate import MOST_ENTRIES
from syndication.feeds.incoming import read
from syndication.feeds.worker import Parser
from syndication.model.agreement import ContentType
from syndication.model.entry import Entry, FeedLinks, ParsedFeed, Tombstone
from syndication.model.story import Pubstatus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OUTBOX = Path(__file__).parents[2] / "fixtures" / "outbox"
OURS = "tag:vna.example,2026:s_0123456789abcdef01234567"
KILLED = "tag:vna.example,2026:s_00000000000000000000dead"
HELD = "tag:vna.example,2026:s_00000000000000000000beef"
ITEM = {"id": "1", "title": "Trains", "content_html": "<p>Daily.</p>"}
NINJS = {"uri": "urn:trc:1", "headline": "Trains", "body_html": "<p>Daily.</p>", "language": "ru", "versioncreated": "2026-11-24T10:00:00Z"}
G2 = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:trc:GUID" conformance="power" xml:lang="ru"><itemMeta>
<versionCreated>2026-11-24T10:00:00Z</versionCreated>META</itemMeta><contentMeta><headline>Поезда</headline><infoSource><name>KAZ</name></infoSource>
<subject qcode="trc:9"><name>Sport</name></subject></contentMeta>
<contentSet><inlineData contenttype="text/plain">Daily.</inlineData></contentSet></newsItem>"""
NITF = """<nitf xml:lang="kk"><head><docdata STATUS><doc-id id-string="trc-1"/><date.issue norm="20261124T100000Z"/>MORE</docdata></head>
<body><body.head><hedline><hl1>Trains</hl1></hedline></body.head><body.content><p>Daily.</p></body.content></body></nitf>"""


def taken(body: Any, content_type: str | None = None) -> ParsedFeed:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return read(raw, content_type=content_type, base_url="https://trc.example/feeds/en", language="en", now=NOW)


def feed(*items: Any, **more: Any) -> dict[str, Any]:
    return {"version": "https://jsonfeed.org/version/1.1", "title": "TRC", "items": list(items), **more}


def item(**more: Any) -> Entry:
    found = taken(feed(ITEM | more))
    assert found.unreadable == ()
    return found.entries[0]


def message(*items: str) -> str:
    return f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{"".join(items)}</itemSet></newsMessage>'


def g2(guid: str = "1", meta: str = "") -> str:
    return G2.replace("GUID", guid).replace("META", meta)


def nitf(status: str = "", more: str = "") -> str:
    return NITF.replace("STATUS", status).replace("MORE", more)


@pytest.mark.parametrize("name", ["feed.json", "feed.ninjs", "feed.ninjs2", "feed.newsml"])
def test_what_we_write_says_in_every_format_what_it_says_in_atom(name: str) -> None:
    """The words, the people, the pictures, the topics, the embargo and the dates; and what was taken back: a kill kills, a hold holds."""
    atom, other = (taken((OUTBOX / one).read_bytes()) for one in ("feed.atom", name))
    there = {entry.guid: entry for entry in atom.entries}
    for entry in other.entries:
        if entry.guid in there:
            same = there[entry.guid]
            assert (entry.published, entry.updated, entry.pubstatus) == (same.published, same.updated, same.pubstatus)
            for what in ("headline", "summary", "body", "language", "byline", "topics", "embargo_until", "type", "link"):
                assert getattr(entry.content, what) == getattr(same.content, what), what
            assert [(one.url, one.media_type) for one in entry.content.renditions] == [
                (one.url, one.media_type) for one in same.content.renditions
            ]
    assert [one.ref for one in other.tombstones] == [KILLED]
    assert [(one.guid, one.pubstatus) for one in other.entries if one.guid not in there] == [(HELD, Pubstatus.WITHHELD)]
    assert other.unreadable == ()


def test_wire_46_json_feed_whole() -> None:
    entry = item(
        id=5,
        external_url="/elsewhere",
        author={"name": "old"},
        authors=[{"name": "Aigerim Bek"}, {"name": "Aigerim Bek"}, {}],
        tags=["Sport", "medtop:15000000", 7],
        language="kk",
        summary="In <b>short</b>",
        date_published="2026-11-24T09:00:00Z",
        date_modified="2026-11-24T10:00:00+03:00",
        attachments=[{"url": "/p.jpg", "mime_type": "image/jpeg", "size_in_bytes": 10, "title": "A train"}],
        image="/p.jpg",
    )
    content = entry.content
    assert (entry.guid, content.link, content.byline) == ("5", "https://trc.example/elsewhere", ("Aigerim Bek",))
    assert (entry.categories, content.topics, content.language) == (("Sport",), ("medtop:15000000",), "kk")
    assert (content.headline, content.summary, content.body) == ("Trains", "In short", "<p>Daily.</p>")
    assert (entry.published, entry.updated) == (datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC))
    assert [(one.url, one.length, one.title) for one in content.renditions] == [("https://trc.example/p.jpg", 10, "A train")]
    assert json.loads(entry.raw)["id"] == 5


def test_wire_46_json_feed_by_its_words() -> None:
    """Wire 46: `author` where there are no `authors`; plain text; the feed's language; a picture alone is a picture."""
    first, second = taken(
        feed(
            {"id": "1", "content_text": "A < b\n\nc", "author": {"name": "old"}},
            {"id": "2", "image": "https://m.example/1.jpg", "title": "A train"},
            version="https://jsonfeed.org/version/1",
            language="pt_BR",
        )
    ).entries
    assert (first.content.body, first.content.byline, first.content.language) == ("<p>A &lt; b</p><p>c</p>", ("old",), "pt-BR")
    assert first.content.headline.startswith("A < b")
    assert second.content.type is ContentType.PICTURE


def test_wire_46_an_item_without_an_id_is_discarded_and_told() -> None:
    """Wire 46, B18: the others are taken; its bytes are kept for the editor."""
    found = taken(feed({"title": "no id"}, ITEM, {"id": ""}, {"id": True}, "x", {"id": "empty"}))
    assert [entry.guid for entry in found.entries] == ["1"]
    assert len(found.unreadable) == 5
    assert "no id" in found.unreadable[0].reason
    assert json.loads(found.unreadable[0].raw) == {"title": "no id"}


def test_what_json_feed_says_was_taken_back() -> None:
    gone = {"withdrawn": [{"id": "k", "when": "2026-11-24T10:00:00Z", "note": "wrong", "pubstatus": "canceled"}, {"id": "x"}, {}, 1]}
    gone["withdrawn"] += [{"id": "h", "pubstatus": "withheld"}, {"id": "1", "pubstatus": "withheld"}]
    found = taken(feed(ITEM, _syndication=gone))
    assert found.tombstones == (Tombstone("k", datetime(2026, 11, 24, 10, tzinfo=UTC), "wrong"), Tombstone("x", None))
    assert [(entry.guid, entry.pubstatus) for entry in found.entries] == [("1", Pubstatus.USABLE), ("h", Pubstatus.WITHHELD)]


@pytest.mark.parametrize(
    ("more", "pubstatus", "until"),
    [
        pytest.param({"_syndication": {"embargo_until": "2026-11-25T08:00:00Z"}}, Pubstatus.USABLE, 25, id="ours"),
        pytest.param({"_trc": {"embargoed": "2026-11-26T08:00:00+00:00"}}, Pubstatus.USABLE, 26, id="theirs"),
        pytest.param({"embargoed": "tomorrow noon"}, Pubstatus.WITHHELD, None, id="S15: an hour that nobody can read"),
        pytest.param({"_x": {"pubStatus": "withheld"}}, Pubstatus.WITHHELD, None, id="held"),
        pytest.param({"_x": {"pubStatus": "perhaps"}}, Pubstatus.WITHHELD, None, id="a status that nobody knows"),
        pytest.param({"_syndication": {"terms": {"use_until": "2026-11-01T00:00:00Z"}}}, Pubstatus.WITHHELD, None, id="its use is over"),
    ],
)
def test_json_feed_is_restrained_by_its_extensions(more: dict[str, Any], pubstatus: Pubstatus, until: int | None) -> None:
    entry = item(**more)
    assert entry.pubstatus is pubstatus
    assert entry.content.embargo_until == (until and datetime(2026, 11, until, 8, tzinfo=UTC))


def test_where_json_feed_says_that_more_is() -> None:
    """Wire 26, 30: a next page that is the document itself is none."""
    hubs = [{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud", "url": "https://cloud.example/"}, 7]
    found = taken(feed(ITEM, hubs=hubs, feed_url="/en.json", next_url="/en.json?page=2", _syndication={"archive": True, "current": "/now"}))
    assert found.links == FeedLinks(
        own="https://trc.example/en.json",
        hubs=("https://hub.example/",),
        next_page="https://trc.example/en.json?page=2",
        current="https://trc.example/now",
        archive=True,
    )
    assert taken(feed(ITEM, next_url="https://trc.example/feeds/en")).links == FeedLinks()


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_our_own_archive_says_so(form: str) -> None:
    links = taken((OUTBOX / f"archive.{form}").read_bytes()).links
    assert links.archive
    assert links.current
    assert links.prev_archive


def test_a_key_that_is_there_twice_holds_its_item_and_spoils_a_document() -> None:
    """B15: which of the two counts nobody can tell."""
    twice = '{"id": "1", "title": "T", "title": "U"}'
    found = taken('{"version": "https://jsonfeed.org/version/1.1", "items": [' + twice + "]}")
    assert found.entries[0].pubstatus is Pubstatus.WITHHELD
    with pytest.raises(FeedError, match="twice"):
        taken('{"version": "https://jsonfeed.org/version/1.1", "items": [], "items": [' + twice + "]}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("[" * 100_000, "no JSON", id="B15: nested"),
        pytest.param('{"a":' * 100_000, "no JSON", id="B15: objects, nested"),
        pytest.param('[{"uri": 1' + "0" * 1_000_000 + "}]", "no JSON", id="B15: a number of a million digits"),
        pytest.param('[{"uri": "1", "urgency": NaN}]', "NaN", id="B15: NaN"),
        pytest.param(json.dumps(feed(ITEM))[:-20], "no JSON", id="wire 46: cut off"),
        pytest.param('{"version": "https://jsonfeed.org/version/1.1"}', "items", id="no items"),
        pytest.param('{"version": "https://jsonfeed.org/version/3", "items": []}', "neither|no JSON Feed", id="a version to come"),
        pytest.param("[1, 2]", "no JSON Feed", id="a list of something"),
        pytest.param(json.dumps(feed(*[ITEM] * (MOST_ENTRIES + 1))), "entries", id="B09: entries"),
        pytest.param(b'{"x":"' + b"x" * 10_485_761, "bytes", id="B09: bytes"),
        pytest.param(message(g2())[:-30], "ill-formed", id="NewsML-G2, cut off"),
        pytest.param('<!DOCTYPE newsItem [<!ENTITY a "b">]>' + g2(), "DOCTYPE|DTD", id="B02: entities of its own"),
        pytest.param('<!DOCTYPE nitf SYSTEM "file:///etc/passwd">' + nitf(), "DOCTYPE", id="B04: a DTD of its own"),
    ],
)
def test_what_is_refused_says_why(body: str | bytes, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        taken(body)


def test_hostile_values_are_bounded_and_never_an_exception() -> None:
    """B15, B12, H04, H05: half a surrogate pair, an address that runs, sizes that cannot be, lists for texts."""
    bad = '{"id": "\\ud800a\\u0000", "title": "T\\udfff\\u0000", "url": "javascript:x()", "image": "data:x", "content_text": "y"'
    bad += ', "attachments": [{"url": "vbscript:x", "mime_type": "image/png"}'
    bad += ', {"url": "/1.png", "mime_type": "image/png", "size_in_bytes": 1e999}]}'
    found = taken('{"version": "https://jsonfeed.org/version/1.1", "items": [' + bad + "]}")
    entry = found.entries[0]
    assert (entry.guid, entry.content.headline, entry.content.link) == ("a", "T", None)
    assert [(one.url, one.length) for one in entry.content.renditions] == [("https://trc.example/1.png", None)]
    odd = {key: [1, {"x": []}] for key in ("title", "url", "tags", "authors", "attachments", "content_html", "language", "_syndication")}
    assert len(taken(feed({"id": "2", **odd}, {"id": "3", "title": "x" * 10_000_000})).unreadable) == 1
    assert item(content_html="<p>x</p>" * 100_000).pubstatus is Pubstatus.WITHHELD


def test_ninjs_one_or_a_list() -> None:
    first = taken(NINJS).entries[0]
    assert (first.guid, first.content.headline, first.content.body, first.content.language) == (
        "urn:trc:1",
        "Trains",
        "<p>Daily.</p>",
        "ru",
    )
    assert first.updated == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert [entry.guid for entry in taken([NINJS, NINJS | {"uri": "urn:trc:2"}]).entries] == ["urn:trc:1", "urn:trc:2"]
    assert taken([]).entries == ()


def test_a_partner_may_have_words_of_its_own_in_ninjs() -> None:
    """Of our own newsroom an unknown key is a fault; a partner's is left alone, unless it looks like one that restrains."""
    found = taken([NINJS | {"trc_desk": 4, "urgency": 77, "type": "event", "subject": [{"name": "Sport"}], "edNote": "Read again"}])
    entry = found.entries[0]
    assert (entry.pubstatus, entry.categories, entry.content.type, entry.content.urgency) == (
        Pubstatus.USABLE,
        ("Sport",),
        ContentType.TEXT,
        None,
    )
    assert "note to editors: Read again" in entry.flags
    near = taken([NINJS | {"embargod": "2026-12-01T08:00:00Z"}]).entries[0]
    assert near.pubstatus is Pubstatus.WITHHELD
    assert any("did you mean 'embargoed'" in flag for flag in near.flags)


@pytest.mark.parametrize(
    "killed",
    [
        pytest.param({"uri": "urn:trc:1", "pubstatus": "canceled"}, id="ninjs"),
        pytest.param([{"uri": "urn:trc:1", "pubStatus": "Cancelled", "headlines": 7, "embargoed": "x"}], id="ninjs 3, with faults"),
        pytest.param(g2("1", '<pubStatus qcode="stat:canceled"/>'), id="NewsML-G2"),
        pytest.param(message(g2("1", '<pubStatus qcode="stat:canceled"/><embargod/>')), id="a message"),
        pytest.param(nitf('management-status="canceled"').replace("trc-1", "urn:trc:1"), id="NITF"),
        pytest.param(nitf("", '<ed-msg msg-type="kill" info="x"/>').replace("trc-1", "urn:trc:1"), id="NITF, by a message"),
    ],
)
def test_a_kill_is_a_tombstone_whatever_else_is_wrong(killed: Any) -> None:
    found = taken(killed)
    assert [one.ref for one in found.tombstones] == ["urn:trc:1"]
    assert (found.entries, found.unreadable) == ((), ())


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(NINJS | {"pubstatus": "withheld"}, id="ninjs"),
        pytest.param(NINJS | {"embargoed": "soon"}, id="S15: ninjs, an embargo that cannot be read"),
        pytest.param(NINJS | {"expires": "2026-11-01T00:00:00Z"}, id="ninjs, over"),
        pytest.param(g2("1", '<pubStatus qcode="stat:withheld"/>'), id="NewsML-G2"),
        pytest.param(g2("1", "<embargoed>2026-11-24T12:30:00</embargoed>"), id="S16: NewsML-G2, no zone"),
        pytest.param(nitf('management-status="withheld"'), id="NITF"),
        pytest.param(nitf('management-status="embargoed"'), id="S15: NITF, an embargo without an hour"),
        pytest.param(nitf("", '<date.expire norm="20261101T000000Z"/>'), id="NITF, over"),
    ],
)
def test_a_hold_is_held(held: Any) -> None:
    entry = taken(held).entries[0]
    assert (entry.pubstatus, entry.content.headline in ("Trains", "Поезда")) == (Pubstatus.WITHHELD, True)


def test_newsml_and_nitf_whole() -> None:
    found = taken(message(g2("1"), g2("2"), "<packageItem/>", g2("")))
    assert [entry.guid for entry in found.entries] == ["urn:trc:1", "urn:trc:2", "urn:trc:"]
    assert ["packageItem" in one.reason for one in found.unreadable] == [True]
    entry = found.entries[0]
    assert (entry.content.language, entry.claimed_source, entry.categories) == ("ru", "KAZ", ("Sport",))
    assert entry.raw.startswith(b"<newsItem")
    one = taken(nitf()).entries[0]
    assert (one.guid, one.content.language, one.content.body, one.updated) == (
        "trc-1",
        "kk",
        "<p>Daily.</p>",
        datetime(2026, 11, 24, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "utf-8-sig"])
def test_newsml_in_other_letters(encoding: str) -> None:
    """B13."""
    declared = "" if encoding == "utf-8-sig" else f"<?xml version='1.0' encoding='{encoding}'?>\n<!-- x -->"
    assert taken((declared + message(g2())).encode(encoding)).entries[0].content.headline == "Поезда"


@pytest.fixture
def parser() -> Iterator[Parser]:
    one = Parser(1, 10.0)
    yield one
    one.close()


def test_wire_37_every_format_is_read_in_the_process_that_can_be_stopped(parser: Parser) -> None:
    """B15, B17: with what it says when it refuses."""
    for name in ("feed.json", "feed.ninjs", "feed.newsml", "feed.rss"):
        body = (OUTBOX / name).read_bytes()
        there = parser.parse(body, content_type=None, base_url="https://trc.example/feeds/en", language="en", now=NOW)
        assert replace(there, entries=tuple(replace(one, signature=()) for one in there.entries)) == taken(body)
    with pytest.raises(FeedError, match="no JSON"):
        parser.parse(b"[" * 100_000, content_type=None, base_url="https://trc.example/", language="en", now=NOW)


def test_b12_half_a_surrogate_pair_in_a_date_costs_no_other_entry_nor_a_kill(parser: Parser) -> None:
    """What is told of it goes back from the process that read it, in UTF-8."""
    odd, good = {"id": "1", "title": "T", "date_published": "\ud800", "date_modified": "\udfff"}, {"id": "2", "title": "T"}
    killed = {"_syndication": {"withdrawn": [{"id": "3", "note": "\ud800"}]}}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "TRC", "items": [odd, good], **killed}).encode()
    there = parser.parse(body, content_type=None, base_url="https://trc.example/feeds/en", language="en", now=NOW)
    assert [one.guid for one in there.entries] == ["1", "2"]
    assert [one.ref for one in there.tombstones] == ["3"]


def test_what_is_too_many_is_dropped_and_counted() -> None:
    """S18, S17: 50 of each kind; the editor sees how many more there were."""
    tags = [f"tag {number}" for number in range(2_000)]
    entry = item(tags=tags)
    assert (len(entry.categories), entry.flags) == (50, ("it has 1950 categories more than the 50 that were taken",))
    subjects = "".join(f'<subject qcode="trc:{number}"><name>{number}</name></subject>' for number in range(2_000))
    many = taken(g2().replace("<contentMeta>", f"<contentMeta>{subjects}")).entries[0]
    assert len(many.categories) == 50
    media = "".join(f'<enclosure url="/{number}.jpg" type="image/jpeg"/>' for number in range(60))
    words = "".join(f"<category>{tag}</category>" for tag in tags)
    feed = taken(f"<rss version='2.0'><channel><item><title>T</title>{words}{media}</item></channel></rss>")
    assert (len(feed.entries[0].categories), len(feed.entries[0].content.renditions)) == (50, 50)
    assert feed.entries[0].flags == (
        "it has 1950 categories more than the 50 that were taken",
        "it has 10 renditions more than the 50 that were taken",
    )


BAD = (
    b"\x00",
    b"<",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b'"',
    b"\xff\xfe",
    b"{",
    b"[",
    b"}",
    b"\\ud800",
    b"1e999",
    b"&#xD800;",
    b"null",
    b"<x:y>",
)


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The document with a few places broken: bytes changed, left out, doubled, moved, or something odd put in."""
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(body)), chance.randint(1, 60)
        piece = body[at : at + size]
        put = chance.choice((b"", piece * 2, piece[::-1], chance.choice(BAD), bytes([chance.randrange(256)]), body[:size]))
        to = chance.choice((at, chance.randrange(len(body))))
        body = (body[:at] + body[at + size :])[:to] + put + body[to:] if chance.random() < 0.5 else body[:at] + put + body[at + size :]
        body = body or b"<"
    return body


def test_no_mutation_of_a_document_is_an_exception() -> None:
    """B20: whatever is broken in them, a document is taken, in part or whole, or refused with a sentence."""
    bodies = [*(path.read_bytes() for path in sorted(OUTBOX.iterdir())), message(g2("1"), g2("2")).encode(), nitf().encode()]
    refused = 0
    for seed in range(600):
        chance = random.Random(seed)
        try:
            taken(mutated(chance.choice(bodies), chance))
        except FeedError:
            refused += 1
    assert 0 < refused < 600


def test_what_breaks_the_loose_parser_is_refused() -> None:
    """B20: found by mutation; feedparser's own TypeError."""
    with pytest.raises(FeedError, match="breaks on this document"):
        taken("<rss version='2.0'><channel><item><title>a & b</title></item><width><x></width></channel></rss>")
