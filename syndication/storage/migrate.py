"""The schema, brought to this version's or checked to be there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from syndication.errors import StorageError
from syndication.storage.database import Database, Transaction

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Bring the database to this version's schema: all the steps, or none. Several processes may do so at once; one does.

    Raises StorageError where that cannot be, as for a database of a later version of this program.
    """
    database = Database(url)
    try:
        with database.write() as tx:
            tx.in_order()
            config = _config()
            config.attributes["connection"] = tx.connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"the database is of another version of this program ({error}); use that version, or a newer one") from error
    finally:
        database.close()


def check_migrated(url: str) -> None:
    """Raises StorageError unless the database is at this version's schema."""
    database = Database(url)
    try:
        with database.read() as tx:
            check(tx)
    finally:
        database.close()


def check(tx: Transaction) -> None:
    """Raises StorageError unless the database is at this version's schema."""
    found, wanted = revision(tx), ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise StorageError(f"the database is at schema {found or 'none'}, this version needs {wanted}; run 'syndication migrate'")


def revision(tx: Transaction) -> str | None:
    """The schema the database is at, None before the first migration."""
    return MigrationContext.configure(tx.connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
