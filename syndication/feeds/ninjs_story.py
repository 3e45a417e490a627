"""ninjs, read: a story of our own newsroom (IPTC ninjs 1.x, 2.x and 3.x). Pure."""

import difflib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syndication.errors import StoryError
from syndication.feeds.draft import LONGEST_NOTE, Choice, Draft, bylines, decoded
from syndication.feeds.ninjs import CREDIT, LINK
from syndication.feeds.parse import LONGEST_ID, LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TITLE, MOST, absolute
from syndication.feeds.sanitize import clean_text
from syndication.feeds.vocabulary import topic_of
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

DEEPEST: Final = 20
MOST_VALUES: Final = 200_000
"""Keys and values of one document, however small each is."""
MOMENTS: Final = ("firstcreated", "versioncreated", "contentcreated", "contentdigitised", "expires")
KEYS: Final = frozenset(
    re.findall(
        r"\S+",
        """uri standard type mimetype representationtype profile version firstcreated versioncreated contentcreated contentdigitised
        embargoed expires pubstatus urgency copyrightholder copyrightnotice usageterms rightsinfo ednote language person people
        organisation organisations place places subject subjects event events eventdetails object objects infosource infosources title by
        byline bylines name headline headlines descriptions bodies slugline located charcount wordcount renditions associations altids
        trustindicators genres signals rel plannedcontent plannedcoverage digitalsourcetype contactinfo $schema creditline evolvedfrom
        summary url""",
    )
)
"""Every key of ninjs 1.x and 2.x, and the few besides that newsrooms send. The schemas allow no other, nor do we: a key that is mistyped
would be left out without a word, an embargo among them."""
CAMEL: Final = {
    key.lower(): key
    for key in re.findall(
        r"\S+",
        """representationType firstCreated versionCreated contentCreated contentDigitised pubStatus copyrightHolder copyrightNotice
        usageTerms rightsInfo edNote infoSources altIds trustIndicators eventDetails plannedCoverage digitalSourceType contentType
        charCount wordCount sizeInBytes contactInfo evolvedFrom""",
    )
} | {"embargoed": "embargoedUntil"}
"""How ninjs 3 spells the keys of ninjs 2 (schema 3.3, 2025)."""
SPELLED: Final = {camel: key for key, camel in CAMEL.items()}
NAMED: Final = re.compile(r"(?:description|body|headline)_\w+", re.ASCII)
"""Keys of ninjs 1 that end in a name of the newsroom's own."""
WRITERS: Final = re.compile(r"(?:.*[/#:])?(?:creator|author)", re.DOTALL)
"""The `rel` of people who wrote the story; the others are those it is about."""


@dataclass(frozen=True, slots=True)
class _Object:
    """An object of the document by the keys of ninjs 2, and where it stands; what is wrong with it goes to the draft."""

    given: dict[str, Any]
    at: str
    draft: Draft

    def place(self, key: str) -> str:
        """The JSON pointer of a key, as the document spells it."""
        camel = CAMEL.get(key, key)
        return f"{self.at}/{_escaped(camel if camel in self.given else key)}"

    def get(self, key: str) -> Any:
        """What stands under a key, in either spelling; None if nothing does."""
        value = self.given.get(key)
        return value if value is not None else self.given.get(CAMEL.get(key, key))

    def text(self, *keys: str) -> tuple[str, str]:
        """The first of these keys that has a text, and its place; the place of the first if none has."""
        for key in keys:
            value = self.get(key)
            if isinstance(value, str) and value:
                return value, self.place(key)
            if value is not None and not isinstance(value, str):
                self.draft.fault(self.place(key), "must be a text")
        return "", self.place(keys[0])

    def line(self, *keys: str, limit: int) -> str:
        """The first of these keys that has a text, as one line of clean text."""
        text, place = self.text(*keys)
        return self.draft.line(place, text, limit)

    def list(self, *keys: str) -> list["_Object"]:
        """The first of these keys that is there, as a list of objects; ninjs 1 has objects by name where ninjs 2 has lists."""
        for key in keys:
            value = self.get(key)
            if value is None:
                continue
            found = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else None
            if found is not None and all(isinstance(one, dict) for _, one in found):
                if len(found) > MOST:
                    self.draft.fault(self.place(key), f"has more than {MOST}")
                return [_Object(one, f"{self.place(key)}/{_escaped(str(name))}", self.draft) for name, one in found[:MOST]]
            self.draft.fault(self.place(key), "must be a list of objects")
        return []


def read(data: bytes, now: datetime) -> Submitted:
    """The story that a ninjs document holds.

    Raises StoryError, which names every key that is wrong by its JSON pointer (RFC 6901), and says what it must be; nothing is guessed but
    the type, text, and the status, usable.
    """
    return story(_parsed(data), Draft(now))


def story(given: dict[str, Any], draft: Draft) -> Submitted:
    """The same of a JSON object that was read by `loaded`, by a draft of who asks."""
    document = _Object(given, "", draft)
    _known(document)
    pubstatus = _choice(document, "pubstatus", Pubstatus, Pubstatus.USABLE)
    content = Content(
        headline=_main(document, "headlines", LONGEST_TITLE, "headline", "title"),
        body=_body(document),
        language=document.line("language", limit=40),
        type=_choice(document, "type", ContentType, ContentType.TEXT),
        summary=_main(document, "descriptions", LONGEST_SUMMARY, "description_text", "summary"),
        byline=_byline(document),
        topics=_topics(document),
        renditions=_renditions(document),
        credit_line=_credit(document),
        embargo_until=_embargo(document),
        urgency=draft.urgency(document.place("urgency"), document.get("urgency")) if document.get("urgency") is not None else None,
        link=_link(document),
    )
    uri, place = document.text("uri")
    uri = draft.identity(place, uri)
    evolved = document.line("evolvedfrom", limit=LONGEST_ID) or None
    lists = _major(document) > 1
    places = ("/language", "/headlines" if lists else "/headline", "/bodies" if lists else "/body_html", "/renditions")
    return draft.finished(uri, content, pubstatus, evolved, document.line("ednote", limit=LONGEST_NOTE), places)


def loaded(text: str, constant: Callable[[str], Any] | None = None) -> Any:
    """JSON, whose objects know which of their keys they have twice. Raises ValueError or RecursionError for what is none (B15).

    `constant`: what NaN and the infinities are taken for.
    """
    return json.loads(text, object_pairs_hook=_Pairs, parse_constant=constant)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        found = loaded(decoded(data))
    except json.JSONDecodeError as error:
        raise StoryError(f"this is no ninjs: it is no JSON (line {error.lineno}, column {error.colno}: {error.msg})") from error
    except (RecursionError, ValueError) as error:
        raise StoryError(f"this is no ninjs: {error}") from error
    if not isinstance(found, dict):
        raise StoryError("this is no ninjs: it must be one JSON object, {...}")
    return found


class _Pairs(dict[str, Any]):
    """A JSON object, and the keys that are in it more than once: which of two embargoes holds nobody can tell (RFC 8259, 4)."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1] if len(pairs) != len(self) else []


def _known(document: _Object) -> None:
    """What is there, but is not known, stands there twice or says nothing."""
    draft = document.draft
    draft.created, draft.changed, draft.ends = (str(document.get(key) or "") for key in ("firstcreated", "versioncreated", "expires"))
    draft.rights = document.line("usageterms", "copyrightnotice", limit=LONGEST_SUMMARY)
    draft.category(*(str(one.get("name") or "") for one in document.list("subject", "subjects")))
    sources = (one.line("name", limit=LONGEST_NAME) for one in document.list("infosources") if one.get("role") != CREDIT)
    draft.source = next(sources, "")
    for count, (at, value) in enumerate(_walk(document.given)):
        if count > MOST_VALUES or at.count("/") > DEEPEST:
            draft.fault(at, f"is nested deeper than {DEEPEST}, or one of more than {MOST_VALUES} values")
            break
        if isinstance(value, float) and not math.isfinite(value):
            draft.fault(at, "is no number: JSON has no NaN and no infinity, nor a number too large for it")
        for key in value.twice if isinstance(value, _Pairs) else ():
            draft.fault(f"{at}/{_escaped(key)}", "is there twice")
        for key in sorted(SPELLED.keys() & value.keys()) if isinstance(value, dict) else ():
            if SPELLED[key] in value:
                draft.fault(f"{at}/{key}", f"is there in another spelling too, {SPELLED[key]}: which of the two holds cannot be told")
    for one in (document, *document.list("associations")):
        for key in one.given:
            if draft.full:
                # What a key may have meant takes a while to find, and of no more of them it is told.
                return
            if key not in KEYS and key not in SPELLED and not NAMED.fullmatch(key):
                near = next(iter(difflib.get_close_matches(key[:40], sorted(KEYS | SPELLED.keys()), n=1)), None)
                draft.unknown(f"{one.at}/{_escaped(key)}", "is no key of ninjs", near)
        for key in MOMENTS:
            if one.get(key) is not None:
                draft.moment(one.place(key), str(one.get(key)))
        if one is not document and _choice(one, "pubstatus", Pubstatus, Pubstatus.USABLE) is not Pubstatus.USABLE:
            draft.fault(one.place("pubstatus"), "what may not go out cannot go with the story: leave it out")


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value of the document, with its pointer, the outer before what is in it."""
    waiting = [("", value)]
    while waiting:
        at, one = waiting.pop()
        yield at, one
        if isinstance(one, dict):
            waiting += [(f"{at}/{_escaped(key)}", inner) for key, inner in reversed(one.items())]
        elif isinstance(one, list):
            waiting += [(f"{at}/{place}", inner) for place, inner in reversed(list(enumerate(one)))]


def _escaped(key: str) -> str:
    """A key as a JSON pointer has it, and as a person may see it."""
    return clean_text(key, 40).replace("~", "~0").replace("/", "~1")


def _choice(document: _Object, key: str, kind: type[Choice], otherwise: Choice) -> Choice:
    value = document.get(key)
    return otherwise if value is None else document.draft.choice(document.place(key), str(value), kind, otherwise)


def _major(document: _Object) -> int:
    """Which ninjs it is, 1 to 3: by what it says of itself, else by the keys it has."""
    said = document.get("standard")
    if isinstance(said, dict):
        name, version = str(said.get("name", "ninjs")), str(said.get("version", ""))
        if name.casefold() != "ninjs":
            document.draft.fault("/standard/name", f"'{clean_text(name, 40)}' is not ninjs")
        if version and not re.fullmatch(r"[123](?:\.\d+)*", version):
            document.draft.fault("/standard/version", f"'{clean_text(version, 40)}': ninjs 1.x, 2.x and 3.x are taken")
        if version[:1] in ("1", "2", "3"):
            return int(version[0])
    elif said is not None:
        document.draft.fault("/standard", "must be an object")
    if SPELLED.keys() & document.given.keys():
        return 3
    return 2 if {"headlines", "bodies", "descriptions"} & document.given.keys() else 1


def _main(document: _Object, many: str, limit: int, *keys: str) -> str:
    """A text that ninjs 1 has under a key of its own, and ninjs 2 as one of a list; the one with the role main goes before others."""
    listed = _main_first(document, many)
    whole = document.line(keys[0], limit=limit) or next(
        (text for text in (one.line("value", limit=limit) for one in listed) if text),
        "",
    )
    return whole or document.line(*keys[1:], limit=limit)


def _main_first(document: _Object, key: str) -> list[_Object]:
    found = document.list(key)
    for one in found:
        if not isinstance(one.get("value"), str):
            document.draft.fault(one.place("value"), "must be a text")
    return sorted(found, key=lambda one: str(one.get("role") or "main") != "main")


def _body(document: _Object) -> str:
    """The body: HTML before plain text, and of each the main one."""
    draft = document.draft
    html, plain = document.text("body_html", "body_xhtml"), document.text("body_text")
    for one in _main_first(document, "bodies"):
        value = one.text("value")
        # Where nobody says what it is, its first letter tells.
        kind = one.line("contenttype", limit=LONGEST_NAME) or ("html" if value[0].lstrip().startswith("<") else "")
        if "html" in kind:
            html = html if html[0] else value
        else:
            plain = plain if plain[0] else value
    return draft.html(html[1], html[0]) if html[0] else draft.plain(plain[1], plain[0])


def _byline(document: _Object) -> tuple[str, ...]:
    people = [
        *document.list("bylines"),
        *(one for one in document.list("person", "people") if WRITERS.fullmatch(str(one.get("rel") or ""))),
    ]
    return bylines(document.line("byline", "by", limit=LONGEST_NAME), [one.line("byline", "name", limit=LONGEST_NAME) for one in people])


def _credit(document: _Object) -> str | None:
    """The credit line: ninjs 1 has a key for it, ninjs 2 a source with that role."""
    sources = (one.line("name", limit=LONGEST_NAME) for one in document.list("infosources") if one.get("role") == CREDIT)
    return document.line("creditline", limit=LONGEST_NAME) or next(sources, "") or None


def _link(document: _Object) -> str | None:
    """Where it can be read: ninjs 1 has a key for it, ninjs 2 an alternative id with that role."""
    others = (one.text("value")[0] for one in document.list("altids") if one.get("role") == LINK)
    return absolute(document.draft.base, document.text("url")[0] or next(others, ""))


def _topics(document: _Object) -> tuple[str, ...]:
    codes = (str(one.get("code") or one.get("uri") or "") for one in document.list("subject", "subjects"))
    return tuple(dict.fromkeys(topic for topic in map(topic_of, codes) if topic))


def _embargo(document: _Object) -> datetime | None:
    """The latest of the story's own embargo and of those of what goes with it."""
    under = [one for one in (document, *document.list("associations")) if one.get("embargoed") is not None]
    hours = [one.draft.embargo(one.place("embargoed"), str(one.get("embargoed"))) for one in under]
    return max((hour for hour in hours if hour is not None), default=None)


def _renditions(document: _Object) -> tuple[Rendition, ...]:
    made: list[Rendition] = []
    for holder in (document, *document.list("associations")):
        own = holder is not document
        title = _main(holder, "headlines", LONGEST_TITLE, "headline", "title") if own else ""
        described = _main(holder, "descriptions", LONGEST_SUMMARY, "description_text", "summary") if own else ""
        credit = holder.line("creditline", "byline", "by", "copyrightholder", limit=LONGEST_NAME)
        for one in holder.list("renditions"):
            href, media_type = one.text("href", "url")[0], one.text("contenttype", "mimetype")[0]
            sizes = (one.get("sizeinbytes"), one.get("width"), one.get("height"))
            rendition = document.draft.rendition(one.at, href, media_type, sizes, (title, described, credit))
            if rendition is not None:
                made.append(rendition)
    return tuple({one.url: one for one in made}.values())
