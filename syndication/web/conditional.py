"""What the conditions of a request make of a document that its reader may have (RFC 9110, 13): whole, unchanged, or not as expected."""

import gzip
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from flask import Response
from werkzeug import Request
from werkzeug.http import http_date

PACKED: Final = "-gzip"
"""Each encoding has a tag of its own; either revalidates (wire 9)."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document, and all that an answer to whoever may have it needs, whatever its conditions.

    `tag`: its strong validator, without quotes; `settled`: from when its date can be told; `whole`: its date tells all of its changes;
    `headers`: of every answer; `described`: those of an answer with a body besides; `body`: its bytes, packed as gzip or not.
    """

    tag: str
    settled: datetime
    whole: bool
    headers: Mapping[str, str]
    described: Mapping[str, str]
    body: Callable[[bool], bytes]


def answer(request: Request, document: Document, at: datetime, sent: Callable[[], None]) -> Response:
    """The answer to a GET or HEAD. `at`: now; `sent`: called before a body leaves."""
    as_gzip = request.accept_encodings["gzip"] > 0
    headers = dict(document.headers)
    headers["ETag"] = f'"{document.tag}{PACKED}"' if as_gzip else f'"{document.tag}"'
    headers["Last-Modified"] = _http_date(min(document.settled, at).replace(microsecond=0))
    if not as_expected(request, document):
        # The body is no feed: without what says that it is one.
        said = b"The document is no longer as the request expects it. Ask again without the condition.\n"
        return Response(said, 412, {**document.headers, "Content-Type": "text/plain; charset=utf-8"})
    if _unchanged(request, document):
        return Response(status=304, headers=headers)
    body = document.body(as_gzip)
    headers.update(document.described)
    if as_gzip:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    if request.method == "GET":
        sent()
    return Response(body, headers=headers)


def packed(body: bytes, as_gzip: bool) -> bytes:
    """The bytes as they are, or packed; the same bytes each time."""
    return gzip.compress(body, 6, mtime=0) if as_gzip else body


def known(request: Request) -> Collection[str]:
    """The tags of If-None-Match, as they were before they were packed; none for `*`, or without it."""
    if request.headers.get("If-None-Match") is None:
        return ()
    # An empty tag is read as None.
    return [tag.removesuffix(PACKED) for tag in request.if_none_match.as_set(include_weak=True) if tag]


def as_expected(request: Request, document: Document) -> bool:
    """If-Match and If-Unmodified-Since, which come before the others (RFC 9110, 13.2.2). Tags are compared strongly."""
    if request.headers.get("If-Match") is not None:
        return request.if_match.star_tag or any(request.if_match.contains(one) for one in (document.tag, document.tag + PACKED))
    since = request.if_unmodified_since
    return since is None or document.settled <= since


def _unchanged(request: Request, document: Document) -> bool:
    """If-None-Match outranks If-Modified-Since, which is then not looked at (RFC 9110, 13.2.2).

    A date that came before the document had settled is good for nothing: a later change may bear the same second (RFC 9110, 8.8.2.2).

    A date alone cannot tell that a story has left the feed, by its terms, without a notice: unless the feed is `whole`, dates are not
    looked at, lest a 304 tells someone to go on with what is no longer theirs to use (Z06).
    """
    if request.headers.get("If-None-Match") is not None:
        tags = request.if_none_match
        return tags.star_tag or any(tags.contains_weak(one) for one in (document.tag, document.tag + PACKED))
    since = request.if_modified_since
    return document.whole and since is not None and document.settled <= since


@lru_cache(maxsize=512)
def _http_date(moment: datetime) -> str:
    return http_date(moment)
