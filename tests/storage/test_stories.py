"""Stories and their versions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.errors import ConflictError
from syndication.model.story import Pubstatus, StoryAct
from syndication.storage import items, stories
from syndication.storage.database import Database
from tests import worlds

FULL = worlds.story_version(
    content=worlds.content(renditions=(worlds.rendition(), worlds.rendition(length=None, width=None)), credit_line="TRC", urgency=1),
    sources=(worlds.stamp(terms=worlds.terms(onward_partners=("azertac",), territory=("VN",))), worlds.stamp(grace=True)),
    note="Corrected.",
)


def test_a_story_comes_back_whole(peopled: Database) -> None:
    story = worlds.story(current=FULL, item="i_1", uri="urn:cms:1")
    later = worlds.story(id="s_2", evolved_from="s_1")
    with peopled.write() as tx:
        items.receive(tx, worlds.item())
        stories.write(tx, story)
        stories.write(tx, later)
    with peopled.read() as tx:
        assert stories.get(tx, "s_1") == story
        assert stories.by_uri(tx, "urn:cms:1") == story
        assert stories.get(tx, "s_2") == later
        assert stories.version(tx, "s_1", 1) == FULL
        assert stories.get(tx, "none") is None
        assert stories.by_uri(tx, "none") is None
        assert stories.version(tx, "s_1", 2) is None


def test_a_further_version_is_the_current_one_and_the_first_stays(peopled: Database) -> None:
    story = worlds.story()
    killed = replace(story.current, number=2, pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL, note="Wrong.")
    with peopled.write() as tx:
        stories.write(tx, story)
        stories.add_version(tx, "s_1", killed)
    with peopled.read() as tx:
        assert stories.get(tx, "s_1") == replace(story, current=killed)
        assert stories.versions(tx, "s_1") == (story.current, killed)


def test_two_who_make_the_same_version_are_told(peopled: Database) -> None:
    second = worlds.story_version(number=2)
    with peopled.write() as tx:
        stories.write(tx, worlds.story())
        stories.add_version(tx, "s_1", second)
    with pytest.raises(ConflictError), peopled.write() as tx:
        stories.add_version(tx, "s_1", replace(second, made_by="lan"))
    with peopled.read() as tx:
        assert stories.versions(tx, "s_1") == (worlds.story_version(), second)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(worlds.story(uri="urn:cms:2"), id="the id"),
        pytest.param(worlds.story(id="s_2", uri="urn:cms:1"), id="the uri"),
        pytest.param(worlds.story(id="s_2", entry_id="tag:vna.example,2026:s_1"), id="the entry id, which is never reused"),
    ],
)
def test_what_is_once_only(peopled: Database, other: object) -> None:
    with peopled.write() as tx:
        stories.write(tx, worlds.story(uri="urn:cms:1"))
    with pytest.raises(ConflictError), peopled.write() as tx:
        stories.write(tx, other)  # type: ignore[arg-type]


def test_the_newest_first(peopled: Database) -> None:
    with peopled.write() as tx:
        for number in (1, 3, 2):
            stories.write(tx, worlds.story(id=f"s_{number}", first_made_at=worlds.NOW + timedelta(minutes=number)))
    with peopled.read() as tx:
        assert [story.id for story in stories.recent(tx, 2)] == ["s_3", "s_2"]
