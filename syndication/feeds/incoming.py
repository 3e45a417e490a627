"""A partner's document in whichever format it comes, as values: told by what it begins with, and by what it was said to be. Pure."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from syndication.errors import FeedError, StoryError
from syndication.feeds import jsonfeed_in, newsml_story, ninjs_story, nitf_story, tree
from syndication.feeds.dates import believable, moment
from syndication.feeds.draft import Draft
from syndication.feeds.gate import LARGEST, MOST_ENTRIES, decoded
from syndication.feeds.parse import LONGEST_NAME, LONGEST_TITLE, MOST, TAG, parse
from syndication.feeds.sanitize import clean_text
from syndication.model.entry import Entry, Frame, Mark, ParsedFeed, Tombstone, Unreadable
from syndication.model.story import Content, Pubstatus, Submitted

ROOT: Final = re.compile(rb"(?:\s*+(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>))*+\s*+<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*\?>")
G2: Final = frozenset({b"newsMessage", b"newsItem"})
JSON: Final = "application/json; charset=utf-8"
GONE: Final = "(withheld by the partner, without its text)"


@dataclass(slots=True)
class _Reading:
    """A document while it is read: what it was asked by, and what was found."""

    base: str
    language: str
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def take(self, held: Sequence[Any], story: Callable[[Any, Draft], Submitted], written: Callable[[Any], bytes]) -> None:
        """Each entry; one that cannot be read costs none of the others (B18)."""
        if len(held) > MOST_ENTRIES:
            raise FeedError(f"the document has more than {MOST_ENTRIES} entries")
        for number, one in enumerate(held, 1):
            draft, raw = Draft(self.now, partner=True, base=self.base, spoken=self.language), b""
            try:
                raw = written(one)
                said = story(one, draft)
                if said.pubstatus is Pubstatus.CANCELED:
                    self.tombstones.append(Tombstone(said.uri, None, said.note))
                else:
                    self.entries.append(_entry(said, draft, raw))
            except (StoryError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
                self.unreadable.append(Unreadable(f"entry {number}", f"entry {number} cannot be read: {error}", raw))

    def feed(self, frame: Frame, title: str = "", language: str | None = None) -> ParsedFeed:
        found = (tuple(self.entries), tuple(self.tombstones), tuple(self.unreadable))
        return ParsedFeed(title, language or self.language, *found, frame=frame)


def read(body: bytes, *, content_type: str | None, base_url: str, language: str, now: datetime, known: Sequence[Mark] = ()) -> ParsedFeed:
    """RSS, Atom, JSON Feed 1.0 and 1.1, ninjs 1 to 3 (one, or a list), NewsML-G2 (a newsItem or newsMessage) and NITF 3; as `parse` does.

    Raises FeedError where the document is none of them, breaks off or passes a limit.
    """
    start = body[:4096].replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
    root = ROOT.match(start)
    reading = _Reading(base_url, language, now)
    if start[:1] in (b"{", b"["):
        return _json(_loaded(body, content_type), "feed+json" in (content_type or ""), reading)
    if root and root[1] in (*G2, b"nitf"):
        return _xml(body, content_type, reading)
    return parse(body, content_type=content_type, base_url=base_url, language=language, now=now, known=known)


def _loaded(body: bytes, content_type: str | None) -> Any:
    """JSON is used whole or not at all (wire 46)."""
    _sized(body)
    try:
        return ninjs_story.loaded(decoded(body, content_type), _no_number)
    except json.JSONDecodeError as error:
        why = f"{error.msg}, line {error.lineno}, column {error.colno}"
    except (RecursionError, ValueError) as error:
        why = clean_text(str(error), 200)
    raise FeedError(f"this is no JSON that can be read ({why}): nothing of it was taken")


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _sized(body: bytes) -> None:
    if len(body) > LARGEST:
        raise FeedError(f"the document has {len(body)} bytes; a feed may have {LARGEST}")


def _json(given: Any, named: bool, reading: _Reading) -> ParsedFeed:
    if jsonfeed_in.is_one(given) or (named and isinstance(given, dict)):
        return _json_feed(given, reading)
    held = given if isinstance(given, list) else [given]
    if held and not any(isinstance(one, dict) and "uri" in one for one in held):
        raise FeedError("this is JSON, but no JSON Feed (by its version), and no ninjs (an object with a uri, or a list of such)")
    reading.take(held, _ninjs, _written)
    return reading.feed(Frame(b"", b"", JSON))


def _json_feed(given: dict[str, Any], reading: _Reading) -> ParsedFeed:
    held = given.get("items")
    if not isinstance(held, list):
        raise FeedError("this JSON Feed has no list of items")
    if twice := getattr(given, "twice", ()):
        raise FeedError(f"this JSON Feed has the key '{clean_text(twice[0], 40)}' twice: which of the two holds cannot be told")
    spoken = given.get("language")
    language = spoken.replace("_", "-") if isinstance(spoken, str) and TAG.fullmatch(spoken.replace("_", "-")) else reading.language
    reading.language = language
    reading.take(held, _json_item, _written)
    there = {entry.guid for entry in reading.entries}
    for gone in jsonfeed_in.withdrawn(given):
        if isinstance(gone, Tombstone):
            reading.tombstones.append(gone)
        elif gone[0] not in there:
            content = Content(gone[1] or GONE, "", language)
            reading.entries.append(Entry(gone[0], content, b"", Pubstatus.WITHHELD))
    title = given.get("title")
    empty = _written({**{key: value for key, value in given.items() if key != "items"}, "items": []})
    frame = Frame(empty.removesuffix(b"]}"), b"]}", "application/feed+json; charset=utf-8")
    read = reading.feed(frame, clean_text(title, LONGEST_TITLE) if isinstance(title, str) else "", language)
    return replace(read, links=jsonfeed_in.links(given, reading.base))


def _json_item(given: Any, draft: Draft) -> Submitted:
    return jsonfeed_in.story(_an_object(given), draft)


def _ninjs(given: Any, draft: Draft) -> Submitted:
    return ninjs_story.story(_an_object(given), draft)


def _xml(body: bytes, content_type: str | None, reading: _Reading) -> ParsedFeed:
    _sized(body)
    try:
        # It is read as text by now: what it was written in it need not say any more.
        root = tree.parsed(DECLARATION.sub("", decoded(body, content_type), count=1))
    except StoryError as error:
        raise FeedError(str(error)) from error
    name = tree.name(root)
    if name == "nitf":
        reading.take([root], nitf_story.story, lambda _: body)
        return reading.feed(Frame(b"", b"", content_type))
    held = [root] if name == "newsItem" else [one for group in tree.every(root, "itemSet") for one in group]
    reading.take(held, _news_item, tree.written)
    return reading.feed(Frame(b"", b"", "application/xml; charset=utf-8"))


def _news_item(item: tree.Element, draft: Draft) -> Submitted:
    if tree.name(item) != "newsItem":
        raise StoryError(f"<{clean_text(tree.name(item), 40)}> is no newsItem, and no story")
    return newsml_story.story(item, draft)


def _an_object(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise StoryError("it is no JSON object")
    return given


def _written(given: Any) -> bytes:
    """An object of a list by itself: what it says, if not how it was spaced."""
    return json.dumps(given, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _entry(said: Submitted, draft: Draft, raw: bytes) -> Entry:
    flags = list(draft.flags)
    dates: dict[str, datetime | None] = {}
    for which, text in (("published", draft.created), ("updated", draft.changed)):
        dates[which], odd = believable(text, draft.now) if text else (None, None)
        if odd and odd not in flags:
            flags.append(odd)
    if draft.dropped:
        flags.append(f"it has {draft.dropped} categories more than the {MOST} that were taken")
    pubstatus, until = said.pubstatus, moment(draft.ends)
    if until is not None and until <= draft.now:
        flags.append(f"its use ended on {until:%Y-%m-%d %H:%M} UTC: withheld")
        pubstatus = Pubstatus.WITHHELD
    if said.note:
        flags.append(f"note to editors: {said.note}")
    return Entry(
        guid=said.uri,
        # The credit is written by what the agreement says; what a document says of it is no more than its words.
        content=replace(said.content, credit_line=None),
        raw=raw,
        pubstatus=pubstatus,
        categories=tuple(draft.categories),
        published=dates["published"],
        updated=dates["updated"],
        published_raw=clean_text(draft.created, LONGEST_NAME) or None,
        replaces=said.evolved_from,
        claimed_source=draft.source or None,
        rights=draft.rights or None,
        flags=tuple(flags),
        note=said.note,
    )
