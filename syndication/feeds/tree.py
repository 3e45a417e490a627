"""An XML document of our newsroom as a tree: it reaches for nothing outside of itself, declares nothing, and is bounded. Pure.

Names are told without their namespaces, here and in every XPath that a fault is given: one document has one vocabulary, and its elements
are looked for in the namespace of the element around them.
"""

import difflib
import re
from collections.abc import Mapping, Set
from html import escape
from typing import Any, Final, TypeAlias
from xml.parsers import expat

from lxml import etree

from syndication.errors import Fault, StoryError
from syndication.feeds.draft import Draft
from syndication.feeds.parse import MOST
from syndication.feeds.sanitize import clean_text
from syndication.feeds.vocabulary import XML

DEEPEST: Final = 100
MOST_ELEMENTS: Final = 100_000
MOST_ATTRIBUTES: Final = 64
ENCODINGS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be"})
DOCTYPES: Final = {"nitf": re.compile(r"(?:[^\s<>\"']*/)?nitf-3-\d\.dtd")}
"""The only declarations that are let pass, by the name of the root: NITF 3.x with nothing of its own. The DTD is never fetched."""
LANG: Final = f"{{{XML}}}lang"
VOID: Final = frozenset({"br", "hr", "col", "img", "wbr"})
KEPT: Final = ("href", "colspan", "rowspan")

Element: TypeAlias = Any
"""An element of lxml, which has no types."""


def parsed(text: str) -> Element:
    """The root of the document. Raises StoryError where it is ill-formed, has a DOCTYPE, or passes a limit, and says which (B02 to B08)."""
    declared = re.match(r"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{0,100})", text)
    if declared and declared[1].casefold() not in ENCODINGS:
        # What is read in one encoding here and in another elsewhere is another document there (B13).
        raise _refused(f"it says that it is in the encoding '{clean_text(declared[1], 40)}': save it as UTF-8")
    body = text.lstrip().encode()
    _Walk().over(body)
    parser = etree.XMLParser(
        encoding="utf-8",
        load_dtd=False,
        dtd_validation=False,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _refused(f"it is ill-formed ({clean_text(str(error.msg), 200)})") from error


def _refused(why: str) -> StoryError:
    return StoryError(f"this XML cannot be read: {why}", (Fault("", "/", why),))


class _Walk:
    """One walk of expat over the bytes, before a tree is made of them: it refuses, and builds nothing."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._doctype: str | None = None
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartDoctypeDeclHandler = self._declares
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.SkippedEntityHandler = self._skipped

    def over(self, body: bytes) -> None:
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError as error:
            raise _refused(f"it is ill-formed ({expat.ErrorString(error.code)}, {self._where()})") from error

    def _where(self) -> str:
        return f"line {self._parser.CurrentLineNumber}, column {self._parser.CurrentColumnNumber + 1}"

    def _declares(self, name: str, system: str | None, _public: str | None, internal: int) -> None:
        known = DOCTYPES.get(name)
        if internal or known is None or not known.fullmatch(system or ""):
            raise _refused(
                "it has a DOCTYPE, and nothing that a document declares is taken: leave it out. "
                'Only <!DOCTYPE nitf SYSTEM "nitf-3-x.dtd"> may stand there, with nothing in it'
            )
        self._doctype = name

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and self._doctype not in (None, name):
            raise _refused(f"its DOCTYPE says {self._doctype}, but it is another document")
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise _refused(f"it is nested deeper than {DEEPEST} elements ({self._where()})")
        if self._elements > MOST_ELEMENTS:
            raise _refused(f"it has more than {MOST_ELEMENTS} elements")
        if len(attributes) > MOST_ATTRIBUTES:
            raise _refused(f"an element has more than {MOST_ATTRIBUTES} attributes ({self._where()})")

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _skipped(self, name: str, _parameter: bool) -> None:
        raise _refused(
            f"it names the entity &{clean_text(name, 40)};, which only a DTD knows ({self._where()}): write the character itself"
        )


def name(element: Element) -> str:
    """Its name, without the namespace."""
    return str(etree.QName(element).localname)


def space(element: Element) -> str:
    """Its namespace, or nothing."""
    return str(etree.QName(element).namespace or "")


def written(element: Element) -> bytes:
    """An element as a document by itself, in UTF-8."""
    return bytes(etree.tostring(element, encoding="utf-8", with_tail=False))


def every(element: Element, path: str) -> list[Element]:
    """The elements under a path of names (`head/docdata/doc-id`)."""
    around = space(element)
    return list(element.findall("/".join(f"{{{around}}}{step}" if around else step for step in path.split("/"))))


def first(element: Element, path: str) -> Element | None:
    """The first element under a path of names."""
    return next(iter(every(element, path)), None)


def single(draft: Draft, element: Element, path: str) -> Element | None:
    """The one element under a path of names; a second one is a fault, for which of the two holds nobody can tell."""
    found = every(element, path)
    if len(found) > 1:
        draft.fault(place(found[1]), "is there more than once")
    return found[0] if found else None


def few(draft: Draft, element: Element, path: str) -> list[Element]:
    """The elements under a path of names, of which there may be MOST; more are a fault, and not left out without a word."""
    found = every(element, path)
    if len(found) > MOST:
        draft.fault(place(element, f"/{path}"), f"is there more than {MOST} times")
    return found[:MOST]


def words(element: Element | None) -> str:
    """All text within an element; nothing for none."""
    return "" if element is None else "".join(element.itertext())


def place(element: Element, more: str = "") -> str:
    """The XPath of an element, and of what is below it: an attribute, or an element that is missing."""
    steps: list[str] = []
    for one in (element, *element.iterancestors()):
        before = sum(1 for _ in one.itersiblings(one.tag, preceding=True))
        twins = before or next(one.itersiblings(one.tag), None) is not None
        steps.append(f"{name(one)}[{before + 1}]" if twins else name(one))
    return "/" + "/".join(reversed(steps)) + more


def known(draft: Draft, element: Element, names: Set[str]) -> None:
    """A child of the document's own vocabulary that is none of these: what is mistyped must not be left out without a word."""
    for child in element:
        if draft.full:
            return
        if space(child) == space(element) and name(child) not in names:
            near = next(iter(difflib.get_close_matches(name(child)[:40], sorted(names), n=1)), None)
            draft.unknown(place(child), f"is no element of {name(element)}", near)


def astray(draft: Draft, root: Element, names: Set[str], home: str) -> None:
    """An element of these names that stands elsewhere than in its home, where nobody would look for it: an embargo, or a status."""
    for one in root.iter(*(f"{{{space(root)}}}{each}" if space(root) else each for each in names)):
        if draft.full:
            return
        around = one.getparent()
        if around is None or name(around) != home:
            draft.fault(place(one), f"stands in the wrong place: it belongs in {home}")


def markup(element: Element, renamed: Mapping[str, str], without: Set[str] = frozenset()) -> str:
    """What is in an element as HTML, for `sanitize` to judge: by the names without namespaces, some renamed, some left out."""
    parts = [escape(element.text or "")]
    for child in element:
        tag = renamed.get(name(child), name(child))
        if name(child) not in without:
            given = "".join(f' {key}="{escape(str(child.get(key)))}"' for key in KEPT if child.get(key) is not None)
            parts.append(f"<{tag}{given}>" + ("" if tag in VOID else f"{markup(child, renamed, without)}</{tag}>"))
        parts.append(escape(child.tail or ""))
    return "".join(parts)
