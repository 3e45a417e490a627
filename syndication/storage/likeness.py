"""By what items and stories are found again that say the same, and which of them do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select

from syndication.storage.database import Transaction
from syndication.storage.schema import alike as alike_table
from syndication.storage.schema import bands, signatures

AT_ONCE = 500


def sign(tx: Transaction, giver: str, signed: Mapping[str, Collection[int]], now: datetime) -> None:
    """Let these items or stories be found by their signatures of now, as those of a partner, or our own; nobody else signs them meanwhile.

    Of what one giver sends in the same words, again and again, the last is found: a look-up never costs more for it.
    """
    unsign(tx, list(signed))
    tx.change(
        insert(signatures),
        [{"subject": subject, "giver": giver, "at": now, "bands": tuple(signature)} for subject, signature in signed.items() if signature],
    )
    last = {band: subject for subject, signature in signed.items() for band in signature}
    sought = list(last)
    for start in range(0, len(sought), AT_ONCE):
        tx.change(delete(bands).where(bands.c.giver == giver, bands.c.band.in_(sought[start : start + AT_ONCE])))
    tx.change(insert(bands), [{"band": band, "giver": giver, "subject": subject} for band, subject in last.items()])


def unsign(tx: Transaction, subjects: Collection[str]) -> None:
    """Let them be found no more: their text is another now, or is gone."""
    if not subjects:
        return
    rows = tx.rows(select(signatures.c.subject, signatures.c.bands).where(signatures.c.subject.in_(subjects)))
    for row in rows:
        tx.change(delete(bands).where(bands.c.band.in_(row.bands), bands.c.subject == row.subject))
    if rows:
        tx.change(delete(signatures).where(signatures.c.subject.in_([row.subject for row in rows])))


def found(tx: Transaction, sought: Sequence[int], not_of: str) -> dict[int, tuple[str, ...]]:
    """The last of each giver but that one that has each of these bands."""
    by_band: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(sought), AT_ONCE):
        chosen = select(bands).where(bands.c.band.in_(sought[start : start + AT_ONCE]), bands.c.giver != not_of)
        for row in tx.rows(chosen.order_by(bands.c.band, bands.c.giver)):
            by_band[row.band] = (*by_band.get(row.band, ()), row.subject)
    return by_band


def sweep(tx: Transaction, before: datetime, most: int) -> int:
    """Let at most so many be found no more of those that were signed before that moment. Returns how many they were."""
    old = [row.subject for row in tx.rows(select(signatures.c.subject).where(signatures.c.at < before).limit(most))]
    unsign(tx, old)
    return len(old)


def relate(tx: Transaction, subject: str, others: Collection[str]) -> None:
    """That item says the same as these items and stories, and as no others."""
    was = alike(tx, (subject,)).get(subject, ())
    if was:
        tx.change(
            delete(alike_table).where(
                or_(
                    and_(alike_table.c.subject == subject, alike_table.c.other.in_(was)),
                    and_(alike_table.c.subject.in_(was), alike_table.c.other == subject),
                )
            )
        )
    pairs = [pair for other in others for pair in ((subject, other), (other, subject))]
    tx.add_missing(alike_table, [{"subject": one, "other": other} for one, other in pairs])


def alike(tx: Transaction, subjects: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The items and stories that say the same as each of these; those without any are left out."""
    others: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(subjects), AT_ONCE):
        chosen = select(alike_table).where(alike_table.c.subject.in_(subjects[start : start + AT_ONCE]))
        for row in tx.rows(chosen.order_by(alike_table.c.subject, alike_table.c.other)):
            others[row.subject] = (*others.get(row.subject, ()), row.other)
    return others
