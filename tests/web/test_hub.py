"""The hub: who may ask for what, what the callback has to confirm, and what nobody learns from its answers (part E of the wire)."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from syndication import access
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.agreement import ActKind
from syndication.model.partner import FlowState
from syndication.model.subscription import End, Means, Subscription, SubscriptionState
from syndication.publish import push as rules
from syndication.storage import accounts, partners, subscriptions
from syndication.storage.database import Database
from tests.publish.subscriber import Push
from tests.web.exchange import FLOWS, PARTNERS, Exchange, words

CALLBACK = "https://subscriber.example/push/abc?who=trc&n=1"


@pytest.fixture
def push(database: Database) -> Push:
    return Push(Exchange(database))


def ask(push: Push, token: str | None = None, **form: Any) -> TestResponse:
    """One request to the hub, good unless told otherwise; a part given as None is left out."""
    base = push.exchange.settings.base_url
    plain = {"mode": "subscribe", "topic": f"{base}/feeds/to-trc.atom", "callback": CALLBACK, **form}
    data = {f"hub.{name}": value for name, value in plain.items() if value is not None}
    headers = {"Authorization": f"Bearer {token or push.token}"}
    return push.exchange.app().test_client().post("/hub", data=data, headers=headers)


def held(push: Push) -> list[Subscription]:
    with push.exchange.database.read() as tx:
        return list(subscriptions.all(tx))


def active(push: Push) -> list[Subscription]:
    return [one for one in held(push) if one.state is SubscriptionState.ACTIVE]


def test_asked_confirmed_and_told(push: Push) -> None:
    """202 first, then the challenge, with the callback's own query; only its echo makes it active; then content comes."""
    answer = ask(push)
    assert (answer.status_code, held(push)) == (202, [])
    assert "Set-Cookie" not in answer.headers
    push.work()
    (asked,) = push.network.asked
    assert {name: asked[name] for name in ("who", "n", "hub.mode", "hub.topic", "hub.lease_seconds")} == {
        "who": "trc",
        "n": "1",
        "hub.mode": "subscribe",
        "hub.topic": f"{push.exchange.settings.base_url}/feeds/to-trc.atom",
        "hub.lease_seconds": "864000",
    }
    assert len(asked["hub.challenge"]) >= 40
    (made,) = active(push)
    assert (made.means, made.partner, made.flow, made.form, made.token) == (Means.WEBSUB, "trc", "to-trc", "atom", "t_trc")
    assert made.lease_until == push.exchange.clock() + timedelta(days=10)
    push.publish("One")
    push.work()
    assert [one.url for one in push.network.sent] == [CALLBACK]


@pytest.mark.parametrize(
    "echoes",
    [
        pytest.param(lambda asked: (200, b"yes"), id="another body"),
        pytest.param(lambda asked: (200, b""), id="nothing"),
        pytest.param(lambda asked: (200, asked["hub.challenge"][:-1].encode()), id="half of it"),
        pytest.param(lambda asked: (200, asked["hub.challenge"].encode() + b"x"), id="and more"),
        pytest.param(lambda asked: (404, asked["hub.challenge"].encode()), id="404"),
        pytest.param(lambda asked: (302, asked["hub.challenge"].encode()), id="a redirect"),
        pytest.param(lambda asked: (200, "thử".encode()), id="not ASCII"),
    ],
)
def test_p10_without_the_challenge_nothing_changes(push: Push, echoes: Callable[[dict[str, str]], tuple[int, bytes]]) -> None:
    """The callback may be a victim's: until it echoes, it gets one GET without a body, and never content."""
    push.network.echoes = echoes
    ask(push)
    push.work()
    push.publish("Secret zebra")
    push.until_told(timedelta(hours=1))
    assert (active(push), push.network.sent, len(push.network.asked)) == ([], [], 1)
    # What stood before, stands.
    made = push.subscribe(means=Means.WEBSUB, form="atom", callback=CALLBACK, secret=None)
    ask(push, mode="unsubscribe")
    ask(push, lease_seconds="3600")
    push.until_told(timedelta(minutes=10), timedelta(minutes=1))
    assert active(push) == [made]


def test_p10_the_control_a_hub_that_does_not_compare_would_be_fooled(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.publish.pusher.hmac.compare_digest", lambda *_: True)
    push.network.echoes = lambda asked: (200, b"yes")
    ask(push)
    push.work()
    assert len(active(push)) == 1


def test_p10_every_challenge_is_another(push: Push) -> None:
    for number in range(5):
        ask(push, callback=f"https://host{number}.example/")
    push.work()
    assert len({one["hub.challenge"] for one in push.network.asked}) == 5


def test_p10_a_callback_host_is_asked_once_a_minute(push: Push) -> None:
    """However many ask for it, and by whichever partner; a host that confirmed is known, and need not wait."""
    azertac = push.exchange.token("azertac")
    base = push.exchange.settings.base_url
    push.network.echoes = lambda asked: (404, b"")
    for number in range(3):
        ask(push, callback=f"https://victim.example/{number}")
    ask(push, azertac, topic=f"{base}/feeds/to-azertac.atom", callback="https://VICTIM.example:443/x")
    when: list[timedelta] = []
    for _ in range(300):
        before = len(push.network.asked)
        push.work()
        when += [push.exchange.clock() - push.exchange.clock().replace(hour=8, minute=0, second=0)] * (len(push.network.asked) - before)
        push.exchange.clock.pass_by(seconds=1)
    assert when == [timedelta(seconds=seconds) for seconds in (0, 60, 120, 180)]
    push.network.echoes = lambda asked: (200, asked["hub.challenge"].encode())
    ask(push, callback="https://good.example/1")
    push.work()
    for number in range(2, 5):
        ask(push, callback=f"https://good.example/{number}")
    push.work()
    assert len(active(push)) == 4


def test_p10_a_partner_has_so_many_at_most(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.web.hub.MOST_UNCONFIRMED", 2)
    monkeypatch.setattr("syndication.web.hub.MOST_SUBSCRIPTIONS", 2)
    assert [ask(push, callback=f"https://host{number}.example/").status_code for number in range(3)] == [202, 202, 429]
    push.work()
    answer = ask(push, callback="https://host9.example/")
    assert answer.status_code == 403
    assert "2 subscriptions" in answer.text
    assert ask(push, mode="unsubscribe", callback="https://host0.example/").status_code == 202


@pytest.mark.parametrize("form", FORMS)
def test_wire_30_every_answer_names_the_hub_and_itself(push: Push, form: str) -> None:
    """On 200, HEAD and 304: one self, absolute, which answers 200 and is the topic; headers and body agree."""
    push.publish("One")
    client, base = push.exchange.app().test_client(), push.exchange.settings.base_url
    topic, headers = f"{base}/feeds/to-trc.{form}", {"Authorization": f"Bearer {push.token}"}
    got = client.get(f"/feeds/to-trc.{form}", headers=headers)
    again = client.get(f"/feeds/to-trc.{form}", headers={**headers, "If-None-Match": got.headers["ETag"]})
    head = client.head(f"/feeds/to-trc.{form}", headers=headers)
    assert (got.status_code, head.status_code, again.status_code) == (200, 200, 304)
    for answer in (got, head, again):
        links = answer.headers["Link"]
        assert f'<{base}/hub>; rel="hub"' in links
        assert f'<{topic}>; rel="self"' in links
        assert links.count('rel="self"') == 1
    if form in ("atom", "rss", "json"):
        assert f"{base}/hub" in got.text
    ask(push, topic=topic)
    push.work()
    assert [one.form for one in active(push)] == [form]


# Who may ask, and for what


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic AAAA", "Bearer " + "x" * 300], ids=["none", "wrong", "broken", "long"])
def test_without_a_token_there_is_no_hub(push: Push, given: str) -> None:
    """The same answer as at the feeds, and slowed down like there (A02, A05)."""
    client = push.exchange.app().test_client()
    answer = client.post("/hub", data={"hub.mode": "subscribe"}, headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.text == client.get("/feeds/to-trc.atom", headers={"Authorization": given} if given else {}).text


def test_guessing_is_slowed_down(push: Push) -> None:
    """A05."""
    statuses = [ask(push, f"wrong{number}").status_code for number in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert ask(push).status_code == 202


def test_x04_a_token_that_asks_too_much_waits(push: Push) -> None:
    push.exchange.settings = replace(push.exchange.settings, requests_per_minute=2)
    client, headers = push.exchange.app().test_client(), {"Authorization": f"Bearer {push.token}"}
    assert [client.post("/hub", headers=headers).status_code for _ in range(3)] == [400, 400, 429]


@pytest.mark.parametrize(
    "path",
    ["/feeds/none.atom", "/feeds/to-azertac.atom", "/feeds/trc-en.atom", "/feeds/to-trc.xml", "/feeds/to-trc.atom?token=x", "/hub", "/"],
)
def test_another_partners_topic_is_denied_like_one_that_is_not_there(push: Push, path: str) -> None:
    """A08: neither the answer nor what comes to the callback tells the two apart; never a verification."""
    answer = ask(push, topic=f"{push.exchange.settings.base_url}{path}")
    assert (answer.status_code, answer.text) == (202, ask(push, topic="https://vna.example/none", callback="https://b.example/").text)
    push.work()
    first, second = sorted(push.network.asked, key=lambda asked: "who" not in asked)
    assert {name: value for name, value in first.items() if name != "hub.topic"} == {
        "who": "trc",
        "n": "1",
        "hub.mode": "denied",
        "hub.reason": second["hub.reason"],
    }
    assert "hub.challenge" not in first
    assert held(push) == []


def test_a_token_opens_its_flows_only(push: Push) -> None:
    with push.exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_other", "trc", "", push.exchange.clock(), flows=("other",)), digest("syn_other"))
    assert ask(push, "syn_other").status_code == 202
    push.work()
    assert push.network.asked[0]["hub.mode"] == "denied"


def digest(plain: str) -> str:
    return access.digest_of(plain.encode())


@pytest.mark.parametrize("case", ["suspended", "paused", "token revoked since"])
def test_what_is_not_granted_now_is_denied(push: Push, case: str) -> None:
    ask(push)
    if case == "suspended":
        push.exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 1))
    elif case == "paused":
        with push.exchange.database.write() as tx:
            flows = tuple(replace(one, state=FlowState.PAUSED) for one in FLOWS)
            partners.take(tx, PARTNERS, flows, push.exchange.clock())
    else:
        with push.exchange.database.write() as tx:
            accounts.revoke(tx, "t_trc", push.exchange.clock())
    push.work()
    assert push.network.asked[0]["hub.mode"] == "denied"
    assert push.network.asked[0]["hub.reason"]
    assert held(push) == []


# What is wrong with a request


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"mode": "publish"}, "hub.mode", id="odd mode"),
        pytest.param({"mode": None}, "hub.mode", id="no mode"),
        pytest.param({"topic": None}, "hub.topic", id="no topic"),
        pytest.param({"topic": "a\0b"}, "hub.topic", id="a topic with NUL"),
        pytest.param({"callback": None}, "hub.callback", id="no callback"),
        pytest.param({"callback": "ftp://subscriber.example/"}, "hub.callback", id="ftp"),
        pytest.param({"callback": "javascript:alert(1)"}, "hub.callback", id="javascript"),
        pytest.param({"callback": "https://u:p@subscriber.example/"}, "hub.callback", id="user and password"),
        pytest.param({"callback": "https://good.example\\@evil.example/"}, "hub.callback", id="a backslash"),
        pytest.param({"callback": "https://subscriber.example:6379/"}, "hub.callback: port 6379", id="a port (F11)"),
        pytest.param({"callback": "https://subscriber.example/" + "a" * 1000}, "hub.callback", id="a long one"),
        pytest.param({"callback": "https://thử.example/"}, "hub.callback", id="not ASCII"),
        pytest.param({"callback": "https://[::1/"}, "hub.callback", id="half an IPv6 address"),
        pytest.param({"secret": "s" * 200}, "hub.secret must be shorter than 200 bytes", id="a secret of 200 bytes"),
        pytest.param({"secret": "ử" * 67}, "hub.secret must be shorter", id="a secret of 201 bytes in 67 letters"),
        pytest.param({"secret": "s", "callback": "http://subscriber.example/"}, "hub.secret guards nothing", id="a secret over http"),
        pytest.param({"lease_seconds": "soon"}, "hub.lease_seconds", id="a lease that is no number"),
        pytest.param({"lease_seconds": "-1"}, "hub.lease_seconds", id="a lease before now"),
    ],
)
def test_p16_a_faulty_request_is_told_what_is_wrong(push: Push, form: dict[str, str | None], said: str) -> None:
    answer = ask(push, **form)
    assert (answer.status_code, answer.content_type) == (400, "text/plain; charset=utf-8")
    assert answer.text.startswith(said)
    push.work()
    assert push.network.urls == []


@pytest.mark.parametrize("form", [{"secret": "s" * 199}, {"secret": ""}, {"verify": "sync"}, {"callback": "http://subscriber.example/"}])
def test_what_is_right_or_not_known_is_taken(push: Push, form: dict[str, str]) -> None:
    assert ask(push, **form).status_code == 202
    push.work()
    assert len(active(push)) == 1


def test_other_methods_and_large_bodies(push: Push) -> None:
    client = push.exchange.app().test_client()
    headers = {"Authorization": f"Bearer {push.token}"}
    answer = client.get("/hub", headers=headers)
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})
    assert answer.content_type == "text/plain; charset=utf-8"
    assert client.post("/hub", data={"hub.mode": "x" * (2 << 20)}, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param(None, 864_000, id="ten days"),
        pytest.param("1", 3_600, id="an hour at least"),
        pytest.param("0", 3_600, id="none"),
        pytest.param("86400", 86_400, id="a day"),
        pytest.param("1000000000000", 2_592_000, id="thirty days at most"),
        pytest.param("9" * 500, 2_592_000, id="a number of 500 digits"),
    ],
)
def test_how_long_a_subscription_lasts(push: Push, asked: str | None, given: int) -> None:
    """P06, from the hub's side."""
    ask(push, lease_seconds=asked)
    push.work()
    (made,) = active(push)
    assert made.lease_until == push.exchange.clock() + timedelta(seconds=given)
    assert push.network.asked[0]["hub.lease_seconds"] == str(given)


# Again, and no more


def test_a_second_request_replaces_the_first(push: Push) -> None:
    """One delivery, under the new secret and lease."""
    ask(push, secret="one")
    push.work()
    push.exchange.clock.pass_by(days=9)
    ask(push, secret="two")
    push.work()
    (made,) = active(push)
    assert made.lease_until == push.exchange.clock() + timedelta(days=10)
    push.exchange.clock.pass_by(days=5)
    push.publish("One")
    push.work()
    assert len(push.network.sent) == 1
    assert push.network.sent[0].headers["X-Hub-Signature"] == signature(b"two", push.network.sent[0].body)


def signature(secret: bytes, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_two_forms_are_two_topics(push: Push) -> None:
    base = push.exchange.settings.base_url
    for form in ("atom", "json"):
        ask(push, topic=f"{base}/feeds/to-trc.{form}")
        push.work()
    push.publish("One")
    push.work()
    types = {one.headers["Content-Type"] for one in push.network.sent}
    assert types == {"application/atom+xml; charset=utf-8", "application/feed+json"}


def test_unsubscribing_is_verified_too(push: Push) -> None:
    ask(push)
    push.work()
    ask(push, mode="unsubscribe")
    push.work()
    assert push.network.asked[-1]["hub.mode"] == "unsubscribe"
    assert "hub.lease_seconds" not in push.network.asked[-1]
    (made,) = held(push)
    assert (made.state, made.end, made.secret) == (SubscriptionState.ENDED, End.UNSUBSCRIBED, None)
    push.publish("One")
    push.work()
    assert push.network.sent == []
    ask(push)
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    assert [one.id for one in active(push)] == [made.id]


def test_a_secret_is_kept_sealed_and_not_for_longer_than_needed(push: Push) -> None:
    ask(push, secret="s3cret-zebra")
    push.work()
    with push.exchange.database.read() as tx:
        kept = [str(row) for table in ("subscriptions", "intents") for row in tx.connection.exec_driver_sql(f"SELECT * FROM {table}")]
    assert kept
    assert not any("s3cret-zebra" in row for row in kept)
    (made,) = active(push)
    assert made.secret
    assert rules.LONGEST_SECRET == 199


def test_the_flows_page_says_who_is_told_at_once(push: Push) -> None:
    """Of a callback the host alone: whoever knows the rest could be believed there."""
    ask(push)
    push.work()
    told = push.publish("One")
    push.work()
    push.network.answers = ["nobody there"]
    push.kill(told)
    push.work()
    visitor = push.exchange.seated()
    page = visitor.get("/flows/to-trc")
    assert "abc" not in page.text
    said = words(page)
    assert "Who is told at once" in said
    assert "subscriber.example websub, atom" in said
    assert "told at once until" in said
    assert "1 1: nobody there" in said
    push.exchange.clock.pass_by(minutes=1)
    push.work()
    # Who has fetched the kill is proved in the same way as by the feed.
    assert words(visitor.get(f"/stories/{told.id}")).count("not yet") == len(("AZERTAC's story", "AZERTAC's kill"))
