"""P14: whatever has happened, what a subscriber gets is what the gate allows at the moment of sending, in order, and it gets all of it."""

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndication.errors import RefusedError
from syndication.model.agreement import ActKind
from syndication.model.clearance import Clearance
from syndication.model.partner import FlowState
from syndication.model.story import Pubstatus, Story
from syndication.model.subscription import SubscriptionState
from syndication.publish.document import outlook
from syndication.publish.push import Footing
from syndication.storage import accounts, partners, subscriptions
from syndication.storage.database import Database
from tests.publish.subscriber import Push, Sent
from tests.web.exchange import FLOWS, PARTNERS, TO_TRC, Exchange
from tests.worlds import out_stamp

ACTS = (
    "publish",
    "embargo",
    "correct",
    "embargo again",
    "hold",
    "kill",
    "down",
    "refuse",
    "pause",
    "suspend",
    "go on",
    "pass",
    "wait",
    "push",
    "push",
    "push",
)
RARE = ("revoke",)

histories = st.lists(st.tuples(st.sampled_from(ACTS * 3 + RARE), st.integers(0, 1_000)), max_size=40)


class LeakError(AssertionError):
    """Something was sent that the gate does not allow now."""


@dataclass
class History:
    """Our newsroom, one subscriber, and what each version was called: a word that is nowhere else."""

    push: Push
    told: list[Story] = field(default_factory=list)
    words: dict[str, tuple[str, int]] = field(default_factory=dict)
    got: list[tuple[str, int | None]] = field(default_factory=list)
    revoked: bool = False
    suspended: bool = False

    def __post_init__(self) -> None:
        self.push.network.before = self.check
        self.subscription = self.push.subscribe()

    def word(self) -> str:
        return f"canary{len(self.words)}x"

    def named(self, story: Story, word: str) -> None:
        self.words[word] = (story.id, story.current.number)

    def check(self, sent: Sent) -> None:
        """Asked by the feed's own gate, which is held against a model elsewhere; and by the words alone."""
        uri, said = sent.told["data"]["uri"], {self.words[word] for word in self.words if word.encode() in sent.body}
        story = next(one for one in self.told if one.entry_id == uri)
        if self.revoked and sent.headline is not None:
            raise LeakError("content after the token was revoked")
        if sent.headline is None:
            if said:
                raise LeakError(f"a withdrawal tells {said}")
        elif {name for name, _ in said} != {story.id} or len(said) != 1:
            raise LeakError(f"{story.id} tells {said}")
        elif uri not in self.shown():
            raise LeakError(f"{said} is not in the feed now")
        answer = self.push.network.answers[0] if self.push.network.answers else 200
        if answer == 200:
            self.got.append((story.id, next(iter(said))[1] if said else None))

    def shown(self) -> set[str]:
        """The ids of what the partner would read now."""
        push = self.push
        with push.exchange.database.read() as tx:
            flow = partners.flow(tx, TO_TRC.id)
            assert flow
            try:
                seen = outlook(tx, flow, push.exchange.settings, "https://vna.example/", push.exchange.clock())
            except RefusedError:
                return set()
        return {one.entry_id for one in seen.document.entries}

    def act(self, act: str, number: int) -> None:
        push, clock = self.push, self.push.exchange.clock
        clock.pass_by(seconds=1)
        alive = [one for one in self.told if one.current.pubstatus is not Pubstatus.CANCELED]
        which = alive[number % len(alive)] if alive else None
        word = self.word()
        match act:
            case "publish" | "embargo":
                hour = clock() + timedelta(minutes=number) if act == "embargo" else None
                made = push.publish(word, body=f"<p>{word}</p>", embargo_until=hour)
                self.told.append(made)
                self.named(made, word)
            case "correct" | "hold" | "embargo again" if which:
                status = Pubstatus.WITHHELD if act == "hold" else Pubstatus.USABLE
                # Some of these hours are still to come in the end.
                moved = {"embargo_until": clock() + timedelta(minutes=number * 3)} if act == "embargo again" else {}
                after = push.correct(which, word, body=f"<p>{word}</p>", pubstatus=status, **moved)
                self.told[self.told.index(which)] = after
                self.named(after, word)
            case "kill" if which:
                push.kill(which)
                self.told[self.told.index(which)] = replace(which, current=replace(which.current, pubstatus=Pubstatus.CANCELED))
            case "down":
                failure: int | str = "nobody there" if number % 2 else 500
                push.network.answers = [failure] * (number % 4)
            case "refuse":
                push.network.answers = [*[200] * (number % 2), 404]
            case "pause":
                self.flow(FlowState.PAUSED)
            case "suspend" if not self.suspended:
                push.exchange.act(TO_TRC.agreement, ActKind.SUSPEND, date(2026, 11, 1))
                self.suspended = True
            case "go on":
                self.go_on()
            case "revoke":
                with push.exchange.database.write() as tx:
                    accounts.revoke(tx, "t_trc", clock())
                self.revoked = True
            case "pass":
                clock.pass_by(seconds=number % 90)
            case "wait":
                clock.pass_by(minutes=number % 60)
            case "push":
                push.work()

    def flow(self, state: FlowState) -> None:
        flows = tuple(replace(one, state=state) if one.id == TO_TRC.id else one for one in FLOWS)
        with self.push.exchange.database.write() as tx:
            partners.take(tx, PARTNERS, flows, self.push.exchange.clock())

    def go_on(self) -> None:
        self.flow(FlowState.OPEN)
        if self.suspended:
            self.push.exchange.act(TO_TRC.agreement, ActKind.RESUME, date(2026, 11, 1))
            self.suspended = False

    def finish(self) -> None:
        """All is well again, and every hour comes."""
        self.go_on()
        self.push.network.answers = []
        self.push.until_told(timedelta(hours=24), timedelta(hours=1))

    def faults(self) -> list[str]:
        """What is out of order, doubled where nothing failed, or missing in the end."""
        found = []
        for story in self.told:
            mine = [number for name, number in self.got if name == story.id]
            versions = [number for number in mine if number is not None]
            if versions != sorted(versions):
                found.append(f"{story.id} came as {mine}")
            if len(versions) != len(set(versions)):
                found.append(f"{story.id} came twice: {mine}")
        if self.revoked or self.push.state(self.subscription.id).state is not SubscriptionState.ACTIVE:
            return found
        shown = self.shown()
        for story in self.told:
            mine = [number for name, number in self.got if name == story.id]
            if story.entry_id in shown and mine[-1:] != [story.current.number]:
                found.append(f"{story.id} is shown, and came as {mine}")
            if story.entry_id not in shown and any(mine) and mine[-1] is not None:
                found.append(f"{story.id} is not shown any more, and came as {mine}")
            if story.current.pubstatus is Pubstatus.CANCELED and any(mine) and mine[-1] is not None:
                found.append(f"{story.id} was killed, and came as {mine}")
        return found


def lived(migrated: Path, acts: list[tuple[str, int]]) -> list[str]:
    """What is wrong after this history. Raises LeakError at the first word that should not have been sent."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "push.db")
        database = Database(f"sqlite:///{folder}/push.db")
        try:
            history = History(Push(Exchange(database)))
            for act, number in acts:
                history.act(act, number)
            history.finish()
            return history.faults()
        finally:
            database.close()


@pytest.mark.slow
@given(acts=histories)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def test_only_what_is_allowed_is_sent_in_order_and_in_the_end_all(migrated_sqlite: Path, acts: list[tuple[str, int]]) -> None:
    assert lived(migrated_sqlite, acts) == []


def test_without_the_gate_it_leaks(migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a history that is kept with the gate, and leaks without it."""
    acts = [("publish", 0), ("suspend", 0), ("push", 0)]
    assert lived(migrated_sqlite, acts) == []
    monkeypatch.setattr("syndication.publish.document.clear", lambda *_: Clearance((), out_stamp()))
    monkeypatch.setattr("syndication.publish.push.footing", lambda *_: (Footing.OPEN, None))
    with pytest.raises(LeakError):
        lived(migrated_sqlite, acts)


def test_a_push_that_does_not_tell_an_embargo_again_is_seen(migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    acts = [("publish", 0), ("push", 0), ("embargo again", 900), ("push", 0)]
    assert lived(migrated_sqlite, acts) == []
    queue = subscriptions.enqueue
    monkeypatch.setattr("syndication.storage.subscriptions.enqueue", lambda tx, placed, _: queue(tx, placed))
    assert lived(migrated_sqlite, acts) != []


def test_a_queue_that_loses_what_it_holds_is_seen(migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    acts = [("publish", 0), ("correct", 0), ("push", 0)]
    assert lived(migrated_sqlite, acts) == []
    monkeypatch.setattr("syndication.storage.subscriptions.enqueue", lambda *_: None)
    assert lived(migrated_sqlite, acts) != []
