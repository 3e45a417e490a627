"""Who sits at the desk, and what partners read with."""

import click

from syndication import access
from syndication.agreements.keys import meant
from syndication.cli.desk import Office, as_json, show
from syndication.cli.serve import sign_in_link
from syndication.errors import ConflictError, NotFoundError
from syndication.identity import new_id
from syndication.model.account import Editor, FeedToken, Role
from syndication.storage import accounts, partners
from syndication.storage.database import Transaction


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
            raise NotFoundError(f"there is no user {login}")
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


@token.command("issue")
@click.argument("partner")
@click.option("--label", default="", help="What it is for, to tell it from the next.")
@click.pass_obj
def token_issue(office: Office, partner: str, label: str) -> None:
    """Issue a token to PARTNER. It is shown once, here; only its hash is kept. Older ones stay valid until revoked."""
    with office.open() as house, house.database.write() as tx:
        _known(tx, partner)
        plain, digest = access.new_token()
        made = FeedToken(new_id("t"), partner, label, house.clock())
        accounts.issue(tx, made, digest)
    click.echo(plain)
    click.echo(f"Its id, to revoke it by: {made.id}", err=True)


def _known(tx: Transaction, partner: str) -> None:
    if partners.get(tx, partner) is None:
        near = meant(partner, [one.id for one in partners.all(tx)])
        raise NotFoundError(f"there is no partner {partner}{near or ';'} 'syndication flow ls' names those that have flows")


@token.command("revoke")
@click.argument("identity", metavar="TOKEN-ID")
@click.pass_obj
def token_revoke(office: Office, identity: str) -> None:
    """Revoke a token: the partner's next request with it gets 401."""
    with office.open() as house, house.database.write() as tx:
        if not accounts.revoke(tx, identity, house.clock()):
            raise NotFoundError(f"there is no valid token {identity}; 'syndication token ls PARTNER' lists them")
    click.echo(f"{identity} is revoked.", err=True)


@token.command("ls")
@click.argument("partner")
@as_json
@click.pass_obj
def token_ls(office: Office, partner: str, as_json: bool) -> None:
    """A partner's tokens, without their text."""
    with office.open() as house, house.database.read() as tx:
        _known(tx, partner)
        rows = [
            (one.id, one.label, f"{one.created_at:%Y-%m-%d}", f"{one.revoked_at:%Y-%m-%d}" if one.revoked_at else "")
            for one in accounts.tokens(tx, partner)
        ]
    show(("id", "label", "created", "revoked"), rows, as_json=as_json)
