"""A FeedDocument as Atom (RFC 4287), with a tombstone (RFC 6721) for each story taken back."""

from collections.abc import Sequence
from typing import Any

from syndication.feeds.fragments import cut, joined, place
from syndication.feeds.generator import LANG, add_links, add_media, add_terms, add_withdrawn, categories, element, started, words_last
from syndication.feeds.outgoing import counted, followed, headline, instant, legal, named, origin, renditions
from syndication.model.publication import FeedDocument, FeedEntry


def entry(document: FeedDocument, entry: FeedEntry) -> bytes:
    """The `entry` element."""
    return cut(written(document, (entry,)), "entry")


def join(document: FeedDocument, fragments: Sequence[bytes]) -> bytes:
    """UTF-8 with an XML declaration; the same document, the same bytes."""
    return joined(written(document), fragments, indent=2)


def written(document: FeedDocument, entries: tuple[FeedEntry, ...] = ()) -> bytes:
    """The document with these entries, as feedgen makes it, and the place for more."""
    feed = started(document)
    feed.id(legal(document.id))
    feed.author({"name": named(document.agency, document.id)})
    feed.rights(legal(document.rights))
    feed.link(href=legal(document.url), rel="self", type="application/atom+xml")
    feed.link(href=legal(document.home), rel="alternate", type="text/html")
    feed.addition.add = lambda element: _complete_feed(element, document)
    for entry in entries:
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
    topics = categories(document, entry)
    if topics:
        item.category(topics)
    item.addition.add = lambda element: _complete_entry(element, document, entry)


def _complete_feed(feed: Any, document: FeedDocument) -> None:
    _typed(feed)
    feed.find("updated").text = instant(document.updated)
    add_links(feed, document, "link")
    add_withdrawn(feed, document)
    feed.append(place())


def _typed(parent: Any) -> None:
    """What feedgen gives no type, and is text (wire 19)."""
    for name in ("title", "rights"):
        for found in parent.findall(name):
            found.set("type", "text")


def _complete_entry(item: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """What feedgen's entry lacks, and its links, of which it would lose all but the address."""
    content = entry.version.content
    item.set(LANG, legal(content.language))
    _typed(item)
    item.find("updated").text = instant(entry.updated)
    item.find("published").text = instant(entry.published)
    link = followed(content.link)
    if link:
        element(item, "link", href=link, rel="alternate", type="text/html", hreflang=content.language)
    for media in renditions(entry):
        element(item, "link", href=media.url, rel="enclosure", type=media.media_type, length=counted(media.length), title=media.title)
    _add_source(item, document, entry)
    add_terms(item, document, entry)
    add_media(item, entry)
    words_last(item, "content", "summary")


def _add_source(item: Any, document: FeedDocument, entry: FeedEntry) -> None:
    """Whose story it is a copy of, by our name for that partner: its feed's id and address are between that partner and us (wire 21)."""
    copied = origin(document, entry)
    if copied is not None:
        source = element(item, "source")
        element(source, "id", copied.id)
        element(source, "title", copied.name, type="text")
        element(source, "updated", instant(copied.taken_at))
