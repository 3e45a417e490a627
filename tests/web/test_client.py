"""Partners whose programs are not ours, by the real server: the library `reader` and newsboat, with Basic auth; a shared cache in front."""

import getpass
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import request
from reader import Reader, make_reader

from syndication.model.entry import Tombstone
from syndication.review.desk import Desk
from syndication.storage.database import Database
from syndication.web.door import open_door
from tests.web.exchange import TO_AZERTAC, Exchange, guid, story

Answers = list[tuple[str, int]]


@pytest.fixture
def exchange(database: Database) -> Exchange:
    made = Exchange(database)
    made.receive(story(1), story(2, headline="A second story"))
    for number in (1, 2):
        accept(made, number)
    return made


def accept(exchange: Exchange, number: int) -> None:
    item = exchange.item(number)
    Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", exchange.clock())


@pytest.fixture
def answers() -> Answers:
    """What the server was asked, and how it answered."""
    return []


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture(params=["atom", "rss", "json"])
def subscribed(request: pytest.FixtureRequest, exchange: Exchange, answers: Answers, tmp_path: Path) -> Iterator[Reader]:
    """In each form that it reads."""
    listen = free_address()
    exchange.settings = replace(exchange.settings, base_url=f"http://{listen}")
    app = exchange.app()

    @app.after_request
    def seen(response: Any) -> Any:
        answers.append((response.headers.get("ETag", ""), response.status_code))
        return response

    token = exchange.token("azertac")
    with open_door(app, listen, exchange.settings), make_reader(str(tmp_path / "reader.db")) as reader:
        reader.add_feed(f"http://azertac:{token}@{listen}/feeds/{TO_AZERTAC.id}.{request.param}")
        reader.update_feeds(scheduled=False)
        yield reader


def titles(reader: Reader) -> list[str]:
    return sorted(str(entry.title) for entry in reader.get_entries())


def test_it_sees_the_stories_with_their_ids(subscribed: Reader, answers: Answers) -> None:
    assert titles(subscribed) == ["A second story", "Astana hosts the rail forum"]
    assert all(entry.id.startswith("tag:vna.example,2026:s_") for entry in subscribed.get_entries())
    assert [status for _, status in answers] == [200]


def test_it_gets_304_while_nothing_changes(subscribed: Reader, answers: Answers) -> None:
    subscribed.update_feeds(scheduled=False)
    assert [status for _, status in answers] == [200, 304]
    assert answers[0][0] == answers[1][0]


def test_it_sees_a_correction_under_the_same_id(subscribed: Reader, exchange: Exchange, answers: Answers) -> None:
    before = {entry.id for entry in subscribed.get_entries()}
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(1, headline="Astana hosts the railway forum", body="<p>Trains will run weekly from May.</p>"))
    accept(exchange, 1)
    subscribed.update_feeds(scheduled=False)
    assert titles(subscribed) == ["A second story", "Astana hosts the railway forum"]
    assert {entry.id for entry in subscribed.get_entries()} == before
    # It asks for changes only (`A-IM: feed`), and goes on with the tag that came with them.
    subscribed.update_feeds(scheduled=False)
    assert [status for _, status in answers] == [200, 226, 304]


def test_a_kill_is_no_longer_in_what_it_gets(subscribed: Reader, exchange: Exchange) -> None:
    """`reader` knows no tombstones; what it fetches next no longer has the story."""
    exchange.clock.pass_by(minutes=5)
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock() + timedelta(seconds=1), None),))
    feed = subscribed.get_feeds()
    token = str(next(iter(feed)).url).split("azertac:")[1].split("@")[0]
    assert "rail forum" not in exchange.feed(TO_AZERTAC.id, token)
    assert "A second story" in exchange.feed(TO_AZERTAC.id, token)


def installed(program: str) -> str:
    """Where it is; the test is skipped where it is not installed."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed: apt-get install {program}")
    return found


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_newsboat_reads_it_with_basic_auth(exchange: Exchange, form: str, tmp_path: Path) -> None:
    """The reader of Debian, written in C++ on libcurl and a parser of its own."""
    newsboat, listen = installed("newsboat"), free_address()
    exchange.settings = replace(exchange.settings, base_url=f"http://{listen}")
    (tmp_path / "urls").write_text(f"http://azertac:{exchange.token('azertac')}@{listen}/feeds/{TO_AZERTAC.id}.{form}\n")
    (tmp_path / "config").write_text("")
    files = [f"--{name}-file={tmp_path / name}" for name in ("url", "config", "cache")]
    files[0] = f"--url-file={tmp_path / 'urls'}"
    with open_door(exchange.app(), listen, exchange.settings):
        subprocess.run([newsboat, *files, "-x", "reload"], check=True, timeout=60, capture_output=True, env={"HOME": str(tmp_path)})
    with closing(sqlite3.connect(tmp_path / "cache")) as cache:
        kept = dict(cache.execute("SELECT title, content FROM rss_item").fetchall())
    assert sorted(kept) == ["A second story", "Astana hosts the rail forum"]
    assert all("<p>" in content for content in kept.values())


CACHE = """
daemon off; user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{ access_log off; proxy_cache_path {folder}/kept keys_zone=kept:1m; proxy_temp_path {folder}/a; client_body_temp_path {folder}/b;
 fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
 server {{ listen {listen}; location / {{ proxy_pass http://{behind}; proxy_set_header Host {behind}; proxy_cache kept;
  proxy_cache_valid 200 301 302 304 404 10m; add_header X-Cache $upstream_cache_status always; {more} }} }} }}
"""


@pytest.mark.parametrize("careless", [False, True], ids=["as it is", "the control: a cache that does not mind what we say"])
def test_wire_11_z08_a_shared_cache_in_front_never_hits(exchange: Exchange, tmp_path: Path, careless: bool) -> None:
    """Two partners at one address, then a kill: each gets its own answer, and the one that is true now."""
    nginx, behind, listen = installed("nginx"), free_address(), free_address()
    exchange.settings = replace(exchange.settings, base_url=f"http://{behind}")
    theirs, others = exchange.token("azertac"), exchange.token("trc")
    more = "proxy_ignore_headers Cache-Control Vary Expires Set-Cookie;" if careless else ""
    (tmp_path / "nginx.conf").write_text(CACHE.format(folder=tmp_path, user=getpass.getuser(), listen=listen, behind=behind, more=more))
    address = f"http://{listen}/feeds/{TO_AZERTAC.id}.atom"

    def ask(token: str) -> requests.Response:
        return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    with open_door(exchange.app(), behind, exchange.settings), subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf")]) as cache:
        try:
            until_it_answers(listen)
            first = ask(theirs)
            exchange.clock.pass_by(minutes=5)
            exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock() + timedelta(seconds=1), None),))
            found = [first, ask(others), ask(theirs)]
        finally:
            cache.terminate()
    assert first.status_code == 200
    safe = [answer.status_code for answer in found] == [200, 404, 200] and "rail forum" not in found[2].text.partition("<entry")[2]
    assert safe is not careless
    assert ("HIT" in {answer.headers["X-Cache"] for answer in found}) is careless


def until_it_answers(listen: str) -> None:
    host, _, port = listen.rpartition(":")
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        threading.Event().wait(0.05)
    raise AssertionError(f"nothing answers on {listen}")


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LENGTH, CHUNKS, NOTHING = b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n0\r\n\r\n"
POST = b"POST /hub HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(POST + LENGTH + CHUNKS + NOTHING + SMUGGLED, b"400", id="a length and chunks"),
        pytest.param(POST + CHUNKS + LENGTH + NOTHING + SMUGGLED, b"400", id="chunks and a length"),
        pytest.param(POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SMUGGLED, b"400", id="two lengths"),
        pytest.param(POST + b"Content-Length: +4\r\n\r\nabcd" + SMUGGLED, b"400", id="a length with a sign"),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nabcd" + SMUGGLED, b"501", id="an unknown encoding"),
        pytest.param(POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, b"400", id="a space before the colon"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n1;a=\nb\r\nx\r\n0\r\n\r\n" + SMUGGLED, b"400", id="a broken extension"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n" + SMUGGLED, b"400", id="a size that is none"),
        pytest.param(POST.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + SMUGGLED, b"400", id="bare line ends"),
    ],
)
def test_a12_no_request_is_smuggled_in_another(exchange: Exchange, sent: bytes, status: bytes) -> None:
    """Whichever length a proxy in front goes by: what follows is not taken for a request of its own."""
    listen, app, asked = free_address(), exchange.app(), []

    @app.before_request
    def seen() -> None:
        asked.append(request.path)

    with open_door(app, listen, exchange.settings), socket.create_connection(("127.0.0.1", int(listen.rpartition(":")[2]))) as wire:
        wire.settimeout(0.5)
        wire.sendall(sent)
        answer = b""
        with suppress(TimeoutError):
            while chunk := wire.recv(4096):
                answer += chunk
    assert answer.split(b" ", 2)[1:2] == [status]
    assert "/smuggled" not in asked
