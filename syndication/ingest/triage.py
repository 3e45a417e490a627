"""What the machine makes of one entry: new, update, correction, kill, nothing, or refused by the agreement. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from syndication.agreements.decision import Asked, ask, fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.subject import of_entry
from syndication.model.agreement import ReviewTerm
from syndication.model.entry import Entry
from syndication.model.item import Item, ReviewState, Triage
from syndication.model.partner import Flow
from syndication.model.story import Pubstatus, Story
from syndication.review.desk import AUTOMATIC
from syndication.review.difference import likeness

ALIKE = 0.2
"""Below this share of common words, an id that comes again with another text is taken to have been used twice (S03)."""
URGENT, ORDINARY = 2, 5
"""Of IPTC's urgency: up to the one it is a flash or a bulletin; the other is what most stories have."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`asked` is None where the gate was not asked: nothing changed, or a kill, which needs no leave. `flags`: for the editor.

    `at_once`: the agreement lets it be accepted without an editor, and nothing speaks against that. `urgent`: it counts as such.
    """

    triage: Triage
    entry: Entry
    fingerprint: str
    reason: str
    asked: Asked | None = None
    flags: tuple[str, ...] = ()
    at_once: bool = False
    urgent: bool = False

    @property
    def wants_haste(self) -> bool:
        """Whether the partner marks it as urgent, or the agreement puts it first, and it may come in."""
        stamp, urgency = (self.asked.answer.stamp if self.asked else None), self.entry.content.urgency
        return stamp is not None and (stamp.terms.priority or (urgency is not None and urgency <= URGENT))


@dataclass(frozen=True, slots=True)
class Repeated:
    """`items`: other partners' that say the same; `stories`: of ours, that went out. `ours`: it bears a name that we gave (by feed or
    newsroom); `at_home`: its address is ours.
    """

    items: tuple[Item, ...] = ()
    stories: tuple[Story, ...] = ()
    ours: bool = False
    at_home: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all of them."""
        return (*(item.id for item in self.items), *(story.id for story in self.stories))


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an entry's id: the item held under it, the earlier take it follows, and whether the partner killed it (`buried`).

    `follows_killed`: the partner killed what it says it follows, whether or not that ever came. `repeated`: what it says over again.
    `erased`: what the partner sent under it, on any of its flows, was deleted at the end of its use.
    """

    held: Item | None = None
    followed: Item | None = None
    buried: bool = False
    follows_killed: bool = False
    erased: bool = False
    repeated: Repeated = Repeated()
    origins: tuple[str, ...] = ()


def judge(entry: Entry, known: Known, flow: Flow, standing: Standing) -> Judgement:
    """Judge one entry, its topics already mapped, against what is known of its id (S11)."""
    mark, held = fingerprint(entry.content, entry.pubstatus), known.held
    # What came before we gave anything that name is the partner's own, and its kill is done.
    if known.repeated.ours and held is None:
        return Judgement(Triage.NOTHING, entry, mark, "our own story, come back: it does not come in")
    if known.buried or (held is not None and held.state is ReviewState.WITHDRAWN):
        return Judgement(Triage.NOTHING, entry, mark, "killed before: it does not come in again")
    if entry.pubstatus is Pubstatus.CANCELED:
        return Judgement(Triage.KILL, entry, mark, "the entry says that it is killed")
    if (held.erased_at is not None) if held is not None else known.erased:
        return Judgement(Triage.NOTHING, entry, mark, "deleted at the end of its use: it does not come in again")
    if held is None and known.repeated.at_home:
        return Judgement(Triage.NOTHING, entry, mark, "our own story, come back by its address: it does not come in")
    if held is not None:
        if held.current.fingerprint == mark or _embargo_over(entry, held.current.entry, standing.at):
            return Judgement(Triage.NOTHING, entry, mark, "unchanged")
        if _older(entry, held.current.entry):
            return Judgement(Triage.NOTHING, entry, mark, "older than what we hold")
    asked = ask(of_entry(entry, known.origins), flow, standing)
    if not asked.answer.allowed:
        reasons = "; ".join(f"{verdict.clause}: {verdict.reason}" for verdict in asked.answer.refusals)
        return Judgement(Triage.REFUSED, entry, mark, reasons, asked)
    if held is None:
        triage = Triage.UPDATE if entry.replaces else Triage.NEW
        flags = _flags(entry, known)
        # What follows a kill is for an editor to see, whatever the agreement says.
        withdrawn = known.followed is not None and known.followed.state is ReviewState.WITHDRAWN
        # Nor does the same go out a second time by itself, under other terms (S23).
        fit = not flags and not withdrawn and not known.follows_killed and not known.repeated.items
        return Judgement(triage, entry, mark, f"{triage} for {flow.id}", asked, flags, fit and _automatic(asked))
    flags = _flags(entry, known)
    if likeness(held.current.entry.content, entry.content) < ALIKE:
        flags = (*flags, "the text is wholly different from the one before: the partner may have used the id twice")
    # A correction of what no editor has touched goes on as that went.
    untouched = held.state is ReviewState.ACCEPTED and held.decided_by == AUTOMATIC
    return Judgement(Triage.CORRECTION, entry, mark, "the content changed", asked, flags, untouched and not flags and _automatic(asked))


def within_budget(judged: Judgement, held: Item | None, left: int) -> Judgement:
    """The same, where it is urgent and so many more of its partner's may be within the hour; else as an ordinary one, flagged (S09).

    A correction is as urgent as the item it corrects, and counts no more.
    """
    if not judged.wants_haste:
        return judged
    if held.urgent if held is not None else left > 0:
        return replace(judged, urgent=True)
    content, flags = judged.entry.content, judged.flags
    if content.urgency is not None and content.urgency <= URGENT:
        flags = (*flags, f"the partner marked it with the urgency {content.urgency}")
        content = replace(content, urgency=ORDINARY)
    flags = (*flags, "taken as an ordinary one: its partner's urgent items of this hour are used up, or it was ordinary before")
    return replace(judged, entry=replace(judged.entry, content=content), flags=flags, at_once=False)


def _automatic(asked: Asked) -> bool:
    stamp = asked.answer.stamp
    return stamp is not None and stamp.terms.review is ReviewTerm.AUTOMATIC


def _embargo_over(entry: Entry, held: Entry, at: datetime) -> bool:
    """Nothing but the hour is gone from it, and the hour has passed: nobody corrected anything."""
    until = held.content.embargo_until
    freed = replace(held.content, embargo_until=None)
    return until is not None and until <= at and (entry.content, entry.pubstatus) == (freed, held.pubstatus)


def _older(entry: Entry, held: Entry) -> bool:
    """A hold is never too old: whoever sent its feed out of order may lift it again."""
    if entry.pubstatus is Pubstatus.WITHHELD:
        return False
    return entry.updated is not None and held.updated is not None and entry.updated < held.updated


def _flags(entry: Entry, known: Known) -> tuple[str, ...]:
    flags = entry.flags
    for story in known.repeated.stories:
        was = "" if story.current.pubstatus is Pubstatus.USABLE else f", which is {story.current.pubstatus}"
        flags = (*flags, f"our own story, come back: {story.id}{was}")
    if entry.content.embargo_until is not None:
        flags = (*flags, f"under embargo until {entry.content.embargo_until:%Y-%m-%d %H:%M} UTC")
    if entry.pubstatus is Pubstatus.WITHHELD:
        flags = (*flags, "withheld by the partner")
    if entry.claimed_source:
        flags = (*flags, f"says it comes from: {entry.claimed_source}")
    return flags
