"""The web application under waitress, a production WSGI server, in threads of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress.server import create_server

from syndication.errors import ConfigError, Fault
from syndication.settings import Settings

THREADS = 8
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body, chunked ones too: waitress answers 413 past it (W10)."""


@contextmanager
def open_door(app: Flask, listen: str, settings: Settings) -> Iterator[None]:
    """Answer on `listen` (`host:port`) until the block is left. Raises ConfigError where the address cannot be had."""
    host, _, port = listen.rpartition(":")
    proxied = {"trusted_proxy": "*", "trusted_proxy_count": settings.trusted_proxies, "trusted_proxy_headers": "x-forwarded-for"}
    try:
        server = create_server(
            app,
            host=host.strip("[]") or "127.0.0.1",
            port=int(port),
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=LARGEST_BODY,
            **(proxied if settings.trusted_proxies else {}),
        )
    except (OSError, ValueError) as error:
        raise ConfigError((Fault("settings", "listen", f"cannot answer on {listen}: {error}; choose another with --listen"),)) from error
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(5)
