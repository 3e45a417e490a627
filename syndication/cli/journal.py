"""The kill journal: what it holds, and doing again what the database lacks of another machine's."""

from pathlib import Path

import click

from syndication.cli.desk import Office, as_json, show
from syndication.model.journal import Buried, Deed, Enacted, Ending, Killed, Revoked
from syndication.storage.journal import Reading


@click.group()
def journal() -> None:
    """The kills, ends of tokens and acts on agreements that no restore takes back."""


given = click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@journal.command("ls")
@given
@as_json
@click.pass_context
def ls(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """What FILE holds, or our own journal; exit 4 where a line of it cannot be read."""
    office: Office = ctx.obj
    with office.open() as house:
        found = house.reading(file)
    show(("at", "what", "of", "by", "reason"), [_row(one) for one in found.deeds], as_json=as_json)
    _told(ctx, found)


@journal.command("replay")
@given
@click.pass_context
def replay(ctx: click.Context, file: Path | None) -> None:
    """Do again what the database lacks of FILE, such as another machine's journal. Our own is replayed whenever the database is opened."""
    office: Office = ctx.obj
    with office.open() as house:
        found = house.reading(file)
        done = house.replay(found)
    show(("at", "what", "of", "by", "reason"), [_row(one) for one in done])
    click.echo(f"{len(found.deeds)} in the journal; {len(done)} of them the database did not know of, and they are done again.", err=True)
    _told(ctx, found)


def _told(ctx: click.Context, found: Reading) -> None:
    if found.damaged:
        lines = ", ".join(str(number) for number in found.damaged)
        click.echo(f"Damaged: line {lines}. See in a copy of the journal what was done there, and do it again.", err=True)
        ctx.exit(4)


def _row(deed: Deed) -> tuple[str, ...]:
    at = f"{deed.at:%Y-%m-%dT%H:%M:%SZ}"
    match deed:
        case Killed():
            return at, "killed", f"{deed.story} v{deed.version}", deed.by, deed.reason or ""
        case Buried():
            return at, "killed by its partner", deed.guid, deed.partner, deed.comment or ""
        case Revoked():
            return at, "revoked", deed.token, "", ""
        case Ending():
            return at, "ends", deed.token, "", ""
        case Enacted():
            return at, str(deed.act.kind), deed.agreement, deed.by, deed.act.reason
