"""What a partner marks in words, as it means it: a table."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syndication.ingest.marking import found, marked
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.partner import Markers
from syndication.model.story import Pubstatus
from tests.worlds import NOW, content, entry

TOMORROW = datetime(2026, 11, 25, 2, tzinfo=UTC)
MARKERS = Markers(kill=("KILL", "撤稿", "Отзыв"), hold=("HOLD:",), embargo=("EMBARGO", "Под эмбарго до"))


def said(headline: str = "Trains run daily", *, note: str | None = None, categories: tuple[str, ...] = (), **changes: Any) -> Entry:
    embargo = changes.pop("embargo_until", None)
    return entry(content=content(headline=headline, embargo_until=embargo), note=note, categories=categories, **changes)


def meant(one: Entry, held: Entry | None = None, markers: Markers = MARKERS) -> ParsedFeed:
    return marked(ParsedFeed("", "en", (one,)), markers, {} if held is None else {held.guid: held}, NOW)


@pytest.mark.parametrize(
    ("one", "word"),
    [
        pytest.param(said("KILL: Trains"), "KILL", id="at the start"),
        pytest.param(said("MANDATORY-KILL, Trains"), "KILL", id="between signs"),
        pytest.param(said("Overkill at KILLARNEY"), None, id="part of a word"),
        pytest.param(said("Police kill three"), None, id="the verb: capitals count"),
        pytest.param(said("重要撤稿通知"), "撤稿", id="a script without spaces"),
        pytest.param(said(note="see KILL above"), "KILL", id="in the note"),
        pytest.param(said(categories=("Sport", "kill")), "KILL", id="a category, in any letters"),
        pytest.param(said(categories=("kill list",)), None, id="part of a category"),
        pytest.param(said("Отзыв материала"), "Отзыв", id="in Russian"),
        pytest.param(said("Отзывы читателей"), None, id="another word of it"),
    ],
)
def test_where_a_word_is_found(one: Entry, word: str | None) -> None:
    assert found(one, MARKERS.kill) == word


def test_without_markers_nothing_is_read_into_words() -> None:
    """The control."""
    feed = ParsedFeed("", "en", (said("KILL: HOLD: EMBARGO"),))
    assert marked(feed, Markers(), {}, NOW) is feed


def test_a_kill_takes_back_what_it_names() -> None:
    """By its id; by what it follows; and one that names nothing we hold comes in withheld, also when it is seen again."""
    kill = said("KILL: Trains")
    gone = meant(kill, said())
    assert (gone.entries, gone.tombstones) == ((), (Tombstone(kill.guid, None, "KILL: Trains"),))
    following = meant(replace(kill, guid="other", replaces=kill.guid))
    assert following.tombstones == (Tombstone(kill.guid, None, "KILL: Trains"),)
    assert following.entries == ()
    for held in (None, replace(kill, pubstatus=Pubstatus.WITHHELD)):
        alone = meant(kill, held)
        assert alone.tombstones == ()
        assert (alone.entries[0].pubstatus, alone.entries[0].flags[-1]) == (
            Pubstatus.WITHHELD,
            "marked as a kill ('KILL'): see what it takes back",
        )


@pytest.mark.parametrize(
    ("one", "pubstatus", "until"),
    [
        pytest.param(said("HOLD: Trains"), Pubstatus.WITHHELD, None, id="a hold"),
        pytest.param(
            said("EMBARGO until 2026-11-25T09:00:00+07:00"), Pubstatus.USABLE, datetime(2026, 11, 25, 2, tzinfo=UTC), id="RFC 3339"
        ),
        pytest.param(
            said(note="Под эмбарго до 25 Nov 2026 09:00 +0300."), Pubstatus.USABLE, datetime(2026, 11, 25, 6, tzinfo=UTC), id="RFC 822"
        ),
        pytest.param(said("EMBARGO until noon"), Pubstatus.WITHHELD, None, id="S15: no hour"),
        pytest.param(said("EMBARGO 2026-11-24 09:00"), Pubstatus.WITHHELD, None, id="S16: no zone"),
        pytest.param(said("EMBARGO 24 Nov 2026 12:00 XYZ"), Pubstatus.WITHHELD, None, id="S16: a zone nobody knows"),
        pytest.param(said("EMBARGO 2026-11-24T07:00:00Z"), Pubstatus.USABLE, None, id="over"),
        pytest.param(said(categories=("embargo",)), Pubstatus.WITHHELD, None, id="S15: a category says no hour"),
        pytest.param(
            said("EMBARGO 2026-11-24T09:00:00Z", embargo_until=datetime(2026, 11, 26, tzinfo=UTC)),
            Pubstatus.USABLE,
            datetime(2026, 11, 26, tzinfo=UTC),
            id="S15: the later of its field and its words",
        ),
        pytest.param(
            said("EMBARGO 2026-11-24T07:00:00Z", pubstatus=Pubstatus.WITHHELD), Pubstatus.WITHHELD, None, id="a hold is not lifted by words"
        ),
        pytest.param(said("HOLD: x", pubstatus=Pubstatus.CANCELED), Pubstatus.CANCELED, None, id="nor a kill"),
    ],
)
def test_holds_and_embargoes(one: Entry, pubstatus: Pubstatus, until: datetime | None) -> None:
    entry = meant(one).entries[0]
    assert (entry.pubstatus, entry.content.embargo_until) == (pubstatus, until)
