"""Who sits at the desk (Editor, Role), what a partner reads with (FeedToken), and what our own newsroom writes with (NewsroomToken)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """An editor reviews; a manager also keeps partners, flows, agreements and tokens."""

    EDITOR = "editor"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Editor:
    """`session`: rises when every session must end (password or role changed). `language`: of the desk, BCP 47."""

    id: str
    login: str
    name: str
    role: Role
    language: str
    session: int
    password_hash: str | None
    created_at: datetime
    keys: bool = True


@dataclass(frozen=True, slots=True)
class FeedToken:
    """What a partner reads with. Only its SHA-256 is kept. It ends at `expires_at`, or at once when revoked.

    `flows`: the only ones it opens; None: all of its partner's.
    """

    id: str
    partner: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    flows: tuple[str, ...] | None = None

    def opens(self, flow: str) -> bool:
        """Whether it reads that flow of its partner's."""
        return self.flows is None or flow in self.flows


@dataclass(frozen=True, slots=True)
class NewsroomToken:
    """What our own CMS hands stories in with: it opens no feed, as a FeedToken opens nothing to write (A09). It ends as that one does."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


def stands(token: FeedToken | NewsroomToken, at: datetime) -> bool:
    """Whether it opens anything at that moment: it is not revoked, and has not expired."""
    return token.revoked_at is None and (token.expires_at is None or at < token.expires_at)
