"""Bytes on the disk by their hash: nothing half, nothing by a name from outside, nothing that nobody holds."""

import errno
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from syndication.errors import ConflictError, MediaError, NotFoundError, StorageError, TooLargeError
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.media import Kept
from syndication.storage import media
from syndication.storage.database import Database
from tests.media import pictures
from tests.worlds import NOW

LIMIT = 50_000


def take(store: Store, checker: Checker, data: bytes = b"", **more: Any) -> Kept:
    return store.take(io.BytesIO(data or pictures.jpeg()), more.get("declared"), more.get("limit", LIMIT), checker, NOW)


def files(store: Store) -> list[str]:
    """What there is, without folders."""
    return sorted(str(one.relative_to(store.folder)) for one in store.folder.rglob("*") if one.is_file())


def test_it_is_kept_by_its_hash_and_read_back(store: Store, checker: Checker) -> None:
    """X06: two folders deep, so that none gets a million files. W06: the name is the hash, whatever it was called."""
    data = pictures.jpeg()
    kept = take(store, checker)
    named = hashlib.sha256(data).hexdigest()
    assert kept == Kept(named, "image/jpeg", len(data), 8, 6, NOW)
    assert files(store) == [f"{named[:2]}/{named[2:4]}/{named}", f"{named[:2]}/{named[2:4]}/{named}.small"]
    with store.open(named) as file:
        assert file.read() == data
    assert store.folder.stat().st_mode & 0o077 == 0


def test_the_same_bytes_are_kept_once(store: Store, checker: Checker) -> None:
    assert take(store, checker) == take(store, checker)
    assert len(files(store)) == 2


def test_beside_a_picture_its_thumbnail_is_kept_and_goes_with_it(store: Store, checker: Checker) -> None:
    """W08: it tells nothing of where the picture was taken, and stands the right way up."""
    kept = take(store, checker, pictures.jpeg(1600, 400, told=True))
    with store.open(kept.hash, small=True) as file, Image.open(file) as small:
        assert (small.format, small.size, dict(small.getexif()), small.info.keys() & {"exif", "icc_profile", "comment"}) == (
            "JPEG",
            (80, 320),
            {},
            set(),
        )
    store.remove((kept.hash,))
    assert files(store) == []
    with pytest.raises(NotFoundError):
        store.open(take(store, checker, pictures.MP3).hash, small=True)


def test_the_hash_is_of_what_is_kept_and_not_of_what_came(store: Store, checker: Checker) -> None:
    """W08: the place is taken out first."""
    kept = take(store, checker, pictures.jpeg(told=True))
    with store.open(kept.hash) as file:
        data = file.read()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (kept.hash, kept.length)
    assert b"105,51E" not in data


@pytest.mark.parametrize(
    ("data", "more", "failure"),
    [
        pytest.param(pictures.WAV + b"\0" * LIMIT, {}, TooLargeError, id="a byte too many, and more"),
        pytest.param(pictures.SVG, {}, MediaError, id="SVG"),
        pytest.param(pictures.png(), {"declared": "image/jpeg"}, MediaError, id="not what was said"),
        pytest.param(b" ", {}, MediaError, id="a space"),
    ],
)
def test_w07_what_is_refused_leaves_nothing(store: Store, checker: Checker, data: bytes, more: Any, failure: type[MediaError]) -> None:
    """W07."""
    with pytest.raises(failure):
        take(store, checker, data, **more)
    assert files(store) == []


def test_exactly_as_many_bytes_as_may_be_are_taken(store: Store, checker: Checker) -> None:
    assert take(store, checker, limit=len(pictures.jpeg())).width == 8
    with pytest.raises(TooLargeError):
        take(store, checker, limit=len(pictures.jpeg()) - 1)


def test_nothing_is_refused_as_empty(store: Store, checker: Checker) -> None:
    with pytest.raises(MediaError, match="empty"):
        store.take(io.BytesIO(), None, LIMIT, checker, NOW)


class Endless:
    """A stream that never ends, and counts what was asked of it."""

    asked = 0

    def read(self, size: int, /) -> bytes:
        self.asked += size
        return b"\0" * size


def test_a_stream_is_never_read_further_than_may_be(store: Store, checker: Checker) -> None:
    stream = Endless()
    with pytest.raises(TooLargeError):
        store.take(stream, None, LIMIT, checker, NOW)
    assert stream.asked <= LIMIT + 2 * 64 * 1024


@pytest.mark.parametrize(
    "name", ["../../secret.key", "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 65, "", "..", "\0" * 64, "é" * 64, "0" * 64]
)
def test_w06_what_is_no_hash_opens_nothing(store: Store, checker: Checker, name: str) -> None:
    """W06: no name from outside is ever a path."""
    take(store, checker)
    (store.folder.parent / "secret.key").write_bytes(b"secret")
    with pytest.raises(NotFoundError):
        store.open(name)


def test_d04_the_bytes_the_name_the_folder_and_then_the_row(
    store: Store, checker: Checker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D04: in this order, so that a loss of power never leaves a row without its file."""
    done: list[str] = []

    def noted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any) -> Any:
            target = os.readlink(f"/proc/self/fd/{given[0]}") if name == "fsync" else str(given[1])
            done.append(f"{name} {'aside' if '/incoming/' in target else Path(target).name[:4]}")
            return real(*given)

        return act

    kept = take(store, checker, pictures.png())
    monkeypatch.setattr(os, "fsync", noted("fsync", os.fsync))
    monkeypatch.setattr(os, "replace", noted("replace", os.replace))
    kept = take(store, checker)
    folders = [f"fsync {name}" for name in ("medi", kept.hash[:2])]
    named = f"replace {kept.hash[:4]}"
    once = [named, f"fsync {kept.hash[2:4]}"]
    assert done == ["fsync aside", *folders, *once, "fsync aside", *once]
    with database.write() as tx:
        store.record(tx, kept)


HALF_WAY = """
import io, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from syndication.media.check import Checker
from syndication.media.store import Store

class Cut:
    def __init__(self, data):
        self.parts = [data[:100], None]
    def read(self, size):
        part = self.parts.pop(0)
        if part is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return part

Store(Path(sys.argv[1])).take(Cut(sys.stdin.buffer.read()), None, 50_000, Checker(), datetime.now(UTC))
"""


def test_d04_killed_half_way_nothing_is_seen_and_what_is_left_is_swept(store: Store, database: Database) -> None:
    """D04: kill -9 while the bytes come."""
    ended = subprocess.run([sys.executable, "-c", HALF_WAY, str(store.folder)], input=pictures.jpeg(), check=False)
    assert ended.returncode == -9
    left = files(store)
    assert [name.partition("/")[0] for name in left] == ["incoming"]
    (aside,) = (store.folder / name for name in left)
    at = NOW - timedelta(minutes=59)
    for swept, age in ((0, timedelta(0)), (1, timedelta(minutes=2))):
        os.utime(aside, ((at - age).timestamp(),) * 2)
        with database.write() as tx:
            assert store.sweep(tx, NOW) == swept
    assert files(store) == []


def test_a_disk_that_is_full_is_told(store: Store, checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        take(store, checker)
    assert [name for name in files(store) if not name.startswith("incoming")] == []


def test_what_no_story_came_to_hold_goes_after_a_day(store: Store, checker: Checker, database: Database) -> None:
    with database.write() as tx:
        kept = take(store, checker)
        store.record(tx, kept)
        assert store.sweep(tx, NOW + timedelta(days=1)) == 0
        # Taken again, it waits again.
        store.record(tx, replace(kept, taken_at=NOW + timedelta(hours=1)))
        assert store.sweep(tx, NOW + timedelta(days=1, minutes=1)) == 0
        assert store.sweep(tx, NOW + timedelta(days=1, hours=2)) == 1
        assert media.get(tx, kept.hash) is None
    assert files(store) == []


def test_what_was_let_go_of_in_between_is_not_written_down(store: Store, checker: Checker, database: Database) -> None:
    """No row is without its file."""
    kept = take(store, checker)
    store.remove((kept.hash,))
    with pytest.raises(ConflictError, match="give it again"), database.write() as tx:
        store.record(tx, kept)
    with database.read() as tx:
        assert media.get(tx, kept.hash) is None
