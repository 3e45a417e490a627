"""A FeedDocument as Atom (RFC 4287), with a tombstone (RFC 6721) for each story taken back."""

from typing import Any

from syndication.feeds.generator import LANG, add_media, add_terms, categories, element, started, words_last
from syndication.feeds.outgoing import followed, headline, instant, legal, named, renditions
from syndication.model.publication import FeedDocument, FeedEntry


def render(document: FeedDocument) -> bytes:
    """UTF-8 with an XML declaration; the same document, the same bytes."""
    feed = started(document)
    feed.id(legal(document.id))
    feed.author({"name": named(document.agency, document.id)})
    feed.rights(legal(document.rights))
    feed.link(href=legal(document.url), rel="self", type="application/atom+xml")
    feed.link(href=legal(document.home), rel="alternate", type="text/html")
    feed.addition.add = lambda element: _complete_feed(element, document)
    for entry in document.entries:
        _add(feed, document, entry)
    return bytes(feed.atom_str(pretty=True))


def _add(feed: Any, document: FeedDocument, entry: FeedEntry) -> None:
    content = entry.version.content
    item = feed.add_entry(order="append")
    item.id(legal(entry.entry_id))
    item.title(headline(entry))
    item.updated(entry.updated)
    item.published(entry.published)
    item.content(legal(content.body), type="html")
    item.rights(legal(entry.terms))
    if content.summary.strip():
        item.summary(legal(content.summary), type="text")
    names = [{"name": legal(name)} for name in content.byline if legal(name).strip()]
    if names:
        item.author(names)
    topics = categories(entry)
    if topics:
        item.category(topics)
    item.addition.add = lambda element: _complete_entry(element, document, entry)


def _complete_feed(feed: Any, document: FeedDocument) -> None:
    feed.find("title").set("type", "text")
    feed.find("updated").text = instant(document.updated)
    # The same entry withdrawn twice at one moment is one tombstone (RFC 6721, 3).
    for gone in {(legal(gone.entry_id), instant(gone.when)): gone for gone in document.withdrawn}.values():
        tombstone = element(feed, "at:deleted-entry", ref=gone.entry_id, when=instant(gone.when))
        if gone.note:
            element(tombstone, "at:comment", gone.note)


def _complete_entry(item: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """What feedgen's entry lacks, and its links, of which it would lose all but the address."""
    content = entry.version.content
    item.set(LANG, legal(content.language))
    item.find("title").set("type", "text")
    item.find("updated").text = instant(entry.updated)
    item.find("published").text = instant(entry.published)
    link = followed(content.link)
    if link:
        element(item, "link", href=link, rel="alternate", type="text/html", hreflang=content.language)
    for media in renditions(entry):
        length = str(media.length) if media.length is not None and media.length >= 0 else None
        element(item, "link", href=media.url, rel="enclosure", type=media.media_type, length=length, title=media.title)
    add_terms(item, document, entry)
    add_media(item, entry)
    words_last(item, "content", "summary")
