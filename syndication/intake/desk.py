"""Our own stories: taken in as ninjs, corrected, withheld and killed; each act releases in its own transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from syndication.errors import ConflictError, NotFoundError, RefusedError, StoryError
from syndication.feeds import ninjs
from syndication.feeds.sanitize import clean_text
from syndication.identity import entry_id, new_id
from syndication.model.event import Event
from syndication.model.story import Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish.release import release
from syndication.review import desk
from syndication.settings import Settings
from syndication.storage import events, stories
from syndication.storage.database import Database, Transaction

LARGEST = 4 * 1024 * 1024
"""Bytes of one ninjs document."""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What our own newsroom does with its stories. `by`: who, for the log."""

    database: Database
    settings: Settings

    def add(self, data: bytes, by: str, now: datetime) -> Story:
        """Take a ninjs document as a new story and release it.

        Raises StoryError for what is no ninjs, ConflictError where a story with its `uri` is here already.
        """
        read = ninjs.read(_bounded(data), now)
        if read.pubstatus is Pubstatus.CANCELED:
            raise StoryError("pubstatus: a new story cannot be canceled; use 'syndication story kill STORY'")
        with self.database.write() as tx:
            known = stories.by_uri(tx, read.uri) if read.uri else None
            if known is not None:
                raise ConflictError(f"{read.uri} is here already: to correct it, 'syndication story correct {known.id} FILE'")
            evolved = self._followed(tx, read.evolved_from)
            identity = new_id("s")
            version = StoryVersion(identity, 1, read.content, read.pubstatus, StoryAct.WRITE, now, by)
            story = Story(identity, entry_id(self.settings.domain, identity, now), version, now, uri=read.uri, evolved_from=evolved)
            stories.write(tx, story)
            self._release(tx, story, StoryAct.WRITE, by, now)
        return story

    def correct(self, story: str, data: bytes, note: str | None, by: str, now: datetime) -> Story:
        """Raise the story by a version with what the ninjs document says: it goes to all who got it. The id stays."""
        read = ninjs.read(_bounded(data), now)
        with self.database.write() as tx:
            before = found(tx, story)
            if before.current.pubstatus is Pubstatus.CANCELED:
                raise RefusedError(f"{before.id} was killed, and a kill is final: write a new story")
            if read.pubstatus is Pubstatus.CANCELED:
                raise StoryError("pubstatus: to kill a story use 'syndication story kill STORY'")
            if read.uri and before.uri and read.uri != before.uri:
                raise StoryError(f"uri: the document is {read.uri}, but {before.id} is {before.uri}; a correction keeps the id")
            version = replace(
                before.current,
                number=before.current.number + 1,
                content=read.content,
                pubstatus=read.pubstatus,
                act=StoryAct.CORRECT,
                made_at=now,
                made_by=by,
                note=clean_text(note, 500) if note else "Corrected.",
            )
            return self._raise(tx, before, version, by, now)

    def kill(self, story: str, note: str, by: str, now: datetime) -> Story:
        """Kill the story, for good, wherever it went."""
        with self.database.write() as tx:
            return desk.kill(tx, found(tx, story), self.settings, by=by, note=clean_text(note, 500) or "Killed: do not use.", now=now)

    def _raise(self, tx: Transaction, before: Story, version: StoryVersion, by: str, now: datetime) -> Story:
        stories.add_version(tx, before.id, version)
        after = replace(before, current=version)
        self._release(tx, after, version.act, by, now)
        return after

    def _release(self, tx: Transaction, story: Story, act: StoryAct, by: str, now: datetime) -> None:
        release(tx, story, agency=self.settings.agency, now=now)
        events.record_event(tx, Event(now, by, str(act), story.id, story.current.content.headline))

    def _followed(self, tx: Transaction, name: str | None) -> str | None:
        if name is None:
            return None
        earlier = stories.by_uri(tx, name) or stories.get(tx, name)
        if earlier is None:
            raise StoryError(f"evolvedfrom: there is no story {name} for this one to follow")
        return earlier.id


def found(tx: Transaction, name: str) -> Story:
    """The story of that id, or of that ninjs uri. Raises NotFoundError."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None:
        raise NotFoundError(f"there is no story {name}; 'syndication story ls' lists the newest")
    return story


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise StoryError(f"the document has {len(data)} bytes; a story may have {LARGEST}")
    return data
