"""Which addresses a visit may reach: public ones, and what an operator opened for one partner; asked where the socket connects."""

import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from syndication.errors import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Found = TypeVar("Found")
SocketAddress = tuple[socket.AddressFamily, Any]
"""What `getaddrinfo` gives and `connect` takes."""

PORTS: Final = frozenset({80, 443})
PUBLIC_V6: Final = ipaddress.ip_network("2000::/3")
"""All that IANA has given out as global unicast; so loopback, mapped, NAT64, SIIT, site-local and multicast fall outside by themselves."""

DENIED: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers, and by clouds for their metadata (100.100.100.200)
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's wire server: public by its number only
        "169.254.0.0/16",  # link-local: the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address of the sender's choice
        "3fff::/20",  # documentation
    )
)
"""Written out, and not left to `ipaddress` alone: what it calls global differs between Python's patch releases."""

ISATAP: Final = 0x00005EFE
"""The third quarter of an address that carries an IPv4 address of the sender's choice (RFC 5214), with or without the universal bit."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One network and one port in it that an operator opened: `10.1.2.0/24:8443`."""

    network: Network
    port: int


@dataclass(frozen=True, slots=True)
class Guard:
    """What one partner's flows may reach. Without allowances: public unicast addresses, ports 80 and 443."""

    allowed: tuple[Allowance, ...] = ()

    @classmethod
    def of(cls, openings: tuple[str, ...]) -> "Guard":
        """From `("10.1.2.0/24:8443", "[fd00::]/8:80")`. Raises ValueError for anything that is no network with a port."""
        return cls(tuple(_allowance(opening) for opening in openings))

    def refusal(self, address: Address, port: int) -> str | None:
        """Why that address and port may not be reached, as the end of a sentence; None: they may be."""
        if any(port == one.port and address in one.network for one in self.allowed):
            return None
        if not _is_public(address):
            return f"{address} is not a public address"
        return None if port in PORTS else f"port {port} is neither 80 nor 443"

    def opens(self, port: int) -> bool:
        """Whether anything at all may be reached on that port: asked before a name is looked up."""
        return port in PORTS or any(port == one.port for one in self.allowed)


def connect(guard: Guard, host: str, port: int, patience: Callable[[], float]) -> socket.socket:
    """A socket connected to an address that was looked up once and is the very one that was checked (F05).

    `patience`: how many seconds the next attempt may take. Of several addresses only those that pass are tried (F04).
    Raises FetchError.
    """
    last: OSError | None = None
    passed, refusals = _addresses(guard, host, port, patience())
    for family, address in passed:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(patience())
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
        except FetchError:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    if last is not None:
        raise FetchError(f"{host}:{port} could not be reached ({_reason(last)}): is the partner's server up?") from last
    raise FetchError(
        f"{host} may not be visited: {'; '.join(refusals) or 'it has no address'}. An operator can open it for this partner in 'allow'"
    )


def looked_up(ask: Callable[[], Found], host: str, seconds: float) -> Found:
    """What `ask`, which asks the resolver about that name, gives or raises; FetchError where it takes longer (F27).

    Nothing can end a lookup: it goes on in a thread of its own, which nobody waits for, and ends when the resolver gives up.
    """
    told: Future[Found] = Future()

    def work() -> None:
        try:
            told.set_result(ask())
        except (OSError, ValueError, FetchError) as error:
            told.set_exception(error)

    threading.Thread(target=work, name="lookup", daemon=True).start()
    try:
        return told.result(seconds)
    except TimeoutError as error:
        if told.done():
            raise
        raise FetchError(f"the name {host} was not looked up in time: is the resolver, or the partner's name server, up?") from error


def _addresses(guard: Guard, host: str, port: int, seconds: float) -> tuple[list[SocketAddress], list[str]]:
    """The socket addresses that may be connected to, in the resolver's order, and why the others may not."""

    def ask() -> list[Any]:
        # Also the odd spellings of IPv4 (127.1, 2130706433, 0x7f000001) are numbers here, and checked as the address they are (F01).
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)

    try:
        found = looked_up(ask, host, seconds)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"the name {host} cannot be looked up: is the address right?") from error
    passed: list[SocketAddress] = []
    refusals: list[str] = []
    for family, _, _, _, address in found:
        refusal = guard.refusal(ipaddress.ip_address(str(address[0])), port)
        if refusal is None:
            passed.append((family, address))
        else:
            refusals.append(refusal)
    return passed, list(dict.fromkeys(refusals))


def _is_public(address: Address) -> bool:
    if any(address in network for network in DENIED):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        carries_v4 = (int(address) >> 32) & 0xFDFFFFFF == ISATAP
        return address in PUBLIC_V6 and not carries_v4
    return address.is_global and not address.is_multicast


def _allowance(opening: str) -> Allowance:
    network, _, port = opening.rpartition(":")
    number = int(port)
    if not 0 < number < 65536:
        raise ValueError(f"'{opening}' names no port")
    return Allowance(ipaddress.ip_network(network.replace("[", "").replace("]", "")), number)


def _reason(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else (error.strerror or "refused").lower()
