"""When a flow is visited again."""

from datetime import UTC, datetime, timedelta

import pytest

from syndication.ingest.cadence import JITTER, LONGEST_WAIT, next_visit
from syndication.model.poll import Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("outcome", "failures", "asked", "retry_after", "least"),
    [
        pytest.param(Outcome.UPDATED, 0, None, None, QUARTER, id="our own interval"),
        pytest.param(Outcome.UNCHANGED, 0, timedelta(minutes=5), None, QUARTER, id="the server would allow sooner, we do not come sooner"),
        pytest.param(Outcome.UNCHANGED, 0, timedelta(hours=1), None, timedelta(hours=1), id="the server asks for an hour"),
        pytest.param(Outcome.UPDATED, 0, timedelta(days=400), None, LONGEST_WAIT, id="asked for a year: a day"),
        pytest.param(Outcome.UNGOVERNED, 0, None, None, QUARTER, id="no agreement: asked again, lest one begins"),
        pytest.param(Outcome.FAILED, 1, None, None, QUARTER * 2, id="first failure doubles"),
        pytest.param(Outcome.FAILED, 3, None, None, QUARTER * 8, id="third failure: eight times"),
        pytest.param(Outcome.FAILED, 60, None, None, LONGEST_WAIT, id="sixty failures: a day, no overflow"),
        pytest.param(Outcome.FAILED, 1, None, 7200, timedelta(hours=2), id="Retry-After beats our own wait"),
        pytest.param(Outcome.FAILED, 1, None, 60, QUARTER * 2, id="Retry-After never makes us sooner"),
    ],
)
def test_the_wait(outcome: Outcome, failures: int, asked: timedelta | None, retry_after: int | None, least: timedelta) -> None:
    due = next_visit("trc-en", NOW, outcome, interval=QUARTER, failures=failures, asked=asked, retry_after=retry_after)
    assert due is not None
    assert least <= due - NOW <= least * (1 + JITTER)


def test_after_a_410_we_do_not_come_again() -> None:
    assert next_visit("trc-en", NOW, Outcome.GONE, interval=QUARTER, failures=1) is None
