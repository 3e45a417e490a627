"""How values stand in columns, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from syndication.errors import StorageError
from syndication.model.event import Event
from syndication.storage import events, items, stories
from syndication.storage.columns import SHORT
from syndication.storage.database import Database
from tests import worlds

BAKU = timezone(timedelta(hours=4))
NAIVE = worlds.NOW.replace(tzinfo=None)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 11, 24, 8, 0, 0, 1, tzinfo=UTC), id="a microsecond past"),
        pytest.param(datetime(2026, 11, 24, 12, 0, tzinfo=BAKU), id="in another zone"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), id="the first"),
        pytest.param(datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), id="past 2038 (T07)"),
        pytest.param(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), id="the last (T07)"),
        pytest.param(datetime(987, 6, 5, tzinfo=UTC), id="a year of three digits"),
    ],
)
def test_a_moment_comes_back_the_same_in_utc(database: Database, moment: datetime) -> None:
    with database.write() as tx:
        events.record_event(tx, Event(moment, "mai", "accept", "i_1"))
    with database.read() as tx:
        (found,) = events.events(tx, 1)
    assert found.at == moment
    assert found.at.utcoffset() == timedelta(0)


def test_moments_sort_as_time_does(peopled: Database) -> None:
    """T04: nine before ten, the whole second before its fractions, whatever the zone it came in."""
    moments = [
        datetime(2026, 11, 24, 9, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 24, 14, 0, tzinfo=BAKU),
        datetime(2026, 11, 24, 10, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 24, 10, 0, 10, tzinfo=UTC),
    ]
    with peopled.write() as tx:
        for number in (2, 0, 3, 1):
            stories.write(tx, worlds.story(id=f"s_{number}", first_made_at=moments[number]))
    with peopled.read() as tx:
        assert [story.id for story in stories.recent(tx, 9)] == ["s_3", "s_2", "s_1", "s_0"]


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(worlds.story_version(content=worlds.content(embargo_until=NAIVE)), id="an embargo"),
        pytest.param(worlds.story_version(sources=(worlds.stamp(at=NAIVE),)), id="a stamp, deep within"),
    ],
)
def test_a_moment_without_a_zone_is_refused_within_a_frozen_value_too(peopled: Database, version: object) -> None:
    """T04: read back, it would be compared with an aware one, and break."""
    with pytest.raises(StorageError, match="zone"), peopled.write() as tx:
        stories.write(tx, worlds.story(current=version))


def test_the_texts_of_the_world_come_back(peopled: Database) -> None:
    texts = "Đường sắt; Астана; Bakıda sərgi; مرحبا; 日本; 🚆; \u202eabc\u202c; a\u0301; 'quoted' \"too\"; \\u0041; line\nline\ttab"
    content = worlds.content(headline=texts, body=f"<p>{texts}</p>", renditions=(worlds.rendition(title=texts),))
    story = worlds.story(current=worlds.story_version(content=content, note=texts))
    with peopled.write() as tx:
        stories.write(tx, story)
    with peopled.read() as tx:
        assert stories.get(tx, "s_1") == story


def test_half_a_surrogate_pair_in_a_frozen_value_is_a_named_failure(peopled: Database) -> None:
    with pytest.raises(StorageError), peopled.write() as tx:
        stories.write(tx, worlds.story(current=worlds.story_version(content=worlds.content(headline="x\ud800"))))


def test_a_value_that_this_version_cannot_read_is_a_named_failure(peopled: Database) -> None:
    with peopled.write() as tx:
        items.receive(tx, worlds.item())
        tx.connection.exec_driver_sql("UPDATE item_versions SET stamp = '{}'")
    with pytest.raises(StorageError), peopled.read() as tx:
        items.get(tx, "i_1")


def test_a_field_that_an_older_row_lacks_takes_its_default(peopled: Database) -> None:
    """So that a field may be added to a noun without rewriting a million rows."""
    with peopled.write() as tx:
        items.receive(tx, worlds.item())
        tx.connection.exec_driver_sql(
            "UPDATE item_versions SET entry = replace(entry, '\"claimed_source\":null', '\"unknown_of_a_later_version\":1')"
        )
    with peopled.read() as tx:
        found = items.get(tx, "i_1")
    assert found is not None
    assert found.current.entry.claimed_source is None


def test_a_long_text_is_read_each_time_and_a_short_one_is_remembered(peopled: Database) -> None:
    """What is remembered takes so much memory, and no more."""
    for name, body in (("s_short", "<p>Short.</p>"), ("s_long", "x" * SHORT)):
        with peopled.write() as tx:
            content = worlds.content(body=body)
            stories.write(tx, worlds.story(id=name, current=worlds.story_version(story=name, content=content)))
        with peopled.read() as tx:
            first, again = stories.get(tx, name), stories.get(tx, name)
        assert first is not None
        assert again is not None
        assert first.current.content == again.current.content == content
        assert (first.current.content is again.current.content) == (name == "s_short")
