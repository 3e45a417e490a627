"""An agreement written down and read again says the same; one written at the desk is read like a file, with the line of each fault."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from syndication.agreements import writing
from syndication.agreements.files import line_of, read, read_text
from syndication.agreements.shapes import AGREEMENT, GRANT, OBLIGATION, TERM
from syndication.errors import ConfigError, Fault
from syndication.model.activity import Activity
from syndication.model.agreement import (
    Act,
    ActKind,
    ContentType,
    CreditPlace,
    Document,
    Dossier,
    EmbargoHandling,
    Measure,
    Obligation,
    OnwardUse,
    Period,
    ReviewTerm,
)
from syndication.model.partner import Direction
from tests import worlds

CONFIG = Path(__file__).parents[2] / "config"


def as_toml(dossier: Dossier, activities: tuple[Activity, ...] = ()) -> str:
    """The text of its file."""
    return writing.toml(writing.agreement(dossier, activities))


PARTNERS = (
    writing.partner(worlds.partner(), (worlds.flow(), worlds.outbound())),
    writing.partner(worlds.partner(id="azertac", categories=()), ()),
)
FULL = worlds.agreement(
    reference="vna-trc-full",
    version=2,
    since=date(2026, 1, 1),
    title='Exchange, "as it is called"',
    languages=("vi", "kk"),
    term=worlds.term(until=date(2028, 5, 5), renewal_months=12, notice_days=90, grace_days=30),
    grants=(
        worlds.grant(
            languages=("*",),
            topics=("medtop:04000000", "trc:sport"),
            topics_out=("medtop:02000000",),
            terms=worlds.terms(
                onward=OnwardUse.NAMED_PARTNERS,
                onward_partners=("azertac",),
                credit_line="{partner} \\ {author}",
                credit_place=CreditPlace.BYLINE,
                embargo=EmbargoHandling.MARKED,
                use_days=30,
                delete_at_end=True,
                territory=("VN",),
                not_territory=("CN",),
                machine_translation=True,
                model_training=True,
                review=ReviewTerm.AUTOMATIC,
                priority=True,
            ),
        ),
        worlds.grant(clause="2.2", direction=Direction.OUTBOUND, terms=worlds.terms(archive=True)),
    ),
    obligations=(
        Obligation("4.1", Direction.OUTBOUND, "texts", 10, 40, Period.DAY, types=(ContentType.TEXT,), languages=("en",)),
        Obligation("4.2", Direction.INBOUND, "published", 1, None, Period.MONTH, Measure.PUBLISHED),
        Obligation("4.3", Direction.INBOUND, "kills", within_minutes=15),
    ),
    documents=(Document("signed.pdf", "d" * 64),),
    clauses=("Costs: each its own.",),
    assumptions=("The end.",),
    succeeds="vna-trc-2025",
)
ACTS = (Act(ActKind.SUSPEND, date(2026, 2, 1), "talks", "Director General"), Act(ActKind.RESUME, date(2026, 3, 1), "agreed"))
HELD = Activity(
    "a_1",
    "vna-trc-full",
    "meeting",
    "Talks",
    date(2026, 1, 2),
    date(2026, 1, 3),
    "Hà Nội",
    ("Mai", "Lan"),
    "agreed",
    "1. Costs.\n2. Staff.",
)


def known() -> list[dict[str, object]]:
    return [writing.agreement(Dossier((worlds.agreement(since=date(2020, 1, 1), term=worlds.term(effective=date(2020, 1, 1))),)))]


def test_what_is_written_down_is_read_as_the_same() -> None:
    stated = Dossier((FULL,), ACTS)
    files = read_text(as_toml(stated, (HELD,)), "vna", PARTNERS, known())
    assert (files.partners, files.flows, files.agreements) == ((), (), (stated,))
    assert [replace(one, id="a_1") for one in files.activities] == [HELD]


def test_the_shipped_example_is_written_down_and_read_as_the_same() -> None:
    files = read(CONFIG, "vna")
    partners = [writing.partner(one, [flow for flow in files.flows if flow.partner == one.id]) for one in files.partners]
    given = [writing.agreement(dossier) for dossier in files.agreements]
    for dossier in files.agreements:
        assert read_text(as_toml(dossier), "vna", partners, given).agreements == (dossier,)


def test_every_key_is_written() -> None:
    """A key that is new in `shapes` is to be in the example above, and so in what is written."""
    given = writing.agreement(Dossier((FULL,), ACTS), (HELD,))
    assert set(given) == set(AGREEMENT) - {"under"}
    assert {key for grant in given["grants"] for key in grant} == set(GRANT)
    assert {key for duty in given["obligations"] for key in duty} == set(OBLIGATION)
    assert set(given["term"]) == set(TERM)


def test_what_a_value_would_be_anyway_is_left_out() -> None:
    """Neither what is empty or false, nor what has its default."""
    assert writing.grant(worlds.grant()) == {
        "clause": "2.1",
        "direction": "in",
        "types": ["text", "picture"],
        "languages": ["en"],
        "topics": ["*"],
        "onward_use": "own-subscribers",
        "alteration": "abridge",
    }
    (given,) = writing.partner(worlds.partner(), (worlds.outbound(),))["flows"]
    named = {"id": "to-trc", "direction": "out", "agreement": worlds.REFERENCE, "title": "VNA for TRC"}
    assert given == {**named, "languages": ["en", "vi"]}


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [pytest.param(30, 1, id="half a minute"), pytest.param(60, 1, id="a minute"), pytest.param(150, 2, id="two and a half")],
)
def test_how_often_a_flow_is_polled_is_written_in_whole_minutes(seconds: int, minutes: int) -> None:
    (given,) = writing.partner(worlds.partner(), (worlds.flow(interval=timedelta(seconds=seconds)),))["flows"]
    assert given["interval_minutes"] == minutes


def test_minutes_of_a_meeting_stand_in_lines() -> None:
    assert writing.toml({"minutes": "1. Costs.\n2. Staff."}).splitlines() == ['minutes = """', "1. Costs.", '2. Staff."""']


def faults(text: str) -> list[tuple[str, str, str, int | None]]:
    with pytest.raises(ConfigError) as refused:
        read_text(text, "vna", PARTNERS, known())
    return [(one.file, one.key, one.message, line_of(text, one)) for one in refused.value.faults]


TEXT = as_toml(Dossier((FULL,), ACTS))


@pytest.mark.parametrize(
    ("old", "new", "key", "message", "on"),
    [
        pytest.param(
            'onward_use = "named', 'onward_use = "name', "grants[0].onward_use", "did you mean 'named-partners'?", "onward_use", id="a word"
        ),
        pytest.param("use_days", "use_dais", "grants[0].use_dais", "is no key here; did you mean 'use_days'?", "use_dais", id="a key"),
        pytest.param(
            '"azertac"', '"azertak"', "grants[0].onward_partners[0]", "did you mean 'azertac'?", "onward_partners", id="a partner"
        ),
        pytest.param('clause = "2.2"\n', "", "grants[1].clause", "is missing", None, id="a key of a table that is not there"),
        pytest.param("until = 2028-05-05", "until = 2024-05-05", "term.until", "before it begins", "until =", id="a day"),
        pytest.param('"vna-trc-2025"', '"vna-trc-2024"', "succeeds", "did you mean 'vna-trc-2025'?", "succeeds", id="an agreement"),
        pytest.param('"trc:sport"', '"trc:sports"', "grants[0].topics[1]", "did you mean 'trc:sport'?", "topics =", id="a category"),
        pytest.param("renewal_months = 12", "renewal_months = ", "", "is no TOML", "renewal_months", id="no TOML"),
    ],
)
def test_a_fault_is_told_with_its_key_and_its_line(old: str, new: str, key: str, message: str, on: str | None) -> None:
    text = TEXT.replace(old, new, 1)
    (found,) = faults(text)[:1]
    assert found[:2] == ("", key)
    assert message in found[2]
    assert found[3] is not None
    assert (on or "[[grants]]") in text.splitlines()[found[3] - 1]


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("use_days", "use_dais").replace('"trc:sport"', '"trc:sports"').replace('    "trc",', '    "trk",')
    assert {key for _, key, _, _ in faults(text)} == {"grants[0].use_dais", "parties[1]", "grants[0].topics[1]", "succeeds"}


def test_what_would_not_fit_elsewhere_is_told_there() -> None:
    """A flow of TRC's names the agreement, so TRC stays a party of it."""
    text = as_toml(Dossier((worlds.agreement(version=2, since=date(2026, 1, 1), parties=("vna", "azertac")),)))
    found = faults(text)
    assert [(file, key) for file, key, _, _ in found] == [("partners/trc", "flows[0].agreement"), ("partners/trc", "flows[1].agreement")]
    assert "does not name the partner 'trc'" in found[0][2]


def test_what_would_not_fit_another_agreement_is_told_there() -> None:
    """What succeeds it would begin before it."""
    later = worlds.agreement(
        reference="later", since=date(2025, 1, 1), succeeds="vna-trc-2025", term=worlds.term(effective=date(2025, 1, 1))
    )
    text = as_toml(Dossier((worlds.agreement(since=date(2025, 1, 1), term=worlds.term(effective=date(2025, 1, 1))),)))
    with pytest.raises(ConfigError) as refused:
        read_text(text, "vna", PARTNERS, [*known(), writing.agreement(Dossier((later,)))])
    said = "it begins on 2025-01-01, and 'vna-trc-2025', before it, only on 2025-01-01"
    assert refused.value.faults == (Fault("later", "succeeds", said),)


def test_half_a_character_is_no_text() -> None:
    """What a browser may send for a sign that it cut in two."""
    assert faults('title = "x"\n\ud83d = 1')[0][2].startswith("is no TOML: ")


def test_what_was_wrong_before_is_not_told_of_what_is_written() -> None:
    """Another agreement names a partner that is gone: that is not the fault of this one."""
    lost = writing.agreement(Dossier((worlds.agreement(reference="lost", parties=("vna", "gone")),)))
    assert read_text(TEXT, "vna", PARTNERS, [*known(), lost]).agreements[0].reference == "vna-trc-full"


def test_nothing_at_all_is_told() -> None:
    assert faults("") == [("", "", "is empty", None)]
    assert faults("# only a comment\n")[0][2] == "is empty"


def test_the_line_of_the_table_where_the_key_is_not_there() -> None:
    text = 'a = 1\n[[grants]]\nclause = "1"\n\n[[grants]]\nclause = "2"\n'
    assert line_of(text, Fault("", "grants[1].types", "is missing")) == 5
    assert line_of(text, Fault("", "grants[0].clause", "x")) == 3
    assert line_of(text, Fault("", "a", "x")) == 1
    assert line_of(text, Fault("", "b", "x")) is None
    assert line_of(text, Fault("", "clause", "x")) is None
    assert line_of(text, Fault("", "grants[0].a", "x")) == 2
    assert line_of(text, Fault("", "acts[3]", "x")) is None
