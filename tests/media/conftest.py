"""A store in a folder of its own, and a checker with its child."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syndication.media.check import Checker
from syndication.media.store import Store


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    one = Checker()
    yield one
    one.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "media")
