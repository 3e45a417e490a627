"""The door for partners: conditional requests as RFC 9110 has them, after the gate has been asked; and what each partner may never see."""

import base64
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from werkzeug.test import TestResponse

from syndication import access
from syndication.agreements.governing import Standing
from syndication.feeds.forms import FORMS
from syndication.identity import entry_id, new_id
from syndication.model.account import FeedToken
from syndication.model.agreement import Act, ActKind, ContentType, EmbargoHandling, OnwardUse
from syndication.model.partner import Category, Direction, FlowState
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish.release import release
from syndication.review import desk
from syndication.review.desk import Desk
from syndication.settings import Settings
from syndication.storage import accounts, agreements, partners, publications, stories
from syndication.storage.database import Database
from tests.feeds.odrl_rules import Asked, faults, may
from tests.web.exchange import AGREEMENTS, FLOWS, FREE, PARTNERS, TO_TRC, Exchange, story
from tests.worlds import NOW, content, grant, rendition, story_version, terms

TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
    "ninjs": "application/json",
    "ninjs2": "application/json",
    "newsml": "application/vnd.iptc.g2.newsmessage+xml",
}
every_form = pytest.mark.parametrize("form", FORMS)
NAR = "{http://iptc.org/std/nar/2006-10-01/}"
NAMELESS = ("ninjs", "ninjs2")
"""Forms whose documents name no address of their own."""


@dataclass(slots=True)
class House:
    """The exchange, what our newsroom does in it, and TRC with its token."""

    exchange: Exchange
    token: str

    def ask(self, path: str = "/feeds/to-trc.atom", *, method: str = "GET", token: str | None = None, **headers: str) -> TestResponse:
        """One request. Headers are given as `if_none_match=...`."""
        given = [("Authorization", f"Bearer {token or self.token}")]
        given += [(name.replace("_", "-"), value) for name, value in headers.items()]
        return self.exchange.app().test_client().open(path, method=method, headers=given)

    def publish(self, headline: str, **changes: Any) -> Story:
        """A story of our own, released."""
        now, identity = self.exchange.clock(), new_id("s")
        version = story_version(story=identity, content=content(headline=headline, **changes), made_at=now)
        written = Story(identity, entry_id("vna.example", identity, now), version, now)
        with self.exchange.database.write() as tx:
            stories.write(tx, written)
            release(tx, written, agency="vna", now=now)
        return written

    def correct(self, told: Story, headline: str) -> Story:
        """The next version of it, released."""
        now, before = self.exchange.clock(), told.current
        version = StoryVersion(
            told.id,
            before.number + 1,
            replace(before.content, headline=headline),
            before.pubstatus,
            StoryAct.CORRECT,
            now,
            "mai",
            "Corrected.",
        )
        after = replace(told, current=version)
        with self.exchange.database.write() as tx:
            stories.add_version(tx, told.id, version)
            release(tx, after, agency="vna", now=now)
        return after

    def kill(self, told: Story, note: str = "Killed: wrong.") -> None:
        """Take it back, for good."""
        with self.exchange.database.write() as tx:
            desk.kill(tx, told, self.exchange.settings, by="mai", note=note, now=self.exchange.clock())

    def accepted(self, headline: str, **changes: Any) -> None:
        """A story of TRC's, that an editor took: it may go on to AZERTAC for 30 days."""
        self.exchange.receive(story(1, headline=headline, **changes))
        item = self.exchange.item(1)
        Desk(self.exchange.database, self.exchange.settings).accept(item.id, item.revision, "mai", self.exchange.clock())

    def granted(self, of: int = 0, **changes: Any) -> None:
        """A second version of the agreement with TRC (or of another one), from today on, with other terms going out."""
        first = AGREEMENTS[of]
        grants = (first.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=("en", "vi"), **changes))
        with self.exchange.database.write() as tx:
            agreements.sign(tx, replace(first, version=2, since=date(2026, 11, 24), grants=grants), self.exchange.clock(), "test")


@pytest.fixture
def house(exchange: Exchange) -> House:
    return House(exchange, exchange.token("trc"))


def titles(answer: TestResponse) -> list[str]:
    """The headlines in a feed, whatever its form; the answer must be a 200."""
    assert answer.status_code == 200, answer.text
    if answer.content_type == TYPES["json"]:
        return [item["title"] for item in json.loads(answer.data)["items"]]
    if answer.content_type == TYPES["newsml"]:
        return [one.findtext(f"{NAR}headline") or "" for one in ElementTree.fromstring(answer.data).iter(f"{NAR}contentMeta")]
    if answer.content_type == TYPES["ninjs"]:
        return [item["headlines"][0]["value"] for item in json.loads(answer.data) if "headlines" in item]
    return [entry.title for entry in feedparser.parse(io.BytesIO(answer.data), sanitize_html=False, resolve_relative_uris=False).entries]


def same_headers(one: TestResponse, other: TestResponse) -> bool:
    """All of them, whatever their order."""
    return sorted(one.headers.items()) == sorted(other.headers.items())


# Wire, part A: a first-class publisher


@every_form
def test_wire_1_each_form_has_its_type(house: House, form: str) -> None:
    house.publish("One")
    answer = house.ask(f"/feeds/to-trc.{form}")
    assert answer.headers["Content-Type"] == TYPES[form]
    assert titles(answer) == ["One"]
    if "xml" in TYPES[form]:
        assert answer.data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


@every_form
def test_wire_2_3_the_same_state_is_the_same_bytes_and_the_same_validators(house: House, form: str) -> None:
    house.publish("One")
    house.exchange.clock.pass_by(minutes=1)
    before = house.ask(f"/feeds/to-trc.{form}")
    house.exchange.clock.pass_by(hours=5)
    after = house.ask(f"/feeds/to-trc.{form}")
    assert (before.data, before.headers["ETag"], before.headers["Last-Modified"]) == (
        after.data,
        after.headers["ETag"],
        after.headers["Last-Modified"],
    )
    assert before.headers["Last-Modified"] == format_datetime(NOW + timedelta(minutes=1), usegmt=True)


@every_form
def test_wire_3_a_change_is_another_validator(house: House, form: str) -> None:
    known = {house.ask(f"/feeds/to-trc.{form}").headers["ETag"]}
    first = house.publish("One")
    known.add(house.ask(f"/feeds/to-trc.{form}").headers["ETag"])
    # Within the same second: the tag must catch it (wire 5).
    first = house.correct(first, "One, corrected")
    known.add(house.ask(f"/feeds/to-trc.{form}").headers["ETag"])
    house.kill(first)
    known.add(house.ask(f"/feeds/to-trc.{form}").headers["ETag"])
    assert len(known) == 4


def tagged(house: House, form: str = "atom", encoding: str = "identity") -> str:
    """The tag of what stands there now."""
    return house.ask(f"/feeds/to-trc.{form}", accept_encoding=encoding).headers["ETag"]


@every_form
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_wire_4_6_a_known_tag_is_a_304(house: House, form: str, method: str) -> None:
    """No body; the headers that the 200 would have had; none that describe the body that is not there."""
    house.publish("One")
    whole = house.ask(f"/feeds/to-trc.{form}")
    answer = house.ask(f"/feeds/to-trc.{form}", method=method, if_none_match=whole.headers["ETag"])
    assert (answer.status_code, answer.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[name] == whole.headers[name], name
    assert not {"Content-Type", "Content-Encoding", "Content-Length"} & set(answer.headers.keys())


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param("{tag}", 304, id="the tag"),
        pytest.param("W/{tag}", 304, id="the tag, weak"),
        pytest.param('"a", W/"b", {tag}', 304, id="in a list"),
        pytest.param('"a",{tag},"b"', 304, id="in a list without blanks"),
        pytest.param(", ".join(f'"{number}"' for number in range(1000)) + ", {tag}", 304, id="the last of a thousand (Z07)"),
        pytest.param("*", 304, id="any"),
        pytest.param('"a"', 200, id="another"),
        pytest.param('"a", "b"', 200, id="others"),
        pytest.param("", 200, id="nothing"),
        pytest.param('"', 200, id="half a quote"),
        pytest.param("\x7f\xff", 200, id="rubbish"),
    ],
)
def test_wire_4_if_none_match(house: House, condition: str, status: int) -> None:
    house.publish("One")
    assert house.ask(if_none_match=condition.replace("{tag}", tagged(house))).status_code == status


def test_wire_4_if_none_match_outranks_if_modified_since(house: House) -> None:
    house.publish("One")
    later = format_datetime(NOW + timedelta(days=1), usegmt=True)
    assert house.ask(if_modified_since=later).status_code == 304
    assert house.ask(if_none_match='"another"', if_modified_since=later).status_code == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [
        pytest.param("Tue, 24 Nov 2026 08:01:00 GMT", 304, id="the moment itself"),
        pytest.param("Tuesday, 24-Nov-26 08:01:00 GMT", 304, id="as RFC 850 has it"),
        pytest.param("Tue Nov 24 08:01:00 2026", 304, id="as asctime has it"),
        pytest.param("Tue, 24 Nov 2026 08:01:01 GMT", 304, id="later"),
        pytest.param("Tue, 24 Nov 2026 08:00:59 GMT", 200, id="earlier"),
        pytest.param("Tue, 24 Nov 2026 08:00:00 GMT", 200, id="the second of the change"),
        pytest.param("yesterday", 200, id="no date"),
        pytest.param("Tue, 31 Feb 2026 08:00:00 GMT", 200, id="a date that is none"),
        pytest.param("", 200, id="empty"),
    ],
)
def test_wire_5_if_modified_since(house: House, since: str, status: int) -> None:
    house.publish("One")
    house.exchange.clock.pass_by(hours=1)
    assert house.ask().headers["Last-Modified"] == "Tue, 24 Nov 2026 08:01:00 GMT"
    assert house.ask(if_modified_since=since).status_code == status


@pytest.mark.parametrize("settled", [pytest.param(True, id="as it is"), pytest.param(False, id="the control: no minute to settle")])
@pytest.mark.parametrize("seconds", [pytest.param(0, id="in the same second"), pytest.param(9, id="written down 9 seconds late")])
@pytest.mark.parametrize("kill", [True, False], ids=["a kill", "a story more"])
def test_wire_5_a_date_cannot_hide_a_change_of_the_same_second(
    house: House, monkeypatch: pytest.MonkeyPatch, kill: bool, seconds: int, settled: bool
) -> None:
    """Read after one change and before another that bears the same second: who knows the date alone sees the other, however late."""
    if not settled:
        monkeypatch.setattr("syndication.publish.document.SETTLED", timedelta(0))
    told = house.publish("One")
    house.exchange.clock.pass_by(seconds=seconds, milliseconds=100)
    dated = house.ask().headers["Last-Modified"]
    house.exchange.clock.now = NOW + timedelta(milliseconds=300)
    if kill:
        house.kill(told)
    else:
        house.publish("Two")
    house.exchange.clock.pass_by(hours=5)
    assert house.ask(if_modified_since=dated).status_code == (200 if settled else 304)
    # And it is a 304 again once nothing changes.
    assert house.ask(if_modified_since=house.ask().headers["Last-Modified"]).status_code == 304


@pytest.mark.parametrize("changes", [{"terms": terms(onward=OnwardUse.OWN_USE)}, {"types": (ContentType.TEXT,)}], ids=["terms", "pictures"])
def test_wire_5_a_date_cannot_hide_an_amendment_of_the_same_day(house: House, changes: dict[str, Any]) -> None:
    """Z17: in force since midnight, signed at ten; the story is the same, and what may be done with it is not."""
    house.publish("One", renditions=(rendition(type=ContentType.PICTURE),))
    house.exchange.clock.pass_by(hours=1)
    dated = house.ask().headers["Last-Modified"]
    house.exchange.clock.pass_by(hours=1)
    house.granted(**changes)
    assert titles(house.ask(if_modified_since=dated)) == ["One"]
    house.exchange.clock.pass_by(hours=1)
    assert house.ask(if_modified_since=house.ask().headers["Last-Modified"]).status_code == 304


def test_wire_5_a_date_cannot_hide_that_a_story_comes_back(house: House) -> None:
    """Left out by one version of the agreement, let in again by the next, signed later on its first day."""
    house.publish("Một", language="vi")
    first = AGREEMENTS[0]
    for version, languages, shown in ((2, ("en",), ["Day 2"]), (3, ("en", "vi"), ["Day 3", "Day 2", "Một"])):
        house.exchange.clock.now = NOW + timedelta(days=version)
        house.publish(f"Day {version}")
        house.exchange.clock.pass_by(hours=1)
        dated = house.ask().headers["Last-Modified"]
        grants = (first.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=languages))
        amended = replace(first, version=version, since=house.exchange.clock.now.date(), grants=grants)
        with house.exchange.database.write() as tx:
            agreements.sign(tx, amended, house.exchange.clock(), "test")
        house.exchange.clock.pass_by(hours=5)
        assert titles(house.ask(if_modified_since=dated)) == shown


def test_wire_5_a_date_cannot_hide_that_a_story_has_left(house: House) -> None:
    """Z06: the use of TRC's story ends without any change that has a date. The older one stays; a 304 would keep both in use."""
    azertac = house.exchange.token("azertac")
    house.accepted("From TRC")
    house.exchange.clock.pass_by(minutes=5)
    house.publish("Our own")
    house.exchange.clock.pass_by(minutes=5)
    path = "/feeds/to-azertac.atom"
    before = house.ask(path, token=azertac)
    assert titles(before) == ["Our own", "From TRC"]
    dated = before.headers["Last-Modified"]
    # The control: while both stand, the date is good enough.
    assert house.ask(path, token=azertac, if_modified_since=dated).status_code == 304
    house.exchange.clock.pass_by(days=31)
    after = house.ask(path, token=azertac, if_modified_since=dated)
    assert titles(after) == ["Our own"]
    assert after.headers["Last-Modified"] == dated


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        pytest.param("If-Match", "{tag}", 200, id="the tag"),
        pytest.param("If-Match", '"a", {tag}', 200, id="in a list"),
        pytest.param("If-Match", "*", 200, id="any"),
        pytest.param("If-Match", '"a"', 412, id="another"),
        pytest.param("If-Match", "W/{tag}", 412, id="a weak one never matches strongly"),
        pytest.param("If-Unmodified-Since", "Tue, 24 Nov 2026 08:01:00 GMT", 200, id="unmodified since"),
        pytest.param("If-Unmodified-Since", "Tue, 24 Nov 2026 08:00:00 GMT", 412, id="modified since"),
        pytest.param("If-Unmodified-Since", "yesterday", 200, id="no date"),
    ],
)
def test_wire_7_preconditions(house: House, name: str, value: str, status: int) -> None:
    house.publish("One")
    answer = house.ask(**{name: value.replace("{tag}", tagged(house))})
    assert answer.status_code == status
    assert (b"One" in answer.data) is (status == 200)


def test_wire_7_if_match_comes_first(house: House) -> None:
    house.publish("One")
    assert house.ask(If_Match='"a"', if_none_match=tagged(house)).status_code == 412
    assert house.ask(If_Match=tagged(house), If_Unmodified_Since="Tue, 24 Nov 2020 08:00:00 GMT").status_code == 200


@every_form
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_wire_8_head_is_get_without_its_body(house: House, form: str, encoding: str) -> None:
    house.publish("One")
    path = f"/feeds/to-trc.{form}"
    whole, head = (house.ask(path, method=method, accept_encoding=encoding) for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (200, b"")
    assert same_headers(whole, head)
    assert int(head.headers["Content-Length"]) == len(whole.data)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"])
def test_wire_8_other_methods_are_405_and_say_which_are_not(house: House, method: str, path: str) -> None:
    house.publish("One")
    answer = house.ask(path, method=method)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert b"One" not in answer.data


@every_form
def test_wire_9_gzip_has_a_tag_of_its_own_and_either_revalidates(house: House, form: str) -> None:
    house.publish("One")
    path = f"/feeds/to-trc.{form}"
    plain, packed = (house.ask(path, accept_encoding=encoding) for encoding in ("identity", "gzip"))
    assert (plain.headers.get("Content-Encoding"), packed.headers.get("Content-Encoding")) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    tags = [plain.headers["ETag"], packed.headers["ETag"]]
    assert tags[0] != tags[1]
    for encoding, tag in (("identity", tags[0]), ("gzip", tags[1])):
        for known in tags:
            answer = house.ask(path, accept_encoding=encoding, if_none_match=known)
            assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("gzip, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("br", False),
        ("identity", False),
        ("", False),
    ],
)
def test_wire_9_gzip_only_for_who_wants_it(house: House, accepted: str, packed: bool) -> None:
    answer = house.ask(accept_encoding=accepted)
    assert (answer.headers.get("Content-Encoding") == "gzip") is packed


def test_wire_9_gzip_is_the_same_bytes_too(house: House) -> None:
    assert house.ask(accept_encoding="gzip").data == house.ask(accept_encoding="gzip").data


def answers(house: House) -> Iterator[TestResponse]:
    """One of every kind that this door gives."""
    house.publish("One")
    yield house.ask()
    yield house.ask(if_none_match="*")
    yield house.ask(If_Match='"a"')
    yield house.ask("/feeds/to-trc/withdrawn.atom")
    yield house.ask("/feeds/nowhere.atom")
    yield house.ask(method="POST")
    yield house.ask("/feeds/to-trc.atom?token=x")
    for _ in range(12):
        yield house.ask(token="wrong")
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 24))
    yield house.ask()


def test_wire_10_11_z08_every_answer_is_private_and_varies_and_sets_no_cookie(house: House) -> None:
    """Kept and revalidated by the partner, kept by nobody in between."""
    seen = set()
    for answer in answers(house):
        seen.add(answer.status_code)
        assert answer.headers["Cache-Control"] == "private, no-cache", answer.status_code
        # Flask adds Cookie where an extension has looked for one.
        assert answer.headers["Vary"].removesuffix(", Cookie") == "Authorization, Accept, Accept-Encoding, A-IM, Sec-Fetch-Dest", (
            answer.status_code
        )
        assert "Set-Cookie" not in answer.headers, answer.status_code
    assert seen == {200, 304, 412, 401, 403, 404, 405, 429}


def test_wire_13_refusals_say_so_with_their_status(house: House) -> None:
    assert "WWW-Authenticate" in house.ask(token="wrong").headers
    for _ in range(12):
        last = house.ask(token="wrong")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "60")


def test_wire_14_newest_first_and_bounded(database: Database) -> None:
    exchange = Exchange(database, Settings(feed_entries=3))
    house = House(exchange, exchange.token("trc"))
    for number in range(5):
        exchange.clock.pass_by(minutes=1)
        house.publish(f"Number {number}")
    assert titles(house.ask()) == ["Number 4", "Number 3", "Number 2"]


def test_wire_14_a_story_is_as_new_as_the_hour_of_its_embargo(database: Database) -> None:
    """Behind more later stories than a feed shows, it stands first when its hour comes."""
    exchange = Exchange(database, Settings(feed_entries=3))
    house = House(exchange, exchange.token("trc"))
    house.publish("Embargoed", embargo_until=NOW + timedelta(hours=2))
    for number in range(13):
        exchange.clock.pass_by(minutes=5)
        house.publish(f"Number {number}")
    assert titles(house.ask()) == ["Number 12", "Number 11", "Number 10"]
    exchange.clock.now = NOW + timedelta(hours=2)
    assert titles(house.ask()) == ["Embargoed", "Number 12", "Number 11"]


@every_form
def test_a13_links_are_of_the_configured_base_whatever_the_host(house: House, form: str) -> None:
    answer = house.ask(f"/feeds/to-trc.{form}", host="localhost:1234")
    assert (b"http://127.0.0.1:8800/feeds/to-trc." + form.encode() in answer.data) == (form not in NAMELESS)
    assert b"1234" not in answer.data
    assert house.ask(f"/feeds/to-trc.{form}", host="evil.example").status_code == 400


# Rights


def rights(house: House, token: str) -> dict[str, Any]:
    """What AZERTAC is told of each story's terms, by headline, as the JSON Feed has them."""
    answer = house.ask("/feeds/to-azertac.json", token=token)
    return {item["title"]: item["_syndication"] for item in json.loads(answer.data)["items"]}


def test_what_a_story_was_made_from_narrows_what_its_receiver_may_do(house: House) -> None:
    """TRC lets it go on to AZERTAC for 30 days, in two countries; what we agreed with AZERTAC allows everything. Control: our own story."""
    house.accepted("of TRC")
    house.publish("of VNA")
    told = rights(house, house.exchange.token("azertac"))
    terms = told["of TRC"]["terms"]
    assert (terms["onward"], terms["onward_partners"], terms["alteration"]) == ("named-partners", ["azertac"], "abridge")
    assert (terms["territory"], terms["use_until"]) == (["AZ", "VN"], "2026-12-24T08:00:00Z")
    assert told["of TRC"]["credits"] == [{"line": "TRC", "place": "end"}]
    free = told["of VNA"]["terms"]
    assert (free["onward"], free["alteration"]) == ("anyone", "free")
    assert not {"territory", "use_until", "onward_partners"} & set(free)


@every_form
def test_the_credit_line_that_we_ask_for_goes_with_our_own_stories(house: House, form: str) -> None:
    """The grant going out asks for it. Control: one that asks for none."""
    house.publish("of VNA")
    path = f"/feeds/to-trc.{form}"
    assert b"Anders News" not in house.ask(path).data
    house.granted(terms=replace(FREE, credit_line="Anders News"))
    house.publish("of VNA, too")
    assert b"Anders News" in house.ask(path).data


@every_form
def test_the_rights_are_the_same_in_every_form(house: House, form: str) -> None:
    """The policy is valid by the rules of ODRL, and says what the single words say."""
    house.accepted("of TRC")
    azertac = house.exchange.token("azertac")
    answer = house.ask(f"/feeds/to-azertac.{form}", token=azertac)
    if form == "json":
        written = json.loads(answer.data)["items"][0]["_syndication"]["policy"]
    elif form == "ninjs":
        written = json.loads(answer.data)[0]["rightsInfo"]["encodedRights"]
    elif form == "newsml":
        written = ElementTree.fromstring(answer.data).findtext(f".//{NAR}rightsExpressionData") or ""
    elif form == "ninjs2":
        written = json.loads(answer.data)[0]["rightsinfo"]["encodedrights"]
    else:
        written = feedparser.parse(io.BytesIO(answer.data)).entries[0].syn_policy
    assert written == rights(house, azertac)["of TRC"]["policy"]
    policy = json.loads(written)
    assert faults(policy) == []
    inside = Asked("print", NOW, country="AZ")
    assert may(policy, inside)
    for asked in (
        replace(inside, at=NOW + timedelta(days=30)),
        replace(inside, country="RU"),
        replace(inside, action="translate"),
        replace(inside, ended=True),
    ):
        assert not may(policy, asked)


@every_form
def test_a_partners_own_code_does_not_go_out(house: House, form: str) -> None:
    """What TRC calls sport is TRC's word. Control: the Media Topic goes."""
    house.publish("Sport", topics=("medtop:15000000", "trc:sport"))
    answer = house.ask(f"/feeds/to-trc.{form}")
    assert titles(answer) == ["Sport"]
    assert "15000000" in answer.text
    assert "trc:sport" not in answer.text


@every_form
def test_a_receiver_reads_the_subjects_by_its_own_names(house: House, form: str) -> None:
    """All of a category's topics have to be there. Another table of names is another document; nobody reads another partner's names."""
    mine = (Category("qanary-rail & roads", ("medtop:04000000",)), Category("qanary-both", ("medtop:04000000", "medtop:15000000")))
    theirs = replace(PARTNERS[1], categories=(Category("qanary-theirs", ("medtop:04000000",)),))
    house.publish("One", topics=("medtop:04000000",))
    before = house.ask(f"/feeds/to-trc.{form}")
    assert "qanary" not in before.text
    with house.exchange.database.write() as tx:
        partners.take(tx, (replace(PARTNERS[0], categories=mine), theirs), FLOWS, NOW)
    answer = house.ask(f"/feeds/to-trc.{form}", if_none_match=before.headers["ETag"])
    told = answer.text.replace("&amp;", "&")
    assert ("qanary-rail & roads" in told, "qanary-both" in told, "qanary-theirs" in told) == (True, False, False)


def test_a_hold_is_withheld_and_a_kill_canceled(house: House) -> None:
    """ninjs and the JSON Feed tell them apart; and a kill after a hold is another answer."""
    told = house.publish("Doubtful")
    version = replace(told.current, number=2, pubstatus=Pubstatus.WITHHELD, act=StoryAct.HOLD, note="Being checked.")
    held_back = replace(told, current=version)
    with house.exchange.database.write() as tx:
        stories.add_version(tx, told.id, version)
        release(tx, held_back, agency="vna", now=house.exchange.clock())
    held = house.ask("/feeds/to-trc.ninjs")
    assert [item["pubStatus"] for item in json.loads(held.data)] == ["withheld"]
    assert json.loads(house.ask("/feeds/to-trc.json").data)["_syndication"]["withdrawn"][0]["pubstatus"] == "withheld"
    house.kill(held_back)
    after = house.ask("/feeds/to-trc.ninjs", if_none_match=held.headers["ETag"])
    assert [(item["pubStatus"], item["edNote"]) for item in json.loads(after.data)] == [("canceled", "Killed: wrong.")]


@pytest.mark.parametrize("before", [StoryAct.HOLD, StoryAct.CORRECT])
def test_who_was_told_that_it_may_come_again_is_told_that_it_is_killed(house: House, before: StoryAct) -> None:
    """Taken back by a hold, or by a correction into what is not granted; then killed: the kill is what the partner reads."""
    told = house.publish("Doubtful")
    house.ask()
    status = Pubstatus.WITHHELD if before is StoryAct.HOLD else Pubstatus.USABLE
    version = replace(told.current, number=2, pubstatus=status, act=before, content=replace(told.current.content, language="fr"))
    with house.exchange.database.write() as tx:
        stories.add_version(tx, told.id, version)
        release(tx, replace(told, current=version), agency="vna", now=house.exchange.clock())
    assert told.entry_id in house.ask().text
    house.kill(replace(told, current=version), "LIBEL")
    for path in ("/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"):
        assert "LIBEL" in house.ask(path).text


# Authentication


def basic(text: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(text.encode()).decode()


def ask_as(house: House, *authorization: str, path: str = "/feeds/to-trc.atom", **more: Any) -> TestResponse:
    """A request with these Authorization headers."""
    given = [("Authorization", one) for one in authorization]
    return house.exchange.app().test_client().get(path, headers=given, **more)


def test_a_token_is_taken_as_bearer_and_as_the_password_of_basic(house: House) -> None:
    for given in (f"Bearer {house.token}", f"bearer  {house.token}", basic(f"trc:{house.token}"), basic(f":{house.token}")):
        assert ask_as(house, given).status_code == 200, given


def test_a02_unknown_revoked_and_expired_are_one_answer(house: House) -> None:
    from_now_on = house.exchange.clock()
    with house.exchange.database.write() as tx:
        accounts.revoke(tx, "t_trc", from_now_on)
    revoked = house.ask()
    unknown = house.ask(token="syn_" + "x" * 43)
    nearly = house.ask(token=house.token[:-1] + ("a" if house.token[-1] != "a" else "b"))
    expired = house.ask(token=short_lived(house))
    assert (revoked.status_code, revoked.data) == (401, unknown.data)
    for other in (nearly, expired):
        assert (other.status_code, other.data) == (401, unknown.data)
        assert same_headers(other, unknown)
    assert same_headers(revoked, unknown)


def short_lived(house: House) -> str:
    """A token that has just ended; before, it was good (the control)."""
    plain, digest = access.new_token()
    ends = house.exchange.clock() + timedelta(seconds=5)
    with house.exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_short", "trc", "short", NOW, expires_at=ends), digest)
    assert house.ask(token=plain).status_code == 200
    house.exchange.clock.now = ends
    return plain


def test_a07_two_tokens_stand_side_by_side_and_the_old_one_ends_at_its_time(house: House) -> None:
    old = short_lived(house)
    assert (house.ask(token=old).status_code, house.ask().status_code) == (401, 200)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param((), id="nothing"),
        pytest.param(("",), id="empty"),
        pytest.param(("Bearer",), id="a scheme alone"),
        pytest.param(("Bearer ",), id="an empty token"),
        pytest.param(("Bearer \xe9\xff",), id="not ASCII"),
        pytest.param(("Bearer " + "x" * 1_000_000,), id="1 MB"),
        pytest.param(("Bearer \x00",), id="NUL"),
        pytest.param(("Digest username=x",), id="another scheme"),
        pytest.param(("Basic !!!",), id="no base64"),
        pytest.param(("Basic \xe9",), id="no ASCII in base64"),
        pytest.param((basic("no colon"),), id="Basic without a colon"),
        pytest.param((basic(":"),), id="Basic, empty"),
        pytest.param(("Basic " + base64.b64encode(b"x:\xff\xfe\x00").decode(),), id="bytes that are no text"),
        pytest.param(("Bearer {token}", "Bearer {token}"), id="twice the right one"),
        pytest.param((basic("x:{token}"), "Bearer wrong"), id="two schemes"),
        pytest.param(("{token}",), id="without a scheme"),
    ],
)
def test_a04_what_is_no_token_is_401_and_never_500(house: House, given: tuple[str, ...]) -> None:
    answer = ask_as(house, *(one.replace("{token}", house.token) for one in given))
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_a01_a_token_in_the_address_only_for_the_partner_that_asked_for_it(house: House) -> None:
    azertac = house.exchange.token("azertac")
    client = house.exchange.app().test_client()
    refused = client.get(f"/feeds/to-trc.atom?token={house.token}")
    assert (refused.status_code, "WWW-Authenticate" in refused.headers) == (401, True)
    taken = client.get(f"/feeds/to-azertac.atom?token={azertac}")
    assert taken.status_code == 200
    # Wherever an answer might repeat it: the self link, messages, headers.
    for answer in (taken, refused, client.get(f"/feeds/nowhere.atom?token={azertac}")):
        assert azertac not in answer.text + str(answer.headers)
        assert house.token not in answer.text + str(answer.headers)


def test_a05_only_wrong_tokens_are_slowed_down(house: House) -> None:
    for _ in range(10):
        assert house.ask(token="wrong").status_code == 401
    assert house.ask(token="wrong").status_code == 429
    assert ask_as(house, "Bearer wrong", environ_overrides={"HTTP_X_FORWARDED_FOR": "203.0.113.9"}).status_code == 429
    # Neither who has the right one, nor who comes from elsewhere, nor who asks without any.
    assert house.ask().status_code == 200
    assert ask_as(house, "Bearer wrong", environ_overrides={"REMOTE_ADDR": "198.51.100.7"}).status_code == 401
    assert ask_as(house).status_code == 401
    house.exchange.clock.pass_by(seconds=61)
    assert house.ask(token="wrong").status_code == 401


def test_a06_a_revoked_token_ends_with_the_next_request_whatever_its_validators(house: House) -> None:
    house.publish("One")
    tag = tagged(house)
    assert house.ask(if_none_match=tag).status_code == 304
    with house.exchange.database.write() as tx:
        accounts.revoke(tx, "t_trc", house.exchange.clock())
    for path in ("/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"):
        assert house.ask(path, if_none_match=tag).status_code == 401
        assert house.ask(path, if_none_match="*").status_code == 401


def test_a03_a_token_is_looked_up_by_its_sha256_and_nothing_slow_is_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password's hash, slow by design, would let anyone stop the server by asking. The control: signing in does ask it."""

    class Slow:
        def __getattr__(self, name: str) -> None:
            raise AssertionError(f"{name} of the slow hash was asked")

    monkeypatch.setattr(access, "_hasher", Slow())
    assert access.digest_of(house.token.encode()) == hashlib.sha256(house.token.encode()).hexdigest()
    assert house.ask().status_code == 200
    assert house.ask(token="wrong").status_code == 401
    with pytest.raises(AssertionError, match="slow hash"):
        access.password_matches("$argon2id$", "x")


@pytest.mark.parametrize("notice", ["", "/withdrawn"])
@every_form
def test_a08_z22_another_partners_feed_is_as_no_feed(house: House, form: str, notice: str) -> None:
    house.publish("One")
    others = house.ask(f"/feeds/to-azertac{notice}.{form}")
    nowhere = house.ask(f"/feeds/nowhere{notice}.{form}")
    inbound = house.ask(f"/feeds/trc-en{notice}.{form}")
    assert (others.status_code, others.data) == (404, nowhere.data)
    assert (inbound.status_code, inbound.data) == (404, nowhere.data)
    assert same_headers(others, nowhere)
    assert same_headers(inbound, nowhere)


@pytest.mark.parametrize("path", ["/feeds/to-trc.xml", "/feeds/to-trc.ATOM", "/feeds/to-trc/withdrawn.rss", "/feeds/TO-TRC.atom"])
def test_z09_other_spellings_of_the_address_are_no_feed(house: House, path: str) -> None:
    house.publish("One")
    assert house.ask(path).status_code == 404
    assert ask_as(house, path=path).status_code == 401


@pytest.mark.parametrize(
    "path", ["/feeds/to-trc.atom/", "/feeds/to-azertac", "/feeds//to-trc.atom", "/feeds/../feeds/to-azertac.atom", "/feeds/"]
)
def test_z09_no_side_door(house: House, path: str) -> None:
    house.publish("One")
    answer = house.ask(path)
    assert answer.status_code in (302, 308, 404)
    assert b"One" not in answer.data


@pytest.mark.parametrize("query", ["?format=json", "?limit=1000000000", "?page=2", "?partner=azertac"])
def test_z09_z23_queries_change_nothing(house: House, query: str) -> None:
    """And nothing of the request is reflected beside what is secret and compressed."""
    house.publish("One")
    assert house.ask(f"/feeds/to-trc.atom{query}").data == house.ask().data


def test_z09_a_range_is_not_a_way_around(house: House) -> None:
    house.publish("One")
    assert house.ask(range="bytes=0-10").data == house.ask().data


def test_a11_who_claims_to_be_somebody_is_nobody(house: House) -> None:
    client = house.exchange.app().test_client()
    claims = {"Remote-User": "mai", "X-WebAuth-User": "mai", "X-Original-URL": "/feeds/to-trc.atom", "X-Forwarded-User": "trc"}
    assert client.get("/feeds/to-trc.atom", headers=claims, environ_overrides={"REMOTE_USER": "trc"}).status_code == 401


# The gate, at the moment of reading


@every_form
def test_z03_a_story_under_embargo_leaves_no_trace(house: House, form: str) -> None:
    """Not in the list, the validators, the dates, the length: the answer is byte for byte the one without it."""
    house.publish("One")
    house.exchange.clock.pass_by(minutes=1)
    before = house.ask(f"/feeds/to-trc.{form}")
    house.exchange.clock.pass_by(minutes=5)
    secret = house.publish("Secret", embargo_until=NOW + timedelta(hours=2))
    after = house.ask(f"/feeds/to-trc.{form}")
    assert after.data == before.data
    assert same_headers(before, after)
    assert house.ask(f"/feeds/to-trc.{form}", if_none_match=before.headers["ETag"]).status_code == 304
    assert house.ask(f"/feeds/to-trc.{form}", if_modified_since=before.headers["Last-Modified"]).status_code == 304
    # Killed before its hour, it was never there to be taken back.
    house.kill(secret)
    assert house.ask(f"/feeds/to-trc.{form}").data == before.data
    house.exchange.clock.pass_by(hours=3)
    assert house.ask(f"/feeds/to-trc.{form}").data == before.data


@every_form
def test_z04_t06_an_embargo_lifts_at_its_hour_and_nothing_has_to_happen(house: House, form: str) -> None:
    hour = NOW + timedelta(hours=2)
    house.publish("Open")
    house.publish("Embargoed", embargo_until=hour)
    path = f"/feeds/to-trc.{form}"
    house.exchange.clock.now = hour - timedelta(milliseconds=1)
    before = house.ask(path)
    assert titles(before) == ["Open"]
    house.exchange.clock.now = hour
    after = house.ask(path, if_none_match=before.headers["ETag"])
    assert titles(after) == ["Embargoed", "Open"]
    assert after.headers["Last-Modified"] == format_datetime(hour, usegmt=True)
    assert titles(house.ask(path, if_modified_since=before.headers["Last-Modified"])) == ["Embargoed", "Open"]


def test_z04_it_is_new_at_the_hour_it_lifts(house: House) -> None:
    hour = NOW + timedelta(hours=2)
    house.publish("Embargoed", embargo_until=hour)
    house.exchange.clock.now = hour
    item = json.loads(house.ask("/feeds/to-trc.json").data)["items"][0]
    assert (item["date_published"], item["date_modified"]) == ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z")


def test_a_marked_embargo_is_delivered_before_its_hour_and_says_so(house: House) -> None:
    house.granted(terms=replace(FREE, embargo=EmbargoHandling.MARKED))
    house.publish("Marked", embargo_until=NOW + timedelta(hours=2))
    before = house.ask("/feeds/to-trc.json")
    item = json.loads(before.data)["items"][0]
    assert (item["date_published"], item["_syndication"]["embargo_until"]) == ("2026-11-24T08:00:00Z", "2026-11-24T10:00:00Z")
    assert b"<dcterms:available>2026-11-24T10:00:00Z</dcterms:available>" in house.ask().data
    house.exchange.clock.pass_by(hours=3)
    assert house.ask("/feeds/to-trc.json").data == before.data


def test_z03_a_partners_embargo_to_be_withheld_outranks_ours_to_be_marked(house: House) -> None:
    """We may deliver to AZERTAC before the hour, but TRC does not let us: killed before its hour, it was never there to be taken back."""
    azertac = house.exchange.token("azertac")
    house.granted(of=2, terms=replace(FREE, embargo=EmbargoHandling.MARKED))
    path = "/feeds/to-azertac.atom"
    before = house.ask(path, token=azertac)
    house.accepted("canary", embargo_until=NOW + timedelta(hours=2))
    assert house.ask(path, token=azertac).data == before.data
    with house.exchange.database.read() as tx:
        told = stories.recent(tx, 1)[0]
    house.kill(told)
    assert house.ask(path, token=azertac).data == before.data


@every_form
@pytest.mark.parametrize("how", ["ended", "suspended"])
def test_z06_without_an_agreement_the_answer_is_403_and_never_304(house: House, form: str, how: str) -> None:
    house.publish("One")
    path = f"/feeds/to-trc.{form}"
    known = house.ask(path)
    kind = ActKind.TERMINATE if how == "ended" else ActKind.SUSPEND
    house.exchange.act("vna-trc-2025", kind, date(2026, 11, 25))
    # 24 November, 23:59:59 in Hanoi, and the second after.
    house.exchange.clock.now = datetime(2026, 11, 24, 16, 59, 59, tzinfo=UTC)
    assert house.ask(path, if_none_match=known.headers["ETag"]).status_code == 304
    house.exchange.clock.now = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    for conditions in (
        {"if_none_match": known.headers["ETag"]},
        {"if_none_match": "*"},
        {"if_modified_since": known.headers["Last-Modified"]},
        {},
    ):
        answer = house.ask(path, **conditions)
        assert answer.status_code == 403
        assert "vna-trc-2025" in answer.text
        assert "/feeds/to-trc/withdrawn.atom" in answer.text
        assert "One" not in answer.text
        assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())


def test_a_suspension_that_ends_brings_all_of_it_back(house: House) -> None:
    house.publish("One")
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 24))
    assert house.ask().status_code == 403
    house.exchange.act("vna-trc-2025", ActKind.RESUME, date(2026, 11, 26))
    house.exchange.clock.pass_by(days=2)
    assert titles(house.ask()) == ["One"]


def test_z17_a_narrower_agreement_takes_out_what_it_no_longer_grants(house: House) -> None:
    house.publish("Economy")
    house.publish("Sport", topics=("medtop:15000000",))
    before = house.ask()
    assert set(titles(before)) == {"Economy", "Sport"}
    house.exchange.clock.pass_by(hours=1)
    house.granted(terms=FREE, topics_out=("medtop:15000000",))
    for conditions in ({"if_none_match": before.headers["ETag"]}, {"if_modified_since": before.headers["Last-Modified"]}):
        assert titles(house.ask(**conditions)) == ["Economy"]


def test_pictures_that_are_not_granted_stay_behind(house: House) -> None:
    house.granted(terms=FREE, types=(content().type,))
    house.publish("With a picture", renditions=(rendition(url="https://vna.example/canary.jpg"),))
    answer = house.ask()
    assert titles(answer) == ["With a picture"]
    assert b"canary" not in answer.data


@pytest.mark.parametrize(("state", "status"), [(FlowState.PAUSED, 403), (FlowState.CLOSED, 404)])
def test_a_flow_that_is_not_open(house: House, state: FlowState, status: int) -> None:
    house.publish("One")
    flows = tuple(replace(one, state=state) if one.id == TO_TRC.id else one for one in FLOWS)
    with house.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, flows, house.exchange.clock())
    answer = house.ask(if_none_match="*")
    assert answer.status_code == status
    assert b"One" not in answer.data
    # What was taken back is told all the same.
    assert house.ask("/feeds/to-trc/withdrawn.atom").status_code == 200


def test_what_is_released_in_a_pause_is_there_when_the_flow_goes_on(house: House) -> None:
    """A correction, a new story and a kill: in the pause the kill alone is told; nothing is lost, and no 'do not use' for what lives."""
    living, wrong = house.publish("Living"), house.publish("Wrong")
    house.ask()

    def flow_is(state: FlowState) -> None:
        with house.exchange.database.write() as tx:
            flows = tuple(replace(one, state=state) if one.id == TO_TRC.id else one for one in FLOWS)
            partners.take(tx, PARTNERS, flows, house.exchange.clock())

    flow_is(FlowState.PAUSED)
    house.exchange.clock.pass_by(minutes=5)
    house.correct(living, "Living, corrected")
    house.publish("Canary")
    house.kill(wrong)
    assert house.ask().status_code == 403
    notices = house.ask("/feeds/to-trc/withdrawn.atom").text
    assert wrong.entry_id in notices
    assert living.entry_id not in notices
    assert "Canary" not in notices
    flow_is(FlowState.OPEN)
    after = house.ask()
    assert set(titles(after)) == {"Living, corrected", "Canary"}
    assert after.text.count("deleted-entry ref") == 1


def test_a_partner_does_not_read_why_we_suspended(house: House) -> None:
    """That it is suspended, and since when; what is written with the act is ours. The same of an end."""
    why = "legal case 44/26"
    for kind, on in ((ActKind.SUSPEND, "suspended on 2026-11-20"), (ActKind.TERMINATE, "terminated on 2026-11-22")):
        with house.exchange.database.write() as tx:
            agreements.record_act(tx, "vna-trc-2025", Act(kind, date.fromisoformat(on[-10:]), why), NOW, "mai")
        answer = house.ask()
        assert answer.status_code == 403
        assert on in answer.text
        assert why not in answer.text
        with house.exchange.database.read() as tx:
            standing = Standing(agreements.register(tx, "vna"), NOW)
        # The control: we read it.
        assert why in standing.governing(TO_TRC).reason


def test_a_flow_that_is_no_longer_in_the_files_still_tells_what_was_taken_back(house: House) -> None:
    told = house.publish("Had")
    house.ask()
    with house.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(one for one in FLOWS if one.id != TO_TRC.id), house.exchange.clock())
    house.kill(told)
    assert house.ask().status_code == 404
    assert told.entry_id in house.ask("/feeds/to-trc/withdrawn.atom").text


# Kills


@every_form
def test_z05_a_kill_is_a_tombstone_at_the_next_request_and_never_a_304(house: House, form: str) -> None:
    told = house.publish("Wrong")
    house.publish("Right")
    path = f"/feeds/to-trc.{form}"
    known = house.ask(path)
    house.exchange.clock.pass_by(seconds=1)
    house.kill(told, "Killed: the figures are wrong.")
    for conditions in ({"if_none_match": known.headers["ETag"]}, {"if_modified_since": known.headers["Last-Modified"]}):
        answer = house.ask(path, **conditions)
        assert titles(answer) == ["Right"]
        if form == "rss":
            assert f">{told.entry_id}</guid>" not in answer.text
        if form in ("atom", "rss"):
            assert f'<at:deleted-entry ref="{told.entry_id}" when="2026-11-24T08:00:01Z">' in answer.text
            assert "the figures are wrong" in answer.text
        if form == "json":
            assert json.loads(answer.data)["_syndication"]["withdrawn"] == [
                {
                    "id": told.entry_id,
                    "when": "2026-11-24T08:00:01Z",
                    "pubstatus": "canceled",
                    "note": "Killed: the figures are wrong.",
                }
            ]
        if form == "newsml":
            (taken,) = (one for one in ElementTree.fromstring(answer.data).iter(f"{NAR}newsItem") if one.get("guid") == told.entry_id)
            assert [one.get("qcode") for one in taken.iter(f"{NAR}pubStatus")] == ["stat:canceled"]
            assert taken.findtext(f"{NAR}itemMeta/{NAR}edNote") == "Killed: the figures are wrong."
            assert taken.find(f"{NAR}contentSet") is None
        if form in ("ninjs", "ninjs2"):
            gone = next(item for item in json.loads(answer.data) if item["uri"] == told.entry_id)
            status, note = ("pubStatus", "edNote") if form == "ninjs" else ("pubstatus", "ednote")
            assert (gone[status], gone[note]) == ("canceled", "Killed: the figures are wrong.")
            assert "bodies" not in gone


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.notices])
def test_notices_tell_who_had_it_and_go_on_after_the_agreement(house: House, form: str) -> None:
    had, never = house.publish("Had"), house.publish("Never had", language="vi")
    house.ask()
    later = house.publish("Later")
    path = f"/feeds/to-trc/withdrawn.{form}"
    assert b"s_" not in house.ask(path).data
    house.exchange.act("vna-trc-2025", ActKind.TERMINATE, date(2026, 11, 25))
    house.exchange.clock.pass_by(days=2)
    for one in (had, never, later):
        house.kill(one)
    assert house.ask(f"/feeds/to-trc.{form}").status_code == 403
    answer = house.ask(path)
    assert answer.status_code == 200
    assert had.entry_id in answer.text
    assert never.entry_id in answer.text
    # What it never fetched is none of its business.
    assert later.entry_id not in answer.text
    assert "Had" not in answer.text
    assert house.ask(path, if_none_match=answer.headers["ETag"]).status_code == 304


def got(house: House, told: Story) -> list[tuple[str, PublicationKind]]:
    """What the desk sees of who has fetched it."""
    with house.exchange.database.read() as tx:
        return [(one.flow, one.kind) for one in publications.fetches(tx, told.id)]


def test_a5_only_a_document_that_was_sent_is_proof(house: House) -> None:
    told = house.publish("One")
    tag = tagged_without_fetching(house)
    assert got(house, told) == []
    house.ask(if_none_match=tag)
    assert got(house, told) == []
    house.ask()
    assert got(house, told) == [("to-trc", PublicationKind.STORY)]
    house.kill(told)
    house.ask("/feeds/to-trc.atom", method="HEAD")
    assert got(house, told) == [("to-trc", PublicationKind.STORY)]
    # RSS tells it in words that are not its own.
    house.ask("/feeds/to-trc.rss")
    assert got(house, told) == [("to-trc", PublicationKind.STORY)]
    house.ask("/feeds/to-trc.atom")
    assert got(house, told) == [("to-trc", PublicationKind.STORY), ("to-trc", PublicationKind.WITHDRAWAL)]


def tagged_without_fetching(house: House) -> str:
    """The tag, from a HEAD: which gives nothing, and proves nothing."""
    return house.ask(method="HEAD", accept_encoding="identity").headers["ETag"]


def test_what_is_killed_before_it_was_fetched_is_a_tombstone_in_the_feed_alone(house: House) -> None:
    """It could have been seen: whoever reads by another way is told. It is in no notice: this partner has nothing to take back."""
    told = house.publish("Wrong")
    house.exchange.clock.pass_by(seconds=1)
    house.kill(told)
    assert told.entry_id in house.ask().text
    assert told.entry_id not in house.ask("/feeds/to-trc/withdrawn.atom").text


def test_every_kill_is_told_however_many_and_pushes_no_story_out(database: Database) -> None:
    """More than a feed has entries, of stories older than all it shows; the one story that lives stays."""
    exchange = Exchange(database, Settings(feed_entries=2))
    house = House(exchange, exchange.token("trc"))
    wrong = []
    for number in range(9):
        exchange.clock.pass_by(minutes=1)
        wrong.append(house.publish(f"Wrong {number}"))
        house.ask()
    house.publish("Right")
    for one in wrong:
        house.kill(one)
    for path in ("/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"):
        answer = house.ask(path)
        assert [one.entry_id in answer.text for one in wrong] == [True] * 9
    assert titles(house.ask()) == ["Right"]
    # Told, and long ago: the document does not grow for ever.
    exchange.clock.pass_by(days=100)
    assert not any(one.entry_id in house.ask(path).text for one in wrong for path in ("/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"))


def test_an_embargo_moved_later_is_told_to_who_could_read_it(house: House) -> None:
    """It is taken back, to come again; a date hides neither; and that it was told is no proof that the story was fetched."""
    told = house.publish("Summit")
    house.exchange.clock.pass_by(minutes=5)
    house.publish("Other")
    before = house.ask()
    assert titles(before) == ["Other", "Summit"]
    house.exchange.clock.pass_by(minutes=5)
    hour = house.exchange.clock() + timedelta(days=2)
    version = replace(told.current, number=2, act=StoryAct.CORRECT, content=replace(told.current.content, embargo_until=hour))
    with house.exchange.database.write() as tx:
        stories.add_version(tx, told.id, version)
        release(tx, replace(told, current=version), agency="vna", now=house.exchange.clock())
    late = format_datetime(house.exchange.clock() + timedelta(days=1), usegmt=True)
    for path in ("/feeds/to-trc.atom", "/feeds/to-trc/withdrawn.atom"):
        answer = house.ask(path)
        assert "Under embargo again: do not use" in answer.text
        assert f'ref="{told.entry_id}"' in answer.text
        assert "Summit" not in answer.text
    assert titles(house.ask(if_modified_since=late)) == ["Other"]
    withheld = json.loads(house.ask("/feeds/to-trc.json").data)["_syndication"]["withdrawn"]
    assert [(one["id"], one["pubstatus"]) for one in withheld] == [(told.entry_id, "withheld")]
    assert len(got(house, told)) == 1
    house.exchange.clock.now = hour
    after = house.ask()
    assert titles(after) == ["Summit", "Other"]
    assert "embargo again" not in after.text + house.ask("/feeds/to-trc/withdrawn.atom").text
    assert len(got(house, told)) == 2


def test_z03_an_embargo_moved_before_anybody_could_read_it_leaves_no_trace(house: House) -> None:
    """The control."""
    told = house.publish("Summit", embargo_until=NOW + timedelta(hours=1))
    version = replace(told.current, number=2, content=replace(told.current.content, embargo_until=NOW + timedelta(days=2)))
    before = house.ask()
    with house.exchange.database.write() as tx:
        stories.add_version(tx, told.id, version)
        release(tx, replace(told, current=version), agency="vna", now=NOW)
    house.exchange.clock.pass_by(hours=5)
    assert house.ask().data == before.data


# Each partner sees its own


@every_form
def test_z01_z07_what_is_one_partners_is_never_anothers(house: House, form: str) -> None:
    """A canary in every story: TRC's own never comes back to it, and no tag of one is good for the other."""
    azertac = house.exchange.token("azertac")
    house.accepted("canary-of-trc")
    house.publish("canary-of-vna")
    mine = house.ask(f"/feeds/to-trc.{form}")
    theirs = house.ask(f"/feeds/to-azertac.{form}", token=azertac)
    assert titles(mine) == ["canary-of-vna"]
    assert set(titles(theirs)) == {"canary-of-vna", "canary-of-trc"}
    assert b"canary-of-trc" not in mine.data
    assert house.ask(f"/feeds/to-trc.{form}", if_none_match=theirs.headers["ETag"]).status_code == 200


def test_z07_the_same_story_under_the_same_words_has_another_tag_for_another_partner(house: House) -> None:
    azertac = house.exchange.token("azertac")
    tags = {house.ask(f"/feeds/to-trc.{form}").headers["ETag"] for form in FORMS}
    tags |= {house.ask(f"/feeds/to-azertac.{form}", token=azertac).headers["ETag"] for form in FORMS}
    assert len(tags) == 2 * len(FORMS)
