"""The parts, plugged together."""

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from syndication.bootstrap import database_url, opened, polling, rounds, secret_key
from syndication.errors import StorageError
from syndication.settings import Settings


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert len(first) == 32
    assert secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1


def test_without_a_database_sqlite_in_the_data_folder(tmp_path: Path) -> None:
    assert database_url(Settings(data=str(tmp_path / "new"))) == f"sqlite:///{tmp_path}/new/syndication.db"
    assert database_url(Settings(database="postgresql://db/x")) == "postgresql://db/x"


def test_a_worker_keeps_up_with_words_and_hubs_and_takes_from_the_newsroom_where_that_is_set(tmp_path: Path) -> None:
    plain = Settings(data=str(tmp_path))
    whole = replace(plain, newsroom_folder=str(tmp_path), newsroom_feed="https://cms.vna.example/en.atom")
    for settings, count in ((plain, 2), (whole, 4)):
        with opened(settings) as house, polling(house) as poller:
            assert len(rounds(house, poller)) == count


def test_a_web_process_does_not_migrate(tmp_path: Path) -> None:
    """Of several processes one migrates, by command; the others say that it was not done."""
    settings = Settings(data=str(tmp_path))
    with pytest.raises(StorageError, match="syndication migrate"), opened(settings, migrating=False):
        pass
    with opened(settings):
        pass
    with opened(settings, migrating=False) as house, house.database.read():
        assert house.settings is settings
