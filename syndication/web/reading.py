"""A partner's feeds for people: which there are, how to subscribe, and what each shows now; by the partner's token, as every feed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, render_template, request

from syndication.errors import NotFoundError, RefusedError
from syndication.feeds import opml
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.partner import Direction, Flow
from syndication.publish.document import entity_tag, outlook
from syndication.storage import partners, publications
from syndication.storage.database import Transaction
from syndication.web import conditional
from syndication.web.catalog import desk_language
from syndication.web.conditional import Document
from syndication.web.parts import Parts, parts
from syndication.web.presented import HEADERS, admitted, plain

reading = Blueprint("reading", __name__)

VARY: Final = {"Vary": f"{HEADERS['Vary']}, Accept-Language"}
HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
FIRST: Final = "atom"
"""The form that a page names first: it tells most."""


@dataclass(frozen=True, slots=True)
class Address:
    """Of one feed in one form, for the page and for what finds feeds in pages."""

    form: str
    media_type: str
    url: str


@reading.get("/feeds")
def index() -> Response:
    """Every feed of the partner that asks."""

    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        here = parts()
        listed = [(flow, _closed(tx, here, flow, now), _addresses(here, flow)) for flow in _flows(tx, token)]
        partner = partners.get(tx, token.partner)
        body = render_template("reading_index.html", listed=listed, partner=partner, token=token, opml=f"{_base(here)}/feeds.opml")
        return Response(body, headers={**HEADERS, **VARY, **HTML})

    return admitted(inside)


@reading.get("/feeds.opml")
def subscriptions() -> Response:
    """The same as a list that feed readers take in."""

    def inside(tx: Transaction, token: FeedToken, _now: datetime) -> Response:
        here = parts()
        body = opml.offered(_flows(tx, token), _base(here), here.settings.agency_name)
        return Response(body, headers={**HEADERS, "Content-Type": "text/x-opml; charset=utf-8"})

    return admitted(inside)


@reading.get("/feeds/<flow>")
def page(flow: str) -> Response:
    """What one feed shows now, to be read in a browser, and where it can be had by programs."""

    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        found = next((one for one in _flows(tx, token) if one.id == flow), None)
        return _page(tx, parts(), found, token, now) if found else plain(404, "There is no such feed.")

    return admitted(inside)


def _page(tx: Transaction, here: Parts, flow: Flow, token: FeedToken, now: datetime) -> Response:
    try:
        seen = outlook(tx, flow, here.settings, f"{_base(here)}/feeds/{flow.id}", now, here.outlooks)
    except NotFoundError:
        return plain(404, "There is no such feed.")
    except RefusedError as refused:
        return plain(403, f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
    shown = {"flow": flow, "document": seen.document, "addresses": _addresses(here, flow), "archives": seen.archives}
    document = Document(
        tag=entity_tag(here.secret_key, token.partner, f"page in {desk_language()}", seen),
        settled=seen.settled,
        whole=seen.whole,
        headers={**HEADERS, **VARY},
        described=HTML,
        body=lambda packed: conditional.packed(render_template("reading.html", **shown).encode(), packed),
    )
    fresh = publications.unfetched(tx, (*seen.sequences, *seen.notices))

    def sent() -> None:
        if fresh:
            with here.database.write() as writing:
                publications.record_fetch(writing, fresh, now, token.id)

    return conditional.answer(request, document, now, sent)


def _flows(tx: Transaction, token: FeedToken) -> tuple[Flow, ...]:
    mine = partners.flows(tx, direction=Direction.OUTBOUND)
    return tuple(flow for flow in mine if flow.partner == token.partner and token.opens(flow.id))


def _closed(tx: Transaction, here: Parts, flow: Flow, now: datetime) -> str | None:
    """Why nothing can be read there now; None where it can."""
    try:
        outlook(tx, flow, here.settings, "", now, here.outlooks)
    except (NotFoundError, RefusedError) as refused:
        return str(refused)
    return None


def _addresses(here: Parts, flow: Flow) -> tuple[Address, ...]:
    names = sorted(FORMS, key=lambda name: name != FIRST)
    return tuple(Address(name, FORMS[name].media_type.partition(";")[0], f"{_base(here)}/feeds/{flow.id}.{name}") for name in names)


def _base(here: Parts) -> str:
    return here.settings.base_url.rstrip("/")
