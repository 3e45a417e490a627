"""The folder into which our newsroom writes its documents: each is taken once, in the order of their names, and moved aside."""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from syndication.errors import InputError, NotFoundError, RefusedError, StoryError
from syndication.feeds import submitted
from syndication.feeds.draft import LARGEST
from syndication.feeds.sanitize import clean_text
from syndication.intake.desk import Newsroom, Taken
from syndication.logs import logger

STILL: Final = timedelta(seconds=2)
"""So long a file must not have changed: until then it may still be being written."""
AT_ONCE: Final = 200
"""Files of one round."""
TAKEN, REFUSED = "taken", "refused"
UNFINISHED: Final = (".tmp", ".part")
BY: Final = "folder"


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one file, or of one story of several in it. `what` None: the file was refused, for these `faults`. `name`: as a
    person may see it.
    """

    name: str
    what: Taken | None
    story: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """`waiting`: so many files were changed just now, and are left for the next round."""

    handed: tuple[Handed, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder. A taken file goes to `taken/`, one that is no story to `refused/`, beside a .txt that says why; none is ever deleted.

    What a file does is kept with its hash, in one transaction, before it is moved: where the process is killed between the two, the next
    round finds that it is taken already, and only moves it. Of several processes on this machine one takes at a time.
    """

    newsroom: Newsroom
    path: Path

    def tick(self, now: datetime) -> None:
        """One round, for the log."""
        for one in self.round(now).handed:
            if one.what is None:
                logger.warning("refused a file of the newsroom", file=one.name, why="; ".join(one.faults))
            else:
                logger.info("took a file of the newsroom", file=one.name, what=str(one.what), story=one.story)

    def round(self, now: datetime) -> Round:
        """Take what has been still for a while. Raises InputError for a folder that cannot be used, StorageError as soon as a document
        could not be kept: it and what comes after it stay where they are.
        """
        try:
            with self._alone() as folder:
                return self._taken(folder, now)
        except BlockingIOError:
            return Round()
        except OSError as error:
            raise InputError(
                f"the newsroom's folder {self.path} cannot be used: {error.strerror}; see whose it is, and what is in it"
            ) from error

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The opened folder, while no other process takes from it. A lock ends with its process, however that ends."""
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
        finally:
            os.close(folder)

    def _taken(self, folder: int, now: datetime) -> Round:
        ripe, waiting = _ripe(folder, now)
        # Both are there before anything is taken: what cannot be moved aside would be taken again, after what came later.
        with closing(_Aside(folder, TAKEN)) as taken, closing(_Aside(folder, REFUSED)) as refused:
            handed: list[Handed] = []
            for name in ripe[:AT_ONCE]:
                found = self._one(folder, name, now)
                if not found:
                    waiting += 1
                    continue
                if found[0].what is None:
                    refused.say(name, now, found[0].faults)
                else:
                    taken.move(name, now)
                handed += found
        return Round(tuple(handed), waiting)

    def _one(self, folder: int, name: str, now: datetime) -> tuple[Handed, ...]:
        """What became of each story in a file, all or none of them; nothing: it is being written just now, or gone."""
        shown = clean_text(name, 200)
        try:
            data = _read(folder, name)
            if data is None:
                return ()
            read, digest = submitted.read_all(data, now), hashlib.sha256(data).hexdigest()
            done = self.newsroom.take_all(read, digest, BY, now) if len(read) > 1 else (self.newsroom.take(read[0], digest, BY, now),)
        except StoryError as error:
            faults = tuple(f"{fault.key}: {fault.message}" for fault in error.faults) or (str(error),)
            return (Handed(shown, None, faults=faults),)
        except (RefusedError, NotFoundError) as error:
            return (Handed(shown, None, faults=(str(error),)),)
        return tuple(Handed(shown, what, story.id if story else None) for what, story in done)


def _ripe(folder: int, now: datetime) -> tuple[list[str], int]:
    """The files that have been still, by name, and how many have not. No folder, link, device or unfinished file is among them."""
    ripe: list[str] = []
    waiting = 0
    with os.scandir(folder) as found:
        for one in found:
            if one.name.startswith(".") or one.name.lower().endswith(UNFINISHED) or not one.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):
                changed = datetime.fromtimestamp(one.stat(follow_symlinks=False).st_mtime, UTC)
                if changed <= now - STILL:
                    ripe.append(one.name)
                else:
                    waiting += 1
    return sorted(ripe), waiting


def _read(folder: int, name: str) -> bytes | None:
    """The whole of a file; None where it is gone, is none any more, or changes while it is read. Raises StoryError where it cannot be."""
    try:
        # No link is followed, and what is no file (a pipe, put there meanwhile) does not make us wait.
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoryError(f"the file cannot be read: {error.strerror}") from error
    with os.fdopen(opened, "rb") as file:
        before = os.fstat(opened)
        if not stat.S_ISREG(before.st_mode):
            return None
        if before.st_size > LARGEST:
            raise StoryError(f"the file has {before.st_size} bytes; a story may have {LARGEST}")
        data = file.read(LARGEST + 1)
        after = os.fstat(opened)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == before.st_size
    return data if same else None


class _Aside:
    """A folder beside the files, for those that are done. Raises OSError where it is a link, or cannot be made."""

    def __init__(self, folder: int, name: str) -> None:
        self._folder = folder
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=folder)
        self._opened = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)

    def close(self) -> None:
        """Nothing is moved any more."""
        os.close(self._opened)

    def move(self, name: str, now: datetime) -> None:
        """Move a file here, beside whatever is here of the same name."""
        os.rename(name, self._free(name, now), src_dir_fd=self._folder, dst_dir_fd=self._opened)

    def say(self, name: str, now: datetime, faults: tuple[str, ...]) -> None:
        """Move a file here that was refused, and say why beside it: first the words, so that no file is ever here without."""
        free = self._free(name, now)
        words = os.open(f"{free}.txt", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=self._opened)
        with os.fdopen(words, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(f"{fault}\n" for fault in faults))
        os.rename(name, free, src_dir_fd=self._folder, dst_dir_fd=self._opened)

    def _free(self, name: str, now: datetime) -> str:
        """The name, if nothing has it here, nor it with .txt; else with the moment and a number before its ending."""
        stem, ending = os.path.splitext(name)
        tried, number = name, 1
        while self._there(tried) or self._there(f"{tried}.txt"):
            tried = f"{stem}.{now:%Y%m%dT%H%M%SZ}-{number}{ending}"
            number += 1
        return tried

    def _there(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._opened, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True
