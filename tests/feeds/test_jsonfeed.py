"""JSON Feed 1.1: what it requires, our own words beside it, and whatever the words, it is JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from syndication.feeds import odrl
from syndication.feeds.forms import FORMS
from syndication.model.publication import FeedDocument
from tests.feeds.documents import CLIP, DOCUMENT, EMPTY, FULL, KILLED, PHOTO, PLAIN, hostile_documents


def read(document: FeedDocument) -> Any:
    """The document as a reader of JSON sees it."""
    return json.loads(FORMS["json"].render(document).decode("utf-8"))


def valid(feed: Any) -> None:
    """What JSON Feed 1.1 requires (wire 26)."""
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert isinstance(feed["items"], list)
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert ("content_html" in item) != ("content_text" in item)
        assert item["date_published"].endswith("Z")
        assert item["date_modified"].endswith("Z")
        assert all(one["url"] and "mime_type" in one for one in item.get("attachments", []))
    assert None not in list(values(feed))


def values(part: Any) -> Any:
    """Every value in it, at any depth."""
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from values(inner)
    else:
        yield part


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY], ids=["full", "empty"])
def test_what_json_feed_requires_is_there(document: FeedDocument) -> None:
    valid(read(document))


def test_what_went_in_comes_out() -> None:
    feed = read(DOCUMENT)
    assert (feed["title"], feed["home_page_url"], feed["feed_url"], feed["language"]) == (
        DOCUMENT.title,
        DOCUMENT.home,
        DOCUMENT.url,
        DOCUMENT.language,
    )
    first, second = feed["items"]
    content = FULL.version.content
    assert (first["id"], first["title"], first["url"], first["language"]) == (FULL.entry_id, content.headline, content.link, "en-GB")
    assert (first["summary"], first["content_html"]) == (content.summary, content.body)
    assert tuple(author["name"] for author in first["authors"]) == content.byline
    assert (first["date_published"], first["date_modified"]) == ("2026-11-24T09:00:00Z", "2026-11-24T12:00:00Z")
    assert first["tags"] == ["medtop:04000000", "medtop:20000210"]
    assert [(one["url"], one["mime_type"], one.get("size_in_bytes")) for one in first["attachments"]] == [
        (PHOTO.url, "image/jpeg", 482_113),
        (CLIP.url, "video/mp4", None),
    ]
    assert first["attachments"][0]["_syndication"]["credit"] == PHOTO.credit
    assert first["image"] == PHOTO.url
    assert (second["id"], second["language"]) == (PLAIN.entry_id, "vi")


def test_terms_travel_with_each_item() -> None:
    said = read(DOCUMENT)["items"][0]["_syndication"]
    assert said["credits"] == [{"line": "Vietnam News Agency", "place": "end"}]
    assert said["embargo_until"] == "2026-11-24T18:00:00Z"
    assert said["terms"] == {
        "text": FULL.terms,
        "agreement": "vna-trc-2025",
        "version": 1,
        "clause": "2.1",
        "onward": "own-subscribers",
        "alteration": "translate",
        "use_until": "2026-12-24T12:00:00Z",
        "archive": False,
        "delete_at_end": False,
        "territory": ["KZ"],
        "machine_translation": False,
        "model_training": False,
        "data_mining": "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING",
    }
    assert said["policy"] == odrl.written(odrl.of_entry(DOCUMENT, FULL))


def test_a_partners_own_code_is_not_handed_on() -> None:
    """Control: a Media Topic is."""
    content = replace(FULL.version.content, topics=("trc:sport", "medtop:15000000", "sport", "medtop:sport"))
    entry = replace(FULL, version=replace(FULL.version, content=content))
    assert read(replace(DOCUMENT, entries=(entry,)))["items"][0]["tags"] == ["medtop:15000000"]


def test_what_was_taken_back_is_named() -> None:
    assert read(DOCUMENT)["_syndication"]["withdrawn"] == [
        {"id": KILLED.entry_id, "when": "2026-11-24T12:05:00Z", "pubstatus": "canceled", "note": KILLED.note},
        {"id": "tag:vna.example,2026:s_00000000000000000000beef", "when": "2026-11-22T12:00:00Z", "pubstatus": "withheld"},
    ]


def test_addresses_that_are_none_are_left_out() -> None:
    content = replace(FULL.version.content, link="javascript:alert(1)", renditions=(replace(PHOTO, url="file:///etc/passwd"),))
    item = read(replace(DOCUMENT, entries=(replace(FULL, version=replace(FULL.version, content=content)),)))["items"][0]
    assert not {"url", "attachments", "image"} & set(item)


@given(hostile_documents)
@settings(deadline=None, max_examples=150)
def test_h12_whatever_the_words_it_is_json(document: FeedDocument) -> None:
    valid(read(document))
    assert FORMS["json"].render(document) == FORMS["json"].render(document)
