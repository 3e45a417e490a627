"""From the files to the register: whole or not at all, twice is once, and what was signed or done is never rewritten."""

import hashlib
import threading
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from syndication.agreements import register, writing
from syndication.agreements.files import Files, read
from syndication.errors import ConfigError, InputError, NotFoundError, StorageError
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Register, Term, Unreadable
from syndication.model.partner import Direction, Flow, FlowState
from syndication.storage import activities, agreements, events, partners
from syndication.storage.database import Database
from tests import worlds

CONFIG = Path(__file__).parents[2] / "config"
SUSPENDED = Act(ActKind.SUSPEND, date(2026, 1, 1), "talks")
RESUMED = Act(ActKind.RESUME, date(2026, 2, 1), "agreed")


def files(*versions: Agreement, acts: tuple[Act, ...] = ()) -> Files:
    """TRC, one flow each way, and its agreement."""
    return Files((worlds.partner(),), (worlds.flow(), worlds.outbound()), (worlds.dossier(*versions, acts=acts),))


def applied(database: Database, *, of: Files, now: datetime = worlds.NOW) -> list[str]:
    """What `apply` says it changed."""
    with database.write() as tx:
        return [str(change) for change in register.apply(tx, of, now, "command:mai")]


def planned(database: Database, of: Files) -> list[str]:
    """What `plan` says would change."""
    with database.read() as tx:
        return [str(change) for change in register.plan(tx, of)]


def known(database: Database) -> Register:
    """What stands in the register."""
    with database.read() as tx:
        return agreements.register(tx, worlds.AGENCY)


def refused(database: Database, of: Files) -> list[tuple[str, str, str]]:
    """The faults, the same from `plan` and `apply`; and nothing was written."""
    before = known(database)
    with pytest.raises(ConfigError) as by_plan:
        planned(database, of)
    with pytest.raises(ConfigError) as by_apply:
        applied(database, of=of)
    assert by_plan.value.faults == by_apply.value.faults
    assert known(database) == before
    return [(fault.file, fault.key, fault.message) for fault in by_apply.value.faults]


def test_what_is_planned_is_what_is_applied_and_then_nothing(database: Database) -> None:
    told = [
        "new agreement vna-trc-2025 v1, from 2025-05-06",
        "vna-trc-2025 suspended from 2026-01-01: talks",
        "new partner trc",
        "new flow trc-en",
        "new flow to-trc",
    ]
    stated = files(acts=(SUSPENDED,))
    assert planned(database, stated) == told
    assert known(database).dossiers == ()
    assert applied(database, of=stated) == told
    assert known(database) == Register("vna", (worlds.dossier(acts=(SUSPENDED,)),))
    assert planned(database, stated) == []
    assert applied(database, of=stated) == []


def test_the_shipped_example_is_applied_once(database: Database) -> None:
    shipped = read(CONFIG, "vna")
    assert "new agreement vna-azertac-2025 v1, from 2025-05-07" in applied(database, of=shipped)
    assert applied(database, of=shipped) == []
    assert known(database).dossiers == tuple(sorted(shipped.agreements, key=lambda dossier: dossier.reference))


def test_who_applied_what_is_kept(database: Database) -> None:
    applied(database, of=files())
    with database.read() as tx:
        kept = events.events(tx, 10, "vna-trc-2025")
    assert [(event.actor, event.detail) for event in kept] == [("command:mai", "new agreement vna-trc-2025 v1, from 2025-05-06")]


def test_an_amendment_is_a_version_of_its_own(database: Database) -> None:
    applied(database, of=files())
    amended = worlds.agreement(version=2, since=date(2026, 1, 1), grants=(worlds.grant(),))
    assert applied(database, of=files(amended)) == ["version 2 of vna-trc-2025 from 2026-01-01: grants"]
    assert known(database).dossiers == (Dossier((worlds.agreement(), amended)),)
    assert applied(database, of=files(amended)) == []


def test_a_signed_version_is_never_rewritten(database: Database) -> None:
    applied(database, of=files())
    ((file, key, message),) = refused(database, files(worlds.agreement(title="Something else", signed_at="Hanoi")))
    assert (file, key) == ("vna-trc-2025", "version")
    assert "title, signed_at" in message
    assert "version = 2 and since =" in message


@pytest.mark.parametrize(
    ("version", "since", "key", "message"),
    [
        pytest.param(3, date(2027, 1, 1), "version", "or the next, 2", id="a version left out"),
        pytest.param(2, date(2025, 5, 6), "since", "later than version 1", id="a version from the same day"),
    ],
)
def test_versions_follow_one_another(database: Database, version: int, since: date, key: str, message: str) -> None:
    applied(database, of=files())
    ((*where, told),) = refused(database, files(worlds.agreement(version=version, since=since)))
    assert where == ["vna-trc-2025", key]
    assert message in told


def test_the_faults_of_every_agreement_are_told(database: Database) -> None:
    """A version left out, a day that is too early and what was signed and rewritten, in one answer."""
    names = ("a", "b", "c", "d")
    plain = tuple(worlds.dossier(worlds.agreement(reference=name)) for name in names)
    applied(database, of=replace(files(), agreements=(*files().agreements, *plain)))
    changes: tuple[dict[str, Any], ...] = ({"version": 3}, {"version": 2}, {"version": 2}, {"title": "Another"})
    wrong = tuple(worlds.dossier(replace(one.versions[0], **change)) for one, change in zip(plain, changes, strict=True))
    found = refused(database, replace(files(), agreements=wrong))
    assert [(file, key) for file, key, _ in found] == [("a", "version"), ("b", "since"), ("c", "since"), ("d", "version")]


def test_a_version_that_says_nothing_new(database: Database) -> None:
    applied(database, of=files())
    again = worlds.agreement(version=2, since=date(2026, 1, 1))
    assert planned(database, files(again)) == ["version 2 of vna-trc-2025 from 2026-01-01: nothing else"]


def test_a_file_that_fell_behind_the_register_is_refused(database: Database) -> None:
    applied(database, of=files())
    applied(database, of=files(worlds.agreement(version=2, since=date(2026, 1, 1))))
    ((file, key, message),) = refused(database, files(worlds.agreement(title="Another title")))
    assert (file, key) == ("vna-trc-2025", "version")
    assert "the register holds version 2" in message


def test_a_file_that_is_behind_the_desk_takes_nothing_back(database: Database) -> None:
    """What was amended, done or redrafted at the desk stays when the files are taken again, as they are at each start."""
    applied(database, of=files(acts=(SUSPENDED,)))
    amended, drafted = worlds.agreement(version=2, since=date(2026, 1, 1)), worlds.agreement(reference="d", signed_on=None)
    applied(database, of=replace(files(), agreements=(Dossier((drafted,)),)))
    with database.write() as tx:
        agreements.sign(tx, amended, worlds.NOW, "lan")
        agreements.record_act(tx, worlds.REFERENCE, RESUMED, worlds.NOW, "lan")
        agreements.sign(tx, replace(drafted, title="At the desk"), worlds.NOW, "lan")
    behind = files(acts=(SUSPENDED,))
    assert applied(database, of=replace(behind, agreements=(*behind.agreements, Dossier((drafted,))))) == []
    draft, dossier = known(database).dossiers
    assert (dossier.versions[-1], dossier.acts, draft.versions[0].title) == (amended, (SUSPENDED, RESUMED), "At the desk")


def test_a_draft_may_be_changed_until_it_is_signed(database: Database) -> None:
    draft = worlds.agreement(signed_on=None)
    assert applied(database, of=files(draft))[0] == "new draft agreement vna-trc-2025 v1, from 2025-05-06"
    other = replace(draft, title="Another title")
    assert applied(database, of=files(other)) == ["draft vna-trc-2025 v1 changed: title"]
    assert applied(database, of=files(replace(other, signed_on=date(2025, 5, 6)))) == [
        "draft vna-trc-2025 v1 signed on 2025-05-06, from 2025-05-06"
    ]
    assert len(known(database).dossiers[0].versions) == 1
    assert planned(database, files(draft)) == []
    assert len(refused(database, files(replace(other, title="A third title")))) == 1


def test_acts_are_added(database: Database) -> None:
    applied(database, of=files(acts=(SUSPENDED,)))
    assert applied(database, of=files(acts=(SUSPENDED, RESUMED))) == ["vna-trc-2025 resumed on 2026-02-01: agreed"]
    assert known(database).dossiers[0].acts == (SUSPENDED, RESUMED)


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param((replace(SUSPENDED, on=date(2026, 1, 2)),), id="moved by a day"),
        pytest.param((Act(ActKind.NOTICE, date(2025, 12, 1), "early"),), id="another put in its place"),
    ],
)
def test_what_was_done_stays(database: Database, acts: tuple[Act, ...]) -> None:
    applied(database, of=files(acts=(SUSPENDED,)))
    ((file, key, message),) = refused(database, files(acts=acts))
    assert (file, key) == ("vna-trc-2025", "acts[0]")
    assert message.startswith("'suspend' of 2026-01-01 (talks): was recorded and stays as it was")


def test_all_that_the_file_lacks_is_told(database: Database) -> None:
    applied(database, of=files(acts=(SUSPENDED, RESUMED)))
    ((_, _, message),) = refused(database, files(acts=(Act(ActKind.NOTICE, date(2025, 12, 1), "early"),)))
    assert message.startswith("'suspend' of 2026-01-01 (talks); 'resume' of 2026-02-01 (agreed): was recorded")


TERMINATED = Act(ActKind.TERMINATE, date(2026, 3, 1), "by letter", "Director General")
OVER = "nothing can be done after the agreement was terminated"


@pytest.mark.parametrize(
    ("on", "refuses"),
    [
        pytest.param(date(2026, 3, 2), True, id="the day after"),
        pytest.param(date(2026, 3, 1), True, id="the same day"),
        pytest.param(date(2026, 2, 28), False, id="the day before"),
    ],
)
def test_nothing_is_done_after_the_end(database: Database, on: date, refuses: bool) -> None:
    """By the file or by an act; before the end, what was planned for it stays."""
    later = replace(SUSPENDED, on=on)
    applied(database, of=files(acts=(TERMINATED,)))
    if refuses:
        assert refused(database, files(acts=(TERMINATED, later))) == [("vna-trc-2025", "acts[1].kind", OVER)]
        with pytest.raises(ConfigError) as by_act:
            acted(database, later)
        assert [(one.file, one.key, one.message) for one in by_act.value.faults] == [("vna-trc-2025", "kind", OVER)]
    else:
        assert planned(database, files(acts=(TERMINATED, later))) == ["vna-trc-2025 suspended from 2026-02-28: talks"]
        assert acted(database, later) == "vna-trc-2025 suspended from 2026-02-28: talks"


def test_what_is_done_twice_is_to_be_known_twice(database: Database) -> None:
    twice = (SUSPENDED, RESUMED)
    assert register.new_acts((*twice, *twice), ()) == [*twice, *twice]
    assert register.new_acts((*twice, *twice), twice) == [*twice]
    assert register.new_acts((*twice, *twice), (*twice, *twice)) == []
    assert register.new_acts((SUSPENDED,) * 3, (SUSPENDED,)) == [SUSPENDED] * 2


@pytest.mark.parametrize(
    ("act", "told"),
    [
        pytest.param(TERMINATED, "x terminated on 2026-03-01: by letter (Director General)", id="with who did it"),
        pytest.param(Act(ActKind.JOIN, date(2026, 1, 1), "agreed", party="kpl"), "kpl in x joined from 2026-01-01: agreed", id="a party"),
    ],
)
def test_an_act_in_words(act: Act, told: str) -> None:
    assert register.done("x", act) == told


RENEWING = worlds.term(until=date(2027, 5, 5), renewal_months=12)
NOTICE = Act(ActKind.NOTICE, date(2026, 1, 1), "no more")


@pytest.mark.parametrize(
    ("terms", "refuses"),
    [
        pytest.param(((RENEWING, True), (worlds.term(), False)), False, id="it renews, and the draft after it would not"),
        pytest.param(((worlds.term(), True), (RENEWING, False)), True, id="it does not, and the draft after it would"),
        pytest.param(((worlds.term(), True), (RENEWING, True)), False, id="its second version does"),
        pytest.param(((RENEWING, True), (worlds.term(), True)), True, id="its second version does not"),
    ],
)
def test_an_act_is_judged_by_the_last_version_that_was_signed(terms: tuple[tuple[Term, bool], ...], refuses: bool) -> None:
    versions = [
        worlds.agreement(version=number, since=date(2025, 5, 5 + number), term=term, signed_on=date(2025, 5, 6) if signed else None)
        for number, (term, signed) in enumerate(terms, start=1)
    ]
    if refuses:
        with pytest.raises(ConfigError, match="notice ends the renewal"):
            register.check_act(worlds.dossier(*versions), NOTICE, frozenset())
    else:
        register.check_act(worlds.dossier(*versions), NOTICE, frozenset())


def test_an_agreement_that_is_not_there(database: Database) -> None:
    applied(database, of=files())
    with pytest.raises(NotFoundError, match=r"^there is no agreement 'vna-trc-2024'; did you mean 'vna-trc-2025'\? 'syndication agree"):
        register.found(known(database), "vna-trc-2024")
    with pytest.raises(NotFoundError, match=r"^there is no agreement 'oana'; 'syndication agreement ls' lists them$"):
        register.found(known(database), "oana")


def test_an_agreement_that_cannot_be_read_is_not_called_unknown() -> None:
    lost = Register(
        "vna", (worlds.dossier(),), unreadable=(Unreadable("a", "cut short", None, None), Unreadable("b", "damaged", None, None))
    )
    with pytest.raises(StorageError, match=r"^b is in the database and cannot be read: damaged$"):
        register.found(lost, "b")
    with pytest.raises(NotFoundError):
        register.found(lost, "c")


def test_a_document_is_kept_with_its_agreement(database: Database) -> None:
    applied(database, of=files())
    with database.write() as tx:
        digest = register.attach(tx, worlds.AGENCY, worlds.REFERENCE, "signed.pdf", b"%", worlds.NOW, "mai")
        assert digest == hashlib.sha256(b"%").hexdigest()
        (event, *_) = events.events(tx, 10, worlds.REFERENCE)
        assert (event.at, event.actor, event.act, event.detail) == (worlds.NOW, "mai", "attached", f"signed.pdf, {digest}")
        assert agreements.attached(tx, worlds.REFERENCE) == (agreements.Attachment(digest, "signed.pdf", worlds.NOW, "mai"),)
        with pytest.raises(NotFoundError):
            register.attach(tx, worlds.AGENCY, "oana", "signed.pdf", b"%", worlds.NOW, "mai")


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        pytest.param(0, False, id="none"),
        pytest.param(register.LARGEST, True, id="most"),
        pytest.param(register.LARGEST + 1, False, id="more"),
    ],
)
def test_how_large_a_document_may_be(database: Database, size: int, fits: bool) -> None:
    applied(database, of=files())
    body = bytes(size)
    with database.write() as tx:
        if fits:
            assert register.attach(tx, worlds.AGENCY, worlds.REFERENCE, "a.pdf", body, worlds.NOW, "mai")
        else:
            with pytest.raises(InputError, match=f"^a.pdf has {size} bytes; a document may have 1 to "):
                register.attach(tx, worlds.AGENCY, worlds.REFERENCE, "a.pdf", body, worlds.NOW, "mai")


def test_an_activity_is_held_under_its_agreement(database: Database) -> None:
    applied(database, of=files())
    given = {"kind": "training", "title": "New technology", "on": date(2026, 9, 1), "until": date(2026, 9, 2)}
    with database.write() as tx:
        held = register.hold(tx, worlds.AGENCY, worlds.REFERENCE, given, worlds.NOW, "mai")
        assert (held.agreement, held.kind, held.title, held.on) == (worlds.REFERENCE, "training", "New technology", date(2026, 9, 1))
        assert activities.of_agreement(tx, worlds.REFERENCE) == (held,)
        (event, *_) = events.events(tx, 10, worlds.REFERENCE)
        told = "activity under vna-trc-2025: training, New technology"
        assert (event.at, event.actor, event.act, event.detail) == (worlds.NOW, "mai", "held", told)
        with pytest.raises(NotFoundError):
            register.hold(tx, worlds.AGENCY, "oana", given, worlds.NOW, "mai")
        with pytest.raises(ConfigError) as refusal:
            register.hold(tx, worlds.AGENCY, worlds.REFERENCE, {**given, "until": date(2026, 8, 1)}, worlds.NOW, "mai")
    (fault,) = refusal.value.faults
    assert (fault.file, fault.key) == (worlds.REFERENCE, "activities.until")


def test_a_flow_that_is_no_longer_named_is_closed_and_may_come_back(database: Database) -> None:
    applied(database, of=files())
    fewer = replace(files(), flows=(worlds.outbound(),))
    assert applied(database, of=fewer) == ["flow trc-en closed (no longer in the files)"]
    with database.read() as tx:
        assert partners.flow(tx, "trc-en") is None
    assert applied(database, of=files()) == ["new flow trc-en"]
    with database.read() as tx:
        assert partners.flow(tx, "trc-en") == worlds.flow()


def test_what_changed_of_a_partner_or_a_flow_is_named(database: Database) -> None:
    applied(database, of=files())
    other = Files(
        (worlds.partner(name="TRC of Astana"),),
        (worlds.flow(state=FlowState.PAUSED, title="TRC"), worlds.outbound()),
        files().agreements,
    )
    assert applied(database, of=other) == ["partner trc changed: name", "flow trc-en changed: title, state"]
    assert applied(database, of=other) == []


def test_a_flows_name_is_not_given_to_another(database: Database) -> None:
    """S01: what came in on it would change hands."""
    applied(database, of=files())
    turned = replace(files(), flows=(worlds.flow(direction=Direction.OUTBOUND, url=None, interval=None), worlds.outbound()))
    ((file, key, message),) = refused(database, turned)
    assert (file, key) == ("trc", "flows")
    assert "choose another id" in message


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(worlds.flow(partner="azertac"), id="to another partner"),
        pytest.param(worlds.flow(direction=Direction.OUTBOUND, url=None, interval=None), id="in the other direction"),
    ],
)
def test_a_closed_flows_name_is_not_given_to_another(database: Database, other: Flow) -> None:
    """In two steps it is no more than in one: AZERTAC would read what TRC was told, under TRC's terms."""
    applied(database, of=files())
    applied(database, of=replace(files(), flows=()))
    given = replace(files(), partners=(worlds.partner(), worlds.partner(id="azertac")), flows=(other,))
    ((_, key, message),) = refused(database, given)
    assert (key, "choose another id" in message) == ("flows", True)


def test_an_agreement_whose_file_is_gone_stays(database: Database) -> None:
    """To end one is an act, not a missing file."""
    applied(database, of=files())
    assert applied(database, of=replace(files(), flows=(), agreements=()))[0].startswith("flow")
    assert len(known(database).dossiers) == 1


def acted(database: Database, what: Act) -> str:
    """What the act did, in words."""
    with database.write() as tx:
        return str(register.act(tx, worlds.AGENCY, worlds.REFERENCE, what, worlds.NOW, "command:mai"))


def test_one_act_is_recorded_with_who_and_why(database: Database) -> None:
    applied(database, of=files())
    assert acted(database, SUSPENDED) == "vna-trc-2025 suspended from 2026-01-01: talks"
    assert known(database).dossiers[0].acts == (SUSPENDED,)
    with database.read() as tx:
        (event, *_) = events.events(tx, 10, "vna-trc-2025")
        assert [one.by for one in agreements.history(tx, "vna-trc-2025")] == ["command:mai", "command:mai"]
    assert (event.actor, event.act, event.detail) == ("command:mai", "suspend", "vna-trc-2025 suspended from 2026-01-01: talks")


def test_what_was_signed_is_acted_upon_while_its_amendment_is_a_draft(database: Database) -> None:
    """And the file that states the draft may tell the act."""
    applied(database, of=files())
    draft = worlds.agreement(version=2, since=date(2027, 1, 1), signed_on=None)
    applied(database, of=files(draft))
    acted(database, SUSPENDED)
    assert planned(database, files(draft, acts=(SUSPENDED,))) == []
    assert applied(database, of=files(draft, acts=(SUSPENDED, RESUMED))) == ["vna-trc-2025 resumed on 2026-02-01: agreed"]


def test_nothing_is_done_to_what_nobody_signed(database: Database) -> None:
    """Neither by an act, nor by the file of its second draft."""
    applied(database, of=files(worlds.agreement(signed_on=None)))
    with pytest.raises(ConfigError, match="a draft"):
        acted(database, SUSPENDED)
    second = worlds.agreement(version=2, since=date(2027, 1, 1), signed_on=None)
    ((file, key, message),) = refused(database, files(second, acts=(SUSPENDED,)))
    assert (file, key) == ("vna-trc-2025", "acts[0]")
    assert message == "nothing can be done to a draft: no version of it was signed"


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(RESUMED, id="resumed, and not suspended"),
        pytest.param(Act(ActKind.NOTICE, date(2026, 1, 1), "no more"), id="notice where nothing renews"),
        pytest.param(Act(ActKind.LEAVE, date(2026, 1, 1), "by letter", party="azertac"), id="who is no party leaves"),
        pytest.param(Act(ActKind.JOIN, date(2026, 1, 1), "by letter", party="nobody"), id="nobody joins"),
        pytest.param(Act(ActKind.JOIN, date(2026, 1, 1), "by letter"), id="who joins?"),
        pytest.param(replace(SUSPENDED, reason=" "), id="without a reason"),
        pytest.param(replace(SUSPENDED, on=date(1066, 1, 1)), id="before all time"),
    ],
)
def test_an_act_is_refused_as_its_file_would_be(database: Database, tmp_path: Path, what: Act) -> None:
    """The same faults, whichever way it is told."""
    applied(database, of=files())
    with database.read() as tx:
        texts = register.export(tx, worlds.AGENCY)
    (dossier,) = known(database).dossiers
    given = writing.toml(writing.agreement(replace(dossier, acts=(what,))))
    for name, text in {**texts, "agreements/vna-trc-2025.toml": given}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as by_file:
        read(tmp_path, worlds.AGENCY)
    with pytest.raises(ConfigError) as by_act:
        acted(database, what)
    assert [(f"acts[0].{one.key}", one.message) for one in by_act.value.faults] == [(one.key, one.message) for one in by_file.value.faults]
    assert known(database).dossiers == (worlds.dossier(),)


def test_of_two_acts_at_once_the_second_sees_the_first(database: Database) -> None:
    """Suspended twice at the same moment: one is refused."""
    applied(database, of=files())
    barrier, told = threading.Barrier(2), []

    def suspend() -> None:
        barrier.wait()
        try:
            told.append(acted(database, SUSPENDED))
        except ConfigError as error:
            told.append(str(error))

    threads = [threading.Thread(target=suspend) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["vna-trc-2025 suspended from 2026-01-01: talks", "vna-trc-2025: kind: it is suspended already"]
    assert known(database).dossiers[0].acts == (SUSPENDED,)
