"""What is found again by its bands: of anyone but the giver; no more once its text is gone, or it is old."""

from datetime import timedelta

from syndication.storage import items, likeness, stories
from syndication.storage.database import Database
from tests import worlds
from tests.worlds import NOW

LARGE = (-(1 << 63), (1 << 63) - 1)


def test_found_by_what_is_in_common_and_not_by_the_givers_own(database: Database) -> None:
    with database.write() as tx:
        likeness.sign(tx, "trc", {"i_1": (1, 2, 2, *LARGE)}, NOW)
        likeness.sign(tx, "azertac", {"i_2": (2, 3)}, NOW)
        likeness.sign(tx, "trc", {"i_3": ()}, NOW)
    with database.read() as tx:
        assert likeness.found(tx, (1, 2, 4, LARGE[0], *range(100, 1_200)), "azertac") == {1: ("i_1",), 2: ("i_1",), LARGE[0]: ("i_1",)}
        assert likeness.found(tx, (2,), "trc") == {2: ("i_2",)}
        assert likeness.found(tx, (2,), "vna") == {2: ("i_2", "i_1")}


def test_of_one_giver_the_last_is_found(database: Database) -> None:
    """Whatever it sends in the same words, as it does the weather: the look-up stays as short."""
    with database.write() as tx:
        for number in range(20):
            likeness.sign(tx, "trc", {f"i_{number}": (1, 2, 100 + number)}, NOW)
        assert likeness.found(tx, (1, 2, 100, 119), "vna") == {1: ("i_19",), 2: ("i_19",), 100: ("i_0",), 119: ("i_19",)}
        likeness.unsign(tx, ("i_0",))
        assert likeness.found(tx, (1, 2, 100), "vna") == {1: ("i_19",), 2: ("i_19",)}


def test_signed_again_it_is_found_by_the_new_text_only(database: Database) -> None:
    with database.write() as tx:
        for signature in ((1, 2), (2, 3)):
            likeness.sign(tx, "trc", {"i_1": signature}, NOW)
        assert likeness.found(tx, (1, 2, 3), "vna") == {2: ("i_1",), 3: ("i_1",)}


def test_the_old_are_let_go_a_few_at_a_time(database: Database) -> None:
    with database.write() as tx:
        for number in range(5):
            likeness.sign(tx, "trc", {f"i_{number}": (number,)}, NOW + timedelta(days=number))
        assert [likeness.sweep(tx, NOW + timedelta(days=3), 2) for _ in range(3)] == [2, 1, 0]
        assert likeness.found(tx, range(5), "vna") == {3: ("i_3",), 4: ("i_4",)}


def test_what_says_the_same_is_told_both_ways_round(database: Database) -> None:
    with database.write() as tx:
        likeness.relate(tx, "i_1", ("i_2", "s_1"))
        likeness.relate(tx, "i_3", ("i_1",))
        assert likeness.alike(tx, ("i_1", "i_2", "s_1", "i_4")) == {"i_1": ("i_2", "i_3", "s_1"), "i_2": ("i_1",), "s_1": ("i_1",)}
        likeness.relate(tx, "i_1", ("i_3",))
        assert likeness.alike(tx, ("i_1", "i_2", "i_3", "s_1")) == {"i_1": ("i_3",), "i_3": ("i_1",)}
        likeness.relate(tx, "i_1", ())
        assert likeness.alike(tx, ("i_1", "i_3")) == {}


def test_an_erased_text_is_found_no_more(peopled: Database) -> None:
    """An item's, with its current version and not before; and a story's. What says the same of it stays, as its headline does."""
    to_delete = worlds.stamp(terms=worlds.terms(delete_at_end=True))
    first = worlds.item_version(stamp=to_delete, entry=worlds.entry(signature=(1, 2)))
    second = worlds.item_version(stamp=to_delete, number=2, entry=worlds.entry(raw=b"second"))
    told = worlds.story_version(sources=(to_delete,))
    with peopled.write() as tx:
        items.receive(tx, worlds.item(current=first))
        items.decide(tx, worlds.item(current=first), worlds.item(current=second, revision=2), worlds.review(revision=2))
        stories.write(tx, worlds.story(current=told))
        likeness.sign(tx, "trc", {"i_1": (1, 2)}, NOW)
        likeness.sign(tx, "vna", {"s_1": (2, 3)}, NOW)
        likeness.relate(tx, "i_1", ("s_1",))
        assert items.erase(tx, first, NOW)
        assert likeness.found(tx, (1, 2, 3), "")[2] == ("i_1", "s_1")
        assert items.erase(tx, second, NOW)
        assert likeness.found(tx, (1, 2, 3), "") == {2: ("s_1",), 3: ("s_1",)}
        assert stories.erase(tx, told, NOW)
        assert likeness.found(tx, (1, 2, 3), "") == {}
        assert likeness.alike(tx, ("s_1",)) == {"s_1": ("i_1",)}


def test_a_signature_is_not_kept_with_the_entry(peopled: Database) -> None:
    with peopled.write() as tx:
        items.receive(tx, worlds.item(current=worlds.item_version(entry=worlds.entry(signature=(1, 2)))))
        kept = items.several(tx, ("i_1", "i_2"))
    assert [one.current.entry.signature for one in kept.values()] == [()]


def test_stories_are_found_by_what_our_feeds_and_our_newsroom_call_them(database: Database) -> None:
    with database.write() as tx:
        stories.write(tx, worlds.story(uri="urn:newsroom:1"))
        found = stories.named(tx, (worlds.story().entry_id, "urn:newsroom:1", "tag:other"))
    assert found == {worlds.story().entry_id: "s_1", "urn:newsroom:1": "s_1"}
