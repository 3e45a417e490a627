"""Transactions, and what a failure of the database is called."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from syndication.errors import ConflictError, StorageError
from syndication.model.event import Event
from syndication.model.publication import PublicationKind
from syndication.storage import accounts, events, items, partners, publications, stories
from syndication.storage import database as room
from syndication.storage.database import Database
from syndication.storage.schema import items as item_table
from tests import worlds

EVENT = Event(worlds.NOW, "mai", "accept", "i_1")


def test_nothing_is_seen_before_it_is_committed(database: Database) -> None:
    with database.write() as tx:
        events.record_event(tx, EVENT)
        with database.read() as other:
            assert events.events(other, 1) == ()
    with database.read() as tx:
        assert events.events(tx, 1) == (EVENT,)


def test_an_exception_rolls_everything_back_and_passes(database: Database) -> None:
    def broken() -> None:
        with database.write() as tx:
            events.record_event(tx, EVENT)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    with database.read() as tx:
        assert events.events(tx, 1) == ()


def test_a_reader_sees_one_state_whatever_others_write(database: Database) -> None:
    with database.read() as tx:
        assert events.events(tx, 1) == ()
        with database.write() as writing:
            events.record_event(writing, EVENT)
        assert events.events(tx, 1) == ()


def test_a_refused_statement_leaves_nothing_of_its_transaction(database: Database) -> None:
    def twice() -> None:
        with database.write() as tx:
            accounts.add(tx, worlds.editor())
            accounts.add(tx, worlds.editor(id="e_2"))

    with pytest.raises(ConflictError):
        twice()
    with database.read() as tx:
        assert accounts.all(tx) == ()


def test_references_are_kept(database: Database) -> None:
    """An item of a flow that is not there is a fault of the program, named and not swallowed."""
    with pytest.raises(StorageError), database.write() as tx:
        items.receive(tx, worlds.item())


@pytest.mark.parametrize("what", ["x\0y", "x\ud800y"], ids=["NUL", "half a surrogate pair"])
def test_text_that_cannot_be_stored_is_a_named_failure(database: Database, what: str) -> None:
    """B12: PostgreSQL refuses NUL, and SQLite would keep it: both say so alike."""
    with pytest.raises(StorageError), database.write() as tx:
        events.record_event(tx, Event(worlds.NOW, "mai", "accept", what))


@pytest.mark.parametrize("what", ["x\0y", "x\ud800y"], ids=["NUL", "half a surrogate pair"])
def test_who_looks_for_what_cannot_be_stored_finds_nothing(peopled: Database, what: str) -> None:
    """A stranger's address, `/feeds/x%00y.atom`, is a feed that is not there, and no failure of ours."""
    with peopled.read() as tx:
        assert partners.flow(tx, what) is None
        assert items.get(tx, what) is None
        assert stories.get(tx, what) is None
        assert accounts.by_login(tx, what) is None


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    """T04"""
    with pytest.raises(StorageError, match="zone"), database.write() as tx:
        events.record_event(tx, Event(worlds.NOW.replace(tzinfo=None), "mai", "accept", "i_1"))


def test_a_busy_sqlite_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_sqlite: Path) -> None:
    """D07"""
    monkeypatch.setattr(room, "BUSY_MILLISECONDS", 1)
    path = tmp_path / "busy.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match=r"busy.*try again"), database.write():
        pass
    other.execute("ROLLBACK")
    with database.write() as tx:
        events.record_event(tx, EVENT)
    other.close()
    database.close()


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path: Path, migrated_sqlite: Path) -> None:
    """D05: the page limit stands for the disk; nothing half-written stays."""
    path = tmp_path / "full.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write() as tx:
        events.record_event(tx, EVENT)
        tx.rows(text("PRAGMA max_page_count = 1"))
    with pytest.raises(StorageError, match=r"full.*free some space"), database.write() as tx:
        events.record_event(tx, Event(worlds.NOW, "mai", "accept", "i_1", "x" * 100_000))
    with database.read() as tx:
        assert events.events(tx, 9) == (EVENT,)
    database.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("sqlite:////no/such/folder/x.db", "does not answer", id="a folder that is not there"),
        pytest.param("postgresql://nobody@127.0.0.1:1/none", "does not answer", id="a server that is not there"),
        pytest.param("mysql://x/y", "no database this program knows", id="another database"),
        pytest.param("what is this", "cannot be read", id="no address"),
        pytest.param("sqlite://", "in memory", id="a database that would be gone"),
        pytest.param("sqlite:///:memory:", "in memory", id="the same by name"),
    ],
)
def test_what_cannot_be_reached_says_so(url: str, said: str) -> None:
    with pytest.raises(StorageError, match=said), Database(url).read():
        pass


def test_a_password_is_never_told() -> None:
    with pytest.raises(StorageError) as caught, Database("postgresql://me:hunter2@127.0.0.1:1/none").read():
        pass
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """D11"""
    path = tmp_path / "x.db"
    path.write_bytes(b"no database at all " * 500)
    with pytest.raises(StorageError, match="damaged"), Database(f"sqlite:///{path}").read() as tx:
        events.events(tx, 1)


def test_what_was_said_is_not_in_the_message(database: Database) -> None:
    """A failure may be logged; the text of a story may not."""
    with pytest.raises(StorageError) as caught, database.write() as tx:
        items.receive(tx, worlds.item(guid="secret-guid"))
    assert "secret-guid" not in str(caught.value)


def test_sqlite_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    """The settings that a power cut asks for (security 1, fact 11), and that references are kept."""
    with Database(f"sqlite:///{tmp_path / 'x.db'}").read() as tx:
        found = [tx.rows(text(f"PRAGMA {name}"))[0][0] for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
    assert found == ["wal", 2, 1, 10_000]


def test_reading_cannot_write_on_postgresql(database: Database, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        return
    with pytest.raises(StorageError, match="read-only"), database.read() as tx:
        events.record_event(tx, EVENT)


def test_reading_keeps_nothing_on_sqlite(database: Database, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        return
    with database.read() as tx:
        events.record_event(tx, EVENT)
    with database.read() as tx:
        assert events.events(tx, 1) == ()


def test_postgresql_plans_a_question_once_for_many_readings(database: Database, database_url: str) -> None:
    """The driver prepares what it has asked five times, and forgets it at a rollback."""
    if database_url.startswith("sqlite"):
        return
    for _ in range(7):
        with database.read() as tx:
            partners.all(tx)
    with database.read() as tx:
        assert "FROM partners" in " ".join(row.statement for row in tx.rows(text("SELECT statement FROM pg_prepared_statements")))


def test_many_threads_share_it(peopled: Database) -> None:
    """Each holds a reader while it writes: no pool makes one wait for another for ever."""
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with peopled.read() as tx:
                partners.all(tx)
                with peopled.write() as writing:
                    events.record_event(writing, Event(worlds.NOW, "mai", "accept", f"i_{number}"))
        except StorageError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with peopled.read() as tx:
        assert len(events.events(tx, 100)) == 24


def test_z05_a_commit_is_another_state_whichever_thread_asks(database: Database) -> None:
    """SQLite counts on each connection by itself: two threads on two of them would say the same of what is not the same."""
    states: list[object] = []

    def asked() -> object:
        thread = threading.Thread(target=lambda: states.append(database.state()))
        thread.start()
        thread.join()
        return states[-1]

    before, again = asked(), asked()
    with database.write() as tx:
        events.record_event(tx, EVENT)
    after = asked()
    assert before == again
    assert before != after
    assert after == database.state()


def test_add_missing_keeps_the_first(peopled: Database) -> None:
    with peopled.write() as tx:
        stories.write(tx, worlds.story())
        placed = publications.place(
            tx,
            flow="to-trc",
            story="s_1",
            version=1,
            kind=PublicationKind.STORY,
            stamp=worlds.out_stamp(),
            placed_at=worlds.NOW,
            note=None,
        )
        accounts.issue(tx, worlds.token(), "d" * 64)
        publications.record_fetch(tx, (placed.sequence,), worlds.NOW, "t_1")
        publications.record_fetch(tx, (placed.sequence,), worlds.NOW.replace(year=2027), "t_1")
        (fetch,) = publications.fetches(tx, "s_1")
    assert fetch.at == worlds.NOW


def test_a_duplicate_is_a_conflict_and_another_fault_is_not(peopled: Database) -> None:
    """The control: only what is there already is called 'meanwhile'."""
    with peopled.write() as tx:
        items.receive(tx, worlds.item())
    with pytest.raises(ConflictError), peopled.write() as tx:
        items.receive(tx, worlds.item(id="i_2"))
    with pytest.raises(StorageError), peopled.write() as tx:
        tx.change(insert(item_table).values(id="i_3"))


@pytest.mark.parametrize(("openers", "waits"), [pytest.param(room.OPENERS, True, id="waits"), pytest.param(0, False, id="control")])
def test_who_opens_a_new_file_while_another_writes_to_it_waits(
    openers: int, waits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself does not wait where the journal is changed to WAL."""
    monkeypatch.setattr(room, "OPENERS", openers)
    failed: list[StorageError] = []

    def open_it() -> None:
        try:
            with Database(f"sqlite:///{tmp_path / 'new.db'}").write() as tx:
                tx.connection.execute(text("SELECT 1"))
        except StorageError as error:
            failed.append(error)

    first = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    second = threading.Thread(target=open_it)
    second.start()
    second.join(0.3)
    assert second.is_alive() is waits
    first.execute("COMMIT")
    second.join()
    assert (failed == []) is waits
