"""Strangers' words made safe: HTML by an allow-list, text without what cannot be seen. The strict profile holds for every page and feed."""

import re
import unicodedata
from html import unescape
from typing import Final
from urllib.parse import urlsplit

import nh3

TAGS: Final = frozenset(
    "p br hr h2 h3 h4 h5 h6 blockquote ul ol li dl dt dd pre code b strong i em u s sub sup small q cite abbr a "  # noqa: SIM905 - a page, as a list
    "table caption thead tbody tfoot tr th td figure figcaption".split()
)
"""No picture is among them: a remote one would tell its server who reads what, under embargo too (H06). They come as renditions."""

EMPTIED: Final = frozenset(
    "script style template noscript iframe object embed svg math textarea select option title "  # noqa: SIM905 - a page, as a list
    "noembed noframes xmp plaintext".split()
)
"""Their content goes with them: what looks like text there is read as markup elsewhere (H02, H03)."""

ATTRIBUTES: Final = {"*": {"lang"}, "a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
"""`*`: on any tag. `title` is not among these, which nh3 lets pass where it is not told: words that no page shows (H17)."""
SCHEMES: Final = frozenset({"http", "https", "mailto"})

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
BLOCK = re.compile(r"</?(?:p|br|hr|h[1-6]|blockquote|[uod]l|li|d[td]|pre|table|caption|tr|t[hd]|fig(?:ure|caption))\b[^>]*>")
JOINERS: Final = "\u200c\u200d"
"""Among the format characters only these are writing: in Persian, in Indic scripts, in some emoji."""


def clean_html(html: str, base_url: str) -> str:
    """The allowed part of an HTML fragment, its links absolute (against `base_url`; without one, relative links go).

    No style, class, id, script, form, frame or picture is left, and no scheme but http, https and mailto (H02 to H09).
    """
    absolute = urlsplit(base_url).scheme in ("http", "https")
    return nh3.clean(
        visible(html),
        tags=set(TAGS),
        clean_content_tags=set(EMPTIED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        url_relative=("rewrite_with_base", base_url) if absolute else "deny",
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).strip()


def clean_text(text: str, limit: int) -> str:
    """One line of plain text of at most `limit` characters: NFC, nothing that cannot be seen, no run of spaces (B12, H13)."""
    seen = " ".join(visible(text).split())
    return seen if len(seen) <= limit else seen[: limit - 1].rstrip() + "…"


def text_of(html: str) -> str:
    """The words of an HTML fragment, one line a block, without its markup."""
    # nh3 refuses half a surrogate pair, which JSON can say.
    bare = nh3.clean(visible(html), tags=set(TAGS), clean_content_tags=set(EMPTIED), attributes={}, link_rel=None)
    lines = (" ".join(line.split()) for line in unmarked(bare).split("\n"))
    return "\n".join(line for line in lines if line)


def unmarked(clean: str) -> str:
    """The words of HTML that is clean already, with a line end for each block: fast, and for reading by machine only."""
    return unescape(re.sub(r"<[^>]*>", "", BLOCK.sub("\n", clean)))


def visible(text: str) -> str:
    """NFC, without control, format and non-characters; tabs and line ends stay."""
    kept = CONTROLS.sub("", text)
    if not kept.isascii():
        kept = unicodedata.normalize("NFC", kept)
        kept = "".join(letter for letter in kept if unicodedata.category(letter) != "Cf" or letter in JOINERS)
    return kept
