"""The ledger of what moved: each movement once, and counted."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from syndication.model.agreement import ContentType
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Direction
from syndication.storage.database import Transaction
from syndication.storage.schema import ledger as table


def enter(tx: Transaction, lines: Sequence[Line]) -> None:
    """Keep these movements; what moved on that flow before is not entered again."""
    tx.add_missing(
        table,
        [
            {
                "movement": line.movement,
                "direction": line.stamp.direction,
                "flow": line.stamp.flow,
                "subject": line.subject,
                "at": line.at,
                "partner": line.stamp.partner,
                "agreement": line.stamp.agreement,
                "version": line.stamp.version,
                "clause": line.stamp.clause,
                "type": line.type,
                "language": line.language,
            }
            for line in lines
        ],
    )


def strike(tx: Transaction, movement: Movement, subject: str) -> None:
    """Take a movement out again: the editor undid it within the moment allowed for that."""
    tx.change(delete(table).where(table.c.movement == movement, table.c.subject == subject))


def counts(
    tx: Transaction, agreement: str, direction: Direction, movement: Movement, since: datetime, until: datetime
) -> tuple[tuple[ContentType, str, int], ...]:
    """How many pieces moved under an agreement, from `since` to before `until`, by type and language."""
    return counts_of_each(tx, (agreement,), direction, movement, since, until)[agreement]


def counts_of_each(
    tx: Transaction, agreements: Collection[str], direction: Direction, movement: Movement, since: datetime, until: datetime
) -> dict[str, tuple[tuple[ContentType, str, int], ...]]:
    """The same for each of these agreements."""
    mine = (table.c.agreement.in_(agreements), table.c.direction == direction, table.c.movement == movement)
    kinds = (table.c.agreement, table.c.type, table.c.language)
    found: dict[str, list[tuple[ContentType, str, int]]] = {agreement: [] for agreement in agreements}
    counted = select(*kinds, func.count().label("number")).where(*mine, table.c.at >= since, table.c.at < until)
    for row in tx.rows(counted.group_by(*kinds).order_by(*kinds)):
        found[row.agreement].append((ContentType(row.type), row.language, row.number))
    return {agreement: tuple(numbers) for agreement, numbers in found.items()}
