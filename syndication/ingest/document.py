"""What a document means on its flow, before anything of it is taken: by the ids that we know, in the partner's own words."""

from dataclasses import replace
from datetime import datetime

from syndication.feeds.language import reads_as
from syndication.ingest.marking import found, marked
from syndication.ingest.renaming import flipped, killed_as, known_as, named
from syndication.model.entry import Entry, ParsedFeed
from syndication.model.partner import Partner
from syndication.model.poll import Renaming
from syndication.model.story import Pubstatus
from syndication.storage import items, polls
from syndication.storage.database import Database

LOOKED_BACK = 300
"""Stories of a flow among which those are looked for that may have come again under another id."""


def held_back(database: Database, flow: str, feed: ParsedFeed, *, waits: bool, asks: bool = True) -> tuple[ParsedFeed, tuple[Entry, ...]]:
    """The document without what has to wait, and that: all that is new, where the feed changed its ids, until a person says what it
    is (S14). Kills wait for nobody. `waits`: nobody has said so yet of an earlier document; `asks`: a person is
    asked from now on, and a later kill under the new id is one under the old, too.
    """
    entries = len(feed.entries) + len(feed.same)
    if 2 * len(feed.entries) <= entries and not waits:
        return feed, ()
    guids = [entry.guid for entry in feed.entries]
    with database.read() as tx:
        known, said = items.known(tx, flow, guids), polls.renamings(tx, flow, guids)
        own = {guid for guid, (_, standing) in said.items() if standing is Renaming.NEW}
        unknown = tuple(entry for entry in feed.entries if entry.guid not in known and entry.guid not in own)
        if not unknown or (2 * len(unknown) <= entries and not waits):
            return feed, ()
        before = [item.current.entry for item in items.newest(tx, flow, LOOKED_BACK)]
    elsewhere = known_as(unknown, before, {*guids, *(mark.guid for mark in feed.same)})
    if not waits and not flipped(elsewhere, entries):
        return feed, ()
    if asks:
        with database.write() as tx:
            polls.ask_about(tx, flow, elsewhere)
    held = {entry.guid: entry for entry in unknown if entry.pubstatus is not Pubstatus.CANCELED}
    left = killed_as(replace(feed, entries=tuple(entry for entry in feed.entries if entry.guid not in held)), elsewhere)
    return left, tuple(held.values())


def as_known(database: Database, flow: str, feed: ParsedFeed) -> ParsedFeed:
    """The document by the ids under which we know its entries, as far as a person said so."""
    guids = [entry.guid for entry in feed.entries]
    guids += [one for entry in feed.entries if (one := entry.replaces)] + [one.ref for one in feed.tombstones]
    with database.read() as tx:
        said = polls.renamings(tx, flow, guids)
    asked = {guid: known for guid, (known, standing) in said.items() if standing is Renaming.ASKED}
    return named(killed_as(feed, asked), {guid: known for guid, (known, standing) in said.items() if standing is Renaming.SAME})


def meant(database: Database, flow: str, partner: Partner, feed: ParsedFeed, now: datetime) -> ParsedFeed:
    """The document by the partner's own words for kills, holds and embargoes; and what its entries read like, which takes its time."""
    feed = replace(feed, entries=tuple(replace(entry, reads_as=reads_as(entry.content)) for entry in feed.entries))
    suspects = tuple(entry.guid for entry in feed.entries if found(entry, partner.markers.kill))
    if not suspects:
        return marked(feed, partner.markers, {}, now)
    with database.read() as tx:
        held = {guid: item.current.entry for guid, item in items.known(tx, flow, suspects).items()}
    return marked(feed, partner.markers, held, now)
