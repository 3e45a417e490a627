"""No private address, ever: the matrix of special ranges, odd spellings, names that change their mind; each check with its control."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from syndication.errors import FetchError
from syndication.fetch import client as visiting
from syndication.fetch import guard as guarding
from syndication.fetch.client import Client, FetchRequest
from syndication.fetch.guard import Guard, connect
from tests.fetch.conftest import off, opened
from tests.fetch.faulty import Faulty, faulty, reply

NOWHERE = "192.0.2.1/32:9"
"""An allowance that opens nothing of use here, and so switches the library's fence off and leaves ours."""

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::ffff:0:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
    "4000::1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.9.9.9",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.1.0.1",
    "193.0.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "2001:4860::8888",
]

SPELLINGS = ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0"]


@pytest.mark.parametrize("address", SPECIAL)
def test_f02_f03_special_addresses_are_refused(address: str) -> None:
    assert Guard().refusal(ipaddress.ip_address(address), 80) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert Guard().refusal(ipaddress.ip_address(address), 443) is None


@pytest.mark.parametrize("port", [0, 22, 25, 81, 6379, 8080, 9200])
def test_f11_other_ports_are_refused(port: int) -> None:
    guard = Guard()
    assert guard.refusal(ipaddress.ip_address("1.1.1.1"), port) is not None
    assert not guard.opens(port)


@pytest.mark.parametrize("port", [22, 25, 6379, 9200])
def test_f11_no_name_is_looked_up_for_a_port_that_nothing_opens(client: Client, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolver(monkeypatch, lambda host, port: ["1.1.1.1"])
    with pytest.raises(FetchError, match=f"port {port}"):
        client.get(FetchRequest(f"http://partner.example:{port}/"))
    assert asked == []


def test_f11_an_allowance_opens_the_port(client: Client, server: Faulty) -> None:
    server.answers["/"] = reply()
    assert client.get(FetchRequest(server.url(), guard=opened(server))).status == 200


@pytest.mark.parametrize(
    ("address", "port", "passes"),
    [
        pytest.param("10.1.2.3", 8443, True, id="inside, on its port"),
        pytest.param("10.1.2.3", 443, False, id="inside, on another port"),
        pytest.param("10.1.3.3", 8443, False, id="the neighbouring network"),
        pytest.param("::ffff:10.1.2.3", 8443, False, id="inside, mapped into IPv6"),
        pytest.param("fd00::7", 8080, True, id="an IPv6 network"),
        pytest.param("fd00::7", 8443, False, id="an IPv6 network on another's port"),
        pytest.param("1.1.1.1", 8443, False, id="a public address on that port"),
        pytest.param("1.1.1.1", 443, True, id="a public address as ever"),
    ],
)
def test_f13_an_allowance_opens_its_network_and_port_and_no_other(address: str, port: int, passes: bool) -> None:
    guard = Guard.of(("10.1.2.0/24:8443", "[fd00::]/8:8080"))
    assert (guard.refusal(ipaddress.ip_address(address), port) is None) is passes


@pytest.mark.parametrize(
    "opening", ["10.1.2.0/24", "10.1.2.3/24:80", "10.1.2.0/24:0", "10.1.2.0/24:65536", "partner.example:80", ":80", ""]
)
def test_what_is_no_network_with_a_port_opens_nothing(opening: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of the standard library's words for it
        Guard.of((opening,))


def test_f13_what_is_opened_for_one_partner_stays_shut_for_another(client: Client, server: Faulty, other: Faulty) -> None:
    server.answers["/"] = reply()
    assert client.get(FetchRequest(server.url(), guard=opened(server))).body == b"<feed/>"
    with pytest.raises(FetchError, match="may not be visited"):
        client.get(FetchRequest(server.url(), guard=opened(other)))
    assert server.connections == 1


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("fence", ["both", "ours alone", "the library's alone"])
def test_f01_loopback_in_any_spelling_is_refused_before_a_packet(
    client: Client, server: Faulty, host: str, fence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "PORTS", frozenset({server.port}))
    if fence == "the library's alone":
        monkeypatch.setattr(Guard, "refusal", lambda *_: None)
    guard = Guard.of((NOWHERE,)) if fence == "ours alone" else Guard()
    with pytest.raises(FetchError, match="may not be visited"):
        client.get(FetchRequest(server.url(host=host), guard=guard))
    assert server.connections == 0


@pytest.mark.parametrize("host", SPELLINGS)
def test_f01_control_with_the_guard_off_every_spelling_arrives(client: Client, server: Faulty, host: str) -> None:
    server.answers["/"] = reply()
    assert client.get(FetchRequest(server.url(host=host), guard=off(server))).status == 200
    assert server.connections == 1


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
def test_f01_the_loopback_of_ipv6(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    port = listener.getsockname()[1]
    monkeypatch.setattr(guarding, "PORTS", frozenset({port}))
    with listener:
        with pytest.raises(FetchError, match="may not be visited"):
            client.get(FetchRequest(f"http://[::1]:{port}/"))
        # The control: it is there to be reached.
        with connect(Guard.of((f"::1/128:{port}",)), "::1", port, lambda: 1.0):
            listener.accept()[0].close()


def resolver(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, int], list[str]]) -> list[str]:
    """Names are answered by `answer(host, how many lookups before)`; numbers as ever. Gives the list of names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not host.endswith(".example"):
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return [found for one in answer(host, len(asked) - 1) for found in real(one, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.parametrize("order", [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]], ids=["good first", "bad first"])
def test_f04_of_several_addresses_only_the_checked_are_connected_to(
    client: Client, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.2 stands for the public address, 127.0.0.1 for the private one. The good one is down: the bad one is not tried instead."""
    with faulty("127.0.0.1") as tripwire:
        resolver(monkeypatch, lambda host, before: order)
        guard = Guard.of((f"127.0.0.2/32:{tripwire.port}",))
        with pytest.raises(FetchError, match="could not be reached"):
            client.get(FetchRequest(f"http://partner.example:{tripwire.port}/", guard=guard))
        assert tripwire.connections == 0
        # The control: with the guard off, the second address is reached.
        tripwire.answers["/"] = reply()
        assert client.get(FetchRequest(f"http://partner.example:{tripwire.port}/", guard=off(tripwire))).status == 200


def test_f05_a_name_that_changes_its_mind_is_looked_up_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: first the address that passes the check, ever after the one that an attacker wants us to connect to."""
    with faulty("127.0.0.2") as good, faulty("127.0.0.1", good.port) as tripwire:
        good.answers["/"] = tripwire.answers["/"] = reply()
        asked = resolver(monkeypatch, lambda host, before: ["127.0.0.1"] if before else ["127.0.0.2"])
        client.get(FetchRequest(f"http://partner.example:{good.port}/", guard=Guard.of((f"127.0.0.2/32:{good.port}",))))
        assert (asked, good.connections, tripwire.connections) == (["partner.example"], 1, 0)


def test_f05_control_who_checks_first_and_connects_by_name_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty("127.0.0.2") as good, faulty("127.0.0.1", good.port) as tripwire:
        tripwire.answers["/"] = reply()
        resolver(monkeypatch, lambda host, before: ["127.0.0.1"] if before else ["127.0.0.2"])
        assert socket.getaddrinfo("partner.example", good.port)[0][4][0] == "127.0.0.2"
        requests.get(f"http://partner.example:{good.port}/", timeout=1)
        assert tripwire.connections == 1


def test_f05_with_both_fences_the_socket_gets_the_number_that_the_first_one_checked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolver(monkeypatch, lambda host, before: ["127.0.0.1"] if before else ["1.1.1.1"])
    reached: list[str] = []

    def record(guard: Guard, host: str, port: int, patience: Callable[[], float]) -> socket.socket:
        reached.append(host)
        raise FetchError("far enough")

    monkeypatch.setattr(visiting, "connect", record)
    with pytest.raises(FetchError, match="far enough"):
        client.get(FetchRequest("http://partner.example/"))
    assert (asked, reached) == (["partner.example"], ["1.1.1.1"])


@pytest.mark.parametrize("fences", [Guard(), Guard.of((NOWHERE,))], ids=["both fences", "ours alone"])
def test_a_name_that_nobody_knows(client: Client, fences: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(FetchError, match=r"the name partner\.example cannot be looked up"):
        client.get(FetchRequest("http://partner.example/", guard=fences))


@pytest.mark.parametrize("fences", [Guard(), Guard.of((NOWHERE,))], ids=["both fences", "ours alone"])
def test_f27_a_resolver_that_hangs_costs_no_more_than_the_wait_for_a_connection(
    client: Client, fences: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And others are looked up meanwhile. The control: nothing but the resolver keeps the visit."""
    over = threading.Event()

    def lookup(host: str, before: int) -> list[str]:
        if host == "hangs.example":
            assert over.wait(20)
        return ["10.0.0.1"]

    resolver(monkeypatch, lookup)
    began = time.monotonic()
    try:
        with pytest.raises(FetchError, match=r"the name hangs\.example was not looked up in time"):
            client.get(FetchRequest("http://hangs.example/", guard=fences))
        assert client.limits.connect <= time.monotonic() - began < client.limits.connect + 0.4
        with pytest.raises(FetchError, match=r"not a public address"):
            client.get(FetchRequest("http://other.example/", guard=fences))
    finally:
        over.set()
    with pytest.raises(FetchError, match=r"not a public address"):
        client.get(FetchRequest("http://hangs.example/", guard=fences))
