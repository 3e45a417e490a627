"""A feed that gives all its stories other ids: found out, and read by the ids under which we know them (S14). Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from syndication.folding import words
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.story import Pubstatus

FEWEST: Final = 3
"""Entries of a document that are known under other ids: fewer may be chance."""


def known_as(unknown: Sequence[Entry], held: Sequence[Entry], there: Collection[str]) -> dict[str, str]:
    """The ids of entries that we know under others, with those. `held`: what came before; `there`: the ids that the document still has.

    The same title is not enough: columns have the same one every day. The address, the hour or the text must be the same, too.
    """
    by_title: dict[tuple[str, ...], list[Entry]] = {}
    for entry in held:
        if entry.guid not in there:
            by_title.setdefault(words(entry.content.headline), []).append(entry)
    found: dict[str, str] = {}
    for entry in unknown:
        alike = by_title.get(words(entry.content.headline), [])
        before = next((one for one in alike if one.guid not in found.values() and _same(entry, one)), None)
        if before is not None:
            found[entry.guid] = before.guid
    return found


def flipped(known: Mapping[str, str], entries: int) -> bool:
    """Whether so many of a document's entries are known under other ids that the feed has changed them all: more than half of them."""
    return len(known) >= FEWEST and 2 * len(known) > entries


def named(feed: ParsedFeed, known: Mapping[str, str]) -> ParsedFeed:
    """The document by the ids under which its entries are known."""
    if not known:
        return feed

    def name(guid: str) -> str:
        return known.get(guid, guid)

    def renamed(entry: Entry) -> Entry:
        return replace(entry, guid=name(entry.guid), replaces=name(entry.replaces) if entry.replaces else None)

    return replace(
        feed,
        entries=tuple(renamed(entry) for entry in feed.entries),
        tombstones=tuple(replace(one, ref=name(one.ref)) for one in feed.tombstones),
        marks=tuple(replace(mark, guid=name(mark.guid)) for mark in feed.marks),
    )


def killed_as(feed: ParsedFeed, known: Mapping[str, str]) -> ParsedFeed:
    """The document, in which a kill is also one of what may be known under another id: kills wait for nobody's answer."""
    dead = [(one.ref, one) for one in feed.tombstones]
    dead += [
        (one.guid, Tombstone(one.guid, one.updated, one.content.headline)) for one in feed.entries if one.pubstatus is Pubstatus.CANCELED
    ]
    more = tuple(replace(one, ref=known[guid]) for guid, one in dead if guid in known)
    return replace(feed, tombstones=(*feed.tombstones, *more))


def _same(one: Entry, other: Entry) -> bool:
    """One story, by its address (whatever the scheme, `www.` and the query), its hour or its text."""
    if one.published is not None and one.published == other.published:
        return True
    links = [_place(link) for link in (one.content.link, other.content.link) if link]
    if len(links) == 2 and links[0] == links[1]:
        return True
    return bool(one.content.body) and one.content.body == other.content.body


def _place(link: str) -> tuple[str, str]:
    try:
        parts = urlsplit(link)
        return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")
    except ValueError:
        return "", link
