"""With whom we exchange: partners, flows with their health and what governs them, and the tokens partners read with."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from syndication import access
from syndication.agreements.governing import Standing, governing
from syndication.agreements.subject import unmapped
from syndication.errors import ConflictError, NotFoundError
from syndication.feeds.forms import FORMS
from syndication.feeds.sanitize import clean_text
from syndication.identity import new_id
from syndication.ingest.callback import why_not
from syndication.ingest.health import of_flows
from syndication.model.account import FeedToken
from syndication.model.agreement import Register
from syndication.model.callback import Callback, Hub
from syndication.model.clearance import Governance
from syndication.model.event import Event
from syndication.model.partner import Direction, Flow
from syndication.model.poll import FlowHealth, RefusedKind, Renaming
from syndication.model.subscription import Subscription
from syndication.storage import accounts, agreements, callbacks, events, items, partners, polls, publications, subscriptions
from syndication.storage.database import Transaction
from syndication.web.catalog import gettext
from syndication.web.login import managers_only, recently, seated, unconfirmed
from syndication.web.parts import Parts, parts

exchanges = Blueprint("exchanges", __name__)

RECENT = 20
LOOKED_AT = 200
"""Of the newest items, so many are looked through for categories that stand for nothing."""
LONGEST_LABEL = 80
NOT_BY_AGREEMENT = (RefusedKind.DOCUMENT, RefusedKind.ENTRY, RefusedKind.HELD)
"""What the agreement refuses has a list of its own."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A flow, which agreement governs it now, or why none does, and how its polls go."""

    flow: Flow
    partner: str
    governance: Governance
    health: FlowHealth | None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is told of a flow at once. `host`: all that is shown of its callback, whose address is what guards it."""

    subscription: Subscription
    host: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Teller:
    """The hub of a flow that comes in, what it was asked, and why it is not asked, where it is not."""

    hub: Hub
    callbacks: tuple[Callback, ...]
    why_not: str | None


@exchanges.get("/partners")
def all_partners() -> ResponseReturnValue:
    """Every partner with its flows."""
    here = parts()
    with here.database.read() as tx:
        register = agreements.register(tx, here.settings.agency)
        known = partners.all(tx)
        streams = streams_of(tx, register, names(tx, here), here.clock())
    return render_template("partners.html", partners=known, streams=streams)


@exchanges.get("/flows")
def all_flows() -> ResponseReturnValue:
    """Every flow: what governs it, and its health."""
    here = parts()
    with here.database.read() as tx:
        register = agreements.register(tx, here.settings.agency)
        streams = streams_of(tx, register, names(tx, here), here.clock())
    return render_template("flows.html", streams=streams)


@exchanges.get("/flows/<flow>")
def flow_page(flow: str) -> ResponseReturnValue:
    """One flow: its last polls, what could not be taken, or the addresses of its feeds."""
    here = parts()
    with here.database.read() as tx:
        found = partners.flow(tx, flow)
        if found is None:
            raise NotFoundError(f"there is no flow {flow}")
        register = agreements.register(tx, here.settings.agency)
        stream = _stream(tx, found, register, names(tx, here), here.clock())
        inbound = found.direction is Direction.INBOUND
        recent = polls.recent(tx, found.id, RECENT) if inbound else ()
        faults = polls.refused(tx, found.id, RECENT, NOT_BY_AGREEMENT) if inbound else ()
        kept = polls.refused(tx, found.id, RECENT, (RefusedKind.AGREEMENT,)) if inbound else ()
        refused = events.refused(tx, found.id, RECENT) if inbound else ()
        troubles = of_flows(tx, (found,), Standing(register, here.clock())).get(found.id, ())
        pairs = polls.asked_about(tx, found.id, RECENT) if inbound else ()
        sender = partners.get(tx, found.partner) if inbound else None
        words = unmapped((item.current.entry for item in items.newest(tx, found.id, LOOKED_AT)), sender) if sender else ()
        fetched = None if inbound else publications.last_fetch(tx, found.id)
        told = _subscribers(tx, found.id)
        hub = callbacks.hub(tx, found.id)
        why = why_not(found, here.settings.base_url, stream.governance.agreement is not None)
        teller = Teller(hub, callbacks.of_flow(tx, found.id), why) if hub and hub.url else None
    base = here.settings.base_url.rstrip("/")
    addresses = [] if inbound else [f"{base}/feeds/{found.id}.{form}" for form in FORMS]
    return render_template(
        "flow.html",
        stream=stream,
        polls=recent,
        faults=faults,
        numbers={one.guid: one.id for one in kept},
        refused=refused,
        troubles=troubles,
        pairs=pairs,
        words=words[:RECENT],
        fetched=fetched,
        addresses=addresses,
        subscribers=told,
        teller=teller,
    )


@exchanges.get("/flows/<flow>/refused/<int:number>")
def refused_bytes(flow: str, number: int) -> ResponseReturnValue:
    """What was refused, byte for byte: always as a file to be saved, of plain text, never as a page (H11)."""
    with parts().database.read() as tx:
        kept = polls.refused_whole(tx, flow, number)
    if kept is None:
        raise NotFoundError(f"nothing that {flow} refused has the number {number}; it may have been taken meanwhile, or deleted")
    saved = {"Content-Disposition": f"attachment; filename=refused-{number}.txt", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(kept.raw, 200, saved, content_type="text/plain")


@exchanges.post("/flows/<flow>/ids")
def say_ids(flow: str) -> ResponseReturnValue:
    """What the new ids of a feed are: other names of what is known, or new stories."""
    here = parts()
    said = request.form.get("said", "")
    if said not in (Renaming.SAME, Renaming.NEW):
        abort(400)
    now = here.clock()
    with here.database.write() as tx:
        if not polls.answer(tx, flow, Renaming(said), now):
            raise ConflictError(f"{flow} does not ask any more: someone has said it, or its ids are as they were")
        events.record_event(tx, Event(now, seated().login, "said what new ids are", flow, said))
    flash(gettext("Said: the next poll takes what waits."))
    return redirect(url_for("exchanges.flow_page", flow=flow), 303)


@exchanges.get("/tokens")
@managers_only
def tokens() -> ResponseReturnValue:
    """What partners read with, without its text."""
    return _tokens_page()


@exchanges.post("/tokens")
@managers_only
def issue_token() -> ResponseReturnValue:
    """Issue one. Its text is in this answer and nowhere else, which is why this form does not redirect."""
    here = parts()
    now = here.clock()
    partner, label = request.form.get("partner", ""), clean_text(request.form.get("label", ""), LONGEST_LABEL)
    if fault := unconfirmed(here, now):
        return _tokens_page(fault=fault, partner=partner, label=label), 403
    plain, digest = access.new_token()
    with here.database.write() as tx:
        if partners.get(tx, partner) is None:
            abort(400)
        made = FeedToken(new_id("t"), partner, label, now)
        accounts.issue(tx, made, digest)
        events.record_event(tx, Event(now, seated().login, "issued a token", made.id, f"for {partner}"))
    return _tokens_page(issued=made, plain=plain)


@exchanges.post("/tokens/<token>/revoke")
@managers_only
def revoke_token(token: str) -> ResponseReturnValue:
    """Revoke one: the partner's next request with it gets 401."""
    here = parts()
    now = here.clock()
    if fault := unconfirmed(here, now):
        return _tokens_page(fault=fault), 403
    with here.database.write() as tx:
        if not accounts.revoke(tx, token, now):
            raise NotFoundError(f"there is no valid token {token}")
        events.record_event(tx, Event(now, seated().login, "revoked a token", token))
    flash(gettext("Revoked: the partner's next request with it is refused."))
    return redirect(url_for("exchanges.tokens"), 303)


def _tokens_page(**more: object) -> str:
    here = parts()
    with here.database.read() as tx:
        known = partners.all(tx)
        issued_to = [(one, accounts.tokens(tx, one.id)) for one in known]
    return render_template("tokens.html", issued_to=issued_to, fresh=recently(here.clock()), **more)


def names(tx: Transaction, here: Parts) -> dict[str, str]:
    """What parties are called: partners and ourselves."""
    return {here.settings.agency: here.settings.agency_name, **{one.id: one.name for one in partners.all(tx)}}


def streams_of(tx: Transaction, register: Register, names: dict[str, str], now: datetime) -> list[Stream]:
    """Every flow, as it stands now."""
    return [_stream(tx, flow, register, names, now) for flow in partners.flows(tx)]


def _subscribers(tx: Transaction, flow: str) -> list[Subscriber]:
    waiting = subscriptions.waiting(tx)
    found = subscriptions.all(tx, flow=flow)
    return [Subscriber(one, urlsplit(one.callback).netloc, waiting.get(one.id, 0)) for one in found]


def _stream(tx: Transaction, flow: Flow, register: Register, names: dict[str, str], now: datetime) -> Stream:
    health = polls.health(tx, flow.id) if flow.direction is Direction.INBOUND else None
    return Stream(flow, names.get(flow.partner, flow.partner), governing(flow, register, now), health)
