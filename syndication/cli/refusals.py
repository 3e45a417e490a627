"""Flows that need a person: what they refused, read again; new ids; and which of them should be looked at."""

from dataclasses import asdict

import click

from syndication.agreements import explain as why
from syndication.agreements.governing import Standing
from syndication.agreements.subject import unmapped
from syndication.bootstrap import polling
from syndication.cli.desk import Office, as_json, show, show_json, who
from syndication.errors import RefusedError
from syndication.ingest.health import of_flows
from syndication.ingest.replay import Replay, Replayed
from syndication.model.event import Event
from syndication.model.poll import Renaming
from syndication.storage import agreements, events, items, partners, polls

SHOWN = 200


@click.command("refused")
@click.argument("name", metavar="FLOW")
@as_json
@click.pass_obj
def refused(office: Office, name: str, as_json: bool) -> None:
    """What a flow brought that was not taken, and why; with the number by which 'flow replay' reads it again, where its bytes are kept."""
    with office.open() as house, house.database.read() as tx:
        found = why.flow_named(tx, name).id
        kept, denied = polls.refused(tx, found, SHOWN), events.refused(tx, found, SHOWN)
    here = {one.guid for one in kept}
    rows = [(str(one.id), str(one.kind), one.title or one.url or "", one.guid or "", one.reason) for one in kept]
    rows += [
        ("", "agreement", one.headline, one.subject, "; ".join(f"{v.clause}: {v.reason}" for v in one.verdicts if not v.allowed))
        for one in denied
        if one.subject not in here
    ]
    columns = ("number", "what", "entry", "id", "why")
    if as_json:
        sizes = {str(one.id): (one.size, one.at) for one in kept}
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        show_json([{**row, "bytes": sizes[row["number"]][0], "at": sizes[row["number"]][1]} if row["number"] else row for row in told])
        return
    show(columns, rows)


@click.command("categories")
@click.argument("name", metavar="FLOW")
@as_json
@click.pass_obj
def categories(office: Office, name: str, as_json: bool) -> None:
    """The categories of a flow's newest items that its partner's file maps to no subject, those of most items first, to be mapped."""
    with office.open() as house, house.database.read() as tx:
        found = why.flow_named(tx, name)
        sender = partners.get(tx, found.partner)
        entries = [item.current.entry for item in items.newest(tx, found.id, SHOWN)]
    rows = unmapped(entries, sender) if sender else ()
    if as_json:
        show_json([{"category": category, "items": many} for category, many in rows])
    else:
        show(("category", "items"), [(category, str(many)) for category, many in rows])


@click.command("replay")
@click.argument("name", metavar="FLOW")
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@as_json
@click.pass_context
def replay(ctx: click.Context, name: str, numbers: tuple[int, ...], as_json: bool) -> None:
    """Read again what a flow refused, all or these, as a poll would: after a fix of ours, or a change of the agreement."""
    office: Office = ctx.obj
    with office.open() as house, polling(house) as poller:
        with house.database.read() as tx:
            found = why.flow_named(tx, name).id
        done = Replay(house.database, poller.parser, house.settings).run(found, numbers, who(), house.clock())
    if as_json:
        show_json([asdict(one) for one in done])
    else:
        show(("number", "entry", "came in", "killed", "still refused"), [_replayed(one) for one in done])
        if not done:
            click.echo(f"Nothing that {found} refused is kept.", err=True)
    still = sum(1 for one in done if one.still)
    if still:
        ctx.exit(1 if still == len(done) else 4)


def _replayed(one: Replayed) -> tuple[str, ...]:
    came = one.counts.new + one.counts.updates + one.counts.corrections
    told = one.still or ""
    if not told and one.older and not came:
        told = "no: something newer of the same id is here, and stays"
    return str(one.id), one.title, str(came), str(one.counts.kills), told


@click.command("ids")
@click.argument("name", metavar="FLOW")
@click.option("--same", "said", flag_value=Renaming.SAME.value, help="They are the same stories: from now on they go by the ids we know.")
@click.option("--new", "said", flag_value=Renaming.NEW.value, help="They are new stories: take them as such.")
@as_json
@click.pass_obj
def ids(office: Office, name: str, said: str | None, as_json: bool) -> None:
    """Of a feed that changed all its ids: what came under which new id, and what to make of it."""
    with office.open() as house:
        now = house.clock()
        if said is not None:
            with house.database.write() as tx:
                found = why.flow_named(tx, name).id
                if not polls.answer(tx, found, Renaming(said), now):
                    raise RefusedError(f"{found} asks nothing: its ids are as they were")
                events.record_event(tx, Event(now, who(), "said what new ids are", found, said))
            click.echo(f"Said. The next poll takes what waits; 'syndication flow replay {found}' takes what has left the feed meanwhile.")
            return
        with house.database.read() as tx:
            found = why.flow_named(tx, name).id
            pairs = polls.asked_about(tx, found, SHOWN)
            known = items.known(tx, found, [was for _, was in pairs])
    rows = [(new, was, known[was].current.entry.content.headline if was in known else "") for new, was in pairs]
    show(("new id", "known as", "headline"), rows, as_json=as_json)


@click.command("health")
@click.argument("name", metavar="[FLOW]", required=False)
@as_json
@click.pass_obj
def health(office: Office, name: str | None, as_json: bool) -> None:
    """Which inbound flows a person should look at, and why: silent, behind, failing, ids or clock changed."""
    with office.open() as house, house.database.read() as tx:
        flows = (why.flow_named(tx, name),) if name else partners.flows(tx)
        found = of_flows(tx, flows, Standing(agreements.register(tx, house.settings.agency), house.clock()))
    told = [(flow, one) for flow, several in found.items() for one in several]
    if as_json:
        show_json([{"flow": flow, **asdict(one)} for flow, one in told])
        return
    rows = [(flow, str(one.sign), f"{one.since:%Y-%m-%d %H:%M}Z" if one.since else "", one.said) for flow, one in told]
    show(("flow", "what", "since", "why"), rows)
