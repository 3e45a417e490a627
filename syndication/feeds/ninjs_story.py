"""ninjs, read: a story of our own newsroom (IPTC ninjs 1.x and 2.x)."""

import difflib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any, Final

from syndication.errors import StoryError
from syndication.feeds.dates import moment
from syndication.feeds.ninjs import CREDIT, LINK
from syndication.feeds.parse import LARGEST_HTML, LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TITLE, MOST, TAG, absolute
from syndication.feeds.sanitize import clean_html, clean_text, text_of
from syndication.feeds.vocabulary import content_type_of, topic_of
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

LONGEST_URI: Final = 2_000

MOMENTS: Final = ("firstcreated", "versioncreated", "contentcreated", "expires")
KEYS: Final = frozenset(
    re.findall(
        r"\S+",
        """uri standard type mimetype representationtype profile version firstcreated versioncreated contentcreated embargoed expires
        pubstatus urgency copyrightholder copyrightnotice usageterms rightsinfo ednote language person people organisation organisations
        place places subject subjects event events object objects infosource infosources title by byline bylines name headline headlines
        descriptions bodies slugline located charcount wordcount renditions associations altids trustindicators genres signals
        plannedcontent contactinfo $schema creditline evolvedfrom evolvedFrom summary url""",
    )
)
"""Every key of ninjs 1.x and 2.x, and the few besides that newsrooms send. The schemas of both allow no other, nor do we: a key that is
mistyped would be left out without a word, an embargo among them."""
NAMED: Final = re.compile(r"(?:description|body|headline)_\w+", re.ASCII)
"""Keys of ninjs 1 that end in a name of the newsroom's own."""
HOLDING: Final = (ContentType.PICTURE, ContentType.VIDEO, ContentType.AUDIO)
"""Types of which a story is nothing without one of them."""


@dataclass(slots=True)
class _Document:
    """The object, and what is wrong with it, key by key."""

    given: dict[str, Any]
    faults: list[str] = field(default_factory=list)

    def text(self, *keys: str, limit: int) -> str:
        """The first of these keys that is there, as one line of clean text."""
        for key in keys:
            value = self.given.get(key)
            if value is None:
                continue
            if isinstance(value, str):
                return clean_text(text_of(value) if "<" in value else value, limit)
            self.faults.append(f"{key}: must be a text")
        return ""

    def list(self, *keys: str) -> list[dict[str, Any]]:
        """The first of these keys that is there, as a list of objects; ninjs 1 has objects by name where ninjs 2 has lists."""
        for key in keys:
            value = self.given.get(key)
            if value is None:
                continue
            found = list(value.values()) if isinstance(value, dict) else value
            if isinstance(found, list) and all(isinstance(one, dict) for one in found):
                return found[:MOST]
            self.faults.append(f"{key}: must be a list of objects")
        return []


def read(data: bytes, now: datetime) -> Submitted:
    """The story that a ninjs document holds.

    Raises StoryError, which names every key that is wrong and says what it must be; nothing is guessed but the type, text.
    """
    document = _Document(_object(data))
    uri = document.text("uri", limit=LONGEST_URI)
    if not uri:
        document.faults.append("uri: is missing; it names the story in your own system")
    headline = _headline(document)
    if not headline:
        document.faults.append("headline: is missing (ninjs 2: headlines)")
    content = Content(
        headline=headline,
        body=_body(document),
        language=_language(document),
        type=_choice(document, "type", ContentType, ContentType.TEXT),
        summary=_summary(document),
        byline=_byline(document),
        topics=_topics(document),
        renditions=_renditions(document),
        credit_line=_credit(document),
        embargo_until=_embargo(document, now),
        urgency=_urgency(document),
        link=_link(document),
    )
    _whole(document, content)
    pubstatus = _choice(document, "pubstatus", Pubstatus, Pubstatus.USABLE)
    evolved = document.text("evolvedfrom", "evolvedFrom", limit=LONGEST_URI) or None
    if document.faults:
        raise StoryError("this is no ninjs story that can be taken: " + "; ".join(document.faults))
    return Submitted(uri, content, pubstatus, evolved)


def _whole(document: _Document, content: Content) -> None:
    """What is there, but is not known, or says nothing; and what has to be there."""
    for key in document.given:
        if key not in KEYS and not NAMED.fullmatch(key):
            near = difflib.get_close_matches(key, sorted(KEYS), n=1)
            document.faults.append(f"{clean_text(key, 40)}: is no key of ninjs" + (f"; did you mean '{near[0]}'?" if near else ""))
    for key in MOMENTS:
        given = document.given.get(key)
        if given is not None and (not isinstance(given, str) or moment(given) is None):
            document.faults.append(f"{key}: '{clean_text(str(given), 40)}' must be a moment, such as 2026-12-01T08:00:00+07:00")
    if content.type is ContentType.TEXT and not text_of(content.body).strip():
        document.faults.append("body_html: is missing or empty (ninjs 2: bodies)")
    if content.type in HOLDING and content.type not in {one.type for one in content.renditions}:
        document.faults.append(f"renditions: a story of the type {content.type} needs one with the contenttype of a {content.type}")


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise StoryError(f"this is no ninjs: it is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise StoryError(f"this is no ninjs: it is no JSON (line {error.lineno}, column {error.colno}: {error.msg})") from error
    except (RecursionError, ValueError) as error:
        raise StoryError(f"this is no ninjs: {error}") from error
    if not isinstance(found, dict):
        raise StoryError("this is no ninjs: it must be one JSON object, {...}")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, _ in pairs if [name for name, _ in pairs].count(key) > 1)
        raise ValueError(f"{clean_text(twice, 40)}: is there twice")
    return found


def _headline(document: _Document) -> str:
    whole = document.text("headline", "title", limit=LONGEST_TITLE)
    if whole:
        return whole
    texts = [one.get("value") for one in _main_first(document.list("headlines"))]
    return clean_text(next((text for text in texts if isinstance(text, str)), ""), LONGEST_TITLE)


def _main_first(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: str(one.get("role", "main")) != "main")


def _body(document: _Document) -> str:
    given = document.given
    html = next((given[key] for key in ("body_html", "body_xhtml") if isinstance(given.get(key), str)), None)
    plain = given.get("body_text") if isinstance(given.get("body_text"), str) else None
    for one in _main_first(document.list("bodies")):
        value = one.get("value")
        if not isinstance(value, str):
            continue
        kind = str(one.get("contenttype") or one.get("contentType") or "")
        if html is None and "html" in kind:
            html = value
        elif plain is None and "html" not in kind:
            plain = value
    if max(len(html or ""), len(plain or "")) > LARGEST_HTML:
        document.faults.append(f"body: has more than {LARGEST_HTML} characters")
        return ""
    if html is None and plain is not None:
        html = "".join(f"<p>{escape(part)}</p>" for part in plain.split("\n\n") if part.strip())
    return clean_html(html or "", "")


def _summary(document: _Document) -> str:
    whole = document.text("description_text", "summary", limit=LONGEST_SUMMARY)
    if whole:
        return whole
    for one in _main_first(document.list("descriptions")):
        value = one.get("value")
        if isinstance(value, str):
            plain = "<" not in value or one.get("contenttype") == "text/plain"
            return clean_text(value if plain else text_of(value), LONGEST_SUMMARY)
    return ""


def _language(document: _Document) -> str:
    tag = document.text("language", limit=40)
    if not tag:
        document.faults.append("language: is missing; agreements grant by language (BCP 47, such as vi)")
    elif not TAG.fullmatch(tag):
        document.faults.append(f"language: '{tag}' is no BCP 47 tag, such as vi or en-GB")
    return tag


def _choice(document: _Document, key: str, kind: Any, otherwise: Any) -> Any:
    value = document.given.get(key)
    if value is None:
        return otherwise
    known = [str(one) for one in kind]
    if value not in known:
        document.faults.append(f"{key}: '{clean_text(str(value), 40)}' must be one of {', '.join(known)}")
        return otherwise
    return kind(value)


def _byline(document: _Document) -> tuple[str, ...]:
    whole = document.text("byline", "by", limit=LONGEST_NAME)
    people = [one.get("byline") or one.get("name") for one in document.list("bylines", "person", "people")]
    named = [name for name in (clean_text(name, LONGEST_NAME) for name in people if isinstance(name, str)) if name]
    # `by` may be the same people in one line.
    return tuple(dict.fromkeys(named if named and whole == ", ".join(named) else [name for name in (whole, *named) if name]))


def _credit(document: _Document) -> str | None:
    """The credit line: ninjs 1 has a key for it, ninjs 2 a source with that role."""
    written = document.text("creditline", limit=LONGEST_NAME)
    sources = (str(one.get("name") or "") for one in document.list("infosources") if one.get("role") == CREDIT)
    return written or clean_text(next(sources, ""), LONGEST_NAME) or None


def _link(document: _Document) -> str | None:
    """Where it can be read: ninjs 1 has a key for it, ninjs 2 an alternative id with that role."""
    others = (str(one.get("value") or "") for one in document.list("altids") if one.get("role") == LINK)
    return absolute("", str(document.given.get("url") or next(others, "")))


def _topics(document: _Document) -> tuple[str, ...]:
    codes = (str(one.get("code") or one.get("uri") or "") for one in document.list("subject", "subjects"))
    return tuple(dict.fromkeys(topic for topic in map(topic_of, codes) if topic))


def _renditions(document: _Document) -> tuple[Rendition, ...]:
    made: list[Rendition] = []
    nested = [_Document(one) for one in document.list("associations")]
    for holder in (document, *nested):
        credit = holder.text("creditline", "byline", "by", "copyrightholder", limit=LONGEST_NAME) or None
        title = _headline(holder) or None
        described = _summary(holder) or None
        for place, one in enumerate(holder.list("renditions")):
            media_type = str(one.get("contenttype") or one.get("contentType") or one.get("mimetype") or "")
            url, kind = absolute("", str(one.get("href") or one.get("url") or "")), content_type_of(media_type)
            if url is None or kind is None:
                document.faults.append(f"renditions[{place}]: needs an http(s) href and the contenttype of a picture, audio or video")
                continue
            size = {key: one[key] for key in ("width", "height") if isinstance(one.get(key), int) and one[key] > 0}
            length = one.get("sizeinbytes") if isinstance(one.get("sizeinbytes"), int) else None
            own = holder is not document
            made.append(
                Rendition(
                    url,
                    media_type.casefold(),
                    kind,
                    length,
                    **size,
                    title=title if own else None,
                    description=described if own else None,
                    credit=credit,
                )
            )
    return tuple({one.url: one for one in made}.values())


def _embargo(document: _Document, now: datetime) -> datetime | None:
    """The hour, if it lies ahead. One that cannot be read is a fault: a story must not go out early over a typing error."""
    given = document.text("embargoed", limit=80)
    if not given:
        return None
    until = moment(given)
    if until is None or not (given.endswith("Z") or given[-6:-5] in ("+", "-")):
        document.faults.append(f"embargoed: '{given}' must be a moment with its zone, such as 2026-12-01T08:00:00+07:00")
        return None
    return until if until > now else None


def _urgency(document: _Document) -> int | None:
    value = document.given.get("urgency")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 9:
        document.faults.append("urgency: must be a whole number from 1 (flash) to 9")
        return None
    return value
