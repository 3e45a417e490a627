"""The full-text index: the same hits in the same order on both databases; nothing typed is more than a word; what is forgotten is gone."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from syndication.model.search import Hit, Term
from syndication.storage import search
from syndication.storage.database import Database, Transaction
from syndication.storage.schema import search_due, search_entries

ALPHABET = "ab京"


def entered(tx: Transaction, *texts: Iterable[str]) -> None:
    """Each kept as the words of a subject of its own: `s_0`, `s_1` and so on."""
    for number, words in enumerate(texts):
        search.note(tx, f"s_{number}")
        (change,) = search.due(tx, 2)
        search.keep(tx, change, words)
        search.done(tx, [change])


def hits(tx: Transaction, *terms: Term, limit: int = 100, before: int = search.LAST) -> list[str]:
    return [hit.subject for hit in search.find(tx, terms, limit, before)]


def test_what_has_all_the_words_is_found_who_changed_last_first(database: Database) -> None:
    with database.write() as tx:
        entered(tx, ("dong", "thap", "lu"), ("dong", "nai"), ("thap", "dong"), ("北京", "京市"))
        assert hits(tx, Term("dong")) == ["s_2", "s_1", "s_0"]
        assert hits(tx, Term("dong"), Term("thap")) == ["s_2", "s_0"]
        assert hits(tx, Term("don")) == []
        assert hits(tx, Term("don", prefix=True)) == ["s_2", "s_1", "s_0"]
        assert hits(tx, Term("北京"), Term("京", prefix=True)) == ["s_3"]
        assert hits(tx) == []


def test_each_page_goes_on_where_the_last_one_ended(database: Database) -> None:
    """X05: by the place of the last hit, however deep; a place that is none ends it."""
    with database.write() as tx:
        entered(tx, *[("rail",)] * 7)
        found: list[Hit] = []
        while page := search.find(tx, (Term("rail"),), 3, found[-1].number if found else search.LAST):
            found += page
        assert [hit.subject for hit in found] == [f"s_{number}" for number in reversed(range(7))]
        assert hits(tx, Term("rail"), before=0) == hits(tx, Term("rail"), before=-search.LAST) == []


def test_a_change_takes_the_place_of_what_was_kept(database: Database) -> None:
    with database.write() as tx:
        entered(tx, ("old", "rail"), ("rail",))
        search.note(tx, "s_0")
        (change,) = search.due(tx, 2)
        search.keep(tx, change, ("new", "rail"))
        assert hits(tx, Term("rail")) == ["s_0", "s_1"]
        assert hits(tx, Term("old")) == []


def test_what_is_due_is_due_until_it_is_done(database: Database) -> None:
    """And no number is given twice, or a later change would end up before an earlier one."""
    with database.write() as tx:
        search.note(tx, "i_1")
        search.note(tx, "s_1")
        search.note(tx, "i_1")
        first = search.due(tx, 10)
        assert [one.subject for one in first] == ["i_1", "s_1", "i_1"]
        search.done(tx, first)
        assert search.due(tx, 10) == ()
        search.note(tx, "i_2")
        (later,) = search.due(tx, 10)
        assert later.number > first[-1].number


def test_nothing_is_more_than_a_word(database: Database) -> None:
    """X05: whatever gets here, the query has one meaning; no word that the engines know finds anything else."""
    meaning = [
        '"*()',
        '"',
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(a b)",
        "words:a",
        "^a",
        "a*",
        "-a",
        "+",
        "'",
        "\\",
        ":*",
        "!a",
        "a | b",
        "<->",
        "%s",
    ]
    with database.write() as tx:
        entered(tx, ("a", "b"), ("and", "or", "near", "not"))
        for term in (Term(word, prefix) for word in meaning for prefix in (False, True)):
            assert hits(tx, term, Term("zzz")) == []
            assert hits(tx, Term("zzz"), term) == []


INJECTED = {"sqlite": 'zzz" OR "rail', "postgresql": "zzz' | 'rail"}


@pytest.mark.parametrize("guarded", [True, pytest.param(False, id="the control: anything is a word")])
def test_no_word_ends_the_query(database: Database, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(search, "_is_word", lambda _: True)
    with database.write() as tx:
        entered(tx, ("rail",))
        assert hits(tx, Term(INJECTED[tx.dialect])) == ([] if guarded else ["s_0"])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([chr(0x20000 + at) + chr(0x20000 + at // 7) for at in range(50_000)], id="as many different ones as a text has"),
        pytest.param(["\U00010428" * 64, "x" * 64], id="the longest"),
        pytest.param([], id="none"),
    ],
)
def test_any_words_that_a_text_may_have_are_kept(database: Database, words: list[str]) -> None:
    with database.write() as tx:
        entered(tx, words)
        for word in {*words[:1], *words[-1:]}:
            assert hits(tx, Term(word)) == ["s_0"]


def holds(tx: Transaction, word: str) -> bool:
    """Whether the word stands anywhere in the tables of the index, found or not."""
    if tx.dialect == "sqlite":
        tables = ("search_words_data", "search_words_idx", "search_words_content")
        return any(
            word.encode() in repr(tuple(row)).encode() for one in tables for row in tx.connection.exec_driver_sql(f"SELECT * FROM {one}")
        )
    return any(word in str(row) for row in tx.connection.exec_driver_sql("SELECT words FROM search_words"))


def test_what_is_forgotten_is_in_no_table_of_the_index(database: Database) -> None:
    """With its control: FTS5 alone keeps the words until it writes the index anew."""
    with database.write() as tx:
        entered(tx, ("zugzwang", "rail"), ("rail", "steppe"))
        assert holds(tx, "zugzwang")
        search.forget(tx, "s_0")
        assert hits(tx, Term("zugzwang")) == []
        assert hits(tx, Term("rail")) == ["s_1"]
        assert holds(tx, "zugzwang") is (tx.dialect == "sqlite")
        more = search.overwrite(tx, begin=True)
        while more:
            more = search.overwrite(tx, begin=False)
        assert not holds(tx, "zugzwang")
        assert holds(tx, "steppe")
        assert not search.overwrite(tx, begin=True)


@pytest.fixture(scope="module")
def both(migrated_sqlite: Path, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    """A SQLite and a PostgreSQL database."""
    path = tmp_path_factory.mktemp("search") / "search.db"
    shutil.copyfile(migrated_sqlite, path)
    opened = (Database(f"sqlite:///{path}"), Database(migrated_postgres))
    for database in opened:
        with database.write() as tx:
            tx.change(delete(search_entries))
            tx.change(delete(search_due))
    yield opened
    for database in opened:
        database.close()


WORDS = st.lists(st.text(ALPHABET, min_size=1, max_size=3), max_size=5)
TERMS = st.lists(st.builds(Term, st.text(ALPHABET, min_size=1, max_size=2), st.booleans()), min_size=1, max_size=3)


@pytest.mark.postgres
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(WORDS, max_size=6), terms=TERMS, limit=st.integers(1, 4))
def test_both_databases_find_what_a_look_at_every_word_finds(
    both: tuple[Database, Database], texts: list[list[str]], terms: list[Term], limit: int
) -> None:
    """Against an oracle that knows no index: each text is read word by word."""

    def has(words: list[str], term: Term) -> bool:
        return any(word.startswith(term.word) if term.prefix else word == term.word for word in words)

    expected = [f"s_{number}" for number, words in enumerate(texts) if all(has(words, term) for term in terms)]
    for database in both:
        with database.write() as tx:
            entered(tx, *(frozenset(words) for words in texts))
            found = hits(tx, *terms, limit=limit)
            for number in range(len(texts)):
                search.forget(tx, f"s_{number}")
        assert found == expected[::-1][:limit]
