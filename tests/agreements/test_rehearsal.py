"""A draft over the traffic there was: what it would have let in and out, against what happened, and which clause decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from syndication.agreements import rehearsal
from syndication.agreements.decision import Asked, ask, decision
from syndication.agreements.files import draft as read_draft
from syndication.agreements.governing import Standing
from syndication.agreements.rehearsal import Outcome, Rehearsal, Rehearsed
from syndication.errors import ConfigError, InputError, NotFoundError
from syndication.model.agreement import Agreement, ContentType, Measure, Obligation, OnwardUse, Period, Register, Unreadable
from syndication.model.clearance import Clause, Subject, Usage
from syndication.model.event import Decision
from syndication.model.ledger import Kind, Line, Moved, Movement
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus
from syndication.storage import agreements, events, ledger, partners
from syndication.storage.database import Database
from tests import worlds
from tests.agreements.builders import AZERTAC, ECONOMY, NOW, POLITICS, SPORT, act, from_trc, kept, signed, subject, vna

HELD = vna(signed(worlds.REFERENCE, "2025-05-06"))
"""What is in force: English in; English and Vietnamese out; text and pictures; every subject."""
DAY = timedelta(days=1)


def asked(facts: Subject, flow: Flow, *, at: datetime = NOW, used: Usage | None = None, register: Register = HELD) -> Asked:
    return ask(facts, flow, Standing(register, at), used)


def kept_as(one: Asked, name: str = "s_1", version: int = 1) -> Decision:
    return decision(one, subject=name, version=version, headline=f"About {name}", mark="f" * 64)


def draft(**changes: object) -> Agreement:
    """The second version of what is in force, not signed, from next year."""
    plain = worlds.agreement(version=2, signed_on=None, since=worlds.NOW.date() + 60 * DAY)
    return replace(plain, **changes)  # type: ignore[arg-type]


def only(direction: Direction, **changes: object) -> Agreement:
    """A draft that grants nothing but this."""
    return draft(grants=(worlds.grant(clause="9", direction=direction, **changes),))


def judge(stated: Agreement, *decisions: Decision, register: Register = HELD) -> tuple[Rehearsed, ...]:
    lines, unknown = rehearsal.judged(stated, rehearsal.as_in_force(stated, register, NOW - 30 * DAY), decisions)
    assert unknown == 0
    return lines


OUT, IN = worlds.outbound(), worlds.flow()


@pytest.mark.parametrize(
    ("stated", "facts", "flow", "outcome", "clause", "source"),
    [
        pytest.param(draft(), subject(), OUT, Outcome.KEPT, Clause.SUBJECT, "vna-trc-2025 v2, 2.2", id="let then, and under the draft"),
        pytest.param(
            only(Direction.OUTBOUND, topics=(SPORT,)),
            subject(),
            OUT,
            Outcome.REFUSED,
            Clause.SUBJECT,
            "vna-trc-2025 v2, 9",
            id="another subject: no longer",
        ),
        pytest.param(
            only(Direction.OUTBOUND), subject(), IN, Outcome.REFUSED, Clause.DIRECTION, "vna-trc-2025 v2", id="nothing comes in any more"
        ),
        pytest.param(
            only(Direction.INBOUND, languages=("*",)),
            subject(language="ru"),
            worlds.flow(languages=("en", "ru")),
            Outcome.LET,
            Clause.SUBJECT,
            "vna-trc-2025 v2, 9",
            id="Russian, refused then, comes in",
        ),
        pytest.param(
            draft(),
            subject(language="ru"),
            IN,
            Outcome.STILL_REFUSED,
            Clause.LANGUAGE,
            "vna-trc-2025 v2, 2.1",
            id="Russian, refused by both",
        ),
        pytest.param(
            draft(), subject(pubstatus=Pubstatus.CANCELED), OUT, Outcome.STILL_REFUSED, Clause.PUBSTATUS, "", id="killed is killed"
        ),
        pytest.param(
            draft(),
            subject(),
            worlds.outbound(state=FlowState.CLOSED),
            Outcome.STILL_REFUSED,
            Clause.FLOW,
            "",
            id="its flow was closed",
        ),
        pytest.param(
            draft(),
            subject(embargo_until=NOW + DAY),
            OUT,
            Outcome.KEPT,
            Clause.EMBARGO,
            "vna-trc-2025 v2, 2.2",
            id="waits for its hour",
        ),
        pytest.param(
            draft(parties=("vna", "azertac")), subject(), OUT, Outcome.REFUSED, Clause.AGREEMENT, "", id="the partner is no party to it"
        ),
        pytest.param(
            draft(term=replace(worlds.term(), until=NOW.date() + 90 * DAY, renewal_months=1)),
            subject(),
            OUT,
            Outcome.KEPT,
            Clause.SUBJECT,
            "vna-trc-2025 v2, 2.2",
            id="its days do not matter: it is taken to be in force then",
        ),
        pytest.param(
            draft(term=replace(worlds.term(), effective=date(2027, 1, 1))),
            subject(),
            OUT,
            Outcome.KEPT,
            Clause.SUBJECT,
            "vna-trc-2025 v2, 2.2",
            id="it is effective from next year",
        ),
        pytest.param(
            draft(term=replace(worlds.term(), until=date(2026, 1, 1))),
            subject(),
            OUT,
            Outcome.KEPT,
            Clause.SUBJECT,
            "vna-trc-2025 v2, 2.2",
            id="its term is over",
        ),
    ],
)
def test_one_piece(stated: Agreement, facts: Subject, flow: Flow, outcome: Outcome, clause: Clause, source: str) -> None:
    (line,) = judge(stated, kept_as(asked(facts, flow)))
    assert (line.outcome, line.draft.clause, line.draft.source) == (outcome, clause, source)
    assert (line.subject, line.headline, line.at, line.flow, line.partner) == ("s_1", "About s_1", NOW, flow.id, "trc")


def test_what_decided_then_is_told_beside_it() -> None:
    (line,) = judge(only(Direction.INBOUND, languages=("*",)), kept_as(asked(subject(language="ru"), worlds.flow(languages=("en", "ru")))))
    assert (line.then.clause, line.then.source) == (Clause.LANGUAGE, "vna-trc-2025 v1, 2.1")


def test_a_successor_is_taken_to_have_begun() -> None:
    """The flow names the agreement before it; the register says nothing of the draft."""
    after = draft(reference="vna-trc-2027", version=1, succeeds=worlds.REFERENCE, grants=())
    (line,) = judge(after, kept_as(asked(subject(), OUT)))
    assert (line.outcome, line.draft.clause) == (Outcome.REFUSED, Clause.DIRECTION)
    assert line.draft.reason.startswith("the agreement grants nothing")


def test_a_denial_elsewhere_still_beats_what_the_draft_grants() -> None:
    frame = worlds.agreement(reference="oana", grants=(worlds.grant(direction=Direction.OUTBOUND, topics_out=(ECONOMY,)),))
    (line,) = judge(draft(), kept_as(asked(subject(), OUT)), register=vna(signed(worlds.REFERENCE, "2025-05-06"), frame))
    assert (line.outcome, line.draft.source) == (Outcome.REFUSED, "oana v1, 2.1")


def test_an_agreement_that_cannot_be_read_denies_under_the_draft_too() -> None:
    """What it keeps out is not known, so nothing moves with its parties."""
    lost = replace(HELD, unreadable=(Unreadable("oana", "damaged", None, None),))
    (line,) = judge(draft(), kept_as(asked(subject(), OUT)), register=lost)
    assert line.outcome is Outcome.REFUSED


def test_what_came_in_keeps_the_terms_of_its_stamp() -> None:
    """A story of TRC's that may go on to anyone, on our flow to AZERTAC: the draft with AZERTAC does not narrow what TRC agreed to."""
    to = Flow("to-azertac", "azertac", Direction.OUTBOUND, AZERTAC.reference, "VNA for AZERTAC", ("en",))
    register = vna(signed(worlds.REFERENCE, "2025-05-06"), kept(AZERTAC))
    own = replace(AZERTAC, version=2, signed_on=None)
    passed_on = kept_as(asked(subject(sources=(from_trc(onward=OnwardUse.ANYONE),)), to, register=register))
    withheld = kept_as(asked(subject(sources=(from_trc(onward=OnwardUse.OWN_USE),)), to, register=register), "s_2")
    assert [line.outcome for line in judge(own, passed_on, withheld, register=register)] == [Outcome.KEPT, Outcome.STILL_REFUSED]


CEILING = Obligation("4", Direction.OUTBOUND, "economy texts", at_most=2, period=Period.DAY)


def test_a_ceiling_counts_what_the_draft_lets_pass_in_its_own_days() -> None:
    """Midnight in Hanoi is 17:00 in UTC."""
    hours = [NOW.replace(hour=hour) for hour in (8, 9, 10, 16, 17, 18, 19)]
    pieces = [kept_as(asked(subject(), OUT, at=at, used=Usage()), f"s_{number}") for number, at in enumerate(hours)]
    lines = judge(draft(obligations=(CEILING,)), *pieces)
    assert [line.outcome is Outcome.KEPT for line in lines] == [True, True, False, False, True, True, False]
    assert (lines[2].draft.clause, lines[2].draft.source) == (Clause.QUOTA, "vna-trc-2025 v2, 4")


def test_a_ceiling_counts_neither_what_the_draft_refuses_nor_what_stood_there_before() -> None:
    stated = draft(grants=(worlds.grant(clause="9", direction=Direction.OUTBOUND, topics=(ECONOMY,)),), obligations=(CEILING,))
    told = (
        (POLITICS, Usage(), Outcome.REFUSED),
        (ECONOMY, Usage(counted=((ContentType.TEXT, "en"),)), Outcome.KEPT),
        (ECONOMY, Usage(), Outcome.KEPT),
        (ECONOMY, Usage(), Outcome.KEPT),
        (ECONOMY, Usage(counted=((ContentType.TEXT, "en"),)), Outcome.KEPT),
        (ECONOMY, Usage(), Outcome.REFUSED),
    )
    pieces = [kept_as(asked(subject(topics=(topic,)), OUT, used=used), f"s_{number}") for number, (topic, used, _) in enumerate(told)]
    assert [line.outcome for line in judge(stated, *pieces)] == [outcome for *_, outcome in told]


def test_what_was_counted_before_is_over_no_ceiling() -> None:
    """Not even over one that lets nothing new pass."""
    counted = Usage(counted=((ContentType.TEXT, "en"),))
    (line,) = judge(draft(obligations=(replace(CEILING, at_most=0),)), kept_as(asked(subject(), OUT, used=counted), "s_1"))
    assert line.outcome is Outcome.KEPT


OF_THEIRS = replace(
    CEILING, clause="5", by=Direction.INBOUND, measure=Measure.PUBLISHED, at_most=1, languages=("en",), types=(ContentType.TEXT,)
)


def accepted(name: str, hours: float, language: str = "en", before: tuple[Kind, ...] = ()) -> Moved:
    """That it was accepted so long after it had come."""
    return Moved(NOW + timedelta(hours=hours), IN.id, name, ContentType.TEXT, language, before)


@pytest.mark.parametrize(
    ("published", "refused"),
    [
        pytest.param((), [], id="nothing was accepted: nothing is over it"),
        pytest.param((accepted("i_2", 1), accepted("i_1", 2)), ["i_1"], id="in the order in which they were accepted"),
        pytest.param((accepted("i_1", 1), accepted("i_2", 9.5)), [], id="each on its own day: midnight in Hanoi is 17:00 in UTC"),
        pytest.param((accepted("i_old", 1), accepted("i_1", 2)), ["i_1"], id="what came in before the period takes a place too"),
        pytest.param((accepted("i_ru", 1), accepted("i_1", 2)), [], id="what the draft does not let in takes none"),
        pytest.param((accepted("i_ru", 1), accepted("i_2", 2), accepted("i_1", 3)), ["i_1"], id="nor does it end the count"),
        pytest.param((accepted("i_1", 1, "fr"), accepted("i_2", 2)), [], id="in another language it is not counted"),
        pytest.param(
            (accepted("i_1", 1), accepted("i_2", 2, before=((ContentType.TEXT, "en"),))), [], id="counted before the period: not again"
        ),
        pytest.param(
            (accepted("i_1", 1), accepted("i_2", 1, "fr"), accepted("i_2", 2, before=((ContentType.TEXT, "fr"),))),
            ["i_2"],
            id="corrected into the language that is counted",
        ),
    ],
)
def test_a_ceiling_on_what_we_publish_of_theirs(published: tuple[Moved, ...], refused: list[str]) -> None:
    """What came in and was accepted then would have come in, and not been accepted."""
    came = (("i_1", "en"), ("i_2", "en"), ("i_ru", "ru"))
    flow = worlds.flow(languages=("en", "fr", "ru"))
    # They came under an agreement before it, perhaps.
    before = replace(flow, agreement="another")
    pieces = [replace(kept_as(asked(subject(language=tag), flow), name), on=before) for name, tag in came]
    stated = draft(obligations=(OF_THEIRS,))
    lines, unknown = rehearsal.judged(stated, rehearsal.as_in_force(stated, HELD, NOW - 30 * DAY), pieces, published)
    assert unknown == 0
    over = [line for line in lines if line.draft.clause is Clause.QUOTA]
    assert [line.subject for line in over] == refused
    assert all((line.outcome, line.draft.source) == (Outcome.REFUSED, "vna-trc-2025 v2, 5") for line in over)
    assert [line.outcome for line in lines if line.subject == "i_ru"] == [Outcome.STILL_REFUSED]


def test_what_of_theirs_was_counted_before_is_over_no_ceiling() -> None:
    stated = draft(obligations=(replace(OF_THEIRS, at_most=0),))
    published = (accepted("i_1", 1, before=((ContentType.TEXT, "en"),)),)
    lines, _ = rehearsal.judged(
        stated, rehearsal.as_in_force(stated, HELD, NOW - 30 * DAY), [kept_as(asked(subject(), IN), "i_1")], published
    )
    assert [line.outcome for line in lines] == [Outcome.KEPT]


def test_what_was_accepted_is_read_from_the_ledger(kept_traffic: Database) -> None:
    """Not what they published of ours."""
    with kept_traffic.write() as tx:
        ours = asked(subject(), OUT, at=NOW).answer.stamp
        assert ours is not None
        ledger.enter(tx, (Line(Movement.PUBLISHED, "s_9", ours, ContentType.TEXT, "en", NOW + timedelta(hours=1)),))
        for number in (7, 8):
            one = asked(subject(), IN, at=NOW)
            events.record_decisions(tx, (kept_as(one, f"i_{number}"),))
            assert one.answer.stamp is not None
            late = Line(Movement.PUBLISHED, f"i_{number}", one.answer.stamp, ContentType.TEXT, "en", NOW + timedelta(hours=number))
            ledger.enter(tx, (late,))
    outcomes = {line.subject: line.outcome for line in run(kept_traffic, draft(obligations=(OF_THEIRS,))).lines}
    assert (outcomes["i_7"], outcomes["i_8"]) == (Outcome.KEPT, Outcome.REFUSED)


def test_what_counts_for_another_ceiling_does_not_count_for_this_one() -> None:
    other = replace(CEILING, clause="3", languages=("vi",), at_most=1)
    stated = draft(obligations=(other, CEILING))
    languages = ("vi", "vi", "en", "en")
    pieces = [kept_as(asked(subject(language=tag), OUT, used=Usage()), f"s_{number}") for number, tag in enumerate(languages)]
    assert [line.draft.source for line in judge(stated, *pieces)] == [
        "vna-trc-2025 v2, 2.2",
        "vna-trc-2025 v2, 3",
        "vna-trc-2025 v2, 2.2",
        "vna-trc-2025 v2, 4",
    ]


def test_what_a_ceiling_does_not_count_does_not_use_it_up() -> None:
    """English texts leave the one for Vietnamese as it is, and pictures the one for texts."""
    in_vietnamese = replace(CEILING, languages=("vi",), at_most=1)
    texts = replace(CEILING, types=(ContentType.TEXT,), at_most=1)
    told = (
        (in_vietnamese, [subject(), subject(language="vi"), subject(language="vi")]),
        (texts, [subject(type=ContentType.PICTURE), subject(), subject()]),
    )
    for ceiling, facts in told:
        pieces = [kept_as(asked(one, OUT, used=Usage()), f"s_{number}") for number, one in enumerate(facts)]
        lines = judge(draft(obligations=(ceiling,)), *pieces)
        assert [line.outcome for line in lines] == [Outcome.KEPT, Outcome.KEPT, Outcome.REFUSED]


def test_where_no_verdict_is_about_the_subject_the_last_is_told() -> None:
    """As an older version of the program may have kept them."""
    told = kept_as(asked(subject(), OUT))
    (line,) = judge(draft(), replace(told, verdicts=told.verdicts[:3]))
    assert line.then == told.verdicts[2]


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param({"facts": None, "on": None, "verdicts": ()}, id="all of it"),
        pytest.param({"facts": None}, id="what was asked about"),
        pytest.param({"on": None}, id="the flow"),
        pytest.param({"verdicts": ()}, id="what was answered"),
    ],
)
def test_what_was_judged_before_the_questions_were_kept_is_counted_as_unknown(lacking: dict[str, object]) -> None:
    """And what comes after it is judged."""
    register, known = rehearsal.as_in_force(draft(), HELD, NOW), kept_as(asked(subject(), OUT))
    lost = replace(known, **lacking)  # type: ignore[arg-type]
    lines, unknown = rehearsal.judged(draft(), register, [lost, lost, known])
    assert (len(lines), unknown) == (1, 2)


@pytest.fixture
def kept_traffic(database: Database) -> Database:
    """TRC's two flows; a story placed and corrected, one in Russian refused, one of last year."""
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (IN, OUT), NOW)
        agreements.sign(tx, HELD.dossiers[0].versions[0], NOW, "mai")
        for one in (
            kept_as(asked(subject(), OUT, at=NOW - 300 * DAY, used=Usage()), "s_old"),
            kept_as(asked(subject(), OUT, used=Usage())),
            kept_as(asked(subject(language="ru"), IN), "i_1"),
            kept_as(asked(subject(topics=(SPORT,)), OUT, at=NOW + DAY, used=Usage((1,), counted=((ContentType.TEXT, "en"),))), version=2),
        ):
            events.record_decisions(tx, (one,))
    return database


def run(database: Database, stated: Agreement, flows: tuple[str, ...] = ()) -> Rehearsal:
    with database.read() as tx:
        return rehearsal.rehearse(tx, stated, agency="vna", since=NOW - DAY, until=NOW + 2 * DAY, flows=flows)


def test_each_piece_of_the_period_is_one_line_by_its_last_judgement(kept_traffic: Database) -> None:
    told = run(kept_traffic, only(Direction.OUTBOUND, topics=(SPORT,)))
    assert [(line.subject, line.version, line.outcome) for line in told.lines] == [
        ("i_1", 1, Outcome.STILL_REFUSED),
        ("s_1", 2, Outcome.KEPT),
    ]
    assert told.flows == ("to-trc", "trc-en")
    assert (told.draft.reference, told.since, told.until, told.unknown) == (worlds.REFERENCE, NOW - DAY, NOW + 2 * DAY, 0)
    assert [(one.direction, one.outcome, one.clause, one.count) for one in told.totals] == [
        (Direction.INBOUND, Outcome.STILL_REFUSED, Clause.DIRECTION, 1),
        (Direction.OUTBOUND, Outcome.KEPT, Clause.SUBJECT, 1),
    ]


def test_the_totals_stand_by_direction_outcome_and_number(kept_traffic: Database) -> None:
    told = [
        *(subject(type=ContentType.VIDEO) for _ in range(2)),
        subject(language="ru"),
        subject(pubstatus=Pubstatus.CANCELED),
        subject(),
        *(subject(topics=(SPORT,)) for _ in range(3)),
    ]
    with kept_traffic.write() as tx:
        for number, facts in enumerate(told, start=2):
            events.record_decisions(tx, (kept_as(asked(facts, OUT, used=Usage()), f"s_{number}"),))
    totals = run(kept_traffic, only(Direction.OUTBOUND, topics=(ECONOMY,)), ("to-trc",)).totals
    assert [(one.outcome, one.clause, one.source, one.count) for one in totals] == [
        (Outcome.REFUSED, Clause.SUBJECT, "vna-trc-2025 v2, 9", 4),
        (Outcome.KEPT, Clause.SUBJECT, "vna-trc-2025 v2, 9", 1),
        (Outcome.STILL_REFUSED, Clause.TYPE, "vna-trc-2025 v2, 9", 2),
        (Outcome.STILL_REFUSED, Clause.LANGUAGE, "vna-trc-2025 v2, 9", 1),
        (Outcome.STILL_REFUSED, Clause.PUBSTATUS, "", 1),
    ]


def test_a_story_that_was_corrected_in_the_period_is_counted_once_and_is_counted(kept_traffic: Database) -> None:
    """Its last judgement says that it stood there already; it did not when the period began."""
    none_left = replace(CEILING, at_most=1)
    with kept_traffic.write() as tx:
        late = asked(subject(), OUT, at=NOW + DAY + timedelta(minutes=1), used=Usage())
        events.record_decisions(tx, (kept_as(late, "s_2"),))
    outcomes = {line.subject: line.outcome for line in run(kept_traffic, draft(obligations=(none_left,)), ("to-trc",)).lines}
    assert outcomes == {"s_1": Outcome.KEPT, "s_2": Outcome.REFUSED}


def test_the_period_ends_before_its_end(kept_traffic: Database) -> None:
    with kept_traffic.read() as tx:
        told = rehearsal.rehearse(tx, draft(), agency="vna", since=NOW, until=NOW + DAY)
    assert [(line.subject, line.version) for line in told.lines] == [("s_1", 1), ("i_1", 1)]


def test_nothing_is_written(kept_traffic: Database) -> None:
    def state() -> tuple[object, ...]:
        with kept_traffic.read() as tx:
            return tuple(events.asked(tx)), agreements.register(tx, "vna"), partners.flows(tx)

    before = state()
    run(kept_traffic, draft())
    assert state() == before


def test_a_new_agreement_is_rehearsed_on_the_flows_that_are_named(kept_traffic: Database) -> None:
    fresh = draft(reference="vna-trc-photos", version=1)
    assert [line.outcome for line in run(kept_traffic, fresh, ("to-trc",)).lines] == [Outcome.KEPT]
    assert [line.outcome for line in run(kept_traffic, replace(fresh, grants=()), ("to-trc",)).lines] == [Outcome.REFUSED]


@pytest.mark.parametrize(
    ("stated", "flows", "kind", "said"),
    [
        pytest.param(
            draft(reference="vna-trc-photos"),
            (),
            InputError,
            "no flow names vna-trc-photos, nor what it succeeds.*name with --flow those that would",
            id="no flow would",
        ),
        pytest.param(draft(), ("to-trk",), NotFoundError, "there is no flow to-trk; did you mean 'to-trc'?", id="no such flow"),
        pytest.param(draft(parties=("vna", "kpl")), ("to-trc",), InputError, "trc's, which is no party to vna-trc-2025", id="of no party"),
    ],
)
def test_what_cannot_be_rehearsed(
    kept_traffic: Database, stated: Agreement, flows: tuple[str, ...], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said.replace("?", r"\?")):
        run(kept_traffic, stated, flows)


FILE = """
reference = "vna-trc-2027"
title = "Exchange of information"
parties = ["vna", "trc"]
succeeds = "vna-trc-2025"

[term]
effective = 2027-01-01

[[grants]]
clause = "1"
direction = "out"
types = ["text"]
languages = ["en"]
topics = ["trc:Sport"]
onward_use = "own-use"
alteration = "none"
"""


def test_a_draft_is_read_against_what_is_known() -> None:
    stated = read_draft("draft.toml", FILE.encode(), HELD, (worlds.partner(),))
    assert (stated.reference, stated.signed_on, stated.grants[0].topics) == ("vna-trc-2027", None, ("trc:sport",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda text: text.replace('"trc"]', '"trk"]'), "there is no partner 'trk'; did you mean 'trc'?", id="partner"),
        pytest.param(lambda text: text.replace("trc-2025", "trc-2026"), "succeeds: there is no agreement 'vna-trc-2026'", id="successor"),
        pytest.param(lambda text: text.replace("trc:Sport", "trc:Spor"), "'trc:spor' is no category", id="category"),
        pytest.param(lambda text: text.replace("2027-01-01", "2024-01-01"), "it begins on 2024-01-01", id="before what it succeeds"),
        pytest.param(lambda text: text.replace("2027-01-01", "2027-13-01"), "is no TOML", id="no TOML"),
        pytest.param(lambda text: text.replace("title", "titel"), "titel: is no key here; did you mean 'title'?", id="key"),
        pytest.param(lambda text: "", "is empty", id="nothing"),
    ],
)
def test_a_draft_with_a_fault_names_it(change: Callable[[str], str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_draft("draft.toml", change(FILE).encode(), HELD, (worlds.partner(),))
    assert said in str(refused.value)
    assert all(fault.file == "draft.toml" for fault in refused.value.faults)


def test_every_fault_of_a_draft_has_its_key() -> None:
    with pytest.raises(ConfigError) as refused:
        read_draft("draft.toml", FILE.replace("title", "titel").encode(), HELD, (worlds.partner(),))
    assert [fault.key for fault in refused.value.faults] == ["titel", "title"]


def test_a_draft_of_what_is_known_takes_its_place() -> None:
    """It is not held against itself."""
    text = FILE.replace("vna-trc-2027", "vna-trc-2026")
    held = vna(*(one.versions[0] for one in HELD.dossiers), signed("vna-trc-2026", "2026-05-06", succeeds=worlds.REFERENCE))
    assert read_draft("draft.toml", text.encode(), held, (worlds.partner(),)).reference == "vna-trc-2026"


def test_a_draft_under_a_frame_that_its_partner_has_joined() -> None:
    frame = signed("frame", "2020-01-01", parties=("vna", "azertac"))
    text = FILE.replace("\n[term]", '\nunder = "frame"\n[term]', 1).encode()
    joined = vna(*HELD.dossiers, kept(frame, act("join", "2021-01-01", "trc"), act("suspend", "2022-01-01")))
    assert read_draft("draft.toml", text, joined, (worlds.partner(),)).under == "frame"
    with pytest.raises(ConfigError, match="'trc' is no party of the frame 'frame'"):
        read_draft("draft.toml", text, vna(*HELD.dossiers, kept(frame)), (worlds.partner(),))


def test_a_second_successor_is_told_to_the_draft() -> None:
    other = signed("vna-trc-2026", "2026-05-06", succeeds=worlds.REFERENCE)
    with pytest.raises(ConfigError, match=r"'vna-trc-2026' \(vna-trc-2026\) succeeds 'vna-trc-2025' already"):
        read_draft("draft.toml", FILE.encode(), vna(*(one.versions[0] for one in HELD.dossiers), other), (worlds.partner(),))
