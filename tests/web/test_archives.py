"""Nothing is missed: archives, pages and changes since, as a partner's own reader follows them; and what left leaves them at once."""

import io
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree
from werkzeug.test import Client, TestResponse

from syndication import access
from syndication.feeds.forms import FORMS
from syndication.identity import entry_id
from syndication.model.account import FeedToken
from syndication.model.agreement import ActKind, EmbargoHandling
from syndication.model.partner import Direction
from syndication.model.publication import FeedDocument, FeedEntry, PublicationKind
from syndication.model.story import Story
from syndication.publish.release import release
from syndication.publish.shelf import _Kept
from syndication.settings import Settings
from syndication.storage import accounts, agreements, publications, stories
from syndication.storage.database import Database
from syndication.web import recent
from syndication.web.front import Front
from syndication.web.parts import KEY
from tests.web.exchange import AGREEMENTS, FREE, Exchange
from tests.web.test_outbox import House, titles
from tests.worlds import NOW, content, grant, story_version

BASE = "http://127.0.0.1:8800"
ATOM = "/feeds/to-trc.atom"


@pytest.fixture
def house(database: Database) -> House:
    """A feed of three stories."""
    exchange = Exchange(database, Settings(feed_entries=3))
    return House(exchange, exchange.token("trc"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, what was answered is held."""
    monkeypatch.setattr(recent, "LONGEST", 600.0)


@dataclass(slots=True)
class Reader:
    """What any reader does that keeps to RFC 5005: the feed, then back along prev-archive to a document that it has read before.

    `got`: every (id, updated) it has met, in order, once each.
    """

    house: House
    form: str = "atom"
    known: set[str] = field(default_factory=set)
    got: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def visit(self) -> list[str]:
        """The headlines that were new to it, oldest first."""
        documents = [self.read(f"{BASE}/feeds/to-trc.{self.form}")]
        while (before := documents[-1][1]) is not None and before not in self.known:
            self.known.add(before)
            documents.append(self.read(before))
        fresh: list[str] = []
        for entries, _ in reversed(documents):
            for identity, updated, title in reversed(entries):
                if (identity, updated) not in self.got:
                    self.got[identity, updated] = title
                    fresh.append(title)
        return fresh

    def read(self, address: str) -> tuple[list[tuple[str, str, str]], str | None]:
        answer = self.house.ask(address.removeprefix(BASE))
        assert answer.status_code == 200, (address, answer.text)
        if self.form == "json":
            said = json.loads(answer.data)
            told = [(item["id"], item["date_modified"], item["title"]) for item in said["items"]]
            return told, linked(answer).get("prev-archive")
        parsed = feedparser.parse(io.BytesIO(answer.data), sanitize_html=False, resolve_relative_uris=False)
        links = {link.rel: link.href for link in parsed.feed.links}
        assert links.get("prev-archive") == linked(answer).get("prev-archive"), "the body says what the header says"
        return [(one.id, one.get("dcterms_modified") or one.updated, one.title) for one in parsed.entries], links.get("prev-archive")


def linked(answer: TestResponse) -> dict[str, str]:
    """The Link header, by relation."""
    pairs = (one.split(">; rel=") for one in answer.headers["Link"].split(", "))
    return {relation.strip('"'): address.lstrip("<") for address, relation in pairs}


def many(house: House, *headlines: str, minutes: float = 2) -> list[Story]:
    """Stories, each so long after the one before it."""
    made = []
    for headline in headlines:
        house.exchange.clock.pass_by(minutes=minutes)
        made.append(house.publish(headline))
    return made


def numbers(start: int, end: int) -> list[str]:
    return [f"Number {number}" for number in range(start, end)]


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_wire_14_27_who_was_away_gets_each_once_and_in_order(house: House, form: str) -> None:
    reader = Reader(house, form)
    many(house, *numbers(0, 2))
    assert reader.visit() == numbers(0, 2)
    many(house, *numbers(2, 30))
    assert reader.visit() == numbers(2, 30)
    assert reader.visit() == []
    many(house, *numbers(30, 31))
    assert reader.visit() == numbers(30, 31)


def test_wire_27_archives_have_stable_addresses_and_content(house: House) -> None:
    """Each is full when it is closed, and whatever comes later leaves it as it is."""
    many(house, *numbers(0, 8))
    house.exchange.clock.pass_by(minutes=2)
    house.ask()
    first, second = (house.ask(f"/feeds/to-trc/archive/{number}.atom") for number in (1, 2))
    assert titles(first) == ["Number 2", "Number 1", "Number 0"]
    assert titles(second) == ["Number 5", "Number 4", "Number 3"]
    many(house, *numbers(8, 20))
    house.ask()
    again = house.ask("/feeds/to-trc/archive/1.atom")
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert house.ask("/feeds/to-trc/archive/1.atom", if_none_match=first.headers["ETag"]).status_code == 304
    for number in (0, 99):
        assert house.ask(f"/feeds/to-trc/archive/{number}.atom").status_code == 404


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_wire_27_an_archive_says_that_it_is_one_and_what_is_around_it(house: House, form: str) -> None:
    many(house, *numbers(0, 11))
    house.exchange.clock.pass_by(minutes=2)
    feed = house.ask(f"/feeds/to-trc.{form}")
    own = f"{BASE}/feeds/to-trc/archive"
    newest, _, named = linked(feed)["prev-archive"].partition("?")
    assert newest == f"{own}/3.{form}"
    assert "current" not in linked(feed)
    last, middle, first = (linked(house.ask(f"/feeds/to-trc/archive/{number}.{form}")) for number in (3, 2, 1))
    current = f"{BASE}/feeds/to-trc.{form}"
    assert middle == {
        "self": f"{own}/2.{form}?{named}",
        "current": current,
        "prev-archive": f"{own}/1.{form}?{named}",
        "next-archive": f"{own}/3.{form}?{named}",
    } | {name: middle[name] for name in middle if name == "hub"}
    assert "prev-archive" not in first
    assert "next-archive" not in last
    history = "{http://purl.org/syndication/history/1.0}archive"
    assert etree.fromstring(house.ask(f"/feeds/to-trc/archive/2.{form}").data).find(f".//{history}") is not None
    assert etree.fromstring(feed.data).find(f".//{history}") is None


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_kill_leaves_every_archive_at_once_and_is_told_in_the_feed(house: House, form: str) -> None:
    (wrong, *_) = many(house, "Wrong", *numbers(1, 9))
    house.exchange.clock.pass_by(minutes=2)
    house.ask()
    before = house.ask(f"/feeds/to-trc/archive/1.{form}")
    assert b"Wrong" in before.data
    house.kill(wrong)
    after = house.ask(
        f"/feeds/to-trc/archive/1.{form}", if_none_match=before.headers["ETag"], if_modified_since=before.headers["Last-Modified"]
    )
    assert after.status_code == 200
    assert b"Wrong" not in after.data.replace(b"Killed: wrong.", b"")
    if form != "rss":
        assert wrong.entry_id in house.ask(f"/feeds/to-trc.{form}").text


def test_wire_27_a_correction_of_an_old_story_comes_to_the_feed_again(house: House) -> None:
    old, *_ = many(house, "Old", *numbers(1, 12))
    reader = Reader(house)
    reader.visit()
    house.exchange.clock.pass_by(minutes=5)
    house.correct(old, "Corrected")
    assert titles(house.ask())[0] == "Corrected"
    assert titles(house.ask("/feeds/to-trc/archive/1.atom")) == ["Number 2", "Number 1"]
    assert reader.visit() == ["Corrected"]


def test_z03_z04_what_waits_for_its_hour_is_in_no_archive_before_and_is_not_missed_after(house: House) -> None:
    """Placed before all the others, its hour comes after them: it is new then, in the feed, and archived behind them."""
    reader = Reader(house)
    house.publish("Embargoed", embargo_until=NOW + timedelta(hours=1))
    many(house, *numbers(0, 20))
    assert reader.visit() == numbers(0, 20)
    house.exchange.clock.now = NOW + timedelta(hours=1)
    many(house, *numbers(20, 30))
    assert reader.visit() == ["Embargoed", *numbers(20, 30)]


def test_what_is_released_with_an_earlier_hour_than_the_last_archive_is_not_missed(house: House) -> None:
    """Who waited for the database longer than a document stays open, or has a clock that is behind."""
    reader = Reader(house)
    many(house, *numbers(0, 9))
    house.exchange.clock.pass_by(minutes=2)
    reader.visit()
    now = house.exchange.clock.now
    house.exchange.clock.now = now - timedelta(minutes=20)
    house.publish("Late")
    house.exchange.clock.now = now + timedelta(minutes=3)
    assert reader.visit() == ["Late"]


def test_a_burst_is_in_the_feed_until_it_can_be_archived(house: House) -> None:
    """What was placed within the minute may still be joined by something earlier: so nothing of it is closed, and all of it shows."""
    for headline in numbers(0, 9):
        house.publish(headline)
    assert len(titles(house.ask())) == 9
    house.exchange.clock.pass_by(seconds=61)
    assert titles(house.ask()) == ["Number 8", "Number 7", "Number 6"]


def test_the_archive_of_an_ended_agreement_is_closed_with_it(house: House) -> None:
    many(house, *numbers(0, 9))
    house.exchange.clock.pass_by(minutes=2)
    house.ask()
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, house.exchange.clock.now.date())
    for path in ("/feeds/to-trc/archive/1.atom", f"{ATOM}?since="):
        assert house.ask(path).status_code == 403


def test_z22_another_partners_archive_is_as_no_archive(house: House) -> None:
    many(house, *numbers(0, 9))
    house.exchange.clock.pass_by(minutes=2)
    house.ask()
    other = house.exchange.token("azertac")
    theirs, none = (house.ask(f"/feeds/{flow}/archive/1.atom", token=other) for flow in ("to-trc", "to-nobody"))
    assert (theirs.status_code, theirs.data) == (none.status_code, none.data) == (404, b"There is no such feed.\n")


# `?since=`


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_wire_14_since_goes_through_all_of_it_page_by_page(house: House, form: str) -> None:
    many(house, *numbers(0, 8))
    found: list[str] = []
    address = f"/feeds/to-trc.{form}?since="
    for _ in range(4):
        answer = house.ask(address)
        found += reversed(titles(answer))
        address = linked(answer)["next"].removeprefix(BASE)
    assert found == numbers(0, 8)
    assert titles(house.ask(address)) == []
    many(house, "One more")
    assert titles(house.ask(address)) == ["One more"]


def test_since_tells_what_was_taken_back(house: House) -> None:
    wrong, *_ = many(house, "Wrong", "Right")
    address = linked(house.ask(f"{ATOM}?since="))["next"].removeprefix(BASE)
    house.exchange.clock.pass_by(minutes=1)
    house.kill(wrong)
    answer = house.ask(address)
    assert (titles(answer), wrong.entry_id in answer.text) == ([], True)


@pytest.mark.parametrize("cursor", ["1", "x.y", "17.s_1", "9" * 40 + ".s_1", "%00", "-1.s_1", "²." + "s" * 4000])
def test_a_cursor_that_is_none_is_told_so(house: House, cursor: str) -> None:
    many(house, "One")
    answer = house.ask(f"{ATOM}?since={cursor}")
    assert answer.status_code == 400
    assert "\ufffd" not in answer.text


def page_through(house: House, address: str) -> tuple[list[str], str]:
    """The headlines from there on, oldest first, and where to go on."""
    found: list[str] = []
    while True:
        answer = house.ask(address)
        more = list(reversed(titles(answer)))
        address = linked(answer)["next"].removeprefix(BASE)
        if not more:
            return found, address
        found += more


HIDDEN = ("medtop:15000000",)


@pytest.mark.parametrize("way", ["archives", "pages"])
@pytest.mark.parametrize("named", [True, False], ids=["", "the control: addresses that say nothing"])
def test_what_an_amendment_lets_be_seen_again_is_not_missed(house: House, monkeypatch: pytest.MonkeyPatch, way: str, named: bool) -> None:
    """Hidden by one version and shown by the next, and passed meanwhile: it is told, wherever it stands. Nothing is told anew that was
    not amended.
    """
    if not named:
        monkeypatch.setattr("syndication.publish.archive.under", lambda *_: "same")
        monkeypatch.setattr("syndication.publish.document.under", lambda *_: "same")
    reader, address = Reader(house), f"{ATOM}?since="
    for number in range(9):
        house.exchange.clock.pass_by(minutes=2)
        house.publish(f"Number {number}", topics=HIDDEN if number == 4 else ("medtop:04000000",))
    house.granted(terms=FREE, topics_out=HIDDEN)
    shown = [one for one in numbers(0, 9) if one != "Number 4"]
    if way == "archives":
        assert reader.visit() == shown
    else:
        found, address = page_through(house, address)
        assert found == shown
    first = AGREEMENTS[0]
    house.exchange.clock.pass_by(days=1)
    grants = (first.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=("en", "vi"), terms=FREE))
    with house.exchange.database.write() as tx:
        day = house.exchange.clock().date()
        agreements.sign(tx, replace(first, version=3, since=day, grants=grants), house.exchange.clock(), "test")
    many(house, "Number 9")
    if way == "archives":
        met = reader.visit()
        assert met == (["Number 4", "Number 9"] if named else ["Number 9"])
        assert reader.visit() == []
    else:
        found, address = page_through(house, address)
        assert found == (numbers(0, 10) if named else ["Number 9"])
        assert page_through(house, address)[0] == []


# RFC 3229


def changed(house: House, tag: str, form: str = "atom", **headers: str) -> TestResponse:
    return house.ask(f"/feeds/to-trc.{form}", a_im="feed", if_none_match=tag, **headers)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_wire_12_who_asks_for_changes_gets_only_what_is_new_changed_or_withdrawn(house: House, form: str) -> None:
    first, wrong = many(house, "First", "Wrong")
    tag = house.ask(f"/feeds/to-trc.{form}").headers["ETag"]
    assert changed(house, tag, form).status_code == 304
    house.exchange.clock.pass_by(minutes=1)
    house.correct(first, "Corrected")
    house.kill(wrong)
    many(house, "New")
    answer = changed(house, tag, form)
    assert (answer.status_code, answer.headers["IM"], answer.headers["Cache-Control"]) == (226, "feed", "private, no-store, im")
    assert {"A-IM", "If-None-Match"} <= set(answer.headers["Vary"].split(", "))
    assert titles(replaced(answer)) == ["New", "Corrected"]
    assert form == "rss" or wrong.entry_id in answer.text
    assert answer.headers["ETag"] == house.ask(f"/feeds/to-trc.{form}").headers["ETag"]
    assert changed(house, answer.headers["ETag"], form).status_code == 304


def replaced(answer: TestResponse) -> TestResponse:
    """The same answer as a 200, which `titles` asks for."""
    answer.status_code = 200
    return answer


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda tag: '"unknown"', id="a tag that we never gave"),
        pytest.param(lambda tag: tag[:-2] + ("a" if tag[-2] != "a" else "b") + '"', id="with another seal"),
        pytest.param(lambda tag: "-".join((tag.split("-")[0], "1.s_1", tag.split("-")[2])), id="with another mark"),
        pytest.param(lambda tag: "*", id="whatever there is"),
    ],
)
def test_wire_12_an_unknown_tag_gets_the_whole(house: House, forge: Any) -> None:
    many(house, "First")
    tag = house.ask().headers["ETag"]
    many(house, "Second")
    assert changed(house, forge(tag)).status_code in (200, 304)
    assert changed(house, tag).status_code == 226


def test_wire_12_an_empty_tag_is_an_unknown_one(house: House) -> None:
    many(house, "First")
    assert titles(house.ask(ATOM, a_im="feed", if_none_match='""')) == ["First"]


@pytest.mark.parametrize("act", ["correct", "kill"])
def test_wire_12_a_version_of_the_same_moment_is_not_missed(house: House, act: str) -> None:
    """A clock that stands, or a writer that waited: who went on from the one version is told of the next."""
    told, _ = many(house, "First", "Second")
    house.exchange.clock.pass_by(minutes=1)
    again = house.correct(told, "Corrected")
    onward = linked(house.ask(f"{ATOM}?since="))["next"].removeprefix(BASE)
    tag = house.ask(ATOM).headers["ETag"]
    if act == "correct":
        house.correct(again, "Corrected again")
    else:
        house.kill(again)
    for answer in (house.ask(onward), house.ask(ATOM, a_im="feed", if_none_match=tag)):
        parsed = feedparser.parse(io.BytesIO(answer.data), sanitize_html=False, resolve_relative_uris=False)
        assert [one.title for one in parsed.entries] == (["Corrected again"] if act == "correct" else [])
        assert (f'ref="{told.entry_id}"' in answer.text) is (act == "kill")
    assert house.ask(ATOM, a_im="feed", if_none_match=tag).status_code == 226


def test_wire_7_12_what_a_request_expects_comes_before_what_has_changed(house: House) -> None:
    told, _ = many(house, "First", "Second")
    tag = house.ask(ATOM).headers["ETag"]
    house.kill(told)
    for wrong in ({"if_match": '"other"'}, {"if_unmodified_since": "Mon, 01 Jan 2024 00:00:00 GMT"}):
        assert house.ask(ATOM, a_im="feed", if_none_match=tag, **wrong).status_code == 412
    with house.exchange.database.read() as tx:
        assert {one.kind for one in publications.fetches(tx, told.id)} == {PublicationKind.STORY}


def test_wire_12_what_waits_by_amended_terms_is_not_missed(house: House) -> None:
    """Placed to be delivered marked, and then to be withheld after all: it comes at its hour, behind what was seen before it."""
    marked = replace(FREE, embargo=EmbargoHandling.MARKED)
    first = AGREEMENTS[0]
    for version, terms, day in ((2, marked, 1), (3, FREE, 2)):
        house.exchange.clock.now = NOW + timedelta(days=day)
        grants = (first.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=("en", "vi"), terms=terms))
        with house.exchange.database.write() as tx:
            agreements.sign(tx, replace(first, version=version, since=house.exchange.clock.now.date(), grants=grants), NOW, "test")
        if terms is marked:
            house.publish("Embargoed", embargo_until=NOW + timedelta(days=3))
    many(house, "First")
    tag = house.ask(ATOM).headers["ETag"]
    house.exchange.clock.now = NOW + timedelta(days=3)
    many(house, "Second")
    assert "Embargoed" in titles(house.ask(ATOM, a_im="feed", if_none_match=tag))


@pytest.mark.parametrize("late", ["story", "kill"])
def test_wire_12_who_waited_for_the_database_is_behind_who_did_not(house: House, late: str) -> None:
    """Two act at almost the same moment, and whoever came first is committed last: a reader has gone on from the other meanwhile."""
    (told,) = many(house, "First")
    start = linked(house.ask(f"{ATOM}?since="))["next"].removeprefix(BASE)
    house.exchange.clock.pass_by(minutes=2)
    house.publish("Quick")
    onward = linked(house.ask(start))["next"].removeprefix(BASE)
    tag = house.ask(ATOM).headers["ETag"]
    house.exchange.clock.pass_by(seconds=-5)
    if late == "story":
        house.publish("Slow")
    else:
        house.kill(told)
    house.exchange.clock.pass_by(seconds=10)
    expected = ["Slow"] if late == "story" else []
    for answer in (house.ask(onward), house.ask(ATOM, a_im="feed", if_none_match=tag)):
        parsed = feedparser.parse(io.BytesIO(answer.data), sanitize_html=False, resolve_relative_uris=False)
        assert [one.title for one in parsed.entries] == expected
        assert (f'ref="{told.entry_id}"' in answer.text) is (late == "kill")


@pytest.mark.parametrize("number", [0, 7, 2**31 - 1, 2**31, 2**63, 10**40])
def test_an_archive_of_any_other_number_is_none(house: House, number: int) -> None:
    """Also where no database can hold the number."""
    assert house.ask(f"/feeds/to-trc/archive/{number}.atom").status_code == 404


def test_wire_12_where_not_all_can_be_seen_nothing_is_told_since(house: House) -> None:
    """What is hidden now and comes to be seen is no newer than the mark: only the whole tells of it."""
    house.publish("Sport", topics=("medtop:15000000",))
    many(house, "First")
    tag = house.ask().headers["ETag"]
    house.granted(terms=FREE, topics_out=("medtop:15000000",))
    many(house, "Second")
    assert titles(changed(house, tag)) == ["Second", "First"]
    hiding = house.ask().headers["ETag"]
    many(house, "Third")
    assert titles(changed(house, hiding)) == ["Third", "Second", "First"]


def test_wire_12_who_was_away_for_longer_than_the_feed_goes_back_gets_the_whole_of_it(house: House) -> None:
    many(house, "First")
    tag = house.ask().headers["ETag"]
    many(house, *numbers(0, 12))
    assert changed(house, tag).status_code == 200


def test_z07_another_partners_tag_is_unknown(house: House) -> None:
    many(house, "First")
    other = house.exchange.token("azertac")
    tag = house.ask("/feeds/to-azertac.atom", token=other).headers["ETag"]
    many(house, "Second")
    assert changed(house, tag).status_code == 200


def test_wire_12_what_a_226_told_is_on_record(house: House) -> None:
    many(house, "First")
    tag = house.ask().headers["ETag"]
    (second,) = many(house, "Second")
    changed(house, tag)
    house.exchange.clock.pass_by(minutes=1)
    house.kill(second)
    assert second.entry_id in house.ask("/feeds/to-trc/withdrawn.atom").text


# A browser


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_wire_1_a_browser_is_shown_the_feed_with_a_style(house: House, form: str) -> None:
    many(house, "First")
    plain, shown = house.ask(f"/feeds/to-trc.{form}"), house.ask(f"/feeds/to-trc.{form}", sec_fetch_dest="document")
    assert shown.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>' in shown.data
    assert titles(shown) == titles(plain) == ["First"]
    assert shown.headers["ETag"] != plain.headers["ETag"]
    assert "Sec-Fetch-Dest" in shown.headers["Vary"]
    assert house.ask(f"/feeds/to-trc.{form}", sec_fetch_dest="document", if_none_match=shown.headers["ETag"]).status_code == 304


# For people


def page(house: House, path: str, **headers: str) -> etree._Element:
    answer = house.ask(path, **headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return etree.fromstring(answer.data, etree.HTMLParser())


@pytest.mark.parametrize("path", ["/feeds", "/feeds/to-trc"])
def test_wire_29_a_page_announces_its_feeds(house: House, path: str) -> None:
    """The fullest form first, each with its type, and each answers."""
    found = page(house, path).xpath("/html/head/link[@rel='alternate']")
    assert found[0].get("type") == "application/atom+xml"
    assert {one.get("href") for one in found} == {f"{BASE}/feeds/to-trc.{form}" for form in FORMS}
    for one in found:
        assert house.ask(one.get("href").removeprefix(BASE)).headers["Content-Type"].startswith(one.get("type"))


def test_wire_29_a_list_of_a_partners_feeds_for_its_reader(house: House) -> None:
    answer = house.ask("/feeds.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    (outline,) = etree.fromstring(answer.data).iter("outline")
    assert (outline.get("type"), outline.get("xmlUrl")) == ("rss", f"{BASE}/feeds/to-trc.atom")
    assert house.token not in answer.text


def test_the_page_shows_the_stories_with_their_terms_and_is_on_record(house: House) -> None:
    (told,) = many(house, "First")
    shown = page(house, "/feeds/to-trc")
    words = " ".join(shown.itertext())
    assert "First" in words
    assert "vna-trc-2025 v1, 2.2" in words
    house.kill(told)
    assert told.entry_id in house.ask("/feeds/to-trc/withdrawn.atom").text
    assert "First" not in " ".join(page(house, "/feeds/to-trc").itertext())


def test_the_page_is_in_the_language_of_who_reads_it(house: House) -> None:
    tags = {language: house.ask("/feeds/to-trc", accept_language=language).headers["ETag"] for language in ("en", "fr", "ru", "vi")}
    assert len(set(tags.values())) == 4
    assert house.ask("/feeds/to-trc", accept_language="fr", if_none_match=tags["fr"]).status_code == 304
    assert house.ask("/feeds/to-trc", accept_language="ru", if_none_match=tags["fr"]).status_code == 200


@pytest.mark.parametrize("path", ["/feeds", "/feeds.opml", "/feeds/to-trc"])
def test_a08_pages_are_for_who_has_a_token_and_tell_of_no_other_partner(house: House, path: str) -> None:
    assert house.exchange.app().test_client().get(path).status_code == 401
    answer = house.ask(path, token=house.exchange.token("azertac"))
    assert "to-trc" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_page_says_why_a_feed_is_closed(house: House) -> None:
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, house.exchange.clock.now.date())
    assert "suspended" in " ".join(page(house, "/feeds").itertext())
    assert house.ask("/feeds/to-trc").status_code == 403


# Tokens


def test_a09_a_token_opens_only_its_flows(house: House) -> None:
    plain, digest = access.new_token()
    with house.exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_narrow", "trc", "narrow", NOW, flows=("to-nobody",)), digest)
    many(house, "One")
    for path in (ATOM, "/feeds/to-trc/withdrawn.atom", f"{ATOM}?since=", "/feeds/to-trc/archive/1.atom"):
        assert house.ask(path, token=plain).status_code == 404


def test_x04_wire_13_a_token_that_asks_too_much_waits_and_no_other_does(database: Database) -> None:
    exchange = Exchange(database, Settings(requests_per_minute=5))
    app, mine, other = exchange.app().test_client(), exchange.token("trc"), exchange.token("azertac")

    def ask(flow: str, token: str) -> TestResponse:
        return app.get(f"/feeds/{flow}.atom", headers={"Authorization": f"Bearer {token}"})

    assert [ask("to-trc", mine).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert ask("to-azertac", other).status_code == 200
    exchange.clock.pass_by(seconds=20)
    assert ask("to-trc", mine).headers["Retry-After"] == "40"
    exchange.clock.pass_by(seconds=40)
    assert ask("to-trc", mine).status_code == 200


# What is kept of what was rendered


def test_each_form_of_a_feed_is_made_of_entries_of_that_form(house: House) -> None:
    """Two forms have one media type, and one story is in all of them."""
    many(house, "First")
    one = house.exchange.app().test_client()
    for form in FORMS:
        kept = [one.get(f"/feeds/to-trc.{form}", headers={"Authorization": f"Bearer {house.token}"}).data for _ in range(2)]
        assert kept == [house.ask(f"/feeds/to-trc.{form}").data] * 2


def test_one_story_more_renders_one_entry_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work grows with what has changed, not with what the feed holds."""
    rendered: list[str] = []
    form = FORMS["atom"]

    def counting(document: FeedDocument, entry: FeedEntry) -> bytes:
        rendered.append(entry.version.content.headline)
        return form.entry(document, entry)

    monkeypatch.setitem(FORMS, "atom", replace(form, entry=counting))
    many(house, "First", "Second")
    one = house.exchange.app().test_client()
    for headline in ("Third", "Fourth"):
        one.get(ATOM, headers={"Authorization": f"Bearer {house.token}"})
        many(house, headline)
    one.get(ATOM, headers={"Authorization": f"Bearer {house.token}"})
    assert sorted(rendered) == ["First", "Fourth", "Second", "Third"]


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    made: list[str] = []
    kept = _Kept(10)

    def asked(key: str, size: int = 4) -> None:
        def make() -> bytes:
            made.append(key)
            return b"x" * size

        assert kept.get(key, make) == b"x" * size

    for key in ("a", "b", "a", "c", "a", "b"):
        asked(key)
    assert made == ["a", "b", "c", "b"]
    asked("long", 99)


# What stands before the application


class Door:
    """The front of one process. `asked`: how often the application behind it was."""

    def __init__(self, exchange: Exchange, token: str) -> None:
        app = exchange.app()
        self.asked = 0
        self._behind = app.wsgi_app
        app.wsgi_app = self._count  # type: ignore[method-assign]
        self._client = Client(Front(app, app.extensions[KEY]))
        self.token = token

    def ask(self, path: str = ATOM, *, method: str = "GET", **headers: str) -> TestResponse:
        given = {"Authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.open(path, method=method, headers=given)

    def _count(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        return self._behind(environ, start_response)


@pytest.fixture
def door(house: House) -> Door:
    """One story is in the feed, and it is on record that the partner has it."""
    many(house, "First")
    made = Door(house.exchange, house.token)
    for _ in range(2):
        made.ask()
    made.asked = 0
    return made


def same(one: TestResponse, other: TestResponse) -> bool:
    cookies = {("Vary", value) for _, value in (*one.headers, *other.headers) if "Cookie" in value}
    told = [sorted((name, value.removesuffix(", Cookie")) for name, value in answer.headers) for answer in (one, other)]
    return (one.status_code, one.data, told[0]) == (other.status_code, other.data, told[1]) and len(cookies) < 2


@pytest.mark.parametrize("headers", [{}, {"accept_encoding": "gzip"}, {"if_match": '"other"'}, {"sec_fetch_dest": "document"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_was_answered_is_answered_again_without_asking(house: House, door: Door, method: str, headers: dict[str, str]) -> None:
    door.ask(method="GET", **headers)
    door.asked = 0
    again = door.ask(method=method, **headers)
    assert door.asked == 0
    assert same(again, house.ask(ATOM, method=method, **headers))
    assert door.ask(if_none_match=door.ask().headers["ETag"]).status_code == 304
    assert door.asked == 0


def _killed(house: House, told: Story) -> None:
    house.kill(told)


def _revoked(house: House, _told: Story) -> None:
    with house.exchange.database.write() as tx:
        accounts.revoke(tx, "t_trc", house.exchange.clock())


def _suspended(house: House, _told: Story) -> None:
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, house.exchange.clock.now.date())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param(lambda house, told: house.correct(told, "Corrected"), 200, id="a story is corrected"),
        pytest.param(_killed, 200, id="Z05: a story is killed"),
        pytest.param(_revoked, 401, id="A06: the token is revoked"),
        pytest.param(_suspended, 403, id="Z06: the agreement is suspended"),
    ],
)
def test_every_commit_is_seen_at_the_next_request(house: House, change: Any, status: int) -> None:
    (told,) = many(house, "First")
    door = Door(house.exchange, house.token)
    tag = [door.ask() for _ in range(2)][-1].headers["ETag"]
    door.asked = 0
    assert (door.ask(if_none_match=tag).status_code, door.asked) == (304, 0)
    change(house, told)
    assert door.ask(if_none_match=tag).status_code == status
    assert door.asked == 1


def test_the_control_what_is_held_without_looking_at_the_database_hides_a_kill(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = many(house, "First")
    door = Door(house.exchange, house.token)
    monkeypatch.setattr(Database, "state", lambda _self: 1)
    tag = [door.ask() for _ in range(2)][-1].headers["ETag"]
    house.kill(told)
    assert door.ask(if_none_match=tag).status_code == 304


def test_z04_t02_an_hour_that_comes_is_seen_at_the_next_request(house: House) -> None:
    house.publish("Embargoed", embargo_until=NOW + timedelta(hours=1))
    many(house, "First")
    door = Door(house.exchange, house.token)
    house.exchange.clock.now = NOW + timedelta(hours=1) - timedelta(seconds=1)
    assert [titles(door.ask()) for _ in range(3)][-1] == ["First"]
    house.exchange.clock.pass_by(seconds=1)
    assert titles(door.ask()) == ["Embargoed", "First"]


def test_a07_a_token_ends_at_its_time_whatever_is_held(house: House) -> None:
    plain, digest = access.new_token()
    with house.exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_short", "trc", "short", NOW, expires_at=NOW + timedelta(hours=1)), digest)
    many(house, "First")
    door = Door(house.exchange, plain)
    house.exchange.clock.now = NOW + timedelta(hours=1) - timedelta(seconds=1)
    assert [door.ask().status_code for _ in range(3)] == [200, 200, 200]
    house.exchange.clock.pass_by(seconds=1)
    assert door.ask().status_code == 401


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"authorization": "Bearer other"}])
def test_a13_another_host_or_token_is_another_request(door: Door, headers: dict[str, str]) -> None:
    assert door.ask(**headers).status_code in (400, 401)
    assert door.asked == 1


def test_x04_what_is_held_counts_too(database: Database) -> None:
    exchange = Exchange(database, Settings(requests_per_minute=5))
    door = Door(exchange, exchange.token("trc"))
    assert [door.ask().status_code for _ in range(7)] == [200] * 5 + [429] * 2


def test_nothing_is_held_for_long(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are moments of which no answer says when they come: a notice that was told for long enough, an archive to close."""
    monkeypatch.setattr(recent, "LONGEST", 0.0)
    door.ask()
    assert door.asked == 1


def test_wire_12_who_asks_for_changes_is_told_at_once_that_there_are_none(door: Door) -> None:
    tag = door.ask().headers["ETag"]
    assert (door.ask(if_none_match=tag, a_im="feed").status_code, door.asked) == (304, 0)
    assert (door.ask(if_none_match='"other"', a_im="feed").status_code, door.asked) == (200, 1)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wire_14_thirty_days_away_and_twenty_thousand_stories_each_once_and_in_order(database: Database) -> None:
    """Released for real, a story every two minutes; then a partner that keeps to RFC 5005 comes for the first time in a month."""
    exchange = Exchange(database)
    house = House(exchange, exchange.token("trc"))
    reader = Reader(house, "json")
    house.publish("Before")
    exchange.clock.pass_by(minutes=2)
    assert reader.visit() == ["Before"]
    total, at = 20_000, exchange.clock.now
    for start in range(0, total, 500):
        with database.write() as tx:
            for number in range(start, start + 500):
                at += timedelta(minutes=2)
                name = f"s_{number:024x}"
                version = story_version(story=name, content=content(headline=f"Number {number}"), made_at=at)
                written = Story(name, entry_id("vna.example", name, at), version, at)
                stories.write(tx, written)
                release(tx, written, agency="vna", now=at)
    exchange.clock.now = at + timedelta(minutes=2)
    assert reader.visit() == numbers(0, total)
