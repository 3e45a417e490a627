"""The rules of pushing, as tables: how a subscription stands, what an answer means, when to try again, what a message says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.agreements.governing import Standing
from syndication.model.agreement import Act, ActKind, Register
from syndication.model.partner import FlowState
from syndication.model.publication import PublicationKind
from syndication.model.subscription import Delivery, End, Means, Subscription
from syndication.publish.push import Answered, Footing, asked_with, footing, is_stale, lease, meaning, name_of, next_attempt
from tests import worlds
from tests.worlds import NOW

SUBSCRIPTION = Subscription("sub_1", Means.WEBSUB, "trc", "to-trc", "atom", "https://subscriber.example/", "t_1", NOW)


def standing(*acts: Act) -> Standing:
    return Standing(Register("vna", (worlds.dossier(acts=acts),)), NOW)


def act(kind: ActKind) -> Act:
    return Act(kind, (NOW - timedelta(days=2)).date(), "test")


@pytest.mark.parametrize(
    ("subscription", "token", "flow", "acts", "expected"),
    [
        pytest.param({}, {}, {}, (), (Footing.OPEN, None), id="all stands"),
        pytest.param({"end": End.GONE}, {}, {}, (), (Footing.ENDED, End.GONE), id="ended before"),
        pytest.param({"lease_until": NOW}, {}, {}, (), (Footing.ENDED, End.LEASE), id="its lease ends now"),
        pytest.param({"lease_until": NOW + timedelta(seconds=1)}, {}, {}, (), (Footing.OPEN, None), id="its lease ends in a second"),
        pytest.param({}, {"revoked_at": NOW}, {}, (), (Footing.ENDED, End.TOKEN), id="token revoked"),
        pytest.param({}, {"expires_at": NOW}, {}, (), (Footing.ENDED, End.TOKEN), id="token expires now"),
        pytest.param({}, {"expires_at": NOW + timedelta(seconds=1)}, {}, (), (Footing.OPEN, None), id="token expires in a second"),
        pytest.param({}, {"flows": ("other",)}, {}, (), (Footing.ENDED, End.TOKEN), id="the token opens another flow"),
        pytest.param({}, {"flows": ("to-trc",)}, {}, (), (Footing.OPEN, None), id="the token opens this flow only"),
        pytest.param({}, None, {}, (), (Footing.ENDED, End.TOKEN), id="no such token"),
        pytest.param({}, {}, {"state": FlowState.CLOSED}, (), (Footing.ENDED, End.FLOW), id="the flow is closed"),
        pytest.param({}, {}, {"state": FlowState.PAUSED}, (), (Footing.WAITS, None), id="the flow is paused"),
        pytest.param({}, {}, {}, (act(ActKind.SUSPEND),), (Footing.WAITS, None), id="the agreement is suspended"),
        pytest.param({}, {}, {}, (act(ActKind.TERMINATE),), (Footing.ENDED, End.AGREEMENT), id="the agreement is terminated"),
        pytest.param({}, {}, {"agreement": "none"}, (), (Footing.WAITS, None), id="there is no such agreement: it may come"),
        pytest.param(
            {"lease_until": NOW}, {"revoked_at": NOW}, {"state": FlowState.CLOSED}, (), (Footing.ENDED, End.LEASE), id="all at once"
        ),
    ],
)
def test_on_what_it_stands(
    subscription: dict[str, Any], token: dict[str, Any] | None, flow: dict[str, Any], acts: tuple[Act, ...], expected: tuple[Footing, End]
) -> None:
    held = worlds.token(**token) if token is not None else None
    assert footing(replace(SUBSCRIPTION, **subscription), held, worlds.outbound(**flow), standing(*acts)) == expected


@pytest.mark.parametrize(
    ("statuses", "meant"),
    [
        ((200, 201, 202, 204, 299), Answered.TAKEN),
        ((410,), Answered.GONE),
        ((400, 401, 403, 404, 405, 413, 415, 422), Answered.REFUSED),
        ((301, 302, 303, 307, 308, 304), Answered.UNREACHED),
        ((408, 425, 429), Answered.UNREACHED),
        ((500, 502, 503, 504, 199, 600), Answered.UNREACHED),
    ],
)
def test_what_an_answer_means(statuses: tuple[int, ...], meant: Answered) -> None:
    assert {meaning(one) for one in statuses} == {meant}


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 10), (1, 10), (2, 20), (3, 40), (9, 2_560), (12, 20_480), (13, 21_600), (10_000, 21_600)]
)
def test_each_pause_is_twice_the_last_up_to_six_hours(failures: int, seconds: int) -> None:
    assert next_attempt(failures, NOW, 0.0) == NOW + timedelta(seconds=seconds)
    assert next_attempt(failures, NOW, 1.0) == NOW + timedelta(seconds=seconds) / 2


@pytest.mark.parametrize(("asked", "seconds"), [(None, 10), (5, 10), (120, 120), (10**9, 21_600)])
def test_who_asks_for_more_time_gets_it_up_to_six_hours(asked: int | None, seconds: int) -> None:
    assert next_attempt(1, NOW, 0.0, asked) == NOW + timedelta(seconds=seconds)


def test_two_days_without_anyone_is_stale() -> None:
    assert not is_stale(None, NOW)
    assert not is_stale(NOW - timedelta(hours=47, minutes=59), NOW)
    assert is_stale(NOW - timedelta(hours=48), NOW)


def test_a_lease_is_clamped() -> None:
    """P06."""
    asked = (None, 0, 1, 3_600, 7_200, 10**12)
    assert [lease(one) for one in asked] == [timedelta(hours=hours) for hours in (240, 1, 1, 1, 2, 720)]


@pytest.mark.parametrize(
    ("callback", "asked"),
    [
        ("https://s.example/p", "https://s.example/p?hub.mode=denied"),
        ("https://s.example/p?a=1&b=%20", "https://s.example/p?a=1&b=%20&hub.mode=denied"),
        ("https://s.example", "https://s.example?hub.mode=denied"),
    ],
)
def test_the_callbacks_own_query_is_kept(callback: str, asked: str) -> None:
    assert asked_with(callback, mode="denied") == asked


def test_an_id_tells_nothing_and_stays() -> None:
    """Z03: of two deliveries in a row nobody can tell that they are."""
    first = Delivery("sub_1", 7, "s_1", PublicationKind.STORY, NOW, NOW)
    names = {name_of(b"k", one) for one in (first, replace(first, sequence=8), replace(first, subscription="sub_2"))}
    assert len(names) == 3
    assert name_of(b"k", replace(first, failures=3, due_at=NOW + timedelta(days=1))) == name_of(b"k", first)
    assert all(one.startswith("msg_") and len(one) == 36 for one in names)
