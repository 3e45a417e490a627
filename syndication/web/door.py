"""The web application under waitress, a production WSGI server, in threads of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.trigger import trigger
from waitress.wasyncore import close_all

from syndication.errors import ConfigError, Fault
from syndication.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of a request's body, chunked ones too: waitress answers 413 past it (W10), or past the largest rendition that is taken."""

LARGEST_HEAD = 16 * 1024
"""Bytes of a request's line and headers: waitress answers 431 past it. Lists in them are taken apart; a longer one costs seconds (X05)."""


class _Parser(HTTPRequestParser):  # type: ignore[misc] # the library has no types
    """A request that says its length in two ways is refused: a proxy in front may go by the other one (A12; RFC 9112, 6.1)."""

    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError, which waitress answers with 400."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Both Content-Length and Transfer-Encoding: which one is it?")


class _Channel(HTTPChannel):  # type: ignore[misc] # the library has no types
    parser_class = _Parser


@contextmanager
def open_door(app: "WSGIApplication", listen: str, settings: Settings) -> Iterator[None]:
    """Answer on `listen` (`host:port`) until the block is left. Raises ConfigError where the address cannot be had."""
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
    server.channel_class = _Channel
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
