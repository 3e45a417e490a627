"""What the gate decided, and who did what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.model.clearance import Clause, Verdict
from syndication.model.event import Decision, Event
from syndication.storage import events
from syndication.storage.database import Database
from tests import worlds

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
