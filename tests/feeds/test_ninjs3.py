"""ninjs 3 going out: valid by the schema's rules; it says what ninjs 2 says, in the words of the later version."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pytest
from hypothesis import given, settings

from syndication.feeds import ninjs, odrl
from syndication.feeds.forms import FORMS
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument
from tests.feeds.documents import COPY, DOCUMENT, EMPTY, FULL, GONE, KILLED, PHOTO, hostile_documents
from tests.feeds.odrl_rules import IRI

# The schema of ninjs 3.2 (IPTC, 2025), as far as what a feed of stories may say: every object is closed, so another key is a fault.
TEXTS: Final = {
    "profile",
    "version",
    "copyrightHolder",
    "copyrightNotice",
    "usageTerms",
    "edNote",
    "language",
    "title",
    "by",
    "slugline",
    "located",
}
MOMENTS: Final = {"firstCreated", "versionCreated", "contentCreated", "embargoedUntil", "expires"}
CHOICES: Final = {
    "type": {"text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"},
    "representationType": {"full", "partial"},
    "pubStatus": {"usable", "withheld", "canceled"},
}
LISTS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "descriptions": ({"value"}, {"role", "contentType", "value"}),
    "bodies": ({"value"}, {"role", "contentType", "charCount", "wordCount", "value"}),
    "headlines": ({"value"}, {"role", "contentType", "value"}),
    "people": (set(), {"name", "rel", "uri", "literal", "contactInfo"}),
    "subjects": (set(), {"name", "rel", "uri", "literal", "creator", "relevance", "confidence"}),
    "infoSources": (set(), {"name", "role", "uri", "literal", "contactInfo"}),
    "renditions": ({"name"}, {"name", "href", "contentType", "title", "width", "height", "sizeInBytes", "duration", "format"}),
    "altIds": (set(), {"role", "value"}),
}
"""By name: the keys that each object of the list must have, and may have."""
WHOLE: Final = {"width", "height", "sizeInBytes", "charCount", "wordCount", "relevance", "confidence"}


def faults(item: Any, *, associated: bool = False) -> list[str]:
    """What is wrong with an item by the schema of ninjs 3.2."""
    found = [] if isinstance(item.get("uri"), str) and IRI.match(item["uri"]) else ["uri must be an IRI"]
    found += ["an associated item has a name"] if associated and not isinstance(item.get("name"), str) else []
    for key, value in item.items():
        if key == "associations":
            found += [fault for one in value for fault in faults(one, associated=True)]
        elif not _good(key, value) and key not in ({"uri", "name"} if associated else {"uri"}):
            found.append(f"{key}: {value!r}")
    return found


def _good(key: str, value: Any) -> bool:
    if key in TEXTS:
        return isinstance(value, str)
    if key in MOMENTS:
        return datetime.fromisoformat(value).tzinfo is not None
    if key in LISTS:
        needed, known = LISTS[key]
        return isinstance(value, list) and all(needed <= set(one) <= known and all(map(_member, one.items())) for one in value)
    if key == "urgency":
        return isinstance(value, int) and 1 <= value <= 9
    if key == "rightsInfo":
        return set(value) <= {"langId", "linkedRights", "encodedRights"} and ("linkedRights" in value) != ("encodedRights" in value)
    if key == "standard":
        return set(value) == {"name", "version", "schema"}
    return value in CHOICES.get(key, ())


def _member(pair: tuple[str, Any]) -> bool:
    key, value = pair
    if key in WHOLE:
        return isinstance(value, int)
    return isinstance(value, str) and (key not in {"uri", "href"} or IRI.match(value) is not None)


def items(document: FeedDocument, form: str = "ninjs") -> Any:
    """The list as a reader of JSON sees it."""
    return json.loads(FORMS[form].render(document).decode("utf-8"))


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY, replace(DOCUMENT, entries=(COPY,))], ids=["full", "empty", "a copy"])
def test_what_the_schema_requires_is_there(document: FeedDocument) -> None:
    assert [faults(item) for item in items(document)] == [[] for _ in (*document.entries, *document.withdrawn)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"uri": "no iri"}, id="no IRI"),
        pytest.param({"pubstatus": "usable"}, id="a key of ninjs 2"),
        pytest.param({"embargoed": "2026-11-24T18:00:00Z"}, id="the embargo of ninjs 2"),
        pytest.param({"pubStatus": "killed"}, id="a word that there is not"),
        pytest.param({"urgency": 0}, id="an urgency of 0"),
        pytest.param({"headlines": [{"role": "main"}]}, id="a headline without a value"),
        pytest.param({"bodies": [{"value": "x", "contenttype": "text/html"}]}, id="a key of ninjs 2 within"),
        pytest.param({"rightsInfo": {"langId": "http://www.w3.org/ns/odrl/2/"}}, id="rights that say nothing"),
        pytest.param({"associations": [{"uri": "https://a.example/1"}]}, id="an associated item without a name"),
        pytest.param({"renditions": [{"name": "main", "sizeInBytes": "1"}]}, id="a size in letters"),
    ],
)
def test_control_the_rules_find_what_is_wrong(change: dict[str, Any]) -> None:
    assert faults({**items(DOCUMENT)[0], **change})


def test_the_terms_travel_with_it() -> None:
    item = items(DOCUMENT)[0]
    assert (item["usageTerms"], item["embargoedUntil"], item["expires"]) == (FULL.terms, "2026-11-24T18:00:00Z", "2026-12-24T12:00:00Z")
    assert item["rightsInfo"] == {"langId": "http://www.w3.org/ns/odrl/2/", "encodedRights": odrl.written(odrl.of_entry(DOCUMENT, FULL))}
    assert (item["version"], item["pubStatus"], item["copyrightNotice"]) == ("2", "usable", "© Vietnam News Agency")
    assert item["standard"] == {"name": "ninjs", "version": "3.2", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.2.json"}


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/jpeg", ContentType.PICTURE),
        ("video/mp4", ContentType.VIDEO),
        ("audio/mpeg", ContentType.AUDIO),
        ("image/svg+xml", ContentType.GRAPHIC),
    ],
)
def test_a_rendition_of_every_type_has_its_credit_caption_rights_size_and_type(media_type: str, kind: ContentType) -> None:
    sent = replace(PHOTO, media_type=media_type, type=kind)
    content = replace(FULL.version.content, renditions=(sent,))
    document = replace(DOCUMENT, entries=(replace(FULL, version=replace(FULL.version, content=content)),))
    (told,) = items(document)[0]["associations"]
    assert faults(told, associated=True) == []
    assert (told["type"], told["by"], told["usageTerms"], told["language"]) == (kind.value, PHOTO.credit, FULL.terms, "en-GB")
    assert told["descriptions"] == [{"role": "caption", "contentType": "text/plain", "value": PHOTO.description}]
    assert told["renditions"] == [
        {"name": "main", "href": PHOTO.url, "contentType": media_type, "width": 3000, "height": 2000, "sizeInBytes": 482_113}
    ]


def test_a_story_taken_back_carries_no_content() -> None:
    """A kill is canceled; a hold is withheld, and may come again."""
    told = {item["uri"]: item for item in items(DOCUMENT)}
    assert (told[KILLED.entry_id]["pubStatus"], told[KILLED.entry_id]["edNote"]) == ("canceled", KILLED.note)
    assert told[GONE.entry_id]["pubStatus"] == "withheld"
    for one in (KILLED, GONE):
        known = {"uri", "standard", "type", "representationType", "version", "versionCreated", "pubStatus", "edNote"}
        assert set(told[one.entry_id]) <= known


def renamed(value: Any) -> Any:
    """What ninjs 2 says, in the words of ninjs 3."""
    if isinstance(value, dict):
        return {ninjs.V3.names.get(key, key): renamed(inner) for key, inner in value.items() if key != "standard"}
    return [renamed(inner) for inner in value] if isinstance(value, list) else value


@given(hostile_documents)
@settings(deadline=None, max_examples=60)
def test_h12_whatever_the_words_both_versions_say_the_same(document: FeedDocument) -> None:
    latest = items(document)
    assert [{key: one[key] for key in one if key != "standard"} for one in latest] == renamed(items(document, "ninjs2"))
    assert len(latest) == len(document.entries) + len(document.withdrawn)
