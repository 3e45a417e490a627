"""What the gate decided, and who did what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from syndication.errors import StorageError
from syndication.model.agreement import ContentType
from syndication.model.clearance import Clause, Usage, Verdict
from syndication.model.event import Decision, Event
from syndication.storage import events
from syndication.storage.database import Database
from syndication.storage.schema import facts
from tests import worlds
from tests.agreements.builders import subject

LATER = worlds.NOW + timedelta(minutes=15)


def kept(database: Database, *decisions: Decision) -> tuple[Decision, ...]:
    with database.write() as tx:
        for decision in decisions:
            events.record_decisions(tx, (decision,))
        return events.decisions(tx, "i_1")


def test_a_decision_comes_back_whole(database: Database) -> None:
    refused = worlds.decision(agreement=None, agreement_version=None, clause=None, allowed=False, verdicts=())
    assert kept(database, worlds.decision(), refused) == (worlds.decision(), refused)


def test_what_says_the_same_again_is_not_kept_again(database: Database) -> None:
    """A refused entry is judged at every poll."""
    assert kept(database, worlds.decision(), worlds.decision(at=LATER)) == (worlds.decision(),)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"subject_version": 2}, id="another version"),
        pytest.param({"agreement": "vna-trc-2026"}, id="another agreement"),
        pytest.param({"agreement_version": 2}, id="another version of it"),
        pytest.param({"allowed": False}, id="another answer"),
        pytest.param({"fingerprint": "e" * 64}, id="another text"),
        pytest.param({"flow": "trc-ru"}, id="another flow"),
        pytest.param({"verdicts": (Verdict(Clause.LANGUAGE, False, "ru is not granted"),)}, id="another reason"),
    ],
)
def test_what_says_something_else_is(database: Database, changes: dict[str, object]) -> None:
    other = replace(worlds.decision(at=LATER), **changes)  # type: ignore[arg-type]
    assert kept(database, worlds.decision(), other) == (worlds.decision(), other)


def test_what_comes_back_after_a_change_is_kept_again(database: Database) -> None:
    refused = worlds.decision(allowed=False, at=LATER)
    again = worlds.decision(at=LATER + timedelta(minutes=1))
    assert kept(database, worlds.decision(), refused, again) == (worlds.decision(), refused, again)


def test_twice_in_one_call_is_once(database: Database) -> None:
    with database.write() as tx:
        events.record_decisions(tx, (worlds.decision(), worlds.decision(), worlds.decision(flow="trc-ru")))
        assert [decision.flow for decision in events.decisions(tx, "i_1")] == ["trc-en", "trc-ru"]
        events.record_decisions(tx, ())


def test_a_decision_needs_nothing_that_it_is_about(database: Database) -> None:
    """It outlives the content: neither the flow nor the item has to be there."""
    assert len(kept(database, worlds.decision(flow="closed long ago"))) == 1


def test_the_log_newest_first(database: Database) -> None:
    lines = [Event(worlds.NOW, "mai", "accept", f"i_{number}", "why") for number in range(3)]
    with database.write() as tx:
        for line in lines:
            events.record_event(tx, line)
    with database.read() as tx:
        assert events.events(tx, 2) == (lines[2], lines[1])
        assert events.events(tx, 9, subject="i_0") == (lines[0],)


FACTS = replace(
    worlds.decision(), facts=subject(), on=worlds.flow(), used=Usage((2,), ((ContentType.TEXT, "en"),)), register=3, inputs="a" * 64
)


def test_what_was_asked_comes_back_whole_by_number(database: Database) -> None:
    """Also past the first page, of those that were kept without it, and in the list of a subject's decisions."""
    whole = replace(FACTS, subject="whole")
    plain = [worlds.decision(subject=f"i_{number}") for number in range(events.AT_ONCE + 1)]
    with database.write() as tx:
        events.record_decisions(tx, [*plain, whole])
    with database.read() as tx:
        found = list(events.asked(tx))
        assert [decision for _, decision in found] == [*plain, whole]
        assert [number for number, _ in found] == sorted({number for number, _ in found})
        assert events.decisions(tx, "whole") == (whole,)


def test_one_that_cannot_be_read_is_told_and_the_others_come_whole(database: Database) -> None:
    with database.write() as tx:
        events.record_decisions(tx, [replace(FACTS, subject=f"i_{number}") for number in range(3)])
        off = "DROP TRIGGER decisions_update" if tx.connection.dialect.name == "sqlite" else "SET LOCAL session_replication_role = replica"
        tx.connection.execute(text(off))
        tx.connection.execute(text("UPDATE decisions SET used = 'garbage' WHERE subject = 'i_1'"))
    with database.read() as tx:
        before, unread, after = (one for _, one in events.asked(tx))
    assert (before, after) == (replace(FACTS, subject="i_0"), replace(FACTS, subject="i_2"))
    assert isinstance(unread, str)
    assert unread.startswith("a Usage kept in the database cannot be read by this version: ")


def test_the_same_facts_are_kept_once(database: Database) -> None:
    with database.write() as tx:
        events.record_decisions(tx, [replace(FACTS, subject=f"i_{number}") for number in range(3)])
        events.record_decisions(tx, [replace(FACTS, subject="i_9", facts=subject(language="ru"))])
        assert len(tx.rows(select(facts))) == 3


ALTERED = [
    pytest.param("UPDATE decisions SET allowed = NOT allowed", id="a decision changed"),
    pytest.param("DELETE FROM decisions", id="a decision deleted"),
    pytest.param("UPDATE facts SET subject = '{}'", id="a fact changed"),
    pytest.param("DELETE FROM facts", id="a fact deleted"),
]


@pytest.mark.parametrize("act", ALTERED)
def test_decisions_and_their_facts_are_only_added_to(database: Database, act: str) -> None:
    """Whoever asks the database, by whatever road."""
    with database.write() as tx:
        events.record_decisions(tx, [FACTS])
    with pytest.raises(StorageError, match="only added to, never changed"), database.write() as tx:
        tx.rows(text(act))
    with database.read() as tx:
        assert [decision for _, decision in events.asked(tx)] == [FACTS]


@pytest.mark.parametrize("act", ALTERED)
def test_without_the_guards_they_could_be_altered(database: Database, act: str) -> None:
    """The control."""
    with database.write() as tx:
        events.record_decisions(tx, [FACTS])
        if tx.connection.dialect.name == "sqlite":
            for guard in ("decisions_update", "decisions_delete", "facts_update", "facts_delete"):
                tx.connection.execute(text(f"DROP TRIGGER {guard}"))
        else:
            tx.connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert tx.connection.execute(text(act)).rowcount >= 1
