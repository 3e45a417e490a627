"""The demo agencies: their stories at every moment, over real HTTP, and after a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from syndication.agreements.files import read as read_config
from syndication.demo.agency import DemoAgency, read
from syndication.demo.documents import Programme, document, told
from syndication.feeds.parse import parse

TREE = Path(__file__).parents[2]
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PROGRAMMES = {
    f"{name}{path}": programme for name in ("trc", "azertac") for path, programme in read(TREE / "fixtures" / "partners" / name).items()
}


@pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES.keys())
def test_it_goes_on_living(programme: Programme) -> None:
    """New stories, a correction under the same id, a kill as a tombstone; well-formed at every moment, and no id used twice."""
    said: dict[str, set[str]] = {}
    for seconds in range(0, 900, 20):
        at = START + timedelta(seconds=seconds)
        feed = parse(document(programme, START, at, "http://127.0.0.1:1"), content_type=None, base_url="http://x/", language="en", now=at)
        assert (feed.unreadable, feed.note) == ((), None)
        assert {one.ref for one in feed.tombstones}.isdisjoint(one.guid for one in feed.entries)
        assert len({one.guid for one in feed.entries}) == len(feed.entries)
        for entry in feed.entries:
            said.setdefault(entry.guid, set()).add(entry.content.body)
        assert bool(feed.tombstones) == (seconds >= 120)
    assert max(len(bodies) for bodies in said.values()) == 2
    assert len(said) > 10


@pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES.keys())
def test_every_category_is_mapped_by_the_example(programme: Programme) -> None:
    known = {one.name.casefold() for partner in read_config(TREE / "config", "vna").partners for one in partner.categories}
    assert {one.script.category for one in told(programme, START, START)} <= set(_categories(programme))
    assert [one for one in _categories(programme) if one.casefold() not in known] == []


def _categories(programme: Programme) -> list[str]:
    return [story.category for story in programme.stories]


def test_over_http_and_after_a_restart(tmp_path: Path) -> None:
    now = [START]
    agency = DemoAgency(TREE / "fixtures" / "partners" / "trc", tmp_path, lambda: now[0])
    origin = agency.start(0)
    try:
        with urlopen(f"{origin}/en.rss", timeout=10) as answer:
            first, tag = answer.read(), answer.headers["ETag"]
        with pytest.raises(HTTPError) as unchanged:
            urlopen(Request(f"{origin}/en.rss", headers={"If-None-Match": tag}), timeout=10)
        assert unchanged.value.code == 304
        assert unchanged.value.headers["ETag"] == tag
        with urlopen(f"{origin}/pictures/railway.png", timeout=10) as picture:
            assert picture.read(4) == b"\x89PNG"
        for path in ("/nothing", "/pictures/../en.toml", "/pictures/%2e%2e/en.toml"):
            with pytest.raises(HTTPError) as missing:
                urlopen(f"{origin}{path}", timeout=10)
            assert missing.value.code == 404
    finally:
        agency.stop()
    now[0] += timedelta(minutes=1)
    again = DemoAgency(TREE / "fixtures" / "partners" / "trc", tmp_path, lambda: now[0])
    origin = again.start(0)
    try:
        with urlopen(f"{origin}/en.rss", timeout=10) as answer:
            second = answer.read()
    finally:
        again.stop()
    ids = [
        {one.guid for one in parse(body, content_type=None, base_url="http://x/", language="en", now=START).entries}
        for body in (first, second)
    ]
    assert ids[0] < ids[1]
