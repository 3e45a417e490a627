"""One way in for three formats: told by how the document begins; and whatever comes is a story or a refusal, and reaches for nothing."""

import contextlib
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from syndication.errors import StoryError
from syndication.feeds import submitted, tree
from syndication.feeds.parse import LARGEST_HTML
from syndication.model.agreement import ContentType
from syndication.model.story import Content
from tests.feeds import test_newsml_story as newsml
from tests.feeds import test_ninjs_story as ninjs
from tests.feeds import test_nitf_story as nitf
from tests.feeds.test_ninjs import contents

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOON = 5.0
"""Seconds that a refusal may take, with room for a busy machine."""
ONE = "<!DOCTYPE nitf SYSTEM 'nitf-3-5.dtd'>"


def refused(data: bytes) -> str:
    with pytest.raises(StoryError) as caught:
        submitted.read_all(data, NOW)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "this is empty", id="nothing"),
        pytest.param(b" \r\n ", "this is empty", id="spaces"),
        pytest.param(b"Hanoi opens", "this begins with 'Hanoi opens'", id="words"),
        pytest.param(b"%PDF-1.7", "NITF 3", id="a PDF"),
        pytest.param(b"\x1f\x8b\x08", "not UTF-8", id="a gzip file"),
        pytest.param(b"[]", "one JSON object", id="a list"),
        pytest.param(b"<rss/>", "this is <rss>", id="RSS"),
        pytest.param(b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "this is <html> of http://www.w3.org", id="a page"),
        pytest.param(b"<newsItem/>", "in the namespace http://iptc.org/std/nar/2006-10-01/", id="NewsML without its namespace"),
        pytest.param(b"<packageItem xmlns='http://iptc.org/std/nar/2006-10-01/'/>", "this is <packageItem>", id="a package"),
        pytest.param(b"<nitf xmlns='x'/>", "this is <nitf> of x", id="NITF of another namespace"),
        pytest.param(b"<NewsML><NewsItem/></NewsML>", "this is <NewsML>", id="NewsML 1"),
    ],
)
def test_what_is_none_of_the_three_is_told_what_is_taken(data: bytes, said: str) -> None:
    assert said in refused(data)


def test_each_is_told_by_its_beginning() -> None:
    assert submitted.read(b" \n" + newsml.STORY.encode(), NOW) == newsml.TAKEN
    assert submitted.read(nitf.PLAIN.encode("utf-16"), NOW) == nitf.TAKEN
    assert submitted.read(json.dumps(ninjs.THIRD).encode(), NOW) == ninjs.TAKEN


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param(f'<!DOCTYPE nitf [<!ENTITY l0 "ha">{LAUGHS}]><nitf>&l9;</nitf>', "a DOCTYPE", id="B02 billion laughs"),
        pytest.param(f'<!DOCTYPE nitf [<!ENTITY a "{"a" * 100_000}">]><nitf>{"&a;" * 50_000}</nitf>', "a DOCTYPE", id="B03 quadratic"),
        pytest.param('<!DOCTYPE nitf [<!ENTITY a SYSTEM "file:///etc/passwd">]><nitf>&a;</nitf>', "a DOCTYPE", id="B04 a file"),
        pytest.param('<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/x.dtd"><nitf/>', "a DOCTYPE", id="B04 another DTD"),
        pytest.param('<!DOCTYPE nitf SYSTEM "nitf-3-5.dtd" [<!ENTITY a "b">]><nitf/>', "a DOCTYPE", id="B04 the DTD, and more"),
        pytest.param('<!DOCTYPE nitf SYSTEM "nitf-3-5.dtd" []><nitf/>', "a DOCTYPE", id="B04 the DTD, and an empty subset"),
        pytest.param("<!DOCTYPE nitf><nitf/>", "a DOCTYPE", id="a DOCTYPE of nothing"),
        pytest.param("<!DOCTYPE newsItem SYSTEM 'nitf-3-5.dtd'><newsItem/>", "a DOCTYPE", id="a DOCTYPE of another root"),
        pytest.param(f"{ONE}<newsItem/>", "another document", id="a DOCTYPE that is not the document's"),
        pytest.param(f"{ONE}<nitf>&eacute;</nitf>", "&eacute;", id="a letter that only a DTD knows"),
        pytest.param("<nitf>&eacute;</nitf>", "undefined entity", id="a letter that nobody knows"),
        pytest.param("<nitf " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>", "64 attributes", id="B06 attributes"),
        pytest.param("<nitf " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(100_000)) + "/>", "64 attributes", id="B06 namespaces"),
        pytest.param("<nitf>" * 10_000, "deeper than 100", id="B07 deep, unclosed"),
        pytest.param("<nitf>" * 500_000 + "</nitf>" * 100_000, "deeper than 100", id="B07 deep, closed"),
        pytest.param("<nitf " + "a" * 4_000_000, "unclosed token", id="B08 a start tag without an end"),
        pytest.param("<nitf>" + "<p/>" * 900_000 + "</nitf>", "100000 elements", id="B09 many elements"),
        pytest.param("<nitf>" + "x" * 5_000_000, "5000006 bytes", id="B09 a large document"),
        pytest.param("<nitf>&#xD800;</nitf>", "invalid character", id="B11 half a surrogate pair"),
        pytest.param("<nitf>&#0;</nitf>", "invalid character", id="B11 NUL by reference"),
        pytest.param("<nitf>&#999999999999;</nitf>", "invalid character", id="B11 a character there is not"),
        pytest.param("<nitf>\x00</nitf>", "ill-formed", id="B12 NUL"),
        pytest.param("<nitf>\ufffe</nitf>", "ill-formed", id="B12 U+FFFE"),
        pytest.param("<?xml version='1.0' encoding='utf-7'?><nitf/>", "'utf-7'", id="B13 UTF-7"),
        pytest.param("<?xml version='1.0' encoding='zlib_codec'?><nitf/>", "'zlib_codec'", id="B13 no encoding of text"),
        pytest.param("<?xml version='1.0' encoding='windows-1251'?><nitf/>", "'windows-1251'", id="B13 another encoding"),
        pytest.param("<nitf>" + "&" * 4_000_000, "ill-formed", id="B14 ampersands"),
        pytest.param("<" * 4_000_000, "ill-formed", id="B14 less-than signs"),
        pytest.param("<nitf></nitf><nitf/>", "ill-formed", id="two roots"),
        pytest.param("<nitf><x:p/></nitf>", "ill-formed", id="a prefix of no namespace"),
        pytest.param("<nitf><a:b:c/></nitf>", "ill-formed", id="a name with two colons"),
    ],
)
def test_harmful_xml_is_refused_at_once(document: str, said: str) -> None:
    """B02, B03, B04, B06, B07, B08, B09, B11, B12, B13, B14"""
    began = time.perf_counter()
    assert said in refused(document.encode("utf-8", "surrogatepass"))
    assert time.perf_counter() - began < SOON


@pytest.mark.parametrize(
    "document",
    [
        pytest.param('<!DOCTYPE nitf [<!ENTITY a "b">]><nitf/>', id="a DOCTYPE"),
        pytest.param("<nitf " + " ".join(f'a{n}="1"' for n in range(65)) + "/>", id="attributes"),
        pytest.param("<nitf>" * 101 + "</nitf>" * 101, id="deep"),
        pytest.param("<nitf>" + "<p/>" * 100_000 + "</nitf>", id="many elements"),
    ],
)
def test_control_without_the_walk_it_would_be_taken(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """lxml lets all of it pass: the walk before it is what refuses."""
    with pytest.raises(StoryError):
        tree.parsed(document)
    monkeypatch.setattr(tree._Walk, "over", lambda self, body: None)
    assert tree.name(tree.parsed(document)) == "nitf"


@pytest.mark.parametrize("tag", ["<b>", "<div>", "<", "<!--", "&lt;b&gt;", "&amp;", "&", "\n"])
@pytest.mark.parametrize("kind", ["html", "plain"])
def test_a_text_made_to_take_long_does_not(tag: str, kind: str) -> None:
    """B10: cleaning takes time with the size times the depth; what is too long is refused, what is not is done soon."""
    began = time.perf_counter()
    for size in (3_500_000, 400_000):
        text = escape(tag) * (size // len(escape(tag)))
        with contextlib.suppress(StoryError):
            told = submitted.read(newsml.ITEM.replace("BODY", f'<inlineData contenttype="text/{kind}">{text}</inlineData>').encode(), NOW)
            assert len(told.content.body) <= LARGEST_HTML
    assert time.perf_counter() - began < 2 * SOON


MANY = 90_000


@pytest.mark.parametrize(
    ("whole", "before", "one", "said"),
    [
        pytest.param(nitf.PLAIN, "<urgency", "<x/>", "docdata/x", id="elements that there are not"),
        pytest.param(nitf.PLAIN, "<urgency", "<date.release/>", "date.release", id="embargoes"),
        pytest.param(nitf.PLAIN, "<abstract", "<date.release/>", "belongs in docdata", id="embargoes astray"),
        pytest.param(nitf.PLAIN, "<abstract", "<byline>a</byline>", "more than 50", id="bylines"),
        pytest.param(nitf.PLAIN, "<media ", "<media/>", "more than 50", id="media"),
        pytest.param(newsml.STORY, "<embargoed", "<embargoed/>", "more than 50", id="embargoes of an item"),
        pytest.param(newsml.STORY, "<urgency", '<subject qcode="medtop:01000000"/>', "more than 50", id="subjects"),
        pytest.param(newsml.STORY, "<scheme", "<scheme alias='a' uri='b'/>", "more than 50", id="schemes"),
        pytest.param(newsml.STORY, "<remoteContent", "<remoteContent/>", "more than 50", id="pictures"),
        pytest.param(newsml.message(newsml.STORY), "<newsItem ", "<packageItem/>", "items; a message may hold 500", id="items"),
    ],
)
def test_b09_many_of_a_kind_are_refused_at_once(whole: str, before: str, one: str, said: str) -> None:
    began = time.perf_counter()
    assert said in refused(whole.replace(before, one * MANY + before, 1).encode())
    assert time.perf_counter() - began < SOON


@pytest.fixture
def reached() -> Iterator[list[tuple[str, Any]]]:
    """Every file that is opened, and every address that is asked for, while it is on."""
    seen: list[tuple[str, Any]] = []
    on = [True]

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if on[0] and event in ("open", "socket.connect", "socket.getaddrinfo"):
            seen.append((event, given[0]))

    sys.addaudithook(hook)
    yield seen
    on[0] = False


def test_b04_no_document_reaches_outside_of_itself(reached: list[tuple[str, Any]], tmp_path: Path) -> None:
    """libxml2 opens files by itself, so what is in one is looked for in the answer too."""
    secret = tmp_path / "nitf-3-5.dtd"
    secret.write_text('<!ENTITY secret "geheim"><!ATTLIST nitf xml:lang CDATA "vi">')
    reached.clear()
    document = nitf.PLAIN.replace(' xml:lang="vi"', "")
    assert "/nitf/@xml:lang: is missing" in refused(f'<!DOCTYPE nitf SYSTEM "{secret}">{document}'.encode())
    assert "&secret;" in refused(f'<!DOCTYPE nitf SYSTEM "{secret}">{document.replace("Bốn", "&secret;")}'.encode())
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    assert "geheim" not in submitted.read(nitf.PLAIN.replace("Bốn", include).encode(), NOW).content.body
    assert reached == []


def test_control_a_parser_that_loads_its_dtd_is_seen(tmp_path: Path) -> None:
    """The same document, with the guard off: the DTD is read, and gives the document what it had not."""
    secret = tmp_path / "nitf-3-5.dtd"
    secret.write_text('<!ATTLIST nitf xml:lang CDATA "vi">')
    document = f'<!DOCTYPE nitf SYSTEM "{secret}"><nitf/>'.encode()
    loading = etree.XMLParser(load_dtd=True, attribute_defaults=True)
    assert etree.fromstring(document, loading).get(tree.LANG) == "vi"
    assert tree.parsed(document.decode()).get(tree.LANG) is None


WHOLE = [json.dumps(ninjs.THIRD).encode(), newsml.STORY.encode(), nitf.PLAIN.encode(), newsml.message(newsml.STORY).encode()]
parts = st.sampled_from(
    [b"<", b">", b"&", b"]]>", b"\x00", b"\xff", b"<!DOCTYPE nitf>", b'"', b"{", b"}", b"<p>", b"&#xD800;", b"urn:vna:7", b""]
)
torn = st.builds(
    lambda whole, at, length, instead: whole[: at % len(whole)] + instead + whole[at % len(whole) + length :],
    st.sampled_from(WHOLE),
    st.integers(0, 10_000),
    st.integers(0, 40),
    parts | st.binary(max_size=8),
)


WORD = re.compile(rb"[\w:.-]+")


@st.composite
def misspelt(draw: st.DrawFn) -> bytes:
    """A document in which one word stands where another belongs: well-formed more often than not, and wrong."""
    whole = draw(st.sampled_from(WHOLE))
    found = list(WORD.finditer(whole))
    old, new = draw(st.sampled_from(found)), draw(st.sampled_from(found))
    return whole.replace(old[0], new[0]) if draw(st.booleans()) else whole[: old.start()] + new[0] + whole[old.end() :]


@given(misspelt() | torn | st.binary(max_size=60) | st.binary(max_size=40).map(lambda data: b"<nitf>" + data + b"</nitf>"))
@settings(deadline=None, max_examples=600)
def test_whatever_comes_it_is_a_story_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(StoryError):
        assert submitted.read(data, NOW).uri


@given(contents)
@settings(deadline=None, max_examples=150)
def test_what_another_program_writes_is_read_as_it_was_meant(content: Content) -> None:
    """The same story, written by hand in each format; of what a format cannot say, nothing comes."""
    sent = replace(content, body=content.body or "<p>a</p>", link=None, type=ContentType.TEXT, renditions=())
    read = submitted.read(as_newsml(sent).encode(), NOW)
    assert (read.uri, read.content) == ("urn:a", sent)
    read = submitted.read(as_nitf(sent).encode(), NOW)
    assert (read.uri, read.content) == ("urn:a", sent)


def as_newsml(content: Content) -> str:
    subjects = "".join(f'<subject qcode="{topic}"/>' for topic in content.topics)
    creators = "".join(f"<creator><name>{escape(name)}</name></creator>" for name in content.byline)
    embargo = f"<embargoed>{content.embargo_until.isoformat()}</embargoed>" if content.embargo_until else ""
    urgency = f"<urgency>{content.urgency}</urgency>" if content.urgency else ""
    return (
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:a">'
        f"<itemMeta>{embargo}</itemMeta><contentMeta>{urgency}{creators}<creditline>{escape(content.credit_line or '')}</creditline>"
        f'<language tag="{content.language}"/>{subjects}<headline>{escape(content.headline)}</headline>'
        f"<description>{escape(content.summary)}</description></contentMeta>"
        f'<contentSet><inlineXML><div xmlns="http://www.w3.org/1999/xhtml">{content.body}</div></inlineXML></contentSet></newsItem>'
    )


def as_nitf(content: Content) -> str:
    subjects = "".join(f'<tobject.subject tobject.subject.refnum="{topic.removeprefix("medtop:")}"/>' for topic in content.topics)
    embargo = f'<date.release norm="{content.embargo_until:%Y%m%dT%H%M%SZ}"/>' if content.embargo_until else ""
    urgency = f'<urgency ed-urg="{content.urgency}"/>' if content.urgency else ""
    bylines = "".join(f"<byline><person>{escape(name)}</person></byline>" for name in content.byline)
    return (
        f'<nitf xml:lang="{content.language}"><head><tobject>{subjects}</tobject>'
        f'<docdata><doc-id id-string="urn:a"/>{urgency}{embargo}<doc.rights owner="{escape(content.credit_line or "")}"/></docdata></head>'
        f"<body><body.head><hedline><hl1>{escape(content.headline)}</hl1></hedline>{bylines}<abstract>{escape(content.summary)}</abstract>"
        f"</body.head><body.content>{content.body}</body.content></body></nitf>"
    )
