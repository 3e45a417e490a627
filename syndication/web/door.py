"""The web application under waitress, a production WSGI server, in threads of this process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.trigger import trigger
from waitress.utilities import Error, RequestEntityTooLarge
from waitress.wasyncore import close_all

from syndication.errors import ConfigError, Fault
from syndication.ingest.callback import LARGEST_PUSH, PREFIX
from syndication.settings import Settings
from syndication.web.callback import PATIENCE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of a request's body, chunked ones too: waitress answers 413 past it (W10), or past the largest rendition that is taken."""

LARGEST_HEAD = 16 * 1024
"""Bytes of a request's line and headers: waitress answers 431 past it. Lists in them are taken apart; a longer one costs seconds (X05)."""


class _NotFoundError(Error):  # type: ignore[misc] # the library has no types
    code, reason = 404, "Not Found"


class _TooSlowError(Error):  # type: ignore[misc] # the library has no types
    code, reason = 408, "Request Timeout"


class _Parser(HTTPRequestParser):  # type: ignore[misc] # the library has no types
    """Of what is sent to a callback that we never made nothing but the head is read; to one of ours so much, and for so long (P07, P08).

    A request that says its length in two ways is refused: a proxy in front may go by the other one (A12; RFC 9112, 6.1)."""

    path = ""
    ends = 0.0

    def __init__(self, adj: Any, strange: Callable[[str], bool]) -> None:
        super().__init__(adj)
        self._strange = strange

    def received(self, data: bytes) -> int:
        """Take the next bytes. The server answers an `error` as soon as it is there, and closes."""
        began = self.headers_finished
        consumed: int = super().received(data)
        if self.error is not None or not self.headers_finished or not self.path.startswith(PREFIX):
            return consumed
        if not began:
            self.ends = monotonic() + PATIENCE
        if not began and self._strange(self.path):
            self._refuse(_NotFoundError("There is nothing here."))
        elif max(self.content_length, self.body_bytes_received) > LARGEST_PUSH:
            self._refuse(RequestEntityTooLarge(f"A push has at most {LARGEST_PUSH} bytes."))
        elif monotonic() > self.ends:
            self._refuse(_TooSlowError("A push arrives sooner."))
        return consumed

    def _refuse(self, error: Error) -> None:
        # Who waits to be told to go on (Expect) is told that there is no going on: waitress would read the body first.
        self.error, self.completed, self.expect_continue = error, True, False

    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError, which waitress answers with 400."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Both Content-Length and Transfer-Encoding: which one is it?")


def _nothing_is_strange(_path: str) -> bool:
    return False


@contextmanager
def open_door(
    app: "WSGIApplication", listen: str, settings: Settings, strange: Callable[[str], bool] = _nothing_is_strange
) -> Iterator[None]:
    """Answer on `listen` (`host:port`) until the block is left. Raises ConfigError where the address cannot be had.

    `strange`: see `Front.strange`; a body that is sent there is not read.
    """
    host, _, port = listen.rpartition(":")
    proxied = {"trusted_proxy": "*", "trusted_proxy_count": settings.trusted_proxies, "trusted_proxy_headers": "x-forwarded-for"}
    sockets: dict[int, Any] = {}
    try:
        server = create_server(
            app,
            map=sockets,
            host=host.strip("[]") or "127.0.0.1",
            port=int(port),
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_header_size=LARGEST_HEAD,
            max_request_body_size=max(LARGEST_BODY, settings.media_bytes),
            **(proxied if settings.trusted_proxies else {}),
        )
    except (OSError, ValueError) as error:
        raise ConfigError((Fault("settings", "listen", f"cannot answer on {listen}: {error}; choose another with --listen"),)) from error
    server.channel_class = type("_Channel", (HTTPChannel,), {"parser_class": partial(_Parser, strange=strange)})
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Requests under way are answered; then the sockets are closed by the thread that waits on them, which ends it.
        server.task_dispatcher.shutdown()
        waker = next(one for one in sockets.values() if isinstance(one, trigger))
        waker.pull_trigger(lambda: close_all(sockets, ignore_all=True))
        thread.join(5)
