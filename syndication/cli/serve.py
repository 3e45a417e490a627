"""Running it: everything in one process, or web and workers apart."""

import os
import signal
import sys
from contextlib import ExitStack
from threading import Event
from types import FrameType

import click
from granian import Granian
from granian.constants import Interfaces

from syndication import access
from syndication.agreements.files import read
from syndication.bootstrap import House, opened, working
from syndication.cli.desk import Office, who
from syndication.identity import new_id
from syndication.model.account import Editor, Role
from syndication.storage import accounts, agreements
from syndication.storage.database import Transaction
from syndication.web.door import THREADS, open_door

listen = click.option("--listen", metavar="HOST:PORT", help="Where the web answers. [127.0.0.1:8800]")


@click.command()
@listen
@click.pass_obj
def serve(office: Office, listen: str | None) -> None:
    """Web, clock and workers in one process, on the files of --config and the data of --data."""
    told = ending()
    with ExitStack() as stack:
        house = stack.enter_context(office.open())
        where = listen or house.settings.listen
        # Before anything is changed: where the port is taken, nothing was.
        front = house.web()
        stack.enter_context(open_door(front, where, house.settings, front.strange))
        apply_files(office, house)
        welcome(house)
        stack.enter_context(working(house))
        click.echo(f"Listening on http://{where}/   Ctrl-C ends it.", err=True)
        until(told)


@click.command()
@listen
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="So many processes, on one port. [1]")
@click.pass_obj
def web(office: Office, listen: str | None, workers: int) -> None:
    """Only the web: the desk and the feeds. As many as you like, on one database."""
    if workers > 1:
        many(office, listen or office.settings.listen, workers)
        return
    told = ending()
    with ExitStack() as stack:
        house = stack.enter_context(opened(office.settings, migrating=False))
        where = listen or house.settings.listen
        front = house.web()
        stack.enter_context(open_door(front, where, house.settings, front.strange))
        click.echo(f"Listening on http://{where}/   Ctrl-C ends it.", err=True)
        until(told)


def many(office: Office, where: str, workers: int) -> None:
    """Several processes behind one port, under granian, until they are told to end. Each reads the settings from its environment."""
    with opened(office.settings, migrating=False):
        pass  # what is wrong is said once, before any of them begins
    host, _, port = where.rpartition(":")
    if office.config:
        os.environ["SYNDICATION_CONFIG"] = str(office.config)
    os.environ["SYNDICATION_DATA"] = office.settings.data
    os.environ["SYNDICATION_LISTEN"] = where
    if office.settings.database:
        os.environ["SYNDICATION_DATABASE"] = office.settings.database
    click.echo(f"Listening on http://{where}/ with {workers} processes. Ctrl-C ends it.", err=True)
    server = Granian(
        "syndication.bootstrap:application",
        address=host.strip("[]") or "127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        factory=True,
        log_access=False,
    )
    server.serve()


@click.command()
@click.pass_obj
def worker(office: Office) -> None:
    """Only a worker: it polls the flows that are due, and sends to subscribers. As many as you like, on one database."""
    told = ending()
    with opened(office.settings, migrating=False) as house, working(house):
        click.echo("Polling and sending what is due. Ctrl-C ends it.", err=True)
        until(told)


@click.command("migrate")
@click.pass_obj
def migrate_command(office: Office) -> None:
    """Bring the database to this version's schema."""
    with office.open():
        click.echo("The database is at this version's schema.", err=True)


def apply_files(office: Office, house: House) -> None:
    """Take the partners and agreements of --config, as `syndication apply` does; not while one in the database cannot be read."""
    if office.config is None:
        return
    files = read(office.config, house.settings.agency)
    with house.database.write() as tx:
        for lost in agreements.register(tx, house.settings.agency).unreadable:
            # To end here would stop the agreements that can be read, too.
            click.echo(f"The files of --config are not taken: {lost.reference} in the database cannot be read ({lost.why}).", err=True)
            return
        for change in house.apply(tx, files, who()):
            click.echo(f"{change}", err=True)


def welcome(house: House) -> None:
    """On the first start: a manager to begin with, and the one-time link to sign in by."""
    with house.database.write() as tx:
        if accounts.all(tx):
            return
        link = sign_in_link(tx, house, first_editor(tx, house, "manager", "Manager", Role.MANAGER))
    click.echo(f"First start. Sign in, once, within the day, as 'manager':\n  {link}", err=True)


def first_editor(tx: Transaction, house: House, login: str, name: str, role: Role) -> Editor:
    """The editor of that login, made if there is none."""
    known = accounts.by_login(tx, login)
    if known is not None:
        return known
    editor = Editor(new_id("e"), login, name, role, house.settings.desk_language, 1, None, house.clock())
    accounts.add(tx, editor)
    return editor


def sign_in_link(tx: Transaction, house: House, editor: Editor) -> str:
    """A link that signs this editor in, once."""
    token = access.issue_sign_in_link(tx, editor, house.clock())
    return f"{house.settings.base_url.rstrip('/')}/sign-in/{token}"


def ending() -> Event:
    """From now on Ctrl-C or a SIGTERM sets this event; a second one ends the process at once. Asked for before anything is started."""
    told = Event()

    def tell(_signal: int, _frame: FrameType | None) -> None:
        if told.is_set():
            sys.exit(130)
        told.set()

    signal.signal(signal.SIGINT, tell)
    signal.signal(signal.SIGTERM, tell)
    return told


def until(told: Event) -> None:
    """Wait to be told to end."""
    while not told.wait(1.0):
        pass
    click.echo("Ending: what is under way is finished first.", err=True)
