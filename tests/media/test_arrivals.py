"""What partners send with their items is brought home: as far as the agreement goes, one at a time of a host, and whole or not at all."""

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syndication.fetch.client import Client, Limits
from syndication.media.carrier import AT_ONCE, MOST_TRIES, OF_ONE_PARTNER, Carrier
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.agreement import ActKind, ContentType
from syndication.model.entry import Tombstone
from syndication.model.item import ItemVersion
from syndication.model.media import Arrival
from syndication.publish.retention import Retention
from syndication.review.desk import Desk
from syndication.settings import Settings
from syndication.storage import agreements, arrivals, items, media, stories
from syndication.storage.database import Database
from tests.fetch.faulty import Faulty, drip, faulty, redirect, reply
from tests.media import pictures
from tests.web.exchange import AGREEMENTS, FROM_AZERTAC, ONWARD, TO_AZERTAC, Exchange, guid, story
from tests.worlds import grant, rendition

LIMIT = 20_000
LEASE = timedelta(minutes=4)


@dataclass
class House:
    """An exchange with TRC, its server of pictures, and what brings them home. `opened`: whether the guard lets us into that server;
    `also`: into these ports.
    """

    database: Database
    server: Faulty
    checker: Checker
    folder: Path
    opened: bool = True
    also: tuple[int, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        opened = tuple(f"127.0.0.1/32:{port}" for port in (self.server.port, *self.also))
        allow = {"trc": opened, "azertac": opened} if self.opened else {}
        self.exchange = Exchange(self.database, Settings(data=str(self.folder), allow=allow, **self.more))

    @property
    def now(self) -> datetime:
        return self.exchange.clock()

    def carrier(self) -> Carrier:
        limits = Limits(wire_bytes=LIMIT, body_bytes=LIMIT, connect=0.5, read=0.5, total=1.0)
        return Carrier(self.database, Client(limits, "test"), self.checker, self.exchange.settings)

    def carry(self) -> int:
        return self.carrier().run(self.now)

    def give(self, *names: str, number: int = 1, form: str = "image/jpeg", host: str = "127.0.0.1", **changes: Any) -> None:
        kind = {"audio": ContentType.AUDIO, "video": ContentType.VIDEO}.get(form.partition("/")[0], ContentType.PICTURE)
        held = tuple(rendition(url=self.server.url(f"/{name}", host), media_type=form, type=kind) for name in names)
        self.exchange.receive(story(number, renditions=held, **changes))

    def arrivals(self, number: int = 1) -> tuple[Arrival, ...]:
        item = self.exchange.item(number)
        with self.database.read() as tx:
            return arrivals.of_version(tx, item.id, item.current.number)

    def home(self, number: int = 1) -> list[bytes | None]:
        store = Store.of(self.exchange.settings)
        return [store.open(one.kept.hash).read() if one.kept else None for one in self.arrivals(number)]

    def accept(self, number: int = 1) -> str:
        item = self.exchange.item(number)
        return str(Desk(self.database, self.exchange.settings).accept(item.id, item.revision, "mai", self.now).story)

    def files(self) -> list[str]:
        return [one.name for one in (self.folder / "media").rglob("*") if one.is_file()]


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty() as one:
        yield one


@pytest.fixture
def house(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> House:
    return House(database, server, checker, tmp_path / "house")


one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is about the network and the disk is the same on both."""


def test_it_is_fetched_after_the_item_is_in_and_kept(house: House) -> None:
    """W08: without the place, and with who made it."""
    house.server.answers |= {"/a": reply(200, pictures.jpeg(told=True)), "/b": reply(200, pictures.png(), "Content-Type: text/plain")}
    house.give("a", "b")
    assert (house.home(), house.server.asked) == ([None, None], [])
    # One host, one visit at a time.
    assert [house.carry(), house.carry(), house.carry()] == [1, 1, 0]
    first, second = house.arrivals()
    assert first.kept is not None
    assert (first.kept.media_type, first.kept.width, first.next_at, first.why) == ("image/jpeg", 8, None, None)
    kept = house.home()[0]
    assert kept is not None
    assert (b"L. Pham" in kept, b"VNA credit" in kept, b"105,51E" in kept, pictures.GPS in kept) == (True, True, False, False)
    assert second.kept is None
    assert "is said to be 'image/jpeg', and is image/png" in str(second.why)


@one_database
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(reply(404, b""), "404", id="not there"),
        pytest.param(
            redirect("http://169.254.169.254/latest"), "not a public address|port|may not be visited", id="F06: to a private address"
        ),
        pytest.param(redirect("file:///etc/passwd"), "is not followed", id="F06: to a file of ours"),
        pytest.param(reply(200, pictures.HTML, "Content-Type: image/jpeg"), "none of the forms", id="W07: a page"),
        pytest.param(reply(200, pictures.SVG, "Content-Type: image/svg+xml"), "none of the forms", id="H10: SVG"),
        pytest.param(reply(200, pictures.mp4()), "and is video/mp4", id="W07: a film"),
        pytest.param(reply(200, pictures.png(50_000, 50_000)), "pixels|said to be", id="W08: a bomb, and a lie"),
        pytest.param(reply(200, pictures.jpeg() + b"\0" * LIMIT), "longer than", id="F15: too large by its length"),
        pytest.param(reply(200, pictures.jpeg() + b"\0" * LIMIT, length=None), "longer than", id="F15: too large, and no length said"),
        pytest.param(reply(200, pictures.jpeg(), length=LIMIT - 1), "broke off", id="F17: cut off"),
        pytest.param(reply(200, b""), "empty", id="nothing"),
        pytest.param(drip(reply(200, b"\xff\xd8\xff", length=LIMIT - 1), b"\0"), "ended after", id="F14: a byte now and then"),
    ],
)
def test_what_fails_says_why_and_leaves_nothing(house: House, answer: Any, why: str) -> None:
    """F06, F14, F15, F17, H10, W07, W08; the test before is the control."""
    house.server.answers["/a"] = answer
    house.give("a")
    house.carry()
    (one,) = house.arrivals()
    assert (one.kept, one.tries, one.next_at, one.broken) == (None, 1, house.now + timedelta(minutes=1), False)
    assert re.search(why, str(one.why)), one.why
    assert house.files() == []


@one_database
def test_w08_a_bomb_by_its_true_name(house: House) -> None:
    """W08: 50,000 x 50,000 pixels are counted before one is unpacked."""
    house.server.answers["/a"] = reply(200, pictures.png(50_000, 50_000))
    house.give("a", form="image/png")
    house.carry()
    assert "pixels" in str(house.arrivals()[0].why)


@one_database
def test_w07_what_the_grant_would_have_to_name_otherwise_leaves_nothing(house: House) -> None:
    """W07: nothing is declared, and it is called a picture."""
    house.server.answers["/a"] = reply(200, pictures.MP3)
    house.give("a", form="")
    house.carry()
    assert "said to be of the type picture, and is audio/mpeg" in str(house.arrivals()[0].why)
    assert house.files() == []


@one_database
def test_f12_a_private_address_is_never_asked(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> None:
    """F12: the same guard as for feeds, opened for each partner by itself. The other tests are the control."""
    house = House(database, server, checker, tmp_path / "house", opened=False)
    server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    house.carry()
    assert "may not be visited" in str(house.arrivals()[0].why)
    assert server.connections == 0


@one_database
@pytest.mark.parametrize("let", [pytest.param(False, id="refused"), pytest.param(True, id="the control: opened")])
def test_f06_a_redirect_into_our_own_network(database: Database, server: Faulty, checker: Checker, tmp_path: Path, let: bool) -> None:
    """F06: refused before a packet is sent, unless an operator has opened that very address."""
    with faulty() as inner:
        house = House(database, server, checker, tmp_path / "house", also=(inner.port,) if let else ())
        server.answers["/a"] = redirect(inner.url("/a"))
        inner.answers["/a"] = reply(200, pictures.jpeg())
        house.give("a")
        house.carry()
        assert (inner.connections, house.home()) == ((1, [pictures.jpeg()]) if let else (0, [None]))


def test_it_is_tried_again_later_and_later_and_at_last_it_is_broken_until_someone_asks(house: House) -> None:
    house.give("a")
    waits: list[timedelta] = []
    while (at := house.arrivals()[0].next_at) is not None:
        waits.append(at - house.now)
        house.exchange.clock.now = at
        assert house.carry() == 1
        assert house.carry() == 0
    assert len(house.server.asked) == MOST_TRIES
    assert waits[1:4] == [timedelta(minutes=one) for one in (1, 2, 4)]
    (broken,) = house.arrivals()
    assert broken.broken
    assert "404" in str(broken.why)
    with house.database.write() as tx:
        assert arrivals.listed(tx, broken=True) == (broken,)
        assert arrivals.ask_again(tx, broken, house.now)
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.carry()
    assert house.home() == [pictures.jpeg()]
    with house.database.write() as tx:
        assert arrivals.listed(tx) == ()
        assert not arrivals.ask_again(tx, broken, house.now)


@one_database
def test_404_and_then_200(house: House) -> None:
    house.give("a")
    house.carry()
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.exchange.clock.pass_by(seconds=59)
    assert house.carry() == 0
    house.exchange.clock.pass_by(seconds=1)
    house.carry()
    (one,) = house.arrivals()
    assert (one.tries, one.next_at, one.why) == (0, None, None)
    assert house.home() == [pictures.jpeg()]


@one_database
@pytest.mark.parametrize(
    ("said", "wait"), [("600", timedelta(minutes=10)), ("99999999999", timedelta(days=1)), ("1", timedelta(minutes=1))]
)
def test_f21_a_host_that_asks_to_wait_is_left_alone(house: House, said: str, wait: timedelta) -> None:
    """F21: also with the others that are to be fetched from it."""
    house.server.answers["/a"] = reply(429, b"", f"Retry-After: {said}")
    house.give("a", "b")
    house.carry()
    assert {one.next_at for one in house.arrivals()} == {house.now + wait}


@one_database
def test_what_the_agreement_does_not_grant_is_not_even_expected(house: House) -> None:
    house.give("a", form="video/mp4")
    assert (house.arrivals(), house.carry(), house.server.asked) == ((), 0, [])


@one_database
def test_what_may_not_come_in_any_more_is_not_fetched(house: House) -> None:
    """The gate is asked again at the moment: suspended, resumed, and amended so that pictures are no longer granted."""
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    house.exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 24))
    house.carry()
    assert "it may not be fetched now: vna-trc-2025" in str(house.arrivals()[0].why)
    house.exchange.act("vna-trc-2025", ActKind.RESUME, date(2026, 11, 25))
    house.exchange.clock.pass_by(days=1)
    text = replace(AGREEMENTS[0], version=2, since=date(2026, 11, 24), grants=(grant(types=(ContentType.TEXT,)), AGREEMENTS[0].grants[1]))
    with house.database.write() as tx:
        agreements.sign(tx, text, house.now, "test")
    house.carry()
    assert "picture is not among what is granted" in str(house.arrivals()[0].why)
    assert house.server.asked == []
    with house.database.write() as tx:
        agreements.sign(tx, replace(AGREEMENTS[0], version=3, since=date(2026, 11, 25)), house.now, "test")
    house.exchange.clock.pass_by(days=1)
    house.carry()
    assert house.home() == [pictures.jpeg()]


def test_the_newest_comes_first_and_what_failed_last(house: House) -> None:
    for number in (1, 2, 3):
        house.give(f"{number}", number=number)
        house.exchange.clock.pass_by(minutes=5)
        if number == 1:
            house.carry()
    for _ in range(3):
        house.carry()
    assert [head.split(" ")[1] for head in house.server.asked] == ["/1", "/3", "/2", "/1"]


def test_two_never_fetch_the_same_nor_from_one_host_nor_too_much_of_one_partner(house: House) -> None:
    """Wire 36: however many claim at once, and none keeps the others away."""
    for number in range(AT_ONCE):
        house.give("a", "b", number=number, host=f"{number}.trc.example")
    azertac = story(1, renditions=(rendition(url="https://pictures.azertac.example/a"),))
    house.exchange.receive(azertac, on=FROM_AZERTAC)
    found: list[Arrival] = []
    together = threading.Barrier(4)

    def claim() -> None:
        together.wait()
        with house.database.write() as tx:
            found.extend(arrivals.claim(tx, house.now, AT_ONCE, LEASE, OF_ONE_PARTNER))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.partner for one in found) == ["azertac", *["trc"] * OF_ONE_PARTNER]
    assert len({one.host for one in found}) == len(found)
    with house.database.write() as tx:
        assert arrivals.claim(tx, house.now, AT_ONCE, LEASE, OF_ONE_PARTNER) == ()
        assert len(arrivals.claim(tx, house.now + LEASE, AT_ONCE, LEASE, OF_ONE_PARTNER)) == OF_ONE_PARTNER + 1


def test_x01_whatever_one_partner_names_little_of_it_is_read_to_find_the_next(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each on a host of its own, and newer than what another partner's item names."""
    monkeypatch.setattr(arrivals, "AT_A_LOOK", 5)
    house.exchange.receive(story(1, renditions=(rendition(url="https://pictures.azertac.example/a"),)), on=FROM_AZERTAC)
    house.exchange.clock.pass_by(minutes=1)
    for number in range(20):
        house.give("a", number=number, host=f"{number}.trc.example")
    read: list[int] = []
    with house.database.write() as tx:
        rows = tx.rows

        def counted(asked: Any) -> Any:
            found = rows(asked)
            read.append(len(found))
            return found

        monkeypatch.setattr(type(tx), "rows", lambda _, asked: counted(asked))
        claimed = arrivals.claim(tx, house.now, AT_ONCE, LEASE, OF_ONE_PARTNER)
    assert sorted(one.partner for one in claimed) == ["azertac", *["trc"] * OF_ONE_PARTNER]
    assert sum(read) <= 5 + 2


def test_who_lost_its_lease_changes_nothing(house: House) -> None:
    house.give("a")
    with house.database.write() as tx:
        (late,) = arrivals.claim(tx, house.now, 1, LEASE, 1)
        (one,) = arrivals.claim(tx, house.now + LEASE, 1, LEASE, 1)
        arrivals.fail(tx, late, "too late", None)
        kept = Store.of(house.exchange.settings).take(io.BytesIO(pictures.jpeg()), None, LIMIT, house.checker, house.now)
        assert arrivals.bring(tx, late, kept, house.now) is False
    assert house.arrivals() == (one,)


@one_database
def test_one_thread_is_always_left_for_our_own(house: House) -> None:
    for number in range(3):
        house.give("a", number=number, host=f"{number}.trc.example")
    assert len(house.carrier().claim(house.now, 2)) == 1
    assert len(house.carrier().claim(house.now, 1)) == 0


@one_database
def test_x06_no_more_is_kept_of_a_partner_than_may_be(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> None:
    """X06: with the reason; another partner's is taken."""
    size = len(pictures.jpeg())
    house = House(database, server, checker, tmp_path / "house", more={"media_partner_bytes": 2 * size})
    server.answers |= {f"/{colour}": reply(200, pictures.jpeg(colour=colour)) for colour in ("red", "blue", "green")}
    for number, colour in enumerate(("red", "blue", "green"), start=1):
        house.give(colour, number=number)
        house.carry()
    assert [len(house.home(number)[0] or b"") for number in (1, 2, 3)] == [size, size, 0]
    assert "as may be of what trc sends (media_partner_bytes)" in str(house.arrivals(3)[0].why)
    assert len(server.asked) == 2, "where nothing more may be kept, nothing is asked for"
    house.exchange.receive(story(1, renditions=(rendition(url=server.url("/green")),)), on=FROM_AZERTAC)
    house.carry()
    item = house.exchange.item(1, FROM_AZERTAC)
    with database.read() as tx:
        assert arrivals.bytes_of(tx, "trc") == 2 * size
        assert [one.kept is not None for one in arrivals.of_version(tx, item.id, 1)] == [True]
    assert not any(name.startswith("incoming") for name in house.files())


@one_database
def test_x06_the_last_of_the_disk_is_left_free(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> None:
    """X06, D05: for kills, and for what has to be deleted."""
    house = House(database, server, checker, tmp_path / "house", more={"media_reserve_bytes": 1 << 50})
    house.give("a")
    house.carry()
    (one,) = house.arrivals()
    assert "bytes are free (media_reserve_bytes)" in str(one.why)
    assert (one.next_at is not None, server.asked) == (True, [])


def test_the_same_bytes_of_two_partners_are_kept_once_and_each_lets_go_by_itself(house: House) -> None:
    """Z11: rights apart."""
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    house.exchange.receive(story(2, renditions=(rendition(url=house.server.url("/a")),)), on=FROM_AZERTAC)
    house.carry()
    house.carry()
    assert len(house.files()) == 2, "a picture and its thumbnail"
    hash_ = house.arrivals()[0].kept
    assert hash_ is not None
    house.exchange.receive(tombstones=(Tombstone(guid(1), house.now),))
    item = house.exchange.item(2, FROM_AZERTAC)
    with house.database.read() as tx:
        assert arrivals.held(tx, item.id, 1, hash_.hash) == hash_
        assert arrivals.held(tx, house.exchange.item().id, 1, hash_.hash) is None
    assert len(house.files()) == 2
    house.exchange.receive(tombstones=(Tombstone(guid(2), house.now),), on=FROM_AZERTAC)
    assert house.files() == []


@one_database
def test_a_kill_on_the_way_leaves_no_bytes_for_ever(house: House) -> None:
    house.give("a")
    with house.database.write() as tx:
        (one,) = arrivals.claim(tx, house.now, 1, LEASE, 1)
    house.exchange.receive(tombstones=(Tombstone(guid(1), house.now),))
    with house.database.write() as tx:
        kept = Store.of(house.exchange.settings).take(io.BytesIO(pictures.jpeg()), None, LIMIT, house.checker, house.now)
        assert arrivals.bring(tx, one, kept, house.now) is False
    assert house.carrier().sweep(house.now + timedelta(hours=25)) == 1
    assert house.files() == []


def test_what_is_erased_at_the_end_of_its_use_goes_with_its_pictures(house: House) -> None:
    whole = replace(AGREEMENTS[0], version=2, since=date(2026, 11, 1))
    whole = replace(whole, grants=(grant(terms=replace(ONWARD, delete_at_end=True)), *AGREEMENTS[0].grants[1:]))
    with house.database.write() as tx:
        agreements.sign(tx, whole, house.now, "test")
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    house.carry()
    identity = house.accept()
    house.exchange.clock.pass_by(days=30)
    Retention(house.database, house.exchange.settings).run("clock", house.now)
    assert (house.arrivals(), house.files()) == ((), [])
    with house.database.read() as tx:
        assert media.of_version(tx, identity, 1) == ()


@one_database
def test_of_what_was_set_aside_nothing_is_fetched_until_it_is_taken_up_again(house: House) -> None:
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    item, desk = house.exchange.item(), Desk(house.database, house.exchange.settings)
    rejected = desk.reject(item.id, item.revision, "too late", "mai", house.now)
    assert house.carry() == 0
    desk.undo(item.id, rejected.revision, "mai", house.now)
    assert house.carry() == 1


def test_a_correction_takes_over_what_its_addresses_gave(house: House) -> None:
    house.server.answers |= {"/a": reply(200, pictures.jpeg()), "/b": reply(200, pictures.jpeg(colour="blue"))}
    house.give("a")
    house.carry()
    house.accept()
    house.give("a", "b", headline="Astana hosts the rail forum again")
    assert house.home() == [pictures.jpeg(), None]
    house.carry()
    assert house.home() == [pictures.jpeg(), pictures.jpeg(colour="blue")]
    assert len(house.server.asked) == 2


def test_the_story_goes_out_without_what_is_not_at_home_and_then_with_our_address_of_it(house: House) -> None:
    """Z10: no address of one partner is ever told to another; that is the control in this test: it stands in the item."""
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    identity, token = house.accept(), house.exchange.token("azertac")
    client = house.exchange.app().test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    before = client.get("/feeds/to-azertac.atom", headers=bearer)
    assert "Astana hosts the rail forum" in before.text
    assert ("enclosure" in before.text, house.server.url() in before.text) == (False, False)
    assert house.server.url("/a") in str(house.exchange.item().current.entry.content)
    house.exchange.clock.pass_by(minutes=2)
    house.carry()
    (one,) = house.arrivals()
    assert one.kept is not None
    after = client.get("/feeds/to-azertac.atom", headers={**bearer, "If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert (f"/media/{TO_AZERTAC.id}/{one.kept.hash}" in after.text, house.server.url() in after.text) == (True, False)
    given = client.get(f"/media/{TO_AZERTAC.id}/{one.kept.hash}", headers=bearer)
    assert (given.status_code, given.data) == (200, pictures.jpeg())
    with house.database.read() as tx:
        held = stories.get(tx, identity)
        assert held is not None
        assert held.current.number == 1, "no new version"
    house.exchange.receive(tombstones=(Tombstone(guid(1), house.now),))
    assert client.get(f"/media/{TO_AZERTAC.id}/{one.kept.hash}", headers=bearer).status_code == 410


def test_accepted_at_the_very_moment_the_story_has_it_all_the_same(house: House) -> None:
    """Of an editor and the one that brings it home either comes first: neither misses the other."""
    for number in range(6):
        house.give(f"{number}", number=number)
        with house.database.write() as tx:
            (one,) = arrivals.claim(tx, house.now, 1, LEASE, 1)
        kept = Store.of(house.exchange.settings).take(io.BytesIO(pictures.jpeg(8 + number)), None, LIMIT, house.checker, house.now)
        together, accepted = threading.Barrier(2), list[str]()

        def accept(number: int = number, together: threading.Barrier = together, accepted: list[str] = accepted) -> None:
            together.wait()
            accepted.append(house.accept(number))

        thread = threading.Thread(target=accept)
        thread.start()
        together.wait()
        with house.database.write() as tx:
            assert arrivals.bring(tx, one, kept, house.now)
        thread.join()
        with house.database.read() as tx:
            assert [errand.hash for errand in media.of_version(tx, accepted[0], 1)] == [kept.hash]


@one_database
@pytest.mark.parametrize("form", ["atom", "rss", "json", "ninjs", "newsml"])
def test_every_form_of_the_feed_tells_our_address_only(house: House, form: str) -> None:
    """Z09."""
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a", "gone")
    house.carry()
    house.carry()
    house.accept()
    bearer = {"Authorization": f"Bearer {house.exchange.token('azertac')}"}
    text = house.exchange.app().test_client().get(f"/feeds/to-azertac.{form}", headers=bearer).text
    assert ("/media/to-azertac/" in text, f":{house.server.port}/" in text) == (True, False)


@one_database
def test_audio_and_video_are_kept_as_they_came(house: House) -> None:
    every = tuple(ContentType)
    more = replace(AGREEMENTS[0], version=2, since=date(2026, 11, 1), grants=(grant(types=every, terms=ONWARD), *AGREEMENTS[0].grants[1:]))
    with house.database.write() as tx:
        agreements.sign(tx, more, house.now, "test")
    house.server.answers |= {"/a": reply(200, pictures.MP3), "/v": reply(200, pictures.mp4())}
    house.give("a", form="audio/mpeg")
    house.give("v", number=2, form="video/mp4")
    house.carry()
    house.carry()
    assert (house.home(1), house.home(2)) == ([pictures.MP3], [pictures.mp4()])


@one_database
def test_an_address_that_cannot_be_read_stops_no_poll(house: House) -> None:
    held = (rendition(url="http://[no/a.jpg"),)
    house.exchange.receive(story(1, renditions=held))
    house.carry()
    assert "cannot be read" in str(house.arrivals()[0].why)


def version_of(house: House) -> ItemVersion:
    with house.database.read() as tx:
        found = items.version(tx, house.exchange.item().id, 1)
    assert found is not None
    return found


@one_database
def test_the_version_itself_is_never_changed(house: House) -> None:
    """What a decision was about stays as it was."""
    house.server.answers["/a"] = reply(200, pictures.jpeg())
    house.give("a")
    before = version_of(house)
    house.carry()
    assert version_of(house) == before
