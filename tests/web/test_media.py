"""Pictures for partners: the feed's token and gate, bytes that are only ever saved, ranges, and nothing that tells of anyone else's."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from syndication import access
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.account import FeedToken
from syndication.model.agreement import ActKind, ContentType
from syndication.model.story import Story
from syndication.settings import Settings
from syndication.storage import accounts, media, publications, stories
from syndication.storage.database import Database
from syndication.web import media as door
from tests.media import pictures
from tests.web.exchange import AGREEMENTS, Exchange
from tests.web.test_outbox import House
from tests.worlds import rendition

PICTURE = pictures.jpeg(64, 64)
FILM = pictures.mp4() + b"\0" * 300_000
ADDRESS = "https://cms.example/rail.jpg"


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    one = Checker()
    yield one
    one.close()


@dataclass(slots=True)
class Gallery(House):
    """The house, with pictures kept here."""

    checker: Checker

    def show(self, headline: str, data: bytes = PICTURE, kind: ContentType = ContentType.PICTURE, **changes: Any) -> tuple[Story, str]:
        """A story of our own with this rendition, which was brought home; and its hash."""
        form = "video/mp4" if kind is ContentType.VIDEO else "image/jpeg"
        told = self.publish(headline, renditions=(rendition(url=ADDRESS, type=kind, media_type=form),), **changes)
        return told, self.bring(told, data)

    def bring(self, told: Story, data: bytes = PICTURE) -> str:
        store, now = Store.of(self.exchange.settings), self.exchange.clock()
        kept = store.take(io.BytesIO(data), None, 1_000_000, self.checker, now)
        with self.exchange.database.write() as tx:
            store.record(tx, kept)
            media.want(tx, told.current, now)
            for errand in media.of_version(tx, told.id, told.current.number):
                assert media.bring(tx, errand, kept, now)
        return kept.hash

    def get(self, hash_: str, flow: str = "to-trc", **more: Any) -> TestResponse:
        return self.ask(f"/media/{flow}/{hash_}", **more)


@pytest.fixture
def gallery(database: Database, tmp_path: Path, checker: Checker) -> Gallery:
    exchange = Exchange(database, Settings(data=str(tmp_path / "house")))
    return Gallery(exchange, exchange.token("trc"), checker)


def said(answer: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells."""
    return answer.status_code, answer.data, dict(answer.headers)


def test_h10_a_picture_is_handed_out_to_be_saved_and_never_shown(gallery: Gallery) -> None:
    """W07, H10: attachment, sandbox, nosniff, and the type that it is."""
    _, hash_ = gallery.show("Rail")
    answer = gallery.get(hash_)
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(PICTURE))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{hash_[:16]}.jpg"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert answer.headers["ETag"] == f'"{hash_}"'
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("form", ["rss", "atom", "json", "ninjs"])
def test_the_feed_names_the_address_of_this_flow(gallery: Gallery, form: str) -> None:
    _, hash_ = gallery.show("Rail")
    text = gallery.ask(f"/feeds/to-trc.{form}").text
    assert f"http://127.0.0.1:8800/media/to-trc/{hash_}" in text
    assert str(len(PICTURE)) in text
    assert ADDRESS not in text
    assert "to-azertac" not in text


def test_pages_and_archives_name_it_too(gallery: Gallery) -> None:
    """With `?since=`, and in a document that was archived; also where it is brought home only then."""
    gallery.exchange.settings = replace(gallery.exchange.settings, feed_entries=1)
    told = gallery.publish("Rail", renditions=(rendition(url=ADDRESS),))
    for headline in ("Second", "Third"):
        gallery.exchange.clock.pass_by(minutes=5)
        gallery.publish(headline)
    gallery.exchange.clock.pass_by(hours=1)
    gallery.ask()
    paths = ("/feeds/to-trc.atom?since=", "/feeds/to-trc/archive/1.atom")
    assert [ADDRESS in gallery.ask(path).text for path in paths] == [True, True]
    hash_ = gallery.bring(told)
    for path in paths:
        text = gallery.ask(path).text
        assert (f"/media/to-trc/{hash_}" in text, ADDRESS in text) == (True, False), path


def test_what_is_not_here_yet_stands_where_it_was_and_the_change_is_seen(gallery: Gallery) -> None:
    """Also by who asks with a date only, and by a document that is held."""
    app = gallery.exchange.app().test_client()

    def ask(**headers: str) -> TestResponse:
        given = {"Authorization": f"Bearer {gallery.token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return app.get("/feeds/to-trc.atom", headers=given)

    told = gallery.publish("Rail", renditions=(rendition(url=ADDRESS),))
    gallery.exchange.clock.pass_by(hours=1)
    before = ask()
    assert ADDRESS in before.text
    gallery.exchange.clock.pass_by(hours=1)
    assert ask(if_none_match=before.headers["ETag"]).status_code == 304
    hash_ = gallery.bring(told)
    assert ask(if_none_match=before.headers["ETag"]).status_code == 200
    after = ask(if_modified_since=before.headers["Last-Modified"])
    assert after.status_code == 200
    assert f"/media/to-trc/{hash_}" in after.text


NEVER: list[Any] = [
    pytest.param(lambda gallery: "0" * 64, id="bytes that nobody has"),
    pytest.param(lambda gallery: "secret.key", id="W06: a name"),
    pytest.param(lambda gallery: "A" * 64, id="no hash"),
    pytest.param(
        lambda gallery: gallery.show("Later", embargo_until=gallery.exchange.clock() + timedelta(hours=1))[1], id="Z03: under embargo"
    ),
    pytest.param(lambda gallery: gallery.show("For others", language="fr")[1], id="of a story that is not granted"),
    pytest.param(lambda gallery: gallery.show("Film", FILM, ContentType.VIDEO)[1], id="of a type that is not granted"),
    pytest.param(lambda gallery: kept(gallery), id="kept here, and held by no story"),
    pytest.param(lambda gallery: embargoed_and_killed(gallery), id="killed before its hour came"),
    pytest.param(lambda gallery: film_and_killed(gallery), id="killed, of a type that is not granted"),
]


def kept(gallery: Gallery) -> str:
    store = Store.of(gallery.exchange.settings)
    with gallery.exchange.database.write() as tx:
        one = store.take(io.BytesIO(PICTURE), None, 1_000_000, gallery.checker, gallery.exchange.clock())
        store.record(tx, one)
    return one.hash


def embargoed_and_killed(gallery: Gallery) -> str:
    told, hash_ = gallery.show("Later", embargo_until=gallery.exchange.clock() + timedelta(hours=1))
    gallery.kill(told)
    return hash_


def film_and_killed(gallery: Gallery) -> str:
    told, hash_ = gallery.show("Film", FILM, ContentType.VIDEO)
    gallery.ask()
    gallery.kill(told)
    return hash_


@pytest.mark.parametrize("made", NEVER)
def test_z10_what_the_partner_may_not_have_is_as_if_it_were_not(gallery: Gallery, made: Callable[[Gallery], str]) -> None:
    """Z10: by a hash that was guessed or told, under embargo, or not granted: one answer, word for word."""
    hash_ = made(gallery)
    answer = said(gallery.get(hash_))
    assert answer == said(gallery.get("f" * 64))
    assert answer[0] == 404


def test_z11_the_same_bytes_of_somebody_else_open_nothing(gallery: Gallery) -> None:
    """Z11: kept once for all, and TRC does not learn that AZERTAC has them, nor get in by AZERTAC's address."""
    _, hash_ = gallery.show("For AZERTAC", topics=("medtop:15000000",), language="vi")
    gallery.granted(topics=("medtop:04000000",))
    azertac = gallery.exchange.token("azertac")
    assert gallery.get(hash_, "to-azertac", token=azertac).status_code == 200
    unknown = said(gallery.get("f" * 64))
    assert said(gallery.get(hash_)) == unknown
    assert said(gallery.get(hash_, "to-azertac")) == unknown
    assert said(gallery.get(hash_, "trc-en")) == unknown
    assert said(gallery.get(hash_, "nowhere")) == unknown
    # TRC's own story with the very same bytes opens them, at TRC's address only.
    gallery.show("Of TRC's")
    assert gallery.get(hash_).status_code == 200
    assert said(gallery.get(hash_, "to-azertac")) == unknown


def test_z10_after_a_kill_it_is_gone(gallery: Gallery) -> None:
    """Z05, Z10: at the next request, also with a tag that is right; another story that shows the same keeps it open."""
    told, hash_ = gallery.show("Rail")
    assert gallery.get(hash_).status_code == 200
    other, _ = gallery.show("Rail again")
    gallery.kill(told)
    assert gallery.get(hash_).status_code == 200
    gallery.kill(other)
    for headers in ({}, {"if_none_match": f'"{hash_}"'}, {"range": "bytes=0-9"}):
        answer = gallery.get(hash_, **headers)
        assert (answer.status_code, PICTURE[:20] in answer.data) == (410, False)
    # AZERTAC never asked, and had it by its hour.
    assert gallery.get(hash_, "to-azertac", token=gallery.exchange.token("azertac")).status_code == 410


def test_a_picture_that_a_correction_took_out_is_not_there(gallery: Gallery) -> None:
    told, hash_ = gallery.show("Rail")
    with_it = gallery.correct(told, "Rail, corrected")
    assert gallery.get(hash_).status_code == 200
    without = replace(with_it, current=replace(with_it.current, content=replace(with_it.current.content, renditions=())))
    gallery.correct(without, "Rail, without")
    assert gallery.get(hash_).status_code == 404


def test_when_its_use_or_its_agreement_ends_it_ends(gallery: Gallery) -> None:
    """Z10: expiry. The end of the agreement is told as at the feed."""
    _, hash_ = gallery.show("Rail")
    gallery.exchange.act(AGREEMENTS[0].reference, ActKind.SUSPEND, date(2026, 11, 24))
    answer = gallery.get(hash_)
    assert answer.status_code == 403
    assert answer.status_code == gallery.ask().status_code
    assert "suspended" in answer.text
    assert said(gallery.get("0" * 64)) == said(answer)


def test_a06_a_token_that_is_revoked_opens_nothing(gallery: Gallery) -> None:
    """A06: at the next request, whatever the tag; a token of other flows, and none, open nothing either."""
    _, hash_ = gallery.show("Rail")
    tag = f'"{hash_}"'
    assert gallery.get(hash_, if_none_match=tag).status_code == 304
    plain, digest = access.new_token()
    with gallery.exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_other", "trc", "test", gallery.exchange.clock(), flows=("to-nowhere",)), digest)
        accounts.revoke(tx, "t_trc", gallery.exchange.clock())
    assert gallery.get(hash_, if_none_match=tag).status_code == 401
    assert gallery.get(hash_, token="wrong").status_code == 401
    assert gallery.get(hash_, token=plain).status_code == 404
    assert gallery.exchange.app().test_client().get(f"/media/to-trc/{hash_}").status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda gallery, told: revoke(gallery), id="the token is revoked"),
        pytest.param(lambda gallery, told: gallery.kill(told), id="the story is killed"),
        pytest.param(lambda gallery, told: None, id="the control: nothing happens"),
    ],
)
def test_a06_a_download_under_way_ends_too(gallery: Gallery, end: Callable[[Gallery, Story], None]) -> None:
    """A06: a running download. It breaks off, and the length that was said tells."""
    gallery.granted(types=(ContentType.TEXT, ContentType.VIDEO))
    told, hash_ = gallery.show("Film", FILM, ContentType.VIDEO)
    client = gallery.exchange.app().test_client()
    answer = client.get(f"/media/to-trc/{hash_}", headers={"Authorization": f"Bearer {gallery.token}"}, buffered=False)
    parts = answer.iter_encoded()
    assert len(next(iter(parts))) == door.CHUNK
    end(gallery, told)
    gallery.exchange.clock.pass_by(seconds=1)
    rest = sum(len(part) for part in parts)
    answer.close()
    assert answer.headers["Content-Length"] == str(len(FILM))
    ended = gallery.get(hash_).status_code != 200
    assert (rest == 0) is ended
    assert ended or rest == len(FILM) - door.CHUNK


def revoke(gallery: Gallery) -> None:
    with gallery.exchange.database.write() as tx:
        accounts.revoke(tx, "t_trc", gallery.exchange.clock())


SIZE = len(PICTURE)


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        pytest.param("bytes=0-9", 206, (0, 10), id="the first ten"),
        pytest.param("bytes=5-", 206, (5, SIZE), id="from the sixth"),
        pytest.param("bytes=-5", 206, (SIZE - 5, SIZE), id="the last five"),
        pytest.param(f"bytes=-{SIZE + 10}", 206, (0, SIZE), id="more of the last than there are"),
        pytest.param(f"bytes=5-{SIZE + 100}", 206, (5, SIZE), id="beyond the end"),
        pytest.param(f"bytes={SIZE}-", 416, None, id="after the end"),
        pytest.param("bytes=0-1,4-5", 200, (0, SIZE), id="several: the whole"),
        pytest.param("lines=0-9", 200, (0, SIZE), id="another unit: the whole"),
        pytest.param("bytes=9-0", 200, (0, SIZE), id="no range: the whole"),
        pytest.param("nonsense", 200, (0, SIZE), id="nonsense: the whole"),
    ],
)
def test_a_range_of_it(gallery: Gallery, asked: str, status: int, span: tuple[int, int] | None) -> None:
    """RFC 9110, 14."""
    _, hash_ = gallery.show("Rail")
    answer = gallery.get(hash_, range=asked)
    assert answer.status_code == status
    if span is None:
        assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
        return
    assert answer.data == PICTURE[span[0] : span[1]]
    assert answer.headers.get("Content-Range") == (f"bytes {span[0]}-{span[1] - 1}/{SIZE}" if status == 206 else None)
    assert answer.headers["Content-Length"] == str(span[1] - span[0])


def test_conditions(gallery: Gallery) -> None:
    """RFC 9110, 13: If-Match, If-None-Match, If-Range; HEAD as GET."""
    _, hash_ = gallery.show("Rail")
    tag, other = f'"{hash_}"', f'"{"0" * 64}"'
    assert [gallery.get(hash_, if_none_match=one).status_code for one in (tag, f"W/{tag}", f"{other}, {tag}", "*", other)] == [304] * 4 + [
        200
    ]
    assert [gallery.get(hash_, if_match=one).status_code for one in (tag, "*", other, f"W/{tag}")] == [200, 200, 412, 412]
    ranged = [
        gallery.get(hash_, range="bytes=0-9", if_range=one).status_code for one in (tag, other, f"W/{tag}", "Tue, 24 Nov 2026 08:00:00 GMT")
    ]
    assert ranged == [206, 200, 200, 200]
    unchanged = gallery.get(hash_, if_none_match=tag, range="bytes=0-9")
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", tag)
    whole, head = gallery.get(hash_), gallery.get(hash_, method="HEAD")
    assert (head.status_code, head.data, dict(head.headers)) == (200, b"", dict(whole.headers))
    assert gallery.get(hash_, method="HEAD", range="bytes=0-9").headers["Content-Length"] == str(SIZE)
    assert gallery.get(hash_, method="POST").status_code == 405


def test_who_has_the_picture_has_the_story(gallery: Gallery) -> None:
    """For the proof of a later kill (A5): what was fetched is written down before the first byte leaves, once."""
    told, hash_ = gallery.show("Rail")
    gallery.get(hash_, method="HEAD")
    with gallery.exchange.database.read() as tx:
        assert publications.fetches(tx, told.id) == ()
    gallery.get(hash_, range="bytes=0-1")
    gallery.get(hash_)
    with gallery.exchange.database.read() as tx:
        assert [one.flow for one in publications.fetches(tx, told.id)] == ["to-trc"]


def test_a_file_that_is_missing_is_no_failure_and_nobody_elses(gallery: Gallery) -> None:
    _, hash_ = gallery.show("Rail")
    Store.of(gallery.exchange.settings).remove((hash_,))
    assert gallery.get(hash_).status_code == 404


def test_the_story_page_says_how_it_stands(gallery: Gallery) -> None:
    told = gallery.publish("Rail", renditions=(rendition(url=ADDRESS), rendition(url=f"{ADDRESS}?2")))
    now = gallery.exchange.clock()
    with gallery.exchange.database.write() as tx:
        media.want(tx, told.current, now)
        errand = media.of_version(tx, told.id, 1)[1]
        media.fail(tx, errand, "cms.example answered 404: there is nothing", now + timedelta(minutes=1))
    page = gallery.exchange.seated().get(f"/stories/{told.id}")
    assert "cms.example answered 404: there is nothing" in page.text
    assert "being brought home" in page.text.casefold()
    with gallery.exchange.database.read() as tx:
        assert stories.get(tx, told.id) is not None
