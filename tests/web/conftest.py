"""The exchange of `exchange.py`, over an empty database."""

import pytest

from syndication.storage.database import Database
from tests.web.exchange import Exchange


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)
