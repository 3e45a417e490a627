"""Only what is new is parsed, and what comes of it is what parsing the whole document gives."""

import codecs
import io
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from syndication.errors import FeedError
from syndication.feeds import cut, gate
from syndication.feeds.parse import parse
from syndication.model.entry import Mark, ParsedFeed

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FIXTURES = sorted(path for path in (Path(__file__).parents[2] / "fixtures").rglob("*") if path.suffix in (".atom", ".rss"))
SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "a": "http://www.w3.org/2005/Atom",
    "x": "urn:x-agency",
}
DECLARED = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())


def read(body: bytes, known: Sequence[Mark] = (), **changes: Any) -> ParsedFeed:
    asked: dict[str, Any] = {"content_type": None, "base_url": "https://trc.example/feeds/en", "language": "en", "now": NOW}
    return parse(body, known=known, **(asked | changes))


def without(whole: ParsedFeed, same: Sequence[Mark]) -> ParsedFeed:
    """What reading the rest must give, said by reading the whole."""
    gone = {mark.guid for mark in same}
    entries = tuple(entry for entry in whole.entries if entry.guid not in gone)
    return replace(whole, entries=entries, marks=tuple(mark for mark in whole.marks if mark.guid not in gone), same=tuple(same))


def assert_equal(body: bytes, known: Sequence[Mark]) -> ParsedFeed:
    """What is read with these known is what is read of the whole, but for those that are the same."""
    found = read(body, known)
    assert found == without(read(body), found.same)
    return found


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: str(path.name))
def test_every_fixture_is_read_in_part_as_it_is_read_whole(path: Path) -> None:
    body = path.read_bytes()
    marks = read(body).marks
    assert marks
    for known in (marks, marks[:1], marks[1:]):
        assert assert_equal(body, known).same == known


HEADS = (
    "",
    "<language>ru</language>",
    "<a:link rel='self' href='https://trc.example/f'/>",
    "<title>TRC</title>",
    "<image><title>I</title><url>/i.png</url></image>",
    "<dc:creator>Desk</dc:creator>",
    "<lastBuildDate>Tue, 24 Nov 2026 07:00:00 GMT</lastBuildDate>",
    "<updated>2026-11-24T07:00:00Z</updated>",
    "<author><name>Desk</name></author>",
    "<!-- <item> -->",
    "<ttl>90</ttl>",
    "<item/>",
    "<updated/>",
    "<textinput><title>T</title></textinput>",
)
PARTS = (
    "<title>Trains &amp; boats</title>",
    "<title type='html'>&lt;b&gt;Bold&lt;/b&gt;</title>",
    "<description>In short</description>",
    "<description><div xml:lang='fr' xml:base='http://other.example/'>not <p>escaped</p></div></description>",
    "<summary>In short</summary>",
    "<content:encoded><![CDATA[<p>Long</item></p>]]></content:encoded>",
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml' xml:lang='kk'><p>Long <a href='/x'>y</a></p></div></content>",
    "<content type='xhtml'><svg xmlns='http://www.w3.org/2000/svg'><title>s</title></svg></content>",
    "<link>/story</link>",
    "<link rel='alternate' href='story.html'/>",
    "<pubDate>Tue, 24 Nov 2026 07:00:00 GMT</pubDate>",
    "<pubDate>Wed, 24 Nov 2027 07:00:00 GMT</pubDate>",
    "<updated>2026-11-24T07:00:00Z</updated>",
    "<dc:creator>Aigerim Bek</dc:creator>",
    "<m:creator xmlns:m='http://purl.org/dc/elements/1.1/'>Somebody</m:creator>",
    "<dc:creator xmlns:dc='urn:not-dc'>Nobody</dc:creator>",
    "<y:thing xmlns:y='urn:x-agency'>Z</y:thing>",
    "<author><name>A. Bek</name></author>",
    "<author>a@trc.example (A. Bek)</author>",
    "<category domain='http://cv.iptc.org/newscodes/mediatopic/'>15000000</category>",
    "<category term='Sport'/>",
    "<enclosure url='p.jpg' length='10' type='image/jpeg'/>",
    "<media:content url='p.jpg' type='image/jpeg'><media:title>T</media:title><media:credit>C</media:credit></media:content>",
    "<media:title>Shared</media:title><media:description>A train</media:description>",
    "<image><url>/own.png</url><title>own</title></image>",
    "<source url='https://other.example/'>Other</source>",
    "<source><title>Other</title><id>o</id></source>",
    "<dcterms:available>2026-11-30T08:00:00Z</dcterms:available>",
    "<dcterms:valid>end=2026-12-24T08:00:00Z</dcterms:valid>",
    "<!-- </item> -->",
    "<item><title>within</title></item>",
    "<x:pubStatus>withheld</x:pubStatus>",
    "<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='enclosure' href='v.mp4' type='video/mp4'/>",
    "<textinput><title>T</title></textinput>",
)
ATTRIBUTES = ("", " xml:lang='vi'", " xml:base='http://based.example/a/'", ' x:note="a>b"', " xmlns:z='urn:z'", " lang='de'")
BETWEEN = ("", "\n", "<!-- x -->", "<at:deleted-entry ref='g1' when='2026-11-24T06:00:00Z'/>", "<at:deleted-entry ref='gone' when='x'/>")
FORMS = (
    ("<rss version='2.0' {0}><channel>{1}", "item", "guid", "{2}</channel></rss>"),
    ("<rss version='0.91' xml:base='http://root.example/' {0}><channel>{1}", "item", "guid", "{2}</channel></rss>"),
    (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' {0}><channel>{1}</channel>",
        "item",
        "dc:identifier",
        "{2}</rdf:RDF>",
    ),
    ("<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='kk' {0}>{1}", "entry", "id", "{2}</feed>"),
    ("<a:feed {0}>{1}", "a:entry", "a:id", "{2}</a:feed>"),
    ("<feed version='0.3' xmlns='http://purl.org/atom/ns#' {0}>{1}", "entry", "id", "{2}</feed>"),
)
ENCODINGS = ("utf-8", "utf-16", "windows-1251", "utf-8-sig")

pieces = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join)
items = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(ATTRIBUTES), pieces, st.sampled_from(BETWEEN)), max_size=6)
heads = st.lists(st.sampled_from(HEADS), max_size=4).map("".join)


def document(form: tuple[str, str, str, str], head: str, tail: str, entries: list[tuple[int, str, str, str]], encoding: str) -> bytes:
    """A feed of these entries; number 0 has no id, and number 6 says nothing."""
    start, tag, identity, end = form
    made = [
        f"<{tag}{attributes}/>{between}"
        if number == 6
        else f"<{tag}{attributes}>{f'<{identity}>g{number}</{identity}>' * bool(number)}{inner}<title>Мир {number}</title></{tag}>{between}"
        for number, attributes, inner, between in entries
    ]
    text = start.format(DECLARED, head) + "".join(made) + end.format("", "", tail)
    declared = "" if encoding.startswith("utf-8") else f"<?xml version='1.0' encoding='{encoding}'?>"
    return codecs.encode(declared + text, encoding)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMS), heads, heads, items, items, st.sampled_from(ENCODINGS), st.randoms(use_true_random=False))
def test_a_generated_document_after_another_is_read_as_if_it_were_the_first(
    form: tuple[str, str, str, str],
    head: str,
    tail: str,
    before: list[tuple[int, str, str, str]],
    more: list[tuple[int, str, str, str]],
    encoding: str,
    chance: random.Random,
) -> None:
    """The second document holds some of the first one's entries, in their order or another, and others."""
    first = read(document(form, head, tail, before, encoding))
    kept = [entry for entry in before if chance.random() < 0.7]
    after = [*more, *kept]
    if chance.random() < 0.3:
        chance.shuffle(after)
    body = document(form, head, tail, after, encoding)
    note(document(form, head, tail, before, "utf-8").decode().replace(DECLARED, ""))
    note(document(form, head, tail, after, "utf-8").decode().replace(DECLARED, ""))
    found = assert_equal(body, first.marks)
    # What is the same now is, word for word, what it was then.
    said, then = {entry.guid: entry for entry in read(body).entries}, {entry.guid: entry for entry in first.entries}
    assert all(said[mark.guid] == then[mark.guid] for mark in found.same)


def rss(*entries: str, head: str = "<title>TRC</title>", tail: str = "") -> bytes:
    return f"<rss version='2.0' {DECLARED}><channel>{head}{''.join(entries)}{tail}</channel></rss>".encode()


def item(number: int, more: str = "", attributes: str = "") -> str:
    return f"<item{attributes}><guid>g{number}</guid><title>Story {number}</title>{more}</item>"


def test_an_empty_entry_ends_where_it_ends() -> None:
    """Its bytes are its own, and not the next tag's."""
    feed = read(rss("<item/>", item(1)))
    assert [one.raw for one in feed.unreadable] == [b"<item/>"]
    assert feed.entries[0].raw == item(1).encode()


def test_the_parser_sees_of_what_is_known_nothing_but_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    given_to: list[bytes] = []
    parsed = feedparser.parse

    def parse(body: io.BytesIO, **asked: Any) -> Any:
        given_to.append(body.getvalue())
        return parsed(body, **asked)

    monkeypatch.setattr(feedparser, "parse", parse)
    old = rss(item(1), item(2))
    marks = read(old).marks
    found = read(rss(item(3), item(1), item(2), head="<title>TRC</title><lastBuildDate>later</lastBuildDate>"), marks)
    assert [entry.guid for entry in found.entries] == ["g3"]
    assert [mark.guid for mark in found.same] == ["g1", "g2"]
    assert re.findall(rb"Story \d|<item/>", given_to[-1]) == [b"Story 3", b"<item/>", b"<item/>"]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<title>TRC</title><language>ru</language>", id="another language"),
        pytest.param("<title>TRC</title><author>x</author>", id="an author"),
        pytest.param("<title xml:lang='x'>TRC</title>", id="an attribute"),
    ],
)
def test_under_another_head_every_entry_is_read(head: str) -> None:
    found = assert_equal(rss(item(1), item(2), head=head), read(rss(item(1), item(2))).marks)
    assert found.same == ()


@pytest.mark.parametrize(
    "changes", [{"base_url": "https://moved.example/"}, {"language": "vi"}, {"content_type": "application/xml; charset=iso-8859-1"}]
)
def test_read_from_elsewhere_or_in_other_letters_every_entry_is_read(changes: dict[str, Any]) -> None:
    body = rss(item(1, "<link>/a</link>"))
    assert read(body, read(body).marks, **changes).same == ()


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(item(2, "<description><div>x</div></description>"), id="a div that should be escaped"),
        pytest.param(item(2, "<item><guid>g3</guid></item>"), id="an entry in an entry"),
        pytest.param(item(2, "<q:a xmlns:q='urn:q'/>"), id="a prefix of its own"),
        pytest.param(item(2, "<x:a xmlns:x='urn:q'/>"), id="a prefix that means something else outside"),
        pytest.param("<item><guid>g2</guid><title>c & d</title></item>", id="ill-formed"),
    ],
)
def test_in_doubt_the_document_is_read_whole(odd: str) -> None:
    body = rss(item(1), odd)
    assert read(body).marks == ()
    assert assert_equal(body, read(rss(item(1))).marks).same == ()


def test_one_id_twice_is_looked_at_every_time() -> None:
    """S04: whichever of the two was there first, both are read, and who takes them in sees the conflict."""
    twice = rss(item(1), item(1, "<description>other</description>"))
    assert read(twice).marks == ()
    known = read(rss(item(1))).marks
    assert [entry.guid for entry in assert_equal(twice, known).entries] == ["g1", "g1"]


def test_what_the_document_says_is_dead_is_compared_with_its_grave() -> None:
    """Wire 45: an entry whose tombstone comes with it is read, for its hour decides whether it lives."""
    known = read(rss(item(1), item(2))).marks
    found = assert_equal(rss(item(1), item(2), tail="<at:deleted-entry ref='g1' when='2026-11-24T07:00:00Z'/>"), known)
    assert [entry.guid for entry in found.entries] == ["g1"]


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        pytest.param("<dcterms:available>2026-11-24T10:00:00Z</dcterms:available>", 2, id="S15: an embargo ends"),
        pytest.param("<dcterms:available>2026-11-24T07:00:00</dcterms:available>", 13, id="S16: one without a zone ends everywhere"),
        pytest.param("<dcterms:valid>start=2026-11-01;end=2026-11-24T09:00:00Z</dcterms:valid>", 1, id="its use ends"),
        pytest.param("<pubDate>Wed, 25 Nov 2026 11:00:00 GMT</pubDate>", 3, id="B19: a date too far ahead comes nearer"),
        pytest.param("<pubDate>Tue, 24 Nov 2026 07:00:00 GMT</pubDate>", None, id="nothing ends"),
    ],
)
def test_what_an_hour_changes_is_read_again_from_that_hour(said: str, hours: int | None) -> None:
    body = rss(item(1, said))
    mark = read(body).marks[0]
    assert mark.until == (None if hours is None else NOW + timedelta(hours=hours))
    if hours is not None:
        before, then = NOW + timedelta(hours=hours, seconds=-1), NOW + timedelta(hours=hours)
        assert read(body, [mark], now=before).same == (mark,)
        assert replace(read(body, now=before).entries[0]) == read(body).entries[0]
        assert read(body, [mark], now=then).same == ()


FORGOTTEN = {
    "the head": (cut, "_head", lambda walk: iter(())),
    "the language": (gate, "PASSING", gate.PASSING | {"language"}),
    "what is carried over": (gate._Walker, "_doubted", lambda *_: None),
    "a prefix": (gate._Walker, "_carried_over", lambda *_: False),
    "that it is there": (cut, "_emptied", lambda walk, place: b" "),
}


@pytest.mark.parametrize("forgotten", FORGOTTEN)
def test_a_cut_that_forgets_one_thing_is_seen(forgotten: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with that one guard off, what is read in part is no longer what is read whole."""
    monkeypatch.setattr(*FORGOTTEN[forgotten])
    leak = item(3, "<description><div>x</div></description>", " xml:lang='fr'")
    within, odd = item(4, "<item><title>w</title></item>"), item(5, "<media:a xmlns:media='http://purl.org/dc/elements/1.1/'/>")
    changed = item(2, "<media:creator xmlns:media='urn:m'>x</media:creator><dc:creator>A</dc:creator>")
    differ = 0
    for before, after in (
        (rss(item(1), head="<language>ru</language>"), rss(item(1), head="<language>vi</language>")),
        (rss(leak, item(1)), rss(leak, item(2))),
        (rss(within, item(1)), rss(within, item(2))),
        (rss(odd, item(1)), rss(odd, changed)),
        (rss(item(1), item(2)), rss(item(1), item(3))),
    ):
        try:
            found, whole = read(after, read(before).marks), read(after)
            then = {entry.guid: entry for entry in read(before).entries}
            now = {entry.guid: entry for entry in whole.entries}
            same = all(then[mark.guid] == now[mark.guid] for mark in found.same)
            differ += found != without(whole, found.same) or not same or not (found.same or found.marks or forgotten != "that it is there")
        except FeedError:
            differ += 1
    assert differ
