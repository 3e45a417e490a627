"""A document looked over before a parser sees it: limits, a bare expat walk, and where each entry begins and ends."""

import codecs
import re
import sys
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from urllib.parse import urljoin
from xml.parsers import expat

from syndication.errors import FeedError
from syndication.feeds.vocabulary import ATOM, ATOM03, CONTENT, DC, DCTERMS, HISTORY, MEDIA, RDF, RSS, TOMBSTONES, XML

LARGEST: Final = 10 * 1024 * 1024
LARGEST_ILL_FORMED: Final = 256 * 1024
"""The loose parser takes quadratic time on some documents; past this size an ill-formed one is refused (B14)."""
DEEPEST: Final = 100
MOST_ELEMENTS: Final = 300_000
MOST_ENTRIES: Final = 5_000
MOST_ATTRIBUTES: Final = 64
LONGEST_ATTRIBUTE: Final = 8_192
LONGEST_MARK: Final = 600_000

ENTRY: Final = frozenset({"item", "entry"})
HOMES: Final = frozenset({"channel", "rss", "RDF", "feed", "feedData"})
SPACES: Final = frozenset({"", ATOM, ATOM03, *RSS})
"""An item or entry of another namespace that has a prefix is no entry of the feed, for the parser as for us."""
MARKS: Final = frozenset(
    {"guid", "id", "pubStatus", "pubstatus", "embargoDate", "available", "valid", "replaces", "embargoed", "description", "summary"}
)
"""Elements of an entry that are read verbatim here: the parser resolves ids, takes a caption for a summary, does not know others."""
CREDITS: Final = frozenset({"credit", "title", "description"})
PASSING: Final = frozenset({"lastBuildDate", "pubDate", "updated", "modified", "date", "items", "deleted-entry"})
"""Elements of the head that change with every entry, and that no entry is read by. `items`: the list that RSS 1.0 has of them."""
USUAL: Final = {"atom": ATOM, "content": CONTENT, "dc": DC, "dcterms": DCTERMS, "media": MEDIA, "rdf": RDF}
"""Prefixes that an entry may declare for itself; the parser calls these namespaces so whoever declares them."""
MOST_LINKS: Final = 50
TYPED: Final = frozenset({"xhtml", "application/xhtml+xml"})
BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SIGNS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\x00\x00\x00": "utf-32-le",
    b"\x00\x00\x00<": "utf-32-be",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
"""How a document begins that has more than one byte to every character; the longer signs first."""
WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
"""What is said to be in the one is often in the other, which holds all of it and more (WHATWG Encoding, 4.2)."""
REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
INSTEAD: Final = "\ufffd".encode()
OPENING: Final = re.compile(rb"<[^\s<>/]++(?:\s++[^\s<>=/]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+\s*+(?=/?>)")
"""A start tag without its end."""
CUT_OFF: Final = frozenset({3, 5, 6, 20})
"""expat's codes for a document that ends too early: no element, unclosed token, partial character, unclosed CDATA section."""


@dataclass(slots=True)
class Media:
    """A rendition as it stands: the attributes of an enclosure or of media:content, and the credit, title and description within it."""

    attributes: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Cut:
    """One entry: its bytes from `start` to `end`, the words of its `MARKS`, its own language, its media, and `words` said of them all."""

    start: int
    end: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    media: list[Media] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    predecessor: str | None = None


@dataclass(slots=True)
class Buried:
    """A deleted-entry (RFC 6721) as it stands."""

    ref: str
    when: str
    comment: str = ""


@dataclass(slots=True)
class Walk:
    """What the walk saw of `body`: the document as it came, or in UTF-8, its references to no character replaced (`replaced`, how many).

    `fault`: why it is ill-formed even so, with its line; None if it is well-formed.
    `passing`: where in its head the elements of `PASSING` lie. `doubt`: an entry has in it what the parser carries over to others, so that
    one read without those before it may be read otherwise.
    `links`: those of the document itself, rel and address; `history`: its elements of RFC 5005; `skipped`: each `hour` and `day` it skips.
    """

    body: bytes
    root: str
    entries: list[Cut]
    buried: list[Buried]
    charset: str | None
    replaced: int = 0
    fault: str | None = None
    passing: list[tuple[int, int]] = field(default_factory=list)
    doubt: bool = False
    links: list[tuple[str, str]] = field(default_factory=list)
    history: set[str] = field(default_factory=set)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def look_over(body: bytes, content_type: str | None) -> Walk:
    """Walk a document once. Raises FeedError where it is no XML, breaks off, declares entities, or passes a limit, and says which."""
    if len(body) > LARGEST:
        raise FeedError(f"the document has {len(body)} bytes; a feed may have {LARGEST}")
    _sniffed(body)
    body, charset = _recoded(body, _charset(body, content_type))
    body, replaced = _characters(body)
    walk = _Walker(body, charset).walk()
    walk.replaced = replaced
    if walk.fault and len(body) > LARGEST_ILL_FORMED:
        raise FeedError(f"the document is ill-formed ({walk.fault}); past {LARGEST_ILL_FORMED} bytes nothing can be saved of it")
    return walk


def decoded(body: bytes, content_type: str | None) -> str:
    """The text of a document, by its byte order mark, by what HTTP says, by its declaration, or in UTF-8 (RFC 7303); U+FFFD for bytes that
    are none. Raises FeedError for an encoding that is none of text (B13).
    """
    charset = _charset(body, content_type)
    body, name = _recoded(body, charset)
    return body.decode(name or _declared(body) or "utf-8", "replace").removeprefix("\ufeff")


def urljoined(base: str, address: str) -> str:
    """An address by its base; as it stands where that cannot be told."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address


def _sniffed(body: bytes) -> None:
    """Refuse what is plainly something else, and say what it looks like."""
    if not body.strip():
        raise FeedError("the answer is empty")
    if body[:2] == b"\x1f\x8b":
        raise FeedError("this is a gzip file, not a feed: the server must say Content-Encoding: gzip, or send it unpacked")
    start = body[:1024].replace(b"\x00", b"")
    for mark in (*BOMS, b"\xff\xfe", b"\xfe\xff"):
        start = start.removeprefix(mark)
    start = start.lstrip()
    if start[:1] in (b"{", b"["):
        raise FeedError("this is JSON, and no XML")
    if not start.startswith(b"<"):
        shown = start[:60].decode("utf-8", "replace").splitlines()[0] if start else ""
        raise FeedError(f"this is no XML: it begins with {shown!r}")
    # *+: what was taken for comments is never looked at again, or each comment would double the time.
    if re.match(rb"(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b", start, re.IGNORECASE | re.DOTALL):
        raise FeedError("this is an HTML page, not a feed: look at the address, the page may name the feed's own")


def _charset(body: bytes, content_type: str | None) -> str | None:
    """What HTTP says, unless a byte order mark says otherwise (RFC 7303). Raises FeedError for one that is no text encoding (B13)."""
    _declared(body)
    if not content_type or body.startswith(BOMS):
        return None
    header = Message()
    header["content-type"] = content_type[:1000]
    charset = header.get_content_charset()
    return _text_encoding(charset, "is served with") if charset else None


def _declared(body: bytes) -> str | None:
    """What the XML declaration says. Raises FeedError for one that is no text encoding (B13)."""
    found = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{0,1000})", body[:1400])
    return _text_encoding(found[1].decode("ascii", "replace"), "declares") if found else None


def _recoded(body: bytes, charset: str | None) -> tuple[bytes, str | None]:
    """The document, and the encoding to read it in: in UTF-8 where expat does not know the one it is in, or cannot cut in it."""
    sign = next((SIGNS[sign] for sign in SIGNS if body.startswith(sign)), None)
    name = sign or charset or _declared(body)
    if sign is None and name and name.startswith(("utf-16", "utf-32")):
        # The bytes say otherwise.
        return body, "utf-8"
    if sign is None and (name is None or len(bytes(range(256)).decode(name, "replace")) == 256):
        return body, charset
    return body.decode(WIDER.get(name or "", name or "utf-8"), "replace").encode("utf-8", "replace"), "utf-8"


def _characters(body: bytes) -> tuple[bytes, int]:
    """The document with U+FFFD for each reference to what is no character (XML 1.0, 2.2), and how many there were: expat stops at one,
    and the loose parser breaks (B11).
    """
    count = 0

    def instead(found: re.Match[bytes]) -> bytes:
        nonlocal count
        digits = (found[1] or found[2]).lstrip(b"0") or b"0"
        code = int(digits, 16 if found[1] else 10) if len(digits) <= 7 else sys.maxunicode + 1
        if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xDFFF < code < 0xFFFE or 0xFFFF < code <= sys.maxunicode:
            return found[0]
        count += 1
        return INSTEAD

    return REFERENCE.sub(instead, body), count


def _text_encoding(name: str, how: str) -> str:
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise FeedError(f"the document {how} the encoding {name[:40]!r}, which there is not") from error
    # utf-7 and the escape codecs hide markup in letters; the others are no encodings of text at all.
    if (
        known.name.replace("_", "-") in ("utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined")
        or not known._is_text_encoding
    ):
        raise FeedError(f"the document {how} the encoding {name[:40]!r}, which no feed may have")
    return known.name


class _Walker:
    """One walk of expat, with namespaces, through bytes."""

    def __init__(self, body: bytes, charset: str | None) -> None:
        self._body = body
        self._seen = Walk(body, "", [], [], charset)
        self._path: list[str] = []
        self._elements = 0
        self._spaces = 0
        self._entry: Cut | None = None
        self._entry_depth = 0
        self._buried: Buried | None = None
        self._prefixed: set[str] = set()
        self._bound: list[tuple[str | None, str]] = []
        self._outside: dict[str, set[str]] = {}
        self._inside: dict[str, set[str]] = {}
        self._passing: tuple[int, int] | None = None
        self._typed = False
        self._home = ""
        self._base = ""
        self._media: list[Media] = []
        self._words: list[str] | None = None
        self._parser = expat.ParserCreate(charset, " ")
        self._parser.buffer_text = True
        self._parser.StartNamespaceDeclHandler = self._named
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._declared
        self._parser.ElementDeclHandler = self._declared
        self._parser.AttlistDeclHandler = self._declared

    def walk(self) -> Walk:
        """Walk to the end, or to the first fault."""
        try:
            self._parser.Parse(self._body, True)
        except expat.ExpatError as error:
            said = f"{expat.ErrorString(error.code)}, line {error.lineno}"
            if error.code in CUT_OFF and self._path:
                raise FeedError(f"the document breaks off ({said}): nothing of it was taken") from error
            self._seen.fault = said
        self._seen.doubt = self._seen.doubt or any(map(self._carried_over, self._inside))
        return self._seen

    def _carried_over(self, prefix: str) -> bool:
        """Whether the parser would take this prefix, that an entry declares, for something else in an entry that does not."""
        spaces, around = self._inside[prefix], self._outside.get(prefix, set())
        return len(spaces | around) > 1 or not (around or spaces == {USUAL.get(prefix)})

    def _declared(self, *_: object) -> None:
        raise FeedError("the document declares entities or elements of its own (DTD), which no feed may")

    def _named(self, prefix: str | None, space: str) -> None:
        """A namespace of the element that begins next; to the parser it is none of its attributes."""
        self._spaces += 1
        if self._spaces > MOST_ATTRIBUTES:
            raise FeedError(f"an element declares more than {MOST_ATTRIBUTES} namespaces")
        self._bound.append((prefix, space))
        if prefix:
            self._prefixed.add(space)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self._spaces = 0
        self._bounded(attributes)
        parent = self._path[-1] if self._path else ""
        self._path.append(local)
        if len(self._path) == 1:
            self._seen.root, self._home = local, space
        if self._entry is None and local in ENTRY and parent in HOMES and (space in SPACES or space not in self._prefixed):
            self._entry = Cut(self._parser.CurrentByteIndex, language=attributes.get(f"{XML} lang"))
            self._entry_depth = len(self._path)
            self._bind()
            if about := attributes.get(f"{RDF} about"):
                self._entry.marks["id"] = about
            return
        self._bind()
        if self._entry is None and self._passing is None and local in PASSING and parent in HOMES:
            self._passing = self._parser.CurrentByteIndex, len(self._path)
        if self._entry is None and self._buried is None:
            self._about(parent, space, local, attributes)
        if space == TOMBSTONES and local == "deleted-entry":
            self._buried = Buried(attributes.get("ref", ""), attributes.get("when", ""))
        elif self._buried is not None and local == "comment":
            self._words = []
        elif self._entry is not None:
            self._within(self._entry, space, local, attributes)

    def _about(self, parent: str, space: str, local: str, attributes: dict[str, str]) -> None:
        """What the document says of itself: where it and what belongs to it is, and when it has nothing new."""
        base = urljoined(self._base, attributes.get(f"{XML} base", ""))
        if local in HOMES:
            self._base = base
        elif parent not in HOMES:
            self._words = [] if (parent, local) in (("skipHours", "hour"), ("skipDays", "day")) else self._words
        elif space == HISTORY:
            self._seen.history.add(local)
        elif local == "link" and attributes.get("href") and len(self._seen.links) < MOST_LINKS:
            self._seen.links.append((attributes.get("rel", "alternate"), urljoined(base, attributes["href"])))

    def _bind(self) -> None:
        """The namespaces that the element declares, by where it stands."""
        bound, self._bound = self._bound, []
        for prefix, space in bound:
            if prefix is not None:
                (self._inside if self._entry else self._outside).setdefault(prefix, set()).add(space)
            elif self._entry is not None and space in SPACES and space != self._home:
                self._seen.doubt = True

    def _within(self, entry: Cut, space: str, local: str, attributes: dict[str, str]) -> None:
        here = len(self._path) - self._entry_depth
        self._doubted(here, local, attributes)
        if space == MEDIA and local == "content":
            self._media.append(Media(dict(attributes)))
        elif space == MEDIA and local in CREDITS:
            self._words = []
        elif here != 1:
            return
        elif local in MARKS:
            self._words = []
        elif local == "enclosure":
            entry.media.append(Media({"url": attributes.get("url", ""), **attributes}))
        elif space == ATOM and local == "link" and attributes.get("rel") == "enclosure":
            entry.media.append(Media({**attributes, "url": attributes.get("href", "")}))
        elif space == ATOM and local == "link" and attributes.get("rel") == "predecessor-version":
            entry.predecessor = attributes.get("href")

    def _doubted(self, here: int, local: str, attributes: dict[str, str]) -> None:
        """What the parser loses count at: an entry in an entry, a div that is said to be escaped and is not, a drawing."""
        if here == 1:
            self._typed = local == "body" or attributes.get("type", "").casefold() in TYPED
        name = local.casefold()
        if name in ENTRY or name == "svg" or (name == "div" and not self._typed):
            self._seen.doubt = True

    def _text(self, text: str) -> None:
        if self._words is not None and sum(map(len, self._words)) < LONGEST_MARK:
            self._words.append(text)

    def _end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        words = "".join(self._words).strip()[:LONGEST_MARK] if self._words is not None else None
        self._words = None
        if self._passing is not None and len(self._path) == self._passing[1]:
            self._seen.passing.append((self._passing[0], self._closed(self._passing[0])))
            self._passing = None
        if space == TOMBSTONES and local == "deleted-entry" and self._buried is not None:
            self._seen.buried.append(self._buried)
            self._buried = None
            if len(self._seen.buried) > MOST_ENTRIES:
                raise FeedError(f"the document has more than {MOST_ENTRIES} deleted entries")
        elif self._buried is None and self._entry is None and words is not None:
            self._seen.skipped.append((local, words))
        elif self._buried is not None and words is not None:
            self._buried.comment = words
        elif self._entry is not None:
            self._leave(self._entry, space, local, words)
        self._path.pop()

    def _leave(self, entry: Cut, space: str, local: str, words: str | None) -> None:
        if len(self._path) == self._entry_depth:
            entry.end = self._closed(entry.start)
            self._seen.entries.append(entry)
            self._entry = None
            if len(self._seen.entries) > MOST_ENTRIES:
                raise FeedError(f"the document has more than {MOST_ENTRIES} entries")
        elif space == MEDIA and local == "content" and self._media:
            entry.media.append(self._media.pop())
        elif words is not None and space == MEDIA:
            (self._media[-1].words if self._media else entry.words).setdefault(local, words)
        elif words is not None:
            entry.marks.setdefault(local, words)

    def _closed(self, start: int) -> int:
        """Where the element that began at `start` ends: the walk stands at its end tag, which belongs to it, or behind an empty one."""
        tag = OPENING.match(self._body, start)
        if tag and self._body.startswith(b"/>", tag.end()):
            return tag.end() + 2
        close = self._body.find(b">", self._parser.CurrentByteIndex)
        return close + 1 if close >= 0 else len(self._body)

    def _bounded(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise FeedError(f"the document has more than {MOST_ELEMENTS} elements")
        if len(self._path) >= DEEPEST:
            raise FeedError(f"the document is nested deeper than {DEEPEST} elements")
        if len(attributes) > MOST_ATTRIBUTES:
            raise FeedError(f"an element has more than {MOST_ATTRIBUTES} attributes")
        if any(len(value) > LONGEST_ATTRIBUTE for value in attributes.values()):
            raise FeedError(f"an attribute is longer than {LONGEST_ATTRIBUTE} characters")
