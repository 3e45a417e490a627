"""Partners, agreements and flows: taken from files, listed with what governs them, polled by hand, and explained."""

import calendar
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from syndication.agreements import explain as why
from syndication.agreements import register
from syndication.agreements.files import read
from syndication.agreements.governing import Standing, governing
from syndication.agreements.keys import meant
from syndication.bootstrap import House, polling
from syndication.cli.desk import Office, as_csv, as_json, at_moment, show, show_json, who
from syndication.errors import InputError, NotFoundError, RefusedError
from syndication.feeds import opml
from syndication.fetch.guard import Guard
from syndication.ingest import trial
from syndication.ingest.callback import why_not
from syndication.model.callback import Callback
from syndication.model.clearance import Governance
from syndication.model.event import Decision
from syndication.model.item import ReviewState
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.poll import Outcome, Poll
from syndication.settings import shown
from syndication.storage import agreements, callbacks, items, partners, polls

ALLOWED, REFUSED = "yes", "NO"


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Show what would change, and change nothing.")
@click.pass_obj
def apply(office: Office, plan_only: bool) -> None:
    """Take the partners, flows and agreements of --config: all of them, or, with every fault named, none."""
    if office.config is None:
        raise InputError("there is no folder 'config' here; name one: syndication --config DIR apply")
    files = read(office.config, office.settings.agency)
    with office.open() as house:
        if plan_only:
            with house.database.read() as tx:
                changes = register.plan(tx, files)
        else:
            with house.database.write() as tx:
                changes = house.apply(tx, files, who())
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("Nothing changes.", err=True)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Write over files of the same names.")
@click.pass_obj
def export(office: Office, folder: Path, force: bool) -> None:
    """Write the partners and agreements that stand into DIR, as files that 'apply' takes; comments are not kept."""
    with office.open() as house, house.database.read() as tx:
        texts = register.export(tx, house.settings.agency)
    there = [name for name in texts if (folder / name).exists()]
    if there and not force:
        raise RefusedError(f"{folder / there[0]} is there already, and may have comments that would be lost; --force writes over it")
    for name, text in texts.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RefusedError(f"{path} cannot be written: {error.strerror}; name a folder that you may write into") from error
        click.echo(str(path))
    others = sorted(path for kind in ("partners", "agreements") for path in (folder / kind).glob("*.toml"))
    for path in others:
        if f"{path.parent.name}/{path.name}" not in texts:
            click.echo(f"{path} is not of the database, and was left as it is.", err=True)


@click.group()
def flow() -> None:
    """The streams between us and the partners."""


@flow.command("ls")
@at_moment
@click.option("--format", "form", type=click.Choice(["table", "opml"]), default="table", help="opml: what we poll, for a feed reader.")
@as_csv
@as_json
@click.pass_obj
def flow_ls(office: Office, at: datetime | None, form: str, as_csv: bool, as_json: bool) -> None:
    """Each flow, the agreement that governs it now, or why none does, and how its last poll went."""
    with office.open() as house, house.database.read() as tx:
        now = at or house.clock()
        known = agreements.register(tx, house.settings.agency)
        flows, names = partners.flows(tx), {one.id: one for one in partners.all(tx)}
        rows = [_row(one, governing(one, known, now), polls.health(tx, one.id).last_poll) for one in flows]
    if form == "opml":
        sys.stdout.write(opml.of(flows, names, f"What {office.settings.agency_name} polls"))
    elif as_json:
        show_json(rows)
    else:
        columns = ("flow", "partner", "direction", "state", "governed by", "last poll")
        show(columns, [tuple(str(row[column] or "") for column in columns) for row in rows], as_csv=as_csv)


def _row(one: Flow, governance: Governance, last: Poll | None) -> dict[str, str | None]:
    agreement = governance.agreement
    governed = f"{agreement.reference} v{agreement.version}, {governance.state}" if agreement else f"none: {governance.reason}"
    return {
        "flow": one.id,
        "partner": one.partner,
        "direction": str(one.direction),
        "state": str(one.state),
        "governed by": governed,
        "last poll": _told(last) if last else None,
    }


@flow.command("show")
@click.argument("name")
@as_json
@click.pass_obj
def flow_show(office: Office, name: str, as_json: bool) -> None:
    """One flow: what governs it, when it is polled next, and what the hub of its feed was asked and has told."""
    with office.open() as house, house.database.read() as tx:
        found, now = why.flow_named(tx, name), house.clock()
        governance = governing(found, agreements.register(tx, house.settings.agency), now)
        health, hub, standing = polls.health(tx, found.id), callbacks.hub(tx, found.id), callbacks.of_flow(tx, found.id)
        unasked = why_not(found, house.settings.base_url, governance.agreement is not None)
    told: dict[str, str | None] = dict(_row(found, governance, health.last_poll))
    if found.direction is Direction.INBOUND:
        told |= {"next poll": _moment(health.due_at), "push": str(found.push), "hub": hub.url if hub else None}
    if hub is not None and hub.url is not None:
        told |= {"topic": hub.topic, "not asked": unasked, "last push": _moment(hub.pushed_at), "hub failed": hub.error}
        told["told"] = "; ".join(filter(None, (_standing(one) for one in standing))) or None
    if as_json:
        show_json(told)
        return
    for key, value in told.items():
        if value:
            click.echo(f"{key}\t{value}")


def _standing(one: Callback) -> str:
    until = f" until {_moment(one.lease_until)}" if one.lease_until else ""
    return f"{one.state}{until}{f': {one.reason}' if one.reason else ''}"


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else None


@flow.command("poll")
@click.argument("flows", nargs=-1)
@click.option("--due", is_flag=True, help="Only what is due now.")
@as_json
@click.pass_context
def flow_poll(ctx: click.Context, flows: tuple[str, ...], due: bool, as_json: bool) -> None:
    """Poll these flows now, by hand; without names, all that are open."""
    office: Office = ctx.obj
    with office.open() as house:
        chosen = _chosen(house, flows, due)
        done = _polled(house, chosen)
    if as_json:
        show_json([asdict(poll) for poll in done])
    else:
        for poll in done:
            click.echo(f"{poll.flow}\t{_told(poll)}")
    failed = [poll for poll in done if poll.outcome in (Outcome.FAILED, Outcome.GONE, Outcome.UNGOVERNED)]
    if failed:
        ctx.exit(1 if len(failed) == len(done) else 4)


def _chosen(house: House, names: tuple[str, ...], due: bool) -> tuple[str, ...]:
    with house.database.read() as tx:
        known = {one.id: one for one in partners.flows(tx, direction=Direction.INBOUND) if one.state is FlowState.OPEN}
        unknown = [name for name in names if name not in known]
        if unknown:
            told = ", ".join(f"{name}{meant(name, known)}" for name in unknown)
            raise NotFoundError(f"there is no open inbound flow {told}; 'syndication flow ls' lists them")
        wanted = names or tuple(known)
        if not due:
            return wanted
        now = house.clock()
        return tuple(name for name in wanted if _is_due(polls.health(tx, name).due_at, now))


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _polled(house: House, names: tuple[str, ...]) -> list[Poll]:
    done: list[Poll] = []
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    with polling(house) as poller, progress:
        for number, name in enumerate(names, start=1):
            task = progress.add_task(f"{number} of {len(names)}: {name}")
            done.append(poller.poll(name, house.clock()))
            progress.remove_task(task)
    return done


def _told(poll: Poll) -> str:
    counts = poll.counts
    parts = [
        f"{count} {word}"
        for count, word in (
            (counts.new, "new"),
            (counts.updates, "updates"),
            (counts.corrections, "corrections"),
            (counts.kills, "kills"),
            (counts.refused, "refused"),
            (counts.unreadable, "unreadable"),
        )
        if count
    ]
    told = f"{poll.outcome} {poll.finished_at:%Y-%m-%d %H:%M:%S}Z"
    if parts:
        told += ": " + ", ".join(parts)
    return f"{told}: {poll.error}" if poll.error else told


@flow.command("try")
@click.argument("url")
@click.option("--partner", metavar="PARTNER", default=None, help="As for a flow of this partner. [whoever has a flow of that host]")
@as_json
@click.pass_obj
def flow_try(office: Office, url: str, partner: str | None, as_json: bool) -> None:
    """Fetch URL as a poll would, show what is there and which agreement and clause would let it in, and keep nothing."""
    with office.open() as house, polling(house) as poller:
        with house.database.read() as tx:
            people = partners.all(tx)
            if partner is not None and all(one.id != partner for one in people):
                raise NotFoundError(f"there is no partner {partner}{meant(partner, [one.id for one in people])}")
            inbound = partners.flows(tx, direction=Direction.INBOUND, partner=partner)
            standing = Standing(agreements.register(tx, house.settings.agency), house.clock())
        found = trial.of_host(url, inbound)
        guard = Guard.of(house.settings.allow.get(partner or (found.partner if found else ""), ()))
        told = trial.attempt(poller.client, poller.parser, guard, url, found, people, standing)
    if as_json:
        show_json({**asdict(told), "asked": int(told.asked.total_seconds()) if told.asked else None})
        return
    for name, value in _found(told):
        click.echo(f"{name}\t{value}")
    columns = ("headline", "date", "language", "guid", "what would become of it")
    rows = [
        (one.headline, f"{one.date:%Y-%m-%d %H:%M:%S}Z" if one.date else "", one.language, one.guid, one.verdict) for one in told.samples
    ]
    show(columns, rows)


def _found(told: trial.Trial) -> Iterator[tuple[str, str]]:
    """What is worth a line, in order."""
    yield "address", " -> ".join((*told.hops, told.url))
    if told.moved_to:
        yield "moved for good", told.moved_to
    yield "size", f"{told.size} bytes of {told.content_type or 'no type'}"
    if told.certificate_until:
        yield "certificate ends", f"{told.certificate_until:%Y-%m-%d %H:%M}Z"
    yield "title", told.title
    yield "language", f"{told.language or 'not said'}; of its entries: {', '.join(told.spoken) or 'none'}"
    yield "asks to stay away", str(told.asked) if told.asked else "not said"
    if told.skip_hours or told.skip_days:
        days = ", ".join(calendar.day_name[day] for day in told.skip_days)
        yield "skips", f"hours (GMT): {', '.join(map(str, told.skip_hours)) or 'none'}; days: {days or 'none'}"
    for hub in told.hubs:
        yield "hub", hub
    if told.older:
        yield "older page", told.older
    yield "holds", f"{told.entries} entries, {told.tombstones} tombstones, {told.unreadable} unreadable"
    if told.note:
        yield "note", told.note
    yield "flow", told.flow or "none"
    yield "agreement", told.governed


@click.group()
def item() -> None:
    """What came in."""


@item.command("ls")
@click.option("--state", type=click.Choice([str(state) for state in ReviewState]), default=None, help="Only these. [those in the queue]")
@as_csv
@as_json
@click.pass_obj
def item_ls(office: Office, state: str | None, as_csv: bool, as_json: bool) -> None:
    """The newest items of the queue."""
    states = (ReviewState(state),) if state else (ReviewState.PENDING, ReviewState.REOPENED, ReviewState.HELD)
    with office.open() as house, house.database.read() as tx:
        rows = items.queue(tx, states, 50)
    if as_json:
        show_json([{"item": one.id, "flow": one.flow, "state": one.state, "headline": one.current.entry.content.headline} for one in rows])
        return
    told = [(one.id, one.flow, str(one.state), one.current.entry.content.headline) for one in rows]
    show(("item", "flow", "state", "headline"), told, as_csv=as_csv)


@click.command()
@click.argument("subject")
@click.argument("flow", required=False)
@at_moment
@as_json
@click.pass_obj
def explain(office: Office, subject: str, flow: str | None, at: datetime | None, as_json: bool) -> None:
    """Why, or why not, clause by clause: STORY FLOW, may it go out; ITEM, or the partner's own id of it, why it came in or did not."""
    with office.open() as house, house.database.read() as tx:
        agency, now = house.settings.agency, at or house.clock()
        told = why.of_subject(tx, subject, agency, now, flow)
    if as_json:
        show_json(asdict(told))
        return
    click.echo(f"{told.subject}  {told.what}")
    when = f"at {at:%Y-%m-%d %H:%M:%S} UTC" if at else "now"
    for one in told.deleted:
        under = f"{one.agreement} v{one.agreement_version}, {one.clause}"
        click.echo(f"deleted {one.at:%Y-%m-%d %H:%M:%S}Z, the text of version {one.version}, under {under}: {one.reason}")
    click.echo(f"on {told.flow}, {when}: {'may move' if told.now.allowed else 'may not move'}")
    show(("clause", "allowed", "why", "where it stands"), [_verdict(v.clause, v.allowed, v.reason, v.source) for v in told.now.verdicts])
    for duty in told.now.duties:
        click.echo(f"duty: {duty}")
    for past in told.before:
        click.echo(_decided(past))


def _decided(past: Decision) -> str:
    told = f"decided {past.at:%Y-%m-%d %H:%M:%S}Z, version {past.subject_version}: {'allowed' if past.allowed else 'refused'}"
    if past.agreement:
        told += f" under {past.agreement} v{past.agreement_version}, {past.clause}"
    refusals = _refusals(past)
    return f"{told}: {refusals}" if refusals else told


def _refusals(decision: Decision) -> str:
    return "; ".join(f"{one.clause}: {one.reason}" for one in decision.verdicts if not one.allowed)


def _verdict(clause: str, allowed: bool, reason: str, source: str) -> tuple[str, str, str, str]:
    return str(clause), ALLOWED if allowed else REFUSED, reason, source


@click.command("settings")
@as_csv
@as_json
@click.pass_obj
def settings_command(office: Office, as_csv: bool, as_json: bool) -> None:
    """Every setting, its value now, and what it is for."""
    show(("setting", "value", "what it is for"), list(shown(office.settings)), as_csv=as_csv, as_json=as_json)
