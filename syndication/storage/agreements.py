"""Agreements: their versions, the acts done to them, their documents. What was signed is never rewritten, and no draft is forgotten."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, type_coerce, union_all

from syndication.errors import ConflictError, StorageError
from syndication.logs import logger
from syndication.model.agreement import Act, Agreement, Dossier, Register, Unreadable
from syndication.model.journal import Enacted
from syndication.storage.columns import Text, read_whole
from syndication.storage.database import Transaction
from syndication.storage.schema import acts, attachments, bodies, drafts
from syndication.storage.schema import agreements as table

_HIGHEST = union_all(*(select(func.max(source.c.revision).label("revision")) for source in (table, acts))).subquery()
REVISION: Final = select(func.coalesce(func.max(_HIGHEST.c.revision), 0)).scalar_subquery()
"""The current revision, to be asked within another question."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A version or an act as it was recorded: when, and by whom."""

    what: Agreement | Act
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that is kept with an agreement. `hash`: SHA-256 of its bytes, in hex."""

    hash: str
    name: str
    at: datetime
    by: str


def sign(tx: Transaction, agreement: Agreement, now: datetime, by: str) -> None:
    """Keep a version of an agreement; one that was a draft until now is replaced. Raises ConflictError where a signed one is there."""
    revision = _next_revision(tx)
    mine = (table.c.reference == agreement.reference, table.c.version == agreement.version)
    known = tx.row(select(table).where(*mine))
    if known is not None and known.value.signed_on is None:
        tx.change(
            insert(drafts).values(
                reference=known.reference,
                version=known.version,
                revision=known.revision,
                value=known.value,
                recorded_at=known.recorded_at,
                recorded_by=known.recorded_by,
                replaced_by=revision,
            )
        )
        tx.change(delete(table).where(*mine))
    tx.change(
        insert(table).values(
            reference=agreement.reference,
            version=agreement.version,
            value=agreement,
            recorded_at=now,
            recorded_by=by,
            revision=revision,
        )
    )


def record_act(tx: Transaction, reference: str, act: Act, now: datetime, by: str) -> None:
    """Keep an act: a suspension, a resumption, a notice, an end, a party that joins or leaves."""
    tx.change(insert(acts).values(reference=reference, value=act, recorded_at=now, recorded_by=by, revision=_next_revision(tx)))
    tx.deeds.append(Enacted(reference, act, now, by))


def register(tx: Transaction, agency: str, revision: int | None = None) -> Register:
    """Every agreement with its versions and acts, each oldest first; `agency` is our id among the parties.

    `revision`: as the register stood then; None: as it stands now. What cannot be read is named in it, and told to the log.
    """
    latest = current_revision(tx)
    wanted = latest if revision is None else revision
    columns = (table.c.reference, table.c.version, type_coerce(table.c.value, Text).label("text"))
    chosen = select(*columns).where(table.c.revision <= wanted)
    if wanted < latest:
        stood = (drafts.c.revision <= wanted, drafts.c.replaced_by > wanted)
        text = type_coerce(drafts.c.value, Text).label("text")
        chosen = union_all(chosen, select(drafts.c.reference, drafts.c.version, text).where(*stood))  # type: ignore[assignment]
    records: dict[str, _Records] = {}
    for row in sorted(tx.rows(chosen), key=lambda row: (row.reference, row.version)):
        records.setdefault(row.reference, _Records([], [], [])).add_version(row.text)
    kept = select(acts.c.reference, type_coerce(acts.c.value, Text).label("text")).where(acts.c.revision <= wanted)
    for row in tx.rows(kept.order_by(acts.c.id)):
        if row.reference in records:
            records[row.reference].add_act(row.text)
    return Register(
        agency,
        tuple(Dossier(tuple(one.versions), tuple(one.acts)) for one in records.values() if not one.damaged),
        wanted,
        tuple(one.unreadable(reference) for reference, one in records.items() if one.damaged),
    )


@dataclass(frozen=True, slots=True)
class _Records:
    """What is kept of one agreement, as far as it can be read. `damaged`: of what cannot, why, and whatever its text still tells."""

    versions: list[Agreement]
    acts: list[Act]
    damaged: list[tuple[str, dict[str, Any]]]

    def add_version(self, text: str) -> None:
        try:
            self.versions.append(read_whole(Agreement, text))
        except StorageError as error:
            self.damaged.append((str(error), _told(text)))

    def add_act(self, text: str) -> None:
        try:
            self.acts.append(read_whole(Act, text))
        except StorageError as error:
            # Somebody may have joined by it.
            told = _told(text)
            joined = {"parties": [told["party"]] if told["party"] else [], "succeeds": None} if "party" in told else {}
            self.damaged.append((str(error), joined))

    def unreadable(self, reference: str) -> Unreadable:
        """What is left to say of it; told to the log once, for this is asked at every request."""
        why = self.damaged[0][0]
        _tell(reference, why)
        if not all(_tells(told) for _, told in self.damaged):
            return Unreadable(reference, why, None, None)
        parties = {party for one in self.versions for party in one.parties} | {act.party for act in self.acts}
        succeeds = {one.succeeds for one in self.versions} | {told["succeeds"] for _, told in self.damaged}
        parties |= {party for _, told in self.damaged for party in told["parties"]}
        return Unreadable(reference, why, tuple(sorted(filter(None, parties))), tuple(sorted(filter(None, succeeds))))


def _told(text: str) -> dict[str, Any]:
    """What a record says, word by word, where it is a JSON object at all; else nothing."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _tells(told: dict[str, Any]) -> bool:
    """A record tells its parties and what it succeeds, and both are names."""
    parties, succeeds = told.get("parties"), told.get("succeeds", 0)
    return isinstance(parties, list) and all(isinstance(one, str) for one in parties) and isinstance(succeeds, str | None)


@cache
def _tell(reference: str, why: str) -> None:
    logger.error("agreement cannot be read", agreement=reference, why=why, consequence="nothing flows under it, nor with its parties")


def unchanged_since(tx: Transaction, revision: int) -> None:
    """Nobody else changes an agreement from here to the end of this transaction. Raises ConflictError where somebody did since then."""
    if _next_revision(tx) != revision + 1:
        raise ConflictError("meanwhile an agreement was changed: look again at what this would do, and then do it")


def history(tx: Transaction, reference: str) -> tuple[Recorded, ...]:
    """Every version of an agreement, its drafts too, and every act done to it, in the order in which they were recorded."""
    found = [
        (row.revision, Recorded(row.value, row.recorded_at, row.recorded_by))
        for source in (table, drafts, acts)
        for row in tx.rows(select(source).where(source.c.reference == reference))
    ]
    return tuple(recorded for _, recorded in sorted(found, key=lambda one: one[0]))


def last_recorded(tx: Transaction, versions: Collection[tuple[str, int]]) -> datetime:
    """When the last of these versions (reference, number), or of the acts done to their agreements, was recorded. Raises ValueError
    where none of them was.
    """
    references = {reference for reference, _ in versions}
    written = tx.rows(select(table.c.reference, table.c.version, table.c.recorded_at).where(table.c.reference.in_(references)))
    done = tx.rows(select(acts.c.recorded_at).where(acts.c.reference.in_(references)))
    moments: list[datetime] = [row.recorded_at for row in done]
    moments += [row.recorded_at for row in written if (row.reference, row.version) in versions]
    return max(moments)


def attach(tx: Transaction, reference: str, name: str, body: bytes, now: datetime, by: str) -> str:
    """Keep a document with an agreement, once; returns the SHA-256 of its bytes, in hex."""
    digest = hashlib.sha256(body).hexdigest()
    tx.add_missing(bodies, [{"hash": digest, "body": body}])
    tx.add_missing(attachments, [{"reference": reference, "hash": digest, "name": name, "attached_at": now, "attached_by": by}])
    return digest


def attached(tx: Transaction, reference: str) -> tuple[Attachment, ...]:
    """The documents that are kept with an agreement, oldest first."""
    rows = tx.rows(select(attachments).where(attachments.c.reference == reference).order_by(attachments.c.attached_at, attachments.c.hash))
    return tuple(Attachment(row.hash, row.name, row.attached_at, row.attached_by) for row in rows)


def document(tx: Transaction, reference: str, digest: str) -> tuple[str, bytes] | None:
    """A document's name and bytes, or None."""
    joined = attachments.join(bodies, bodies.c.hash == attachments.c.hash)
    mine = (attachments.c.reference == reference, attachments.c.hash == digest)
    row = tx.row(select(attachments.c.name, bodies.c.body).select_from(joined).where(*mine))
    return (row.name, bytes(row.body)) if row else None


def current_revision(tx: Transaction) -> int:
    """What the register as it stands now is called: it rises with every version and every act."""
    row = tx.row(select(REVISION))
    return int(row[0]) if row else 0


def _next_revision(tx: Transaction) -> int:
    tx.in_order()
    return current_revision(tx) + 1
