"""The words of items and stories, to be found by: FTS5 on SQLite, a tsvector with GIN on PostgreSQL; neither cuts or folds a word."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, insert, select, text
from sqlalchemy import Text as Plain

from syndication.model.search import Hit, Term
from syndication.storage.database import Transaction
from syndication.storage.schema import search_due, search_entries

LAST: Final = 2**63 - 1
"""The highest number that both databases have."""
MERGED: Final = 500
"""Pages of the index that one step of `overwrite` writes: others wait for it no longer than for a poll."""

KEEP: Final = {
    "sqlite": "INSERT INTO search_words (rowid, words) VALUES (:number, :words)",
    "postgresql": "INSERT INTO search_words (number, words) VALUES (:number, array_to_tsvector(string_to_array(:words, ' ')))",
}
FIND: Final = {
    "sqlite": "SELECT rowid AS number FROM search_words WHERE search_words MATCH :match AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :most",
    # By itself PostgreSQL would read from the newest on until there are enough, which for a rare word is all there is.
    "postgresql": "WITH hits AS MATERIALIZED (SELECT number FROM search_words WHERE words @@ CAST(:match AS tsquery))"
    " SELECT number FROM hits WHERE number < :before ORDER BY number DESC LIMIT :most",
}


def note(tx: Transaction, *subjects: str) -> None:
    """The words of these items and stories have changed: they are due to be kept anew."""
    tx.change(insert(search_due), [{"subject": subject} for subject in subjects])


def forget(tx: Transaction, *subjects: str) -> None:
    """From here on nothing is found by words of these items and stories. Its caller holds `tx.in_order()`, as does whoever keeps words, so
    that none are kept from a text that goes meanwhile.
    """
    tx.change(delete(search_entries).where(search_entries.c.subject.in_(subjects)))


def due(tx: Transaction, limit: int) -> tuple[Hit, ...]:
    """What has changed since its words were kept, the oldest change first; a subject as often as it changed."""
    rows = tx.rows(select(search_due).order_by(search_due.c.number).limit(limit))
    return tuple(Hit(row.number, row.subject) for row in rows)


def keep(tx: Transaction, changes: Mapping[Hit, Iterable[str]]) -> None:
    """Let these items and stories be found by these words, and by no others, each at the place of its change."""
    forget(tx, *(change.subject for change in changes))
    tx.change(insert(search_entries), [{"number": change.number, "subject": change.subject} for change in changes])
    tx.change(text(KEEP[tx.dialect]), [{"number": change.number, "words": " ".join(words)} for change, words in changes.items()])


def done(tx: Transaction, changes: Sequence[Hit]) -> None:
    """These changes are no longer due."""
    tx.change(delete(search_due).where(search_due.c.number.in_([change.number for change in changes])))


def find(tx: Transaction, terms: Sequence[Term], limit: int, before: int = LAST) -> tuple[Hit, ...]:
    """What has all these words, who changed last first; without a word, nothing. `before`: the place of the last one of the page before."""
    if not terms or not all(_is_word(term) for term in terms):
        return ()
    found = text(FIND[tx.dialect]).columns(number=BigInteger).bindparams(bindparam("match", type_=Plain), before=before, most=limit)
    hits = found.bindparams(match=_match(terms, tx.dialect)).subquery()
    if tx.dialect == "postgresql":
        # It takes the table for small, and would read it whole: the words lie beside it, which its costs know nothing of.
        tx.change(text("SET LOCAL enable_seqscan = off"))
    joined = search_entries.join(hits, hits.c.number == search_entries.c.number)
    rows = tx.rows(select(search_entries).select_from(joined).order_by(search_entries.c.number.desc()))
    if tx.dialect == "postgresql":
        tx.change(text("SET LOCAL enable_seqscan = on"))
    return tuple(Hit(row.number, row.subject) for row in rows)


def overwrite(tx: Transaction, *, begin: bool) -> bool:
    """A step towards leaving nothing in the file of what was forgotten. Whether there is more to do; the first step says `begin`.

    FTS5 only marks what is deleted, until it writes the index anew (SQLite, 'The FTS5 merge command'); PostgreSQL cleans up by itself.
    """
    if tx.dialect != "sqlite":
        return False
    before = _changes(tx)
    tx.change(text("INSERT INTO search_words (search_words, rank) VALUES ('merge', :pages)").bindparams(pages=-MERGED if begin else MERGED))
    return _changes(tx) - before >= 2


def _changes(tx: Transaction) -> int:
    return sum(row.changes for row in tx.rows(text("SELECT total_changes() AS changes")))


def _is_word(term: Term) -> bool:
    """Whether it may be found at all: nothing but letters and digits, which neither engine takes for anything else (X05)."""
    return term.word.isalnum()


def _match(terms: Sequence[Term], dialect: str) -> str:
    if dialect == "sqlite":
        return " AND ".join(f'"{term.word}"{"*" if term.prefix else ""}' for term in terms)
    return " & ".join(f"'{term.word}'{':*' if term.prefix else ''}" for term in terms)
