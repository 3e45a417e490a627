"""NewsML-G2, written: a FeedDocument as a newsMessage of newsItems (IPTC NewsML-G2 2.35, conformance power).

Elements stand in the order of the standard's schema. What belongs to one picture is in a `partMeta` that refers to it; `rightsInfo` speaks
of the whole item, its pictures too.
"""

from collections.abc import Sequence
from typing import Any, Final

from lxml import etree, html

from syndication.feeds import odrl
from syndication.feeds.fragments import child, cut, joined, place
from syndication.feeds.outgoing import (
    counted,
    followed,
    headline,
    instant,
    legal,
    named,
    origin,
    own_categories,
    party,
    renditions,
    topics,
    within,
)
from syndication.feeds.sanitize import clean_html
from syndication.feeds.vocabulary import DATA_MINING, NAR, ODRL, TOPICS, XHTML, XML
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument, FeedEntry, Withdrawn
from syndication.model.story import Pubstatus, Rendition

CATALOG: Final = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_41.xml"
"""What our QCodes stand for: `ninat`, `stat`, `drol`, `cpnat`, `medtop`."""
LANG: Final = f"{{{XML}}}lang"


def entry(document: FeedDocument, entry: FeedEntry) -> bytes:
    """The `newsItem` element."""
    message, items = _message(document)
    item = _item(items, document, entry)
    etree.indent(message)
    # After the indenting: a space between two words of a story is a space.
    body = _xhtml(entry)
    if body is not None:
        item.find(f"{{{NAR}}}contentSet/{{{NAR}}}inlineXML").append(body)
    return cut(_bytes(message), "newsItem")


def join(document: FeedDocument, fragments: Sequence[bytes]) -> bytes:
    """Each story, newest first, then each one taken back, without content.

    UTF-8 with an XML declaration; the same document, the same bytes.
    """
    message, items = _message(document)
    items.append(place())
    for gone in document.withdrawn:
        _gone(items, document, gone)
    etree.indent(message)
    return joined(_bytes(message), fragments, indent=4)


def _message(document: FeedDocument) -> tuple[Any, Any]:
    """A newsMessage, and its empty set of items."""
    message = etree.Element(f"{{{NAR}}}newsMessage", nsmap={None: NAR})
    header = _add(message, "header")
    _add(header, "sent", instant(document.updated))
    _add(header, "sender", named(document.agency, document.giver))
    _add(header, "transmitId", document.id)
    _add(header, "origin", document.url)
    _add(header, "channel", named(document.title, document.id))
    return message, _add(message, "itemSet")


def _item(items: Any, document: FeedDocument, entry: FeedEntry) -> Any:
    version, content = entry.version, entry.version.content
    item = _started(items, entry.entry_id, version.number)
    item.set(LANG, legal(content.language))
    _rights(item, document, entry)
    meta = _add(item, "itemMeta")
    _class(meta, document, content.type)
    _add(meta, "versionCreated", instant(entry.updated))
    _add(meta, "firstCreated", instant(entry.published))
    if content.embargo_until is not None:
        _add(meta, "embargoed", instant(content.embargo_until))
    _add(meta, "pubStatus", qcode=f"stat:{version.pubstatus}")
    if version.note:
        _add(meta, "edNote", version.note)
    link = followed(content.link)
    if link:
        _add(meta, "altRep", link, contenttype="text/html")
    if entry.rights.use_until is not None:
        _add(meta, "expires", instant(entry.rights.use_until))
    _described(_add(item, "contentMeta"), document, entry)
    media = tuple((f"{version.story}.{number}", one) for number, one in enumerate(renditions(entry), start=1))
    for identity, one in media:
        _part(item, identity, one)
    if content.body.strip() or media:
        held = _add(item, "contentSet")
        if content.body.strip():
            _add(held, "inlineXML", contenttype="application/xhtml+xml")
        for identity, one in media:
            _remote(held, identity, one)
    return item


def _started(items: Any, guid: str, version: int) -> Any:
    item = _add(items, "newsItem", guid=guid, version=str(version), standard="NewsML-G2", standardversion="2.35", conformance="power")
    _add(item, "catalogRef", href=CATALOG)
    return item


def _class(meta: Any, document: FeedDocument, kind: ContentType) -> None:
    _add(meta, "itemClass", qcode=f"ninat:{kind}")
    provider = _add(meta, "provider", uri=party(document.authority, document.giver))
    _add(provider, "name", named(document.agency, document.giver))


def _rights(item: Any, document: FeedDocument, entry: FeedEntry) -> None:
    rights = _add(item, "rightsInfo")
    # A partner's copyright is not ours to state: its credit line names it.
    if not entry.version.sources:
        holder = _add(rights, "copyrightHolder", uri=party(document.authority, document.giver))
        _add(holder, "name", named(document.agency, document.giver))
        _add(rights, "copyrightNotice", f"© {document.agency}")
    _add(rights, "usageTerms", entry.terms)
    _add(rights, "rightsExpressionData", odrl.written(odrl.of_entry(document, entry)), langid=ODRL, enctype="application/ld+json")
    _add(rights, "dataMining", uri=DATA_MINING[entry.rights.model_training])


def _described(meta: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """What the story is about and who made it."""
    content = entry.version.content
    if content.urgency is not None:
        _add(meta, "urgency", str(content.urgency))
    copied = origin(document, entry)
    if copied is not None:
        _add(_add(meta, "infoSource", uri=copied.id), "name", copied.name)
    names = [name for name in content.byline if legal(name).strip()]
    for name in names:
        _add(_add(meta, "creator"), "name", name)
    _add(meta, "language", tag=content.language)
    for topic in topics(entry):
        subject = _add(meta, "subject", type="cpnat:abstract", qcode=topic)
        if topic in TOPICS:
            _add(subject, "name", TOPICS[topic]).set(LANG, "en-GB")
    for name, scheme in own_categories(document, entry):
        subject = _add(meta, "subject", type="cpnat:abstract", uri=f"{scheme}:{within(name)}")
        _add(subject, "name", name)
    _add(meta, "headline", headline(entry))
    if names:
        _add(meta, "by", ", ".join(names))
    for credit in entry.credits:
        _add(meta, "creditline", credit.line)
    if content.summary.strip():
        _add(meta, "description", content.summary, role="drol:summary")


def _part(item: Any, identity: str, rendition: Rendition) -> None:
    """The title, the credit and the caption of one picture, sound or film, where it has any."""
    if not (rendition.title or rendition.credit or rendition.description):
        return
    part = _add(item, "partMeta", partid=f"{identity}.about", contentrefs=identity)
    if rendition.title:
        _add(part, "headline", rendition.title)
    if rendition.credit:
        _add(part, "creditline", rendition.credit)
    if rendition.description:
        _add(part, "description", rendition.description, role="drol:caption")


def _remote(held: Any, identity: str, rendition: Rendition) -> None:
    _add(
        held,
        "remoteContent",
        id=identity,
        href=rendition.url,
        contenttype=rendition.media_type or None,
        size=counted(rendition.length),
        width=counted(rendition.width),
        height=counted(rendition.height),
    )


def _gone(items: Any, document: FeedDocument, gone: Withdrawn) -> None:
    """A kill (`canceled`) is for good; what is `withheld` may come again."""
    item = _started(items, gone.entry_id, gone.version)
    meta = _add(item, "itemMeta")
    _class(meta, document, gone.type)
    _add(meta, "versionCreated", instant(gone.when))
    _add(meta, "pubStatus", qcode=f"stat:{Pubstatus(gone.pubstatus)}")
    if gone.note:
        _add(meta, "edNote", gone.note)


def _xhtml(entry: FeedEntry) -> Any:
    """The body as an XHTML document: well-formed, whatever it is; None if there is nothing to read."""
    content = entry.version.content
    if not content.body.strip():
        return None
    body = html.fragment_fromstring(clean_html(legal(content.body), ""), create_parent="body")
    for part in list(body.iter("*")):
        part.tag = f"{{{XHTML}}}{part.tag}"
    document = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML})
    document.set(LANG, legal(content.language))
    etree.SubElement(etree.SubElement(document, f"{{{XHTML}}}head"), f"{{{XHTML}}}title").text = headline(entry)
    document.append(body)
    return document


def _add(parent: Any, name: str, text: str | None = None, **attributes: str | None) -> Any:
    """A new last child, in the standard's namespace."""
    return child(parent, f"{{{NAR}}}{name}", text, attributes)


def _bytes(message: Any) -> bytes:
    return bytes(etree.tostring(message, encoding="UTF-8", xml_declaration=True)) + b"\n"
