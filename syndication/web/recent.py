"""The last answers to partners, held as long as nothing is committed and no hour comes that would change them: nothing is asked again."""

import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from werkzeug import Request

from syndication.web.conditional import Document

MOST: Final = 4_096
LONGEST: Final = 1.0
"""Seconds. A notice is told for so many days and an archive is closed after a minute: of such moments no answer says when they come."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A document that one reader may have. `state`: of the database, before it was asked; `until`: the next hour that changes anything;
    `sent`: it is on record that the reader has all that is in it.
    """

    state: object
    since: datetime
    until: datetime
    document: Document
    token: str
    sent: bool


class Recent:
    """Answered requests of one database. It decides nothing: whatever is committed, by whomever, or an hour that comes ends them all."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, tuple[float, Answered]] = OrderedDict()
        self._lock = Lock()

    def find(self, request: Request, state: object, at: datetime) -> Answered | None:
        """The answer to this very request, if it still holds."""
        age, answered = self._held.get(_key(request), (0.0, None))
        if answered is None or answered.state != state or not answered.since <= at < answered.until:
            return None
        return answered if time.monotonic() - age < LONGEST else None

    def keep(self, request: Request, answered: Answered) -> None:
        """Hold it; of too many, the one that was held first goes."""
        key = _key(request)
        with self._lock:
            self._held.pop(key, None)
            self._held[key] = (time.monotonic(), answered)
            if len(self._held) > MOST:
                self._held.popitem(last=False)


def _key(request: Request) -> Hashable:
    """All of a request that its document depends on; its conditions are looked at anew."""
    environ = request.environ
    names = ("HTTP_HOST", "HTTP_AUTHORIZATION", "PATH_INFO", "QUERY_STRING", "HTTP_SEC_FETCH_DEST")
    return tuple(environ.get(name) for name in names)
