"""Names for new things: unguessable, so that a gap between two of them tells nothing (Z03)."""

import secrets
from datetime import datetime


def new_id(kind: str) -> str:
    """`i_...` for items, `s_...` for stories, `t_...` for tokens: 96 random bits, in lower-case hex."""
    return f"{kind}_{secrets.token_hex(12)}"


def entry_id(domain: str, story: str, at: datetime) -> str:
    """The absolute IRI under which feeds name the story, for ever: a tag URI (RFC 4151), free of hosts and schemes that may move."""
    return f"tag:{domain},{at.year}:{story}"


def authority(domain: str) -> str:
    """The start of the IRIs of what is not a story: flows, parties, policies (`tag:vna.example,2025`, RFC 4151). It never changes."""
    return f"tag:{domain},2025"


def given_here(domain: str, name: str) -> bool:
    """Whether that is a name under which our own feeds send a story: one that comes back is an echo."""
    return name.startswith(f"tag:{domain},")
