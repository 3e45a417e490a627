"""What a new version or an act lets through that was refused before is said, every time; and what narrows is not held up."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.agreements import widening
from syndication.model.agreement import (
    Act,
    ActKind,
    Agreement,
    Alteration,
    ContentType,
    Dossier,
    EmbargoHandling,
    Grant,
    Obligation,
    OnwardUse,
    Period,
    Register,
    ReviewTerm,
    Term,
    Terms,
)
from syndication.model.clearance import Subject, Usage
from syndication.model.partner import Direction, Flow
from tests import worlds
from tests.agreements.builders import ECONOMY, NOW, POLITICS, SPORT, clear
from tests.agreements.test_gate_properties import MOMENTS, PARTNERS, flows, grants, mostly, subjects

NEXT = date(2026, 11, 22)
PLAIN = worlds.agreement(
    term=worlds.term(until=date(2027, 5, 5), notice_days=90, renewal_months=12, grace_days=10),
    grants=(
        worlds.grant(
            topics=("medtop:04000000", "medtop:11000000"),
            topics_out=("medtop:02000000",),
            terms=worlds.terms(
                onward=OnwardUse.NAMED_PARTNERS,
                onward_partners=("azertac",),
                credit_line="{partner}",
                use_days=30,
                delete_at_end=True,
                territory=("VN",),
                not_territory=("CN",),
            ),
        ),
        worlds.grant(clause="2.2", direction=Direction.OUTBOUND, languages=("en", "vi")),
    ),
    obligations=(Obligation("4.1", Direction.OUTBOUND, "texts", at_most=40, period=Period.DAY),),
)


def amended(**changes: Any) -> Agreement:
    """The next version of the plain agreement."""
    return replace(PLAIN, version=2, since=NEXT, **changes)


def incoming(**changes: Any) -> Agreement:
    """With another grant of what comes in."""
    return amended(grants=(replace(PLAIN.grants[0], **changes), PLAIN.grants[1]))


def allowing(**changes: Any) -> Agreement:
    """With other terms of what comes in."""
    return incoming(terms=replace(PLAIN.grants[0].terms, **changes))


def said(new: Agreement, *acts: Act, register: Register | None = None) -> str:
    before = Dossier((PLAIN,), acts)
    return "\n".join(widening.of_version(new, before, register or Register("vna", (before,))))


WIDER = [
    pytest.param(
        incoming(types=(*PLAIN.grants[0].types, ContentType.VIDEO)),
        "2.1: video in en about medtop:04000000, medtop:11000000 comes in",
        id="a type",
    ),
    pytest.param(incoming(languages=("en", "ru")), "2.1: text, picture in ru about", id="a language"),
    pytest.param(incoming(languages=("*",)), "in every language", id="every language"),
    pytest.param(incoming(topics=("medtop:04000000", "medtop:15000000")), "in en about medtop:15000000", id="a topic"),
    pytest.param(incoming(topics=("*",)), "about every subject", id="every topic"),
    pytest.param(
        amended(grants=(*PLAIN.grants, worlds.grant(clause="2.3", direction=Direction.OUTBOUND, types=(ContentType.AUDIO,)))),
        "2.3: audio in en about every subject goes out",
        id="a grant",
    ),
    pytest.param(incoming(topics_out=()), "2.1: what comes in about medtop:02000000 is excluded no more", id="an exclusion dropped"),
    pytest.param(allowing(onward=OnwardUse.ANYONE, onward_partners=()), "onward use is anyone, and was named-partners", id="anyone"),
    pytest.param(allowing(onward_partners=("azertac", "bta")), "onward use is named-partners (azertac, bta)", id="another named partner"),
    pytest.param(allowing(alteration=Alteration.FREE), "alteration is free, and was abridge", id="alteration"),
    pytest.param(allowing(credit_line=None), "the credit line is asked for no more: {partner}", id="the credit line dropped"),
    pytest.param(allowing(credit_line="."), "the credit line is '.', and was '{partner}'", id="another credit line"),
    pytest.param(
        allowing(embargo=EmbargoHandling.MARKED), "2.1: what is under embargo is delivered before its hour, marked", id="an embargo marked"
    ),
    pytest.param(allowing(use_days=31), "it may be used for 31 days, and might be for 30", id="a longer window of use"),
    pytest.param(allowing(use_days=None), "it may be used without limit", id="no window of use"),
    pytest.param(allowing(archive=True, delete_at_end=False), "2.1: it may stay in use after the end", id="an archive"),
    pytest.param(allowing(delete_at_end=False), "2.1: its text is not deleted", id="no deletion"),
    pytest.param(allowing(territory=("VN", "LA")), "it may be used in LA too", id="a country"),
    pytest.param(allowing(territory=("VN", "LA", "KZ")), "it may be used in LA, KZ too", id="two countries"),
    pytest.param(allowing(territory=()), "it may be used everywhere", id="every country"),
    pytest.param(allowing(not_territory=()), "it may be used in CN too", id="a country no more excluded"),
    pytest.param(allowing(machine_translation=True), "2.1: it may be translated by machine", id="machine translation"),
    pytest.param(allowing(model_training=True), "2.1: models may be trained", id="training"),
    pytest.param(allowing(review=ReviewTerm.AUTOMATIC), "2.1: it is accepted at once", id="automatic review"),
    pytest.param(amended(obligations=()), "4.1: the ceiling of 40 a day is gone", id="a ceiling dropped"),
    pytest.param(
        amended(obligations=(replace(PLAIN.obligations[0], at_most=50),)), "4.1: the ceiling is 50 a day, and was 40", id="a ceiling raised"
    ),
    pytest.param(
        amended(obligations=(replace(PLAIN.obligations[0], types=(ContentType.TEXT,)),)), "is gone", id="a ceiling that counts fewer types"
    ),
    pytest.param(amended(term=replace(PLAIN.term, until=date(2028, 5, 5))), "its term ends on 2028-05-05", id="a longer term"),
    pytest.param(amended(term=worlds.term()), "its term has no end", id="no end"),
    pytest.param(amended(term=replace(PLAIN.term, renewal_months=24)), "it renews by 24 months, and renewed by 12", id="a longer renewal"),
    pytest.param(amended(term=replace(PLAIN.term, until=date(2027, 4, 5))), "it renews from 2027-04-05", id="renewed on another day"),
    pytest.param(amended(term=replace(PLAIN.term, notice_days=120)), "notice is to be given 120 days", id="earlier notice"),
    pytest.param(amended(term=replace(PLAIN.term, grace_days=30)), "its terms go on for 30 days", id="more grace"),
    pytest.param(amended(term=replace(PLAIN.term, zone="UTC")), "its days are those of UTC", id="another zone"),
    pytest.param(amended(parties=("vna", "trc", "azertac")), "azertac is a new party", id="a party"),
    pytest.param(amended(succeeds="vna-trc-2010"), "it succeeds vna-trc-2010", id="another predecessor"),
]


@pytest.mark.parametrize(("new", "sentence"), WIDER)
def test_what_widens_is_said_with_its_clause(new: Agreement, sentence: str) -> None:
    assert sentence in said(new)


NARROWER = [
    pytest.param(amended(), id="nothing but the version"),
    pytest.param(amended(title="Another title", clauses=("costs",), assumptions=("none",)), id="words for people"),
    pytest.param(amended(grants=()), id="no grant"),
    pytest.param(incoming(types=(ContentType.TEXT,), languages=("en-GB",), topics=("medtop:04000000",)), id="less of everything"),
    pytest.param(incoming(topics_out=("medtop:02000000", "medtop:15000000")), id="one more exclusion"),
    pytest.param(incoming(topics_out=("*",)), id="everything excluded"),
    pytest.param(allowing(onward=OnwardUse.OWN_SUBSCRIBERS, onward_partners=("bta",)), id="partners named, and own subscribers only"),
    pytest.param(
        allowing(
            onward=OnwardUse.OWN_USE, onward_partners=(), alteration=Alteration.NONE, use_days=1, not_territory=("CN", "LA"), priority=True
        ),
        id="narrower terms",
    ),
    pytest.param(amended(grants=PLAIN.grants[::-1]), id="clauses in another order"),
    pytest.param(
        amended(grants=(PLAIN.grants[0], replace(PLAIN.grants[1], terms=worlds.terms(credit_line="{partner}")))), id="a credit line more"
    ),
    pytest.param(
        amended(
            grants=(
                replace(PLAIN.grants[0], types=(ContentType.TEXT,)),
                replace(PLAIN.grants[0], clause="2.1b", types=(ContentType.PICTURE,)),
                PLAIN.grants[1],
            )
        ),
        id="one clause made two",
    ),
    pytest.param(amended(obligations=(replace(PLAIN.obligations[0], at_most=30),)), id="a lower ceiling"),
    pytest.param(
        amended(obligations=(*PLAIN.obligations, Obligation("4.2", Direction.INBOUND, "a report", period=Period.YEAR))), id="one more duty"
    ),
    pytest.param(amended(term=replace(PLAIN.term, renewal_months=None, notice_days=0, grace_days=0)), id="no renewal"),
    pytest.param(amended(parties=("vna", "trc"), signed_on=date(2026, 12, 1)), id="signed later than it begins"),
    pytest.param(amended(signed_on=None), id="a draft"),
]


@pytest.mark.parametrize("new", NARROWER)
def test_what_does_not_widen_is_not_held_up(new: Agreement) -> None:
    assert said(new) == ""


def test_grants_that_overlap_and_stay_as_they_are_widen_nothing() -> None:
    """The wider one of the two is compared with itself only, where it is the first that covers."""
    narrow = worlds.grant(types=(ContentType.TEXT,), topics=(ECONOMY,), terms=worlds.terms(alteration=Alteration.NONE))
    wide = worlds.grant(clause="2.2", terms=worlds.terms(alteration=Alteration.FREE))
    before = Dossier((worlds.agreement(grants=(narrow, wide)),))
    new = worlds.agreement(version=2, since=NEXT, grants=(narrow, wide))
    assert widening.of_version(new, before, Register("vna", (before,))) == ()
    turned = replace(new, grants=(wide, narrow))
    assert widening.of_version(turned, before, Register("vna", (before,))) == (
        "2.2: alteration is free, and was none",
        "2.2: picture inside what it covers passes, and was left out",
    )


TEXTS = worlds.grant(types=(ContentType.TEXT,), topics=(ECONOMY,))
ALL = worlds.grant(clause="2.2")
ALL_THREE = replace(ALL, types=(*ALL.types, ContentType.VIDEO))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param((TEXTS, ALL), (ALL, TEXTS), "2.2: picture inside what it covers passes, and was left out", id="pictures inside texts"),
        pytest.param((TEXTS, ALL), (ALL,), "2.2: picture inside what it covers passes, and was left out", id="the narrow one dropped"),
        pytest.param(
            (TEXTS, ALL_THREE), (ALL_THREE,), "2.2: picture, video inside what it covers passes, and was left out", id="two types"
        ),
        pytest.param((ALL, TEXTS), (TEXTS, ALL), "", id="left out from now on"),
        pytest.param((TEXTS, replace(TEXTS, clause="2.2")), (replace(TEXTS, clause="2.2"), TEXTS), "", id="of the same types"),
    ],
)
def test_the_first_that_covers_decides_what_is_left_out(old: tuple[Grant, ...], new: tuple[Grant, ...], sentence: str) -> None:
    """Z19: what is said is what the gate does with a text about economy that holds a picture."""
    before = Dossier((worlds.agreement(grants=old),))
    after = worlds.agreement(version=2, since=NEXT, grants=new)
    assert "\n".join(widening.of_version(after, before, Register("vna", (before,)))) == sentence
    asked = replace(plain_subject(ECONOMY), types_inside=(ContentType.PICTURE,))
    registers = [Register("vna", (one,)) for one in (before, Dossier((*before.versions, after)))]
    was, now = (clear(asked, worlds.flow(), register, NOW).left_out for register in registers)
    assert (len(now) < len(was)) is bool(sentence)


def between(old: tuple[Grant, ...], new: tuple[Grant, ...], *frames: Agreement, **changes: Any) -> tuple[str, ...]:
    """What is said of a version whose grants are these, after those, beside other agreements; `changes` to that version."""
    before = Dossier((worlds.agreement(grants=old),))
    after = worlds.agreement(**{"version": 2, "since": NEXT, "grants": new, **changes})
    return widening.of_version(after, before, Register("vna", (before, *(Dossier((frame,)) for frame in frames))))


def inward(*topics: str, clause: str = "2.1", out: tuple[str, ...] = (), **changes: Any) -> Grant:
    """Texts about these, coming in; `changes` to its terms."""
    return worlds.grant(clause=clause, types=(ContentType.TEXT,), topics=topics, topics_out=out, terms=worlds.terms(**changes))


FREE = worlds.terms(alteration=Alteration.FREE)


@pytest.mark.parametrize(
    "grants",
    [
        pytest.param((worlds.grant(types=(ContentType.TEXT,)), worlds.grant(types=(ContentType.VIDEO,), terms=FREE)), id="type"),
        pytest.param((worlds.grant(languages=("en",)), worlds.grant(languages=("ru",), terms=FREE)), id="language"),
    ],
)
def test_clauses_that_share_nothing_are_not_compared(grants: tuple[Grant, ...]) -> None:
    assert between(grants, grants[::-1]) == ()


def test_a_clause_about_what_is_excluded_now_is_not_compared() -> None:
    economy, sport = inward(ECONOMY, alteration=Alteration.NONE), replace(inward(SPORT, clause="2.2"), terms=FREE)
    assert between((economy, sport), (replace(sport, topics_out=(ECONOMY,)),)) == ()


CRIME, HEALTH, WAR = "medtop:02000000", "medtop:07000000", "medtop:16000000"
BARRING = inward(SPORT, clause="2.3", out=(CRIME, HEALTH, WAR, "*"))
"""Another clause, which keeps all of them out of sport."""


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        pytest.param((inward(ECONOMY, out=(CRIME,)), BARRING), inward(ECONOMY), CRIME, id="one"),
        pytest.param((inward(ECONOMY, out=(CRIME, HEALTH)), BARRING), inward(ECONOMY, out=(CRIME,)), HEALTH, id="one of two"),
        pytest.param((inward(ECONOMY, out=("*",)), BARRING), inward(ECONOMY), "anything", id="all"),
        pytest.param(
            (inward(ECONOMY, out=(CRIME, HEALTH)), inward(ECONOMY, clause="2.2", out=(WAR,)), BARRING),
            inward(ECONOMY),
            WAR,
            id="as little as it can be: what the nearest of the old excluded",
        ),
        pytest.param((inward(ECONOMY, out=(CRIME,)), BARRING), inward(ECONOMY, out=("*",)), "", id="all is excluded now"),
        pytest.param((inward(ECONOMY, out=(CRIME,)), inward(ECONOMY, clause="2.2"), BARRING), inward(ECONOMY), "", id="another did not"),
    ],
)
def test_an_exclusion_dropped_where_another_clause_keeps_it(old: tuple[Grant, ...], new: Grant, gone: str) -> None:
    said = between(old, (new, BARRING))
    assert said == ((f"2.1: what comes in about {gone} is excluded no more",) if gone else ())


def test_what_is_new_hides_no_exclusion_dropped_beside_it() -> None:
    """Video is new, and has no exclusion to lose; of texts one is gone."""
    new = replace(inward(ECONOMY), types=(ContentType.VIDEO, ContentType.TEXT))
    told = between((inward(ECONOMY, out=(CRIME,)), BARRING), (new, BARRING))
    assert told[1] == f"2.1: what comes in about {CRIME} is excluded no more"


def test_the_last_exclusion_of_anything_dropped() -> None:
    assert between((inward(ECONOMY, out=("*",)),), (inward(ECONOMY),)) == ("2.1: what comes in about anything is excluded no more",)


@pytest.mark.parametrize(
    ("named", "reach"),
    [
        pytest.param(worlds.terms(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("bta", "azertac")), "azertac, bta", id="named"),
        pytest.param(worlds.terms(onward=OnwardUse.ANYONE), "anyone", id="anyone"),
    ],
)
def test_to_whom_it_may_go_on_now(named: Terms, reach: str) -> None:
    told = between((inward(ECONOMY),), (replace(inward(ECONOMY), terms=named),))
    assert told[0] == f"2.1: it may go on to {reach}, and might not"


OWN = worlds.terms(onward=OnwardUse.OWN_USE)
OWN_ECONOMY, OWN_SPORT = (replace(inward(topic, clause=clause), terms=OWN) for topic, clause in ((ECONOMY, "2.1"), (SPORT, "2.2")))
NO_MORE_OWN = "not all of it is for our own use only, as it was; other agreements may let it go on"


@pytest.mark.parametrize(
    ("old", "new", "clauses"),
    [
        pytest.param((OWN_ECONOMY,), (OWN_ECONOMY,), (), id="it stays"),
        pytest.param((OWN_ECONOMY,), (replace(OWN_ECONOMY, topics=("*",)),), (), id="it is for own use with everything"),
        pytest.param((OWN_ECONOMY, OWN_SPORT), (OWN_SPORT,), ("2.1",), id="one of two is dropped"),
        pytest.param((OWN_ECONOMY, OWN_SPORT), (), ("2.1", "2.2"), id="both are dropped"),
        pytest.param((inward("*", clause="2.3"), OWN_SPORT), (inward("*", clause="2.3"),), ("2.2",), id="beside another clause"),
    ],
)
def test_what_is_for_own_use_no_more(old: tuple[Grant, ...], new: tuple[Grant, ...], clauses: tuple[str, ...]) -> None:
    told = between(old, new)
    assert [one for one in told if one.endswith(NO_MORE_OWN)] == [f"{clause}: {NO_MORE_OWN}" for clause in clauses]


def test_what_is_sent_for_own_use_is_the_other_sides_to_keep() -> None:
    sent = replace(OWN_ECONOMY, direction=Direction.OUTBOUND)
    assert between((sent,), ()) == ()
    assert between((OWN_ECONOMY, sent), (OWN_ECONOMY,)) == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param({"territory": ("VN", "LA")}, {}, "it may be used everywhere, and might be only in VN, LA", id="everywhere"),
        pytest.param({"not_territory": ("CN", "LA")}, {}, "it may be used in CN, LA too", id="two excluded no more"),
    ],
)
def test_places_by_name(old: dict[str, Any], new: dict[str, Any], sentence: str) -> None:
    assert between((inward("*", **old),), (inward("*", **new),)) == (f"2.1: {sentence}",)


CEILING = Obligation("4.1", Direction.OUTBOUND, "pieces", at_most=40, period=Period.DAY)
TEXT, PICTURE, VIDEO = ContentType.TEXT, ContentType.PICTURE, ContentType.VIDEO


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        pytest.param(((TEXT,), ()), ((TEXT,), ()), True, id="the same type"),
        pytest.param(((TEXT,), ()), ((PICTURE, TEXT), ()), True, id="a type more"),
        pytest.param(((TEXT, PICTURE), ()), ((TEXT,), ()), False, id="a type fewer"),
        pytest.param(((TEXT, PICTURE), ()), ((TEXT, VIDEO), ()), False, id="another type"),
        pytest.param(((TEXT,), ()), ((), ()), True, id="every type"),
        pytest.param(((), ()), ((TEXT,), ()), False, id="no longer every type"),
        pytest.param(((), ("en",)), ((), ("en",)), True, id="the same language"),
        pytest.param(((), ("en-GB",)), ((), ("ru", "en")), True, id="a wider language"),
        pytest.param(((), ("en",)), ((), ("en-GB",)), False, id="a narrower language"),
        pytest.param(((), ("en", "ru")), ((), ("en",)), False, id="a language fewer"),
        pytest.param(((), ("en",)), ((), ()), True, id="every language"),
        pytest.param(((), ()), ((), ("en",)), False, id="no longer every language"),
        pytest.param(((TEXT,), ()), ((VIDEO,), ()), False, id="of another type in every language"),
    ],
)
def test_a_ceiling_stays_where_another_counts_all_that_it_counted(
    old: tuple[tuple[ContentType, ...], tuple[str, ...]], new: tuple[tuple[ContentType, ...], tuple[str, ...]], stays: bool
) -> None:
    was, becomes = (replace(CEILING, types=types, languages=languages) for types, languages in (old, new))
    before = Dossier((replace(PLAIN, obligations=(was,)),))
    told = widening.of_version(amended(obligations=(becomes,)), before, Register("vna", (before,)))
    assert told == (() if stays else ("4.1: the ceiling of 40 a day is gone (pieces)",))


def plain_subject(*topics: str) -> Subject:
    """A usable English text."""
    return Subject(ContentType.TEXT, "en", topics, worlds.story_version().pubstatus)


@pytest.mark.parametrize("way", Direction)
@pytest.mark.parametrize("both", [pytest.param(True, id="granted in both"), pytest.param(False, id="granted in one")])
@pytest.mark.parametrize("framed", [Direction.INBOUND, Direction.OUTBOUND, None])
def test_dropping_a_direction_ends_its_exclusions_for_a_frame(way: Direction, both: bool, framed: Direction | None) -> None:
    """Z19: the clause that kept crime out of the frame's flows is gone with the last grant of that direction; without a frame, nothing."""
    other = next(one for one in Direction if one is not way)
    excluding = worlds.grant(direction=way, topics_out=(CRIME,))
    staying = (worlds.grant(clause="2.2", direction=other),) if both else ()
    old = worlds.agreement(grants=(excluding, *staying))
    new = replace(old, version=2, since=NEXT, grants=staying)
    frames = (Dossier((replace(FRAME, grants=(worlds.grant(direction=framed),)),)),) if framed else ()
    before, after = (Register("vna", (Dossier(versions), *frames)) for versions in ((old,), (old, new)))
    told = widening.of_version(new, before.dossiers[0], before)
    assert told == ((f"2.1: what {widening.WAY[way]} about {CRIME} is excluded no more",) if framed is way else ())
    flow = worlds.flow(direction=way, agreement="oana")
    assert lets_more(before, after, plain_subject(CRIME), flow, NOW, ()) is bool(told)


def test_dropping_what_is_for_own_use_ends_the_denial() -> None:
    old = worlds.agreement(grants=(worlds.grant(terms=worlds.terms(onward=OnwardUse.OWN_USE)), PLAIN.grants[1]))
    before = Dossier((old,))
    (told,) = widening.of_version(replace(old, version=2, since=NEXT, grants=old.grants[1:]), before, Register("vna", (before,)))
    assert told.startswith("2.1: not all of it is for our own use only")


RENEWING = worlds.agreement(term=worlds.term(effective=date(2015, 5, 6), until=date(2025, 5, 5), renewal_months=12, notice_days=90))
"""On the day of the next version it has renewed until 5 May 2027."""


@pytest.mark.parametrize(
    ("until", "renewal_months", "acts", "sentence"),
    [
        pytest.param(date(2027, 1, 5), None, (), "", id="within its renewal"),
        pytest.param(date(2027, 5, 5), None, (), "", id="with its renewal"),
        pytest.param(date(2027, 5, 6), None, (), "its term ends on 2027-05-06, and ended on 2027-05-05", id="after its renewal"),
        pytest.param(
            date(2027, 1, 5),
            None,
            (Act(ActKind.NOTICE, date(2026, 1, 1), "by letter"),),
            "its term ends on 2027-01-05, and ended on 2026-05-05",
            id="notice was given",
        ),
        pytest.param(None, None, (), "its term has no end, and ended on 2027-05-05", id="no end"),
        pytest.param(
            date(2027, 1, 5),
            12,
            (),
            "its term ends on 2027-01-05, and ended on 2025-05-05\nit renews from 2027-01-05, and renewed from 2025-05-05",
            id="renewed on another day",
        ),
    ],
)
def test_a_fixed_end_is_held_against_the_end_as_it_has_renewed(
    until: date | None, renewal_months: int | None, acts: tuple[Act, ...], sentence: str
) -> None:
    before = Dossier((RENEWING,), acts)
    new = replace(RENEWING, version=2, since=NEXT, term=replace(RENEWING.term, until=until, renewal_months=renewal_months))
    assert "\n".join(widening.of_version(new, before, Register("vna", (before,)))) == sentence


def test_the_end_is_counted_in_the_days_of_its_zone() -> None:
    """On Kiritimati, fourteen hours east of Greenwich, its last day has not passed yet when the new version takes over."""
    old = worlds.agreement(term=worlds.term(until=NEXT, renewal_months=12, zone="Pacific/Kiritimati"))
    before = Dossier((old,))
    new = replace(old, version=2, since=NEXT, term=replace(old.term, until=date(2026, 12, 31), renewal_months=None))
    assert widening.of_version(new, before, Register("vna", (before,))) == ("its term ends on 2026-12-31, and ended on 2026-11-22",)


def test_a_renewal_where_there_was_none() -> None:
    old = worlds.agreement(term=worlds.term(until=date(2027, 5, 5)))
    before = Dossier((old,))
    new = replace(old, version=2, since=NEXT, term=replace(old.term, renewal_months=12))
    assert widening.of_version(new, before, Register("vna", (before,))) == ("it renews by 12 months, and did not renew",)


@pytest.mark.parametrize(
    ("signed_on", "sentences"),
    [
        pytest.param(date(2027, 1, 1), ("it is in force from 2026-11-22, and was from 2027-01-01",), id="earlier than it would have been"),
        pytest.param(NEXT, (), id="from the same day"),
    ],
)
def test_in_force_from_an_earlier_day(signed_on: date, sentences: tuple[str, ...]) -> None:
    before = Dossier((worlds.agreement(signed_on=signed_on),))
    new = worlds.agreement(version=2, since=NEXT)
    assert widening.of_version(new, before, Register("vna", (before,))) == sentences


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        pytest.param(None, "a", ("it succeeds a: the flows that name that one run under this one",), id="one"),
        pytest.param("a", None, ("it succeeds a no more: that one may be in force again",), id="none any more"),
        pytest.param(
            "a",
            "b",
            ("it succeeds b: the flows that name that one run under this one", "it succeeds a no more: that one may be in force again"),
            id="another",
        ),
        pytest.param("a", "a", (), id="the same"),
    ],
)
def test_whose_place_it_takes(old: str | None, new: str | None, sentences: tuple[str, ...]) -> None:
    before = Dossier((worlds.agreement(succeeds=old),))
    assert widening.of_version(worlds.agreement(version=2, since=NEXT, succeeds=new), before, Register("vna", (before,))) == sentences


def test_a_new_agreement_widens_and_a_draft_does_not() -> None:
    nothing = Register("vna", ())
    assert "is new" in widening.of_version(PLAIN, None, nothing)[0]
    draft = replace(PLAIN, signed_on=None)
    assert widening.of_version(draft, None, nothing) == ()
    kept = Dossier((draft,))
    assert widening.of_version(replace(draft, grants=()), kept, Register("vna", (kept,))) == ()
    assert "was a draft" in widening.of_version(PLAIN, kept, Register("vna", (kept,)))[0]
    assert widening.of_version(amended(), kept, Register("vna", (kept,))) == (
        "vna-trc-2025 was a draft, under which nothing moves; signed, what it grants moves from 2026-11-22",
    )


def test_a_draft_of_an_amendment_that_is_signed_widens() -> None:
    before = Dossier((PLAIN, amended(signed_on=None)))
    (told,) = widening.of_version(amended(), before, Register("vna", (before,)))
    assert told == "version 2 was a draft, under which nothing moves from 2026-11-22 on"


def test_who_joined_meanwhile_is_no_new_party() -> None:
    joined = Act(ActKind.JOIN, date(2026, 1, 1), "by letter", party="azertac")
    assert said(amended(parties=("vna", "trc", "azertac")), joined) == ""
    left = Act(ActKind.LEAVE, date(2026, 2, 1), "by letter", party="azertac")
    assert "azertac is a new party" in said(amended(parties=("vna", "trc", "azertac")), joined, left)


@pytest.mark.parametrize(
    ("on", "zone", "new"),
    [
        pytest.param(NEXT - timedelta(days=1), "Asia/Ho_Chi_Minh", False, id="joined the day before"),
        pytest.param(NEXT, "Asia/Ho_Chi_Minh", True, id="joins on its day"),
        pytest.param(NEXT, "Pacific/Kiritimati", True, id="joins on its day, far in the east"),
    ],
)
def test_who_is_a_party_on_the_eve(on: date, zone: str, new: bool) -> None:
    old = worlds.agreement(term=worlds.term(zone=zone))
    before = Dossier((old,), (Act(ActKind.JOIN, on, "by letter", party="azertac"),))
    told = widening.of_version(replace(old, version=2, since=NEXT, parties=("vna", "trc", "azertac")), before, Register("vna", (before,)))
    assert told == (("azertac is a new party: what is granted moves with azertac too",) if new else ())


FRAME = worlds.agreement(
    reference="oana", parties=("vna", "trc", "azertac"), grants=(worlds.grant(terms=worlds.terms(onward=OnwardUse.ANYONE)),)
)


@pytest.mark.parametrize(
    ("kind", "alone", "beside_a_frame"),
    [
        pytest.param(ActKind.SUSPEND, False, True, id="suspended"),
        pytest.param(ActKind.TERMINATE, False, True, id="terminated"),
        pytest.param(ActKind.NOTICE, False, True, id="not renewed"),
        pytest.param(ActKind.RESUME, True, True, id="resumed"),
        pytest.param(ActKind.JOIN, True, True, id="joined"),
        pytest.param(ActKind.LEAVE, False, True, id="left"),
    ],
)
def test_an_act_widens_where_it_gives_or_where_a_denial_ends(kind: ActKind, alone: bool, beside_a_frame: bool) -> None:
    """Z19: what an agreement excludes is kept out of a frame's flows too, until it is suspended."""
    act = Act(kind, NEXT, "by letter", party={ActKind.JOIN: "azertac", ActKind.LEAVE: "trc"}.get(kind))
    dossier = Dossier((PLAIN,))
    assert bool(widening.of_act(act, dossier, Register("vna", (dossier,)))) is alone
    told = widening.of_act(act, dossier, Register("vna", (dossier, Dossier((FRAME,)))))
    assert bool(told) is beside_a_frame
    if not alone:
        assert told == ("2.1: its exclusion of medtop:02000000 holds no more against oana",)


TO_TRC = worlds.outbound(agreement="oana")
FROM_TRC = worlds.flow(agreement="oana")
TO_AZERTAC = worlds.outbound(id="to-azertac", partner="azertac", agreement="oana")
OWN_USE = worlds.grant(types=(ContentType.TEXT,), terms=worlds.terms(onward=OnwardUse.OWN_USE))
GOES_ON = worlds.terms(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("azertac",))
EXCLUDES = replace(PLAIN, grants=(worlds.grant(topics_out=(SPORT, ECONOMY)),))
LIFTED = f"2.1: its exclusion of {SPORT}, {ECONOMY} holds no more against oana"
LONG_AGO = replace(FRAME.term, until=date(2025, 6, 1))


def frame(**changes: Any) -> Dossier:
    return Dossier((replace(FRAME, **changes),))


@pytest.mark.parametrize(
    ("stood", "others", "flows", "told"),
    [
        pytest.param(EXCLUDES, (frame(),), (FROM_TRC,), (LIFTED,), id="a flow under the frame would carry it"),
        pytest.param(EXCLUDES, (frame(),), None, (LIFTED,), id="any flow might be"),
        pytest.param(EXCLUDES, (frame(),), (worlds.flow(), TO_TRC), (), id="no flow that way runs under the frame"),
        pytest.param(EXCLUDES, (frame(),), (worlds.flow(id="other", partner="azertac", agreement="oana"),), (), id="another's flow does"),
        pytest.param(EXCLUDES, (frame(grants=(worlds.grant(topics_out=("*",)),)),), (FROM_TRC,), (), id="the frame lets nothing pass"),
        pytest.param(
            EXCLUDES, (frame(grants=(worlds.grant(topics_out=(SPORT, ECONOMY)),)),), (FROM_TRC,), (), id="the frame excludes it itself"
        ),
        pytest.param(
            EXCLUDES,
            (frame(grants=(worlds.grant(topics_out=(SPORT,)),)),),
            (FROM_TRC,),
            (f"2.1: its exclusion of {ECONOMY} holds no more against oana",),
            id="the frame excludes half of it itself",
        ),
        pytest.param(
            EXCLUDES, (frame(grants=(worlds.grant(), worlds.grant(topics_out=("*",)))),), (FROM_TRC,), (), id="another of its clauses does"
        ),
        pytest.param(EXCLUDES, (frame(grants=(worlds.grant(types=()),)),), (FROM_TRC,), (), id="the frame grants no type"),
        pytest.param(
            EXCLUDES, (frame(grants=(worlds.grant(topics=(SPORT,), topics_out=(SPORT,)),)),), (FROM_TRC,), (), id="and no subject"
        ),
        pytest.param(
            EXCLUDES,
            (frame(grants=(worlds.grant(topics=(POLITICS,), topics_out=("*",)),)),),
            (FROM_TRC,),
            (),
            id="the frame lets nothing pass of what it names",
        ),
        pytest.param(
            EXCLUDES,
            (Dossier((*frame(grants=EXCLUDES.grants).versions, replace(FRAME, version=2, since=date(2030, 1, 1)))),),
            (FROM_TRC,),
            (LIFTED,),
            id="the frame excludes it itself, until its next version",
        ),
        pytest.param(EXCLUDES, (frame(signed_on=None),), (FROM_TRC,), (), id="the frame is a draft"),
        pytest.param(EXCLUDES, (frame(term=LONG_AGO),), (FROM_TRC,), (), id="the frame has expired"),
        pytest.param(
            EXCLUDES,
            (Dossier((replace(FRAME, term=LONG_AGO), replace(FRAME, version=2, since=date(2030, 1, 1)))),),
            (FROM_TRC,),
            (LIFTED,),
            id="it has expired, and comes back by its next version",
        ),
        pytest.param(
            EXCLUDES,
            (Dossier((replace(FRAME, term=LONG_AGO), replace(FRAME, version=2, since=NEXT, term=LONG_AGO))),),
            (FROM_TRC,),
            (),
            id="it has expired, by its version of the day too",
        ),
        pytest.param(
            EXCLUDES, (Dossier((FRAME,), (Act(ActKind.TERMINATE, NEXT, "x"),)),), (FROM_TRC,), (), id="the frame is terminated on the day"
        ),
        pytest.param(
            EXCLUDES,
            (Dossier((FRAME,), (Act(ActKind.TERMINATE, date(2026, 1, 1), "x"),)),),
            (FROM_TRC,),
            (),
            id="the frame was terminated",
        ),
        pytest.param(
            EXCLUDES,
            (Dossier((FRAME,), (Act(ActKind.SUSPEND, date(2026, 1, 1), "x"),)),),
            (FROM_TRC,),
            (LIFTED,),
            id="the frame is suspended: it may be resumed",
        ),
        pytest.param(
            replace(EXCLUDES, succeeds="oana"), (frame(),), (FROM_TRC,), (), id="it has taken the frame's place: that never comes back"
        ),
        pytest.param(
            EXCLUDES,
            (frame(), Dossier((replace(FRAME, reference="oana-2", succeeds="oana"),))),
            (FROM_TRC,),
            (LIFTED.replace("oana", "oana-2"),),
            id="the flow runs under what succeeded the frame",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(terms=GOES_ON),)),),
            (FROM_TRC, TO_AZERTAC),
            ("2.1: it keeps for own use no more what oana lets go on",),
            id="for own use, and the frame lets it go on to who has a flow",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(),),
            (TO_AZERTAC,),
            ("2.1: it keeps for own use no more what oana lets go on",),
            id="for own use, and the frame lets it go on to anyone",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(terms=GOES_ON),)),),
            (worlds.outbound(partner="bta"),),
            (),
            id="for own use, and only another than it may reach has a flow",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(terms=GOES_ON),)),),
            (FROM_TRC, TO_TRC),
            (),
            id="for own use, and nobody whom it may reach has a flow",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(),),
            (FROM_TRC, TO_TRC),
            (),
            id="for own use, and it does not go back to whom it came from",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(types=(ContentType.PICTURE,), terms=GOES_ON),)),),
            (TO_AZERTAC,),
            (),
            id="for own use, and the frame lets pictures go on",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(languages=("ru",), terms=GOES_ON),)),),
            (TO_AZERTAC,),
            (),
            id="for own use, and the frame lets Russian go on",
        ),
        pytest.param(
            replace(PLAIN, grants=(replace(OWN_USE, languages=("en-GB",)),)),
            (frame(grants=(worlds.grant(languages=("ru", "en"), terms=GOES_ON),)),),
            (TO_AZERTAC,),
            ("2.1: it keeps for own use no more what oana lets go on",),
            id="for own use, and the frame lets a wider language go on",
        ),
        pytest.param(
            replace(PLAIN, grants=(OWN_USE,)),
            (frame(grants=(worlds.grant(languages=("en-GB",), terms=GOES_ON),)),),
            (TO_AZERTAC,),
            ("2.1: it keeps for own use no more what oana lets go on",),
            id="for own use, and the frame lets a narrower language go on",
        ),
        pytest.param(
            replace(PLAIN, grants=(replace(OWN_USE, topics=()),)),
            (frame(grants=(worlds.grant(terms=GOES_ON),)),),
            (TO_AZERTAC,),
            (),
            id="for own use, and it names no subject",
        ),
    ],
)
@pytest.mark.parametrize("kind", [ActKind.SUSPEND, ActKind.TERMINATE, ActKind.NOTICE])
def test_who_pulls_the_brake_is_asked_for_a_second_only_where_something_gets_wider(
    kind: ActKind, stood: Agreement, others: tuple[Dossier, ...], flows: tuple[Flow, ...] | None, told: tuple[str, ...]
) -> None:
    dossier = Dossier((stood,))
    assert widening.of_act(Act(kind, NEXT, "by letter"), dossier, Register("vna", (dossier, *others)), flows) == told


def test_what_an_earlier_version_excluded_is_freed_by_nothing() -> None:
    """The brake is asked about the words that hold, and those that will."""
    dossier = Dossier((EXCLUDES, replace(PLAIN, version=2, since=NEXT, grants=(worlds.grant(),))))
    register = Register("vna", (dossier, frame()))
    assert widening.of_act(Act(ActKind.SUSPEND, NEXT, "by letter"), dossier, register, (FROM_TRC,)) == ()
    earlier = Act(ActKind.SUSPEND, NEXT - timedelta(days=1), "by letter")
    assert widening.of_act(earlier, dossier, register, (FROM_TRC,)) == (LIFTED,)
    assert widening.of_act(earlier, Dossier(dossier.versions[::-1][:1]), register, (FROM_TRC,)) == ()
    never = Dossier((PLAIN, replace(EXCLUDES, version=2, since=NEXT), replace(dossier.versions[1], version=3)))
    assert widening.of_act(Act(ActKind.SUSPEND, NEXT, "by letter"), never, register, (FROM_TRC,)) == ()


def test_which_version_holds_is_read_at_noon_of_its_zone() -> None:
    """Noon in London is the next day in Kiritimati."""
    east = worlds.term(zone="Pacific/Kiritimati")
    dossier = Dossier((replace(EXCLUDES, term=east), replace(PLAIN, term=east, version=2, since=NEXT, grants=(worlds.grant(),))))
    eve = Act(ActKind.SUSPEND, NEXT - timedelta(days=1), "by letter")
    assert widening.of_act(eve, dossier, Register("vna", (dossier, frame())), (FROM_TRC,)) == (LIFTED,)


def test_who_leaves_frees_only_what_moves_on_a_flow() -> None:
    dossier = Dossier((EXCLUDES,))
    register, leaves = Register("vna", (dossier, frame())), Act(ActKind.LEAVE, NEXT, "by letter", party="trc")
    assert widening.of_act(leaves, dossier, register, ()) == ()
    assert widening.of_act(leaves, dossier, register, (FROM_TRC,)) == (LIFTED,)


OTHER_FRAME = replace(FRAME, reference="kpl", parties=("vna", "trc"))
APART = replace(FRAME, reference="apart", parties=("vna", "bta"))
OWN_FRAME = replace(FRAME, grants=(worlds.grant(),))
SUSPENDING = Act(ActKind.SUSPEND, NEXT, "by letter")


@pytest.mark.parametrize(
    ("grant", "others", "sentences"),
    [
        pytest.param(inward("*", out=("*",)), (FRAME,), ("its exclusion of anything holds no more against oana",), id="anything"),
        pytest.param(
            inward("*", out=(CRIME, HEALTH)),
            (FRAME, OTHER_FRAME),
            (f"its exclusion of {CRIME}, {HEALTH} holds no more against oana, kpl",),
            id="two topics against two agreements",
        ),
        pytest.param(inward("*", out=(CRIME,)), (APART,), (), id="with another partner"),
        pytest.param(OWN_ECONOMY, (FRAME,), ("it keeps for own use no more what oana lets go on",), id="own use"),
        pytest.param(
            OWN_ECONOMY, (FRAME, OTHER_FRAME), ("it keeps for own use no more what oana, kpl lets go on",), id="own use, against two"
        ),
        pytest.param(OWN_ECONOMY, (OWN_FRAME,), (), id="own use, and the other lets nothing go on"),
        pytest.param(replace(OWN_ECONOMY, direction=Direction.OUTBOUND), (FRAME,), (), id="own use of what goes out"),
    ],
)
def test_what_a_suspension_sets_free(grant: Grant, others: tuple[Agreement, ...], sentences: tuple[str, ...]) -> None:
    """Z19: as long as it is suspended, it bars nothing of what others grant."""
    dossier = Dossier((worlds.agreement(grants=(grant,)),))
    told = widening.of_act(SUSPENDING, dossier, Register("vna", (dossier, *(Dossier((one,)) for one in others))))
    assert told == tuple(f"2.1: {sentence}" for sentence in sentences)


@pytest.mark.parametrize("archive", [True, False])
def test_what_stays_in_use_after_the_end_goes_on_then(archive: bool) -> None:
    """One clause of it keeps for own use what another lets go on: after the end, the latter counts for what may stay in use."""
    going_on = inward("*", clause="2.2", onward=OnwardUse.ANYONE, archive=archive)
    dossier = Dossier((worlds.agreement(grants=(OWN_ECONOMY, going_on)),))
    told = widening.of_act(SUSPENDING, dossier, Register("vna", (dossier,)))
    assert told == (("2.1: it keeps for own use no more what vna-trc-2025 lets go on",) if archive else ())


@pytest.mark.parametrize(
    ("changes", "freed"),
    [
        pytest.param({}, False, id="nothing but the version"),
        pytest.param({"signed_on": None}, True, id="not signed yet"),
        pytest.param({"signed_on": date(2026, 12, 1)}, True, id="signed later than it begins"),
        pytest.param({"term": worlds.term(until=date(2027, 1, 1))}, True, id="an end"),
        pytest.param({"parties": ("vna", "azertac")}, True, id="without the partner whom the frame has too"),
        pytest.param({"parties": ("vna", "trc")}, False, id="without another partner"),
    ],
)
def test_a_version_that_is_in_force_for_less_bars_less(changes: dict[str, Any], freed: bool) -> None:
    old = worlds.agreement(parties=("vna", "trc", "azertac"), grants=(inward("*", out=(CRIME,)),))
    before = Dossier((old,))
    register = Register("vna", (before, Dossier((OTHER_FRAME,))))
    less = replace(old, version=2, since=NEXT, **changes)
    told = (f"2.1: its exclusion of {CRIME} holds no more against kpl",) if freed else ()
    assert widening.of_version(less, before, register) == told
    assert widening.of_version(less, before, register, (worlds.flow(agreement="kpl"),)) == told
    assert widening.of_version(less, before, register, (worlds.flow(),)) == ()


# The oracle: whatever is let through under the new that was refused under the old, for any subject, flow and moment.

obligations = st.builds(
    Obligation,
    st.just("4"),
    st.sampled_from(Direction),
    st.just("a ceiling"),
    at_most=st.integers(1, 3),
    period=st.sampled_from([Period.DAY, Period.WEEK]),
    types=mostly((), (ContentType.TEXT,)),
    languages=mostly((), ("en",)),
)
spans = st.builds(
    Term,
    effective=st.just(date(2026, 11, 20)),
    until=mostly(None, date(2026, 11, 23), date(2026, 11, 25)),
    zone=mostly("Asia/Ho_Chi_Minh", "America/New_York"),
    renewal_months=st.sampled_from([None, 1]),
    notice_days=st.integers(0, 2),
    grace_days=st.integers(0, 2),
)
changes = st.sampled_from(list(ActKind)).flatmap(
    lambda kind: st.builds(
        Act,
        st.just(kind),
        st.sampled_from([date(2026, 11, 23), date(2026, 11, 24)]),
        st.just("by letter"),
        party=st.sampled_from(PARTNERS) if kind in (ActKind.JOIN, ActKind.LEAVE) else st.none(),
    )
)


@st.composite
def versions(draw: st.DrawFn, reference: str, number: int = 1) -> Agreement:
    return worlds.agreement(
        reference=reference,
        version=number,
        since=date(2026, 11, 20) if number == 1 else draw(st.sampled_from([date(2026, 11, 22), date(2026, 11, 24)])),
        term=draw(spans),
        parties=draw(mostly(("vna", *PARTNERS), ("vna", "trc"))),
        signed_on=draw(mostly(date(2026, 11, 20), None, date(2026, 11, 24))),
        grants=draw(st.lists(grants, min_size=1, max_size=3).map(tuple)),
        obligations=draw(st.lists(obligations, max_size=1).map(tuple)),
        succeeds=draw(mostly(None, "c")),
    )


@st.composite
def nearly(draw: st.DrawFn, old: Agreement) -> Agreement:
    """The next version: of most parts the same as the one before, so that one change shows by itself."""
    other = draw(versions(old.reference, 2))
    parts = draw(st.sets(st.sampled_from(["term", "parties", "signed_on", "grants", "obligations", "succeeds"]), max_size=2))
    return replace(old, version=2, since=other.since, **{part: getattr(other, part) for part in parts})


def used(agreement: Agreement | None, moved: tuple[tuple[ContentType, str], ...]) -> Usage:
    """How often each ceiling was counted, by what moved."""

    def counted(one: Obligation) -> int:
        return sum(
            (not one.types or kind in one.types) and (not one.languages or language.split("-")[0] in one.languages)
            for kind, language in moved
        )

    return Usage(tuple(counted(one) for one in agreement.obligations) if agreement else ())


moves = st.lists(
    st.tuples(st.sampled_from([ContentType.TEXT, ContentType.PICTURE]), st.sampled_from(["en", "en-GB", "ru"])), max_size=3
).map(tuple)


def is_wider(new: Terms, old: Terms) -> bool:
    """By each term, what is allowed as a set or a number that may not grow."""

    def partners(one: Terms) -> set[str]:
        named = set(one.onward_partners) if one.onward is OnwardUse.NAMED_PARTNERS else set()
        return {*PARTNERS, "anyone"} if one.onward is OnwardUse.ANYONE else named

    def day_count(one: Terms) -> float:
        return float("inf") if one.use_days is None else one.use_days

    return (
        not partners(new) <= partners(old)
        or day_count(new) > day_count(old)
        or (new.archive and not old.archive)
        or (old.credit_line is not None and new.credit_line != old.credit_line)
        or (new.embargo is EmbargoHandling.MARKED and old.embargo is EmbargoHandling.WITHHELD)
    )


def lets_more(before: Register, after: Register, asked: Subject, flow: Flow, at: datetime, moved: Any) -> bool:
    """The gate lets it under the one register and not under the other, or under wider terms."""
    answers = []
    for register in (before, after):
        known = {dossier.reference: dossier for dossier in register.dossiers}
        agreement = known[flow.agreement].versions[-1] if flow.agreement in known else None
        governed = clear(asked, flow, register, at)
        version = (
            next((one for one in known[governed.stamp.agreement].versions if one.version == governed.stamp.version), None)
            if governed.stamp
            else agreement
        )
        answers.append(clear(asked, flow, register, at, used(version, moved)))
    old, new = answers
    if not new.allowed:
        return False
    if not old.allowed or old.stamp is None or new.stamp is None:
        return True
    return is_wider(new.stamp.terms, old.stamp.terms) or not set(old.left_out) <= set(new.left_out)


ASKED = st.tuples(subjects, flows, MOMENTS, moves)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_nothing_is_let_through_by_a_version_that_is_said_to_widen_nothing(data: st.DataObject) -> None:
    """Z19: against the gate itself, over versions, frames and moments."""
    old, frame = data.draw(versions("a")), data.draw(versions("c").map(lambda one: replace(one, succeeds=None)))
    acts = data.draw(mostly((), *(((Act(ActKind.NOTICE, date(2026, 11, 21), "x")),),)))
    before = Dossier((old,), acts)
    new = data.draw(nearly(old))
    register = Register("vna", (before, Dossier((frame,))))
    after = Register("vna", (Dossier((old, new), acts), Dossier((frame,))))
    asks = data.draw(st.lists(ASKED, min_size=5, max_size=10))
    if widening.of_version(new, before, register, [flow for _, flow, *_ in asks]):
        return
    for asked, flow, at, moved in asks:
        assert not lets_more(register, after, asked, flow, at, moved)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_is_let_through_by_an_act_that_is_said_to_widen_nothing(data: st.DataObject) -> None:
    old, frame = data.draw(versions("a")), data.draw(versions("c").map(lambda one: replace(one, succeeds=None)))
    act = data.draw(changes)
    before = Dossier((old,))
    register = Register("vna", (before, Dossier((frame,))))
    after = Register("vna", (Dossier((old,), (act,)), Dossier((frame,))))
    asks = data.draw(st.lists(ASKED, min_size=5, max_size=10))
    if widening.of_act(act, before, register, [flow for _, flow, *_ in asks]):
        return
    for asked, flow, at, moved in asks:
        assert not lets_more(register, after, asked, flow, at, moved)


@st.composite
def altered(draw: st.DrawFn) -> tuple[Agreement, Agreement]:
    """In force, and the next version with one part of one grant changed, so that this change has to show by itself."""
    old = worlds.agreement(reference="a", parties=("vna", *PARTNERS), grants=draw(st.lists(grants, min_size=1, max_size=2).map(tuple)))
    place, other = draw(st.integers(0, len(old.grants) - 1)), draw(grants)
    part = draw(st.sampled_from(["direction", "types", "languages", "topics", "topics_out", "terms"]))
    changed = replace(old.grants[place], **{part: getattr(other, part)})
    kept = (*old.grants[:place], changed, *old.grants[place + 1 :])
    return old, replace(old, version=2, since=NEXT, grants=draw(st.sampled_from([kept, kept[::-1]])))


plain_subjects = st.builds(
    Subject,
    st.sampled_from([ContentType.TEXT, ContentType.PICTURE]),
    st.sampled_from(["en", "en-GB", "ru", "fr"]),
    st.sampled_from([(), (ECONOMY,), (SPORT,), (ECONOMY, SPORT)]),
    st.just(worlds.story_version().pubstatus),
    types_inside=mostly((), (ContentType.PICTURE,)),
)


@settings(max_examples=400, deadline=None)
@given(altered(), st.lists(plain_subjects, min_size=8, max_size=12))
def test_nothing_is_let_through_by_one_change_of_a_grant(pair: tuple[Agreement, Agreement], asked: list[Subject]) -> None:
    old, new = pair
    before = Dossier((old,))
    register, after = Register("vna", (before,)), Register("vna", (Dossier((old, new)),))
    if widening.of_version(new, before, register):
        return
    for one in asked:
        for way in Direction:
            flow = Flow("f", "trc", way, "a", "A flow", ("*",))
            assert not lets_more(register, after, one, flow, NOW, ())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(grants, min_size=1, max_size=3).map(tuple),
    grants,
    st.sampled_from(Direction),
    st.lists(plain_subjects, min_size=8, max_size=12),
)
def test_nothing_is_let_through_by_dropping_a_direction(
    its: tuple[Grant, ...], framed: Grant, dropped: Direction, asked: list[Subject]
) -> None:
    """Against a frame's own flows, which the agreement's exclusions bar as long as they are there."""
    old, frame = worlds.agreement(reference="a", grants=its), Dossier((replace(FRAME, reference="c", grants=(framed,)),))
    new = replace(old, version=2, since=NEXT, grants=tuple(grant for grant in its if grant.direction is not dropped))
    before, after = (Register("vna", (Dossier(versions), frame)) for versions in ((old,), (old, new)))
    if widening.of_version(new, before.dossiers[0], before):
        return
    for one in asked:
        for reference in ("a", "c"):
            assert not lets_more(before, after, one, Flow("f", "trc", dropped, reference, "A flow", ("*",)), NOW, ())


@settings(max_examples=300, deadline=None)
@given(versions("a"), st.integers(1, 300))
def test_the_same_again_widens_nothing(old: Agreement, later: int) -> None:
    """However its grants overlap."""
    before = Dossier((replace(old, signed_on=old.since),))
    new = replace(before.versions[0], version=2, since=old.since + timedelta(days=later))
    assert widening.of_version(new, before, Register("vna", (before,))) == ()


def test_the_oracle_sees_what_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: an exclusion is dropped, and the oracle sees that more moves."""
    old = worlds.agreement(grants=(worlds.grant(topics_out=(SPORT,)),))
    new = worlds.agreement(version=2, since=NEXT, grants=(worlds.grant(),))
    asked = Subject(ContentType.TEXT, "en", (SPORT,), worlds.story_version().pubstatus)
    before, after = Register("vna", (Dossier((old,)),)), Register("vna", (Dossier((old, new)),))
    assert lets_more(before, after, asked, worlds.flow(), NOW, ())
    assert not lets_more(before, after, asked, worlds.flow(), NOW - timedelta(days=30), ())


def test_terms_of_grants_are_compared_one_by_one() -> None:
    """A grant is a value: what the oracle calls wider is what is said, for each pair of terms."""
    narrow = Grant("1", Direction.INBOUND, (ContentType.TEXT,), ("*",), ("*",), (), Terms(OnwardUse.OWN_USE, Alteration.NONE))
    wide = replace(narrow, terms=Terms(OnwardUse.ANYONE, Alteration.NONE, archive=True))
    assert is_wider(wide.terms, narrow.terms)
    assert not is_wider(narrow.terms, wide.terms)
