"""The demo agency's HTTP: feeds with validators, pictures, and a page that lists them. Loopback only."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from syndication.demo.documents import Programme, changed_at, document

MEDIA_TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}


@dataclass(slots=True)
class Front:
    """What the server shows. `opened`: when the agency opened; `origin` is set when the port is known."""

    programmes: dict[str, Programme]
    pictures: Path
    opened: datetime
    clock: Callable[[], datetime]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its body."""

    status: int
    media_type: str
    body: bytes
    changed: datetime | None = None


def answer(front: Front, path: str) -> Answer:
    """What is at that path, now."""
    now = front.clock()
    programme = front.programmes.get(path)
    if programme is not None:
        body = document(programme, front.opened, now, front.origin)
        return Answer(200, MEDIA_TYPES[programme.form], body, changed_at(programme, front.opened, now))
    if path == "/":
        links = "".join(f'<li><a href="{escape(name)}">{escape(one.title)}</a>' for name, one in front.programmes.items())
        return Answer(200, "text/html; charset=utf-8", f"<!doctype html><title>Feeds</title><ul>{links}</ul>".encode())
    name = path.removeprefix("/pictures/")
    # Only names that are there: no path is built from what was asked.
    known = {one.name: one for one in front.pictures.glob("*.png")} if name != path else {}
    if name in known:
        return Answer(200, "image/png", known[name].read_bytes())
    return Answer(404, "text/plain; charset=utf-8", b"There is nothing here.\n")


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD, with ETag and 304."""

    front: Front
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        """The document."""
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self._send(with_body=False)

    def log_message(self, *_: object) -> None:
        """Nothing: the demo's terminal is for its user."""

    def _send(self, *, with_body: bool) -> None:
        found = answer(self.front, self.path.partition("?")[0])
        tag = f'"{hashlib.sha256(found.body).hexdigest()[:24]}"'
        status = 304 if found.status == 200 and self.headers.get("If-None-Match") == tag else found.status
        self.send_response(status)
        if found.status == 200:
            self.send_header("ETag", tag)
        if found.changed is not None:
            self.send_header("Last-Modified", format_datetime(found.changed, usegmt=True))
        if status != 304:
            self.send_header("Content-Type", found.media_type)
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if with_body and status != 304:
            self.wfile.write(found.body)


class _Server(ThreadingHTTPServer):
    """Ends at once: a poller that keeps its connection open does not hold up Ctrl-C."""

    daemon_threads = True
    block_on_close = False


def serve(front: Front, port: int) -> ThreadingHTTPServer:
    """A server of `front` on 127.0.0.1, not yet running; `front.origin` is set."""
    handler = type("Handler", (_Handler,), {"front": front})
    server = _Server(("127.0.0.1", port), handler)
    front.origin = f"http://127.0.0.1:{server.server_address[1]}"
    return server
