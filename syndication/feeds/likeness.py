"""By what a text is found again among others that say the same: the MinHash of its words, in bands, and its address. Pure."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

from syndication.feeds.sanitize import unmarked
from syndication.folding import words
from syndication.model.story import Content

SHINGLE: Final = 3
"""Words in a row that are held against those of other texts."""
FEWEST: Final = 20
"""A text of fewer words is not told from others by them: a line of news flashes, a caption."""
BANDS: Final = 20
ROWS: Final = 2
"""Texts that share a third of their shingles share a band nine times in ten, those that share a tenth once in five."""
SPREAD: Final = 0x9E3779B97F4A7C15
WHOLE: Final = (1 << 64) - 1
NONE: Final = 1 << 64
COUNTERS: Final = ("utm_", "fbclid", "gclid", "yclid")
"""How the parts of an address begin that say whence a reader comes, and not what is read."""


def signature(content: Content) -> tuple[int, ...]:
    """All that a content is found again by: the bands of its words, where it has enough of them, and its address, where it has one."""
    return (*bands(said(content)), *((address(content.link),) if content.link else ()))


def said(content: Content) -> tuple[str, ...]:
    """The words of a content, folded; its body is clean already."""
    return words(f"{content.headline}\n{content.summary}\n{unmarked(content.body)}")


def bands(said: Sequence[str]) -> tuple[int, ...]:
    """What texts that are alike mostly have some of in common, and others hardly ever: BANDS numbers of 64 bits, signed; none of a text of
    fewer than FEWEST words.

    One permutation hashing: each shingle is hashed once, and counts in the one row that its hash names (Li, Owen and Zhang, 2012); a row
    that is empty takes what the next full one has (Shrivastava and Li, 2014). It costs one hash a shingle, where MinHash costs one a row.
    """
    if len(said) < FEWEST:
        return ()
    least = [NONE] * (BANDS * ROWS)
    for shingle in map(" ".join, zip(*(said[start:] for start in range(SHINGLE)), strict=False)):
        # CRC-32 is no hash to spread by, and is by far the fastest; the multiplication spreads it.
        mixed = crc32(shingle.encode("utf-8", "replace")) * SPREAD & WHOLE
        row = (mixed >> 32) % len(least)
        value = (mixed ^ mixed >> 29) * SPREAD & WHOLE
        if value < least[row]:
            least[row] = value
    return tuple(_mark(f"{band}:{_filled(least, band)}") for band in range(BANDS))


def address(link: str) -> int:
    """The mark of an address, however it is spelled: with or without TLS, www., a last slash, a fragment, and counters of readers."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return _mark(link)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if not name.startswith(COUNTERS)])
    return _mark(f"{parts.netloc.casefold().removeprefix('www.')}{parts.path.rstrip('/')}?{query}")


def _filled(least: Sequence[int], band: int) -> list[tuple[int, int]]:
    found = []
    for row in range(band * ROWS, band * ROWS + ROWS):
        step = next(step for step in range(len(least)) if least[(row + step) % len(least)] != NONE)
        found.append((step, least[(row + step) % len(least)]))
    return found


def _mark(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
