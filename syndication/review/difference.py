"""Two texts held against each other, word by word; and whether an edit stays within the alteration an agreement allows. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from syndication.feeds.sanitize import text_of, unmarked
from syndication.model.agreement import Alteration
from syndication.model.story import Content

WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""The space after a word goes with it: as a word of its own, which every other one is, it would make up nearly all the work."""
SAID = re.compile(r"\w+(?:[.,:/’'-]\w+)*%?")
"""What must not be added or moved: words and figures, `1.5` and `12-day` whole. A sentence that ends sooner has its full stop sooner."""

MOST_PAIRS = 100_000
"""Places where a word of the one part stands in the other. Past that the parts that differ are shown whole, old and new: the comparison
goes through all of them again and again, and would take seconds."""
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')


class PieceKind(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with the spaces in it. The old text is SAME and GONE in order, the new one SAME and NEW."""

    kind: PieceKind
    text: str


def words(old: str, new: str) -> tuple[Piece, ...]:
    """What changed from `old` to `new`, in reading order, gone before new."""
    before, now = WORDS.findall(old), WORDS.findall(new)
    start = _alike(before, now)
    end = _alike(before[start:][::-1], now[start:][::-1])
    told = (
        Piece(PieceKind.SAME, "".join(before[:start])),
        *_pieces(before[start : len(before) - end], now[start : len(now) - end]),
        Piece(PieceKind.SAME, "".join(before[len(before) - end :])),
    )
    return tuple(piece for piece in told if piece.text)


def _alike(before: list[str], now: list[str]) -> int:
    """How many words are the same from the start on."""
    shorter = min(len(before), len(now))
    return next((place for place in range(shorter) if before[place] != now[place]), shorter)


def _pieces(before: list[str], now: list[str]) -> Iterator[Piece]:
    there = Counter(now)
    if sum(times * there[word] for word, times in Counter(before).items()) > MOST_PAIRS:
        yield from (Piece(PieceKind.GONE, "".join(before)), Piece(PieceKind.NEW, "".join(now)))
        return
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(PieceKind.SAME, "".join(before[start:end]))
            continue
        if end > start:
            yield Piece(PieceKind.GONE, "".join(before[start:end]))
        if new_end > new_start:
            yield Piece(PieceKind.NEW, "".join(now[new_start:new_end]))


def likeness(old: Content, new: Content) -> float:
    """How much two contents share, from 0 to 1: the words they have in common, of all the words in either."""
    before, now = _vocabulary(old), _vocabulary(new)
    return len(before & now) / len(before | now) if before | now else 1.0


def _vocabulary(content: Content) -> set[str]:
    # The body is clean already; to clean it again would take time that the poll's transaction has not.
    return set(re.findall(r"\w+", f"{content.headline} {unmarked(content.body)}".casefold()))


def beyond(allowed: Alteration, source: Content, edited: Content) -> str | None:
    """Why the edit goes beyond what may be altered, as a sentence; None where it does not.

    `NONE`: the words and links stay as they are. `ABRIDGE`: some may be left out, none added or moved. `TRANSLATE`: another language,
    freely; in the same language as `ABRIDGE`. `FREE`: anything; that the meaning stays is the editor's to see.
    """
    if allowed is Alteration.FREE:
        return None
    if allowed is Alteration.TRANSLATE and _primary(source.language) != _primary(edited.language):
        return None
    for part, before, now in (
        ("the headline", source.headline, edited.headline),
        ("the summary", text_of(source.summary), text_of(edited.summary)),
        ("the body", text_of(source.body), text_of(edited.body)),
    ):
        if allowed is Alteration.NONE and before.split() != now.split():
            return f"{part} was changed, and the agreement allows no alteration"
        if not _within(SAID.findall(now), SAID.findall(before)):
            return f"{part} has words that the partner's text has not, or in another order; the agreement allows only to abridge"
    led, leads = LINK.findall(source.body), LINK.findall(edited.body)
    if allowed is Alteration.NONE and led != leads:
        return "a link in the body was changed, and the agreement allows no alteration"
    if not _within(leads, led):
        return "the body has links that the partner's text has not, or in another order; the agreement allows only to abridge"
    return None


def _primary(language: str) -> str:
    return language.split("-")[0].casefold()


def _within(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)
