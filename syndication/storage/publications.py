"""Publications, what stands on each flow because of them, and what partners have fetched of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, insert, select, update

from syndication.model.agreement import EmbargoHandling, Stamp
from syndication.model.publication import Fetch, Placed, Publication, PublicationKind
from syndication.model.story import Pubstatus, StoryAct, StoryVersion
from syndication.storage.database import Transaction
from syndication.storage.schema import fetches as fetch_table
from syndication.storage.schema import publications as table
from syndication.storage.schema import standings, stories, story_versions


def place(
    tx: Transaction,
    *,
    flow: str,
    story: str,
    version: int,
    kind: PublicationKind,
    stamp: Stamp,
    placed_at: datetime,
    note: str | None,
) -> Publication:
    """Place a version of a story on a flow, or take the story back there. Only `publish.release` does this."""
    tx.in_order()
    visible_from = _visible_from(tx, story, version, stamp, placed_at)
    made = tx.row(
        insert(table)
        .values(flow=flow, story=story, version=version, kind=kind, stamp=stamp, placed_at=placed_at, visible_from=visible_from, note=note)
        .returning(table.c.sequence)
    )
    sequence = int(made.sequence) if made else 0
    _stand(tx, flow, story, sequence, placed_at)
    return Publication(sequence, flow, story, version, kind, stamp, placed_at, note)


def holding(tx: Transaction, story: str) -> tuple[Publication, ...]:
    """The latest Publication of the story on each flow that has one."""
    latest = table.join(standings, standings.c.sequence == table.c.sequence)
    rows = tx.rows(select(table).select_from(latest).where(standings.c.story == story).order_by(table.c.flow))
    return tuple(_publication(row) for row in rows)


def of_story(tx: Transaction, story: str) -> tuple[Publication, ...]:
    """Every Publication of the story, oldest first."""
    return tuple(_publication(row) for row in tx.rows(select(table).where(table.c.story == story).order_by(table.c.sequence)))


def latest(tx: Transaction, flow: str, limit: int) -> tuple[Placed, ...]:
    """What stands on the flow: the latest Publication of each story, newest first, with what the gate asks about."""
    chosen = _placed().where(standings.c.flow == flow).order_by(standings.c.sequence.desc()).limit(limit)
    return tuple(_placed_of(row) for row in tx.rows(chosen))


def unfetched(tx: Transaction, sequences: Sequence[int]) -> tuple[int, ...]:
    """Those of these Publications that the partner has not fetched yet."""
    known = {row.sequence for row in tx.rows(select(fetch_table.c.sequence).where(fetch_table.c.sequence.in_(sequences)))}
    return tuple(sequence for sequence in sequences if sequence not in known)


def record_fetch(tx: Transaction, sequences: Sequence[int], at: datetime, token: str) -> None:
    """The partner now has these: the proof of who must be told of a kill. The first fetch of each counts."""
    # Both in one order, so that of two requests that record the same ones the second waits; in two, each would wait for the other.
    tx.add_missing(fetch_table, [{"sequence": sequence, "at": at, "token": token} for sequence in sorted(sequences)])
    got = select(table.c.flow, table.c.story).where(table.c.sequence.in_(sequences), table.c.kind == PublicationKind.STORY)
    for row in tx.rows(got.order_by(table.c.flow, table.c.story)):
        here = and_(standings.c.flow == row.flow, standings.c.story == row.story, standings.c.fetched_at.is_(None))
        tx.change(update(standings).where(here).values(fetched_at=at))


def fetches(tx: Transaction, story: str) -> tuple[Fetch, ...]:
    """When each Publication of the story was first fetched, oldest first."""
    joined = fetch_table.join(table, table.c.sequence == fetch_table.c.sequence)
    rows = tx.rows(
        select(table.c.flow, table.c.version, table.c.kind, fetch_table)
        .select_from(joined)
        .where(table.c.story == story)
        .order_by(fetch_table.c.sequence)
    )
    return tuple(Fetch(row.sequence, row.flow, row.version, PublicationKind(row.kind), row.at, row.token) for row in rows)


def _visible_from(tx: Transaction, story: str, version: int, stamp: Stamp, placed_at: datetime) -> datetime:
    """From when a partner may have seen it. At once where every agreement it moves under lets it be delivered before its hour, marked."""
    this = (story_versions.c.story == story, story_versions.c.number == version)
    row = tx.row(select(story_versions.c.content, story_versions.c.sources).where(*this))
    embargo: datetime | None = row.content.embargo_until if row else None
    stamps = (stamp, *row.sources) if row else (stamp,)
    if embargo is None or all(one.terms.embargo is EmbargoHandling.MARKED for one in stamps):
        return placed_at
    return max(placed_at, embargo)


def _stand(tx: Transaction, flow: str, story: str, sequence: int, placed_at: datetime) -> None:
    here = and_(standings.c.flow == flow, standings.c.story == story)
    before = tx.row(
        select(standings.c.shown, table.c.kind, table.c.visible_from)
        .join_from(standings, table, table.c.sequence == standings.c.sequence)
        .where(here)
    )
    if before is None:
        tx.change(insert(standings).values(flow=flow, story=story, sequence=sequence, first_placed_at=placed_at, shown=False))
        return
    shown = before.shown or (before.kind == PublicationKind.STORY and before.visible_from <= placed_at)
    tx.change(update(standings).where(here).values(sequence=sequence, shown=shown))


def _placed() -> Select[Any]:
    version = and_(story_versions.c.story == table.c.story, story_versions.c.number == table.c.version)
    return (
        select(
            table,
            standings.c.first_placed_at,
            standings.c.shown,
            standings.c.fetched_at,
            stories.c.entry_id,
            stories.c.pubstatus.label("current_pubstatus"),
            story_versions.c.content,
            story_versions.c.pubstatus,
            story_versions.c.act,
            story_versions.c.made_at,
            story_versions.c.made_by,
            story_versions.c.note.label("version_note"),
            story_versions.c.sources,
        )
        .join_from(standings, table, table.c.sequence == standings.c.sequence)
        .join(stories, stories.c.id == table.c.story)
        .join(story_versions, version)
    )


def _placed_of(row: Row[Any]) -> Placed:
    version = StoryVersion(
        row.story,
        row.version,
        row.content,
        Pubstatus(row.pubstatus),
        StoryAct(row.act),
        row.made_at,
        row.made_by,
        row.version_note,
        row.sources,
    )
    return Placed(
        publication=_publication(row),
        entry_id=row.entry_id,
        version=version,
        current_pubstatus=Pubstatus(row.current_pubstatus),
        first_placed_at=row.first_placed_at,
        shown_before=row.shown,
        fetched_at=row.fetched_at,
    )


def _publication(row: Row[Any]) -> Publication:
    return Publication(row.sequence, row.flow, row.story, row.version, PublicationKind(row.kind), row.stamp, row.placed_at, row.note)
