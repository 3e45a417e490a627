"""One outbound Flow as a document and its validators; the gate is asked again here, for every story, at every reading."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from threading import Lock

from syndication import __version__
from syndication.agreements.calendar import first_day, utc, zone_named
from syndication.agreements.clearance import WHERE, clear, use_ends
from syndication.agreements.governing import Standing
from syndication.agreements.rights import credits, narrowed
from syndication.agreements.subject import of_story
from syndication.errors import NotFoundError, RefusedError
from syndication.identity import authority
from syndication.model.agreement import Agreement, ContentType, EmbargoHandling, OnwardUse, Register, Stamp
from syndication.model.clearance import Clause, Governance
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.publication import FeedDocument, FeedEntry, Placed, PublicationKind, Watermark, Withdrawn
from syndication.model.rights import Credit, Rights
from syndication.model.story import Pubstatus
from syndication.settings import Settings
from syndication.storage import agreements, publications
from syndication.storage.database import Transaction

CANDIDATES_PER_ENTRY = 4
"""For each entry a feed may show, so many stories are looked at whose hour has come: some are no longer cleared. And all of those that no
archive document holds yet (`publish/archive`)."""

TOLD_FOR = timedelta(days=90)
"""So long a story taken back is told after it was taken back, and after its receiver was told first (RFC 6721: as long as a reader may be
away). Whoever has the story, and was not told yet, is told however long ago it was."""

SETTLED = timedelta(minutes=1)
"""So long after a change another one may still be seen that bears the same second or an earlier one: whoever wrote it had the hour before
it waited for the database. `Last-Modified` is that much later than the newest change, but never later than the answer."""

HELD = 256
"""So many flows' outlooks are kept in memory."""

ASK = "ask your contact for the reason"
"""What a partner reads in place of what an editor or a lawyer of ours wrote."""

ONWARD = {
    OnwardUse.OWN_USE: "for your own use only",
    OnwardUse.OWN_SUBSCRIBERS: "for you and your own subscribers",
    OnwardUse.NAMED_PARTNERS: "for you, your own subscribers and these partners: ",
    OnwardUse.ANYONE: "may be passed on to anyone",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a partner may read of a flow at one moment.

    `sequences`: the publications whose stories it shows; `notices`: those whose withdrawal it tells; for the record of what was fetched.
    `whole`: nothing that was placed has fallen out of sight, so that the newest change in the document is the newest change of it.
    `complete`: it is whole, and of no story a part is left out. `until`: all else being the same, it holds before that moment.
    `brought`: when the last rendition in it was brought home, which is no new publication, and another address.
    `archives`: so many archive documents hold what is older; they end with `archived`.
    `agreed`: when the agreements with its partner last came to say something else: that changes what is seen, and no date in it.
    """

    document: FeedDocument
    sequences: tuple[int, ...]
    notices: tuple[int, ...]
    state: str
    whole: bool
    complete: bool
    until: datetime
    brought: datetime | None = None
    archives: int = 0
    archived: Watermark | None = None
    agreed: datetime | None = None

    @property
    def settled(self) -> datetime:
        """From when on its date can be told, see SETTLED."""
        return max(self.document.updated, self.agreed or self.document.updated).replace(microsecond=0) + SETTLED


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of the publications on a flow can be seen, each with how it is shown; `whole` as in Outlook."""

    entries: tuple[tuple[Placed, FeedEntry], ...]
    withdrawn: tuple[tuple[Placed, Withdrawn], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """An Outlook, `made_from` all that the gate was asked about, which holds from `since` on, until its own end."""

    made_from: tuple[object, ...]
    since: datetime
    seen: Outlook


class Outlooks:
    """The last Outlook of some flows of one database, so that a request that changes nothing asks only whether anything has changed.

    It decides nothing: at every reading the register's revision, the flow, and the publications on it are read again, and where one of
    them is another, or the hour has come at which a clause would say something else, the gate is asked anew.
    """

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}
        self._lock = Lock()

    def held(self, flow: Flow, made_from: tuple[object, ...], at: datetime) -> Outlook | None:
        """The Outlook, if it was made from the same and still holds."""
        look = self._looks.get(flow.id)
        return look.seen if look and look.since <= at < look.seen.until and look.made_from == made_from else None

    def hold(self, flow: Flow, look: _Look) -> None:
        """Keep it; where there are too many, the one that was made first goes."""
        with self._lock:
            self._looks.pop(flow.id, None)
            self._looks[flow.id] = look
            if len(self._looks) > HELD:
                self._looks.pop(next(iter(self._looks)))


def terms_text(stamp: Stamp, rights: Rights, owed: tuple[Credit, ...]) -> str:
    """The terms that a Publication moves under, as one sentence for the wire."""
    said = [ONWARD[rights.onward] + ", ".join(rights.onward_partners), f"alteration: {rights.alteration}"]
    if rights.use_until is not None:
        said.append(f"use before {rights.use_until:%Y-%m-%d %H:%M} UTC")
    if rights.territory is not None:
        said.append("territory: " + (", ".join(rights.territory) or "nowhere"))
    if rights.not_territory:
        said.append("not in: " + ", ".join(rights.not_territory))
    said += [f"credit line {WHERE[credit.place]}: {credit.line}" for credit in owed]
    if not rights.archive:
        said.append("its use ends with the agreement")
    if rights.delete_at_end:
        said.append("to be deleted when its use has ended")
    if not rights.machine_translation:
        said.append("no translation by machine")
    if not rights.model_training:
        said.append("no training of models")
    grace = " (in the days of grace after its end)" if stamp.grace else ""
    return f"Under {stamp.agreement} v{stamp.version}, {stamp.clause}{grace}: " + "; ".join(said) + "."


def visible(placed: tuple[Placed, ...], flow: Flow, standing: Standing, agency: str) -> Sight:
    """Which of these the flow's partner may see at that moment, and what it must be told is gone. Pure; the order is kept.

    `agency`: our name, for the credit line.
    """
    entries: list[tuple[Placed, FeedEntry]] = []
    withdrawn: list[tuple[Placed, Withdrawn]] = []
    whole = True
    for one in placed:
        publication, had = one.publication, one.shown_before or one.fetched_at is not None
        if publication.kind is PublicationKind.WITHDRAWAL:
            if had:
                withdrawn.append((one, _withdrawn(one)))
            continue
        clearance = clear(of_story(one.version, one.current_pubstatus), flow, standing)
        if clearance.allowed:
            entries.append((one, _entry(one, clearance.left_out, agency)))
        elif clearance.waits_only_for_embargo and had:
            # Its hour was moved after it was seen: a date cannot tell that either, for the hour may come back.
            withdrawn.append((one, _under_embargo_again(one)))
            whole = False
        elif not clearance.waits_only_for_embargo or one.visible_from <= standing.at:
            # What stands where it could be seen, and waits after all by amended terms, comes without a mark of its own.
            whole = False
    return Sight(tuple(entries), tuple(withdrawn), whole)


def _entry(one: Placed, left_out: tuple[ContentType, ...], agency: str) -> FeedEntry:
    version, stamp = one.version, one.publication.stamp
    embargo = version.content.embargo_until
    # Delivered marked, it is there from the start. Withheld, it is new to the partner at the hour it lifts, not at the hour it was
    # placed (Z03, Z04).
    marked = all(known.terms.embargo is EmbargoHandling.MARKED for known in (stamp, *version.sources))
    first = one.first_placed_at if embargo is None or marked else max(one.first_placed_at, embargo)
    changed = max(version.made_at, first)
    rights = narrowed(stamp, version.sources, first)
    owed = credits(version.content, stamp, version.sources, agency)
    content = version.content.without(left_out)
    if version.sources:
        # No address of one partner is told to another: until it is at home, it goes without.
        content = replace(content, renditions=tuple(one for one in content.renditions if one.hash))
    shown = replace(version, content=content)
    named = one.receiver.called(version.content.topics)
    return FeedEntry(one.entry_id, shown, stamp, rights, owed, first, changed, terms_text(stamp, rights, owed), one.mark, named)


def _taken_back(one: Placed, note: str | None, status: Pubstatus) -> Withdrawn:
    placed = one.publication
    return Withdrawn(one.entry_id, placed.placed_at, note, status, one.mark, placed.version, one.version.content.type)


def _withdrawn(one: Placed) -> Withdrawn:
    """Only a kill is for good: what is withheld, or no longer covered, may come again."""
    status = Pubstatus.CANCELED if one.current_pubstatus is Pubstatus.CANCELED else Pubstatus.WITHHELD
    return _taken_back(one, one.publication.note, status)


def _under_embargo_again(one: Placed) -> Withdrawn:
    """No hour is told: that is the embargo's too (Z03)."""
    note = "Under embargo again: do not use until it comes again."
    return _taken_back(one, note, Pubstatus.WITHHELD)


def taken_back(one: Placed, flow: Flow, standing: Standing) -> Withdrawn | None:
    """How whoever has it is told that it may not be used, for good or now; None where it may. Asked also while nothing governs the flow."""
    if one.publication.kind is PublicationKind.WITHDRAWAL:
        return _withdrawn(one)
    refusals = clear(of_story(one.version, one.current_pubstatus), flow, standing).refusals
    return _under_embargo_again(one) if Clause.EMBARGO in {no.clause for no in refusals} else None


def outlook(tx: Transaction, flow: Flow, settings: Settings, address: str, at: datetime, kept: Outlooks | None = None) -> Outlook:
    """The flow as its partner may read it now; `address`: where, without any secret. `kept`: those of this database, if any are.

    Raises NotFoundError for a flow that is closed or not outbound, RefusedError while no agreement governs it or it is paused.
    """
    least = settings.feed_entries * CANDIDATES_PER_ENTRY
    ground = publications.ground(tx, flow.id, least, at=at, told_since=at - TOLD_FOR)
    made_from = (flow, settings, ground)
    seen = kept.held(flow, made_from, at) if kept else None
    if seen is None:
        standing = standing_for(tx, flow, settings, at)
        placed = publications.latest(tx, flow.id, max(least, ground.unarchived), at=at, told_since=at - TOLD_FOR)
        seen = replace(outlook_of(flow, standing, settings, address, placed, ground.newest), agreed=_agreed(tx, flow, standing))
        if kept:
            kept.hold(flow, _Look(made_from, at, seen))
    return replace(seen, document=replace(seen.document, url=address))


def _agreed(tx: Transaction, flow: Flow, standing: Standing) -> datetime:
    """When what is in force with the flow's partner began, or was recorded: an amendment may be signed later on the day of its start."""
    governing = standing.governing(flow).agreement
    known = (*standing.between(flow.partner), *((governing,) if governing else ()))
    return max(agreements.last_recorded(tx, {(one.reference, one.version) for one in known}), *(_start(one) for one in known))


def standing_for(tx: Transaction, flow: Flow, settings: Settings, at: datetime) -> Standing:
    """What stands at that moment, if the flow is open to its partner's reading. Raises as `outlook` does."""
    standing = Standing(agreements.register(tx, settings.agency), at)
    open_to_reading(flow, standing)
    return standing


def outlook_of(
    flow: Flow,
    standing: Standing,
    settings: Settings,
    address: str,
    placed: tuple[Placed, ...],
    newest: tuple[int, Watermark] | None = None,
) -> Outlook:
    """Of these, newest first, what the flow's partner may see at that moment, as a document. Pure.

    `newest`: the number of the flow's last archive document, and its end: as many as a feed shows are shown, and all that come after it.
    None: all of them are.
    """
    governance = open_to_reading(flow, standing)
    sight = visible(placed, flow, standing, settings.agency_name)
    number, end = newest or (0, None)
    shown = [one for one in sight.entries if end is None or one[0].mark > end]
    entries = sight.entries[: max(len(shown), settings.feed_entries)]
    agreement = governance.agreement
    if agreement is None:  # open_to_reading has refused already; this tells the type checker
        raise RefusedError(governance.reason)
    # A new version of the agreement is a change of the feed: other terms, and perhaps other stories.
    moments = [_start(agreement), *(entry.updated for _, entry in entries), *(gone.when for _, gone in sight.withdrawn)]
    # A rendition that was brought home stands at another address from then on.
    brought = [one.brought_at for one, _ in entries if one.brought_at is not None]
    moments += brought
    document = _document(
        flow,
        settings,
        address,
        updated=max(moments),
        entries=tuple(entry for _, entry in entries),
        withdrawn=tuple(gone for _, gone in sight.withdrawn),
        rights=_rights(agreement),
    )
    return Outlook(
        document,
        sequences=tuple(one.publication.sequence for one, _ in entries),
        notices=_told(sight.withdrawn),
        state=f"{agreement.reference} v{agreement.version} {governance.state}",
        whole=sight.whole,
        complete=sight.whole and not any(_part_of(one, entry) for one, entry in entries),
        until=_holds_until(placed, standing),
        brought=max(brought, default=None),
        archives=number,
        archived=end,
    )


def _part_of(one: Placed, entry: FeedEntry) -> bool:
    """Whether something of the story stays behind."""
    return len(entry.version.content.renditions) < len(one.version.content.renditions)


def _holds_until(placed: tuple[Placed, ...], standing: Standing) -> datetime:
    """The next moment at which a clause may say something else, all else being the same: a day, an embargo or a use window ends."""
    embargoes = (one.version.content.embargo_until for one in placed)
    uses = (use_ends(stamp) for one in placed for stamp in one.version.sources)
    moments = (standing.holds_until(), *embargoes, *uses)
    return min((utc(one) for one in moments if one is not None and utc(one) > standing.at), default=standing.at)


def _told(withdrawn: Iterable[tuple[Placed, Withdrawn]]) -> tuple[int, ...]:
    """The withdrawals among them. A story that is under embargo again is told as one, and is none: that it was fetched is another fact."""
    return tuple(one.publication.sequence for one, _ in withdrawn if one.publication.kind is PublicationKind.WITHDRAWAL)


def notices(tx: Transaction, flow: Flow, settings: Settings, address: str, at: datetime) -> Outlook:
    """Only what was taken back from this partner after it had fetched it: open to it also when no agreement is in force."""
    if flow.direction is not Direction.OUTBOUND:
        raise NotFoundError(f"there is no feed {flow.id}")
    limit = settings.feed_entries * CANDIDATES_PER_ENTRY
    placed = publications.latest(tx, flow.id, limit, at=at, told_since=at - TOLD_FOR)
    standing = Standing(agreements.register(tx, settings.agency), at)
    gone: list[tuple[Placed, Withdrawn]] = []
    for one in placed:
        if one.fetched_at is not None and (told := taken_back(one, flow, standing)):
            gone.append((one, told))
    document = _document(
        flow,
        settings,
        address,
        updated=max((withdrawn.when for _, withdrawn in gone), default=datetime(2000, 1, 1, tzinfo=UTC)),
        entries=(),
        withdrawn=tuple(withdrawn for _, withdrawn in gone),
        rights="Notices of stories taken back.",
    )
    until = _holds_until(placed, standing)
    return Outlook(document, sequences=(), notices=_told(gone), state="notices", whole=True, complete=True, until=until)


def alone(flow: Flow, settings: Settings, address: str, standing: Standing, sight: Sight) -> FeedDocument:
    """The flow's feed with nothing in it but what is in `sight`: what is pushed of it."""
    agreement = standing.governing(flow).agreement
    entries, withdrawn = tuple(entry for _, entry in sight.entries), tuple(gone for _, gone in sight.withdrawn)
    return _document(
        flow,
        settings,
        address,
        updated=max((*(entry.updated for entry in entries), *(gone.when for gone in withdrawn))),
        entries=entries,
        withdrawn=withdrawn,
        rights=_rights(agreement) if agreement else "Notices of stories taken back.",
    )


def _rights(agreement: Agreement) -> str:
    return f"Under {agreement.reference} v{agreement.version}: {agreement.title}"


def entity_tag(key: bytes, partner: str, form: str, seen: Outlook) -> str:
    """A strong validator over what this partner may see, in this form: no other partner's tag ever matches it (Z07).

    Without quotes. It changes with the visible set, the revisions in it and the agreement version, and with nothing else.
    """
    document = seen.document
    parts = [__version__, partner, form, seen.state, document.id, document.url, document.title, document.rights, document.home]
    parts += [document.agency, document.language, *(str(sequence) for sequence in (*seen.sequences, *seen.notices))]
    for entry in document.entries:
        renditions = ",".join(rendition.url for rendition in entry.version.content.renditions)
        parts += [entry.entry_id, str(entry.version.number), entry.updated.isoformat(), entry.terms, renditions, *entry.categories]
    parts += ["links", *(getattr(document.links, one.name) or "" for one in fields(document.links))]
    for gone in document.withdrawn:
        parts += ["gone", gone.entry_id, gone.when.isoformat(), gone.note or "", gone.pubstatus]
    return hmac.new(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def _start(agreement: Agreement) -> datetime:
    """The first moment of this version, in its own zone."""
    return datetime.combine(first_day(agreement), time.min, tzinfo=zone_named(agreement.term.zone) or UTC).astimezone(UTC)


def open_to_reading(flow: Flow, standing: Standing) -> Governance:
    """By which agreement. Raises as `outlook`."""
    if flow.direction is not Direction.OUTBOUND or flow.state is FlowState.CLOSED:
        raise NotFoundError(f"there is no feed {flow.id}")
    if flow.state is FlowState.PAUSED:
        raise RefusedError(f"the feed {flow.id} is paused by its operators; ask again later")
    governance = standing.governing(flow)
    if governance.agreement is None:
        said = Standing(_without_inner_words(standing.register), standing.at).governing(flow).reason
        raise RefusedError(f"the feed {flow.id} is closed: {said}")
    return governance


def _without_inner_words(register: Register) -> Register:
    """The same register, with nothing in it that was written for our own eyes: why an act was done, and why a record cannot be read."""
    dossiers = tuple(replace(one, acts=tuple(replace(act, reason=ASK) for act in one.acts)) for one in register.dossiers)
    return replace(register, dossiers=dossiers, unreadable=tuple(replace(one, why=ASK) for one in register.unreadable))


def _document(
    flow: Flow,
    settings: Settings,
    address: str,
    *,
    updated: datetime,
    entries: tuple[FeedEntry, ...],
    withdrawn: tuple[Withdrawn, ...],
    rights: str,
) -> FeedDocument:
    named = authority(settings.domain)
    return FeedDocument(
        id=f"{named}:flow:{flow.id}",
        title=flow.title,
        url=address,
        home=settings.home,
        agency=settings.agency_name,
        giver=settings.agency,
        authority=named,
        language=flow.languages[0],
        updated=updated,
        entries=tuple(_addressed(entry, flow, settings) for entry in entries),
        withdrawn=withdrawn,
        rights=rights,
    )


def _addressed(entry: FeedEntry, flow: Flow, settings: Settings) -> FeedEntry:
    """The entry, with the address on this flow of each rendition that is kept here: nobody else's token opens it (Z11)."""
    here = f"{settings.base_url.rstrip('/')}/media/{flow.id}/"
    content = entry.version.content
    renditions = tuple(replace(one, url=here + one.hash) if one.hash else one for one in content.renditions)
    return replace(entry, version=replace(entry.version, content=replace(content, renditions=renditions)))
