"""What goes with a publication is in nothing wider than any of the terms it comes from; and nothing is narrower than it must be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.agreements.rights import credits, narrowed
from syndication.model.agreement import Alteration, CreditPlace, OnwardUse, Stamp, Terms
from syndication.model.rights import Credit, Rights
from tests.worlds import NOW, content, out_stamp, stamp, terms

PARTNERS, PLACES = ("azertac", "bta", "kpl"), ("AZ", "KZ", "RU", "VN")
some_partners = st.sets(st.sampled_from(PARTNERS)).map(sorted).map(tuple)
some_places = st.sets(st.sampled_from(PLACES)).map(sorted).map(tuple)
all_terms = st.builds(
    Terms,
    onward=st.sampled_from(OnwardUse),
    alteration=st.sampled_from(Alteration),
    onward_partners=some_partners,
    use_days=st.none() | st.integers(0, 60) | st.just(10**12),
    archive=st.booleans(),
    territory=some_places,
    not_territory=some_places,
    machine_translation=st.booleans(),
    model_training=st.booleans(),
    delete_at_end=st.booleans(),
)
moments = st.integers(0, 40).map(lambda days: NOW - timedelta(days=days))
stamps = st.builds(lambda terms, at: stamp(terms=terms, at=at), all_terms, moments)

RECIPIENTS = ("subscriber", "somebody", *PARTNERS)
STEPS = {
    Alteration.NONE: (),
    Alteration.ABRIDGE: ("cut",),
    Alteration.TRANSLATE: ("cut", "turn"),
    Alteration.FREE: ("cut", "turn", "rewrite"),
}


def deeds(
    onward: OnwardUse, partners: tuple[str, ...], alteration: Alteration, everywhere: bool, places: tuple[str, ...], out: tuple[str, ...]
) -> set[tuple[str, str]]:
    """Everything that these terms let one do, one by one: the oracle knows sets, not enums in order."""
    to = {
        OnwardUse.OWN_USE: set(),
        OnwardUse.OWN_SUBSCRIBERS: {"subscriber"},
        OnwardUse.NAMED_PARTNERS: {"subscriber", *partners},
        OnwardUse.ANYONE: set(RECIPIENTS),
    }[onward]
    where = set(PLACES if everywhere else places) - set(out)
    return {("give", one) for one in to} | {("alter", one) for one in STEPS[alteration]} | {("show in", one) for one in where}


def of_terms(one: Terms) -> set[tuple[str, str]]:
    """What a grant lets one do."""
    machines = {("by machine", "turn")} if one.machine_translation else set()
    machines |= {("by machine", "train")} if one.model_training else set()
    after = {("after", "the end")} if one.archive else set()
    return deeds(one.onward, one.onward_partners, one.alteration, not one.territory, one.territory, one.not_territory) | machines | after


def of_rights(one: Rights) -> set[tuple[str, str]]:
    """What is told to the receiver."""
    machines = {("by machine", "turn")} if one.machine_translation else set()
    machines |= {("by machine", "train")} if one.model_training else set()
    after = {("after", "the end")} if one.archive else set()
    places = deeds(one.onward, one.onward_partners, one.alteration, one.territory is None, one.territory or (), one.not_territory)
    return places | machines | after


@given(all_terms, st.lists(stamps, max_size=3), moments, moments)
def test_it_lets_one_do_what_all_of_them_do_and_nothing_else(own: Terms, sources: list[Stamp], at: datetime, published: datetime) -> None:
    """S22: never wider than any source, and no narrower than all of them together."""
    found = narrowed(out_stamp(terms=own, at=at), sources, published)
    assert of_rights(found) == set.intersection(*(of_terms(one) for one in (own, *(source.terms for source in sources))))


@given(all_terms, st.lists(stamps, max_size=3), moments, moments)
def test_its_use_ends_when_the_first_of_them_does(own: Terms, sources: list[Stamp], at: datetime, published: datetime) -> None:
    found = narrowed(out_stamp(terms=own, at=at), sources, published)
    windows = [(own.use_days, max(at, published)), *((source.terms.use_days, source.at) for source in sources)]
    for hours in range(0, 24 * 120, 12):
        moment = NOW - timedelta(days=40) + timedelta(hours=hours)
        open_in_all = all(days is None or (moment - start) < timedelta(days=min(days, 10**6)) for days, start in windows)
        assert (found.use_until is None or moment < found.use_until) == open_in_all


@given(all_terms, st.permutations([stamp(terms=terms(onward=one)) for one in OnwardUse]))
def test_the_order_of_the_sources_is_of_no_account(own: Terms, sources: list[Stamp]) -> None:
    assert narrowed(out_stamp(terms=own), sources, NOW) == narrowed(out_stamp(terms=own), sources[::-1], NOW)


NAMED = OnwardUse.NAMED_PARTNERS
AZ_BTA = terms(onward=NAMED, onward_partners=("bta", "azertac"))
ANYONE = terms(onward=OnwardUse.ANYONE)


@pytest.mark.parametrize(
    ("its", "onward", "to"),
    [
        pytest.param((ANYONE, terms()), OnwardUse.OWN_SUBSCRIBERS, (), id="a source for own subscribers"),
        pytest.param((terms(), ANYONE), OnwardUse.OWN_SUBSCRIBERS, (), id="itself for own subscribers"),
        pytest.param((ANYONE, terms(onward=OnwardUse.OWN_USE), AZ_BTA), OnwardUse.OWN_USE, (), id="one of two sources for own use"),
        pytest.param((ANYONE, ANYONE), OnwardUse.ANYONE, (), id="both for anyone"),
        pytest.param((AZ_BTA, ANYONE), NAMED, ("azertac", "bta"), id="the partners it names"),
        pytest.param((AZ_BTA, terms(onward=NAMED, onward_partners=("kpl", "bta"))), NAMED, ("bta",), id="the partner whom both name"),
        pytest.param(
            (AZ_BTA, terms(onward=NAMED, onward_partners=("kpl",))), OnwardUse.OWN_SUBSCRIBERS, (), id="no partner whom both name"
        ),
        pytest.param((AZ_BTA, terms()), OnwardUse.OWN_SUBSCRIBERS, (), id="named partners, and own subscribers"),
    ],
)
def test_whom_it_may_be_given_on_to(its: tuple[Terms, ...], onward: OnwardUse, to: tuple[str, ...]) -> None:
    own, *sources = its
    found = narrowed(out_stamp(terms=own), [stamp(terms=one) for one in sources], NOW)
    assert (found.onward, found.onward_partners) == (onward, to)


@pytest.mark.parametrize(
    ("own", "source", "alteration"),
    [
        pytest.param(Alteration.FREE, Alteration.ABRIDGE, Alteration.ABRIDGE, id="the source's"),
        pytest.param(Alteration.NONE, Alteration.ABRIDGE, Alteration.NONE, id="its own"),
        pytest.param(Alteration.TRANSLATE, Alteration.FREE, Alteration.TRANSLATE, id="translated, and not freely altered"),
    ],
)
def test_the_narrowest_alteration(own: Alteration, source: Alteration, alteration: Alteration) -> None:
    assert narrowed(out_stamp(terms=terms(alteration=own)), [stamp(terms=terms(alteration=source))], NOW).alteration is alteration


@pytest.mark.parametrize("term", ["archive", "machine_translation", "model_training"])
@pytest.mark.parametrize(("own", "source"), list(product((True, False), repeat=2)))
def test_what_both_must_allow(term: str, own: bool, source: bool) -> None:
    found = narrowed(out_stamp(terms=terms(**{term: own})), [stamp(terms=terms(**{term: source}))], NOW)
    assert getattr(found, term) is (own and source)


def test_what_one_excludes_is_excluded() -> None:
    found = narrowed(out_stamp(terms=terms(not_territory=("KZ",))), [stamp(terms=terms(not_territory=("AZ", "KZ")))], NOW)
    assert found.not_territory == ("AZ", "KZ")


def test_its_window_runs_from_when_the_partner_could_have_it() -> None:
    """That of what it was made from, since that came in."""
    two_days = terms(use_days=2)
    later = NOW + timedelta(days=1)
    assert narrowed(out_stamp(terms=two_days), [], later).use_until == NOW + timedelta(days=3)
    assert narrowed(out_stamp(terms=two_days), [stamp(terms=two_days)], later).use_until == NOW + timedelta(days=2)


def test_one_that_deletes_is_enough() -> None:
    for own, source in product((True, False), repeat=2):
        found = narrowed(out_stamp(terms=terms(delete_at_end=own)), [stamp(terms=terms(delete_at_end=source))], NOW)
        assert found.delete_at_end == (own or source)


def test_two_places_apart_are_nowhere_and_not_everywhere() -> None:
    found = narrowed(out_stamp(terms=terms(territory=("KZ",))), [stamp(terms=terms(territory=("VN",)))], NOW)
    assert found.territory == ()
    assert narrowed(out_stamp(), [stamp()], NOW).territory is None


def test_a_moment_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zone"):
        narrowed(out_stamp(terms=terms(use_days=1), at=datetime(2026, 1, 1)), [], datetime(2026, 1, 2))  # noqa: DTZ001 - that is the point
    assert narrowed(out_stamp(terms=terms(use_days=1)), [], NOW).use_until == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "asked", "sources", "owed"),
    [
        pytest.param(None, None, (), (), id="none is owed"),
        pytest.param(None, "{partner}", (), (Credit("VNA", CreditPlace.END),), id="ours, by our name"),
        pytest.param(None, "{author}", (), (Credit("Aigerim Bek", CreditPlace.END),), id="ours, by its author"),
        pytest.param("TRC", None, (CreditPlace.START,), (Credit("TRC", CreditPlace.START),), id="the partner's, in its place"),
        pytest.param("TRC", "VNA", (), (Credit("TRC", CreditPlace.END), Credit("VNA", CreditPlace.END)), id="both, the origin first"),
        pytest.param("VNA", "VNA", (), (Credit("VNA", CreditPlace.END),), id="the same one once"),
    ],
)
def test_credit_lines(written: str | None, asked: str | None, sources: tuple[CreditPlace, ...], owed: tuple[Credit, ...]) -> None:
    made_from = [stamp(terms=terms(credit_line="{partner}", credit_place=place)) for place in sources]
    told = credits(content(credit_line=written), out_stamp(terms=terms(credit_line=asked)), made_from, "VNA")
    assert told == owed


@pytest.mark.parametrize(
    ("link", "line"),
    [
        pytest.param("https://vna.example/1", "A. Bek, B. Lan / VNA: https://vna.example/1", id="with its address"),
        pytest.param(None, "A. Bek, B. Lan / VNA: ", id="without one"),
    ],
)
def test_ours_by_all_its_authors_and_its_address(link: str | None, line: str) -> None:
    asked = out_stamp(terms=terms(credit_line="{author} / {partner}: {original}"))
    (owed,) = credits(content(byline=("A. Bek", "B. Lan"), link=link), asked, [], "VNA")
    assert owed.line == line


def test_the_place_of_ours_is_as_the_agreement_says() -> None:
    own = out_stamp(terms=replace(terms(), credit_line="VNA", credit_place=CreditPlace.BYLINE))
    assert credits(content(), own, [], "VNA") == (Credit("VNA", CreditPlace.BYLINE),)
