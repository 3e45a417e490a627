"""The agreements: listed and read, and what is done to them after the signature."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from syndication.agreements import register, schema, writing
from syndication.agreements.bounds import bounds
from syndication.agreements.calendar import add_months, day_of, last_day, state, version_at
from syndication.agreements.dates import due
from syndication.agreements.governing import Standing
from syndication.agreements.quota import Progress
from syndication.agreements.register import found
from syndication.agreements.usage import courses
from syndication.cli.desk import Office, as_csv, as_json, at_moment, show, show_json, who
from syndication.errors import NotFoundError
from syndication.feeds import odrl
from syndication.identity import authority
from syndication.model.activity import Activity
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Grant, Register
from syndication.settings import Settings
from syndication.storage import activities, agreements
from syndication.storage.agreements import Attachment, Recorded
from syndication.storage.database import Transaction

DAY = click.DateTime(formats=["%Y-%m-%d"])
LISTED = ("agreement", "version", "state", "until", "parties", "title")
GRANTED = ("clause", "direction", "types", "languages", "topics", "not", "terms")
OWED = ("agreement", "clause", "by", "what", "asked", "so far", "course", "until")
KEPT = ("agreement", "document", "sha256", "where it stands")
DUE = ("day", "agreement", "what", "means", "zone")
RECORDED = ("recorded", "by", "what")
AHEAD = 24
"""Months that the calendar looks ahead, if nothing is said."""

Writer = Callable[[Register, Settings, Dossier, Sequence[Activity], Agreement], str]


@click.group()
def agreement() -> None:
    """The exchange agreements."""


@agreement.command("ls")
@at_moment
@as_csv
@as_json
@click.pass_obj
def ls(office: Office, at: datetime | None, as_csv: bool, as_json: bool) -> None:
    """Each agreement, and how it stands now."""
    with office.open() as house, house.database.read() as tx:
        known, now = agreements.register(tx, house.settings.agency), at or house.clock()
    rows = []
    for dossier in known.dossiers:
        one, last = version_at(dossier, now), last_day(dossier, now)
        until = str(last) if last else ""
        rows.append((one.reference, str(one.version), str(state(dossier, now)), until, ", ".join(one.parties), one.title))
    for lost in known.unreadable:
        rows.append((lost.reference, "", "CANNOT BE READ", "", ", ".join(lost.parties or ()), lost.why))
        click.echo(f"{lost.reference} cannot be read: nothing flows under it, nor with its parties.", err=True)
    show(LISTED, rows, as_csv=as_csv, as_json=as_json)


@agreement.command("show")
@click.argument("reference", metavar="REF")
@click.option("--version", "number", type=int, help="That version. [the one that holds then]")
@at_moment
@as_json
@click.pass_obj
def show_one(office: Office, reference: str, number: int | None, at: datetime | None, as_json: bool) -> None:
    """Everything that is known of one agreement."""
    with office.open() as house, house.database.read() as tx:
        known, now = agreements.register(tx, house.settings.agency), at or house.clock()
        dossier = found(known, reference)
        one = version_at(dossier, now) if number is None else _version(dossier, number)
        owed = courses(tx, one, Standing(known, now))
        kept = agreements.attached(tx, reference)
        held = activities.of_agreement(tx, reference)
    standing = Standing(known, now)
    following = known.successor(reference)
    told: dict[str, Any] = {
        "agreement": one.reference,
        "version": f"{one.version} of {len(dossier.versions)}, from {one.since}",
        "title": one.title,
        "parties": ", ".join(one.parties),
        "signed": f"{one.signed_on}{f', {one.signed_at}' if one.signed_at else ''}" if one.signed_on else "not yet: a draft",
        "languages of the text": ", ".join(one.languages),
        "state": str(state(dossier, now)),
        "term": _term(one),
        "as it stands": standing.in_force(reference).reason,
        "succeeds": one.succeeds or "",
        "succeeded by": following.reference if following else "",
        "under": one.under or "",
    }
    coming = due(known, day_of(now, one.term.zone), add_months(day_of(now, one.term.zone), AHEAD * 3))
    nexts = [each for each in coming if each.agreement == reference]
    if as_json:
        show_json(
            {
                **told,
                "dates": [asdict(each) for each in nexts],
                "grants": [_grant(each) for each in one.grants],
                "obligations": [dict(zip(OWED, _owed(one, each), strict=True)) for each in owed],
                "documents": [dict(zip(KEPT, row, strict=True)) for row in _documents(dossier, kept)],
                "activities": [asdict(each) for each in held],
                "acts": [asdict(each) for each in dossier.acts],
                "clauses": one.clauses,
                "assumptions": one.assumptions,
            }
        )
        return
    for name, value in told.items():
        if value:
            click.echo(f"{name}: {value}")
    _section("next dates", ("day", "what", "means"), [(str(each.on), str(each.turn), each.text) for each in nexts])
    _section("grants", GRANTED, [tuple(_grant(each).values()) for each in one.grants])
    _section("obligations", OWED[1:], [_owed(one, each)[1:] for each in owed])
    _section("documents", KEPT[1:], [row[1:] for row in _documents(dossier, kept)])
    _section("activities", HELD[1:], [_held(each)[1:] for each in held])
    _section("acts", ("day", "what"), [(str(each.on), register.done(reference, each)) for each in dossier.acts])
    _section("clauses", ("what the text says besides",), [(each,) for each in one.clauses])
    _section("assumptions", ("what the document does not say, and its file assumes",), [(each,) for each in one.assumptions])


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        click.echo(f"\n{title}")
        show(columns, rows)


def _version(dossier: Dossier, number: int) -> Agreement:
    for version in dossier.versions:
        if version.version == number:
            return version
    known = ", ".join(str(version.version) for version in dossier.versions)
    raise NotFoundError(f"{dossier.reference} has no version {number}; it has {known}")


def _term(one: Agreement) -> str:
    term = one.term
    said = [f"{term.effective} to {term.until}" if term.until else f"from {term.effective}, without end", f"in days of {term.zone}"]
    if term.renewal_months:
        said.append(f"renews by {term.renewal_months} months unless notice is given {term.notice_days} days before")
    if term.grace_days:
        said.append(f"{term.grace_days} days of grace")
    return "; ".join(said)


def _grant(one: Grant) -> dict[str, str]:
    """A grant on one line; its terms as they stand in its file."""
    given = writing.grant(one)
    shown = {key: given.pop(key) for key in ("clause", "direction", "types", "languages", "topics")}
    shown["topics_out"] = given.pop("topics_out", ())
    terms = [_said(key, value) for key, value in given.items()]
    return {**{name: _joined(value) for name, value in zip(GRANTED, shown.values(), strict=False)}, "terms": "; ".join(terms)}


def _said(key: str, value: Any) -> str:
    name = key.replace("_", " ")
    return name if value is True else f"{name}: {_joined(value)}"


def _joined(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _owed(one: Agreement, progress: Progress) -> tuple[str, ...]:
    owed = progress.obligation
    counts = [f"at least {owed.at_least}"] if owed.at_least else []
    counts += [f"at most {owed.at_most}"] if owed.at_most else []
    asked = " and ".join(counts) or ("a report" if owed.period else "")
    if owed.period:
        asked = f"{asked} a {owed.period}{f', {owed.measure}' if counts else ''}"
    if owed.within_minutes:
        asked = f"within {owed.within_minutes} minutes"
    so_far = "" if progress.count is None else str(progress.count)
    until = f"{progress.end:%Y-%m-%d %H:%M}Z" if progress.end else ""
    by = "us" if owed.by == "out" else "them"
    return one.reference, owed.clause, by, owed.what, asked, so_far, str(progress.course), until


def _documents(dossier: Dossier, kept: Sequence[Attachment]) -> list[tuple[str, ...]]:
    """Those that its versions name, and those that are kept here."""
    held = {one.hash: one for one in kept}
    stated = {document.sha256: (document.name, version.version) for version in dossier.versions for document in version.documents}
    rows: list[tuple[str, ...]] = [
        (dossier.reference, name, digest, f"named by version {version}, {'kept' if digest in held else 'NOT KEPT: agreement attach'}")
        for digest, (name, version) in stated.items()
    ]
    rows += [(dossier.reference, one.name, one.hash, f"kept since {one.at:%Y-%m-%d} by {one.by}") for one in kept if one.hash not in stated]
    return rows


@agreement.command("history")
@click.argument("reference", metavar="REF")
@as_csv
@as_json
@click.pass_obj
def history(office: Office, reference: str, as_csv: bool, as_json: bool) -> None:
    """Every version, draft and act of an agreement: when it was recorded, and by whom."""
    with office.open() as house, house.database.read() as tx:
        found(agreements.register(tx, house.settings.agency), reference)
        recorded = agreements.history(tx, reference)
    if as_json:
        show_json([{"at": one.at, "by": one.by, "recorded": _kind(one), "what": asdict(one.what)} for one in recorded])
        return
    show(RECORDED, [(f"{one.at:%Y-%m-%d %H:%M}Z", one.by, _recorded(reference, one)) for one in recorded], as_csv=as_csv)


def _kind(one: Recorded) -> str:
    return "act" if isinstance(one.what, Act) else "version" if one.what.signed_on else "draft"


def _recorded(reference: str, one: Recorded) -> str:
    if isinstance(one.what, Act):
        return register.done(reference, one.what)
    told = f"signed on {one.what.signed_on}" if one.what.signed_on else "a draft"
    return f"version {one.what.version}, from {one.what.since}, {told}: {one.what.title}"


@agreement.command("calendar")
@click.option("--from", "since", type=DAY, help="From this day. [today]")
@click.option("--to", "until", type=DAY, help=f"To this day. [{AHEAD} months later]")
@as_csv
@as_json
@click.pass_obj
def calendar(office: Office, since: datetime | None, until: datetime | None, as_csv: bool, as_json: bool) -> None:
    """What comes: notices to be given, renewals, ends, the end of grace, and the duty to delete."""
    with office.open() as house, house.database.read() as tx:
        known, now = agreements.register(tx, house.settings.agency), house.clock()
    first = since.date() if since else day_of(now, office.settings.timezone)
    last = until.date() if until else add_months(first, AHEAD)
    if last < first:
        raise click.BadParameter(f"{last} is before --from {first}", param_hint="--to")
    rows = [(str(one.on), one.agreement, str(one.turn), one.text, one.zone) for one in due(known, first, last)]
    show(DUE, rows, as_csv=as_csv, as_json=as_json)
    if not rows and not as_json:
        click.echo(f"Nothing comes between {first} and {last}.", err=True)


@agreement.command("obligations")
@click.argument("reference", metavar="REF", required=False)
@at_moment
@as_csv
@as_json
@click.pass_obj
def obligations(office: Office, reference: str | None, at: datetime | None, as_csv: bool, as_json: bool) -> None:
    """How each obligation goes in its present period; without REF, of all agreements that govern now."""
    with office.open() as house, house.database.read() as tx:
        known, now = agreements.register(tx, house.settings.agency), at or house.clock()
        standing = Standing(known, now)
        chosen = [version_at(found(known, reference), now)] if reference else _governing(known, standing)
        rows = [_owed(one, each) for one in chosen for each in courses(tx, one, standing)]
    show(OWED, rows, as_csv=as_csv, as_json=as_json)


def _governing(known: Register, standing: Standing) -> list[Agreement]:
    """Each agreement that is in force, or in grace, by itself."""
    ruling = (standing.in_force(dossier.reference).agreement for dossier in known.dossiers)
    return list({one.reference: one for one in ruling if one is not None}.values())


def _acting(kind: ActKind, verb: str, text: str, *, joining: bool = False) -> None:
    """One command for one kind of act."""

    def command(office: Office, reference: str, on: datetime | None, reason: str, by: str | None, party: str | None = None) -> None:
        with office.open() as house, house.database.write() as tx:
            now = house.clock()
            dossier = found(agreements.register(tx, house.settings.agency), reference)
            day = on.date() if on else day_of(now, version_at(dossier, now).term.zone)
            act = Act(kind, day, reason, by=by, party=party)
            change = register.act(tx, house.settings.agency, reference, act, now, who())
        click.echo(str(change))
        click.echo(f"Its file must say so too before the next apply: syndication agreement export {reference}", err=True)

    command.__doc__ = text
    made = click.pass_obj(command)
    if joining:
        made = click.option("--party", required=True, help="Which partner, by its id.")(made)
    made = click.option("--by", help="Who did it, in words.")(made)
    made = click.option("--reason", required=True, help="Why; it is shown wherever the act decides.")(made)
    made = click.option("--on", type=DAY, help="From 00:00 of this day, in the agreement's zone. [today there]")(made)
    agreement.command(verb)(click.argument("reference", metavar="REF")(made))


_acting(ActKind.SUSPEND, "suspend", "Suspend an agreement: nothing moves under it until it is resumed.")
_acting(ActKind.RESUME, "resume", "Resume an agreement that was suspended.")
_acting(ActKind.NOTICE, "notice", "Give notice: the term is not renewed after its end.")
_acting(ActKind.TERMINATE, "end", "End an agreement before its term does, for good.")
_acting(ActKind.JOIN, "join", "A partner joins an agreement among several.", joining=True)
_acting(ActKind.LEAVE, "leave", "A partner leaves an agreement among several.", joining=True)


@agreement.command("attach")
@click.argument("reference", metavar="REF")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def attach(office: Office, reference: str, file: Path) -> None:
    """Keep FILE with an agreement; prints the SHA-256 of its bytes, by which `document` gives it back."""
    with file.open("rb") as opened:
        body = opened.read(register.LARGEST + 1)
    with office.open() as house, house.database.write() as tx:
        click.echo(register.attach(tx, house.settings.agency, reference, file.name, body, house.clock(), who()))


@agreement.command("documents")
@click.argument("reference", metavar="REF")
@as_csv
@as_json
@click.pass_obj
def documents(office: Office, reference: str, as_csv: bool, as_json: bool) -> None:
    """The documents that an agreement names, and those that are kept with it."""
    with office.open() as house, house.database.read() as tx:
        dossier = found(agreements.register(tx, house.settings.agency), reference)
        rows = _documents(dossier, agreements.attached(tx, reference))
    show(KEPT, rows, as_csv=as_csv, as_json=as_json)


@agreement.command("document")
@click.argument("reference", metavar="REF")
@click.argument("digest", metavar="HASH")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="Into this file. [standard output]")
@click.pass_obj
def document(office: Office, reference: str, digest: str, output: Any) -> None:
    """The bytes of a document that is kept with an agreement; HASH may be cut short where it is clear."""
    with office.open() as house, house.database.read() as tx:
        found(agreements.register(tx, house.settings.agency), reference)
        near = [one.hash for one in agreements.attached(tx, reference) if one.hash.startswith(digest.lower())]
        kept = agreements.document(tx, reference, near[0]) if len(near) == 1 else None
    if kept is None:
        several = f"{len(near)} documents of {reference} begin with {digest}" if near else f"{reference} has no document {digest}"
        raise NotFoundError(f"{several}; 'syndication agreement documents {reference}' lists them")
    output.write(kept[1])


def _toml(_known: Register, _settings: Settings, dossier: Dossier, held: Sequence[Activity], version: Agreement) -> str:
    return writing.toml(writing.agreement(dossier, held, version))


def _odrl(known: Register, settings: Settings, _dossier: Dossier, _held: Sequence[Activity], version: Agreement) -> str:
    policies = odrl.of_agreement(version, settings.agency, authority(settings.domain), bounds(known, version))
    return odrl.written(policies, indent=2) + "\n"


WRITERS: Mapping[str, Writer] = {"toml": _toml, "odrl": _odrl}
"""The forms in which one agreement is printed."""


@agreement.command("export")
@click.argument("reference", metavar="REF")
@click.option("--version", "number", type=int, help="That version. [the last]")
@click.option("--format", "form", type=click.Choice(list(WRITERS)), default="toml", show_default=True)
@click.pass_obj
def export(office: Office, reference: str, number: int | None, form: str) -> None:
    """Print an agreement: as its file (toml), with every act done to it, or its grants as policies for software (odrl).

    Policies are ODRL 2.2 with the RightsML 2.0 profile, in JSON-LD: one for each grant and each other party.
    """
    with office.open() as house, house.database.read() as tx:
        known = agreements.register(tx, house.settings.agency)
        dossier = found(known, reference)
        held = activities.of_agreement(tx, reference)
    version = dossier.versions[-1] if number is None else _version(dossier, number)
    sys.stdout.write(WRITERS[form](known, house.settings, dossier, held, version))


@agreement.command("schema")
@click.argument("kind", type=click.Choice(list(schema.SCHEMAS)), default="agreement")
def schema_command(kind: str) -> None:
    """The JSON Schema of an agreement's file, or a partner's: for completion in an editor."""
    show_json(schema.of(kind))


@click.group()
def activity() -> None:
    """What the parties of an agreement do besides exchanging content."""


HELD = ("agreement", "kind", "title", "day", "until", "place", "who", "outcome")


@activity.command("add")
@click.argument("reference", metavar="REF")
@click.option("--kind", required=True, help="training, delegation, meeting, joint coverage ...")
@click.option("--title", required=True)
@click.option("--on", type=DAY, help="The day, or the first.")
@click.option("--until", type=DAY, help="The last day.")
@click.option("--place")
@click.option("--who", "present", multiple=True, help="Who took part; as often as wanted.")
@click.option("--outcome")
@click.option("--minutes", type=click.File("r", encoding="utf-8"), help="A file with the minutes; - is standard input.")
@click.pass_obj
def add(office: Office, /, reference: str, minutes: Any, present: tuple[str, ...], **told: Any) -> None:
    """Enter an activity under an agreement. One of the same kind, title and day is replaced."""
    given = {key: value.date() if isinstance(value, datetime) else value for key, value in told.items() if value is not None}
    given |= {"who": list(present)} if present else {}
    given |= {"minutes": minutes.read(register.LARGEST)} if minutes else {}
    with office.open() as house, house.database.write() as tx:
        click.echo(register.hold(tx, house.settings.agency, reference, given, house.clock(), who()).id)


@activity.command("ls")
@click.argument("reference", metavar="REF", required=False)
@as_csv
@as_json
@click.pass_obj
def activity_ls(office: Office, reference: str | None, as_csv: bool, as_json: bool) -> None:
    """The activities under an agreement, or under all."""
    with office.open() as house, house.database.read() as tx:
        held = _activities(tx, agreements.register(tx, house.settings.agency), reference)
    if as_json:
        show_json([asdict(one) for one in held])
        return
    show(HELD, [_held(one) for one in held], as_csv=as_csv)


def _activities(tx: Transaction, known: Register, reference: str | None) -> tuple[Activity, ...]:
    if reference:
        return activities.of_agreement(tx, found(known, reference).reference)
    return tuple(sorted(activities.all(tx), key=lambda one: (one.agreement, one.on is None, one.on or date.max, one.title)))


def _held(one: Activity) -> tuple[str, ...]:
    days = [str(day) if day else "" for day in (one.on, one.until)]
    return one.agreement, one.kind, one.title, *days, one.place or "", ", ".join(one.who), one.outcome or ""
