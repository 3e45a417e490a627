"""The agreements: listed and read, and what is done to them after the signature."""

import click

from syndication.agreements.calendar import last_day, state, version_at
from syndication.cli.desk import Office, as_json, show, show_json
from syndication.storage import agreements


@click.group()
def agreement() -> None:
    """The exchange agreements."""


COLUMNS = ("agreement", "version", "state", "until", "parties", "title")


@agreement.command("ls")
@as_json
@click.pass_obj
def ls(office: Office, as_json: bool) -> None:
    """Each agreement, and how it stands now."""
    with office.open() as house, house.database.read() as tx:
        known, now = agreements.register(tx, house.settings.agency), house.clock()
    rows = []
    for dossier in known.dossiers:
        one, last = version_at(dossier, now), last_day(dossier, now)
        until = str(last) if last else ""
        rows.append((one.reference, str(one.version), str(state(dossier, now)), until, ", ".join(one.parties), one.title))
    if as_json:
        show_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        return
    show(COLUMNS, rows)
