"""Stories and their versions."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, insert, select, tuple_, update

from syndication.model.erasure import Perishable
from syndication.model.journal import Killed
from syndication.model.story import Pubstatus, Story, StoryAct, StoryVersion
from syndication.storage import likeness, media, search
from syndication.storage.database import Transaction
from syndication.storage.schema import derivations, story_versions
from syndication.storage.schema import stories as table

AT_ONCE = 500


def write(tx: Transaction, story: Story) -> None:
    """Keep a new story with its first version. Raises ConflictError where its `uri` is there already."""
    tx.change(
        insert(table).values(
            id=story.id,
            entry_id=story.entry_id,
            current=story.current.number,
            pubstatus=story.current.pubstatus,
            first_made_at=story.first_made_at,
            item=story.item,
            uri=story.uri,
            evolved_from=story.evolved_from,
        )
    )
    tx.add_missing(derivations, [{"story": story.id, "source": source} for source in story.derived_from])
    _keep(tx, story.current)


def add_version(tx: Transaction, story: str, version: StoryVersion) -> None:
    """Make this the story's current version. Raises ConflictError where that number was taken by someone else."""
    # What a version makes of the flows is decided in this order too; two who asked for it later than this could wait for each other.
    tx.in_order()
    _keep(tx, version)
    if version.pubstatus is Pubstatus.CANCELED:
        tx.deeds.append(Killed(story, version.number, version.made_at, version.made_by, version.note))
    media.follow(tx, version)
    tx.change(update(table).where(table.c.id == story).values(current=version.number, pubstatus=version.pubstatus))
    if version.pubstatus is Pubstatus.CANCELED:
        search.forget(tx, story)


def get(tx: Transaction, identity: str) -> Story | None:
    """The story of that id."""
    row = tx.row(_with_version().where(table.c.id == identity))
    return _story(tx, row) if row else None


def by_uri(tx: Transaction, uri: str) -> Story | None:
    """The story that our newsroom calls so."""
    row = tx.row(_with_version().where(table.c.uri == uri))
    return _story(tx, row) if row else None


def named(tx: Transaction, names: Sequence[str]) -> dict[str, str]:
    """The ids of the stories that our feeds, or our newsroom, call by one of these names."""
    found: dict[str, str] = {}
    for column in (table.c.uri, table.c.entry_id):
        for start in range(0, len(names), AT_ONCE):
            rows = tx.rows(select(column.label("name"), table.c.id).where(column.in_(names[start : start + AT_ONCE])))
            found.update((row.name, row.id) for row in rows)
    return found


def derived(tx: Transaction, source: str) -> tuple[Story, ...]:
    """The stories that were translated, abridged or compiled from that one, and from those in turn; each once, nearest first."""
    found: dict[str, Story] = {}
    asked = [source]
    while asked:
        rows = tx.rows(select(derivations.c.story).where(derivations.c.source.in_(asked)).order_by(derivations.c.story))
        asked = [row.story for row in rows if row.story not in found and row.story != source]
        for identity in asked:
            story = get(tx, identity)
            if story is not None:
                found[identity] = story
    return tuple(found.values())


def perishable(tx: Transaction) -> Iterator[Perishable]:
    """Every version that still has a text which is to be deleted at the end of its use."""
    key = (story_versions.c.story, story_versions.c.number)
    chosen = select(*key, story_versions.c.sources).where(story_versions.c.to_delete).order_by(*key).limit(AT_ONCE)
    rows = tx.rows(chosen)
    while rows:
        yield from (Perishable(row.story, row.number, row.sources) for row in rows)
        rows = tx.rows(chosen.where(tuple_(*key) > (rows[-1].story, rows[-1].number)))


def erase(tx: Transaction, version: StoryVersion, now: datetime) -> bool:
    """Delete the text of a version: its number, headline and Stamps stay. False where there is none to delete any more.

    Nothing finds the story by what it said.
    """
    tx.in_order()
    here = and_(story_versions.c.story == version.story, story_versions.c.number == version.number, story_versions.c.to_delete)
    if not tx.change(update(story_versions).where(here).values(content=version.content.emptied(), to_delete=False)):
        return False
    if tx.change(update(table).where(table.c.id == version.story, table.c.current == version.number).values(erased_at=now)):
        likeness.unsign(tx, (version.story,))
    search.forget(tx, version.story)
    search.note(tx, version.story)
    return True


def version(tx: Transaction, story: str, number: int) -> StoryVersion | None:
    """One version of a story."""
    row = tx.row(select(story_versions).where(story_versions.c.story == story, story_versions.c.number == number))
    return _version(row) if row else None


def versions(tx: Transaction, story: str) -> tuple[StoryVersion, ...]:
    """Every version of a story, oldest first."""
    rows = tx.rows(select(story_versions).where(story_versions.c.story == story).order_by(story_versions.c.number))
    return tuple(_version(row) for row in rows)


def alive(tx: Transaction, names: Sequence[str]) -> frozenset[str]:
    """Those of these stories that are here and were not killed."""
    found: set[str] = set()
    for start in range(0, len(names), AT_ONCE):
        mine = (table.c.id.in_(names[start : start + AT_ONCE]), table.c.pubstatus != Pubstatus.CANCELED)
        found.update(row.id for row in tx.rows(select(table.c.id).where(*mine)))
    return frozenset(found)


def recent(tx: Transaction, limit: int) -> tuple[Story, ...]:
    """The newest stories, newest first."""
    rows = tx.rows(_with_version().order_by(table.c.first_made_at.desc(), table.c.id).limit(limit))
    return tuple(_story(tx, row) for row in rows)


def _keep(tx: Transaction, version: StoryVersion) -> None:
    tx.change(
        insert(story_versions).values(
            story=version.story,
            number=version.number,
            content=version.content,
            pubstatus=version.pubstatus,
            act=version.act,
            made_at=version.made_at,
            made_by=version.made_by,
            note=version.note,
            sources=version.sources,
            # A kill of what was emptied already has no text to lose.
            to_delete=version.content != version.content.emptied() and any(stamp.terms.delete_at_end for stamp in version.sources),
        )
    )
    search.note(tx, version.story)


def _with_version() -> Select[Any]:
    head = (table.c.id, table.c.entry_id, table.c.first_made_at, table.c.item, table.c.uri, table.c.evolved_from, table.c.erased_at)
    current = and_(story_versions.c.story == table.c.id, story_versions.c.number == table.c.current)
    return select(*head, story_versions).join_from(table, story_versions, current)


def _version(row: Row[Any]) -> StoryVersion:
    return StoryVersion(
        row.story, row.number, row.content, Pubstatus(row.pubstatus), StoryAct(row.act), row.made_at, row.made_by, row.note, row.sources
    )


def _story(tx: Transaction, row: Row[Any]) -> Story:
    sources = tx.rows(select(derivations.c.source).where(derivations.c.story == row.id).order_by(derivations.c.source))
    return Story(
        id=row.id,
        entry_id=row.entry_id,
        current=_version(row),
        first_made_at=row.first_made_at,
        item=row.item,
        uri=row.uri,
        evolved_from=row.evolved_from,
        derived_from=tuple(one.source for one in sources),
        erased_at=row.erased_at,
    )
