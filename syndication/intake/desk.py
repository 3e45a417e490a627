"""Our own stories: taken in as ninjs, corrected, withheld and killed; each act releases in its own transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from syndication.errors import ConflictError, NotFoundError, RefusedError, StoryError
from syndication.feeds import submitted
from syndication.feeds.sanitize import clean_text
from syndication.identity import entry_id, new_id
from syndication.model.agreement import Alteration
from syndication.model.event import Event
from syndication.model.story import Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish.release import release
from syndication.review import desk
from syndication.settings import Settings
from syndication.storage import events, media, stories
from syndication.storage.database import Database, Transaction

LARGEST = 4 * 1024 * 1024
"""Bytes of one ninjs document."""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What our own newsroom does with its stories. `by`: who, for the log."""

    database: Database
    settings: Settings

    def add(self, data: bytes, by: str, now: datetime, derived_from: tuple[str, ...] = ()) -> Story:
        """Take a ninjs document as a new story and release it.

        `derived_from`: the stories it was translated, abridged or compiled from. It moves under the terms of them all, the narrowest
        of each, waits for the latest of their embargoes, and is killed with any of them.
        Raises StoryError for what is no ninjs, ConflictError where a story with its `uri` is here already.
        """
        read = submitted.read(_bounded(data), now)
        if read.pubstatus is Pubstatus.CANCELED:
            raise StoryError("pubstatus: a new story cannot be canceled; use 'syndication story kill STORY'")
        with self.database.write() as tx:
            tx.in_order()
            known = stories.by_uri(tx, read.uri) if read.uri else None
            if known is not None:
                raise ConflictError(f"{read.uri} is here already: to correct it, 'syndication story correct {known.id} FILE'")
            evolved = self._followed(tx, read.evolved_from)
            identity = new_id("s")
            sources = tuple(_source(tx, name) for name in derived_from)
            if evolved is not None and evolved.current.sources:
                # A further take of what is a partner's is made from it, whatever the newsroom calls it.
                sources = (*sources, _source(tx, evolved.id))
            version = _derived(StoryVersion(identity, 1, read.content, read.pubstatus, StoryAct.WRITE, now, by), sources)
            story = Story(
                id=identity,
                entry_id=entry_id(self.settings.domain, identity, now),
                current=version,
                first_made_at=now,
                uri=read.uri,
                evolved_from=evolved.id if evolved else None,
                derived_from=tuple(dict.fromkeys(source.id for source in sources)),
            )
            stories.write(tx, story)
            self._release(tx, story, StoryAct.WRITE, by, now)
        return story

    def correct(self, story: str, data: bytes, note: str | None, by: str, now: datetime) -> Story:
        """Raise the story by a version with what the ninjs document says: it goes to all who got it. The id stays.

        Raises RefusedError for a partner's story: its words, its hour and its hold are the partner's, and change through the queue.
        """
        read = submitted.read(_bounded(data), now)
        with self.database.write() as tx:
            tx.in_order()
            before = found(tx, story)
            if before.current.pubstatus is Pubstatus.CANCELED:
                raise RefusedError(f"{before.id} was killed, and a kill is final: write a new story")
            if before.erased_at is not None:
                raise RefusedError(f"the text of {before.id} was deleted at the end of its use, and it may not be used again")
            if before.item is not None:
                raise RefusedError(f"{before.id} was accepted from a partner: what the partner corrects is accepted in the queue")
            if read.pubstatus is Pubstatus.CANCELED:
                raise StoryError("pubstatus: to kill a story use 'syndication story kill STORY'")
            if read.uri and before.uri and read.uri != before.uri:
                raise StoryError(f"uri: the document is {read.uri}, but {before.id} is {before.uri}; a correction keeps the id")
            sources = tuple(_source(tx, source) for source in before.derived_from)
            derived = _derived(replace(before.current, content=read.content), sources)
            version = replace(
                before.current,
                number=before.current.number + 1,
                content=derived.content,
                sources=derived.sources,
                pubstatus=read.pubstatus,
                act=StoryAct.CORRECT,
                made_at=now,
                made_by=by,
                note=clean_text(note, 500) if note else "Corrected.",
            )
            after = self._raise(tx, before, version, by, now)
            desk.restrain_derived(tx, after, self.settings, by, now)
            return after

    def kill(self, story: str, note: str, by: str, now: datetime) -> Story:
        """Kill the story, for good, wherever it went. Raises StoryError for a note that says nothing: it is for those who got it."""
        said = clean_text(note, 500)
        if not said:
            raise StoryError("a kill needs a reason, for those who got the story: what is wrong with it?")
        with self.database.write() as tx:
            tx.in_order()
            return desk.kill(tx, found(tx, story), self.settings, by=by, note=said, now=now)

    def _raise(self, tx: Transaction, before: Story, version: StoryVersion, by: str, now: datetime) -> Story:
        stories.add_version(tx, before.id, version)
        after = replace(before, current=version)
        self._release(tx, after, version.act, by, now)
        return after

    def _release(self, tx: Transaction, story: Story, act: StoryAct, by: str, now: datetime) -> None:
        media.want(tx, story.current, now)
        release(tx, story, agency=self.settings.agency, now=now)
        events.record_event(tx, Event(now, by, str(act), story.id, story.current.content.headline))

    def _followed(self, tx: Transaction, name: str | None) -> Story | None:
        if name is None:
            return None
        earlier = stories.by_uri(tx, name) or stories.get(tx, name)
        if earlier is None:
            raise StoryError(f"evolvedfrom: there is no story {name} for this one to follow")
        return earlier


def found(tx: Transaction, name: str) -> Story:
    """The story of that id, or of that ninjs uri. Raises NotFoundError."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None:
        raise NotFoundError(f"there is no story {name}; 'syndication story ls' lists the newest")
    return story


def _source(tx: Transaction, name: str) -> Story:
    source = found(tx, name)
    if source.current.pubstatus is not Pubstatus.USABLE:
        raise RefusedError(f"{source.id} is {source.current.pubstatus}: nothing can be made from it now")
    if source.erased_at is not None:
        raise RefusedError(f"the text of {source.id} was deleted at the end of its use: nothing can be made from it now")
    return source


def _derived(version: StoryVersion, sources: tuple[Story, ...]) -> StoryVersion:
    """The version under everything that its sources came under, with their latest embargo, and their credit where it has none (Z15).

    Raises RefusedError where a source may not be altered so: what may not be changed by a word is not compiled from, and what may only be
    abridged stays in its language.
    """
    for source in sources:
        for stamp in source.current.sources:
            where = f"{source.id} came under {stamp.agreement} v{stamp.version}, {stamp.clause}"
            if stamp.terms.alteration is Alteration.NONE:
                raise RefusedError(f"{where}, which lets no word of it be altered: nothing is made from it")
            if stamp.terms.alteration is Alteration.ABRIDGE and source.current.content.language != version.content.language:
                raise RefusedError(f"{where}, which lets it be abridged, not translated into {version.content.language}")
    stamps = tuple(dict.fromkeys((*version.sources, *(stamp for source in sources for stamp in source.current.sources))))
    embargoes = [version.content.embargo_until, *(source.current.content.embargo_until for source in sources)]
    until = max((one for one in embargoes if one is not None), default=None)
    credits = dict.fromkeys(source.current.content.credit_line for source in sources if source.current.content.credit_line)
    credit = version.content.credit_line or "; ".join(credits) or None
    return replace(version, content=replace(version.content, embargo_until=until, credit_line=credit), sources=stamps)


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise StoryError(f"the document has {len(data)} bytes; a story may have {LARGEST}")
    return data
