"""Pictures, audio and video for partners: the feed's token, the feed's gate, and bytes that a browser only ever saves (W07, H10)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Final

from flask import Blueprint, Response, request

from syndication import access
from syndication.errors import NotFoundError, RefusedError
from syndication.media.sniff import EXTENSIONS
from syndication.media.store import Store
from syndication.model.account import FeedToken
from syndication.model.media import Kept
from syndication.model.partner import Direction, Flow
from syndication.publish.handing import Handing, handing
from syndication.storage import partners, publications
from syndication.storage.database import Transaction
from syndication.web.parts import Parts, parts
from syndication.web.presented import HEADERS, admitted, plain, presented

media = Blueprint("media", __name__)

CHUNK: Final = 64 * 1024
ASKED_AGAIN: Final = timedelta(seconds=1)
"""So often the gate is asked again while bytes are on their way: a kill, and a token that is revoked, end it (A06)."""
NOTHING: Final = "There is no such picture, audio or video."
SAVED_ONLY: Final = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}


@media.get("/media/<flow>/<hash_>")
def rendition(flow: str, hash_: str) -> Response:
    """The bytes, whole or a range of them. GET and HEAD; anything else is 405."""

    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        found = partners.flow_ever(tx, flow)
        if found is None or found.direction is not Direction.OUTBOUND or found.partner != token.partner or not token.opens(found.id):
            return plain(404, NOTHING)
        return _handed(tx, parts(), token, found, hash_, now)

    return admitted(inside)


def _handed(tx: Transaction, here: Parts, token: FeedToken, flow: Flow, hash_: str, now: datetime) -> Response:
    try:
        answer = handing(tx, flow, here.settings, hash_, now)
        if answer.kept is None:
            return plain(410, "It was killed: do not use it, and take it down.") if answer.killed else plain(404, NOTHING)
        file = Store.of(here.settings).open(answer.kept.hash)
    except NotFoundError:
        return plain(404, NOTHING)
    except RefusedError as refused:
        return plain(403, f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
    return _answered(tx, here, token, flow, answer, answer.kept, file, now)


def _answered(
    tx: Transaction, here: Parts, token: FeedToken, flow: Flow, answer: Handing, kept: Kept, file: IO[bytes], now: datetime
) -> Response:
    """By the conditions, then by the range (RFC 9110, 13.2.2)."""
    headers = {**SAVED_ONLY, "ETag": f'"{kept.hash}"'}
    short = _short_of_bytes(kept, headers)
    if short is not None:
        file.close()
        return short
    span = _wanted(kept)
    start, end = span or (0, kept.length)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{kept.length}"
    headers["Content-Type"] = kept.media_type
    headers["Content-Length"] = str(end - start)
    headers["Content-Disposition"] = f'attachment; filename="{kept.hash[:16]}.{EXTENSIONS[kept.media_type]}"'
    status = 206 if span else 200
    if request.method == "HEAD":
        file.close()
        return Response(status=status, headers=headers)
    _fetched(tx, here, token, answer, now)
    response = Response(_bytes(file, start, end, here.clock, _still(here, presented(), flow.id, kept.hash)), status, headers)
    response.call_on_close(file.close)
    return response


def _short_of_bytes(kept: Kept, headers: dict[str, str]) -> Response | None:
    """412, 304 or 416, where that is the answer. There is no date to compare: the name of the bytes is all there is to know of them."""
    if request.headers.get("If-Match") is not None and not (request.if_match.star_tag or request.if_match.contains(kept.hash)):
        return plain(412, "It is not what the request expects. Ask again without the condition.")
    if request.headers.get("If-None-Match") is not None:
        known = request.if_none_match
        if known.star_tag or known.contains_weak(kept.hash):
            return Response(status=304, headers=headers)
    wanted = _wanted(kept)
    if wanted is not None and wanted[0] >= wanted[1]:
        return plain(416, f"It has {kept.length} bytes.", {"Content-Range": f"bytes */{kept.length}"})
    return None


def _wanted(kept: Kept) -> tuple[int, int] | None:
    """The one range that is asked for, from and to before; with nothing in it where it lies after the end.

    None: the whole. Several ranges, another unit, another method, another version (If-Range) get that (RFC 9110, 14.2).
    """
    asked = request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range") not in (None, f'"{kept.hash}"'):
        return None
    first, end = asked.ranges[0]
    # The last so many, of which there may be fewer (14.1.2).
    start = max(0, kept.length + first) if first < 0 else first
    return start, min(end, kept.length) if end is not None else kept.length


def _fetched(tx: Transaction, here: Parts, token: FeedToken, answer: Handing, now: datetime) -> None:
    """Before the first byte leaves, as for the feed: who has the picture has the story."""
    fresh = publications.unfetched(tx, answer.sequences)
    if fresh:
        with here.database.write() as writing:
            publications.record_fetch(writing, fresh, now, token.id)


def _still(here: Parts, given: bytes | None, flow_id: str, hash_: str) -> Callable[[], bool]:
    """Whether it may still be handed out, asked anew."""

    def asked() -> bool:
        now = here.clock()
        with here.database.read() as tx:
            token, flow = access.partner_of(tx, given or b"", now), partners.flow_ever(tx, flow_id)
            if token is None or flow is None or flow.partner != token.partner or not token.opens(flow.id):
                return False
            try:
                return handing(tx, flow, here.settings, hash_, now).kept is not None
            except (NotFoundError, RefusedError):
                return False

    return asked


def _bytes(file: IO[bytes], start: int, end: int, clock: Callable[[], datetime], still: Callable[[], bool]) -> Iterator[bytes]:
    """From `start` to before `end`. Where it may not be handed out any more it ends too early, which the receiver sees by the length."""
    file.seek(start)
    left, asked_at = end - start, clock()
    while left:
        if clock() - asked_at >= ASKED_AGAIN:
            if not still():
                return
            asked_at = clock()
        data = file.read(min(CHUNK, left))
        if not data:
            return
        left -= len(data)
        yield data
