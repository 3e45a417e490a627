"""Between the files and the register: what would change (`plan`), the change itself (`apply`), one act (`act`), and back (`export`)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from syndication.agreements import writing
from syndication.agreements.coherence import check_activity, check_acts
from syndication.agreements.files import Files, activity
from syndication.agreements.keys import Table, meant, read
from syndication.agreements.shapes import ACTIVITY, AGREEMENT
from syndication.errors import ConfigError, Fault, InputError, NotFoundError, StorageError
from syndication.model.activity import Activity
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Register, Unreadable
from syndication.model.event import Event
from syndication.model.partner import Flow, Partner
from syndication.storage import activities, agreements, events, partners
from syndication.storage.database import Transaction

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one document that is kept with an agreement."""

DONE = {
    ActKind.SUSPEND: "suspended from",
    ActKind.RESUME: "resumed on",
    ActKind.NOTICE: "notice given on",
    ActKind.TERMINATE: "terminated on",
    ActKind.JOIN: "joined from",
    ActKind.LEAVE: "left from",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change, for a person to read. `subject`: the partner's id, the flow's, or the agreement's reference."""

    subject: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Difference:
    """What of the files is not in the register yet, and what is to be written for it."""

    changes: tuple[Change, ...]
    signed: tuple[Agreement, ...]
    acts: tuple[tuple[str, Act], ...]
    activities: tuple[Activity, ...]
    exchange: bool


def plan(tx: Transaction, files: Files) -> tuple[Change, ...]:
    """What `apply` would change. Raises ConfigError where it would refuse."""
    return _difference(tx, files).changes


def apply(tx: Transaction, files: Files, now: datetime, by: str) -> tuple[Change, ...]:
    """Make the register say what the files say; nothing where it does already. Returns what changed.

    A file that is behind what was written or done at the desk takes nothing back: it may state any version or draft as it was recorded.

    Agreements are added to, never rewritten: new ones, new versions, new acts; a draft may still be changed. Partners and flows are
    taken as they stand; a flow that the files no longer name is closed. Raises ConfigError, and changes nothing, where a file rewrites
    what was signed or done.
    """
    # Before the order of what is numbered: a visit to a partner holds them in this order too.
    for name in sorted(partner.id for partner in files.partners):
        partners.lock(tx, name)
    difference = _difference(tx, files)
    for agreement in difference.signed:
        agreements.sign(tx, agreement, now, by)
    for reference, act in difference.acts:
        agreements.record_act(tx, reference, act, now, by)
    for held in difference.activities:
        activities.note(tx, held, now, by)
    if difference.exchange:
        partners.take(tx, files.partners, files.flows, now)
    for change in difference.changes:
        _told(tx, change, "applied", now, by)
    return difference.changes


def act(tx: Transaction, agency: str, reference: str, what: Act, now: datetime, by: str) -> Change:
    """Do this to an agreement: the same rules as for an act in its file. `by`: who records it; who did it is in the act.

    Raises NotFoundError, ConfigError with every fault, and StorageError for an agreement that cannot be read.
    """
    # Two acts at once would each be judged without the other.
    tx.in_order()
    check_act(found(agreements.register(tx, agency), reference), what, frozenset(partner.id for partner in partners.all(tx)))
    agreements.record_act(tx, reference, what, now, by)
    return _told(tx, Change(reference, done(reference, what)), str(what.kind), now, by)


def check_act(dossier: Dossier, what: Act, known: frozenset[str]) -> None:
    """Whether this can be done to the agreement as it stands; `known`: the partners there are. Raises ConfigError with every fault."""
    if _is_over(dossier.acts, what):
        raise ConfigError((Fault(dossier.reference, "kind", OVER),))
    signed = [version for version in dossier.versions if version.signed_on is not None]
    stated = replace(dossier, acts=(*dossier.acts, what))
    acts = sorted(stated.acts, key=lambda act: act.on)
    given = writing.agreement(stated, version=signed[-1] if signed else dossier.versions[0])
    table = read(Table(dossier.reference, "", given, []), AGREEMENT)
    check_acts(table, known)
    place = f"acts[{max(index for index, act in enumerate(acts) if act == what)}]"
    faults = [replace(fault, key=fault.key.removeprefix(place).strip(".")) for fault in table.faults if fault.key.startswith(place)]
    if faults:
        raise ConfigError(tuple(faults))


def attach(tx: Transaction, agency: str, reference: str, name: str, body: bytes, now: datetime, by: str) -> str:
    """Keep a document with an agreement, and say so in the log; returns its SHA-256, in hex. Raises NotFoundError, InputError."""
    found(agreements.register(tx, agency), reference)
    if not 0 < len(body) <= LARGEST:
        raise InputError(f"{name} has {len(body)} bytes; a document may have 1 to {LARGEST}")
    digest = agreements.attach(tx, reference, name, body, now, by)
    _told(tx, Change(reference, f"{name}, {digest}"), "attached", now, by)
    return digest


def hold(tx: Transaction, agency: str, reference: str, given: Mapping[str, Any], now: datetime, by: str) -> Activity:
    """Keep an activity under an agreement, told as in its file. Raises NotFoundError, and ConfigError with every fault."""
    found(agreements.register(tx, agency), reference)
    table = read(Table(reference, "activities", given, []), ACTIVITY)
    check_activity(table)
    if table.faults:
        raise ConfigError(tuple(table.faults))
    held = activity(table, reference)
    activities.note(tx, held, now, by)
    _told(tx, _held(held), "held", now, by)
    return held


def export(tx: Transaction, agency: str) -> dict[str, str]:
    """The files that say what stands: `partners/trc.toml` -> its text. Taken back by `apply`, they change nothing.

    Of an agreement with several versions its file states the last. Raises StorageError where one of them cannot be read.
    """
    known = agreements.register(tx, agency)
    if known.unreadable:
        raise StorageError(f"nothing is exported: {known.unreadable[0].reference} cannot be read ({known.unreadable[0].why})")
    flows = partners.flows(tx)
    given = {
        f"partners/{one.id}.toml": writing.partner(one, [flow for flow in flows if flow.partner == one.id]) for one in partners.all(tx)
    }
    for dossier in known.dossiers:
        held = activities.of_agreement(tx, dossier.reference)
        given[f"agreements/{dossier.reference}.toml"] = writing.agreement(dossier, held)
    return {name: writing.toml(one) for name, one in given.items()}


def found(register: Register, reference: str) -> Dossier:
    """The agreement of that reference. Raises NotFoundError, and StorageError where it cannot be read."""
    dossier = register.dossier(reference)
    if dossier is not None:
        return dossier
    for lost in register.unreadable:
        if lost.reference == reference:
            raise StorageError(f"{reference} is in the database and cannot be read: {lost.why}")
    near = meant(reference, [known.reference for known in register.dossiers])
    raise NotFoundError(f"there is no agreement '{reference}'{near or ';'} 'syndication agreement ls' lists them")


def _told(tx: Transaction, change: Change, act: str, now: datetime, by: str) -> Change:
    events.record_event(tx, Event(now, by, act, change.subject, change.text))
    return change


def _held(one: Activity) -> Change:
    return Change(one.agreement, f"activity under {one.agreement}: {one.kind}, {one.title}")


def _difference(tx: Transaction, files: Files) -> _Difference:
    faults: list[Fault] = []
    changes: list[Change] = []
    signed: list[Agreement] = []
    acts: list[tuple[str, Act]] = []
    # Whose register it is makes no difference to what stands in it.
    standing = agreements.register(tx, "")
    known = {dossier.reference: dossier for dossier in standing.dossiers}
    lost = {one.reference: one for one in standing.unreadable}
    for dossier in files.agreements:
        if dossier.reference in lost:
            faults.append(_unreadable(lost[dossier.reference]))
            continue
        stated, before = dossier.versions[-1], known.get(dossier.reference)
        last = before.versions[-1] if before else None
        if last is None or stated.version == last.version + 1:
            faults += _wrong_day(stated, last)
            signed.append(stated)
            changes.append(_taken(stated, last))
        elif stated not in (recorded.what for recorded in agreements.history(tx, stated.reference)):
            faults += _rewritten(stated, last)
            signed.append(stated)
            changes.append(_redrafted(stated, last))
        faults += _undone(dossier, before)
        for act in new_acts(dossier.acts, before.acts if before else ()):
            acts.append((dossier.reference, act))
            changes.append(Change(dossier.reference, done(dossier.reference, act)))
    # Whoever entered it gave it its id.
    told = {replace(one, id="") for one in activities.all(tx)}
    fresh = tuple(one for one in files.activities if replace(one, id="") not in told)
    changes += [_held(one) for one in fresh]
    exchange = [*_partners(tx, files), *_flows(tx, files, faults)]
    if faults:
        raise ConfigError(tuple(faults))
    return _Difference((*changes, *exchange), tuple(signed), tuple(acts), fresh, bool(exchange))


def done(reference: str, act: Act) -> str:
    """The act, in words."""
    who = f"{act.party} in " if act.party else ""
    by = f" ({act.by})" if act.by else ""
    return f"{who}{reference} {DONE[act.kind]} {act.on}: {act.reason}{by}"


def _taken(stated: Agreement, last: Agreement | None) -> Change:
    name = f"{stated.reference} v{stated.version}"
    if last is None:
        kind = "agreement" if stated.signed_on else "draft agreement"
        return Change(stated.reference, f"new {kind} {name}, from {stated.since}")
    return Change(stated.reference, f"version {stated.version} of {stated.reference} from {stated.since}: {_differing(stated, last)}")


def _redrafted(stated: Agreement, last: Agreement) -> Change:
    draft = f"draft {stated.reference} v{stated.version}"
    if stated.signed_on:
        return Change(stated.reference, f"{draft} signed on {stated.signed_on}, from {stated.since}")
    return Change(stated.reference, f"{draft} changed: {_differing(stated, last)}")


def _differing(new: Any, old: Any) -> str:
    """The fields that differ, by name."""
    numbers = ("version", "since")
    names = [one.name for one in fields(new) if getattr(new, one.name) != getattr(old, one.name) and one.name not in numbers]
    return ", ".join(names) or "nothing else"


def _wrong_day(stated: Agreement, last: Agreement | None) -> list[Fault]:
    if last is None or stated.since > last.since:
        return []
    return [
        Fault(stated.reference, "since", f"version {stated.version} must be in force later than version {last.version}, of {last.since}")
    ]


def _rewritten(stated: Agreement, last: Agreement) -> list[Fault]:
    """Why this is no version that may be taken; a draft may be changed as long as nobody signed it."""
    if stated.version != last.version:
        message = f"the register holds version {last.version}; the file must state that one, or the next, {last.version + 1}"
        return [Fault(stated.reference, "version", message)]
    if last.signed_on is None:
        return []
    message = (
        f"version {last.version} was signed and is never rewritten, and the file has changed it ({_differing(stated, last)}); to amend it, "
        f"write version = {last.version + 1} and since = the day from which the amendment is in force"
    )
    return [Fault(stated.reference, "version", message)]


def _unreadable(lost: Unreadable) -> Fault:
    message = (
        f"the database holds this agreement and it cannot be read ({lost.why}), so nobody knows whether the file says what was signed; "
        "run the version of the program that wrote it, or bring the database back from a copy"
    )
    return Fault(lost.reference, "", message)


def _undone(dossier: Dossier, before: Dossier | None) -> list[Fault]:
    """What was done to an agreement stays, and the file may only add to it.

    The file may lack what was done elsewhere, at the desk or by a command; but whoever adds to it has to have seen that.
    """
    done = before.acts if before else ()
    new, unseen = new_acts(dossier.acts, done), new_acts(done, dossier.acts)
    if not new:
        return []
    place = f"acts[{dossier.acts.index(new[0])}]"
    if all(version.signed_on is None for version in (*(before.versions if before else ()), *dossier.versions)):
        return [Fault(dossier.reference, place, "nothing can be done to a draft: no version of it was signed")]
    over = [dossier.acts.index(act) for act in new if _is_over(tuple(one for one in dossier.acts if one is not act), act)]
    if not unseen:
        return [Fault(dossier.reference, f"acts[{index}].kind", OVER) for index in over]
    told = "; ".join(f"'{act.kind}' of {act.on} ({act.reason})" for act in unseen)
    message = (
        f"{told}: was recorded and stays as it was, and the file does not have it; write what is new below it "
        f"('syndication agreement export {dossier.reference}' prints the file as it stands)"
    )
    return [Fault(dossier.reference, place, message)]


OVER = "nothing can be done after the agreement was terminated"


def _is_over(acts: tuple[Act, ...], what: Act) -> bool:
    """The agreement was terminated by the day of that act. What was planned for later before that stays recorded, and changes nothing."""
    return any(act.kind is ActKind.TERMINATE and act.on <= what.on for act in acts)


def new_acts(acts: tuple[Act, ...], known: tuple[Act, ...]) -> list[Act]:
    """Those of the acts that are not among the known; done twice, it has to be known twice."""
    left = Counter(known)
    new: list[Act] = []
    for act in acts:
        if left[act] > 0:
            left[act] -= 1
        else:
            new.append(act)
    return new


def _partners(tx: Transaction, files: Files) -> list[Change]:
    known = {partner.id: partner for partner in partners.all(tx)}
    return [_changed("partner", partner, known.get(partner.id)) for partner in files.partners if known.get(partner.id) != partner]


def _flows(tx: Transaction, files: Files, faults: list[Fault]) -> list[Change]:
    known = {flow.id: flow for flow in partners.flows(tx)}
    changes: list[Change] = []
    for flow in files.flows:
        before = known.pop(flow.id, None)
        # Closed ones too: what came and went on them keeps their names.
        ever = before or partners.flow_ever(tx, flow.id)
        if ever is not None and (ever.partner, ever.direction) != (flow.partner, flow.direction):
            message = (
                f"'{flow.id}' was a flow {ever.direction} with {ever.partner}, and what came or went there stays so; choose another id"
            )
            faults.append(Fault(flow.partner, "flows", message))
        elif before != flow:
            changes.append(_changed("flow", flow, before))
    return changes + [Change(name, f"flow {name} closed (no longer in the files)") for name in known]


def _changed(noun: str, new: Partner | Flow, old: Partner | Flow | None) -> Change:
    return Change(new.id, f"new {noun} {new.id}" if old is None else f"{noun} {new.id} changed: {_differing(new, old)}")
