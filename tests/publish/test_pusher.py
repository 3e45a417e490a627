"""What is pushed, to whom, in which order, and what happens where nobody takes it; with the real gate and the real outbox."""

import base64
import hashlib
import hmac
import io
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import feedparser
import pytest

from syndication.errors import ConflictError, FetchError, StorageError
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.agreement import ActKind
from syndication.model.clearance import Clearance
from syndication.model.partner import Direction, FlowState
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus
from syndication.model.subscription import End, Means, SubscriptionState
from syndication.publish import push as rules
from syndication.publish.pusher import Pusher
from syndication.storage import accounts, agreements, partners, publications, subscriptions
from syndication.storage.database import Database
from tests.publish.subscriber import KEY, Network, Push, Sent, sealed
from tests.web.exchange import AGREEMENTS, FLOWS, PARTNERS, TO_TRC, Exchange
from tests.worlds import grant, out_stamp

SECRET = "whsec_" + "c2VjcmV0" * 5


@pytest.fixture
def push(database: Database) -> Push:
    return Push(Exchange(database))


def kinds(network: Network) -> list[str]:
    return [one.told["type"] for one in network.sent]


def headlines(network: Network) -> list[str | None]:
    return [one.headline for one in network.sent]


def test_a_story_is_told_at_once_and_once(push: Push) -> None:
    made = push.subscribe()
    story = push.publish("One")
    push.work()
    push.work()
    (sent,) = push.network.sent
    assert sent.url == made.callback
    assert sent.told["type"] == "story.published"
    assert sent.told["data"]["uri"] == story.entry_id
    assert sent.headline == "One"
    state = push.state(made.id)
    assert (state.last_success_at, state.failures, push.waiting(made.id)) == (push.exchange.clock(), 0, 0)
    with push.exchange.database.read() as tx:
        (fetch,) = publications.fetches(tx, story.id)
    assert (fetch.flow, fetch.token, fetch.at) == ("to-trc", "t_trc", push.exchange.clock())


def test_each_version_in_order_while_nothing_fails(push: Push) -> None:
    """A correction never overtakes the original, also where both wait."""
    push.subscribe()
    one = push.publish("One")
    push.publish("Two")
    push.exchange.clock.pass_by(seconds=1)
    push.correct(one, "One, corrected")
    push.work()
    assert headlines(push.network) == ["One", "Two", "One, corrected"]
    assert kinds(push.network) == ["story.published", "story.published", "story.corrected"]


def test_what_is_taken_back_jumps_the_queue_and_none_of_the_queue_delivers_the_text(push: Push) -> None:
    """P13: killed while 500 deliveries are queued. The control: of the others, each one is told."""
    made = push.subscribe()
    first = push.publish("Secret zebra")
    for number in range(30):
        push.publish(f"Other {number}")
    push.exchange.clock.pass_by(seconds=1)
    push.kill(first)
    push.work()
    assert kinds(push.network)[0] == "story.withdrawn"
    assert push.network.sent[0].told["data"]["pubStatus"] == "canceled"
    assert b"zebra" not in b"".join(one.body for one in push.network.sent)
    assert headlines(push.network)[1:] == [f"Other {number}" for number in range(30)]
    assert push.waiting(made.id) == 0


@pytest.mark.slow
def test_p13_a_kill_waits_for_no_others_hour(push: Push) -> None:
    """By a clock that is behind it stands behind what was placed meanwhile, for who goes on from there; it is told at once."""
    push.subscribe()
    story = push.publish("One")
    push.exchange.clock.pass_by(seconds=30)
    push.publish("Two")
    push.exchange.clock.pass_by(seconds=-20)
    push.kill(story)
    push.work()
    assert kinds(push.network) == ["story.withdrawn"]


def test_p13_five_hundred_subscribers_wait_when_it_is_killed(push: Push) -> None:
    for number in range(500):
        push.subscribe(callback=f"https://subscriber.example/{number}")
    told = push.publish("Secret zebra")
    push.exchange.clock.pass_by(seconds=1)
    push.kill(told)
    push.work()
    assert set(kinds(push.network)) == {"story.withdrawn"}
    assert len({one.url for one in push.network.sent}) == 500
    assert b"zebra" not in b"".join(one.body for one in push.network.sent)


@pytest.mark.parametrize("guarded", [True, False], ids=["the gate is asked", "the control: it is not"])
def test_the_gate_is_asked_at_the_moment_of_sending(push: Push, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """P12, Z12: queued, then the agreement grants less: it does not go. The control: with the gate off the same words go out."""
    push.subscribe()
    push.publish("Secret zebra")
    first = AGREEMENTS[0]
    grants = (first.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=("vi",)))
    with push.exchange.database.write() as tx:
        agreements.sign(tx, replace(first, version=2, since=date(2026, 11, 24), grants=grants), push.exchange.clock(), "test")
    if not guarded:
        monkeypatch.setattr("syndication.publish.document.clear", lambda *_: Clearance((), out_stamp()))
    push.work()
    assert headlines(push.network) == ([] if guarded else ["Secret zebra"])


def test_what_waits_for_a_suspended_agreement_goes_on_with_it(push: Push) -> None:
    made = push.subscribe()
    push.publish("One")
    push.exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 1))
    push.work()
    push.exchange.clock.pass_by(minutes=2)
    push.work()
    assert push.network.sent == []
    assert push.state(made.id).state is SubscriptionState.ACTIVE
    push.exchange.act("vna-trc-2025", ActKind.RESUME, date(2026, 11, 24))
    push.exchange.clock.pass_by(minutes=2)
    push.work()
    assert headlines(push.network) == ["One"]


def test_p12_the_end_of_the_agreement_ends_it(push: Push) -> None:
    """Content is never sent; a kill of what the partner has fetched is still told, until it is acknowledged."""
    made = push.subscribe()
    had = push.publish("Had")
    push.work()
    never = push.publish("Secret zebra")
    push.exchange.act("vna-trc-2025", ActKind.TERMINATE, date(2026, 11, 20))
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    assert headlines(push.network) == ["Had"]
    state = push.state(made.id)
    assert (state.state, state.end) == (SubscriptionState.ENDED, End.AGREEMENT)
    push.network.answers = ["no way there", 500]
    push.kill(had)
    push.kill(never)
    push.until_told(timedelta(hours=1), timedelta(minutes=1))
    assert kinds(push.network)[-1] == "story.withdrawn"
    assert push.network.sent[-1].told["data"]["uri"] == had.entry_id
    assert [one for one in push.network.sent if one.told["data"]["uri"] == never.entry_id] == []
    assert push.waiting(made.id) == 0


def _revoked(push: Push) -> None:
    with push.exchange.database.write() as tx:
        accounts.revoke(tx, "t_trc", push.exchange.clock())


def _closed(push: Push) -> None:
    with push.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(one for one in FLOWS if one.id != TO_TRC.id), push.exchange.clock())


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        pytest.param(lambda push: push.exchange.act("vna-trc-2025", ActKind.TERMINATE, date(2026, 11, 20)), "agreement", id="agreement"),
        pytest.param(_revoked, "token", id="token"),
        pytest.param(_closed, "no such feed", id="flow"),
    ],
)
@pytest.mark.parametrize("reached", [True, False])
def test_a_subscriber_is_told_once_of_an_end_that_was_our_doing(
    push: Push, end: Callable[[Push], None], reason: str, reached: bool
) -> None:
    """By `hub.mode=denied`, and by that alone (WebSub, 5.2); who is not reached is told of kills all the same. A webhook is not asked."""
    made = push.subscribe(means=Means.WEBSUB, form="atom", secret=None)
    had = push.publish("Had")
    push.work()
    if not reached:
        push.network.echoes = _nobody
    push.subscribe(callback="https://subscriber.example/webhook")
    push.publish("Secret zebra")
    end(push)
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    push.work()
    (asked,) = push.network.asked
    assert asked["hub.mode"] == "denied"
    assert asked["hub.topic"].endswith("/feeds/to-trc.atom")
    assert reason in asked["hub.reason"]
    assert push.network.urls[0].startswith(made.callback)
    push.kill(had)
    push.work()
    assert len(push.network.asked) == 1
    assert b"zebra" not in b"".join(one.body for one in push.network.sent)
    assert b"deleted-entry" in b"".join(one.body for one in push.network.sent)


def _nobody(_asked: dict[str, str]) -> tuple[int, bytes]:
    raise FetchError("nobody there")


def test_a_lease_that_ends_is_no_doing_of_ours(push: Push) -> None:
    push.subscribe(means=Means.WEBSUB, form="atom", secret=None, lease_until=push.exchange.clock() + timedelta(hours=1))
    push.publish("One")
    push.exchange.clock.pass_by(hours=2)
    push.work()
    assert not push.network.asked
    assert not push.network.sent


def test_a_revoked_token_ends_it_at_once(push: Push) -> None:
    """A06: what was queued is not sent. The control: with a token that stands, it is."""
    made = push.subscribe()
    push.publish("Before")
    push.work()
    push.publish("Secret zebra")
    with push.exchange.database.write() as tx:
        assert accounts.revoke(tx, "t_trc", push.exchange.clock())
    push.work()
    assert headlines(push.network) == ["Before"]
    assert push.state(made.id).end is End.TOKEN
    push.publish("Later")
    push.work()
    assert headlines(push.network) == ["Before"]


def test_a_token_that_no_longer_opens_the_flow_and_one_that_expires(push: Push) -> None:
    for name, changes in (("a", {"flows": ("to-azertac",)}), ("b", {"expires_at": push.exchange.clock()})):
        plain = replace(push_token(push), id=name, **changes)
        with push.exchange.database.write() as tx:
            accounts.issue(tx, plain, name)
        made = push.subscribe(token=name, callback=f"https://subscriber.example/{name}")
        push.publish("Secret zebra")
        push.work()
        assert push.state(made.id).end is End.TOKEN
    assert push.network.sent == []


def push_token(push: Push) -> FeedToken:
    with push.exchange.database.read() as tx:
        found = accounts.token(tx, "t_trc")
    assert found
    return found


def test_a_paused_flow_waits_and_goes_on_but_a_kill_of_what_was_fetched_does_not_wait(push: Push) -> None:
    made = push.subscribe()
    had = push.publish("Had")
    push.work()
    push.publish("Later")
    take(push, FlowState.PAUSED)
    push.exchange.clock.pass_by(minutes=2)
    push.work()
    assert headlines(push.network) == ["Had"]
    push.kill(had)
    push.work()
    assert kinds(push.network) == ["story.published", "story.withdrawn"]
    take(push, FlowState.OPEN)
    push.exchange.clock.pass_by(minutes=2)
    push.work()
    assert headlines(push.network) == ["Had", None, "Later"]
    assert push.state(made.id).failures == 0


def take(push: Push, state: FlowState) -> None:
    flows = tuple(replace(one, state=state) if one.id == TO_TRC.id else one for one in FLOWS)
    with push.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, flows, push.exchange.clock())


def test_a_flow_that_is_closed_ends_it(push: Push) -> None:
    made = push.subscribe()
    push.publish("Secret zebra")
    with push.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(one for one in FLOWS if one.id != TO_TRC.id), push.exchange.clock())
    push.work()
    assert push.network.sent == []
    assert push.state(made.id).end is End.FLOW


def test_an_embargo_is_due_at_its_hour(push: Push) -> None:
    push.subscribe()
    push.publish("At noon", embargo_until=push.exchange.clock() + timedelta(hours=2))
    push.work()
    push.exchange.clock.pass_by(hours=1, minutes=59, seconds=59)
    push.work()
    assert push.network.sent == []
    push.exchange.clock.pass_by(seconds=1)
    push.work()
    assert headlines(push.network) == ["At noon"]


def test_an_embargo_that_was_moved_waits_for_the_later_hour(push: Push) -> None:
    """The version before it had an hour that has come: it would tell what the feed does not show now."""
    push.subscribe()
    first = push.publish("Early zebra", embargo_until=push.exchange.clock() + timedelta(hours=2))
    push.correct(first, "Late", embargo_until=push.exchange.clock() + timedelta(hours=4))
    push.exchange.clock.pass_by(hours=3)
    push.work()
    assert push.network.sent == []
    push.exchange.clock.pass_by(hours=1)
    push.work()
    assert headlines(push.network) == ["Late"]


@pytest.mark.parametrize("stale", [False, True], ids=["active", "stale"])
def test_an_embargo_set_again_after_it_was_had_is_told_at_once_and_the_story_at_its_hour(push: Push, stale: bool) -> None:
    """Z04: withheld until then, under an id of its own, and no version that the partner has. Who is stale is not sent the story."""
    made = push.subscribe()
    first = push.publish("Early zebra")
    push.publish("Other")
    push.work()
    if stale:
        with push.exchange.database.write() as tx:
            subscriptions.turn_stale(tx, made.id)
    push.exchange.clock.pass_by(minutes=1)
    push.publish("Before it in the queue")
    push.correct(first, "Late", embargo_until=push.exchange.clock() + timedelta(hours=60))
    push.work()
    told = push.network.sent[2]
    assert (told.told["type"], told.told["data"]["pubStatus"]) == ("story.withdrawn", "withheld")
    assert b"zebra" not in told.body
    assert b"2026-11-26" not in told.body, "no hour is told"
    with push.exchange.database.read() as tx:
        assert [one.version for one in publications.fetches(tx, first.id)] == [1]
    push.exchange.clock.pass_by(hours=59, minutes=59)
    push.work()
    assert len(push.network.sent) == (3 if stale else 4)
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    if stale:
        assert len(push.network.sent) == 3
        return
    assert headlines(push.network) == ["Early zebra", "Other", None, "Before it in the queue", "Late"]
    assert len({one.identity for one in push.network.sent}) == 5
    assert push.waiting(made.id) == 0


def test_an_embargo_set_again_and_taken_off_again_is_told_in_that_order(push: Push) -> None:
    made = push.subscribe()
    first = push.publish("Early")
    push.work()
    push.exchange.clock.pass_by(minutes=1)
    again = push.correct(first, "Late", embargo_until=push.exchange.clock() + timedelta(hours=2))
    push.work()
    push.exchange.clock.pass_by(minutes=1)
    push.correct(again, "Now", embargo_until=None)
    push.work()
    push.exchange.clock.pass_by(hours=3)
    push.work()
    assert headlines(push.network) == ["Early", None, "Now"]
    assert push.waiting(made.id) == 0


@pytest.mark.parametrize("fetched", [True, False])
def test_an_embargo_set_again_in_a_pause_is_told_to_who_has_the_story(push: Push, fetched: bool) -> None:
    """As a kill is; whoever has not fetched it is told nothing before the flow goes on."""
    push.subscribe()
    first = push.publish("Early")
    if fetched:
        push.work()
    push.exchange.clock.pass_by(minutes=1)
    take(push, FlowState.PAUSED)
    push.correct(first, "Late", embargo_until=push.exchange.clock() + timedelta(hours=2))
    push.work()
    assert headlines(push.network) == (["Early", None] if fetched else [])
    take(push, FlowState.OPEN)
    push.exchange.clock.pass_by(minutes=5)
    push.work()
    assert headlines(push.network) == (["Early", None] if fetched else [None])
    push.exchange.clock.pass_by(hours=2)
    push.work()
    assert headlines(push.network)[-1] == "Late"


def test_an_embargo_that_was_lifted_early_is_not_followed_by_what_was_before(push: Push) -> None:
    push.subscribe()
    first = push.publish("Draft", embargo_until=push.exchange.clock() + timedelta(hours=2))
    push.exchange.clock.pass_by(minutes=1)
    push.correct(first, "Now", embargo_until=None)
    push.work()
    push.exchange.clock.pass_by(hours=3)
    push.work()
    assert headlines(push.network) == ["Now"]


def test_held_and_lifted_is_told_in_that_order(push: Push) -> None:
    push.subscribe()
    first = push.publish("One")
    push.work()
    push.exchange.clock.pass_by(minutes=1)
    held = push.correct(first, "One", pubstatus=Pubstatus.WITHHELD)
    push.exchange.clock.pass_by(minutes=1)
    push.correct(held, "One again")
    push.work()
    assert headlines(push.network) == ["One", None, "One again"]
    assert push.network.sent[1].told["data"]["pubStatus"] == "withheld"


# Where nobody takes it


def test_what_failed_and_is_superseded_is_dropped(push: Push) -> None:
    """Then the newest content, and not a backlog (WebSub, 7)."""
    push.subscribe()
    push.network.answers = ["nobody there"]
    first = push.publish("One")
    push.work()
    push.exchange.clock.pass_by(seconds=1)
    push.correct(first, "One, corrected")
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    assert headlines(push.network) == ["One, corrected"]


@pytest.mark.parametrize("status", [400, 404, 301, 302, 307, 308])
def test_one_that_is_refused_lets_the_others_go_on(push: Push, status: int) -> None:
    """It is tried again on its own; a redirect is a failure, and not followed."""
    made = push.subscribe()
    push.network.answers = [status]
    push.publish("One")
    push.publish("Two")
    push.work()
    if status < 400:
        assert push.state(made.id).failures == 1
        push.exchange.clock.pass_by(minutes=1)
        push.work()
        assert headlines(push.network) == ["One", "One", "Two"]
        return
    assert headlines(push.network) == ["One", "Two"]
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    assert headlines(push.network) == ["One", "Two", "One"]
    assert push.waiting(made.id) == 0


def test_the_same_delivery_has_the_same_id_at_every_attempt(push: Push) -> None:
    push.subscribe()
    push.network.answers = [500, 503]
    push.publish("One")
    push.publish("Two")
    push.until_told(timedelta(minutes=5), timedelta(minutes=1))
    assert headlines(push.network) == ["One", "One", "One", "Two"]
    assert len({one.identity for one in push.network.sent}) == 2
    assert len({one.body for one in push.network.sent}) == 2


def test_p15_down_for_two_days_it_is_stale_and_kills_are_kept(push: Push) -> None:
    made = push.subscribe()
    had = push.publish("Had")
    push.work()
    push.publish("Missed")
    down = True

    def before(sent: Sent) -> None:
        if down:
            push.network.answers = ["nobody there"]

    push.network.before = before
    push.until_told(timedelta(hours=47))
    assert push.state(made.id).state is SubscriptionState.ACTIVE
    push.until_told(timedelta(hours=8))
    state = push.state(made.id)
    assert state.state is SubscriptionState.STALE
    assert state.last_error == "nobody there"
    assert push.waiting(made.id) == 0
    push.publish("Not for who is stale")
    push.kill(had)
    push.until_told(timedelta(hours=72), timedelta(hours=1))
    assert push.waiting(made.id) == 1
    down = False
    push.until_told(timedelta(hours=7), timedelta(hours=1))
    assert kinds(push.network) == ["story.published", "story.withdrawn"]
    # A person revives it, or a new subscription does; what it missed is in the feed.
    with push.exchange.database.write() as tx:
        assert subscriptions.revive(tx, made.id)
    push.publish("Again")
    push.work()
    assert headlines(push.network) == ["Had", None, "Again"]


def test_a_new_subscription_revives_a_stale_one_and_is_one(push: Push) -> None:
    made = push.subscribe()
    with push.exchange.database.write() as tx:
        subscriptions.turn_stale(tx, made.id)
    again = push.subscribe()
    assert (again.id, again.state) == (made.id, SubscriptionState.ACTIVE)
    push.publish("One")
    push.work()
    assert headlines(push.network) == ["One"]


def test_what_waited_too_long_for_a_pause_is_left_to_the_feed(push: Push) -> None:
    made = push.subscribe()
    push.publish("Old")
    take(push, FlowState.PAUSED)
    push.exchange.clock.pass_by(hours=49)
    take(push, FlowState.OPEN)
    push.publish("New")
    push.work()
    assert headlines(push.network) == ["New"]
    assert push.waiting(made.id) == 0


def test_410_ends_it(push: Push) -> None:
    made = push.subscribe()
    push.network.answers = [410]
    push.publish("One")
    push.publish("Two")
    push.work()
    state = push.state(made.id)
    assert (len(push.network.sent), state.state, state.end, state.secret) == (1, SubscriptionState.ENDED, End.GONE, None)
    push.publish("Three")
    assert push.waiting(made.id) == 0


def test_a_lease_ends(push: Push) -> None:
    made = push.subscribe(means=Means.WEBSUB, form="atom", lease_until=push.exchange.clock() + timedelta(days=10))
    push.publish("One")
    push.work()
    push.exchange.clock.pass_by(days=10)
    push.publish("Two")
    push.work()
    assert len(push.network.sent) == 1
    assert push.state(made.id).end is End.LEASE


def test_a_kill_waits_for_no_rest(push: Push) -> None:
    made = push.subscribe()
    had = push.publish("Had")
    push.work()
    push.network.answers = ["nobody there"] * 12
    push.publish("One")
    push.until_told(timedelta(hours=4))
    assert push.state(made.id).rest_until is not None
    push.network.answers = []
    push.kill(had)
    push.work()
    assert kinds(push.network) == ["story.published", "story.withdrawn", "story.published"]


# Two at once, and half way


def test_one_worker_at_a_time_sends_to_a_subscription(push: Push) -> None:
    push.subscribe()
    push.publish("One")
    (mine,) = push.claimed()
    assert push.claimed() == ()
    push.pusher.work(mine)
    assert headlines(push.network) == ["One"]


def test_a_lease_that_ran_out_is_anothers(push: Push) -> None:
    """The first finds out before it sends; what it sent already stays sent."""
    push.subscribe()
    push.publish("One")
    (old,) = push.claimed()
    push.exchange.clock.pass_by(minutes=3)
    (new,) = push.claimed()
    with pytest.raises(ConflictError):
        push.pusher.work(old)
    push.pusher.work(new)
    assert headlines(push.network) == ["One"]


def test_what_was_sent_and_not_marked_is_sent_again_under_the_same_id(push: Push) -> None:
    """D03: killed between 'sent' and 'marked'."""
    push.subscribe()
    push.publish("One")
    (claim,) = push.claimed()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    patched = pytest.MonkeyPatch()
    patched.setattr(Pusher, "_taken", die)
    with pytest.raises(Killed):
        push.pusher.work(claim)
    patched.undo()
    push.exchange.clock.pass_by(minutes=3)
    push.work()
    assert headlines(push.network) == ["One", "One"]
    assert len({one.identity for one in push.network.sent}) == 1


def test_the_network_is_never_inside_a_transaction(push: Push) -> None:
    """While a message is under way anyone may write: on SQLite a transaction left open would keep everyone out."""
    push.subscribe()
    push.publish("One")
    written: list[bool] = []

    def before(sent: Sent) -> None:
        def write() -> None:
            push.publish("Meanwhile")
            written.append(True)

        thread = threading.Thread(target=write)
        if not written:
            thread.start()
            thread.join(8)

    push.network.before = before
    push.work()
    assert written == [True]
    assert headlines(push.network) == ["One", "Meanwhile"]


def test_who_failed_leaves_threads_to_the_others(push: Push) -> None:
    """X02: of eight threads four are kept from callbacks that failed last."""
    for number in range(10):
        push.subscribe(callback=f"https://slow.example/{number}")
    push.network.answers = ["nobody there"] * 10
    push.publish("One")
    push.work()
    push.exchange.clock.pass_by(minutes=1)
    good = push.subscribe(callback="https://good.example/")
    push.publish("Two")
    claims = push.claimed()
    assert claims[0].of == good.id
    assert len(claims) == 5
    assert push.pusher.claim(4, 8) == ()


def test_a_secret_under_another_key_is_told_and_nothing_is_sent_unsigned(push: Push) -> None:
    push.subscribe()
    push.publish("One")
    with pytest.raises(StorageError, match=r"secret\.key"):
        replace(push.pusher, key=b"x" * 32).work(push.claimed()[0])
    assert push.network.sent == []


# The messages


@pytest.mark.parametrize("form", FORMS)
def test_p14_a_fat_ping_is_the_feed_in_the_form_that_was_asked_for(push: Push, form: str) -> None:
    push.subscribe(means=Means.WEBSUB, form=form, secret=sealed("s3cret"))
    push.publish("Old")
    push.work()
    push.publish("One")
    push.work()
    sent = push.network.sent[-1]
    answer = push.exchange.app().test_client().get(f"/feeds/to-trc.{form}", headers={"Authorization": f"Bearer {push.token}"})
    assert sent.headers["Content-Type"] == answer.headers["Content-Type"]
    base = push.exchange.settings.base_url
    assert sent.headers["Link"] == f'<{base}/hub>; rel="hub", <{base}/feeds/to-trc.{form}>; rel="self"'
    assert b"One" in sent.body
    assert b"Old" not in sent.body
    assert push.token.encode() not in sent.body
    if form in ("atom", "rss"):
        assert [one.title for one in feedparser.parse(io.BytesIO(sent.body)).entries] == ["One"]
    assert sent.headers["X-Hub-Signature"] == "sha256=" + hmac.new(b"s3cret", sent.body, hashlib.sha256).hexdigest()


def test_without_a_secret_there_is_no_signature(push: Push) -> None:
    push.subscribe(means=Means.WEBSUB, form="atom", secret=None)
    push.publish("One")
    push.work()
    assert set(push.network.sent[0].headers) == {"Content-Type", "Link"}


def test_a_kill_by_websub_is_the_tombstone_and_is_proof(push: Push) -> None:
    push.subscribe(means=Means.WEBSUB, form="atom", secret=None)
    told = push.publish("Zebra")
    push.work()
    push.kill(told)
    push.work()
    body = push.network.sent[-1].body
    assert told.entry_id.encode() in body
    assert b"deleted-entry" in body
    assert b"Zebra" not in body
    with push.exchange.database.read() as tx:
        assert [one.kind for one in publications.fetches(tx, told.id)] == [PublicationKind.STORY, PublicationKind.WITHDRAWAL]


def test_p14_each_subscriber_gets_its_own_flow_and_nothing_of_anothers(push: Push) -> None:
    push.exchange.token("azertac")
    push.subscribe()
    push.subscribe(partner="azertac", flow="to-azertac", token="t_azertac", callback="https://azertac.example/")
    push.publish("Economy")
    push.publish("In Vietnamese", language="vi")
    take_languages(push)
    push.publish("Chỉ cho TRC", language="vi")
    push.work()
    got = {url: [one.headline for one in push.network.sent if one.url == url] for url in {one.url for one in push.network.sent}}
    assert got["https://azertac.example/"] == ["Economy"]
    assert got["https://subscriber.example/push/1?who=trc"] == ["Economy", "In Vietnamese", "Chỉ cho TRC"]


def take_languages(push: Push) -> None:
    flows = tuple(replace(one, languages=("en",)) if one.id == "to-azertac" else one for one in FLOWS)
    with push.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, flows, push.exchange.clock())


def test_p16_both_secrets_sign_for_a_day(push: Push) -> None:
    made = push.subscribe()
    fresh = "whsec_" + "bmV3ZXIh" * 5
    with push.exchange.database.write() as tx:
        assert subscriptions.rotate(tx, made.id, sealed(fresh), push.exchange.clock() + rules.OLD_SECRET)
    push.publish("One")
    push.work()
    push.exchange.clock.pass_by(hours=24)
    push.publish("Two")
    push.work()
    during, after = push.network.sent
    assert [verified(during, secret) for secret in (fresh, SECRET)] == [True, True]
    assert [verified(after, secret) for secret in (fresh, SECRET)] == [True, False]


def verified(sent: Sent, secret: str) -> bool:
    """As a receiver does it (Standard Webhooks)."""
    signed = f"{sent.identity}.{sent.headers['webhook-timestamp']}.".encode() + sent.body
    mine = base64.b64encode(hmac.new(base64.b64decode(secret[6:]), signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{mine}") for one in sent.headers["webhook-signature"].split())


def test_a_signature_is_over_the_exact_bytes(push: Push) -> None:
    """The control: another body, id or hour does not verify."""
    push.subscribe()
    push.publish("One")
    push.work()
    (sent,) = push.network.sent
    assert verified(sent, SECRET)
    assert not verified(replace(sent, body=sent.body + b" "), SECRET)
    assert not verified(replace(sent, headers={**sent.headers, "webhook-timestamp": "1"}), SECRET)
    assert not verified(replace(sent, headers={**sent.headers, "webhook-id": "msg_1"}), SECRET)


def test_no_secret_is_kept_in_the_clear_or_logged(push: Push, capsys: pytest.CaptureFixture[str]) -> None:
    made = push.subscribe()
    push.network.answers = [500]
    push.publish("One")
    push.until_told(timedelta(minutes=2), timedelta(minutes=1))
    said = capsys.readouterr()
    assert SECRET not in said.err + said.out + repr(push.state(made.id))
    assert KEY.decode() not in repr(push.state(made.id))
    assert "/push/1" not in said.err
