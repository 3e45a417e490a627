"""Kills, holds and embargoes as a partner marks them in words, where its documents have no field for them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from syndication.feeds.dates import embargo
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.partner import Markers
from syndication.model.story import Pubstatus

HOUR: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)? ?(?:Z|[+-]\d{2}:?\d{2})?"
    r"|\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? ?(?:[+-]\d{4}|[A-Z]{1,5})?"
)
"""A moment as RFC 3339 or RFC 822 has it, somewhere in a line."""


def marked(feed: ParsedFeed, markers: Markers, held: Mapping[str, Entry], now: datetime) -> ParsedFeed:
    """The document as the partner means it. `held`: what we hold under the ids of its entries.

    A kill takes back what it bears the id of, and what it says it follows. One that names nothing is not swallowed: it comes in
    withheld, for an editor to see what it is about.
    """
    if markers == Markers():
        return feed
    entries, tombstones = [], list(feed.tombstones)
    for entry in feed.entries:
        word = found(entry, markers.kill)
        if word is None:
            entries.append(_restrained(entry, markers, now))
            continue
        before = held.get(entry.guid)
        # What is held may be the notice itself, from an earlier visit.
        mine = before is not None and found(before, markers.kill) is None
        named = [guid for guid in (entry.replaces, entry.guid if mine else None) if guid]
        tombstones += [Tombstone(guid, None, entry.content.headline) for guid in named]
        if not named:
            entries.append(_withheld(entry, f"marked as a kill ('{word}'): see what it takes back"))
    return replace(feed, entries=tuple(entries), tombstones=tuple(tombstones))


def _restrained(entry: Entry, markers: Markers, now: datetime) -> Entry:
    """The strictest of what its fields and its words say (S15)."""
    if word := found(entry, markers.hold):
        entry = _withheld(entry, f"marked as a hold ('{word}')")
    word = found(entry, markers.embargo)
    if word is None:
        return entry
    hours = [one[0] for text in (entry.content.headline, entry.note or "") for one in HOUR.finditer(text, max(text.find(word), 0))]
    until = embargo(hours[0], now) if hours else None
    if until is None:
        return _withheld(entry, f"marked as under embargo ('{word}'), with no hour that can be read: withheld")
    latest = max(one for one in (until, entry.content.embargo_until) if one is not None)
    return replace(entry, content=replace(entry.content, embargo_until=latest if latest > now else None))


def _withheld(entry: Entry, why: str) -> Entry:
    pubstatus = entry.pubstatus if entry.pubstatus is Pubstatus.CANCELED else Pubstatus.WITHHELD
    return replace(entry, pubstatus=pubstatus, flags=(*entry.flags, why))


def found(entry: Entry, words: tuple[str, ...]) -> str | None:
    """The first of these words that stands in its headline or its note, letter by letter and whole, or that is one of its categories.

    Capitals count in a text, so that KILL is not the verb; in a category they make no difference.
    """
    categories = {name.casefold() for name in entry.categories}
    texts = [" ".join(text.split()) for text in (entry.content.headline, entry.note or "")]
    return next((word for word in words if word.casefold() in categories or any(_stands(word, text) for text in texts)), None)


def _stands(word: str, text: str) -> bool:
    """Whether the word is there as a whole; scripts without capitals have no space between words."""
    before = r"(?<!\w)" if _bounded(word[:1]) else ""
    after = r"(?!\w)" if _bounded(word[-1:]) else ""
    return re.search(f"{before}{re.escape(' '.join(word.split()))}{after}", text) is not None


def _bounded(letter: str) -> bool:
    return letter.isdigit() or letter.lower() != letter.upper()
