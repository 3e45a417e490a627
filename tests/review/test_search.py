"""Search over items and stories: what is found, from when on, until when; on both databases what a plain look at the texts finds."""

import shutil
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndication.intake.desk import Newsroom
from syndication.model.entry import Tombstone
from syndication.model.search import Term
from syndication.model.story import Pubstatus
from syndication.review.desk import Desk
from syndication.review.search import MOST_TERMS, MOST_TEXT, PAGE, Index, excerpt, find, indexed, is_long, pieces, sought
from syndication.storage import items, search, stories
from syndication.storage.database import Database, Transaction
from tests.web.exchange import Exchange, guid, story
from tests.worlds import NOW, content, item_version, rendition, review, stamp, story_version, terms
from tests.worlds import item as an_item
from tests.worlds import story as a_story


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


numbers = count(1)
"""Of stories in a database that several tests share."""


def wrote(tx: Transaction, identity: str, **changes: Any) -> None:
    """A story of our own, with this content."""
    stories.write(tx, a_story(id=identity, current=story_version(story=identity, content=content(**changes))))


def index(database: Database) -> None:
    Index(database).round(NOW)


def found(database: Database, query: str, **more: Any) -> list[str]:
    """The headlines that a query finds, in its order."""
    with database.read() as tx:
        return [one.content.headline for one in find(tx, query, **more)[0]]


QUERIES = [
    pytest.param("dong thap", ["Lũ lên ở Đồng Tháp"], id="Vietnamese without marks"),
    pytest.param("ĐỒNG THÁP", ["Lũ lên ở Đồng Tháp"], id="in capitals, with marks"),
    pytest.param("thap dong", ["Lũ lên ở Đồng Tháp"], id="in another order"),
    pytest.param("dai su", ["Đại sứ tại Bắc Kinh"], id="another word without marks"),
    pytest.param("iqtisadiyyat", ["Azərbaycan iqtisadiyyatı"], id="Azerbaijani"),
    pytest.param("azerb", ["Azərbaycan iqtisadiyyatı"], id="the beginning of the last word"),
    pytest.param("iqtis azerbaycan", [], id="the beginning of another word"),
    pytest.param("北京", ["新华社北京电"], id="a Chinese word within"),
    pytest.param("京", ["新华社北京电"], id="one Chinese character"),
    pytest.param("电 北京", ["新华社北京电"], id="one Chinese character and a word"),
    pytest.param("华社北", ["新华社北京电"], id="a part of three Chinese characters"),
    pytest.param("京北", [], id="Chinese characters in another order"),
    pytest.param("елка", ["Ёлка в Астане"], id="Russian"),
    pytest.param(
        "trains daily",
        ["Ёлка в Астане", "新华社北京电", "Azərbaycan iqtisadiyyatı", "Đại sứ tại Bắc Kinh", "Lũ lên ở Đồng Tháp"],
        id="the text",
    ),
    pytest.param(
        "bek", ["Ёлка в Астане", "新华社北京电", "Azərbaycan iqtisadiyyatı", "Đại sứ tại Bắc Kinh", "Lũ lên ở Đồng Tháp"], id="the byline"
    ),
    pytest.param("strong", [], id="markup"),
    pytest.param("cycling", ["Ёлка в Астане"], id="the words of a picture"),
    pytest.param("trains nowhere", [], id="one word of two"),
    pytest.param('" OR * NEAR(', [], id="no word of it"),
    pytest.param("", [], id="nothing"),
]


def test_what_is_looked_for_is_found(database: Database) -> None:
    with database.write() as tx:
        for number, headline in enumerate(("Lũ lên ở Đồng Tháp", "Đại sứ tại Bắc Kinh", "Azərbaycan iqtisadiyyatı", "新华社北京电")):
            wrote(tx, f"s_{number}", headline=headline)
        pictures = (rendition(title="Cycling", description="On the ice"),)
        wrote(tx, "s_9", headline="Ёлка в Астане", body="<p><strong>Trains</strong> run daily</p>", renditions=pictures)
    index(database)
    for case in QUERIES:
        query, expected = case.values
        assert found(database, str(query)) == expected, case.id


def test_items_and_stories_are_found_by_what_they_say_now(exchange: Exchange) -> None:
    """Within a round of a change: by the words of the correction, at its place, and no more by those it replaced."""
    database = exchange.database
    exchange.receive(story(1, headline="Rail forum opens"), story(2, headline="Rail strike"))
    assert found(database, "rail") == []
    index(database)
    assert found(database, "rail") == ["Rail strike", "Rail forum opens"]
    item = exchange.item(1)
    Desk(database, exchange.settings).accept(item.id, item.revision, "mai", NOW)
    index(database)
    assert found(database, "forum") == ["Rail forum opens"] * 2
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(1, headline="Rail forum closes"))
    index(database)
    assert found(database, "closes") == ["Rail forum closes"]
    assert found(database, "rail") == ["Rail forum closes", "Rail forum opens", "Rail strike"]


def test_each_page_goes_on_where_the_last_one_ended(database: Database) -> None:
    """X05."""
    with database.write() as tx:
        for number in range(PAGE + 2):
            wrote(tx, f"s_{number}", headline=f"Rail {number}")
    index(database)
    with database.read() as tx:
        first, older = find(tx, "rail")
        assert older is not None
        second, last = find(tx, "rail", older)
    assert last is None
    assert [one.content.headline for one in (*first, *second)] == [f"Rail {number}" for number in reversed(range(PAGE + 2))]


def test_a_long_query_is_cut(database: Database) -> None:
    """X05: 10 KB of it, of one word or of thousands."""
    with database.write() as tx:
        wrote(tx, "s_1", headline=" ".join(f"w{number}" for number in range(MOST_TERMS)))
    index(database)
    many = " ".join(f"w{number}" for number in range(3_000))
    assert len(sought(many)) == MOST_TERMS
    assert len(found(database, many)) == 1
    assert is_long(many)
    assert found(database, "x" * 10_000) == found(database, '"(' * 5_000) == []
    assert not is_long("dong thap")


def test_what_a_partner_kills_is_found_no_more(exchange: Exchange) -> None:
    """In the very transaction: neither the item nor the story made from it, whether or not a round comes."""
    database = exchange.database
    exchange.receive(story(1, headline="Rail forum opens"))
    item = exchange.item()
    Desk(database, exchange.settings).accept(item.id, item.revision, "mai", NOW)
    index(database)
    assert len(found(database, "rail")) == 2
    exchange.receive(tombstones=(Tombstone(guid(1), NOW),))
    assert found(database, "rail") == []
    with database.read() as tx:
        assert search.find(tx, sought("rail"), 10) == ()
    index(database)
    assert found(database, "rail") == []


def test_what_we_kill_is_found_no_more_and_what_is_held_is(exchange: Exchange) -> None:
    database = exchange.database
    newsroom = Newsroom(database, exchange.settings)
    with database.write() as tx:
        wrote(tx, "s_1", headline="Rail forum opens")
        wrote(tx, "s_2", headline="Rail strike")
    index(database)
    newsroom.hold("s_2", "not yet", "mai", NOW)
    newsroom.kill("s_1", "names the wrong person", "mai", NOW)
    assert found(database, "rail") == ["Rail strike"]
    index(database)
    assert found(database, "rail") == ["Rail strike"]
    with database.read() as tx:
        held = stories.get(tx, "s_2")
        assert [one.of for one in find(tx, "rail")[0]] == [held]
    assert held is not None
    assert held.current.pubstatus is Pubstatus.WITHHELD


@pytest.fixture
def erasable(exchange: Exchange) -> Any:
    """An item whose text has to be deleted at the end of its use, indexed."""
    item = an_item(current=item_version(stamp=stamp(terms=terms(delete_at_end=True))))
    with exchange.database.write() as tx:
        items.receive(tx, item)
    index(exchange.database)
    assert found(exchange.database, "astana") == [item.current.entry.content.headline]
    return item


def test_what_was_deleted_is_found_no_more(exchange: Exchange, erasable: Any) -> None:
    with exchange.database.write() as tx:
        assert items.erase(tx, erasable.current, NOW)
        assert search.find(tx, (Term("astana"),), 10) == ()
    index(exchange.database)
    assert found(exchange.database, "astana") == []


def test_of_what_was_corrected_the_words_that_were_deleted_are_found_no_more(exchange: Exchange, erasable: Any) -> None:
    """The first version is deleted before a round has seen the second; then the second is found."""
    second = replace(erasable.current, number=2, entry=replace(erasable.current.entry, content=content(headline="Almaty hosts it")))
    with exchange.database.write() as tx:
        items.decide(tx, erasable, replace(erasable, current=second, revision=2), review())
        assert items.erase(tx, erasable.current, NOW)
        assert search.find(tx, (Term("astana"),), 10) == ()
    index(exchange.database)
    assert found(exchange.database, "astana") == []
    assert found(exchange.database, "almaty") == ["Almaty hosts it"]


@pytest.mark.postgres
@pytest.mark.parametrize("ordered", [True, pytest.param(False, id="the control: a round that waits for nobody")])
def test_a_round_keeps_no_words_of_what_is_being_deleted(migrated_postgres: str, monkeypatch: pytest.MonkeyPatch, ordered: bool) -> None:
    """On PostgreSQL it could have read the text a moment before; on SQLite there is one writer at a time."""
    database = Database(migrated_postgres)
    identity = f"s_{next(numbers)}"
    told = story_version(story=identity, content=content(headline="Zugzwang"), sources=(stamp(terms=terms(delete_at_end=True)),))
    with database.write() as tx:
        stories.write(tx, a_story(id=identity, current=told))
    round_ = threading.Thread(target=index, args=(database,))
    with database.write() as tx:
        assert stories.erase(tx, told, NOW)
        if not ordered:
            monkeypatch.setattr(Transaction, "in_order", lambda _: None)
        round_.start()
        round_.join(0.3 if ordered else None)
    round_.join()
    with database.write() as tx:
        assert len(search.find(tx, (Term("zugzwang"),), 10)) == (0 if ordered else 1)
        search.forget(tx, identity)
    database.close()


@pytest.mark.parametrize("text", ["", "no such word", "Lũ lên ở Đồng Tháp"])
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text, sought("dong th"))) == text


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        pytest.param("Lũ ở Đồng Tháp", "dong th", ["Đồng", "Tháp"], id="words, and the beginning of one"),
        pytest.param(unicodedata.normalize("NFD", "Lũ lên"), "lu", [unicodedata.normalize("NFD", "Lũ")], id="with its marks apart"),
        pytest.param("新华社北京电", "北京电", ["北京电"], id="neighbours as one"),
        pytest.param("新华社北京电", "京", ["北京电"], id="one character, with those it stands beside"),
        pytest.param("<b>dong</b>", "dong", ["dong"], id="between marks of HTML"),
        pytest.param("Rail", "forum", [], id="none"),
    ],
)
def test_what_was_looked_for_is_marked(text: str, query: str, marked: list[str]) -> None:
    assert [piece.text for piece in pieces(text, sought(query)) if piece.found] == marked


def test_the_excerpt_stands_around_the_first_word() -> None:
    text = "A. " * 100 + "Lũ lên ở Đồng Tháp. " + "Z. " * 100
    shown = "".join(piece.text for piece in excerpt(text, sought("dong thap")))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "Đồng Tháp" in shown
    assert len(shown) < 300
    assert excerpt(text, sought("nowhere")) == ()
    assert [one.text for one in excerpt("北" * 5_000 + "京" + "南" * 5_000, sought("京南")) if one.found] == ["京南"]


def test_a_text_without_end_is_found_by_its_beginning(database: Database) -> None:
    """And does no harm to the index: a tsvector takes no more than 1 MiB."""
    letters = "".join(chr(0x20000 + at % 40_000) for at in range(2 * MOST_TEXT))
    with database.write() as tx:
        wrote(tx, "s_1", headline="Rail", body=letters)
    index(database)
    assert found(database, letters[:30]) == ["Rail"]
    assert len(indexed(content(body=letters))) <= 2 * MOST_TEXT


# ---- Against a look at every text --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(migrated_sqlite: Path, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    """A SQLite and a PostgreSQL database."""
    path = tmp_path_factory.mktemp("search") / "search.db"
    shutil.copyfile(migrated_sqlite, path)
    opened = (Database(f"sqlite:///{path}"), Database(migrated_postgres))
    yield opened
    for database in opened:
        database.close()


def bare(text: str) -> str:
    """The text as it is typed by who is in a hurry: of what the tests draw."""
    apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def has(text: str, query: str) -> bool:
    """Whether a text has all that is asked for; read as it stands, without an index."""
    there = bare(text).replace("!", " ").split()
    *whole, last = bare(query).replace("!", " ").split()

    def within(word: str) -> bool:
        """Chinese: each two neighbours somewhere, or the one."""
        pairs = [word[at : at + 2] for at in range(len(word) - 1)] or [word]
        return all(any(pair in one for one in there) for pair in pairs)

    def is_there(word: str) -> bool:
        return within(word) if word[0] in "北京市" else word in there

    return all(is_there(word) for word in whole) and (within(last) if last[0] in "北京市" else any(one.startswith(last) for one in there))


LATIN = st.text("aạAđĐồ", min_size=1, max_size=3)
CHINESE = st.text("北京市", min_size=1, max_size=4)
SAID = st.lists(st.one_of(LATIN, CHINESE), max_size=5).map(" ".join)
ASKED = st.lists(st.one_of(LATIN, CHINESE), min_size=1, max_size=3).map("! ".join)


@pytest.mark.postgres
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(SAID, min_size=1, max_size=5), asked=st.lists(ASKED, min_size=1, max_size=6))
def test_both_databases_find_what_a_look_at_every_text_finds(both: tuple[Database, Database], texts: list[str], asked: list[str]) -> None:
    """The same hits in the same order: who changed last first."""
    names = {f"s_{next(numbers)}": text for text in texts}
    for database in both:
        with database.write() as tx:
            for name, text in names.items():
                wrote(tx, name, headline=text, summary="", body="", byline=(), renditions=())
        index(database)
        with database.write() as tx:
            for query in asked:
                # What other tests left there is none of ours.
                hits = [hit.subject for hit in search.find(tx, sought(query), 1_000) if hit.subject in names]
                assert hits == [name for name, text in reversed(names.items()) if has(text, query)]
            for name in names:
                search.forget(tx, name)
