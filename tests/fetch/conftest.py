"""Servers for the visits of these tests, and a client with limits small enough to wait for."""

from collections.abc import Iterator

import pytest

from syndication.fetch.client import Client, Limits
from syndication.fetch.guard import Guard
from tests.fetch.faulty import Faulty, faulty

LIMITS = Limits(wire_bytes=1_000_000, body_bytes=1_000_000, connect=0.5, read=0.4, total=0.6, redirects=3)


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty() as one:
        yield one


@pytest.fixture
def other() -> Iterator[Faulty]:
    """A second origin: the same host, another port."""
    with faulty() as one:
        yield one


@pytest.fixture
def client() -> Client:
    return Client(LIMITS, "syndication-test (+https://vna.example/contact)")


def opened(*servers: Faulty) -> Guard:
    """The guard of a partner for which an operator opened these servers."""
    return Guard.of(tuple(f"127.0.0.1/32:{one.port}" for one in servers))


def off(*servers: Faulty) -> Guard:
    """The guard switched off: every address, on the ports of these servers. For the controls."""
    return Guard.of(tuple(f"{network}:{one.port}" for one in servers for network in ("0.0.0.0/0", "[::]/0")))
