"""The program of `test_folder`: takes what is in a folder, and says a line for each file, until someone kills it.

python -m tests.intake.taking_until_killed DATABASE FOLDER NOW
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from syndication.intake.desk import Newsroom, Taken
from syndication.intake.folder import Folder
from syndication.model.story import Story, Submitted
from syndication.settings import Settings
from syndication.storage.database import Database

STORY: dict[str, Any] = {"uri": "urn:vna:1", "language": "en", "headline": "Hanoi opens a museum", "body_html": "<p>Of rail.</p>"}


def document(**changes: Any) -> bytes:
    """A ninjs document of our CMS."""
    return json.dumps({**STORY, **changes}).encode()


class Telling(Newsroom):
    """Says when a document has been kept, which is just before its file is moved."""

    def take(self, read: Submitted, digest: str, by: str, now: datetime, *more: Any) -> tuple[Taken, Story | None]:
        """As the newsroom does."""
        taken = super().take(read, digest, by, now, *more)
        sys.stdout.write(f"{read.uri}\n")
        sys.stdout.flush()
        return taken


if __name__ == "__main__":
    folder = Folder(Telling(Database(f"sqlite:///{sys.argv[1]}"), Settings()), Path(sys.argv[2]))
    while folder.round(datetime.fromisoformat(sys.argv[3])).handed:
        pass
