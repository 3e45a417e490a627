"""From the files to the register: what would change (`plan`), and the change itself (`apply`), in the caller's one transaction."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from syndication.agreements.files import Files
from syndication.errors import ConfigError, Fault
from syndication.model.activity import Activity
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Unreadable
from syndication.model.event import Event
from syndication.model.partner import Flow, Partner
from syndication.storage import activities, agreements, events, partners
from syndication.storage.database import Transaction

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

    Agreements are added to, never rewritten: new ones, new versions, new acts; a draft may still be changed. Partners and flows are
    taken as they stand; a flow that the files no longer name is closed. Raises ConfigError, and changes nothing, where a file rewrites
    what was signed or done.
    """
    found = _difference(tx, files)
    for agreement in found.signed:
        agreements.sign(tx, agreement, now, by)
    for reference, act in found.acts:
        agreements.record_act(tx, reference, act, now, by)
    for activity in found.activities:
        activities.note(tx, activity, now, by)
    if found.exchange:
        partners.take(tx, files.partners, files.flows, now)
    for change in found.changes:
        events.record_event(tx, Event(now, by, "applied", change.subject, change.text))
    return found.changes


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
        elif stated != last:
            faults += _rewritten(stated, last)
            signed.append(stated)
            changes.append(_redrafted(stated, last))
        faults += _undone(dossier, before)
        for act in dossier.acts[len(before.acts) if before else 0 :]:
            acts.append((dossier.reference, act))
            changes.append(Change(dossier.reference, done(dossier.reference, act)))
    told = {activity.id: activity for activity in activities.all(tx)}
    fresh = tuple(activity for activity in files.activities if told.get(activity.id) != activity)
    changes += [Change(one.agreement, f"activity under {one.agreement}: {one.kind}, {one.title}") for one in fresh]
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
    """What was done to an agreement stays; the file may only add."""
    done = before.acts if before else ()
    for index, act in enumerate(done):
        if index >= len(dossier.acts) or dossier.acts[index] != act:
            message = f"'{act.kind}' of {act.on} ({act.reason}) was recorded and stays as it was; write what is new below it"
            return [Fault(dossier.reference, f"acts[{index}]", message)]
    return []


def _partners(tx: Transaction, files: Files) -> list[Change]:
    known = {partner.id: partner for partner in partners.all(tx)}
    return [_changed("partner", partner, known.get(partner.id)) for partner in files.partners if known.get(partner.id) != partner]


def _flows(tx: Transaction, files: Files, faults: list[Fault]) -> list[Change]:
    known = {flow.id: flow for flow in partners.flows(tx)}
    changes: list[Change] = []
    for flow in files.flows:
        before = known.pop(flow.id, None)
        if before is not None and (before.partner, before.direction) != (flow.partner, flow.direction):
            message = (
                f"'{flow.id}' was a flow {before.direction} with {before.partner}, and what came or went there stays so; choose another id"
            )
            faults.append(Fault(flow.partner, "flows", message))
        elif before != flow:
            changes.append(_changed("flow", flow, before))
    return changes + [Change(name, f"flow {name} closed (no longer in the files)") for name in known]


def _changed(noun: str, new: Partner | Flow, old: Partner | Flow | None) -> Change:
    return Change(new.id, f"new {noun} {new.id}" if old is None else f"{noun} {new.id} changed: {_differing(new, old)}")
