"""One server of many partners, good and hostile, in a process of its own.

    python -m tests.ingest.hostile

It answers on every address of 127.0.0.0/8, prints its port, and ends when its standard input does. `/good/N` is a feed that has grown at
every visit; `/hostile/NAME` is one of the faults below (security.md, F14 to F25 and B).
"""

import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Final

from tests.fetch.faulty import Answer, drip, faulty, flood, hang, redirect, reply, reset
from tests.ingest.conftest import entry_xml, feed_xml

MIB: Final = 1024 * 1024
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WINDOW: Final = 3
"""Entries of a good feed."""


def atom(inside: str) -> bytes:
    return feed_xml(f"<entry><id>tag:x,2026:1</id><title>Story</title>{inside}</entry>")


def rss(inside: str) -> bytes:
    return f'<rss version="2.0"><channel><title>t</title>{inside}</channel></rss>'.encode()


def packed(size: int) -> bytes:
    """So many bytes of nothing, as gzip, made piece by piece."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(squeeze.compress(bytes(MIB)) for _ in range(size // MIB)) + squeeze.flush()


LAUGHS: Final = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTRIBUTES: Final = " ".join(f'a{n}="1"' for n in range(200_000))

FAULTS: Final[dict[str, Callable[[], Answer | bytes]]] = {
    "body drip": lambda: drip(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
    "header drip": lambda: drip(HEAD, b"X-A: b\r\n"),
    "status drip": lambda: drip(b"", b"H"),
    "1xx flood": lambda: drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001),
    "hang": lambda: hang,
    "hang after the head": lambda: drip(HEAD + b"Content-Length: 9999\r\n\r\n", b"", pause=30, times=1),
    "hang within the body": lambda: drip(HEAD + b"Content-Length: 9999\r\n\r\n<feed>", b"", pause=30, times=1),
    "chunks without end": lambda: flood(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n", 3200),
    "a length of 10 GB": lambda: flood(HEAD + b"Content-Length: 10000000000\r\n\r\n", b"x" * 65536, 3200),
    "gzip bomb": lambda: reply(200, packed(100 * MIB), "Content-Encoding: gzip"),
    "gzip in gzip": lambda: reply(200, gzip.compress(packed(30 * MIB)), "Content-Encoding: gzip, gzip"),
    "gzip that is none": lambda: reply(200, atom(""), "Content-Encoding: gzip"),
    "half of a gzip": lambda: reply(200, gzip.compress(atom("<summary>x</summary>" * 99))[:60], "Content-Encoding: gzip"),
    "half of a body": lambda: reply(200, atom(""), length=5000),
    "chunks that lie": lambda: CHUNKED + b"zz\r\n<feed/>\r\n0\r\n\r\n",
    "torn within the body": lambda: reset(HEAD + b"Content-Length: 9999\r\n\r\n<feed>"),
    "torn at once": lambda: reset(b""),
    "500": lambda: reply(500),
    "503, come back in a thousand years": lambda: reply(503, b"", "Retry-After: 99999999999"),
    "429, come back yesterday": lambda: reply(429, b"", "Retry-After: -1"),
    "404": lambda: reply(404, b""),
    "a redirect to itself": lambda: redirect("?again"),
    "a redirect into the house": lambda: redirect("http://10.0.0.1/"),
    "a redirect to a file": lambda: redirect("file:///etc/passwd"),
    "a header of a megabyte": lambda: reply(200, atom(""), "X-A: " + "a" * MIB),
    "thousands of headers": lambda: reply(200, atom(""), *(f"X-{n}: a" for n in range(5000))),
    "no HTTP": lambda: b"SSH-2.0-OpenSSH_9.2\r\n",
    "304 for nothing": lambda: reply(304, b""),
    "a page to sign in": lambda: reply(200, b"<!doctype html><html><form>Sign in</form></html>", "Content-Type: text/html"),
    "nothing": lambda: reply(200, b""),
    "a path": lambda: reply(200, b"/etc/passwd"),
    "noise": lambda: reply(200, bytes(range(256)) * 400),
    "billion laughs": lambda: reply(200, f"<!DOCTYPE feed [{LAUGHS}]>".encode() + atom("<summary>&l9;</summary>")),
    "very deep": lambda: reply(200, atom("<a>" * 100_000)),
    "very deep HTML": lambda: reply(200, rss(f"<item><description><![CDATA[{'<div>' * 100_000}]]></description></item>")),
    "very many categories": lambda: reply(200, atom('<category term="a"/>' * 400_000)),
    "comments that do not end": lambda: reply(200, b"<feed>" + b"<!--" * MIB),
    "a very long attribute": lambda: reply(200, atom(f'<link href="{"x" * 8 * MIB}"/>')),
    "very many attributes": lambda: reply(200, atom(f"<link {ATTRIBUTES}/>")),
    "a very long author": lambda: reply(200, rss(f"<item><author>{'a' * 200_000}</author></item>")),
    "very many entries": lambda: reply(200, rss("<item/>" * 1_000_000)),
    "a tag that does not end": lambda: reply(200, b"<feed><entry a='" + b"x" * 8 * MIB),
    "JSON, very deep": lambda: reply(200, b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 100_000),
}


class Answers(dict[str, Answer | bytes]):
    """What is answered to each path; a good feed has another entry at each visit."""

    def __init__(self) -> None:
        super().__init__({f"/hostile/{number}": made() for number, made in enumerate(FAULTS.values())})
        self.visits: Counter[str] = Counter()

    def get(self, path: str, otherwise: object = None) -> Answer | bytes:
        if path in self:
            return self[path]
        self.visits[path] += 1
        last = self.visits[path]
        return reply(200, feed_xml(*(entry_xml(number) for number in range(last, last + WINDOW))))


def main() -> None:
    with faulty("0.0.0.0") as server:
        server.answers = Answers()
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
