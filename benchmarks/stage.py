"""What the measurements share: a server of feeds on loopback, and an exchange whose agreement grants everything."""

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from syndication.model.agreement import Agreement, Alteration, ContentType, Grant, OnwardUse, Term, Terms
from syndication.model.partner import Direction, Flow, Partner
from syndication.storage import agreements, partners
from syndication.storage.database import Database
from syndication.storage.migrate import migrate

AGENCY, PARTNER, REFERENCE = "vna", "partner", "everything"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@contextmanager
def serving(documents: dict[str, bytes], host: str = "127.0.0.1") -> Iterator[int]:
    """Serve these bodies by path on a free port, with ETags and 304, as they are when they are asked for; yields the port. `host` 0.0.0.0:
    at each address of 127.0.0.0/8.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = documents.get(self.path)
            tag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
            status = 404 if body is None else 304 if self.headers.get("If-None-Match") == tag else 200
            self.send_response(status)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", "0" if status != 200 or body is None else str(len(body)))
            self.end_headers()
            if status == 200 and body is not None:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server((host, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def exchange(flows: tuple[Flow, ...]) -> Iterator[Database]:
    """A fresh SQLite database with one partner, these flows, and an agreement that grants everything both ways."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        url = f"sqlite:///{Path(folder) / 'benchmark.db'}"
        migrate(url)
        database = Database(url)
        try:
            granting(database, flows)
            yield database
        finally:
            database.close()


def granting(database: Database, flows: tuple[Flow, ...]) -> None:
    """The partner, these flows, and the agreement, in a database that has none."""
    terms = Terms(OnwardUse.ANYONE, Alteration.FREE)
    grants = tuple(Grant("1", way, tuple(ContentType), ("*",), ("*",), (), terms) for way in Direction)
    day = date(2020, 1, 1)
    agreement = Agreement(REFERENCE, 1, day, "Everything", (AGENCY, PARTNER), Term(day), grants, signed_on=day)
    with database.write() as tx:
        partners.take(tx, (Partner(PARTNER, "Partner", "KZ"),), flows, NOW)
        agreements.sign(tx, agreement, NOW, "benchmark")


def inbound(name: str, url: str) -> Flow:
    """An inbound flow at that address."""
    return Flow(
        name, PARTNER, Direction.INBOUND, REFERENCE, name, ("en",), url=url, interval=timedelta(minutes=5), topics=("medtop:14000000",)
    )


def outbound(name: str) -> Flow:
    """An outbound flow that carries every language of the measurements."""
    return Flow(name, PARTNER, Direction.OUTBOUND, REFERENCE, name, ("en",))
