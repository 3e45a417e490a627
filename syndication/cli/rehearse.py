"""A draft agreement over last month's traffic, before it is signed: what it would have let in and out, and by which clause."""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import BinaryIO

import click

from syndication.agreements.calendar import day_of, next_midnight, utc, zone_named
from syndication.agreements.files import draft as read_draft
from syndication.agreements.rehearsal import Rehearsal, Rehearsed
from syndication.agreements.rehearsal import rehearse as rehearsed
from syndication.cli.desk import Office, as_json, show, show_json
from syndication.errors import InputError
from syndication.model.agreement import Agreement
from syndication.storage import agreements, partners

DAYS = 30
"""So many days until now are rehearsed where no day is given."""
SHOWN = 50
"""So many pieces are listed without --all."""
COLUMNS = ("moment", "flow", "piece", "headline", "outcome", "then", "decided by", "under the draft", "decided by it in")


@click.command("rehearse")
@click.argument("file", type=click.File("rb"), metavar="DRAFT")
@click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%d"]), help=f"The first day, in the draft's time zone. [{DAYS} days before now]"
)
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="The last day. [today]")
@click.option("--flow", "flows", multiple=True, help="As though this flow ran under the draft; may be given again. [all that would]")
@click.option("--all", "whole", is_flag=True, help=f"List every piece, not the first {SHOWN}.")
@click.option("--csv", "as_csv", is_flag=True, help="Print every piece as CSV.")
@as_json
@click.pass_obj
def rehearse(
    office: Office,
    file: BinaryIO,
    since: datetime | None,
    until: datetime | None,
    flows: tuple[str, ...],
    whole: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """What the agreement in the file DRAFT (- is standard input) would have let in and out, against what happened.

    Days are whole, in the draft's time zone. Nothing is changed.
    """
    with office.open() as house, house.database.read() as tx:
        agency = house.settings.agency
        draft = read_draft(str(getattr(file, "name", "-")), file.read(), agreements.register(tx, agency), partners.all(tx))
        start, end = _period(draft, since, until, house.clock())
        told = rehearsed(tx, draft, agency=agency, since=start, until=end, flows=flows)
    if as_json:
        show_json(asdict(told))
    elif as_csv:
        show(COLUMNS, [_row(line) for line in told.lines], as_csv=True)
    else:
        _tell(told, told.lines if whole else told.lines[:SHOWN])


def _period(draft: Agreement, since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From the first moment of the first day to that after the last day, in the draft's zone."""
    zone = zone_named(draft.term.zone)
    today = day_of(now, draft.term.zone)
    first = since.date() if since else today - timedelta(days=DAYS)
    last = until.date() if until else today
    if last < first:
        raise InputError(f"the period would end on {last}, before it begins on {first}; see --from and --to")
    start = utc(datetime.combine(first, time.min, tzinfo=zone))
    return start, next_midnight(datetime.combine(last, time(12), tzinfo=zone), draft.term.zone)


def _tell(told: Rehearsal, lines: tuple[Rehearsed, ...]) -> None:
    draft = told.draft
    click.echo(f"{draft.reference} v{draft.version}, as though signed and in force, on {', '.join(told.flows)}", err=True)
    click.echo(f"from {told.since:%Y-%m-%d %H:%M} UTC to {told.until:%Y-%m-%d %H:%M} UTC; pieces: {len(told.lines)}", err=True)
    if told.unknown:
        click.echo(f"{told.unknown} more were judged before all that was asked was kept, and cannot be asked again", err=True)
    totals = [(str(one.direction), str(one.outcome), str(one.count), str(one.clause), one.source) for one in told.totals]
    show(("direction", "outcome", "pieces", "decided by", "it stands in"), totals)
    click.echo()
    show(COLUMNS, [_row(line) for line in lines])
    if len(lines) < len(told.lines):
        click.echo(f"The first {len(lines)} of {len(told.lines)}; --all lists every one, --csv and --json too.", err=True)


def _row(line: Rehearsed) -> tuple[str, ...]:
    return (
        f"{line.at:%Y-%m-%d %H:%M:%S}Z",
        line.flow,
        line.subject,
        line.headline,
        str(line.outcome),
        line.then.reason,
        _place(line.then.clause, line.then.source),
        line.draft.reason,
        _place(line.draft.clause, line.draft.source),
    )


def _place(clause: str, source: str) -> str:
    return f"{clause}, {source}" if source else clause
