"""What the docs tell a partner to do with what is pushed: their programs are run, against the real pusher over a real connection."""

import hashlib
import hmac
import queue
import re
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from syndication.fetch.client import Client, Limits
from syndication.model.subscription import Means, SubscriptionState
from syndication.publish.pusher import Pusher
from syndication.settings import Settings
from syndication.storage import subscriptions
from syndication.storage.database import Database
from tests.publish.subscriber import KEY, Push, sealed
from tests.web.exchange import Exchange

DOCS = Path(__file__).parents[2] / "docs" / "subscribe.md"
LIMITS = Limits(wire_bytes=65_536, body_bytes=65_536, connect=5, read=5, total=10, redirects=0)
SECRET = "whsec_" + "c2VjcmV0" * 5


def program(name: str, **known: Any) -> dict[str, Any]:
    """The names that the program of the docs defines."""
    found = re.search(rf"<!-- run: {name} -->\n\n((?:    .*\n|\n)+)", DOCS.read_text(encoding="utf-8"))
    assert found
    names = dict(known)
    exec(compile(textwrap.dedent(found.group(1)), str(DOCS), "exec"), names)
    return names


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_callback_of_the_docs_subscribes_and_takes_what_comes(database: Database) -> None:
    topic = "http://127.0.0.1:8800/feeds/to-trc.atom"
    taken: queue.Queue[bytes] = queue.Queue()
    known = {"BaseHTTPRequestHandler": BaseHTTPRequestHandler, "parse_qsl": parse_qsl, "urlsplit": urlsplit}
    known |= {"hmac": hmac, "hashlib": hashlib, "TOPIC": topic, "SECRET": b"s3cret", "QUEUE": taken}
    with serving(program("websub", **known)["Callback"]) as port:
        push = over_the_wire(database, port)
        data = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": f"http://127.0.0.1:{port}/push?x=1"}
        headers = {"Authorization": f"Bearer {push.token}"}
        assert push.exchange.app().test_client().post("/hub", data=data, headers=headers).status_code == 202
        push.work()
        with database.read() as tx:
            (made,) = subscriptions.all(tx)
        assert made.state is SubscriptionState.ACTIVE
        # Without its secret it takes nothing; a secret needs https, so that it is put there by hand.
        push.publish("Unsigned")
        push.work()
        with database.write() as tx:
            subscriptions.start(tx, replace(made, secret=sealed("s3cret")))
        push.publish("Signed")
        push.work()
    assert b"Signed" in taken.get_nowait()
    assert taken.empty()


def test_the_receiver_of_the_docs_takes_what_is_signed_and_nothing_else(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    push = Push(Exchange(database))
    push.subscribe()
    told = program("webhook")["told"]
    monkeypatch.setattr(time, "time", lambda: push.exchange.clock().timestamp() + 2)
    push.publish("One")
    push.work()
    (sent,) = push.network.sent
    seen: set[str] = set()
    assert told(sent.headers, sent.body, SECRET, seen)["type"] == "story.published"
    assert told(sent.headers, sent.body, SECRET, seen) is None
    for headers, body, secret in (
        (sent.headers, sent.body + b" ", SECRET),
        (sent.headers, sent.body, "whsec_" + "b3RoZXJz" * 5),
        ({**sent.headers, "webhook-id": "msg_1"}, sent.body, SECRET),
        ({**sent.headers, "webhook-signature": "v1,thử"}, sent.body, SECRET),
    ):
        with pytest.raises(ValueError, match="signature"):
            told(headers, body, secret, set())
    push.exchange.clock.pass_by(minutes=6)
    with pytest.raises(ValueError, match="too old"):
        told(sent.headers, sent.body, SECRET, set())


def over_the_wire(database: Database, port: int) -> Push:
    """A pusher with the real client, to which this port of this machine is opened for TRC."""
    push = Push(Exchange(database, Settings(allow={"trc": (f"127.0.0.1/32:{port}",)})))
    push.pusher = Pusher(database, Client(LIMITS, "test"), push.exchange.settings, KEY, push.exchange.clock, lambda: 0.0)
    return push


def test_both_means_are_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert all(str(one) in text.casefold() for one in Means)
