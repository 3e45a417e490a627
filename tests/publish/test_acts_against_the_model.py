"""Z02, over everything that can happen to an exchange: program and independent model agree after every act; planted leaks are seen."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from syndication.ingest import taking, triage
from syndication.model.agreement import ActKind
from syndication.model.clearance import Clause
from syndication.storage import publications, stories
from syndication.storage.database import Database
from tests.oracle import Answer
from tests.publish import machine
from tests.publish.machine import LeakError, WithheldError, live
from tests.publish.test_gate_against_the_model import Leak, clause_ignored, register_seen_as

SHARDS = 2
CONTROL_OPERATIONS = 6_000
LOG = logging.getLogger("prove")


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("shard", [pytest.param(number, marks=pytest.mark.xdist_group(f"acts {number}")) for number in range(SHARDS)])
def test_whatever_is_done_the_model_agrees(
    database: Database, shard: int, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """`--operations`: how many in all; `--seed`: where to begin. `make prove` prints what this records."""
    operations, first = request.config.getoption("--operations"), request.config.getoption("--seed")
    began = time.monotonic()
    count = live(database, operations // (2 * SHARDS), first + shard)
    said = f"{count['operations']} operations from seed {first + shard} in {time.monotonic() - began:.0f} s, 0 leaks, 0 wrongly withheld"
    record_property("proved", said)
    LOG.warning("%s: %s", request.node.name, said)
    LOG.warning("%s", ", ".join(f"{name}: {number}" for name, number in sorted(count.items())))
    # The exchange is no idle one.
    read = ("stories shown", "withdrawals shown", "stories pushed", "withdrawals pushed")
    assert all(count[kind] for kind in (*read, "accept", "undo", "derive", "kill", "correct", "poll")), count


def nothing_derived(patch: pytest.MonkeyPatch) -> None:
    """A kill, a hold and a later embargo stay with the story they were meant for."""
    patch.setattr(stories, "derived", lambda *_: ())


def nothing_taken_back(patch: pytest.MonkeyPatch) -> None:
    """A release places, and never takes back."""
    patch.setattr(publications, "holding", lambda *_: ())


def nothing_may_be_pushed(patch: pytest.MonkeyPatch) -> None:
    """Here it is the model that is changed: whatever is pushed, it denies, and is heard."""
    patch.setattr(machine, "clear", lambda *_: Answer(False, False, None, ()))


def _nothing(*_: object) -> tuple[str, ...]:
    return ()


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(clause_ignored(Clause.QUOTA), id="ceilings are not asked"),
        pytest.param(
            register_seen_as(lambda one: replace(one, acts=tuple(act for act in one.acts if act.kind is not ActKind.LEAVE))),
            id="who left is still in",
        ),
        pytest.param(nothing_derived, id="what was derived is forgotten"),
        pytest.param(nothing_taken_back, id="nothing is taken back"),
        pytest.param(nothing_may_be_pushed, id="the model lets nothing be pushed"),
        pytest.param(lambda patch: patch.setattr(triage, "_flags", _nothing), id="what is flagged is accepted at once"),
        pytest.param(lambda patch: patch.setattr(taking, "origins", _nothing), id="who it comes from by way of another is forgotten"),
        pytest.param(clause_ignored(Clause.ONWARD_USE), id="onward use is not asked"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_model_sees_what_is_done_wrong(database: Database, monkeypatch: pytest.MonkeyPatch, leak: Leak) -> None:
    """The control: with one rule off, the same comparison finds a difference."""
    leak(monkeypatch)
    with pytest.raises((LeakError, WithheldError)):
        live(database, CONTROL_OPERATIONS, 0, shrink=False)
