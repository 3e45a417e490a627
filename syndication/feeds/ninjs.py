"""ninjs, written: a FeedDocument as items (ninjs 2.1)."""

import json
from typing import Any, Final

from syndication.feeds import odrl
from syndication.feeds.outgoing import followed, headline, instant, legal, renditions, topics
from syndication.feeds.vocabulary import ODRL, RIGHTS, TOPIC_SCHEME, TOPICS
from syndication.model.publication import FeedDocument, FeedEntry, Withdrawn
from syndication.model.story import Rendition

STANDARD: Final = {"name": "ninjs", "version": "2.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_2.1.json"}
CREDIT: Final = f"{RIGHTS}creditLine"
"""The role of an `infosources` entry that is a credit line: ninjs 2 has no `creditline` of its own."""
CREATOR: Final = "http://purl.org/dc/terms/creator"
LINK: Final = "https://schema.org/url"


def render(document: FeedDocument) -> bytes:
    """A list of ninjs 2.1 items: each story, newest first, then each one taken back, without content.

    UTF-8; the same document, the same bytes. Each item is valid by itself: ninjs has no word for a list of items.
    """
    items = [*(_item(document, entry) for entry in document.entries), *(_gone(gone) for gone in document.withdrawn)]
    return legal(json.dumps(_there(items), ensure_ascii=False, indent=1)).encode() + b"\n"


def _item(document: FeedDocument, entry: FeedEntry) -> dict[str, Any]:
    version, content, rights = entry.version, entry.version.content, entry.rights
    link = followed(content.link)
    return {
        "uri": entry.entry_id,
        "standard": STANDARD,
        "type": content.type.value,
        "representationtype": "full",
        "version": str(version.number),
        "firstcreated": instant(entry.published),
        "versioncreated": instant(entry.updated),
        "embargoed": instant(content.embargo_until) if content.embargo_until else None,
        "expires": instant(rights.use_until) if rights.use_until else None,
        "pubstatus": version.pubstatus.value,
        "urgency": content.urgency,
        # A partner's copyright is not ours to state: its credit line names it.
        "copyrightholder": None if version.sources else document.agency,
        "copyrightnotice": None if version.sources else f"© {document.agency}",
        "usageterms": entry.terms,
        "ednote": version.note or None,
        "language": content.language,
        "headlines": [{"role": "main", "value": headline(entry)}],
        "descriptions": [{"role": "main", "contenttype": "text/plain", "value": content.summary}] if content.summary else None,
        "bodies": [{"role": "main", "contenttype": "text/html", "value": content.body}],
        "by": ", ".join(content.byline) or None,
        "people": [{"name": name, "rel": CREATOR} for name in content.byline] or None,
        "infosources": [{"name": credit.line, "role": CREDIT} for credit in entry.credits] or None,
        "subjects": [_subject(topic) for topic in topics(entry)] or None,
        "associations": [_associated(one) for one in renditions(entry)] or None,
        "altids": [{"role": LINK, "value": link}] if link else None,
        "rightsinfo": {"langid": ODRL, "encodedrights": odrl.written(odrl.of_entry(document, entry))},
    }


def _subject(topic: str) -> dict[str, Any]:
    return {"uri": TOPIC_SCHEME + topic.removeprefix("medtop:"), "name": TOPICS.get(topic)}


def _associated(rendition: Rendition) -> dict[str, Any]:
    """A picture, a sound or a film of the story, as an item of its own."""
    length = rendition.length
    return {
        "name": rendition.title or rendition.type.value,
        "uri": rendition.url,
        "type": rendition.type.value,
        "headlines": [{"role": "main", "value": rendition.title}] if rendition.title else None,
        "descriptions": [{"role": "caption", "contenttype": "text/plain", "value": rendition.description}]
        if rendition.description
        else None,
        "by": rendition.credit or None,
        "renditions": [
            {
                "name": "main",
                "href": rendition.url,
                "contenttype": rendition.media_type,
                "width": rendition.width,
                "height": rendition.height,
                "sizeinbytes": length if length is not None and length >= 0 else None,
            }
        ],
    }


def _gone(gone: Withdrawn) -> dict[str, Any]:
    """A kill (`canceled`) is for good; what is `withheld` may come again. Neither carries content."""
    return {
        "uri": gone.entry_id,
        "standard": STANDARD,
        "representationtype": "partial",
        "versioncreated": instant(gone.when),
        "pubstatus": gone.pubstatus.value,
        "ednote": gone.note or None,
    }


def _there(value: Any) -> Any:
    """The same without what is None."""
    if isinstance(value, dict):
        return {key: _there(inner) for key, inner in value.items() if inner is not None}
    return [_there(inner) for inner in value] if isinstance(value, list) else value
