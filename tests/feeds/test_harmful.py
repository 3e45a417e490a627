"""Documents that mean harm to the parser: what they ask for is not done, and what is harmless beside them comes in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syndication.errors import FeedError
from syndication.feeds.gate import LARGEST, MOST_ATTRIBUTES
from tests.feeds.test_parse import read, rss

_seen: list[tuple[str, object]] | None = None


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and event in ("open", "socket.connect", "socket.getaddrinfo", "urllib.Request"):
        _seen.append((event, arguments[0]))


sys.addaudithook(_hook)  # for good: there is no way to take one away again


@pytest.fixture
def reached() -> Iterator[list[tuple[str, object]]]:
    """What is opened on the disk or asked for in the network while the test runs."""
    global _seen
    _seen = []
    yield _seen
    _seen = None


SECRET = "canary-of-the-disk"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param('<!DOCTYPE rss [<!ENTITY x SYSTEM "{file}">]>{rss}', id="an external entity, a file"),
        pytest.param('<!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>{rss}', id="an external entity, an address"),
        pytest.param('<!DOCTYPE rss [<!ENTITY % p SYSTEM "{file}"> %p;]>{rss}', id="a parameter entity"),
        pytest.param('<!DOCTYPE rss SYSTEM "{file}">{plain}', id="an external DTD"),
        pytest.param('<!DOCTYPE rss PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">{plain}', id="an external DTD, an address"),
        pytest.param("{included}", id="an XInclude"),
    ],
)
def test_b04_nothing_is_read_or_asked_for_at_a_documents_word(document: str, tmp_path: Path, reached: list[tuple[str, object]]) -> None:
    """Neither from the disk nor from the network, whether the document is then taken or refused."""
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    reached.clear()
    text = document.format(
        file=file,
        rss=rss("<item><title>&x;</title><guid>g1</guid></item>"),
        plain=rss("<item><title>Plain</title><guid>g1</guid></item>"),
        included=rss(
            f'<item><title>T</title><guid>g1</guid><description><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
            f'href="{file}" parse="text"/></description></item>'
        ),
    )
    try:
        said = str(read(text))
    except FeedError as error:
        said = str(error)
    assert SECRET not in said
    assert [(event, what) for event, what in reached if event != "open" or what == str(file)] == []


def test_the_hook_sees_a_file_that_is_opened(tmp_path: Path, reached: list[tuple[str, object]]) -> None:
    """The control."""
    (tmp_path / "x").write_text("x")
    assert ("open", str(tmp_path / "x")) in [(event, str(what)) for event, what in reached]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(rss("<item " + " ".join(f'a{number}="1"' for number in range(200_000)) + "><guid>1</guid></item>"), id="attributes"),
        pytest.param(rss("<item " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(100_000)) + "><guid>1</guid></item>"), id="namespaces"),
    ],
)
def test_b06_an_element_of_very_many_attributes_or_namespaces(document: str) -> None:
    """The control: a few more than most feeds have are no harm."""
    with pytest.raises(FeedError, match="more than"):
        read(document)
    few = " ".join(f'a{number}="1"' for number in range(MOST_ATTRIBUTES // 2))
    assert len(read(rss(f"<item {few}><title>T</title><guid>1</guid></item>")).entries) == 1


@pytest.mark.parametrize("end", ["", " a='", " a='x' "])
def test_b08_a_tag_of_many_megabytes_that_never_closes(end: str) -> None:
    body = b'<rss version="2.0"><channel><item' + end.encode() + b"x" * (8 * 1024 * 1024)
    assert len(body) < LARGEST
    with pytest.raises(FeedError, match=r"breaks off|ill-formed"):
        read(body)


def test_b10_a_large_document_that_is_legal_comes_in_whole() -> None:
    paragraph = "&lt;p&gt;Trains will run daily from May to the sea and back.&lt;/p&gt;" * 25
    items = [f"<item><title>T{n}</title><guid>g{n}</guid><description>{paragraph}</description></item>" for n in range(5_000)]
    feed = read(rss(*items))
    assert (len(feed.entries), feed.unreadable) == (5_000, ())


SHALLOW = "<div>" * 400
ITEM = "<item><title>T</title><guid>bad</guid>{}</item>"


@pytest.mark.parametrize(
    "field",
    [
        "<description>{}</description>",
        "<description>{}</description><content:encoded>Text</content:encoded>",
        "<description>D</description><content:encoded>{}</content:encoded>",
        "<dc:rights>{}</dc:rights>",
        '<media:content url="https://trc.example/a.jpg" type="image/jpeg"><media:description>{}</media:description></media:content>',
    ],
)
@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 100_000, id="nested"),
        pytest.param("<blockquote>" * 40_000, id="nested, of an element that is allowed"),
        pytest.param("&amp;" * 1_000_000, id="references"),
        pytest.param("<p " + " ".join(f"a{number}=''" for number in range(100_000)) + ">", id="attributes"),
    ],
)
def test_h14_a_field_that_takes_the_sanitizer_too_long_costs_its_entry(html: str, field: str) -> None:
    """Minutes, with the limits off. The control: what is less deep comes in."""
    good = "<item><title>Good</title><guid>good</guid></item>"
    feed = read(rss(ITEM.format(field.format(f"<![CDATA[{html}]]>")), good))
    assert [entry.guid for entry in feed.entries] == ["good"]
    assert "its text" in feed.unreadable[0].reason
    assert len(read(rss(ITEM.format(field.format(f"<![CDATA[{SHALLOW}]]>")), good)).entries) == 2
