"""A FeedDocument as RSS 2.0. It has no word for a story taken back: the tombstone of Atom stands in the channel, and the item is gone."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from lxml import etree

from syndication.feeds.fragments import cut, joined, place
from syndication.feeds.generator import LANG, add_links, add_media, add_terms, add_withdrawn, categories, element, started, words_last
from syndication.feeds.outgoing import followed, headline, instant, legal, named, origin, renditions
from syndication.feeds.vocabulary import CONTENT
from syndication.model.publication import FeedDocument, FeedEntry

MINUTES: Final = 5
"""How long a copy may be kept (`ttl`); nobody is turned away who asks more often."""
_one_at_a_time: Final = threading.Lock()
"""feedgen sets the locale of the whole process, and back, to write a date."""


def entry(document: FeedDocument, entry: FeedEntry) -> bytes:
    """The `item` element."""
    return cut(written(document, (entry,)), "item")


def join(document: FeedDocument, fragments: Sequence[bytes]) -> bytes:
    """UTF-8 with an XML declaration; the same document, the same bytes."""
    return joined(written(document), fragments, indent=4)


def written(document: FeedDocument, entries: tuple[FeedEntry, ...] = ()) -> bytes:
    """The document with these entries, as feedgen makes it, and the place for more."""
    feed = started(document)
    feed.docs("")
    feed.description(named(document.rights, document.id))
    feed.copyright(legal(document.rights))
    feed.ttl(MINUTES)
    feed.link(href=legal(document.url), rel="self", type="application/rss+xml")
    # The channel's link is the last one given, even the self link.
    feed.link(href=legal(document.home), rel="alternate")
    feed.addition.add = lambda element: _complete_channel(element.find("channel"), document)
    for entry in entries:
        _add(feed, document, entry)
    with _one_at_a_time:
        return bytes(feed.rss_str(pretty=True))


def _complete_channel(channel: Any, document: FeedDocument) -> None:
    add_links(channel, document, "atom:link")
    add_withdrawn(channel, document)
    channel.append(place())


def _add(feed: Any, document: FeedDocument, entry: FeedEntry) -> None:
    content = entry.version.content
    item = feed.add_entry(order="append")
    item.guid(legal(entry.entry_id), permalink=False)
    item.title(headline(entry))
    if content.summary.strip():
        item.description(legal(content.summary))
    link = followed(content.link)
    if link:
        item.link(href=link, rel="alternate")
    topics = categories(document, entry)
    if topics:
        item.category(topics)
    media = renditions(entry)
    if media:
        length = media[0].length
        item.enclosure(media[0].url, str(length) if length is not None and length > 0 else "0", legal(media[0].media_type))
    item.addition.add = lambda element: _complete(element, document, entry)


def _complete(item: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """What feedgen's item lacks."""
    content = entry.version.content
    item.set(LANG, legal(content.language))
    element(item, "pubDate", _date(entry.published))
    element(item, "dcterms:modified", instant(entry.updated))
    for name in content.byline:
        element(item, "dc:creator", name)
    element(item, "dc:rights", entry.terms)
    copied = origin(document, entry)
    if copied is not None:
        # RSS's own `source` must give the address of the origin's feed, which is between that partner and us (wire 21).
        element(item, "dc:source", copied.id)
        element(item, "dc:publisher", copied.name)
    add_terms(item, document, entry)
    add_media(item, entry)
    if content.body:
        etree.SubElement(item, f"{{{CONTENT}}}encoded", nsmap={"content": CONTENT}).text = legal(content.body)
    words_last(item, "description")


def _date(moment: datetime) -> str:
    """RFC 822, in UTC, in English whatever the locale."""
    return format_datetime(moment.astimezone(UTC))
