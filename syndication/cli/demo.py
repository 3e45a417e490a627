"""The whole exchange on one machine: our agency, and two partner agencies on loopback that go on living."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from syndication import access
from syndication.agreements.files import Files, read
from syndication.bootstrap import House, data_folder, opened, system_clock, working
from syndication.cli.desk import Office
from syndication.cli.serve import ending, first_editor, listen, sign_in_link, until
from syndication.demo.agency import DemoAgency
from syndication.errors import ConflictError, InputError
from syndication.feeds.forms import FORMS
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
FOLDER = "var/demo"
"""Its own: what is made up here, users and stories, must never be among what an agency's own data folder holds."""


@click.command()
@listen
@click.option("--fixtures", type=click.Path(path_type=Path, file_okay=False), default=TREE / "fixtures", help="The partners' stories.")
@click.pass_context
def demo(ctx: click.Context, listen: str | None, fixtures: Path) -> None:
    """Start everything, with two partner agencies on this machine, and say where to look. Its data: var/demo, or --data."""
    office: Office = ctx.obj
    given = ctx.find_root().params
    settings = replace(office.settings, data=str(given["data"] or FOLDER), database=given["database"])
    stories = fixtures / "partners"
    if office.config is None or not stories.is_dir():
        raise InputError("the demo needs the folders config/ and fixtures/ of the source tree: run it there, or name them")
    told = ending()
    with ExitStack() as stack:
        folder = data_folder(settings)
        stack.enter_context(_alone(folder))
        agencies = {name: DemoAgency(stories / name, folder / "partners" / name, system_clock) for name in PARTNERS}
        origins: dict[str, str] = {}
        for name, agency in agencies.items():
            origins[name] = agency.start(0)
            stack.callback(agency.stop)
        where = listen or settings.listen
        house = stack.enter_context(opened(_on_loopback(settings, origins, where)))
        # Before anything is changed: where the port is taken, nothing was.
        front = house.web()
        stack.enter_context(open_door(front, where, house.settings, front.strange))
        files = _rerouted(read(office.config, house.settings.agency), origins)
        with house.database.write() as tx:
            house.apply(tx, files, LABEL)
        stack.enter_context(working(house))
        _tell(house, origins, where)
        until(told)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo a folder: a second would lead the flows of the first to partners that the first may not visit. Ends with the process."""
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            told = f"a demo runs already on {folder}: look for its terminal and end it there with Ctrl-C, or start another beside it:"
            raise ConflictError(f"{told} syndication --data var/demo2 demo --listen 127.0.0.1:8801") from error
        yield


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
    others = ", ".join(f".{form}" for form in FORMS if form != "atom")
    for flow in outbound:
        if flow.partner in tokens:
            token = tokens[flow.partner]
            click.echo(f"{flow.title}, as {flow.partner} reads it, by a token that is good until the demo is started again:")
            click.echo(f"  {base}/feeds/{flow.id}.atom (or {others})")
            click.echo(f"  curl -u {flow.partner}:{token} {base}/feeds/{flow.id}.atom\n")
    for name, origin in origins.items():
        click.echo(f"What {name} itself publishes: {origin}/")
    click.echo("Each feed of theirs brings a new item every half minute, a correction after a minute, a kill after two. Ctrl-C ends it.")


def _fresh_token(tx: Transaction, partner: str, house: House) -> str:
    """Only hashes are kept, so each start issues a token and revokes the one of the start before."""
    now = house.clock()
    for old in accounts.tokens(tx, partner):
        if old.label == LABEL and old.revoked_at is None:
            accounts.revoke(tx, old.id, now)
    plain, digest = access.new_token()
    accounts.issue(tx, FeedToken(new_id("t"), partner, LABEL, now), digest)
    return plain
