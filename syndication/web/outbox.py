"""The door through which partners read: authenticate, ask the gate, build the set, then the validators; in this order (Z06)."""

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from syndication.errors import NotFoundError, RefusedError
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.partner import Direction, Flow
from syndication.publish.document import Outlook, entity_tag, notices, outlook
from syndication.storage import partners, publications
from syndication.storage.database import Transaction
from syndication.web.parts import Parts, parts
from syndication.web.presented import HEADERS, admitted, plain

outbox = Blueprint("outbox", __name__)

NOTICE_FORMS: Final = frozenset(name for name, form in FORMS.items() if form.tells)
SETTLED: Final = timedelta(minutes=1)
"""So long after a change another one may still be seen that bears the same second or an earlier one: whoever wrote it had the hour before
it waited for the database. `Last-Modified` is that much later than the newest change, but never later than the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one request may have: who asked, what it may see, and when it asked."""

    token: FeedToken
    seen: Outlook
    at: datetime


@outbox.get("/feeds/<flow>.<form>")
def feed(flow: str, form: str) -> Response:
    """A flow's feed as RSS, Atom, JSON Feed or ninjs. GET and HEAD; anything else is 405."""
    return _answer(flow, form, notice=False)


@outbox.get("/feeds/<flow>/withdrawn.<form>")
def withdrawn(flow: str, form: str) -> Response:
    """Only the notices of what was taken back: also while no agreement is in force, as long as the token stands."""
    return _answer(flow, form, notice=True)


def _answer(flow_id: str, form: str, *, notice: bool) -> Response:
    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        flow = _flow_of(tx, flow_id, token, form, notice)
        return _served(tx, parts(), flow, form, token, now, notice=notice) if flow else plain(404, "There is no such feed.")

    return admitted(inside)


def _flow_of(tx: Transaction, flow_id: str, token: FeedToken, form: str, notice: bool) -> Flow | None:
    """The flow, if it is this partner's; another partner's is the same as none (A08)."""
    flow = partners.flow_ever(tx, flow_id)
    if flow is None or flow.partner != token.partner or flow.direction is not Direction.OUTBOUND:
        return None
    return flow if form in (NOTICE_FORMS if notice else FORMS) else None


def _served(tx: Transaction, here: Parts, flow: Flow, form: str, token: FeedToken, now: datetime, *, notice: bool) -> Response:
    base = here.settings.base_url.rstrip("/")
    address = f"{base}/feeds/{flow.id}/withdrawn.{form}" if notice else f"{base}/feeds/{flow.id}.{form}"
    try:
        seen = notices(tx, flow, here.settings, address, now) if notice else outlook(tx, flow, here.settings, address, now, here.outlooks)
    except NotFoundError:
        return plain(404, "There is no such feed.")
    except RefusedError as refused:
        where = f"{base}/feeds/{flow.id}/withdrawn.atom"
        return plain(403, f"{str(refused)[:1].upper()}{str(refused)[1:]}. Notices of stories taken back stay at {where}.")
    return _document(tx, here, form, Reading(token, seen, now))


def _document(tx: Transaction, here: Parts, form: str, reading: Reading) -> Response:
    packed = request.accept_encodings["gzip"] > 0
    tag = entity_tag(here.secret_key, reading.token.partner, form, reading.seen)
    settled = reading.seen.document.updated.replace(microsecond=0) + SETTLED
    headers = dict(HEADERS)
    headers["ETag"] = _quoted(tag, packed)
    headers["Last-Modified"] = http_date(min(settled, reading.at))
    if not _as_expected(tag, settled):
        return plain(412, "The feed is no longer as the request expects it. Ask again without the condition.")
    if _unchanged(tag, settled, whole=reading.seen.whole):
        # Each encoding has a tag of its own; either revalidates (wire 9). The answer names the one this request would get.
        return Response(status=304, headers=headers)
    body = FORMS[form].render(reading.seen.document)
    headers["Content-Type"] = FORMS[form].media_type
    if packed:
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    if request.method == "GET":
        _fetched(tx, here, reading, form)
    return Response(body, headers=headers)


def _fetched(tx: Transaction, here: Parts, reading: Reading, form: str) -> None:
    """Before the first byte leaves: what this partner now has, for the proof of every later kill (A5)."""
    told = reading.seen.notices if form in NOTICE_FORMS else ()
    fresh = publications.unfetched(tx, (*reading.seen.sequences, *told))
    if fresh:
        with here.database.write() as writing:
            publications.record_fetch(writing, fresh, reading.at, reading.token.id)


def _as_expected(tag: str, settled: datetime) -> bool:
    """If-Match and If-Unmodified-Since, which come before the others (RFC 9110, 13.2.2). Tags are compared strongly."""
    if request.headers.get("If-Match") is not None:
        return request.if_match.star_tag or any(request.if_match.contains(one) for one in (tag, f"{tag}-gzip"))
    since = request.if_unmodified_since
    return since is None or settled <= since


def _unchanged(tag: str, settled: datetime, *, whole: bool) -> bool:
    """If-None-Match outranks If-Modified-Since, which is then not looked at (RFC 9110, 13.2.2).

    A date that came before the document had settled is good for nothing: a later change may bear the same second (RFC 9110, 8.8.2.2).

    A date alone cannot tell that a story has left the feed, by its terms, without a notice: unless the feed is `whole`, dates are not
    looked at, lest a 304 tells someone to go on with what is no longer theirs to use (Z06).
    """
    if request.headers.get("If-None-Match") is not None:
        known = request.if_none_match
        return known.star_tag or any(known.contains_weak(one) for one in (tag, f"{tag}-gzip"))
    since = request.if_modified_since
    return whole and since is not None and settled <= since


def _quoted(tag: str, packed: bool) -> str:
    return f'"{tag}-gzip"' if packed else f'"{tag}"'
