"""Publications: their order, what stands on a flow, and who got what."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event

from syndication.errors import StorageError
from syndication.model.agreement import EmbargoHandling
from syndication.model.publication import Ground, Placed, Publication, PublicationKind, Watermark
from syndication.model.story import Content, Pubstatus, StoryAct
from syndication.storage import accounts, agreements, archives, partners, publications, stories
from syndication.storage.database import Database, Transaction
from tests import worlds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORY, WITHDRAWAL = PublicationKind.STORY, PublicationKind.WITHDRAWAL


@pytest.fixture
def outbox(peopled: Database) -> Database:
    """With a second outbound flow, and a token to read with."""
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound(), worlds.outbound(id="to-trc-2")), worlds.NOW)
        accounts.issue(tx, worlds.token(), "d" * 64)
    return peopled


def written(tx: Transaction, identity: str = "s_1", content: Content | None = None) -> None:
    stories.write(tx, worlds.story(id=identity, current=worlds.story_version(story=identity, content=content or worlds.content())))


def placed(
    tx: Transaction,
    story: str = "s_1",
    *,
    flow: str = "to-trc",
    version: int = 1,
    kind: PublicationKind = STORY,
    at: datetime = worlds.NOW,
    embargo: EmbargoHandling = EmbargoHandling.WITHHELD,
) -> Publication:
    stamp = worlds.out_stamp(flow=flow, terms=worlds.terms(embargo=embargo))
    return publications.place(
        tx, flow=flow, story=story, version=version, kind=kind, stamp=stamp, placed_at=at, note="gone" if kind is WITHDRAWAL else None
    )


def raised(tx: Transaction, story: str = "s_1", **changes: object) -> int:
    before = stories.get(tx, story)
    assert before is not None
    version = replace(before.current, number=before.current.number + 1, **changes)  # type: ignore[arg-type]
    stories.add_version(tx, story, version)
    return version.number


def latest(tx: Transaction, flow: str, limit: int, at: datetime = worlds.NOW + 2 * HOUR) -> tuple[Placed, ...]:
    """As a reader sees it two hours later."""
    return publications.latest(tx, flow, limit, at=at, told_since=at - DAY)


def only(tx: Transaction, flow: str = "to-trc") -> Placed:
    (found,) = latest(tx, flow, 9)
    return found


def test_a_publication_comes_back_whole(outbox: Database) -> None:
    with outbox.write() as tx:
        written(tx)
        first, second = placed(tx), placed(tx, kind=WITHDRAWAL)
    with outbox.read() as tx:
        assert publications.of_story(tx, "s_1") == (first, second)
        assert publications.of_story(tx, "none") == ()


def test_many_at_once_stand_as_one_by_one(outbox: Database) -> None:
    """On one flow the story is new, on the other it was seen before: each keeps its own numbers."""
    flows = ("to-trc-2", "to-trc")
    with outbox.write() as tx:
        written(tx)
        first = placed(tx)
        stamped = [(flow, worlds.out_stamp(flow=flow)) for flow in flows]
        later = worlds.NOW + HOUR
        many = publications.place_all(tx, [Publication(0, flow, "s_1", 1, STORY, stamp, later) for flow, stamp in stamped])
        assert publications.place_all(tx, []) == ()
    with outbox.read() as tx:
        assert publications.of_story(tx, "s_1") == (first, *sorted(many, key=lambda one: one.sequence))
        assert [one.flow for one in many] == list(flows)
        assert min(one.sequence for one in many) > first.sequence
        assert publications.holding(tx, "s_1") == tuple(sorted(many, key=lambda one: one.flow))
        seen, fresh = only(tx), only(tx, "to-trc-2")
    assert (seen.publication, seen.first_placed_at, seen.shown_before) == (many[1], worlds.NOW, True)
    assert (fresh.publication, fresh.first_placed_at, fresh.shown_before) == (many[0], later, False)


def test_holding_is_the_latest_on_each_flow(outbox: Database) -> None:
    with outbox.write() as tx:
        written(tx)
        placed(tx)
        other = placed(tx, flow="to-trc-2")
        gone = placed(tx, kind=WITHDRAWAL)
        assert publications.holding(tx, "s_1") == (gone, other)


def test_what_stands_on_a_flow(outbox: Database) -> None:
    """Newest placing first; a correction moves its story up; the other flow is another one."""
    with outbox.write() as tx:
        for identity in ("s_1", "s_2", "s_3"):
            written(tx, identity)
            placed(tx, identity)
        placed(tx, "s_3", flow="to-trc-2")
        number = raised(tx, content=worlds.content(headline="Corrected"), act=StoryAct.CORRECT, note="A number.")
        again = placed(tx, version=number, at=worlds.NOW + HOUR)
    with outbox.read() as tx:
        found = latest(tx, "to-trc", 9)
        assert [one.publication.story for one in found] == ["s_1", "s_3", "s_2"]
        assert [one.publication.story for one in latest(tx, "to-trc", 2)] == ["s_1", "s_3"]
        assert found[0].publication == again
        assert found[0].version == stories.version(tx, "s_1", number)
        assert found[0].entry_id == "tag:vna.example,2026:s_1"
        assert found[0].first_placed_at == worlds.NOW
        assert latest(tx, "none", 9) == ()


def test_an_embargo_makes_new_at_its_hour_and_takes_no_place_before(outbox: Database) -> None:
    """However many were placed after it; and while it waits, the gate is asked about it, and about no story the less."""
    with outbox.write() as tx:
        written(tx, "embargoed", worlds.content(embargo_until=worlds.NOW + 5 * HOUR))
        placed(tx, "embargoed")
        for number in range(1, 5):
            written(tx, f"s_{number}")
            placed(tx, f"s_{number}", at=worlds.NOW + number * HOUR)
        before, after = (latest(tx, "to-trc", 3, worlds.NOW + hours * HOUR) for hours in (4, 5))
        assert [one.publication.story for one in before] == ["embargoed", "s_4", "s_3", "s_2"]
        assert [one.publication.story for one in after] == ["embargoed", "s_4", "s_3"]
        # Corrected without an embargo, it is as new as its correction.
        placed(tx, "embargoed", version=raised(tx, "embargoed", content=worlds.content()), at=worlds.NOW + 3 * HOUR / 2)
        assert [one.publication.story for one in latest(tx, "to-trc", 9)] == ["s_4", "s_3", "s_2", "embargoed", "s_1"]


@pytest.mark.parametrize(
    ("got", "told", "days", "there"),
    [
        pytest.param(None, None, 0, True, id="nobody has it: told at first"),
        pytest.param(None, None, 1, False, id="nobody has it: not for ever"),
        pytest.param(0, None, 400, True, id="the partner has it and was not told: however long ago"),
        pytest.param(0, 300, 300, True, id="just told: there still"),
        pytest.param(0, 300, 301, False, id="told long enough ago"),
        pytest.param(0, 0, 0, True, id="told at once"),
    ],
)
def test_how_long_a_withdrawal_is_told(outbox: Database, got: int | None, told: int | None, days: int, there: bool) -> None:
    """`got`: the day when the partner fetched the story; `told`: when it fetched the withdrawal. No limit on stories cuts it."""
    with outbox.write() as tx:
        written(tx)
        story, gone = placed(tx), placed(tx, kind=WITHDRAWAL)
        for sequence, day in ((story.sequence, got), (gone.sequence, told)):
            if day is not None:
                publications.record_fetch(tx, (sequence,), worlds.NOW + day * DAY, "t_1")
        found = latest(tx, "to-trc", 0, worlds.NOW + days * DAY)
        ground = publications.ground(tx, "to-trc", 0, at=worlds.NOW + days * DAY, told_since=worlds.NOW + (days - 1) * DAY)
    assert [one.publication for one in found] == ([gone] if there else [])
    assert [sequence for sequence, *_ in ground.marks] == ([gone.sequence] if there else [])


def test_what_a_document_stands_on(outbox: Database) -> None:
    """Of the stories whose hour has come all that no archive holds, however few are asked for; and those that wait for theirs."""
    later = worlds.content(embargo_until=worlds.NOW + DAY)
    with outbox.write() as tx:
        for identity in ("s_1", "s_2", "s_3"):
            written(tx, identity)
        written(tx, "s_4", content=later)
        sequences = [
            placed(tx, identity, at=worlds.NOW + number * HOUR).sequence for number, identity in enumerate(("s_1", "s_2", "s_3", "s_4"))
        ]

        def ground(least: int) -> Ground:
            return publications.ground(tx, "to-trc", least, at=worlds.NOW + 3 * HOUR, told_since=worlds.NOW)

        found = ground(1)
        assert (found.partner, found.newest, found.unarchived) == (worlds.partner(), None, 3)
        assert found.marks == tuple((sequence, "usable", None, 0) for sequence in sequences)
        end = Watermark(worlds.NOW + HOUR, sequences[1])
        archives.close(tx, "to-trc", 1, end)
        found = ground(0)
        assert (found.newest, found.unarchived) == ((1, end), 1)
        assert [mark[0] for mark in found.marks] == sequences[2:]
        assert [mark[0] for mark in ground(2).marks] == sequences[1:]
        agreements.sign(tx, worlds.agreement(), worlds.NOW, "mai")
        assert ground(0).revision == found.revision + 1 == agreements.current_revision(tx)
        assert publications.ground(tx, "none", 5, at=worlds.NOW, told_since=worlds.NOW) == Ground(None, None, 0, 0, ())


def test_who_fetched_it_had_it_whatever_its_hour(outbox: Database) -> None:
    """An amendment lets it be delivered marked, before the hour it was placed for."""
    with outbox.write() as tx:
        written(tx, content=worlds.content(embargo_until=worlds.NOW + 2 * HOUR))
        publications.record_fetch(tx, (placed(tx).sequence,), worlds.NOW, "t_1")
        placed(tx, kind=WITHDRAWAL, at=worlds.NOW + HOUR)
        assert only(tx).shown_before


def test_the_pubstatus_is_the_storys_of_now(outbox: Database) -> None:
    """The gate is asked again when a feed is read: a kill beats what was placed."""
    with outbox.write() as tx:
        written(tx)
        placed(tx)
        raised(tx, pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL)
        found = only(tx)
    assert (found.version.pubstatus, found.current_pubstatus) == (Pubstatus.USABLE, Pubstatus.CANCELED)


@pytest.mark.parametrize(
    ("embargo", "handling", "withdrawn_after", "shown"),
    [
        pytest.param(None, EmbargoHandling.WITHHELD, HOUR, True, id="it was open to be read"),
        pytest.param(2 * HOUR, EmbargoHandling.WITHHELD, HOUR, False, id="killed under embargo: that it existed is not told (Z03)"),
        pytest.param(2 * HOUR, EmbargoHandling.WITHHELD, 2 * HOUR, True, id="killed at the very moment it lifts"),
        pytest.param(2 * HOUR, EmbargoHandling.WITHHELD, 3 * HOUR, True, id="killed after it lifted"),
        pytest.param(2 * HOUR, EmbargoHandling.MARKED, HOUR, True, id="delivered marked: it was read before the hour"),
    ],
)
def test_whether_a_withdrawal_has_something_to_take_back(
    outbox: Database, embargo: timedelta | None, handling: EmbargoHandling, withdrawn_after: timedelta, shown: bool
) -> None:
    until = worlds.NOW + embargo if embargo else None
    with outbox.write() as tx:
        written(tx, content=worlds.content(embargo_until=until))
        placed(tx, embargo=handling)
        placed(tx, kind=WITHDRAWAL, at=worlds.NOW + withdrawn_after, embargo=handling)
        assert only(tx).shown_before is shown


def test_it_was_shown_if_any_version_was(outbox: Database) -> None:
    """Read first, then corrected with an embargo, then killed: who read the first is told."""
    with outbox.write() as tx:
        written(tx)
        placed(tx)
        number = raised(tx, content=worlds.content(embargo_until=worlds.NOW + 9 * HOUR))
        placed(tx, version=number, at=worlds.NOW + HOUR)
        placed(tx, kind=WITHDRAWAL, version=number, at=worlds.NOW + 2 * HOUR)
        assert only(tx).shown_before


def test_a_first_placing_was_not_shown_before_and_other_flows_do_not_count(outbox: Database) -> None:
    with outbox.write() as tx:
        written(tx)
        placed(tx, flow="to-trc-2", at=worlds.NOW - HOUR)
        placed(tx)
        assert not only(tx).shown_before
        assert only(tx).first_placed_at == worlds.NOW


def test_when_the_partner_got_it(outbox: Database) -> None:
    """A5: the proof of every kill. The first time counts; the withdrawal itself is not the story."""
    with outbox.write() as tx:
        written(tx)
        story = placed(tx)
        gone = placed(tx, kind=WITHDRAWAL, at=worlds.NOW + HOUR)
        assert publications.unfetched(tx, (gone.sequence, story.sequence)) == (gone.sequence, story.sequence)
        publications.record_fetch(tx, (gone.sequence,), worlds.NOW + 2 * HOUR, "t_1")
        assert only(tx).fetched_at is None
        publications.record_fetch(tx, (story.sequence, gone.sequence), worlds.NOW + 3 * HOUR, "t_1")
        publications.record_fetch(tx, (story.sequence,), worlds.NOW + 4 * HOUR, "t_1")
        assert only(tx).fetched_at == worlds.NOW + 3 * HOUR
        assert publications.unfetched(tx, (gone.sequence, story.sequence)) == ()
        assert publications.unfetched(tx, ()) == ()
        assert [(fetch.kind, fetch.flow, fetch.at, fetch.token) for fetch in publications.fetches(tx, "s_1")] == [
            (STORY, "to-trc", worlds.NOW + 3 * HOUR, "t_1"),
            (WITHDRAWAL, "to-trc", worlds.NOW + 2 * HOUR, "t_1"),
        ]


def test_many_requests_record_the_same_fetch_at_once(outbox: Database) -> None:
    with outbox.write() as tx:
        for number in range(20):
            written(tx, f"s_{number}")
        sequences = [placed(tx, f"s_{number}").sequence for number in range(20)]
    failed: list[BaseException] = []

    def fetch(order: list[int]) -> None:
        try:
            with outbox.write() as tx:
                publications.record_fetch(tx, order, worlds.NOW, "t_1")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=fetch, args=(sequences if number % 2 else sequences[::-1],)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_lower_sequence_never_appears_later(outbox: Database) -> None:
    """Who has seen a sequence has seen every lower one: writers are committed in the order of their numbers."""
    with outbox.write() as tx:
        for number in range(12):
            written(tx, f"s_{number}")
    seen: list[tuple[int, ...]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            with outbox.read() as tx:
                seen.append(tuple(sorted(one.publication.sequence for one in latest(tx, "to-trc", 99))))

    def write(number: int) -> None:
        with outbox.write() as tx:
            placed(tx, f"s_{number}")

    watcher = threading.Thread(target=watch)
    watcher.start()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    watcher.join()
    for earlier, later in pairwise(seen):
        assert later[: len(earlier)] == earlier


@pytest.mark.parametrize("guarded", [pytest.param(True, id="kept apart"), pytest.param(False, id="the control: without it, out of order")])
def test_who_places_waits_for_who_placed_before(
    outbox: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """On PostgreSQL two writers go on at once; the one with the lower number must not be seen later."""
    if database_url.startswith("sqlite"):
        return
    if not guarded:
        monkeypatch.setattr(Transaction, "in_order", lambda _self: None)
    with outbox.write() as tx:
        written(tx, "s_1")
        written(tx, "s_2")

    def place_second() -> None:
        with outbox.write() as tx:
            tx.connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
            placed(tx, "s_2")

    with outbox.write() as first:
        lower = placed(first, "s_1").sequence
        if guarded:
            with pytest.raises(StorageError, match="busy"):
                place_second()
        else:
            place_second()
            with outbox.read() as tx:
                assert only(tx).publication.sequence > lower


def test_a_number_is_never_given_twice(outbox: Database) -> None:
    """Also not that of the newest row, after a transaction that placed it has been undone: it may be skipped, never reused for less."""
    with outbox.write() as tx:
        written(tx)
        first = placed(tx).sequence
        tx.connection.exec_driver_sql("DELETE FROM standings")
        tx.connection.exec_driver_sql("DELETE FROM publications")
        assert placed(tx).sequence > first


@pytest.fixture
def counted(outbox: Database) -> Iterator[list[str]]:
    """The statements that reach the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(outbox._engine, "before_cursor_execute", note)
    yield statements
    event.remove(outbox._engine, "before_cursor_execute", note)


@pytest.mark.parametrize("held", [1, 30])
def test_reading_a_flow_is_one_query_however_many_it_holds(outbox: Database, counted: list[str], held: int) -> None:
    with outbox.write() as tx:
        for number in range(held):
            written(tx, f"s_{number}")
            placed(tx, f"s_{number}")
    with outbox.read() as tx:
        counted.clear()
        assert len(latest(tx, "to-trc", 99)) == held
    assert len([statement for statement in counted if statement.startswith("SELECT")]) == 1
