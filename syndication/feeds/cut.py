"""A document cut into its head and its entries, so that only what is new in it need be parsed. Pure.

What the parser says of an entry depends on the entry's own bytes and on the head around them: namespaces, base, language, encoding. An
entry whose bytes and whose head were read before says what it said then (wire, D).
"""

import hashlib
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

from syndication.feeds.gate import OPENING, Walk
from syndication.model.entry import Frame

READER: Final = "1"
"""Another number once entries are read otherwise than before: what was read by the old way is then read again."""


def marks(walk: Walk, *said: str) -> tuple[str, ...]:
    """Of each entry the SHA-256 of its bytes and of all that it is read by: the head, and what is `said` besides by who asks.

    Empty where the document cannot be cut: it is ill-formed, or an entry may be read otherwise without those before it.
    """
    if walk.fault or walk.doubt or not all(_emptied(walk, place) for place in range(len(walk.entries))):
        return ()
    around = hashlib.sha256(repr((READER, walk.charset, *said)).encode())
    for piece in _head(walk):
        around.update(hashlib.sha256(piece).digest())
    found = []
    for entry in walk.entries:
        whole = around.copy()
        whole.update(hashlib.sha256(walk.body[entry.start : entry.end]).digest())
        found.append(whole.hexdigest())
    return tuple(found)


def without(walk: Walk, places: Collection[int]) -> bytes:
    """The document with the entries at these places empty: they are still there, so that what the parser counts is counted."""
    parts, at = [], 0
    for place in sorted(places):
        entry = walk.entries[place]
        parts += [walk.body[at : entry.start], _emptied(walk, place)]
        at = entry.end
    return b"".join((*parts, walk.body[at:]))


def frame(walk: Walk) -> Frame | None:
    """What is around the entries: the bytes of one of them between its two halves are a document. None where that cannot be told."""
    if walk.fault or not walk.entries:
        return None
    gaps = [walk.body[one.end : other.start] for one, other in pairwise(walk.entries)]
    tail = b"".join((*gaps, walk.body[walk.entries[-1].end :]))
    # A document that was read in another encoding than it declares is read in that again.
    said = f"application/xml; charset={walk.charset}" if walk.charset else "application/xml"
    return Frame(walk.body[: walk.entries[0].start], tail, said)


def _emptied(walk: Walk, place: int) -> bytes:
    """Nothing but the start tag of an entry, closed; nothing where that cannot be told."""
    entry = walk.entries[place]
    found = OPENING.match(walk.body, entry.start, entry.end)
    return found[0] + b"/>" if found else b""


def _head(walk: Walk) -> Iterator[bytes]:
    """What is around the entries, piece by piece, without the space between them and what changes with each of them."""
    left_out = sorted([*walk.passing, *((entry.start, entry.end) for entry in walk.entries)])
    at = 0
    for start, end in [*left_out, (len(walk.body), 0)]:
        if piece := walk.body[at:start].strip():
            yield piece
        at = end
