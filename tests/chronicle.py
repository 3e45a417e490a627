"""What follows an act, by an independent model: what becomes of items, of the stories made from them, and of what was counted.

Written from the rules as the docs tell them, not from the program, of which it imports the nouns only. What may move, it asks `oracle`.
"""

import itertools
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syndication.model.agreement import Alteration, ReviewTerm, Stamp
from syndication.model.entry import Entry
from syndication.model.item import ReviewState
from syndication.model.ledger import Movement
from syndication.model.partner import Flow, FlowState, Partner
from syndication.model.story import Content, Pubstatus, StoryAct, StoryVersion
from tests.oracle import World, clear, governing, over_a_ceiling

MACHINE = "the machine"
UNDO = timedelta(seconds=30)


class NotAllowed(Exception):  # noqa: N818 - it is no error: the model says no
    """The model refuses the act: nothing changes."""


@dataclass
class Known:
    """An item. `read`: what its newest version says, before anything was left behind; `judges`: who decided what, and from where."""

    name: str
    flow: str
    partner: str
    guid: str
    state: ReviewState
    entry: Entry
    read: tuple[Content, Pubstatus]
    stamp: Stamp
    story: str | None = None
    taken: list[Stamp] = field(default_factory=list)
    last: tuple[str, str, ReviewState, datetime] | None = None
    """The last thing done to it: the act, by whom, where it stood before, when."""
    made: int = 0
    """The number of the story's version that the last accept made."""
    refused: set[tuple[Content, Pubstatus]] = field(default_factory=set)
    """The corrections that were not let in, of which the editor has been told."""


@dataclass
class Chronicle(World):
    """Everything there is, and how it came about."""

    partners: dict[str, Partner] = field(default_factory=dict)
    items: dict[tuple[str, str], Known] = field(default_factory=dict)
    dead: set[tuple[str, str]] = field(default_factory=set)
    made_from: dict[str, set[str]] = field(default_factory=dict)
    """Of each story, the stories it was derived from."""
    story_of: dict[str, str] = field(default_factory=dict)
    """What the stories are called that items become."""

    # What partners send

    def mapped(self, entry: Entry, flow: Flow) -> tuple[Entry, bool]:
        """With the topics that its categories stand for; and whether nothing is known of any of them."""
        topics = list(entry.content.topics)
        for name in (*entry.categories, *entry.content.topics):
            for category in self.partners[flow.partner].categories:
                if category.name.lower() == name.lower():
                    topics += [*category.topics, f"{flow.partner}:{category.name.lower()}"]
        told = tuple(dict.fromkeys(topics))
        return replace(entry, content=replace(entry.content, topics=told or flow.topics)), bool(not told and entry.categories)

    def may_come_in(self, entry: Entry, flow: Flow, at: datetime) -> tuple[Stamp, Content] | None:
        """Under which stamp, and what of its content."""
        facts = StoryVersion("", 1, replace(entry.content, embargo_until=None), Pubstatus.USABLE, StoryAct.ACCEPT, at, "")
        answer = clear(self, facts, Pubstatus.USABLE, flow, at)
        if not answer.allowed or answer.stamp is None or flow.state is not FlowState.OPEN:
            return None
        claimed = entry.claimed_source
        origins = tuple(name for name, one in self.partners.items() if claimed and name != flow.partner and claimed in (name, one.name))
        kept = tuple(one for one in entry.content.renditions if one.type not in answer.left_out)
        return replace(answer.stamp, origins=origins), replace(entry.content, renditions=kept)

    def receive(self, name: str, entry: Entry, flow: Flow, at: datetime) -> None:
        """One entry of a document. `name`: what the item is called, should it be new."""
        read, unknown = self.mapped(entry, flow)
        key, said = (flow.id, entry.guid), (read.content, read.pubstatus)
        item = self.items.get(key)
        if (flow.partner, entry.guid) in self.dead:
            return
        if entry.pubstatus is Pubstatus.CANCELED:
            self.kill_guid(flow.partner, entry.guid, at)
            return
        older = item and entry.updated and item.entry.updated and entry.updated < item.entry.updated
        # A hold is never too old.
        if item and (item.read == said or (older and entry.pubstatus is not Pubstatus.WITHHELD)):
            return
        cleared = self.may_come_in(read, flow, at)
        if cleared is None:
            if item and item.state not in (ReviewState.REJECTED, ReviewState.WITHDRAWN):
                self._not_let_in(item, read, at)
            return
        stamp, content = cleared
        odd = bool(
            unknown
            or entry.flags
            or entry.claimed_source
            or entry.content.embargo_until
            or entry.pubstatus is Pubstatus.WITHHELD
            or (item and _share(item.entry.content, content) < 0.2)
        )
        kept = replace(read, content=content)
        at_once = not odd and stamp.terms.review is ReviewTerm.AUTOMATIC
        if item is None:
            before = self.items.get((flow.id, entry.replaces or ""))
            item = self.items[key] = Known(name, flow.id, flow.partner, entry.guid, ReviewState.PENDING, kept, said, stamp)
            at_once = at_once and not (before and before.state is ReviewState.WITHDRAWN) and (flow.partner, entry.replaces) not in self.dead
        else:
            at_once = at_once and item.state is ReviewState.ACCEPTED and item.last is not None and item.last[1] == MACHINE
            self._corrected(item, kept, said, stamp, at)
        self.enter(Movement.OFFERED, item.name, stamp, content.type, content.language, at)
        if at_once:
            try:
                self.accept(item, content, MACHINE, at)
            except NotAllowed:
                return

    def _corrected(self, item: Known, entry: Entry, said: tuple[Content, Pubstatus], stamp: Stamp, at: datetime) -> None:
        before = item.state
        offered_again = {ReviewState.ACCEPTED: ReviewState.REOPENED, ReviewState.REJECTED: ReviewState.PENDING}
        item.state, item.entry, item.read, item.stamp = offered_again.get(before, before), entry, said, stamp
        item.last = ("reopen", item.partner, before, at)
        if item.story:
            self._restrain([item.story, *self.after(item.story)], entry.pubstatus, entry.content.embargo_until, (), at)

    def _not_let_in(self, item: Known, read: Entry, at: datetime) -> None:
        """Its words stay out; its hold and its later hour count all the same; the editor is told of each once."""
        said = (read.content, read.pubstatus)
        hours = [one for one in (item.entry.content.embargo_until, read.content.embargo_until) if one]
        narrower = replace(
            item.entry,
            pubstatus=Pubstatus.WITHHELD if read.pubstatus is Pubstatus.WITHHELD else item.entry.pubstatus,
            content=replace(item.entry.content, embargo_until=max(hours, default=None)),
        )
        told, same = said in item.refused, narrower == item.entry
        item.refused.add(said)
        if not (told and same):
            self._corrected(item, narrower, item.read if same else (narrower.content, narrower.pubstatus), item.stamp, at)

    def kill_guid(self, partner: str, guid: str, at: datetime) -> None:
        """The partner kills it, on whatever flow it came."""
        self.dead.add((partner, guid))
        for item in self.items.values():
            if (item.partner, item.guid) == (partner, guid) and item.state is not ReviewState.WITHDRAWN:
                if item.story:
                    self.kill(item.story, at)
                item.last, item.state = ("withdraw", partner, item.state, at), ReviewState.WITHDRAWN

    # What editors do

    def accept(self, item: Known, content: Content, by: str, at: datetime) -> None:
        """Take what the item says now, as `content`: the partner's words, or an editor's."""
        if item.state not in (ReviewState.PENDING, ReviewState.HELD, ReviewState.REOPENED):
            raise NotAllowed
        flow = self.flows[item.flow]
        if item.entry.pubstatus is Pubstatus.WITHHELD:
            raise NotAllowed
        said, under = item.entry.content, governing(self, flow, at)
        if under is None or over_a_ceiling(self, flow, item.name, said.type, said.language, at):
            raise NotAllowed
        if not _within(item.stamp.terms.alteration, item.entry.content, content):
            raise NotAllowed
        if item.story and self.status(item.story) is Pubstatus.CANCELED:
            raise NotAllowed
        if item.stamp.terms.credit_line is not None:
            content = replace(content, credit_line=self.credit(item))
        story = item.story or self.story_of.get(item.name) or f"story of {item.name}"
        again = item.story is not None
        item.last, item.state, item.story = ("accept", by, item.state, at), ReviewState.ACCEPTED, story
        item.taken.append(item.stamp)
        self.made_from.setdefault(story, set())
        self._raise(story, at, content=content, pubstatus=Pubstatus.USABLE, sources=(item.stamp,))
        item.made = self.stories[story][-1].number
        if again:
            self._follow(story, at)
        counted = replace(item.stamp, agreement=under.reference)
        self.enter(Movement.PUBLISHED, item.name, counted, content.type, content.language, at)

    def credit(self, item: Known) -> str:
        """The line, written out."""
        name = self.partners[item.partner].name
        values = {"partner": name, "author": ", ".join(item.entry.content.byline) or name, "original": item.entry.content.link or ""}
        return re.sub(r"\{(partner|author|original)\}", lambda found: values[found[1]], item.stamp.terms.credit_line or "")

    def move(self, item: Known, act: str, at: datetime) -> None:
        """Reject, hold, or keep what was taken."""
        moves = {
            "reject": ((ReviewState.PENDING, ReviewState.HELD), ReviewState.REJECTED),
            "hold": ((ReviewState.PENDING,), ReviewState.HELD),
            "keep": ((ReviewState.REOPENED,), ReviewState.ACCEPTED),
        }
        here, there = moves[act]
        if item.state not in here:
            raise NotAllowed
        item.last, item.state = (act, "mai", item.state, at), there

    def undo(self, item: Known, at: datetime) -> None:
        """Take back the last decision."""
        if item.last is None or item.last[0] not in ("accept", "reject", "hold", "keep") or at - item.last[3] > UNDO:
            raise NotAllowed
        act, _, back_to, _ = item.last
        if act == "accept" and item.story:
            if self.status(item.story) is Pubstatus.CANCELED or self.stories[item.story][-1].number != item.made:
                raise NotAllowed
            item.taken.pop()
            if back_to is ReviewState.REOPENED:
                earlier = self.stories[item.story][-2]
                self._raise(item.story, at, content=earlier.content, pubstatus=earlier.pubstatus, sources=earlier.sources)
            else:
                item.taken.clear()
                self._raise(item.story, at, pubstatus=Pubstatus.WITHHELD)
                self.moved.pop((Movement.PUBLISHED, item.flow, item.name), None)
            self._follow(item.story, at)
        item.last, item.state = ("undo", "mai", item.state, at), back_to

    # Our own stories

    def write(self, story: str, content: Content, pubstatus: Pubstatus, derived_from: tuple[str, ...], at: datetime) -> None:
        """A story of ours, or one made from others."""
        if any(self.status(one) is not Pubstatus.USABLE for one in derived_from):
            raise NotAllowed
        stamps = self._stamps(content, derived_from)
        self.made_from[story] = set(derived_from)
        self._raise(story, at, content=self._bounded(content, derived_from), pubstatus=pubstatus, sources=stamps)

    def _stamps(self, content: Content, derived_from: tuple[str, ...]) -> tuple[Stamp, ...]:
        """Under what it moves; where one of these may not be altered so, it is not made."""
        stamps: dict[Stamp, None] = {}
        for one in derived_from:
            last = self.stories[one][-1]
            for stamp in last.sources:
                translated = last.content.language != content.language
                if stamp.terms.alteration is Alteration.NONE or (stamp.terms.alteration is Alteration.ABRIDGE and translated):
                    raise NotAllowed
                stamps[stamp] = None
        return tuple(stamps)

    def correct(self, story: str, content: Content, pubstatus: Pubstatus, at: datetime) -> None:
        """Another version of it, which may withhold it, or let it go again."""
        sources = tuple(sorted(self.made_from[story]))
        if self.status(story) is Pubstatus.CANCELED or any(self.status(one) is not Pubstatus.USABLE for one in sources):
            raise NotAllowed
        if any(item.story == story for item in self.items.values()):
            raise NotAllowed
        stamps = dict.fromkeys((*self.stories[story][-1].sources, *self._stamps(content, sources)))
        status = Pubstatus.WITHHELD if self._held(story) else pubstatus
        self._raise(story, at, content=self._bounded(content, sources), pubstatus=status, sources=tuple(stamps))
        self._follow(story, at)

    def hold(self, story: str, at: datetime) -> None:
        """Withheld, with all that was made from it, until it is lifted."""
        if self.status(story) is Pubstatus.CANCELED or any(item.story == story for item in self.items.values()) or self._held(story):
            raise NotAllowed
        self._raise(story, at, pubstatus=Pubstatus.WITHHELD, act=StoryAct.HOLD)
        self._follow(story, at)

    def lift(self, story: str, at: datetime) -> None:
        """It may be used again, if all that it was made from may. What was made from it waits for its own lift."""
        if self.status(story) is not Pubstatus.WITHHELD or any(item.story == story for item in self.items.values()):
            raise NotAllowed
        if any(self.status(one) is not Pubstatus.USABLE for one in self.made_from[story]):
            raise NotAllowed
        self._raise(story, at, pubstatus=Pubstatus.USABLE, act=StoryAct.LIFT)
        self._follow(story, at)

    def _held(self, story: str) -> bool:
        """Whether it was held, by hand or with what it was made from: then no correction lets it out, only whoever lifts it."""
        since = itertools.takewhile(lambda one: one.pubstatus is Pubstatus.WITHHELD, reversed(self.stories[story]))
        return any(one.act is StoryAct.HOLD for one in since)

    def _bounded(self, content: Content, sources: tuple[str, ...]) -> Content:
        of = [self.stories[one][-1].content for one in sources]
        hours = [one.embargo_until for one in (content, *of) if one.embargo_until]
        lines = dict.fromkeys(one.credit_line for one in of if one.credit_line)
        return replace(content, embargo_until=max(hours, default=None), credit_line=content.credit_line or "; ".join(lines) or None)

    def kill(self, story: str, at: datetime) -> None:
        """It, and all that was made from it."""
        for one in (story, *self.after(story)):
            if self.status(one) is not Pubstatus.CANCELED:
                self._raise(one, at, pubstatus=Pubstatus.CANCELED)

    def status(self, story: str) -> Pubstatus:
        """Of now."""
        return self.stories[story][-1].pubstatus

    def after(self, story: str) -> list[str]:
        """All that was made from it, then from that, and so on."""
        found = [story]
        while more := sorted(name for name, sources in self.made_from.items() if sources & set(found) and name not in found):
            found += more
        return found[1:]

    def _follow(self, story: str, at: datetime) -> None:
        last = self.stories[story][-1]
        self._restrain(self.after(story), last.pubstatus, last.content.embargo_until, last.sources, at)

    def _restrain(self, names: list[str], pubstatus: Pubstatus, embargo: datetime | None, sources: tuple[Stamp, ...], at: datetime) -> None:
        """What is not dead is held, waits for the later hour, and moves under these terms as well."""
        for name in names:
            last = self.stories[name][-1]
            if last.pubstatus is Pubstatus.CANCELED:
                continue
            known, content, status = last.content.embargo_until, last.content, last.pubstatus
            if embargo and embargo > at and (known is None or known < embargo):
                content = replace(content, embargo_until=embargo)
            if pubstatus is Pubstatus.WITHHELD:
                status = pubstatus
            stamps = tuple(dict.fromkeys((*last.sources, *sources)))
            if (content, status, stamps) != (last.content, last.pubstatus, last.sources):
                self._raise(name, at, content=content, pubstatus=status, sources=stamps, act=StoryAct.HOLD)

    def _raise(
        self,
        story: str,
        at: datetime,
        *,
        pubstatus: Pubstatus | None = None,
        content: Content | None = None,
        sources: tuple[Stamp, ...] | None = None,
        act: StoryAct = StoryAct.WRITE,
    ) -> None:
        """A new version; what is not said stays as it was."""
        versions = self.stories.get(story, [])
        plain = versions[-1] if versions else StoryVersion(story, 0, Content("", "", "en"), Pubstatus.USABLE, StoryAct.WRITE, at, "")
        version = replace(
            plain,
            number=plain.number + 1,
            content=plain.content if content is None else content,
            pubstatus=plain.pubstatus if pubstatus is None else pubstatus,
            sources=plain.sources if sources is None else sources,
            act=act,
        )
        self.release(version, at)


def _share(old: Content, new: Content) -> float:
    first, second = (set(re.findall(r"\w+", f"{one.headline} {re.sub('<[^>]*>', ' ', one.body)}".lower())) for one in (old, new))
    return len(first & second) / len(first | second)


def _within(allowed: Alteration, source: Content, edited: Content) -> bool:
    """The machine's edits leave the language, so that translating allows what abridging does."""
    before, now = (re.findall(r"\w+", f"{one.headline} {re.sub('<[^>]*>', ' ', one.body)}") for one in (source, edited))
    if allowed is Alteration.FREE or before == now:
        return True
    left = iter(before)
    return allowed is not Alteration.NONE and all(word in left for word in now)
