"""Who sits at the desk: sign-in by password or by a one-time link, sign-out, and an editor's own account."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Final, ParamSpec, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, lazy_gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from syndication import access
from syndication.errors import InputError
from syndication.logs import logger
from syndication.model.account import Editor, Role
from syndication.model.event import Event
from syndication.settings import LANGUAGES
from syndication.storage import accounts, events
from syndication.web.catalog import gettext
from syndication.web.parts import Parts, parts

login = Blueprint("login", __name__)
manager = LoginManager()

MANAGER_IDLE: Final = timedelta(minutes=30)
"""A manager's session ends when nothing was done for so long (W03)."""
FRESH: Final = timedelta(minutes=15)
"""For so long after signing in no password is asked for again (W05)."""
USED: Final = lazy_gettext("This link was used already, or its day is over. Ask for a new one.")
BACKGROUND: Final = frozenset({"desk.fresh"})
"""Asked by the page by itself: not a sign of somebody at the desk."""
OUR_PATH: Final = re.compile(r"/(?:[A-Za-z0-9_.~?&=%:+,-][A-Za-z0-9/_.~?&=%:+,-]*)?")

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, eq=False)
class Seat(UserMixin):  # type: ignore[misc]  # flask_login is not typed
    """An editor as the session names one: by id and by the number of the session, which rises when all of them must end."""

    editor: Editor

    def get_id(self) -> str:
        """What the session keeps."""
        return f"{self.editor.id}.{self.editor.session}"


def seated() -> Editor:
    """The editor of this request."""
    return cast(Editor, current_user.editor)


def managers_only(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A view that editors may not open."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if seated().role is not Role.MANAGER:
            abort(403)
        return view(*args, **kwargs)

    return checked


def _of_session(name: str) -> Seat | None:
    """The editor the session names, unless it has ended: by its age, by idleness, or because all of the editor's were ended."""
    here = parts()
    now = here.clock()
    identity, _, number = name.rpartition(".")
    with here.database.read() as tx:
        editor = accounts.by_id(tx, identity)
    if editor is None or str(editor.session) != number:
        return None
    begun, seen = _moment("begun"), _moment("seen")
    if begun is None or seen is None or now >= begun + timedelta(hours=here.settings.session_hours):
        return None
    if editor.role is Role.MANAGER:
        if now >= seen + MANAGER_IDLE:
            return None
        if request.endpoint not in BACKGROUND and now >= seen + timedelta(minutes=1):
            session["seen"] = int(now.timestamp())
    return Seat(editor)


manager.user_loader(_of_session)


def _moment(name: str) -> datetime | None:
    kept = session.get(name)
    return datetime.fromtimestamp(kept, UTC) if isinstance(kept, int) else None


def _ask_to_sign_in() -> ResponseReturnValue:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("login.sign_in", next=wanted if wanted != "/" else None), 303)


manager.unauthorized_handler(_ask_to_sign_in)


@login.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form for name and password."""
    if current_user.is_authenticated:
        return redirect(url_for("desk.queue"), 303)
    return render_template("sign_in.html", next=request.args.get("next", ""))


@login.post("/sign-in")
def sign_in_by_password() -> ResponseReturnValue:
    """Sign in. Unknown name, wrong password and no password at all are one answer, and take as long (A02, W14)."""
    here = parts()
    now = here.clock()
    name, password = request.form.get("login", "")[:200], request.form.get("password", "")
    with here.database.read() as tx:
        if access.throttled(tx, _caller(), now, here.settings):
            return _turned_away(429, "")
        editor = accounts.by_login(tx, name)
    if not access.password_matches(editor.password_hash if editor else None, password) or editor is None:
        return _failed(here, now, 403, "sign_in.html", gettext("The name or the password is wrong."), name=name)
    return _enter(here, editor, now, "password")


@login.get("/sign-in/<token>")
def link(token: str) -> ResponseReturnValue:
    """A one-time link only shows a button: what looks ahead at links (a mail filter, a chat) does not use it up."""
    here = parts()
    with here.database.read() as tx:
        good = access.sign_in_link_good(tx, token, here.clock())
    return render_template("sign_in_link.html", token=token, fault=None if good else USED), 200 if good else 410


@login.post("/sign-in/<token>")
def sign_in_by_link(token: str) -> ResponseReturnValue:
    """Use the link, once."""
    here = parts()
    now = here.clock()
    with here.database.write() as tx:
        if access.throttled(tx, _caller(), now, here.settings):
            return _turned_away(429, token)
        editor = access.use_sign_in_link(tx, token, now)
    if editor is None:
        return _failed(here, now, 403, "sign_in_link.html", str(USED))
    return _enter(here, editor, now, "link")


@login.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the editor's sessions, on every device: a cookie that was copied is dead too (W02)."""
    here = parts()
    editor = seated()
    with here.database.write() as tx:
        accounts.end_sessions(tx, editor.id)
        events.record_event(tx, Event(here.clock(), editor.login, "signed out", editor.id))
    logout_user()
    session.clear()
    return redirect(url_for("login.sign_in"), 303)


@login.get("/account")
def account() -> ResponseReturnValue:
    """The editor's own page."""
    return render_template("account.html", fresh=recently(parts().clock()))


@login.post("/account")
def prefer() -> ResponseReturnValue:
    """Choose the language of the desk, and whether keys are listened to."""
    here = parts()
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    with here.database.write() as tx:
        accounts.set_preferences(tx, seated().id, language=language, keys=request.form.get("keys") == "on")
    with force_locale(language):
        flash(gettext("Kept."))
    return redirect(url_for("login.account"), 303)


@login.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Set a password. It needs the old one, or, where there is none yet, a recent sign-in by link (W14). Other sessions end."""
    here = parts()
    now = here.clock()
    editor = seated()
    if fault := unconfirmed(here, now, needs_password=editor.password_hash is not None):
        return render_template("account.html", fresh=recently(now), fault=fault), 403
    try:
        hashed = access.hash_password(request.form.get("new", ""))
    except InputError:
        least, most = access.SHORTEST_PASSWORD, access.LONGEST_PASSWORD
        fault = gettext("A password has from %(least)s to %(most)s characters.", least=least, most=most)
        return render_template("account.html", fresh=recently(now), fault=fault), 422
    with here.database.write() as tx:
        accounts.set_password(tx, editor.id, hashed)
        events.record_event(tx, Event(now, editor.login, "set a password", editor.id))
        renewed = accounts.by_id(tx, editor.id)
    if renewed is not None:
        _seat(renewed, now)
    flash(gettext("Your password is set. Sessions on other devices have ended."))
    return redirect(url_for("login.account"), 303)


def recently(now: datetime) -> bool:
    """Whether the editor signed in, or gave the password again, a short while ago (W05)."""
    confirmed = _moment("confirmed")
    return confirmed is not None and now < confirmed + FRESH


def unconfirmed(here: Parts, now: datetime, *, needs_password: bool = False) -> str | None:
    """Why an act that asks for the password again may not go on, as a sentence; None where it may. Wrong ones are counted."""
    if recently(now) and not needs_password:
        return None
    editor = seated()
    if editor.password_hash is None:
        return gettext("You signed in too long ago for this, and have no password. Sign in again by a new link.")
    with here.database.read() as tx:
        if access.throttled(tx, _caller(), now, here.settings):
            return gettext("Too many wrong passwords. Wait a minute and try again.")
    if not access.password_matches(editor.password_hash, request.form.get("password", "")):
        with here.database.write() as tx:
            access.record_failure(tx, _caller(), now)
        return gettext("Your password is needed for this, and what was given is not it.")
    session["confirmed"] = int(now.timestamp())
    return None


def safe_path(given: str | None) -> str | None:
    """The path, if it leads nowhere but to this site: no scheme, no host, no backslash, no control character (W04)."""
    return given if given and OUR_PATH.fullmatch(given) else None


def _enter(here: Parts, editor: Editor, now: datetime, how: str) -> ResponseReturnValue:
    _seat(editor, now)
    with here.database.write() as tx:
        events.record_event(tx, Event(now, editor.login, "signed in", editor.id, f"by {how}"))
    with force_locale(editor.language):
        if editor.password_hash is None:
            flash(gettext("You have no password yet: set one under your name, to sign in without a link."))
    return redirect(safe_path(request.form.get("next")) or url_for("desk.queue"), 303)


def _seat(editor: Editor, now: datetime) -> None:
    """A session of its own: nothing of the one before goes on, its form token neither (W02)."""
    session.clear()
    session.permanent = True
    session["begun"] = session["seen"] = session["confirmed"] = int(now.timestamp())
    login_user(Seat(editor))


def _failed(here: Parts, now: datetime, status: int, template: str, fault: str, **shown: str) -> ResponseReturnValue:
    with here.database.write() as tx:
        access.record_failure(tx, _caller(), now)
    logger.warning("refused a sign-in", address=request.remote_addr, path=request.path if template == "sign_in.html" else "/sign-in/...")
    return render_template(template, fault=fault, next=request.form.get("next", ""), **shown), status


def _turned_away(status: int, token: str) -> ResponseReturnValue:
    template = "sign_in_link.html" if token else "sign_in.html"
    fault = gettext("Too many attempts from this address. Wait a minute and try again.")
    return render_template(template, fault=fault, token=token, next=""), status, {"Retry-After": "60"}


def _caller() -> str:
    return f"desk:{request.remote_addr}"
