"""What a story handed in must be, in whichever format it comes; and, while it is read, all that is wrong with it, each at its place."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from html import escape
from typing import Final, TypeVar

from syndication.errors import Fault, StoryError
from syndication.feeds import dates
from syndication.feeds.parse import (
    DEEPEST_HTML,
    KILLED,
    LARGEST_HTML,
    LONGEST_ID,
    LONGEST_NAME,
    MOST,
    TAG,
    absolute,
    name_of,
    nesting,
)
from syndication.feeds.sanitize import clean_html, clean_text, text_of
from syndication.feeds.vocabulary import content_type_of
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one document."""
LONGEST_NOTE: Final = 500
MOST_FAULTS: Final = 100
"""Faults named one by one; a document with more is wrong as a whole."""
HOLDING: Final = (ContentType.PICTURE, ContentType.VIDEO, ContentType.AUDIO)
"""Types of which a story is nothing without one of them."""

RESTRAINING: Final = frozenset(
    {"embargoed", "embargoeduntil", "pubstatus", "expires", "date.release", "date.expire", "ed-msg", "doc.rights", "embargo_until"}
)
"""What of a document says whether, and when, a story may go out: what looks like one of them, and is none, is no small matter."""

Choice = TypeVar("Choice", bound=StrEnum)


def decoded(data: bytes) -> str:
    """The text of a document, in UTF-8 or, with a byte order mark, UTF-16. Raises StoryError for another encoding, or too many bytes."""
    if len(data) > LARGEST:
        raise StoryError(f"the document has {len(data)} bytes; a story may have {LARGEST}")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoryError(f"this is no story that can be read: it is not UTF-8 (byte {error.start}); save it as UTF-8") from error


@dataclass(slots=True)
class Draft:
    """A story while it is read at `now`. Each method takes what stands at a place, and gives what is taken of it; what is wrong is kept.

    Of our own newsroom nothing is taken that is not whole. `partner`: what a partner sends is taken with its faults, and withheld for them;
    `base` is where it came from, and `spoken` the language of what does not say. What an Entry has and a story has not is kept besides:
    `flags`, `created`, `changed` and `ends` (dates as they are written), `categories`, how many more were `dropped`, `source` and
    `rights`.
    """

    now: datetime
    partner: bool = False
    base: str = ""
    spoken: str = ""
    faults: list[Fault] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    dropped: int = 0
    created: str = ""
    changed: str = ""
    ends: str = ""
    source: str = ""
    rights: str = ""

    @property
    def full(self) -> bool:
        """Whether so much is wrong that no more is said: whoever looks for more may stop."""
        return len(self.faults) >= MOST_FAULTS

    def fault(self, place: str, message: str) -> None:
        """Something is wrong at this JSON pointer or XPath; of a place the first that is said holds."""
        if not self.full and all(one.key != place for one in self.faults):
            self.faults.append(Fault("", place, message))

    def slip(self, place: str, message: str) -> None:
        """Something is wrong that harms nobody but what it says: of a partner's document it is told to the editor, and no more."""
        if not self.partner:
            self.fault(place, message)
        elif len(self.flags) < MOST:
            self.flags.append(f"{place} {message}")

    def unknown(self, place: str, message: str, near: str | None) -> None:
        """A key or an element that its format has not; `near`: which it may be meant to be. Partners have words of their own."""
        if not self.partner or (near or "").casefold() in RESTRAINING:
            self.fault(place, message + (f"; did you mean '{near}'?" if near else ""))

    def category(self, *names: str) -> None:
        """What the partner calls a subject, in words or as a code; the first MOST of them."""
        for name in (clean_text(one, LONGEST_NAME) for one in names):
            if len(self.categories) >= MOST:
                self.dropped += bool(name)
            elif name and name not in self.categories:
                self.categories.append(name)

    def line(self, place: str, text: str, limit: int) -> str:
        """One line of clean text, without markup."""
        if "<" in text and not self._bounded(place, text):
            return ""
        return clean_text(text_of(text) if "<" in text else text, limit)

    def html(self, place: str, markup: str) -> str:
        """The allowed part of an HTML fragment."""
        return clean_html(markup, self.base) if self._bounded(place, markup) else ""

    def plain(self, place: str, text: str) -> str:
        """Plain text as HTML: paragraphs stand apart by an empty line."""
        parts = re.split(r"\n\s*\n", text)
        return self.html(place, "".join(f"<p>{escape(part)}</p>" for part in parts if part.strip()))

    def _bounded(self, place: str, text: str) -> bool:
        """Whether it is small and flat enough to be cleaned: the time that takes grows with the size times the depth (B10)."""
        if len(text) > LARGEST_HTML:
            self.fault(place, f"has more than {LARGEST_HTML} characters")
        elif nesting(text) > DEEPEST_HTML:
            self.fault(place, f"is nested deeper than {DEEPEST_HTML} elements")
        else:
            return True
        return False

    def identity(self, place: str, text: str) -> str:
        """Our newsroom's own id of the story. A long one is not cut: two might be the same then."""
        name = name_of(text) if self.partner else clean_text(text, LARGEST)
        if not name:
            self.fault(place, "is missing; it names the story in your own system")
        elif len(name.encode()) > LONGEST_ID:
            self.fault(place, f"has more than {LONGEST_ID} bytes")
            return ""
        return name

    def language(self, place: str, text: str) -> str:
        """A BCP 47 tag."""
        tag = clean_text(text, 40)
        if not tag:
            self.fault(place, "is missing; agreements grant by language (BCP 47, such as vi)")
        elif not TAG.fullmatch(tag):
            self.fault(place, f"'{tag}' is no BCP 47 tag, such as vi or en-GB")
        return tag

    def choice(self, place: str, text: str, kind: type[Choice], otherwise: Choice) -> Choice:
        """The member of that name."""
        known = [str(one) for one in kind]
        if self.partner:
            text = text.strip().casefold().rpartition(":")[2]
            text = Pubstatus.CANCELED if kind is Pubstatus and text in KILLED else text
        if text in known:
            return kind(text)
        if kind is ContentType:
            self.slip(place, f"'{clean_text(text, 40)}' must be one of {', '.join(known)}")
            return otherwise
        self.fault(place, f"'{clean_text(text, 40)}' must be one of {', '.join(known)}")
        return otherwise

    def moment(self, place: str, text: str) -> None:
        """A moment that is not taken, but must be one: a document with a date that is none may be wrong in others too."""
        if dates.moment(text) is None:
            self.slip(place, f"'{clean_text(text, 40)}' must be a moment, such as 2026-12-01T08:00:00+07:00")

    def embargo(self, place: str, text: str) -> datetime | None:
        """The hour, if it lies ahead. One that cannot be read is a fault: a story must not go out early over a typing error."""
        until = dates.embargo(text, self.now)
        if until is None:
            self.fault(place, f"'{clean_text(text, 40)}' must be a moment with its zone, such as 2026-12-01T08:00:00+07:00")
            return None
        return until if until > self.now else None

    def urgency(self, place: str, value: object) -> int | None:
        """IPTC urgency; as a number, or as XML writes it."""
        number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]\s*", value) else value
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 9:
            return number
        self.slip(place, "must be a whole number from 1 (flash) to 9")
        return None

    def rendition(
        self, place: str, href: str, media_type: str, sizes: tuple[object, object, object], words: tuple[str, str, str]
    ) -> Rendition | None:
        """A picture, sound or film. `sizes`: bytes, width, height, as numbers or as XML has them; `words`: title, description, credit."""
        url, kind = absolute(self.base, href), content_type_of(media_type)
        if url is None or kind is None:
            self.slip(place, "needs an http(s) address and the media type of a picture, audio or video")
            return None
        length, width, height = (_size(one) for one in sizes)
        title, description, credit = (one or None for one in words)
        shown = clean_text(media_type.casefold(), LONGEST_NAME)
        return Rendition(url, shown, kind, length, width, height, title=title, description=description, credit=credit)

    def finished(
        self, uri: str, content: Content, pubstatus: Pubstatus, evolved_from: str | None, note: str, places: tuple[str, str, str, str]
    ) -> Submitted:
        """The story, if it is whole. `places`: where its language, headline, body and renditions stand, or should.

        A kill needs its id only. Raises StoryError with all that is wrong.
        """
        if self.partner:
            return self._as_it_is(uri, content, pubstatus, evolved_from, note)
        language, headline, body, renditions = places
        if pubstatus is not Pubstatus.CANCELED:
            self.language(language, content.language)
            if not content.headline:
                self.fault(headline, "is missing")
            if content.type is ContentType.TEXT and not text_of(content.body).strip():
                self.fault(body, "is missing or empty")
            if content.type in HOLDING and content.type not in {one.type for one in content.renditions}:
                self.fault(renditions, f"a story of the type {content.type} needs one with the media type of a {content.type}")
        if self.faults:
            raise refusal(self.faults)
        return Submitted(uri, content, pubstatus, evolved_from, note or None)

    def _as_it_is(self, uri: str, content: Content, pubstatus: Pubstatus, evolved_from: str | None, note: str) -> Submitted:
        """What a partner sends. A kill is a kill whatever else is wrong; for the rest what is wrong makes a hold (S15)."""
        if not uri:
            raise refusal(self.faults)
        said = Submitted(uri, content, pubstatus, name_of(evolved_from or "") or None, note or None)
        if pubstatus is Pubstatus.CANCELED:
            return said
        self.flags += [f"{fault}: withheld" for fault in self.faults]
        held = Pubstatus.WITHHELD if self.faults else pubstatus
        words = content.headline or clean_text(content.summary or text_of(content.body), 80)
        if not content.headline and (words or content.renditions):
            self.flags.append("it has no headline: the first words stand in for it")
        if not (words or content.renditions) and held is not Pubstatus.WITHHELD:
            raise StoryError("it says nothing: no headline, no text, no picture")
        empty = content.type in HOLDING and content.type not in {one.type for one in content.renditions}
        kind = ContentType.TEXT if empty else content.type
        tag = content.language if TAG.fullmatch(content.language) else self.spoken
        return replace(said, content=replace(content, headline=words or "(no headline)", type=kind, language=tag), pubstatus=held)


def refusal(faults: list[Fault]) -> StoryError:
    """Why a document is not taken: all of it, in words and one by one."""
    return StoryError("this is no story that can be taken: " + "; ".join(str(fault) for fault in faults), tuple(faults))


def bylines(whole: str, names: list[str]) -> tuple[str, ...]:
    """Who wrote it, one name each: `whole` may be the same people in one line."""
    named = [name for name in (clean_text(name, LONGEST_NAME) for name in names) if name]
    return tuple(dict.fromkeys(named if named and whole == ", ".join(named) else [name for name in (whole, *named) if name]))


def _size(value: object) -> int | None:
    """A whole number above 0; what is no such number says nothing."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,12}\s*", value) else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**15 else None
