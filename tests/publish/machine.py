"""A state machine of everything that can happen to an exchange, lived through in the real program and in the independent model at once.

After every act the two are held against each other: what stands in the queue, in the stories and in the ledger, and what feeds show.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, cast
from unittest import mock
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from syndication import access
from syndication.errors import NotFoundError, RefusedError, StoryError
from syndication.feeds.forms import FORMS
from syndication.fetch.client import Answer, FetchResult
from syndication.fetch.guard import Guard
from syndication.ingest.poll import Poller
from syndication.intake.desk import Newsroom
from syndication.model.account import FeedToken
from syndication.model.agreement import Act, ActKind, Agreement, ContentType
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.poll import Outcome
from syndication.model.publication import FeedEntry, PublicationKind
from syndication.model.story import Content, Pubstatus, Rendition
from syndication.model.subscription import Means, Subscription
from syndication.publish import document
from syndication.publish.pusher import Pusher
from syndication.review.desk import Desk, Edits
from syndication.settings import Settings
from syndication.storage import accounts, agreements, items, partners, publications, schema, stories, subscriptions
from syndication.storage.database import Database, Transaction
from tests.chronicle import Chronicle, Known, NotAllowed
from tests.oracle import CLOSED, REFUSED, Served, clear, governing, waits_for_its_hour
from tests.publish import strategies
from tests.publish.strategies import AGENCY, ECONOMY, INSTANT, MIDDLE, NAMES, PARTNERS, POLITICS, SPORT, ZONES, mostly, once_in

SETTINGS: Final = Settings()
KEY: Final = b"k" * 32
BODIES: Final = (
    "<p>Trains will run daily from May to the sea.</p>",
    "<p>Trains will run daily from May to the sea and back.</p>",
    "<p>Museum opens.</p>",
)
"""The last has no word in common with the others."""
REFUSALS: Final = (RefusedError, StoryError, NotFoundError)


class LeakError(AssertionError):
    """Something is shown, placed or counted that the model denies."""


class WithheldError(AssertionError):
    """Something is missing that the model allows."""


class _OneTransaction:
    """The database as the acts see it: each of their transactions is a savepoint of the one that the example lives in."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._tx.connection.begin_nested():
            yield self._tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        yield self._tx


class _Wire:
    """The partner's server and the parser in one: every visit brings what was put there."""

    def __init__(self) -> None:
        self.feed = ParsedFeed("", None, ())
        self.visits = 0

    def get(self, request: Any) -> FetchResult:
        self.visits += 1
        return FetchResult(200, request.url, f"visit {self.visits}".encode(), None, None, None, None, None, 1)

    def parse(self, body: bytes, **_: Any) -> ParsedFeed:
        return self.feed


class _Callbacks:
    """Every partner's callback: it takes what comes, once the model has been asked."""

    def __init__(self, exchange: "Exchange") -> None:
        self.exchange = exchange

    def post(self, url: str, body: bytes, headers: dict[str, str], guard: Guard) -> Answer:
        flow = self.exchange.model.flows[url.removeprefix("https://").removesuffix(".example/")]
        self.exchange._pushed(flow, json.loads(body))
        return Answer(200, b"", None)

    def ask(self, url: str, guard: Guard) -> Answer:
        raise AssertionError("nobody asks a webhook")


class Exchange(RuleBasedStateMachine):
    """Three partners, an agreement with each of two and a frame among all; a flow in and a flow out for each."""

    def __init__(self, database: Database, count: Counter[str]) -> None:
        super().__init__()
        self.count = count
        numbers = itertools.count(1)
        self.open = ExitStack()
        self.tx = self.open.enter_context(_undone(database))
        # Names in the order in which things were made, so that an exchange goes the same way each time.
        self.open.enter_context(mock.patch("syndication.identity.secrets.token_hex", side_effect=lambda _: f"{next(numbers):024x}"))
        base = cast(Database, _OneTransaction(self.tx))
        self.wire = _Wire()
        self.desk, self.room = Desk(base, SETTINGS), Newsroom(base, SETTINGS)
        self.pusher = Pusher(base, _Callbacks(self), SETTINGS, KEY, lambda: self.at, lambda: 0.0)
        self.poller = Poller(base, cast(Any, self.wire), cast(Any, self.wire), SETTINGS)
        self.model = Chronicle(AGENCY, partners={one.id: one for one in PARTNERS})
        self.at = datetime.combine(MIDDLE - timedelta(days=5), time(9), tzinfo=UTC)
        self.made = self.done = 0
        self.called: dict[str, str] = {}
        self.got = self.model.got
        self.entries: dict[tuple[str, FeedEntry], bytes] = {}
        """The bytes of each entry in each form, made once and kept for ever, as whoever serves may keep them."""

    # What there is in the beginning

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        draw = _draw(data)
        for name in NAMES:
            self._sign(strategies.agreement(draw, f"{name}-1", (AGENCY, name)))
        self._sign(strategies.agreement(draw, "frame", (AGENCY, *NAMES, "c")))
        flows: list[Flow] = []
        for name in (*NAMES, "c"):
            under = "frame" if name == "c" else draw(mostly(f"{name}-1", "frame"))
            spoken = draw(mostly(("en", "fr"), ("fr", "en")))
            flows.append(Flow(f"to-{name}", name, Direction.OUTBOUND, under, f"to-{name}", spoken))
            url, hour = f"https://{name}.example/feed", timedelta(hours=1)
            topics = draw(mostly((ECONOMY,), ()))
            flows.append(
                Flow(f"from-{name}", name, Direction.INBOUND, under, f"from-{name}", spoken, url=url, interval=hour, topics=topics)
            )
        self._take(tuple(flows))
        for flow in (one for one in flows if one.direction is Direction.OUTBOUND):
            accounts.issue(self.tx, FeedToken(f"t_{flow.id}", flow.partner, "", self.at), flow.id)
            told = Subscription(flow.id, Means.WEBHOOK, flow.partner, flow.id, "ninjs", "https://x.example/", f"t_{flow.id}", self.at)
            subscriptions.start(self.tx, replace(told, callback=f"https://{flow.id}.example/", secret=access.sealed(KEY, "whsec_c2VjcmV0")))

    # Time

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        """Some seconds, some hours, to a midnight or to the instant that an embargo ends, and just before and after."""
        days = self.at.date() + timedelta(days=data.draw(st.sampled_from([1, 1, 2, 7, 30])))
        edges = [datetime.combine(days, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC) for zone in ZONES]
        edges += [one[-1].content.embargo_until for one in self.model.stories.values() if one[-1].content.embargo_until]
        chosen = data.draw(st.sampled_from(edges)) + data.draw(st.sampled_from([timedelta(0), -INSTANT, INSTANT]))
        short = self.at + data.draw(st.sampled_from([timedelta(seconds=20), timedelta(hours=3)]))
        self.at = chosen if chosen > self.at and data.draw(st.booleans()) else short
        self._did("wait", everything=True)

    # Agreements

    @rule(data=st.data())
    def govern(self, data: st.DataObject) -> None:
        """Amend, succeed, suspend, resume, give notice, end, join, leave; pause, open, close a flow, or set it under another agreement."""
        acts = [self._act, self._act, self._act, self._amend, self._succeed, self._move_flow]
        data.draw(st.sampled_from(acts))(data)

    def _amend(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.dossiers)))
        self._sign(strategies.amended(_draw(data), self.model.dossiers[name].versions[-1]))
        self._did("amend")

    def _succeed(self, data: st.DataObject) -> None:
        succeeded = {version.succeeds for one in self.model.dossiers.values() for version in one.versions}
        free = sorted(set(self.model.dossiers) - succeeded)
        before = self.model.dossiers[data.draw(st.sampled_from(free))].versions[-1]
        self._sign(strategies.agreement(_draw(data), f"{before.reference}+", before.parties, succeeds=before.reference))
        self._did("succeed")

    def _act(self, data: st.DataObject) -> None:
        """Suspend, resume, give notice, terminate, join, leave."""
        name = data.draw(st.sampled_from(sorted(self.model.dossiers)))
        done = self.model.dossiers[name].acts
        kinds = [ActKind.SUSPEND, ActKind.RESUME, ActKind.RESUME, ActKind.NOTICE]
        if name.startswith("frame"):
            kinds += [ActKind.JOIN, ActKind.LEAVE, ActKind.JOIN, ActKind.LEAVE]
        kind = data.draw(st.sampled_from(kinds)) if data.draw(st.sampled_from([True] * 7 + [False])) else ActKind.TERMINATE
        party = data.draw(st.sampled_from([*NAMES, "c"])) if kind in (ActKind.JOIN, ActKind.LEAVE) else None
        on = max([self.at.date() + timedelta(days=data.draw(st.integers(-1, 3))), *(one.on for one in done)])
        self._record(name, Act(kind, on, "agreed", party=party))
        self._did(str(kind))

    def _move_flow(self, data: st.DataObject) -> None:
        """A flow is paused, opened, closed, or runs under another agreement."""
        name = data.draw(st.sampled_from(sorted(self.model.flows)))
        before = self.model.flows[name]
        state = data.draw(mostly(FlowState.OPEN, FlowState.PAUSED))
        under = data.draw(mostly(before.agreement, *sorted(self.model.dossiers)))
        others = [one for one in self.model.flows.values() if one.id != name and one.state is not FlowState.CLOSED]
        closing = data.draw(st.sampled_from([False] * 9 + [True]))
        self._take((*others, *([] if closing else [replace(before, state=state, agreement=under)])))
        self._did("flow")

    # What partners send

    @rule(data=st.data())
    def poll(self, data: st.DataObject) -> None:
        self._poll(data)

    @rule(data=st.data())
    def poll_again(self, data: st.DataObject) -> None:
        self._poll(data)

    def _poll(self, data: st.DataObject) -> None:
        """New ones, new takes, corrections, kills, what we have, what is older; flagged ones, embargoed ones, and their own words."""
        draw = _draw(data)
        flows = [one for one in self.model.flows.values() if one.direction is Direction.INBOUND and one.state is not FlowState.CLOSED]
        if not flows:
            return
        flow = draw(st.sampled_from(sorted(flows, key=lambda one: one.id)))
        known = sorted(guid for name, guid in self.model.items if name == flow.id)
        entries: dict[str, Entry] = {}
        for _ in range(draw(st.sampled_from([1, 1, 2]))):
            entry = self._entry(draw, flow, known)
            entries[entry.guid] = entry
        killing = bool(known) and draw(once_in(10))
        dead = [draw(st.sampled_from(known))] if killing else []
        for guid in dead:
            entries.pop(guid, None)
        self.wire.feed = ParsedFeed("", None, tuple(entries.values()), tuple(Tombstone(guid, self.at, "Wrong.") for guid in dead))
        may = governing(self.model, flow, self.at) is not None
        outcome = self.poller.poll(flow.id, self.at).outcome
        _same("a visit", outcome is not Outcome.UNGOVERNED, may)
        if may:
            self._learn_names()
            for guid in dead:
                if (flow.partner, guid) not in self.model.dead:
                    self.model.kill_guid(flow.partner, guid, self.at)
            for entry in sorted(entries.values(), key=lambda entry: entry.pubstatus is not Pubstatus.CANCELED):
                held = items.by_guid(self.tx, flow.id, entry.guid)
                self.model.receive(held.id if held else f"none {entry.guid}", entry, flow, self.at)
        self._did("poll", everything=bool(dead) or any(one.pubstatus is not Pubstatus.USABLE for one in entries.values()))

    def _entry(self, draw: st.DrawFn, flow: Flow, known: list[str]) -> Entry:
        kinds = ["new", "new", "new", *(["correction", "correction", "correction", "kill", "same", "older", "take"] if known else [])]
        kind = draw(st.sampled_from(kinds))
        self.made += 1
        guid = draw(st.sampled_from(known)) if kind not in ("new", "take") else f"{flow.partner}:{self.made}"
        held = self.model.items.get((flow.id, guid))
        if held and kind == "same":
            return replace(held.entry, content=held.read[0], pubstatus=held.read[1])
        pubstatus = Pubstatus.CANCELED if kind == "kill" else draw(mostly(Pubstatus.USABLE, Pubstatus.WITHHELD))
        claimed = draw(mostly(None, "Agency B", "c", "Agency Nobody"))
        spoken = {"a": ["Экономика", "спорт", "Кино", "Балет"], "b": ["idman", "Teatr"]}.get(flow.partner, ["Sport"])
        return Entry(
            guid,
            self._content(draw, own_topics=draw(st.booleans())),
            f"<entry>{self.made}</entry>".encode(),
            pubstatus,
            categories=(draw(st.sampled_from(spoken)),) if draw(st.booleans()) else (),
            updated=self.at - timedelta(days=1 if kind == "older" else 0),
            replaces=draw(st.sampled_from(known)) if kind == "take" else None,
            claimed_source=claimed,
            flags=draw(mostly((), ("its date cannot be read",))),
        )

    def _content(self, draw: st.DrawFn, *, own_topics: bool = True) -> Content:
        picture = Rendition(f"https://x.example/{self.made}.jpg", "image/jpeg", ContentType.PICTURE)
        topics = draw(mostly((ECONOMY,), (SPORT,), (ECONOMY, SPORT), (POLITICS,), ()))
        body = draw(mostly(BODIES[0], *BODIES[1:]))
        return Content(
            headline="Museum" if body == BODIES[2] else f"Rail forum in Astana, report {self.made}z",
            body=body,
            language=draw(mostly("en-GB", "en", "fr", "kk")),
            type=draw(mostly(ContentType.TEXT, ContentType.PICTURE)),
            topics=topics if own_topics else (),
            renditions=(picture,) if draw(once_in(3)) else (),
            credit_line=draw(st.sampled_from(["Agency A", None, None, " "])),
            embargo_until=self._hour(draw) if draw(once_in(5)) else None,
        )

    def _hour(self, draw: st.DrawFn) -> datetime:
        return self.at + draw(st.sampled_from([timedelta(hours=3), timedelta(days=1), timedelta(seconds=20), timedelta(hours=-1)]))

    # What editors do

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self._accept(data, edited=False)

    @rule(data=st.data())
    def accept_again(self, data: st.DataObject) -> None:
        self._accept(data, edited=False)

    @rule(data=st.data())
    def accept_with_edits(self, data: st.DataObject) -> None:
        self._accept(data, edited=True)

    def _accept(self, data: st.DataObject, *, edited: bool) -> None:
        item = self._item(data)
        if item is None:
            return
        source = item.entry.content
        cut = " ".join(source.headline.split()[:-1]) or source.headline
        headline = data.draw(st.sampled_from([source.headline, cut, f"{source.headline} opened"])) if edited else source.headline
        edits = Edits(headline, "", source.body) if edited else None
        allowed = self._tried(lambda revision: self.desk.accept(item.name, revision, "mai", self.at, edits), item.name)
        self._learn_names()
        content = replace(source, headline=headline, summary="") if edited else source
        _same("accept", allowed, self._modelled(lambda: self.model.accept(item, content, "mai", self.at)))
        self._did("accept" if allowed else "accept, refused", everything=allowed)

    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        """Reject, hold, keep."""
        item = self._item(data)
        if item is None:
            return
        act = data.draw(st.sampled_from(["reject", "hold", "keep"]))
        acts: dict[str, Callable[[int], object]] = {
            "reject": lambda revision: self.desk.reject(item.name, revision, "not for us", "mai", self.at),
            "hold": lambda revision: self.desk.hold(item.name, revision, "mai", self.at),
            "keep": lambda revision: self.desk.keep(item.name, revision, "mai", self.at),
        }
        allowed = self._tried(acts[act], item.name)
        _same(act, allowed, self._modelled(lambda: self.model.move(item, act, self.at)))
        self._did(act if allowed else f"{act}, refused")

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        fresh = [one for one in self.model.items.values() if one.last and self.at - one.last[3] <= timedelta(minutes=1)]
        item = self._item(data, fresh)
        if item is None:
            return
        allowed = self._tried(lambda revision: self.desk.undo(item.name, revision, "mai", self.at), item.name)
        _same("undo", allowed, self._modelled(lambda: self.model.undo(item, self.at)))
        self._did("undo" if allowed else "undo, refused", everything=allowed)

    # Our own stories

    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        self._write(data, derive=False)

    @rule(data=st.data())
    def derive(self, data: st.DataObject) -> None:
        self._write(data, derive=True)

    def _write(self, data: st.DataObject, *, derive: bool) -> None:
        names = sorted(self.model.stories)
        sources: tuple[str, ...] = ()
        if derive:
            if not names:
                return
            sources = tuple(data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))
        self.made += 1
        content, pubstatus = self._own(_draw(data)), data.draw(mostly(Pubstatus.USABLE, Pubstatus.WITHHELD))
        story, told = f"none {self.made}", self._ninjs(f"urn:vna:{self.made}", content, pubstatus)
        try:
            story = self.room.add(told, "mai", self.at, sources).id
            allowed = True
        except REFUSALS:
            allowed = False
        _same("write", allowed, self._modelled(lambda: self.model.write(story, self._heard(content), pubstatus, sources, self.at)))
        self._did("derive" if derive else "write", everything=True)

    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        """Correct, hold, lift, move the embargo."""
        if not self.model.stories:
            return
        story = data.draw(st.sampled_from(sorted(self.model.stories)))
        self.made += 1
        content, pubstatus = self._own(_draw(data)), data.draw(st.sampled_from([Pubstatus.USABLE, Pubstatus.USABLE, Pubstatus.WITHHELD]))
        held = stories.get(self.tx, story)
        told = self._ninjs(held.uri if held and held.uri else f"urn:vna:{self.made}", content, pubstatus)
        allowed = self._tried(lambda _: self.room.correct(story, told, None, "mai", self.at))
        _same("correct", allowed, self._modelled(lambda: self.model.correct(story, self._heard(content), pubstatus, self.at)))
        self._did("correct" if allowed else "correct, refused", everything=allowed)

    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        if not self.model.stories or data.draw(st.booleans()):
            return
        story = data.draw(st.sampled_from(sorted(self.model.stories)))
        alive = self.model.status(story) is not Pubstatus.CANCELED
        _same("kill", self._tried(lambda _: self.room.kill(story, "Wrong.", "mai", self.at)), alive)
        if alive:
            self.model.kill(story, self.at)
        self._did("kill", everything=True)

    @rule(data=st.data())
    def withhold(self, data: st.DataObject) -> None:
        """A hold by hand, or its end."""
        if not self.model.stories:
            return
        story = data.draw(st.sampled_from(sorted(self.model.stories)))
        if data.draw(st.booleans()):
            allowed = self._tried(lambda _: self.room.hold(story, "Being checked.", "mai", self.at))
            _same("withhold", allowed, self._modelled(lambda: self.model.hold(story, self.at)))
        else:
            allowed = self._tried(lambda _: self.room.lift(story, "It was right.", "mai", self.at))
            _same("lift", allowed, self._modelled(lambda: self.model.lift(story, self.at)))
        self._did("withhold or lift" if allowed else "withhold or lift, refused", everything=allowed)

    def _own(self, draw: st.DrawFn) -> Content:
        content = self._content(draw)
        # A story that is a picture is none without one.
        picture = Rendition(f"https://vna.example/{self.made}.jpg", "image/jpeg", ContentType.PICTURE)
        return replace(content, renditions=(picture,) if content.type is ContentType.PICTURE else (), summary="")

    def _heard(self, content: Content) -> Content:
        """As ninjs tells it: in whole seconds; an hour that is past is none, and so is a line that is empty."""
        told = content.embargo_until.replace(microsecond=0) if content.embargo_until else None
        ahead = told if told and told > self.at else None
        credit = (content.credit_line or "").strip() or None
        pictures = tuple(replace(one, credit=credit) for one in content.renditions)
        return replace(content, embargo_until=ahead, credit_line=credit, renditions=pictures)

    def _ninjs(self, uri: str, content: Content, pubstatus: Pubstatus) -> bytes:
        told: dict[str, Any] = {
            "uri": uri,
            "headline": content.headline,
            "body_html": content.body,
            "language": content.language,
            "type": str(content.type),
            "subject": [{"code": topic} for topic in content.topics],
            "pubstatus": str(pubstatus),
        }
        if content.renditions:
            told["renditions"] = [{"href": one.url, "contenttype": one.media_type} for one in content.renditions]
        if content.credit_line:
            told["creditline"] = content.credit_line
        if content.embargo_until:
            told["embargoed"] = content.embargo_until.isoformat()
        return json.dumps(told).encode()

    # What partners read

    @rule()
    def serve(self) -> None:
        """Every format of every flow, and its notices, as bytes: with all that the model allows, and no word of anything else."""
        for name, flow in sorted(self.model.flows.items()):
            if flow.direction is not Direction.OUTBOUND:
                continue
            self._look(name)
            self._notices(name)
            held = partners.flow(self.tx, name)
            expected = self.model.served(name, self.at)
            if held is None or isinstance(expected, str):
                continue
            seen = document.outlook(self.tx, held, SETTINGS, f"https://vna.example/feeds/{name}", self.at)
            allowed = {(story, number) for story, number, _, _ in expected.entries}
            for form, made in FORMS.items():
                for entry in seen.document.entries:
                    if (form, entry) not in self.entries:
                        self.entries[form, entry] = made.entry(seen.document, entry)
                body = made.join(seen.document, [self.entries[form, entry] for entry in seen.document.entries]).decode()
                for story, number in self._versions():
                    headline = self._headline(story, number)
                    if headline.endswith("z"):
                        _same(f"{headline} in {name}.{form}", headline in body, (story, number) in allowed)
                for story in expected.withdrawn - self._long_told(name) if made.tells else ():
                    _same(f"the notice of {story} in {name}.{form}", self._entry_id(story) in body, True)
            told = (*seen.sequences, *seen.notices)
            publications.record_fetch(self.tx, publications.unfetched(self.tx, told), self.at, "token")
            self.got |= {(name, story) for story, *_ in expected.entries}
        self._push()
        self._did("serve")

    def _push(self) -> None:
        """What waits for each partner is sent, once it has read its feed; each message is held against the model."""
        while claims := self.pusher.claim(8, 8):
            for one in claims:
                self.pusher.work(one)

    def _pushed(self, flow: Flow, told: dict[str, Any]) -> None:
        """A version that the model allows now, of a story that it shows now; or a notice, without content, of one that the partner has."""
        item, expected = told["data"], self.model.served(flow.id, self.at)
        (story,) = (one for one in self.model.stories if self._entry_id(one) == item["uri"])
        shown = set() if isinstance(expected, str) else {name for name, *_ in expected.entries}
        if told["type"] == "story.withdrawn":
            self.count["withdrawals pushed"] += 1
            gone = set() if isinstance(expected, str) else expected.withdrawn
            if (flow.id, story) not in self.got and story not in shown | gone | self._long_told(flow.id):
                raise LeakError(f"{story} is told to be gone on {flow.id}, which never had it")
            return
        self.count["stories pushed"] += 1
        version = self.model.stories[story][int(item["version"]) - 1]
        if story not in shown or not clear(self.model, version, self.model.stories[story][-1].pubstatus, flow, self.at).allowed:
            raise LeakError(f"{story} v{version.number} is sent on {flow.id}, and the model denies it")

    def _notices(self, name: str) -> None:
        """What was taken back after it was fetched is told, to whom it went, whatever has become of the agreement: and nothing else is."""
        flow = partners.flow_ever(self.tx, name)
        assert flow is not None
        told = document.notices(self.tx, flow, SETTINGS, f"https://vna.example/feeds/{name}/withdrawn", self.at).document
        gone = {
            story
            for (on, story), history in self.model.kept.items()
            if on == name
            and (on, story) in self.got
            and history
            and (history[-1].kind is PublicationKind.WITHDRAWAL or waits_for_its_hour(self.model, history[-1].version, flow, self.at))
        }
        old = {self._entry_id(one) for one in self._long_told(name)}
        _same_sets(f"the notices of {name}", {one.entry_id for one in told.withdrawn} - old, {self._entry_id(one) for one in gone} - old)

    # Holding them against each other

    def _did(self, act: str, *, everything: bool = False) -> None:
        self.count["operations"] += 1
        self.count[act] += 1
        self.done += 1
        self._same_records()
        if self.done % 10 == 0:
            self._same_stamps()
        outbound = sorted(name for name, flow in self.model.flows.items() if flow.direction is Direction.OUTBOUND)
        for name in outbound if everything else outbound[self.done % 3 :][:1]:
            self._look(name)

    def _look(self, name: str) -> None:
        expected, seen = self.model.served(name, self.at), self._shown(name)
        if isinstance(expected, str) or isinstance(seen, str):
            self.count[expected if isinstance(expected, str) else "open"] += 1
            if seen != expected:
                raise (LeakError if isinstance(expected, str) else WithheldError)(f"{name}: {seen}, not {expected}")
            return
        self.count["stories shown"] += len(expected.entries)
        self.count["withdrawals shown"] += len(expected.withdrawn)
        _same_sets(f"the stories of {name}", seen.entries, expected.entries)
        old = self._long_told(name)
        _same_sets(f"the withdrawals of {name}", seen.withdrawn - old, expected.withdrawn - old)

    def _long_told(self, name: str) -> set[str]:
        """What was taken back so long ago that it is told to those alone who have not read of it yet: here, of either nothing is said."""
        return {
            story
            for (on, story), history in self.model.kept.items()
            if on == name and history and history[-1].kind is PublicationKind.WITHDRAWAL and history[-1].at <= self.at - document.TOLD_FOR
        }

    def _shown(self, name: str) -> Served | str:
        flow = partners.flow(self.tx, name)
        if flow is None:
            return CLOSED
        try:
            seen = document.outlook(self.tx, flow, SETTINGS, f"https://vna.example/feeds/{name}", self.at).document
        except RefusedError:
            return REFUSED
        entries = {
            (one.version.story, one.version.number, one.stamp, tuple(rendition.type for rendition in one.version.content.renditions))
            for one in seen.entries
        }
        assert len(entries) == len(seen.entries), "a story stands there twice"
        called = {self._entry_id(story): story for story in self.model.stories}
        return Served(frozenset(entries), frozenset(called[one.entry_id] for one in seen.withdrawn))

    def _same_records(self) -> None:
        """Items, stories and ledger are as the model has them; and no stamp has been rewritten."""
        rows = self.tx.rows(select(schema.items.c.id, schema.items.c.state))
        _same("the queue", {row.id: row.state for row in rows}, {one.name: one.state for one in self.model.items.values()})
        of = (schema.stories.c.id, schema.stories.c.current, schema.stories.c.pubstatus)
        held = {(row.id, row.current, row.pubstatus) for row in self.tx.rows(select(*of))}
        _same_sets("the stories", held, {(name, len(one), str(one[-1].pubstatus)) for name, one in self.model.stories.items()})
        line = schema.ledger.c
        columns = (line.movement, line.flow, line.subject, line.agreement, line.direction, line.type, line.language, line.at)
        counted = {tuple(row) for row in self.tx.rows(select(*columns))}
        modelled = {
            (str(what), flow, subject, one.agreement, str(one.direction), str(one.type), one.language, one.at)
            for (what, flow, subject), lines in self.model.moved.items()
            for one in lines
        }
        _same_sets("the ledger", counted, modelled)

    def teardown(self) -> None:
        self.open.close()

    def _same_stamps(self) -> None:
        """Every publication has the stamp, and every story the credit, sources and hour, that the model remembers."""
        for (name, story), history in self.model.kept.items():
            placed = [one for one in publications.of_story(self.tx, story) if one.flow == name]
            kept = [(str(one.kind), one.version.number, one.stamp) for one in history]
            _same(f"{story} on {name}", [(str(one.kind), one.version, one.stamp) for one in placed], kept)
        for story, life in self.model.stories.items():
            said = [(one.content.credit_line, one.content.embargo_until, one.sources) for one in stories.versions(self.tx, story)]
            _same(f"the life of {story}", said, [(one.content.credit_line, one.content.embargo_until, one.sources) for one in life])
        for item in self.model.items.values():
            newest = items.get(self.tx, item.name)
            _same(f"the stamp of {item.name}", newest.current.stamp if newest else None, item.stamp)

    # In both at once

    def _sign(self, agreement: Agreement) -> None:
        agreements.sign(self.tx, agreement, self.at, "mai")
        self.model.sign(agreement)

    def _record(self, reference: str, act: Act) -> None:
        agreements.record_act(self.tx, reference, act, self.at, "mai")
        self.model.record(reference, act)

    def _take(self, flows: tuple[Flow, ...]) -> None:
        partners.take(self.tx, PARTNERS, flows, self.at)
        self.model.take(flows)

    def _item(self, data: st.DataObject, among: list[Known] | None = None) -> Known | None:
        chosen = sorted(self.model.items.values() if among is None else among, key=lambda one: one.guid)
        return data.draw(st.sampled_from(chosen)) if chosen else None

    def _tried(self, act: Callable[[int], object], item: str | None = None) -> bool:
        held = items.get(self.tx, item) if item else None
        try:
            act(held.revision if held else 0)
        except REFUSALS:
            return False
        return True

    @staticmethod
    def _modelled(act: Callable[[], object]) -> bool:
        try:
            act()
        except NotAllowed:
            return False
        return True

    def _learn_names(self) -> None:
        of = select(schema.stories.c.item, schema.stories.c.id).where(schema.stories.c.item.is_not(None))
        self.model.story_of = {row.item: row.id for row in self.tx.rows(of)}

    def _entry_id(self, story: str) -> str:
        if story not in self.called:
            held = stories.get(self.tx, story)
            self.called[story] = held.entry_id if held else story
        return self.called[story]

    def _versions(self) -> list[tuple[str, int]]:
        return [(name, one.number) for name, life in self.model.stories.items() for one in life]

    def _headline(self, story: str, number: int) -> str:
        """Empty where another version has the same one."""
        said = [
            (name, one.number)
            for name, life in self.model.stories.items()
            for one in life
            if one.content.headline == self._said(story, number)
        ]
        return self._said(story, number) if said == [(story, number)] else ""

    def _said(self, story: str, number: int) -> str:
        return self.model.stories[story][number - 1].content.headline


def _draw(data: st.DataObject) -> st.DrawFn:
    return cast(st.DrawFn, data.draw)


class _Undone(Exception):  # noqa: N818 - it ends an example: its transaction leaves nothing for the next
    pass


@contextmanager
def _undone(database: Database) -> Iterator[Transaction]:
    try:
        with database.write() as tx:
            yield tx
            raise _Undone
    except _Undone:
        return


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        # Of an act: done though the model refuses it, or refused though it allows it.
        raise (WithheldError if found is False else LeakError)(f"{what}: {found!r}, and the model says {expected!r}")


def _same_sets(what: str, found: set[Any] | frozenset[Any], expected: set[Any] | frozenset[Any]) -> None:
    if found - expected:
        raise LeakError(f"{what}: {sorted(map(str, found - expected))}, which the model has not ({sorted(map(str, expected - found))})")
    if expected - found:
        raise WithheldError(f"{what}: {sorted(map(str, expected - found))} is missing")


STEPS: Final = 50
EXAMPLES: Final = 20


def live(database: Database, operations: int, number: int, *, shrink: bool = True) -> Counter[str]:
    """Live through at least so many operations, the same ones for the same number; returns how often what was done.

    Raises LeakError or WithheldError at the first difference, after looking for the shortest way to it.
    """
    count: Counter[str] = Counter()
    plan = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    while count["operations"] < operations:

        def exchange() -> Exchange:
            return Exchange(database, count)

        before = count["operations"]
        run_state_machine_as_test(cast(Any, seed(number)(exchange)), settings=plan)
        assert count["operations"] > before
        number += 1_000
    return count
