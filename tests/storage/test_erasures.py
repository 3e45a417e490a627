"""The list of what was deleted, and what the versions keep of their text: nothing."""

from dataclasses import replace
from typing import Any

from syndication.model.erasure import Erasure, Perishable
from syndication.storage import erasures, items, stories
from syndication.storage.database import Database
from tests import worlds

TO_DELETE = worlds.stamp(terms=worlds.terms(delete_at_end=True))
KEPT = worlds.stamp()


def erasure(**changes: Any) -> Erasure:
    """Of item `i_1`."""
    plain = Erasure(
        worlds.NOW, "i_1", 1, "trc", "tag:trc.example,2026:1", "Rail forum", "f" * 64, worlds.REFERENCE, 1, "2.1", "its use ended"
    )
    return replace(plain, **changes)


def test_the_list_comes_back_whole_in_its_order(database: Database) -> None:
    """Past the first page too."""
    listed = [erasure(subject=f"i_{number}", agreement="oana" if number % 3 else worlds.REFERENCE) for number in range(1_100)]
    with database.write() as tx:
        for one in listed:
            erasures.record(tx, one)
    with database.read() as tx:
        assert list(erasures.all(tx)) == listed
        assert list(erasures.all(tx, "oana")) == [one for one in listed if one.agreement == "oana"]
        assert list(erasures.all(tx, "none")) == []


def test_what_may_have_to_go_is_found_past_the_first_page(peopled: Database) -> None:
    """Only versions of which some stamp says so, and once each."""
    with peopled.write() as tx:
        for number in range(510):
            stamp = KEPT if number % 10 else TO_DELETE
            version = worlds.item_version(item=f"i_{number:03}", stamp=stamp, entry=worlds.entry(guid=str(number)))
            items.receive(tx, worlds.item(id=version.item, guid=str(number), current=version))
        for number in range(1, 504):
            told = worlds.story_version(number=number, sources=(KEPT, TO_DELETE))
            if number == 1:
                stories.write(tx, worlds.story(current=told))
            else:
                stories.add_version(tx, "s_1", told)
        stories.add_version(tx, "s_1", worlds.story_version(number=504, sources=(KEPT,)))
        assert list(items.perishable(tx)) == [Perishable(f"i_{number:03}", 1, (TO_DELETE,)) for number in range(0, 510, 10)]
        assert list(stories.perishable(tx)) == [Perishable("s_1", number, (KEPT, TO_DELETE)) for number in range(1, 504)]


def test_an_item_is_erased_with_its_current_version(peopled: Database) -> None:
    """Its revision rises then, and only then."""
    first = worlds.item_version(stamp=TO_DELETE)
    second = worlds.item_version(stamp=TO_DELETE, number=2, entry=worlds.entry(raw=b"second"))
    item = worlds.item(current=first)
    corrected = replace(item, current=second, revision=2)
    with peopled.write() as tx:
        items.receive(tx, item)
        items.decide(tx, item, corrected, worlds.review())
        assert items.erase(tx, first, worlds.NOW)
        held = items.get(tx, "i_1")
        assert held is not None
        assert (held.erased_at, held.revision, items.raw(tx, "i_1", 1), items.raw(tx, "i_1", 2)) == (None, 2, b"", b"second")
        assert items.erased(tx, "trc", (item.guid,)) == frozenset()
        assert not items.erase(tx, first, worlds.NOW)
        assert items.erase(tx, second, worlds.NOW)
        held = items.get(tx, "i_1")
        assert held is not None
        assert (held.erased_at, held.revision, items.raw(tx, "i_1", 2)) == (worlds.NOW, 3, b"")
        assert held.current.entry.content == worlds.content().emptied()
        assert items.erased(tx, "trc", (item.guid, "other")) == {item.guid}
        assert items.erased(tx, "azertac", (item.guid,)) == frozenset()
        assert list(items.perishable(tx)) == []


def test_a_story_is_erased_with_its_current_version(peopled: Database) -> None:
    first = worlds.story_version(sources=(TO_DELETE,))
    second = replace(first, number=2)
    with peopled.write() as tx:
        stories.write(tx, worlds.story(current=first))
        stories.add_version(tx, "s_1", second)
        assert stories.erase(tx, first, worlds.NOW)
        assert not stories.erase(tx, first, worlds.NOW)
        held = stories.get(tx, "s_1")
        assert held is not None
        assert (held.erased_at, held.current) == (None, second)
        assert stories.erase(tx, second, worlds.NOW)
        held = stories.get(tx, "s_1")
        assert held is not None
        assert (held.erased_at, held.current) == (worlds.NOW, replace(second, content=second.content.emptied()))


def test_what_nothing_says_is_deleted_is_never_emptied(peopled: Database) -> None:
    """The repositories refuse it too."""
    with peopled.write() as tx:
        items.receive(tx, worlds.item())
        stories.write(tx, worlds.story(current=worlds.story_version(sources=(KEPT,))))
        assert not items.erase(tx, worlds.item_version(), worlds.NOW)
        assert not stories.erase(tx, worlds.story_version(sources=(KEPT,)), worlds.NOW)
        assert items.raw(tx, "i_1", 1) == worlds.entry().raw
