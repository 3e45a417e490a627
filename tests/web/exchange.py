"""A small exchange to look at: TRC's stories may go on to AZERTAC, AZERTAC's may not; and a visitor who reads pages as a browser would."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from syndication import access
from syndication.ingest.taking import take
from syndication.model.account import Editor, FeedToken, Role
from syndication.model.agreement import Act, ActKind, Alteration, OnwardUse
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.partner import Direction, Flow, Partner
from syndication.settings import Settings
from syndication.storage import accounts, agreements, items, partners
from syndication.storage.database import Database
from syndication.web.app import create_app
from syndication.web.parts import Parts
from tests.worlds import NOW as NOW
from tests.worlds import agreement, content, entry, flow, grant, outbound, partner, term, terms

PASSWORD = "correct horse battery"
EDITOR = Editor("e_mai", "mai", "Mai Trần", Role.EDITOR, "en", 1, None, NOW)
MANAGER = Editor("e_lan", "lan", "Lan Phạm", Role.MANAGER, "en", 1, None, NOW)
SECOND = Editor("e_minh", "minh", "Minh Lê", Role.MANAGER, "en", 1, None, NOW)

FROM_TRC = flow(languages=("en", "ru"))
FROM_AZERTAC = flow(
    id="azertac-en", partner="azertac", agreement="vna-azertac-2025", title="AZERTAC in English", url="https://feeds.azertac.example/en.rss"
)
TO_TRC = outbound()
TO_AZERTAC = outbound(id="to-azertac", partner="azertac", agreement="vna-azertac-2025", title="VNA for AZERTAC")
FLOWS = (FROM_TRC, FROM_AZERTAC, TO_TRC, TO_AZERTAC)
PARTNERS = (partner(), Partner("azertac", "AZERTAC", "AZ", homepage="https://azertac.example/", token_in_address=True))

ONWARD = terms(
    onward=OnwardUse.NAMED_PARTNERS,
    onward_partners=("azertac",),
    credit_line="{partner}",
    alteration=Alteration.ABRIDGE,
    use_days=30,
    territory=("VN", "AZ"),
)
OWN_USE = terms(onward=OnwardUse.OWN_USE, alteration=Alteration.NONE)
FREE = terms(onward=OnwardUse.ANYONE, alteration=Alteration.FREE)
AGREEMENTS = (
    agreement(
        grants=(
            grant(languages=("en", "ru"), terms=ONWARD),
            grant(clause="2.2", direction=Direction.OUTBOUND, languages=("en", "vi"), terms=FREE),
        ),
        assumptions=("No term is stated in the public record; one year is assumed.",),
    ),
    agreement(
        reference="vna-azertac-2014",
        since=date(2014, 5, 1),
        title="Exchange agreement of 2014",
        parties=("vna", "azertac"),
        term=term(effective=date(2014, 5, 1), until=date(2019, 5, 1)),
        signed_on=date(2014, 5, 1),
    ),
    agreement(
        reference="vna-azertac-2025",
        since=date(2025, 5, 7),
        title="Exchange of content in several formats",
        parties=("vna", "azertac"),
        term=term(effective=date(2025, 5, 7)),
        signed_on=date(2025, 5, 7),
        signed_at="Baku",
        succeeds="vna-azertac-2014",
        grants=(
            grant(clause="3.1", terms=OWN_USE),
            grant(clause="3.2", direction=Direction.OUTBOUND, languages=("en", "vi"), terms=FREE),
        ),
    ),
)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is told."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(slots=True)
class Exchange:
    """The database with the two agreements in it, an application over it, and the clock of both."""

    database: Database
    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        with self.database.write() as tx:
            partners.take(tx, PARTNERS, FLOWS, NOW)
            for one in AGREEMENTS:
                agreements.sign(tx, one, NOW, "test")
            accounts.add(tx, replace(EDITOR, password_hash=_hashed()))
            accounts.add(tx, replace(MANAGER, password_hash=_hashed()))
            accounts.add(tx, replace(SECOND, password_hash=_hashed()))

    def app(self) -> Flask:
        made = create_app(Parts(self.database, self.settings, self.clock, b"k" * 32))
        made.config["TESTING"] = True
        return made

    def visitor(self) -> "Visitor":
        return Visitor(self.app().test_client())

    def seated(self, login: str = "mai") -> "Visitor":
        """A visitor who has signed in by password."""
        visitor = self.visitor()
        answer = visitor.post("/sign-in", page="/sign-in", login=login, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return visitor

    def receive(self, *entries: Entry, on: Flow = FROM_TRC, tombstones: tuple[Tombstone, ...] = ()) -> None:
        """What a poll of that flow would have kept of these entries."""
        giver = next(one for one in PARTNERS if one.id == on.partner)
        with self.database.write() as tx:
            take(tx, ParsedFeed("", "en", entries, tombstones), on, giver, self.settings, self.clock())

    def item(self, number: int = 1, on: Flow = FROM_TRC) -> Any:
        with self.database.read() as tx:
            return items.by_guid(tx, on.id, guid(number))

    def act(self, reference: str, kind: ActKind, on: date) -> None:
        with self.database.write() as tx:
            agreements.record_act(tx, reference, Act(kind, on, "test"), self.clock(), "test")

    def token(self, partner: str) -> str:
        plain, digest = access.new_token()
        with self.database.write() as tx:
            accounts.issue(tx, FeedToken(f"t_{partner}", partner, "test", self.clock()), digest)
        return plain

    def feed(self, flow: str, token: str) -> str:
        """The flow's Atom feed, as its partner reads it now."""
        answer = self.app().test_client().get(f"/feeds/{flow}.atom", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return str(answer.text)


@dataclass(slots=True)
class Visitor:
    """Posts a form as a browser does: with the token that the page carries."""

    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, /, page: str = "/keys", *, headers: Any = None, **fields: Any) -> TestResponse:
        token = self.form_token(page)
        return self.client.post(path, data={"csrf_token": token, **fields}, headers=headers)

    def form_token(self, page: str = "/keys") -> str:
        answer = self.client.get(page)
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert found, answer.text
        return found.group(1)


_hash: list[str] = []


def _hashed() -> str:
    """Argon2 is slow by design: once for all tests."""
    if not _hash:
        _hash.append(access.hash_password(PASSWORD))
    return _hash[0]


def guid(number: int) -> str:
    """The name of the n-th entry."""
    return f"tag:trc.example,2026:{number}"


def story(number: int = 1, *, raw: bytes | None = None, **changes: Any) -> Entry:
    """The n-th entry of a partner's feed; `changes` are of its content."""
    said = content(**changes)
    return entry(guid=guid(number), content=said, raw=raw or f"<entry>{said.headline}</entry>".encode())


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r" ([:.,)])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()))
