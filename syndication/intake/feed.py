"""Our own newsroom's feed, visited: what its entries say is done with our stories; no agreement is asked, for nothing is exchanged."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from syndication.agreements.decision import fingerprint
from syndication.errors import ConflictError, FeedError, FlowError, InputError, RefusedError, StoryError
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, FetchRequest, FetchResult
from syndication.fetch.guard import Guard
from syndication.identity import given_here
from syndication.intake.desk import Also, Newsroom, Taken
from syndication.logs import logger
from syndication.model.entry import Entry, ParsedFeed
from syndication.model.poll import Validators
from syndication.model.story import Pubstatus, Story, Submitted
from syndication.model.submission import Round
from syndication.storage import stories, submissions
from syndication.storage.database import Transaction

UNSAID: Final = "und"
"""The language of an entry that does not say its language (BCP 47): agreements grant by language, so such an entry is refused."""
LONGEST_PAUSE: Final = timedelta(hours=1)
BY: Final = "feed"
NARROWEST: Final = (Pubstatus.USABLE, Pubstatus.WITHHELD, Pubstatus.CANCELED)
"""Of what one document says of one id, the last of these counts."""
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """What a visit brought: how often each, and which entries were refused, and why."""

    counts: Counter[Taken]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """Our newsroom's feed at `url`. Each entry is taken in a transaction of its own; the validators are kept when all are."""

    newsroom: Newsroom
    client: Client
    parser: Parser
    url: str
    interval: timedelta

    def tick(self, now: datetime) -> None:
        """Visit it if it is due, for the log."""
        report = self.visit(now)
        if report is None:
            return
        for guid, why in report.refused:
            logger.warning("refused an entry of the newsroom's feed", entry=guid, why=why)
        done = {str(what): count for what, count in report.counts.items() if what is not Taken.NOTHING}
        if done:
            logger.info("took entries of the newsroom's feed", **done)

    def visit(self, now: datetime) -> Report | None:
        """Visit it, if it is due; None where it is not, or is unchanged.

        Raises FlowError where it could not be had or read, ConflictError where a later visit was begun meanwhile.
        """
        with self.newsroom.database.write() as tx:
            visit = submissions.begin_round(tx, self.url, now, self.interval)
        if visit is None:
            return None
        try:
            result = self._fetch(visit)
            feed, validators = self._read(visit, result, now)
        except FlowError as error:
            self._end(visit, visit.validators, visit.failures + 1, now + _pause(self.interval, visit.failures, error.retry_after))
            raise
        report = self._take(visit, feed, now) if feed else None
        self._end(visit, validators, 0, now + self.interval)
        return report

    def _fetch(self, visit: Round) -> FetchResult:
        settings = self.newsroom.settings
        guard = Guard.of(settings.allow.get(settings.agency, ()))
        return self.client.get(FetchRequest(url=self.url, validators=visit.validators, guard=guard))

    def _read(self, visit: Round, result: FetchResult, now: datetime) -> tuple[ParsedFeed | None, Validators]:
        """What came, None if we know it, and what the next visit sends."""
        known = visit.validators
        if result.body is None:
            return None, replace(known, etag=result.etag or known.etag, last_modified=result.last_modified or known.last_modified)
        digest = hashlib.sha256(result.body).hexdigest()
        validators = Validators(result.etag, result.last_modified, digest)
        if digest == known.body_hash:
            return None, validators
        feed = self.parser.parse(result.body, content_type=result.content_type, base_url=result.url, language=UNSAID, now=now)
        if feed.note:
            raise FeedError(f"{feed.note}: nothing is taken of our own feed until it is well-formed")
        return feed, validators

    def _take(self, visit: Round, feed: ParsedFeed, now: datetime) -> Report:
        counts: Counter[Taken] = Counter()
        refused = [(one.title, one.reason) for one in feed.unreadable]
        ours = partial(_still_ours, visit)
        entries = _each_once(feed.entries)
        for guid, note in _killed(feed, entries):
            counts[self._kill(guid, note, now, ours)] += 1
        for entry in entries:
            if entry.pubstatus is Pubstatus.CANCELED:
                continue
            try:
                digest = hashlib.sha256(f"{fingerprint(entry.content, entry.pubstatus)} {entry.replaces}".encode()).hexdigest()
                counts[self.newsroom.take(self._submitted(entry), digest, BY, now, ours)[0]] += 1
            except ConflictError:
                # A later visit has its own document: what this one had is older.
                raise
            except (InputError, RefusedError) as error:
                refused.append((entry.guid, str(error)))
        return Report(counts, tuple(refused))

    def _submitted(self, entry: Entry) -> Submitted:
        """The entry as a story of our own. Raises StoryError for what cannot be one."""
        if given_here(self.newsroom.settings.domain, entry.guid):
            raise StoryError("this entry was given out by this server: the newsroom's feed cannot be one of the feeds made here")
        if entry.content.language == UNSAID:
            raise StoryError("neither the entry nor the feed says its language: agreements grant by language")
        with self.newsroom.database.read() as tx:
            follows = entry.replaces if entry.replaces and stories.by_uri(tx, entry.replaces) else None
        return Submitted(entry.guid, entry.content, entry.pubstatus, follows)

    def _kill(self, guid: str, note: str | None, now: datetime, ours: Also) -> Taken:
        with self.newsroom.database.read() as tx:
            story = stories.by_uri(tx, guid)
        if story is None or story.current.pubstatus is Pubstatus.CANCELED:
            return Taken.NOTHING
        self.newsroom.kill(story.id, note or "Killed by the newsroom: do not use.", BY, now, ours)
        return Taken.KILLED

    def _end(self, visit: Round, validators: Validators, failures: int, due_at: datetime) -> None:
        with self.newsroom.database.write() as tx:
            submissions.end_round(tx, visit, validators, failures, due_at)


def _still_ours(visit: Round, tx: Transaction, _story: Story) -> None:
    submissions.still_ours(tx, visit)


def _pause(interval: timedelta, failures: int, asked: int | None) -> timedelta:
    """Twice as long after each failure, and as long as it asks, within bounds."""
    wanted = max(interval * (1 << min(failures, 10)), timedelta(seconds=min(asked or 0, 86_400)))
    return max(interval, min(wanted, LONGEST_PAUSE))


def _each_once(entries: tuple[Entry, ...]) -> list[Entry]:
    """Each id once, as it is narrowest or newest; the oldest first, so that an update finds the take that it follows."""
    chosen: dict[str, Entry] = {}
    for entry in entries:
        other = chosen.get(entry.guid)
        if other is None or _rank(entry) > _rank(other):
            chosen[entry.guid] = entry
    last_first = list(chosen.values())
    last_first.reverse()
    return sorted(last_first, key=lambda entry: entry.updated or entry.published or LONG_AGO)


def _rank(entry: Entry) -> tuple[int, datetime]:
    return NARROWEST.index(entry.pubstatus), entry.updated or entry.published or LONG_AGO


def _killed(feed: ParsedFeed, entries: list[Entry]) -> list[tuple[str, str | None]]:
    """What the document kills, and why: a deleted-entry, unless a later version of it is in the document (RFC 6721, 3), or a pubstatus."""
    alive = {entry.guid: entry.updated for entry in entries if entry.pubstatus is not Pubstatus.CANCELED}
    dead: list[tuple[str, str | None]] = [(entry.guid, None) for entry in entries if entry.pubstatus is Pubstatus.CANCELED]
    for one in feed.tombstones:
        later = alive.get(one.ref)
        if later is None or one.when is None or later <= one.when:
            dead.append((one.ref, one.comment))
    return dead
