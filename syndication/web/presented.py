"""The token that a partner presents, at any door of its own: read, looked up, slowed down when wrong; and the plain answers there (A02)."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from flask import Response, request

from syndication import access
from syndication.model.account import FeedToken
from syndication.storage import partners
from syndication.storage.database import Transaction
from syndication.web.parts import parts

HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept, Accept-Encoding, A-IM, Sec-Fetch-Dest"}
"""On every answer, 304 too: kept and revalidated by the partner, kept by nobody in between (Z08)."""


def admitted(inside: Callable[[Transaction, FeedToken, datetime], Response]) -> Response:
    """What `inside` answers to whoever presented a token that stands; to everyone else the same refusal, whatever is wrong.

    `inside` gets the transaction, for reading, in which the token was found, the token, and the moment at which it stood.
    """
    here = parts()
    now = here.clock()
    given = presented()
    with here.database.read() as tx:
        token = access.partner_of(tx, given, now) if given else None
        if token is not None:
            partner = partners.get(tx, token.partner)
            if "token" in request.args and not (partner and partner.token_in_address):
                return unknown(
                    "This partner's tokens are not taken from the address, where they end up in logs. Send it in a header, and change it."
                )
            if (refused := _overspent(token, now)) is not None:
                return refused
            response = inside(tx, token, now)
            # When the last byte has left: it is never in the way of reading.
            response.call_on_close(partial(access.note_use, here.database, token, now))
            return response
        # Only a wrong token is slowed down: who shares an address with a guesser is still served (A05).
        if given and access.throttled(tx, _caller(), now, here.settings):
            return plain(429, "Too many wrong tokens from this address. Wait a minute and try again.", {"Retry-After": "60"})
    if given:
        with here.database.write() as tx:
            access.record_failure(tx, _caller(), now)
    return unknown("A token is needed: as the password of HTTP Basic, or as a bearer token.")


def _overspent(token: FeedToken, now: datetime) -> Response | None:
    """429 where this token has asked too much within the minute (X04); else it is counted."""
    budget = parts().budget
    if budget.spend(token.id, now):
        return None
    return plain(429, "Too many requests. Wait, and ask no more than once a minute.", {"Retry-After": str(budget.wait(token.id, now))})


def presented() -> bytes | None:
    """The token as it was presented: bearer, the password of Basic, or `?token=`. None: none, or not to be made out (A04).

    Two Authorization headers come from the server as one, with a comma, which no token has.
    """
    given = request.headers.get("Authorization")
    if given is not None:
        scheme, _, value = given.partition(" ")
        if scheme.casefold() == "bearer":
            return value.strip().encode("latin-1", "replace")
        if scheme.casefold() == "basic":
            return _password(value.strip())
        return None
    return request.args["token"].encode() if "token" in request.args else None


def _password(value: str) -> bytes | None:
    try:
        _, colon, password = base64.b64decode(value.encode("latin-1", "replace"), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return password if colon else None


def _caller() -> str:
    return f"feeds:{request.remote_addr}"


def unknown(text: str) -> Response:
    """401: no token, or none that is known."""
    return plain(401, text, {"WWW-Authenticate": 'Basic realm="feeds", charset="UTF-8"'})


def plain(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """A sentence for a machine's log."""
    return Response(f"{text}\n", status, {**HEADERS, **(headers or {}), "Content-Type": "text/plain; charset=utf-8"})
