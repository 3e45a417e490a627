"""ninjs 1, 2 and 3 coming in: the same story from each, every fault by its JSON pointer, and no document that does harm."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.errors import StoryError
from syndication.feeds import ninjs_story
from syndication.feeds.forms import FORMS
from syndication.feeds.ninjs import CREDIT
from syndication.feeds.parse import LARGEST_HTML
from syndication.feeds.sanitize import clean_html
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted
from tests.feeds.documents import DOCUMENT, FULL, KILLED, PLAIN

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)

FIRST = {
    "uri": "urn:vna:7",
    "type": "text",
    "pubstatus": "withheld",
    "embargoed": "2026-12-01T08:00:00+07:00",
    "versioncreated": "2026-11-24T10:00:00Z",
    "urgency": 3,
    "language": "vi",
    "headline": "Hà Nội mở bảo tàng",
    "description_text": "Bảo tàng mở cửa.",
    "body_html": "<p>Một.</p>",
    "byline": "Lan",
    "person": [{"name": "Thủ tướng", "rel": "about"}],
    "creditline": "TTXVN",
    "ednote": "Sửa số liệu.",
    "subject": [{"code": "medtop:01000000", "name": "arts"}, {"code": "vna:van-hoa"}],
    "url": "https://vna.example/7",
    "evolvedfrom": "urn:vna:6",
    "associations": {
        "main": {
            "uri": "urn:vna:7p",
            "type": "picture",
            "headline": "Cửa",
            "description_text": "Cửa bảo tàng",
            "byline": "An",
            "renditions": {"full": {"href": "https://m.example/1.jpg", "mimetype": "image/jpeg", "width": 30, "height": 20}},
        }
    },
}
SECOND = {
    "uri": "urn:vna:7",
    "standard": {"name": "ninjs", "version": "2.1"},
    "type": "text",
    "pubstatus": "withheld",
    "embargoed": "2026-12-01T01:00:00Z",
    "versioncreated": "2026-11-24T10:00:00Z",
    "urgency": 3,
    "language": "vi",
    "headlines": [{"role": "short", "value": "Bảo tàng"}, {"role": "main", "value": "Hà Nội mở bảo tàng"}],
    "descriptions": [{"value": "Bảo tàng mở cửa."}],
    "bodies": [{"contenttype": "text/plain", "value": "Một"}, {"contenttype": "text/html", "value": "<p>Một.</p>"}],
    "by": "Lan",
    "people": [{"name": "Lan", "rel": "http://purl.org/dc/terms/creator"}, {"name": "Thủ tướng", "rel": "about"}],
    "infosources": [{"name": "TTXVN", "role": CREDIT}, {"name": "Reuters"}],
    "ednote": "Sửa số liệu.",
    "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/01000000"}],
    "altids": [{"role": "https://schema.org/url", "value": "https://vna.example/7"}],
    "evolvedfrom": "urn:vna:6",
    "associations": [
        {
            "name": "main",
            "uri": "urn:vna:7p",
            "type": "picture",
            "headlines": [{"value": "Cửa"}],
            "descriptions": [{"value": "Cửa bảo tàng"}],
            "by": "An",
            "renditions": [{"name": "full", "href": "https://m.example/1.jpg", "contenttype": "image/jpeg", "width": 30, "height": 20}],
        }
    ],
}
THIRD: dict[str, Any] = {
    **{
        key: value
        for key, value in SECOND.items()
        if key in ("uri", "type", "urgency", "language", "headlines", "descriptions", "by", "people")
    },
    "subjects": SECOND["subjects"],
    "standard": {"name": "ninjs", "version": "3.3"},
    "pubStatus": "withheld",
    "embargoedUntil": "2026-12-01T01:00:00Z",
    "versionCreated": "2026-11-24T10:00:00Z",
    "contentDigitised": "2026-11-24T10:00:00Z",
    "bodies": [{"contentType": "text/plain", "value": "Một"}, {"contentType": "application/xhtml+xml", "value": "<p>Một.</p>"}],
    "infoSources": SECOND["infosources"],
    "edNote": "Sửa số liệu.",
    "altIds": SECOND["altids"],
    "evolvedFrom": "urn:vna:6",
    "associations": [
        {
            "name": "main",
            "uri": "urn:vna:7p",
            "headlines": [{"value": "Cửa"}],
            "descriptions": [{"value": "Cửa bảo tàng"}],
            "by": "An",
            "renditions": [{"name": "full", "href": "https://m.example/1.jpg", "contentType": "image/jpeg", "width": 30, "height": 20}],
        }
    ],
}
TAKEN = Submitted(
    uri="urn:vna:7",
    content=Content(
        headline="Hà Nội mở bảo tàng",
        body="<p>Một.</p>",
        language="vi",
        summary="Bảo tàng mở cửa.",
        byline=("Lan",),
        topics=("medtop:01000000",),
        renditions=(
            Rendition(
                "https://m.example/1.jpg",
                "image/jpeg",
                ContentType.PICTURE,
                None,
                30,
                20,
                title="Cửa",
                description="Cửa bảo tàng",
                credit="An",
            ),
        ),
        credit_line="TTXVN",
        embargo_until=UNTIL,
        urgency=3,
        link="https://vna.example/7",
    ),
    pubstatus=Pubstatus.WITHHELD,
    evolved_from="urn:vna:6",
    note="Sửa số liệu.",
)


def read(document: Any) -> Submitted:
    return ninjs_story.read(document if isinstance(document, bytes) else json.dumps(document).encode(), NOW)


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(StoryError) as caught:
        read(document)
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)
    return {fault.key: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(FIRST, id="ninjs 1"),
        pytest.param(SECOND, id="ninjs 2"),
        pytest.param(THIRD, id="ninjs 3"),
        pytest.param({key: value for key, value in THIRD.items() if key != "standard"}, id="ninjs 3 that does not say so"),
        pytest.param(json.dumps(THIRD).encode("utf-16"), id="in UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(FIRST).encode(), id="with a byte order mark"),
    ],
)
def test_the_same_story_from_each_version(document: Any) -> None:
    assert read(document) == TAKEN


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        pytest.param({"embargoed": "2026-12-01T01:00:00Z"}, "/embargoedUntil", "another spelling", id="an embargo in two spellings"),
        pytest.param({"pubstatus": "usable"}, "/pubStatus", "another spelling", id="a status in two spellings"),
        pytest.param({"embargoeduntil": "x"}, "/embargoeduntil", "did you mean 'embargoedUntil'?", id="a mistyped key"),
        pytest.param({"embargoedUntil": 5}, "/embargoedUntil", "its zone", id="an embargo that is a number"),
        pytest.param({"embargoedUntil": ""}, "/embargoedUntil", "its zone", id="an embargo of nothing"),
        pytest.param({"pubStatus": ""}, "/pubStatus", "must be one of usable", id="a status of nothing"),
        pytest.param({"pubStatus": ["usable"]}, "/pubStatus", "must be one of usable", id="a status that is a list"),
        pytest.param({"type": "event"}, "/type", "'event' must be one of", id="an event"),
        pytest.param({"standard": {"name": "ninjs", "version": "4.0"}}, "/standard/version", "3.x", id="ninjs 4"),
        pytest.param({"standard": {"name": "sportsjs"}}, "/standard/name", "not ninjs", id="another standard"),
        pytest.param({"standard": "3.0"}, "/standard", "an object", id="a standard that is no object"),
        pytest.param({"headlines": []}, "/headlines", "is missing", id="no headline"),
        pytest.param({"headlines": [{"value": 7}]}, "/headlines/0/value", "must be a text", id="a headline that is a number"),
        pytest.param({"headlines": "x"}, "/headlines", "a list of objects", id="headlines that are no list"),
        pytest.param({"bodies": []}, "/bodies", "is missing", id="no body"),
        pytest.param({"bodies": [{"value": "<p></p>"}]}, "/bodies", "is missing", id="a body that says nothing"),
        pytest.param({"bodies": [{"value": "x" * (LARGEST_HTML + 1)}]}, "/bodies/0/value", "characters", id="too long a body"),
        pytest.param({"bodies": [{"value": "<b>" * 600}]}, "/bodies/0/value", "nested", id="too deep a body"),
        pytest.param({"title": "<b>" * 600, "headlines": None}, "/title", "nested", id="too deep a title"),
        pytest.param({"subjects": [{}] * 51}, "/subjects", "more than 50", id="too many subjects"),
        pytest.param({"urgency": True}, "/urgency", "from 1", id="an urgency that is a truth"),
        pytest.param({"language": "zz_zz"}, "/language", "BCP 47", id="no language"),
        pytest.param({"versionCreated": "yesterday"}, "/versionCreated", "must be a moment", id="a moment in words"),
        pytest.param({"uri": None}, "/uri", "is missing", id="no id"),
        pytest.param({"uri": "x" * 2_001}, "/uri", "bytes", id="too long an id"),
        pytest.param({"associations": [{"embargoedd": 1}]}, "/associations/0/embargoedd", "did you mean", id="mistyped in a picture"),
        pytest.param({"associations": [{"pubStatus": "withheld"}]}, "/associations/0/pubStatus", "leave it out", id="a picture withheld"),
        pytest.param({"a~/b": 1}, "/a~0~1b", "no key", id="a key with the letters of pointers"),
        pytest.param(
            {"renditions": [{"href": "/1.jpg", "contentType": "image/jpeg"}]}, "/renditions/0", "http(s)", id="an address without a host"
        ),
        pytest.param({"renditions": [{"href": "https://a.example/1"}]}, "/renditions/0", "media type", id="a rendition of no type"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(changes: dict[str, Any], place: str, said: str) -> None:
    assert said in faults({**THIRD, **changes})[place]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    document = b'{"type": "novel", "urgency": 12, "embargoed": "x", "urgency": 12, "slugline": 1e999, "bodies": [{"value": 1}]}'
    places = {"/urgency", "/slugline", "/type", "/bodies/0/value", "/embargoed", "/uri", "/language", "/headlines", "/bodies"}
    assert set(faults(document)) == places


def test_the_latest_embargo_of_what_goes_together_holds() -> None:
    later = {**THIRD["associations"][0], "embargoedUntil": "2026-12-02T00:00:00Z"}
    assert read({**THIRD, "associations": [later]}).content.embargo_until == datetime(2026, 12, 2, tzinfo=UTC)
    assert read({**THIRD, "embargoedUntil": "2026-11-01T00:00:00"}).content.embargo_until is None


def test_a_kill_needs_its_id_only() -> None:
    """Control: what is withheld needs its words, for it may be usable again."""
    told = read({"uri": "urn:vna:7", "pubStatus": "canceled", "edNote": "Sai người."})
    assert (told.uri, told.pubstatus, told.note) == ("urn:vna:7", Pubstatus.CANCELED, "Sai người.")
    assert "/headlines" in faults({"uri": "urn:vna:7", "pubStatus": "withheld"})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"[" * 100_000, "recursion", id="nested without end"),
        pytest.param(b'{"uri":' * 50 + b"1" + b"}" * 50, "nested deeper", id="nested deep"),
        pytest.param(b'{"urgency": ' + b"1" * 1_000_000 + b"}", "4300 digits", id="a number of a million digits"),
        pytest.param(b'{"urgency": NaN}', "/urgency: is no number", id="NaN"),
        pytest.param(b'{"urgency": -Infinity}', "/urgency: is no number", id="minus infinity"),
        pytest.param(b'{"renditions": [{"width": 1e999}]}', "/renditions/0/width: is no number", id="a huge float"),
        pytest.param(b'{"uri": 1, "uri": 2}', "/uri: is there twice", id="a key twice"),
        pytest.param(b'{"a": [{"b": 1, "b": 2}]}', "/a/0/b: is there twice", id="a key twice within"),
        pytest.param(b'{"uri": "' + b"x" * 10_000_000 + b'"}', "bytes", id="a text of 10 MB"),
        pytest.param(b'{"a": [' + b"0," * 300_000 + b"0]}", "200000 values", id="too many values"),
        pytest.param(b'{"headline": "' + b"<" * 500_000 + b'"}', "/uri: is missing", id="half a megabyte of <"),
        pytest.param(b'{"headline": "' + b"&amp;" * 100_000 + b'<"}', "/uri: is missing", id="half a megabyte of references"),
        pytest.param(b'{"uri": "\x00"}', "no JSON", id="a NUL as it is"),
        pytest.param(b'{"uri": "\\u0000"}', "/uri: is missing", id="a NUL written out"),
        pytest.param(b'{"uri": "a\\ud800"}', "/language: is missing", id="half a surrogate pair"),
        pytest.param(b'{"\\ud800": 1}', "/: is no key", id="half a surrogate pair for a key"),
    ],
)
def test_b15_harmful_json_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(StoryError) as caught:
        read(data)
    assert said in str(caught.value)


def test_b12_what_cannot_be_stored_is_taken_out() -> None:
    told = read({**THIRD, "headlines": [{"value": "a\x00\ud800\ufffeb"}], "bodies": [{"value": "<p>a\x00\ud800\ufffeb</p>"}]})
    assert (told.content.headline, told.content.body) == ("ab", "<p>ab</p>")


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["usable", "vi", "<p>x</p>", "https://a.example"])
)
names = st.sampled_from(["value", "role", "name", "href", "contentType"]) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=8)
keys = st.sampled_from(sorted(ninjs_story.KEYS | ninjs_story.SPELLED.keys() | {"body_html"}))


@given(st.dictionaries(keys, values, max_size=12), st.booleans())
@settings(deadline=None, max_examples=300)
def test_whatever_the_values_it_is_a_story_or_a_refusal(document: dict[str, Any], on_top: bool) -> None:
    try:
        told = read({**THIRD, **document} if on_top else document)
    except StoryError:
        return
    assert told.uri
    assert told.pubstatus is Pubstatus.CANCELED or told.content.headline


@pytest.mark.parametrize("form", ["ninjs", "ninjs2"])
def test_what_our_own_feed_writes_is_read_back(form: str) -> None:
    """Both versions that we write; a partner's own code is not handed on, and a kill comes as one."""
    first, second, killed = (read(one) for one in json.loads(FORMS[form].render(DOCUMENT))[:3])
    sent = FULL.version.content
    assert first.content == replace(sent, topics=("medtop:04000000", "medtop:20000210"), body=clean_html(sent.body, ""))
    assert (first.uri, first.pubstatus, first.note) == (FULL.entry_id, Pubstatus.USABLE, FULL.version.note)
    assert second.content == PLAIN.version.content
    assert (killed.uri, killed.pubstatus, killed.note) == (KILLED.entry_id, Pubstatus.CANCELED, KILLED.note)
