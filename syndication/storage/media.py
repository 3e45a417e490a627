"""What is kept of renditions: the bytes by their hash, and which versions of which stories hold them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, or_, select, tuple_, update

from syndication.model.media import Errand, Kept
from syndication.model.publication import Placed, PublicationKind
from syndication.model.story import Content, Pubstatus, StoryVersion
from syndication.storage.database import Transaction
from syndication.storage.schema import arrivals, brought, publications, standings, stories
from syndication.storage.schema import media as table

AT_ONCE: Final = 500


def keep(tx: Transaction, kept: Kept) -> None:
    """Write down bytes that are on the disk already (D04). The same once; who takes them again has them from then on."""
    values = {name: getattr(kept, name) for name in ("hash", "media_type", "length", "width", "height", "taken_at")}
    tx.add_missing(table, [values])
    tx.change(update(table).where(table.c.hash == kept.hash).values(taken_at=kept.taken_at))


def get(tx: Transaction, hash_: str) -> Kept | None:
    """What is kept under that hash."""
    row = tx.row(select(table).where(table.c.hash == hash_))
    return kept_of(row) if row else None


def want(tx: Transaction, version: StoryVersion, now: datetime) -> None:
    """From now on the renditions of this version are to be brought home. What was brought for the version before stays until then."""
    known = {one.place for one in of_version(tx, version.story, version.number)}
    for place, rendition in enumerate(version.content.renditions):
        if rendition.hash is not None:
            said: dict[str, Any] = {"hash": rendition.hash, "at": now, "next_at": None}
        else:
            said = {"next_at": now}
        said |= {"tries": 0, "why": None}
        if place in known:
            here = and_(brought.c.story == version.story, brought.c.version == version.number, brought.c.place == place)
            tx.change(update(brought).where(here).values(said))
        else:
            tx.change(insert(brought).values(story=version.story, version=version.number, place=place, url=rendition.url, **said))


def follow(tx: Transaction, version: StoryVersion) -> None:
    """What was brought home for a version before holds for this one too, where it names the same address; of several, the last."""
    earlier = tx.rows(
        select(brought).where(brought.c.story == version.story, brought.c.version < version.number).order_by(brought.c.version)
    )
    before = {one.url: one for one in earlier}
    tx.change(
        insert(brought),
        [
            {
                "story": version.story,
                "version": version.number,
                "place": place,
                **{name: getattr(before[one.url], name) for name in ("url", "hash", "at", "tries", "next_at", "why")},
            }
            for place, one in enumerate(version.content.renditions)
            if one.url in before
        ],
    )


def of_version(tx: Transaction, story: str, number: int) -> tuple[Errand, ...]:
    """How it stands with each rendition that was to be brought home, in their order."""
    return tuple(_errand(row) for row in _rows(tx, story, number))


def claim(tx: Transaction, now: datetime, limit: int, lease: timedelta) -> tuple[Errand, ...]:
    """What is to be fetched by now, longest due first; for `lease` nobody else gets the same (SKIP LOCKED)."""
    due = tx.rows(
        select(brought)
        .where(brought.c.next_at <= now)
        .order_by(brought.c.next_at, brought.c.story, brought.c.version, brought.c.place)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = tuple(replace(_errand(row), next_at=now + lease) for row in due)
    for one in claimed:
        tx.change(update(brought).where(_of(one)).values(next_at=one.next_at))
    return claimed


def bring(tx: Transaction, errand: Errand, kept: Kept, now: datetime) -> bool:
    """The rendition is kept here from now on. False where it is not asked for any more: its text was deleted meanwhile."""
    keep(tx, kept)
    done = {"hash": kept.hash, "at": now, "tries": 0, "next_at": None, "why": None}
    if not tx.change(update(brought).where(_of(errand)).values(done)):
        return False
    tx.change(update(stories).where(stories.c.id == errand.story).values(brought=stories.c.brought + 1))
    return True


def fail(tx: Transaction, errand: Errand, why: str, next_at: datetime | None) -> None:
    """It could not be brought home, and is asked for again at `next_at`; None: not any more."""
    tx.change(update(brought).where(_of(errand)).values(tries=errand.tries + 1, why=why, next_at=next_at))


def let_go(tx: Transaction, version: StoryVersion) -> tuple[str, ...]:
    """This version holds no renditions any more. Returns the hashes that no version holds now, and that are written down no longer."""
    this = (brought.c.story == version.story, brought.c.version == version.number)
    held = {row.hash for row in tx.rows(select(brought.c.hash).where(*this, brought.c.hash.is_not(None)))}
    tx.change(delete(brought).where(*this))
    return forgotten(tx, held)


def forget(tx: Transaction, before: datetime) -> tuple[str, ...]:
    """The same for what was taken before that moment, and no version ever came to hold, or holds any more."""
    loose = select(table.c.hash).where(table.c.taken_at < before, *_unheld())
    return forgotten(tx, {row.hash for row in tx.rows(loose.limit(AT_ONCE))})


def with_kept(tx: Transaction, placed: Sequence[Placed]) -> tuple[Placed, ...]:
    """The same, each rendition that is kept here with its hash, and its type, length and sizes as they are."""
    held = [
        (one.version.story, one.version.number)
        for one in placed
        if one.version.content.renditions and one.publication.kind is PublicationKind.STORY
    ]
    found: dict[tuple[str, int], list[Row[Any]]] = {}
    for start in range(0, len(held), AT_ONCE):
        here = tuple_(brought.c.story, brought.c.version).in_(held[start : start + AT_ONCE])
        joined = select(brought.c.story, brought.c.version, brought.c.place, brought.c.at, table).join_from(brought, table)
        for row in tx.rows(joined.where(here)):
            found.setdefault((row.story, row.version), []).append(row)
    return tuple(_filled(one, found.get((one.version.story, one.version.number), ())) for one in placed)


def holders(tx: Transaction, flow: str, hash_: str) -> tuple[str, ...]:
    """The stories of which a version that holds these bytes stands on the flow."""
    version = and_(publications.c.story == brought.c.story, publications.c.version == brought.c.version)
    latest = and_(standings.c.sequence == publications.c.sequence, standings.c.flow == flow)
    held = brought.join(publications, version).join(standings, latest)
    this = (brought.c.hash == hash_, standings.c.kind == PublicationKind.STORY)
    return tuple(row.story for row in tx.rows(select(brought.c.story).select_from(held).where(*this).distinct().order_by(brought.c.story)))


def killed(tx: Transaction, flow: str, hash_: str) -> tuple[tuple[str, int, int], ...]:
    """Story, version and place of the same bytes, where the version was once on the flow, its partner could have got the story, and
    the story was killed and taken back there since.
    """
    version = and_(publications.c.story == brought.c.story, publications.c.version == brought.c.version)
    now = and_(standings.c.story == brought.c.story, standings.c.flow == publications.c.flow)
    held = brought.join(publications, version).join(standings, now).join(stories, stories.c.id == brought.c.story)
    this = (
        brought.c.hash == hash_,
        publications.c.flow == flow,
        publications.c.kind == PublicationKind.STORY,
        standings.c.kind == PublicationKind.WITHDRAWAL,
        stories.c.pubstatus == Pubstatus.CANCELED,
        or_(standings.c.shown, standings.c.fetched_at.is_not(None)),
    )
    rows = tx.rows(select(brought.c.story, brought.c.version, brought.c.place).select_from(held).where(*this).distinct())
    return tuple((row.story, row.version, row.place) for row in rows)


def forgotten(tx: Transaction, hashes: Iterable[str]) -> tuple[str, ...]:
    """Those of these hashes that no version of a story or of an item holds: they are written down no longer."""
    # Held first, so that whoever is about to hold the same bytes waits for this, or this for them.
    held = [row.hash for row in tx.rows(select(table.c.hash).where(table.c.hash.in_(sorted(hashes))).with_for_update())]
    loose = and_(table.c.hash.in_(held), *_unheld())
    return tuple(sorted(row.hash for row in tx.rows(delete(table).where(loose).returning(table.c.hash))))


def _unheld() -> tuple[ColumnElement[bool], ...]:
    """The same bytes may have come from two partners, and be in a story: each holds them, and none knows of the other (Z11)."""
    return ~exists().where(brought.c.hash == table.c.hash), ~exists().where(arrivals.c.hash == table.c.hash)


def _filled(one: Placed, rows: Iterable[Row[Any]]) -> Placed:
    renditions, at = list(one.version.content.renditions), None
    for row in rows:
        size = {name: getattr(row, name) for name in ("width", "height") if getattr(row, name) is not None}
        known = renditions[row.place]
        renditions[row.place] = replace(known, hash=row.hash, media_type=row.media_type, length=row.length, **size)
        at = max(at, row.at) if at else row.at
    if at is None:
        return one
    content: Content = replace(one.version.content, renditions=tuple(renditions))
    return replace(one, version=replace(one.version, content=content), brought_at=at)


def _rows(tx: Transaction, story: str, number: int) -> Sequence[Row[Any]]:
    return tx.rows(select(brought).where(brought.c.story == story, brought.c.version == number).order_by(brought.c.place))


def _of(errand: Errand) -> Any:
    return and_(brought.c.story == errand.story, brought.c.version == errand.version, brought.c.place == errand.place)


def _errand(row: Row[Any]) -> Errand:
    return Errand(row.story, row.version, row.place, row.url, row.hash, row.tries, row.next_at, row.why)


def kept_of(row: Row[Any]) -> Kept:
    """What a row of the table `media` says."""
    return Kept(row.hash, row.media_type, row.length, row.width, row.height, row.taken_at)
