"""The ledger: each movement once, and counted from its first moment to before its last."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.model.agreement import ContentType
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Direction
from syndication.storage import ledger
from syndication.storage.database import Database
from tests import worlds

LATER = worlds.NOW + timedelta(hours=1)
TEXT = (ContentType.TEXT, "en", 1)


def line(**changes: Any) -> Line:
    """Item `i_1` was offered by TRC."""
    return replace(Line(Movement.OFFERED, "i_1", worlds.stamp(), ContentType.TEXT, "en", worlds.NOW), **changes)


def counted(database: Database, *lines: Line, **changes: Any) -> tuple[tuple[ContentType, str, int], ...]:
    """What is counted of these, entered one after the other, as TRC's offers of that hour, unless something else is asked for."""
    asked = {"agreement": worlds.REFERENCE, "direction": Direction.INBOUND, "movement": Movement.OFFERED}
    with database.write() as tx:
        for one in lines:
            ledger.enter(tx, (one,))
        return ledger.counts(tx, **{**asked, "since": worlds.NOW, "until": LATER, **changes})


@pytest.mark.parametrize(
    ("lines", "changes", "counts"),
    [
        pytest.param((), {}, (), id="nothing"),
        pytest.param((line(),), {}, (TEXT,), id="once"),
        pytest.param((line(), line(at=LATER)), {}, (TEXT,), id="the same again: not entered again, and as of the first time"),
        pytest.param((line(at=LATER), line()), {}, (), id="the first time counts, whichever came first"),
        pytest.param((line(), line(subject="i_2")), {}, ((ContentType.TEXT, "en", 2),), id="two"),
        pytest.param((line(), line(stamp=worlds.stamp(flow="trc-ru"))), {}, ((ContentType.TEXT, "en", 2),), id="on two flows"),
        pytest.param((line(), line(movement=Movement.PUBLISHED)), {}, (TEXT,), id="published is another movement"),
        pytest.param((line(movement=Movement.PUBLISHED),), {"movement": Movement.PUBLISHED}, (TEXT,), id="published, asked for"),
        pytest.param((line(stamp=worlds.out_stamp()),), {}, (), id="what goes out is not what comes in"),
        pytest.param((line(stamp=worlds.out_stamp()),), {"direction": Direction.OUTBOUND}, (TEXT,), id="what goes out, asked for"),
        pytest.param((line(stamp=worlds.stamp(agreement="oana")),), {}, (), id="under another agreement"),
        pytest.param((line(stamp=worlds.stamp(version=2)),), {}, (TEXT,), id="under a later version of it: a duty goes on"),
        pytest.param((line(),), {"since": worlds.NOW + timedelta(microseconds=1)}, (), id="the instant before the window"),
        pytest.param((line(),), {"since": worlds.NOW - LATER.resolution, "until": worlds.NOW}, (), id="the first instant after it"),
        pytest.param(
            (line(), line(subject="i_2", language="ru"), line(subject="i_3", type=ContentType.PICTURE)),
            {},
            ((ContentType.PICTURE, "en", 1), TEXT, (ContentType.TEXT, "ru", 1)),
            id="by type and language, in order",
        ),
    ],
)
def test_what_is_counted(database: Database, lines: tuple[Line, ...], changes: dict[str, Any], counts: tuple[object, ...]) -> None:
    assert counted(database, *lines, **changes) == counts


def test_what_is_struck_may_be_entered_again(database: Database) -> None:
    """Of that movement and that item alone; it then counts from its new moment."""
    other, published = line(subject="i_2"), line(movement=Movement.PUBLISHED)
    assert counted(database, line(), other, published) == ((ContentType.TEXT, "en", 2),)
    with database.write() as tx:
        ledger.strike(tx, Movement.OFFERED, "i_1")
        ledger.strike(tx, Movement.OFFERED, "never entered")
    assert counted(database) == (TEXT,)
    assert counted(database, movement=Movement.PUBLISHED) == (TEXT,)
    assert counted(database, line(at=LATER), since=LATER, until=LATER + timedelta(hours=1)) == (TEXT,)


def test_many_in_one_go(database: Database) -> None:
    with database.write() as tx:
        ledger.enter(tx, [line(subject=f"i_{number % 700}") for number in range(1_400)])
        ledger.enter(tx, ())
    assert counted(database) == ((ContentType.TEXT, "en", 700),)
