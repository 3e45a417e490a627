"""Who is told at once: the subscriptions that partners made at the hub, and the signed webhooks that are set up here."""

from datetime import datetime
from urllib.parse import urlsplit

import click

from syndication import access
from syndication.agreements.keys import meant
from syndication.cli.desk import Office, as_csv, as_json, show, show_json, who
from syndication.errors import ConflictError, InputError, NotFoundError, RefusedError
from syndication.fetch.client import address_fault
from syndication.fetch.guard import Guard
from syndication.identity import new_id
from syndication.model.account import FeedToken, stands
from syndication.model.event import Event
from syndication.model.partner import Direction, Flow
from syndication.model.subscription import End, Means, Subscription
from syndication.publish.push import OLD_SECRET, WEBHOOK_FORMS
from syndication.storage import accounts, events, partners, subscriptions
from syndication.storage.database import Transaction


@click.group()
def push() -> None:
    """Who is told at once, by WebSub or by a signed webhook."""


@push.command("add")
@click.argument("partner")
@click.argument("flow")
@click.argument("url")
@click.option("--form", type=click.Choice(WEBHOOK_FORMS), default=WEBHOOK_FORMS[0], show_default=True, help="What 'data' is in.")
@click.option("--token", "token_id", metavar="TOKEN-ID", help="It ends with this token. [the partner's that stands longest]")
@click.pass_obj
def push_add(office: Office, partner: str, flow: str, url: str, form: str, token_id: str | None) -> None:
    """Send what is placed on FLOW to PARTNER's webhook at URL. The secret that signs it is shown once, here."""
    secret = access.new_webhook_secret()
    with office.open() as house, house.database.write() as tx:
        now = house.clock()
        _sendable(url, Guard.of(house.settings.allow.get(partner, ())))
        to = _flow(tx, partner, flow)
        token = _token(tx, to, token_id, now)
        before = subscriptions.at(tx, flow, form, url, Means.WEBHOOK)
        if before is not None and before.end is None:
            raise ConflictError(f"{flow} is sent there already: {before.id}; another secret: syndication push rotate {before.id}")
        kept = access.sealed(house.secret_key(), secret)
        made = subscriptions.start(tx, Subscription(new_id("sub"), Means.WEBHOOK, partner, flow, form, url, token.id, now, secret=kept))
        events.record_event(tx, Event(now, who(), "added a webhook", made.id, f"{flow} to {urlsplit(url).hostname}"))
    click.echo(secret)
    click.echo(f"Its id: {made.id}. It ends with the token {token.id}.", err=True)
    if urlsplit(url).scheme != "https":
        click.echo("The address is not https: what is sent can be read on its way.", err=True)


def _sendable(url: str, guard: Guard) -> None:
    fault = address_fault(url, guard)
    if fault or not url.isascii():
        raise InputError(f"nothing can be sent to that URL: {fault or 'write it in ASCII'}")


def _flow(tx: Transaction, partner: str, name: str) -> Flow:
    found = {one.id: one for one in partners.flows(tx, direction=Direction.OUTBOUND, partner=partner)}
    if name not in found:
        raise NotFoundError(f"{partner} has no flow {name} that goes out{meant(name, found) or ';'} 'syndication flow ls' lists them")
    return found[name]


def _token(tx: Transaction, to: Flow, identity: str | None, now: datetime) -> FeedToken:
    """The token named, or the one that stands longest of those that open the flow."""
    good = [one for one in accounts.tokens(tx, to.partner) if stands(one, now) and one.opens(to.id) and identity in (None, one.id)]
    for_ever = [one for one in good if one.expires_at is None]
    if for_ever:
        return for_ever[0]
    if not good:
        which = f"the token {identity}" if identity else f"no token of {to.partner}"
        raise RefusedError(f"{which} does not open {to.id} now; 'syndication token issue {to.partner}' makes one that does")
    return max(good, key=lambda one: one.expires_at or now)


@push.command("rotate")
@click.argument("identity", metavar="SUBSCRIPTION-ID")
@click.pass_obj
def push_rotate(office: Office, identity: str) -> None:
    """Another secret for a webhook, shown once, here. For a day the one before signs too."""
    secret = access.new_webhook_secret()
    with office.open() as house, house.database.write() as tx:
        now = house.clock()
        if not subscriptions.rotate(tx, identity, access.sealed(house.secret_key(), secret), now + OLD_SECRET):
            raise NotFoundError(f"there is no webhook {identity} that stands; 'syndication push ls' lists them")
        events.record_event(tx, Event(now, who(), "rotated a webhook's secret", identity))
    click.echo(secret)
    click.echo(f"The one before signs too, for {int(OLD_SECRET.total_seconds() // 3600)} hours.", err=True)


@push.command("revive")
@click.argument("identity", metavar="SUBSCRIPTION-ID")
@click.pass_obj
def push_revive(office: Office, identity: str) -> None:
    """Send again to who was stale, from now on; what it missed is in its feed."""
    with office.open() as house, house.database.write() as tx:
        if not subscriptions.revive(tx, identity):
            raise NotFoundError(f"there is no stale subscription {identity}; 'syndication push ls' lists them")
        events.record_event(tx, Event(house.clock(), who(), "revived a subscription", identity))
    click.echo(f"{identity} goes on from here; what it missed is in its feed.", err=True)


@push.command("rm")
@click.argument("identity", metavar="SUBSCRIPTION-ID")
@click.pass_obj
def push_rm(office: Office, identity: str) -> None:
    """End a subscription or a webhook: nothing more is sent there, not even what is taken back."""
    with office.open() as house, house.database.write() as tx:
        if not subscriptions.end(tx, identity, End.REMOVED):
            raise NotFoundError(f"there is no subscription {identity} that stands; 'syndication push ls' lists them")
        events.record_event(tx, Event(house.clock(), who(), "removed a subscription", identity))
    click.echo(f"{identity} has ended.", err=True)


@push.command("ls")
@click.argument("flow", required=False)
@as_csv
@as_json
@click.pass_obj
def push_ls(office: Office, flow: str | None, as_csv: bool, as_json: bool) -> None:
    """Every subscription, or those to FLOW: how it stands, when it last took something, what waits for it."""
    with office.open() as house, house.database.read() as tx:
        waiting = subscriptions.waiting(tx)
        rows = [_row(one, waiting.get(one.id, 0)) for one in subscriptions.all(tx, flow=flow)]
    if as_json:
        show_json(rows)
        return
    show(tuple(COLUMNS), [tuple(str(value) for value in row.values()) for row in rows], as_csv=as_csv)


COLUMNS = ("id", "means", "partner", "flow", "form", "host", "state", "lease until", "last success", "waiting", "failures", "last error")


def _row(one: Subscription, waiting: int) -> dict[str, str | int]:
    """Of the callback only the host: the rest of the address is what guards it."""
    values = (
        one.id,
        str(one.means),
        one.partner,
        one.flow,
        one.form,
        urlsplit(one.callback).netloc,
        f"{one.state}: {one.end}" if one.end else str(one.state),
        _moment(one.lease_until),
        _moment(one.last_success_at),
        waiting,
        one.failures,
        one.last_error or "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else ""
