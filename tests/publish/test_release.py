"""What a release places, takes back and counts: its own choices as tables, and the whole of it on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.agreements import usage
from syndication.agreements.decision import fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.quota import counts
from syndication.model.agreement import ContentType, EmbargoHandling, Measure, Obligation, Period
from syndication.model.clearance import Clause, Clearance, Verdict
from syndication.model.ledger import Movement
from syndication.model.partner import Direction, Flow
from syndication.model.publication import Publication, PublicationKind
from syndication.model.story import Pubstatus, Story, StoryAct
from syndication.model.subscription import Means, Subscription, SubscriptionState
from syndication.publish.release import Placing, placings, questions, release
from syndication.storage import accounts, agreements, events, ledger, partners, publications, stories, subscriptions
from syndication.storage.database import Database, Transaction
from tests import worlds
from tests.worlds import NOW

MAY_GO = Clearance((Verdict(Clause.TYPE, True, "text is granted"),), worlds.out_stamp())
WAITS = replace(MAY_GO, verdicts=(Verdict(Clause.EMBARGO, False, "until noon"),))
REFUSED = replace(MAY_GO, verdicts=(Verdict(Clause.ONWARD_USE, False, "own use only"),))
PAUSED = replace(MAY_GO, verdicts=(Verdict(Clause.FLOW, False, "to-trc is paused"), *WAITS.verdicts))
PAUSED_TOO = replace(MAY_GO, verdicts=(*PAUSED.verdicts, *REFUSED.verdicts))
BOTH = replace(MAY_GO, verdicts=(*WAITS.verdicts, *REFUSED.verdicts))
UNGRANTED = Clearance((Verdict(Clause.TYPE, False, "not granted"),), None)
HELD = Publication(1, "to-trc", "s_1", 1, PublicationKind.STORY, worlds.out_stamp(version=7), NOW)
GONE = replace(HELD, kind=PublicationKind.WITHDRAWAL)
STALE = Subscription("", Means.WEBHOOK, "trc", "to-trc", "ninjs", "https://subscriber.example/", "t_1", NOW, state=SubscriptionState.STALE)
KILLED = Placing("to-trc", PublicationKind.WITHDRAWAL, HELD.stamp, "Wrong man.")
NOT_COVERED = "No longer covered by the exchange agreement: do not use."


def told(pubstatus: Pubstatus, note: str | None = None) -> Story:
    return worlds.story(current=worlds.story_version(pubstatus=pubstatus, note=note))


@pytest.mark.parametrize(
    ("answer", "held", "placed"),
    [
        pytest.param(MAY_GO, (), ("story", 1, "Corrected."), id="it may go: placed"),
        pytest.param(WAITS, (), ("story", 1, "Corrected."), id="it waits for its embargo only: placed, and shows itself later"),
        pytest.param(PAUSED, (), ("story", 1, "Corrected."), id="the flow is paused: placed, to be read when it goes on"),
        pytest.param(PAUSED, (HELD,), ("story", 1, "Corrected."), id="corrected in a pause: the new version"),
        pytest.param(PAUSED_TOO, (), None, id="the flow is paused, and it is refused besides: nothing"),
        pytest.param(REFUSED, (), None, id="refused: nothing"),
        pytest.param(BOTH, (), None, id="it waits, and is refused besides: nothing"),
        pytest.param(UNGRANTED, (), None, id="nothing granted: nothing"),
        pytest.param(MAY_GO, (HELD,), ("story", 1, "Corrected."), id="it stands there and may: the new version"),
        pytest.param(
            REFUSED, (HELD,), ("withdrawal", 7, NOT_COVERED), id="it stands there and no longer may: taken back under its own terms"
        ),
        pytest.param(REFUSED, (GONE,), None, id="taken back already: not twice"),
        pytest.param(MAY_GO, (GONE,), ("story", 1, "Corrected."), id="taken back, and may again: placed"),
    ],
)
def test_what_is_placed_on_a_flow(answer: Clearance, held: tuple[Publication, ...], placed: tuple[str, int, str] | None) -> None:
    chosen = placings(told(Pubstatus.USABLE, "Corrected."), {"to-trc": answer}, held)
    assert [(one.kind, one.stamp.version, one.note) for one in chosen] == ([placed] if placed else [])
    assert all(one.flow == "to-trc" for one in chosen)


@pytest.mark.parametrize(
    ("pubstatus", "note", "said"),
    [
        pytest.param(Pubstatus.CANCELED, "Wrong man.", "Wrong man.", id="killed, with a reason"),
        pytest.param(Pubstatus.CANCELED, None, "Killed: do not use.", id="killed"),
        pytest.param(Pubstatus.WITHHELD, "Wait.", "Wait.", id="held, with a reason"),
        pytest.param(Pubstatus.WITHHELD, None, "Withheld: do not use until it comes again.", id="held"),
        pytest.param(Pubstatus.USABLE, "Corrected.", NOT_COVERED, id="no longer covered"),
    ],
)
def test_what_is_told_when_it_is_taken_back(pubstatus: Pubstatus, note: str | None, said: str) -> None:
    assert placings(told(pubstatus, note), {}, (HELD,)) == (Placing("to-trc", PublicationKind.WITHDRAWAL, HELD.stamp, said),)


@pytest.mark.parametrize(
    ("pubstatus", "number", "placed"),
    [
        pytest.param(Pubstatus.CANCELED, 2, (KILLED,), id="held or no longer covered, then killed: the kill is told too"),
        pytest.param(Pubstatus.CANCELED, 1, (), id="this kill is told already: not twice"),
        pytest.param(Pubstatus.WITHHELD, 2, (), id="taken back, then held: nothing more to say"),
    ],
)
def test_only_a_kill_is_told_where_it_was_taken_back_before(pubstatus: Pubstatus, number: int, placed: tuple[Placing, ...]) -> None:
    version = worlds.story_version(number=number, pubstatus=pubstatus, note="Wrong man.")
    assert placings(worlds.story(current=version), {"to-trc": REFUSED}, (GONE,)) == placed


def test_a_withdrawal_goes_to_flows_the_gate_was_not_asked_about() -> None:
    """It goes along the Publications: a flow that is closed meanwhile is told, too."""
    assert [one.flow for one in placings(told(Pubstatus.CANCELED), {"to-azertac": MAY_GO}, (HELD,))] == ["to-azertac", "to-trc"]


def ceiling(most: int, **changes: Any) -> Obligation:
    return replace(Obligation("4.1", Direction.OUTBOUND, "pieces a day", at_most=most, period=Period.DAY), **changes)


def opened(tx: Transaction, *obligations: Obligation, flows: tuple[str, ...] = ("to-trc",), **changes: Any) -> None:
    """Our flows to TRC under the plain agreement with these obligations."""
    partners.take(tx, (worlds.partner(),), tuple(worlds.outbound(id=name) for name in flows), NOW)
    agreements.sign(tx, worlds.agreement(obligations=obligations, **changes), NOW, "mai")


def made(tx: Transaction, name: str, **changes: Any) -> Story:
    story = worlds.story(id=name, current=worlds.story_version(story=name, **changes))
    stories.write(tx, story)
    return story


def counted(tx: Transaction) -> int:
    day = timedelta(days=1)
    return sum(one.number for one in ledger.counts(tx, worlds.REFERENCE, Direction.OUTBOUND, Movement.OFFERED, NOW - day, NOW + day))


def test_what_goes_out_is_placed_stored_and_counted_once(database: Database) -> None:
    with database.write() as tx:
        opened(tx)
        story = made(tx, "s_1", note="First.")
        (placed,) = release(tx, story, agency="vna", now=NOW)
        assert (placed.flow, placed.story, placed.version, placed.kind) == ("to-trc", "s_1", 1, PublicationKind.STORY)
        assert (placed.placed_at, placed.note) == (NOW, "First.")
        assert placed.stamp == worlds.out_stamp()
        assert publications.of_story(tx, "s_1") == (placed,)
        (decision,) = events.decisions(tx, "s_1")
        assert (decision.subject, decision.subject_version, decision.headline) == ("s_1", 1, story.current.content.headline)
        assert (decision.allowed, decision.flow, decision.at, decision.clause) == (True, "to-trc", NOW, "2.2")
        assert decision.fingerprint == fingerprint(story.current.content, Pubstatus.USABLE)
        release(tx, story, agency="vna", now=NOW + timedelta(hours=1))
        assert counted(tx) == 1


def test_a_kill_is_placed_and_counts_nothing(database: Database) -> None:
    with database.write() as tx:
        opened(tx)
        story = made(tx, "s_1")
        release(tx, story, agency="vna", now=NOW)
        last = replace(story.current, number=2, pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL, note="Wrong.")
        stories.add_version(tx, "s_1", last)
        (gone,) = release(tx, replace(story, current=last), agency="vna", now=NOW + timedelta(hours=1))
        assert (gone.kind, gone.version, gone.note, gone.stamp) == (PublicationKind.WITHDRAWAL, 2, "Wrong.", worlds.out_stamp())
        assert counted(tx) == 1


def test_over_the_ceiling_nothing_more_is_placed_until_the_next_day(database: Database) -> None:
    with database.write() as tx:
        opened(tx, ceiling(1))
        first, second = made(tx, "s_1"), made(tx, "s_2")
        assert release(tx, first, agency="vna", now=NOW)
        assert release(tx, second, agency="vna", now=NOW) == ()
        # What stands there already is corrected, and not counted twice.
        assert [one.kind for one in release(tx, first, agency="vna", now=NOW)] == [PublicationKind.STORY]
        assert release(tx, second, agency="vna", now=NOW + timedelta(days=1))


@pytest.mark.parametrize("only", [pytest.param({}, id="of all"), pytest.param({"types": (ContentType.TEXT,)}, id="of texts")])
def test_two_flows_under_one_agreement_share_its_ceiling(database: Database, only: dict[str, Any]) -> None:
    """One release asks for all its flows before it places: what the first takes, the second no longer has."""
    with database.write() as tx:
        opened(tx, ceiling(1, **only), flows=("to-trc", "to-trc-too"))
        assert [one.flow for one in release(tx, made(tx, "s_1"), agency="vna", now=NOW)] == ["to-trc"]
        assert counted(tx) == 1


def test_each_flow_takes_one_of_the_ceiling(database: Database) -> None:
    with database.write() as tx:
        opened(tx, ceiling(2), flows=("to-trc", "to-trc-too", "to-trc-three"))
        assert len(release(tx, made(tx, "s_1"), agency="vna", now=NOW)) == 2
        assert counted(tx) == 2


def test_a_flow_under_no_agreement_is_asked_about_too(database: Database) -> None:
    """Its refusal is stored; it takes nothing from the others."""
    with database.write() as tx:
        opened(tx, ceiling(1))
        partners.take(tx, (worlds.partner(),), (worlds.outbound(id="a-first", agreement="none"), worlds.outbound()), NOW)
        assert [one.flow for one in release(tx, made(tx, "s_1"), agency="vna", now=NOW)] == ["to-trc"]
        assert {one.flow: one.allowed for one in events.decisions(tx, "s_1")} == {"a-first": False, "to-trc": True}


def test_what_is_refused_takes_nothing_of_the_ceiling(database: Database) -> None:
    with database.write() as tx:
        opened(tx, ceiling(1))
        vietnamese: Flow = worlds.outbound(id="a-first", languages=("vi",))
        partners.take(tx, (worlds.partner(),), (vietnamese, worlds.outbound()), NOW)
        assert [one.flow for one in release(tx, made(tx, "s_1"), agency="vna", now=NOW)] == ["to-trc"]


def test_flows_under_other_agreements_have_their_own_ceilings(database: Database) -> None:
    with database.write() as tx:
        opened(tx, ceiling(1))
        agreements.sign(tx, worlds.agreement(reference="other", obligations=(ceiling(1),)), NOW, "mai")
        partners.take(tx, (worlds.partner(),), (worlds.outbound(), worlds.outbound(id="too", agreement="other")), NOW)
        assert {one.flow for one in release(tx, made(tx, "s_1"), agency="vna", now=NOW)} == {"to-trc", "too"}


def test_where_it_stands_already_it_takes_nothing_more(database: Database) -> None:
    """A flow on which it stands is counted already; a correction opens no place, and takes none, for the flow after it."""
    with database.write() as tx:
        opened(tx, ceiling(2))
        story = made(tx, "s_1")
        release(tx, story, agency="vna", now=NOW)
        partners.take(tx, (worlds.partner(),), (worlds.outbound(), worlds.outbound(id="too")), NOW)
        assert {one.flow for one in release(tx, story, agency="vna", now=NOW)} == {"to-trc", "too"}
        assert counted(tx) == 2


def corrected(tx: Transaction, story: Story, number: int, **changes: Any) -> Story:
    """The story with a new version of its content, kept."""
    last = replace(story.current, number=number, content=replace(story.current.content, **changes), act=StoryAct.CORRECT)
    stories.add_version(tx, story.id, last)
    return replace(story, current=last)


def test_a_correction_into_a_language_that_a_ceiling_counts_does_not_pass_it(database: Database) -> None:
    """Were only its first language counted, a correction would be the way past any ceiling."""
    with database.write() as tx:
        opened(tx, ceiling(1, languages=("vi",)))
        first, second = made(tx, "s_1"), made(tx, "s_2")
        release(tx, first, agency="vna", now=NOW)
        release(tx, second, agency="vna", now=NOW)
        (stays,) = release(tx, corrected(tx, first, 2, language="vi"), agency="vna", now=NOW)
        assert stays.kind is PublicationKind.STORY
        (gone,) = release(tx, corrected(tx, second, 2, language="vi"), agency="vna", now=NOW)
        assert gone.kind is PublicationKind.WITHDRAWAL
        # What has taken its place keeps it, whatever it is corrected into, and what never had one may come again as it was.
        again = release(tx, corrected(tx, first, 3, language="en"), agency="vna", now=NOW)
        again += release(tx, corrected(tx, first, 4, language="vi"), agency="vna", now=NOW)
        again += release(tx, corrected(tx, second, 3, language="en"), agency="vna", now=NOW)
        assert [one.kind for one in again] == [PublicationKind.STORY] * 3


def test_the_control_where_only_the_first_language_is_counted_a_correction_passes_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A random history meets this too seldom for the model to be sure to see it (`test_acts_against_the_model`)."""
    monkeypatch.setattr(usage, "newly_counts", lambda one, kind, language, before: not before and counts(one, kind, language))
    with pytest.raises(AssertionError):
        test_a_correction_into_a_language_that_a_ceiling_counts_does_not_pass_it(database)


def test_a_correction_takes_the_place_that_the_next_flow_no_longer_has(database: Database) -> None:
    """Of a ceiling that did not count it before; of one that did, it takes none."""
    with database.write() as tx:
        opened(tx, ceiling(1, languages=("vi",)), ceiling(2, clause="4.2"), flows=("to-trc", "to-trc-too"))
        story = made(tx, "s_1")
        assert len(release(tx, story, agency="vna", now=NOW)) == 2
        placed = release(tx, corrected(tx, story, 2, language="vi"), agency="vna", now=NOW)
        assert {one.flow: one.kind for one in placed} == {"to-trc": PublicationKind.STORY, "to-trc-too": PublicationKind.WITHDRAWAL}


def test_an_embargo_waits_placed_and_is_counted(database: Database) -> None:
    with database.write() as tx:
        opened(tx)
        story = made(tx, "s_1", content=worlds.content(embargo_until=NOW + timedelta(hours=2)))
        (placed,) = release(tx, story, agency="vna", now=NOW)
        assert placed.kind is PublicationKind.STORY
        assert placed.stamp.terms.embargo is EmbargoHandling.WITHHELD
        assert counted(tx) == 1


def test_who_is_not_reached_is_told_of_a_story_under_embargo_again_and_of_nothing_else(database: Database) -> None:
    """What is placed is put before who subscribed, with its hour, in the same transaction."""
    with database.write() as tx:
        opened(tx)
        accounts.issue(tx, worlds.token(), "d" * 64)
        subscriptions.start(tx, replace(STALE, id="sub_1"))
        story = made(tx, "s_1")
        release(tx, story, agency="vna", now=NOW)
        assert subscriptions.waiting(tx) == {}
        later = corrected(tx, story, 2, embargo_until=NOW + timedelta(hours=2))
        release(tx, later, agency="vna", now=NOW + timedelta(minutes=1))
        assert subscriptions.waiting(tx) == {"sub_1": 1}


def test_only_outbound_flows_are_asked(database: Database) -> None:
    with database.write() as tx:
        opened(tx)
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound()), NOW)
        (asked,) = questions(tx, made(tx, "s_1"), Standing(agreements.register(tx, "vna"), NOW))
        assert asked.flow == worlds.outbound()
        assert asked.facts.type is ContentType.TEXT
        assert asked.used is not None
        assert not asked.used.counted


def test_a_ceiling_on_what_they_publish_of_ours_stops_nothing(database: Database) -> None:
    with database.write() as tx:
        opened(tx, ceiling(0, measure=Measure.PUBLISHED))
        assert release(tx, made(tx, "s_1"), agency="vna", now=NOW)


def test_where_nothing_goes_out_nothing_is_asked(database: Database) -> None:
    with database.write() as tx:
        stories.write(tx, worlds.story())
        assert release(tx, worlds.story(), agency=worlds.AGENCY, now=worlds.NOW) == ()
