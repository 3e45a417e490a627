"""What a manager writes at the desk: taken at once where it widens nothing, else proposed, and taken when somebody else signs it off."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from syndication.agreements import proposal, writing
from syndication.errors import ConfigError, ConflictError, NotFoundError, RefusedError
from syndication.model.agreement import Act, ActKind, Agreement, ContentType, Dossier, Register
from syndication.model.proposal import Proposal, ProposalState
from syndication.storage import agreements, events, partners, proposals
from syndication.storage.database import Database
from tests import worlds

NOW = worlds.NOW
LATER = date(2026, 12, 1)
LATER_TODAY = NOW + timedelta(hours=2)
SUSPENDED = Act(ActKind.SUSPEND, LATER, "talks")
NARROWER = worlds.agreement(version=2, since=LATER, grants=(worlds.grant(types=(ContentType.TEXT,)), worlds.agreement().grants[1]))
WIDER = worlds.agreement(version=2, since=LATER, grants=(worlds.grant(languages=("en", "ru")), worlds.agreement().grants[1]))


def as_toml(dossier: Dossier) -> str:
    """The text of its file."""
    return writing.toml(writing.agreement(dossier))


@pytest.fixture(autouse=True)
def _signed(database: Database) -> None:
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound()), NOW)
        agreements.sign(tx, worlds.agreement(), NOW, "test")


def written(database: Database, text: str, by: str = "lan") -> Proposal | None:
    with database.write() as tx:
        return proposal.take(tx, proposal.judge_text(tx, text, "vna"), text, NOW, by)


def done(database: Database, act: Act, by: str = "lan") -> Proposal | None:
    with database.write() as tx:
        return proposal.take(tx, proposal.judge_act(tx, worlds.REFERENCE, act, "vna"), "# of no account", NOW, by)


def proposed(database: Database, version: Agreement = WIDER) -> Proposal:
    found = written(database, as_toml(Dossier((version,))))
    assert found is not None
    return found


def known(database: Database) -> Register:
    with database.read() as tx:
        return agreements.register(tx, "vna")


def signed_off(database: Database, one: Proposal, by: str = "minh", **changes: Any) -> None:
    seen = changes.get("seen", known(database).revision)
    with database.write() as tx:
        proposal.sign_off(tx, one.id, seen, "vna", NOW + timedelta(hours=1), by)


def logged(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as tx:
        return [(event.actor, event.act, event.detail) for event in reversed(events.events(tx, 10, worlds.REFERENCE))]


def told(database: Database) -> list[tuple[str, str]]:
    return [(actor, act) for actor, act, _ in logged(database)]


def test_what_does_not_widen_is_taken_at_once(database: Database) -> None:
    assert written(database, as_toml(Dossier((NARROWER,)))) is None
    assert known(database).dossiers == (Dossier((worlds.agreement(), NARROWER)),)
    with database.read() as tx:
        assert agreements.history(tx, worlds.REFERENCE)[-1].by == "lan"
        assert len(partners.flows(tx)) == 2
    assert told(database) == [("lan", "applied")]


def test_what_widens_waits_for_a_second_person(database: Database) -> None:
    one = proposed(database)
    assert one.widens == ("2.1: text, picture in ru about every subject comes in, and did not",)
    assert known(database).dossiers == (Dossier((worlds.agreement(),)),)
    signed_off(database, one)
    assert known(database).dossiers == (Dossier((worlds.agreement(), WIDER)),)
    assert told(database) == [("lan", "proposed"), ("lan, signed off by minh", "applied"), ("minh", "signed off")]
    with database.read() as tx:
        assert agreements.history(tx, worlds.REFERENCE)[-1].by == "lan, signed off by minh"
        kept = proposals.get(tx, one.id)
    assert kept is not None
    assert (kept.state, kept.decided_by, kept.decided_at) == (ProposalState.SIGNED_OFF, "minh", NOW + timedelta(hours=1))


def test_nobody_signs_off_what_they_proposed(database: Database) -> None:
    one = proposed(database)
    for by in ("lan", "LAN"):
        with pytest.raises(RefusedError, match=r"^you have proposed this: .* another manager$"):
            signed_off(database, one, by=by)
    assert len(known(database).dossiers[0].versions) == 1


def test_one_person_pulls_the_brake_where_no_flow_is_freed_by_it(database: Database) -> None:
    """What the agreement denies is denied to a frame's flows too; while there is none, nothing gets wider by a suspension."""
    denies = replace(worlds.agreement(), version=2, grants=tuple(replace(one, topics_out=("*",)) for one in worlds.agreement().grants))
    with database.write() as tx:
        agreements.sign(tx, denies, NOW, "test")
        agreements.sign(tx, worlds.agreement(reference="oana"), NOW, "test")
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound(), worlds.flow(id="framed", agreement="oana")), NOW)
    waits = done(database, SUSPENDED)
    assert waits is not None
    assert waits.widens == ("2.1: its exclusion of anything holds no more against oana",)
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound()), NOW)
    assert done(database, SUSPENDED) is None


def test_a_proposal_is_turned_down_or_taken_back(database: Database) -> None:
    for by, state in (("minh", ProposalState.TURNED_DOWN), ("lan", ProposalState.TAKEN_BACK)):
        one = proposed(database)
        with database.write() as tx:
            assert proposal.turn_down(tx, one.id, "not now", LATER_TODAY, by) is state
            kept = proposals.get(tx, one.id)
        assert kept is not None
        assert (kept.state, kept.decided_by, kept.decided_at, kept.reason) == (state, by, LATER_TODAY, "not now")
        assert logged(database)[-1] == (by, str(state), "proposed by lan: not now")
        with pytest.raises(ConflictError, match=f"{state} by {by}"):
            signed_off(database, one)
    assert len(known(database).dossiers[0].versions) == 1


def test_a_stale_proposal_is_not_taken(database: Database) -> None:
    """Another version was taken meanwhile: it is refused with what to do, and stays open, to be turned down."""
    one = proposed(database)
    seen = known(database).revision
    assert written(database, as_toml(Dossier((replace(NARROWER, since=date(2026, 11, 30)),)))) is None
    with pytest.raises(ConfigError, match="version 2 was signed and is never rewritten"):
        signed_off(database, one, seen=seen)
    with pytest.raises(ConfigError):
        signed_off(database, one)
    assert [version.version for version in known(database).dossiers[0].versions] == [1, 2]


def test_what_was_not_seen_is_not_signed_off(database: Database) -> None:
    """Something else was recorded after the page was shown."""
    one, seen = proposed(database), known(database).revision
    with database.write() as tx:
        agreements.sign(tx, worlds.agreement(reference="oana", grants=()), NOW, "command:hoa")
    with pytest.raises(ConflictError, match="look again"):
        signed_off(database, one, seen=seen)
    signed_off(database, one)


def test_an_act_is_taken_at_once_or_proposed(database: Database) -> None:
    assert done(database, SUSPENDED) is None
    assert known(database).dossiers[0].acts == (SUSPENDED,)
    resumed = Act(ActKind.RESUME, date(2026, 12, 24), "agreed", "Director General")
    one = done(database, resumed)
    assert one is not None
    assert (one.act, one.text) == (resumed, "")
    assert known(database).dossiers[0].acts == (SUSPENDED,)
    signed_off(database, one)
    assert known(database).dossiers[0].acts == (SUSPENDED, resumed)
    does = "vna-trc-2025 resumed on 2026-12-24: agreed (Director General)"
    assert logged(database) == [
        ("lan", "applied", "vna-trc-2025 suspended from 2026-12-01: talks"),
        ("lan", "proposed", does),
        ("lan, signed off by minh", "applied", does),
        ("minh", "signed off", f"proposed by lan: {does}"),
    ]


@pytest.mark.parametrize(
    ("act", "key", "message"),
    [
        pytest.param(Act(ActKind.RESUME, LATER, "x"), "kind", "not suspended", id="resumed, never suspended"),
        pytest.param(Act(ActKind.NOTICE, LATER, "x"), "kind", "has none", id="notice against no renewal"),
        pytest.param(Act(ActKind.JOIN, LATER, "x", party="azertak"), "party", "there is no partner 'azertak'", id="nobody joins"),
        pytest.param(Act(ActKind.LEAVE, LATER, "x"), "party", "who?", id="who leaves"),
        pytest.param(Act(ActKind.SUSPEND, LATER, " "), "reason", "not empty", id="no reason"),
    ],
)
def test_an_act_that_cannot_be_done_is_refused(database: Database, act: Act, key: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        done(database, act)
    (fault,) = refused.value.faults
    assert fault.key == key
    assert message in fault.message


def test_nothing_is_done_to_a_draft_or_to_nothing(database: Database) -> None:
    with database.write() as tx:
        agreements.sign(tx, worlds.agreement(reference="draft", signed_on=None), NOW, "test")
        with pytest.raises(ConfigError, match="draft"):
            proposal.judge_act(tx, "draft", SUSPENDED, "vna")
        with pytest.raises(NotFoundError):
            proposal.judge_act(tx, "none", SUSPENDED, "vna")
        with pytest.raises(NotFoundError, match="no proposal p_none"):
            proposal.sign_off(tx, "p_none", 1, "vna", NOW, "minh")


def test_an_act_in_the_text_widens_as_an_act_does(database: Database) -> None:
    done(database, SUSPENDED)
    text = as_toml(Dossier((worlds.agreement(),), (SUSPENDED, Act(ActKind.RESUME, date(2026, 12, 2), "agreed"))))
    one = written(database, text)
    assert one is not None
    assert "is resumed" in one.widens[0]


def test_an_act_that_was_recorded_widens_nothing_again(database: Database) -> None:
    done(database, SUSPENDED)
    resumed = Act(ActKind.RESUME, LATER, "agreed")
    one = done(database, resumed)
    assert one is not None
    signed_off(database, one)
    assert written(database, as_toml(Dossier((NARROWER,), (SUSPENDED, resumed)))) is None


def test_a_version_and_an_act_are_told_together(database: Database) -> None:
    done(database, SUSPENDED)
    one = written(database, as_toml(Dossier((WIDER,), (SUSPENDED, Act(ActKind.RESUME, date(2026, 12, 2), "agreed")))))
    assert one is not None
    assert one.id.startswith("p_")
    both = "version 2 of vna-trc-2025 from 2026-12-01: grants; vna-trc-2025 resumed on 2026-12-02: agreed"
    assert logged(database)[-1] == ("lan", "proposed", both)
    signed_off(database, one)
    assert logged(database)[-1] == ("minh", "signed off", f"proposed by lan: {both}")


@pytest.mark.parametrize("framed", [pytest.param(True, id="a flow under it"), pytest.param(False, id="none")])
def test_what_a_denial_kept_from_a_frame_counts_where_a_flow_runs_under_that(database: Database, framed: bool) -> None:
    """Of a version, and of an act in the file."""
    denies = worlds.agreement(reference="denies", grants=(worlds.grant(topics_out=("medtop:15000000",)),))
    frame = worlds.agreement(reference="frame")
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(agreement="frame" if framed else worlds.REFERENCE),), NOW)
        for one in (denies, frame):
            agreements.sign(tx, one, NOW, "test")
        shorter = replace(denies, version=2, since=LATER, term=worlds.term(until=date(2027, 1, 1)))
        told = [
            proposal.judge_text(tx, as_toml(one), "vna").widens
            for one in (Dossier((denies, shorter)), worlds.dossier(denies, acts=(SUSPENDED,)))
        ]
    assert [any("frame" in line for line in lines) for lines in told] == [framed, framed]


def test_a_new_agreement_is_proposed(database: Database) -> None:
    """All of its file is new, and so are its acts."""
    text = as_toml(worlds.dossier(worlds.agreement(reference="vna-trc-2026"), acts=(SUSPENDED,)))
    with database.read() as tx:
        judged = proposal.judge_text(tx, text, "vna")
    assert judged.widens == ("vna-trc-2026 is new: what it grants from 2025-05-06 on has not moved under it before",)
    assert judged.difference == tuple(f"+{line}" for line in text.splitlines())
    one = written(database, text)
    assert one is not None
    assert [dossier.reference for dossier in known(database).dossiers] == [worlds.REFERENCE]


def test_a_draft_that_is_changed_stands_as_changed(database: Database) -> None:
    draft = worlds.agreement(reference="vna-trc-2026", signed_on=None)
    assert written(database, as_toml(Dossier((draft,)))) is None
    changed = replace(draft, title="Another title")
    with database.read() as tx:
        judged = proposal.judge_text(tx, as_toml(Dossier((changed,))), "vna")
    assert judged.after.dossiers[-1] == Dossier((changed,))


def test_a_version_that_leaves_a_flow_without_its_partner_is_refused(database: Database) -> None:
    with database.write() as tx:
        partners.take(tx, (worlds.partner(), worlds.partner(id="azertac")), (worlds.flow(), worlds.outbound()), NOW)
    with pytest.raises(ConfigError) as refused:
        written(database, as_toml(Dossier((replace(NARROWER, parties=("vna", "azertac")),))))
    assert {(fault.file, fault.key) for fault in refused.value.faults} == {
        ("partners/trc", "flows[0].agreement"),
        ("partners/trc", "flows[1].agreement"),
    }


def test_a_signed_version_is_not_rewritten_and_the_remedy_is_told(database: Database) -> None:
    with pytest.raises(ConfigError, match="write version = 2 and since = the day"):
        written(database, as_toml(Dossier((worlds.agreement(title="Another"),))))


def test_what_changes_is_shown_line_by_line(database: Database) -> None:
    with database.read() as tx:
        judged = proposal.judge_text(tx, as_toml(Dossier((WIDER,))), "vna")
    assert "-version = 1" in judged.difference
    assert '+    "ru",' in judged.difference
    assert judged.changes == ("version 2 of vna-trc-2025 from 2026-12-01: grants",)
    assert judged.after.dossiers[0].versions == (worlds.agreement(), WIDER)
    assert (judged.before.agency, judged.after.agency) == ("vna", "vna")
    assert judged.difference[0] == ' reference = "vna-trc-2025"'
    assert {line for line in judged.difference if line.startswith("@")} == {"@@ -22,6 +22,7 @@"}
    assert judged.files is not None
    assert (judged.files.partners, judged.files.flows) == ((worlds.partner(),), (worlds.outbound(), worlds.flow()))


def test_what_an_act_changes_is_shown_line_by_line(database: Database) -> None:
    resumed = Act(ActKind.RESUME, date(2026, 12, 2), "agreed")
    done(database, SUSPENDED)
    one = done(database, resumed)
    assert one is not None
    with database.read() as tx:
        judged = proposal.judge(tx, one, "vna")
    assert judged.changes == ("vna-trc-2025 resumed on 2026-12-02: agreed",)
    assert [line for line in judged.difference if line[:1] in "+-"] == ['+    { kind = "resume", on = 2026-12-02, reason = "agreed" },']
    assert judged.after.dossiers == (Dossier((worlds.agreement(),), (SUSPENDED, resumed)),)
    assert (judged.before.agency, judged.after.agency) == ("vna", "vna")


TODAY = Act(ActKind.SUSPEND, date(2026, 11, 25), "at once")
RESUMED = Act(ActKind.RESUME, date(2026, 11, 26), "alone")
PLANNED = Act(ActKind.TERMINATE, date(2026, 12, 31), "by letter")


def test_an_act_put_in_among_the_recorded_ones_is_judged(database: Database) -> None:
    """Where it stands in the text makes no difference: it is new, and it widens."""
    assert (done(database, TODAY), done(database, PLANNED)) == (None, None)
    found = written(database, as_toml(Dossier((worlds.agreement(),), (TODAY, RESUMED, PLANNED))))
    assert found is not None
    assert known(database).dossiers[0].acts == (TODAY, PLANNED)


def test_what_is_planned_for_later_does_not_keep_anyone_from_acting_today(database: Database) -> None:
    """And what then stands is a text that changes nothing, its acts in order."""
    assert (done(database, PLANNED), done(database, TODAY)) == (None, None)
    (dossier,) = known(database).dossiers
    assert dossier.acts == (PLANNED, TODAY)
    with database.read() as tx:
        again = proposal.judge_text(tx, as_toml(dossier), "vna")
    assert (again.changes, again.widens, again.difference) == ((), (), ())


def test_a_text_that_is_behind_changes_nothing_and_widens_nothing(database: Database) -> None:
    written(database, as_toml(Dossier((NARROWER,))))
    with database.read() as tx:
        behind = proposal.judge_text(tx, as_toml(Dossier((worlds.agreement(),))), "vna")
    assert (behind.changes, behind.widens, behind.difference) == ((), (), ())
    with_an_act = written(database, as_toml(Dossier((worlds.agreement(),), (TODAY,))))
    assert with_an_act is None
    assert known(database).dossiers == (Dossier((worlds.agreement(), NARROWER), (TODAY,)),)
