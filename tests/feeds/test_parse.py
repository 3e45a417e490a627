"""A partner's document as values: formats, oddities, and what is refused."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from encodings.aliases import aliases

import pytest

from syndication.errors import FeedError
from syndication.feeds.dates import embargo
from syndication.feeds.gate import DEEPEST, LARGEST, LARGEST_ILL_FORMED, MOST_ENTRIES
from syndication.feeds.parse import parse
from syndication.model.agreement import ContentType
from syndication.model.entry import Entry, FeedLinks, ParsedFeed
from syndication.model.story import Pubstatus

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NS = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:n="http://iptc.org/std/nar/"'
)


CYRILLIC = (
    "<?xml version='1.0' encoding='windows-1251'?><rss version='2.0'><channel><item><title>Мир</title></item></channel></rss>".encode(
        "cp1251"
    )
)
BURIED = '<d:deleted-entry xmlns:d="http://purl.org/atompub/tombstones/1.0"/>'
MANY = " ".join(f"a{n}='1'" for n in range(100))


def read(body: bytes | str, content_type: str | None = None) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse(raw, content_type=content_type, base_url="https://trc.example/en.rss", language="en", now=NOW)


def rss(*items: str) -> str:
    return f'<rss version="2.0" {NS}><channel><title>TRC</title><language>ru</language><ttl>90</ttl>{"".join(items)}</channel></rss>'


def one(item: str) -> Entry:
    feed = read(rss(f"<item><title>Story</title><guid>g1</guid>{item}</item>"))
    assert feed.unreadable == ()
    return feed.entries[0]


def test_rss_whole() -> None:
    entry = one(
        "<link>/story</link><description>In short</description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>"
        "<pubDate>Tue, 24 Nov 2026 10:00:00 +0300</pubDate><dc:creator>Aigerim Bek</dc:creator><category>Sport</category>"
        '<category domain="http://cv.iptc.org/newscodes/mediatopic/">15000000</category>'
        '<enclosure url="/p.jpg" length="10" type="image/jpeg"/>'
        '<media:content url="/p.jpg" type="image/jpeg" width="640"><media:credit>Photo/TRC</media:credit>'
        "<media:description>A train</media:description></media:content>"
    )
    content = entry.content
    assert (content.headline, content.summary, content.body, content.language) == ("Story", "In short", "<p>Long</p>", "ru")
    assert (content.link, content.byline, content.topics) == ("https://trc.example/story", ("Aigerim Bek",), ("medtop:15000000",))
    assert (entry.guid, entry.categories, entry.published) == ("g1", ("Sport",), datetime(2026, 11, 24, 7, tzinfo=UTC))
    picture = content.renditions[0]
    assert len(content.renditions) == 1
    assert (picture.url, picture.credit, picture.description, picture.width) == ("https://trc.example/p.jpg", "Photo/TRC", "A train", 640)
    assert picture.type is ContentType.PICTURE
    assert entry.raw.startswith(b"<item>")
    assert entry.raw.endswith(b"</item>")


def test_how_long_it_asks_not_to_be_asked() -> None:
    assert read(rss()).ttl == timedelta(minutes=90)


def test_atom_with_a_language_and_a_tombstone_for_each() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="kk"><title>T</title>'
        '<entry xml:lang="vi"><id>a</id><title type="html">Hà &lt;b&gt;Nội&lt;/b&gt;</title><updated>2026-11-24T07:00:00Z</updated>'
        '<link rel="predecessor-version" href="tag:x"/><content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry>'
        "<entry><id>b</id><title>қ</title></entry>"
        '<at:deleted-entry ref="c" when="2026-11-24T07:30:00Z"><at:comment>no</at:comment></at:deleted-entry>'
        '<at:deleted-entry ref="d" when="x"/></feed>'
    )
    assert [(entry.content.language, entry.content.headline) for entry in feed.entries] == [("vi", "Hà Nội"), ("kk", "қ")]
    assert feed.entries[0].replaces == "tag:x"
    assert [(tomb.ref, tomb.comment) for tomb in feed.tombstones] == [("c", "no"), ("d", None)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss("<item><title>Сәлем</title></item>").encode("utf-16"), id="B13: UTF-16"),
        pytest.param(
            ('<?xml version="1.0" encoding="windows-1251"?>' + rss("<item><title>Сәлем</title></item>").replace("ә", "е")).encode(
                "windows-1251"
            ),
            id="windows-1251",
        ),
        pytest.param(b"\xef\xbb\xbf" + rss("<item><title>x</title></item>").encode(), id="a byte order mark"),
        pytest.param("\n\n<?xml version='1.0'?>" + rss("<item><title>x</title></item>"), id="lines before the declaration"),
    ],
)
def test_wire_39_encodings(body: bytes | str) -> None:
    feed = read(body)
    assert len(feed.entries) == 1
    assert feed.note is None


MIR, NAMED = rss("<item><title>Мир</title></item>"), "application/rss+xml; charset="


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"\xef\xbb\xbf" + MIR.encode(), f"{NAMED}windows-1251", id="the mark before the header"),
        pytest.param(
            ('<?xml version="1.0" encoding="utf-8"?>' + MIR).encode("cp1251"),
            f"{NAMED}windows-1251",
            id="the header before the declaration",
        ),
        pytest.param(
            ('<?xml version="1.0" encoding="windows-1251"?>' + MIR).encode("cp1251"),
            "text/xml",
            id="the declaration; text/xml is no us-ascii",
        ),
        pytest.param(MIR.encode(), "text/xml", id="UTF-8 where nothing is said"),
    ],
)
def test_wire_39_which_encoding_counts(body: bytes, content_type: str) -> None:
    """RFC 7303, 3."""
    assert [entry.content.headline for entry in read(body, content_type).entries] == ["Мир"]


@pytest.mark.parametrize("guid", ["g 1", "/relative", "HTTP://TRC.example:80/%7ea?b#c", "тег"])
def test_wire_40_an_id_is_taken_as_it_is_written(guid: str) -> None:
    """Whatever address the document came from: an id that is resolved changes with it."""
    said = f"<item><title>x</title><guid isPermaLink='false'>{guid}</guid></item>"
    assert [entry.guid for entry in read(rss(said)).entries] == [guid]
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>{guid}</id><title>x</title></entry></feed>'
    assert [entry.guid for entry in read(atom).entries] == [guid]


@pytest.mark.parametrize("encoding", ["utf-7", "zlib_codec", "unicode_escape", "idna", "no-such", "x" * 900])
def test_encodings_that_hide_markup_are_refused(encoding: str) -> None:
    """B13."""
    with pytest.raises(FeedError, match="encoding"):
        read(f'<?xml version="1.0" encoding="{encoding}"?>{rss()}')


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("/etc/passwd", "no XML", id="B01: a path"),
        pytest.param("file:///etc/passwd", "no XML", id="B01: an address"),
        pytest.param(b"\x1f\x8b\x08\x00", "gzip", id="B16: a gzip file"),
        pytest.param("<html><body>x</body></html>", "HTML", id="a page"),
        pytest.param("<opml/>", "neither RSS nor Atom", id="other XML"),
        pytest.param('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel/></rss>', "DTD", id="B03: laughs"),
        pytest.param('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel/></rss>', "DTD", id="B02: a file"),
        pytest.param("<a>" * (DEEPEST + 1), "deeper", id="B05: nested"),
        pytest.param(f"<rss {MANY}/>", "attributes", id="B07: attributes"),
        pytest.param(rss("<item><title>x</title></item>" * (MOST_ENTRIES + 1)), "entries", id="B09: entries"),
        pytest.param(
            rss('<d:deleted-entry xmlns:d="http://purl.org/atompub/tombstones/1.0"/>' * (MOST_ENTRIES + 1)), "deleted", id="B09: tombs"
        ),
        pytest.param(b"<" + b"a" * LARGEST, "bytes", id="B09: bytes"),
        pytest.param("<rss>" + "<" * (LARGEST_ILL_FORMED + 1), "ill-formed", id="B14: ill-formed and large"),
        pytest.param(rss("<item><title>x")[:-20], "breaks off", id="cut off"),
    ],
)
def test_what_is_refused_says_why(body: bytes | str, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        read(body)


@pytest.mark.parametrize(
    "date",
    [
        "0000-00-00",
        "-1",
        "99999",
        "0001-01-01",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "9999-12-31T00:00:00Z",
        "Tue, 24 Nov 2026 10:00:00 +9999",
        "",
        "soon",
        "2026-02-30",
    ],
)
def test_wire_41_no_date_is_an_exception(date: str) -> None:
    """B19: what cannot be is flagged, and kept as it was written."""
    entry = one(f"<pubDate>{date}</pubDate>")
    assert entry.published_raw == (date or None)
    assert entry.published is None or entry.published <= NOW + timedelta(days=1)


@pytest.mark.parametrize("title", ["", " \n ", "\u200b"])
def test_a_title_that_says_nothing_is_flagged(title: str) -> None:
    """S19."""
    feed = read(rss(f"<item><title>{title}</title><description>First words of it</description></item>"))
    headline = feed.entries[0].content.headline
    assert headline
    assert "<" not in headline


def test_a_title_of_a_megabyte_is_cut() -> None:
    """S19."""
    assert len(read(rss(f"<item><title>{'x' * 1_000_000}</title></item>")).entries[0].content.headline) == 1_000


def test_wire_40_an_item_without_an_id_has_the_same_one_at_every_poll() -> None:
    """S05."""
    feed = rss("<item><title>x</title><description>y</description></item>")
    assert read(feed).entries[0].guid == read(feed.replace("<ttl>90</ttl>", "")).entries[0].guid
    assert read(feed.replace(">y<", ">z<")).entries[0].guid != read(feed).entries[0].guid


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        pytest.param("<n:pubStatus>stat:canceled</n:pubStatus>", Pubstatus.CANCELED, id="killed"),
        pytest.param("<n:pubStatus>withheld</n:pubStatus>", Pubstatus.WITHHELD, id="withheld"),
        pytest.param("<dcterms:valid>end=2026-11-01;</dcterms:valid>", Pubstatus.WITHHELD, id="no longer valid: an end, and no kill"),
        pytest.param("<dcterms:valid>end=2027-11-01;</dcterms:valid>", Pubstatus.USABLE, id="valid for a year"),
        pytest.param(
            "<dcterms:valid>end=2026-11-23T08:00:00Z</dcterms:valid><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>",
            Pubstatus.CANCELED,
            id="no longer valid when it was written: a kill",
        ),
        pytest.param(
            "<dcterms:valid>start=2026-11-20;end=2026-11-23T08:00:00Z</dcterms:valid><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate>",
            Pubstatus.WITHHELD,
            id="a use that was to end, and has ended: no kill",
        ),
        pytest.param("<dcterms:available>sometime</dcterms:available>", Pubstatus.WITHHELD, id="S15: an embargo nobody can read"),
        pytest.param("<dcterms:available>2026-11-01T00:00:00Z</dcterms:available>", Pubstatus.USABLE, id="an embargo that has ended"),
        pytest.param("<dcterms:available>2026-11-01</dcterms:available>", Pubstatus.USABLE, id="without a zone, ended in all of them"),
        pytest.param("<dcterms:available>2026-11-24T07:00:00</dcterms:available>", Pubstatus.WITHHELD, id="S15: no zone"),
        pytest.param(
            "<dcterms:available>Tue, 24 Nov 2026 07:00:00 BRT</dcterms:available>",
            Pubstatus.WITHHELD,
            id="S15: a zone nobody knows, behind",
        ),
        pytest.param(
            "<dcterms:available>Tue, 24 Nov 2026 12:00:00 HST</dcterms:available>",
            Pubstatus.WITHHELD,
            id="S15: a zone nobody knows, to come",
        ),
        pytest.param("<dcterms:available>Tue, 24 Nov 2026 07:00:00 -0000</dcterms:available>", Pubstatus.USABLE, id="-0000 is UTC"),
    ],
)
def test_the_standing(mark: str, status: Pubstatus) -> None:
    assert one(mark).pubstatus is status


def test_an_embargo() -> None:
    assert one("<dcterms:available>2026-11-24T12:00:00+03:00</dcterms:available>").content.embargo_until == NOW + timedelta(hours=1)
    # The end of time has no hours after it.
    assert embargo("9999-12-31T23:59:59", NOW) is None


def test_wire_42_addresses_of_other_schemes_never_come_through() -> None:
    """H04: as link, as enclosure, as id they are text, or nothing."""
    entry = one('<link>javascript:alert(1)</link><enclosure url="javascript:x" type="image/png" length="1"/>')
    assert entry.content.link is None
    assert entry.content.renditions == ()


NEITHER = ["&#xD800;", "&#0;", "&#x1;", "&#xFFFE;", "&#x110000;", "&#999999999999;", "&#" + "9" * 5000 + ";"]


@pytest.mark.parametrize("place", ["title", "description"])
@pytest.mark.parametrize("reference", [*NEITHER, "&#xD800 "])
def test_a_reference_to_no_character_costs_that_character(reference: str, place: str) -> None:
    """B11: neither the entry nor the document; well-formed but for it, or not."""
    bad = f"<item><guid>1</guid><{place}>a{reference}b</{place}></item>"
    for more in ("", "<item><title>c & d</title></item>"):
        feed = read(rss(bad, "<item><title>good</title></item>", more))
        assert [entry.content.headline for entry in feed.entries][-2 if more else -1] == "good"
        assert "\ufffd" in feed.entries[0].content.headline + feed.entries[0].content.body
        assert "ill-formed" in (feed.note or "")


def test_references_to_characters_stay_as_they_are() -> None:
    feed = read(rss("<item><title>&#x41;&#66;&#x1F600;&#9;&#xe000;</title></item>"))
    assert feed.entries[0].content.headline == "AB\U0001f600 \ue000"
    assert feed.note is None


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        pytest.param("gb2312", "新华社", id="GB2312"),
        pytest.param("gb2312", "镕", id="GB2312, with a letter that only GBK has"),
        pytest.param("gbk", "新华社", id="GBK"),
        pytest.param("gb18030", "新华社", id="GB18030"),
        pytest.param("big5", "中央社", id="Big5"),
        pytest.param("euc-kr", "연합뉴스", id="EUC-KR"),
        pytest.param("shift_jis", "共同通信", id="Shift_JIS"),
        pytest.param("euc-jp", "共同通信", id="EUC-JP"),
        pytest.param("utf-16-le", "Сәлем", id="B13: UTF-16 without a mark"),
        pytest.param("utf-16-be", "Сәлем", id="B13: UTF-16 without a mark, the other way round"),
        pytest.param("utf-32", "Сәлем", id="UTF-32"),
    ],
)
@pytest.mark.parametrize("served", [False, True])
def test_encodings_of_more_than_one_byte(encoding: str, word: str, served: bool) -> None:
    """Declared, or told by HTTP; each entry is cut out whole, which only UTF-8 lets one do."""
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    document = ("" if served else declared) + rss(f"<item><title>{word}</title><guid>1</guid></item>")
    body = document.encode({"gb2312": "gbk"}.get(encoding, encoding))
    feed = read(body, f"application/rss+xml; charset={encoding}" if served else None)
    assert [entry.content.headline for entry in feed.entries] == [word]
    assert feed.entries[0].raw.decode() == f"<item><title>{word}</title><guid>1</guid></item>"
    assert feed.note is None


def test_no_encoding_is_an_exception() -> None:
    """B13: every one that this Python knows, told by HTTP and declared, for a document that is in UTF-8."""
    plain = rss("<item><title>x</title></item>")
    for name in sorted(set(aliases.values())):
        for document, served in ((plain, f"text/xml; charset={name}"), (f'<?xml version="1.0" encoding="{name}"?>{plain}', None)):
            with suppress(FeedError):
                read(document, served)


def test_ill_formed_is_saved_with_a_note_and_counted() -> None:
    feed = read(rss("<item><title>a & b</title></item><item><title>c</title></item>"))
    assert [entry.content.headline for entry in feed.entries] == ["a & b", "c"]
    assert "ill-formed" in (feed.note or "")


FOREIGN = '<x:item xmlns:x="urn:x"><x:title>no entry</x:title></x:item>'
NESTED = "<item><title>a</title><item><title>b</title></item></item>"
EMBARGO = "<dcterms:available>2026-11-30T08:00:00Z</dcterms:available>"


def test_an_item_of_another_namespace_is_no_entry() -> None:
    """The walk counts as the parser does: the embargo is read, and nothing is flagged."""
    feed = read(rss(FOREIGN, f"<item><title>a</title>{EMBARGO}</item>"))
    assert [(entry.content.embargo_until is not None, entry.flags) for entry in feed.entries] == [(True, ())]
    assert feed.unreadable == ()


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:id>1</a:id><a:title>x</a:title></a:entry></a:feed>', id="Atom"
        ),
        pytest.param(
            '<rss xmlns="urn:whatever"><channel><item><title>x</title></item></channel></rss>', id="RSS in a namespace of its own"
        ),
        pytest.param(
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:y="http://purl.org/rss/1.0/">'
            "<channel/><y:item><title>x</title></y:item></r:RDF>",
            id="RSS 1.0, with a prefix",
        ),
    ],
)
def test_namespaces_of_the_parser_are_those_of_the_walk(document: str) -> None:
    assert [entry.flags for entry in read(document).entries] == [()]


@pytest.mark.parametrize(
    "mark",
    [
        EMBARGO,
        "<n:pubStatus>stat:withheld</n:pubStatus>",
        "<n:pubStatus>stat:canceled</n:pubStatus>",
        "<dcterms:valid>end=2026-11-01</dcterms:valid>",
        "<embargoDate>2026-11-30T08:00:00Z</embargoDate>",
    ],
)
@pytest.mark.parametrize("spoilt", ["<item><title>c & d</title></item>", NESTED])
def test_what_could_not_be_walked_is_withheld_where_it_names_a_restraint(mark: str, spoilt: str) -> None:
    """S15: one bare ampersand must not set free what is under embargo, held or killed."""
    first = read(rss(f"<item><title>first</title>{mark}</item>", spoilt)).entries[0]
    assert first.pubstatus is Pubstatus.WITHHELD
    assert any("withheld" in flag for flag in first.flags)


def test_what_could_not_be_walked_is_flagged_and_its_neighbours_are_not_withheld() -> None:
    usable = "<n:pubStatus>stat:usable</n:pubStatus>"
    feed = read(rss(f"<item><title>a & b</title>{usable}</item><item><title>c</title>{EMBARGO}</item><item><title>d</title></item>"))
    assert [entry.pubstatus for entry in feed.entries] == [Pubstatus.USABLE, Pubstatus.WITHHELD, Pubstatus.USABLE]
    assert all("ill-formed" in entry.flags[0] for entry in feed.entries)
    assert feed.entries[2].raw == b"<item><title>d</title></item>"


def test_entries_that_could_not_be_walked_do_not_each_keep_the_document() -> None:
    body = rss(*(f"<item><title>{n}</title></item>" for n in range(20)), NESTED, f"<!--{'p' * 500_000}-->")
    feed = read(body)
    assert len(feed.entries) == 22
    assert feed.unreadable == ()
    assert sum(len(entry.raw) for entry in feed.entries) <= len(body)


def test_wire_40_an_id_is_the_same_in_an_ill_formed_document() -> None:
    """A visit to a spoilt document must not bring everything a second time."""
    item = "<item><guid>https://trc.example/?a=1&amp;b=2</guid><title>x</title></item>"
    assert read(rss(item)).entries[0].guid == read(rss(item, "<item><title>c & d</title></item>")).entries[0].guid
    assert read(rss(item, "<!-- -->", NESTED)).entries[0].guid == "https://trc.example/?a=1&b=2"


def test_comments_before_the_root_take_no_time() -> None:
    """B17: each one doubled it."""
    started = time.process_time()
    assert read("<!-- x -->" * 90 + rss()).entries == ()
    with pytest.raises(FeedError, match="HTML page"):
        read("<!-- x -->" * 90 + "<html/>")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param("<blockquote>" * 28_000 + "x", False, id="blockquotes"),
        pytest.param("<div></i>" * 28_000 + "x", False, id="end tags that end nothing"),
        pytest.param("<p>x" * 5_000 + "<ul>" + "<li>y<br>" * 5_000, True, id="what need not be closed"),
        pytest.param("<div><b>x</b></div>" * 5_000, True, id="side by side"),
    ],
)
def test_a_text_nested_too_deep_is_set_aside(body: str, kept: bool) -> None:
    """B05, B07: to clean it takes seconds, here, in the poll, and wherever it is shown."""
    feed = read(rss(f"<item><title>a</title><description><![CDATA[{body}]]></description></item>", "<item><title>b</title></item>"))
    assert [entry.content.headline for entry in feed.entries] == (["a", "b"] if kept else ["b"])
    assert [("deeper" in one.reason) for one in feed.unreadable] == ([] if kept else [True])


def test_the_base_of_one_entry_is_not_that_of_the_next() -> None:
    """RFC 3986, 5.1: it ends with the entry, also where there is none around it."""
    entries = (
        f"<entry{base}><id>{base}</id><title>x</title><link href='/a'/></entry>" for base in ("", " xml:base='https://b.example/'", " ")
    )
    feed = read(
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{''.join(entries)}</feed>".replace("<id> xml:base='https://b.example/'", "<id>b")
    )
    assert [one.content.link for one in feed.entries] == ["https://trc.example/a", "https://b.example/a", "https://trc.example/a"]


HISTORY = "http://purl.org/syndication/history/1.0"


def test_where_a_document_says_that_more_is() -> None:
    """Wire 27, 30, 44: hubs, itself, pages and archives, by every base around them; not what entries and graves link to."""
    feed = read(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="{HISTORY}" xml:base="https://cdn.example/a/"><title>T</title><fh:archive/>'
        '<link rel="self" href="en.atom"/><link rel="hub" href="https://hub.example/"/><link rel="hub" href="/hub"/>'
        '<link rel="hub" href="https://hub.example/"/><link xml:base="b/" rel="NEXT" href="?page=2"/><link rel="next" href="?page=3"/>'
        '<link rel="http://www.iana.org/assignments/relation/prev-archive" href="2025.atom"/><link rel="current" href="javascript:x()"/>'
        '<entry><id>1</id><title>x</title><link rel="current" href="/entry"/></entry><link rel="current" href="https://[/"/>'
        '<d:deleted-entry xmlns:d="http://purl.org/atompub/tombstones/1.0" ref="2"><link rel="current" href="/gone"/></d:deleted-entry>'
        "</feed>"
    )
    assert feed.links == FeedLinks(
        own="https://cdn.example/a/en.atom",
        hubs=("https://hub.example/", "https://cdn.example/hub"),
        next_page="https://cdn.example/a/b/?page=2",
        prev_archive="https://cdn.example/a/2025.atom",
        archive=True,
    )


def test_where_rss_says_that_more_is_and_when_there_is_nothing() -> None:
    """Wire 27, 36: atom:link and fh in the channel; hours and days to skip, odd ones left out."""
    hours = "".join(f"<hour>{hour}</hour>" for hour in (" 3 ", 24, "x", 3, 29, 100))
    days = "".join(f"<day>{day}</day>" for day in ("Sunday", "monday", "Ramadan"))
    links = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="prev-archive" href="/2025.rss"/><link>https://trc.example/</link>'
    feed = read(rss(f'<skipHours>{hours}</skipHours><skipDays>{days}</skipDays>{links}<fh:complete xmlns:fh="{HISTORY}"/>'))
    assert feed.links == FeedLinks(prev_archive="https://trc.example/2025.rss", complete=True)
    assert (feed.skip_hours, feed.skip_days) == ((0, 3), (0, 6))
