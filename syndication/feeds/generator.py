"""What the RSS and the Atom we publish share: feedgen, and its own way in for what it lacks or gets wrong. Nothing comes from the clock."""

from collections.abc import Callable
from typing import Any, Final

from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator

from syndication import __version__
from syndication.feeds import odrl, vocabulary
from syndication.feeds.fragments import child
from syndication.feeds.outgoing import counted, instant, legal, named, own_categories, renditions, topics
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument, FeedEntry

NAMESPACES: Final = {
    "at": vocabulary.TOMBSTONES,
    "dc": vocabulary.DC,
    "dcterms": vocabulary.DCTERMS,
    "fh": vocabulary.HISTORY,
    "media": vocabulary.MEDIA,
    "plus": vocabulary.PLUS,
    "syn": vocabulary.RIGHTS,
}
PREFIXES: Final = {**NAMESPACES, "atom": vocabulary.ATOM}
"""And those that feedgen declares itself."""
LANG: Final = f"{{{vocabulary.XML}}}lang"
MEDIUM: Final = {
    ContentType.PICTURE: "image",
    ContentType.GRAPHIC: "image",
    ContentType.VIDEO: "video",
    ContentType.AUDIO: "audio",
}


class Addition(BaseEntryExtension):  # type: ignore[misc] # the library has no types
    """feedgen hands its extensions the lxml element when all else is written; `add` may then add to it and mend it."""

    def __init__(self) -> None:
        self.add: Callable[[Any], None] | None = None

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the document declares at its root."""
        return dict(NAMESPACES)

    def extend_rss(self, element: Any) -> Any:
        """`element`: the rss, or an item."""
        if self.add is not None:
            self.add(element)
        return element

    def extend_atom(self, element: Any) -> Any:
        """`element`: the feed, or an entry."""
        if self.add is not None:
            self.add(element)
        return element


def started(document: FeedDocument) -> Any:
    """A FeedGenerator with what both formats say of the whole feed; `addition` of it, and of each of its entries, is an Addition."""
    feed = FeedGenerator()
    feed.register_extension("addition", Addition, Addition)
    feed.title(named(document.title, document.id))
    feed.language(legal(document.language))
    feed.generator("syndication", version=__version__)
    feed.updated(document.updated)
    return feed


def add_links(parent: Any, document: FeedDocument, name: str) -> None:
    """Where else to look (RFC 5005, 4; WebSub, 4), as links of this name; an archive says that it is one (wire 27, 30)."""
    links = document.links
    found = (
        ("current", links.current),
        ("prev-archive", links.prev_archive),
        ("next-archive", links.next_archive),
        ("next", links.next_page),
        ("hub", links.hub),
    )
    for rel, url in found:
        if url is not None:
            element(parent, name, href=url, rel=rel)
    if links.current is not None:
        element(parent, "fh:archive")


def add_withdrawn(parent: Any, document: FeedDocument) -> None:
    """A tombstone (RFC 6721) for each story taken back; the same one twice at one moment is one (wire 28)."""
    for gone in {(legal(gone.entry_id), instant(gone.when)): gone for gone in document.withdrawn}.values():
        tombstone = element(parent, "at:deleted-entry", ref=gone.entry_id, when=instant(gone.when))
        if gone.note:
            element(tombstone, "at:comment", gone.note)


def categories(document: FeedDocument, entry: FeedEntry) -> list[dict[str, str]]:
    """The topics, and the receiver's own names for them, as feedgen takes them."""
    found = [(topic, vocabulary.TOPIC_SCHEME) for topic in topics(entry)] + [*own_categories(document, entry)]
    return [{"term": term, "scheme": scheme} for term, scheme in found]


def element(parent: Any, name: str, text: str | None = None, **attributes: str | None) -> Any:
    """A new last child: `media:credit`, or a bare name in the document's own format. Attributes that are None are left out."""
    prefix, _, local = name.rpartition(":")
    return child(parent, f"{{{PREFIXES[prefix]}}}{local}" if prefix else local, text, attributes, NAMESPACES)


def add_terms(parent: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """What travels with the content: the credit lines, from when and until when it may be used, and every other term.

    In words that other software knows where there are such (Media RSS, DCMI Terms, DCMI Period, PLUS), else in our own.
    """
    for credit in entry.credits:
        element(parent, "media:credit", credit.line, **{f"{{{vocabulary.RIGHTS}}}place": credit.place})
    embargo, ends = entry.version.content.embargo_until, entry.rights.use_until
    element(parent, "dcterms:rights", entry.terms)
    if embargo is not None:
        element(parent, "dcterms:available", instant(embargo))
    if ends is not None:
        starts = max(entry.published, embargo or entry.published)
        element(parent, "dcterms:valid", f"start={instant(starts)}; end={instant(ends)}; scheme=W3C-DTF")
    element(parent, "plus:DataMining", vocabulary.DATA_MINING[entry.rights.model_training])
    element(parent, "syn:terms", **_terms(entry))
    element(parent, "syn:policy", odrl.written(odrl.of_entry(document, entry)))


def _terms(entry: FeedEntry) -> dict[str, str | None]:
    """Every term by itself, for software that knows no ODRL. Lists are codes with a space between them."""
    stamp, rights = entry.stamp, entry.rights
    return {
        "agreement": stamp.agreement,
        "version": str(stamp.version),
        "clause": stamp.clause,
        "onward": rights.onward,
        "onward-partners": " ".join(rights.onward_partners) or None,
        "alteration": rights.alteration,
        "territory": None if rights.territory is None else " ".join(rights.territory),
        "not-territory": " ".join(rights.not_territory) or None,
        "archive": _said(rights.archive),
        "delete-at-end": _said(rights.delete_at_end),
        "machine-translation": _said(rights.machine_translation),
        "model-training": _said(rights.model_training),
    }


def _said(value: bool) -> str:
    """As XML Schema writes it."""
    return "true" if value else "false"


def add_media(parent: Any, entry: FeedEntry) -> None:
    """Every rendition, with what belongs to it inside it (wire 25): an enclosure can carry no credit."""
    for rendition in renditions(entry):
        media = element(
            parent,
            "media:content",
            url=rendition.url,
            type=rendition.media_type,
            medium=MEDIUM.get(rendition.type, "document"),
            fileSize=counted(rendition.length),
            width=counted(rendition.width),
            height=counted(rendition.height),
        )
        for name, text in (("title", rendition.title), ("description", rendition.description), ("credit", rendition.credit)):
            if text:
                element(media, f"media:{name}", text)
        element(media, "dcterms:rights", entry.terms)


def words_last(parent: Any, *names: str) -> None:
    """Move these to the end: feedparser, which many read with, takes a media:description that comes after them for the summary."""
    for name in names:
        for found in parent.findall(name):
            parent.append(found)
