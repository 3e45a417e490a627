"""The whole exchange on one machine: our agency, and two partner agencies on loopback that go on living."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from syndication import access
from syndication.agreements import register
from syndication.agreements.files import Files, read
from syndication.bootstrap import House, opened, system_clock, working
from syndication.cli.desk import Office
from syndication.cli.serve import ending, first_editor, listen, sign_in_link, until
from syndication.demo.agency import DemoAgency
from syndication.errors import InputError
from syndication.identity import new_id
from syndication.model.account import FeedToken, Role
from syndication.model.partner import Direction
from syndication.settings import Settings
from syndication.storage import accounts, partners
from syndication.storage.database import Transaction
from syndication.web.door import open_door

TREE = Path(__file__).parents[2]
PARTNERS = ("trc", "azertac")
POLL_SECONDS = 5
LABEL = "demo"


@click.command()
@listen
@click.option("--fixtures", type=click.Path(path_type=Path, file_okay=False), default=TREE / "fixtures", help="The partners' stories.")
@click.pass_obj
def demo(office: Office, listen: str | None, fixtures: Path) -> None:
    """Start everything, with two partner agencies on this machine, and say where to look."""
    stories = fixtures / "partners"
    if office.config is None or not stories.is_dir():
        raise InputError("the demo needs the folders config/ and fixtures/ of the source tree: run it there, or name them")
    told = ending()
    with ExitStack() as stack:
        agencies = {name: DemoAgency(stories / name, Path(office.settings.data) / "demo" / name, system_clock) for name in PARTNERS}
        origins: dict[str, str] = {}
        for name, agency in agencies.items():
            origins[name] = agency.start(0)
            stack.callback(agency.stop)
        where = listen or office.settings.listen
        house = stack.enter_context(opened(_on_loopback(office.settings, origins, where)))
        files = _rerouted(read(office.config, house.settings.agency), origins)
        with house.database.write() as tx:
            register.apply(tx, files, house.clock(), LABEL)
        stack.enter_context(open_door(house.web(), where, house.settings))
        stack.enter_context(working(house))
        _tell(house, origins, where)
        until(told)


def _on_loopback(settings: Settings, origins: dict[str, str], where: str) -> Settings:
    """The settings with one door of the guard opened: to each partner, the very address of its demo server."""
    allow: dict[str, tuple[str, ...]] = {name: (f"127.0.0.1/32:{urlsplit(origin).port}",) for name, origin in origins.items()}
    return replace(settings, allow=allow, base_url=f"http://{where}", poll_interval_minimum=POLL_SECONDS)


def _rerouted(files: Files, origins: dict[str, str]) -> Files:
    """The files with the partners' addresses, which no machine of a newcomer reaches, led to the demo servers."""
    flows = tuple(
        replace(flow, url=origins[flow.partner] + urlsplit(flow.url).path, interval=timedelta(seconds=POLL_SECONDS))
        if flow.url and flow.partner in origins
        else flow
        for flow in files.flows
    )
    return replace(files, flows=flows)


def _tell(house: House, origins: dict[str, str], where: str) -> None:
    base = f"http://{where}"
    with house.database.write() as tx:
        link = sign_in_link(tx, house, first_editor(tx, house, "editor", "Editor", Role.EDITOR))
        manager = sign_in_link(tx, house, first_editor(tx, house, "manager", "Manager", Role.MANAGER))
        tokens = {name: _fresh_token(tx, name, house) for name in PARTNERS}
        outbound = partners.flows(tx, direction=Direction.OUTBOUND)
    click.echo(f"{house.settings.agency_name} is exchanging stories with two partner agencies, here on this machine.\n")
    click.echo("Sign in as an editor (the link works once; the queue fills within seconds):")
    click.echo(f"  {link}\n")
    click.echo("Sign in as a manager, who also keeps the flows:")
    click.echo(f"  {manager}\n")
    for flow in outbound:
        if flow.partner in tokens:
            token = tokens[flow.partner]
            click.echo(f"{flow.title}, as {flow.partner} reads it ({token}):")
            click.echo(f"  {base}/feeds/{flow.id}.atom (or .rss, .json)")
            click.echo(f"  curl -u {flow.partner}:{token} {base}/feeds/{flow.id}.atom\n")
    for name, origin in origins.items():
        click.echo(f"What {name} itself publishes: {origin}/")
    click.echo("A new item comes every few seconds, a correction after a minute, a kill after two. Ctrl-C ends it.")


def _fresh_token(tx: Transaction, partner: str, house: House) -> str:
    """Only hashes are kept, so each start issues a token and revokes the one of the start before."""
    now = house.clock()
    for old in accounts.tokens(tx, partner):
        if old.label == LABEL and old.revoked_at is None:
            accounts.revoke(tx, old.id, now)
    plain, digest = access.new_token()
    accounts.issue(tx, FeedToken(new_id("t"), partner, LABEL, now), digest)
    return plain
