"""Publications, what stands on each flow because of them, and what partners have fetched of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
    update,
)

from syndication.model.agreement import EmbargoHandling, Stamp
from syndication.model.publication import Fetch, Ground, Placed, Publication, PublicationKind, Watermark
from syndication.model.story import Pubstatus, StoryAct, StoryVersion
from syndication.storage import agreements, archives, media
from syndication.storage.columns import Instant
from syndication.storage.database import Transaction
from syndication.storage.schema import archives as archive_table
from syndication.storage.schema import fetches as fetch_table
from syndication.storage.schema import flows, partners, standings, stories, story_versions
from syndication.storage.schema import publications as table

WAITED = timedelta(minutes=1)
"""So long may a writer have waited for the database, or its clock be behind another's: meanwhile others placed with later hours."""

_LATEST = table.join(
    standings, and_(standings.c.flow == table.c.flow, standings.c.story == table.c.story, standings.c.sequence == table.c.sequence)
)


MOST: Final = bindparam("most", type_=Integer)


def _standing(most: ColumnElement[int] = MOST) -> Subquery:
    """The stories that `latest` speaks of, with their sequences; of the `flow`, for a reader `at`, at most `most`, `told_since`."""
    at, told_since = bindparam("at", type_=Instant), bindparam("told_since", type_=Instant)
    on_it = select(standings.c.story, standings.c.sequence).where(standings.c.flow == bindparam("flow"))
    told_stories = on_it.where(standings.c.kind == PublicationKind.STORY)
    begun = told_stories.where(standings.c.visible_from <= at).order_by(standings.c.visible_from.desc(), standings.c.sequence.desc())
    waiting = told_stories.where(standings.c.visible_from > at)
    told = or_(fetch_table.c.sequence.is_(None), fetch_table.c.at > told_since)
    gone = (
        on_it.select_from(standings.outerjoin(fetch_table, fetch_table.c.sequence == standings.c.sequence))
        .where(standings.c.kind == PublicationKind.WITHDRAWAL)
        .where(or_(standings.c.visible_from > told_since, and_(standings.c.fetched_at.is_not(None), told)))
    )
    return union_all(select(*begun.limit(most).subquery().c), waiting, gone).subquery()


_STANDING = _standing()


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
    return place_all(tx, (Publication(0, flow, story, version, kind, stamp, placed_at, note),))[0]


def place_all(tx: Transaction, unnumbered: Sequence[Publication]) -> tuple[Publication, ...]:
    """The same for many flows at once, of one version of one story; returns them with their `sequence`."""
    if not unnumbered:
        return ()
    tx.in_order()
    story, version = unnumbered[0].story, unnumbered[0].version
    this = (story_versions.c.story == story, story_versions.c.number == version)
    made = tx.row(select(story_versions.c.content, story_versions.c.sources).where(*this))
    visible_from = {one.flow: _visible_from(made, one) for one in unnumbered}
    # Whoever waited long for the database, or by a clock set back, places nothing in a document that was closed meanwhile: nobody would
    # look there again.
    closed = archives.closed_after(tx, list(visible_from), min(visible_from.values()))
    visible_from |= {flow: max(visible_from[flow], at + timedelta(microseconds=1)) for flow, at in closed.items()}
    # Nor before what was placed while it waited: whoever goes on from that would never be told of it.
    visible_from |= {flow: max(visible_from[flow], at) for flow, at in _overtaken(tx, visible_from).items()}
    rows = [
        {
            "flow": one.flow,
            "story": story,
            "version": version,
            "kind": one.kind,
            "stamp": one.stamp,
            "placed_at": one.placed_at,
            "visible_from": visible_from[one.flow],
            "note": one.note,
        }
        for one in unnumbered
    ]
    known = select(table, standings.c.shown, standings.c.fetched_at).select_from(_LATEST)
    before = {row.flow: row for row in tx.rows(known.where(table.c.story == story))}
    numbers = {row.flow: int(row.sequence) for row in tx.rows(insert(table).returning(table.c.flow, table.c.sequence), rows)}
    placed = tuple(replace(one, sequence=numbers[one.flow]) for one in unnumbered)
    _stand(tx, placed, visible_from, before)
    return placed


def holding(tx: Transaction, story: str) -> tuple[Publication, ...]:
    """The latest Publication of the story on each flow that has one."""
    rows = tx.rows(select(table).select_from(_LATEST).where(table.c.story == story).order_by(table.c.flow))
    return tuple(_publication(row) for row in rows)


def of_story(tx: Transaction, story: str) -> tuple[Publication, ...]:
    """Every Publication of the story, oldest first."""
    return tuple(_publication(row) for row in tx.rows(select(table).where(table.c.story == story).order_by(table.c.sequence)))


def latest(tx: Transaction, flow: str, limit: int, *, at: datetime, told_since: datetime) -> tuple[Placed, ...]:
    """What stands on the flow: the latest Publication of each story, with what the gate asks about; newest first.

    Of the stories whose hour has come at `at`, the newest `limit`, each as new as that hour; all of those that wait for theirs. Of the
    withdrawals all that the partner, who got the story, has not fetched, and those that were placed or fetched after `told_since`.
    """
    chosen = _placed().where(standings.c.flow == flow, standings.c.story.in_(select(_STANDING.c.story)))
    asked = {"flow": flow, "most": limit, "at": at, "told_since": told_since}
    newest_first = chosen.order_by(standings.c.visible_from.desc(), standings.c.sequence.desc())
    return media.with_kept(tx, [_placed_of(row) for row in tx.rows(newest_first, [asked])])


def one(tx: Transaction, sequence: int) -> tuple[Placed, Placed] | None:
    """That Publication, and the latest of its story on its flow, which may be the same; each with what the gate asks about."""
    on = and_(standings.c.flow == table.c.flow, standings.c.story == table.c.story)
    this = tx.row(_placed(on).where(table.c.sequence == sequence))
    if this is None:
        return None
    last = tx.row(_placed().where(standings.c.flow == this.flow, standings.c.story == this.story))
    if last is None:
        return None
    first, second = media.with_kept(tx, (_placed_of(this), _placed_of(last)))
    return first, second


def showing(tx: Transaction, flow: str, hash_: str) -> tuple[Placed, ...]:
    """What stands on the flow and holds these bytes, whenever it was placed, with what the gate asks about."""
    chosen = _placed().where(standings.c.flow == flow, standings.c.story.in_(media.holders(tx, flow, hash_)))
    return media.with_kept(tx, [_placed_of(row) for row in tx.rows(chosen.order_by(standings.c.sequence))])


def _ground() -> CompoundSelect[Any]:
    """`Ground` in one question, for the `flow`: a row for each mark, and one more, that of the flow itself, which has no sequence."""
    last = (
        select(archive_table).where(archive_table.c.flow == bindparam("flow")).order_by(archive_table.c.number.desc()).limit(1).subquery()
    )
    end = select(last.c.at, last.c.sequence)
    after = or_(~exists(end), and_(standings.c.visible_from >= select(last.c.at).scalar_subquery(), _key() > end.scalar_subquery()))
    stand = (standings.c.flow == bindparam("flow"), standings.c.kind == PublicationKind.STORY)
    begun = select(func.count()).where(*stand, standings.c.visible_from <= bindparam("at", type_=Instant), after).scalar_subquery()
    whose = flows.join(partners, partners.c.id == flows.c.partner).outerjoin(last, last.c.flow == flows.c.id)
    said = (partners.c.value, last.c.number, last.c.at, last.c.sequence.label("end"), begun.label("begun"))
    flow = select(*said).select_from(whose).where(flows.c.id == bindparam("flow")).cte("ground")
    more = select(flow.c.begun).where(flow.c.begun > MOST).scalar_subquery()
    standing = _standing(func.coalesce(more, MOST))
    marks = (standing.c.sequence, stories.c.pubstatus, stories.c.erased_at, stories.c.brought)
    named = (*flow.c, agreements.REVISION.label("revision"))
    return union_all(
        select(*marks, *(_no(one) for one in named)).join_from(standing, stories, stories.c.id == standing.c.story),
        select(*(_no(one) for one in marks), *named),
    )


def _no(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Nothing, where that column stands in the other rows."""
    return type_coerce(null(), column.type).label(column.name)


def ground(tx: Transaction, flow: str, least: int, *, at: datetime, told_since: datetime) -> Ground:
    """What the flow's document stands on. Its marks are of what `latest` gives, of so many: `least`, or all that no archive holds yet.

    Everything else that `latest` gives (but for `fetched_at`) is written once, and is the same as long as these marks are.
    """
    rows = tx.rows(_GROUND, [{"flow": flow, "most": least, "at": at, "told_since": told_since}])
    marks = sorted((row.sequence, row.pubstatus, row.erased_at, row.brought) for row in rows if row.sequence is not None)
    for row in rows:
        if row.sequence is None:
            newest = (row.number, Watermark(row.at, row.end)) if row.number is not None else None
            return Ground(row.value, newest, int(row.begun), int(row.revision), tuple(marks))
    return Ground(None, None, 0, 0, tuple(marks))


def begun(tx: Transaction, flow: str, *, after: Watermark | None, at: datetime) -> int:
    """How many stories stand on the flow after that mark, whose hour has come at `at`."""
    row = tx.row(select(func.count()).select_from(standings).where(*_on(flow, PublicationKind.STORY, after, at)))
    return int(row[0]) if row else 0


def every(tx: Transaction, flow: str, number: int, *, after: Watermark | None, at: datetime) -> tuple[Watermark, ...]:
    """The marks of every `number`th of them, oldest first."""
    place = func.row_number().over(order_by=(standings.c.visible_from, standings.c.sequence)).label("place")
    counted = select(standings.c.visible_from, standings.c.sequence, place).where(*_on(flow, PublicationKind.STORY, after, at)).subquery()
    rows = tx.rows(select(counted).where(counted.c.place % number == 0).order_by(counted.c.place))
    return tuple(Watermark(row.visible_from, row.sequence) for row in rows)


def between(tx: Transaction, flow: str, after: Watermark | None, until: Watermark) -> tuple[Placed, ...]:
    """The stories that stand on the flow after the one mark and up to the other, newest first."""
    chosen = _placed().where(*_on(flow, PublicationKind.STORY, after, until.at), _key() <= _key_of(until))
    newest_first = chosen.order_by(standings.c.visible_from.desc(), standings.c.sequence.desc())
    return media.with_kept(tx, [_placed_of(row) for row in tx.rows(newest_first)])


def next_marks(tx: Transaction, flow: str, after: Watermark | None, at: datetime, limit: int) -> tuple[Watermark, ...]:
    """The marks of the next `limit` that stand on the flow after that one, stories and withdrawals; oldest first."""
    found: list[Watermark] = []
    for kind in PublicationKind:
        oldest = select(standings.c.visible_from, standings.c.sequence).where(*_on(flow, kind, after, at))
        rows = tx.rows(oldest.order_by(standings.c.visible_from, standings.c.sequence).limit(limit))
        found += (Watermark(row.visible_from, row.sequence) for row in rows)
    return tuple(sorted(found)[:limit])


def following(tx: Transaction, flow: str, after: Watermark | None, until: Watermark) -> tuple[Placed, ...]:
    """What stands on the flow after the one mark and up to the other, stories and withdrawals; newest first."""
    chosen = _placed().where(standings.c.flow == flow, *_range(after, until.at), _key() <= _key_of(until))
    newest_first = chosen.order_by(standings.c.visible_from.desc(), standings.c.sequence.desc())
    return media.with_kept(tx, [_placed_of(row) for row in tx.rows(newest_first)])


def waiting(tx: Transaction, flow: str, at: datetime) -> tuple[Placed, ...]:
    """The stories on the flow that wait for their hour at `at`."""
    chosen = _placed().where(standings.c.flow == flow, standings.c.kind == PublicationKind.STORY, standings.c.visible_from > at)
    return media.with_kept(tx, [_placed_of(row) for row in tx.rows(chosen.order_by(standings.c.sequence))])


def mark_of(tx: Transaction, flow: str, story: str, version: int, at: datetime) -> Watermark | None:
    """The mark of the Publication of that version of the story on the flow whose hour was at `at`; None where there is none."""
    here = (table.c.flow == flow, table.c.story == story, table.c.version == version, table.c.visible_from == at)
    row = tx.row(select(table.c.sequence).where(*here).order_by(table.c.sequence.desc()).limit(1))
    return Watermark(at, row.sequence) if row else None


def _key() -> ColumnElement[Any]:
    return tuple_(standings.c.visible_from, standings.c.sequence)


def _key_of(mark: Watermark) -> ColumnElement[Any]:
    return tuple_(bindparam(None, mark.at, type_=Instant), bindparam(None, mark.sequence, type_=Integer))


def _on(flow: str, kind: PublicationKind, after: Watermark | None, at: datetime) -> list[ColumnElement[bool]]:
    return [standings.c.flow == flow, standings.c.kind == kind, *_range(after, at)]


def _range(after: Watermark | None, at: datetime) -> list[ColumnElement[bool]]:
    # The plain comparison says what the pair says, too: an index is found by it.
    later = [standings.c.visible_from >= after.at, _key() > _key_of(after)] if after else []
    return [standings.c.visible_from <= at, *later]


_GROUND = _ground()
"""Written once: it is asked at every reading of a feed."""


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


def last_fetch(tx: Transaction, flow: str) -> datetime | None:
    """When the partner last fetched something new on that flow: what it reads again is not written down."""
    joined = fetch_table.join(table, table.c.sequence == fetch_table.c.sequence)
    newest = select(fetch_table.c.at).select_from(joined).where(table.c.flow == flow).order_by(fetch_table.c.sequence.desc()).limit(1)
    row = tx.row(newest)
    return row.at if row else None


def _visible_from(made: Row[Any] | None, placed: Publication) -> datetime:
    """From when a partner may have seen it. At once where every agreement it moves under lets it be delivered before its hour, marked."""
    embargo: datetime | None = made.content.embargo_until if made and placed.kind is PublicationKind.STORY else None
    stamps = (placed.stamp, *made.sources) if made else (placed.stamp,)
    if embargo is None or all(one.terms.embargo is EmbargoHandling.MARKED for one in stamps):
        return placed.placed_at
    return max(placed.placed_at, embargo)


def _overtaken(tx: Transaction, visible_from: Mapping[str, datetime]) -> dict[str, datetime]:
    """Of these flows, those on which something may be seen already that is newer than what is placed now; from when.

    An hour that is still to come for all who have placed anything is nobody's yet.
    """
    now = min(visible_from.values())
    mine = (table.c.flow.in_(list(visible_from)), table.c.visible_from > now, table.c.visible_from <= now + WAITED)
    last = tx.row(select(func.max(table.c.placed_at).label("at")).where(*mine))
    if last is None or last.at is None or last.at <= now:
        return {}
    newest = select(table.c.flow, func.max(table.c.visible_from).label("at")).where(*mine, table.c.visible_from <= last.at)
    return {row.flow: row.at for row in tx.rows(newest.group_by(table.c.flow))}


def _stand(tx: Transaction, placed: Sequence[Publication], visible_from: Mapping[str, datetime], before: Mapping[str, Row[Any]]) -> None:
    """From now on these are the latest on their flows. `visible_from`, and what was `before`: by flow."""
    stand = [(one, {"sequence": one.sequence, "kind": one.kind, "visible_from": visible_from[one.flow]}) for one in placed]
    first = [
        {**said, "flow": one.flow, "story": one.story, "first_placed_at": one.placed_at, "shown": False}
        for one, said in stand
        if one.flow not in before
    ]
    tx.change(insert(standings), first)
    again = [
        {**said, "on": one.flow, "of": one.story, "shown": _was_shown(before[one.flow], one.placed_at)}
        for one, said in stand
        if one.flow in before
    ]
    here = and_(standings.c.flow == bindparam("on"), standings.c.story == bindparam("of"))
    changed: dict[str, Any] = {name: bindparam(name) for name in ("sequence", "kind", "visible_from", "shown")}
    tx.change(update(standings).where(here).values(changed), again)


def _was_shown(before: Row[Any], now: datetime) -> bool:
    """By its hour; or before its hour, where an amendment let it be delivered marked, if the partner fetched it."""
    return bool(before.shown or before.fetched_at is not None or (before.kind == PublicationKind.STORY and before.visible_from <= now))


def _placed(on: ColumnElement[bool] = standings.c.sequence == table.c.sequence) -> Select[Any]:
    """What stands on flows; or, joined `on` more than the latest, what stood there."""
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
            partners.c.value.label("receiver"),
        )
        .join_from(standings, table, on)
        .join(flows, flows.c.id == table.c.flow)
        .join(partners, partners.c.id == flows.c.partner)
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
        visible_from=row.visible_from,
        receiver=row.receiver,
    )


def _publication(row: Row[Any]) -> Publication:
    return Publication(row.sequence, row.flow, row.story, row.version, PublicationKind(row.kind), row.stamp, row.placed_at, row.note)
