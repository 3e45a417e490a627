"""One spelling for all ways to write a text, and its words: what search and likeness compare. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

LONGEST: Final = 64
"""Characters of a word that count: nobody types more of one, and PostgreSQL takes no lexeme of more than 2,046 bytes."""

LETTERS: Final = {"đ": "d", "ə": "e", "ı": "i", "ł": "l"}
"""Letters that people type without their stroke or by their neighbour, though Unicode takes no mark off them."""

UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
)
RUN: Final = re.compile(r"[^\W_]+")
WITHOUT_SPACES: Final = re.compile(f"[{UNSPACED}]")
SCRIPT: Final = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")


def folded(text: str) -> str:
    """The text without what people leave out when they type: case, marks, forms of one letter (NFKC, as its parts), invisible characters.

    Nothing else is changed, so that it may hold NUL; it never holds half a surrogate pair. The folding of two texts, one after the
    other, is that of both joined, and folding again changes nothing.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_table())


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in its order, each as often as it stands there; nothing but letters and digits, at most LONGEST each.

    Of scripts that set no spaces, each two neighbouring characters, so that a part of a word is found: 北京市 is 北京, 京市. One that
    stands alone is a word.
    """
    found: list[str] = []
    for run in text.split():
        found += _remembered(run) if len(run) <= LONGEST else _words(run)
    return tuple(found)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in _cut(folded(text)))


# Most words of a text are those of the one before it.
_remembered = lru_cache(maxsize=16_384)(_words)


def placed(text: str) -> Iterator[tuple[str, int, int]]:
    """The same words, each with where it stands in the text as it is: from which character until before which, marks after it included."""
    parts = [folded(letter) for letter in text]
    owners = [at for at, part in enumerate(parts) for _ in part]
    for word, start, end in _cut("".join(parts)):
        after = owners[end - 1] + 1
        while after < len(parts) and not parts[after]:
            after += 1
        yield word, owners[start], after


def _cut(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a folded text, each with where it stands in that."""
    for run in RUN.finditer(text):
        for part in SCRIPT.finditer(text, *run.span()):
            start, end = part.span()
            if unspaced(part.group()):
                yield from ((text[at : min(at + 2, end)], at, min(at + 2, end)) for at in range(start, max(end - 1, start + 1)))
            else:
                yield part.group()[:LONGEST], start, end


def unspaced(part: str) -> bool:
    """Whether that begins with a character of a script that sets no spaces between words."""
    return WITHOUT_SPACES.match(part) is not None


@cache
def _table() -> dict[int, str | None]:
    """What becomes of a character: marks, invisible ones and halves of surrogate pairs go (no plane but these has any)."""
    gone = (
        code for code in (*range(0x20000), *range(0xE0000, 0xE0200)) if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf", "Cs")
    )
    return {**dict.fromkeys(gone), **{ord(letter): plain for letter, plain in LETTERS.items()}}
