"""A feed of 50 stories as a partner gets it: whole, unchanged (304), packed; and the same bytes as a static document, by the same server.

    python -m benchmarks.serving [--stories 50] [--requests 300]

One client, one connection kept alive. Prints medians and 95th percentiles in milliseconds, and the ratio to the static document.
"""

import argparse
import http.client
import statistics
import sys
import time
from datetime import timedelta
from typing import Any

from flask import Flask, Response

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, outbound
from syndication import access
from syndication.identity import entry_id
from syndication.model.account import FeedToken
from syndication.model.story import Content, Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish.release import release
from syndication.settings import Settings
from syndication.storage import accounts, stories
from syndication.storage.database import Database
from syndication.web.app import create_app
from syndication.web.door import open_door
from syndication.web.parts import Parts

BODY = "<p>" + "Railway companies of nine countries opened a forum to agree on a single waybill for freight. " * 20 + "</p>"
LISTEN, PEER = "127.0.0.1:8897", "127.0.0.1:8898"


def filled(database: Database, count: int) -> str:
    """Place so many stories; returns a token that reads them."""
    plain, digest = access.new_token()
    with database.write() as tx:
        accounts.issue(tx, FeedToken("t_1", PARTNER, "benchmark", NOW), digest)
        for number in range(count):
            name, at = f"s_{number}", NOW - timedelta(minutes=number)
            content = Content(f"Story {number}", BODY, "en", summary="In short.", topics=("medtop:04000000",))
            version = StoryVersion(name, 1, content, Pubstatus.USABLE, StoryAct.WRITE, at, "benchmark")
            story = Story(name, entry_id("vna.example", name, at), version, at)
            stories.write(tx, story)
            release(tx, story, agency=AGENCY, now=at)
    return plain


def asked(address: str, path: str, headers: dict[str, str], times: int, status: int) -> tuple[list[float], dict[str, str], bytes]:
    """Milliseconds of each request; headers and body of the last answer."""
    connection = http.client.HTTPConnection(address, timeout=20)
    took: list[float] = []
    for _ in range(times + 20):
        start = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took.append((time.perf_counter() - start) * 1000)
        if answer.status != status:
            raise SystemExit(f"{path}: {answer.status} where {status} was expected")
    connection.close()
    # The first twenty warm it up.
    return took[20:], {name.casefold(): value for name, value in answer.getheaders()}, body


def static(body: bytes) -> Flask:
    """The peer: the same bytes, from memory, by the same server and framework."""
    app = Flask("static")

    @app.get("/feed")
    def feed() -> Response:
        return Response(body, headers={"Content-Type": "application/atom+xml"})

    return app


def line(what: str, took: list[float], peer: list[float]) -> str:
    """One line of the table."""
    middle, late = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    return f"{what:<12} median {middle:7.2f} ms   p95 {late:7.2f} ms   ratio {middle / statistics.median(peer):5.1f}\n"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    options.add_argument("--stories", type=int, default=50)
    options.add_argument("--requests", type=int, default=300)
    chosen = options.parse_args(arguments)
    settings = Settings(agency=AGENCY, base_url=f"http://{LISTEN}")
    with exchange((outbound("out"),)) as database:
        token = filled(database, chosen.stories)
        bearer = {"Authorization": f"Bearer {token}"}
        app = create_app(Parts(database, settings, lambda: NOW, b"k" * 32))
        measured: dict[str, Any] = {}
        with open_door(app, LISTEN, settings):
            for form in ("atom", "rss", "json"):
                whole, headers, body = asked(LISTEN, f"/feeds/out.{form}", bearer, chosen.requests, 200)
                same = {**bearer, "If-None-Match": headers["etag"]}
                unchanged, _, _ = asked(LISTEN, f"/feeds/out.{form}", same, chosen.requests, 304)
                packed, _, _ = asked(LISTEN, f"/feeds/out.{form}", {**bearer, "Accept-Encoding": "gzip"}, chosen.requests, 200)
                measured[form] = (whole, unchanged, packed, body)
        for form, (whole, unchanged, packed, body) in measured.items():
            with open_door(static(body), PEER, settings):
                peer, _, _ = asked(PEER, "/feed", {}, chosen.requests, 200)
            sys.stdout.write(
                f"{form}: {chosen.stories} stories, {len(body)} bytes; static document: median {statistics.median(peer):.2f} ms\n"
            )
            sys.stdout.write(line("  200", whole, peer) + line("  304", unchanged, peer) + line("  200, gzip", packed, peer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
