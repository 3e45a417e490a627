"""The gate, for what goes out: onward use, credit line, embargo, retention, and the duties that go with it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syndication.model.agreement import ContentType, CreditPlace, Dossier, EmbargoHandling, Grant, OnwardUse, Register, Stamp
from syndication.model.clearance import Clause
from syndication.model.partner import Direction, Flow
from tests import worlds
from tests.agreements.builders import (
    AZERTAC,
    ECONOMY,
    FRAME,
    NOW,
    SPORT,
    TICK,
    TO_AZERTAC,
    act,
    clear,
    from_trc,
    kept,
    refused,
    subject,
    verdict,
    vna,
)

TRC = worlds.agreement()
IN, OUT = worlds.flow(), worlds.outbound()
BOTH = vna(TRC, AZERTAC)
TERMS = worlds.terms(machine_translation=True, model_training=True)


def out(**changes: object) -> Grant:
    """A grant on what goes out."""
    return worlds.grant(**{"clause": "2.2", "direction": Direction.OUTBOUND, **changes})


def to_azertac(*sources: Stamp, register: Register = BOTH, **changes: Any) -> tuple[bool, str, str]:
    """What the clause on onward use says of a story made from these, on its way to AZERTAC."""
    clearance = clear(subject(sources=sources, **changes), TO_AZERTAC, register, NOW)
    said = verdict(clearance, Clause.ONWARD_USE)
    assert clearance.allowed is said.allowed
    assert refused(clearance) <= {Clause.ONWARD_USE}
    return said.allowed, said.reason, said.source


@pytest.mark.parametrize(
    ("source", "allowed", "reason"),
    [
        pytest.param(from_trc(onward=OnwardUse.ANYONE), True, "what it came under lets it go on: anyone", id="anyone"),
        pytest.param(
            from_trc(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("bta", "azertac")),
            True,
            "what it came under lets it go on: named-partners",
            id="a named partner",
        ),
        pytest.param(
            from_trc(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("bta", "kpl")),
            False,
            "it came from trc for named-partners: bta, kpl, not for azertac",
            id="a partner that is not named",
        ),
        pytest.param(
            from_trc(onward=OnwardUse.NAMED_PARTNERS),
            False,
            "it came from trc for named-partners, not for azertac",
            id="no partner is named",
        ),
        pytest.param(
            from_trc(onward=OnwardUse.OWN_SUBSCRIBERS, onward_partners=("azertac",)),
            False,
            "it came from trc for own-subscribers: azertac, not for azertac",
            id="own subscribers, though a partner is named",
        ),
        pytest.param(from_trc(onward=OnwardUse.OWN_USE), False, "it came from trc for own-use, not for azertac", id="own use"),
        pytest.param(
            from_trc(partner="azertac", agreement=AZERTAC.reference),
            False,
            "it came from azertac, and does not go back there",
            id="never back to where it came from",
        ),
    ],
)
def test_onward_use(source: Stamp, allowed: bool, reason: str) -> None:
    """Z01: a partner's story enters another partner's feed only where its own terms say so."""
    assert to_azertac(source) == (allowed, reason, f"{source.agreement} v1, 2.1")


def test_our_own_story_goes_anywhere() -> None:
    assert to_azertac() == (True, "it is our own", "")


@pytest.mark.parametrize("narrow", [OnwardUse.OWN_USE, OnwardUse.OWN_SUBSCRIBERS, OnwardUse.NAMED_PARTNERS])
@pytest.mark.parametrize("first", [True, False])
def test_of_several_sources_the_narrowest_decides(narrow: OnwardUse, first: bool) -> None:
    wide, tight = from_trc(), from_trc(clause="2.9", onward=narrow)
    allowed, _, source = to_azertac(*((tight, wide) if first else (wide, tight)))
    assert (allowed, source) == (False, "vna-trc-2025 v1, 2.9")


def test_of_several_sources_all_let_it_go() -> None:
    named = from_trc(clause="2.9", onward=OnwardUse.NAMED_PARTNERS, onward_partners=("azertac",))
    assert to_azertac(from_trc(), named, from_trc()) == (
        True,
        "what it came under lets it go on: anyone, named-partners",
        "vna-trc-2025 v1, 2.1; vna-trc-2025 v1, 2.9",
    )


BTA = {"reference": "vna-bta-2024", "parties": ("vna", "bta")}


def with_bta(*grants: Grant, **changes: Any) -> Register:
    """Besides the two, an agreement with BTA of Bulgaria, from which TRC passes things on."""
    return vna(TRC, AZERTAC, worlds.agreement(**{**BTA, "grants": grants, **changes}))


ANYONE = worlds.terms(onward=OnwardUse.ANYONE)
NAMED = worlds.terms(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("azertac",))
BY_WAY = "it comes from bta, by way of trc"
FREE = "what it came under lets it go on: anyone"
NOTHING = f"{BY_WAY}, and nothing in force between bta and us lets it go on to azertac"


@pytest.mark.parametrize(
    ("register", "allowed", "reason"),
    [
        pytest.param(with_bta(worlds.grant(terms=ANYONE)), True, FREE, id="its own terms: to anyone"),
        pytest.param(with_bta(worlds.grant(terms=NAMED)), True, FREE, id="its own terms: to azertac"),
        pytest.param(with_bta(worlds.grant()), False, NOTHING, id="its own terms: our subscribers only"),
        pytest.param(with_bta(), False, NOTHING, id="its own agreement grants nothing"),
        pytest.param(BOTH, False, NOTHING, id="no agreement with it"),
        pytest.param(with_bta(worlds.grant(terms=ANYONE), signed_on=None), False, NOTHING, id="its own agreement is a draft"),
        pytest.param(with_bta(out(terms=ANYONE)), False, NOTHING, id="only what we give it is free"),
        pytest.param(with_bta(worlds.grant(terms=ANYONE, topics=(SPORT,))), False, NOTHING, id="only sport of its is free"),
        pytest.param(with_bta(worlds.grant(terms=ANYONE, types=(ContentType.PICTURE,))), False, NOTHING, id="only its pictures are free"),
        pytest.param(with_bta(worlds.grant(terms=ANYONE, languages=("bg",))), False, NOTHING, id="only its Bulgarian is free"),
        pytest.param(
            with_bta(worlds.grant(clause="9"), worlds.grant(terms=ANYONE)),
            True,
            FREE,
            id="one of two",
        ),
        pytest.param(
            with_bta(worlds.grant(terms=ANYONE), worlds.grant(clause="9", terms=worlds.terms(onward=OnwardUse.OWN_USE))),
            False,
            "content of this kind from bta is for our own use only",
            id="one of two says own use: a denial",
        ),
    ],
)
def test_s22_what_a_partner_passes_on_needs_the_leave_of_where_it_comes_from(register: Register, allowed: bool, reason: str) -> None:
    """The rights of a chain are what all of its links allow. That it comes from there is a claim, and claims only narrow."""
    assert to_azertac(from_trc(origins=("bta",)), register=register)[:2] == (allowed, reason)


def test_s22_it_does_not_go_back_to_where_it_comes_from_by_any_way() -> None:
    said = to_azertac(from_trc(origins=("azertac",)))
    assert said == (False, "it comes from azertac, by way of trc, and does not go back there", "vna-trc-2025 v1, 2.1")


def test_s22_of_several_origins_each_is_asked() -> None:
    assert to_azertac(from_trc(origins=("bta", "kpl")), register=with_bta(worlds.grant(terms=ANYONE)))[0] is False


def test_s22_a_claim_never_widens() -> None:
    """What came for our own subscribers stays so, whatever freer agreement it says it comes from."""
    narrow = from_trc(origins=("bta",), onward=OnwardUse.OWN_SUBSCRIBERS)
    assert to_azertac(narrow, register=with_bta(worlds.grant(terms=ANYONE)))[0] is False


OWN_USE = worlds.terms(onward=OnwardUse.OWN_USE)


@pytest.mark.parametrize(
    ("other", "asked", "denied"),
    [
        pytest.param(kept(replace(FRAME, grants=(worlds.grant(clause="9", terms=OWN_USE),))), {}, True, id="a frame says: own use only"),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(clause="8"), worlds.grant(clause="9", terms=OWN_USE)))),
            {},
            True,
            id="a second grant of the frame says so",
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(terms=worlds.terms(onward=OnwardUse.OWN_SUBSCRIBERS)),))),
            {},
            False,
            id="own subscribers is no denial",
        ),
        pytest.param(kept(replace(FRAME, grants=(out(terms=OWN_USE),))), {}, False, id="what we give for own use"),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(terms=OWN_USE, types=(ContentType.VIDEO,)),))), {}, False, id="own use of another type"
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(terms=OWN_USE, languages=("ru",)),))), {}, False, id="own use of another language"
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(terms=OWN_USE, topics=(SPORT,)),))), {}, False, id="own use of another subject"
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(clause="9", terms=OWN_USE, topics=(SPORT,)),))),
            {"topics": (ECONOMY, SPORT)},
            True,
            id="own use of one of its subjects",
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(clause="9", terms=OWN_USE, topics_out=(ECONOMY,)),))),
            {},
            True,
            id="own use, excluding its subject: that does not set it free",
        ),
        pytest.param(
            kept(replace(FRAME, parties=("vna", "azertac"), grants=(worlds.grant(terms=OWN_USE),))), {}, False, id="not with that source"
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(terms=OWN_USE),)), act("terminate", "2026-01-01")), {}, False, id="terminated since"
        ),
    ],
)
def test_no_onward_use_in_any_agreement_with_the_source_beats_its_stamp(other: Dossier, asked: dict[str, Any], denied: bool) -> None:
    """Z19"""
    allowed, reason, source = to_azertac(from_trc(), register=vna(TRC, AZERTAC, other), **asked)
    assert allowed is not denied
    if denied:
        assert (reason, source) == ("content of this kind from trc is for our own use only", "oana v1, 9")


@pytest.mark.parametrize(
    ("sources", "line", "allowed", "source"),
    [
        pytest.param((), None, True, "", id="our own"),
        pytest.param((from_trc(),), None, True, "", id="none is asked for"),
        pytest.param((from_trc(credit_line="{partner}"),), "TRC", True, "vna-trc-2025 v1, 2.1", id="it is there"),
        pytest.param((from_trc(credit_line="{partner}"),), None, False, "vna-trc-2025 v1, 2.1", id="it is missing"),
        pytest.param((from_trc(credit_line="{partner}"),), "", False, "vna-trc-2025 v1, 2.1", id="it is empty"),
        pytest.param((from_trc(credit_line="{partner}"),), " \n", False, "vna-trc-2025 v1, 2.1", id="it is blank"),
        pytest.param((from_trc(credit_line=""),), None, False, "vna-trc-2025 v1, 2.1", id="an empty template still asks for one"),
        pytest.param(
            (from_trc(), from_trc(clause="2.9", credit_line="{partner}")), None, False, "vna-trc-2025 v1, 2.9", id="the second source asks"
        ),
    ],
)
def test_the_credit_line(sources: tuple[Stamp, ...], line: str | None, allowed: bool, source: str) -> None:
    clearance = clear(subject(sources=sources, credit_line=line), TO_AZERTAC, BOTH, NOW)
    assert clearance.allowed is allowed
    assert refused(clearance) == (set() if allowed else {Clause.CREDIT})
    assert verdict(clearance, Clause.CREDIT).source == source


MARKED = EmbargoHandling.MARKED


def outgoing(embargo: EmbargoHandling, **changes: object) -> Register:
    """AZERTAC's agreement, with that handling of embargoes on what goes out, and TRC's."""
    grant = worlds.grant(clause="3.2", direction=Direction.OUTBOUND, terms=worlds.terms(embargo=embargo), **changes)
    return vna(replace(AZERTAC, grants=(grant,)), TRC)


@pytest.mark.parametrize(
    ("until", "ours", "sources", "allowed"),
    [
        pytest.param(None, EmbargoHandling.WITHHELD, (), True, id="no embargo"),
        pytest.param(NOW - TICK, EmbargoHandling.WITHHELD, (), True, id="the hour has passed"),
        pytest.param(NOW, EmbargoHandling.WITHHELD, (), True, id="Z04 T06 at the hour itself"),
        pytest.param(NOW + TICK, EmbargoHandling.WITHHELD, (), False, id="Z03 Z04 T06 the instant before the hour"),
        pytest.param(NOW + TICK, MARKED, (), True, id="our own, delivered marked"),
        pytest.param(NOW + TICK, MARKED, (from_trc(embargo=MARKED),), True, id="marked both ways"),
        pytest.param(NOW + TICK, MARKED, (from_trc(),), False, id="the source withholds"),
        pytest.param(NOW + TICK, EmbargoHandling.WITHHELD, (from_trc(embargo=MARKED),), False, id="we withhold"),
        pytest.param(NOW + TICK, MARKED, (from_trc(embargo=MARKED), from_trc()), False, id="one of two sources withholds"),
        pytest.param(NOW, EmbargoHandling.WITHHELD, (from_trc(),), True, id="withheld, and the hour has come"),
    ],
)
def test_embargo(until: datetime | None, ours: EmbargoHandling, sources: tuple[Stamp, ...], allowed: bool) -> None:
    """T02: by the clock that is passed in, and by no job."""
    clearance = clear(subject(embargo_until=until, sources=sources), TO_AZERTAC, outgoing(ours), NOW)
    assert clearance.allowed is allowed
    assert refused(clearance) == (set() if allowed else {Clause.EMBARGO})
    assert clearance.waits_only_for_embargo is not allowed
    assert ("under embargo until 2026-11-24 08:00 UTC" in clearance.duties) is (until is not None and until > NOW)


def test_an_embargo_is_marked_only_under_a_grant_that_covers_the_story() -> None:
    embargoed = subject(embargo_until=NOW + TICK)
    assert refused(clear(embargoed, TO_AZERTAC, outgoing(MARKED, types=(ContentType.VIDEO,)), NOW)) == {Clause.TYPE, Clause.EMBARGO}
    assert Clause.EMBARGO in refused(clear(embargoed, TO_AZERTAC, vna(), NOW))


def test_what_is_under_embargo_comes_in_with_that_duty() -> None:
    clearance = clear(subject(embargo_until=NOW + timedelta(hours=5)), IN, vna(TRC), NOW)
    assert clearance.allowed
    assert verdict(clearance, Clause.EMBARGO).reason == "it comes in; its embargo is until 2026-11-24 13:00 UTC"
    assert clearance.duties[-1] == "under embargo until 2026-11-24 13:00 UTC"


def test_an_embargo_in_the_hour_that_comes_twice() -> None:
    """T03: the second 01:30 of a November night in New York is an hour after the first; clocks are compared as moments."""
    york = ZoneInfo("America/New_York")
    first, second = (datetime(2026, 11, 1, 1, 30, tzinfo=york, fold=fold) for fold in (0, 1))
    assert not clear(subject(embargo_until=second), OUT, vna(TRC), first).allowed
    assert clear(subject(embargo_until=first), OUT, vna(TRC), second).allowed
    assert clear(subject(embargo_until=second), OUT, vna(TRC), first).duties[-1] == "under embargo until 2026-11-01 06:30 UTC"


def lapsed(dossier: Dossier) -> Register:
    """TRC's agreement in this form, and AZERTAC's."""
    return vna(dossier, AZERTAC)


ENDED = kept(TRC, act("terminate", "2026-11-24"))


@pytest.mark.parametrize(
    ("sources", "register", "allowed"),
    [
        pytest.param((), lapsed(ENDED), True, id="our own"),
        pytest.param((from_trc(),), BOTH, True, id="without a limit"),
        pytest.param((from_trc(use_days=2, at=NOW - timedelta(days=2) + TICK),), BOTH, True, id="the instant before its window ends"),
        pytest.param((from_trc(use_days=2),), BOTH, False, id="the instant its window ends"),
        pytest.param((from_trc(use_days=2, at=NOW - timedelta(days=2) - TICK),), BOTH, False, id="the instant after"),
        pytest.param((from_trc(use_days=3), from_trc(use_days=1)), BOTH, False, id="one of two windows has ended"),
        pytest.param((from_trc(use_days=0, at=NOW),), BOTH, False, id="no days of use"),
        pytest.param((from_trc(use_days=-(10**12)),), BOTH, False, id="less than none"),
        pytest.param((from_trc(use_days=10**12),), BOTH, True, id="more days than the calendar has"),
        pytest.param((from_trc(use_days=9_000_000),), BOTH, True, id="to the year 26,666"),
        pytest.param((from_trc(),), lapsed(ENDED), False, id="what it came under has ended"),
        pytest.param((from_trc(archive=True),), lapsed(ENDED), True, id="it has ended, but an archive was granted"),
        pytest.param((from_trc(archive=True, use_days=2),), lapsed(ENDED), False, id="an archive does not widen the window"),
        pytest.param((from_trc(archive=True), from_trc()), lapsed(ENDED), False, id="an archive for one of two sources"),
        pytest.param((from_trc(agreement="vna-trc-2014"),), BOTH, False, id="what it came under is not known"),
        pytest.param(
            (from_trc(agreement="vna-trc-2014"),),
            vna(worlds.agreement(reference="vna-trc-2014"), replace(TRC, succeeds="vna-trc-2014"), AZERTAC),
            True,
            id="what it came under has been succeeded, and that is in force",
        ),
        pytest.param((from_trc(),), lapsed(kept(TRC, act("suspend", "2026-11-24"))), False, id="what it came under is suspended"),
        pytest.param((from_trc(agreement="oana"),), vna(FRAME, AZERTAC), True, id="it came under a frame"),
        pytest.param(
            (from_trc(agreement="oana"),),
            vna(kept(FRAME, act("leave", "2026-11-23", "trc")), AZERTAC),
            False,
            id="they have left the frame",
        ),
        pytest.param(
            (from_trc(agreement="oana"),), vna(kept(FRAME, act("leave", "2026-11-23", "vna")), AZERTAC), False, id="we have left the frame"
        ),
        pytest.param(
            (from_trc(agreement="oana", archive=True),),
            vna(kept(FRAME, act("leave", "2026-11-23", "trc")), AZERTAC),
            True,
            id="they have left, but an archive was granted",
        ),
        pytest.param(
            (from_trc(agreement="oana"),),
            vna(Dossier((FRAME, replace(FRAME, version=2, since=date(2026, 11, 1), parties=("vna", "azertac")))), AZERTAC),
            False,
            id="its next version is without them",
        ),
    ],
)
def test_retention(sources: tuple[Stamp, ...], register: Register, allowed: bool) -> None:
    clearance = clear(subject(sources=sources), TO_AZERTAC, register, NOW)
    assert clearance.allowed is allowed
    assert refused(clearance) == (set() if allowed else {Clause.RETENTION})


def test_a_window_is_counted_in_days_of_24_hours() -> None:
    """T03: a window that spans the change of the clocks is no hour longer in New York than in UTC."""
    york = ZoneInfo("America/New_York")
    came = datetime(2026, 10, 31, 12, tzinfo=york)
    source = from_trc(use_days=1, at=came)
    end = came.astimezone(UTC) + timedelta(days=1)
    assert clear(subject(sources=(source,)), TO_AZERTAC, BOTH, (end - TICK).astimezone(york)).allowed
    assert not clear(subject(sources=(source,)), TO_AZERTAC, BOTH, end.astimezone(york)).allowed


def test_what_comes_in_is_not_asked_what_concerns_only_what_goes_out() -> None:
    sources = (from_trc(onward=OnwardUse.OWN_USE, credit_line="{partner}", use_days=0),)
    clearance = clear(subject(sources=sources, embargo_until=NOW + TICK), IN, vna(TRC), NOW)
    assert clearance.allowed
    said = {one.clause: one.reason for one in clearance.verdicts}
    assert said[Clause.ONWARD_USE] == "asked when it goes out"
    assert said[Clause.CREDIT] == "written when it is accepted"
    assert said[Clause.RETENTION] == "counted from when it comes in"


@pytest.mark.parametrize(
    ("terms", "flow", "duties"),
    [
        pytest.param(TERMS, IN, (), id="none"),
        pytest.param(
            replace(TERMS, credit_line="{author} / {partner}, {original}", credit_place=CreditPlace.BYLINE),
            OUT,
            ("the credit line is obligatory, as the byline: its author / vna, the address of the original",),
            id="credit line of ours, in words",
        ),
        pytest.param(replace(TERMS, use_days=30), IN, ("its use ends at 2026-12-24 08:00 UTC",), id="the end of its use, coming in"),
        pytest.param(replace(TERMS, use_days=30), OUT, ("its use ends 30 days after it was received",), id="the end of its use, going out"),
        pytest.param(replace(TERMS, use_days=10**12), IN, (), id="an end past the calendar's is none"),
        pytest.param(replace(TERMS, territory=("KZ", "VN")), IN, ("only in: KZ, VN",), id="territory"),
        pytest.param(replace(TERMS, not_territory=("US",)), IN, ("not in: US",), id="not in a territory"),
        pytest.param(replace(TERMS, machine_translation=False), IN, ("no translation by machine",), id="machine translation"),
        pytest.param(replace(TERMS, model_training=False), IN, ("no training of models",), id="model training"),
    ],
)
def test_the_duties_of_the_grant(terms: object, flow: Flow, duties: tuple[str, ...]) -> None:
    register = vna(replace(TRC, grants=(worlds.grant(direction=flow.direction, terms=terms),)))
    assert clear(subject(), flow, register, NOW).duties == duties
    assert clear(subject(type=ContentType.VIDEO), flow, register, NOW).duties == ()


@pytest.mark.parametrize(
    ("written", "called", "said"),
    [
        pytest.param("Photo: TRC", {"trc": "TRC"}, "Photo: TRC", id="written when it was accepted"),
        pytest.param(None, {"vna": "VNA"}, "trc", id="missing: as it is asked for"),
        pytest.param(None, {"trc": "TRC of Astana"}, "TRC of Astana", id="missing: as who asks for it is called"),
    ],
)
def test_the_credit_line_of_what_it_was_made_from_is_said_as_it_is_written(written: str | None, called: dict[str, str], said: str) -> None:
    clearance = clear(subject(sources=(from_trc(credit_line="{partner}"),), credit_line=written), TO_AZERTAC, BOTH, NOW, None, **called)
    assert f"the credit line is obligatory, after the text: {said}" in clearance.duties


@pytest.mark.parametrize(
    ("asked", "said"),
    [pytest.param("VNA", "written as it goes out", id="asked of them"), pytest.param(None, "none is asked for", id="not")],
)
def test_the_credit_line_of_our_own(asked: str | None, said: str) -> None:
    """What we ask for goes with our own stories; the clause and the duty say the same."""
    register = vna(replace(TRC, grants=(worlds.grant(direction=Direction.OUTBOUND, terms=replace(TERMS, credit_line=asked)),)))
    clearance = clear(subject(), OUT, register, NOW)
    assert verdict(clearance, Clause.CREDIT).reason == said
    assert any("credit line" in duty for duty in clearance.duties) is (asked is not None)


def test_what_it_was_made_from_hands_its_duties_on() -> None:
    register = vna(replace(AZERTAC, grants=(out(terms=TERMS),)), TRC)
    source = from_trc(use_days=30)
    one = replace(source, terms=replace(source.terms, territory=("VN",), machine_translation=True))
    other = replace(one, terms=replace(one.terms, territory=("KZ",)))
    assert clear(subject(sources=(one, other)), TO_AZERTAC, register, NOW).duties == (
        "its use ends at 2026-12-22 08:00 UTC",
        "only in: VN",
        "no training of models",
        "only in: KZ",
    )
