"""The schema: from nothing to this version's, the same as the tables say, and checked."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from syndication.errors import StorageError
from syndication.storage import events, partners, search
from syndication.storage.database import Database
from syndication.storage.migrate import SCRIPTS, _config, check_migrated, migrate
from syndication.storage.schema import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    made: Callable[[str], str] = request.getfixturevalue("postgres_server")
    return made("fresh")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Not the tables of the full-text index, which are of another kind on each database, and FTS5's own."""
    return kind != "table" or not str(name).startswith("search_words")


def differences(url: str) -> list[object]:
    """What Alembic would still change to make the database what `schema` says."""
    database = Database(url)
    with database.read() as tx:
        found = compare_metadata(MigrationContext.configure(tx.connection, opts={"compare_type": True, "include_name": is_ours}), metadata)
    database.close()
    return list(found)


def test_the_migrations_make_what_the_tables_say(empty_url: str) -> None:
    migrate(empty_url)
    check_migrated(empty_url)
    assert differences(empty_url) == []


def test_a_column_without_a_migration_is_seen(empty_url: str) -> None:
    """The control."""
    migrate(empty_url)
    database = Database(empty_url)
    with database.write() as tx:
        tx.connection.execute(text("ALTER TABLE partners DROP COLUMN taken_at"))
    database.close()
    assert differences(empty_url) != []


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    check_migrated(empty_url)


def test_the_last_decision_of_before_is_noted(empty_url: str) -> None:
    """What the gate was given is kept since 0002: what was made before has a number that nothing made later has."""
    made = (
        "INSERT INTO decisions (at, subject, subject_version, headline, fingerprint, flow, partner, direction, allowed, verdicts)"
        " VALUES ('2026-11-24 08:00:00', 's', 1, 'Rail', 'f', 'to-trc', 'trc', 'out', true, '[]')"
    )
    database = Database(empty_url)
    with database.write() as tx:
        config = _config()
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "0001")
        for _ in range(3):
            tx.connection.execute(text(made))
    migrate(empty_url)
    with database.write() as tx:
        assert events.unasked(tx) == 3
        tx.connection.execute(text(made))
    with pytest.raises(StorageError, match="never changed"), database.write() as tx:
        tx.rows(text("UPDATE unasked SET decision = 4"))
    database.close()


def test_what_was_there_before_search_is_due(empty_url: str) -> None:
    """The oldest first; the worker takes it from there."""
    database = Database(empty_url)
    with database.write() as tx:
        config = _config()
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "0003")
        for said in (
            "INSERT INTO partners VALUES ('trc', '{}', '2026-11-24 08:00:00')",
            "INSERT INTO flows VALUES ('trc-en', 'trc', 'in', 'open', '{}', '2026-11-24 08:00:00')",
            "INSERT INTO bodies VALUES ('h', 'x')",
            "INSERT INTO items (id, flow, partner, guid, state, revision, current, first_seen_at, changed_at, flags, priority) VALUES"
            " ('i_1', 'trc-en', 'trc', '1', 'pending', 1, 1, '2026-11-24 08:00:00', '2026-11-24 08:00:00', '[]', false)",
            "INSERT INTO item_versions VALUES ('i_1', 1, '{}', 'h', '{}', 'f', '2026-11-24 08:00:00', false)",
            "INSERT INTO stories (id, entry_id, current, pubstatus, first_made_at) VALUES ('s_1', 'e', 2, 'usable', '2026-11-23 08:00:00')",
            "INSERT INTO story_versions VALUES ('s_1', 1, '{}', 'usable', 'write', '2026-11-23 08:00:00', 'mai', NULL, '[]', false)",
            "INSERT INTO story_versions VALUES ('s_1', 2, '{}', 'usable', 'correct', '2026-11-23 09:00:00', 'mai', NULL, '[]', false)",
        ):
            tx.connection.execute(text(said))
    migrate(empty_url)
    with database.read() as tx:
        assert [one.subject for one in search.due(tx, 10)] == ["s_1", "i_1"]
    database.close()


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    failed: list[StorageError] = []

    def work() -> None:
        try:
            migrate(empty_url)
        except StorageError as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    check_migrated(empty_url)


def test_a_database_that_was_never_migrated_says_what_to_do(empty_url: str) -> None:
    with pytest.raises(StorageError, match="run 'syndication migrate'"):
        check_migrated(empty_url)
    database = Database(empty_url)
    with pytest.raises(StorageError, match="run 'syndication migrate'"), database.read() as tx:
        partners.all(tx)
    database.close()


def test_a_database_of_a_later_version_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    database = Database(empty_url)
    with database.write() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StorageError, match="another version"):
        migrate(empty_url)
    with pytest.raises(StorageError, match="9999"):
        check_migrated(empty_url)


def test_a_failed_migration_leaves_nothing(empty_url: str) -> None:
    """All the steps or none: a table that is in the way stops it, and nothing else is there after."""
    database = Database(empty_url)
    with database.write() as tx:
        tx.connection.execute(text("CREATE TABLE stories (id TEXT)"))
    with pytest.raises(StorageError):
        migrate(empty_url)
    with database.read() as tx:
        assert MigrationContext.configure(tx.connection).get_current_revision() is None
    with pytest.raises(StorageError), database.read() as tx:
        partners.all(tx)
    database.close()


def test_the_migrations_lie_in_the_package() -> None:
    """The wheel takes what is below `syndication/`."""
    assert SCRIPTS.parent.name == "storage"
    assert (SCRIPTS / "env.py").is_file()
    assert list((SCRIPTS / "versions").glob("*.py"))
