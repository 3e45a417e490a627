"""Decisions asked again: a history of real ones agrees; whatever of it is altered behind the program's back is named."""

from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest
from hypothesis import given, settings
from sqlalchemy import text

from syndication.agreements.audit import GONE, Comparison, Finding, compare, verify
from syndication.agreements.decision import ask, decision, inputs
from syndication.agreements.governing import Standing
from syndication.model.agreement import ActKind, ContentType, Register
from syndication.model.clearance import Clause, Subject, Usage, Verdict
from syndication.model.entry import Tombstone
from syndication.model.event import Decision
from syndication.model.partner import Direction, Flow
from syndication.review.desk import Desk
from syndication.storage import agreements, events
from syndication.storage.database import Database
from tests import worlds
from tests.agreements.builders import NOW, TO_AZERTAC, from_trc, subject, vna
from tests.agreements.test_gate_properties import MOMENTS, flows, registers, subjects
from tests.web.exchange import AGREEMENTS, FROM_AZERTAC, Exchange, guid, story

REGISTER = replace(vna(worlds.agreement(), worlds.agreement(reference="vna-azertac-2025", parties=("vna", "azertac"))), revision=2)
STANDING = Standing(REGISTER, NOW)


def made(facts: Subject, flow: Flow = TO_AZERTAC, standing: Standing = STANDING, used: Usage | None = None) -> Decision:
    return decision(ask(facts, flow, standing, used), subject="s_1", version=1, headline="A headline", mark="f" * 64)


OURS = made(subject(sources=(from_trc(),)))


def with_verdict(clause: Clause, **changes: object) -> tuple[Verdict, ...]:
    return tuple(replace(one, **changes) if one.clause is clause else one for one in OURS.verdicts)  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(subjects, flows, registers(), MOMENTS)
def test_whatever_the_gate_answered_it_answers_again(facts: Subject, flow: Flow, register: Register, at: object) -> None:
    standing = Standing(register, at)  # type: ignore[arg-type]
    assert compare(made(facts, flow, standing), standing) == Comparison()


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        pytest.param({"allowed": False}, "allowed: kept refused; asked again, allowed", id="the answer"),
        pytest.param({"agreement_version": 2}, "under: kept vna-azertac-2025 v2, 2.2; asked again, vna-azertac-2025 v1, 2.2", id="version"),
        pytest.param({"agreement": None}, "under: kept nothing", id="the agreement"),
        pytest.param({"clause": "9"}, "under: kept vna-azertac-2025 v1, 9", id="the clause"),
        pytest.param(
            {"verdicts": with_verdict(Clause.TYPE, allowed=False)}, "type: kept refused by vna-azertac-2025 v1, 2.2; asked", id="a verdict"
        ),
        pytest.param(
            {"verdicts": with_verdict(Clause.ONWARD_USE, source="")}, "onward use: kept allowed; asked again, allowed by", id="where"
        ),
        pytest.param({"verdicts": OURS.verdicts[1:]}, "clauses: others", id="a verdict fewer"),
        pytest.param({"inputs": "0" * 64}, "inputs: the hash", id="the hash"),
        pytest.param({"facts": subject(sources=())}, "inputs: the hash", id="the facts"),
        pytest.param({"used": Usage((1,))}, "inputs: the hash", id="the counts"),
        pytest.param({"at": worlds.NOW.replace(hour=9)}, "inputs: the hash", id="the moment"),
        pytest.param({"register": 1}, "inputs: the hash", id="the register"),
        pytest.param({"flow": "to-trc"}, "flow: kept as to-trc of azertac", id="the flow"),
        pytest.param({"direction": Direction.INBOUND}, "flow: kept as", id="the direction"),
        pytest.param({"facts": None}, GONE, id="no facts"),
    ],
)
def test_what_was_altered_is_named(altered: dict[str, object], said: str) -> None:
    found = compare(replace(OURS, **altered), STANDING)  # type: ignore[arg-type]
    assert any(one.startswith(said) for one in found.differs), found.differs
    assert not found.reworded


def test_who_forges_the_hash_too_is_given_away_by_the_answer() -> None:
    facts = subject(sources=(from_trc(),), type=ContentType.VIDEO)
    forged = replace(OURS, facts=facts, inputs=inputs(facts, TO_AZERTAC, None, 2, NOW))
    assert any(one.startswith("type: kept allowed") for one in compare(forged, STANDING).differs)


def test_other_words_for_the_same_are_no_difference() -> None:
    """Another version of the program may word a reason better; it may not answer otherwise."""
    reworded = replace(OURS, verdicts=with_verdict(Clause.TYPE, reason="text may move"))
    assert compare(reworded, STANDING) == Comparison((), reworded=True)


def test_a_field_that_is_added_later_leaves_the_hash_as_it_is() -> None:
    """What has its default is not in it; what has not, is."""
    plain, stated = subject(), subject(origins=("trc",))
    assert inputs(plain, TO_AZERTAC, None, 1, NOW) == inputs(replace(plain, origins=()), TO_AZERTAC, None, 1, NOW)
    assert inputs(plain, TO_AZERTAC, None, 1, NOW) != inputs(stated, TO_AZERTAC, None, 1, NOW)
    # The same moment, however its zone is written.
    told = [subject(embargo_until=NOW), subject(embargo_until=NOW.astimezone(timezone(timedelta(hours=7))))]
    assert len({inputs(one, TO_AZERTAC, None, 1, NOW) for one in told}) == 1
    # Written down, so that a change of how it is made is seen: it would make every decision kept before it differ.
    assert inputs(plain, TO_AZERTAC, Usage((3,)), 1, NOW) == "48f079d591f6ae4c13e44282d8da7fd85dc3c5bb9503fdc76b9b6b49a1813b25"


def audited(database: Database) -> list[Finding]:
    with database.read() as tx:
        return list(verify(tx, "vna"))


def differing(database: Database) -> list[tuple[str, ...]]:
    return [one.comparison.differs for one in audited(database) if one.comparison and one.comparison.differs]


def tamper(database: Database, *statements: str) -> None:
    """As the owner of the database, with its guards off."""
    with database.write() as tx:
        if tx.connection.dialect.name == "sqlite":
            guards = [f"{table}_{act}" for table in ("decisions", "facts") for act in ("update", "delete")]
            statements = (*(f"DROP TRIGGER {guard}" for guard in guards), *statements)
        else:
            statements = ("SET LOCAL session_replication_role = replica", *statements)
        for statement in statements:
            tx.connection.execute(text(statement))


@pytest.fixture
def exchange(database: Database) -> Exchange:
    """Months of traffic over amendments, acts and a draft: let in and refused, placed and withdrawn, killed."""
    made = Exchange(database)
    draft = worlds.agreement(reference="oana", signed_on=None, parties=("vna", "trc", "azertac"))
    for number in range(1, 5):
        made.receive(story(number), story(number + 10, language="kk"))
        made.receive(replace(story(number), guid=f"azertac-{number}"), on=FROM_AZERTAC)
        item = made.item(number)
        Desk(database, made.settings).accept(item.id, item.revision, "mai", made.clock())
        made.clock.pass_by(days=3)
        with database.write() as tx:
            agreements.sign(tx, replace(draft, title=f"Draft {number}"), made.clock(), "lan")
            second = replace(AGREEMENTS[0], version=number + 1, since=made.clock().date(), title=f"Amended {number}")
            agreements.sign(tx, second, made.clock(), "lan")
    made.act("vna-azertac-2025", ActKind.SUSPEND, date(2026, 12, 6))
    made.receive(tombstones=(Tombstone(guid(1), made.clock()),))
    made.receive(replace(story(9), guid="azertac-9"), on=FROM_AZERTAC)
    made.act("vna-azertac-2025", ActKind.RESUME, date(2026, 12, 6))
    made.receive(story(20))
    return made


def test_a_history_agrees_with_itself(exchange: Exchange) -> None:
    findings = audited(exchange.database)
    assert {one.comparison for one in findings} == {Comparison()}
    assert len(findings) > 20
    assert {one.decision.allowed for one in findings} == {True, False}
    assert len({one.decision.register for one in findings}) == 6
    assert [one.number for one in findings] == sorted(one.number for one in findings)


FIRST = "(SELECT min(id) FROM decisions WHERE flow = 'trc-en' AND allowed)"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        pytest.param(f"UPDATE decisions SET allowed = NOT allowed WHERE id = {FIRST}", "allowed: kept refused", id="an answer"),
        pytest.param(f"UPDATE decisions SET agreement_version = 7 WHERE id = {FIRST}", "under: kept vna-trc-2025 v7", id="a version"),
        pytest.param(
            f"UPDATE decisions SET verdicts = replace(verdicts, 'v1, 2.1', 'v1, 9.9') WHERE id = {FIRST}",
            "type: kept",
            id="where it stands",
        ),
        pytest.param(f"UPDATE decisions SET register = 1 WHERE id = {FIRST}", "inputs: the hash", id="the revision of the register"),
        pytest.param(f"UPDATE decisions SET \"on\" = 'gone' WHERE id = {FIRST}", GONE, id="what it was asked of"),
        pytest.param(
            'UPDATE facts SET subject = replace(subject, \'"language":"en"\', \'"language":"ru"\')', "inputs: the hash", id="the facts"
        ),
        pytest.param("DELETE FROM facts WHERE subject IS NOT NULL", GONE, id="the facts deleted"),
        pytest.param(
            "UPDATE agreements SET value = replace(value, '\"text\",', '') WHERE reference = 'vna-trc-2025' AND version = 1",
            "type: kept allowed by vna-trc-2025 v1, 2.1; asked again, refused",
            id="the words of an agreement",
        ),
        pytest.param("UPDATE agreements SET revision = 99 WHERE version = 2", "under: kept vna-trc-2025 v2", id="when it was signed"),
        pytest.param("DELETE FROM acts WHERE value LIKE '%suspend%'", "agreement in force: kept refused", id="a suspension"),
        pytest.param(
            'UPDATE decisions SET facts = NULL, "on" = NULL, used = NULL, register = NULL, inputs = NULL'
            " WHERE id = (SELECT max(id) FROM decisions)",
            f"{GONE}, and decision 1 before it has it",
            id="all that was asked, as if it had been made before that was kept",
        ),
    ],
)
def test_what_was_altered_in_the_database_is_named(exchange: Exchange, act: str, said: str) -> None:
    """The guards of the tables refuse it (tests/storage); here someone has taken them off."""
    tamper(exchange.database, act)
    found = differing(exchange.database)
    assert found
    assert any(one.startswith(said) for differs in found for one in differs), found


def test_only_what_was_altered_is_named(exchange: Exchange) -> None:
    tamper(exchange.database, f"UPDATE decisions SET allowed = NOT allowed WHERE id = {FIRST}")
    assert len(differing(exchange.database)) == 1


def test_what_was_made_before_is_told_apart(database: Database) -> None:
    with database.write() as tx:
        events.record_decisions(tx, (worlds.decision(), worlds.decision(subject="i_2")))
        for one in AGREEMENTS:
            agreements.sign(tx, one, NOW, "test")
        standing = Standing(agreements.register(tx, "vna"), NOW)
        events.record_decisions(tx, (made(subject(), standing=standing),))
    assert [one.comparison for one in audited(database)] == [None, None, Comparison()]
