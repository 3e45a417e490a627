"""The power fails while a poller writes: what a disk holds at that moment is copied, mounted and looked at.

    unshare -m python -m tests.ingest.cutting_power FOLDER CUTS [NORMAL | OFF]

Needs root and loop devices. The database lies on ext4 in a file. At each cut the poller is stopped and the file copied: it holds what was
written through to the disk and not what the kernel still has in memory, as after a loss of power. The copy is mounted and opened by the
same code as ever. The last line says how it went, as JSON. The last argument, for the control, is SQLite's `synchronous` as it must not be.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from syndication.storage import agreements, partners
from syndication.storage.database import Database
from syndication.storage.migrate import migrate
from tests.ingest.conftest import FEED
from tests.ingest.test_killed import LAST, Growing, faults, growing, polling, sound
from tests.worlds import NOW, agreement, flow, partner

IMAGE_MIB = 64


@dataclass
class Report:
    """Of so many cuts. `losing`: in how many something that was confirmed was not there; `wrong`: what else was."""

    cuts: int = 0
    confirmed: int = 0
    losing: int = 0
    wrong: tuple[str, ...] = ()


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    run("mount", "-o", "loop", str(image), str(at))
    try:
        yield at
    finally:
        run("umount", str(at))


def begun(database_url: str, feed: Growing) -> None:
    """A database with the flow in it, safe on the disk."""
    migrate(database_url)
    with closing(Database(database_url)) as database, database.write() as tx:
        partners.take(tx, (partner(),), (replace(flow(), url=f"http://127.0.0.1:{feed.port}{FEED}"),), NOW)
        agreements.sign(tx, agreement(), NOW, "test")
    os.sync()


def cut(image: Path, folder: Path, report: Report, confirmed: int) -> None:
    """Look at what the disk holds now."""
    copy = folder / "copy.img"
    run("cp", "--sparse=always", str(image), str(copy))
    report.cuts += 1
    with mounted(copy, folder / "after") as disk:
        url = f"sqlite:///{disk / 'cut.db'}"
        with closing(Database(url)) as database:
            found = faults(database, confirmed, LAST)
        lost = [one for one in found if "was confirmed" in one]
        report.losing += bool(lost)
        report.wrong += tuple(one for one in found if one not in lost)
        if not sound(url):
            report.wrong += ("the file is damaged",)


def cuts(folder: Path, times: int, *how: str) -> Report:
    chance, report, image = random.Random(20261124), Report(), folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(IMAGE_MIB * 1024 * 1024)
    run("mkfs.ext4", "-q", "-F", str(image))
    with growing() as feed, mounted(image, folder / "disk") as disk:
        url = f"sqlite:///{disk / 'cut.db'}"
        begun(url, feed)
        with polling(url, feed, *how) as poller:
            for _ in range(times):
                enough = feed.documents + chance.randint(2, 6)
                child = poller.start()
                with feed.grown:
                    feed.grown.wait_for(lambda least=enough: feed.documents >= least, timeout=20)  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.03))
                os.kill(child, signal.SIGSTOP)
                poller.hear()
                cut(image, folder, report, poller.confirmed)
                watch = os.pidfd_open(child)
                os.kill(child, signal.SIGKILL)
                select.select([watch], [], [])
                os.close(watch)
        report.confirmed = poller.confirmations
    return report


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(cuts(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))) + "\n")
