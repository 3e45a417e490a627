"""The kill journal: a file beside the database, or on another disk, that only grows, and that no restore of a backup takes back.

One line a deed: `{"killed": {"story": "s_1", "version": 3, "at": ..., "by": ..., "reason": ...}, "sum": "5c1a90f3"}`, where `sum` is
the CRC-32 of the deed, written without spaces.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from syndication.errors import StorageError
from syndication.logs import logger
from syndication.model.journal import Buried, Deed, Enacted, Ending, Killed, Revoked
from syndication.storage.columns import read_whole, written

KINDS: Final[dict[str, type[Deed]]] = {
    "killed": Killed,
    "buried": Buried,
    "revoked": Revoked,
    "ending": Ending,
    "enacted": Enacted,
}
MOST_KNOWN: Final = 10_000
"""Deeds that are remembered as written: a partner can bury 5,000 ids with every document."""
TORN: Final = b" #torn"
"""What ends a line that was cut off while it was written, as whoever wrote next has marked it: its deed was not answered as done."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal says, each deed once, in order. `damaged`: the numbers of the lines that cannot be read; `torn`: one was cut off."""

    deeds: tuple[Deed, ...] = ()
    damaged: tuple[int, ...] = ()
    torn: bool = False


class Journal:
    """One file. Several processes append to it; what one of them has read or written is not appended by it again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: set[Deed] = set()

    def append(self, deeds: Sequence[Deed]) -> None:
        """Have these on the disk when it returns. Raises StorageError where they are not."""
        fresh = [deed for deed in deeds if deed not in self._known]
        if not fresh:
            return
        try:
            self._write(b"".join(_line(deed) for deed in fresh))
        except OSError as error:
            raise StorageError(
                f"it is done, and stands in the database, but the journal {self.path} could not be written ({error.strerror}): "
                "a backup of before would undo it; mend that, then make a new backup"
            ) from error
        self._know(fresh)

    def read(self) -> Reading:
        """What it says; nothing where there is no such file yet. Raises StorageError where there is one that cannot be opened."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return Reading()
        except OSError as error:
            raise StorageError(
                f"the journal {self.path} cannot be read ({error.strerror}), so that nobody knows which kills a restored backup lacks; "
                "see who owns it, or name another with the setting 'journal'"
            ) from error
        *lines, tail = text.split(b"\n")
        deeds: list[Deed] = []
        damaged: list[int] = []
        torn = False
        for number, line in enumerate(lines, 1):
            deed = _deed(line)
            if deed is not None:
                deeds.append(deed)
            elif line.endswith(TORN):
                torn = True
            else:
                damaged.append(number)
        last = _deed(tail)
        if last is not None:
            deeds.append(last)
        self._know(deeds)
        return Reading(tuple(dict.fromkeys(deeds)), tuple(damaged), torn or bool(tail and last is None))

    def _know(self, deeds: Sequence[Deed]) -> None:
        """For a while: a deed that is written twice is read as one."""
        if len(self._known) + len(deeds) > MOST_KNOWN:
            self._known.clear()
        self._known.update(deeds[-MOST_KNOWN:])

    def _write(self, lines: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = not self.path.exists()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with os.fdopen(os.open(self.path, flags, 0o600), "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            rest = _mended(self.path) + lines
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        if made:
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _mended(path: Path) -> bytes:
    """What has to be written first, so that what follows begins a line of its own."""
    tail = path.read_bytes().rpartition(b"\n")[2]
    if not tail:
        return b""
    if _deed(tail) is not None:
        return b"\n"
    logger.warning("the last line of the journal was cut off while it was written", journal=str(path))
    return TORN + b"\n"


def _line(deed: Deed) -> bytes:
    word = next(word for word, kind in KINDS.items() if isinstance(deed, kind))
    said = json.loads(written(type(deed), deed))
    return json.dumps({word: said, "sum": _sum(said)}, ensure_ascii=False).encode() + b"\n"


def _deed(line: bytes) -> Deed | None:
    """What the line says; None where it is not as it was written, or of a later version of the program."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    told = given.pop("sum", None)
    word, said = next(iter(given.items()), ("", None))
    if len(given) != 1 or word not in KINDS or told != _sum(said):
        return None
    try:
        return read_whole(KINDS[word], json.dumps(said))
    except StorageError:
        return None


def _sum(said: Any) -> str:
    return f"{zlib.crc32(json.dumps(said, separators=(',', ':')).encode()):08x}"
