"""A FeedDocument as JSON Feed 1.1; what the format has no word for stands in its `_syndication` objects."""

from collections.abc import Sequence
from typing import Any, Final

from syndication.feeds import odrl
from syndication.feeds.fragments import listed, written
from syndication.feeds.outgoing import followed, headline, instant, legal, named, origin, own_categories, renditions, topics
from syndication.feeds.vocabulary import DATA_MINING
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument, FeedEntry, Withdrawn
from syndication.model.story import Rendition

VERSION: Final = "https://jsonfeed.org/version/1.1"


def entry(document: FeedDocument, entry: FeedEntry) -> bytes:
    """One item, as it stands in the list."""
    return written(_item(document, entry), depth=2)


def join(document: FeedDocument, fragments: Sequence[bytes]) -> bytes:
    """UTF-8; the same document, the same bytes."""
    links = document.links
    url, further = followed(document.url), followed(links.next_page or links.prev_archive)
    feed = {
        "version": VERSION,
        "title": named(document.title, document.id),
        "home_page_url": followed(document.home),
        "feed_url": url,
        # What comes after this page, or was before it; never the page itself (wire 26).
        "next_url": further if further != url else None,
        "language": legal(document.language),
        "authors": [{"name": document.agency, "url": followed(document.home)}],
        "hubs": [{"type": "WebSub", "url": links.hub}] if links.hub else None,
        "_syndication": {
            "id": document.id,
            "updated": instant(document.updated),
            "rights": document.rights,
            "archive": True if links.current else None,
            "current": links.current,
            "prev_archive": links.prev_archive,
            "next_archive": links.next_archive,
            "withdrawn": [_withdrawn(gone) for gone in document.withdrawn],
        },
        "items": [],
    }
    return written(feed).removesuffix(b"[]\n}") + listed(fragments, depth=1) + b"\n}\n"


def _item(document: FeedDocument, entry: FeedEntry) -> dict[str, Any]:
    content = entry.version.content
    media = renditions(entry)
    copied = origin(document, entry)
    return {
        "id": entry.entry_id,
        "url": followed(content.link),
        "title": headline(entry),
        "content_html": content.body,
        "summary": content.summary or None,
        "image": next((one.url for one in media if one.type is ContentType.PICTURE), None),
        "date_published": instant(entry.published),
        "date_modified": instant(entry.updated),
        "authors": [{"name": name} for name in content.byline] or None,
        "tags": [*topics(entry), *(name for name, _ in own_categories(document, entry))] or None,
        "language": content.language,
        "attachments": [_attachment(one) for one in media] or None,
        "_syndication": {
            "version": entry.version.number,
            "type": content.type.value,
            "urgency": content.urgency,
            "source": {"id": copied.id, "name": copied.name, "taken_at": instant(copied.taken_at)} if copied else None,
            "credits": [{"line": credit.line, "place": credit.place.value} for credit in entry.credits] or None,
            "embargo_until": instant(content.embargo_until) if content.embargo_until else None,
            "terms": _terms(entry),
            "policy": odrl.written(odrl.of_entry(document, entry)),
        },
    }


def _terms(entry: FeedEntry) -> dict[str, Any]:
    """What it moves under: as a sentence for people, and in its parts for software."""
    stamp, rights = entry.stamp, entry.rights
    return {
        "text": entry.terms,
        "agreement": stamp.agreement,
        "version": stamp.version,
        "clause": stamp.clause,
        "onward": rights.onward.value,
        "onward_partners": list(rights.onward_partners) or None,
        "alteration": rights.alteration.value,
        "use_until": instant(rights.use_until) if rights.use_until else None,
        "archive": rights.archive,
        "delete_at_end": rights.delete_at_end,
        "territory": None if rights.territory is None else list(rights.territory),
        "not_territory": list(rights.not_territory) or None,
        "machine_translation": rights.machine_translation,
        "model_training": rights.model_training,
        "data_mining": DATA_MINING[rights.model_training],
    }


def _attachment(rendition: Rendition) -> dict[str, Any]:
    size = rendition.length if rendition.length is not None and rendition.length >= 0 else None
    return {
        "url": rendition.url,
        "mime_type": rendition.media_type,
        "title": rendition.title,
        "size_in_bytes": size,
        "_syndication": {
            "type": rendition.type.value,
            "width": rendition.width,
            "height": rendition.height,
            "description": rendition.description,
            "credit": rendition.credit,
        },
    }


def _withdrawn(gone: Withdrawn) -> dict[str, Any]:
    return {"id": gone.entry_id, "when": instant(gone.when), "pubstatus": gone.pubstatus.value, "note": gone.note}
