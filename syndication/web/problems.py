"""Refusals for programs: problem details (RFC 9457), with every fault of a document at its place."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, request

from syndication.errors import (
    ConflictError,
    Fault,
    InputError,
    NotFoundError,
    RefusedError,
    StaleError,
    StorageError,
    StoryError,
    SyndicationError,
    TooLargeError,
)
from syndication.identity import authority
from syndication.web.parts import parts

MEDIA_TYPE = "application/problem+json"
STATUS = (
    (TooLargeError, 413),
    (NotFoundError, 404),
    (StaleError, 412),
    (ConflictError, 409),
    (RefusedError, 409),
    (InputError, 422),
    (StorageError, 503),
)
"""At /api/ a state that does not allow an act is a conflict: 403 would say that other credentials might do."""
KINDS = {
    409: ("conflict", "The story's state does not allow this"),
    412: ("another-version", "Another version of the story stands"),
    422: ("not-a-story", "That cannot be taken"),
    428: ("version-needed", "The version that is meant has to be named"),
}
"""What is ours to say, by status: the end of the `type`, and the title. Of all other problems the status says everything."""
BUSY_SECONDS = 5


def problem(
    status: int,
    detail: str,
    *,
    kind: tuple[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    xml: bool = False,
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Response:
    """A problem as an answer. `kind`: the end of its type, and its title; without one, the status' own. `more`: members of our own.

    The place of a fault in JSON is a pointer (RFC 6901), in XML (`xml`) an XPath.
    """
    named = kind or KINDS.get(status)
    said: dict[str, object] = {
        "type": f"{authority(parts().settings.domain)}:problem:{named[0]}" if named else "about:blank",
        "title": named[1] if named else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        **more,
    }
    if faults:
        place = "xpath" if xml else "pointer"
        said["faults"] = [{place: one.key, "detail": one.message} for one in faults]
    waits = {"Retry-After": str(BUSY_SECONDS)} if status == 503 else {}
    return Response(json.dumps(said, ensure_ascii=False) + "\n", status, {**waits, **(headers or {})}, content_type=MEDIA_TYPE)


def of(error: SyndicationError, *, xml: bool = False) -> Response:
    """The problem that says what failed. `xml`: the document was one, so that the places of its faults are XPaths."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    return problem(status, str(error), faults=error.faults if isinstance(error, StoryError) else (), xml=xml)
