"""The database, SQLite or PostgreSQL, and one transaction of it; the only place where its failures get a name."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, Executable, Row, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from syndication.errors import ConflictError, StorageError, SyndicationError
from syndication.logs import logger
from syndication.model.journal import Deed
from syndication.storage.journal import Journal

BUSY_MILLISECONDS = 10_000
"""How long a writer waits for the one before it, on SQLite."""
OPENERS = 32
"""So many may open a new SQLite file at one moment."""

POSTGRESQL = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

BUSY: Final = ("the database is busy", "try again in a moment")
FULL: Final = ("the disk under the database is full", "free some space: nothing was lost, and nothing more is taken until then")
UNREACHABLE: Final = ("the database does not answer", "see whether it runs, and whether its address and its password are right")
UNMIGRATED: Final = ("the database is not at this version's schema", "run 'syndication migrate'")
READ_ONLY: Final = ("the database cannot be written to", "see who owns its files, and whether the disk is mounted for writing")
DAMAGED: Final = ("the database is damaged", "stop the program and restore it from a backup")
BROKEN: Final = ("the database could not do it", "if it goes on, report it with this text")

SQLITE_KINDS: Final = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_FULL": FULL,
    "SQLITE_CANTOPEN": UNREACHABLE,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_IOERR": DAMAGED,
}
POSTGRESQL_KINDS: Final = {
    "40001": BUSY,  # serialization failure
    "40P01": BUSY,  # deadlock
    "55P03": BUSY,  # lock not available
    "53100": FULL,
    "53300": BUSY,  # too many connections
    "42P01": UNMIGRATED,  # undefined table
    "42703": UNMIGRATED,  # undefined column
    "25006": READ_ONLY,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}


STATES: Final = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_current_snapshot()::text"}
"""What every commit changes: of PostgreSQL, which transactions have ended and which have not."""


class Transaction:
    """What the repositories read and write through. Other rooms pass it on and look at nothing in it."""

    __slots__ = ("_connection", "_in_order", "deeds")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._in_order = False
        self.deeds: list[Deed] = []
        """What was done that no restore may undo: the repositories say it where they do it."""

    @property
    def connection(self) -> Connection:
        """For `migrate` alone."""
        return self._connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`, for the repositories that have to say something twice."""
        return self._connection.dialect.name

    def rows(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> Sequence[Row[Any]]:
        """All the rows of a SELECT, or of a RETURNING, executed once or for each of `rows`; then in no order."""
        with _named():
            return self._connection.execute(statement, rows).all()

    def row(self, statement: Executable) -> Row[Any] | None:
        """The first row, or None."""
        with _named():
            return self._connection.execute(statement).first()

    def change(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Execute an INSERT, UPDATE or DELETE, once or for each of `rows`. Returns how many rows it matched."""
        if rows is not None and not rows:
            return 0
        with _named():
            return self._connection.execute(statement, rows).rowcount

    def add_missing(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert those rows that are not there yet; of two that do so at the same time, one does."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        self.change(insert(table).on_conflict_do_nothing(), rows)

    def in_order(self) -> None:
        """From here on, whoever else asks for it waits until this transaction has ended: what is numbered now is also seen in that order.

        SQLite has one writer at a time, so that this holds there already.
        """
        if not self._in_order and self._connection.dialect.name == "postgresql":
            self.rows(text("SELECT pg_advisory_xact_lock(hashtext('syndication publications'))"))
        self._in_order = True

    def alone(self, what: str) -> bool:
        """Whether, until this transaction ends, no other does that; who is told that another does need not wait for it.

        SQLite has one writer at a time, so that nobody else does.
        """
        if self._connection.dialect.name == "sqlite":
            return True
        asked = text("SELECT pg_try_advisory_xact_lock(hashtext(:what)) AS got")
        return any(row.got for row in self.rows(asked.bindparams(what=f"syndication {what}")))


class Database:
    """One database. Threads share it; each transaction has a connection of its own.

    `url`: `sqlite:///path` or `postgresql://user@host/name`. Nothing is opened before the first transaction. `journal`: where deeds are
    written before they are committed; None: nowhere.
    Raises StorageError for an address that is neither.
    """

    def __init__(self, url: str, journal: Journal | None = None) -> None:
        self.url = url
        self.journal = journal
        engine = _engine(url)
        self._engine = engine
        if engine.dialect.name == "sqlite":
            self._reading: Engine = engine.execution_options(begin="BEGIN")
            self._writing: Engine = engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writing = engine
        self._watched: Any = None
        self._watching = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One state of the database for the whole block, whatever others write meanwhile."""
        with _named(), self._reading.connect() as connection, connection.begin() as under_way:
            yield Transaction(connection)
            under_way.rollback()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """All of the block is kept when it ends, or, if it raises, nothing. When it has ended, it is on the disk (I6).

        Its deeds are in the journal first: what is there and was not committed is done when the program starts again, never the other way
        round. Where the journal fails, a kill is done all the same, for the story must go; but StorageError is raised: it is not safe.
        """
        unsafe: StorageError | None = None
        with _named(), self._writing.connect() as connection, connection.begin():
            tx = Transaction(connection)
            yield tx
            unsafe = self._journaled(tx.deeds)
        if unsafe is not None:
            logger.error("the journal could not be written", why=str(unsafe))
            raise unsafe

    def _journaled(self, deeds: Sequence[Deed]) -> StorageError | None:
        if self.journal is None or not deeds:
            return None
        try:
            self.journal.append(deeds)
        except StorageError as error:
            return error
        return None

    def state(self) -> object:
        """What is another after every commit, whoever made it: as long as it is the same, whatever is read is the same.

        It costs a few microseconds on SQLite, a question to the server on PostgreSQL. All threads ask on one connection, which writes
        nothing: SQLite counts on each connection by itself, so that the numbers of two tell nothing of each other.
        """
        with self._watching:
            try:
                if self._watched is None:
                    self._watched = self._watch()
                watch, said = self._watched
                return watch, said.execute(STATES[self._engine.dialect.name]).fetchone()[0]
            except (sqlite3.Error, psycopg.Error) as error:
                # The next question opens another; what was held until then is of another watch, and ends.
                self._watched = None
                raise _told(_kind_of(error), error) from error

    def _watch(self) -> tuple[object, Any]:
        """A connection of the driver's, in no transaction, that the pool knows no more of; and what tells it from every other."""
        with _named():
            drawn = self._engine.raw_connection()
            driver = drawn.driver_connection
            drawn.detach()
        if isinstance(driver, psycopg.Connection):
            driver.autocommit = True
        return object(), driver

    def close(self) -> None:
        """Close the connections."""
        with self._watching:
            if self._watched is not None:
                self._watched[1].close()
            self._watched = None
        self._engine.dispose()


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        address = address.set(drivername=POSTGRESQL.get(address.drivername, address.drivername))
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise StorageError(f"{address.drivername} is no database this program knows; give postgresql://... or sqlite:///path")
        if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
            raise StorageError("a database in memory is gone with the program; give sqlite:///path, or leave it out for the data folder")
        if address.get_backend_name() == "sqlite":
            # Each thread may hold a reader and a writer: no pool may make one wait for the other.
            engine = create_engine(address, max_overflow=-1)
            event.listen(engine, "connect", _open_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(address, pool_size=16, max_overflow=32, pool_timeout=10, pool_pre_ping=True)
            event.listen(engine, "connect", _open_postgresql)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StorageError("the address of the database cannot be read; give postgresql://user@host/name or sqlite:///path") from error
    return engine


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # None: the driver begins nothing by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    _write_ahead(connection)
    # NORMAL loses commits that were confirmed when the power fails; FULL has lost none of 44,111.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: a text deleted at the end of its use must not be left in the file.
    connection.execute("PRAGMA secure_delete = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Change the journal to WAL. Where others open the same new file, SQLite refuses that at once and waits for nobody; so wait in a
    transaction, which does wait, and ask again: whoever was first has changed it then.
    """
    for _ in range(OPENERS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY":
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _open_postgresql(connection: psycopg.Connection[Any], _record: object) -> None:
    # Moments come back in the session's zone, and the last day of the year 9999 has none to the east of UTC (T07).
    connection.autocommit = True
    connection.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = False


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise named(error) from error
    except sqlite3.Error as error:  # from the PRAGMAs of a new connection
        raise _told(_kind_of(error), error) from error


def named(error: SQLAlchemyError) -> SyndicationError:
    """The failure in our own words, with what to do. Never the statement or its parameters: they hold what nobody may see in a log."""
    if isinstance(error, PoolTimeoutError):
        return _told(BUSY, error)
    if isinstance(error, StatementError) and isinstance(error.orig, SyndicationError):
        return error.orig
    if not isinstance(error, DBAPIError) or error.orig is None:
        return _told(BROKEN, getattr(error, "orig", None) or error)
    if _is_twice(error.orig):
        return ConflictError("meanwhile someone else added the same; look again at what is there")
    return _told(UNREACHABLE if error.connection_invalidated else _kind_of(error.orig), error.orig)


def _is_twice(cause: BaseException) -> bool:
    names = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    return getattr(cause, "sqlite_errorname", None) in names or getattr(cause, "sqlstate", None) == "23505"


def _kind_of(cause: BaseException) -> tuple[str, str]:
    if isinstance(cause, sqlite3.Error):
        if "no such table" in str(cause) or "no such column" in str(cause):
            return UNMIGRATED
        name = "_".join(str(getattr(cause, "sqlite_errorname", "")).split("_")[:2])
        return SQLITE_KINDS.get(name, BROKEN)
    state = getattr(cause, "sqlstate", None)
    if isinstance(cause, psycopg.OperationalError) and (state is None or state[:2] in ("08", "28", "3D", "57")):
        return UNREACHABLE
    return POSTGRESQL_KINDS.get(str(state), BROKEN)


def _told(kind: tuple[str, str], cause: BaseException) -> StorageError:
    what, remedy = kind
    first = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    return StorageError(f"{what} ({first}); {remedy}")
