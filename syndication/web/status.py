"""Whether it works: two probes for machines, which tell nothing else, and a page of plain counts for who has signed in."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from syndication.agreements.governing import Standing as Standings
from syndication.errors import StorageError
from syndication.feeds import language
from syndication.ingest.health import of_flows
from syndication.model.event import Event
from syndication.model.item import ReviewState
from syndication.model.partner import Direction
from syndication.model.poll import FlowHealth, Outcome, Sign, Trouble
from syndication.storage import agreements, events, items, partners, polls
from syndication.storage.migrate import check
from syndication.web.parts import parts

status = Blueprint("status", __name__)

RECENT = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand, in counts; the flows whose partner stopped them, and those that should be looked at."""

    at: datetime
    due: int
    failing: int
    stopped: int
    ended: tuple[FlowHealth, ...]
    troubles: dict[str, tuple[Trouble, ...]]
    flows: int
    items: dict[ReviewState, int]
    events: tuple[Event, ...]
    languages_checked: bool


@status.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@status.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers, and is at this version's schema. Tells no counts: who asks has not signed in."""
    here = parts()
    try:
        with here.database.read() as tx:
            check(tx)
    except StorageError:
        return Response("the database does not answer\n", 503, {"Retry-After": "5"}, content_type="text/plain; charset=utf-8")
    return Response("ready\n", content_type="text/plain; charset=utf-8")


@status.get("/status")
def standing() -> ResponseReturnValue:
    """What stops everything, plain counts, and who did what lately."""
    here = parts()
    now = here.clock()
    with here.database.read() as tx:
        inbound = partners.flows(tx, direction=Direction.INBOUND)
        health = [polls.health(tx, flow.id) for flow in inbound]
        register = agreements.register(tx, here.settings.agency)
        looked = of_flows(tx, inbound, Standings(register, now))
        # Those that their partner stopped have a list of their own.
        troubles = {flow: tuple(one for one in several if one.sign is not Sign.STOPPED) for flow, several in looked.items()}
        told = Standing(
            at=now,
            due=sum(1 for one in health if one.due_at and one.due_at <= now),
            failing=sum(1 for one in health if one.failures),
            stopped=sum(1 for one in health if one.due_at is None),
            ended=tuple(one for one in health if one.last_poll and one.last_poll.outcome is Outcome.GONE),
            troubles={flow: several for flow, several in troubles.items() if several},
            flows=len(inbound),
            items=items.counts(tx),
            events=events.events(tx, RECENT),
            languages_checked=language.INSTALLED,
        )
    return render_template("status.html", told=told, lost=register.unreadable)
