"""What becomes of a document: its kills first, each id once, every entry judged and kept, in the caller's transactions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta

from syndication.agreements.decision import decision
from syndication.agreements.governing import Standing
from syndication.agreements.subject import mapped, origins
from syndication.identity import new_id
from syndication.ingest.recognition import count, recognised
from syndication.ingest.triage import Judgement, Known, judge, within_budget
from syndication.model.entry import Entry, Mark, ParsedFeed, Tombstone, Unreadable
from syndication.model.event import Decision
from syndication.model.item import Item, ItemVersion, ReviewState, Triage
from syndication.model.journal import Buried
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Flow, Partner
from syndication.model.poll import Counts, Refused, RefusedKind
from syndication.model.story import Pubstatus
from syndication.review.desk import accept_at_once, bury, refuse, reopen
from syndication.settings import Settings
from syndication.storage import agreements, events, items, ledger, likeness, partners
from syndication.storage.database import Transaction

AT_ONCE = 50
"""Entries taken in one transaction: no partner's document may hold up the others, or our own flash, for long."""
BURIED_AT_ONCE = 200
HASTE = timedelta(hours=1)
"""Within which so many items of a partner may be urgent."""
WAITS = "its feed changed its ids: it waits until someone says whether it is known under another (syndication flow ids)"
NARROWEST = (Pubstatus.CANCELED, Pubstatus.WITHHELD, Pubstatus.USABLE)
"""Of what one document says of one id, the first of these counts."""


def refusals(
    flow: str,
    feed: ParsedFeed,
    unreadable: Sequence[Unreadable],
    refused: Mapping[str, str],
    url: str | None,
    at: datetime,
    held: Sequence[Entry] = (),
) -> tuple[Refused, ...]:
    """What of a document that came from `url` is to be kept because it was not taken: entries that could not be read, what the agreement
    `refused`, by its id, with why, and what is `held` until a person decides.
    """

    def kept(kind: RefusedKind, title: str, reason: str, raw: bytes, guid: str | None = None) -> Refused:
        made = Refused(flow, at, kind, title, reason, raw, guid, url=url)
        frame = feed.frame if raw else None
        return replace(made, head=frame.head, tail=frame.tail, content_type=frame.content_type) if frame else made

    entries = {entry.guid: entry for entry in feed.entries if entry.guid in refused}
    return (
        *(kept(RefusedKind.ENTRY, one.title, one.reason, one.raw) for one in unreadable),
        *(kept(RefusedKind.AGREEMENT, one.content.headline, refused[guid], one.raw, guid) for guid, one in entries.items()),
        *(kept(RefusedKind.HELD, one.content.headline, WAITS, one.raw, one.guid) for one in held),
    )


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


def together(one: Counts, other: Counts) -> Counts:
    """What two parts of a document brought."""
    return Counts(*(sum(pair) for pair in zip(astuple(one), astuple(other), strict=True)))


@dataclass(slots=True)
class _Fresh:
    """What came in for the first time, and what was decided: kept with others of its document, in a few statements for all of them."""

    items: list[Item] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def keep(self, tx: Transaction) -> None:
        """Before anything is read that these may change; and at the end."""
        if self.decisions:
            events.record_decisions(tx, self.decisions)
        if self.items:
            items.receive(tx, *self.items)
            ledger.enter(tx, self.lines)
        self.items, self.decisions, self.lines = [], [], []


def take(
    tx: Transaction, feed: ParsedFeed, flow: Flow, partner: Partner, settings: Settings, now: datetime
) -> tuple[Counts, tuple[Unreadable, ...], dict[str, str]]:
    """Triage every entry of a document and keep what may be kept, in the caller's transaction. The kills come first (S10).

    What it gives: the counts, what could not be taken, and the ids of what was refused, with why.

    The agreements are those of this transaction: what was suspended while we were on the way lets nothing in (Z14).
    """
    counted: Counter[Triage] = Counter()
    refused: dict[str, str] = {}
    killed = items.killed(tx, partner.id, tuple(tombstone.ref for tombstone in feed.tombstones))
    for tombstone in feed.tombstones:
        if tombstone.ref in killed:
            continue
        counted[Triage.KILL] += _bury(tx, tombstone, feed, partner, settings, now)
    entries, twice = _once(feed.entries)
    standing, all_partners = Standing(agreements.register(tx, settings.agency), now), partners.all(tx)
    guids = tuple(entry.guid for entry in entries)
    held, erased = items.known(tx, flow.id, guids), items.erased(tx, partner.id, guids)
    graves, fresh = items.killed(tx, partner.id, guids), _Fresh()
    repeated = recognised(tx, entries, partner, settings)
    signatures: dict[str, tuple[int, ...]] = {}
    left: int | None = None
    # What is killed is killed before anything is let in that replaces it.
    for entry in sorted(entries, key=lambda entry: entry.pubstatus is not Pubstatus.CANCELED):
        if entry.replaces:
            fresh.keep(tx)
        known = Known(
            held=held.get(entry.guid),
            followed=items.by_guid(tx, flow.id, entry.replaces) if entry.replaces else None,
            buried=entry.guid in graves,
            follows_killed=entry.replaces is not None and items.buried(tx, partner.id, entry.replaces),
            erased=entry.guid in erased,
            repeated=repeated[entry.guid],
            origins=origins(entry, partner, all_partners),
        )
        judged = judge(mapped(entry, partner, flow), known, flow, standing)
        if judged.wants_haste:
            left = settings.urgent_per_hour - items.urgent_since(tx, partner.id, now - HASTE) if left is None else left
            judged = within_budget(judged, known.held, left)
            left -= judged.urgent and known.held is None
        counted[judged.triage] += 1
        if judged.triage is Triage.REFUSED:
            refused[entry.guid] = judged.reason
        received = _carry_out(tx, judged, known, flow, partner, settings, now, fresh)
        if received is not None:
            signatures[received] = entry.signature
            # What was held may have said the same as others, and say it no more.
            if known.held is not None or known.repeated.ids:
                fresh.keep(tx)
                likeness.relate(tx, received, known.repeated.ids)
        for story in known.repeated.stories:
            count(tx, story, flow, now)
    fresh.keep(tx)
    likeness.sign(tx, partner.id, signatures, now)
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
    return counts, unreadable, refused


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
    """Carry out a deleted-entry, unless a version later than it is in the document or held: that one is alive (RFC 6721, 3).

    Not by the word of a hub alone, which may have seen the kill before us (P04).
    """
    if items.buried(tx, partner.id, tombstone.ref):
        return 0
    there = {mark.guid for mark in feed.same}
    all_held = (item.current.entry for item in items.of_partner_with_guid(tx, partner.id, tombstone.ref))
    held = [entry for entry in all_held if not entry.pushed or entry.guid in there]
    for entry in (*feed.entries, *held):
        if entry.guid == tombstone.ref and tombstone.when and entry.updated and entry.updated > tombstone.when:
            return 0
    bury(tx, Buried(partner.id, tombstone.ref, tombstone.when or now, tombstone.comment, now), settings, now)
    return 1


def _carry_out(
    tx: Transaction, judged: Judgement, known: Known, flow: Flow, partner: Partner, settings: Settings, now: datetime, fresh: _Fresh
) -> str | None:
    """The id of the item of which a version came in, if one did. What is new and not accepted at once is put among the `fresh`."""
    entry, held = judged.entry, known.held
    if judged.triage is Triage.NOTHING:
        return None
    if judged.triage is Triage.KILL:
        fresh.keep(tx)
        bury(tx, Buried(partner.id, entry.guid, entry.updated or now, None, now), settings, now)
        return None
    identity = held.id if held else (new_id("i") if judged.triage is not Triage.REFUSED else entry.guid)
    number = held.current.number + 1 if held else 1
    if judged.asked is None:
        return None
    clearance = judged.asked.answer
    told = held is not None and any(one.fingerprint == judged.fingerprint for one in events.decisions(tx, identity) if not one.allowed)
    kept = decision(judged.asked, subject=identity, version=number, headline=entry.content.headline, mark=judged.fingerprint)
    fresh.decisions.append(kept)
    if judged.triage is Triage.REFUSED or clearance.stamp is None:
        if held is not None:
            fresh.keep(tx)
            refuse(tx, held, entry, None if told else judged.reason, settings, now)
        return None
    content = entry.content.without(clearance.left_out)
    version = ItemVersion(identity, number, replace(entry, content=content), clearance.stamp, judged.fingerprint, now)
    line = Line(Movement.OFFERED, identity, version.stamp, content.type, content.language, now)
    if held is not None:
        fresh.keep(tx)
        item = reopen(tx, held, version, settings, now, judged.flags)
        ledger.enter(tx, (line,))
    else:
        item = _new(version, flow, judged, known.followed, now)
        fresh.items.append(item)
        fresh.lines.append(line)
    if judged.at_once:
        fresh.keep(tx)
        accept_at_once(tx, item, settings, now)
    return identity if item.current is version else None


def _new(version: ItemVersion, flow: Flow, judged: Judgement, followed: Item | None, now: datetime) -> Item:
    return Item(
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
        urgent=judged.urgent,
    )
