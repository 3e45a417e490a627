"""Decisions asked again: a history of real ones agrees; whatever of it is altered behind the program's back is named."""

import shutil
from dataclasses import replace
from datetime import date, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import text

from syndication.agreements.audit import GONE, Comparison, Finding, compare, verify
from syndication.agreements.decision import ask, decision, inputs
from syndication.agreements.governing import Standing
from syndication.model.agreement import ActKind, ContentType, Obligation, Period, Register
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
        pytest.param({"subject": "s_2"}, "inputs: the hash", id="another story"),
        pytest.param({"subject_version": 2}, "inputs: the hash", id="another version of the story"),
        pytest.param({"headline": "Another headline"}, "inputs: the hash", id="the headline"),
        pytest.param({"fingerprint": "e" * 64}, "inputs: the hash", id="another text"),
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
    forged = replace(OURS, facts=facts)
    forged = replace(forged, inputs=inputs(forged))
    assert any(one.startswith("type: kept allowed") for one in compare(forged, STANDING).differs)


def test_a_ceiling_that_was_reached_is_reached_again() -> None:
    """By the count that was kept, whatever has moved since."""
    ceiling = Obligation("4", Direction.OUTBOUND, "texts", at_most=1, period=Period.DAY)
    limited = worlds.agreement(reference="vna-azertac-2025", parties=("vna", "azertac"), obligations=(ceiling,))
    standing = Standing(vna(limited), NOW)
    reached = made(subject(), standing=standing, used=Usage((1,)))
    assert not reached.allowed
    assert compare(reached, standing) == Comparison()
    said = "allowed: kept allowed; asked again, refused"
    assert said in compare(replace(reached, allowed=True), standing).differs


def test_other_words_for_the_same_are_no_difference() -> None:
    """Another version of the program may word a reason better; it may not answer otherwise."""
    reworded = replace(OURS, verdicts=with_verdict(Clause.TYPE, reason="text may move"))
    assert compare(reworded, STANDING) == Comparison((), reworded=True)


def test_a_field_that_is_added_later_leaves_the_hash_as_it_is() -> None:
    """What has its default is not in it; what has not, is."""
    plain, stated = replace(OURS, facts=subject()), replace(OURS, facts=subject(origins=("trc",)))
    assert inputs(plain) == inputs(replace(plain, facts=replace(subject(), origins=())))
    assert inputs(plain) != inputs(stated)
    # The same moment, however its zone is written.
    told = [subject(embargo_until=NOW), subject(embargo_until=NOW.astimezone(timezone(timedelta(hours=7))))]
    assert len({inputs(replace(OURS, facts=one)) for one in told}) == 1
    # Written down, so that a change of how it is made is seen: it would make every decision kept before it differ.
    assert inputs(replace(plain, used=Usage((3,)))) == "d32a4e9d41cde5ae9f3c47291f889ff579cedef5503d68e0646a103ad59c3754"


def audited(database: Database) -> list[Finding]:
    with database.read() as tx:
        return list(verify(tx, "vna"))


def differing(database: Database) -> list[tuple[str, ...]]:
    return [one.comparison.differs for one in audited(database) if one.comparison and one.comparison.differs]


def tamper(database: Database, *statements: str) -> None:
    """As the owner of the database, with its guards off."""
    with database.write() as tx:
        if tx.connection.dialect.name == "sqlite":
            guards = [f"{table}_{act}" for table in ("decisions", "facts", "unasked") for act in ("update", "delete")]
            statements = (*(f"DROP TRIGGER IF EXISTS {guard}" for guard in guards), *statements)
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
    decisions = [one.decision for one in findings if one.decision]
    assert {one.allowed for one in decisions} == {True, False}
    assert len({one.register for one in decisions}) == 6
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
        pytest.param(f"UPDATE decisions SET subject = 'i_9' WHERE id = {FIRST}", "inputs: the hash", id="moved onto another story"),
        pytest.param(
            f"UPDATE decisions SET subject_version = 9 WHERE id = {FIRST}", "inputs: the hash", id="moved onto another version of it"
        ),
        pytest.param(f"UPDATE decisions SET headline = 'Other' WHERE id = {FIRST}", "inputs: the hash", id="its headline"),
        pytest.param(f"UPDATE decisions SET fingerprint = 'e' WHERE id = {FIRST}", "inputs: the hash", id="moved onto another text"),
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
        *(
            pytest.param(
                f"UPDATE decisions SET {column} = NULL WHERE id = (SELECT min(id) FROM decisions)", said, id=f"the first's {column}"
            )
            for column, said in (("facts", GONE), ('"on"', GONE), ("register", GONE), ("inputs", "inputs: the hash"))
        ),
        pytest.param(
            'UPDATE decisions SET facts = NULL, "on" = NULL, register = NULL WHERE id = (SELECT min(id) FROM decisions)',
            GONE,
            id="all of the first but its hash",
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


LAST_REFUSED = "(SELECT max(id) FROM decisions WHERE flow = 'trc-en' AND NOT allowed)"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(f"UPDATE decisions SET used = 'garbage' WHERE id = {FIRST}", id="the counts"),
        pytest.param(f"UPDATE decisions SET verdicts = '[{{}}]' WHERE id = {FIRST}", id="the verdicts"),
        pytest.param(f"UPDATE decisions SET direction = 'sideways' WHERE id = {FIRST}", id="the direction"),
        pytest.param(
            f"UPDATE facts SET subject = 'garbage' WHERE hash = (SELECT facts FROM decisions WHERE id = {FIRST})",
            id="the facts, which others share",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_hides_nothing_after_it(exchange: Exchange, act: str) -> None:
    whole = audited(exchange.database)
    tamper(exchange.database, act, f"UPDATE decisions SET allowed = NOT allowed WHERE id = {LAST_REFUSED}")
    found = audited(exchange.database)
    assert [one.number for one in found] == [one.number for one in whole]
    first = next(one.number for one in whole if one.decision and one.decision.flow == "trc-en" and one.decision.allowed)
    unread = {one.number: one.comparison.differs for one in found if one.decision is None and one.comparison}
    assert first in unread
    assert all(differs[0].startswith("cannot be read: ") for differs in unread.values())
    (changed,) = [one for one in found if one.decision and one.comparison and one.comparison.differs]
    assert changed.number > first
    assert changed.comparison
    assert changed.comparison.differs[0].startswith("allowed: kept")
    assert len(unread) == 1 or "facts" in act


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(f"UPDATE decisions SET at = 'once' WHERE id = {FIRST}", id="the moment"),
        pytest.param(f"UPDATE decisions SET at = 5 WHERE id = {FIRST}", id="a moment that is a number"),
        pytest.param(f"UPDATE decisions SET headline = CAST(x'ff' AS TEXT) WHERE id = {FIRST}", id="text that is none"),
        pytest.param(f"UPDATE decisions SET facts = x'00' WHERE id = {FIRST}", id="bytes for a hash"),
    ],
)
def test_what_only_sqlite_would_hold_is_named_too(migrated_sqlite: Path, tmp_path: Path, act: str) -> None:
    """PostgreSQL's columns keep to their types."""
    shutil.copyfile(migrated_sqlite, tmp_path / "own.db")
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    Exchange(database).receive(story(1), story(2))
    tamper(database, act)
    assert [one.comparison.differs[0][:15] if one.comparison and one.comparison.differs else "" for one in audited(database)] == [
        "cannot be read:",
        "",
    ]
    database.close()


@pytest.mark.parametrize(
    "act",
    [
        pytest.param("""UPDATE decisions SET used = '{"counts": [], "counted": false}'""", id="no counts"),
        pytest.param(
            """UPDATE decisions SET used = '{"counts": [1,2,3,4,5,6,7,8,9], "counted": false}'""", id="more counts than obligations"
        ),
        pytest.param("UPDATE decisions SET at = '0001-01-01 00:00:00'", id="the first moment of all"),
        pytest.param("UPDATE decisions SET at = '9999-12-31 23:59:59'", id="the last moment of all"),
        pytest.param("UPDATE decisions SET register = -1", id="a register that never was"),
    ],
)
def test_what_can_be_read_and_makes_no_sense_is_named(exchange: Exchange, act: str) -> None:
    tamper(exchange.database, f"{act} WHERE id = {FIRST}")
    assert len(differing(exchange.database)) == 1


def test_what_was_made_before_is_told_apart(database: Database) -> None:
    """By the last number that was noted when it began to be kept: who takes it from the oldest of all gives themselves away as well."""
    with database.write() as tx:
        events.record_decisions(tx, (worlds.decision(), worlds.decision(subject="i_2")))
        for one in AGREEMENTS:
            agreements.sign(tx, one, NOW, "test")
        standing = Standing(agreements.register(tx, "vna"), NOW)
        events.record_decisions(tx, (made(subject(), standing=standing),))
    stripped = f"{GONE}, and it was made after decision %s, the last that was made without it"
    nothing = Comparison((stripped % 0,))
    assert [one.comparison for one in audited(database)] == [nothing, nothing, Comparison()]
    tamper(database, "DELETE FROM unasked", "INSERT INTO unasked VALUES (1)")
    assert [one.comparison for one in audited(database)] == [None, Comparison((stripped % 1,)), Comparison()]
    tamper(database, "INSERT INTO unasked VALUES (2)")
    assert [one.comparison for one in audited(database)] == [None, Comparison((stripped % 1,)), Comparison()]
    tamper(database, "DELETE FROM unasked", "INSERT INTO unasked VALUES (2)")
    assert [one.comparison for one in audited(database)] == [None, None, Comparison()]
    assert [(one.number, one.decision and one.decision.subject, one.comparison) for one in audited(database)] == [
        (1, "i_1", None),
        (2, "i_2", None),
        (3, "s_1", Comparison()),
    ]
