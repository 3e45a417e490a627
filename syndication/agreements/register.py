"""What the files say, brought into the database in one transaction: signed versions are added, and never rewritten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from syndication.agreements.files import Files
from syndication.errors import ConfigError, Fault
from syndication.model.agreement import Act, Agreement, Dossier
from syndication.model.event import Event
from syndication.storage import agreements, events, partners
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that taking the files changes; printed, it is a sentence. `agreement` and `act` are what is to be recorded."""

    subject: str
    what: str
    agreement: Agreement | None = None
    act: Act | None = None

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}"


def plan(tx: Transaction, files: Files) -> tuple[Change, ...]:
    """What taking the files would change.

    Raises ConfigError where they contradict what is recorded: a signed version that reads otherwise now, an agreement or act that is gone.
    """
    recorded = {dossier.reference: dossier for dossier in agreements.register(tx, "").dossiers}
    faults = tuple(_contradictions(recorded, files))
    if faults:
        raise ConfigError(faults)
    return (*_of_partners(tx, files), *_of_agreements(recorded, files), *_of_flows(tx, files))


def apply(tx: Transaction, files: Files, now: datetime, by: str) -> tuple[Change, ...]:
    """Take the files, in the caller's transaction; returns what it changed. Done again, it changes nothing. Raises as `plan` does."""
    changes = plan(tx, files)
    partners.take(tx, files.partners, files.flows, now)
    for change in changes:
        if change.agreement is not None and change.act is None:
            agreements.sign(tx, change.agreement, now, by)
        if change.act is not None:
            agreements.record_act(tx, change.subject, change.act, now, by)
        events.record_event(tx, Event(now, by, "apply", change.subject, change.what))
    return changes


def _contradictions(recorded: dict[str, Dossier], files: Files) -> Iterator[Fault]:
    given = {dossier.reference: dossier for dossier in files.agreements}
    for reference, dossier in recorded.items():
        known = given.get(reference)
        if known is None:
            yield Fault("agreements/", reference, "is recorded, and no file has it: to end it, write an act 'terminate' in its file")
            continue
        for version in dossier.versions:
            now = next((one for one in known.versions if one.version == version.version), None)
            if now is None:
                yield Fault("agreements/", reference, f"version {version.version} is recorded, and gone from its file")
            elif now != version and version.signed_on is not None:
                fields = ", ".join(_differing(now, version))
                said = f"version {version.version} is signed and reads otherwise now ({fields}): put it back, and write [[amendments]]"
                yield Fault("agreements/", reference, said)
        if known.acts[: len(dossier.acts)] != dossier.acts:
            yield Fault("agreements/", reference, "acts that are recorded are changed or gone: put them back, and add new ones after them")


def _differing(one: Agreement, other: Agreement) -> Iterator[str]:
    for name in Agreement.__dataclass_fields__:
        if getattr(one, name) != getattr(other, name):
            yield name


def _of_partners(tx: Transaction, files: Files) -> Iterator[Change]:
    known = {partner.id: partner for partner in partners.all(tx)}
    for partner in files.partners:
        if partner.id not in known:
            yield Change(partner.id, f"new partner, {partner.name}")
        elif known[partner.id] != partner:
            yield Change(partner.id, "partner changed")


def _of_agreements(recorded: dict[str, Dossier], files: Files) -> Iterator[Change]:
    for dossier in files.agreements:
        before = recorded.get(dossier.reference)
        known = {version.version: version for version in before.versions} if before else {}
        for version in dossier.versions:
            signed = f"signed on {version.signed_on}" if version.signed_on else "a draft"
            if version.version not in known:
                yield Change(dossier.reference, f"new version {version.version}, from {version.since}, {signed}", agreement=version)
            elif known[version.version] != version:
                yield Change(dossier.reference, f"version {version.version}, a draft until now, is {signed}", agreement=version)
        for act in dossier.acts[len(before.acts) if before else 0 :]:
            yield Change(dossier.reference, f"{act.kind} from {act.on}: {act.reason}", act=act)


def _of_flows(tx: Transaction, files: Files) -> Iterator[Change]:
    known = {flow.id: flow for flow in partners.flows(tx)}
    for flow in files.flows:
        if flow.id not in known:
            yield Change(flow.id, f"new flow, {flow.direction}, with {flow.partner} under {flow.agreement}")
        elif known[flow.id] != flow:
            yield Change(flow.id, "flow changed")
    named = {flow.id for flow in files.flows}
    for name in known:
        if name not in named:
            yield Change(name, "flow closed: no file has it")
