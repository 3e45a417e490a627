"""Partners' hubs over time: renewed, left, denied, lost; hubs that mean us ill; and pushes that say what is not so."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from syndication.feeds.worker import Parser
from syndication.ingest import callback as rules
from syndication.ingest.subscriber import Subscriber
from syndication.model.agreement import Act, ActKind
from syndication.model.callback import Callback, CallbackState, Hub, Push
from syndication.model.entry import ParsedFeed, Tombstone
from syndication.model.item import Item, ReviewState
from syndication.model.partner import FlowState, Told
from syndication.model.poll import Outcome
from syndication.model.story import Pubstatus
from syndication.review.desk import Desk
from syndication.settings import Settings
from syndication.storage import agreements, callbacks, items, partners, polls, stories
from syndication.storage.database import Database
from tests.fetch.faulty import Answer, drip, flood, hang, redirect, reply, reset
from tests.ingest.agencies import FLOW, Agencies, agencies
from tests.ingest.conftest import FEED, Visits, entry_xml, feed_xml
from tests.publish.subscriber import KEY
from tests.worlds import NOW, flow, partner

HUB = "/hub"


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """One of the two: what is asked of the database here is held on both in `tests/storage`."""
    shutil.copyfile(migrated_sqlite, tmp_path / "syndication.db")
    opened = Database(f"sqlite:///{tmp_path / 'syndication.db'}")
    yield opened
    opened.close()


@pytest.fixture
def two(database: Database, parser: Parser, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Agencies]:
    with agencies(database, parser, migrated_sqlite, tmp_path) as both:
        yield both


def test_a_lease_is_renewed_before_its_end_at_another_address(two: Agencies) -> None:
    """The one before is heard until the hub has asked back at the new one; then it is left, and the hub asks whether that is so."""
    two.subscribe()
    (before,) = two.active()
    two.clock.pass_by(days=8, hours=1)
    two.poll()
    two.tick()
    assert [one.state for one in two.standing()] == [CallbackState.ACTIVE, CallbackState.ASKED]
    assert rules.hears(two.standing()[0], two.clock())
    two.vna.work()
    two.tick()
    old, new = sorted(two.standing(), key=lambda one: one.id != before.id)
    assert (old.id, old.state, new.state) == (before.id, CallbackState.LEAVING, CallbackState.ACTIVE)
    assert not rules.hears(old, two.clock())
    assert rules.named(KEY, new.id) != rules.named(KEY, old.id)
    two.vna.work()
    two.tick()
    assert [one.id for one in two.standing()] == [new.id]
    assert new.lease_until == two.clock() + timedelta(days=10)


@pytest.mark.parametrize("how", ["paused", "removed", "push off", "agreement ended", "another feed"])
def test_a_hub_is_left_when_it_is_to_tell_us_no_more(two: Agencies, how: str) -> None:
    """By itself, within ten minutes; the hub confirms it, and nothing is sent there any more."""
    two.subscribe()
    match how:
        case "paused":
            two.take(state=FlowState.PAUSED)
        case "removed":
            with two.database.write() as tx:
                partners.take(tx, (), (), two.clock())
        case "push off":
            two.take(push=Told.OFF)
        case "agreement ended":
            with two.database.write() as tx:
                agreements.record_act(tx, "vna-trc-2025", Act(ActKind.TERMINATE, date(2026, 11, 20), "test"), two.clock(), "test")
        case _:
            with two.database.write() as tx:
                callbacks.found(tx, FLOW, "https://hub.example/", "https://vna.example/other.atom", two.clock())
    two.clock.pass_by(minutes=11)
    two.tick()
    assert two.active() == []
    two.vna.work()
    two.tick()
    assert [one for one in two.standing() if one.hub.endswith(HUB) and one.hub.startswith("http:")] == []
    sent = len(two.road.sent)
    two.vna.publish("Late")
    two.vna.work()
    assert len(two.road.sent) == sent


def test_p06_what_the_hub_loses_the_poll_brings_and_the_hub_is_trusted_less(two: Agencies) -> None:
    """No later than the poll that was due; from then on at our own pace, until the hub tells again."""
    two.subscribe()
    plain = two.wait()
    two.clock.pass_by(seconds=70)
    two.vna.publish("Told")
    two.vna.work()
    two.clock.pass_by(seconds=1)
    two.poll()
    slower = two.wait()
    assert timedelta(minutes=30) <= slower <= timedelta(minutes=33)
    assert plain <= timedelta(minutes=17)
    two.road.cut = True
    two.vna.publish("Not told")
    two.vna.work()
    two.clock.pass_by(seconds=slower.total_seconds())
    assert two.poll().counts.new == 1
    assert set(two.items()) == {"Told", "Not told"}
    assert two.wait() <= timedelta(minutes=17)
    two.road.cut = False
    two.clock.pass_by(seconds=70)
    two.vna.publish("Told again")
    two.vna.work()
    two.clock.pass_by(seconds=1)
    two.poll()
    assert two.wait() >= timedelta(minutes=30)


def test_p06_a_hub_that_denies_is_let_alone_and_the_flow_is_polled(two: Agencies) -> None:
    """Asked again after a week."""
    with two.vna.exchange.database.write() as tx:
        agreements.record_act(tx, "vna-trc-2025", Act(ActKind.SUSPEND, date(2026, 11, 24), "test"), two.clock(), "test")
    with two.database.write() as tx:
        base = two.vna.exchange.settings.base_url
        callbacks.found(tx, FLOW, f"{base}/hub", f"{base}/feeds/to-trc.atom", two.clock())
    two.tick()
    two.vna.work()
    (one,) = two.standing()
    assert (one.state, "suspended" in (one.reason or "")) == (CallbackState.DENIED, True)
    two.clock.pass_by(days=6)
    two.tick()
    assert two.standing() == (one,)
    two.clock.pass_by(days=1, minutes=1)
    two.tick()
    assert [one.state for one in two.standing()] == [CallbackState.ASKED]


def offering(visits: Visits, hub: str | None = None, *, numbers: tuple[int, ...] = (1,)) -> None:
    """TRC's feed names a hub, on its own server unless told otherwise."""
    url = hub or visits.server.url(HUB)
    visits.serve(feed_xml(*map(entry_xml, numbers)), f'Link: <{url}>; rel="hub"', f'Link: <{visits.server.url(FEED)}>; rel="self"')


def subscriber(visits: Visits) -> Subscriber:
    settings = replace(visits.poller.settings, base_url="https://vna.example")
    return Subscriber(replace(visits.poller, settings=settings), KEY, lambda: 0.0)


def standing(visits: Visits) -> tuple[Hub | None, tuple[Callback, ...]]:
    with visits.database.read() as tx:
        return callbacks.hub(tx, "trc-en"), callbacks.of_flow(tx, "trc-en")


HOSTILE: list[tuple[str, Callable[[Visits], Answer | bytes], str]] = [
    ("500", lambda visits: reply(500, b"<script>alert(1)</script>"), "it answered 500"),
    ("404", lambda visits: reply(404, b"no\x1b[31m such\r\nthing"), "it answered 404: no[31m suchthing"),
    ("a redirect that is none of a POST", lambda visits: redirect("/elsewhere", 302), "it answered 302"),
    ("307 in a circle", lambda visits: redirect(HUB, 307), "more than 3 redirects"),
    ("307 into a private network", lambda visits: redirect("http://10.0.0.1/", 307), "may not be visited"),
    ("308 to a file", lambda visits: redirect("file:///etc/passwd", 308), "is not followed"),
    ("silence", lambda visits: hang, "the server fell silent"),
    ("a byte now and then", lambda visits: drip(b"HTTP/1.1 202 OK\r\nX: ", b"x"), "ended after"),
    ("a connection torn down", lambda visits: reset(b""), "broke"),
    ("a gigabyte in its head", lambda visits: flood(b"HTTP/1.1 202 OK\r\nX: ", b"x" * 65536, 1000), ""),
    ("no HTTP", lambda visits: b"ERR unknown command\r\n\r\n", "no HTTP"),
]


@pytest.mark.parametrize(("answer", "told"), [pytest.param(answer, told, id=name) for name, answer, told in HOSTILE])
def test_p06_a_hub_that_does_us_no_good_costs_nothing_but_itself(
    visits: Visits, answer: Callable[[Visits], Answer | bytes], told: str
) -> None:
    """F12: by the guard, in bounded time; why is kept, in plain letters; it is asked again later, and the feed is polled as before."""
    offering(visits)
    visits.server.answers[HUB] = answer(visits)
    visits.poll()
    wait = visits.wait()
    one = subscriber(visits)
    one.tick(NOW)
    hub, calls = standing(visits)
    assert hub is not None
    assert told in (hub.error or "")
    assert (hub.error or " ").isprintable()
    assert len(hub.error or "") <= 200
    assert (hub.failures, hub.retry_at) == (1, NOW + timedelta(minutes=5))
    assert [call.state for call in calls if call.state is not CallbackState.ASKED] == []
    asked = len([head for head in visits.server.asked if head.startswith("POST")])
    one.tick(NOW + timedelta(minutes=4))
    assert len([head for head in visits.server.asked if head.startswith("POST")]) == asked
    assert visits.wait() == wait
    assert visits.poll().outcome is Outcome.UNCHANGED
    visits.server.answers[HUB] = reply(202, b"")
    one.tick(NOW + timedelta(minutes=11))
    assert visits.server.asked[-1].startswith("POST /hub")


def test_307_and_308_of_the_hub_repeat_the_post(visits: Visits) -> None:
    offering(visits)
    visits.server.answers[HUB] = redirect("/hub2", 307)
    visits.server.answers["/hub2"] = redirect("/hub3", 308)
    visits.server.answers["/hub3"] = reply(202, b"")
    visits.poll()
    subscriber(visits).tick(NOW)
    assert [head.split(" ")[:2] for head in visits.server.asked[1:]] == [["POST", "/hub"], ["POST", "/hub2"], ["POST", "/hub3"]]
    hub, (one,) = standing(visits)
    assert (one.state, hub.error if hub else "?") == (CallbackState.ASKED, None)


def test_a_hub_that_takes_and_never_asks_back_is_asked_again_later(visits: Visits) -> None:
    offering(visits)
    visits.server.answers[HUB] = reply(202, b"")
    visits.poll()
    one = subscriber(visits)
    one.tick(NOW)
    one.tick(NOW + timedelta(minutes=59))
    _, (first,) = standing(visits)
    one.tick(NOW + timedelta(minutes=70))
    hub, calls = standing(visits)
    assert (calls, hub.failures if hub else 0) == ((), 1)
    assert "never asked back" in (hub.error or "" if hub else "")
    one.tick(NOW + timedelta(minutes=85))
    _, (second,) = standing(visits)
    assert second.id != first.id


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        pytest.param({"base_url": "http://127.0.0.1:8800"}, {}, id="our address is not https"),
        pytest.param({}, {"push": Told.OFF}, id="the file says off"),
        pytest.param({}, {"state": FlowState.PAUSED}, id="the flow is paused"),
        pytest.param({}, {"agreement": "none"}, id="no agreement"),
    ],
)
def test_who_is_not_to_tell_us_is_not_asked(visits: Visits, settings: dict[str, Any], changes: dict[str, Any]) -> None:
    offering(visits)
    visits.poll()
    with visits.database.write() as tx:
        partners.take(tx, (partner(),), (replace(flow(), url=visits.server.url(FEED), **changes),), NOW)
    one = subscriber(visits)
    one = replace(one, poller=replace(one.poller, settings=replace(one.poller.settings, **settings)))
    one.tick(NOW)
    assert [head for head in visits.server.asked if head.startswith("POST")] == []
    hub, calls = standing(visits)
    assert (calls, hub.url if hub else None) == ((), visits.server.url(HUB))


ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>TRC</title><link rel="self" href="/s"/><link rel="hub" href="/h"/></feed>'
RSS = (
    b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>TRC</title><atom:link rel="hub" href="/h"/>'
    b'<atom:link rel="self" href="/s"/></channel></rss>'
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "TRC", "items": [], "feed_url": "/s", '
    b'"hubs": [{"type": "WebSub", "url": "/h"}]}'
)
HTML = b'<!doctype html><html><head><link rel="hub" href="/h"><link rel="self" href="/s"></head><body><p>TRC</p></body></html>'


@pytest.mark.parametrize(
    ("body", "headers", "found"),
    [
        pytest.param(feed_xml(), ('Link: </h>; rel="hub", </s>; rel="self"',), ("/h", "/s"), id="a Link header"),
        pytest.param(feed_xml(), ('Link: </h>; rel="hub"', "Link: </s>; rel=self"), ("/h", "/s"), id="several"),
        pytest.param(ATOM, (), ("/h", "/s"), id="Atom"),
        pytest.param(RSS, (), ("/h", "/s"), id="RSS"),
        pytest.param(JSON, ("Content-Type: application/feed+json",), ("/h", "/s"), id="JSON Feed"),
        pytest.param(ATOM, ('Link: </h2>; rel="hub", </s2>; rel="self"',), ("/h2", "/s2"), id="headers outrank the document"),
        pytest.param(HTML, ("Content-Type: text/html",), None, id="HTML is no feed, and names nothing"),
    ],
)
def test_wire_47_a_poll_finds_the_hub(visits: Visits, body: bytes, headers: tuple[str, ...], found: tuple[str, str] | None) -> None:
    """By the address of the final answer, after a redirect."""
    visits.server.answers[FEED] = redirect("/moved/en.atom")
    visits.server.answers["/moved/en.atom"] = reply(200, body, *headers)
    visits.poll()
    hub, _ = standing(visits)
    assert (hub and (hub.url, hub.topic)) == (found and (visits.server.url(found[0]), visits.server.url(found[1])))


def test_what_names_no_hub_is_left_alone(visits: Visits) -> None:
    """Also where the polls are many: nothing is kept of it, and nobody is asked."""
    visits.serve(feed_xml(entry_xml(1)))
    visits.poll()
    subscriber(visits).tick(NOW)
    assert standing(visits) == (None, ())
    assert len(visits.server.asked) == 1


def test_a_feed_that_names_another_hub_with_every_answer_has_us_ask_none_of_them(visits: Visits) -> None:
    """But for the first: nobody is sent more through us than what we poll. What stays the same for an hour is asked."""
    one = subscriber(visits)
    for number in range(5):
        at = NOW + timedelta(minutes=15 * number)
        offering(visits, visits.server.url(f"/victim{number}"))
        visits.poller.poll("trc-en", at)
        one.tick(at)
    asked = [head.split(" ")[1] for head in visits.server.asked if head.startswith("POST")]
    assert asked == ["/victim0"]
    one.tick(NOW + timedelta(hours=3))
    assert visits.server.asked[-1].startswith("POST /victim4 ")


def test_p17_a_hub_that_an_entry_names_is_none(visits: Visits) -> None:
    """Neither by a link of an entry, nor by one in its HTML."""
    link = '<link rel="hub" href="https://evil.example/"/><link rel="self" href="https://evil.example/feed"/>'
    visits.serve(feed_xml(entry_xml(1, more=link, body=link.replace("<", "&lt;"))))
    visits.poll()
    assert standing(visits) == (None, ())


def test_p17_the_control_a_hub_that_the_head_names_is_one(visits: Visits) -> None:
    link = '<link rel="hub" href="https://hub.example/"/><link rel="self" href="https://trc.example/en.atom"/>'
    visits.serve(feed_xml(link))
    visits.poll()
    hub, _ = standing(visits)
    assert hub is not None
    assert (hub.url, hub.topic) == ("https://hub.example/", "https://trc.example/en.atom")


def pushed(visits: Visits, *entries: str, kind: str | None = "application/atom+xml") -> None:
    """The hub sends that, and a worker takes it."""
    with visits.database.write() as tx:
        assert callbacks.keep(tx, Push(0, "trc-en", visits.server.url(FEED), feed_xml(*entries), kind))
    assert subscriber(visits).take_next(NOW)


def held(visits: Visits, number: int = 1) -> Item:
    with visits.database.read() as tx:
        found = items.by_guid(tx, "trc-en", f"tag:trc.example,2026:{number}")
    assert found is not None
    return found


def test_p02_a_push_belongs_to_the_flow_of_its_callback(visits: Visits) -> None:
    """Whoever it says it is of."""
    other = "<source><id>tag:azertac.example,2026:en</id><title>AZERTAC</title></source>"
    head = '<link rel="self" href="https://azertac.example/en.atom"/><link rel="hub" href="https://azertac.example/hub"/>'
    pushed(visits, head, entry_xml(1, more=other))
    item = held(visits)
    assert (item.flow, item.partner) == ("trc-en", "trc")
    assert standing(visits) == (None, ())


def test_p03_an_old_push_that_is_sent_again_changes_nothing(visits: Visits) -> None:
    first = entry_xml(1, "First.")
    pushed(visits, first)
    pushed(visits, entry_xml(1, "Corrected.", updated="2026-11-24T07:30:00Z"))
    corrected = held(visits)
    assert corrected.current.number == 2
    pushed(visits, first)
    assert held(visits) == corrected
    visits.serve(feed_xml('<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T07:45:00Z"/>'))
    visits.poll()
    killed = held(visits)
    assert killed.state is ReviewState.WITHDRAWN
    pushed(visits, first)
    pushed(visits, entry_xml(1, "Alive!", updated="2026-11-24T07:59:00Z"))
    assert held(visits) == killed


KILLS = [
    pytest.param('<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T07:45:00Z"/>', id="a tombstone"),
    pytest.param(
        entry_xml(1, "Gone.", more='<pubStatus xmlns="http://iptc.org/std/nar/2006-10-01/">stat:canceled</pubStatus>'), id="an entry"
    ),
]


def released(visits: Visits) -> str:
    """The first entry of TRC's feed, accepted: its story's id."""
    visits.serve(feed_xml(entry_xml(1), entry_xml(2)), 'ETag: "v1"')
    visits.poll()
    desk = Desk(visits.database, Settings())
    taken = desk.accept(held(visits).id, held(visits).revision, "mai", NOW)
    assert taken.story is not None
    return taken.story


def pubstatus(visits: Visits, story: str) -> Pubstatus:
    with visits.database.read() as tx:
        found = stories.get(tx, story)
    assert found is not None
    return found.current.pubstatus


@pytest.mark.parametrize("kill", KILLS)
def test_p04_a_kill_by_push_holds_until_the_partners_own_feed_has_said_so(visits: Visits, kill: str) -> None:
    """The poll is due at once, and asks for the whole document: that nothing has changed would prove nothing."""
    story = released(visits)
    pushed(visits, kill)
    item = held(visits)
    assert (item.state, item.current.entry.pubstatus) == (ReviewState.REOPENED, Pubstatus.WITHHELD)
    assert rules.CLAIMED in " ".join(item.flags)
    assert pubstatus(visits, story) is Pubstatus.WITHHELD
    assert visits.wait() == timedelta(seconds=60)
    pushed(visits, kill)
    assert held(visits) == item
    visits.serve(feed_xml('<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T07:45:00Z"/>', entry_xml(2)))
    visits.poll()
    assert "If-None-Match" not in visits.server.asked[-1]
    assert (held(visits).state, pubstatus(visits, story)) == (ReviewState.WITHDRAWN, Pubstatus.CANCELED)


@pytest.mark.parametrize("kill", KILLS)
def test_p04_a_kill_that_only_the_hub_claims_is_none(visits: Visits, kill: str) -> None:
    """It stays withheld until an editor has seen to it: nothing is lifted by itself."""
    story = released(visits)
    pushed(visits, kill)
    visits.poll()
    item = held(visits)
    assert (item.state, item.current.entry.pubstatus) == (ReviewState.REOPENED, Pubstatus.USABLE)
    assert pubstatus(visits, story) is Pubstatus.WITHHELD
    assert held(visits, 2).state is ReviewState.PENDING


def test_p04_the_control_a_push_that_is_believed_kills(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.ingest.callback.claims", lambda feed: ())
    monkeypatch.setattr("syndication.ingest.callback.without_kills", lambda feed: feed)
    story = released(visits)
    pushed(visits, '<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T07:45:00Z"/>')
    assert pubstatus(visits, story) is Pubstatus.CANCELED


def test_p03_p04_an_old_kill_of_what_is_newer_holds_nothing(visits: Visits) -> None:
    """A document that names both (RFC 6721, 3), and one that is replayed after the story came back."""
    grave = '<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T06:00:00Z"/>'
    pushed(visits, entry_xml(1), grave)
    assert held(visits).state is ReviewState.PENDING
    pushed(visits, grave)
    assert held(visits).current.entry.pubstatus is Pubstatus.USABLE
    claims = rules.claims(ParsedFeed("", None, (), (Tombstone("x", None),)))
    assert [one.ref for one in claims] == ["x"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no feed", id="no feed"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"/etc/passwd", id="a path"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]><feed>&b;</feed>', id="a bomb"),
        pytest.param(feed_xml("<entry>" * 2000), id="depth"),
    ],
)
def test_p08_a_push_goes_through_the_same_gate_and_worker_as_a_poll(visits: Visits, body: bytes) -> None:
    """What cannot be read is dropped, once, and the feed polled."""
    visits.serve(feed_xml(entry_xml(1)))
    visits.poll()
    with visits.database.write() as tx:
        callbacks.keep(tx, Push(0, "trc-en", visits.server.url(FEED), body, None))
    one = subscriber(visits)
    assert one.take_next(NOW)
    assert not one.take_next(NOW)
    assert visits.wait() == timedelta(seconds=60)
    assert visits.headlines() == ["Story 1"]


@pytest.mark.parametrize("how", ["paused", "ended"])
def test_a_push_passes_the_gate_of_the_moment_at_which_it_is_taken(visits: Visits, how: str) -> None:
    with visits.database.write() as tx:
        if how == "paused":
            paused = replace(flow(), url=visits.server.url(FEED), state=FlowState.PAUSED)
            partners.take(tx, (partner(),), (paused,), NOW)
        else:
            agreements.record_act(tx, flow().agreement, Act(ActKind.SUSPEND, date(2026, 11, 20), "test"), NOW, "test")
    pushed(visits, entry_xml(1))
    assert visits.headlines() == []


def test_wire_47_a_push_while_a_poll_is_under_way_is_not_lost(visits: Visits) -> None:
    """The poll may have been too early for it: there is another as soon as one may be."""
    offering(visits)
    visits.poll()
    assert visits.wait() > timedelta(minutes=3)
    with visits.database.write() as tx:
        callbacks.pushed(tx, "trc-en", NOW)
    visits.poll()
    assert visits.wait() == timedelta(seconds=60)


def test_wire_47_a_push_does_not_shorten_the_pause_of_a_feed_that_fails(visits: Visits) -> None:
    """Nor wakes one that has stopped."""
    visits.server.answers[FEED] = reply(503, b"", "Retry-After: 3600")
    visits.poll()
    wait = visits.wait()
    with visits.database.write() as tx:
        assert not polls.hasten(tx, "trc-en", NOW)
        callbacks.pushed(tx, "trc-en", NOW)
    assert visits.wait() == wait
    visits.poll()
    assert visits.wait() >= timedelta(hours=1)


def entry_as(number: int, as_title: int) -> str:
    return entry_xml(number).replace(f"Story {number}", f"Story {as_title}")


def test_p04_a_hub_does_not_say_what_a_later_kill_kills(visits: Visits) -> None:
    """By new ids for old titles: what the partner kills under such an id is that, and not what the hub had said that it is."""
    visits.serve(feed_xml(*map(entry_xml, (1, 2, 3))))
    visits.poll()
    pushed(visits, *(entry_as(number + 10, number) for number in (1, 2, 3)))
    visits.serve(feed_xml(*map(entry_xml, (1, 2, 3, 11))))
    visits.poll()
    grave = '<at:deleted-entry ref="tag:trc.example,2026:11" when="2026-11-24T07:45:00Z"/>'
    visits.serve(feed_xml(grave, *map(entry_xml, (1, 2, 3))))
    visits.poll()
    assert held(visits, 11).state is ReviewState.WITHDRAWN
    assert held(visits).state is ReviewState.PENDING


@pytest.mark.parametrize("at", ["2026-11-24T07:59:00Z", "2099-01-01T00:00:00Z"])
def test_p04_a_hub_does_not_outdate_the_partners_own_kill(visits: Visits, at: str) -> None:
    visits.serve(feed_xml(entry_xml(1), entry_xml(2)))
    visits.poll()
    pushed(visits, entry_xml(1, "Later than its kill.", updated=at))
    visits.serve(feed_xml('<at:deleted-entry ref="tag:trc.example,2026:1" when="2026-11-24T07:45:00Z"/>', entry_xml(2)))
    visits.poll()
    assert held(visits).state is ReviewState.WITHDRAWN
