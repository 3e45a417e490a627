"""What was refused, read again after a fix: the same bytes on the same path as a poll, and nothing older than what we hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syndication.errors import FeedError, NotFoundError, RefusedError
from syndication.feeds.worker import Parser
from syndication.ingest.document import as_known, held_back, meant
from syndication.ingest.taking import parts, refusals, take, together
from syndication.model.entry import ParsedFeed
from syndication.model.event import Event
from syndication.model.partner import Direction, Flow, Partner
from syndication.model.poll import Counts, Refused
from syndication.model.story import Pubstatus
from syndication.settings import Settings
from syndication.storage import events, items, partners, polls
from syndication.storage.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one refusal. `older`: entries left out, since something newer of the same id came. `still`: why it is still refused."""

    id: int
    title: str
    counts: Counts
    older: int
    still: str | None


@dataclass(frozen=True, slots=True)
class Replay:
    """Reads again what was refused. What comes in is forgotten as a refusal in the same transaction; cut off, it is begun again."""

    database: Database
    parser: Parser
    settings: Settings

    def run(self, flow: str, numbers: Sequence[int], by: str, now: datetime) -> tuple[Replayed, ...]:
        """Those refusals of the flow, or all of them; the newest first, so that of one id the newest is taken.

        Raises NotFoundError for a flow or a refusal that is not there, RefusedError while the flow waits to be told what its new ids are.
        """
        with self.database.read() as tx:
            found = partners.flow(tx, flow)
            if found is None or found.direction is not Direction.INBOUND:
                raise NotFoundError(f"there is no inbound flow {flow}; 'syndication flow ls' lists them")
            partner = partners.get(tx, found.partner)
            there = polls.refused_numbers(tx, flow)
            waits = polls.health(tx, flow).flipped_at is not None
        if unknown := [number for number in numbers if number not in there]:
            raise NotFoundError(f"nothing that {flow} refused has the number {unknown[0]}; 'syndication flow refused {flow}' lists them")
        if waits:
            raise RefusedError(f"{flow} waits to be told what its new ids are: syndication flow ids {flow}")
        if partner is None:
            raise NotFoundError(f"flow {flow} belongs to {found.partner}, which is no partner of ours")
        done = (self._again(found, partner, number, by, now) for number in there if not numbers or number in numbers)
        return tuple(one for one in done if one is not None)

    def _again(self, flow: Flow, partner: Partner, number: int, by: str, now: datetime) -> Replayed | None:
        with self.database.read() as tx:
            kept = polls.refused_whole(tx, flow.id, number)
        if kept is None:
            # A newer one of the same id came in.
            return None
        if kept.document is None:
            return Replayed(number, kept.title, Counts(), 0, f"it cannot be read by itself: {kept.reason}")
        try:
            language, url = flow.languages[0], kept.url or flow.url or ""
            feed = self.parser.parse(kept.document, content_type=kept.content_type, base_url=url, language=language, now=now)
        except FeedError as error:
            with self.database.write() as tx:
                polls.keep_refused(tx, (replace(kept, reason=str(error)),))
            return Replayed(number, kept.title, Counts(), 0, str(error))
        feed = meant(self.database, flow.id, partner, as_known(self.database, flow.id, feed), now)
        return self._take(feed, flow, partner, kept, by, now)

    def _take(self, feed: ParsedFeed, flow: Flow, partner: Partner, kept: Refused, by: str, now: datetime) -> Replayed:
        counts, older, refused = Counts(), 0, dict[str, str]()
        feed, held = held_back(self.database, flow.id, feed, waits=False)
        *earlier, last = parts(feed)
        for part in earlier:
            with self.database.write() as tx:
                partners.lock(tx, partner.id)
                fresh = _not_older(tx, part, flow.id, kept.at)
                taken, _, more = take(tx, fresh, partners.flow_ever(tx, flow.id) or flow, partner, self.settings, now)
                counts, older, refused = together(counts, taken), older + len(part.entries) - len(fresh.entries), refused | more
        with self.database.write() as tx:
            partners.lock(tx, partner.id)
            fresh = _not_older(tx, last, flow.id, kept.at)
            taken, unreadable, more = take(tx, fresh, partners.flow_ever(tx, flow.id) or flow, partner, self.settings, now)
            counts, older, refused = together(counts, taken), older + len(last.entries) - len(fresh.entries), refused | more
            still = refusals(flow.id, feed, unreadable, refused, kept.url, kept.at, held)
            again = polls.keep_refused(tx, still)
            if held:
                polls.wait(tx, flow.id, now)
            polls.came_in(tx, flow.id, [entry.guid for entry in feed.entries if entry.guid not in refused])
            if kept.id not in again:
                polls.drop_refused(tx, flow.id, kept.id)
            told = f"{kept.title or 'a document'}: {counts.new + counts.updates + counts.corrections} came in, {counts.kills} killed"
            events.record_event(tx, Event(now, by, "replayed what was refused", flow.id, told))
        why = "; ".join(dict.fromkeys(one.reason for one in still)) or None
        return Replayed(kept.id, kept.title, counts, older, why)


def _not_older(tx: Transaction, feed: ParsedFeed, flow: str, came: datetime) -> ParsedFeed:
    """The document without the entries of which something newer is held than it had when it came; kills hold, however old."""
    held = items.known(tx, flow, [entry.guid for entry in feed.entries])
    newer = {guid for guid, item in held.items() if item.current.received_at >= came}
    return replace(
        feed, entries=tuple(one for one in feed.entries if one.guid not in newer or one.pubstatus is Pubstatus.CANCELED), same=()
    )
