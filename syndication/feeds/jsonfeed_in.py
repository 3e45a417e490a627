"""JSON Feed 1.0 and 1.1, read: what a partner's document of that format says. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from syndication.errors import StoryError
from syndication.feeds.dates import moment
from syndication.feeds.draft import LONGEST_NOTE, Draft
from syndication.feeds.parse import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TITLE, MOST, absolute, name_of
from syndication.feeds.sanitize import clean_text
from syndication.feeds.vocabulary import topic_of
from syndication.model.agreement import ContentType
from syndication.model.entry import FeedLinks, Tombstone
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

VERSION: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.[01])?/?")
OURS: Final = "_syndication"
"""What the program itself writes besides."""


def is_one(given: Any) -> bool:
    """Whether that is a JSON Feed by what it says of itself."""
    return isinstance(given, dict) and isinstance(given.get("version"), str) and VERSION.fullmatch(given["version"]) is not None


def story(given: dict[str, Any], draft: Draft) -> Submitted:
    """One item. Raises StoryError for one without an id, which is none (wire 46), and for one that says nothing."""
    said = given.get("id")
    if isinstance(said, bool) or not isinstance(said, str | int | float) or not name_of(str(said)):
        raise StoryError("it has no id, which every item of a JSON Feed must have")
    for key in getattr(given, "twice", ()):
        draft.fault(f"/{clean_text(key, 40)}", "is there twice")
    ours, media = _object(given.get(OURS)), _renditions(given, draft)
    draft.created, draft.changed = _text(given, "date_published"), _text(given, "date_modified")
    draft.ends = _text(_object(ours.get("terms")), "use_until")
    draft.source = clean_text(_text(_object(ours.get("source")), "name"), LONGEST_NAME)
    pubstatus, hours = _restraint(given, draft)
    tags = [one for one in _list(given.get("tags")) if isinstance(one, str)]
    topics = {one: topic_of(one) for one in tags}
    draft.category(*(one for one, topic in topics.items() if topic is None))
    html, plain = _text(given, "content_html"), _text(given, "content_text")
    body = draft.html("/content_html", html) if html else draft.plain("/content_text", plain)
    summary = draft.line("/summary", _text(given, "summary"), LONGEST_SUMMARY)
    content = Content(
        headline=draft.line("/title", _text(given, "title"), LONGEST_TITLE),
        body=body,
        language=clean_text(_text(given, "language"), 40).replace("_", "-"),
        type=media[0].type if media and not (body or summary) else ContentType.TEXT,
        summary=summary,
        byline=_byline(given),
        topics=tuple(dict.fromkeys(topic for topic in topics.values() if topic)),
        renditions=media,
        embargo_until=max((hour for hour in hours if hour is not None), default=None),
        link=absolute(draft.base, _text(given, "url") or _text(given, "external_url")),
    )
    identity = said if isinstance(said, str) else json.dumps(said)
    return draft.finished(draft.identity("/id", identity), content, pubstatus, None, "", ("", "", "", ""))


def withdrawn(feed: dict[str, Any]) -> Iterator[Tombstone | tuple[str, str]]:
    """What the document says was taken back: a tombstone for a kill, the id and the reason for a hold."""
    for one in map(_object, _list(_object(feed.get(OURS)).get("withdrawn"))):
        ref, note = name_of(_text(one, "id")), clean_text(_text(one, "note"), LONGEST_NOTE)
        if ref and one.get("pubstatus") == Pubstatus.WITHHELD:
            yield ref, note
        elif ref:
            yield Tombstone(ref, moment(_text(one, "when")), note or None)


def links(feed: dict[str, Any], base: str) -> FeedLinks:
    """Where else to look. A next page that is the document itself is none (wire 26)."""
    ours = _object(feed.get(OURS))
    own, following = absolute(base, _text(feed, "feed_url")), absolute(base, _text(feed, "next_url"))
    hubs = [_object(one) for one in _list(feed.get("hubs"))[:MOST]]
    addresses = (absolute(base, _text(one, "url")) for one in hubs if _text(one, "type").casefold() == "websub")
    prev = absolute(base, _text(ours, "prev_archive"))
    return FeedLinks(
        own=own,
        hubs=tuple(dict.fromkeys(one for one in addresses if one)),
        next_page=following if following not in (own, base, prev) else None,
        prev_archive=prev,
        current=absolute(base, _text(ours, "current")),
        archive=ours.get("archive") is True,
    )


def _restraint(given: dict[str, Any], draft: Draft) -> tuple[Pubstatus, list[Any]]:
    """Whether and from when it may go out, in whatever extension says so: the format itself has no word for it."""
    pubstatus, hours = Pubstatus.USABLE, []
    extensions = [("", given), *((f"/{key}", value) for key, value in given.items() if key.startswith("_") and isinstance(value, dict))]
    for at, one in extensions:
        for key, value in one.items():
            name = key.casefold().replace("_", "")
            if "embargo" in name and value is not None:
                hours.append(draft.embargo(f"{at}/{clean_text(key, 40)}", str(value)))
            elif name == "pubstatus" and value is not None:
                pubstatus = draft.choice(f"{at}/{clean_text(key, 40)}", str(value), Pubstatus, Pubstatus.USABLE)
    return pubstatus, hours


def _byline(given: dict[str, Any]) -> tuple[str, ...]:
    """`authors`, which 1.1 has, before `author` (wire 46)."""
    people = [_object(one) for one in _list(given.get("authors"))] or [_object(given.get("author"))]
    names = (clean_text(_text(one, "name"), LONGEST_NAME) for one in people[:MOST])
    return tuple(dict.fromkeys(name for name in names if name))


def _renditions(given: dict[str, Any], draft: Draft) -> tuple[Rendition, ...]:
    made: dict[str, Rendition] = {}
    for place, one in enumerate(map(_object, _list(given.get("attachments"))[:MOST])):
        more = _object(one.get(OURS))
        words = (_text(one, "title"), _text(more, "description"), _text(more, "credit"))
        title, described, credit = (clean_text(text, limit) for text, limit in zip(words, (200, LONGEST_SUMMARY, 200), strict=True))
        sizes = (one.get("size_in_bytes"), more.get("width"), more.get("height"))
        found = draft.rendition(f"/attachments/{place}", _text(one, "url"), _text(one, "mime_type"), sizes, (title, described, credit))
        if found is not None:
            made.setdefault(found.url, found)
    image = absolute(draft.base, _text(given, "image"))
    if image is not None and image not in made:
        made[image] = Rendition(image, "image/*", ContentType.PICTURE)
    return tuple(made.values())


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""
