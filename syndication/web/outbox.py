"""The door through which partners read: authenticate, ask the gate, build the set, then the validators; in this order (Z06)."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import Final

from flask import Blueprint, Response, request

from syndication.errors import InputError, NotFoundError, RefusedError
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.partner import Direction, Flow
from syndication.model.publication import Links
from syndication.publish import archive
from syndication.publish.delta import Sealed, since
from syndication.publish.document import Outlook, entity_tag, notices, outlook
from syndication.storage import partners, publications
from syndication.storage.database import Transaction
from syndication.web import conditional
from syndication.web.conditional import Document
from syndication.web.parts import Parts, parts
from syndication.web.presented import HEADERS, admitted, plain
from syndication.web.recent import Answered

outbox = Blueprint("outbox", __name__)

NOTICE_FORMS: Final = frozenset(name for name, form in FORMS.items() if form.notices)
BROWSED: Final = frozenset({"rss", "atom"})
"""What a browser would otherwise save as a file, or show as bare marks."""
MOST_ARCHIVES: Final = 2**31 - 1
"""The largest number that a database looks for."""
STYLE: Final = b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>\n'


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of a flow's documents, and in which form: the feed; its `notices`; an `archive` document; what came after a `cursor`."""

    flow: str
    form: str
    notices: bool = False
    archive: int | None = None
    cursor: str | None = None

    @property
    def forms(self) -> frozenset[str]:
        """Those there are of it."""
        return NOTICE_FORMS if self.notices else frozenset(FORMS)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one request may have: of which flow, who asked, what it may see, and when it asked. `onward`: where a page goes on."""

    flow: Flow
    token: FeedToken
    seen: Outlook
    at: datetime
    onward: str | None = None


@outbox.get("/feeds/<flow>.<form>")
def feed(flow: str, form: str) -> Response:
    """A flow's feed in one of its forms; with `?since=`, what came after that. GET and HEAD; anything else is 405."""
    return _answer(Asked(flow, form, cursor=request.args.get("since")))


@outbox.get(f"/feeds/<flow>/archive/<int(max={MOST_ARCHIVES}):number>.<form>")
def archived(flow: str, number: int, form: str) -> Response:
    """What is older than the feed shows, in documents of their own (RFC 5005, 4)."""
    return _answer(Asked(flow, form, archive=number))


@outbox.get("/feeds/<flow>/withdrawn.<form>")
def withdrawn(flow: str, form: str) -> Response:
    """Only the notices of what was taken back: also while no agreement is in force, as long as the token stands."""
    return _answer(Asked(flow, form, notices=True))


def _answer(asked: Asked) -> Response:
    here = parts()
    # Before anything is read: what is committed from here on is another state.
    state = here.database.state()
    late: list[Flow] = []

    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        flow = _flow_of(tx, asked, token)
        if flow is None:
            return plain(404, "There is no such feed.")
        if not asked.notices and archive.overdue(tx, flow, here.settings, now):
            late.append(flow)
            return plain(503, "The archive is being closed. Ask again.")
        return _served(tx, here, flow, asked, token, now, state)

    answered = admitted(inside)
    if not late:
        return answered
    # It is closed when it is read, so that nothing depends on a clock that runs elsewhere.
    with here.database.write() as tx:
        archive.close(tx, late[0], here.settings, here.clock())
    return _answer(asked)


def _flow_of(tx: Transaction, asked: Asked, token: FeedToken) -> Flow | None:
    """The flow, if it is this partner's, and this token opens it; another partner's is the same as none (A08, A09)."""
    flow = partners.flow_ever(tx, asked.flow)
    if flow is None or flow.partner != token.partner or flow.direction is not Direction.OUTBOUND or not token.opens(flow.id):
        return None
    return flow if asked.form in asked.forms else None


def _served(tx: Transaction, here: Parts, flow: Flow, asked: Asked, token: FeedToken, now: datetime, state: object) -> Response:
    base = here.settings.base_url.rstrip("/")
    try:
        reading = _read(tx, here, flow, asked, token, now, base)
    except NotFoundError:
        return plain(404, "There is no such feed.")
    except InputError as wrong:
        return plain(400, _sentence(wrong))
    except RefusedError as refused:
        return plain(403, f"{_sentence(refused)} Notices of stories taken back stay at {base}/feeds/{flow.id}/withdrawn.atom.")
    seal = Sealed(here.secret_key, token.partner, asked.form)
    if asked == Asked(flow.id, asked.form) and "feed" in request.headers.get("A-IM", "").replace(" ", "").split(","):
        changes = _changes(tx, here, reading, asked.form, seal)
        if changes is not None:
            return changes
    document = _document(here, reading, asked, seal)
    fresh = _unrecorded(tx, reading, asked.form)
    answered = conditional.answer(request, document, now, partial(_record, here, reading, fresh))
    ends = min(reading.seen.until, token.expires_at or reading.seen.until)
    here.recent.keep(request, Answered(state, now, ends, document, token.id, sent=not fresh))
    return answered


def _read(tx: Transaction, here: Parts, flow: Flow, asked: Asked, token: FeedToken, now: datetime, base: str) -> Reading:
    settings, address = here.settings, f"{base}/feeds/{flow.id}.{asked.form}"
    if asked.notices:
        return Reading(flow, token, notices(tx, flow, settings, f"{base}/feeds/{flow.id}/withdrawn.{asked.form}", now), now)
    if asked.archive is not None:
        return Reading(flow, token, archive.archived(tx, flow, settings, base, asked.archive, asked.form, now), now)
    if asked.cursor is not None:
        page = archive.page(tx, flow, settings, base, asked.cursor, asked.form, now)
        return Reading(flow, token, page.outlook, now, onward=f"{address}?since={page.cursor}")
    seen = outlook(tx, flow, settings, address, now, here.outlooks)
    links = archive.links(base, flow, asked.form, seen)
    return Reading(flow, token, replace(seen, document=replace(seen.document, links=links)), now)


def _document(here: Parts, reading: Reading, asked: Asked, seal: Sealed) -> Document:
    form, seen = FORMS[asked.form], reading.seen
    browsed = asked.form in BROWSED and request.headers.get("Sec-Fetch-Dest") == "document"
    tag = entity_tag(here.secret_key, reading.token.partner, asked.form, seen)
    described = {"Content-Type": "text/xml; charset=utf-8" if browsed else form.media_type}
    whole = partial(here.shelf.document, tag, form, seen.document)
    return Document(
        tag=f"{tag}browsed" if browsed else tag + seal.ending(seen),
        settled=seen.settled,
        whole=seen.whole,
        headers={**HEADERS, **_links(seen.document.url, seen.document.links, reading.onward)},
        described=described,
        body=(lambda packed: _styled(whole(packed=False), packed)) if browsed else (lambda packed: whole(packed=packed)),
    )


def _changes(tx: Transaction, here: Parts, reading: Reading, name: str, seal: Sealed) -> Response | None:
    """226: only what is new, changed or taken back since a tag that we gave (RFC 3229, wire 12); None where that cannot be told."""
    mark = seal.mark(reading.seen, conditional.known(request))
    changed = since(reading.seen, mark) if mark is not None and request.method == "GET" else None
    if changed is None or not (changed.document.entries or changed.document.withdrawn):
        return None
    document = _document(here, reading, Asked(reading.flow.id, name), seal)
    if not conditional.as_expected(request, document):
        return None
    body = FORMS[name].render(changed.document)
    fresh = _unrecorded(tx, replace(reading, seen=changed), name)
    _record(here, reading, fresh)
    headers = {**document.headers, **document.described, "ETag": f'"{document.tag}"', "IM": "feed"}
    headers["Cache-Control"] = "private, no-store, im"
    headers["Vary"] += ", If-None-Match"
    return Response(body, 226, headers)


def _unrecorded(tx: Transaction, reading: Reading, form: str) -> tuple[int, ...]:
    """Of what is in the document, that of which it is not yet on record that the partner has it."""
    told = reading.seen.notices if FORMS[form].tells else ()
    return publications.unfetched(tx, (*reading.seen.sequences, *told))


def _record(here: Parts, reading: Reading, fresh: tuple[int, ...]) -> None:
    """Before the first byte leaves: what this partner now has, for the proof of every later kill (A5)."""
    if fresh:
        with here.database.write() as tx:
            publications.record_fetch(tx, fresh, reading.at, reading.token.id)


def _links(url: str, links: Links, onward: str | None) -> dict[str, str]:
    """The same as in the body, for who reads headers only (RFC 8288): `self`, the hub, and where older or later stories are."""
    ways = [(url, "self")] + [(getattr(links, one.name), one.name.replace("_", "-")) for one in fields(links) if one.name != "next_page"]
    ways.append((onward, "next"))
    return {"Link": ", ".join(f'<{where}>; rel="{relation}"' for where, relation in ways if where)}


def _styled(body: bytes, packed: bool) -> bytes:
    declaration, _, rest = body.partition(b"?>\n")
    styled = declaration + b"?>\n" + STYLE + rest
    return conditional.packed(styled, packed)


def _sentence(error: Exception) -> str:
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}."
