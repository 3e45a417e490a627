"""Our own stories, from a file or standard input (`-`), as ninjs, NewsML-G2 or NITF."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from syndication.cli.desk import Office, as_csv, as_json, show, who
from syndication.feeds.draft import LARGEST
from syndication.intake.desk import found
from syndication.intake.folder import STILL, Folder
from syndication.model.agreement import EmbargoHandling
from syndication.model.publication import Publication, PublicationKind
from syndication.model.story import Story
from syndication.publish.recall import Recipient, recipients
from syndication.storage import publications, stories
from syndication.storage.database import Transaction


@click.group()
def story() -> None:
    """Our own stories."""


@story.command("add")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--from", "sources", metavar="STORY", multiple=True, help="It is made from that one, and moves under its terms too; repeatable."
)
@click.pass_obj
def add(office: Office, file: BinaryIO, sources: tuple[str, ...]) -> None:
    """Take FILE (ninjs, NewsML-G2 or NITF; - is standard input) as a new story, and release it to every flow that may have it."""
    with office.open() as house:
        made = house.newsroom().add(file.read(LARGEST + 1), who(), house.clock(), sources)
        with house.database.read() as tx:
            _tell(tx, made, house.clock())


@story.command("correct")
@click.argument("name", metavar="STORY")
@click.argument("file", type=click.File("rb"))
@click.option("--note", help="What was wrong, for those who got it.")
@click.pass_obj
def correct(office: Office, name: str, file: BinaryIO, note: str | None) -> None:
    """Raise STORY by a version with what FILE says; it goes to all who got it."""
    with office.open() as house:
        made = house.newsroom().correct(name, file.read(LARGEST + 1), note, who(), house.clock())
        with house.database.read() as tx:
            _tell(tx, made, house.clock())


@story.command("kill")
@click.argument("name", metavar="STORY")
@click.option("--reason", required=True, help="Why, for those who got it.")
@click.pass_obj
def kill(office: Office, name: str, reason: str) -> None:
    """Kill STORY, for good, wherever it went."""
    with office.open() as house:
        made = house.newsroom().kill(name, reason, who(), house.clock())
        with house.database.read() as tx:
            _tell(tx, made, house.clock())


@story.command("take")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def take(ctx: click.Context, folder: Path) -> None:
    """Take the documents in FOLDER, once, as a worker takes those of newsroom_folder; what is done goes to taken/ or refused/ in it."""
    office: Office = ctx.obj
    with office.open() as house:
        done = Folder(house.newsroom(), folder).round(house.clock())
    show(("file", "what", "story"), [(one.name, str(one.what or "refused"), one.story or "") for one in done.handed])
    refused = [one for one in done.handed if one.what is None]
    for one in refused:
        for fault in one.faults:
            click.echo(f"{one.name}: {fault}", err=True)
    if done.waiting:
        click.echo(f"{done.waiting} changed within the last {STILL.seconds} s, and are left for the next time.", err=True)
    if refused:
        ctx.exit(1 if len(refused) == len(done.handed) else 4)


@story.command("hold")
@click.argument("name", metavar="STORY")
@click.option("--reason", required=True, help="Why, for those who got it.")
@click.pass_obj
def hold(office: Office, name: str, reason: str) -> None:
    """Withhold STORY, wherever it went, until it is lifted."""
    with office.open() as house:
        made = house.newsroom().hold(name, reason, who(), house.clock())
        with house.database.read() as tx:
            _tell(tx, made, house.clock())


@story.command("lift")
@click.argument("name", metavar="STORY")
@click.option("--reason", required=True, help="Why it may be used again, for those who got it.")
@click.pass_obj
def lift(office: Office, name: str, reason: str) -> None:
    """End the hold of STORY: it goes again to every flow that may have it."""
    with office.open() as house:
        made = house.newsroom().lift(name, reason, who(), house.clock())
        with house.database.read() as tx:
            _tell(tx, made, house.clock())


COLUMNS = ("story", "version", "pubstatus", "headline")


@story.command("ls")
@as_csv
@as_json
@click.pass_obj
def ls(office: Office, as_csv: bool, as_json: bool) -> None:
    """The newest stories."""
    with office.open() as house, house.database.read() as tx:
        newest = stories.recent(tx, 50)
    show(COLUMNS, [_row(one) for one in newest], as_csv=as_csv, as_json=as_json)


TOLD = ("flow", "got", "got at", "last", "placed at", "told at")


@story.command("told")
@click.argument("name", metavar="STORY")
@as_csv
@as_json
@click.pass_obj
def told(office: Office, name: str, as_csv: bool, as_json: bool) -> None:
    """Who got STORY, and who has fetched what came after: a correction, a hold, a kill. One row for each flow it was placed on."""
    with office.open() as house, house.database.read() as tx:
        one = found(tx, name)
        rows = recipients(publications.of_story(tx, one.id), publications.fetches(tx, one.id))
    show(TOLD, [_told_row(row) for row in rows], as_csv=as_csv, as_json=as_json)
    had = [row for row in rows if row.got is not None]
    waiting = [row.flow for row in had if row.waits]
    click.echo(f"{len(had)} got it; {len(had) - len(waiting)} of them have what was placed last, {len(waiting)} have not yet.", err=True)


def _told_row(row: Recipient) -> tuple[str, ...]:
    had = (f"version {row.got.version}", f"{row.got.at:%Y-%m-%dT%H:%M:%SZ}") if row.got else ("", "")
    last = f"version {row.last.version}" if row.last.kind is PublicationKind.STORY else "withdrawal"
    return row.flow, *had, last, f"{row.last.placed_at:%Y-%m-%dT%H:%M:%SZ}", f"{row.told:%Y-%m-%dT%H:%M:%SZ}" if row.told else ""


def _row(one: Story) -> tuple[str, ...]:
    return one.id, str(one.current.number), str(one.current.pubstatus), one.current.content.headline


def _tell(tx: Transaction, made: Story, now: datetime) -> None:
    """The story's id on standard output; where it went, in words, on standard error."""
    click.echo(made.id)
    until = made.current.content.embargo_until
    for publication in publications.of_story(tx, made.id):
        if publication.version == made.current.number:
            under = f"{publication.stamp.agreement} v{publication.stamp.version}"
            waits = _waits(publication, until, now)
            click.echo(f"{publication.kind} on {publication.flow}, under {under}{waits}", err=True)
    click.echo(f"Why, and why not: syndication explain {made.id} FLOW", err=True)


def _waits(publication: Publication, until: datetime | None, now: datetime) -> str:
    """Placed is not shown: the partner sees nothing before the hour, unless its terms let it be delivered before, marked."""
    if publication.kind is not PublicationKind.STORY or until is None or until <= now:
        return ""
    if publication.stamp.terms.embargo is EmbargoHandling.MARKED:
        return f"; it is shown there now, marked with its embargo until {until:%Y-%m-%d %H:%M} UTC"
    return f"; it waits there for its embargo until {until:%Y-%m-%d %H:%M} UTC, and is not shown before"
