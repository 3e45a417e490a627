"""The gate's whole answer, word for word: what editors and lawyers read under 'why' and 'why not', and where each clause stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.model.agreement import (
    ContentType,
    CreditPlace,
    EmbargoHandling,
    Measure,
    Obligation,
    OnwardUse,
    Period,
    Register,
    Stamp,
    Unreadable,
)
from syndication.model.clearance import Clause, Clearance, Subject, Usage, Verdict
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus
from tests import worlds
from tests.agreements.builders import (
    AZERTAC,
    ECONOMY,
    NOW,
    SPORT,
    TICK,
    TO_AZERTAC,
    act,
    clear,
    days,
    from_trc,
    kept,
    subject,
    verdict,
    vna,
)

TRC = worlds.agreement()
IN, OUT = worlds.flow(), worlds.outbound()
BOTH = vna(TRC, AZERTAC)
V1, IN_CLAUSE, OUT_CLAUSE = "vna-trc-2025 v1", "vna-trc-2025 v1, 2.1", "vna-trc-2025 v1, 2.2"
IN_FORCE = "vna-trc-2025 v1 is in force since 2025-05-06, without end"
NOTHING_GRANTED = "no agreement is in force, so nothing is granted"
NOT_OUT = "the agreement grants nothing that goes from us to them"


def said(clearance: Clearance) -> list[tuple[str, bool, str, str]]:
    """Each verdict, as it is read. Yes and no are bools: what is stored says true or false, and nothing between."""
    assert all(isinstance(one.allowed, bool) for one in clearance.verdicts)
    return [(str(one.clause), one.allowed, one.reason, one.source) for one in clearance.verdicts]


def of(clause: Clause, asked: Subject, flow: Flow, register: Register, used: Usage | None = None) -> Verdict:
    """What that clause answers."""
    return verdict(clear(asked, flow, register, NOW, used), clause)


def test_what_comes_in_is_told() -> None:
    assert said(clear(subject(), IN, vna(TRC), NOW)) == [
        ("agreement in force", True, IN_FORCE, V1),
        ("state of the flow", True, "trc-en is open", ""),
        ("direction", True, "the agreement grants content that comes from them to us", IN_CLAUSE),
        ("type", True, "text is granted", IN_CLAUSE),
        ("language", True, "en is granted, and trc-en carries it", IN_CLAUSE),
        ("subject", True, f"{ECONOMY} is granted", IN_CLAUSE),
        ("onward use", True, "asked when it goes out", IN_CLAUSE),
        ("credit line", True, "written when it is accepted", IN_CLAUSE),
        ("pubstatus", True, "it is usable", ""),
        ("embargo", True, "it is under no embargo", ""),
        ("quota ceiling", True, "the agreement sets no ceiling for it", ""),
        ("retention", True, "counted from when it comes in", IN_CLAUSE),
    ]


def test_what_goes_out_is_told() -> None:
    assert said(clear(subject(topics=()), OUT, vna(TRC), NOW)) == [
        ("agreement in force", True, IN_FORCE, V1),
        ("state of the flow", True, "to-trc is open", ""),
        ("direction", True, "the agreement grants content that goes from us to them", OUT_CLAUSE),
        ("type", True, "text is granted", OUT_CLAUSE),
        ("language", True, "en is granted, and to-trc carries it", OUT_CLAUSE),
        ("subject", True, "every subject is granted", OUT_CLAUSE),
        ("onward use", True, "it is our own", ""),
        ("credit line", True, "none is asked for", ""),
        ("pubstatus", True, "it is usable", ""),
        ("embargo", True, "it is under no embargo", ""),
        ("quota ceiling", True, "the agreement sets no ceiling for it", ""),
        ("retention", True, "its use has not ended", ""),
    ]


def test_what_is_refused_for_want_of_an_agreement_is_told() -> None:
    assert said(
        clear(subject(pubstatus=Pubstatus.WITHHELD, embargo_until=NOW + TICK), replace(IN, state=FlowState.CLOSED), vna(), NOW)
    ) == [
        ("agreement in force", False, "there is no agreement vna-trc-2025", ""),
        ("state of the flow", False, "trc-en is closed", ""),
        ("direction", False, NOTHING_GRANTED, ""),
        ("type", False, NOTHING_GRANTED, ""),
        ("language", False, NOTHING_GRANTED, ""),
        ("subject", False, NOTHING_GRANTED, ""),
        ("onward use", True, "asked when it goes out", ""),
        ("credit line", True, "written when it is accepted", ""),
        ("pubstatus", True, "it is withheld: it comes in, held", ""),
        ("embargo", True, "it comes in; its embargo is until 2026-11-24 08:00 UTC", ""),
        ("quota ceiling", True, "no agreement is in force, so nothing is counted", ""),
        ("retention", True, "counted from when it comes in", ""),
    ]


def test_what_is_refused_for_want_of_a_grant_is_told() -> None:
    """The agreement is named, since no clause of it can be; and there are no terms to move under."""
    killed = subject(pubstatus=Pubstatus.CANCELED, embargo_until=NOW + TICK)
    clearance = clear(killed, replace(OUT, state=FlowState.PAUSED), vna(worlds.agreement(grants=(worlds.grant(),))), NOW)
    assert said(clearance) == [
        ("agreement in force", True, IN_FORCE, V1),
        ("state of the flow", True, "to-trc is paused: what goes out is placed, and is not read before it is opened", ""),
        ("direction", False, NOT_OUT, V1),
        ("type", False, NOT_OUT, V1),
        ("language", False, NOT_OUT, V1),
        ("subject", False, NOT_OUT, V1),
        ("onward use", True, "it is our own", ""),
        ("credit line", True, "none is asked for", ""),
        ("pubstatus", False, "it is killed", ""),
        ("embargo", False, "it is under embargo until 2026-11-24 08:00 UTC", V1),
        ("quota ceiling", True, "the agreement sets no ceiling for it", ""),
        ("retention", True, "its use has not ended", ""),
    ]
    assert (clearance.stamp, clearance.duties) == (None, ("under embargo until 2026-11-24 08:00 UTC",))


def test_what_is_made_from_others_is_told() -> None:
    sources = (from_trc(credit_line="{partner}", use_days=3), from_trc(clause="2.9", credit_line="{author}"), from_trc(clause="2.7"))
    went = clear(subject(sources=sources, credit_line=" TRC, A. Bek\n", embargo_until=NOW), TO_AZERTAC, BOTH, NOW)
    assert said(went)[6:] == [
        ("onward use", True, "what it came under lets it go on: anyone", f"{IN_CLAUSE}; {V1}, 2.9; {V1}, 2.7"),
        ("credit line", True, "it says: TRC, A. Bek", f"{IN_CLAUSE}; {V1}, 2.9"),
        ("pubstatus", True, "it is usable", ""),
        ("embargo", True, "its embargo ended at 2026-11-24 08:00 UTC", ""),
        ("quota ceiling", True, "the agreement sets no ceiling for it", ""),
        ("retention", True, "its use has not ended", ""),
    ]
    stayed = clear(subject(sources=sources, pubstatus=Pubstatus.WITHHELD), TO_AZERTAC, BOTH, NOW + timedelta(days=1))
    assert said(stayed)[7:] == [
        ("credit line", False, "the credit line is missing", f"{IN_CLAUSE}; {V1}, 2.9"),
        ("pubstatus", False, "it is withheld", ""),
        ("embargo", True, "it is under no embargo", ""),
        ("quota ceiling", True, "the agreement sets no ceiling for it", ""),
        ("retention", False, "its use ended at 2026-11-25 08:00 UTC, 3 days after it came", IN_CLAUSE),
    ]


@pytest.mark.parametrize(
    ("clause", "changes", "asked", "reason"),
    [
        pytest.param(
            Clause.TYPE,
            {"types": (ContentType.VIDEO, ContentType.AUDIO)},
            {},
            "text is not among what is granted: video, audio",
            id="type",
        ),
        pytest.param(Clause.LANGUAGE, {"languages": ("ru", "ru", "kk")}, {}, "en is not among what is granted: ru, kk", id="language"),
        pytest.param(
            Clause.SUBJECT, {"topics": (SPORT,)}, {}, f"{ECONOMY} is not among what is granted: {SPORT}", id="another subject is granted"
        ),
        pytest.param(Clause.SUBJECT, {"topics_out": ("*",)}, {}, "everything is excluded", id="every subject is excluded"),
        pytest.param(
            Clause.SUBJECT,
            {"topics": (SPORT,)},
            {"topics": ()},
            "it names no subject, and what is granted depends on the subject",
            id="no subject is named",
        ),
    ],
)
def test_what_a_grant_does_not_cover_is_told(clause: Clause, changes: dict[str, object], asked: dict[str, object], reason: str) -> None:
    register = vna(worlds.agreement(grants=(worlds.grant(**changes),)))
    assert of(clause, subject(**asked), IN, register) == Verdict(clause, False, reason, IN_CLAUSE)


def test_what_the_flow_does_not_carry_is_told_of_the_flow_and_not_of_the_agreement() -> None:
    none, other = replace(OUT, languages=()), replace(OUT, languages=("vi",))
    assert of(Clause.LANGUAGE, subject(), none, vna(TRC)) == Verdict(Clause.LANGUAGE, False, "to-trc carries nothing, not en")
    assert of(Clause.LANGUAGE, subject(), other, vna(TRC)) == Verdict(Clause.LANGUAGE, False, "to-trc carries vi, not en")


def test_a_star_is_told_as_everything() -> None:
    """Where a star stands for a list, its reader is told what it means."""
    register = vna(worlds.agreement(grants=(worlds.grant(languages=("*",)),)))
    flow = replace(IN, languages=("*",))
    assert of(Clause.LANGUAGE, subject(language="kk"), flow, register).reason == "kk is granted, and trc-en carries it"
    to_all = from_trc(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("*", "bta"))
    reason = "it came from trc for named-partners: everything, bta, not for azertac"
    assert of(Clause.ONWARD_USE, subject(sources=(to_all,)), TO_AZERTAC, BOTH) == Verdict(Clause.ONWARD_USE, False, reason, IN_CLAUSE)


LOST = Unreadable("vna-bta-2024", "written by a later version", ("vna", "bta"), ())
BARRED = (
    "vna-bta-2024 is in the database and cannot be read, so nothing flows under it (written by a later version); "
    "what it denies between bta and us is not known, so nothing moves"
)


@pytest.mark.parametrize(
    ("lost", "source", "reason"),
    [
        pytest.param(LOST, from_trc(origins=("bta",)), BARRED, id="with where it comes from, by way of another"),
        pytest.param(
            replace(LOST, parties=("vna", "trc")), from_trc(), BARRED.replace("between bta", "between trc"), id="with who gave it"
        ),
        pytest.param(LOST, from_trc(), None, id="with neither"),
    ],
)
def test_an_agreement_that_cannot_be_read_may_deny_what_it_came_from(lost: Unreadable, source: Stamp, reason: str | None) -> None:
    register = replace(BOTH, unreadable=(lost,))
    found = of(Clause.ONWARD_USE, subject(sources=(source,)), TO_AZERTAC, register)
    free = Verdict(Clause.ONWARD_USE, True, "what it came under lets it go on: anyone", IN_CLAUSE)
    assert found == (Verdict(Clause.ONWARD_USE, False, reason, IN_CLAUSE) if reason else free)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(from_trc(partner="azertac"), "it came from azertac, and does not go back there", id="it is theirs"),
        pytest.param(
            from_trc(origins=("azertac",)), "it comes from azertac, by way of trc, and does not go back there", id="it is theirs, by a way"
        ),
        pytest.param(
            from_trc(origins=("bta",)),
            "it comes from bta, by way of trc, and nothing in force between bta and us lets it go on to azertac",
            id="nothing with where it comes from",
        ),
        pytest.param(from_trc(onward=OnwardUse.OWN_USE), "it came from trc for own-use, not for azertac", id="own use"),
    ],
)
def test_what_may_not_go_on_is_told_with_what_it_came_under(source: Stamp, reason: str) -> None:
    free = from_trc(clause="2.7")
    found = of(Clause.ONWARD_USE, subject(sources=(free, source)), TO_AZERTAC, BOTH)
    assert found == Verdict(Clause.ONWARD_USE, False, reason, IN_CLAUSE)


def test_a_denial_of_onward_use_is_told_with_the_clause_that_denies() -> None:
    own = worlds.grant(clause="9", terms=worlds.terms(onward=OnwardUse.OWN_USE))
    register = vna(TRC, AZERTAC, worlds.agreement(reference="oana", parties=("vna", "trc", "azertac"), grants=(own,)))
    reason = "content of this kind from trc is for our own use only"
    assert of(Clause.ONWARD_USE, subject(sources=(from_trc(),)), TO_AZERTAC, register) == Verdict(
        Clause.ONWARD_USE, False, reason, "oana v1, 9"
    )


def test_a_marked_embargo_is_told_with_the_clause_that_lets_it_go() -> None:
    marked = worlds.grant(direction=Direction.OUTBOUND, terms=worlds.terms(embargo=EmbargoHandling.MARKED))
    found = of(Clause.EMBARGO, subject(embargo_until=NOW + TICK), OUT, vna(worlds.agreement(grants=(marked,))))
    assert found == Verdict(Clause.EMBARGO, True, "it goes out before 2026-11-24 08:00 UTC, marked", IN_CLAUSE)


def test_use_after_the_end_is_told_with_how_it_ended() -> None:
    register = vna(kept(TRC, act("terminate", "2026-11-24")), AZERTAC)
    reason = (
        "it may not be used after the end of what it came under: "
        "vna-trc-2025 v1 was terminated on 2026-11-24 (by letter), and nothing in force succeeds it"
    )
    assert of(Clause.RETENTION, subject(sources=(from_trc(),)), TO_AZERTAC, register) == Verdict(Clause.RETENTION, False, reason, IN_CLAUSE)


def ceiled(*most: int) -> Register:
    """Our agreement with TRC, with a ceiling a day and one a month, and a duty between them that is none."""
    day = Obligation("4.1", Direction.OUTBOUND, "pieces a day", at_most=most[0], period=Period.DAY)
    duty = replace(day, clause="4.2", at_most=None, at_least=1)
    month = replace(day, clause="4.3", what="pieces a month", at_most=most[1], period=Period.MONTH)
    return vna(worlds.agreement(obligations=(day, duty, month)))


@pytest.mark.parametrize(
    ("used", "allowed", "reason", "source"),
    [
        pytest.param(Usage((1, 9, 2)), True, "1 of 2 a day are used, 2 of 3 a month are used", V1, id="under both"),
        pytest.param(
            Usage((2, 9, 2)),
            False,
            "the ceiling of 2 a day is reached (pieces a day); it is free again from 2026-11-24 17:00 UTC",
            f"{V1}, 4.1",
            id="at the first",
        ),
        pytest.param(
            Usage((1, 9, 3)),
            False,
            "the ceiling of 3 a month is reached (pieces a month); it is free again from 2026-11-30 17:00 UTC",
            f"{V1}, 4.3",
            id="at the second",
        ),
        pytest.param(
            Usage((1, 9)),
            False,
            "the ceiling of 3 a month is reached (pieces a month); it is free again from 2026-11-30 17:00 UTC",
            f"{V1}, 4.3",
            id="the count of the second is not known",
        ),
        pytest.param(
            Usage((2, 9, 3), counted=((ContentType.TEXT, "en"),)), True, "it is counted already, and not twice", "", id="counted already"
        ),
        pytest.param(None, True, "counted when it is placed", "", id="nothing is counted"),
    ],
)
def test_a_ceiling_is_told(used: Usage | None, allowed: bool, reason: str, source: str) -> None:
    assert of(Clause.QUOTA, subject(), OUT, ceiled(2, 3), used) == Verdict(Clause.QUOTA, allowed, reason, source)


def test_a_ceiling_of_other_types_or_languages_is_none() -> None:
    pictures = Obligation("4.1", Direction.OUTBOUND, "pictures", at_most=0, period=Period.DAY, types=(ContentType.PICTURE,))
    russian = replace(pictures, types=(), languages=("ru",))
    theirs = replace(pictures, types=(), by=Direction.INBOUND, measure=Measure.PUBLISHED)
    register = vna(worlds.agreement(obligations=(pictures, russian, theirs)))
    none = Verdict(Clause.QUOTA, True, "the agreement sets no ceiling for it")
    assert of(Clause.QUOTA, subject(), OUT, register, Usage()) == none
    assert of(Clause.QUOTA, subject(type=ContentType.PICTURE), OUT, register, Usage()).allowed is False


def test_the_stamp_says_all_it_moves_under() -> None:
    """In grace, by way of another partner: a decision made under it years ago is read from it alone."""
    ended = worlds.agreement(term=replace(TRC.term, until=days("2026-11-23"), grace_days=1))
    clearance = clear(subject(origins=("bta", "azertac")), IN, vna(ended), NOW)
    assert clearance.stamp == Stamp(
        "vna-trc-2025", 1, "2.1", Direction.INBOUND, "trc", "trc-en", worlds.terms(), NOW, grace=True, origins=("bta", "azertac")
    )


EVERY_DUTY = worlds.terms(
    credit_line="{author} ({partner}, {original})",
    credit_place=CreditPlace.START,
    use_days=2,
    delete_at_end=True,
    territory=("KZ", "VN"),
    not_territory=("US", "CA"),
)


@pytest.mark.parametrize(
    ("direction", "giver", "end"),
    [
        pytest.param(Direction.INBOUND, "trc", "its use ends at 2026-11-26 08:00 UTC", id="in"),
        pytest.param(Direction.OUTBOUND, "vna", "its use ends 2 days after it was received", id="out"),
    ],
)
def test_every_duty_is_told_in_its_order(direction: Direction, giver: str, end: str) -> None:
    register = vna(worlds.agreement(grants=(worlds.grant(direction=direction, terms=EVERY_DUTY),)))
    flow = IN if direction is Direction.INBOUND else OUT
    # What is written in it already is what a partner wrote, or an editor of ours: what we ask for is added as it goes out.
    asked = subject(embargo_until=NOW + TICK, credit_line="Mai")
    assert clear(asked, flow, register, NOW).duties == (
        f"the credit line is obligatory, before the text: its author ({giver}, the address of the original)",
        end,
        "its text is deleted when its use has ended",
        "only in: KZ, VN",
        "not in: US, CA",
        "no translation by machine",
        "no training of models",
        "under embargo until 2026-11-24 08:00 UTC",
    )
    assert clear(subject(embargo_until=NOW), flow, register, NOW).duties[-1] == "no training of models"


def test_our_own_credit_line_is_told_with_the_clause_that_asks_for_it() -> None:
    register = vna(worlds.agreement(grants=(worlds.grant(direction=Direction.OUTBOUND, terms=EVERY_DUTY),)))
    assert of(Clause.CREDIT, subject(), OUT, register) == Verdict(Clause.CREDIT, True, "written as it goes out", IN_CLAUSE)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        pytest.param(CreditPlace.START, "before the text", id="before"),
        pytest.param(CreditPlace.END, "after the text", id="after"),
        pytest.param(CreditPlace.BYLINE, "as the byline", id="byline"),
    ],
)
def test_where_the_credit_line_stands_is_told(place: CreditPlace, where: str) -> None:
    register = vna(worlds.agreement(grants=(worlds.grant(terms=worlds.terms(credit_line="{partner}", credit_place=place)),)))
    assert clear(subject(), IN, register, NOW).duties[0] == f"the credit line is obligatory, {where}: trc"
