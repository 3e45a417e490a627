"""What a hub is asked, when, and what of it is believed: the rules alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.ingest import callback as rules
from syndication.ingest.callback import Ask, Discovery, Forget, Leave, Rest
from syndication.model.callback import Callback, CallbackState, Hub
from syndication.model.entry import FeedLinks
from syndication.model.partner import FlowState, Told
from tests.worlds import NOW, flow

URL, HUB = "https://trc.example/en.atom", "https://hub.example/"
SELF = '<https://trc.example/self>; rel="self"'
BODY = FeedLinks(own="https://trc.example/own", hubs=("https://b.example/",))
ONE = Callback("cb_1", "trc-en", HUB, URL, CallbackState.ACTIVE, NOW, NOW + timedelta(days=10))
KNOWN = Hub("trc-en", HUB, URL, NOW)


@pytest.mark.parametrize(
    ("link", "said", "found"),
    [
        pytest.param(None, BODY, Discovery("https://b.example/", "https://trc.example/own"), id="the document's head"),
        pytest.param(
            f'<https://a.example/>; rel="hub", {SELF}',
            BODY,
            Discovery("https://a.example/", "https://trc.example/self"),
            id="headers first",
        ),
        pytest.param('<https://a.example/>; rel="hub"', BODY, Discovery("https://a.example/", "https://trc.example/own"), id="one of each"),
        pytest.param(f'</hub>; rel="hub", {SELF}', None, Discovery("https://trc.example/hub", "https://trc.example/self"), id="304"),
        pytest.param(None, None, None, id="304 without a word of it"),
        pytest.param('<https://a.example/>; rel="hub"', None, None, id="304 with half of it"),
        pytest.param(None, FeedLinks(own="https://trc.example/own"), Discovery(), id="no hub"),
        pytest.param(None, FeedLinks(hubs=("https://b.example/",)), Discovery(), id="no self: there is no topic"),
        pytest.param(f'<http://a.example/>; rel="hub", {SELF}', BODY, Discovery(), id="a hub that is not https"),
        pytest.param(
            f'<http://a.example/>; rel="hub", <https://c.example/>; rel="hub", {SELF}',
            BODY,
            Discovery("https://c.example/", "https://trc.example/self"),
            id="two hubs, one of them https",
        ),
        pytest.param(f'<file:///etc/passwd>; rel="hub", {SELF}', None, None, id="no address of a hub"),
        pytest.param(
            '<https://a.example/>; rel="hub self"', None, Discovery("https://a.example/", "https://a.example/"), id="two relations in one"
        ),
        pytest.param(f'<https://a.example/>; rel="hub"; anchor="#x", {SELF}', None, None, id="of something else"),
    ],
)
def test_wire_47_where_the_hub_and_the_topic_are_found(link: str | None, said: FeedLinks | None, found: Discovery | None) -> None:
    assert rules.discovered(link, URL, said, URL) == found


def test_a_hub_without_tls_is_one_only_for_a_feed_without_tls() -> None:
    """A push is never less safe than the feed."""
    said = FeedLinks(own="http://10.1.2.3/en", hubs=("http://10.1.2.3/hub",))
    assert rules.discovered(None, "http://10.1.2.3/en", said, "http://10.1.2.3/en").hub == "http://10.1.2.3/hub"  # type: ignore[union-attr]
    assert rules.discovered(None, URL, said, URL) == Discovery()


@pytest.mark.parametrize(
    ("changes", "base", "governed", "why"),
    [
        pytest.param({}, "https://vna.example", True, None, id="it is to tell us"),
        pytest.param({"push": Told.CONTENT}, "https://vna.example", True, None, id="with its content"),
        pytest.param({"push": Told.OFF}, "https://vna.example", True, "push = 'off'", id="the file says no"),
        pytest.param({}, "http://vna.example", True, "base_url is not https", id="our address is not https"),
        pytest.param({"state": FlowState.PAUSED}, "https://vna.example", True, "the flow is paused", id="paused"),
        pytest.param({}, "https://vna.example", False, "no agreement", id="ungoverned"),
    ],
)
def test_who_is_asked(changes: dict[str, Any], base: str, governed: bool, why: str | None) -> None:
    found = rules.why_not(flow(**changes), base, governed)
    assert found is None if why is None else why in (found or "")


def asked(minutes: int = 0, **changes: Any) -> Callback:
    return replace(ONE, state=CallbackState.ASKED, asked_at=NOW - timedelta(minutes=minutes), lease_until=None, **changes)


DENIED = replace(ONE, state=CallbackState.DENIED, lease_until=None)
LEAVING = replace(ONE, state=CallbackState.LEAVING)
OLD = replace(ONE, id="cb_0", asked_at=NOW - timedelta(days=9), lease_until=NOW + timedelta(days=1))
SOON = Rest(NOW + rules.LOOK_AGAIN)


@pytest.mark.parametrize(
    ("hub", "standing", "wanted", "step"),
    [
        pytest.param(KNOWN, (), True, Ask(), id="nothing was asked yet"),
        pytest.param(KNOWN, (), False, SOON, id="it is not to tell us"),
        pytest.param(replace(KNOWN, url=None, topic=None), (), True, SOON, id="there is no hub any more"),
        pytest.param(KNOWN, (asked(),), True, SOON, id="it has not asked back yet"),
        pytest.param(KNOWN, (asked(59),), True, Rest(NOW + timedelta(minutes=1)), id="nor yet"),
        pytest.param(KNOWN, (asked(60),), True, Forget(asked(60), failed=True), id="nor within an hour"),
        pytest.param(replace(KNOWN, retry_at=NOW + timedelta(minutes=3)), (), True, Rest(NOW + timedelta(minutes=3)), id="it failed"),
        pytest.param(replace(KNOWN, retry_at=NOW), (asked(5),), True, Ask(), id="it failed, and the pause is over"),
        pytest.param(
            replace(KNOWN, retry_at=NOW), (asked(60),), True, Forget(asked(60)), id="it failed, and what it may have taken is forgotten"
        ),
        pytest.param(KNOWN, (ONE,), True, SOON, id="it tells us"),
        pytest.param(KNOWN, (OLD,), True, Ask(), id="its lease nears its end"),
        pytest.param(KNOWN, (OLD, asked(5)), True, SOON, id="it is being renewed"),
        pytest.param(KNOWN, (OLD, ONE), True, Leave(OLD), id="it is renewed"),
        pytest.param(KNOWN, (replace(OLD, lease_until=NOW),), True, Forget(replace(OLD, lease_until=NOW)), id="its lease is over"),
        pytest.param(KNOWN, (ONE,), False, Leave(ONE), id="it is to tell us no more"),
        pytest.param(KNOWN, (asked(5),), False, Leave(asked(5)), id="nor was it to begin with"),
        pytest.param(KNOWN, (DENIED,), True, SOON, id="it denied"),
        pytest.param(
            KNOWN,
            (replace(DENIED, asked_at=NOW - rules.DENIED_FOR),),
            True,
            Forget(replace(DENIED, asked_at=NOW - rules.DENIED_FOR)),
            id="it denied a week ago",
        ),
        pytest.param(KNOWN, (DENIED,), False, Forget(DENIED), id="it denied, and is not to tell us"),
        pytest.param(KNOWN, (replace(DENIED, topic="https://trc.example/old"),), True, Forget(replace(DENIED, topic="https://trc.example/old")),
                     id="it denied another topic"),
        pytest.param(KNOWN, (replace(ONE, hub="https://old.example/"),), True, Leave(replace(ONE, hub="https://old.example/")), id="moved"),
        pytest.param(KNOWN, (LEAVING,), False, SOON, id="it is left, and may ask whether it is"),
        pytest.param(KNOWN, (LEAVING,), True, Ask(), id="it was left, and is to tell us again"),
        pytest.param(
            KNOWN,
            (replace(LEAVING, asked_at=NOW - timedelta(hours=1)),),
            True,
            Forget(replace(LEAVING, asked_at=NOW - timedelta(hours=1))),
            id="it was left, and did not ask",
        ),
    ],
)  # fmt: skip
def test_what_is_to_be_done_about_a_hub(hub: Hub, standing: tuple[Callback, ...], wanted: bool, step: object) -> None:
    assert rules.next_step(hub, standing, wanted, NOW) == step


CALLS = st.builds(
    Callback,
    id=st.sampled_from("abcdef"),
    flow=st.just("trc-en"),
    hub=st.sampled_from((HUB, "https://old.example/")),
    topic=st.just(URL),
    state=st.sampled_from(CallbackState),
    asked_at=st.timedeltas(timedelta(0), timedelta(days=12)).map(lambda ago: NOW - ago),
    lease_until=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=10)).map(lambda ahead: NOW + ahead),
)
HUBS = st.builds(
    Hub,
    flow=st.just("trc-en"),
    url=st.sampled_from((HUB, None)),
    topic=st.just(URL),
    due_at=st.just(NOW),
    retry_at=st.none() | st.timedeltas(timedelta(hours=-2), timedelta(hours=2)).map(lambda ahead: NOW + ahead),
)


@given(hub=HUBS, calls=st.lists(CALLS, max_size=5, unique_by=lambda one: one.id), wanted=st.booleans())
def test_whatever_stands_it_comes_to_rest_with_one_that_tells_at_most(hub: Hub, calls: list[Callback], wanted: bool) -> None:
    """Step by step, as a worker does them: none is done twice, and who is not to tell us is not heard in the end."""
    standing = {one.id: one for one in calls}
    for _ in range(2 * len(calls) + 2):
        step = rules.next_step(hub, sorted(standing.values(), key=lambda one: (one.asked_at, one.id)), wanted, NOW)
        match step:
            case Ask():
                standing["new"] = asked(id="new")
            case Leave(one):
                standing[one.id] = replace(one, state=CallbackState.LEAVING, asked_at=NOW)
            case Forget(one):
                del standing[one.id]
            case Rest(until):
                assert NOW < until <= NOW + rules.LOOK_AGAIN
                break
    else:
        pytest.fail("it never rests")
    heard = [one for one in standing.values() if rules.hears(one, NOW)]
    assert len(heard) <= 1
    assert not heard or (wanted and hub.url == heard[0].hub)


@given(lease=st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=30)))
def test_p06_a_lease_is_renewed_before_its_end_with_time_to_fail(lease: timedelta) -> None:
    one = replace(ONE, lease_until=NOW + lease)
    assert NOW < rules.renewed_at(one) <= NOW + lease - min(timedelta(minutes=12), lease / 5)


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1), asked=st.none() | st.integers(60, 10**9))
def test_a_hub_that_fails_is_asked_less_and_less_often_and_once_a_day_at_least(failures: int, jitter: float, asked: int | None) -> None:
    wait = rules.retried_at(failures, NOW, jitter, asked) - NOW
    assert rules.FIRST_PAUSE / 2 <= wait <= rules.LONGEST_PAUSE
    assert rules.retried_at(failures + 1, NOW, jitter, asked) - NOW >= wait
    assert asked is None or wait >= min(timedelta(seconds=asked), rules.LONGEST_PAUSE)


@given(key=st.binary(min_size=32, max_size=32), name=st.text(max_size=80))
def test_p07_no_name_is_ours_but_those_we_made(key: bytes, name: str) -> None:
    assert rules.identity_of(key, name) is None
    assert rules.identity_of(key, rules.named(key, "cb_1")) == "cb_1"
    assert rules.identity_of(key + b"x", rules.named(key, "cb_1")) is None
    assert len(rules.secret_of(key, "cb_1").encode()) < 200
    assert rules.secret_of(key, "cb_1") not in (rules.secret_of(key, "cb_2"), rules.named(key, "cb_1").rpartition("-")[2])


@given(body=st.binary(max_size=50), given_=st.text(max_size=80))
def test_p01_no_signature_is_right_but_the_right_one(body: bytes, given_: str) -> None:
    """Nor does any break what looks at it."""
    assert not rules.signed(given_, "s" * 64, body)
    assert not rules.signed(f"sha256={given_}", "s" * 64, body)


@pytest.mark.parametrize(
    ("flow_url", "hub", "credentials"),
    [
        pytest.param("https://trc.example/f?token=syn_1", "https://trc.example/hub", "Bearer syn_1", id="its own server"),
        pytest.param("https://trc.example/f?token=syn_1", "https://hub.example/", None, id="another host"),
        pytest.param("https://trc.example/f?token=syn_1", "https://trc.example:8443/hub", None, id="another port"),
        pytest.param("https://trc.example/f?token=syn_1", "http://trc.example/hub", None, id="without TLS"),
        pytest.param("https://trc.example/f?token=syn_1", "https://trc.example.evil.example/hub", None, id="a name like it"),
        pytest.param("https://trc.example/f?key=x", "https://trc.example/hub", None, id="no token"),
    ],
)
def test_f08_the_hub_gets_the_feeds_token_only_on_the_feeds_own_server(flow_url: str, hub: str, credentials: str | None) -> None:
    assert rules.credentials(flow_url, hub) == credentials


@pytest.mark.parametrize(
    ("pushed", "missed", "standing", "relied"),
    [
        pytest.param(-5, None, (ONE,), True, id="it told"),
        pytest.param(None, None, (ONE,), False, id="it has told nothing yet"),
        pytest.param(-5, -9, (ONE,), True, id="it missed, and told since"),
        pytest.param(-9, -5, (ONE,), False, id="it told, and missed since"),
        pytest.param(-5, None, (), False, id="it is to tell us no more"),
        pytest.param(-5, None, (DENIED,), False, id="it denied"),
    ],
)
def test_wire_47_which_hub_is_relied_on(pushed: int | None, missed: int | None, standing: tuple[Callback, ...], relied: bool) -> None:
    moments = [NOW + timedelta(minutes=one) if one is not None else None for one in (pushed, missed)]
    assert rules.delivers(replace(KNOWN, pushed_at=moments[0], missed_at=moments[1]), standing, NOW) == relied


@pytest.mark.parametrize(
    ("pace", "within", "then"),
    [
        pytest.param(0.25, None, 2.0, id="a lively flow"),
        pytest.param(1.0, None, 2.0, id="any flow"),
        pytest.param(4.0, None, 4.0, id="a quiet one comes no sooner"),
        pytest.param(1.0, 20, 20 / 15, id="kills have to be carried out sooner"),
        pytest.param(1.0, 5, 1.0, id="sooner than it is polled: as before"),
    ],
)
def test_wire_47_polling_goes_on_slower(pace: float, within: int | None, then: float) -> None:
    limit = timedelta(minutes=within) if within else None
    assert rules.slowed(pace, timedelta(minutes=15), limit) == pytest.approx(then)
