"""One conditional GET, whole or a FetchError; one request to a callback. Both bounded in time, size and reach, by one guard (F12)."""

import http.client
import io
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import IO, Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from requests import adapters
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url
from urllib3.util.ssl_ import create_urllib3_context

from syndication.errors import FetchError
from syndication.fetch import headers as said
from syndication.fetch.guard import Guard, connect, looked_up
from syndication.model.poll import Validators

ACCEPT: Final = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
CHUNK: Final = 64 * 1024
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
FOR_GOOD: Final = frozenset({301, 308})
REPEATED: Final = frozenset({307, 308})
"""After these a POST is made again, where they point to (RFC 9110, 15.4)."""
PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
ZLIB_OR_GZIP: Final = zlib.MAX_WBITS | 32
LONGEST_URL: Final = 8 * 1024
MOST_OF_AN_ANSWER: Final = 1024
"""Bytes of what a callback answers that are looked at; the rest is not read (P11)."""

REMEDIES: Final = {
    401: "it wants credentials that this flow does not have; ask the partner",
    403: "it does not let us in; ask the partner",
    404: "there is nothing at this address; ask the partner where its feed is",
    410: "the feed is gone for good; ask the partner, then change the flow's url or close it",
    429: "it finds that we come too often; a longer interval would help",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one visit, redirects included: bytes on the wire and unpacked; seconds to connect, of silence, and in all."""

    wire_bytes: int = 10 * 1024 * 1024
    body_bytes: int = 10 * 1024 * 1024
    connect: float = 3.0
    read: float = 5.0
    total: float = 20.0
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Where to go, what we have already, and what may be reached. `accept`: what is asked for.

    `into`: where the body is written as it comes, instead of being held in memory; what is there after a FetchError is worth nothing.
    """

    url: str
    validators: Validators = field(default_factory=Validators)
    guard: Guard = field(default_factory=Guard)
    accept: str = ACCEPT
    into: IO[bytes] | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """A 200 with its whole body, unpacked (empty, where it went `into` something); or a 304, whose `body` is None. `url`: where it came
    from in the end.

    `size`: bytes on the wire, of the whole visit. `moved_to`: where the partner says the feed has moved for good: a proposal for an
    operator, never adopted by itself (F22). `hops`: the addresses that led here, in order. `certificate_until`: of https, when the
    server's certificate ends. `link`: its Link headers, as one.
    """

    status: int
    url: str
    body: bytes | None
    content_type: str | None
    etag: str | None
    last_modified: str | None
    max_age: timedelta | None
    moved_to: str | None
    size: int
    hops: tuple[str, ...] = ()
    certificate_until: datetime | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a callback answered, whatever it was: a redirect is an answer like others. `body`: its beginning, as it came."""

    status: int
    body: bytes
    retry_after: int | None


@dataclass(frozen=True, slots=True)
class Client:
    """Visits. Nothing is kept between two of them: no connection, no cookie, no credential; so threads may share it.

    `user_agent`: product, version and whom to write to (wire 32).
    """

    limits: Limits
    user_agent: str

    def get(self, request: FetchRequest) -> FetchResult:
        """The document, or that it is unchanged. Raises FetchError, with `status` and `retry_after` where the server gave them.

        Redirects are followed by hand, each hop asked of the guard again (F06, F07); the validators go along, since they belong to
        what the last hop serves. Proxies, netrc and the rest of the environment are not looked at (F09).
        """
        visit = _Visit(self.limits, request.guard)
        url = _checked(request.url, request.guard)
        asking = self._headers(request)
        moved, for_good = None, True
        for _ in range(self.limits.redirects + 1):
            with closing(_Adapter(visit, secure=url.scheme == "https")) as adapter, closing(_ask(adapter, url, asking, visit)) as answer:
                if answer.status_code not in REDIRECTS:
                    return _result(answer, url, moved, visit, request)
                visit.hops.append(url.url)
                for_good = for_good and answer.status_code in FOR_GOOD
                url = _checked(_target(answer, url), request.guard, url)
                moved = url.url if for_good else moved
        raise FetchError(
            f"more than {self.limits.redirects} redirects, the last to {_place(url)}: ask the partner for the feed's own address"
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str], guard: Guard) -> Answer:
        """Send this to a callback; of the answer no body is read. Raises FetchError where nobody was reached, or answered in time."""
        return self._to_callback("POST", url, guard, headers, body, looked_at=0)

    def ask(self, url: str, guard: Guard) -> Answer:
        """Ask a callback whether it wants what was asked for in its name. Raises FetchError as `post` does."""
        return self._to_callback("GET", url, guard, {}, None, looked_at=MOST_OF_AN_ANSWER)

    def submit(self, url: str, form: bytes, credentials: str | None, guard: Guard) -> Answer:
        """Send a form to a hub; where it answers 307 or 308, again to where that points, each hop asked of the guard. Raises FetchError.

        `credentials`: its Authorization, which goes to the origin of `url` and no other (F08).
        """
        visit = _Visit(self.limits, guard)
        address = _checked(url, guard)
        origin = _origin(address)
        told = {"Content-Type": "application/x-www-form-urlencoded", **self._plain()}
        for _ in range(self.limits.redirects + 1):
            known = {"Authorization": credentials} if credentials and _origin(address) == origin else {}
            with (
                closing(_Adapter(visit, secure=address.scheme == "https")) as adapter,
                closing(_ask(adapter, address, {**told, **known}, visit, "POST", form)) as answer,
            ):
                if answer.status_code not in REPEATED:
                    return _answered(answer, visit, MOST_OF_AN_ANSWER)
                address = _checked(_target(answer, address), guard, address)
        raise FetchError(f"more than {self.limits.redirects} redirects, the last to {_place(address)}: nothing was asked of the hub")

    def _to_callback(
        self, method: str, url: str, guard: Guard, headers: Mapping[str, str], body: bytes | None, *, looked_at: int
    ) -> Answer:
        visit = _Visit(self.limits, guard)
        address = _checked(url, guard)
        told = {**headers, **self._plain()}
        with (
            closing(_Adapter(visit, secure=address.scheme == "https")) as adapter,
            closing(_ask(adapter, address, told, visit, method, body)) as answer,
        ):
            return _answered(answer, visit, looked_at)

    def _plain(self) -> dict[str, str]:
        return {"User-Agent": self.user_agent, "Accept-Encoding": "identity", "Connection": "close"}

    def _headers(self, request: FetchRequest) -> dict[str, str]:
        validators = request.validators
        given = {
            "User-Agent": self.user_agent,
            "Accept": request.accept,
            "Accept-Encoding": "gzip",
            "Connection": "close",
            "If-None-Match": said.opaque(validators.etag),
            "If-Modified-Since": said.opaque(validators.last_modified),
        }
        return {name: value for name, value in given.items() if value is not None}


class _Visit:
    """What one visit may still use up of its limits."""

    def __init__(self, limits: Limits, guard: Guard) -> None:
        self.limits = limits
        self.guard = guard
        self.taken = 0
        self.hops: list[str] = []
        self.certificate_until: datetime | None = None
        self._ends = time.monotonic() + limits.total

    def patience(self, longest: float) -> float:
        """How long the next wait may be: `longest`, or what is left of the whole."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise FetchError(f"the visit was ended after {self.limits.total:g} s: the server is too slow, or does not want to end")
        return min(longest, left)

    def took(self, size: int) -> None:
        """Count bytes that came over the wire."""
        self.taken += size
        if self.taken > self.limits.wire_bytes:
            raise FetchError(f"the answer is longer than {self.limits.wire_bytes} bytes: ask for a shorter one")


class _Meter(io.RawIOBase):
    """Every byte of an answer, its headers and its chunks' frames too, passes here: counted, and waited for no longer than is left.

    `timeout=` of requests measures silence only: a server that sends a byte now and then is never stopped by it (F14).
    """

    def __init__(self, sock: socket.socket, visit: _Visit) -> None:
        self._sock = sock
        self._visit = visit
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._visit.patience(self._visit.limits.read))
        try:
            size = self._raw.readinto(buffer)
        except TimeoutError as error:
            self._visit.patience(0)
            raise FetchError(f"the server fell silent for {self._visit.limits.read:g} s") from error
        self._visit.took(size or 0)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, visit: _Visit, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Meter(sock, visit), CHUNK)


class _Guarded(HTTPConnection):
    """A connection that asks the guard about the address it is about to connect to, and meters what it reads."""

    def __init__(self, visit: _Visit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._visit = visit
        self.response_class = partial(_Response, visit)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        sock = connect(self._visit.guard, self._dns_host, self.port or self.default_port, self._patience)
        # The handshake of TLS, too, ends in time.
        sock.settimeout(self._patience())
        return sock

    def _patience(self) -> float:
        return self._visit.patience(self._visit.limits.connect)


class _GuardedSecure(_Guarded, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        shown = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
        ends = str(shown.get("notAfter", "")) if shown else ""
        self._visit.certificate_until = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None


class _Adapter(IPFilterAdapter):  # type: ignore[misc] # the library has no types
    """A second fence, with a list of its own. It knows no allowance: where there is one, our guard stands alone."""

    def __init__(self, visit: _Visit, *, secure: bool) -> None:
        self._visit = visit
        super().__init__(is_https_proto=secure)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        if self._visit.guard.allowed:
            return HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        ask = super().build_connection_pool_key_attributes
        seconds = self._visit.patience(self._visit.limits.connect)
        return looked_up(lambda: ask(request, verify, cert), urlsplit(request.url).hostname or "", seconds)

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> HTTPConnectionPool:
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        plain = partial(_Guarded, self._visit)
        secure = partial(_GuardedSecure, self._visit, ssl_context=_trust(adapters.DEFAULT_CA_BUNDLE_PATH))
        pool.ConnectionCls = secure if pool.scheme == "https" else plain  # type: ignore[assignment]
        return pool

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """The certificates that are trusted are in the context already: to read them again costs each visit 30 ms."""
        conn.cert_reqs = "CERT_REQUIRED"


@cache
def _trust(bundle: str) -> ssl.SSLContext:
    """Of every visit: TLS 1.2 or later, and a certificate that leads to one of these. It keeps no session of one visit for another."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    # The library changes it so where an address stands for a name, and compares names itself wherever it is so.
    context.check_hostname = False
    context.load_verify_locations(bundle)
    return context


def _ask(
    adapter: _Adapter, url: Url, headers: Mapping[str, str], visit: _Visit, method: str = "GET", body: bytes | None = None
) -> requests.Response:
    """One hop. Straight through the adapter: a requests.Session would unpack the body of a redirect, and mind the environment."""
    try:
        prepared = requests.Request(method, url.url, headers=headers, data=body).prepare()
        patience = (visit.patience(visit.limits.connect), visit.patience(visit.limits.read))
        answer: requests.Response = adapter.send(prepared, stream=True, timeout=patience, verify=True)
        return answer
    except InvalidIPAddress as error:
        raise FetchError(f"{url.host} may not be visited: {error} is not a public address") from error
    except requests.exceptions.SSLError as error:
        raise FetchError(f"no safe connection to {_place(url)} ({_tls_reason(error)}): the partner has to mend its certificate") from error
    except requests.Timeout as error:
        visit.patience(0)
        raise FetchError(f"{_place(url)} did not answer in time") from error
    except (requests.RequestException, HTTPError) as error:
        visit.patience(0)
        if isinstance(_root(error), socket.gaierror):
            raise FetchError(f"the name {url.host} cannot be looked up: is the address right?") from error
        raise FetchError(
            f"the connection to {_place(url)} broke, or what came over it is no HTTP ({type(_root(error)).__name__})"
        ) from error


def _result(answer: requests.Response, url: Url, moved: str | None, visit: _Visit, request: FetchRequest) -> FetchResult:
    status = answer.status_code
    at = said.http_date(answer.headers.get("Date"))
    if status not in (200, 304):
        remedy = REMEDIES.get(
            status, "the server is in trouble; it is tried again later" if status >= 500 else "that is no feed; ask the partner"
        )
        raise FetchError(
            f"{_place(url)} answered {status}: {remedy}", status=status, retry_after=said.retry_after(answer.headers.get("Retry-After"), at)
        )
    if status == 304 and not (request.validators.etag or request.validators.last_modified):
        raise FetchError(f"{_place(url)} says that nothing has changed since a visit we never made (304)", status=status)
    return FetchResult(
        status=status,
        url=url.url,
        body=_body(answer, visit, request.into) if status == 200 else None,
        content_type=answer.headers.get("Content-Type"),
        etag=said.opaque(answer.headers.get("ETag")),
        last_modified=said.opaque(answer.headers.get("Last-Modified")),
        max_age=said.max_age(answer.headers, at),
        moved_to=moved,
        size=visit.taken,
        hops=tuple(visit.hops),
        certificate_until=visit.certificate_until,
        link=answer.headers.get("Link"),
    )


def _answered(answer: requests.Response, visit: _Visit, looked_at: int) -> Answer:
    wait = said.retry_after(answer.headers.get("Retry-After"), said.http_date(answer.headers.get("Date")))
    return Answer(answer.status_code, _beginning(answer, visit, looked_at), wait)


def _beginning(answer: requests.Response, visit: _Visit, size: int) -> bytes:
    """What is looked at of a callback's answer; then the connection is closed on it. What breaks off after its head is no answer."""
    try:
        return bytes(answer.raw.read(size, decode_content=False)) if size else b""
    except (HTTPError, OSError):
        visit.patience(0)
        return b""


def _body(answer: requests.Response, visit: _Visit, into: IO[bytes] | None) -> bytes:
    """The whole body, unpacked by ourselves: urllib3 would unpack as many layers as the server names (F16)."""
    layers = [one.strip().lower() for one in answer.headers.get("Content-Encoding", "").split(",")]
    layers = [one for one in layers if one not in ("", "identity")]
    if len(layers) > 1 or not PACKED.issuperset(layers):
        raise FetchError(f"the answer is packed as '{', '.join(layers)[:60]}': we take gzip, once")
    declared = answer.headers.get("Content-Length", "")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > visit.limits.wire_bytes):
        raise FetchError(f"the answer is longer than {visit.limits.wire_bytes} bytes: ask for a shorter one")
    unpack = (_Unpacker if layers else _Plain)(visit.limits.body_bytes, into or io.BytesIO())
    try:
        for chunk in answer.raw.stream(CHUNK, decode_content=False):
            unpack.feed(chunk)
    except (HTTPError, OSError) as error:
        visit.patience(0)
        raise FetchError("the answer broke off before its end; nothing of it was taken") from error
    unpack.end()
    return unpack.into.getvalue() if isinstance(unpack.into, io.BytesIO) else b""


class _Plain:
    """Bytes as they are, up to `limit`."""

    def __init__(self, limit: int, into: IO[bytes]) -> None:
        self.limit = limit
        self.into = into
        self.size = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.hold(chunk)

    def hold(self, data: bytes) -> None:
        """Keep what is unpacked, or refuse."""
        self.size += len(data)
        if self.size > self.limit:
            raise FetchError(f"the answer, unpacked, is longer than {self.limit} bytes: ask for a shorter one")
        self.into.write(data)

    def end(self) -> None:
        """See that it is whole."""


class _Unpacker(_Plain):
    """gzip, of one or more members, or zlib. Never more than a chunk is unpacked ahead of the limit."""

    def __init__(self, limit: int, into: IO[bytes]) -> None:
        super().__init__(limit, into)
        self.inflater = zlib.decompressobj(ZLIB_OR_GZIP)

    def feed(self, chunk: bytes) -> None:
        """Unpack the next bytes."""
        while chunk:
            if self.inflater.eof:
                self.inflater = zlib.decompressobj(ZLIB_OR_GZIP)
            try:
                self.hold(self.inflater.decompress(chunk, CHUNK))
            except zlib.error as error:
                raise FetchError("the answer is not packed as it says, or is damaged; nothing of it was taken") from error
            chunk = self.inflater.unconsumed_tail or self.inflater.unused_data

    def end(self) -> None:
        """Unpack the rest, if its end has come."""
        if not self.inflater.eof:
            self.hold(self.inflater.flush())
        if not self.inflater.eof:
            raise FetchError("the packed answer broke off before its end; nothing of it was taken")


def address_fault(url: str, guard: Guard) -> str | None:
    """Why this can be no callback, as a sentence; None where it may be visited, if its host has a public address then."""
    try:
        _checked(url, guard)
    except FetchError as error:
        return str(error)
    return None


def _checked(url: str, guard: Guard, before: Url | None = None) -> Url:
    """The address as the connection will understand it. `before`: the hop that sent us here. Raises FetchError."""
    if len(url) > LONGEST_URL or any(ord(character) <= 0x20 or ord(character) == 0x7F or character == "\\" for character in url):
        raise FetchError("the address has characters that no address has, or is too long")
    try:
        parts = parse_url(urldefrag(url).url)
    except LocationParseError as error:
        raise FetchError("the address cannot be read: an http or https address is wanted") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise FetchError(f"{parts.scheme or 'an address without http:// or https://'} is not followed: an http or https address is wanted")
    if parts.auth is not None:
        raise FetchError("the address carries a user or a password: leave them out")
    if before is not None and before.scheme == "https" and parts.scheme == "http":
        raise FetchError(f"{_place(before)} sends us from https to http: refused, since anyone on the way could then change the feed")
    port = parts.port if parts.port is not None else (443 if parts.scheme == "https" else 80)
    if not guard.opens(port):
        raise FetchError(f"port {port} of {parts.host} may not be visited. An operator can open it for this partner in 'allow'")
    return parts


def _target(answer: requests.Response, url: Url) -> str:
    location = answer.headers.get("Location")
    if not location:
        raise FetchError(f"{_place(url)} answered {answer.status_code} without saying where to go", status=answer.status_code)
    with suppress(UnicodeError):
        # Header bytes come as latin-1; addresses that are not ASCII are UTF-8.
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url.url, location)
    except ValueError as error:
        raise FetchError(f"{_place(url)} sends us to an address that cannot be read") from error


def _origin(url: Url) -> tuple[str | None, str | None, int | None]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _place(url: Url) -> str:
    """Host and port, for messages: paths and queries may hold secrets."""
    return url.netloc or url.host or "the server"


def _root(error: BaseException) -> BaseException:
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error


def _tls_reason(error: BaseException) -> str:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_message
        if isinstance(seen, ssl.SSLError):
            return (seen.reason or "TLS failed").lower().replace("_", " ")
        seen = seen.__cause__ or seen.__context__
    return "the certificate does not fit the name"
