"""`create_app`: the desk, the door for partners and the probes, under one set of headers, hosts, sessions and forms."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from syndication import __version__
from syndication.model.account import Role
from syndication.settings import Settings
from syndication.web import errors, sentences, words
from syndication.web.agreements import LARGEST_DOCUMENT, agreements
from syndication.web.api import api
from syndication.web.callback import callback
from syndication.web.catalog import NATIVE, Catalogs, desk_language, desk_zone
from syndication.web.desk import desk
from syndication.web.exchanges import exchanges
from syndication.web.hub import hub
from syndication.web.keys import KEYS, hint
from syndication.web.login import login, manager
from syndication.web.media import media
from syndication.web.newsroom import newsroom
from syndication.web.outbox import outbox
from syndication.web.parts import KEY, Parts, parts
from syndication.web.pictures import pictures
from syndication.web.proposals import writing
from syndication.web.reading import reading
from syndication.web.search import search
from syndication.web.status import status

LARGEST_FORM: Final = 1024 * 1024
"""Bytes; the body of an item has at most half of it."""
MOST_FIELDS: Final = 40
PUBLIC: Final = frozenset(
    {
        "static",
        "api.add",
        "api.find",
        "api.show",
        "api.correct",
        "api.kill",
        "api.hold",
        "api.lift",
        "api.upload",
        "api.description",
        "outbox.feed",
        "outbox.archived",
        "outbox.withdrawn",
        "hub.ask",
        "callback.confirm",
        "callback.take",
        "reading.index",
        "reading.subscriptions",
        "reading.page",
        "media.rendition",
        "login.sign_in",
        "login.sign_in_by_password",
        "login.link",
        "login.sign_in_by_link",
        "status.healthz",
        "status.readyz",
    }
)
"""What answers without a session (the API by a token of its own). Everything else, also what is added later, asks for one."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def create_app(here: Parts) -> Flask:
    """The web application over these parts."""
    app = Flask(__name__)
    app.extensions[KEY] = here
    app.secret_key = here.secret_key
    app.config.update(_config(here.settings))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    babel = Babel(app, locale_selector=desk_language, timezone_selector=desk_zone)
    babel.domain_instance = Catalogs()
    manager.init_app(app)
    app.before_request(_readable)
    app.before_request(_sized)
    # What is let in by a token in a header, or by an address that is a secret, no other site can send.
    guard = CSRFProtect(app)
    guard.exempt(api)
    guard.exempt(hub)
    guard.exempt(callback)
    app.before_request(_from_this_site)
    app.before_request(_signed_in)
    app.after_request(_guarded)
    errors.install(app)
    words.install(app)
    sentences.install(app)
    app.context_processor(_everywhere)
    rooms = (outbox, api, reading, hub, callback, media, login, desk, pictures, newsroom, search, exchanges, agreements, writing, status)
    for room in rooms:
        app.register_blueprint(room)
    return app


def _config(settings: Settings) -> dict[str, object]:
    secure = urlsplit(settings.base_url).scheme == "https"
    return {
        # A browser takes a cookie of this prefix only by https, for this host alone and for the whole of it (W03).
        "SESSION_COOKIE_NAME": "__Host-desk" if secure else "desk",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        # Lax, not Strict: a link in a message to an editor's own queue finds the editor signed in.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "MAX_FORM_PARTS": MOST_FIELDS,
        "TRUSTED_HOSTS": hosts(settings),
        # A token lives as long as the session that it is bound to: an editor's page may stay open all day.
        "WTF_CSRF_TIME_LIMIT": None,
        # We ask browsers to send no Referer; Sec-Fetch-Site tells what it would have told.
        "WTF_CSRF_SSL_STRICT": False,
    }


def hosts(settings: Settings) -> list[str]:
    """The names under which this server answers: another Host gets 400 (A13). Ports are not compared."""
    listen = settings.listen.rpartition(":")[0].strip("[]")
    known = {urlsplit(settings.base_url).hostname or "", listen} - {"", "0.0.0.0", "::"}  # noqa: S104 - taken out, not listened on
    if "127.0.0.1" in known:
        known.add("localhost")
    return sorted(known)


def _from_this_site() -> None:
    """No other site may change anything here, whatever token it has come by (W01)."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


def _readable() -> None:
    """No address and no field holds a NUL: PostgreSQL takes none in a text, and a browser sends none."""
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        abort(400)


def _sized() -> None:
    """A document may be larger than a form, from a manager; said before the form is read, which looking for its token does."""
    if request.endpoint == "agreements.attach" and current_user.is_authenticated and current_user.editor.role is Role.MANAGER:
        request.max_content_length = LARGEST_DOCUMENT + LARGEST_FORM


def _signed_in() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    return manager.unauthorized()  # type: ignore[no-any-return]  # flask_login is not typed


def _guarded(response: Response) -> Response:
    """On every answer, also on errors and redirects (W12, H11)."""
    for name, value in SECURITY_HEADERS.items():
        # Only a stricter policy is ever there already: that of bytes which are saved and never shown.
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _everywhere() -> dict[str, object]:
    signed_in = bool(current_user and current_user.is_authenticated)
    return {
        "editor": current_user.editor if signed_in else None,
        "settings": parts().settings,
        "language": desk_language(),
        "native": NATIVE,
        "keys": KEYS,
        "hint": hint,
        "version": __version__,
    }
