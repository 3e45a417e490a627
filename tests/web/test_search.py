"""The page of the search: what is shown of what was found, safely; and that whatever is asked for costs a page, no more."""

import re

import pytest

from syndication.model.entry import Tombstone
from syndication.review.search import PAGE, Index
from syndication.storage import stories
from syndication.storage.database import Database
from tests.web.exchange import FROM_AZERTAC, Exchange, guid, story, words
from tests.worlds import NOW, content, story_version
from tests.worlds import story as a_story


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


def index(exchange: Exchange) -> None:
    Index(exchange.database).round(NOW)


def test_an_item_and_a_story_are_found_with_what_an_editor_asks_of_them(exchange: Exchange) -> None:
    exchange.receive(story(1, headline="Lũ lên ở Đồng Tháp"), on=FROM_AZERTAC)
    with exchange.database.write() as tx:
        told = story_version(
            story="s_9", content=content(headline="Our own", body="<p>After the flood in <b>Đồng</b> Tháp.</p>", language="vi")
        )
        stories.write(tx, a_story(id="s_9", current=told))
    index(exchange)
    answer = exchange.seated().get("/search?q=dong+thap")
    page = words(answer)
    assert "Our own Two days of talks. After the flood in Đồng Tháp. Aigerim Bek Story Vietnam News Agency Vietnamese" in page
    assert "Lũ lên ở Đồng Tháp Item AZERTAC English 24 Nov 2026 15:00 to review" in page
    assert f'href="/items/{exchange.item(on=FROM_AZERTAC).id}"' in answer.text
    assert 'href="/stories/s_9"' in answer.text
    assert re.findall("<mark>(.*?)</mark>", answer.text) == ["Đồng", "Tháp"] * 2


def test_what_is_shown_is_text(exchange: Exchange) -> None:
    """In the words of a partner and in those of the query: none is markup."""
    exchange.receive(story(1, headline="<b>Rail</b><script>x</script>", body="<p>&lt;script&gt;rail&lt;/script&gt;</p>"))
    index(exchange)
    answer = exchange.seated().get("/search", query_string={"q": '"><script>rail'})
    assert "&lt;b&gt;<mark>Rail</mark>&lt;/b&gt;&lt;" in answer.text
    assert "&lt;<mark>script</mark>&gt;<mark>rail</mark>&lt;" in answer.text
    assert 'value="&#34;&gt;&lt;script&gt;rail"' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("", None, id="nothing asked"),
        pytest.param("rail", "Nothing has all of these words", id="nothing found"),
        pytest.param('"*()', "There is no word in that", id="no word"),
        pytest.param("w " * 30, "only its first 20 words were looked for", id="too many words"),
    ],
)
def test_a_page_that_found_nothing_says_why(exchange: Exchange, query: str, says: str | None) -> None:
    answer = exchange.seated().get("/search", query_string={"q": query})
    assert answer.status_code == 200
    assert "Headline" not in words(answer)
    if says is None:
        assert 'role="status">' not in answer.text.partition("<main")[2]
    else:
        assert says in words(answer)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("q=rail&limit=1000000000", id="a limit"),
        pytest.param("q=rail&offset=1000000000&page=1000000000", id="an offset"),
        pytest.param(f"q=rail&before={2**63}", id="a place that no database has"),
        pytest.param(f"q=rail&before={'9' * 5_000}", id="a place without end"),
        pytest.param("q=rail&before=-1", id="a place before the first"),
        pytest.param("q=rail&before='", id="no place"),
        pytest.param("q=rail+" + "%28" * 3_000, id="9 KB"),
    ],
)
def test_x05_a_page_has_its_size_whatever_is_asked_for(exchange: Exchange, asked: str) -> None:
    with exchange.database.write() as tx:
        for number in range(PAGE + 1):
            stories.write(
                tx, a_story(id=f"s_{number}", current=story_version(story=f"s_{number}", content=content(headline=f"Rail {number}")))
            )
    index(exchange)
    answer = exchange.seated().get(f"/search?{asked}")
    assert answer.status_code == 200
    assert answer.text.count("/stories/s_") == PAGE


def test_each_page_leads_to_the_next(exchange: Exchange) -> None:
    with exchange.database.write() as tx:
        for number in range(PAGE + 1):
            stories.write(
                tx, a_story(id=f"s_{number}", current=story_version(story=f"s_{number}", content=content(headline=f"Rail {number}")))
            )
    index(exchange)
    visitor = exchange.seated()
    found = re.search(r'href="([^"]+)" rel="next"', visitor.get("/search?q=rail").text)
    assert found
    last = visitor.get(found.group(1).replace("&amp;", "&"))
    assert re.findall("/stories/(s_[0-9]+)", last.text) == ["s_0"]
    assert 'rel="next"' not in last.text


def test_z12_nothing_is_found_of_what_was_killed_and_nobody_else_may_search(exchange: Exchange) -> None:
    """No excerpt of it either, from the next request on; and a partner's token opens no search."""
    exchange.receive(story(1, headline="Rail forum opens"))
    index(exchange)
    visitor = exchange.seated()
    assert "Rail" in words(visitor.get("/search?q=forum"))
    exchange.receive(tombstones=(Tombstone(guid(1), NOW),))
    assert "Rail" not in words(visitor.get("/search?q=forum"))
    token = exchange.token("trc")
    answer = exchange.app().test_client().get("/search?q=forum", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (302, 303)
    assert "/sign-in" in answer.headers["Location"]
