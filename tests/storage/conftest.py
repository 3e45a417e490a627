"""What most tests of the repositories start from."""

import pytest

from syndication.storage import partners
from syndication.storage.database import Database
from tests import worlds


@pytest.fixture
def peopled(database: Database) -> Database:
    """With TRC, a flow in and a flow out; the inbound one is due at `worlds.NOW`."""
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound()), worlds.NOW)
    return database
