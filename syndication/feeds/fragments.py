"""Documents joined from the bytes of their entries, so that each entry is made once for each change and not once for each request. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lxml import etree

from syndication.feeds.outgoing import legal

_PLACE: Final = re.compile(rb" *<\?entries \?>\n")


def child(parent: Any, tag: str, text: str | None, attributes: Mapping[str, str | None], nsmap: Mapping[str, str] | None = None) -> Any:
    """A new last child of an XML element, with what XML cannot say left out. Attributes that are None are left out."""
    made = etree.SubElement(parent, tag, nsmap=nsmap)
    if text is not None:
        made.text = legal(text)
    for key, value in attributes.items():
        if value is not None:
            made.set(key, legal(value))
    return made


def place() -> Any:
    """A mark for where the entries go in an XML document that was made without them; nothing else of ours is a processing instruction."""
    return etree.ProcessingInstruction("entries")


def cut(document: bytes, name: str) -> bytes:
    """The one element of this name, as it stands in the document: with the prefixes of its root. (Every < of a text is escaped.)"""
    begin = re.search(rf"<{name}[ >]".encode(), document)
    if begin is None:
        raise ValueError(f"no {name} in the document")
    end = f"</{name}>".encode()
    return document[begin.start() : document.index(end) + len(end)]


def joined(document: bytes, fragments: Sequence[bytes], indent: int) -> bytes:
    """The document, made without entries, with these in the place that it has for them."""
    head, tail = _PLACE.split(document)
    space = b" " * indent
    return head + b"".join([space + fragment + b"\n" for fragment in fragments]) + tail


def written(value: Any, depth: int = 0) -> bytes:
    """A value as JSON, as it stands at that depth of a document; without what is None, and without what would not come through."""
    space = " " * depth
    return (space + json.dumps(_said(value), ensure_ascii=False, indent=1).replace("\n", "\n" + space)).encode()


def listed(fragments: Sequence[bytes], depth: int = 0) -> bytes:
    """A JSON list of what was `written` one deeper than the list stands."""
    return b"[\n" + b",\n".join(fragments) + b"\n" + b" " * depth + b"]" if fragments else b"[]"


def _said(value: Any) -> Any:
    """Lone surrogates are no UTF-8, and control characters are in nobody's text."""
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    return legal(value) if isinstance(value, str) else value
