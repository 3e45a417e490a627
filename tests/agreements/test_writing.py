"""Values -> TOML -> the same values: whatever the register holds is written so that taking it back changes nothing."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.agreements import register, writing
from syndication.agreements.files import Files, activity, read
from syndication.agreements.keys import Table
from syndication.agreements.keys import read as read_table
from syndication.agreements.shapes import ACTIVITY
from syndication.errors import StorageError
from syndication.model.activity import Activity
from syndication.model.agreement import (
    Act,
    ActKind,
    Agreement,
    Alteration,
    ContentType,
    CreditPlace,
    Document,
    Dossier,
    EmbargoHandling,
    Grant,
    Measure,
    Obligation,
    OnwardUse,
    Period,
    ReviewTerm,
    Term,
    Terms,
)
from syndication.model.partner import Category, Direction, Flow, FlowState, Markers, Partner
from syndication.storage import activities, agreements
from syndication.storage.database import Database
from tests import worlds

CONFIG = Path(__file__).parents[2] / "config"
DAY = st.dates(date(1990, 1, 1), date(2040, 1, 1))
WORDS = st.text("aĐə'\"\\#=[]{}.,:% 01中", min_size=1, max_size=12).map(str.strip).filter(bool)
LINES = st.text("ab\"\\\n\t'", min_size=1, max_size=20).map(str.strip).filter(bool)
CREDIT = st.sampled_from(("{partner}", 'by "{author}"', "{original} / {partner}", "VNA"))
TOPIC = st.sampled_from(("medtop:15000000", "medtop:04000000", "trc:sport", "azertac:i̇dman"))


def some(of: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(of, min_size=least, max_size=3, unique=True).map(tuple)


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


TYPES = st.sampled_from(ContentType)
LANGUAGES = st.sampled_from(("en", "vi", "pt-BR", "*"))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    direction = draw(st.sampled_from(Direction))
    onward = draw(st.sampled_from(OnwardUse))
    credit, archive = draw(maybe(CREDIT)), draw(st.booleans())
    terms = Terms(
        onward,
        draw(st.sampled_from(Alteration)),
        onward_partners=draw(some(st.sampled_from(("trc", "azertac")), 1)) if onward is OnwardUse.NAMED_PARTNERS else (),
        credit_line=credit,
        embargo=draw(st.sampled_from(EmbargoHandling)),
        use_days=draw(maybe(st.integers(1, 900))),
        archive=archive,
        territory=draw(some(st.sampled_from(("VN", "KZ")))),
        not_territory=draw(some(st.sampled_from(("RU", "FR")))),
        machine_translation=draw(st.booleans()),
        model_training=draw(st.booleans()),
        credit_place=draw(st.sampled_from(CreditPlace)) if credit else CreditPlace.END,
        delete_at_end=not archive and draw(st.booleans()),
        review=draw(st.sampled_from(ReviewTerm)) if direction is Direction.INBOUND else ReviewTerm.EDITOR,
        priority=direction is Direction.INBOUND and draw(st.booleans()),
    )
    topics = draw(some(TOPIC | st.just("*"), 1))
    return Grant(draw(WORDS), direction, draw(some(TYPES, 1)), draw(some(LANGUAGES, 1)), topics, draw(some(TOPIC)), terms)


@st.composite
def obligations(draw: st.DrawFn) -> Obligation:
    plain = Obligation(draw(WORDS), draw(st.sampled_from(Direction)), draw(WORDS))
    match draw(st.sampled_from(("counted", "report", "time"))):
        case "time":
            return replace(plain, within_minutes=draw(st.integers(1, 9_000)))
        case "report":
            return replace(plain, period=draw(st.sampled_from(Period)))
        case _:
            return replace(
                plain,
                at_least=draw(st.integers(1, 50)),
                at_most=draw(maybe(st.integers(50, 99))) if plain.by is Direction.INBOUND else None,
                period=draw(st.sampled_from(Period)),
                measure=draw(st.sampled_from(Measure)),
                types=draw(some(TYPES)),
                languages=draw(some(LANGUAGES)),
            )


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    effective = draw(DAY)
    term = Term(effective, zone=draw(st.sampled_from(("UTC", "Asia/Baku"))))
    if draw(st.booleans()):
        term = replace(term, until=effective + timedelta(days=draw(st.integers(0, 900))), grace_days=draw(st.integers(0, 60)))
        if draw(st.booleans()):
            term = replace(term, renewal_months=draw(st.integers(1, 60)), notice_days=draw(st.integers(0, 200)))
    first = Agreement(
        reference="vna-trc",
        version=1,
        since=effective,
        title=draw(WORDS),
        parties=tuple(draw(st.permutations(["vna", "trc"]))),
        term=term,
        grants=draw(some(grants())),
        signed_on=draw(DAY),
        signed_at=draw(maybe(WORDS)),
        languages=draw(some(st.sampled_from(("vi", "kk")))),
        obligations=draw(some(obligations())),
        documents=draw(some(st.builds(Document, WORDS, st.sampled_from(("a" * 64, "0" * 64))))),
        clauses=draw(some(WORDS)),
        assumptions=draw(some(WORDS)),
    )
    versions = [first]
    for number in range(2, draw(st.integers(1, 3)) + 1):
        again = replace(versions[-1], version=number, since=versions[-1].since + timedelta(days=1), grants=draw(some(grants())))
        versions.append(replace(again, term=replace(again.term, until=None, renewal_months=None, notice_days=0, grace_days=0)))
    if len(versions) > 1 and draw(st.booleans()):
        versions[-1] = replace(versions[-1], signed_on=None)
    start = effective + timedelta(days=10)
    suspended = Act(ActKind.SUSPEND, start, draw(WORDS), draw(maybe(WORDS)))
    joined = Act(ActKind.JOIN, start, draw(WORDS), party="azertac")
    acts = draw(st.sampled_from(((), (suspended,), (suspended, replace(suspended, kind=ActKind.RESUME), joined))))
    return Dossier(tuple(versions), acts)


def categories(*names: str) -> tuple[Category, ...]:
    return tuple(Category(name, ("medtop:15000000",)) for name in names)


PARTNERS = (
    Partner("azertac", "AZERTAC", "AZ", categories=categories("İdman")),
    Partner("trc", "TRC", "KZ", categories=categories("Sport"), markers=Markers(kill=("KILL:",), hold=("HOLD", "Ұста"))),
)
HELD = {"kind": WORDS, "title": WORDS, "on": maybe(DAY), "place": maybe(WORDS), "who": some(WORDS), "outcome": maybe(WORDS)}
HELD |= {"minutes": maybe(LINES)}


@st.composite
def activities_held(draw: st.DrawFn) -> Activity:
    told = {key: value for key, value in ((key, draw(one)) for key, one in HELD.items()) if value not in (None, ())}
    told["who"] = list(told.get("who", ()))
    return activity(read_table(Table("", "", told, []), ACTIVITY), "vna-trc")


@st.composite
def flows(draw: st.DrawFn) -> tuple[Flow, ...]:
    state = draw(st.sampled_from((FlowState.OPEN, FlowState.PAUSED)))
    inbound = worlds.flow(agreement="vna-trc", title=draw(WORDS), interval=timedelta(minutes=draw(st.integers(1, 90))), state=state)
    return draw(st.sampled_from(((), (inbound,), (inbound, worlds.outbound(agreement="vna-trc", topics=())))))


def folder_of(held: Files, folder: Path) -> Path:
    """What `export` writes, without a database."""
    for name in ("partners", "agreements"):
        (folder / name).mkdir()
    for one in held.partners:
        given = writing.partner(one, [flow for flow in held.flows if flow.partner == one.id])
        (folder / "partners" / f"{one.id}.toml").write_text(writing.toml(given), encoding="utf-8")
    for dossier in held.agreements:
        given = writing.agreement(dossier, [one for one in held.activities if one.agreement == dossier.reference])
        (folder / "agreements" / f"{dossier.reference}.toml").write_text(writing.toml(given), encoding="utf-8")
    return folder


@settings(max_examples=80, deadline=None)
@given(dossiers(), st.lists(activities_held(), max_size=3, unique_by=lambda one: one.id), flows())
def test_what_is_written_is_read_back(dossier: Dossier, held: Sequence[Activity], streams: tuple[Flow, ...]) -> None:
    """The last version, every act, every activity, every flow."""
    meant = Files(PARTNERS, streams, (Dossier(dossier.versions[-1:], dossier.acts),), tuple(held))
    with tempfile.TemporaryDirectory() as folder:
        assert read(folder_of(replace(meant, agreements=(dossier,)), Path(folder)), "vna") == meant


def exported(database: Database, folder: Path) -> Files:
    """What the register is written as, read back."""
    with database.read() as tx:
        texts = register.export(tx, worlds.AGENCY)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read(folder, worlds.AGENCY)


def unchanged(database: Database, files: Files) -> bool:
    """Taking these files would change nothing."""
    with database.read() as tx:
        return register.plan(tx, files) == ()


def test_the_shipped_example_goes_out_and_comes_back(database: Database, tmp_path: Path) -> None:
    with database.write() as tx:
        register.apply(tx, read(CONFIG, worlds.AGENCY), worlds.NOW, "mai")
    assert unchanged(database, exported(database, tmp_path))


def test_versions_acts_drafts_and_what_the_desk_entered_come_back(database: Database, tmp_path: Path) -> None:
    """A second version that is a draft, an act from before, an activity under an id of the desk's, a closed flow."""
    amended = worlds.agreement(version=2, since=date(2027, 1, 1), signed_on=None)
    suspended = Act(ActKind.SUSPEND, date(2026, 1, 1), "talks", "the director")
    with database.write() as tx:
        plain = Files((worlds.partner(),), (worlds.flow(), worlds.outbound()), (worlds.dossier(acts=(suspended,)),))
        register.apply(tx, plain, worlds.NOW, "mai")
        register.apply(tx, replace(plain, flows=(worlds.outbound(),)), worlds.NOW, "mai")
        agreements.sign(tx, amended, worlds.NOW, "mai")
        for number in (1, 2):
            told = Activity(f"a_{number}", worlds.REFERENCE, "meeting", "Talks", outcome=f"round {number}")
            activities.note(tx, told, worlds.NOW, "mai")
    back = exported(database, tmp_path)
    assert unchanged(database, back)
    assert back.agreements == (Dossier((amended,), (suspended,)),)
    assert [flow.id for flow in back.flows] == ["to-trc"]
    assert [one.outcome for one in back.activities] == ["round 1", "round 2"]


def test_a_change_of_what_was_written_is_a_change(database: Database, tmp_path: Path) -> None:
    """The positive control: the round trip is seen to fail."""
    with database.write() as tx:
        register.apply(tx, read(CONFIG, worlds.AGENCY), worlds.NOW, "mai")
    back = exported(database, tmp_path)
    assert not unchanged(database, replace(back, flows=back.flows[1:]))


def test_nothing_is_exported_while_an_agreement_cannot_be_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without it would say that there is none."""
    with database.write() as tx:
        agreements.sign(tx, worlds.agreement(), worlds.NOW, "mai")
    monkeypatch.setattr("syndication.storage.agreements.read_whole", _refusing)
    with pytest.raises(StorageError, match="nothing is exported"), database.read() as tx:
        register.export(tx, worlds.AGENCY)


def _refusing(_kind: type, _text: str) -> None:
    raise StorageError("damaged")
