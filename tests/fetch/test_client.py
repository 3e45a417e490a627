"""Visits to a server that does everything wrong: each ends, in time, with a whole document or with a sentence that says why not."""

import gzip
import ssl
import threading
import time
import tracemalloc
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from syndication.errors import FetchError
from syndication.fetch.client import Client, FetchRequest, FetchResult
from syndication.fetch.guard import Guard
from syndication.model.poll import Validators
from tests.fetch.conftest import LIMITS, off, opened
from tests.fetch.faulty import Answer, Faulty, drip, faulty, flood, hang, redirect, reply, reset

TLS = Path(__file__).parent / "tls"
"""Certificates made for these tests, with keys that guard nothing: `ca.pem` signed all but the self-signed one."""

KNOWN = Validators(etag='"known"', last_modified="Tue, 24 Nov 2026 12:00:00 GMT")


def visit(client: Client, server: Faulty, path: str = "/", validators: Validators = Validators()) -> FetchResult:  # noqa: B008 - frozen
    """A visit of a partner for which this server is opened."""
    return client.get(FetchRequest(server.url(path), validators, opened(server)))


def refused(client: Client, server: Faulty, answer: Answer | bytes, match: str, validators: Validators = KNOWN) -> FetchError:
    """The error of a visit that must not end well."""
    server.answers["/"] = answer
    with pytest.raises(FetchError, match=match) as caught:
        visit(client, server, validators=validators)
    return caught.value


# What is right


def test_a_whole_document_with_all_it_says_of_itself(client: Client, server: Faulty) -> None:
    server.answers["/"] = reply(
        200,
        b"<feed/>",
        'ETag: W/"v1"',
        "Last-Modified: Tue, 24 Nov 2026 12:00:00 GMT",
        "Cache-Control: max-age=300",
        "Content-Type: text/xml",
    )
    result = visit(client, server)
    assert (result.status, result.body, result.content_type) == (200, b"<feed/>", "text/xml")
    assert (result.etag, result.last_modified) == ('W/"v1"', "Tue, 24 Nov 2026 12:00:00 GMT")
    assert (result.max_age, result.moved_to, result.url) == (timedelta(seconds=300), None, server.url())
    assert result.size > len(b"<feed/>")


def test_wire_31_32_what_we_say_of_ourselves(client: Client, server: Faulty) -> None:
    """Wire 31, 32: validators unchanged, who we are, what we take; no cookie, no Referer, no credential."""
    server.answers["/"] = reply(304, b"", length=None)
    result = visit(client, server, validators=KNOWN)
    assert (result.status, result.body) == (304, None)
    names = {line.partition(":")[0]: line.partition(": ")[2] for line in server.asked[0].splitlines()[1:] if line}
    assert names == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": "syndication-test (+https://vna.example/contact)",
        "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1",
        "Accept-Encoding": "gzip",
        "Connection": "close",
        "If-None-Match": '"known"',
        "If-Modified-Since": "Tue, 24 Nov 2026 12:00:00 GMT",
    }


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        pytest.param(reply(200, b"x" * 1000), b"x" * 1000, id="plain"),
        pytest.param(reply(200, b"x" * 1000, length=None), b"x" * 1000, id="until the end of the connection"),
        pytest.param(reply(200, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=None), b"abcde", id="in chunks"),
        pytest.param(reply(200, gzip.compress(b"x" * 1000), "Content-Encoding: gzip"), b"x" * 1000, id="gzip"),
        pytest.param(reply(200, gzip.compress(b"x" * 900_000), "Content-Encoding: gzip"), b"x" * 900_000, id="gzip, longer than a chunk"),
        pytest.param(reply(200, gzip.compress(b"a") + gzip.compress(b"b"), "Content-Encoding: x-gzip"), b"ab", id="gzip of two members"),
        pytest.param(reply(200, zlib.compress(b"abc"), "Content-Encoding: deflate"), b"abc", id="deflate"),
        pytest.param(reply(200, b"abc", "Content-Encoding: identity"), b"abc", id="identity"),
        pytest.param(reply(200, b""), b"", id="empty: for the parser to refuse"),
    ],
)
def test_bodies(client: Client, server: Faulty, answer: bytes, body: bytes) -> None:
    server.answers["/"] = answer
    assert visit(client, server).body == body


def test_wire_31_validators_of_an_answer_that_has_none_are_none(client: Client, server: Faulty) -> None:
    server.answers["/"] = reply()
    result = visit(client, server, validators=KNOWN)
    assert (result.etag, result.last_modified) == (None, None)


# Addresses and redirects


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("gopher://partner.example/", id="gopher"),
        pytest.param("ftp://partner.example/", id="ftp"),
        pytest.param("partner.example/feed", id="no scheme"),
        pytest.param("http:///feed", id="no host"),
        pytest.param("http://", id="nothing"),
        pytest.param("", id="empty"),
        pytest.param("http://user:secret@partner.example/", id="user and password"),
        pytest.param("http://good.example@evil.example/", id="a host that is a user"),
        pytest.param("http://good.example\\@evil.example/", id="a backslash"),
        pytest.param("http://partner.example/a b", id="a blank"),
        pytest.param("http://partner.example/\r\nX: y", id="CRLF"),
        pytest.param("http://partner.example:99999/", id="a port that is none"),
        pytest.param("http://[::1/", id="half an IPv6 address"),
        pytest.param("http://partner.example/" + "a" * 9000, id="9 KB long"),
        pytest.param("http://" + "a" * 300 + ".example/", id="a label of 300 characters"),
    ],
)
def test_f10_addresses_that_are_none(client: Client, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        client.get(FetchRequest(url))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/",
        "http://192.168.1.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://\x00/",
    ],
)
def test_f06_redirects_into_what_is_not_public_are_refused(client: Client, server: Faulty, target: str) -> None:
    refused(client, server, redirect(target), "may not be visited|is not followed|a user or a password|characters that no address has")
    assert server.connections == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "0"])
def test_f06_a_redirect_to_another_port_of_this_machine_is_refused(client: Client, server: Faulty, other: Faulty, host: str) -> None:
    server.answers["/"] = redirect(other.url("/secret", host=host))
    other.answers["/secret"] = reply(200, b"secret")
    with pytest.raises(FetchError, match="may not be visited"):
        visit(client, server)
    assert other.connections == 0
    # The control: with the guard off, what is inside comes out.
    assert client.get(FetchRequest(server.url(), guard=off(server, other))).body == b"secret"


def test_f07_a_loop_of_redirects_ends(client: Client, server: Faulty) -> None:
    refused(client, server, redirect("/"), "more than 3 redirects")
    assert server.connections == 4


def test_f07_three_hops_are_followed_and_no_fourth(client: Client, server: Faulty) -> None:
    server.answers.update({"/1": redirect("2"), "/2": redirect("/3"), "/3": redirect("?x=4"), "/4": reply()})
    server.answers["/3"] = redirect(server.url("/4"))
    assert visit(client, server, "/1").body == b"<feed/>"
    server.answers["/0"] = redirect("/1")
    with pytest.raises(FetchError, match="more than 3 redirects"):
        visit(client, server, "/0")


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        pytest.param([301], "/1", id="for good"),
        pytest.param([308, 301], "/2", id="for good, twice"),
        pytest.param([301, 302], "/1", id="for good, then for now"),
        pytest.param([302, 301], None, id="for now, then for good"),
        pytest.param([302], None, id="302"),
        pytest.param([303], None, id="303"),
        pytest.param([307], None, id="307"),
    ],
)
def test_f22_only_a_move_for_good_is_proposed(client: Client, server: Faulty, statuses: list[int], moved: str | None) -> None:
    for number, status in enumerate(statuses):
        server.answers[f"/{number}"] = redirect(f"/{number + 1}#part", status)
    server.answers[f"/{len(statuses)}"] = reply()
    result = visit(client, server, "/0")
    assert result.moved_to == (server.url(moved) if moved else None)
    assert result.url == server.url(f"/{len(statuses)}")


def test_a_redirect_to_nowhere(client: Client, server: Faulty) -> None:
    refused(client, server, reply(302, b""), "without saying where")


def test_a_redirect_written_in_utf8(client: Client, server: Faulty) -> None:
    server.answers["/"] = "HTTP/1.1 302 Found\r\nLocation: /tin-tức\r\nContent-Length: 0\r\n\r\n".encode()
    server.answers["/tin-t%E1%BB%A9c"] = reply()
    assert visit(client, server).body == b"<feed/>"


def test_the_validators_go_along_with_a_redirect(client: Client, server: Faulty) -> None:
    """They belong to what the last hop serves; without them a feed behind a redirect would never be a 304."""
    server.answers.update({"/": redirect("/there"), "/there": reply(304, b"", length=None)})
    assert visit(client, server, validators=KNOWN).status == 304


# Secrets


def test_f08_f19_wire_32_nothing_of_one_origin_reaches_another(client: Client, server: Faulty, other: Faulty) -> None:
    server.answers["/"] = reply(302, b"", f"Location: {other.url()}", "Set-Cookie: session=canary; Path=/")
    other.answers["/"] = reply()
    client.get(FetchRequest(server.url("/?token=canary"), guard=opened(server, other)))
    client.get(FetchRequest(server.url("/?token=canary"), guard=opened(server, other)))
    assert len(other.asked) == 2
    assert not any("canary" in asked for asked in other.asked)
    assert not any("ookie" in asked for asked in server.asked)


def test_f08_f19_control_a_session_of_requests_tells(server: Faulty, other: Faulty) -> None:
    server.answers["/"] = reply(302, b"", f"Location: {other.url()}", "Set-Cookie: session=canary; Path=/")
    other.answers["/"] = reply()
    requests.get(server.url(), headers={"X-Api-Key": "canary"}, timeout=1)
    assert other.asked[0].count("canary") == 2


def test_f09_proxies_and_netrc_of_the_environment_are_not_looked_at(
    client: Client, server: Faulty, other: Faulty, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login us password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url())
    server.answers["/"] = reply()
    visit(client, server)
    assert other.connections == 0
    assert "Authorization" not in server.asked[0]
    # The control: requests by itself goes to the proxy, with the password.
    requests.get(server.url(), timeout=1)
    assert "Authorization: Basic" in other.asked[0]


@pytest.mark.parametrize("status", [302, 404])
def test_a_secret_in_the_address_is_in_no_message(client: Client, server: Faulty, status: int) -> None:
    server.answers["/"] = reply(status, b"")
    with pytest.raises(FetchError) as caught:
        visit(client, server, "/?token=canary")
    assert "canary" not in str(caught.value)


# Time


DRIPS = [
    pytest.param(drip(reply(200, b"", length=100_000), b"x"), id="the body"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", b"X"), id="a header"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", b"X: y\r\n"), id="one header after another"),
    pytest.param(drip(b"HTTP/1.1 ", b"2"), id="the status line"),
    pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="100 Continue for ever"),
    pytest.param(drip(reply(200, b"", "Transfer-Encoding: chunked", length=None), b"1\r\nx\r\n"), id="chunks"),
    pytest.param(drip(reply(200, b"", "Transfer-Encoding: chunked", length=None), b"0"), id="the length of a chunk"),
    pytest.param(
        drip(reply(200, b"1\r\nx\r\n0\r\n", "Transfer-Encoding: chunked", length=None), b"X: y\r\n"), id="what follows the last chunk"
    ),
    pytest.param(drip(reply(200, b"", length=None), b"x"), id="a body without a length"),
]


@pytest.mark.parametrize("answer", DRIPS)
def test_f14_a_drip_ends_at_the_deadline(client: Client, server: Faulty, answer: Answer) -> None:
    """Never longer silent than 0.4 s, and so never stopped by a read timeout."""
    started = time.monotonic()
    refused(client, server, answer, r"ended after 0\.6 s")
    assert LIMITS.total - 0.05 <= time.monotonic() - started <= LIMITS.total + 0.5


def test_f14_control_without_the_deadline_a_drip_goes_on(client: Client, server: Faulty) -> None:
    server.answers["/"] = drip(reply(200, b"", length=20), b"x", times=20)
    started = time.monotonic()
    assert visit(replace(client, limits=replace(LIMITS, total=60.0)), server).body == b"x" * 20
    assert time.monotonic() - started > LIMITS.total + 0.3


def test_f14_wire_37_the_deadline_is_of_all_hops_together(client: Client, server: Faulty) -> None:
    def slow(to: str) -> Answer:
        return drip(b"", redirect(to), pause=0.25, times=1)

    server.answers.update({"/": slow("/1"), "/1": slow("/2"), "/2": slow("/3"), "/3": reply()})
    started = time.monotonic()
    with pytest.raises(FetchError):
        visit(client, server)
    assert time.monotonic() - started < LIMITS.total + 0.3


def test_a_server_that_hangs_is_left_after_the_silence(client: Client, server: Faulty) -> None:
    started = time.monotonic()
    refused(client, server, hang, r"silent for 0\.4 s")
    assert time.monotonic() - started < 0.55


def test_a_server_that_hangs_in_its_body(client: Client, server: Faulty) -> None:
    def answer(sock: Any) -> None:
        sock.sendall(reply(200, b"half", length=10))
        hang(sock)

    refused(client, server, answer, "silent")


def test_no_thread_and_no_connection_is_left(client: Client, server: Faulty) -> None:
    closed = threading.Event()

    def answer(sock: Any) -> None:
        sock.sendall(reply(200, b"half", length=10))
        hang(sock)
        closed.set()

    before = {thread.name for thread in threading.enumerate()}
    refused(client, server, answer, "silent")
    assert closed.wait(2)
    assert {thread.name for thread in threading.enumerate()} <= before | {"faulty"}


def test_nobody_there(client: Client) -> None:
    with faulty() as gone:
        guard, url = opened(gone), gone.url()
    with pytest.raises(FetchError, match="could not be reached"):
        client.get(FetchRequest(url, guard=guard))


# Size


def test_f15_wire_37_an_endless_body_is_cut_at_the_limit(client: Client, server: Faulty) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    tracemalloc.start()
    refused(client, server, flood(reply(200, b"", "Transfer-Encoding: chunked", length=None), piece, 800), "longer than 1000000 bytes")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_f15_control_without_the_limit_all_of_it_is_held(client: Client, server: Faulty) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    server.answers["/"] = flood(reply(200, b"", "Transfer-Encoding: chunked", length=None), piece, 200)
    wide = replace(client, limits=replace(LIMITS, wire_bytes=1 << 30, body_bytes=1 << 30, total=20.0))
    with pytest.raises(FetchError, match="broke off"):
        visit(wide, server)
    server.answers["/"] = flood(reply(200, b"", length=200 * 0x10000), b"x" * 0x10000, 200)
    assert len(visit(wide, server).body or b"") == 200 * 0x10000


@pytest.mark.parametrize("length", ["10000000000", "9" * 400, "1000001"])
def test_f15_who_announces_too_much_is_not_waited_for(client: Client, server: Faulty, length: str) -> None:
    refused(client, server, reply(200, b"x", f"Content-Length: {length}", length=None), "longer than 1000000 bytes")


def test_f15_headers_count_too(client: Client, server: Faulty) -> None:
    tight = replace(client, limits=replace(LIMITS, wire_bytes=100_000))
    refused(tight, server, flood(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n", 90), "longer than 100000 bytes")


def test_f15_a_chunk_whose_length_has_no_end(client: Client, server: Faulty) -> None:
    answer = flood(reply(200, b"", "Transfer-Encoding: chunked", length=None), b"0" * 65536, 800)
    refused(client, server, answer, "broke off|longer than")


BOMB = gzip.compress(bytes(20_000_000))


@pytest.mark.parametrize(
    ("encoding", "body", "match"),
    [
        pytest.param("gzip", BOMB, "unpacked, is longer than 1000000 bytes", id="a bomb"),
        pytest.param("deflate", zlib.compress(bytes(20_000_000)), "unpacked, is longer", id="a bomb of zlib"),
        pytest.param("gzip, gzip", gzip.compress(BOMB), "packed as 'gzip, gzip'", id="a bomb in a bomb"),
        pytest.param("gzip,identity,gzip", gzip.compress(BOMB), "packed as", id="with nothing between"),
        pytest.param("br", b"x", "packed as 'br'", id="a way we did not offer"),
        pytest.param("zstd", b"x", "packed as 'zstd'", id="another"),
        pytest.param("gzip", b"<feed/>", "not packed as it says", id="not packed at all"),
        pytest.param("gzip", gzip.compress(b"<feed/>") + b"rest", "not packed as it says", id="bytes after its end"),
    ],
)
def test_f16_wire_37_packing(client: Client, server: Faulty, encoding: str, body: bytes, match: str) -> None:
    tracemalloc.start()
    refused(client, server, reply(200, body, f"Content-Encoding: {encoding}"), match)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_f16_two_headers_are_two_layers(client: Client, server: Faulty) -> None:
    answer = reply(200, gzip.compress(BOMB), "Content-Encoding: gzip", "Content-Encoding: gzip")
    refused(client, server, answer, "packed as 'gzip, gzip'")


def test_f16_a_bomb_in_the_body_of_a_redirect_is_not_unpacked(client: Client, server: Faulty) -> None:
    server.answers["/"] = reply(302, BOMB, "Location: /there", "Content-Encoding: gzip")
    server.answers["/there"] = reply()
    tracemalloc.start()
    assert visit(client, server).body == b"<feed/>"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_f16_control_requests_unpacks_all_of_them(server: Faulty) -> None:
    server.answers["/"] = reply(200, gzip.compress(BOMB), "Content-Encoding: gzip, gzip")
    assert len(requests.get(server.url(), timeout=5).content) == 20_000_000


# Wholeness


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        pytest.param(reply(200, b"<feed>", length=1000), "broke off", id="shorter than it said"),
        pytest.param(reset(reply(200, b"<feed>", length=1000)), "broke off", id="reset in the middle"),
        pytest.param(reset(reply(200, b"<feed>", length=None)), "broke off", id="reset, without a length"),
        pytest.param(reset(b""), "broke", id="reset before a word"),
        pytest.param(b"", "broke", id="closed before a word"),
        pytest.param(reply(200, b"5\r\nab", "Transfer-Encoding: chunked", length=None), "broke off", id="cut within a chunk"),
        pytest.param(reply(200, b"2\r\nab\r\n", "Transfer-Encoding: chunked", length=None), "broke off", id="no last chunk"),
        pytest.param(reply(200, b"zz\r\nab\r\n", "Transfer-Encoding: chunked", length=None), "broke off", id="a chunk of no length"),
        pytest.param(
            reply(200, gzip.compress(b"<feed/>" * 100)[:-9], "Content-Encoding: gzip"), "packed answer broke off", id="gzip without its end"
        ),
        pytest.param(reply(200, b"", "Content-Encoding: gzip"), "packed answer broke off", id="gzip of nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP", id="another protocol"),
        pytest.param(b"<feed/>", "no HTTP", id="HTTP/0.9"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", "no HTTP", id="a status that is no number"),
    ],
)
def test_f17_wire_38_what_is_not_whole_is_not_taken(client: Client, server: Faulty, answer: Answer | bytes, match: str) -> None:
    """Nothing comes back, so that no validator can be advanced (the poll keeps those of the last good visit)."""
    refused(client, server, answer, match)


def test_f17_control_requests_takes_a_document_without_its_end(server: Faulty) -> None:
    """It compares lengths when streaming through urllib3, but a cut gzip stream without a length passes."""
    server.answers["/"] = reply(200, gzip.compress(b"<feed/>" * 100)[:-9], "Content-Encoding: gzip")
    assert requests.get(server.url(), timeout=1).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n", id="101 headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 900_000 + b"\r\n\r\n", id="a header of 900 KB"),
        pytest.param(reply(200, b"x", "Content-Length: 5", "Content-Length: 6", length=None), id="two lengths"),
    ],
)
def test_f18_headers_beyond_measure(client: Client, server: Faulty, answer: bytes) -> None:
    refused(client, server, answer, "what came over it is no HTTP|longer than 1000000 bytes")


# Statuses


@pytest.mark.parametrize("status", [201, 204, 206, 226, 300, 400, 401, 403, 404, 406, 410, 418, 429, 451, 500, 502, 503, 599])
def test_wire_43_only_200_and_304_are_good(client: Client, server: Faulty, status: int) -> None:
    error = refused(client, server, reply(status, b"<feed/>", 'ETag: "error"'), f"answered {status}: ")
    assert error.status == status


def test_f23_gone(client: Client, server: Faulty) -> None:
    assert refused(client, server, reply(410, b""), "gone for good").status == 410


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("99999999999", 86_400), ("-1", 60), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("Tue, 24 Nov 2026 12:05:00 GMT", 300)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_f21_how_long_to_stay_away(client: Client, server: Faulty, status: int, value: str, seconds: int) -> None:
    answer = reply(status, b"", f"Retry-After: {value}", "Date: Tue, 24 Nov 2026 12:00:00 GMT")
    assert refused(client, server, answer, f"answered {status}").retry_after == seconds


def test_f24_a_304_that_answers_no_question(client: Client, server: Faulty) -> None:
    refused(client, server, reply(304, b"", length=None), "a visit we never made", validators=Validators())


@pytest.mark.parametrize("etag", ['"' + "x" * 2000 + '"', '"a\x01b"'])
def test_f24_validators_that_are_no_use_are_dropped(client: Client, server: Faulty, etag: str) -> None:
    server.answers["/"] = reply(200, b"<feed/>", f"ETag: {etag}")
    assert visit(client, server).etag is None


# TLS


def secure(name: str) -> ssl.SSLContext:
    """A server's side of TLS, with one of the test certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own authority in place of the world's."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(TLS / "ca.pem"))


@pytest.mark.usefixtures("trusting")
def test_f20_a_good_certificate_is_taken(client: Client) -> None:
    with faulty(tls=secure("good")) as server:
        server.answers["/"] = reply()
        for host in ("127.0.0.1", "localhost"):
            got = client.get(FetchRequest(server.url(host=host, scheme="https"), guard=opened(server)))
            assert got.status == 200
            assert got.certificate_until == datetime.fromtimestamp(good_until(), UTC)


def good_until() -> int:
    """When the good certificate ends, by the library's own reading of the file."""
    read = ssl._ssl._test_decode_cert(str(TLS / "good.pem"))  # type: ignore[attr-defined]
    return ssl.cert_time_to_seconds(read["notAfter"])


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("name", ["expired", "wrong-name", "self-signed"])
def test_f20_a_bad_certificate_is_not(client: Client, name: str) -> None:
    with faulty(tls=secure(name)) as server:
        server.answers["/"] = reply()
        with pytest.raises(FetchError, match="no safe connection"):
            client.get(FetchRequest(server.url(host="localhost", scheme="https"), guard=opened(server)))
        assert server.asked == []


def test_f20_an_unknown_authority_is_not(client: Client) -> None:
    with faulty(tls=secure("good")) as server, pytest.raises(FetchError, match="no safe connection"):
        client.get(FetchRequest(server.url(host="localhost", scheme="https"), guard=opened(server)))


def test_f20_no_tls_at_all(client: Client, server: Faulty) -> None:
    server.answers["/"] = reply()
    with pytest.raises(FetchError):
        client.get(FetchRequest(server.url(scheme="https"), guard=opened(server)))


@pytest.mark.usefixtures("trusting")
def test_f07_from_https_to_http_is_refused(client: Client, other: Faulty) -> None:
    with faulty(tls=secure("good")) as server:
        server.answers["/"] = redirect(other.url())
        with pytest.raises(FetchError, match="from https to http"):
            client.get(FetchRequest(server.url(scheme="https"), guard=opened(server, other)))
    assert other.connections == 0


@pytest.mark.usefixtures("trusting")
def test_f14_a_drip_within_tls_ends_at_the_deadline(client: Client) -> None:
    with faulty(tls=secure("good")) as server:
        server.answers["/"] = drip(reply(200, b"", length=100_000), b"x")
        started = time.monotonic()
        with pytest.raises(FetchError, match=r"ended after 0\.6 s"):
            client.get(FetchRequest(server.url(scheme="https"), guard=opened(server)))
        assert time.monotonic() - started <= LIMITS.total + 0.5


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(hang, id="silent"),
        pytest.param(drip(b"\x16\x03\x03\x40\x00\x02", b"\x00"), id="a byte now and then"),
    ],
)
def test_f14_a_handshake_that_does_not_end(client: Client, raw: Answer) -> None:
    with faulty(raw=raw) as server:
        started = time.monotonic()
        with pytest.raises(FetchError):
            client.get(FetchRequest(server.url(scheme="https"), guard=opened(server)))
        assert time.monotonic() - started <= LIMITS.total + 0.5


# Together


def test_threads_share_a_client(client: Client, server: Faulty) -> None:
    """One hostile server's visits run beside the honest ones, and take nothing from them."""
    server.answers.update({f"/{number}": reply(200, str(number).encode()) for number in range(20)})
    server.answers["/drip"] = drip(reply(200, b"", length=100_000), b"x")
    outcomes: dict[str, bytes | None] = {}

    def go(path: str) -> None:
        try:
            outcomes[path] = visit(client, server, path).body
        except FetchError:
            outcomes[path] = None

    threads = [threading.Thread(target=go, args=(path,)) for path in [f"/{number}" for number in range(20)] + ["/drip"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {f"/{number}": str(number).encode() for number in range(20)} | {"/drip": None}


def test_f12_a_guard_that_opens_nothing_is_the_default() -> None:
    assert FetchRequest("http://partner.example/").guard == Guard()
