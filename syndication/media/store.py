"""The bytes of renditions on the disk, by their hash: written aside first, so that nothing half is ever seen, and no name is another's."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final, Protocol

from syndication.errors import ConflictError, MediaError, NotFoundError, StorageError, TooLargeError
from syndication.media.bucket import Bucket
from syndication.media.check import SMALL, Checker
from syndication.media.sniff import holds
from syndication.model.agreement import ContentType
from syndication.model.media import Kept
from syndication.settings import Settings
from syndication.storage import media
from syndication.storage.database import Transaction

CHUNK: Final = 64 * 1024
HASH: Final = re.compile(r"[0-9a-f]{64}")
LEFT_FOR: Final = timedelta(hours=1)
"""A file written aside that is older than that was left by a process that died."""
FEWEST_NAMES: Final = 1_000
"""Files that the disk must have room for besides."""
UNHELD_FOR: Final = timedelta(days=1)
"""So long what was taken waits for a story that holds it."""


class Stream(Protocol):
    """What bytes are read from, a chunk at a time."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Store:
    """The folder `media/` in the data folder: `ab/cd/<hash>`, at most 65,536 folders (X06), and what is being written in `incoming/`.

    `reserve`: so many bytes stay free on its disk. `bucket`: where there is one, bytes are kept there, under the same names, and only what
    is being looked over lies on the disk.
    """

    folder: Path
    reserve: int = 0
    bucket: Bucket | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Store":
        """Of this installation."""
        return cls(Path(settings.data) / "media", settings.media_reserve_bytes, Bucket.of(settings))

    def take(self, stream: Stream, declared: str | None, limit: int, checker: Checker, now: datetime) -> Kept:
        """Read the stream to its end, look it over and keep it on the disk. It is written down (`record`) in a transaction after that.

        `declared`: the media type that was said of it, if any. No name is taken from outside (W06).
        Raises TooLargeError past `limit` bytes, MediaError for what is not taken, StorageError where it cannot be written.
        """
        with self.aside() as aside:
            with _named(aside), aside.open("wb") as file:
                _poured(stream, file, limit)
            return self.adopt(aside, declared, checker, now)

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A name in `incoming/` to write to; what is still there when the block ends is deleted. Raises StorageError where it is full."""
        with _named(self.folder):
            self._made(self._incoming())
            _roomy(self.folder, self.reserve)
        aside = self._incoming() / secrets.token_hex(16)
        try:
            yield aside
        finally:
            aside.unlink(missing_ok=True)
            aside.with_suffix(SMALL).unlink(missing_ok=True)

    def adopt(self, aside: Path, declared: str | None, checker: Checker, now: datetime, wanted: ContentType | None = None) -> Kept:
        """The same for a whole file that lies in `incoming/`; `wanted`: as what a grant must be able to speak of it."""
        with _named(aside):
            if not aside.stat().st_size:
                raise MediaError("it is empty: nothing was taken")
            found = checker.check(aside, declared)
            if wanted is not None and wanted not in holds(found.media_type):
                raise MediaError(f"it is said to be of the type {wanted}, and is {found.media_type}")
            with aside.open("rb") as file:
                hash_ = hashlib.file_digest(file, "sha256").hexdigest()
                length = file.seek(0, os.SEEK_END)
            small = aside.with_suffix(SMALL)
            for one, name in ((small, _name(hash_) + SMALL), (aside, _name(hash_))):
                if one.exists():
                    self._put(one, name)
        return Kept(hash_, found.media_type, length, found.width, found.height, now)

    def record(self, tx: Transaction, kept: Kept) -> None:
        """Write down what was taken. Raises ConflictError where the same bytes were let go of in between: take them again."""
        media.keep(tx, kept)
        name = _name(kept.hash)
        if not (self.bucket.has(name) if self.bucket else (self.folder / name).exists()):
            raise ConflictError("the same picture was deleted at this very moment; give it again")

    def open(self, hash_: str, *, small: bool = False) -> IO[bytes]:
        """The bytes; with `small`, of the picture's thumbnail, a JPEG. Raises NotFoundError where there are none, or that is no hash."""
        if not HASH.fullmatch(hash_):
            raise NotFoundError("there is no such picture, audio or video")
        try:
            name = _name(hash_) + (SMALL if small else "")
            return self.bucket.open(name) if self.bucket else (self.folder / name).open("rb")
        except FileNotFoundError as error:
            raise NotFoundError("there is no such picture, audio or video") from error

    def remove(self, hashes: tuple[str, ...]) -> None:
        """Delete these bytes: within the transaction that wrote them down no longer, so that nobody takes the same in between."""
        for name in (name for hash_ in hashes for name in (_name(hash_), _name(hash_) + SMALL)):
            if self.bucket:
                self.bucket.remove(name)
            else:
                with _named(self.folder / name):
                    (self.folder / name).unlink(missing_ok=True)

    def sweep(self, tx: Transaction, now: datetime) -> int:
        """Delete what processes that died left, and what no story came to hold. Returns how many files."""
        left = [one for one in self._incoming().glob("*") if one.stat().st_mtime < (now - LEFT_FOR).timestamp()]
        for one in left:
            one.unlink(missing_ok=True)
        unheld = media.forget(tx, now - UNHELD_FOR)
        self.remove(unheld)
        return len(left) + len(unheld)

    def _put(self, file: Path, name: str) -> None:
        if self.bucket:
            self.bucket.put(file, name)
            return
        # The order is the point: the bytes, then the name, then the folder, then the database (D04).
        with file.open("rb") as written:
            os.fsync(written.fileno())
        place = self.folder / name
        self._made(place.parent)
        os.replace(file, place)
        _settled(place.parent)

    def _incoming(self) -> Path:
        return self.folder / "incoming"

    def _made(self, folder: Path) -> None:
        """The folder, for its owner only, and each above it, down to the data folder, so that they outlive a loss of power too."""
        if folder.is_dir():
            return
        above = folder.parent
        if folder != self.folder:
            self._made(above)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=folder == self.folder)
        _settled(above)


def _name(hash_: str) -> str:
    return f"{hash_[:2]}/{hash_[2:4]}/{hash_}"


def _poured(stream: Stream, file: IO[bytes], limit: int) -> None:
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"it has more than {limit} bytes, which are the most that are taken; nothing of it was")
        file.write(chunk)


def _roomy(folder: Path, reserve: int) -> None:
    """Stop before the disk is full: what is left over is for the database, for kills and for what has to be deleted (D05, X06)."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < reserve:
        raise StorageError(f"no more is kept in {folder}: less than {reserve} bytes are free (media_reserve_bytes); make room on its disk")
    # A file system that makes room for names as it goes says that it has none.
    if disk.f_files and disk.f_favail < FEWEST_NAMES:
        raise StorageError(f"no more is kept in {folder}: its disk has room for fewer than {FEWEST_NAMES} files more; make room there")


def _settled(folder: Path) -> None:
    """The names in the folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"the picture cannot be kept in {path.parent}: {error.strerror}; see its disk and its rights") from error
