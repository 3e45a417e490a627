"""What our newsroom hands in: the answer it was given, so that the same request gets the same answer; and when its feed is visited."""

from dataclasses import dataclass
from datetime import datetime

from syndication.model.poll import Validators


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request was answered, word for word."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an Idempotency-Key, of one token. `fingerprint`: SHA-256 of all that it asks. `answer` None: it is under way."""

    token: str
    key: str
    fingerprint: str
    claimed_at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A visit to our newsroom's feed. `attempt` fences, as that of a Lease; `failures` in a row before it."""

    url: str
    attempt: int
    failures: int
    validators: Validators
