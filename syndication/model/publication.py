"""A Publication is one version of a Story placed on one outbound Flow, under one agreement, at one time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import Stamp
from syndication.model.rights import Credit, Rights
from syndication.model.story import Pubstatus, StoryVersion


class PublicationKind(StrEnum):
    """A `WITHDRAWAL` tells whoever got the story that it is gone: killed, or no longer cleared for this flow. It carries no content."""

    STORY = "story"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Publication:
    """`sequence` rises with every placing, over all flows: the watermark of what a partner has seen."""

    sequence: int
    flow: str
    story: str
    version: int
    kind: PublicationKind
    stamp: Stamp
    placed_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The latest Publication of a story on a flow, with what the gate asks about again at every reading.

    `version`: the version that was placed; `current_pubstatus`: of the story as it stands now;
    `first_placed_at`: when the story was first placed here (its `published`); `shown_before`: whether an earlier
    publication of it on this flow could have been seen, so that a withdrawal has something to take back;
    `fetched_at`: when the partner first got the story here, None if it never did.
    """

    publication: Publication
    entry_id: str
    version: StoryVersion
    current_pubstatus: Pubstatus
    first_placed_at: datetime
    shown_before: bool
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetch:
    """That a partner has fetched a Publication: the first time, and with which token."""

    sequence: int
    flow: str
    version: int
    kind: PublicationKind
    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A story as a feed shows it. `terms`: what it moves under, as a sentence, for the wire; `updated`: of this version.

    `rights`: what its receiver may do with it, of all it moves under and was made from; `credits`: the credit lines that are owed.
    """

    entry_id: str
    version: StoryVersion
    stamp: Stamp
    rights: Rights
    credits: tuple[Credit, ...]
    published: datetime
    updated: datetime
    terms: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A story taken back: a tombstone (RFC 6721) on the wire. `pubstatus`: withheld, or canceled for good."""

    entry_id: str
    when: datetime
    note: str | None
    pubstatus: Pubstatus = Pubstatus.CANCELED


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What a feed document says, before it is bytes. `url`: where it is served, without any secret (A01).

    `updated`: of the newest change in it, from the data and never from the clock (wire 3). Entries newest first.
    `authority`: the start of every IRI that we give (RFC 4151); `giver`: our own id among the parties.
    """

    id: str
    title: str
    url: str
    home: str
    agency: str
    giver: str
    authority: str
    language: str
    updated: datetime
    entries: tuple[FeedEntry, ...]
    withdrawn: tuple[Withdrawn, ...]
    rights: str
