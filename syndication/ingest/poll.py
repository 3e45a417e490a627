"""One visit to an inbound Flow: ask which agreement governs, fetch, parse, and take what came, in short transactions."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic, sleep

from syndication.agreements.governing import Standing
from syndication.errors import FeedError, FlowError, NotFoundError
from syndication.feeds.sanitize import clean_text
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, FetchRequest, FetchResult
from syndication.fetch.guard import Guard
from syndication.ingest import callback
from syndication.ingest.cadence import LOOKED_AT, REFUSALS, ended, next_visit, pace, share
from syndication.ingest.document import as_known, held_back, meant
from syndication.ingest.gaps import MOST_PAGES, before, joined, meets, same_host
from syndication.ingest.rhythm import SAMPLE, shifted
from syndication.ingest.taking import parts, refusals, settled, take, together
from syndication.model.agreement import Agreement
from syndication.model.callback import Push
from syndication.model.entry import Mark, ParsedFeed
from syndication.model.item import Item
from syndication.model.partner import Direction, Flow, FlowState, Partner
from syndication.model.poll import Asked, Counts, Lease, Outcome, Poll, Refused, RefusedKind, Validators
from syndication.model.story import Pubstatus
from syndication.review.desk import refuse
from syndication.settings import Settings
from syndication.storage import agreements, callbacks, events, items, partners, polls
from syndication.storage.database import Database, Transaction

REFUSED_BEFORE = 200
BREATH = 0.12
"""Seconds between two of them: on SQLite who waits to write looks only every 0.1 s whether it may, and none gets in without this."""
GOOD = (Outcome.UPDATED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Brief:
    """What has to be known before the visit, read in one go. `waits`: all its ids changed, and nobody said yet what is to become of it."""

    flow: Flow
    partner: Partner
    validators: Validators
    failures: int
    statuses: tuple[int | None, ...]
    governed: str | None
    reason: str
    waits: bool = False
    within: timedelta | None = None
    """So soon the agreement wants a kill carried out."""

    @property
    def judged_under(self) -> str:
        """All that a document is judged by, besides itself: under another agreement, or version of it, or where the flow carries more
        languages or the partner's words stand for something else, what was refused may be allowed.
        """
        ours = repr((self.flow.languages, self.flow.topics, self.partner.categories, self.partner.markers))
        return f"{self.governed}, {hashlib.sha256(ours.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of the network, before anything is kept. `feed` None: the document is the one we know.

    `note`: that there was a gap since the last good poll, and what was done about it; `missed`: that it may not be closed.
    """

    result: FetchResult
    validators: Validators
    feed: ParsedFeed | None
    note: str | None = None
    missed: bool = False


class NoFeedError(FeedError):
    """What came is no feed: `result`, for a person to look at."""

    def __init__(self, message: str, result: FetchResult) -> None:
        self.result = result
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Poller:
    """Visits flows. The network is never inside a transaction. What a visit brings is kept in parts, and its validators with the last of
    them: a visit that ends half way is made again, from the same document, and what was kept already is then unchanged (D10).
    """

    database: Database
    client: Client
    parser: Parser
    settings: Settings

    def poll(self, flow: str, now: datetime, lease: Lease | None = None) -> Poll:
        """Visit the flow and record how it went. Failures of the partner's side are an Outcome, not an exception.

        Raises NotFoundError for a flow that is not inbound, StorageError where the record could not be kept (nothing is, then).
        """
        brief = self._brief(flow, now)
        if brief.governed is None:
            return self._record(brief, Poll(flow, now, now, Outcome.UNGOVERNED, brief.validators, error=brief.reason), lease)
        try:
            visit = self._visit(brief, now)
        except FlowError as error:
            failed = Poll(flow, now, now, Outcome.FAILED, brief.validators, status=error.status, url=brief.flow.url, error=str(error))
            if ended([error.status, *brief.statuses]):
                stopped = f"it is not polled again until someone says so: syndication flow poll {flow}"
                failed = replace(failed, outcome=Outcome.GONE, note=stopped)
            refused = (refused_whole(flow, error, now),) if isinstance(error, NoFeedError) else ()
            return self._record(brief, failed, lease, retry_after=error.retry_after, refused=refused)
        return self._keep(brief, visit, now, lease)

    def _brief(self, flow_id: str, now: datetime) -> Brief:
        with self.database.read() as tx:
            flow = partners.flow(tx, flow_id)
            if flow is None or flow.direction is not Direction.INBOUND or flow.url is None:
                raise NotFoundError(f"there is no inbound flow {flow_id}; 'syndication flow ls' lists them")
            partner = partners.get(tx, flow.partner)
            if partner is None:
                raise NotFoundError(f"flow {flow_id} belongs to {flow.partner}, which is no partner of ours")
            governance = Standing(agreements.register(tx, self.settings.agency), now).governing(flow)
            governed = f"{governance.agreement.reference} v{governance.agreement.version}" if governance.agreement else None
            health = polls.health(tx, flow_id)
            return Brief(
                flow=flow,
                partner=partner,
                validators=polls.last_good(tx, flow_id),
                failures=health.failures,
                statuses=tuple(one.status for one in polls.recent(tx, flow_id, REFUSALS - 1)),
                governed=governed,
                reason=governance.reason,
                waits=health.flipped_at is not None,
                within=_within(governance.agreement) if governance.agreement else None,
            )

    def _visit(self, brief: Brief, now: datetime) -> Visit:
        known = brief.validators
        fresh = known if known.agreement == brief.judged_under else Validators()
        guard = Guard.of(self.settings.allow.get(brief.partner.id, ()))
        result = self.client.get(FetchRequest(url=brief.flow.url or "", validators=fresh, guard=guard))
        if result.body is None:
            kept = replace(known, etag=result.etag or known.etag, last_modified=result.last_modified or known.last_modified)
            return Visit(result, kept, None)
        digest = hashlib.sha256(result.body).hexdigest()
        validators = Validators(result.etag, result.last_modified, digest, brief.judged_under, known.asked)
        if digest == fresh.body_hash:
            return Visit(result, validators, None)
        marks = self._seen(brief.flow.id)
        # What was judged by other terms is read again, all of it.
        seen = marks if fresh is known else ()
        language = brief.flow.languages[0]
        try:
            feed = self.parser.parse(
                result.body, content_type=result.content_type, base_url=result.url, language=language, now=now, known=seen
            )
        except FeedError as error:
            raise NoFeedError(str(error), result) from error
        feed = as_known(self.database, brief.flow.id, feed)
        validators = replace(validators, asked=Asked(feed.ttl, feed.skip_hours, feed.skip_days))
        whole, note, missed = self._whole(brief, feed, result.url, frozenset(mark.guid for mark in marks), now)
        return Visit(result, validators, meant(self.database, brief.flow.id, brief.partner, whole, now), note, missed)

    def _whole(self, brief: Brief, feed: ParsedFeed, url: str, known: frozenset[str], now: datetime) -> tuple[ParsedFeed, str | None, bool]:
        """The document; where none of what was `known` is in it, with the pages before it, until one is (wire 44, S24). Then what there
        is to note, and whether stories may have been missed.
        """
        if not known or self._meets(brief, feed, known):
            return feed, None, False
        gap = "nothing of the last good poll is in the document"
        whole, page, at, visited = feed, feed, url, {url}
        # The lease must outlast what one page more may take, and keeping all of it.
        ends = monotonic() + self.settings.lease_seconds / 2 - self.settings.fetch_total
        try:
            for number in range(1, MOST_PAGES + 1):
                address = before(page, at, visited)
                if address is None or monotonic() > ends:
                    break
                page, at = self._page(brief, address, now)
                visited |= {address, at}
                whole = joined(whole, page)
                if self._meets(brief, page, known):
                    return whole, f"{gap}: its older pages were read, {number} of them, until something was", False
        except FlowError as error:
            return whole, f"may have missed stories: {gap}, and an older page could not be read: {error}", True
        older = f"in {len(visited) - 1} older pages" if page is not feed else "an older page, which it does not name"
        return whole, f"may have missed stories: {gap}, nor {older}; ask the partner for a longer feed", True

    def _page(self, brief: Brief, address: str, now: datetime) -> tuple[ParsedFeed, str]:
        """An older page, and where it came from in the end."""
        guard = Guard.of(self.settings.allow.get(brief.partner.id, ()))
        result = self.client.get(FetchRequest(url=address, guard=guard))
        if not same_host(result.url, address):
            raise FeedError(f"{address} leads to another host")
        page = self.parser.parse(
            result.body or b"", content_type=result.content_type, base_url=result.url, language=brief.flow.languages[0], now=now
        )
        return as_known(self.database, brief.flow.id, page), result.url

    def _meets(self, brief: Brief, feed: ParsedFeed, known: frozenset[str]) -> bool:
        """Whether it goes back to what was known, or to anything that came before, taken or refused."""
        if meets(feed, known):
            return True
        with self.database.read() as tx:
            taken = items.known(tx, brief.flow.id, [entry.guid for entry in feed.entries])
            refused = {one.subject for one in events.refused(tx, brief.flow.id, REFUSED_BEFORE)}
        return meets(feed, taken.keys() | refused)

    def _seen(self, flow: str) -> tuple[Mark, ...]:
        with self.database.read() as tx:
            return polls.known(tx, flow)

    def _keep(self, brief: Brief, visit: Visit, now: datetime, lease: Lease | None) -> Poll:
        result, feed = visit.result, visit.feed
        said = visit.validators.asked
        asked = replace(said, wait=max((wait for wait in (result.max_age, said.wait) if wait), default=None))
        poll = Poll(brief.flow.id, now, now, Outcome.UNCHANGED, visit.validators, status=result.status, size=result.size, url=result.url)
        if result.moved_to:
            poll = replace(
                poll, note=f"the partner says this feed has moved to {result.moved_to} for good: change its url if that is right"
            )
        named = callback.discovered(result.link, result.url, feed.links if feed else None, brief.flow.url or "")
        if feed is None:
            return self._record(brief, poll, lease, asked=asked, named=named)
        feed, held = held_back(self.database, brief.flow.id, feed, waits=brief.waits)
        waits = f"{len(held)} entries wait: the feed changed its ids" if held else None
        notes = "; ".join(note for note in (poll.note, visit.note, feed.note, waits) if note) or None
        *earlier, last = parts(feed)
        # An entry that was taken before, to the byte, is what every repeated entry is: nothing to do.
        counts = Counts(unchanged=len({mark.guid for mark in feed.same}))
        refused: dict[str, str] = {}
        for part in earlier:
            with self.database.write() as tx:
                polls.still_ours(tx, brief.flow.id, lease)
                partners.lock(tx, brief.partner.id)
                flow, partner = _as_now(tx, brief)
                taken, _, more = take(tx, part, flow, partner, self.settings, now)
                counts, refused = together(counts, taken), refused | more
            sleep(BREATH)
        with self.database.write() as tx:
            partners.lock(tx, brief.partner.id)
            flow, partner = _as_now(tx, brief)
            taken, unreadable, more = take(tx, last, flow, partner, self.settings, now)
            # Of an ill-formed document the validators are not kept: when it is mended, it must come again (wire 31); nor where the flow
            # was no longer open, or nothing governed it any more: when it goes on, it must bring what was refused.
            governed = Standing(agreements.register(tx, self.settings.agency), now).governing(flow).agreement
            again = feed.note or held or flow.state is not FlowState.OPEN or governed is None
            validators = brief.validators if again else visit.validators
            poll = replace(poll, outcome=Outcome.UPDATED, counts=together(counts, taken), note=notes, validators=validators)
            marks = None if again else settled(feed, frozenset(refused | more))
            polls.came_in(tx, flow.id, [entry.guid for entry in feed.entries if entry.guid not in refused | more])
            kept = refusals(flow.id, feed, unreadable, refused | more, result.url, now, held)
            self._write(
                tx, brief, poll, lease, asked=asked, refused=kept, marks=marks, missed=visit.missed, flipped=bool(held), named=named
            )
        return poll

    def take_push(self, push: Push, now: datetime) -> Counts:
        """Take what a hub sent, as what a poll brings is taken. What the next visit sends stays as it is, so that it sees all there is.

        A kill in it is believed as far as to withhold what it names; that visit reads the whole document then (P04). `kills` of the
        answer: those claimed. Raises FeedError where it is no feed, NotFoundError where there is no such flow any more.
        """
        brief = self._brief(push.flow, now)
        if brief.governed is None or brief.flow.state is not FlowState.OPEN:
            return Counts()
        feed = self.parser.parse(push.body, content_type=push.content_type, base_url=push.topic, language=brief.flow.languages[0], now=now)
        feed = meant(self.database, push.flow, brief.partner, as_known(self.database, push.flow, feed), now)
        feed = replace(feed, entries=tuple(replace(entry, pushed=True) for entry in feed.entries))
        # A hub is not believed in what its entries were called before: the partner's own feed says that, or nobody.
        feed, _ = held_back(self.database, push.flow, feed, waits=brief.waits, asks=False)
        if dead := callback.claims(feed):
            with self.database.write() as tx:
                partners.lock(tx, brief.partner.id)
                for claim in dead:
                    for item in items.of_partner_with_guid(tx, brief.partner.id, claim.ref):
                        if callback.held_by(claim, item):
                            withheld = replace(item.current.entry, pubstatus=Pubstatus.WITHHELD)
                            refuse(tx, item, withheld, callback.CLAIMED, self.settings, now)
                polls.read_whole(tx, push.flow)
            feed = callback.without_kills(feed)
        counts = Counts(kills=len(dead))
        for part in parts(feed):
            with self.database.write() as tx:
                partners.lock(tx, brief.partner.id)
                flow, partner = _as_now(tx, brief)
                counts = together(counts, take(tx, part, flow, partner, self.settings, now)[0])
        return counts

    def _record(
        self,
        brief: Brief,
        poll: Poll,
        lease: Lease | None,
        *,
        asked: Asked | None = None,
        retry_after: int | None = None,
        refused: tuple[Refused, ...] = (),
        named: callback.Discovery | None = None,
    ) -> Poll:
        with self.database.write() as tx:
            self._write(tx, brief, poll, lease, asked=asked, retry_after=retry_after, refused=refused, named=named)
        return poll

    def _write(
        self,
        tx: Transaction,
        brief: Brief,
        poll: Poll,
        lease: Lease | None,
        *,
        asked: Asked | None = None,
        retry_after: int | None = None,
        refused: tuple[Refused, ...] = (),
        marks: tuple[Mark, ...] | None = None,
        missed: bool = False,
        flipped: bool = False,
        named: callback.Discovery | None = None,
    ) -> None:
        failures = brief.failures + 1 if poll.outcome in (Outcome.FAILED, Outcome.GONE) else 0
        minimum = timedelta(seconds=self.settings.poll_interval_minimum)
        jitter = share(brief.flow.id, poll.finished_at)
        last = [one for one in (poll, *polls.recent(tx, brief.flow.id, LOOKED_AT)) if one.outcome in GOOD]
        haste = pace([one.counts.brought for one in last], jitter) if poll.outcome in GOOD else 1.0
        interval = brief.flow.interval or minimum
        hub = callbacks.hub(tx, brief.flow.id)
        standing = callbacks.of_flow(tx, brief.flow.id) if hub else ()
        earlier = last[1].finished_at if len(last) > 1 else None
        untold = poll.counts.brought and callback.unheard(hub, earlier, standing, poll.finished_at)
        if not untold and callback.delivers(hub, standing, poll.finished_at):
            haste = callback.slowed(haste, interval, brief.within)
        due = next_visit(
            poll.finished_at,
            poll.outcome,
            interval=interval,
            minimum=minimum,
            failures=failures,
            jitter=jitter,
            asked=asked or brief.validators.asked,
            retry_after=retry_after,
            pace=haste,
            missed=missed,
        )
        due = callback.pending(hub, poll.started_at, due, poll.finished_at + minimum) if not failures else due
        if named is not None:
            callbacks.found(tx, brief.flow.id, named.hub, named.topic, poll.finished_at, poll.finished_at + callback.SETTLES)
        if untold:
            callbacks.missed(tx, brief.flow.id, poll.finished_at)
        wrong = shifted(lags(items.newest(tx, brief.flow.id, SAMPLE))) if poll.counts.new else None
        polls.record(tx, poll, lease, due, failures, refused, marks, missed, flipped, wrong)


def lags(seen: tuple[Item, ...]) -> list[timedelta]:
    """How long after its date each of these came, as far as it has one and is as it came."""
    dated = ((item.first_seen_at, item.current.entry) for item in seen if item.current.number == 1)
    return [at - date for at, entry in dated if (date := entry.published or entry.updated)]


def refused_whole(flow: str, error: NoFeedError, now: datetime) -> Refused:
    """A document that is no feed, to be kept."""
    result = error.result
    return Refused(
        flow=flow,
        at=now,
        kind=RefusedKind.DOCUMENT,
        title="",
        reason=str(error),
        raw=result.body or b"",
        head=b"",
        content_type=clean_text(result.content_type or "", 200) or None,
        url=result.url,
    )


def _within(agreement: Agreement) -> timedelta | None:
    minutes = [one.within_minutes for one in agreement.obligations if one.by is Direction.OUTBOUND and one.within_minutes]
    return timedelta(minutes=min(minutes)) if minutes else None


def _as_now(tx: Transaction, brief: Brief) -> tuple[Flow, Partner]:
    """The flow may have been paused or closed while we were on the way: the gate refuses what is on it then."""
    flow = partners.flow_ever(tx, brief.flow.id) or brief.flow
    return flow, partners.get(tx, flow.partner) or brief.partner
