"""The list of what was deleted at the end of its use: appended, never changed."""

from collections.abc import Iterator
from dataclasses import asdict, fields

from sqlalchemy import insert, select

from syndication.model.erasure import Erasure
from syndication.storage.database import Transaction
from syndication.storage.schema import erasures as table

AT_ONCE = 500
COLUMNS = tuple(field.name for field in fields(Erasure))


def record(tx: Transaction, erasure: Erasure) -> None:
    """Keep what was deleted, when, and under which clause."""
    tx.change(insert(table).values(asdict(erasure)))


def of_subject(tx: Transaction, subject: str) -> tuple[Erasure, ...]:
    """What was deleted of that item or story, oldest first."""
    rows = tx.rows(select(table).where(table.c.subject == subject).order_by(table.c.id))
    return tuple(Erasure(*(getattr(row, name) for name in COLUMNS)) for row in rows)


def all(tx: Transaction, agreement: str | None = None) -> Iterator[Erasure]:
    """What was deleted, oldest first; under one agreement, or under any."""
    chosen = select(table).order_by(table.c.id).limit(AT_ONCE)
    if agreement is not None:
        chosen = chosen.where(table.c.agreement == agreement)
    rows = tx.rows(chosen)
    while rows:
        yield from (Erasure(*(getattr(row, name) for name in COLUMNS)) for row in rows)
        rows = tx.rows(chosen.where(table.c.id > rows[-1].id))
