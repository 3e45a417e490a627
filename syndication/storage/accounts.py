"""Editors, their one-time links, tokens of partners and of our newsroom, failed attempts. Of every secret only a hash is here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, func, insert, or_, select, update

from syndication.errors import ConflictError
from syndication.model.account import Editor, FeedToken, NewsroomToken, Role
from syndication.model.journal import Ending, Revoked
from syndication.storage.database import Transaction
from syndication.storage.schema import attempts as attempt_table
from syndication.storage.schema import editors, links, newsroom_tokens
from syndication.storage.schema import tokens as token_table

AT_ONCE = 500


def add(tx: Transaction, editor: Editor) -> None:
    """Keep a new editor. Raises ConflictError where the login is taken, or one that differs from it in nothing but case.

    Two such would pass for two persons where one is to sign off what the other has proposed.
    """
    tx.in_order()
    near = next((one.login for one in all(tx) if one.login.casefold() == editor.login.casefold()), None)
    if near is not None:
        besides = "" if near == editor.login else ", and logins are told apart by more than capitals: choose another"
        raise ConflictError(f"there is a user {near} already{besides}")
    tx.change(
        insert(editors).values(
            id=editor.id,
            login=editor.login,
            name=editor.name,
            role=editor.role,
            language=editor.language,
            session=editor.session,
            password_hash=editor.password_hash,
            created_at=editor.created_at,
            keys=editor.keys,
        )
    )


def by_login(tx: Transaction, login: str) -> Editor | None:
    """The editor who signs in so."""
    row = tx.row(select(editors).where(editors.c.login == login))
    return _editor(row) if row else None


def by_id(tx: Transaction, identity: str) -> Editor | None:
    """The editor of that id."""
    row = tx.row(select(editors).where(editors.c.id == identity))
    return _editor(row) if row else None


def all(tx: Transaction) -> tuple[Editor, ...]:
    """Every editor, by login."""
    return tuple(_editor(row) for row in tx.rows(select(editors).order_by(editors.c.login)))


def set_password(tx: Transaction, editor: str, password_hash: str) -> None:
    """Another password; every session begun with the one before ends."""
    tx.change(update(editors).where(editors.c.id == editor).values(password_hash=password_hash, session=editors.c.session + 1))


def end_sessions(tx: Transaction, editor: str) -> None:
    """Every session of this editor ends, on every device."""
    tx.change(update(editors).where(editors.c.id == editor).values(session=editors.c.session + 1))


def set_preferences(tx: Transaction, editor: str, *, language: str, keys: bool) -> None:
    """The desk's language for this editor, and whether single keys act."""
    tx.change(update(editors).where(editors.c.id == editor).values(language=language, keys=keys))


def issue_link(tx: Transaction, digest: str, editor: str, expires_at: datetime) -> None:
    """Keep a one-time link; those made for this editor before no longer work."""
    tx.change(delete(links).where(links.c.editor == editor))
    tx.change(insert(links).values(digest=digest, editor=editor, expires_at=expires_at))


def link_good(tx: Transaction, digest: str, now: datetime) -> bool:
    """Whether there is a link under that hash, not used and not over."""
    return tx.row(select(links.c.editor).where(links.c.digest == digest, links.c.expires_at > now)) is not None


def use_link(tx: Transaction, digest: str, now: datetime) -> Editor | None:
    """The editor the link is for; it is used up by this. Of two at once, one gets it."""
    row = tx.row(select(links.c.editor).where(links.c.digest == digest, links.c.expires_at > now))
    if row is None or not tx.change(delete(links).where(links.c.digest == digest)):
        return None
    return by_id(tx, row.editor)


def issue(tx: Transaction, token: FeedToken, digest: str) -> None:
    """Keep a feed token under the SHA-256 of its text."""
    tx.change(
        insert(token_table).values(
            id=token.id,
            digest=digest,
            partner=token.partner,
            label=token.label,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            last_used_at=token.last_used_at,
            flows=token.flows,
        )
    )


def by_hash(tx: Transaction, digest: str) -> FeedToken | None:
    """The token whose text has that SHA-256."""
    row = tx.row(select(token_table).where(token_table.c.digest == digest))
    return _token(row) if row else None


def revoke(tx: Transaction, identity: str, at: datetime) -> bool:
    """End a token at once; False where there is none that stands."""
    return _revoke(tx, token_table, identity, at)


def tokens(tx: Transaction, partner: str) -> tuple[FeedToken, ...]:
    """A partner's tokens, newest first."""
    rows = tx.rows(select(token_table).where(token_table.c.partner == partner).order_by(token_table.c.created_at.desc(), token_table.c.id))
    return tuple(_token(row) for row in rows)


def token(tx: Transaction, identity: str) -> FeedToken | None:
    """The partner's token of that id, whether or not it stands."""
    row = tx.row(select(token_table).where(token_table.c.id == identity))
    return _token(row) if row else None


def end(tx: Transaction, identity: str, at: datetime) -> bool:
    """Let a token end at that moment, if it would not end before; False where there is none that stands."""
    mine = (token_table.c.id == identity, token_table.c.revoked_at.is_(None))
    later = or_(token_table.c.expires_at.is_(None), token_table.c.expires_at > at)
    if not tx.change(update(token_table).where(*mine, later).values(expires_at=at)):
        return False
    tx.deeds.append(Ending(identity, at))
    return True


def standing(tx: Transaction, names: Sequence[str]) -> dict[str, datetime | None]:
    """Those of these tokens, partners' and our newsroom's, that are here and were not revoked, each with when it ends."""
    found: dict[str, datetime | None] = {}
    for table in (token_table, newsroom_tokens):
        for start in range(0, len(names), AT_ONCE):
            mine = (table.c.id.in_(names[start : start + AT_ONCE]), table.c.revoked_at.is_(None))
            found.update({row.id: row.expires_at for row in tx.rows(select(table.c.id, table.c.expires_at).where(*mine))})
    return found


def issue_newsroom(tx: Transaction, token: NewsroomToken, digest: str) -> None:
    """Keep a token of our newsroom's under the SHA-256 of its text."""
    tx.change(
        insert(newsroom_tokens).values(
            id=token.id,
            digest=digest,
            label=token.label,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            last_used_at=token.last_used_at,
        )
    )


def newsroom_by_hash(tx: Transaction, digest: str) -> NewsroomToken | None:
    """The newsroom's token whose text has that SHA-256."""
    row = tx.row(select(newsroom_tokens).where(newsroom_tokens.c.digest == digest))
    return _newsroom_token(row) if row else None


def revoke_newsroom(tx: Transaction, identity: str, at: datetime) -> bool:
    """End a token of our newsroom's at once; False where there is none that stands."""
    return _revoke(tx, newsroom_tokens, identity, at)


def newsroom(tx: Transaction) -> tuple[NewsroomToken, ...]:
    """Our newsroom's tokens, newest first."""
    rows = tx.rows(select(newsroom_tokens).order_by(newsroom_tokens.c.created_at.desc(), newsroom_tokens.c.id))
    return tuple(_newsroom_token(row) for row in rows)


def used(tx: Transaction, token: FeedToken | NewsroomToken, at: datetime) -> None:
    """It was used at that moment. Of two requests that say so, the later moment stays."""
    table: Table = token_table if isinstance(token, FeedToken) else newsroom_tokens
    before = or_(table.c.last_used_at.is_(None), table.c.last_used_at < at)
    tx.change(update(table).where(table.c.id == token.id, before).values(last_used_at=at))


def attempts(tx: Transaction, key: str, since: datetime) -> int:
    """How often `key` has failed since."""
    row = tx.row(select(func.count()).where(attempt_table.c.key == key, attempt_table.c.at > since))
    return int(row[0]) if row else 0


def add_attempt(tx: Transaction, key: str, at: datetime) -> None:
    """Count a failure."""
    tx.change(insert(attempt_table).values(key=key, at=at))


def forget_attempts(tx: Transaction, until: datetime) -> None:
    """Forget the failures of long ago."""
    tx.change(delete(attempt_table).where(attempt_table.c.at <= until))


def _revoke(tx: Transaction, table: Table, identity: str, at: datetime) -> bool:
    if not tx.change(update(table).where(table.c.id == identity, table.c.revoked_at.is_(None)).values(revoked_at=at)):
        return False
    tx.deeds.append(Revoked(identity, at))
    return True


def _editor(row: Row[Any]) -> Editor:
    return Editor(row.id, row.login, row.name, Role(row.role), row.language, row.session, row.password_hash, row.created_at, row.keys)


def _token(row: Row[Any]) -> FeedToken:
    return FeedToken(row.id, row.partner, row.label, row.created_at, row.expires_at, row.revoked_at, row.last_used_at, row.flows)


def _newsroom_token(row: Row[Any]) -> NewsroomToken:
    return NewsroomToken(row.id, row.label, row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
