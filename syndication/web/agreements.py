"""Agreements as they stand: all of them, one with everything about it, its documents and activities."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from syndication.agreements.calendar import day_of, last_day, state, version_at
from syndication.agreements.coherence import check_activity
from syndication.agreements.dates import Turn, due
from syndication.agreements.files import activity as named
from syndication.agreements.governing import Standing
from syndication.agreements.keys import Table
from syndication.agreements.keys import read as read_table
from syndication.agreements.register import found as one_of
from syndication.agreements.shapes import ACTIVITY
from syndication.agreements.usage import courses
from syndication.errors import NotFoundError
from syndication.feeds.sanitize import clean_text
from syndication.model.activity import Activity
from syndication.model.agreement import ActKind, Agreement, AgreementState, Dossier, Register
from syndication.model.event import Event
from syndication.model.partner import Direction
from syndication.storage import activities, events, proposals
from syndication.storage import agreements as kept
from syndication.storage.database import Transaction
from syndication.web.catalog import gettext
from syndication.web.exchanges import names, streams_of
from syndication.web.login import managers_only, seated
from syndication.web.parts import Parts, parts

agreements = Blueprint("agreements", __name__)

LARGEST_DOCUMENT: Final = 15 * 1024 * 1024
"""Bytes; the door takes a little more, for the form around it."""
LONGEST_NAME: Final = 200
WAITING: Final = 200
FIELDS: Final = ("kind", "title", "on", "until", "place", "who", "outcome", "minutes")


@dataclass(frozen=True, slots=True)
class Told:
    """An agreement as it stands at a moment: the version that counts then, its state, its end and its neighbours.

    `notice_by`: the last day on which notice ends it at `last_day`; None where it does not renew, or that day is over.
    """

    dossier: Dossier
    agreement: Agreement
    state: AgreementState
    last_day: date | None
    notice_by: date | None
    successor: str | None


@agreements.get("/agreements")
def listed() -> ResponseReturnValue:
    """Every agreement with its state now, and what its calendar asks for next."""
    here = parts()
    with here.database.read() as tx:
        register = kept.register(tx, here.settings.agency)
        known = names(tx, here)
        waiting = [one for one in proposals.recent(tx, WAITING) if one.decided_at is None]
    shown = [told(dossier, register, here.clock()) for dossier in register.dossiers]
    return render_template("agreements.html", agreements=shown, names=known, waiting=len(waiting), lost=register.unreadable)


@agreements.get("/agreements/<reference>")
def page(reference: str) -> ResponseReturnValue:
    """One agreement: parties, term, grants, obligations and how they go, documents, activities, and who did what to it."""
    here = parts()
    with here.database.read() as tx:
        return _page(tx, here, reference)


@agreements.post("/agreements/<reference>/documents")
@managers_only
def attach(reference: str) -> ResponseReturnValue:
    """Keep a file with the agreement, under the hash of its bytes. Its name is only ever shown (W06)."""
    here = parts()
    given = request.files.get("document")
    name = clean_text((given.filename or "").replace("\\", "/").rpartition("/")[2], LONGEST_NAME) if given else ""
    body = given.read(LARGEST_DOCUMENT + 1) if given else b""
    fault = _unfit(name, body)
    if fault:
        with here.database.read() as tx:
            return _page(tx, here, reference, document_fault=fault), 422
    with here.database.write() as tx:
        found(tx, here, reference)
        digest = kept.attach(tx, reference, name, body, here.clock(), seated().login)
        events.record_event(tx, Event(here.clock(), seated().login, "attached", reference, f"{name}, {digest}"))
    flash(gettext("Attached, and kept under its hash."))
    return redirect(url_for("agreements.page", reference=reference, _anchor="documents"), 303)


@agreements.get("/agreements/<reference>/documents/<digest>")
def document(reference: str, digest: str) -> ResponseReturnValue:
    """The document's bytes: always as a file to be saved, never as a page (W07)."""
    with parts().database.read() as tx:
        kept_one = kept.document(tx, reference, digest)
    if kept_one is None:
        raise NotFoundError(f"there is no such document with {reference}")
    name, body = kept_one
    return send_file(BytesIO(body), mimetype="application/octet-stream", as_attachment=True, download_name=name)


@agreements.get("/agreements/<reference>/activities/new")
@managers_only
def new_activity(reference: str) -> ResponseReturnValue:
    """The form for one."""
    here = parts()
    with here.database.read() as tx:
        found(tx, here, reference)
    return render_template("activity.html", reference=reference, activity=None, written={})


@agreements.post("/agreements/<reference>/activities")
@managers_only
def add_activity(reference: str) -> ResponseReturnValue:
    """Keep one."""
    here = parts()
    with here.database.read() as tx:
        found(tx, here, reference)
    return _note(here, reference, None)


@agreements.get("/activities/<activity>")
@managers_only
def edit_activity(activity: str) -> ResponseReturnValue:
    """The form, with what is known."""
    with parts().database.read() as tx:
        one = _activity(tx, activity)
    written = {key: _shown(getattr(one, key)) for key in FIELDS}
    return render_template("activity.html", reference=one.agreement, activity=one, written=written)


@agreements.post("/activities/<activity>")
@managers_only
def change_activity(activity: str) -> ResponseReturnValue:
    """Tell it anew."""
    here = parts()
    with here.database.read() as tx:
        one = _activity(tx, activity)
    return _note(here, one.agreement, one)


def found(tx: Transaction, here: Parts, reference: str) -> Dossier:
    """The dossier of that reference. Raises NotFoundError, and StorageError where it cannot be read."""
    return one_of(kept.register(tx, here.settings.agency), reference)


def told(dossier: Dossier, register: Register, now: datetime) -> Told:
    """What to say of an agreement now."""
    agreement, last, standing = version_at(dossier, now), last_day(dossier, now), state(dossier, now)
    following, today = register.successor(dossier.reference), day_of(now, agreement.term.zone)
    turns = due(Register(register.agency, (dossier,)), today, last) if last else ()
    return Told(
        dossier=dossier,
        agreement=agreement,
        state=standing,
        last_day=last,
        notice_by=next((one.on for one in turns if one.turn is Turn.NOTICE), None),
        successor=following.reference if following else None,
    )


def done_next(one: Told) -> list[ActKind]:
    """What can be done to it as it stands."""
    if one.agreement.signed_on is None or one.state is AgreementState.TERMINATED:
        return []
    last = next((act.kind for act in reversed(one.dossier.acts) if act.kind in (ActKind.SUSPEND, ActKind.RESUME)), None)
    renews = [ActKind.NOTICE] if one.agreement.term.renewal_months else []
    return [ActKind.RESUME if last is ActKind.SUSPEND else ActKind.SUSPEND, *renews, ActKind.JOIN, ActKind.LEAVE, ActKind.TERMINATE]


def _page(tx: Transaction, here: Parts, reference: str, **more: object) -> str:
    now = here.clock()
    register = kept.register(tx, here.settings.agency)
    dossier = one_of(register, reference)
    known = names(tx, here)
    streams = [
        one for one in streams_of(tx, register, known, now) if one.governance.agreement and one.governance.agreement.reference == reference
    ]
    one = told(dossier, register, now)
    return render_template(
        "agreement.html",
        told=one,
        names=known,
        streams=streams,
        activities=activities.of_agreement(tx, reference),
        courses=courses(tx, one.agreement, Standing(register, now)),
        documents=kept.attached(tx, reference),
        history=kept.history(tx, reference),
        log=events.events(tx, WAITING, reference),
        proposals=proposals.of_agreement(tx, reference),
        next=done_next(one),
        direction=Direction,
        **more,
    )


def _unfit(name: str, body: bytes) -> str | None:
    """Why these bytes are not kept, or None."""
    if not name or not body:
        return gettext("Choose a file that is not empty.")
    if len(body) > LARGEST_DOCUMENT:
        return gettext("The file is larger than %(size)s MB.", size=LARGEST_DOCUMENT // 1024 // 1024)
    return None


def _note(here: Parts, reference: str, before: Activity | None) -> ResponseReturnValue:
    written = {key: request.form.get(key, "").replace("\r\n", "\n").strip() for key in FIELDS}
    table = read_table(Table("", "", _given(written), []), ACTIVITY)
    check_activity(table)
    if table.faults:
        page = render_template("activity.html", reference=reference, activity=before, written=written, faults=table.faults)
        return page, 422
    with here.database.write() as tx:
        held = named(table, reference)
        activities.note(tx, replace(held, id=before.id) if before else held, here.clock(), seated().login)
        act = "noted an activity" if before is None else "changed an activity"
        events.record_event(tx, Event(here.clock(), seated().login, act, reference, f"{table.get('kind')}, {table.get('title')}"))
    flash(gettext("Kept."))
    return redirect(url_for("agreements.page", reference=reference, _anchor="activities"), 303)


def _given(written: dict[str, str]) -> dict[str, Any]:
    """What the form says, as a file would say it; an empty field says nothing."""
    given: dict[str, Any] = {key: text for key, text in written.items() if text}
    for key in ("on", "until"):
        if key in given:
            given[key] = as_day(given[key])
    if "who" in given:
        given["who"] = [line.strip() for line in given["who"].splitlines() if line.strip()]
    return given


def as_day(text: str) -> date | str:
    """The day; what is none stays as it was typed, and is a fault where it is read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _activity(tx: Transaction, identity: str) -> Activity:
    one = activities.get(tx, identity)
    if one is None:
        raise NotFoundError(f"there is no activity {identity}")
    return one
