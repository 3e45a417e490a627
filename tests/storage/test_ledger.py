"""The ledger: each movement once, and counted from its first moment to before its last."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.model.agreement import ContentType
from syndication.model.ledger import Count, Line, Moved, Movement
from syndication.model.partner import Direction
from syndication.storage import ledger
from syndication.storage.database import Database
from tests import worlds

LATER = worlds.NOW + timedelta(hours=1)
TEXT = Count(ContentType.TEXT, "en", 1)
RUSSIAN = Count(ContentType.TEXT, "ru", 1)


def line(**changes: Any) -> Line:
    """Item `i_1` was offered by TRC."""
    return replace(Line(Movement.OFFERED, "i_1", worlds.stamp(), ContentType.TEXT, "en", worlds.NOW), **changes)


def counted(database: Database, *lines: Line, **changes: Any) -> tuple[Count, ...]:
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
        pytest.param((line(), line(subject="i_2")), {}, (Count(ContentType.TEXT, "en", 2),), id="two"),
        pytest.param((line(), line(stamp=worlds.stamp(flow="trc-ru"))), {}, (Count(ContentType.TEXT, "en", 2),), id="on two flows"),
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
            (Count(ContentType.PICTURE, "en", 1), TEXT, RUSSIAN),
            id="by type and language, in order",
        ),
        pytest.param(
            (line(), line(language="ru")),
            {},
            (TEXT, replace(RUSSIAN, before=((ContentType.TEXT, "en"),))),
            id="corrected into another language: what it was before is told",
        ),
        pytest.param(
            (line(), line(language="ru"), line(type=ContentType.PICTURE), line(language="ru", at=LATER)),
            {"since": worlds.NOW},
            (
                Count(ContentType.PICTURE, "en", 1, ((ContentType.TEXT, "en"), (ContentType.TEXT, "ru"))),
                TEXT,
                replace(RUSSIAN, before=((ContentType.TEXT, "en"),)),
            ),
            id="all that it was before, in order, and nothing twice",
        ),
        pytest.param(
            (line(), line(language="ru", at=LATER), line(subject="i_2", at=LATER)),
            {"since": LATER, "until": LATER + timedelta(hours=1)},
            (TEXT, replace(RUSSIAN, before=((ContentType.TEXT, "en"),))),
            id="corrected after the period in which it came",
        ),
        pytest.param(
            (line(), line(language="ru", stamp=worlds.stamp(flow="trc-ru")), line(language="fr", movement=Movement.PUBLISHED)),
            {},
            (TEXT, RUSSIAN),
            id="on another flow, and taken in another language: nothing was before",
        ),
    ],
)
def test_what_is_counted(database: Database, lines: tuple[Line, ...], changes: dict[str, Any], counts: tuple[object, ...]) -> None:
    assert counted(database, *lines, **changes) == counts


def test_the_kinds_in_which_a_piece_has_moved(database: Database) -> None:
    """By flow, in their order; of that movement and that piece alone."""
    lines = (line(), line(language="ru"), line(subject="i_2"), line(movement=Movement.PUBLISHED), line(stamp=worlds.stamp(flow="trc-ru")))
    counted(database, *lines)
    with database.read() as tx:
        assert ledger.kinds(tx, Movement.OFFERED, "i_1") == {
            "trc-en": ((ContentType.TEXT, "en"), (ContentType.TEXT, "ru")),
            "trc-ru": ((ContentType.TEXT, "en"),),
        }
        assert ledger.kinds(tx, Movement.OFFERED, "i_3") == {}


def test_what_moved_in_a_time_is_told_in_its_order(database: Database) -> None:
    """With the kinds in which it had moved before, in that time or earlier; of these flows alone."""
    later = LATER + timedelta(minutes=1)
    first, second = line(subject="i_2", at=later), line(language="ru", at=LATER)
    counted(database, line(), second, line(type=ContentType.PICTURE, at=later), first, line(stamp=worlds.stamp(flow="trc-ru"), at=later))
    with database.read() as tx:
        told = tuple(ledger.moved(tx, Movement.OFFERED, ("trc-en",), LATER, later + later.resolution))
        assert tuple(ledger.moved(tx, Movement.OFFERED, ("trc-en",), LATER, later)) == told[:1]
        assert tuple(ledger.moved(tx, Movement.PUBLISHED, ("trc-en",), worlds.NOW, later)) == ()
    english, russian = (ContentType.TEXT, "en"), (ContentType.TEXT, "ru")
    assert told == (
        Moved(LATER, "trc-en", "i_1", *russian, (english,)),
        Moved(later, "trc-en", "i_1", ContentType.PICTURE, "en", (english, russian)),
        Moved(later, "trc-en", "i_2", *english),
    )


def test_what_is_struck_may_be_entered_again(database: Database) -> None:
    """Of that movement and that item alone; it then counts from its new moment."""
    other, published = line(subject="i_2"), line(movement=Movement.PUBLISHED)
    assert counted(database, line(), other, published) == (Count(ContentType.TEXT, "en", 2),)
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
    assert counted(database) == (Count(ContentType.TEXT, "en", 700),)
