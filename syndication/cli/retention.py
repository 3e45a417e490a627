"""The deletion duty: what is due, deleting it, and the list of what was deleted."""

from collections.abc import Iterable
from dataclasses import asdict

import click

from syndication.cli.desk import Office, as_json, show, show_json, who
from syndication.errors import NotFoundError
from syndication.model.erasure import Erasure
from syndication.storage import agreements, erasures


@click.group()
def retention() -> None:
    """The texts that are deleted when their use has ended."""


@retention.command("plan")
@as_json
@click.pass_obj
def plan(office: Office, as_json: bool) -> None:
    """What is due for deletion now, and the clause that says so; nothing is deleted."""
    with office.open() as house:
        _show(house.retention().plan(house.clock()), as_json)


@retention.command("run")
@as_json
@click.pass_obj
def run(office: Office, as_json: bool) -> None:
    """Delete what is due now. A worker does the same when it starts, and once a day."""
    with office.open() as house:
        _show(house.retention().run(who(), house.clock()), as_json)


@retention.command("ls")
@click.argument("agreement", required=False)
@as_json
@click.pass_obj
def ls(office: Office, agreement: str | None, as_json: bool) -> None:
    """What was deleted, oldest first: under AGREEMENT, or under any."""
    with office.open() as house, house.database.read() as tx:
        if agreement and agreements.register(tx, house.settings.agency).dossier(agreement) is None:
            raise NotFoundError(f"there is no agreement {agreement}; 'syndication agreement ls' lists them")
        _show(erasures.all(tx, agreement), as_json)


COLUMNS = ("at", "subject", "version", "partner", "under", "headline", "why")


def _show(found: Iterable[Erasure], as_json: bool) -> None:
    if as_json:
        show_json([asdict(one) for one in found])
        return
    show(COLUMNS, [_row(one) for one in found])


def _row(one: Erasure) -> tuple[str, ...]:
    under = f"{one.agreement} v{one.agreement_version}, {one.clause}"
    return f"{one.at:%Y-%m-%d %H:%M}Z", one.subject, str(one.version), one.partner, under, one.headline, one.reason
