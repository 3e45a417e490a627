"""Parsers in processes of their own: a document that eats time or memory costs its process, not the program."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from syndication.children import Children, attend
from syndication.errors import FeedError
from syndication.feeds.incoming import read
from syndication.feeds.likeness import signature
from syndication.model.entry import Frame, Mark, ParsedFeed

_adapter: Final = TypeAdapter(ParsedFeed)
_marks: Final = TypeAdapter(tuple[Mark, ...])


class Parser:
    """Parses in `processes` children, each document within `seconds`. Threads share it; a child that dies is replaced."""

    def __init__(self, processes: int = 2, seconds: float = 10.0) -> None:
        self.children = Children("syndication.feeds.worker", "document", FeedError, processes, seconds)

    def parse(
        self, body: bytes, *, content_type: str | None, base_url: str, language: str, now: datetime, known: Sequence[Mark] = ()
    ) -> ParsedFeed:
        """As `feeds.incoming.read`, each entry with its `signature`; raises FeedError also where it took too long or too much memory."""
        asked = {"content_type": content_type, "base_url": base_url, "language": language, "now": now.isoformat()}
        return _unpacked(self.children.ask(json.dumps(asked).encode(), _marks.dump_json(tuple(known)), body))

    def close(self) -> None:
        """End the children; waits for parses under way."""
        self.children.close()


def _packed(feed: ParsedFeed) -> bytes:
    """As JSON; the raw bytes, which may be of any encoding, as base64."""
    entries = tuple(replace(one, raw=b64encode(one.raw)) for one in feed.entries)
    unreadable = tuple(replace(one, raw=b64encode(one.raw)) for one in feed.unreadable)
    frame = _each(feed.frame, b64encode)
    return _adapter.dump_json(replace(feed, entries=entries, unreadable=unreadable, frame=frame))


def _unpacked(answer: bytes) -> ParsedFeed:
    feed: ParsedFeed = _adapter.validate_json(answer)
    entries = tuple(replace(one, raw=b64decode(one.raw)) for one in feed.entries)
    unreadable = tuple(replace(one, raw=b64decode(one.raw)) for one in feed.unreadable)
    return replace(feed, entries=entries, unreadable=unreadable, frame=_each(feed.frame, b64decode))


def _each(frame: Frame | None, coded: Callable[[bytes], bytes]) -> Frame | None:
    return replace(frame, head=coded(frame.head), tail=coded(frame.tail)) if frame else None


def _parsed(asked: bytes, known: bytes, body: bytes) -> bytes:
    """The child's answer about one document."""
    given: dict[str, Any] = json.loads(asked)
    now = datetime.fromisoformat(given.pop("now"))
    feed = read(body, now=now, known=_marks.validate_json(known), **given)
    return _packed(replace(feed, entries=tuple(replace(one, signature=signature(one.content)) for one in feed.entries)))


if __name__ == "__main__":
    attend(3, _parsed, FeedError)
