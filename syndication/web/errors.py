"""Failures as pages: every error this program can name, and every one HTTP can, with what to do; to partners, in plain text."""

from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from syndication.errors import (
    ConflictError,
    FlowError,
    InputError,
    NotFoundError,
    RefusedError,
    StorageError,
    SyndicationError,
)
from syndication.logs import logger
from syndication.web import problems
from syndication.web.catalog import gettext
from syndication.web.presented import HEADERS

STATUS = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (RefusedError, 403),
    (InputError, 422),
    (FlowError, 502),
    (StorageError, 503),
)
TITLES = {
    400: lazy_gettext("This request cannot be read"),
    403: lazy_gettext("This may not be done"),
    404: lazy_gettext("There is nothing here"),
    405: lazy_gettext("This cannot be done here"),
    409: lazy_gettext("Something changed meanwhile"),
    413: lazy_gettext("That is too large"),
    422: lazy_gettext("That cannot be taken"),
    429: lazy_gettext("Too many attempts"),
    502: lazy_gettext("A partner's server did not answer well"),
    503: lazy_gettext("The database cannot do it just now"),
}
BUSY_SECONDS = 5


def status_of(error: SyndicationError) -> int:
    """The HTTP status that says what kind of failure it is."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def install(app: Flask) -> None:
    """Answer every failure of `app` with a page, or in plain text at the door for partners."""
    app.register_error_handler(SyndicationError, _ours)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(HTTPException, _of_http)


def _ours(error: SyndicationError) -> Response:
    if request.path.startswith("/api/"):
        return problems.of(error)
    return page(status_of(error), str(error))


def _unknown_host(_error: SecurityError) -> Response:
    """Without a page: under a name that is not ours no address can be made (A13)."""
    return Response("This server does not answer under that name.\n", 400, content_type="text/plain; charset=utf-8")


def _forged(error: CSRFError) -> Response:
    # A link to sign in by is a secret, and not used yet (W13).
    path = "/sign-in/..." if request.endpoint == "login.sign_in_by_link" else request.path
    logger.warning("refused a form", path=path, why=error.description)
    return page(
        403,
        None,
        gettext("This page was open for too long, or the request came from another site. Go back, load the page again, and repeat it."),
    )


def _of_http(error: HTTPException) -> Response:
    response = error.get_response()
    if response.status_code < 400:
        return make_response(response)
    if request.path.startswith("/api/"):
        told = problems.problem(response.status_code, _told(error))
    else:
        told = page(response.status_code, None, _advice(response.status_code))
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told


def _told(error: HTTPException) -> str:
    """What a program is told: our own words where the failure has some, else those of the status."""
    return error.description or HTTPStatus(error.code or 500).description


def page(status: int, said: str | None, advice: str | None = None) -> Response:
    """An error as a page. `said`: what the program says of it, in English; `advice`: what to do, in the desk's language."""
    headers = {"Retry-After": str(BUSY_SECONDS)} if status == 503 else {}
    if request.path.startswith(("/feeds/", "/media/", "/hub", "/callbacks/")):
        text = said or TITLES.get(status) or "Something went wrong here."
        return Response(f"{text}\n", status, {**HEADERS, **headers, "Content-Type": "text/plain; charset=utf-8"})
    title = TITLES.get(status) or gettext("Something went wrong here")
    body = render_template("error.html", status=status, title=title, said=said, advice=advice)
    return make_response(body, status, headers)


def _advice(status: int) -> str:
    if status == 404:
        return gettext("The address may be mistyped, or what it named is not kept any more.")
    if status == 413:
        return gettext("Send less at once.")
    if status == 429:
        return gettext("Wait a minute, then try again.")
    if status < 500:
        return gettext("Go back and try again.")
    return gettext("It is in the log, with the time. Try again; if it stays, tell the operator.")
