"""All of a flow that its partner may read, however long ago it was placed: as archive documents (RFC 5005, 4), and page by page.

A document that is closed is never cut anew: its address is for ever, and what is in it can only leave it. A story that is corrected
leaves it for the feed; so whoever reads the feed, and then back to the first archive document it knows, misses nothing. None is closed
before its newest story has settled: one placed meanwhile, with an hour a little earlier, is not too late. What is placed still later gets
the hour at which the document was closed (`publications.place_all`).

What an amendment lets be seen again stands at its old place. So addresses and cursors say under which agreements they were given: where
others are in force, every document has an address that no reader knows yet (RFC 5005, 4), and a cursor begins anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from syndication.agreements.governing import Standing
from syndication.errors import InputError, NotFoundError
from syndication.model.partner import Flow
from syndication.model.publication import Links, Placed, Watermark
from syndication.publish.document import SETTLED, Outlook, outlook_of, standing_for, under
from syndication.publish.push import hub_address
from syndication.settings import Settings
from syndication.storage import archives, publications
from syndication.storage.database import Transaction

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """What came after a mark, at most so much; `cursor`: from where to go on, the same as was given where nothing came; `more`: at once."""

    outlook: Outlook
    cursor: str
    more: bool


def overdue(tx: Transaction, flow: Flow, settings: Settings, at: datetime) -> bool:
    """Whether so much stands on the flow after its last archive document that another one has to be closed before it is read."""
    newest = archives.newest(tx, flow.id)
    after = newest[1] if newest else None
    return publications.begun(tx, flow.id, after=after, at=at - SETTLED) >= settings.feed_entries


def close(tx: Transaction, flow: Flow, settings: Settings, at: datetime) -> None:
    """Close the archive documents that are overdue, of as many stories each as a feed shows; in a transaction that may write."""
    tx.in_order()
    newest = archives.newest(tx, flow.id)
    number, after = newest or (0, None)
    for mark in publications.every(tx, flow.id, settings.feed_entries, after=after, at=at - SETTLED):
        number += 1
        archives.close(tx, flow.id, number, mark)


def links(base: str, flow: Flow, form: str, seen: Outlook) -> Links:
    """Where older stories are and where to subscribe, as the feed itself says it. `base`: of every address, without a slash at its end."""
    return Links(prev_archive=address(base, flow, seen.archives, form, seen.under) if seen.archives else None, hub=hub_address(base))


def address(base: str, flow: Flow, number: int, form: str, named: str) -> str:
    """Of an archive document; `named`: see `document.under`. Whoever asks under another name, or none, gets the same."""
    return f"{base}/feeds/{flow.id}/archive/{number}.{form}?under={named}"


def archived(tx: Transaction, flow: Flow, settings: Settings, base: str, number: int, form: str, at: datetime) -> Outlook:
    """One archive document, as its partner may read it now.

    Raises NotFoundError for one that is not there, RefusedError as `outlook` does.
    """
    standing = standing_for(tx, flow, settings, at)
    until = archives.end(tx, flow.id, number)
    newest = archives.newest(tx, flow.id)
    if until is None or newest is None:
        raise NotFoundError(f"the feed {flow.id} has no archive document {number}")
    after, named = archives.end(tx, flow.id, number - 1), under(flow, standing)
    placed = publications.between(tx, flow.id, after, until)
    ways = Links(
        current=f"{base}/feeds/{flow.id}.{form}",
        prev_archive=address(base, flow, number - 1, form, named) if after else None,
        next_archive=address(base, flow, number + 1, form, named) if number < newest[0] else None,
    )
    return _shown(flow, standing, settings, address(base, flow, number, form, named), placed, ways)


def page(tx: Transaction, flow: Flow, settings: Settings, base: str, cursor: str, form: str, at: datetime) -> Page:
    """What came after the cursor, oldest pages first: for clients that follow no archives. An empty cursor, or one that was given while
    other agreements were in force: from the beginning.

    What waits for its hour again, after it was seen, is told on every page: no mark is set by an hour that was moved.
    Raises InputError for what is no cursor of this flow's, RefusedError as `outlook` does.
    """
    standing = standing_for(tx, flow, settings, at)
    named = under(flow, standing)
    after = _mark(tx, flow, cursor, named)
    marks = publications.next_marks(tx, flow.id, after, at, settings.feed_entries + 1)
    shown, more = marks[: settings.feed_entries], len(marks) > settings.feed_entries
    placed = publications.following(tx, flow.id, after, shown[-1]) if shown else ()
    reached = _cursor(placed[0], named) if placed else cursor
    asked = f"{base}/feeds/{flow.id}.{form}?since="
    ways = Links(next_page=f"{asked}{reached}" if more else None)
    again = publications.waiting(tx, flow.id, at)
    return Page(_shown(flow, standing, settings, f"{asked}{cursor}", (*placed, *again), ways), reached, more)


def _shown(flow: Flow, standing: Standing, settings: Settings, url: str, placed: Sequence[Placed], ways: Links) -> Outlook:
    seen = outlook_of(flow, standing, settings, url, tuple(placed))
    # What leaves it leaves it without a notice in it: by a date nobody can tell.
    return replace(seen, document=replace(seen.document, links=ways), whole=False)


def _cursor(placed: Placed, named: str) -> str:
    """Names a Publication without its sequence, which would tell how much others get (Z03). The next version may be of the same moment."""
    this = placed.publication
    return f"{(placed.visible_from - EPOCH) // timedelta(microseconds=1)}.{this.story}.{this.version}.{named}"


def _mark(tx: Transaction, flow: Flow, cursor: str, named: str) -> Watermark | None:
    if not cursor:
        return None
    at, story, version, given = (*cursor.split(".", 3), "", "", "")[:4]
    if at.isdecimal() and len(at) < 17 and version.isdecimal() and len(version) < 10:
        mark = publications.mark_of(tx, flow.id, story, int(version), EPOCH + timedelta(microseconds=int(at)))
        if mark is not None:
            return mark if given == named else None
    raise InputError(
        f"since={cursor[:60]} is no place in the feed {flow.id}: take the one that the last answer gave, or an empty one to begin"
    )
