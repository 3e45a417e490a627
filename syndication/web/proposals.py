"""Agreements written, amended, suspended and ended at the desk; and what waits for a second person, who signs it off or turns it down."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from syndication.agreements import proposal as desk
from syndication.agreements import writing as files
from syndication.agreements.calendar import day_of
from syndication.agreements.effect import effects
from syndication.agreements.files import draft as read_draft
from syndication.agreements.files import line_of
from syndication.agreements.proposal import Judged
from syndication.agreements.rehearsal import Outcome
from syndication.agreements.rehearsal import rehearse as rehearsed
from syndication.errors import ConfigError, InputError, NotFoundError
from syndication.feeds.sanitize import clean_text
from syndication.model.agreement import Act, ActKind, Dossier
from syndication.model.proposal import Proposal, ProposalState
from syndication.storage import agreements as kept
from syndication.storage import partners, proposals
from syndication.storage.database import Transaction
from syndication.web.agreements import as_day, done_next, found, told
from syndication.web.catalog import gettext
from syndication.web.exchanges import names
from syndication.web.login import managers_only, recently, seated, unconfirmed
from syndication.web.parts import Parts, parts

writing = Blueprint("writing", __name__)

RECENT: Final = 100
REHEARSED_DAYS: Final = 30
REHEARSED_LINES: Final = 200
"""So many pieces are shown, those first of which the draft makes something else; the command lists all of them."""
LONGEST_REASON: Final = 500
BLANK: Final = """\
# Every key is explained in docs/write-an-agreement.md. What no grant names is not granted.

reference = ""                      # names it in flows, decisions and stamps, for ever: a-z, 0-9 and hyphens
title = ""
parties = ["{agency}", ""]
signed_on = {today}              # without it: a draft, under which nothing moves

[term]
effective = {tomorrow}
zone = "{zone}"

[[grants]]
clause = "2.1"                      # what its text calls it
direction = "in"                    # in: from them to us; out: from us to them
types = ["text"]
languages = ["en"]
topics = ["*"]
onward_use = "own-use"              # own-subscribers, named-partners, anyone
alteration = "none"                 # abridge, translate, free
"""


@writing.get("/writing")
@managers_only
def write() -> ResponseReturnValue:
    """The text of a new agreement, or, with `?amend=`, of the next version of one."""
    here = parts()
    reference = request.args.get("amend")
    if reference is None:
        today = day_of(here.clock(), here.settings.timezone)
        blank = BLANK.format(agency=here.settings.agency, today=today, tomorrow=today + timedelta(days=1), zone=here.settings.timezone)
        return render_template("writing.html", text=blank, amend=None)
    with here.database.read() as tx:
        dossier = found(tx, here, reference)
    return render_template("writing.html", text=_next_version(dossier, here), amend=reference)


@writing.post("/writing")
@managers_only
def preview() -> ResponseReturnValue:
    """What the text would do, or what is wrong with it. Nothing is written, and nothing that was typed is lost."""
    here = parts()
    with here.database.read() as tx:
        return _previewed(tx, here, _text())


@writing.post("/writing/rehearse")
@managers_only
def rehearse() -> ResponseReturnValue:
    """What the text would have let in and out of the last days' traffic, piece by piece. Nothing is written."""
    here = parts()
    text = _text()
    with here.database.read() as tx:
        try:
            draft = read_draft("", text.encode("utf-8", "replace"), kept.register(tx, here.settings.agency), partners.all(tx))
            since = here.clock() - timedelta(days=REHEARSED_DAYS)
            rehearsal = rehearsed(tx, draft, agency=here.settings.agency, since=since, until=here.clock())
        except ConfigError:
            return _previewed(tx, here, text)
        except InputError as error:
            page, _ = _previewed(tx, here, text, refused=str(error))
            return page, 422
        known = names(tx, here)
    shown = [line for outcome in Outcome for line in rehearsal.lines if line.outcome is outcome][:REHEARSED_LINES]
    return render_template("rehearsal.html", text=text, rehearsal=rehearsal, lines=shown, names=known, days=REHEARSED_DAYS)


@writing.post("/writing/take")
@managers_only
def take() -> ResponseReturnValue:
    """Take the text that was previewed; where it widens anything, propose it."""
    here = parts()
    now, text = here.clock(), _text()
    if fault := unconfirmed(here, now):
        with here.database.read() as tx:
            page, _ = _previewed(tx, here, text, refused=fault)
            return page, 403
    with here.database.write() as tx:
        try:
            judged = desk.judge_text(tx, text, here.settings.agency)
        except ConfigError:
            return _previewed(tx, here, text)
        if str(judged.before.revision) != request.form.get("seen"):
            page, _ = _previewed(tx, here, text, refused=gettext("An agreement was changed meanwhile. Look again at what this would do."))
            return page, 409
        proposal = desk.take(tx, judged, text, now, seated().login)
    return _taken(proposal, judged.reference)


@writing.get("/agreements/<reference>/acts/<kind>")
@managers_only
def act(reference: str, kind: str) -> ResponseReturnValue:
    """The form for an act; with a day and a reason, what it would do."""
    here = parts()
    with here.database.read() as tx:
        return _act_page(tx, here, reference, _kind(kind), request.args)


@writing.post("/agreements/<reference>/acts/<kind>")
@managers_only
def do(reference: str, kind: str) -> ResponseReturnValue:
    """Do what was shown; where it widens anything, propose it."""
    here = parts()
    now = here.clock()
    if fault := unconfirmed(here, now):
        with here.database.read() as tx:
            page, _ = _act_page(tx, here, reference, _kind(kind), request.form, refused=fault)
            return page, 403
    with here.database.write() as tx:
        try:
            judged = desk.judge_act(tx, reference, _act(_kind(kind), request.form), here.settings.agency)
        except ConfigError:
            return _act_page(tx, here, reference, _kind(kind), request.form)
        proposal = desk.take(tx, judged, "", now, seated().login)
    return _taken(proposal, reference)


@writing.get("/proposals")
def listed() -> ResponseReturnValue:
    """What waits for a second person, and what became of the rest."""
    with parts().database.read() as tx:
        known = proposals.recent(tx, RECENT)
    return render_template("proposals.html", proposals=known)


@writing.get("/proposals/<proposal>")
def page(proposal: str) -> ResponseReturnValue:
    """One proposal, judged by the register as it stands now."""
    here = parts()
    with here.database.read() as tx:
        return _proposal_page(tx, here, _found(tx, proposal))


@writing.post("/proposals/<proposal>/sign-off")
@managers_only
def sign_off(proposal: str) -> ResponseReturnValue:
    """The second person's word: it is taken."""
    here = parts()
    now = here.clock()
    if fault := unconfirmed(here, now):
        with here.database.read() as tx:
            return _proposal_page(tx, here, _found(tx, proposal), refused=fault), 403
    seen = request.form.get("seen", "")
    with here.database.write() as tx:
        try:
            signed = desk.sign_off(tx, proposal, int(seen) if seen.isdecimal() else -1, here.settings.agency, now, seated().login)
        except ConfigError:
            return _proposal_page(tx, here, _found(tx, proposal)), 409
    flash(gettext("Signed off: it is taken."))
    return redirect(url_for("agreements.page", reference=signed.reference), 303)


@writing.post("/proposals/<proposal>/turn-down")
@managers_only
def turn_down(proposal: str) -> ResponseReturnValue:
    """Close it without taking it; whoever proposed it takes it back so."""
    here = parts()
    reason = clean_text(request.form.get("reason", ""), LONGEST_REASON)
    if not reason:
        with here.database.read() as tx:
            return _proposal_page(tx, here, _found(tx, proposal), refused=gettext("Say why.")), 422
    with here.database.write() as tx:
        state = desk.turn_down(tx, proposal, reason, here.clock(), seated().login)
    flash(gettext("Taken back.") if state is ProposalState.TAKEN_BACK else gettext("Turned down."))
    return redirect(url_for("writing.listed"), 303)


def _text() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def _next_version(dossier: Dossier, here: Parts) -> str:
    """The agreement as it stands, as the version after it from tomorrow; a draft is written on as it is."""
    last = dossier.versions[-1]
    if last.signed_on is not None:
        tomorrow = max(day_of(here.clock(), last.term.zone), last.since) + timedelta(days=1)
        last = replace(last, version=last.version + 1, since=tomorrow)
    return files.toml(files.agreement(dossier, version=last))


def _previewed(tx: Transaction, here: Parts, text: str, refused: str | None = None) -> tuple[str, int]:
    kept_text = {"text": text, "amend": request.form.get("amend"), "refused": refused}
    try:
        judged = desk.judge_text(tx, text, here.settings.agency)
    except ConfigError as error:
        return render_template("writing.html", faults=[(fault, line_of(text, fault)) for fault in error.faults], **kept_text), 422
    return render_template("writing.html", fresh=recently(here.clock()), **kept_text, **_shown(tx, here, judged)), 200


def _shown(tx: Transaction, here: Parts, judged: Judged) -> dict[str, Any]:
    """What every page says of a change: what it changes and widens, and what it does to the flows."""
    flows = partners.flows(tx)
    return {
        "judged": judged,
        "names": names(tx, here),
        "effects": effects(judged.before, judged.after, judged.reference, flows, here.clock()),
    }


def _taken(proposal: Proposal | None, reference: str) -> ResponseReturnValue:
    if proposal is None:
        flash(gettext("Taken."))
        return redirect(url_for("agreements.page", reference=reference), 303)
    flash(gettext("Proposed: it widens rights, so another manager signs it off before it is taken."))
    return redirect(url_for("writing.page", proposal=proposal.id), 303)


def _kind(name: str) -> ActKind:
    try:
        return ActKind(name)
    except ValueError:
        abort(404)


def _act(kind: ActKind, given: Any) -> Act:
    """As it was typed: a day that is none, or no reason, is a fault of it like any other."""
    on: Any = as_day(given.get("on", ""))
    reason, by = clean_text(given.get("reason", ""), LONGEST_REASON), clean_text(given.get("by", ""), LONGEST_REASON)
    return Act(kind, on, reason, by or None, given.get("party") or None)


def _act_page(tx: Transaction, here: Parts, reference: str, kind: ActKind, given: Any, refused: str | None = None) -> tuple[str, int]:
    register = kept.register(tx, here.settings.agency)
    dossier = found(tx, here, reference)
    one = told(dossier, register, here.clock())
    known = names(tx, here)
    inside = [party for party in one.agreement.parties if party != here.settings.agency]
    shown: dict[str, Any] = {"names": known, "fresh": recently(here.clock()), "refused": refused}
    status = 200
    if "on" in given:
        try:
            shown |= _shown(tx, here, desk.judge_act(tx, reference, _act(kind, given), here.settings.agency))
        except ConfigError as error:
            shown["faults"], status = error.faults, 422
    page = render_template(
        "act.html",
        told=one,
        kind=kind,
        possible=kind in done_next(one),
        given=given,
        today=day_of(here.clock(), one.agreement.term.zone),
        joining=[party for party in known if party not in inside and party != here.settings.agency],
        leaving=inside,
        **shown,
    )
    return page, status


def _found(tx: Transaction, identity: str) -> Proposal:
    proposal = proposals.get(tx, identity)
    if proposal is None:
        raise NotFoundError(f"there is no proposal {identity}")
    return proposal


def _proposal_page(tx: Transaction, here: Parts, proposal: Proposal, refused: str | None = None) -> str:
    more: dict[str, Any] = {}
    if proposal.state is ProposalState.OPEN:
        try:
            more = _shown(tx, here, desk.judge(tx, proposal, here.settings.agency))
        except ConfigError as error:
            more = {"stale": error.faults}
    return render_template("proposal.html", proposal=proposal, refused=refused, fresh=recently(here.clock()), **more)
