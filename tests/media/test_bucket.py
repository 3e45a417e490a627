"""The same store over a bucket: in memory, and by S3's own protocol with a server on loopback; its secret is in no log and no list."""

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from syndication.errors import ConfigError, NotFoundError, StorageError
from syndication.media import bucket as room
from syndication.media.bucket import Bucket
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.settings import Settings, shown
from syndication.storage.database import Database
from tests.media import pictures
from tests.worlds import NOW

SECRET = "wJalr-not-to-be-seen"


@dataclass
class Simple:
    """As much of S3 as is asked for, by path: PUT, HEAD, GET with a range, POST ?delete; and what it was asked with."""

    held: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False
    port: int = 0

    def settings(self, folder: Path) -> Settings:
        return Settings(
            data=str(folder),
            media_bucket="pictures",
            media_endpoint=f"http://127.0.0.1:{self.port}",
            media_key="AKIA",
            media_secret=SECRET,
        )


@pytest.fixture
def simple() -> Iterator[Simple]:
    made = Simple()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "ETag": '"1"', **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 08:00:00 GMT")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do(self) -> None:
            given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.asked.append(f"{self.command} {self.path} {self.headers}")
            if made.refuses:
                self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
            elif self.command == "PUT":
                made.held[self.path] = given
                self.answer(200)
            elif self.command == "POST":
                gone = re.findall(r"<Key>(.*?)</Key>", given.decode())
                for name in gone:
                    made.held.pop(f"/pictures/{name}", None)
                done = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in gone)
                self.answer(200, f"<DeleteResult>{done}</DeleteResult>".encode())
            elif self.path not in made.held:
                self.answer(404)
            elif (span := self.headers.get("Range")) and self.command == "GET":
                first, _, last = span.removeprefix("bytes=").partition("-")
                whole = made.held[self.path]
                end = min(int(last or len(whole)), len(whole) - 1)
                self.answer(206, whole[int(first) : end + 1], Content_Range=f"bytes {first}-{end}/{len(whole)}")
            else:
                self.answer(200, made.held[self.path])

        do_GET = do_HEAD = do_PUT = do_POST = do  # noqa: N815 - the names of the library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["memory", "S3"])
def kept_there(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return Store(tmp_path / "media", 0, Bucket(MemoryStore()))
    return Store.of(request.getfixturevalue("simple").settings(tmp_path))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_taken_recorded_read_in_parts_and_let_go_of(kept_there: Store, checker: Checker, database: Database) -> None:
    """W08 there too; and nothing is left on our own disk."""
    store = kept_there
    kept = store.take(io.BytesIO(pictures.jpeg(640, 480, told=True)), None, 100_000, checker, NOW)
    with database.write() as tx:
        store.record(tx, kept)
    with store.open(kept.hash) as file:
        data = file.read()
        assert (len(data), b"105,51E" in data, b"L. Pham" in data) == (kept.length, False, True)
        file.seek(100)
        assert file.read(50) == data[100:150]
    with store.open(kept.hash, small=True) as file:
        assert file.read(3) == b"\xff\xd8\xff"
    assert [one for one in store.folder.rglob("*") if one.is_file()] == []
    with database.write() as tx:
        assert store.sweep(tx, NOW + timedelta(days=2)) == 1
    for small in (False, True):
        with pytest.raises(NotFoundError):
            store.open(kept.hash, small=small)
    store.remove((kept.hash,))


def test_what_is_asked_is_signed_and_the_secret_is_nowhere(
    simple: Simple, checker: Checker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = simple.settings(tmp_path)
    store = Store.of(settings)
    store.take(io.BytesIO(pictures.jpeg()), None, 100_000, checker, NOW)
    small, whole = sorted(simple.held, key=len, reverse=True)
    assert small == f"{whole}.small"
    assert re.fullmatch(r"/pictures/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}", whole)
    assert all("AWS4-HMAC-SHA256 Credential=AKIA/" in head for head in simple.asked)
    simple.refuses = True
    with pytest.raises(StorageError, match="see media_bucket and its keys") as refused:
        store.take(io.BytesIO(pictures.jpeg()), None, 100_000, checker, NOW)
    told = [repr(settings), str(list(shown(settings))), str(refused.value), str(capfd.readouterr()), *simple.asked]
    assert not [one for one in told if SECRET in one]
    assert ("media_secret", "(set, and not shown)") in [row[:2] for row in shown(settings)]


def test_without_its_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "INSTALLED", False)
    with pytest.raises(ConfigError, match=r"syndication\[s3\]"):
        Store.of(Settings(media_bucket="never-opened"))
    assert Store.of(Settings()).bucket is None
