"""Agreements: their versions, the acts done to them, their documents. What was signed is never rewritten, and no draft is forgotten."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, union_all

from syndication.errors import ConflictError
from syndication.model.agreement import Act, Agreement, Dossier, Register
from syndication.storage.database import Transaction
from syndication.storage.schema import acts, attachments, bodies, drafts
from syndication.storage.schema import agreements as table


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


def register(tx: Transaction, agency: str, revision: int | None = None) -> Register:
    """Every agreement with its versions and acts, each oldest first; `agency` is our id among the parties.

    `revision`: as the register stood then; None: as it stands now.
    """
    latest = _revision(tx)
    wanted = latest if revision is None else revision
    columns = (table.c.reference, table.c.version, table.c.value)
    chosen = select(*columns).where(table.c.revision <= wanted)
    if wanted < latest:
        stood = (drafts.c.revision <= wanted, drafts.c.replaced_by > wanted)
        chosen = union_all(chosen, select(drafts.c.reference, drafts.c.version, drafts.c.value).where(*stood))  # type: ignore[assignment]
    versions: dict[str, list[Agreement]] = {}
    for row in sorted(tx.rows(chosen), key=lambda row: (row.reference, row.version)):
        versions.setdefault(row.reference, []).append(row.value)
    done: dict[str, list[Act]] = {}
    for row in tx.rows(select(acts.c.reference, acts.c.value).where(acts.c.revision <= wanted).order_by(acts.c.id)):
        done.setdefault(row.reference, []).append(row.value)
    dossiers = (Dossier(tuple(known), tuple(done.get(reference, ()))) for reference, known in versions.items())
    return Register(agency, tuple(dossiers), wanted)


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


def _next_revision(tx: Transaction) -> int:
    tx.in_order()
    return _revision(tx) + 1


def _revision(tx: Transaction) -> int:
    highest = [tx.row(select(func.max(source.c.revision).label("number"))) for source in (table, acts)]
    return max((row.number or 0 for row in highest if row), default=0)
