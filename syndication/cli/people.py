"""Who sits at the desk, what partners read with, and what our own newsroom writes with."""

import re
from datetime import datetime, timedelta

import click

from syndication import access
from syndication.agreements.keys import meant
from syndication.cli.desk import Moment, Office, as_json, show, who
from syndication.cli.serve import sign_in_link
from syndication.errors import ConflictError, InputError, NotFoundError
from syndication.feeds.sanitize import clean_text
from syndication.identity import new_id
from syndication.model.account import Editor, FeedToken, NewsroomToken, Role
from syndication.model.event import Event
from syndication.model.partner import Direction
from syndication.storage import accounts, events, partners
from syndication.storage.database import Transaction

LONGEST_LABEL = 80
SPAN = re.compile(r"(\d{1,4})([mhd])", re.ASCII)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Span(click.ParamType[timedelta]):
    """A length of time as a person writes it: `30m`, `24h`, `7d`."""

    name = "span"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Minutes, hours or days."""
        if isinstance(value, timedelta):
            return value
        found = SPAN.fullmatch(value.strip())
        if found is None:
            self.fail(f"'{value}' is no length of time; write it as 30m, 24h or 7d.", param, ctx)
        return int(found[1]) * UNITS[found[2]]


@click.group()
def user() -> None:
    """Editors and managers."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default=str(Role.EDITOR), show_default=True)
@click.option("--language", help="Of the desk: en, fr, ru or vi. [desk_language]")
@click.pass_obj
def user_add(office: Office, login: str, name: str, role: str, language: str | None) -> None:
    """Add someone, and print the one-time link to sign in by."""
    with office.open() as house, house.database.write() as tx:
        if accounts.by_login(tx, login) is not None:
            raise ConflictError(f"there is a user {login} already; a new link: syndication user link {login}")
        editor = Editor(new_id("e"), login, name, Role(role), language or house.settings.desk_language, 1, None, house.clock())
        accounts.add(tx, editor)
        link = sign_in_link(tx, house, editor)
    click.echo(link)


@user.command("link")
@click.argument("login")
@click.pass_obj
def user_link(office: Office, login: str) -> None:
    """Print a new one-time link to sign in by."""
    with office.open() as house, house.database.write() as tx:
        editor = accounts.by_login(tx, login)
        if editor is None:
            raise NotFoundError(f"there is no user {login}; 'syndication user ls' lists them")
        link = sign_in_link(tx, house, editor)
    click.echo(link)


@user.command("ls")
@as_json
@click.pass_obj
def user_ls(office: Office, as_json: bool) -> None:
    """Who may sign in."""
    with office.open() as house, house.database.read() as tx:
        rows = [(one.login, one.name, str(one.role), one.language) for one in accounts.all(tx)]
    show(("login", "name", "role", "language"), rows, as_json=as_json)


@click.group()
def token() -> None:
    """What partners read their feeds with."""


ends = click.option("--until", type=Moment(), metavar="WHEN", help="It ends then. [never, until revoked]")


@token.command("issue")
@click.argument("partner")
@click.option("--label", default="", help="What it is for, to tell it from the next.")
@click.option("--flow", "flows", metavar="FLOW", multiple=True, help="It reads this flow only; repeatable. [all of the partner's]")
@ends
@click.pass_obj
def token_issue(office: Office, partner: str, label: str, flows: tuple[str, ...], until: datetime | None) -> None:
    """Issue a token to PARTNER. It is shown once, here; only its hash is kept. Older ones stay valid until revoked."""
    with office.open() as house, house.database.write() as tx:
        _known(tx, partner)
        chosen = _flows(tx, partner, flows)
        plain, digest = access.new_token()
        now = house.clock()
        made = FeedToken(new_id("t"), partner, clean_text(label, LONGEST_LABEL), now, _ahead(until, now), flows=chosen)
        accounts.issue(tx, made, digest)
        events.record_event(tx, Event(now, who(), "issued a token", made.id, f"for {partner}"))
    click.echo(plain)
    click.echo(f"Its id, to revoke it by: {made.id}", err=True)


def _flows(tx: Transaction, partner: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The flows as given, each once; None for none. Raises NotFoundError for one that the partner does not read."""
    read = [one.id for one in partners.flows(tx, direction=Direction.OUTBOUND) if one.partner == partner]
    for name in names:
        if name not in read:
            raise NotFoundError(f"{name} is no flow that {partner} reads{meant(name, read) or ';'} 'syndication flow ls' lists them")
    return tuple(dict.fromkeys(names)) or None


def _ahead(until: datetime | None, now: datetime) -> datetime | None:
    if until is not None and until <= now:
        raise InputError(f"--until: {until:%Y-%m-%d %H:%M} UTC is past; a token ends later than now")
    return until


def _known(tx: Transaction, partner: str) -> None:
    if partners.get(tx, partner) is None:
        near = meant(partner, [one.id for one in partners.all(tx)])
        raise NotFoundError(f"there is no partner {partner}{near or ';'} 'syndication flow ls' names those that have flows")


@token.command("rotate")
@click.argument("identity", metavar="TOKEN-ID")
@click.option("--in", "overlap", type=Span(), default="24h", show_default=True, help="So long the old one stays valid: 30m, 24h, 7d.")
@click.pass_obj
def token_rotate(office: Office, identity: str, overlap: timedelta) -> None:
    """Issue another token in the place of TOKEN-ID, with its label and flows. Both stand for a while; then the old one ends."""
    with office.open() as house, house.database.write() as tx:
        old = accounts.token(tx, identity)
        if old is None:
            raise NotFoundError(f"there is no token {identity}; 'syndication token ls PARTNER' lists them")
        now = house.clock()
        made, plain = access.rotate(tx, old, now, overlap)
        events.record_event(tx, Event(now, who(), "issued a token", made.id, f"for {made.partner}, in the place of {old.id}"))
    click.echo(plain)
    click.echo(f"Its id, to revoke it by: {made.id}. {old.id} ends at the latest at {now + overlap:%Y-%m-%d %H:%M} UTC.", err=True)


@token.command("revoke")
@click.argument("identity", metavar="TOKEN-ID")
@click.pass_obj
def token_revoke(office: Office, identity: str) -> None:
    """Revoke a token: the partner's next request with it gets 401."""
    with office.open() as house, house.database.write() as tx:
        if not accounts.revoke(tx, identity, house.clock()):
            raise NotFoundError(f"there is no valid token {identity}; 'syndication token ls PARTNER' lists them")
        events.record_event(tx, Event(house.clock(), who(), "revoked a token", identity))
    click.echo(f"{identity} is revoked.", err=True)


TOKEN_COLUMNS = ("id", "label", "flows", "created", "last used", "ends", "revoked")


@token.command("ls")
@click.argument("partner")
@as_json
@click.pass_obj
def token_ls(office: Office, partner: str, as_json: bool) -> None:
    """A partner's tokens, without their text."""
    with office.open() as house, house.database.read() as tx:
        _known(tx, partner)
        rows = [
            (one.id, one.label, "all" if one.flows is None else ", ".join(one.flows), *_life(one)) for one in accounts.tokens(tx, partner)
        ]
    show(TOKEN_COLUMNS, rows, as_json=as_json)


def _life(one: FeedToken | NewsroomToken) -> tuple[str, ...]:
    moments = (one.last_used_at, one.expires_at, one.revoked_at)
    return f"{one.created_at:%Y-%m-%d}", *(f"{at:%Y-%m-%d %H:%M}Z" if at else "" for at in moments)


@click.group("newsroom-token")
def newsroom_token() -> None:
    """What our own CMS hands stories in with, by /api/stories."""


@newsroom_token.command("issue")
@click.option("--label", default="", help="What it is for, to tell it from the next.")
@ends
@click.pass_obj
def newsroom_token_issue(office: Office, label: str, until: datetime | None) -> None:
    """Issue a token to our own newsroom. It is shown once, here; only its hash is kept. It opens no feed."""
    with office.open() as house, house.database.write() as tx:
        plain, digest = access.new_token(access.NEWSROOM_PREFIX)
        now = house.clock()
        made = NewsroomToken(new_id("n"), clean_text(label, LONGEST_LABEL), now, _ahead(until, now))
        accounts.issue_newsroom(tx, made, digest)
        events.record_event(tx, Event(now, who(), "issued a newsroom token", made.id, made.label))
    click.echo(plain)
    click.echo(f"Its id, to revoke it by: {made.id}", err=True)


@newsroom_token.command("revoke")
@click.argument("identity", metavar="TOKEN-ID")
@click.pass_obj
def newsroom_token_revoke(office: Office, identity: str) -> None:
    """Revoke one: the next request with it gets 401."""
    with office.open() as house, house.database.write() as tx:
        if not accounts.revoke_newsroom(tx, identity, house.clock()):
            raise NotFoundError(f"there is no valid token {identity}; 'syndication newsroom-token ls' lists them")
        events.record_event(tx, Event(house.clock(), who(), "revoked a newsroom token", identity))
    click.echo(f"{identity} is revoked.", err=True)


NEWSROOM_COLUMNS = ("id", "label", "created", "last used", "ends", "revoked")


@newsroom_token.command("ls")
@as_json
@click.pass_obj
def newsroom_token_ls(office: Office, as_json: bool) -> None:
    """Our newsroom's tokens, without their text."""
    with office.open() as house, house.database.read() as tx:
        rows = [(one.id, one.label, *_life(one)) for one in accounts.newsroom(tx)]
    show(NEWSROOM_COLUMNS, rows, as_json=as_json)
