"""Activities: as they are told last, in the order of their days."""

from datetime import date

from syndication.model.activity import Activity
from syndication.storage import activities
from syndication.storage.database import Database
from tests import worlds

TRAINING = Activity(
    id="a_1",
    agreement=worlds.REFERENCE,
    kind="training",
    title="Video on the telephone",
    on=date(2026, 3, 2),
    until=date(2026, 3, 6),
    place="Astana",
    who=("Mai Trần", "Айгерим Бек"),
    outcome="Twelve trained.",
    minutes="First day:\nlenses.\n",
)
DELEGATION = Activity("a_2", worlds.REFERENCE, "delegation", "Visit to Hanoi", on=date(2026, 1, 9))
MEANT = Activity("a_0", worlds.REFERENCE, "joint coverage", "Rail forum")
ELSEWHERE = Activity("a_3", "oana", "meeting", "General assembly")


def test_each_comes_back_whole_and_in_order(database: Database) -> None:
    """What has no day yet comes last."""
    with database.write() as tx:
        for one in (MEANT, TRAINING, ELSEWHERE, DELEGATION):
            activities.note(tx, one, worlds.NOW, "mai")
    with database.read() as tx:
        assert activities.of_agreement(tx, worlds.REFERENCE) == (DELEGATION, TRAINING, MEANT)
        assert activities.of_agreement(tx, "oana") == (ELSEWHERE,)
        assert activities.of_agreement(tx, "none") == ()
        assert activities.all(tx) == (MEANT, TRAINING, DELEGATION, ELSEWHERE)
        assert activities.get(tx, "a_1") == TRAINING
        assert activities.get(tx, "none") is None


def test_what_is_told_later_replaces_what_was_told(database: Database) -> None:
    held = Activity("a_1", "oana", "training", "Video on the telephone", outcome="Put off.")
    with database.write() as tx:
        activities.note(tx, TRAINING, worlds.NOW, "mai")
        activities.note(tx, held, worlds.NOW, "lan")
    with database.read() as tx:
        assert activities.all(tx) == (held,)
        assert activities.of_agreement(tx, worlds.REFERENCE) == ()
