"""Search over items and stories: the round that keeps their words, what a query asks for, and what is shown of what was found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from syndication.errors import StorageError
from syndication.feeds.sanitize import text_of
from syndication.folding import folded, placed, unspaced, words
from syndication.logs import logger
from syndication.model.item import Item, ReviewState
from syndication.model.search import Term
from syndication.model.story import Content, Pubstatus, Story
from syndication.storage import items, search, stories
from syndication.storage.database import Database, Transaction

PAGE: Final = 25
AT_ONCE: Final = 50
"""Changes in one transaction: others wait for it no longer than for a poll."""
ROUNDS: Final = 8
"""Transactions of one round, of which there is one a second: after a migration the polls go on beside it, and it can be stopped."""
LONGEST_QUERY: Final = 1_000
MOST_TERMS: Final = 20
"""Of a query, so many characters and words are looked for: nobody means more (X05)."""
MOST_TEXT: Final = 50_000
"""Characters of a text by which it is found; those of a whole book do not fit into a tsvector, which takes 1 MiB."""
MOST_READ: Final = 10_000
"""Characters of a text in which the place of an excerpt is looked for."""
SOME: Final = re.compile(r"\S{1,64}")
BEFORE, AFTER = 60, 160
"""Characters of an excerpt around the first word that was found."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: one that was looked for (`found`), or one between."""

    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One item or story that has all the words, and where in its headline and its text they stand; no excerpt: they stand elsewhere."""

    of: Item | Story
    headline: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]

    @property
    def is_item(self) -> bool:
        """Whether it came in and is an item; else it is a story of ours."""
        return isinstance(self.of, Item)

    @property
    def partner(self) -> str | None:
        """Who it came from; None: it is our own."""
        if isinstance(self.of, Item):
            return self.of.partner
        return next((stamp.partner for stamp in self.of.current.sources), None)

    @property
    def at(self) -> datetime:
        """When what it says now came in, or was made."""
        return self.of.current.received_at if isinstance(self.of, Item) else self.of.current.made_at

    @property
    def state(self) -> ReviewState | Pubstatus:
        """Where it stands."""
        return self.of.state if isinstance(self.of, Item) else self.of.current.pubstatus

    @property
    def content(self) -> Content:
        """What it says now."""
        return _content(self.of)


@dataclass(frozen=True, slots=True)
class Index:
    """The words of items and stories, kept apart from the poll: whatever changed is due, and a round keeps it (within seconds).

    What is killed or deleted at the end of its use is not found from that moment on, whether or not a round comes.
    """

    database: Database

    def round(self, _now: datetime) -> None:
        """Keep the words of what has changed; what it leaves, it keeps the next time."""
        with self.database.read() as tx:
            waiting = is_behind(tx)
        for _ in range(ROUNDS):
            if not waiting:
                return
            with self.database.write() as tx:
                waiting = tx.alone("search") and self._keep_some(tx)

    def _keep_some(self, tx: Transaction) -> bool:
        """Whether there may be more."""
        tx.in_order()
        changes = search.due(tx, AT_ONCE)
        last = {change.subject: change for change in changes}
        found = {change: words for change in last.values() if (words := _indexed(tx, change.subject)) is not None}
        search.forget(tx, *(subject for subject, change in last.items() if change not in found))
        search.keep(tx, found)
        search.done(tx, changes)
        return len(changes) == AT_ONCE


def _indexed(tx: Transaction, subject: str) -> frozenset[str] | None:
    try:
        of = _standing(tx, subject)
    except StorageError as error:
        # It cannot be shown either; the others go on.
        logger.warning("not to be found", subject=subject, error=str(error))
        return None
    return indexed(_content(of)) if of else None


def is_behind(tx: Transaction) -> bool:
    """Whether something has changed that no round has seen yet: for long only where no worker runs."""
    return bool(search.due(tx, 1))


def sought(query: str) -> tuple[Term, ...]:
    """What a query asks for: each of its words, and of the last one, which may still be being typed, the beginning."""
    asked = words(query[:LONGEST_QUERY])[:MOST_TERMS]
    return tuple(dict.fromkeys([*(Term(word) for word in asked[:-1]), *(Term(word, prefix=True) for word in asked[-1:])]))


def is_long(query: str) -> bool:
    """Whether there is more in a query than is looked for."""
    return len(query) > LONGEST_QUERY or len(words(query)) > MOST_TERMS


def indexed(content: Content) -> frozenset[str]:
    """The words by which a content is found: those of all that is read in it; in scripts without spaces, each character too."""
    found = set(words("\n".join(_texts(content))[:MOST_TEXT]))
    return frozenset(found | {letter for word in found if len(word) == 2 and unspaced(word) for letter in word})


def find(tx: Transaction, query: str, before: int = search.LAST, limit: int = PAGE) -> tuple[tuple[Found, ...], int | None]:
    """A page of what has all the words of the query, who changed last first; and the place after which the next page begins, or None."""
    terms = sought(query)
    hits = search.find(tx, terms, limit + 1, before)
    found = tuple(_found(of, terms) for hit in hits[:limit] if (of := _standing(tx, hit.subject)) is not None)
    return found, hits[limit - 1].number if len(hits) > limit else None


def pieces(text: str, terms: tuple[Term, ...]) -> tuple[Piece, ...]:
    """The text, cut where words that were looked for begin and end."""
    # A character of a script without spaces is a part of two words, and marked without its neighbours.
    alone = {term.word for term in terms if _is_letter(term)}
    marked = [folded(letter) in alone for letter in text]
    for word, start, end in placed(text):
        if any(_is_it(word, term) for term in terms if not _is_letter(term)):
            marked[start:end] = [True] * (end - start)
    cuts = [0, *(at for at in range(1, len(text)) if marked[at] != marked[at - 1]), len(text)]
    return tuple(Piece(text[start:end], marked[start]) for start, end in pairwise(cuts) if start < end)


def excerpt(text: str, terms: tuple[Term, ...]) -> tuple[Piece, ...]:
    """The text around the first word of it that was looked for; nothing where there is none."""
    for run in SOME.finditer(text, 0, MOST_READ):
        if any(_is_sought(word, terms) for word in words(run.group())):
            first = next((start for word, start, _ in placed(run.group()) if _is_sought(word, terms)), 0) + run.start()
            start, end = max(first - BEFORE, 0), first + AFTER
            # From the beginning of a word, where there are spaces.
            start = max(start, text.find(" ", start, first) + 1) if start else 0
            shown = pieces(text[start:end], terms)
            return (*([Piece("…")] if start else []), *shown, *([Piece("…")] if end < len(text) else []))
    return ()


def _is_sought(word: str, terms: tuple[Term, ...]) -> bool:
    return any(term.word in word if _is_letter(term) else _is_it(word, term) for term in terms)


def _is_it(word: str, term: Term) -> bool:
    return word.startswith(term.word) if term.prefix else word == term.word


def _is_letter(term: Term) -> bool:
    """Whether it is one character of a script that sets no spaces."""
    return len(term.word) == 1 and unspaced(term.word)


def _found(of: Item | Story, terms: tuple[Term, ...]) -> Found:
    content = _content(of)
    return Found(of, pieces(content.headline, terms), excerpt("\n".join([*_texts(content)][1:]), terms))


def _standing(tx: Transaction, subject: str) -> Item | Story | None:
    """The item or story of that id, if it still has its text and was not killed."""
    item = items.get(tx, subject) if subject.startswith("i_") else None
    if item is not None:
        return None if item.erased_at or item.state is ReviewState.WITHDRAWN else item
    story = stories.get(tx, subject)
    return None if story is None or story.erased_at or story.current.pubstatus is Pubstatus.CANCELED else story


def _content(of: Item | Story) -> Content:
    return of.current.entry.content if isinstance(of, Item) else of.current.content


def _texts(content: Content) -> Iterator[str]:
    """All that is read in a content, the headline first."""
    yield content.headline
    yield text_of(content.summary)
    yield text_of(content.body)
    yield from content.byline
    for rendition in content.renditions:
        yield from filter(None, (rendition.title, rendition.description, rendition.credit))
