"""An Entry is what a partner's document says, unjudged; a ParsedFeed is the whole document."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from syndication.model.story import Content, Pubstatus


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry or item of a feed. `guid` verbatim (RSS guid, Atom id), or derived where the feed has none (wire 40).

    `content` is cleaned and bounded; `categories` are the partner's own names, as they stand. `content.topics` holds only what the
    document itself says in IPTC codes. `raw`: the bytes of this entry, in UTF-8 where the document was in UTF-16 or had several
    bytes to a character; empty where they could not be told from those of others, and when read back, as `storage.items.raw` has them.
    `replaces`: the guid of the earlier take it says it follows (dcterms:replaces, rel=predecessor-version).
    `claimed_source`: the agency the document says it comes from (atom:source, RSS source, dc:publisher): a claim, never an identity (S02).
    `note`: what the partner tells editors, where its format has a place for that.
    `flags`: what was odd about it, for the editor, as sentences ("date '0000-00-00' cannot be read: taken as of now").
    `signature`: by what it is found again among others that say the same; empty when read back. `reads_as`: the language it reads like,
    where that is another than it is said to be in: a guess, on which nothing hangs. `pushed`: a hub sent it, and not the partner itself.
    """

    guid: str
    content: Content
    raw: bytes
    pubstatus: Pubstatus = Pubstatus.USABLE
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    published_raw: str | None = None
    replaces: str | None = None
    claimed_source: str | None = None
    rights: str | None = None
    flags: tuple[str, ...] = ()
    note: str | None = None
    signature: tuple[int, ...] = ()
    reads_as: str | None = None
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deleted-entry (RFC 6721): the partner kills the entry `ref`."""

    ref: str
    when: datetime | None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be taken, with what it is called, why, and its bytes: kept for the editor (B18)."""

    title: str
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """By what an entry is known when it comes again: `hash` of its bytes and of all that they were read by; `guid`, what they called it.

    `until`: the hour from which the same bytes would be read otherwise (an embargo ends); None: they would not.
    """

    hash: str
    guid: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """Addresses that a document names, absolute: its own (`own`), its hubs, the next page, the archive before it, and the document that it
    is an archive of (RFC 5005). `archive`: it is one, and does not change; `complete`: what is not in it is not in the feed.
    """

    own: str | None = None
    hubs: tuple[str, ...] = ()
    next_page: str | None = None
    prev_archive: str | None = None
    current: str | None = None
    archive: bool = False
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the entries of a document: `head`, the bytes of one of its entries and `tail` are a document by themselves."""

    head: bytes
    tail: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as values. `ttl`: so long it asks not to be asked again. `note`: what was salvaged of an ill-formed one.

    `marks`: those of the entries that have one. `same`: those of entries that were known, and are not among `entries`.
    `links`: where else to look. `frame`: what is around its entries; None where they cannot be told from it. `skip_hours` (UTC)
    and `skip_days` (0: Monday): when it says there is nothing new.
    """

    title: str
    language: str | None
    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    ttl: timedelta | None = None
    note: str | None = None
    marks: tuple[Mark, ...] = ()
    same: tuple[Mark, ...] = ()
    links: FeedLinks = FeedLinks()
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    frame: Frame | None = None
