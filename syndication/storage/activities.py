"""Activities that the parties of an agreement held or mean to hold."""

from datetime import date, datetime

from sqlalchemy import delete, insert, select

from syndication.model.activity import Activity
from syndication.storage.database import Transaction
from syndication.storage.schema import activities as table


def note(tx: Transaction, activity: Activity, now: datetime, by: str) -> None:
    """Keep an activity as it is told now; what was told of it before is replaced."""
    tx.change(delete(table).where(table.c.id == activity.id))
    tx.change(insert(table).values(id=activity.id, agreement=activity.agreement, value=activity, recorded_at=now, recorded_by=by))


def get(tx: Transaction, identity: str) -> Activity | None:
    """The activity of that id."""
    row = tx.row(select(table.c.value).where(table.c.id == identity))
    return row.value if row else None


def all(tx: Transaction) -> tuple[Activity, ...]:
    """Every activity, by id."""
    return tuple(row.value for row in tx.rows(select(table.c.value).order_by(table.c.id)))


def of_agreement(tx: Transaction, reference: str) -> tuple[Activity, ...]:
    """What was held or is meant to be under an agreement, in the order of its days; what has no day comes last."""
    rows = tx.rows(select(table.c.value).where(table.c.agreement == reference))
    found: list[Activity] = [row.value for row in rows]
    return tuple(sorted(found, key=lambda one: (one.on is None, one.on or date.max, one.title)))
