"""The legal moves of a review."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndication.model.item import Review, ReviewAct, ReviewState
from syndication.review.workflow import BY_EDITOR, MOVES, after, legal, undoable
from tests import worlds

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WITHIN = timedelta(seconds=30)


@pytest.mark.parametrize("state", ReviewState)
def test_every_state_has_its_moves_and_they_lead_somewhere(state: ReviewState) -> None:
    assert set(MOVES) == set(ReviewState)
    assert all(after(state, act) is to for act, to in MOVES[state].items())


@pytest.mark.parametrize("state", [state for state in ReviewState if state is not ReviewState.WITHDRAWN])
def test_a_kill_is_legal_from_everywhere(state: ReviewState) -> None:
    assert after(state, ReviewAct.WITHDRAW) is ReviewState.WITHDRAWN


@pytest.mark.parametrize("act", ReviewAct)
def test_a_killed_item_stays_killed(act: ReviewAct) -> None:
    """S11: revival is nobody's move."""
    assert after(ReviewState.WITHDRAWN, act) is None


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        pytest.param(
            ReviewState.PENDING, {ReviewAct.ACCEPT, ReviewAct.ACCEPT_EDITED, ReviewAct.REJECT, ReviewAct.HOLD}, id="new in the queue"
        ),
        pytest.param(ReviewState.HELD, {ReviewAct.ACCEPT, ReviewAct.ACCEPT_EDITED, ReviewAct.REJECT}, id="put aside"),
        pytest.param(ReviewState.REOPENED, {ReviewAct.ACCEPT, ReviewAct.ACCEPT_EDITED, ReviewAct.KEEP}, id="corrected after it was taken"),
        pytest.param(ReviewState.ACCEPTED, set(), id="taken"),
        pytest.param(ReviewState.REJECTED, set(), id="left out"),
        pytest.param(ReviewState.WITHDRAWN, set(), id="killed"),
    ],
)
def test_what_an_editor_may_do(state: ReviewState, acts: set[ReviewAct]) -> None:
    assert legal(replace(worlds.item(), state=state)) == acts


def review(act: ReviewAct, revision: int = 2, at: datetime = NOW) -> Review:
    return Review("i_1", revision, act, "mai", at, ReviewState.PENDING, ReviewState.ACCEPTED)


@pytest.mark.parametrize(
    ("state", "last", "now", "answer"),
    [
        pytest.param(ReviewState.ACCEPTED, review(ReviewAct.ACCEPT), NOW + WITHIN, True, id="thirty seconds after"),
        pytest.param(ReviewState.ACCEPTED, review(ReviewAct.ACCEPT), NOW + WITHIN + timedelta(seconds=1), False, id="a second too late"),
        pytest.param(ReviewState.REJECTED, review(ReviewAct.REJECT), NOW, True, id="a rejection too"),
        pytest.param(ReviewState.ACCEPTED, review(ReviewAct.ACCEPT, revision=1), NOW, False, id="something happened since"),
        pytest.param(ReviewState.REOPENED, review(ReviewAct.REOPEN), NOW, False, id="the partner's word is not ours to undo"),
        pytest.param(ReviewState.PENDING, review(ReviewAct.UNDO), NOW, False, id="an undo is not undone"),
        pytest.param(ReviewState.WITHDRAWN, review(ReviewAct.ACCEPT), NOW, False, id="killed meanwhile"),
        pytest.param(ReviewState.PENDING, None, NOW, False, id="nothing was decided"),
    ],
)
def test_what_can_be_undone(state: ReviewState, last: Review | None, now: datetime, answer: bool) -> None:
    assert undoable(replace(worlds.item(), state=state, revision=2), last, now, WITHIN) is answer


def test_every_decision_of_the_queue_can_be_undone() -> None:
    assert all(undoable(replace(worlds.item(), state=ReviewState.ACCEPTED, revision=2), review(act), NOW, WITHIN) for act in BY_EDITOR)
