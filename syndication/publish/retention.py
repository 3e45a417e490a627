"""What is deleted at the end of its use: found, taken back where it still stands, emptied and listed, in short transactions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syndication.agreements.decision import fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.retention import Ending, due, kept_from
from syndication.media.store import Store
from syndication.model.erasure import Erasure, Perishable
from syndication.model.event import Event
from syndication.model.item import ItemVersion
from syndication.model.publication import PublicationKind
from syndication.model.story import Story, StoryVersion
from syndication.publish.release import release
from syndication.settings import Settings
from syndication.storage import (
    agreements,
    arrivals,
    erasures,
    events,
    items,
    likeness,
    media,
    partners,
    polls,
    publications,
    search,
    stories,
)
from syndication.storage.database import Database, Transaction

AT_ONCE = 20
"""Versions in one transaction: others wait for it no longer than for a poll."""
FOUND_AGAIN = timedelta(days=30)
"""For so long what says the same as an item, or as a story of ours, is found to; by its id, an echo is known for ever."""


@dataclass(frozen=True, slots=True)
class Retention:
    """The deletion duty. What a run leaves, because it was stopped or because someone else was at it, is due at the next."""

    database: Database
    settings: Settings

    def plan(self, now: datetime) -> tuple[Erasure, ...]:
        """What a run at that moment would delete; nothing is changed."""
        with self.database.read() as tx:
            standing = self._standing(tx, now)
            of_items = (_of_item(tx, one, standing) for one in _due(items.perishable(tx), standing))
            of_stories = (_of_story(tx, one, standing) for one in _due(stories.perishable(tx), standing))
            return tuple(found[-1] for found in (*of_items, *of_stories) if found)

    def run(self, by: str, now: datetime) -> tuple[Erasure, ...]:
        """Delete the text of all that is due, wherever it stands. Returns what was deleted; the list of erasures keeps the same."""
        with self.database.read() as tx:
            standing = self._standing(tx, now)
            of_items, of_stories = _due(items.perishable(tx), standing), _due(stories.perishable(tx), standing)
        done: list[Erasure] = []
        for batch in _batches(of_items):
            with self.database.write() as tx:
                # A correction or a kill of the same items waits for this, or this for it.
                for partner in sorted({one.stamps[0].partner for one in batch}):
                    partners.lock(tx, partner)
                standing = self._standing(tx, now)
                done += filter(None, (self._erase_item(tx, one, standing, by) for one in batch))
        for batch in _batches(of_stories):
            with self.database.write() as tx:
                tx.in_order()
                standing = self._standing(tx, now)
                done += filter(None, (self._erase_story(tx, one, standing, by) for one in batch))
        if done:
            self._overwrite()
        while self._let_go(now):
            pass
        self._forget_refused(now)
        return tuple(done)

    def _overwrite(self) -> None:
        """Nothing is found by a text from the moment it is deleted; then its words go from the file too."""
        begin = more = True
        while more:
            with self.database.write() as tx:
                more = search.overwrite(tx, begin=begin)
            begin = False

    def _let_go(self, now: datetime) -> int:
        with self.database.write() as tx:
            return likeness.sweep(tx, now - FOUND_AGAIN, AT_ONCE)

    def _forget_refused(self, now: datetime) -> None:
        """What was refused is nobody's to use: it is kept for people to look at, and not for longer than what was taken."""
        with self.database.read() as tx:
            names = polls.with_refused(tx)
        for name in names:
            with self.database.write() as tx:
                flow = partners.flow_ever(tx, name)
                if flow is not None:
                    polls.forget_refused(tx, name, kept_from(flow, self._standing(tx, now)))

    def _erase_item(self, tx: Transaction, one: Perishable, standing: Standing, by: str) -> Erasure | None:
        found = _of_item(tx, one, standing)
        if found is None:
            return None
        version, erasure = found
        if not items.erase(tx, version, standing.at):
            return None
        Store.of(self.settings).remove(arrivals.let_go(tx, version.item, version.number))
        polls.forget_refused(tx, version.stamp.flow, version.received_at, version.entry.guid)
        return _listed(tx, erasure, by)

    def _erase_story(self, tx: Transaction, one: Perishable, standing: Standing, by: str) -> Erasure | None:
        found = _of_story(tx, one, standing)
        if found is None:
            return None
        story, version, erasure = found
        if version.number == story.current.number and _stands(tx, story):
            # Asked while it still has its text, so that the decision is about what was read.
            release(tx, story, agency=self.settings.agency, now=standing.at)
        if not stories.erase(tx, version, standing.at):
            return None
        Store.of(self.settings).remove(media.let_go(tx, version))
        return _listed(tx, erasure, by)

    def _standing(self, tx: Transaction, now: datetime) -> Standing:
        return Standing(agreements.register(tx, self.settings.agency), now)


def _due(found: Iterable[Perishable], standing: Standing) -> list[Perishable]:
    """Those that are due, by the partner whose terms demand it."""
    chosen = [(ending.stamp.partner, one) for one in found if (ending := due(one.stamps, standing))]
    return [one for _, one in sorted(chosen, key=lambda pair: pair[0])]


def _batches(chosen: list[Perishable]) -> Iterator[list[Perishable]]:
    return (chosen[start : start + AT_ONCE] for start in range(0, len(chosen), AT_ONCE))


def _of_item(tx: Transaction, one: Perishable, standing: Standing) -> tuple[ItemVersion, Erasure] | None:
    """The item's version and what is to be listed of it, where it is still due: the register may have changed since it was found."""
    ending, version = due(one.stamps, standing), items.version(tx, one.subject, one.version)
    if ending is None or version is None:
        return None
    return version, _erasure(one, ending, standing.at, version.entry.guid, version.entry.content.headline, version.fingerprint)


def _of_story(tx: Transaction, one: Perishable, standing: Standing) -> tuple[Story, StoryVersion, Erasure] | None:
    ending, story, version = due(one.stamps, standing), stories.get(tx, one.subject), stories.version(tx, one.subject, one.version)
    if ending is None or story is None or version is None:
        return None
    mark = fingerprint(version.content, version.pubstatus)
    return story, version, _erasure(one, ending, standing.at, story.entry_id, version.content.headline, mark)


def _erasure(one: Perishable, ending: Ending, at: datetime, guid: str, headline: str, mark: str) -> Erasure:
    stamp = ending.stamp
    return Erasure(
        at=at,
        subject=one.subject,
        version=one.version,
        partner=stamp.partner,
        guid=guid,
        headline=headline,
        fingerprint=mark,
        agreement=stamp.agreement,
        agreement_version=stamp.version,
        clause=stamp.clause,
        reason=ending.reason,
    )


def _stands(tx: Transaction, story: Story) -> bool:
    return any(publication.kind is PublicationKind.STORY for publication in publications.holding(tx, story.id))


def _listed(tx: Transaction, erasure: Erasure, by: str) -> Erasure:
    erasures.record(tx, erasure)
    under = f"{erasure.agreement} v{erasure.agreement_version}, {erasure.clause}"
    said = f"version {erasure.version}, under {under}: {erasure.reason}"
    events.record_event(tx, Event(erasure.at, by, "erase", erasure.subject, said))
    return erasure
