"""What we send to a callback, and ask of it: through the same guard as every visit, no redirect followed, bounded whatever it does."""

import socket
import time
from contextlib import suppress
from typing import Any

import pytest

from syndication.errors import FetchError
from syndication.fetch.client import Answer, Client, address_fault
from syndication.fetch.guard import Guard
from tests.fetch.conftest import LIMITS, off, opened
from tests.fetch.faulty import Faulty, drip, faulty, flood, hang, redirect, reply, reset

BODY = b'{"type": "story.published"}'


def taking(server: Faulty, kept: list[bytes], answer: bytes) -> Any:
    """Read the body that was announced, where it did not come along with the head, then answer."""

    def act(sock: socket.socket) -> None:
        if server.asked[-1].endswith("\r\n\r\n"):
            kept.append(sock.recv(1_000_000))
        sock.sendall(answer)

    return act


def post(client: Client, server: Faulty, body: bytes = BODY, **headers: str) -> Answer:
    return client.post(server.url("/push?who=trc"), body, headers, opened(server))


def test_a_post_with_its_headers_and_bytes(client: Client, server: Faulty) -> None:
    """Exactly these: the signature is over them. The headers of ours cannot be overwritten."""
    kept: list[bytes] = []
    server.answers["/push"] = taking(server, kept, reply(202, b""))
    headers = {"Content-Type": "application/json", "webhook-id": "msg_1", "User-Agent": "other"}
    answer = client.post(server.url("/push?who=trc"), BODY, headers, opened(server))
    assert answer.status == 202
    head, _, body = (server.asked[0].encode("latin-1") + b"".join(kept)).partition(b"\r\n\r\n")
    assert body == BODY
    names = {line.partition(b":")[0].decode(): line.partition(b": ")[2].decode() for line in head.splitlines()[1:]}
    assert names == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": "syndication-test (+https://vna.example/contact)",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/json",
        "webhook-id": "msg_1",
        "Content-Length": str(len(BODY)),
    }
    assert head.splitlines()[0] == b"POST /push?who=trc HTTP/1.1"


def test_asking_a_callback(client: Client, server: Faulty) -> None:
    """P10: a GET without a body."""
    server.answers["/"] = reply(200, b"challenge")
    assert client.ask(server.url("/?hub.challenge=challenge"), opened(server)) == Answer(200, b"challenge", None)
    assert server.asked[0].startswith("GET /?hub.challenge=challenge HTTP/1.1\r\n")
    assert "Content-Length" not in server.asked[0]
    assert "If-None-Match" not in server.asked[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_p11_a_redirect_is_not_followed(client: Client, server: Faulty, other: Faulty, status: int) -> None:
    """F06, F08: nothing is asked of where it points to, though an operator opened that too."""
    server.answers["/push"] = server.answers["/"] = redirect(other.url("/"), status)
    guard = opened(server, other)
    assert client.post(server.url("/push"), BODY, {}, guard).status == status
    assert client.ask(server.url("/"), guard).status == status
    assert other.connections == 0


def test_p11_a_gigabyte_of_an_answer_is_not_read(client: Client, server: Faulty) -> None:
    server.answers["/push"] = server.answers["/"] = flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", b"x" * 65536, 15_000)
    started = time.monotonic()
    assert post(client, server) == Answer(200, b"", None)
    assert client.ask(server.url("/"), opened(server)) == Answer(200, b"x" * 1024, None)
    assert time.monotonic() - started < 2 * LIMITS.total


def test_p11_a_body_that_drips_does_not_hold_up_a_post(client: Client, server: Faulty) -> None:
    """Its head has said all that counts. Who is asked for a challenge has to say it in time."""
    server.answers["/push"] = server.answers["/"] = drip(b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", b"x")
    assert post(client, server).status == 204
    server.answers["/"] = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x")
    started = time.monotonic()
    with pytest.raises(FetchError, match="ended after"):
        client.ask(server.url("/"), opened(server))
    assert time.monotonic() - started < LIMITS.total + 0.5


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hang, id="says nothing"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X"), id="a head that drips"),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="100 Continue for ever"),
        pytest.param(reset(b""), id="reset"),
        pytest.param(b"no HTTP\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="closed at once"),
    ],
)
def test_p11_each_ends_in_time(client: Client, server: Faulty, answer: Any) -> None:
    server.answers["/push"] = answer
    started = time.monotonic()
    with pytest.raises(FetchError):
        post(client, server)
    assert time.monotonic() - started < LIMITS.total + 0.5


def test_p11_who_does_not_take_the_body_is_let_go_in_time(client: Client) -> None:
    """More than the buffers of both sides hold."""

    def deaf(sock: socket.socket) -> None:
        with suppress(OSError):
            time.sleep(3)

    with faulty(raw=deaf) as server:
        started = time.monotonic()
        with pytest.raises(FetchError):
            client.post(server.url("/"), b"x" * 50_000_000, {}, opened(server))
        assert time.monotonic() - started < LIMITS.total + 0.5


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_f12_a_callback_passes_the_guard(client: Client, server: Faulty, host: str) -> None:
    """F01: not even one packet. The control: with the guard off, it arrives."""
    server.answers["/"] = reply(200, b"inside")
    url = server.url("/", host=host)
    with pytest.raises(FetchError, match="may not be visited"):
        client.post(url, BODY, {}, Guard())
    with pytest.raises(FetchError, match="may not be visited"):
        client.ask(url, Guard())
    assert server.connections == 0
    if ":" not in host:
        assert client.ask(url, off(server)).body == b"inside"


def test_f12_addresses_inside_are_refused_on_the_usual_ports(client: Client) -> None:
    """F02, F11."""
    for url in ("http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[fd00::1]/", "http://8.8.8.8:22/"):
        with pytest.raises(FetchError, match="may not be visited"):
            client.post(url, BODY, {}, Guard())


def test_the_environment_is_not_looked_at(client: Client, server: Faulty, other: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """F09."""
    monkeypatch.setenv("http_proxy", other.url())
    monkeypatch.setenv("all_proxy", other.url())
    server.answers["/push"] = reply(200, b"")
    assert post(client, server).status == 200
    assert other.connections == 0


def test_when_to_come_again(client: Client, server: Faulty) -> None:
    server.answers["/push"] = reply(503, b"", "Retry-After: 120")
    assert post(client, server) == Answer(503, b"", 120)


def test_what_can_be_no_callback() -> None:
    assert address_fault("https://subscriber.example/push?x=1", Guard()) is None
    assert "is not followed" in (address_fault("ftp://subscriber.example/", Guard()) or "")
    assert "without http:// or https://" in (address_fault("subscriber.example/push", Guard()) or "")


FORM = b"hub.mode=subscribe"


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_may_send_the_form_on(client: Client, server: Faulty, other: Faulty, status: int) -> None:
    """As a POST, with its bytes; the Authorization stays at the origin it is for (F08), also where the way leads back there."""
    kept: list[bytes] = []
    server.answers["/hub"] = redirect("/next", status)
    server.answers["/next"] = redirect(other.url("/there"), status)
    other.answers["/there"] = redirect(server.url("/back"), status)
    server.answers["/back"] = taking(server, kept, reply(202, b"Taken."))
    answer = client.submit(server.url("/hub"), FORM, "Bearer syn_1", opened(server, other))
    assert (answer.status, answer.body) == (202, b"Taken.")
    assert [head.split(" ")[0] for head in (*server.asked, *other.asked)] == ["POST"] * 4
    assert FORM in server.asked[-1].encode() + b"".join(kept)
    assert "Content-Type: application/x-www-form-urlencoded" in server.asked[-1]
    assert all("Authorization: Bearer syn_1" in head for head in server.asked)
    assert "syn_1" not in "".join(other.asked)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_no_other_redirect_of_a_hub_is_followed(client: Client, server: Faulty, other: Faulty, status: int) -> None:
    server.answers["/hub"] = redirect(other.url("/"), status)
    assert client.submit(server.url("/hub"), FORM, None, opened(server, other)).status == status
    assert other.connections == 0


@pytest.mark.parametrize("to", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "gopher://x/", "/hub"])
def test_f06_f07_a_hub_leads_nowhere_that_the_guard_does_not_open_and_not_for_ever(client: Client, server: Faulty, to: str) -> None:
    server.answers["/hub"] = redirect(to, 307)
    with pytest.raises(FetchError, match=r"may not be visited|is not followed|more than 3"):
        client.submit(server.url("/hub"), FORM, None, opened(server))
    assert server.connections == (4 if to == "/hub" else 1)


def test_f12_a_hub_passes_the_guard(client: Client, server: Faulty) -> None:
    """The control: with the guard off, it arrives."""
    server.answers["/hub"] = reply(202, b"")
    with pytest.raises(FetchError, match="may not be visited"):
        client.submit(server.url("/hub"), FORM, None, Guard())
    assert server.connections == 0
    assert client.submit(server.url("/hub"), FORM, None, off(server)).status == 202
