"""What editors do with items, and what a partner's correction or kill does to them: one transaction each, through `release`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syndication.agreements.clearance import clear
from syndication.agreements.decision import fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.subject import of_entry
from syndication.agreements.usage import used
from syndication.errors import ConflictError, NotFoundError, RefusedError, StoryError
from syndication.feeds.sanitize import clean_html, clean_text
from syndication.identity import entry_id, new_id
from syndication.media.store import Store
from syndication.model.agreement import Stamp
from syndication.model.clearance import Clause
from syndication.model.entry import Entry
from syndication.model.event import Event
from syndication.model.item import Item, ItemVersion, Review, ReviewAct, ReviewState
from syndication.model.journal import Buried, Killed
from syndication.model.ledger import Line, Movement
from syndication.model.story import Content, Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish.release import release
from syndication.review.difference import beyond
from syndication.review.workflow import after, undoable
from syndication.settings import Settings
from syndication.storage import agreements, arrivals, events, items, ledger, likeness, partners, publications, stories
from syndication.storage.database import Database, Transaction

HEADLINE_LIMIT = 1_000
AUTOMATIC = "agreement"
"""Who accepts what the agreement lets be accepted at once, in the log of who did what."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What an editor made of the partner's text. `body` is HTML; it is cleaned again before it is kept."""

    headline: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The acts of the queue. Each names the `revision` the editor saw: on another one it is refused with what happened meanwhile (W15)."""

    database: Database
    settings: Settings

    def accept(self, item: str, revision: int, by: str, now: datetime, edits: Edits | None = None) -> Item:
        """Take the item's current version as a version of a Story of ours, and release it.

        Raises StoryError where the edits go beyond the alteration term, RefusedError while the partner holds the item.
        """
        act = ReviewAct.ACCEPT_EDITED if edits else ReviewAct.ACCEPT
        with self.database.write() as tx:
            return accept(tx, _at_revision(tx, item, revision), act, edits, self.settings, by, now)

    def reject(self, item: str, revision: int, reason: str, by: str, now: datetime) -> Item:
        """Leave it out, with a reason that the evaluation of the agreement counts."""
        given = clean_text(reason, 500)
        if not given:
            raise StoryError("say why it is rejected: the reason is part of the evaluation of the agreement")
        with self.database.write() as tx:
            before = _at_revision(tx, item, revision)
            rejected = replace(before, state=_moved(before, ReviewAct.REJECT), reason=given)
            return self._decide(tx, before, rejected, ReviewAct.REJECT, by, now, given)

    def hold(self, item: str, revision: int, by: str, now: datetime) -> Item:
        """Put it aside; it stays in the queue, marked."""
        with self.database.write() as tx:
            before = _at_revision(tx, item, revision)
            return self._decide(tx, before, replace(before, state=_moved(before, ReviewAct.HOLD)), ReviewAct.HOLD, by, now)

    def keep(self, item: str, revision: int, by: str, now: datetime) -> Item:
        """Of an item re-opened by a correction: the story stays as it was taken."""
        with self.database.write() as tx:
            before = _at_revision(tx, item, revision)
            return self._decide(tx, before, replace(before, state=_moved(before, ReviewAct.KEEP)), ReviewAct.KEEP, by, now)

    def undo(self, item: str, revision: int, by: str, now: datetime) -> Item:
        """Take back the last decision, while it is fresh. A story that went out is withheld, or goes back to what it said before."""
        within = timedelta(seconds=self.settings.undo_seconds)
        with self.database.write() as tx:
            before = _at_revision(tx, item, revision)
            reviews = items.reviews(tx, item)
            last = reviews[-1] if reviews else None
            if last is None or not undoable(before, last, now, within):
                raise RefusedError(f"there is no decision of the last {self.settings.undo_seconds} seconds to undo")
            if last.act in (ReviewAct.ACCEPT, ReviewAct.ACCEPT_EDITED):
                taken = self._untake(tx, before, last, by, now)
                if taken is None:
                    ledger.strike(tx, Movement.PUBLISHED, before.id)
            else:
                taken = before.taken_version
            undone = replace(before, state=last.from_state, taken_version=taken, reason=None)
            return self._decide(tx, before, undone, ReviewAct.UNDO, by, now)

    def _untake(self, tx: Transaction, item: Item, accepted: Review, by: str, now: datetime) -> int | None:
        """Withhold the story, or (of a re-opened item) set it back to the version before; returns the item version then taken."""
        story = stories.get(tx, item.story) if item.story else None
        if story is None:
            return None
        if story.current.pubstatus is Pubstatus.CANCELED:
            raise RefusedError(f"{story.id}, the story made from it, was killed meanwhile, and a kill is final: there is nothing to undo")
        if (story.current.made_at, story.current.made_by) != (accepted.at, accepted.by):
            raise RefusedError(
                f"{story.id}, the story made from it, was changed after that by {story.current.made_by}: there is nothing to undo"
            )
        number = story.current.number + 1
        if accepted.from_state is ReviewState.REOPENED:
            earlier = stories.version(tx, story.id, story.current.number - 1)
            if earlier is not None:
                again = replace(earlier, number=number, act=StoryAct.CORRECT, made_at=now, made_by=by, note="Back to the version before.")
                restrain_derived(tx, _versioned(tx, story, again, self.settings.agency, now), self.settings, by, now)
                return _item_version_of(tx, item, earlier)
        held = replace(story.current, number=number, pubstatus=Pubstatus.WITHHELD, act=StoryAct.HOLD, made_at=now, made_by=by, note=None)
        restrain_derived(tx, _versioned(tx, story, held, self.settings.agency, now), self.settings, by, now)
        return None

    def _decide(self, tx: Transaction, before: Item, then: Item, act: ReviewAct, by: str, now: datetime, reason: str | None = None) -> Item:
        return _moved_on(tx, before, then, act, by, now, reason)


def accept(tx: Transaction, before: Item, act: ReviewAct, edits: Edits | None, settings: Settings, by: str, now: datetime) -> Item:
    """Take the item's current version as a version of a Story of ours, and release it, in the caller's transaction."""
    # Of two who accept at once, the second counts what the first has taken.
    tx.in_order()
    state = _moved(before, act)
    if before.current.entry.pubstatus is Pubstatus.WITHHELD:
        raise RefusedError("the partner withholds this item: it can be accepted once the partner lifts its hold")
    if before.erased_at is not None:
        raise RefusedError("the text of this item was deleted at the end of its use: there is nothing left to accept")
    under = _governed(tx, before, settings, now)
    content = credited(tx, before, _edited(before.current, edits))
    story = _take(tx, before, content, settings, by, now)
    taken = replace(before, state=state, taken_version=before.current.number, story=story.id)
    ledger.enter(tx, (Line(Movement.PUBLISHED, before.id, under, content.type, content.language, now),))
    return _moved_on(tx, before, taken, act, by, now, None)


def accept_at_once(tx: Transaction, item: Item, settings: Settings, now: datetime) -> Item:
    """Accept what the agreement lets be accepted without an editor; over a ceiling it waits for one, like any other."""
    try:
        return accept(tx, item, ReviewAct.ACCEPT, None, settings, AUTOMATIC, now)
    except RefusedError:
        return item


def _take(tx: Transaction, item: Item, content: Content, settings: Settings, by: str, now: datetime) -> Story:
    held = stories.get(tx, item.story) if item.story else None
    if held and held.current.pubstatus is Pubstatus.CANCELED:
        raise RefusedError(f"{held.id}, the story made from it, was killed, and a kill is final: nothing more is taken from this item")
    repeated = _repeated(tx, item)
    act = StoryAct.CORRECT if held and held.current.pubstatus is Pubstatus.USABLE else StoryAct.ACCEPT
    number = held.current.number + 1 if held else 1
    identity = held.id if held else new_id("s")
    note = "Corrected by the partner." if act is StoryAct.CORRECT else None
    # What repeats a story of ours moves under that one's terms, too, and waits for its hour (S21).
    sources = dict.fromkeys((item.current.stamp, *(stamp for one in repeated for stamp in one.current.sources)))
    for one in repeated:
        content = replace(content, embargo_until=_later(content.embargo_until, one.current.content.embargo_until))
    version = StoryVersion(identity, number, content, Pubstatus.USABLE, act, now, by, note, tuple(sources))
    if held:
        taken = _versioned(tx, held, version, settings.agency, now)
        arrivals.hand_over(tx, item.id, item.current.number, version)
        restrain_derived(tx, taken, settings, by, now)
        return taken
    origins = tuple(one.id for one in repeated)
    story = Story(identity, entry_id(settings.domain, identity, now), version, now, item=item.id, derived_from=origins)
    stories.write(tx, story)
    arrivals.hand_over(tx, item.id, item.current.number, version)
    release(tx, story, agency=settings.agency, now=now)
    return story


def _repeated(tx: Transaction, item: Item) -> tuple[Story, ...]:
    """The stories of ours that the item says over again. Raises RefusedError where one of them may not be read any more."""
    others = likeness.alike(tx, (item.id,)).get(item.id, ())
    alike = (story for story in (stories.get(tx, one) for one in others) if story is not None and story.item != item.id)
    found = tuple(story for story in alike if _come_back(tx, story, item))
    for one in found:
        if one.current.pubstatus is not Pubstatus.USABLE:
            raise RefusedError(f"this is our own story {one.id}, come back, and that is {one.current.pubstatus}: it is not taken again")
    return found


def _come_back(tx: Transaction, story: Story, item: Item) -> bool:
    """Whether the item's partner may have it from us. What another partner sent, and we never gave it, it has from elsewhere: the terms and
    the kills of the other do not reach it (S23).
    """
    return not story.current.sources or any(one.stamp.partner == item.partner for one in publications.of_story(tx, story.id))


def _governed(tx: Transaction, item: Item, settings: Settings, now: datetime) -> Stamp:
    """The item's Stamp, in the name of the agreement that governs now: under that one it is counted as published.

    Raises RefusedError where none governs any more, or where it sets a ceiling to what we publish of the partner's, and that is reached.
    """
    # A flow that was closed meanwhile brings nothing more, but what it brought is under its agreement still.
    flow = partners.flow_ever(tx, item.flow)
    if flow is None:
        raise RefusedError(f"there is no flow {item.flow}, on which this item came: nothing of it is taken")
    standing = Standing(agreements.register(tx, settings.agency), now)
    governance = standing.governing(flow)
    if governance.agreement is None:
        raise RefusedError(f"nothing is taken from {item.partner} now: {governance.reason}")
    facts = of_entry(item.current.entry, item.current.stamp.origins)
    for verdict in clear(facts, flow, standing, used(tx, flow, standing, item.id)).refusals:
        if verdict.clause is Clause.QUOTA:
            raise RefusedError(f"{verdict.reason} ({verdict.source})")
    return replace(item.current.stamp, agreement=governance.agreement.reference, version=governance.agreement.version)


def reopen(tx: Transaction, before: Item, version: ItemVersion, settings: Settings, now: datetime, flags: tuple[str, ...]) -> Item:
    """The partner corrected the item: the new version is held beside what was taken, and never overwrites an editor's work.

    Two things do not wait for an editor: an embargo that the correction moves later, and a hold, hold for the story at once (Z16).
    """
    state = after(before.state, ReviewAct.REOPEN)
    if state is None:
        return before
    corrected = replace(before, current=version, flags=flags, state=state)
    moved = _moved_on(tx, before, corrected, ReviewAct.REOPEN, before.partner, now, None)
    _restrain(tx, moved, version.entry, settings, now)
    return moved


def refuse(tx: Transaction, before: Item, entry: Entry, reason: str | None, settings: Settings, now: datetime) -> Item:
    """The partner corrected the item, and the agreement does not let the correction in: the editor is told, once, and may kill or keep.

    `reason`: None where that was told already. What the correction narrows needs no leave: its hold, or its later embargo, holds at once,
    for the item as for the story.
    """
    if before.state is ReviewState.REJECTED or after(before.state, ReviewAct.REOPEN) is None:
        return before
    held, version = before.current.entry, before.current
    narrowed = replace(
        held,
        pubstatus=Pubstatus.WITHHELD if entry.pubstatus is Pubstatus.WITHHELD else held.pubstatus,
        content=replace(held.content, embargo_until=_later(held.content.embargo_until, entry.content.embargo_until)),
    )
    if narrowed != held:
        mark = fingerprint(narrowed.content, narrowed.pubstatus)
        version = replace(version, number=version.number + 1, entry=narrowed, fingerprint=mark, received_at=now)
    elif reason is None:
        return before
    told = (f"the partner has corrected it, and the correction may not come in: {reason}",) if reason else ()
    return reopen(tx, before, version, settings, now, tuple(dict.fromkeys((*before.flags, *told))))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def withdraw(tx: Transaction, before: Item, settings: Settings, now: datetime, comment: str | None) -> Item:
    """The partner killed the item: it is withdrawn, and the story made from it is killed wherever it went, waiting for nobody."""
    if before.state is ReviewState.WITHDRAWN:
        return before
    tx.in_order()
    story = stories.get(tx, before.story) if before.story else None
    if story is not None and story.current.pubstatus is not Pubstatus.CANCELED:
        note = comment or "Killed by the agency it came from: do not use."
        # What was made from it may have gone to who may not have the partner's words.
        kill(tx, story, settings, by=before.partner, note=note, now=now, of_derived="Killed, with what it was made from: do not use.")
    gone = replace(before, state=ReviewState.WITHDRAWN, reason=comment)
    moved = _moved_on(tx, before, gone, ReviewAct.WITHDRAW, before.partner, now, comment)
    # Last, as at the end of a use: two who do so in turns would wait for each other.
    Store.of(settings).remove(arrivals.let_go(tx, before.id))
    return moved


def bury(tx: Transaction, dead: Buried, settings: Settings, now: datetime) -> None:
    """The id is dead, whether or not we ever saw it; every item the partner sent under it is withdrawn, on any of its flows."""
    items.bury(tx, dead.partner, dead.guid, dead.when, dead.comment, dead.at)
    for item in items.of_partner_with_guid(tx, dead.partner, dead.guid):
        withdraw(tx, item, settings, now, dead.comment)


def kill(tx: Transaction, story: Story, settings: Settings, *, by: str, note: str, now: datetime, of_derived: str | None = None) -> Story:
    """Kill a story, for good, and all that was derived from it: a last version that says so, told along its Publications. `of_derived`:
    the note of those, where it is another.
    """
    if story.current.pubstatus is Pubstatus.CANCELED:
        raise RefusedError(f"{story.id} is killed already; a kill is final")
    derived = stories.derived(tx, story.id)
    killed = _kill(tx, story, settings, by, note, now)
    for one in derived:
        _kill(tx, one, settings, by, of_derived or note, now)
    return killed


def _kill(tx: Transaction, story: Story, settings: Settings, by: str, note: str | None, now: datetime) -> Story:
    return kill_again(tx, story, settings, Killed(story.id, story.current.number + 1, now, by, note), now)


def kill_again(tx: Transaction, story: Story, settings: Settings, killed: Killed, now: datetime) -> Story:
    """Kill this one story as it was killed then: by whom, when, and no lower a version; those who had it are told of it now."""
    if story.current.pubstatus is Pubstatus.CANCELED:
        return story
    last = replace(
        story.current,
        # A partner that has the lost version passes over another of the same number.
        number=max(killed.version, story.current.number + 1),
        pubstatus=Pubstatus.CANCELED,
        act=StoryAct.KILL,
        made_at=killed.at,
        made_by=killed.by,
        note=killed.reason,
    )
    events.record_event(tx, Event(killed.at, killed.by, "kill", story.id, killed.reason or ""))
    return _versioned(tx, story, last, settings.agency, now)


def _versioned(tx: Transaction, story: Story, version: StoryVersion, agency: str, now: datetime) -> Story:
    stories.add_version(tx, story.id, version)
    raised = replace(story, current=version)
    release(tx, raised, agency=agency, now=now)
    return raised


def _restrain(tx: Transaction, item: Item, entry: Entry, settings: Settings, now: datetime) -> None:
    """What the partner narrows holds at once, also for what was derived: the story is withheld, or waits for the later hour."""
    story = stories.get(tx, item.story) if item.story else None
    if story is None:
        return
    note = "Withheld by the agency it came from: do not use."
    for one in (story, *stories.derived(tx, story.id)):
        _restrain_story(tx, one, _Restraint(entry.pubstatus, entry.content.embargo_until, (), note), settings, item.partner, now)


def restrain_derived(tx: Transaction, story: Story, settings: Settings, by: str, now: datetime) -> None:
    """What was made from a story is held with it, waits for its later hour, and moves under its new terms as well as the old."""
    version = story.current
    note = "Withheld, with what it was made from: do not use."
    for one in stories.derived(tx, story.id):
        _restrain_story(tx, one, _Restraint(version.pubstatus, version.content.embargo_until, version.sources, note), settings, by, now)


@dataclass(frozen=True, slots=True)
class _Restraint:
    """What narrows a story. `note`: what is told of a hold."""

    pubstatus: Pubstatus
    until: datetime | None
    sources: tuple[Stamp, ...]
    note: str


def _restrain_story(tx: Transaction, story: Story, by_what: _Restraint, settings: Settings, by: str, now: datetime) -> None:
    before, until = story.current, by_what.until
    if before.pubstatus is Pubstatus.CANCELED:
        return
    known = before.content.embargo_until
    later = until is not None and until > now and (known is None or until > known)
    then = replace(
        before,
        content=replace(before.content, embargo_until=until) if later else before.content,
        pubstatus=Pubstatus.WITHHELD if by_what.pubstatus is Pubstatus.WITHHELD else before.pubstatus,
        sources=tuple(dict.fromkeys((*before.sources, *by_what.sources))),
    )
    if then == before:
        return
    if then.pubstatus is not before.pubstatus:
        act, note = StoryAct.HOLD, by_what.note
    elif then.pubstatus is Pubstatus.WITHHELD:
        act, note = StoryAct.HOLD, before.note or by_what.note
    else:
        act, note = StoryAct.CORRECT, "Embargo moved later." if later else "What it was made from moves under other terms."
    raised = replace(then, number=before.number + 1, act=act, made_at=now, made_by=by, note=note)
    _versioned(tx, story, raised, settings.agency, now)


def _moved_on(tx: Transaction, before: Item, then: Item, act: ReviewAct, by: str, now: datetime, reason: str | None) -> Item:
    revision = before.revision + 1
    decided = replace(then, revision=revision, changed_at=now, decided_by=by, decided_at=now)
    review = Review(before.id, revision, act, by, now, before.state, then.state, reason)
    items.decide(tx, before, decided, review)
    events.record_event(tx, Event(now, by, str(act), before.id, reason or ""))
    return decided


def _at_revision(tx: Transaction, item: str, revision: int) -> Item:
    tx.in_order()
    found = items.get(tx, item)
    if found is None:
        raise NotFoundError(f"there is no item {item}")
    if found.revision != revision:
        who = f" by {found.decided_by}" if found.decided_by else ""
        raise ConflictError(f"meanwhile this item was changed{who}: it is now {found.state}. Look at it again before you decide")
    return found


def _moved(item: Item, act: ReviewAct) -> ReviewState:
    state = after(item.state, act)
    if state is None:
        raise RefusedError(f"an item that is {item.state} cannot be moved by '{act}'")
    return state


def _edited(version: ItemVersion, edits: Edits | None) -> Content:
    source = version.entry.content
    if edits is None:
        return source
    headline = clean_text(edits.headline, HEADLINE_LIMIT)
    if not headline:
        raise StoryError("a story needs a headline")
    content = replace(
        source,
        headline=headline,
        summary=clean_text(edits.summary, HEADLINE_LIMIT * 4),
        body=clean_html(edits.body, source.link or ""),
    )
    if fault := beyond(version.stamp.terms.alteration, source, content):
        raise StoryError(f"{fault} ({version.stamp.agreement} v{version.stamp.version}, {version.stamp.clause})")
    return content


def credited(tx: Transaction, item: Item, content: Content) -> Content:
    """With the credit line that the agreement asks for, written out (the term `credit_line` of the grant)."""
    template = item.current.stamp.terms.credit_line
    if template is None:
        return content
    partner = partners.get(tx, item.partner)
    name = partner.name if partner else item.partner
    written = (
        template.replace("{partner}", name).replace("{author}", ", ".join(content.byline) or name).replace("{original}", content.link or "")
    )
    return replace(content, credit_line=written)


def _item_version_of(tx: Transaction, item: Item, story: StoryVersion) -> int | None:
    stamped = {source.at for source in story.sources}
    return next((version.number for version in items.versions(tx, item.id) if version.stamp.at in stamped), None)
