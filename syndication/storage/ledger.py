"""The ledger of what moved: each movement once in each type and language, and counted."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, and_, delete, false, func, select, true

from syndication.model.agreement import ContentType
from syndication.model.ledger import Count, Kind, Line, Moved, Movement
from syndication.model.partner import Direction
from syndication.storage.database import Transaction
from syndication.storage.schema import ledger as table

AT_ONCE = 500


def enter(tx: Transaction, lines: Sequence[Line]) -> None:
    """Keep these movements; what moved on that flow before in that type and language is not entered again."""
    moved: set[tuple[str, str, str]] = set()
    subjects = tuple(dict.fromkeys(line.subject for line in lines))
    of = select(table.c.movement, table.c.flow, table.c.subject)
    for start in range(0, len(subjects), AT_ONCE):
        mine = table.c.subject.in_(subjects[start : start + AT_ONCE])
        moved |= {tuple(row) for row in tx.rows(of.where(table.c.movement.in_({line.movement for line in lines}), mine))}
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
                "again": (line.movement, line.stamp.flow, line.subject) in moved,
            }
            for line in lines
        ],
    )


def kinds(tx: Transaction, movement: Movement, subject: str) -> dict[str, tuple[Kind, ...]]:
    """In which types and languages that has moved so, on each flow on which it has; the first one first."""
    mine = (table.c.movement == movement, table.c.subject == subject)
    found: dict[str, tuple[Kind, ...]] = {}
    for row in tx.rows(select(table.c.flow, table.c.type, table.c.language).where(*mine).order_by(table.c.id)):
        found[row.flow] = (*found.get(row.flow, ()), (ContentType(row.type), row.language))
    return found


def uses(tx: Transaction, story: str) -> tuple[tuple[str, datetime], ...]:
    """Which partners are known to have published that story of ours, and since when; the first one first."""
    mine = (table.c.movement == Movement.PUBLISHED, table.c.subject == story, table.c.direction == Direction.OUTBOUND)
    return tuple((row.partner, row.at) for row in tx.rows(select(table.c.partner, table.c.at).where(*mine).order_by(table.c.id)))


def strike(tx: Transaction, movement: Movement, subject: str) -> None:
    """Take a movement out again: the editor undid it within the moment allowed for that."""
    tx.change(delete(table).where(table.c.movement == movement, table.c.subject == subject))


def moved(tx: Transaction, movement: Movement, flows: Collection[str], since: datetime, until: datetime) -> Iterator[Moved]:
    """What moved so on these flows, from `since` to before `until`, in its order."""
    of = (table.c.at, table.c.flow, table.c.subject, table.c.type, table.c.language, table.c.again)
    mine = (table.c.movement == movement, table.c.flow.in_(flows), table.c.at >= since, table.c.at < until)
    for row in tx.rows(select(*of).where(*mine).order_by(table.c.at, table.c.id)):
        kind = (ContentType(row.type), row.language)
        known = kinds(tx, movement, row.subject)[row.flow] if row.again else (kind,)
        yield Moved(row.at, row.flow, row.subject, *kind, known[: known.index(kind)])


def counts(
    tx: Transaction, agreement: str, direction: Direction, movement: Movement, since: datetime, until: datetime
) -> tuple[Count, ...]:
    """How many pieces moved under an agreement, from `since` to before `until`, by kind, and by the kinds they had moved in before."""
    return counts_of_each(tx, (agreement,), direction, movement, since, until)[agreement]


def counts_of_each(
    tx: Transaction, agreements: Collection[str], direction: Direction, movement: Movement, since: datetime, until: datetime
) -> dict[str, tuple[Count, ...]]:
    """The same for each of these agreements."""
    mine = (table.c.agreement.in_(agreements), table.c.direction == direction, table.c.movement == movement)
    within = (*mine, table.c.at >= since, table.c.at < until)
    of = (table.c.agreement, table.c.type, table.c.language)
    found: dict[str, Counter[tuple[ContentType, str, tuple[Kind, ...]]]] = {agreement: Counter() for agreement in agreements}
    first = select(*of, func.count().label("number")).where(*within, table.c.again == false())
    for row in tx.rows(first.group_by(*of)):
        found[row.agreement][ContentType(row.type), row.language, ()] += row.number
    for agreement, kind, language, before in _again(tx, within):
        found[agreement][kind, language, before] += 1
    return {
        agreement: tuple(Count(kind, language, number, before) for (kind, language, before), number in sorted(numbers.items()))
        for agreement, numbers in found.items()
    }


def _again(tx: Transaction, within: Sequence[ColumnElement[bool]]) -> Iterator[tuple[str, ContentType, str, tuple[Kind, ...]]]:
    """Each that had moved in another type or language before, with these."""
    earlier = table.alias()
    same = (earlier.c.movement == table.c.movement, earlier.c.subject == table.c.subject, earlier.c.flow == table.c.flow)
    was = (earlier.c.type.label("was_type"), earlier.c.language.label("was_language"))
    chosen = select(table.c.id, table.c.agreement, table.c.type, table.c.language, *was)
    joined = chosen.join(earlier, and_(*same, earlier.c.id < table.c.id)).where(*within, table.c.again == true())
    rows = tx.rows(joined.order_by(table.c.id, earlier.c.id))
    for _, group in groupby(rows, lambda row: row.id):
        lines = list(group)
        before = tuple((ContentType(line.was_type), line.was_language) for line in lines)
        yield lines[0].agreement, ContentType(lines[0].type), lines[0].language, before
