"""One visit to an inbound Flow: ask which agreement governs, fetch, parse, and take what came, in short transactions."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from time import monotonic, sleep

from syndication.agreements.decision import decision
from syndication.agreements.governing import Standing
from syndication.agreements.subject import mapped, origins
from syndication.errors import FeedError, FlowError, NotFoundError
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, FetchRequest, FetchResult
from syndication.fetch.guard import Guard
from syndication.identity import given_here, new_id
from syndication.ingest import callback
from syndication.ingest.cadence import LOOKED_AT, REFUSALS, ended, next_visit, pace, share
from syndication.ingest.gaps import MOST_PAGES, before, joined, meets, same_host
from syndication.ingest.marking import found, marked
from syndication.ingest.triage import Judgement, Known, judge
from syndication.model.agreement import Agreement
from syndication.model.callback import Push
from syndication.model.entry import Entry, Mark, ParsedFeed, Tombstone, Unreadable
from syndication.model.item import Item, ItemVersion, ReviewState, Triage
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Direction, Flow, FlowState, Partner
from syndication.model.poll import Asked, Counts, Lease, Outcome, Poll, Validators
from syndication.model.story import Pubstatus
from syndication.review.desk import accept_at_once, refuse, reopen, withdraw
from syndication.settings import Settings
from syndication.storage import agreements, callbacks, events, items, ledger, partners, polls
from syndication.storage.database import Database, Transaction

AT_ONCE = 50
"""Entries taken in one transaction: no partner's document may hold up the others, or our own flash, for long."""
BURIED_AT_ONCE = 200
REFUSED_BEFORE = 200
BREATH = 0.12
"""Seconds between two of them: on SQLite who waits to write looks only every 0.1 s whether it may, and none gets in without this."""


GOOD = (Outcome.UPDATED, Outcome.UNCHANGED)
NARROWEST = (Pubstatus.CANCELED, Pubstatus.WITHHELD, Pubstatus.USABLE)
"""Of what one document says of one id, the first of these counts."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What has to be known before the visit, read in one go."""

    flow: Flow
    partner: Partner
    validators: Validators
    failures: int
    statuses: tuple[int | None, ...]
    governed: str | None
    reason: str
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
            return self._record(brief, failed, lease, retry_after=error.retry_after)
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
            return Brief(
                flow=flow,
                partner=partner,
                validators=polls.last_good(tx, flow_id),
                failures=polls.health(tx, flow_id).failures,
                statuses=tuple(one.status for one in polls.recent(tx, flow_id, REFUSALS - 1)),
                governed=governed,
                reason=governance.reason,
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
        feed = self.parser.parse(
            result.body, content_type=result.content_type, base_url=result.url, language=brief.flow.languages[0], now=now, known=seen
        )
        validators = replace(validators, asked=Asked(feed.ttl, feed.skip_hours, feed.skip_days))
        whole, note, missed = self._whole(brief, feed, result.url, frozenset(mark.guid for mark in marks), now)
        return Visit(result, validators, self._meant(brief, whole, now), note, missed)

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
        return page, result.url

    def _meets(self, brief: Brief, feed: ParsedFeed, known: frozenset[str]) -> bool:
        """Whether it goes back to what was known, or to anything that came before, taken or refused."""
        if meets(feed, known):
            return True
        with self.database.read() as tx:
            taken = items.known(tx, brief.flow.id, [entry.guid for entry in feed.entries])
            refused = {one.subject for one in events.refused(tx, brief.flow.id, REFUSED_BEFORE)}
        return meets(feed, taken.keys() | refused)

    def _meant(self, brief: Brief, feed: ParsedFeed, now: datetime) -> ParsedFeed:
        """The document by the partner's own words for kills, holds and embargoes."""
        suspects = tuple(entry.guid for entry in feed.entries if found(entry, brief.partner.markers.kill))
        if not suspects:
            return marked(feed, brief.partner.markers, {}, now)
        with self.database.read() as tx:
            held = {guid: item.current.entry for guid, item in items.known(tx, brief.flow.id, suspects).items()}
        return marked(feed, brief.partner.markers, held, now)

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
        notes = "; ".join(note for note in (poll.note, visit.note, feed.note) if note) or None
        *earlier, last = parts(feed)
        # An entry that was taken before, to the byte, is what every repeated entry is: nothing to do.
        counts = Counts(unchanged=len({mark.guid for mark in feed.same}))
        refused: frozenset[str] = frozenset()
        for part in earlier:
            with self.database.write() as tx:
                polls.still_ours(tx, brief.flow.id, lease)
                partners.lock(tx, brief.partner.id)
                flow, partner = _as_now(tx, brief)
                taken, _, more = take(tx, part, flow, partner, self.settings, now)
                counts, refused = _together(counts, taken), refused | more
            sleep(BREATH)
        with self.database.write() as tx:
            partners.lock(tx, brief.partner.id)
            flow, partner = _as_now(tx, brief)
            taken, unreadable, more = take(tx, last, flow, partner, self.settings, now)
            # Of an ill-formed document the validators are not kept: when it is mended, it must come again (wire 31); nor where the flow
            # was no longer open, or nothing governed it any more: when it goes on, it must bring what was refused.
            governed = Standing(agreements.register(tx, self.settings.agency), now).governing(flow).agreement
            again = feed.note or flow.state is not FlowState.OPEN or governed is None
            validators = brief.validators if again else visit.validators
            poll = replace(poll, outcome=Outcome.UPDATED, counts=_together(counts, taken), note=notes, validators=validators)
            marks = None if again else settled(feed, refused | more)
            self._write(tx, brief, poll, lease, asked=asked, unreadable=unreadable, marks=marks, missed=visit.missed, named=named)
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
        feed = self._meant(brief, feed, now)
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
                counts = _together(counts, take(tx, part, flow, partner, self.settings, now)[0])
        return counts

    def _record(
        self,
        brief: Brief,
        poll: Poll,
        lease: Lease | None,
        *,
        asked: Asked | None = None,
        retry_after: int | None = None,
        named: callback.Discovery | None = None,
    ) -> Poll:
        with self.database.write() as tx:
            self._write(tx, brief, poll, lease, asked=asked, retry_after=retry_after, named=named)
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
        unreadable: tuple[Unreadable, ...] = (),
        marks: tuple[Mark, ...] | None = None,
        missed: bool = False,
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
        polls.record(tx, poll, lease, due, failures, unreadable, marks, missed)


def _within(agreement: Agreement) -> timedelta | None:
    minutes = [one.within_minutes for one in agreement.obligations if one.by is Direction.OUTBOUND and one.within_minutes]
    return timedelta(minutes=min(minutes)) if minutes else None


def _as_now(tx: Transaction, brief: Brief) -> tuple[Flow, Partner]:
    """The flow may have been paused or closed while we were on the way: the gate refuses what is on it then."""
    flow = partners.flow_ever(tx, brief.flow.id) or brief.flow
    return flow, partners.get(tx, flow.partner) or brief.partner


def parts(feed: ParsedFeed) -> Iterator[ParsedFeed]:
    """The same document as several, to be taken one after the other: the kills first, then the entries; at least one."""
    entries, twice = _once(feed.entries)
    entries.sort(key=lambda entry: entry.pubstatus is not Pubstatus.CANCELED)
    updated: dict[str, datetime] = {}
    for entry in feed.entries:
        if entry.updated is not None:
            updated[entry.guid] = max(entry.updated, updated.get(entry.guid, entry.updated))
    # What the document itself says is alive stays with its entries, which may lie in another part.
    dead = [one for one in feed.tombstones if one.when is None or one.ref not in updated or updated[one.ref] <= one.when]
    empty = replace(feed, entries=(), tombstones=(), unreadable=())
    for start in range(0, len(dead) - BURIED_AT_ONCE, BURIED_AT_ONCE):
        yield replace(empty, tombstones=tuple(dead[start : start + BURIED_AT_ONCE]))
    rest = tuple(dead[(len(dead) - 1) // BURIED_AT_ONCE * BURIED_AT_ONCE :])
    for start in range(0, len(entries) - AT_ONCE, AT_ONCE):
        yield replace(empty, tombstones=rest, entries=tuple(entries[start : start + AT_ONCE]))
        rest = ()
    last = entries[(len(entries) - 1) // AT_ONCE * AT_ONCE :] if entries else []
    yield replace(empty, tombstones=rest, entries=tuple(last), unreadable=(*feed.unreadable, *twice))


def settled(feed: ParsedFeed, refused: frozenset[str]) -> tuple[Mark, ...]:
    """The marks of the entries that need not be read again while they stay as they are. What was refused is judged at every visit: a quota
    that was full may have room tomorrow; and what is withheld, or was taken back, is looked at until it is not.
    """
    plain = {entry.guid: entry.content.embargo_until for entry in feed.entries if entry.pubstatus is not Pubstatus.WITHHELD}
    kept = [mark for mark in feed.marks if mark.guid in plain and mark.guid not in refused]
    hours = ((mark, min((one for one in (mark.until, plain[mark.guid]) if one), default=None)) for mark in kept)
    return (*feed.same, *(replace(mark, until=until) for mark, until in hours))


def _together(one: Counts, other: Counts) -> Counts:
    return Counts(*(sum(pair) for pair in zip(astuple(one), astuple(other), strict=True)))


def take(
    tx: Transaction, feed: ParsedFeed, flow: Flow, partner: Partner, settings: Settings, now: datetime
) -> tuple[Counts, tuple[Unreadable, ...], frozenset[str]]:
    """Triage every entry of a document and keep what may be kept, in the caller's transaction. The kills come first (S10).

    What it gives: the counts, what could not be taken, and the ids of what was refused.

    The agreements are those of this transaction: what was suspended while we were on the way lets nothing in (Z14).
    """
    counted: Counter[Triage] = Counter()
    refused: set[str] = set()
    killed = items.killed(tx, partner.id, tuple(tombstone.ref for tombstone in feed.tombstones))
    for tombstone in feed.tombstones:
        if tombstone.ref in killed:
            continue
        counted[Triage.KILL] += _bury(tx, tombstone, feed, partner, settings, now)
    entries, twice = _once(feed.entries)
    standing, all_partners = Standing(agreements.register(tx, settings.agency), now), partners.all(tx)
    guids = tuple(entry.guid for entry in entries)
    held, erased = items.known(tx, flow.id, guids), items.erased(tx, partner.id, guids)
    # What is killed is killed before anything is let in that replaces it.
    for entry in sorted(entries, key=lambda entry: entry.pubstatus is not Pubstatus.CANCELED):
        known = Known(
            held=held.get(entry.guid),
            followed=items.by_guid(tx, flow.id, entry.replaces) if entry.replaces else None,
            buried=items.buried(tx, partner.id, entry.guid),
            follows_killed=entry.replaces is not None and items.buried(tx, partner.id, entry.replaces),
            erased=entry.guid in erased,
            ours=given_here(settings.domain, entry.guid),
            origins=origins(entry, partner, all_partners),
        )
        judged = judge(mapped(entry, partner, flow), known, flow, standing)
        counted[judged.triage] += 1
        if judged.triage is Triage.REFUSED:
            refused.add(entry.guid)
        _carry_out(tx, judged, known, flow, partner, settings, now)
    unreadable = (*feed.unreadable, *twice)
    counts = Counts(
        new=counted[Triage.NEW],
        updates=counted[Triage.UPDATE],
        corrections=counted[Triage.CORRECTION],
        kills=counted[Triage.KILL],
        unchanged=counted[Triage.NOTHING],
        refused=counted[Triage.REFUSED],
        unreadable=len(unreadable),
    )
    return counts, unreadable, frozenset(refused)


def _once(entries: tuple[Entry, ...]) -> tuple[list[Entry], list[Unreadable]]:
    """Each id once: of several, one that kills or withholds, then the newest, then the first; what another says is set aside for the
    editor (S04).
    """
    ranked = sorted(entries, key=lambda entry: (NARROWEST.index(entry.pubstatus), -(entry.updated.timestamp() if entry.updated else 0)))
    first: dict[str, Entry] = {}
    twice: list[Unreadable] = []
    for entry in ranked:
        kept = first.setdefault(entry.guid, entry)
        if kept is not entry and kept.content != entry.content:
            reason = f"a second entry with the id {entry.guid!r} in one document: the newest was taken, or what withholds or kills it"
            twice.append(Unreadable(entry.content.headline, reason, entry.raw))
    return [first[guid] for guid in dict.fromkeys(entry.guid for entry in entries)], twice


def _bury(tx: Transaction, tombstone: Tombstone, feed: ParsedFeed, partner: Partner, settings: Settings, now: datetime) -> int:
    """Carry out a deleted-entry, unless a version later than it is in the document or held: that one is alive (RFC 6721, 3)."""
    if items.buried(tx, partner.id, tombstone.ref):
        return 0
    held = (item.current.entry for item in items.of_partner_with_guid(tx, partner.id, tombstone.ref))
    for entry in (*feed.entries, *held):
        if entry.guid == tombstone.ref and tombstone.when and entry.updated and entry.updated > tombstone.when:
            return 0
    _kill(tx, tombstone.ref, tombstone.comment, tombstone.when, partner, settings, now)
    return 1


def _kill(
    tx: Transaction, guid: str, comment: str | None, when: datetime | None, partner: Partner, settings: Settings, now: datetime
) -> None:
    """The id is dead, whether or not we ever saw it; every item the partner sent under it is withdrawn, on any of its flows."""
    items.bury(tx, partner.id, guid, when or now, comment, now)
    for item in items.of_partner_with_guid(tx, partner.id, guid):
        withdraw(tx, item, settings, now, comment)


def _carry_out(tx: Transaction, judged: Judgement, known: Known, flow: Flow, partner: Partner, settings: Settings, now: datetime) -> None:
    entry, held = judged.entry, known.held
    if judged.triage is Triage.NOTHING:
        return
    if judged.triage is Triage.KILL:
        _kill(tx, entry.guid, None, entry.updated, partner, settings, now)
        return
    identity = held.id if held else (new_id("i") if judged.triage is not Triage.REFUSED else entry.guid)
    number = held.current.number + 1 if held else 1
    if judged.asked is None:
        return
    clearance = judged.asked.answer
    told = held is not None and any(one.fingerprint == judged.fingerprint for one in events.decisions(tx, identity) if not one.allowed)
    kept = decision(judged.asked, subject=identity, version=number, headline=entry.content.headline, mark=judged.fingerprint)
    events.record_decisions(tx, (kept,))
    if judged.triage is Triage.REFUSED or clearance.stamp is None:
        if held is not None:
            refuse(tx, held, entry, None if told else judged.reason, settings, now)
        return
    content = entry.content.without(clearance.left_out)
    version = ItemVersion(identity, number, replace(entry, content=content), clearance.stamp, judged.fingerprint, now)
    if held is not None:
        item = reopen(tx, held, version, settings, now, judged.flags)
    else:
        item = _received(tx, version, flow, judged, known.followed, now)
    ledger.enter(tx, (Line(Movement.OFFERED, identity, version.stamp, content.type, content.language, now),))
    if judged.at_once:
        accept_at_once(tx, item, settings, now)


def _received(tx: Transaction, version: ItemVersion, flow: Flow, judged: Judgement, followed: Item | None, now: datetime) -> Item:
    item = Item(
        id=version.item,
        flow=flow.id,
        partner=flow.partner,
        guid=version.entry.guid,
        state=ReviewState.PENDING,
        revision=1,
        current=version,
        first_seen_at=now,
        changed_at=now,
        flags=judged.flags,
        evolved_from=followed.id if followed else None,
    )
    items.receive(tx, item)
    return item
