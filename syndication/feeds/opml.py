"""OPML 2.0: the feeds we poll, or those a partner may read, as a list that a feed reader takes in (http://opml.org/spec2.opml)."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from xml.etree import ElementTree as ET

from syndication.model.partner import Direction, Flow, Partner

SECRETS = ("token", "key", "secret", "pass", "pwd", "auth", "sig", "cred", "session")
"""What the name of a parameter has in it whose value lets somebody in."""


def of(flows: Iterable[Flow], partners: Mapping[str, Partner], title: str) -> str:
    """The inbound ones, grouped by partner. Of an address, what may be a secret is left out (no reader's list is kept as one)."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    groups: dict[str, ET.Element] = {}
    for flow in flows:
        if flow.direction is not Direction.INBOUND or flow.url is None:
            continue
        partner = partners[flow.partner]
        group = groups.get(flow.partner)
        if group is None:
            group = groups[flow.partner] = ET.SubElement(body, "outline", text=partner.name)
        told = {"type": "rss", "text": flow.title, "title": flow.title, "xmlUrl": public(flow.url), "language": flow.languages[0]}
        ET.SubElement(group, "outline", {**told, **({"htmlUrl": partner.homepage} if partner.homepage else {})})
    return _written(root)


def offered(flows: Iterable[Flow], base: str, title: str) -> str:
    """The outbound flows of one partner, as Atom. `base`: of their addresses; the token is not in them, a reader asks for it."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for flow in flows:
        address = f"{base}/feeds/{flow.id}"
        told = {"type": "rss", "text": flow.title, "title": flow.title, "xmlUrl": f"{address}.atom", "htmlUrl": address}
        ET.SubElement(body, "outline", {**told, "language": flow.languages[0]})
    return _written(root)


def _written(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def public(url: str) -> str:
    """The address without a user, a password, a fragment, or a parameter whose name tells of a secret."""
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if not any(word in name.casefold() for word in SECRETS)]
    query = parts.query if len(kept) == len(asked) else urlencode(kept)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))
