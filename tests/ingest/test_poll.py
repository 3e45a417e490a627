"""A visit from end to end: a real server, the guard, the parser in its process, one transaction."""

import json
import socket
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from syndication.errors import ConflictError, NotFoundError, StorageError
from syndication.feeds.likeness import signature
from syndication.ingest import poll, taking
from syndication.ingest.poll import Poller, Visit
from syndication.model.agreement import Act, ActKind
from syndication.model.entry import ParsedFeed, Tombstone, Unreadable
from syndication.model.item import ReviewState
from syndication.model.partner import FlowState, Markers
from syndication.model.poll import Lease, Outcome
from syndication.model.story import Pubstatus
from syndication.storage import agreements, events, items, likeness, partners, polls
from tests.fetch.faulty import drip, redirect, reply
from tests.ingest.conftest import FEED, Visits, entry_xml, feed_xml
from tests.worlds import NOW, REFERENCE, agreement, entry, flow, grant, partner

GOOD = feed_xml(entry_xml(1), entry_xml(2), entry_xml(3))
ETAG = 'ETag: "v1"'


def test_what_a_document_brings_is_kept_with_its_validators_and_bytes(visits: Visits) -> None:
    visits.serve(GOOD, ETAG, "Last-Modified: Tue, 24 Nov 2026 07:00:00 GMT")
    poll = visits.poll()
    assert (poll.outcome, poll.counts.new, poll.error) == (Outcome.UPDATED, 3, None)
    assert visits.headlines() == ["Story 1", "Story 2", "Story 3"]
    assert visits.validators().etag == '"v1"'
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
        assert item is not None
        assert items.raw(tx, item.id, 1) == entry_xml(1).encode()
        assert item.current.stamp.agreement == "vna-trc-2025"
        assert [one.allowed for one in events.decisions(tx, item.id)] == [True]


def test_wire_31_33_the_second_visit_asks_conditionally_and_304_keeps_all(visits: Visits) -> None:
    """F17: the validators go back as they came; a 304 deletes nothing."""
    visits.serve(GOOD, ETAG)
    visits.poll()
    visits.serve(b"", ETAG, status=304)
    poll = visits.poll()
    assert 'If-None-Match: "v1"' in visits.server.asked[-1]
    assert (poll.outcome, poll.status) == (Outcome.UNCHANGED, 304)
    assert len(visits.headlines()) == 3


def test_wire_31_a_newer_document_without_validators_drops_them(visits: Visits) -> None:
    """Both, and none is made up: the next visit asks without a condition."""
    visits.serve(GOOD, ETAG, "Last-Modified: Tue, 24 Nov 2026 07:00:00 GMT")
    visits.poll()
    visits.serve(feed_xml(entry_xml(4)))
    visits.poll()
    assert (visits.validators().etag, visits.validators().last_modified) == (None, None)
    visits.poll()
    assert "If-" not in visits.server.asked[-1]
    assert "If-None-Match" in visits.server.asked[-2]


def test_wire_33_a_304_keeps_what_it_says_of_itself(visits: Visits) -> None:
    """Validators it carries take the place of the stored ones; one that it leaves out stays."""
    visits.serve(GOOD, ETAG, "Last-Modified: Tue, 24 Nov 2026 07:00:00 GMT")
    visits.poll()
    visits.serve(b"", 'ETag: "v2"', status=304)
    visits.poll()
    assert (visits.validators().etag, visits.validators().last_modified) == ('"v2"', "Tue, 24 Nov 2026 07:00:00 GMT")


def test_the_same_bytes_again_are_not_judged_again(visits: Visits) -> None:
    visits.serve(GOOD)
    visits.poll()
    assert visits.poll().outcome is Outcome.UNCHANGED


def test_what_is_known_is_not_read_again(visits: Visits) -> None:
    """Wire, D: of a document with one entry more, one is read; the others are unchanged, as a repeated entry is."""
    visits.serve(GOOD)
    visits.poll()
    with visits.database.read() as tx:
        marks = polls.known(tx, "trc-en")
    assert [mark.guid for mark in marks] == [f"tag:trc.example,2026:{number}" for number in (1, 2, 3)]
    visits.serve(feed_xml(entry_xml(4), entry_xml(1), entry_xml(2, "Trains are late.", updated="2026-11-24T07:30:00Z"), entry_xml(3)))
    counts = visits.poll().counts
    assert (counts.new, counts.corrections, counts.unchanged) == (1, 1, 2)
    with visits.database.read() as tx:
        assert {mark.guid[-1] for mark in polls.known(tx, "trc-en")} == {"1", "2", "3", "4"}
    visits.serve(feed_xml(entry_xml(4)))
    assert visits.poll().counts.unchanged == 1
    with visits.database.read() as tx:
        assert [mark.guid[-1] for mark in polls.known(tx, "trc-en")] == ["4"]


def test_what_was_refused_is_judged_with_every_document(visits: Visits) -> None:
    """Tomorrow a quota may have room: what was refused is no entry that is done with."""
    refused = entry_xml(2).replace("<entry>", '<entry xml:lang="fr">')
    for number in (3, 4, 5):
        visits.serve(feed_xml(entry_xml(number), entry_xml(1), refused))
        assert visits.poll().counts.refused == 1
    with visits.database.read() as tx:
        assert [mark.guid[-1] for mark in polls.known(tx, "trc-en")] == ["1", "5"]


def test_an_embargo_that_is_over_is_seen_in_a_document_that_says_nothing_else_of_it(visits: Visits) -> None:
    """S15: the entry is read again from its hour on, although not a byte of it has changed."""
    held = entry_xml(1, more='<available xmlns="http://purl.org/dc/terms/">2026-11-24T09:00:00Z</available>')
    visits.serve(feed_xml(held))
    visits.poll()
    with visits.database.read() as tx:
        assert [mark.until for mark in polls.known(tx, "trc-en")] == [NOW + timedelta(hours=1)]
    visits.serve(feed_xml(held, entry_xml(2)))
    assert visits.poller.poll("trc-en", NOW + timedelta(hours=2)).counts.unchanged == 1


def test_of_an_ill_formed_document_nothing_is_known(visits: Visits) -> None:
    """When it is mended all of it comes in (wire 31); what was known before stays known."""
    visits.serve(feed_xml(entry_xml(1)))
    visits.poll()
    visits.serve(feed_xml(entry_xml(1), entry_xml(2, "c & d")))
    assert visits.poll().note
    with visits.database.read() as tx:
        assert [mark.guid[-1] for mark in polls.known(tx, "trc-en")] == ["1"]


def test_one_id_twice_is_a_conflict_whichever_was_known(visits: Visits) -> None:
    """S04."""
    visits.serve(feed_xml(entry_xml(1)))
    visits.poll()
    for more in (2, 3):
        visits.serve(feed_xml(entry_xml(1), entry_xml(1, "Trains are late."), entry_xml(more)))
        assert visits.poll().counts.unreadable == 1


def test_a_kill_and_a_hold_come_in_by_ninjs(visits: Visits) -> None:
    """S10: what one document brought, the next takes back, in any format."""
    story = {"headline": "Story", "body_html": "<p>Trains run daily.</p>", "language": "en", "subject": [{"name": "Sport"}]}
    numbered = {number: {"uri": f"tag:trc.example,2026:{number}", **story} for number in (1, 2, 3)}
    visits.serve(json.dumps(list(numbered.values())).encode(), "Content-Type: application/json")
    assert visits.poll().counts.new == 3
    taken_back = [{"uri": numbered[1]["uri"], "pubstatus": "canceled"}, numbered[2] | {"pubstatus": "withheld"}, numbered[3]]
    visits.serve(json.dumps(taken_back).encode(), "Content-Type: application/json")
    counts = visits.poll().counts
    assert (counts.kills, counts.corrections, counts.unchanged) == (1, 1, 1)
    with visits.database.read() as tx:
        states = [items.by_guid(tx, "trc-en", f"tag:trc.example,2026:{number}") for number in (1, 2, 3)]
    assert [one and one.state for one in states][:1] == [ReviewState.WITHDRAWN]
    assert [one and one.current.entry.pubstatus for one in states][1:] == [Pubstatus.WITHHELD, Pubstatus.USABLE]


def test_a_kill_in_words_is_a_kill(visits: Visits) -> None:
    """By the partner's own words: of what bears the id, of what it says it follows; a notice that names nothing is shown to an editor."""
    with visits.database.write() as tx:
        told = partner(markers=Markers(kill=("KILL:",), embargo=("EMBARGO",)))
        partners.take(tx, (told,), (flow(url=visits.server.url(FEED)),), NOW)
    visits.serve(feed_xml(entry_xml(1), entry_xml(2), entry_xml(3)))
    visits.poll()
    by_id = entry_xml(1, updated="2026-11-24T07:30:00Z").replace("Story 1", "KILL: Story 1")
    by_link = entry_xml(4, more='<link rel="predecessor-version" href="tag:trc.example,2026:2"/>').replace("Story 4", "KILL: Story 2")
    astray = entry_xml(5).replace("Story 5", "KILL: the one of this morning")
    later = entry_xml(6).replace("Story 6", "EMBARGO 2026-11-25T08:00:00Z: Story 6")
    for more in ("", entry_xml(7), entry_xml(8)):
        visits.serve(feed_xml(by_id, by_link, astray, later, entry_xml(3), more))
        visits.poll()
        with visits.database.read() as tx:
            held = {n: items.by_guid(tx, "trc-en", f"tag:trc.example,2026:{n}") for n in range(1, 7)}
        states = {n: (one.state, one.current.entry.pubstatus) for n, one in held.items() if one is not None}
        assert states == {
            1: (ReviewState.WITHDRAWN, Pubstatus.USABLE),
            2: (ReviewState.WITHDRAWN, Pubstatus.USABLE),
            3: (ReviewState.PENDING, Pubstatus.USABLE),
            5: (ReviewState.PENDING, Pubstatus.WITHHELD),
            6: (ReviewState.PENDING, Pubstatus.USABLE),
        }
        assert held[6] is not None
        assert held[6].current.entry.content.embargo_until == NOW + timedelta(days=1)


def test_under_another_version_the_same_document_is_judged_anew(visits: Visits) -> None:
    """What was refused may be granted now: it must not wait for the partner to change a byte."""
    narrow = agreement(reference="narrow", grants=(grant(languages=("ru",)),))
    with visits.database.write() as tx:
        agreements.sign(tx, narrow, NOW, "test")
        partners.take(tx, (partner(),), (flow(agreement="narrow", url=visits.server.url(FEED)),), NOW)
    visits.serve(GOOD, ETAG)
    assert visits.poll().counts.refused == 3
    assert visits.headlines() == []
    with visits.database.write() as tx:
        agreements.sign(tx, replace(narrow, version=2, since=date(2025, 6, 1), grants=agreement().grants), NOW, "test")
    assert visits.poll().counts.new == 3
    assert "If-None-Match" not in visits.server.asked[-1]


def test_where_the_flow_carries_more_the_same_document_is_judged_anew(visits: Visits) -> None:
    """Else what was refused waits for the partner to change a byte."""
    visits.serve(GOOD, ETAG)
    for languages, new, refused in ((("ru",), 0, 3), (("ru", "en"), 3, 0)):
        with visits.database.write() as tx:
            partners.take(tx, (partner(),), (flow(languages=languages, url=visits.server.url(FEED)),), NOW)
        counts = visits.poll().counts
        assert (counts.new, counts.refused) == (new, refused)
    assert visits.poll().outcome is Outcome.UNCHANGED


def test_what_is_refused_is_recorded_with_its_clauses(visits: Visits) -> None:
    visits.serve(feed_xml(entry_xml(1, more=""), entry_xml(2).replace("<entry>", '<entry xml:lang="fr">')))
    poll = visits.poll()
    assert (poll.counts.new, poll.counts.refused) == (1, 1)
    with visits.database.read() as tx:
        refusal = events.decisions(tx, "tag:trc.example,2026:2")[-1]
    assert not refusal.allowed
    assert [str(one.clause) for one in refusal.verdicts if not one.allowed] == ["language"]


def test_without_an_agreement_in_force_we_do_not_even_knock(visits: Visits) -> None:
    """Z02: suspended yesterday; nothing is asked of the partner's server."""
    with visits.database.write() as tx:
        agreements.record_act(tx, "vna-trc-2025", Act(ActKind.SUSPEND, date(2026, 11, 1), "test"), NOW, "test")
    visits.serve(GOOD)
    poll = visits.poll()
    assert poll.outcome is Outcome.UNGOVERNED
    assert "suspended" in (poll.error or "")
    assert visits.server.asked == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"/etc/passwd", "begins with '/etc/passwd'", id="B01: a path"),
        pytest.param(b"http://127.0.0.1/secret", "begins with 'http://127.0.0.1/secret'", id="B01: an address"),
        pytest.param(b"<!doctype html><title>Moved</title>", "HTML page", id="HTML instead of a feed"),
        pytest.param(b"<html><body><form action='/login'><input name='user'></form>", "HTML page", id="F25: a page to sign in"),
        pytest.param(b"<!-- shield --> <!DOCTYPE HTML><script src='/captcha.js'></script>", "HTML page", id="F25: a captcha"),
        pytest.param(b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "neither RSS nor Atom", id="F25: XHTML"),
        pytest.param(b'{"error": "sign in first"}', "no JSON Feed", id="F25: JSON that is an error"),
        pytest.param(b" \n", "empty", id="F25: an empty body, but for spaces"),
        pytest.param(GOOD[:-40], "breaks off", id="F17: a truncated body"),
        pytest.param(b"", "empty", id="F25: nothing"),
        pytest.param(b"<feed><entry></feed>", "ill-formed", id="ill-formed beyond rescue"),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON", id="a format we do not read"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]>' + GOOD, "DTD", id="B03: entities of its own"),
    ],
)
def test_wire_31_what_is_no_feed_is_an_error_with_the_flow_and_moves_nothing(visits: Visits, body: bytes, said: str) -> None:
    """F25: never "0 items"; what the next visit sends stays as it was."""
    visits.serve(GOOD, ETAG)
    visits.poll()
    before = visits.validators()
    visits.serve(body, 'ETag: "broken"')
    poll = visits.poll()
    assert poll.outcome is Outcome.FAILED
    assert said in (poll.error or "")
    assert visits.validators() == before
    assert len(visits.headlines()) == 3
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").failures == 1
    visits.serve(feed_xml(entry_xml(4)))
    assert visits.poll().counts.new == 1


def test_a_feed_of_50_mb_is_refused_by_its_size(visits: Visits) -> None:
    """F08: by what comes, whatever is claimed."""
    visits.serve(b"x" * 50_000_000)
    assert "bytes" in (visits.poll().error or "")


def test_a_server_that_drips_is_left(visits: Visits) -> None:
    """F10: one byte at a time never meets a read timeout; the whole visit has its own."""
    visits.server.answers[FEED] = drip(b"HTTP/1.1 200 OK\r\n\r\n", b"<")
    assert visits.poll().outcome is Outcome.FAILED


def test_a_redirect_into_a_private_address_is_refused(visits: Visits) -> None:
    """F02: and the address is named."""
    visits.server.answers[FEED] = redirect("http://169.254.169.254/latest/meta-data/")
    assert "169.254.169.254" in (visits.poll().error or "")


@pytest.mark.parametrize(("status", "times"), [(401, 3), (403, 3), (410, 1)])
def test_wire_35_gone_or_refused_stops_until_told(visits: Visits, status: int, times: int) -> None:
    visits.serve(b"", status=status)
    for _ in range(times - 1):
        assert visits.poll().outcome is Outcome.FAILED
        with visits.database.read() as tx:
            assert polls.health(tx, "trc-en").due_at is not None
    stopped = visits.poll()
    assert (stopped.outcome, stopped.status) == (Outcome.GONE, status)
    assert "syndication flow poll trc-en" in (stopped.note or "")
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").due_at is None
    visits.serve(GOOD)
    visits.poll()
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").due_at is not None


@pytest.mark.parametrize("status", [404, 500, 503])
def test_wire_35_other_troubles_back_off(visits: Visits, status: int) -> None:
    visits.serve(b"", status=status)
    waits = []
    for _ in range(4):
        assert visits.poll().outcome is Outcome.FAILED
        waits.append(visits.wait())
    assert [round(wait / timedelta(minutes=30)) for wait in waits] == [1, 2, 4, 8]


def test_wire_35_retry_after_is_waited_for_up_to_a_day(visits: Visits) -> None:
    for said, least in (("7200", timedelta(hours=2)), ("99999999999", timedelta(hours=24))):
        visits.serve(b"", f"Retry-After: {said}", status=503)
        visits.poll()
        assert least <= visits.wait() <= least * 1.1


def test_wire_36_what_the_document_asks_for_holds_while_it_is_unchanged(visits: Visits) -> None:
    """Of a 304 there is no document, and of the same bytes none is read: what it asked for is kept with its validators."""
    rss = (
        '<rss version="2.0"><channel><title>TRC</title><link>https://trc.example/</link><description>d</description><ttl>240</ttl>'
        "<skipHours><hour>12</hour><hour>13</hour></skipHours><item><guid>a</guid><title>One</title></item></channel></rss>"
    )
    assert NOW.hour + 4 == 12
    visits.serve(rss.encode(), ETAG)
    assert visits.poll().counts.new == 1
    visits.serve(rss.encode(), ETAG, status=200)
    waits = [visits.wait()]
    assert visits.poll().outcome is Outcome.UNCHANGED
    waits.append(visits.wait())
    visits.serve(b"", ETAG, status=304)
    assert visits.poll().status == 304
    waits.append(visits.wait())
    visits.serve(b"", status=500)
    visits.poll()
    waits.append(visits.wait())
    assert all(timedelta(hours=6) <= wait < timedelta(hours=7) for wait in waits), waits


def test_wire_36_a_quiet_flow_is_visited_less_often_and_a_lively_one_more(visits: Visits) -> None:
    visits.serve(GOOD, ETAG)
    visits.poll()
    visits.serve(b"", ETAG, status=304)
    for _ in range(8):
        visits.poll()
    assert timedelta(minutes=30) <= visits.wait() <= timedelta(minutes=33)
    for number in range(10, 18):
        visits.serve(feed_xml(entry_xml(1), entry_xml(number)))
        assert visits.poll().counts.new == 1
    assert timedelta(seconds=225) <= visits.wait() <= timedelta(seconds=248)


def test_wire_31_an_ill_formed_feed_is_saved_with_a_note(visits: Visits) -> None:
    visits.serve(GOOD.replace(b"Story 2", b"Story & 2"), ETAG)
    poll = visits.poll()
    assert poll.counts.new == 3
    assert "ill-formed" in (poll.note or "")
    assert visits.validators().etag is None


def test_one_entry_that_cannot_be_read_costs_none_of_the_others(visits: Visits) -> None:
    """B18: it is kept with its bytes for a person to look at."""
    visits.serve(feed_xml(entry_xml(1), entry_xml(2, body="x" * 530_000), entry_xml(3)))
    poll = visits.poll()
    assert (poll.counts.new, poll.counts.unreadable) == (2, 1)


def test_wire_41_impossible_dates_and_titles_are_flagged(visits: Visits) -> None:
    """B19, S19."""
    odd = entry_xml(1, updated="0000-00-00").replace("Story 1", " ")
    visits.serve(feed_xml(odd, entry_xml(2)))
    assert visits.poll().counts.new == 2
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
    assert item is not None
    assert any("cannot be read" in flag for flag in item.flags)
    assert any("no headline" in flag for flag in item.flags)


def test_two_entries_of_one_id_the_first_is_kept_the_second_shown(visits: Visits) -> None:
    """S04: never silently the last."""
    visits.serve(feed_xml(entry_xml(1, "first words"), entry_xml(1, "other words")))
    poll = visits.poll()
    assert (poll.counts.new, poll.counts.unreadable) == (1, 1)
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
        assert item is not None
        assert "first words" in item.current.entry.content.body
        assert "second entry" in polls.refused(tx, "trc-en", 5)[0].reason


TOMB = '<at:deleted-entry ref="tag:trc.example,2026:1" when="{}"><at:comment>wrong</at:comment></at:deleted-entry>'


def test_wire_45_a_tombstone_withdraws_and_what_it_killed_never_comes_again(visits: Visits) -> None:
    """S10, S11: the kill first, the story after it, and again."""
    visits.serve(feed_xml(TOMB.format("2026-11-24T07:30:00Z")))
    assert visits.poll().counts.kills == 1
    visits.serve(feed_xml(entry_xml(1)))
    assert visits.poll().counts.new == 0
    assert visits.headlines() == []


def test_wire_45_a_tombstone_older_than_the_entry_kills_nothing(visits: Visits) -> None:
    """RFC 6721, 3: an entry updated later than `when` is alive."""
    visits.serve(feed_xml(entry_xml(1, updated="2026-11-24T07:45:00Z"), TOMB.format("2026-11-24T07:30:00Z")))
    assert (visits.poll().counts.new, visits.poll().counts.kills) == (1, 0)


def test_a_kill_withdraws_the_item(visits: Visits) -> None:
    visits.serve(GOOD)
    visits.poll()
    visits.serve(feed_xml(entry_xml(2), TOMB.format("2026-11-24T07:30:00Z")))
    visits.poll()
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
    assert item is not None
    assert (item.state, item.reason) == (ReviewState.WITHDRAWN, "wrong")


def test_wire_33_a_feed_without_what_it_held_deletes_nothing(visits: Visits) -> None:
    """S13."""
    visits.serve(GOOD)
    visits.poll()
    visits.serve(feed_xml())
    visits.poll()
    assert len(visits.headlines()) == 3


def test_wire_34_a_permanent_move_is_proposed_never_adopted(visits: Visits) -> None:
    visits.server.answers[FEED] = redirect(visits.server.url("/new"), 301)
    visits.server.answers["/new"] = reply(200, GOOD)
    poll = visits.poll()
    assert "/new" in (poll.note or "")
    with visits.database.read() as tx:
        held = partners.flow(tx, "trc-en")
    assert held is not None
    assert held.url == visits.server.url(FEED)


def test_a_worker_that_lost_its_lease_keeps_nothing(visits: Visits) -> None:
    """D10: neither the items nor the validators; who has the lease will bring them."""
    visits.serve(GOOD, ETAG)
    with visits.database.write() as tx:
        (mine,) = polls.claim(tx, NOW, 1, 30)
    with visits.database.write() as tx:
        polls.claim(tx, NOW + timedelta(minutes=5), 1, 30)
    with pytest.raises(ConflictError):
        visits.poller.poll("trc-en", NOW, mine)
    assert visits.headlines() == []
    assert visits.validators().etag is None


def test_f26_of_a_hundred_feeds_of_one_host_one_is_visited_at_a_time(visits: Visits) -> None:
    """While one is visited nobody gets another of that host, however many workers are free; afterwards the next."""
    names = tuple(f"f{number}" for number in range(100))
    with visits.database.write() as tx:
        partners.take(tx, (partner(),), tuple(flow(id=name, url=visits.server.url(FEED)) for name in names), NOW)
    besides: list[int] = []

    def claimed() -> tuple[Lease, ...]:
        with visits.database.write() as tx:
            return polls.claim(tx, NOW, 64, 120)

    def answer(sock: socket.socket) -> None:
        besides.append(len(claimed()))
        sock.sendall(reply(404, b""))

    visits.server.answers[FEED] = answer
    polled = []
    for _ in range(3):
        (lease,) = claimed()
        polled.append(visits.poller.poll(lease.flow, NOW, lease).flow)
    assert besides == [0, 0, 0]
    assert len(set(polled)) == 3


def test_a_flow_that_is_not_inbound_is_not_polled(visits: Visits) -> None:
    with pytest.raises(NotFoundError, match="flow ls"):
        visits.poller.poll("to-trc", NOW)


MANY = feed_xml(*(entry_xml(number) for number in range(120)))


def test_a_large_document_lets_others_write_between_its_parts(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """One partner's document must not shut the others out."""
    between: list[int] = []

    def breathe(_: float) -> None:
        with visits.database.write() as tx:
            polls.make_due(tx, "trc-en", NOW)
        between.append(len(visits.headlines()))

    monkeypatch.setattr(poll, "sleep", breathe)
    visits.serve(MANY, ETAG)
    assert visits.poll().counts.new == 120
    assert between == [50, 100]
    assert visits.validators().etag == '"v1"'


def test_a_visit_that_ends_half_way_is_made_again_and_doubles_nothing(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """D10: the validators come with the last part, so that the rest is not taken for known."""

    def fails(_: float) -> None:
        raise StorageError("the disk is full")

    visits.serve(MANY, ETAG)
    monkeypatch.setattr(poll, "sleep", fails)
    with pytest.raises(StorageError):
        visits.poll()
    assert len(visits.headlines()) == 50
    assert visits.validators().etag is None
    monkeypatch.setattr(poll, "sleep", lambda _: None)
    again = visits.poll()
    assert (again.counts.new, again.counts.unchanged) == (70, 50)
    assert len(visits.headlines()) == 120


def test_a_worker_that_loses_its_lease_half_way_takes_no_more(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """D10."""
    with visits.database.write() as tx:
        (mine,) = polls.claim(tx, NOW, 1, 30)

    def lose(_: float) -> None:
        with visits.database.write() as tx:
            polls.claim(tx, NOW + timedelta(minutes=5), 1, 30)

    monkeypatch.setattr(poll, "sleep", lose)
    visits.serve(MANY, ETAG)
    with pytest.raises(ConflictError):
        visits.poller.poll("trc-en", NOW, mine)
    assert len(visits.headlines()) == 50


def test_the_parts_of_a_document_are_the_document() -> None:
    entries = [entry(guid=str(n), pubstatus=Pubstatus.CANCELED if n == 130 else Pubstatus.USABLE) for n in range(131)]
    alive = replace(entries[7], updated=NOW)
    dead = [Tombstone(f"dead {n}", None) for n in range(450)]
    doubtful = [Tombstone("7", NOW - timedelta(hours=1)), Tombstone("9", None)]
    unreadable = (Unreadable("x", "y", b""),)
    found = list(
        taking.parts(ParsedFeed("t", "en", (*entries[:7], alive, *entries[8:], entries[0]), (*dead, *doubtful), unreadable, note="n"))
    )
    assert [one.ref for part in found for one in part.tombstones] == [one.ref for one in (*dead, doubtful[1])]
    assert [one.guid for part in found for one in part.entries] == ["130", *(str(n) for n in range(130))]
    assert max(len(part.entries) for part in found) == taking.AT_ONCE
    assert max(len(part.tombstones) for part in found) == taking.BURIED_AT_ONCE
    assert [part.unreadable for part in found] == [()] * (len(found) - 1) + [unreadable]
    firsts = [bool(part.tombstones) for part in found]
    assert firsts == sorted(firsts, reverse=True)


@pytest.mark.parametrize(("entries", "tombs", "count"), [(0, 0, 1), (50, 0, 1), (51, 0, 2), (0, 200, 1), (0, 201, 2), (50, 400, 2)])
def test_how_many_parts(entries: int, tombs: int, count: int) -> None:
    given = ParsedFeed("", "en", tuple(entry(guid=str(n)) for n in range(entries)), tuple(Tombstone(f"t{n}", None) for n in range(tombs)))
    found = list(taking.parts(given))
    assert len(found) == count
    assert sum(len(part.entries) for part in found) == entries
    assert sum(len(part.tombstones) for part in found) == tombs


@pytest.mark.parametrize("how", ["paused", "closed"])
def test_a_flow_that_is_stopped_during_the_visit_lets_nothing_in_and_loses_nothing(
    visits: Visits, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened again, the same document brings what was refused."""
    visits.serve(GOOD, ETAG)
    on = replace(flow(), url=visits.server.url(FEED))
    left = () if how == "closed" else (replace(on, state=FlowState.PAUSED),)

    def stopped(poller: Poller, *given: Any) -> Visit:
        brought = visit(poller, *given)
        with visits.database.write() as tx:
            partners.take(tx, (partner(),), left, NOW)
        return brought

    visit = Poller._visit
    with monkeypatch.context() as patch:
        patch.setattr(Poller, "_visit", stopped)
        assert visits.poll().counts.refused == 3
    assert visits.headlines() == []
    with visits.database.write() as tx:
        partners.take(tx, (partner(),), (on,), NOW)
    assert visits.poll().counts.new == 3


def test_what_was_suspended_during_the_visit_is_judged_anew_when_it_resumes(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agreement is the same version then, and the document unchanged."""

    def done(kind: ActKind) -> None:
        with visits.database.write() as tx:
            agreements.record_act(tx, REFERENCE, Act(kind, NOW.date(), "by letter"), NOW, "lan")

    def suspended(poller: Poller, *given: Any) -> Visit:
        brought = visit(poller, *given)
        done(ActKind.SUSPEND)
        return brought

    visit = Poller._visit
    visits.serve(GOOD, ETAG)
    with monkeypatch.context() as patch:
        patch.setattr(Poller, "_visit", suspended)
        assert visits.poll().counts.refused == 3
    done(ActKind.RESUME)
    assert visits.poll().counts.new == 3


def test_a_poll_brings_what_an_entry_is_found_again_by_and_what_it_reads_like(visits: Visits) -> None:
    """Both of the text as it was cleaned, and neither changes what becomes of it."""
    russian = (
        "Президент Казахстана во вторник выступил на форуме в Астане и рассказал о развитии транспортных коридоров и железных дорог. " * 2
    )
    visits.serve(feed_xml(entry_xml(1, russian), entry_xml(2, "Trains will run daily from May between the two capitals, say both. " * 3)))
    assert visits.poll().counts.new == 2
    with visits.database.read() as tx:
        one, other = (items.by_guid(tx, "trc-en", f"tag:trc.example,2026:{number}") for number in (1, 2))
        assert one is not None
        assert other is not None
        assert (one.current.entry.reads_as, other.current.entry.reads_as) == ("ru", None)
        assert (one.flags, one.current.entry.content.language) == ((), "en")
        found = likeness.found(tx, signature(one.current.entry.content), "vna")
    assert set(found.values()) == {(one.id,)}
