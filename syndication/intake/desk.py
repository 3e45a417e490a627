"""Our own stories: taken in, corrected, held, lifted and killed; each act releases in its own transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from syndication.errors import KnownError, NotFoundError, RefusedError, StaleError, StoryError
from syndication.feeds import submitted
from syndication.feeds.draft import LONGEST_NOTE
from syndication.feeds.sanitize import clean_text
from syndication.feeds.vocabulary import content_type_of
from syndication.identity import entry_id, new_id
from syndication.model.agreement import Alteration
from syndication.model.event import Event
from syndication.model.story import Content, Pubstatus, Rendition, Story, StoryAct, StoryVersion, Submitted
from syndication.publish.release import release
from syndication.review import desk
from syndication.settings import Settings
from syndication.storage import events, media, stories, submissions
from syndication.storage.database import Database, Transaction

Also = Callable[[Transaction, Story], None]
"""What else is kept of an act, in its transaction."""


def nothing_else(_tx: Transaction, _story: Story) -> None:
    """Nothing else is kept."""


class Taken(StrEnum):
    """What a document that was handed in did."""

    ADDED = "added"
    CORRECTED = "corrected"
    KILLED = "killed"
    NOTHING = "nothing new"


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What our own newsroom does with its stories. `by`: who, for the log. `also`: what else is kept, or not, together with the act."""

    database: Database
    settings: Settings

    def add(self, data: bytes, by: str, now: datetime, derived_from: tuple[str, ...] = (), also: Also = nothing_else) -> Story:
        """Take a document as a new story and release it.

        `derived_from`: the stories it was translated, abridged or compiled from. It moves under the terms of them all, the narrowest
        of each, waits for the latest of their embargoes, and is killed with any of them.
        Raises StoryError for what is no story, KnownError where a story with its `uri` is here already.
        """
        read = submitted.read(data, now)
        with self.database.write() as tx:
            tx.in_order()
            known = stories.by_uri(tx, read.uri) if read.uri else None
            if known is not None:
                raise KnownError(f"{read.uri} is here already: to correct it, 'syndication story correct {known.id} FILE'", known.id)
            story = self._add(tx, read, by, now, derived_from)
            also(tx, story)
        return story

    def correct(
        self,
        story: str,
        data: bytes,
        note: str | None,
        by: str,
        now: datetime,
        expected: Collection[int] | None = None,
        also: Also = nothing_else,
    ) -> Story:
        """Raise the story by a version with what the document says: it goes to all who got it. The id stays, and so does a hold of ours.

        `note`: what was wrong; without one, the document's own. `expected`: the numbers of versions of which one must stand; None:
        whichever stands. Raises StaleError where another does, RefusedError for a partner's story: its words, its hour and its
        hold are the partner's, and change through the queue.
        """
        read = submitted.read(data, now)
        with self.database.write() as tx:
            before = _ours(tx, story, expected)
            after = self._raised(tx, before, self._corrected(tx, before, read, note, by, now), by, now)
            also(tx, after)
        return after

    def take(self, read: Submitted, digest: str, by: str, now: datetime, also: Also = nothing_else) -> tuple[Taken, Story | None]:
        """Do what the document says: a new story, a correction, a hold, a kill; nothing where it says what stands already.

        `digest`: of its bytes. The same again does nothing, whatever has happened to the story since; so it may be tried until it is known
        to be kept. Raises as `add` and `correct` do, and StoryError for the kill of a story that is not here.
        """
        with self.database.write() as tx:
            return self._take(tx, read, digest, by, now, also)

    def take_all(self, document: Sequence[Submitted], digest: str, by: str, now: datetime) -> tuple[tuple[Taken, Story | None], ...]:
        """The same for every story of one document, in its order: all of them or none. Raises StoryError, which names the one."""
        with self.database.write() as tx:
            return tuple(self._take_of_several(tx, read, digest, by, now) for read in document)

    def _take_of_several(self, tx: Transaction, read: Submitted, digest: str, by: str, now: datetime) -> tuple[Taken, Story | None]:
        try:
            return self._take(tx, read, digest, by, now)
        except (StoryError, RefusedError, NotFoundError) as error:
            raise StoryError(f"{read.uri}: {error}; nothing of this document was taken") from error

    def _take(
        self, tx: Transaction, read: Submitted, digest: str, by: str, now: datetime, also: Also = nothing_else
    ) -> tuple[Taken, Story | None]:
        tx.in_order()
        if submissions.last(tx, read.uri) == digest:
            return Taken.NOTHING, stories.by_uri(tx, read.uri)
        taken, story = self._taken(tx, read, by, now)
        submissions.record(tx, read.uri, digest, now)
        also(tx, story)
        return taken, story

    def kill(self, story: str, note: str, by: str, now: datetime, also: Also = nothing_else) -> Story:
        """Kill the story, for good, wherever it went. Raises StoryError for a note that says nothing: it is for those who got it."""
        said = clean_text(note, LONGEST_NOTE)
        if not said:
            raise StoryError("a kill needs a reason, for those who got the story: what is wrong with it?")
        with self.database.write() as tx:
            tx.in_order()
            killed = desk.kill(tx, found(tx, story), self.settings, by=by, note=said, now=now)
            also(tx, killed)
        return killed

    def hold(self, story: str, note: str, by: str, now: datetime, also: Also = nothing_else) -> Story:
        """Withhold the story, and what was made from it, wherever it went, until it is lifted: no correction lets it out."""
        said = clean_text(note, LONGEST_NOTE)
        if not said:
            raise StoryError("a hold needs a reason, for those who got the story: why may they not use it now?")
        with self.database.write() as tx:
            before = _ours(tx, story)
            if _held_by_hand(tx, before):
                raise RefusedError(f"{before.id} is held already; lift it, or kill it")
            after = self._raised(tx, before, _next(before, StoryAct.HOLD, Pubstatus.WITHHELD, said, by, now), by, now)
            also(tx, after)
        return after

    def lift(self, story: str, note: str, by: str, now: datetime, also: Also = nothing_else) -> Story:
        """End the hold of the story: it goes again to all who may have it. What was made from it stays held until it is lifted itself."""
        said = clean_text(note, LONGEST_NOTE)
        if not said:
            raise StoryError("say why the hold ends: it is for those who were told not to use the story")
        with self.database.write() as tx:
            before = _ours(tx, story)
            if before.current.pubstatus is not Pubstatus.WITHHELD:
                raise RefusedError(f"{before.id} is not held: there is nothing to lift")
            for source in before.derived_from:
                _source(tx, source)
            after = self._raised(tx, before, _next(before, StoryAct.LIFT, Pubstatus.USABLE, said, by, now), by, now)
            also(tx, after)
        return after

    def _add(self, tx: Transaction, read: Submitted, by: str, now: datetime, derived_from: tuple[str, ...] = ()) -> Story:
        if read.pubstatus is Pubstatus.CANCELED:
            raise StoryError(f"pubstatus: {read.uri} is no story here: there is nothing to kill, and a new story cannot be canceled")
        evolved = self._followed(tx, read.evolved_from)
        content = self._held(tx, read.content)
        identity = new_id("s")
        sources = tuple(_source(tx, name) for name in derived_from)
        if evolved is not None and evolved.current.sources:
            # A further take of what is a partner's is made from it, whatever the newsroom calls it.
            sources = (*sources, _source(tx, evolved.id))
        version = _derived(StoryVersion(identity, 1, content, read.pubstatus, StoryAct.WRITE, now, by), sources)
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

    def _corrected(self, tx: Transaction, before: Story, read: Submitted, note: str | None, by: str, now: datetime) -> StoryVersion:
        """The version that the document would make of the story."""
        if read.pubstatus is Pubstatus.CANCELED:
            raise StoryError("pubstatus: a correction does not kill; a kill is an act of its own, with its reason")
        if read.uri and before.uri and read.uri != before.uri:
            raise StoryError(f"uri: the document is {read.uri}, but {before.id} is {before.uri}; a correction keeps the id")
        sources = tuple(_source(tx, source) for source in before.derived_from)
        derived = _derived(replace(before.current, content=self._held(tx, read.content)), sources)
        held = _held_by_hand(tx, before)
        said = clean_text(note or read.note or "", LONGEST_NOTE)
        # Of a hold, those who got the story are told in words of our own, where the newsroom says nothing.
        otherwise = None if read.pubstatus is Pubstatus.WITHHELD else "Corrected."
        return replace(
            _next(before, StoryAct.CORRECT, Pubstatus.WITHHELD if held else read.pubstatus, said or otherwise, by, now),
            content=derived.content,
            sources=derived.sources,
        )

    def _taken(self, tx: Transaction, read: Submitted, by: str, now: datetime) -> tuple[Taken, Story]:
        known = stories.by_uri(tx, read.uri)
        if known is None:
            return Taken.ADDED, self._add(tx, read, by, now)
        if read.pubstatus is Pubstatus.CANCELED:
            if known.current.pubstatus is Pubstatus.CANCELED:
                return Taken.NOTHING, known
            note = clean_text(read.note or "", LONGEST_NOTE) or "Killed by the newsroom: do not use."
            return Taken.KILLED, desk.kill(tx, known, self.settings, by=by, note=note, now=now)
        before = _ours(tx, known.id)
        version = self._corrected(tx, before, read, None, by, now)
        if version.pubstatus is before.current.pubstatus and version.content == _by_now(before.current.content, now):
            return Taken.NOTHING, before
        return Taken.CORRECTED, self._raised(tx, before, version, by, now)

    def _raised(self, tx: Transaction, before: Story, version: StoryVersion, by: str, now: datetime) -> Story:
        stories.add_version(tx, before.id, version)
        after = replace(before, current=version)
        self._release(tx, after, version.act, by, now)
        desk.restrain_derived(tx, after, self.settings, by, now)
        return after

    def _release(self, tx: Transaction, story: Story, act: StoryAct, by: str, now: datetime) -> None:
        media.want(tx, story.current, now)
        release(tx, story, agency=self.settings.agency, now=now)
        events.record_event(tx, Event(now, by, str(act), story.id, story.current.content.headline))

    def _held(self, tx: Transaction, content: Content) -> Content:
        """The content, each rendition that was uploaded with what is kept of it here."""
        here = uploads(self.settings)
        return replace(content, renditions=tuple(_kept(tx, one, here) for one in content.renditions))

    def _followed(self, tx: Transaction, name: str | None) -> Story | None:
        if name is None:
            return None
        earlier = stories.by_uri(tx, name) or stories.get(tx, name)
        if earlier is None:
            raise StoryError(f"evolvedfrom: there is no story {name} for this one to follow")
        return earlier


def found(tx: Transaction, name: str) -> Story:
    """The story of that id, or of that `uri`. Raises NotFoundError."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None:
        raise NotFoundError(f"there is no story {name}; 'syndication story ls' lists the newest")
    return story


def uploads(settings: Settings) -> str:
    """The start of the addresses by which documents name what was uploaded; its hash follows."""
    return f"{settings.base_url.rstrip('/')}/api/renditions/"


def _kept(tx: Transaction, rendition: Rendition, here: str) -> Rendition:
    if not rendition.url.startswith(here):
        return rendition
    kept = media.get(tx, rendition.url.removeprefix(here))
    if kept is None:
        raise StoryError(f"{rendition.url}: nothing was uploaded under this address, or no story named it within a day: upload it again")
    return replace(
        rendition,
        hash=kept.hash,
        media_type=kept.media_type,
        type=content_type_of(kept.media_type) or rendition.type,
        length=kept.length,
        width=kept.width,
        height=kept.height,
    )


def _ours(tx: Transaction, name: str, expected: Collection[int] | None = None) -> Story:
    """The story, where our newsroom may still change it, in the order of all who change one."""
    tx.in_order()
    story = found(tx, name)
    if expected is not None and story.current.number not in expected:
        raise StaleError(f"{story.id} is at version {story.current.number} by now, by {story.current.made_by}: look at it again")
    if story.current.pubstatus is Pubstatus.CANCELED:
        raise RefusedError(f"{story.id} was killed, and a kill is final: write a new story")
    if story.erased_at is not None:
        raise RefusedError(f"the text of {story.id} was deleted at the end of its use, and it may not be used again")
    if story.item is not None:
        raise RefusedError(f"{story.id} was accepted from a partner: what the partner corrects is accepted in the queue")
    return story


def _held_by_hand(tx: Transaction, story: Story) -> bool:
    """Whether someone held it, here or where it was made from: then no document lets it out. What a document withheld, a document lifts."""
    for version in reversed(stories.versions(tx, story.id)):
        if version.pubstatus is not Pubstatus.WITHHELD:
            return False
        if version.act is StoryAct.HOLD:
            return True
    return False


def _next(before: Story, act: StoryAct, pubstatus: Pubstatus, note: str | None, by: str, now: datetime) -> StoryVersion:
    number = before.current.number + 1
    return replace(before.current, number=number, act=act, pubstatus=pubstatus, note=note, made_at=now, made_by=by)


def _by_now(content: Content, now: datetime) -> Content:
    """What a document of now would say of it: an embargo whose hour has come is none."""
    until = content.embargo_until
    return replace(content, embargo_until=None) if until is not None and until <= now else content


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
