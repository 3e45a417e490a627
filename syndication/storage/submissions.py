"""What our newsroom handed in last, the requests it made under a key, and the visits to its feed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from syndication.errors import ConflictError
from syndication.model.poll import Validators
from syndication.model.submission import Answer, KeyedRequest, Round
from syndication.storage.database import Transaction
from syndication.storage.schema import keyed_requests as requests
from syndication.storage.schema import newsroom_polls as polls
from syndication.storage.schema import submissions as table


def last(tx: Transaction, uri: str) -> str | None:
    """The hash of the last document that was taken of this story."""
    row = tx.row(select(table.c.digest).where(table.c.uri == uri))
    return row.digest if row else None


def record(tx: Transaction, uri: str, digest: str, at: datetime) -> None:
    """This document is now the last one of that story."""
    if not tx.change(update(table).where(table.c.uri == uri).values(digest=digest, taken_at=at)):
        tx.change(insert(table).values(uri=uri, digest=digest, taken_at=at))


def keyed(tx: Transaction, token: str, key: str) -> KeyedRequest | None:
    """The request that this token made under that key."""
    row = tx.row(select(requests).where(requests.c.token == token, requests.c.key == key))
    return _keyed(row) if row else None


def claim(tx: Transaction, request: KeyedRequest) -> None:
    """From now on this request has its key, in the place of one that was given up. Raises ConflictError where another was quicker."""
    mine = and_(requests.c.token == request.token, requests.c.key == request.key)
    tx.change(delete(requests).where(mine, requests.c.answer.is_(None), requests.c.claimed_at < request.claimed_at))
    tx.change(
        insert(requests).values(
            token=request.token, key=request.key, fingerprint=request.fingerprint, claimed_at=request.claimed_at, answer=request.answer
        )
    )


def answer(tx: Transaction, request: KeyedRequest, given: Answer) -> None:
    """It was answered so. Raises ConflictError where it had been given up, and its key is another's now: nothing of it may be kept then."""
    if not tx.change(update(requests).where(_under_way(request)).values(answer=given)):
        raise ConflictError("this request took so long that another with its Idempotency-Key was begun; ask again")


def give_up(tx: Transaction, request: KeyedRequest) -> None:
    """It came to nothing: its key is free."""
    tx.change(delete(requests).where(_under_way(request)))


def forget(tx: Transaction, until: datetime) -> None:
    """Forget the requests up to that moment."""
    tx.change(delete(requests).where(requests.c.claimed_at <= until))


def begin_round(tx: Transaction, url: str, now: datetime, interval: timedelta) -> Round | None:
    """The visit that is due at `now`, or None. Nobody else gets it; one that breaks off is made again after the `interval`."""
    tx.add_missing(polls, [{"url": url, "due_at": now, "attempt": 0, "failures": 0, "validators": Validators()}])
    row = tx.row(select(polls).where(polls.c.url == url, polls.c.due_at <= now).with_for_update())
    if row is None:
        return None
    due = and_(polls.c.url == url, polls.c.attempt == row.attempt)
    if not tx.change(update(polls).where(due).values(due_at=now + interval, attempt=row.attempt + 1)):
        return None
    return Round(url, row.attempt + 1, row.failures, row.validators)


def still_ours(tx: Transaction, visit: Round) -> None:
    """Raises ConflictError where a later visit was begun meanwhile: its document is newer."""
    mine = and_(polls.c.url == visit.url, polls.c.attempt == visit.attempt)
    if tx.row(select(polls.c.url).where(mine).with_for_update()) is None:
        raise ConflictError(f"meanwhile {visit.url} was visited again; what this visit brought is left to that one")


def end_round(tx: Transaction, visit: Round, validators: Validators, failures: int, due_at: datetime) -> None:
    """How the visit ended. One that a later visit has overtaken says nothing more."""
    mine = and_(polls.c.url == visit.url, polls.c.attempt == visit.attempt)
    tx.change(update(polls).where(mine).values(validators=validators, failures=failures, due_at=due_at))


def _under_way(request: KeyedRequest) -> Any:
    return and_(
        requests.c.token == request.token,
        requests.c.key == request.key,
        requests.c.claimed_at == request.claimed_at,
        requests.c.answer.is_(None),
    )


def _keyed(row: Row[Any]) -> KeyedRequest:
    return KeyedRequest(row.token, row.key, row.fingerprint, row.claimed_at, row.answer)
