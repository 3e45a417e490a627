"""What may have passed between two polls: whether it may, where to look for it, and the pages as one document (RFC 5005; wire 44). Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final
from urllib.parse import urldefrag, urlsplit

from syndication.model.entry import ParsedFeed

MOST_PAGES: Final = 5
"""Of one visit, however many there are (S24)."""


def meets(feed: ParsedFeed, known: AbstractSet[str]) -> bool:
    """Whether one of the known is in it, or it tells that there was nothing more: it has no entries, or says that it is complete."""
    return bool(feed.same) or feed.links.complete or not feed.entries or any(entry.guid in known for entry in feed.entries)


def before(feed: ParsedFeed, at: str, visited: AbstractSet[str]) -> str | None:
    """The address of the page before the one that came from `at`: on the same host, and none that was `visited`."""
    named = feed.links.prev_archive or feed.links.next_page
    page = urldefrag(named).url if named else None
    return page if page and page not in visited and same_host(page, at) else None


def same_host(one: str, other: str) -> bool:
    """Whether two addresses are of one scheme, host and port."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def joined(newer: ParsedFeed, older: ParsedFeed) -> ParsedFeed:
    """The newer document, with what only the older one has. Of an entry that is in both the newer says how it is."""
    there = {entry.guid for entry in newer.entries} | {mark.guid for mark in newer.same}
    return replace(
        newer,
        entries=(*newer.entries, *(entry for entry in older.entries if entry.guid not in there)),
        tombstones=(*newer.tombstones, *older.tombstones),
        unreadable=(*newer.unreadable, *older.unreadable),
    )
