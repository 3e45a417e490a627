"""Where partners' hubs ask back and send: what is ours, what is forged, and what any of it costs."""

import hmac
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from syndication import access
from syndication.ingest import callback as rules
from syndication.ingest.subscriber import KEY_PURPOSE
from syndication.model.callback import Callback, CallbackState
from syndication.model.partner import FlowState, Told
from syndication.storage import callbacks, partners, polls
from syndication.storage.database import Database
from syndication.web.app import create_app
from syndication.web.door import open_door
from syndication.web.front import Front
from syndication.web.parts import Parts
from tests.web.exchange import FLOWS, PARTNERS, Exchange
from tests.worlds import NOW, poll

SECRET = b"k" * 32
KEY = access.derived(SECRET, KEY_PURPOSE)
TOPIC = "https://feeds.trc.example/en.atom"
FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """One of the two: what is asked of the database here is held on both in `tests/storage`."""
    shutil.copyfile(migrated_sqlite, tmp_path / "syndication.db")
    opened = Database(f"sqlite:///{tmp_path / 'syndication.db'}")
    yield opened
    opened.close()


def standing(exchange: Exchange, **changes: Any) -> Callback:
    """The callback of `trc-en`, asked for a minute ago."""
    plain = Callback("cb_1", "trc-en", "https://hub.example/", TOPIC, CallbackState.ASKED, NOW - timedelta(minutes=1))
    one = replace(plain, **changes)
    with exchange.database.write() as tx:
        callbacks.found(tx, one.flow, one.hub, one.topic, NOW)
        callbacks.ask(tx, one)
    return one


def active(exchange: Exchange, **changes: Any) -> Callback:
    return standing(exchange, **{"state": CallbackState.ACTIVE, "lease_until": NOW + timedelta(days=1), **changes})


def path(one: Callback) -> str:
    return f"/callbacks/{rules.named(KEY, one.id)}"


def asks(exchange: Exchange, where: str, **given: str) -> TestResponse:
    plain = {"mode": "subscribe", "topic": TOPIC, "challenge": "c1", "lease_seconds": "864000", **given}
    query = {f"hub.{name}": value for name, value in plain.items() if value != "-"}
    return exchange.app().test_client().get(where, query_string=query)


def sends(
    exchange: Exchange, one: Callback, body: bytes = FEED, signature: str | None = "right", *, app: Flask | None = None, **more: Any
) -> TestResponse:
    signature = signed(one, body) if signature == "right" else signature
    headers = [("Content-Type", "application/atom+xml"), *([("X-Hub-Signature", signature)] if signature else [])]
    return (app or exchange.app()).test_client().post(path(one), data=body, headers=more.pop("headers", headers), **more)


def signed(one: Callback, body: bytes, method: str = "sha256") -> str:
    return f"{method}={hmac.new(rules.secret_of(KEY, one.id).encode(), body, method).hexdigest()}"


def kept(exchange: Exchange, identity: str = "cb_1") -> Callback | None:
    with exchange.database.read() as tx:
        return callbacks.get(tx, identity)


def pushed(exchange: Exchange) -> bool:
    """Whether anything was made of what was sent."""
    with exchange.database.read() as tx:
        hub = callbacks.hub(tx, "trc-en")
    return hub is not None and hub.pushed_at is not None


def test_what_was_asked_for_is_confirmed(exchange: Exchange) -> None:
    """Once more too, where our answer was lost on its way."""
    one = standing(exchange)
    for _ in range(2):
        answer = asks(exchange, path(one), challenge="<b>c1</b>")
        assert (answer.status_code, answer.data) == (200, b"<b>c1</b>")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    found = kept(exchange)
    assert found is not None
    assert (found.state, found.lease_until) == (CallbackState.ACTIVE, NOW + timedelta(days=10))


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        pytest.param({}, {"mode": "unsubscribe"}, id="unsubscribe, while we asked to subscribe"),
        pytest.param({"state": CallbackState.ACTIVE, "lease_until": NOW + timedelta(days=1)}, {"mode": "unsubscribe"}, id="it ends us"),
        pytest.param({"state": CallbackState.LEAVING}, {}, id="subscribe, while we leave"),
        pytest.param({"state": CallbackState.DENIED}, {}, id="after a denial"),
        pytest.param({"asked_at": NOW - timedelta(hours=1)}, {}, id="too late"),
        pytest.param({}, {"mode": "publish"}, id="a mode that is none"),
        pytest.param({}, {"mode": "-"}, id="no mode"),
        pytest.param({}, {"topic": TOPIC + "x"}, id="another topic"),
        pytest.param({}, {"topic": "-"}, id="no topic"),
        pytest.param({}, {"mode": "denied", "topic": "https://other.example/"}, id="a denial of another topic"),
        pytest.param({"state": CallbackState.LEAVING}, {"mode": "denied"}, id="a denial of what we have left"),
        pytest.param({}, {"challenge": "-"}, id="no challenge"),
        pytest.param({}, {"challenge": "x" * 1025}, id="a challenge of more than a kilobyte"),
        pytest.param({}, {"challenge": "й" * 600}, id="the same in bytes"),
    ],
)
def test_p05_what_nobody_asked_for_is_404_and_not_echoed(exchange: Exchange, changes: dict[str, Any], given: dict[str, str]) -> None:
    one = standing(exchange, **changes)
    answer = asks(exchange, path(one), **{"challenge": "<script>echo</script>", **given})
    assert answer.status_code == 404
    assert "echo" not in answer.text
    assert kept(exchange) == one


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("cb_1", id="without its end"),
        pytest.param("cb_1-" + "0" * 64, id="another end"),
        pytest.param(rules.named(b"x" * 32, "cb_1"), id="made with another key"),
        pytest.param(rules.named(KEY, "cb_1").upper(), id="capitals"),
        pytest.param(rules.named(KEY, "cb_2"), id="ours, but not there"),
        pytest.param("%ff%00-", id="no text"),
        pytest.param("-", id="nothing"),
    ],
)
def test_p05_p07_an_address_that_is_not_there(exchange: Exchange, name: str) -> None:
    """404; 410 where it was once ours, so that the hub ends it."""
    active(exchange)
    client = exchange.app().test_client()
    assert client.get(f"/callbacks/{name}?hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c").status_code in (400, 404)
    answer = client.post(f"/callbacks/{name}", data=FEED)
    assert answer.status_code == (410 if name.startswith("cb_2") else 400 if "%00" in name else 404)
    assert not pushed(exchange)


def test_p05_the_control_a_callback_that_confirms_whatever_is_asked_would_be_fooled(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = standing(exchange, state=CallbackState.DENIED)
    monkeypatch.setattr("syndication.ingest.callback.asked_for", lambda *_: True)
    assert asks(exchange, path(one)).data == b"c1"


def test_leaving_is_confirmed_and_then_nothing_is_there(exchange: Exchange) -> None:
    one = standing(exchange, state=CallbackState.LEAVING)
    assert asks(exchange, path(one), mode="unsubscribe").data == b"c1"
    assert kept(exchange) is None
    assert sends(exchange, one).status_code == 410


@pytest.mark.parametrize("state", [CallbackState.ASKED, CallbackState.ACTIVE])
def test_p06_a_denial_marks_it_dead(exchange: Exchange, state: CallbackState) -> None:
    one = standing(exchange, state=state, lease_until=NOW + timedelta(days=1))
    answer = asks(exchange, path(one), mode="denied", challenge="echo", reason="<b>No\x07 more</b>")
    assert (answer.status_code, "echo" in answer.text) == (200, False)
    found = kept(exchange)
    assert found is not None
    assert (found.state, found.reason) == (CallbackState.DENIED, "<b>No more</b>")
    assert sends(exchange, one).status_code == 410


@pytest.mark.parametrize(
    ("said", "lasts"),
    [
        pytest.param("1", timedelta(hours=1), id="a second"),
        pytest.param("-5", timedelta(hours=1), id="less than nothing"),
        pytest.param("1000000000000", timedelta(days=30), id="for ever"),
        pytest.param("9" * 500, timedelta(days=30), id="for longer"),
        pytest.param("soon", timedelta(hours=1), id="no number"),
        pytest.param("٣", timedelta(hours=1), id="a number of another script"),
        pytest.param("-", timedelta(days=10), id="not said"),
        pytest.param("86400", timedelta(days=1), id="a day"),
    ],
)
def test_p06_a_lease_is_from_an_hour_to_thirty_days(exchange: Exchange, said: str, lasts: timedelta) -> None:
    one = standing(exchange)
    assert asks(exchange, path(one), lease_seconds=said).status_code == 200
    found = kept(exchange)
    assert found is not None
    assert found.lease_until == NOW + lasts


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_a_push_that_is_signed_has_the_flow_polled_at_once(exchange: Exchange, method: str) -> None:
    """And is no more than that (P18): nothing of it is kept."""
    one = active(exchange)
    with exchange.database.write() as tx:
        polls.make_due(tx, "trc-en", NOW + timedelta(minutes=15))
    answer = sends(exchange, one, signature=signed(one, FEED, method))
    assert answer.status_code == 202
    with exchange.database.write() as tx:
        assert polls.health(tx, "trc-en").due_at == NOW
        assert callbacks.claim_push(tx, NOW, 60) is None
    assert pushed(exchange)


def test_p18_the_content_is_kept_only_where_the_flows_file_says_so(exchange: Exchange) -> None:
    """Then it waits for a worker; what is too much of it is a hint."""
    one = active(exchange)
    with exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(replace(flow, push=Told.CONTENT) if flow.id == "trc-en" else flow for flow in FLOWS), NOW)
        polls.make_due(tx, "trc-en", NOW + timedelta(minutes=15))
    app = exchange.app()
    for _ in range(callbacks.MOST_WAITING):
        assert sends(exchange, one, app=app).status_code == 202
    with exchange.database.read() as tx:
        assert polls.health(tx, "trc-en").due_at == NOW + timedelta(minutes=15)
    assert sends(exchange, one).status_code == 202
    with exchange.database.write() as tx:
        assert polls.health(tx, "trc-en").due_at == NOW
        found = callbacks.claim_push(tx, NOW, 60)
    assert found is not None
    assert (found.flow, found.topic, found.body, found.content_type) == ("trc-en", TOPIC, FEED, "application/atom+xml")


def test_p18_a_hub_cannot_have_us_poll_all_the_time(exchange: Exchange) -> None:
    """However often it tells: the least interval since the last poll stands."""
    one = active(exchange)
    with exchange.database.write() as tx:
        from_poll = polls.claim(tx, NOW, 5, 60)
        assert from_poll
        polls.record(tx, poll(), next(lease for lease in from_poll if lease.flow == "trc-en"), NOW + timedelta(minutes=15), 0, ())
    exchange.clock.pass_by(seconds=10)
    app = exchange.app()
    for _ in range(5):
        sends(exchange, one, app=app)
    with exchange.database.read() as tx:
        assert polls.health(tx, "trc-en").due_at == NOW + timedelta(seconds=60)


FORGED: list[tuple[str, Callable[[Callback], list[tuple[str, str]]]]] = [
    ("none", lambda one: []),
    ("empty", lambda one: [("X-Hub-Signature", "")]),
    ("of another secret", lambda one: [("X-Hub-Signature", "sha256=" + hmac.new(b"x", FEED, "sha256").hexdigest())]),
    ("of another callback's secret", lambda one: [("X-Hub-Signature", signed(replace(one, id="cb_2"), FEED))]),
    ("of other bytes", lambda one: [("X-Hub-Signature", signed(one, FEED + b" "))]),
    ("SHA-1", lambda one: [("X-Hub-Signature", signed(one, FEED, "sha1"))]),
    ("MD5", lambda one: [("X-Hub-Signature", signed(one, FEED, "md5"))]),
    ("SHA-1 called SHA-256", lambda one: [("X-Hub-Signature", signed(one, FEED, "sha1").replace("sha1", "sha256"))]),
    ("the method in capitals", lambda one: [("X-Hub-Signature", signed(one, FEED).replace("sha256", "SHA256"))]),
    ("the digest in capitals", lambda one: [("X-Hub-Signature", "sha256=" + signed(one, FEED).removeprefix("sha256=").upper())]),
    ("without its method", lambda one: [("X-Hub-Signature", signed(one, FEED).removeprefix("sha256="))]),
    ("cut", lambda one: [("X-Hub-Signature", signed(one, FEED)[:-1])]),
    ("twice, one of them right", lambda one: [("X-Hub-Signature", "sha256=00"), ("X-Hub-Signature", signed(one, FEED))]),
    ("twice the same", lambda one: [("X-Hub-Signature", signed(one, FEED))] * 2),
    ("not ASCII", lambda one: [("X-Hub-Signature", "sha256=é\xff")]),
    ("under another name", lambda one: [("X-Hub-Signature-256", signed(one, FEED))]),
    ("a name that hashlib knows", lambda one: [("X-Hub-Signature", "shake_128=00")]),
]


@pytest.mark.parametrize("headers", [pytest.param(headers, id=name) for name, headers in FORGED])
def test_p01_what_is_not_signed_as_it_should_be_is_answered_like_the_rest_and_ignored(
    exchange: Exchange, headers: Callable[[Callback], list[tuple[str, str]]]
) -> None:
    """Nothing is stored, not so much as that it came."""
    one = active(exchange)
    statements: list[str] = []
    event.listen(exchange.database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = sends(exchange, one, headers=headers(one))
    assert answer.status_code == 202
    assert [text for text in statements if not text.startswith(("SELECT", "BEGIN", "PRAGMA"))] == []
    assert not pushed(exchange)


def test_p01_the_control_a_callback_that_does_not_look_would_take_it(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.ingest.callback.signed", lambda *_: True)
    assert sends(exchange, active(exchange), signature=None).status_code == 202
    assert pushed(exchange)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"lease_until": NOW}, 410, id="its lease is over"),
        pytest.param({"state": CallbackState.ASKED}, 410, id="not confirmed"),
        pytest.param({"state": CallbackState.LEAVING}, 410, id="left"),
    ],
)
def test_who_is_not_heard_is_told_to_end_it(exchange: Exchange, changes: dict[str, Any], status: int) -> None:
    assert sends(exchange, active(exchange, **changes)).status_code == status
    assert not pushed(exchange)


def test_a_closed_flow_hears_nothing(exchange: Exchange) -> None:
    one = active(exchange)
    with exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(flow for flow in FLOWS if flow.id != "trc-en"), NOW)
        found = partners.flow_ever(tx, "trc-en")
    assert found is not None
    assert found.state is FlowState.CLOSED
    assert sends(exchange, one).status_code == 410


def test_p08_a_push_is_bounded(exchange: Exchange) -> None:
    """In bytes, as they come: it is never unpacked."""
    one = active(exchange)
    large = b"x" * (rules.LARGEST_PUSH + 1)
    assert sends(exchange, one, large).status_code == 413
    streamed = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert sends(exchange, one, large, environ_overrides=streamed).status_code == 413
    packed = [("Content-Encoding", "gzip"), ("X-Hub-Signature", signed(one, FEED))]
    assert sends(exchange, one, headers=packed).status_code == 415
    assert not pushed(exchange)
    assert sends(exchange, one, b"x" * rules.LARGEST_PUSH).status_code == 202


def test_p08_a_push_that_breaks_off_is_none(exchange: Exchange) -> None:
    """Whatever part of it came is signed by nobody."""
    one = active(exchange)
    assert sends(exchange, one, environ_overrides={"CONTENT_LENGTH": str(len(FEED) + 1)}).status_code == 400
    assert not pushed(exchange)


def test_p18_a_hub_that_sends_too_often_waits(exchange: Exchange) -> None:
    exchange.settings = replace(exchange.settings, requests_per_minute=3)
    one, app = active(exchange), exchange.app()
    codes = [app.test_client().post(path(one), data=FEED).status_code for _ in range(5)]
    assert codes == [202, 202, 202, 429, 429]


def test_p06_a_hub_that_asks_back_too_often_waits(exchange: Exchange) -> None:
    """Each time it would be written down: others wait to write meanwhile."""
    exchange.settings = replace(exchange.settings, requests_per_minute=3)
    one, app = standing(exchange), exchange.app()
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c1"}
    codes = [app.test_client().get(path(one), query_string=query).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]


def served(exchange: Exchange) -> tuple[Front, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    here = Parts(exchange.database, exchange.settings, exchange.clock, SECRET)
    return Front(create_app(here), here), where


def talk(where: str, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send these, one after the other, until the server answers or hangs up; what it says."""
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        with suppress(OSError):
            for piece in pieces:
                wire.sendall(piece)
                time.sleep(pause)
        answer = b""
        with suppress(OSError):
            while more := wire.recv(65536):
                answer += more
        return answer


def head(where: str, one: str, *more: str) -> bytes:
    return "\r\n".join([f"POST {one} HTTP/1.1", f"Host: {where}", *more, "", ""]).encode()


def test_p07_of_a_push_to_a_guessed_callback_no_body_is_read(exchange: Exchange) -> None:
    """It is answered by its head, while 50 MB are still to come, without a word to the database or the application."""
    active(exchange)
    front, where = served(exchange)
    statements: list[str] = []
    with open_door(front, where, exchange.settings, front.strange):
        event.listen(exchange.database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        guessed = f"/callbacks/cb_1-{'0' * 64}"
        for announced in ("Content-Length: 50000000", "Transfer-Encoding: chunked"):
            for more in ((), ("Expect: 100-continue",)):
                answer = talk(where, head(where, guessed, announced, *more))
                assert answer.startswith(b"HTTP/1.1 404 ")
    assert statements == []


def test_p07_the_control_where_the_door_does_not_know_the_body_is_waited_for(exchange: Exchange) -> None:
    active(exchange)
    front, where = served(exchange)
    with open_door(front, where, exchange.settings):
        host, _, port = where.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=0.3) as wire:
            wire.sendall(head(where, f"/callbacks/cb_1-{'0' * 64}", "Content-Length: 100"))
            with pytest.raises(TimeoutError):
                wire.recv(1)


def test_p07_what_a_forged_push_costs(exchange: Exchange) -> None:
    """A thousand of them at the application's own door: no statement, nothing kept, and far less than a page."""
    front, _ = served(exchange)
    environ = {"PATH_INFO": f"/callbacks/cb_1-{'0' * 64}", "REQUEST_METHOD": "POST"}
    statements: list[str] = []
    event.listen(exchange.database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    codes: list[str] = []
    began = time.process_time()

    def start(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
        codes.append(status)
        return lambda _: None

    for _ in range(1000):
        assert b"".join(front(dict(environ), start)) == b"There is nothing here.\n"
    assert time.process_time() - began < 1.0
    assert (set(codes), statements) == ({"404 NOT FOUND"}, [])


@pytest.mark.parametrize(
    ("announced", "pieces"),
    [
        pytest.param("Content-Length: 50000000", [], id="50 MB, announced"),
        pytest.param("Transfer-Encoding: chunked", [b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 20, id="in chunks"),
    ],
)
def test_p08_of_a_push_to_ours_no_more_than_a_megabyte_is_read(exchange: Exchange, announced: str, pieces: list[bytes]) -> None:
    one = active(exchange)
    front, where = served(exchange)
    with open_door(front, where, exchange.settings, front.strange):
        assert talk(where, head(where, path(one), announced), *pieces).startswith(b"HTTP/1.1 413 ")
    assert not pushed(exchange)


def test_p08_a_push_that_drips_is_ended(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.web.door.PATIENCE", 0.2)
    one = active(exchange)
    front, where = served(exchange)
    with open_door(front, where, exchange.settings, front.strange):
        answer = talk(where, head(where, path(one), "Transfer-Encoding: chunked"), *[b"1\r\nx\r\n"] * 30, pause=0.02)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_p08_under_another_server_the_application_ends_it(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.web.callback.PATIENCE", 0.0)
    assert sends(exchange, active(exchange)).status_code == 408
    assert not pushed(exchange)


def test_neither_the_address_nor_the_secret_is_in_the_database(exchange: Exchange, tmp_path: Path) -> None:
    """A03: whoever reads a backup can send nothing."""
    one = active(exchange)
    kept_bytes = b"".join(file.read_bytes() for file in tmp_path.glob("syndication.db*"))
    assert one.id.encode() in kept_bytes
    for secret in (rules.secret_of(KEY, one.id), rules.named(KEY, one.id).rpartition("-")[2]):
        assert secret.encode() not in kept_bytes
