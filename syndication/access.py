"""Who may come in: editors by password or link, partners and our newsroom by a token; who guessed too often; secrets kept sealed."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from syndication.errors import InputError, RefusedError, StorageError
from syndication.identity import new_id
from syndication.logs import logger
from syndication.model.account import Editor, FeedToken, NewsroomToken, stands
from syndication.model.subscription import WEBHOOK_SECRET
from syndication.settings import Settings
from syndication.storage import accounts
from syndication.storage.database import Database, Transaction

TOKEN_PREFIX = "syn_"  # noqa: S105 - what a token begins with, so that one that leaked is recognised; no secret
NEWSROOM_PREFIX = "synroom_"
LONGEST_TOKEN = 200
USE_TOLD_EVERY = timedelta(minutes=1)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
LINK_LIFE = timedelta(hours=24)
WINDOW = timedelta(minutes=1)

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Checked where there is no such editor, so that the answer takes as long (A02)."""


def digest_of(plain: bytes) -> str:
    """SHA-256 in hex: what is kept of a token. It has 256 random bits, so that a slow hash would guard nothing (A03)."""
    return hashlib.sha256(plain).hexdigest()


def new_token(prefix: str = TOKEN_PREFIX) -> tuple[str, str]:
    """A token's text, shown once, and its digest, kept. Without a `prefix`, a feed token's."""
    plain = prefix + secrets.token_urlsafe(32)
    return plain, digest_of(plain.encode())


def partner_of(tx: Transaction, plain: bytes, now: datetime) -> FeedToken | None:
    """The token, if it stands at `now`. Any bytes may be given (A04); unknown, expired and revoked are one answer (A02)."""
    token = accounts.by_hash(tx, digest_of(plain[: LONGEST_TOKEN + 1]))
    return token if token is not None and stands(token, now) else None


def newsroom_of(tx: Transaction, plain: bytes, now: datetime) -> NewsroomToken | None:
    """The same for a token of our own newsroom: a partner's is none, and the other way round (A09)."""
    token = accounts.newsroom_by_hash(tx, digest_of(plain[: LONGEST_TOKEN + 1]))
    return token if token is not None and stands(token, now) else None


def note_use(database: Database, token: FeedToken | NewsroomToken, now: datetime) -> None:
    """That it was used, at most once a minute. Where that cannot be kept, it is not: nobody's request may fail for it."""
    if token.last_used_at is not None and now < token.last_used_at + USE_TOLD_EVERY:
        return
    try:
        with database.write() as tx:
            accounts.used(tx, token, now)
    except StorageError as error:
        logger.warning("use of a token not kept", token=token.id, error=str(error))


def rotate(tx: Transaction, old: FeedToken, now: datetime, overlap: timedelta) -> tuple[FeedToken, str]:
    """A new token for the same partner, flows and purpose, and its text; the old one ends when the `overlap` is over (A07).

    It lives as long as the old one was to live. Raises RefusedError for one that does not stand.
    """
    if not stands(old, now):
        raise RefusedError(f"{old.id} does not stand any more: issue a new one with 'syndication token issue {old.partner}'")
    expires_at = now + (old.expires_at - old.created_at) if old.expires_at else None
    plain, digest = new_token()
    made = FeedToken(new_id("t"), old.partner, old.label, now, expires_at, flows=old.flows)
    accounts.issue(tx, made, digest)
    accounts.end(tx, old.id, now + overlap)
    return made, plain


def hash_password(password: str) -> str:
    """Argon2id, with the library's parameters. Raises InputError for one too short to be safe or too long to be one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(f"a password has from {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return _hasher.hash(password)


def password_matches(kept: str | None, given: str) -> bool:
    """Whether it is the password; it takes as long where there is none to compare with."""
    try:
        return _hasher.verify(kept or _NOBODY, given[: LONGEST_PASSWORD + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def issue_sign_in_link(tx: Transaction, editor: Editor, now: datetime) -> str:
    """The secret part of a link that signs the editor in, once, within a day. Only its digest is kept."""
    plain = secrets.token_urlsafe(24)
    accounts.issue_link(tx, digest_of(plain.encode()), editor.id, now + LINK_LIFE)
    return plain


def sign_in_link_good(tx: Transaction, plain: str, now: datetime) -> bool:
    """Whether the link would sign anyone in now. Uses nothing up."""
    return accounts.link_good(tx, digest_of(plain[: LONGEST_TOKEN + 1].encode("utf-8", "replace")), now)


def use_sign_in_link(tx: Transaction, plain: str, now: datetime) -> Editor | None:
    """The editor the link was made for, the first time only."""
    return accounts.use_link(tx, digest_of(plain[: LONGEST_TOKEN + 1].encode("utf-8", "replace")), now)


def throttled(tx: Transaction, key: str, now: datetime, settings: Settings) -> bool:
    """Whether `key` (a door and an address) has failed too often within the last minute."""
    return accounts.attempts(tx, key, now - WINDOW) >= settings.attempts_per_minute


def record_failure(tx: Transaction, key: str, now: datetime) -> None:
    """Count a wrong token or password, and forget those of long ago."""
    accounts.add_attempt(tx, key, now)
    accounts.forget_attempts(tx, now - WINDOW)


def new_webhook_secret() -> str:
    """What signs a webhook, as Standard Webhooks writes it: 32 random bytes. Shown once; kept sealed."""
    return WEBHOOK_SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def sealed(key: bytes, secret: str) -> str:
    """A secret that we must be able to use again, as it may stand in the database: encrypted under the key that lies beside it."""
    return _box(key).encrypt(secret.encode()).decode()


def unsealed(key: bytes, kept: str) -> str:
    """The secret. Raises StorageError where it was sealed under another key."""
    try:
        return _box(key).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise StorageError("a secret cannot be read: the secret.key in the data folder is not the one it was sealed with") from error


def derived(key: bytes, purpose: bytes) -> bytes:
    """32 bytes for that purpose alone (RFC 5869): what one purpose lets out says nothing of another's."""
    return HKDF(SHA256(), 32, None, b"syndication " + purpose).derive(key)


def _box(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived(key, b"secrets of subscriptions")))
