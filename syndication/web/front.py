"""What stands before the application: requests of partners that were answered a moment ago, with nothing new since, are answered here."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug import Request

from syndication import access
from syndication.errors import StorageError
from syndication.ingest.callback import PREFIX, identity_of
from syndication.ingest.subscriber import KEY_PURPOSE
from syndication.web import conditional
from syndication.web.app import SECURITY_HEADERS
from syndication.web.parts import Parts
from syndication.web.presented import plain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FEEDS = "/feeds/"


class Front:
    """A WSGI application. Whatever it cannot answer from `here.recent`, with certainty, goes on to `app`, the only one that decides."""

    def __init__(self, app: Flask, here: Parts) -> None:
        self._app: WSGIApplication = app
        self._here = here
        self._key = access.derived(here.secret_key, KEY_PURPOSE)

    def strange(self, path: str) -> bool:
        """Whether that is the address of a callback that we never made: it takes no database to say so (P07)."""
        return path.startswith(PREFIX) and identity_of(self._key, path.removeprefix(PREFIX)) is None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if self.strange(environ["PATH_INFO"]):
            nothing = plain(404, "There is nothing here.")
            nothing.headers.extend(SECURITY_HEADERS)
            return nothing(environ, start_response)
        if environ["PATH_INFO"].startswith(FEEDS) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            answer = self._known(Request(environ))
            if answer is not None:
                return answer(environ, start_response)
        return self._app(environ, start_response)

    def _known(self, request: Request) -> "WSGIApplication | None":
        at = self._here.clock()
        try:
            answered = self._here.recent.find(request, self._here.database.state(), at)
        except StorageError:
            return None  # the application tells it
        if answered is None or not answered.sent or not self._here.budget.spend(answered.token, at):
            return None
        response = conditional.answer(request, answered.document, at, sent=lambda: None)
        if response.status_code == 200 and "A-IM" in request.headers:
            return None  # only what has changed may be enough for it
        response.headers.extend(SECURITY_HEADERS)
        return response
