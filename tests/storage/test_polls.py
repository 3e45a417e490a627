"""What is due, who is at it, and how it went."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.errors import ConflictError
from syndication.model.entry import Mark
from syndication.model.event import Event
from syndication.model.partner import FlowState
from syndication.model.poll import Counts, Lease, Outcome, Poll, Renaming, Validators
from syndication.storage import events, partners, polls
from syndication.storage.database import Database
from tests import worlds

NOW = worlds.NOW
MINUTE = timedelta(minutes=1)


def claimed(database: Database, at: timedelta = timedelta(0), limit: int = 9) -> tuple[Lease, ...]:
    with database.write() as tx:
        return polls.claim(tx, NOW + at, limit, 60)


def recorded(database: Database, poll: Poll, lease: Lease | None = None, due: timedelta | None = 15 * MINUTE, failures: int = 0) -> None:
    with database.write() as tx:
        polls.record(tx, poll, lease, NOW + due if due is not None else None, failures, ())


@pytest.mark.parametrize(
    ("flow", "at", "due"),
    [
        pytest.param(worlds.flow(), timedelta(0), True, id="open, at its moment"),
        pytest.param(worlds.flow(), -timedelta(microseconds=1), False, id="a moment too soon"),
        pytest.param(worlds.flow(state=FlowState.PAUSED), timedelta(0), False, id="paused"),
        pytest.param(worlds.outbound(), timedelta(0), False, id="outbound"),
    ],
)
def test_what_is_due(database: Database, flow: object, at: timedelta, due: bool) -> None:
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (flow,), NOW)  # type: ignore[arg-type]
    assert bool(claimed(database, at)) is due


def test_a_lease(peopled: Database) -> None:
    assert claimed(peopled) == (Lease("trc-en", 1, NOW + MINUTE),)
    assert claimed(peopled, MINUTE - timedelta(microseconds=1)) == ()
    assert claimed(peopled, MINUTE) == (Lease("trc-en", 2, NOW + 2 * MINUTE),)


def test_the_longest_due_first_and_no_more_than_asked_for(peopled: Database) -> None:
    flows = tuple(worlds.flow(id=f"f{number}", url=f"https://f{number}.trc.example/") for number in range(4))
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), flows, NOW)
        for number, flow in enumerate(flows):
            polls.make_due(tx, flow.id, NOW - number * MINUTE)
    assert [lease.flow for lease in claimed(peopled, limit=2)] == ["f3", "f2"]
    assert [lease.flow for lease in claimed(peopled)] == ["f1", "f0"]
    assert claimed(peopled, limit=0) == ()


def test_no_two_claimers_ever_get_the_same_flow(peopled: Database) -> None:
    flows = tuple(worlds.flow(id=f"f{number}", url=f"https://f{number}.trc.example/") for number in range(60))
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), flows, NOW)
    got: list[Lease] = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        while len(got) < len(flows):
            got.extend(claimed(peopled, limit=3))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lease.flow for lease in got) == sorted(flow.id for flow in flows)
    assert {lease.attempt for lease in got} == {1}


def test_a_claimer_does_not_wait_for_another_that_is_just_claiming(peopled: Database, database_url: str) -> None:
    """On PostgreSQL: it gets nothing, since what the other takes of a host cannot be seen yet. SQLite has one writer at a time."""
    if database_url.startswith("sqlite"):
        return
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.flow(id="trc-ru")), NOW)
        polls.make_due(tx, "trc-ru", NOW + MINUTE / 2)
    with peopled.write() as first, peopled.write() as second:
        assert [lease.flow for lease in polls.claim(first, NOW, 1, 60)] == ["trc-en"]
        assert polls.claim(second, NOW + MINUTE / 2, 9, 60) == ()
    assert claimed(peopled, MINUTE / 2) == ()
    assert [lease.flow for lease in claimed(peopled, MINUTE)] == ["trc-en"]


def test_wire_36_one_flow_of_a_host_at_a_time(peopled: Database) -> None:
    """Whoever asks, and however much: until it is recorded, or its lease ran out. A host is one in whatever case, at whatever port."""
    urls = {"a": "https://one.example/a", "b": "https://ONE.example:8443/b", "c": "https://two.example/c"}
    flows = tuple(worlds.flow(id=name, url=url) for name, url in urls.items())
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), flows, NOW)
    mine, other = claimed(peopled)
    assert (mine.flow, other.flow) == ("a", "c")
    assert claimed(peopled) == ()
    recorded(peopled, worlds.poll(flow="c"), other)
    assert claimed(peopled) == ()
    recorded(peopled, worlds.poll(flow="a"), mine)
    assert [lease.flow for lease in claimed(peopled)] == ["b"]
    assert [lease.flow for lease in claimed(peopled, 2 * MINUTE)] == ["b"]


def test_wire_36_no_two_claimers_get_flows_of_one_host(peopled: Database) -> None:
    """Six at once, a host with 24 flows, each held until it is recorded: never two of them out."""
    flows = tuple(worlds.flow(id=f"f{number}") for number in range(24))
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), flows, NOW)
    polled: list[str] = []
    besides: list[Lease] = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        while len(polled) + len(besides) < len(flows):
            for lease in claimed(peopled, limit=3):
                besides.extend(claimed(peopled, limit=3))
                recorded(peopled, worlds.poll(flow=lease.flow), lease)
                polled.append(lease.flow)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(polled), besides) == (sorted(flow.id for flow in flows), [])


def test_a_visit_is_kept_and_the_lease_given_back(peopled: Database) -> None:
    (lease,) = claimed(peopled)
    poll = worlds.poll(note="moved", counts=Counts(1, 2, 3, 4, 5, 6, 7), size=5_000_000_000)
    recorded(peopled, poll, lease, failures=2)
    with peopled.read() as tx:
        health = polls.health(tx, "trc-en")
        assert polls.recent(tx, "trc-en", 9) == (poll,)
    assert (health.due_at, health.failures, health.last_poll) == (NOW + 15 * MINUTE, 2, poll)
    assert (health.last_good_at, health.last_new_at) == (NOW, NOW)
    assert claimed(peopled, 14 * MINUTE) == ()
    assert len(claimed(peopled, 15 * MINUTE)) == 1


def test_a_visit_under_a_lost_lease_leaves_nothing(peopled: Database) -> None:
    """X: the worker was asleep; meanwhile another took the flow. Nothing of its visit stays, and the other's lease stands."""
    (lost,) = claimed(peopled)
    (mine,) = claimed(peopled, MINUTE)

    def late() -> None:
        with peopled.write() as tx:
            events.record_event(tx, Event(NOW, "clock", "visit", "trc-en"))
            polls.record(tx, worlds.poll(), lost, NOW, 0, (worlds.refused(),))

    with pytest.raises(ConflictError, match="trc-en"):
        late()
    with peopled.read() as tx:
        assert events.events(tx, 9) == ()
        assert polls.recent(tx, "trc-en", 9) == ()
        assert polls.refused(tx, "trc-en", 9) == ()
        assert polls.last_good(tx, "trc-en") == Validators()
    recorded(peopled, worlds.poll(), mine)


def test_a_lease_that_ran_out_but_that_nobody_took_still_counts(peopled: Database) -> None:
    """The control: it is not the clock that fences, but another's taking it."""
    (lease,) = claimed(peopled)
    recorded(peopled, worlds.poll(finished_at=NOW + 5 * MINUTE), lease)


def test_a_lease_counts_once(peopled: Database) -> None:
    (lease,) = claimed(peopled)
    recorded(peopled, worlds.poll(), lease)
    with pytest.raises(ConflictError):
        recorded(peopled, worlds.poll(), lease)


def test_a_visit_by_hand_takes_the_flow_over(peopled: Database) -> None:
    (lease,) = claimed(peopled)
    recorded(peopled, worlds.poll())
    with pytest.raises(ConflictError):
        recorded(peopled, worlds.poll(), lease)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.GONE, Outcome.UNGOVERNED])
def test_a_failed_visit_carries_no_validators_forward(peopled: Database, outcome: Outcome) -> None:
    """F17: the next visit sends those of the last good one."""
    recorded(peopled, worlds.poll())
    failed = worlds.poll(outcome=outcome, validators=Validators('"wrong"'), counts=Counts(), finished_at=NOW + MINUTE)
    recorded(peopled, failed, due=None, failures=1)
    with peopled.read() as tx:
        assert polls.last_good(tx, "trc-en") == worlds.poll().validators
        health = polls.health(tx, "trc-en")
    assert (health.due_at, health.failures, health.last_poll) == (None, 1, failed)
    assert (health.last_good_at, health.last_new_at) == (NOW, NOW)


def test_an_unchanged_visit_does(peopled: Database) -> None:
    """The control."""
    recorded(peopled, worlds.poll(outcome=Outcome.UNCHANGED, validators=Validators('"v2"'), counts=Counts()))
    with peopled.read() as tx:
        assert polls.last_good(tx, "trc-en") == Validators('"v2"')
        assert polls.health(tx, "trc-en").last_new_at is None


def test_before_the_first_visit(peopled: Database) -> None:
    with peopled.read() as tx:
        health = polls.health(tx, "trc-en")
        assert polls.last_good(tx, "trc-en") == Validators()
        assert polls.recent(tx, "trc-en", 9) == ()
    assert (health.due_at, health.failures, health.last_poll, health.last_good_at, health.last_new_at) == (NOW, 0, None, None, None)


def test_a_paused_flow_is_not_due(peopled: Database) -> None:
    """As `FlowHealth` says: None is what the clock does not poll."""
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(state=FlowState.PAUSED),), NOW)
        assert polls.health(tx, "trc-en").due_at is None


def test_what_was_refused_is_kept_for_a_person(peopled: Database) -> None:
    """B18: newest first, with the bytes; and with what was around them, by its number."""
    first, second = worlds.refused(raw=bytes(range(256)), guid="g1"), worlds.refused(title="Two", raw=b"", head=None, tail=b"")
    with peopled.write() as tx:
        polls.record(tx, worlds.poll(), None, NOW, 0, (first, second))
    with peopled.read() as tx:
        newest, oldest = polls.refused(tx, "trc-en", 9)
        assert (newest.title, oldest.raw, oldest.guid, oldest.size) == ("Two", first.raw, "g1", 256 + 11)
        assert polls.refused(tx, "trc-en", 1) == (newest,)
        assert polls.refused(tx, "to-trc", 9) == ()
        assert polls.refused_whole(tx, "trc-en", oldest.id) == replace(first, id=oldest.id, size=256 + 11)
        assert polls.refused_whole(tx, "to-trc", oldest.id) is None
        assert polls.refused_numbers(tx, "trc-en") == (newest.id, oldest.id)
        assert polls.with_refused(tx) == ("trc-en",)
    with peopled.write() as tx:
        polls.came_in(tx, "trc-en", ["g1", "g2"])
        assert polls.refused_numbers(tx, "trc-en") == (newest.id,)
        polls.drop_refused(tx, "trc-en", newest.id)
        assert polls.refused_numbers(tx, "trc-en") == ()


def test_what_is_refused_at_every_poll_is_kept_once(peopled: Database) -> None:
    with peopled.write() as tx:
        polls.keep_refused(tx, (worlds.refused(at=NOW + MINUTE, reason="the quota is full"),))
        again = polls.keep_refused(tx, (worlds.refused(reason="its language is not granted"),))
    with peopled.read() as tx:
        (one,) = polls.refused(tx, "trc-en", 9)
    assert (set(again), one.reason, one.at) == ({one.id}, "its language is not granted", NOW + MINUTE)


def test_old_visits_and_refusals_make_room(peopled: Database) -> None:
    """I9: a partner that sends rubbish for ever takes a fixed share of the disk; by number, and by bytes."""
    with peopled.write() as tx:
        for number in range(polls.KEPT_POLLS + 3):
            fault = worlds.refused(raw=f"{number}".encode())
            polls.record(tx, replace(worlds.poll(), size=number), None, NOW, 0, (fault,))
    with peopled.read() as tx:
        kept = polls.recent(tx, "trc-en", 9_999)
        faults = polls.refused(tx, "trc-en", 9_999)
    assert (len(kept), kept[0].size) == (polls.KEPT_POLLS, polls.KEPT_POLLS + 2)
    assert [one.raw for one in faults] == [f"{polls.KEPT_POLLS + 2 - number}".encode() for number in range(polls.KEPT_FAULTS)]
    with peopled.write() as tx:
        large = [worlds.refused(raw=bytes([number]) * (polls.LARGEST_FAULT - 11)) for number in range(6)]
        polls.keep_refused(tx, (*large, worlds.refused(raw=b"x" * (polls.LARGEST_FAULT - 10))))
    with peopled.read() as tx:
        longest, *rest = (polls.refused_whole(tx, "trc-en", number) for number in polls.refused_numbers(tx, "trc-en"))
    assert longest is not None
    assert (longest.document, len(longest.raw)) == (None, polls.BEGINNING)
    assert "only its beginning" in longest.reason
    assert [one and one.raw[0] for one in rest] == [5, 4, 3]


def test_what_a_person_says_of_new_ids(peopled: Database) -> None:
    """S14: asked once, said once."""
    with peopled.write() as tx:
        assert not polls.answer(tx, "trc-en", Renaming.SAME, NOW)
        polls.ask_about(tx, "trc-en", {"n1": "o1", "n2": "o2"})
        polls.record(tx, worlds.poll(), None, NOW + MINUTE, 0, (), flipped=True)
        polls.record(tx, worlds.poll(finished_at=NOW + MINUTE), None, NOW + MINUTE, 0, (), flipped=True)
    with peopled.read() as tx:
        assert polls.health(tx, "trc-en").flipped_at == NOW
        assert polls.asked_about(tx, "trc-en", 9) == (("n1", "o1"), ("n2", "o2"))
        assert polls.renamings(tx, "trc-en", ["n1", "x"]) == {"n1": ("o1", Renaming.ASKED)}
    with peopled.write() as tx:
        assert polls.answer(tx, "trc-en", Renaming.SAME, NOW)
        assert not polls.answer(tx, "trc-en", Renaming.NEW, NOW)
    with peopled.read() as tx:
        assert (polls.health(tx, "trc-en").flipped_at, polls.health(tx, "trc-en").due_at) == (None, NOW)
        assert polls.renamings(tx, "trc-en", ["n1"]) == {"n1": ("o1", Renaming.SAME)}
        assert polls.asked_about(tx, "trc-en", 9) == ()


def test_the_hours_in_which_something_came_are_kept(peopled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, for five weeks; what is unchanged brought nothing."""
    for hours in (0, 0.5, 1, 2):
        with peopled.write() as tx:
            brought = worlds.poll(finished_at=NOW + hours * 60 * MINUTE, counts=Counts(new=int(hours != 1)))
            polls.record(tx, brought, None, NOW, 0, (), shifted=-5 if hours < 2 else None)
            assert polls.health(tx, "trc-en").shifted == (None if hours == 2 else -5)
    hour = int(NOW.timestamp()) // 3600
    with peopled.write() as tx:
        assert polls.health(tx, "trc-en").arrivals == (hour, hour + 2)
        monkeypatch.setattr(polls, "KEPT_ARRIVALS", 2)
        polls.record(tx, worlds.poll(finished_at=NOW + 180 * MINUTE), None, NOW, 0, ())
        assert polls.health(tx, "trc-en").arrivals == (hour + 2, hour + 3)


def test_what_is_known_of_the_last_document_is_kept_with_its_visit(peopled: Database) -> None:
    """A visit that brings nothing new, or fails, leaves it; another document takes its place."""
    first, second = (Mark("a" * 64, "g1", NOW + MINUTE),), (Mark("b" * 64, "g2"), Mark("c" * 64, "g3"))
    for marks, kept in ((None, ()), (first, first), (None, first), (second, second), ((), ())):
        with peopled.write() as tx:
            polls.record(tx, worlds.poll(), None, NOW, 0, (), marks)
        with peopled.read() as tx:
            assert polls.known(tx, "trc-en") == kept
