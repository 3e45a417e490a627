"""A feed document as values; the only file that knows feedparser. What it gives is unjudged, but clean and bounded."""

import hashlib
import html
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from xml.sax import SAXException

import feedparser

from syndication.errors import FeedError
from syndication.feeds import cut as cutting
from syndication.feeds.dates import AHEAD, FURTHEST, believable, embargo, moment
from syndication.feeds.gate import Buried, Cut, Media, Walk, look_over
from syndication.feeds.sanitize import clean_html, clean_text, text_of
from syndication.feeds.vocabulary import content_type_of, topic_of
from syndication.model.agreement import ContentType
from syndication.model.entry import Entry, FeedLinks, Mark, ParsedFeed, Tombstone, Unreadable
from syndication.model.story import Content, Pubstatus, Rendition

LONGEST_TITLE: Final = 1_000
LONGEST_SUMMARY: Final = 4_000
LONGEST_NAME: Final = 200
LONGEST_ID: Final = 2_000
"""Bytes of an id or an address: an index of PostgreSQL holds about 2,700."""
LARGEST_HTML: Final = 512 * 1024
DEEPEST_HTML: Final = 500
"""Elements of a text within each other: whoever cleans or shows it takes time that grows with their number times their depth."""
UNCLOSED: Final = frozenset(
    "p li dt dd tr td th thead tbody tfoot option br hr img input meta link col wbr source".split()  # noqa: SIM905 - a page, as a list
)
"""Elements that the next of them ends: they do not nest."""
MOST: Final = 50
"""Categories, names or renditions of one entry; the rest is dropped (S17, S18)."""
LONGEST_PAUSE: Final = timedelta(hours=24)
TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
KILLED: Final = frozenset({"canceled", "cancelled", "killed"})
WITHHELD: Final = frozenset({"withheld", "embargoed", "hold"})
RESTRAINT: Final = re.compile(rb"<(?:[\w.-]+:)?(?:available|valid|embargo\w*|pubstatus)\b(?!\s*>\s*(?:stat:)?usable\b)", re.IGNORECASE)
"""An embargo, a hold, a kill or an end, as it stands in bytes that could not be walked."""
OPENED: Final = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
ENDED: Final = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>")
LARGEST_KEPT: Final = 64 * 1024
"""Bytes of a document kept for the entries in it that nobody could find."""
RELATIONS: Final = "http://www.iana.org/assignments/relation/"
"""What may stand before a registered rel (RFC 4287, 4.2.7.2)."""
HOUR: Final = re.compile("[01]?[0-9]|2[0-4]", re.ASCII)
"""0 to 23, and 24 for 0, as older versions of RSS count."""
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS: Final = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}


@dataclass(slots=True)
class _Reading:
    """One entry while it is read: what the parser says of it, what the walk saw, and what was odd.

    `cut` None: the walk could not tell which of its entries this is. `restrained`: its bytes may name an embargo, a hold or a kill.
    `loose`: read by the parser that leaves character references in ids.
    """

    said: Any
    cut: Cut | None
    restrained: bool
    loose: bool
    base: str
    language: str
    now: datetime
    flags: list[str] = field(default_factory=list)

    def mark(self, *names: str) -> str:
        """The first of these elements that the entry has, verbatim."""
        return next((self.cut.marks[name] for name in names if name in self.cut.marks), "") if self.cut else ""


def parse(body: bytes, *, content_type: str | None, base_url: str, language: str, now: datetime, known: Sequence[Mark] = ()) -> ParsedFeed:
    """RSS 0.9x, 1.0, 2.0 and Atom 0.3, 1.0. `base_url`: where it was fetched; `language`: of entries that do not say.

    `known`: entries of an earlier document that need not be read again: those of them that are in this one are `same`, and not among
    `entries`. For the rest the answer is the same with them as without. Raises FeedError where the document is no feed, breaks off or
    passes a limit. An entry that cannot be read is among `unreadable`, and costs none of the others (B18).
    """
    # Spaces before the XML declaration are a fault of many templates, and harmless.
    walk = look_over(body.lstrip(b" \t\r\n"), content_type)
    asked = _Asked(walk, cutting.marks(walk, base_url, language), base_url, language, now)
    if skipped := asked.skipped(known):
        with suppress(_DoubtError):
            return _read(asked, skipped)
    return _read(asked, {})


class _DoubtError(Exception):
    """Without the entries that are known the parser may make something else of the others."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A document that was walked, the mark of each of its entries (none where it cannot be cut), and what else entries are read by."""

    walk: Walk
    marks: tuple[str, ...]
    base: str
    language: str
    now: datetime

    def skipped(self, known: Sequence[Mark]) -> dict[int, Mark]:
        """The places of the entries that are known, but for those that the document says are dead: these are compared with their grave."""
        graves = {name_of(one.ref) for one in self.walk.buried}
        good = {mark.hash: mark for mark in known if (mark.until is None or mark.until > self.now) and mark.guid not in graves}
        return {place: good[mark] for place, mark in enumerate(self.marks) if mark in good}


def _read(asked: _Asked, skipped: Mapping[int, Mark]) -> ParsedFeed:
    """The document, without the entries at the places that are skipped. Raises _DoubtError where it has to be read whole."""
    walk = asked.walk
    body = cutting.without(walk, skipped) if skipped else walk.body
    known = _parsed(asked, body)
    aligned = walk.fault is None and len(walk.entries) == len(known.entries)
    loose = isinstance(known.get("bozo_exception"), SAXException)
    if skipped and (loose or not aligned):
        raise _DoubtError
    if not known.get("version") and not known.entries:
        root = f"<{clean_text(walk.root, 40)}>" if walk.root else "what it is cannot be told"
        raise FeedError(f"this is XML, but neither RSS nor Atom: {root}{f'; {walk.fault}' if walk.fault else ''}")
    spoken = _language(known.feed.get("language"), asked.language)
    entries: list[Entry] = []
    marks: list[Mark] = []
    unreadable: list[Unreadable] = []
    pieces = [walk.body[cut.start : cut.end] for cut in walk.entries] if aligned else _pieces(body, len(known.entries))
    somewhere = not pieces and RESTRAINT.search(body) is not None
    for place, said in enumerate(known.entries):
        if place in skipped:
            continue
        cut, raw = walk.entries[place] if aligned else None, pieces[place] if pieces else b""
        restrained = somewhere or RESTRAINT.search(raw) is not None
        reading = _Reading(said, cut, restrained, loose, asked.base, spoken, asked.now)
        try:
            entry = _entry(reading, raw)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            title = clean_text(str(said.get("title", "")), LONGEST_NAME) or f"entry {place + 1}"
            unreadable.append(Unreadable(title, f"entry {place + 1} cannot be read: {error}", raw))
            continue
        entries.append(entry)
        if asked.marks and aligned and not loose:
            marks.append(Mark(asked.marks[place], entry.guid, _until(reading)))
    if walk.fault and not entries and not walk.buried:
        raise FeedError(f"the document is ill-formed ({walk.fault}), and nothing could be saved of it")
    missing = _expected(body, walk) - len(known.entries)
    if missing > 0:
        unreadable.append(Unreadable(f"{missing} entries", "the parser did not find them in the document", body[:LARGEST_KEPT]))
    times = Counter(entry.guid for entry in entries)
    if any(mark.guid in times for mark in skipped.values()):
        # What is new bears the id of what is not (S04): which of them holds is for who sees both.
        raise _DoubtError
    return ParsedFeed(
        title=clean_text(text_of(str(known.feed.get("title", ""))[: LONGEST_TITLE * 4]), LONGEST_TITLE),
        language=spoken,
        entries=tuple(entries),
        tombstones=tuple(_tombstone(one) for one in walk.buried if name_of(one.ref)),
        unreadable=tuple(unreadable),
        ttl=_pause(known.feed),
        note=_note(walk, len(entries)),
        # An id that is there twice is looked at again with every document (S04).
        marks=tuple(mark for mark in marks if times[mark.guid] == 1),
        same=tuple(skipped.values()),
        links=_links(walk, asked.base),
        skip_hours=tuple(sorted({int(text) % 24 for name, text in walk.skipped if name == "hour" and HOUR.fullmatch(text)})),
        skip_days=tuple(sorted({DAYS.index(text.casefold()) for _, text in walk.skipped if text.casefold() in DAYS})),
        frame=cutting.frame(walk) if aligned else None,
    )


def _parsed(asked: _Asked, body: bytes) -> Any:
    """What the parser makes of these bytes. Raises FeedError where it breaks on them, as the loose one does on some (B20)."""
    walk = asked.walk
    headers = {"content-type": f"application/xml; charset={walk.charset}" if walk.charset else "application/xml"}
    if walk.fault is None:
        # With none around it, the parser keeps the base of one entry for the next. (Of what is ill-formed it would resolve the ids by it.)
        headers["content-location"] = asked.base
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (TypeError, ValueError, LookupError, AttributeError, AssertionError, RecursionError) as error:
        why = walk.fault or f"{type(error).__name__}: {error}"
        raise FeedError(f"the parser breaks on this document ({clean_text(why, 200)}): nothing of it was taken") from error


def _links(walk: Walk, base: str) -> FeedLinks:
    """Of each kind the first; of hubs all (wire 27, 30, 44)."""
    said: dict[str, list[str]] = {}
    for rel, address in walk.links:
        if found := absolute(base, address):
            said.setdefault(rel.strip().casefold().removeprefix(RELATIONS), []).append(found)
    first = {rel: found[0] for rel, found in said.items()}
    return FeedLinks(
        own=first.get("self"),
        hubs=tuple(dict.fromkeys(said.get("hub", ()))),
        next_page=first.get("next"),
        prev_archive=first.get("prev-archive"),
        current=first.get("current"),
        archive="archive" in walk.history,
        complete="complete" in walk.history,
    )


def _until(reading: _Reading) -> datetime | None:
    """The next hour at which the same bytes would be read otherwise: an embargo or a use ends, a date that lay ahead can be."""
    now, hour = reading.now, reading.mark("available", "embargoDate", "embargoed")
    hours = [moment(_end(reading))]
    for one in (moment(hour), moment(hour.partition("start=")[2].partition(";")[0])):
        # Without a zone it is over once it is over everywhere.
        hours.append(one + FURTHEST if one and one <= now else one)
    for one in (moment(str(reading.said.get(which) or "")) for which in ("published", "updated")):
        hours.append(one - AHEAD if one and one > now else None)
    return min((one for one in hours if one and one > now), default=None)


def _note(walk: Walk, saved: int) -> str | None:
    if walk.fault:
        return f"the document is ill-formed ({walk.fault}): {saved} entries were saved"
    if walk.replaced:
        return f"the document is ill-formed ({walk.replaced} references to no character): \ufffd stands in for each"
    return None


def _tombstone(one: Buried) -> Tombstone:
    return Tombstone(name_of(one.ref), moment(one.when), clean_text(one.comment, 500) or None)


def _expected(body: bytes, walk: Walk) -> int:
    """How many entries the document holds: counted by the walk, or by their start tags where the walk could not end."""
    if walk.fault is None:
        return len(walk.entries)
    return len(OPENED.findall(body))


def _pieces(body: bytes, count: int) -> list[bytes]:
    """The bytes of each of `count` entries, where the document has as many start tags; else none: whose bytes are whose cannot be told."""
    starts = [found.start() for found in OPENED.finditer(body)]
    if len(starts) != count:
        return []
    pieces = []
    for start, following in pairwise([*starts, len(body)]):
        end = ENDED.search(body, start, following)
        pieces.append(body[start : end.end() if end else following])
    return pieces


def _entry(reading: _Reading, raw: bytes) -> Entry:
    content = _content(reading)
    published, updated = _date(reading, "published"), _date(reading, "updated")
    pubstatus, embargo = _standing(reading)
    topics, categories = _categories(reading.said)
    _tell_dropped(reading)
    source = reading.said.get("source") or {}
    return Entry(
        guid=_guid(reading, content),
        content=_with(content, topics, embargo),
        raw=raw,
        pubstatus=pubstatus,
        categories=categories,
        published=published,
        updated=updated,
        published_raw=clean_text(str(reading.said.get("published", "")), LONGEST_NAME) or None,
        replaces=name_of(reading.mark("replaces") or (reading.cut.predecessor if reading.cut else None) or "") or None,
        claimed_source=clean_text(str(source.get("title") or reading.said.get("publisher") or ""), LONGEST_NAME) or None,
        rights=clean_text(text_of(_bounded(str(reading.said.get("rights") or ""))), LONGEST_SUMMARY) or None,
        flags=tuple(reading.flags),
    )


def _tell_dropped(reading: _Reading) -> None:
    """How many of its categories, names and renditions are too many to be taken (S18)."""
    media = reading.cut.media if reading.cut else ()
    for what, count in (
        ("categories", len(reading.said.get("tags") or [])),
        ("names", len(reading.said.get("authors") or [])),
        ("renditions", len(media)),
    ):
        if count > MOST:
            reading.flags.append(f"it has {count - MOST} {what} more than the {MOST} that were taken")


def _with(content: Content, topics: tuple[str, ...], embargo: datetime | None) -> Content:
    return Content(
        headline=content.headline,
        body=content.body,
        language=content.language,
        type=content.type,
        summary=content.summary,
        byline=content.byline,
        topics=topics,
        renditions=content.renditions,
        embargo_until=embargo,
        link=content.link,
    )


def _content(reading: _Reading) -> Content:
    said = reading.said
    body, summary = _texts(reading)
    headline = clean_text(_plain(said.get("title_detail")), LONGEST_TITLE)
    renditions = _renditions(reading)
    if not (headline or summary or body or renditions):
        raise ValueError("it says nothing: no headline, no text, no picture")
    if not headline:
        reading.flags.append("it has no headline: the first words stand in for it")
        headline = clean_text(summary or text_of(body), 80) or "(no headline)"
    kind = renditions[0].type if renditions and not body and not summary else ContentType.TEXT
    return Content(
        headline=headline,
        body=body,
        language=_spoken(reading),
        type=kind,
        summary=summary,
        byline=_byline(said),
        renditions=renditions,
        link=_link(reading),
    )


def _texts(reading: _Reading) -> tuple[str, str]:
    """The body, as clean HTML, and the summary, as text. A description alone is the body (wire 23)."""
    captions = _captions(reading)
    contents = [one for one in reading.said.get("content") or [] if isinstance(one, dict) and one.get("value")]
    contents = [one for one in contents if str(one["value"]).strip() not in captions]
    longest = max(contents, key=lambda one: len(one["value"]), default=None)
    summary = _summary(reading)
    if longest is None:
        return _html(reading, summary), ""
    short = _plain(summary)
    body = _html(reading, longest)
    # feedparser gives content as the summary where there is none.
    return body, "" if summary is None or short == _plain(longest) else clean_text(short, LONGEST_SUMMARY)


def _captions(reading: _Reading) -> set[str]:
    """What is said of the pictures: the parser takes it for the summary, or for the text, of the entry."""
    cut = reading.cut
    said = (cut.words, *(media.words for media in cut.media)) if cut else ()
    return {words["description"] for words in said if "description" in words}


def _summary(reading: _Reading) -> Any:
    """RSS description, Atom summary. The parser lets a later media:description take its place: then it is read from the walk."""
    detail = reading.said.get("summary_detail") if reading.said.get("summary") else None
    if detail is None or reading.cut is None:
        return detail
    if str(detail.get("value")).strip() not in _captions(reading):
        return detail
    own = reading.mark("description", "summary")
    return {"value": own, "type": "text/html", "base": detail.get("base")} if own else None


def _html(reading: _Reading, detail: Any) -> str:
    if not detail or not detail.get("value"):
        return ""
    value = _bounded(str(detail["value"]))
    if detail.get("type") == "text/plain" and not re.search(r"</?[a-zA-Z][^<>]*>", value):
        value = "".join(f"<p>{html.escape(part)}</p>" for part in re.split(r"\n\s*\n", html.unescape(value)) if part.strip())
    return clean_html(value, absolute(reading.base, str(detail.get("base") or "")) or reading.base)


def _bounded(markup: str) -> str:
    """As it stands, where it is small and flat enough to be cleaned: the time that takes grows with the size times the depth (H14)."""
    if len(markup) > LARGEST_HTML:
        raise ValueError(f"its text has {len(markup)} characters; an entry may have {LARGEST_HTML}")
    if nesting(markup) > DEEPEST_HTML:
        raise ValueError(f"its text is nested deeper than {DEEPEST_HTML} elements")
    return markup


def nesting(markup: str) -> int:
    """How deep the elements of an HTML fragment are within each other, at most. An end tag ends only what has its name."""
    within: Counter[str] = Counter()
    depth = deepest = 0
    for end, tag in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", markup):
        name = tag.casefold()
        if not end and name not in UNCLOSED:
            within[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif end and within[name]:
            within[name] -= 1
            depth -= 1
    return deepest


def _plain(detail: Any) -> str:
    """The words of a text construct: of HTML without the markup, of text as it stands."""
    if not detail or not detail.get("value"):
        return ""
    value = str(detail["value"])
    return value if detail.get("type") == "text/plain" else text_of(_bounded(value))


def _guid(reading: _Reading, content: Content) -> str:
    """Verbatim (wire, D); else the link; else a hash of what it says, the same at every poll (S05)."""
    given = reading.mark("guid", "id") or _said_id(reading)
    return name_of(given) or name_of(content.link or "") or _hashed(f"{content.headline}\n{content.body}")


def _said_id(reading: _Reading) -> str:
    """The id of an entry that was not walked, by the parser: the loose one gives it as it is written in the document (wire 40)."""
    given = "" if reading.cut else str(reading.said.get("id") or "")
    return html.unescape(given) if reading.loose else given


def name_of(given: str) -> str:
    """An id as it stands, without spaces around it (S04); one too long for an index is known by its hash, here as in a tombstone."""
    name = "".join(letter for letter in " ".join(given.split()) if letter.isprintable())
    return name if len(name.encode()) <= LONGEST_ID else _hashed(name)


def _hashed(text: str) -> str:
    return f"urn:sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _date(reading: _Reading, which: str) -> datetime | None:
    raw = str(reading.said.get(which) or "")
    if not raw:
        return None
    found, odd = believable(raw, reading.now)
    if odd and odd not in reading.flags:
        reading.flags.append(odd)
    return found


def _standing(reading: _Reading) -> tuple[Pubstatus, datetime | None]:
    """Killed, withheld or usable, and until when under embargo, as far as the document says so."""
    if reading.cut is None:
        reading.flags.append("its document is ill-formed: embargo, hold, kill, and what it follows could not be read")
        if reading.restrained:
            reading.flags.append("its bytes name an embargo, a hold, a kill or an end: withheld")
        return Pubstatus.WITHHELD if reading.restrained else Pubstatus.USABLE, None
    status = reading.mark("pubStatus", "pubstatus").casefold().rpartition(":")[2]
    if status in KILLED:
        return Pubstatus.CANCELED, None
    if _taken_back(reading):
        return Pubstatus.CANCELED, None
    pubstatus = Pubstatus.WITHHELD if status in WITHHELD or _expired(reading) else Pubstatus.USABLE
    hour = reading.mark("available", "embargoDate", "embargoed")
    if not hour:
        return pubstatus, None
    # dcterms:available may be a period; it is its start that counts.
    start = re.search(r"start=([^;]+)", hour)
    until = embargo(start[1] if start else hour, reading.now)
    if until is None:
        reading.flags.append(f"embargo '{clean_text(hour, 60)}' cannot be read, or has no zone that is known: withheld")
        return Pubstatus.WITHHELD, None
    return pubstatus, until if until > reading.now else None


def _taken_back(reading: _Reading) -> bool:
    """Whether it says, itself newer than that, that it is no longer valid: a kill. An end that lay ahead when it was written is none."""
    until, written = moment(_end(reading)), moment(str(reading.said.get("updated") or reading.said.get("published") or ""))
    return until is not None and written is not None and until <= min(written, reading.now)


def _expired(reading: _Reading) -> bool:
    """dcterms:valid names an end that has passed: it may not be used, until the partner moves the end."""
    until = moment(_end(reading))
    if until is None or until > reading.now:
        return False
    reading.flags.append(f"its use ended on {until:%Y-%m-%d %H:%M} UTC: withheld")
    return True


def _end(reading: _Reading) -> str:
    found = re.search(r"end=([^;]+)", reading.mark("valid"))
    return found[1] if found else ""


def _categories(said: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The Media Topics that the document names itself, and the partner's own words."""
    topics: list[str] = []
    names: list[str] = []
    for tag in (said.get("tags") or [])[:MOST]:
        term = str(tag.get("term") or "")
        topic = topic_of(term, tag.get("scheme"))
        if topic:
            topics.append(topic)
        name = clean_text(str(tag.get("label") or ("" if topic else term)), LONGEST_NAME)
        if name:
            names.append(name)
    return tuple(dict.fromkeys(topics)), tuple(dict.fromkeys(names))


def _byline(said: Any) -> tuple[str, ...]:
    people = said.get("authors") or []
    names = (clean_text(str(one.get("name") or ""), LONGEST_NAME) for one in people[:MOST] if isinstance(one, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _link(reading: _Reading) -> str | None:
    links = [one for one in reading.said.get("links") or [] if one.get("rel") == "alternate" and one.get("href")]
    return absolute(reading.base, str(links[0]["href"])) if links else None


def _renditions(reading: _Reading) -> tuple[Rendition, ...]:
    cut = reading.cut
    if cut is not None:
        media, shared = cut.media, cut.words
    else:
        loose = [*(reading.said.get("media_content") or []), *(reading.said.get("enclosures") or [])]
        media = [Media({str(key): str(value) for key, value in {"url": one.get("href"), **one}.items()}) for one in loose]
        shared = {}
    made: dict[str, Rendition] = {}
    for one in media[:MOST]:
        rendition = _rendition(one, shared, reading.base)
        # The same picture as an enclosure and as media:content: what says more of it is kept.
        if rendition is not None and (one.words or rendition.url not in made):
            made[rendition.url] = rendition
    return tuple(made.values())


def _rendition(media: Media, shared: dict[str, str], base: str) -> Rendition | None:
    given, words = media.attributes, {**shared, **media.words}
    url = absolute(base, given.get("url", ""))
    kind = content_type_of(given.get("type", ""), given.get("medium", ""))
    if url is None or kind is None:
        return None
    return Rendition(
        url=url,
        media_type=clean_text(given.get("type", ""), 100).casefold() or {"picture": "image/*"}.get(kind, f"{kind}/*"),
        type=kind,
        length=_number(given.get("length") or given.get("fileSize")),
        width=_number(given.get("width")),
        height=_number(given.get("height")),
        title=clean_text(text_of(_bounded(words.get("title", ""))), LONGEST_NAME) or None,
        description=clean_text(text_of(_bounded(words.get("description", ""))), LONGEST_SUMMARY) or None,
        credit=clean_text(words.get("credit", ""), LONGEST_NAME) or None,
    )


def _number(text: str | None) -> int | None:
    """A whole number above nothing, and below what a file or a picture can have (S17)."""
    if text is None or not re.fullmatch(r"\d{1,12}", text.strip()):
        return None
    return int(text) or None


def absolute(base: str, url: str) -> str | None:
    """An http(s) address, resolved; None for any other (H04, H05)."""
    text = "".join(letter for letter in url.strip() if letter.isprintable())[:LONGEST_ID]
    if not text:
        return None
    try:
        found = urljoin(base, text)
        parts = urlsplit(found)
        return found if parts.scheme in ("http", "https") and parts.hostname and not parts.username else None
    except ValueError:
        return None


def _spoken(reading: _Reading) -> str:
    own = reading.cut.language if reading.cut else None
    detail = reading.said.get("title_detail") or {}
    return _language(own or reading.said.get("language") or detail.get("language"), reading.language)


def _language(given: Any, otherwise: str) -> str:
    tag = str(given or "").strip().replace("_", "-")[:35]
    return tag if TAG.fullmatch(tag) else otherwise


def _pause(feed: Any) -> timedelta | None:
    """How long the document asks not to be asked again: RSS ttl, or the syndication module's period and frequency."""
    ttl = _number(str(feed.get("ttl") or ""))
    period = PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().casefold())
    often = _number(str(feed.get("sy_updatefrequency") or "1")) or 1
    minutes = max(ttl or 0, period // often if period else 0)
    return min(timedelta(minutes=min(minutes, 10_000)), LONGEST_PAUSE) if minutes else None
