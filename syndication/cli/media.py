"""What partners send with their items and is not at home yet: what is waited for, what was given up and why, and asking once more."""

from dataclasses import asdict

import click

from syndication.cli.desk import Office, as_csv, as_json, show, show_json, who
from syndication.errors import NotFoundError, SyndicationError
from syndication.model.event import Event
from syndication.model.media import Arrival
from syndication.storage import arrivals, events, items, partners
from syndication.storage.database import Transaction

COLUMNS = ("item", "place", "partner", "state", "next", "tries", "address", "why")


@click.group()
def media() -> None:
    """Pictures, audio and video of what came in."""


@media.command("ls")
@click.option("--partner", help="Only what that partner sent.")
@click.option("--broken", is_flag=True, help="Only what was given up.")
@as_csv
@as_json
@click.pass_obj
def ls(office: Office, partner: str | None, broken: bool, as_csv: bool, as_json: bool) -> None:
    """What is not at home yet, newest first, and what was wrong the last time; how much is kept of each partner goes to standard error."""
    with office.open() as house, house.database.read() as tx:
        known = _partners(tx, partner)
        found = arrivals.listed(tx, partner=partner, broken=broken)
        sizes = {one: arrivals.bytes_of(tx, one) for one in ([partner] if partner else known)}
        most = house.settings.media_partner_bytes
    if as_json:
        show_json([{**asdict(one), "broken": one.broken} for one in found])
    else:
        show(COLUMNS, [_row(one) for one in found], as_csv=as_csv)
    for name, size in sizes.items():
        click.echo(f"{name}: {size} of {most} bytes are kept.", err=True)


@media.command("retry")
@click.argument("item", required=False)
@click.option("--partner", help="All that was given up of what that partner sent.")
@click.pass_obj
def retry(office: Office, item: str | None, partner: str | None) -> None:
    """Ask once more, now: for all of ITEM that is not at home; without one, for all that was given up, of every partner or of one."""
    with office.open() as house, house.database.write() as tx:
        _partners(tx, partner)
        if item is not None and items.get(tx, item) is None:
            raise NotFoundError(f"there is no item {item}; 'syndication media ls' lists what is not at home")
        found = arrivals.listed(tx, item=item, partner=partner, broken=item is None)
        for one in found:
            arrivals.ask_again(tx, one, house.clock())
            events.record_event(tx, Event(house.clock(), who(), "fetch again", one.item, one.url))
    click.echo(f"Asked for again: {len(found)}.", err=True)
    if item is not None and not found:
        raise SyndicationError(f"nothing of {item} is asked for: all is at home, or it was set aside, killed or deleted")


def _partners(tx: Transaction, wanted: str | None) -> list[str]:
    """The ids of all partners. Raises NotFoundError where the one that is wanted is not among them."""
    known = [one.id for one in partners.all(tx)]
    if wanted is not None and wanted not in known:
        raise NotFoundError(f"there is no partner {wanted}; there are {', '.join(known)}")
    return known


def _row(one: Arrival) -> tuple[str, ...]:
    state = "broken" if one.broken else "on the way" if one.lease_until else "waits"
    at = f"{one.next_at:%Y-%m-%d %H:%M}Z" if one.next_at else ""
    return one.item, str(one.place), one.partner, state, at, str(one.tries), one.url, one.why or ""
