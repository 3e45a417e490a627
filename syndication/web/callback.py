"""Where partners' hubs ask back and send (WebSub, the subscriber's half). A name that we did not make is refused before all else."""

from datetime import timedelta
from time import monotonic
from typing import Final

from flask import Blueprint, Response, abort, request

from syndication import access
from syndication.feeds.sanitize import clean_text
from syndication.ingest import callback as rules
from syndication.ingest.subscriber import KEY_PURPOSE, hint
from syndication.logs import logger
from syndication.model.callback import Callback, CallbackState, Push
from syndication.model.partner import Flow, Told
from syndication.storage import callbacks, partners
from syndication.web.parts import parts
from syndication.web.presented import plain

callback = Blueprint("callback", __name__)

CHUNK: Final = 64 * 1024
PATIENCE: Final = 10.0
"""Seconds that a push may take to arrive."""
LONGEST_REASON: Final = 200


@callback.get("/callbacks/<name>")
def confirm(name: str) -> Response:
    """The hub asks whether we asked, or says that it does not want to. Whatever we did not ask for is 404, and nothing of it is echoed."""
    here, now, identity = parts(), parts().clock(), _identity(name)
    if not here.budget.spend(identity, now):
        return plain(429, "Too many questions. Wait.", {"Retry-After": str(here.budget.wait(identity, now))})
    given = {key: request.args.get(f"hub.{key}", "") for key in ("mode", "topic", "challenge", "lease_seconds", "reason")}
    with here.database.write() as tx:
        one = callbacks.get(tx, identity)
        if one is None:
            abort(404)
        if given["mode"] == "denied" and given["topic"] == one.topic and one.state is not CallbackState.LEAVING:
            callbacks.deny(tx, one, clean_text(given["reason"], LONGEST_REASON), now)
            logger.info("a hub denied", flow=one.flow, hub=one.hub)
            return plain(200, "Understood.")
        challenge = given["challenge"].encode()
        if not rules.asked_for(one, given["mode"], given["topic"], now) or not 0 < len(challenge) <= rules.LONGEST_CHALLENGE:
            abort(404)
        if given["mode"] == "subscribe":
            callbacks.confirm(tx, one, rules.lasting(given["lease_seconds"] or None, now), now)
        else:
            callbacks.forget(tx, one)
    logger.info("confirmed to a hub", flow=one.flow, hub=one.hub, mode=given["mode"])
    return Response(challenge, 200, content_type="text/plain; charset=utf-8")


@callback.post("/callbacks/<name>")
def take(name: str) -> Response:
    """What a hub sends. 202 whether or not it is signed as it should be, so that nobody learns which; only then anything is made of it.

    404: no address of ours; 410: nothing is heard there any more, which ends it at the hub; 429: too much in a minute.
    """
    here, now = parts(), parts().clock()
    identity = _identity(name)
    if not here.budget.spend(identity, now):
        return plain(429, "Too many pushes. Wait.", {"Retry-After": str(here.budget.wait(identity, now))})
    with here.database.read() as tx:
        one = callbacks.get(tx, identity)
        flow = partners.flow(tx, one.flow) if one else None
    if one is None or flow is None or not rules.hears(one, now):
        return plain(410, "Nothing is heard here any more.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return plain(415, "Send it as it is, not packed.")
    body = _body()
    if rules.signed(request.headers.get("X-Hub-Signature"), rules.secret_of(_key(), identity), body):
        _told(one, flow, body)
    else:
        logger.info("a push was not signed as it should be", flow=one.flow)
    return plain(202, "Taken.")


def _told(one: Callback, flow: Flow, body: bytes) -> None:
    """A push of the hub's: kept for a worker where the flow takes its content; else, and where too many wait, a hint."""
    here, now = parts(), parts().clock()
    with here.database.write() as tx:
        callbacks.pushed(tx, one.flow, now)
        kind = request.headers.get("Content-Type")
        if flow.push is not Told.CONTENT or not callbacks.keep(tx, Push(0, one.flow, one.topic, body, kind)):
            hint(tx, one.flow, timedelta(seconds=here.settings.poll_interval_minimum), now)
    logger.info("pushed to us", flow=one.flow, size=len(body))


def _body() -> bytes:
    """All of it, up to a bound in bytes, past which it is 413, and in time (P08)."""
    request.max_content_length = rules.LARGEST_PUSH
    ends, chunks = monotonic() + PATIENCE, list[bytes]()
    while chunk := request.stream.read(CHUNK):
        chunks.append(chunk)
        if monotonic() > ends:
            abort(408)
    return b"".join(chunks)


def _identity(name: str) -> str:
    identity = rules.identity_of(_key(), name)
    if identity is None:
        abort(404)
    return identity


def _key() -> bytes:
    return access.derived(parts().secret_key, KEY_PURPOSE)
