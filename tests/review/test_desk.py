"""What editors do with items, and what a partner's word does to them: seen from the partner who reads the other end."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from syndication.errors import ConflictError, NotFoundError, RefusedError, StoryError
from syndication.intake.desk import Newsroom
from syndication.model.agreement import ActKind, Measure, Obligation, OnwardUse, Period
from syndication.model.entry import Tombstone
from syndication.model.item import ReviewAct, ReviewState
from syndication.model.partner import Direction
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, StoryAct
from syndication.review.desk import Desk, Edits
from syndication.storage import agreements, items, partners, publications, stories
from syndication.storage.database import Database
from tests.web.exchange import AGREEMENTS, ONWARD, PARTNERS, TO_AZERTAC, Exchange, guid, story
from tests.worlds import NOW, entry

BODY = "<p>Trains will run daily from May.</p>"


@pytest.fixture
def exchange(database: Database) -> Exchange:
    made = Exchange(database)
    made.receive(story())
    return made


def desk(exchange: Exchange) -> Desk:
    return Desk(exchange.database, exchange.settings)


def accept(exchange: Exchange, edits: Edits | None = None) -> str:
    """Mai takes the first item; returns the story's id."""
    item = exchange.item()
    taken = desk(exchange).accept(item.id, item.revision, "mai", exchange.clock(), edits)
    assert taken.story is not None
    return taken.story


def current(exchange: Exchange, identity: str) -> tuple[Pubstatus, StoryAct, int]:
    with exchange.database.read() as tx:
        held = stories.get(tx, identity)
    assert held is not None
    return held.current.pubstatus, held.current.act, held.current.number


def test_what_is_accepted_carries_its_credit_line_and_its_stamp(exchange: Exchange) -> None:
    """The template of the grant, written out; its stamp is the source that onward use is asked of."""
    identity = accept(exchange)
    with exchange.database.read() as tx:
        version = stories.versions(tx, identity)[0]
        assert version.content.credit_line == "TRC"
        assert version.sources == (exchange.item().current.stamp,)
        assert [one.flow for one in publications.of_story(tx, identity)] == [TO_AZERTAC.id]


def test_edits_within_the_terms_are_taken_and_cleaned(exchange: Exchange) -> None:
    identity = accept(exchange, Edits("Astana hosts forum", "", '<p onclick="x()">Trains will run daily.</p><script>1</script>'))
    with exchange.database.read() as tx:
        assert stories.versions(tx, identity)[0].content.body == "<p>Trains will run daily.</p>"
        assert items.reviews(tx, exchange.item().id)[-1].act is ReviewAct.ACCEPT_EDITED


def test_edits_beyond_the_terms_take_nothing(exchange: Exchange) -> None:
    with pytest.raises(StoryError, match=r"vna-trc-2025 v1, 2\.1"):
        accept(exchange, Edits("Astana cancels the rail forum", "", BODY))
    assert exchange.item().state is ReviewState.PENDING
    with exchange.database.read() as tx:
        assert stories.recent(tx, 5) == ()


def test_on_another_revision_than_the_editor_saw_nothing_is_done(exchange: Exchange) -> None:
    """W15."""
    seen = exchange.item()
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    with pytest.raises(ConflictError, match="meanwhile"):
        desk(exchange).accept(seen.id, seen.revision, "mai", exchange.clock())


def test_an_item_that_is_not_there(exchange: Exchange) -> None:
    with pytest.raises(NotFoundError):
        desk(exchange).hold("i_nothing", 1, "mai", exchange.clock())


def test_what_was_rejected_cannot_be_held(exchange: Exchange) -> None:
    item = exchange.item()
    rejected = desk(exchange).reject(item.id, item.revision, "not ours", "mai", exchange.clock())
    with pytest.raises(RefusedError, match="rejected"):
        desk(exchange).hold(item.id, rejected.revision, "mai", exchange.clock())


def test_undo_withholds_what_went_out_and_tells_who_got_it(exchange: Exchange) -> None:
    identity = accept(exchange)
    token = exchange.token("azertac")
    assert "rail forum" in exchange.feed(TO_AZERTAC.id, token)
    desk(exchange).undo(exchange.item().id, exchange.item().revision, "mai", exchange.clock())
    assert current(exchange, identity) == (Pubstatus.WITHHELD, StoryAct.HOLD, 2)
    assert "<at:deleted-entry" in exchange.feed(TO_AZERTAC.id, token)
    assert exchange.item().state is ReviewState.PENDING


def test_undo_of_a_taken_correction_sets_the_story_back(exchange: Exchange) -> None:
    identity = accept(exchange)
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    accept(exchange)
    desk(exchange).undo(exchange.item().id, exchange.item().revision, "mai", exchange.clock())
    with exchange.database.read() as tx:
        assert [BODY in one.content.body for one in stories.versions(tx, identity)] == [True, False, True]
    assert (exchange.item().state, exchange.item().taken_version) == (ReviewState.REOPENED, 1)


def test_accepted_again_after_an_undo_it_is_the_same_story(exchange: Exchange) -> None:
    """RFC 4287, 4.2.6: an id is never used for another; a hold that is lifted is no new story."""
    identity = accept(exchange)
    desk(exchange).undo(exchange.item().id, exchange.item().revision, "mai", exchange.clock())
    assert accept(exchange) == identity
    assert current(exchange, identity)[0] is Pubstatus.USABLE


def test_a_correction_never_overwrites_what_an_editor_took(exchange: Exchange) -> None:
    identity = accept(exchange)
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    assert exchange.item().state is ReviewState.REOPENED
    assert current(exchange, identity)[2] == 1
    kept = desk(exchange).keep(exchange.item().id, exchange.item().revision, "mai", exchange.clock())
    assert (kept.state, current(exchange, identity)[2]) == (ReviewState.ACCEPTED, 1)


def test_a_correction_of_what_was_rejected_is_offered_again(exchange: Exchange) -> None:
    item = exchange.item()
    desk(exchange).reject(item.id, item.revision, "figure is wrong", "mai", exchange.clock())
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    assert exchange.item().state is ReviewState.PENDING


def test_an_embargo_moved_later_holds_at_once(exchange: Exchange) -> None:
    """Z16: without waiting for an editor; and the story comes back by itself at the hour."""
    accept(exchange)
    token = exchange.token("azertac")
    exchange.receive(story(embargo_until=exchange.clock() + timedelta(hours=2)))
    assert "rail forum" not in exchange.feed(TO_AZERTAC.id, token)
    exchange.clock.pass_by(hours=2)
    assert "rail forum" in exchange.feed(TO_AZERTAC.id, token)


def test_a_hold_by_the_partner_holds_at_once(exchange: Exchange) -> None:
    identity = accept(exchange)
    token = exchange.token("azertac")
    held = story()
    exchange.receive(entry(guid=held.guid, content=held.content, raw=held.raw, pubstatus=Pubstatus.WITHHELD))
    assert current(exchange, identity)[:2] == (Pubstatus.WITHHELD, StoryAct.HOLD)
    assert "<at:deleted-entry" in exchange.feed(TO_AZERTAC.id, token)
    with pytest.raises(RefusedError, match="withholds"):
        accept(exchange)
    exchange.receive(held)
    assert accept(exchange) == identity


def test_z17_a_correction_that_may_not_come_in_is_told_and_what_it_narrows_holds(exchange: Exchange) -> None:
    """It went into a language that is not granted: its words stay out, the editor is told once, and its hold is carried out."""
    identity = accept(exchange)
    exchange.receive(story(language="kk", body="<p>Another text.</p>"))
    told = exchange.item()
    assert told.state is ReviewState.REOPENED
    assert "may not come in: language: kk is not among what is granted" in told.flags[-1]
    assert told.current.entry.content.language == "en"
    exchange.receive(story(language="kk", body="<p>Another text.</p>"))
    assert exchange.item().revision == told.revision
    assert current(exchange, identity)[0] is Pubstatus.USABLE
    exchange.receive(replace(story(language="kk"), pubstatus=Pubstatus.WITHHELD))
    assert current(exchange, identity)[:2] == (Pubstatus.WITHHELD, StoryAct.HOLD)
    with pytest.raises(RefusedError, match="withholds"):
        accept(exchange)
    exchange.receive(story())
    assert accept(exchange) == identity


def test_z17_such_a_correction_moves_the_embargo_later_for_what_is_accepted_after_it_too(exchange: Exchange) -> None:
    until = exchange.clock() + timedelta(hours=2)
    exchange.receive(story(language="kk", embargo_until=until))
    assert exchange.item().state is ReviewState.PENDING
    identity = accept(exchange)
    with exchange.database.read() as tx:
        assert stories.versions(tx, identity)[0].content.embargo_until == until


def test_z17_of_what_was_rejected_such_a_correction_says_nothing(exchange: Exchange) -> None:
    item = exchange.item()
    rejected = desk(exchange).reject(item.id, item.revision, "not ours", "mai", exchange.clock())
    exchange.receive(story(language="kk"))
    assert exchange.item() == rejected


def test_a_kill_reaches_a_partner_whose_agreement_has_ended(exchange: Exchange) -> None:
    """Z09: kills go along the Publications, not the agreements."""
    identity = accept(exchange)
    token = exchange.token("azertac")
    exchange.feed(TO_AZERTAC.id, token)
    exchange.act("vna-azertac-2025", ActKind.TERMINATE, date(2026, 11, 25))
    exchange.clock.pass_by(days=3)
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock(), "wrong person"),))
    reader, sent = exchange.app().test_client(), {"Authorization": f"Bearer {token}"}
    assert reader.get(f"/feeds/{TO_AZERTAC.id}.atom", headers=sent).status_code == 403
    notices = reader.get(f"/feeds/{TO_AZERTAC.id}/withdrawn.atom", headers=sent).text
    with exchange.database.read() as tx:
        killed = stories.get(tx, identity)
    assert killed is not None
    assert killed.current.pubstatus is Pubstatus.CANCELED
    assert killed.entry_id in notices
    assert "wrong person" in notices


def test_a_kill_is_final(exchange: Exchange) -> None:
    """S11: nobody's move, the partner's own included."""
    accept(exchange)
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock(), None),))
    exchange.receive(story())
    assert exchange.item().state is ReviewState.WITHDRAWN
    with pytest.raises(RefusedError):
        accept(exchange)


def derived(exchange: Exchange, source: str, name: str) -> str:
    """A story of ours that was made from that one."""
    told = {"uri": f"urn:vna:{name}", "language": "en", "headline": name, "body_html": "<p>Trains.</p>"}
    return Newsroom(exchange.database, exchange.settings).add(json.dumps(told).encode(), "mai", exchange.clock(), (source,)).id


def test_a_kill_goes_down_every_step_and_kills_each_once(exchange: Exchange) -> None:
    """What was made from what was made from it is found on two ways; that is no reason to refuse the kill."""
    first = accept(exchange)
    second = derived(exchange, first, "second")
    third = derived(exchange, second, "third")
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock(), "wrong person"),))
    assert [current(exchange, one) for one in (first, second, third)] == [(Pubstatus.CANCELED, StoryAct.KILL, 2)] * 3


def test_what_our_own_desk_killed_is_not_taken_again(exchange: Exchange) -> None:
    """S11: the partner corrects its item, which is alive; the story that we made from it is dead, and stays so."""
    identity = accept(exchange)
    Newsroom(exchange.database, exchange.settings).kill(identity, "wrong", "mai", exchange.clock())
    item = exchange.item()
    with pytest.raises(RefusedError, match="a kill is final"):
        desk(exchange).undo(item.id, item.revision, "mai", exchange.clock())
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    with pytest.raises(RefusedError, match="a kill is final"):
        accept(exchange)
    assert current(exchange, identity) == (Pubstatus.CANCELED, StoryAct.KILL, 2)


def test_undo_holds_what_was_made_from_the_story_too(exchange: Exchange) -> None:
    first = accept(exchange)
    second = derived(exchange, first, "second")
    desk(exchange).undo(exchange.item().id, exchange.item().revision, "mai", exchange.clock())
    assert [current(exchange, one)[0] for one in (first, second)] == [Pubstatus.WITHHELD] * 2


def test_an_embargo_moved_later_and_a_hold_reach_what_was_made_from_it(exchange: Exchange) -> None:
    """Z16, one step further."""
    second = derived(exchange, accept(exchange), "second")
    later = exchange.clock() + timedelta(hours=2)
    exchange.receive(story(embargo_until=later))
    with exchange.database.read() as tx:
        assert [one.content.embargo_until for one in stories.versions(tx, second)] == [None, later]
    held = story(embargo_until=later)
    exchange.receive(entry(guid=held.guid, content=held.content, raw=held.raw, pubstatus=Pubstatus.WITHHELD))
    assert current(exchange, second)[:2] == (Pubstatus.WITHHELD, StoryAct.HOLD)


def test_what_fails_half_way_leaves_nothing(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """D10: the item, the story and the publications are one transaction."""

    def broken(*_: object, **__: object) -> None:
        raise RefusedError("broken")

    monkeypatch.setattr(items, "decide", broken)
    with pytest.raises(RefusedError, match="broken"):
        accept(exchange)
    with exchange.database.read() as tx:
        assert stories.recent(tx, 5) == ()
        assert publications.latest(tx, TO_AZERTAC.id, 5, at=exchange.clock(), told_since=exchange.clock()) == ()


@pytest.mark.parametrize("how", [ActKind.SUSPEND, ActKind.TERMINATE])
def test_nothing_is_accepted_where_nothing_is_in_force(exchange: Exchange, how: ActKind) -> None:
    """What came before the end and nobody has taken stays where it is; the control is every other test here."""
    exchange.act("vna-trc-2025", how, date(2026, 11, 24))
    with pytest.raises(RefusedError, match="nothing is taken from trc now: vna-trc-2025 v1 was"):
        accept(exchange)
    assert exchange.item().state is ReviewState.PENDING


CEILING = Obligation("5", Direction.INBOUND, "of theirs", at_most=1, period=Period.DAY, measure=Measure.PUBLISHED)


def ceiled(exchange: Exchange, **changes: Any) -> None:
    """From today the agreement with TRC lets one story a day be published."""
    capped = replace(AGREEMENTS[0], version=2, since=NOW.date(), obligations=(CEILING,))
    with exchange.database.write() as tx:
        agreements.sign(tx, replace(capped, **changes), NOW, "test")


@pytest.mark.parametrize("how", ["as it is", "its flow is closed", "under what succeeded it"])
def test_a_ceiling_holds(exchange: Exchange, how: str) -> None:
    """For what came under the agreement before, and on a flow that is closed, as well."""
    exchange.receive(story(2))
    if how == "under what succeeded it":
        signed_today = {"signed_on": NOW.date(), "term": replace(AGREEMENTS[0].term, effective=NOW.date())}
        ceiled(exchange, reference="vna-trc-2026", version=1, succeeds="vna-trc-2025", **signed_today)
    else:
        ceiled(exchange)
    if how == "its flow is closed":
        with exchange.database.write() as tx:
            partners.take(tx, PARTNERS, (), NOW)
    accept(exchange)
    second = exchange.item(2)
    with pytest.raises(RefusedError, match="the ceiling of 1 a day is reached"):
        desk(exchange).accept(second.id, second.revision, "mai", exchange.clock())


def test_of_two_who_accept_at_once_the_second_counts_the_first(exchange: Exchange) -> None:
    ceiled(exchange)
    exchange.receive(story(2))
    barrier, told = threading.Barrier(2), []

    def take(number: int) -> None:
        item = exchange.item(number)
        barrier.wait()
        try:
            told.append(str(desk(exchange).accept(item.id, item.revision, "mai", exchange.clock()).state))
        except RefusedError as error:
            told.append(str(error))

    threads = [threading.Thread(target=take, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2
    assert told.count("accepted") == 1


def test_an_editor_and_the_partner_at_once_do_not_wait_for_each_other_for_ever(exchange: Exchange) -> None:
    """One moves the item and then its story, the other the story and then its item: both ask for the same order first."""
    accept(exchange)
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    item, barrier, told = exchange.item(), threading.Barrier(2), []

    def act(one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            one()
            told.append("done")
        except ConflictError as error:
            told.append(str(error))

    held = replace(story(), pubstatus=Pubstatus.WITHHELD)
    acts = (lambda: desk(exchange).accept(item.id, item.revision, "mai", exchange.clock()), lambda: exchange.receive(held))
    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2
    assert all(one == "done" or "meanwhile" in one for one in told)
    assert "done" in told


def test_what_was_made_from_a_story_moves_under_its_new_terms_as_well(exchange: Exchange) -> None:
    """The source is corrected under narrower terms: what was made from it may not keep the old wide ones alone."""
    second = derived(exchange, accept(exchange), "second")
    own = replace(AGREEMENTS[0].grants[0], terms=replace(ONWARD, onward=OnwardUse.OWN_USE))
    with exchange.database.write() as tx:
        agreements.sign(tx, replace(AGREEMENTS[0], version=2, since=NOW.date(), grants=(own, *AGREEMENTS[0].grants[1:])), NOW, "test")
    exchange.receive(story(language="ru", body="<p>Trains will run weekly from May.</p>"))
    accept(exchange)
    with exchange.database.read() as tx:
        held = stories.get(tx, second)
        kinds = {one.kind for one in publications.holding(tx, second)}
    assert held is not None
    assert [stamp.version for stamp in held.current.sources] == [1, 2]
    assert kinds == {PublicationKind.WITHDRAWAL}


def test_an_accept_is_not_undone_where_the_story_was_changed_after_it(exchange: Exchange) -> None:
    """What is undone is what the accept made, and nothing else: here the source of the story was put under embargo meanwhile."""
    identity = accept(exchange)
    with exchange.database.write() as tx:
        held = stories.get(tx, identity)
        assert held is not None
        later = replace(held.current, number=2, made_by="lan", made_at=NOW)
        stories.add_version(tx, identity, later)
    item = exchange.item()
    with pytest.raises(RefusedError, match="was changed after that by lan"):
        desk(exchange).undo(item.id, item.revision, "mai", exchange.clock())
    assert current(exchange, identity)[2] == 2
