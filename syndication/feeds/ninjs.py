"""ninjs, written: a FeedDocument as items, in the versions 2 and 3 of the standard (IPTC)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syndication.feeds import odrl
from syndication.feeds.fragments import listed, written
from syndication.feeds.outgoing import followed, headline, instant, origin, own_categories, renditions, topics, within
from syndication.feeds.vocabulary import ODRL, RIGHTS, TOPIC_SCHEME, TOPICS
from syndication.model.publication import FeedDocument, FeedEntry, Withdrawn
from syndication.model.story import Rendition

CREDIT: Final = f"{RIGHTS}creditLine"
"""The role of an `infosources` entry that is a credit line: ninjs 2 has no `creditline` of its own."""
CREATOR: Final = "http://purl.org/dc/terms/creator"
LINK: Final = "https://schema.org/url"


@dataclass(frozen=True, slots=True)
class Ninjs:
    """One version of the standard, as we write it: the words of 2.1, of which `names` gives those that another version writes otherwise.

    A document is a list of items, each valid by itself: ninjs has no word for a list of them.
    """

    version: str
    names: Mapping[str, str]

    def entry(self, document: FeedDocument, entry: FeedEntry) -> bytes:
        """One story, as it stands in the list."""
        return self._written(_item(document, entry))

    def join(self, document: FeedDocument, fragments: Sequence[bytes]) -> bytes:
        """Each story, newest first, then each one taken back, without content. UTF-8; the same document, the same bytes."""
        return listed([*fragments, *(self._written(_gone(gone)) for gone in document.withdrawn)]) + b"\n"

    def _written(self, item: dict[str, Any]) -> bytes:
        standard = {"name": "ninjs", "version": self.version, "schema": f"http://www.iptc.org/std/ninjs/ninjs-schema_{self.version}.json"}
        return written(self._named({"standard": standard, **item}), depth=1)

    def _named(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.names.get(key, key): self._named(inner) for key, inner in value.items()}
        return [self._named(inner) for inner in value] if isinstance(value, list) else value


V2: Final = Ninjs("2.1", {})
V3: Final = Ninjs(
    "3.2",
    {
        "altids": "altIds",
        "contenttype": "contentType",
        "copyrightholder": "copyrightHolder",
        "copyrightnotice": "copyrightNotice",
        "ednote": "edNote",
        "embargoed": "embargoedUntil",
        "encodedrights": "encodedRights",
        "firstcreated": "firstCreated",
        "infosources": "infoSources",
        "langid": "langId",
        "pubstatus": "pubStatus",
        "representationtype": "representationType",
        "rightsinfo": "rightsInfo",
        "sizeinbytes": "sizeInBytes",
        "usageterms": "usageTerms",
        "versioncreated": "versionCreated",
    },
)
"""The latest version whose schema the IPTC has published as approved; what is valid by it is valid by 3.3 too."""


def _item(document: FeedDocument, entry: FeedEntry) -> dict[str, Any]:
    version, content, rights = entry.version, entry.version.content, entry.rights
    link = followed(content.link)
    return {
        "uri": entry.entry_id,
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
        "infosources": _sources(document, entry) or None,
        "subjects": [*map(_subject, topics(entry)), *(_own(*one) for one in own_categories(document, entry))] or None,
        "associations": [_associated(entry, one) for one in renditions(entry)] or None,
        "altids": [{"role": LINK, "value": link}] if link else None,
        "rightsinfo": {"langid": ODRL, "encodedrights": odrl.written(odrl.of_entry(document, entry))},
    }


def _subject(topic: str) -> dict[str, Any]:
    return {"uri": TOPIC_SCHEME + topic.removeprefix("medtop:"), "name": TOPICS.get(topic)}


def _own(name: str, scheme: str) -> dict[str, Any]:
    return {"uri": f"{scheme}:{within(name)}", "name": name}


def _sources(document: FeedDocument, entry: FeedEntry) -> list[dict[str, Any]]:
    """The credit lines that are owed, and the partner whose story it is a copy of."""
    copied = origin(document, entry)
    told = [{"name": copied.name, "uri": copied.id}] if copied else []
    return [*({"name": credit.line, "role": CREDIT} for credit in entry.credits), *told]


def _associated(entry: FeedEntry, rendition: Rendition) -> dict[str, Any]:
    """A picture, a sound or a film of the story, as an item of its own, under the same terms."""
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
        "usageterms": entry.terms,
        "language": entry.version.content.language,
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
        "type": gone.type.value,
        "representationtype": "partial",
        "version": str(gone.version),
        "versioncreated": instant(gone.when),
        "pubstatus": gone.pubstatus.value,
        "ednote": gone.note or None,
    }
