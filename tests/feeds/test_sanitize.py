"""Strangers' HTML and text, made safe."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.feeds import sanitize
from syndication.feeds.sanitize import ATTRIBUTES, SCHEMES, TAGS, clean_html, clean_text, text_of

BASE = "https://trc.example/en.rss"

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="H02: a script"),
    pytest.param("<img src=x onerror=alert(1)>", id="H06: a picture with a handler"),
    pytest.param('<a href="javascript:alert(1)">x</a>', id="H04: a script for an address"),
    pytest.param('<a href="data:text/html,<script>alert(1)</script>">x</a>', id="H05: data for an address"),
    pytest.param('<a href=" vbscript:x">x</a>', id="H05: another scheme, with a space"),
    pytest.param("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>", id="H03: mXSS"),
    pytest.param("<svg><title><style><img src=x onerror=alert(1)></style></title></svg>", id="H03: svg"),
    pytest.param('<p style="position:fixed" class="x" id="y" data-hx-get="/kill">t</p>', id="H08: attributes"),
    pytest.param('<form action="/admin"><input name=p><button formaction="/x">x</button></form>', id="H09: a form"),
    pytest.param('<iframe srcdoc="<script>alert(1)</script>"></iframe>', id="H09: a frame"),
    pytest.param('<img src="https://spy.example/1x1.gif"><video poster="https://spy.example/p"></video>', id="H06: remote pictures"),
    pytest.param(
        '<link rel="dns-prefetch" href="//spy.example"><meta http-equiv="refresh" content="0;url=//spy.example">', id="H06: prefetch"
    ),
    pytest.param("<!--><script>alert(1)</script>-->", id="H02: a comment that closes early"),
]


class Seen(HTMLParser):
    """Every tag and attribute, read by a parser that shares nothing with the sanitizer."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name == "href" and (value or "").split(":")[0].casefold() not in SCHEMES:
                self.wrong.append(f"{name}={value}")
            if name not in ATTRIBUTES.get(tag, set()) | {"rel", "lang"}:
                self.wrong.append(f"{tag} {name}")


def wrong(html: str) -> list[str]:
    seen = Seen()
    seen.feed(html)
    seen.close()
    return seen.wrong


@pytest.mark.parametrize("hostile", HOSTILE)
def test_wire_42_nothing_that_acts_is_left(hostile: str) -> None:
    assert wrong(clean_html(f"<p>a</p>{hostile}<p>b</p>", BASE)) == []


@pytest.mark.parametrize("hostile", [one for one in HOSTILE if "comment" not in str(one.id)])
def test_the_oracle_sees_it_when_nothing_cleans_it(hostile: str) -> None:
    """The control."""
    assert wrong(hostile)


SOUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "</",
            "p",
            "a href=",
            "script",
            "svg",
            "style",
            "math",
            "javascript:x",
            '"',
            "'",
            "=",
            "<!--",
            "-->",
            "onerror=",
            " ",
            "x",
            "&lt;",
            "]]>",
        ]
    ),
    max_size=25,
).map("".join)


@given(SOUP)
def test_any_soup_is_clean_and_stays_as_it_is(soup: str) -> None:
    once = clean_html(soup, BASE)
    assert wrong(once) == []
    assert clean_html(once, BASE) == once


def test_wire_42_links_are_made_absolute_or_go() -> None:
    """H07: never against our own address."""
    assert 'href="https://trc.example/story"' in clean_html('<a href="/story">x</a>', BASE)
    assert "href" not in clean_html('<a href="?action=kill">x</a>', "")


def test_the_profile_is_the_one_that_was_reviewed() -> None:
    """H16: whoever widens it, widens this line too."""
    assert not TAGS & {"img", "style", "iframe", "form", "input", "svg", "math", "video", "audio", "base", "meta", "link"}
    assert {"*": {"lang"}, "a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}} == ATTRIBUTES
    assert {"http", "https", "mailto"} == SCHEMES


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        pytest.param("a\x00b\x07c\ufffe", "abc", id="B12: what PostgreSQL and XML cannot hold"),
        pytest.param("safe\u202egpj.exe", "safegpj.exe", id="H13: written backwards"),
        pytest.param("a\u200bb\u2060c\U000e0041", "abc", id="H13: zero width, tag characters"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="H13: a joiner that is writing"),
        pytest.param("\ud800x", "x", id="B11: half a surrogate pair"),
        pytest.param("  Hà \n\t Nội ", "Hà Nội", id="one line"),
        pytest.param("e\u0301", "é", id="NFC"),
    ],
)
def test_wire_42_text_holds_only_what_is_seen(given_: str, text: str) -> None:
    assert clean_text(given_, 100) == text


@given(st.text(max_size=200), st.integers(2, 50))
def test_text_is_one_bounded_line(text: str, limit: int) -> None:
    """S19."""
    cleaned = clean_text(text, limit)
    assert len(cleaned) <= limit
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)


def test_the_words_of_html() -> None:
    assert text_of("<p>A &amp; b<br>c</p><ul><li>d</li></ul><script>e</script>") == "A & b\nc\nd"
    assert sanitize.text_of("1 &lt; 2") == "1 < 2"
    assert sanitize.text_of("<p>half a pair \ud800 of a JSON document</p>") == "half a pair of a JSON document"


HIDING = [
    pytest.param("<p hidden>{}</p>", id="hidden"),
    pytest.param('<p style="display:none">{}</p>', id="display: none"),
    pytest.param('<span style="font-size:0;color:#fff">{}</span>', id="too small, white on white"),
    pytest.param('<p class="unseen">{}</p>', id="by a class of ours"),
    pytest.param('<p id="x" aria-hidden="true" inert>{}</p>', id="from who listens"),
    pytest.param("<details><summary>s</summary>{}</details>", id="folded"),
    pytest.param("<dialog>{}</dialog>", id="a dialog that is closed"),
    pytest.param("<template>{}</template>", id="a template"),
    pytest.param("<noscript>{}</noscript>", id="for who runs no script"),
    pytest.param("<!-- {} -->", id="a comment"),
    pytest.param('<p title="{}" data-x="{}">x</p>', id="an attribute"),
    pytest.param("<style>p::after {{ content: '{}' }}</style><p>x</p>", id="a style"),
    pytest.param("<font size=0 color=white>{}</font>", id="of the nineties"),
    pytest.param("<video><p>{}</p></video><object><p>{}</p></object>", id="instead of something"),
]


@pytest.mark.parametrize("html", HIDING)
def test_h17_what_is_hidden_is_shown_or_dropped(html: str) -> None:
    """No editor may publish words that the page did not show: what is left has nothing that hides it."""
    cleaned = clean_html(f"<p>a</p>{html.format('secret', 'secret')}", BASE)
    assert wrong(cleaned) == []
    assert ("secret" in cleaned) == ("secret" in text_of(cleaned))
