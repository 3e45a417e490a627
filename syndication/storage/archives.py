"""Where the archive documents of a flow end: each mark is set once, and never moved (RFC 5005, 4)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, insert, select

from syndication.model.publication import Watermark
from syndication.storage.database import Transaction
from syndication.storage.schema import archives as table


def newest(tx: Transaction, flow: str) -> tuple[int, Watermark] | None:
    """The number of the last archive document of the flow, and where it ends; None where there is none yet."""
    row = tx.row(select(table).where(table.c.flow == flow).order_by(table.c.number.desc()).limit(1))
    return (row.number, Watermark(row.at, row.sequence)) if row else None


def end(tx: Transaction, flow: str, number: int) -> Watermark | None:
    """Where that archive document ends; None where there is no such."""
    row = tx.row(select(table.c.at, table.c.sequence).where(table.c.flow == flow, table.c.number == number))
    return Watermark(row.at, row.sequence) if row else None


def close(tx: Transaction, flow: str, number: int, mark: Watermark) -> None:
    """End the flow's next archive document there. Raises ConflictError where someone else just did."""
    tx.change(insert(table).values(flow=flow, number=number, at=mark.at, sequence=mark.sequence))


def closed_after(tx: Transaction, flows: Collection[str], at: datetime) -> dict[str, datetime]:
    """Of these flows, those with an archive document that ends at `at` or later, and where its last ends."""
    row = tx.row(select(table.c.at).order_by(table.c.at.desc()).limit(1))
    if row is None or row.at < at:
        return {}
    last = select(table.c.flow, func.max(table.c.at).label("at")).where(table.c.flow.in_(flows)).group_by(table.c.flow)
    return {row.flow: row.at for row in tx.rows(last) if row.at >= at}
