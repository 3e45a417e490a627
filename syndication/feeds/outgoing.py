"""What every form of the feeds we publish says in the same way: its texts, moments and addresses. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from syndication.feeds.vocabulary import topic_of
from syndication.model.publication import FeedDocument, FeedEntry
from syndication.model.story import Rendition

ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say in any way: C0 controls, lone surrogates, U+FFFE and U+FFFF. One of them would cost the whole feed."""


def legal(text: str) -> str:
    """The text without the characters that no XML document may hold (wire 15)."""
    return ILLEGAL.sub("", text)


def instant(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second. A moment without a zone is a fault of ours."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def named(text: str, otherwise: str) -> str:
    """The text as it may be written, or `otherwise` where nothing of it would be seen: titles and names may not be blank."""
    written = legal(text)
    return written if written.strip() else legal(otherwise)


def headline(entry: FeedEntry) -> str:
    """The headline; both XML formats require a title."""
    return named(entry.version.content.headline, entry.entry_id)


def followed(url: str | None) -> str | None:
    """An address that may stand in a feed: absolute, http or https; else None."""
    text = legal(url or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def counted(value: int | None) -> str | None:
    """A number of bytes or pixels; None where it is not known, or can be none."""
    return str(value) if value is not None and value >= 0 else None


def renditions(entry: FeedEntry) -> tuple[Rendition, ...]:
    """Those with an address that may stand in a feed, each address once."""
    known: dict[str, Rendition] = {}
    for rendition in entry.version.content.renditions:
        url = followed(rendition.url)
        if url is not None:
            known.setdefault(url, replace(rendition, url=url))
    return tuple(known.values())


def topics(entry: FeedEntry) -> tuple[str, ...]:
    """The Media Topics it is about. A partner's own code (`trc:sport`) says nothing to others, and is not ours to hand on."""
    return tuple(dict.fromkeys(topic for topic in map(topic_of, entry.version.content.topics) if topic))


def own_categories(document: FeedDocument, entry: FeedEntry) -> tuple[tuple[str, str], ...]:
    """What its receiver itself calls what it is about: each name, and the IRI of its list of names. Another partner's are never told."""
    scheme = f"{party(document.authority, entry.stamp.partner)}:categories"
    return tuple((legal(name), scheme) for name in entry.categories if legal(name).strip())


def party(authority: str, name: str) -> str:
    """The IRI of a party of ours, or of ourselves: `tag:vna.example,2025:party:trc`."""
    return f"{authority}:party:{within(name)}"


def within(name: str) -> str:
    """A name as part of an IRI."""
    return quote(legal(name), safe="")


@dataclass(frozen=True, slots=True)
class Origin:
    """The partner whose story ours is a copy of; `id`: our IRI of it; `taken_at`: when we took the version that ours was made from."""

    id: str
    name: str
    taken_at: datetime


def origin(document: FeedDocument, entry: FeedEntry) -> Origin | None:
    """Whose story it is, where it is one partner's. Made from those of several, it is nobody's copy."""
    sources = entry.version.sources
    givers = {stamp.partner for stamp in sources}
    if len(givers) != 1:
        return None
    (giver,) = givers
    return Origin(party(document.authority, giver), named(giver, giver), max(stamp.at for stamp in sources))
