"""An application under the real server, on a free port of loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from syndication.settings import Settings
from syndication.web.door import open_door


@contextmanager
def served(app: Flask, settings: Settings) -> Iterator[str]:
    """Its address, until the block is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open_door(app, f"127.0.0.1:{port}", settings):
        yield f"http://127.0.0.1:{port}"
