"""Agreements: their versions and the acts done to them. What was signed is never rewritten."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from syndication.model.agreement import Act, Agreement, Dossier, Register
from syndication.storage.database import Transaction
from syndication.storage.schema import acts
from syndication.storage.schema import agreements as table


def sign(tx: Transaction, agreement: Agreement, now: datetime, by: str) -> None:
    """Keep a version of an agreement; one that was a draft until now is replaced. Raises ConflictError where a signed one is there."""
    mine = (table.c.reference == agreement.reference, table.c.version == agreement.version)
    known = tx.row(select(table.c.value).where(*mine))
    if known is not None and known.value.signed_on is None:
        tx.change(delete(table).where(*mine))
    tx.change(
        insert(table).values(reference=agreement.reference, version=agreement.version, value=agreement, recorded_at=now, recorded_by=by)
    )


def record_act(tx: Transaction, reference: str, act: Act, now: datetime, by: str) -> None:
    """Keep an act: a suspension, a resumption, a notice, an end."""
    tx.change(insert(acts).values(reference=reference, value=act, recorded_at=now, recorded_by=by))


def register(tx: Transaction, agency: str) -> Register:
    """Every agreement with its versions and acts, each oldest first; `agency` is our id among the parties."""
    versions: dict[str, list[Agreement]] = {}
    for row in tx.rows(select(table.c.reference, table.c.value).order_by(table.c.reference, table.c.version)):
        versions.setdefault(row.reference, []).append(row.value)
    done: dict[str, list[Act]] = {}
    for row in tx.rows(select(acts.c.reference, acts.c.value).order_by(acts.c.id)):
        done.setdefault(row.reference, []).append(row.value)
    dossiers = (Dossier(tuple(known), tuple(done.get(reference, ()))) for reference, known in versions.items())
    return Register(agency, tuple(dossiers))
