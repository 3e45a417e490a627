"""What a demo agency's feed says at a moment: a script of stories, each out at its time, some corrected, one killed. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NAMESPACES = {"content": CONTENT, "dc": DC, "dcterms": DCTERMS, "media": MEDIA, "at": TOMBSTONES}

AT_START = 5
"""So many stories are out when the agency opens."""
PACE = timedelta(seconds=30)
"""Then one more every so often, in each feed."""
CORRECTED_AFTER = timedelta(seconds=60)
KILLED_AFTER = timedelta(seconds=120)
WINDOW = 30
"""Stories in a document, newest first."""


@dataclass(frozen=True, slots=True)
class Script:
    """One story of the script. `correction`: its body as it reads a minute later; `embargo`: minutes; `picture`: a file name."""

    slug: str
    headline: str
    summary: str
    body: str
    byline: str
    category: str
    language: str
    picture: str | None = None
    caption: str = ""
    correction: str | None = None
    killed: bool = False
    embargo: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """A feed's script: told over and over, each time as a new edition."""

    agency: str
    domain: str
    title: str
    language: str
    form: str
    stories: tuple[Script, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A story that is out. `gone`: when it was killed."""

    guid: str
    script: Script
    published: datetime
    updated: datetime
    gone: datetime | None


def told(programme: Programme, start: datetime, at: datetime) -> tuple[Told, ...]:
    """What is out at `at`, newest first, for an agency that opened at `start`. A story keeps its guid for ever."""
    count = AT_START + max(0, (at - start) // PACE)
    return tuple(_one(programme, number, start, at) for number in range(count - 1, max(-1, count - 1 - WINDOW), -1))


def _one(programme: Programme, number: int, start: datetime, at: datetime) -> Told:
    edition, place = divmod(number, len(programme.stories))
    script = programme.stories[place]
    out = start + max(0, number - AT_START + 1) * PACE
    # What was there when the agency opened was written over the hours before.
    published = out - timedelta(minutes=20) * max(0, AT_START - number - 1)
    if edition:
        script = replace(script, headline=f"{script.headline} ({edition + 1})")
    gone = out + KILLED_AFTER if script.killed and at >= out + KILLED_AFTER else None
    updated = published
    if script.correction and at >= out + CORRECTED_AFTER:
        script, updated = replace(script, body=script.correction), out + CORRECTED_AFTER
    return Told(f"tag:{programme.domain},2026:{programme.language}:{script.slug}:{edition + 1}", script, published, updated, gone)


def document(programme: Programme, start: datetime, at: datetime, origin: str) -> bytes:
    """The feed at `at`, as RSS 2.0 or Atom. `origin`: where the agency is served, for the addresses in it."""
    out = told(programme, start, at)
    root = _rss(programme, out, origin) if programme.form == "rss" else _atom(programme, out, origin)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def changed_at(programme: Programme, start: datetime, at: datetime) -> datetime:
    """When the feed last changed."""
    return max(max(one.updated, one.gone or one.updated) for one in told(programme, start, at))


def _rss(programme: Programme, out: tuple[Told, ...], origin: str) -> etree._Element:
    root = etree.Element("rss", version="2.0", nsmap=NAMESPACES)
    channel = etree.SubElement(root, "channel")
    _say(channel, "title", programme.title)
    _say(channel, "link", f"{origin}/")
    _say(channel, "description", f"{programme.title}: news")
    _say(channel, "language", programme.language)
    for one in out:
        if one.gone is None:
            _rss_item(etree.SubElement(channel, "item"), one, origin)
    _tombstones(channel, out)
    return root


def _rss_item(item: etree._Element, one: Told, origin: str) -> None:
    script = one.script
    _say(item, "title", script.headline)
    _say(item, "link", f"{origin}/story/{script.slug}")
    _say(item, "description", script.summary)
    _say(item, f"{{{CONTENT}}}encoded", script.body)
    _say(item, "guid", one.guid, isPermaLink="false")
    _say(item, "pubDate", format_datetime(one.published))
    _say(item, f"{{{DC}}}creator", script.byline)
    _say(item, "category", script.category)
    _say(item, f"{{{DCTERMS}}}modified", _instant(one.updated))
    if script.language != "":
        _say(item, f"{{{DC}}}language", script.language)
    _embargo(item, one)
    _picture(item, one, origin)


def _atom(programme: Programme, out: tuple[Told, ...], origin: str) -> etree._Element:
    # One namespace is Atom's own: its elements stand without a prefix.
    names: dict[str | None, str] = dict(((None, ATOM), *NAMESPACES.items()))
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=names)
    root.set(XML_LANG, programme.language)
    _say(root, f"{{{ATOM}}}id", f"tag:{programme.domain},2026:{programme.language}")
    _say(root, f"{{{ATOM}}}title", programme.title)
    _say(root, f"{{{ATOM}}}updated", _instant(max(one.updated for one in out)))
    _say(etree.SubElement(root, f"{{{ATOM}}}author"), f"{{{ATOM}}}name", programme.agency)
    for one in out:
        if one.gone is None:
            _atom_entry(etree.SubElement(root, f"{{{ATOM}}}entry"), one, origin)
    _tombstones(root, out)
    return root


def _atom_entry(entry: etree._Element, one: Told, origin: str) -> None:
    script = one.script
    entry.set(XML_LANG, script.language)
    _say(entry, f"{{{ATOM}}}id", one.guid)
    _say(entry, f"{{{ATOM}}}title", script.headline)
    _say(entry, f"{{{ATOM}}}updated", _instant(one.updated))
    _say(entry, f"{{{ATOM}}}published", _instant(one.published))
    _say(etree.SubElement(entry, f"{{{ATOM}}}author"), f"{{{ATOM}}}name", script.byline)
    etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=f"{origin}/story/{script.slug}")
    etree.SubElement(entry, f"{{{ATOM}}}category", term=script.category)
    _say(entry, f"{{{ATOM}}}summary", script.summary)
    _say(entry, f"{{{ATOM}}}content", script.body, type="html")
    _embargo(entry, one)
    _picture(entry, one, origin)


def _embargo(parent: etree._Element, one: Told) -> None:
    if one.script.embargo:
        _say(parent, f"{{{DCTERMS}}}available", _instant(one.published + timedelta(minutes=one.script.embargo)))


def _picture(parent: etree._Element, one: Told, origin: str) -> None:
    if one.script.picture is None:
        return
    url = f"{origin}/pictures/{one.script.picture}"
    media = etree.SubElement(parent, f"{{{MEDIA}}}content", url=url, type="image/png", medium="image", width="640", height="360")
    _say(media, f"{{{MEDIA}}}credit", one.script.byline)
    _say(media, f"{{{MEDIA}}}description", one.script.caption)


def _tombstones(parent: etree._Element, out: tuple[Told, ...]) -> None:
    for one in out:
        if one.gone is not None:
            grave = etree.SubElement(parent, f"{{{TOMBSTONES}}}deleted-entry", ref=one.guid, when=_instant(one.gone))
            _say(grave, f"{{{TOMBSTONES}}}comment", "Kill: the figures were not confirmed. Do not use.")


def _say(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, name, **attributes).text = text


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
