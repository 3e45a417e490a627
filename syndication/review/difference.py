"""Two texts held against each other, word by word; and whether an edit stays within the alteration an agreement allows. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from syndication.feeds.sanitize import text_of
from syndication.model.agreement import Alteration
from syndication.model.story import Content

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
SAID = re.compile(r"\w+(?:[.,:/’'-]\w+)*%?")
"""What must not be added or moved: words and figures, `1.5` and `12-day` whole. A sentence that ends sooner has its full stop sooner."""

LONGEST = 20_000
"""Words; past that the texts are shown whole, old and new: the comparison would take seconds."""


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
    if len(before) + len(now) > LONGEST:
        return tuple(piece for piece in (Piece(PieceKind.GONE, old), Piece(PieceKind.NEW, new)) if piece.text)
    return tuple(_pieces(before, now))


def _pieces(before: list[str], now: list[str]) -> Iterator[Piece]:
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
    before, now = (set(re.findall(r"\w+", f"{content.headline} {text_of(content.body)}".casefold())) for content in (old, new))
    return len(before & now) / len(before | now) if before | now else 1.0


def beyond(allowed: Alteration, source: Content, edited: Content) -> str | None:
    """Why the edit goes beyond what may be altered, as a sentence; None where it does not.

    `NONE`: the words stay as they are. `ABRIDGE`: words may be left out, none added or moved. `TRANSLATE`: another language,
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
    return None


def _primary(language: str) -> str:
    return language.split("-")[0].casefold()


def _within(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)
