"""ninjs 2.1 going out: valid by the schema's rules, without content where a story was taken back, and read back as it was sent."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from syndication.feeds import draft, ninjs_story, odrl
from syndication.feeds.forms import FORMS
from syndication.feeds.sanitize import clean_html
from syndication.model.agreement import ContentType, CreditPlace
from syndication.model.publication import FeedDocument
from syndication.model.rights import Credit
from syndication.model.story import Content, Pubstatus, Rendition, Submitted
from tests.feeds.documents import DOCUMENT, EMPTY, FULL, GONE, KILLED, NOON, PLAIN, STAMP, hostile_documents
from tests.feeds.odrl_rules import IRI

# The schema of ninjs 2.1 (IPTC, 2023), as far as what a feed of stories may say: every object is closed, so another key is a fault.
TYPES = {"text", "audio", "video", "picture", "graphic", "composite", "component"}
WORDS = {
    "profile",
    "version",
    "copyrightholder",
    "copyrightnotice",
    "usageterms",
    "ednote",
    "language",
    "title",
    "by",
    "slugline",
    "located",
    "name",
}
MOMENTS = {"firstcreated", "versioncreated", "contentcreated", "embargoed", "expires"}
LISTS: dict[str, tuple[set[str], set[str]]] = {
    "descriptions": ({"value"}, {"role", "contenttype", "value"}),
    "bodies": ({"value"}, {"role", "contenttype", "charcount", "wordcount", "value"}),
    "headlines": ({"value"}, {"role", "contenttype", "value"}),
    "people": (set(), {"name", "rel", "uri", "literal", "contactinfo"}),
    "subjects": (set(), {"name", "rel", "uri", "literal", "creator", "relevance", "confidence"}),
    "infosources": (set(), {"name", "role", "uri", "literal", "contactinfo"}),
    "renditions": (
        {"name"},
        {"name", "href", "contenttype", "title", "height", "width", "sizeinbytes", "duration", "format"},
    ),
    "altids": (set(), {"role", "value"}),
}
"""By name: the keys that each object of the list must have, and may have."""
NUMBERS = {"height", "width", "sizeinbytes", "duration", "charcount", "wordcount"}


def faults(item: Any, *, associated: bool = False) -> list[str]:
    """What is wrong with an item by the schema of ninjs 2.1."""
    found = [] if isinstance(item.get("uri"), str) and IRI.match(item["uri"]) else ["uri must be an IRI"]
    found += [] if not associated or "name" in item else ["an associated item has a name"]
    for key, value in item.items():
        if key == "uri":
            continue
        if key in WORDS - (set() if associated else {"name"}):
            good = isinstance(value, str)
        elif key in MOMENTS:
            good = datetime.fromisoformat(value).tzinfo is not None
        elif key in LISTS:
            good = isinstance(value, list) and all(_entry(one, *LISTS[key]) for one in value)
        elif key == "associations":
            found += [fault for one in value for fault in faults(one, associated=True)]
            good = True
        elif key == "urgency":
            good = isinstance(value, int) and 1 <= value <= 9
        elif key == "rightsinfo":
            good = set(value) <= {"langid", "linkedrights", "encodedrights"} and ("linkedrights" in value) != ("encodedrights" in value)
        elif key == "standard":
            good = set(value) <= {"name", "version", "schema"}
        else:
            choices = {"type": TYPES, "representationtype": {"full", "partial"}, "pubstatus": {"usable", "withheld", "canceled"}}
            good = value in choices.get(key, ())
        found += [] if good else [f"{key}: {value!r}"]
    return found


def _entry(one: Any, needed: set[str], known: set[str]) -> bool:
    numbers = all(isinstance(one[key], int | float) for key in NUMBERS & set(one))
    return needed <= set(one) <= known and numbers and all(isinstance(one[key], str) for key in set(one) - NUMBERS - {"relevance"})


def items(document: FeedDocument) -> Any:
    """The list as a reader of JSON sees it."""
    return json.loads(FORMS["ninjs2"].render(document).decode("utf-8"))


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY], ids=["full", "empty"])
def test_what_the_schema_requires_is_there(document: FeedDocument) -> None:
    assert [faults(item) for item in items(document)] == [[] for _ in (*document.entries, *document.withdrawn)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"uri": "no iri"}, id="no IRI"),
        pytest.param({"creditline": "VNA"}, id="a key of ninjs 1"),
        pytest.param({"pubstatus": "killed"}, id="a word that there is not"),
        pytest.param({"urgency": 0}, id="an urgency of 0"),
        pytest.param({"headlines": [{"role": "main"}]}, id="a headline without a value"),
        pytest.param({"rightsinfo": {"langid": "http://www.w3.org/ns/odrl/2/"}}, id="rights that say nothing"),
        pytest.param({"associations": [{"uri": "https://a.example/1"}]}, id="an associated item without a name"),
    ],
)
def test_control_the_rules_find_what_is_wrong(change: dict[str, Any]) -> None:
    assert faults({**items(DOCUMENT)[0], **change})


def test_the_terms_travel_with_it() -> None:
    item = items(DOCUMENT)[0]
    assert (item["usageterms"], item["embargoed"], item["expires"]) == (FULL.terms, "2026-11-24T18:00:00Z", "2026-12-24T12:00:00Z")
    assert item["rightsinfo"] == {
        "langid": "http://www.w3.org/ns/odrl/2/",
        "encodedrights": odrl.written(odrl.of_entry(DOCUMENT, FULL)),
    }
    assert (item["version"], item["pubstatus"], item["copyrightnotice"]) == ("2", "usable", "© Vietnam News Agency")


def test_a_partners_copyright_is_not_ours_to_state() -> None:
    taken = replace(FULL, version=replace(FULL.version, sources=(STAMP,)))
    assert not {"copyrightholder", "copyrightnotice"} & set(items(replace(DOCUMENT, entries=(taken,)))[0])


def test_a_story_taken_back_carries_no_content() -> None:
    """A kill is canceled; a hold is withheld, and may come again."""
    told = {item["uri"]: item for item in items(DOCUMENT)}
    assert told[KILLED.entry_id]["pubstatus"] == "canceled"
    assert told[KILLED.entry_id]["ednote"] == KILLED.note
    assert told[GONE.entry_id]["pubstatus"] == "withheld"
    for one in (KILLED, GONE):
        assert set(told[one.entry_id]) <= {
            "uri",
            "standard",
            "type",
            "representationtype",
            "version",
            "versioncreated",
            "pubstatus",
            "ednote",
        }


def test_a_partners_own_code_is_not_handed_on() -> None:
    """Control: a Media Topic is."""
    assert [one["uri"] for one in items(DOCUMENT)[0]["subjects"]] == [
        "http://cv.iptc.org/newscodes/mediatopic/04000000",
        "http://cv.iptc.org/newscodes/mediatopic/20000210",
    ]


def read_back(document: FeedDocument, place: int = 0) -> Submitted:
    """One item of it, as our own newsroom would read it."""
    return ninjs_story.read(json.dumps(items(document)[place]).encode(), NOON)


def test_what_went_in_comes_out() -> None:
    read = read_back(DOCUMENT)
    sent = FULL.version.content
    assert read.content == replace(sent, topics=("medtop:04000000", "medtop:20000210"), body=clean_html(sent.body, ""))
    assert (read.uri, read.pubstatus) == (FULL.entry_id, Pubstatus.USABLE)
    assert read_back(DOCUMENT, 1).content == PLAIN.version.content


words = st.text(alphabet="aá ь漢&'\"", max_size=12).map(lambda text: " ".join(text.split()))
pictures = st.builds(
    lambda number, kind, **rest: Rendition(f"https://media.vna.example/{number}", kind[0], kind[1], **rest),
    st.integers(0, 9),
    st.sampled_from([("image/jpeg", ContentType.PICTURE), ("video/mp4", ContentType.VIDEO), ("audio/mpeg", ContentType.AUDIO)]),
    length=st.none() | st.integers(1, 10**12),
    width=st.none() | st.integers(1, 10_000),
    height=st.none() | st.integers(1, 10_000),
    title=st.none() | words.filter(bool),
    description=st.none() | words.filter(bool),
    credit=st.none() | words.filter(bool),
)
contents = st.builds(
    Content,
    headline=words.filter(bool),
    body=st.lists(words.filter(str.isalpha), max_size=2).map(lambda parts: "".join(f"<p>{part}</p>" for part in parts)),
    language=st.sampled_from(["vi", "en-GB", "zh-Hant"]),
    type=st.sampled_from(ContentType),
    summary=words,
    byline=st.lists(words.filter(bool), max_size=3, unique=True).map(tuple),
    topics=st.sets(st.integers(0, 17)).map(lambda them: tuple(f"medtop:{one:02}000000" for one in sorted(them))),
    renditions=st.lists(pictures, max_size=3, unique_by=lambda one: one.url).map(tuple),
    credit_line=st.none() | words.filter(bool),
    embargo_until=st.none() | st.just(NOON.replace(day=30)),
    urgency=st.none() | st.integers(1, 9),
    link=st.none() | st.just("https://vna.example/stories/1"),
)


@given(contents)
@settings(deadline=None, max_examples=200)
def test_our_own_software_at_the_other_end_reads_the_same(content: Content) -> None:
    # What says nothing is not taken in as a story of ours, and no document of ours says nothing.
    assume(content.type is not ContentType.TEXT or content.body)
    assume(content.type not in draft.HOLDING or content.type in {one.type for one in content.renditions})
    owed = (Credit(content.credit_line, CreditPlace.END),) if content.credit_line else ()
    entry = replace(FULL, version=replace(FULL.version, content=content), credits=owed)
    document = replace(DOCUMENT, entries=(entry,))
    assert faults(items(document)[0]) == []
    read = read_back(document).content
    # Names with a comma in them are other names to a reader that sees them in one line; the letters are the same.
    assert replace(read, byline=()) == replace(content, byline=())
    assert set(", ".join(read.byline).split(", ")) == set(", ".join(content.byline).split(", "))


@given(hostile_documents)
@settings(deadline=None, max_examples=100)
def test_h12_whatever_the_words_it_is_json_and_always_the_same(document: FeedDocument) -> None:
    found = items(document)
    assert len(found) == len(document.entries) + len(document.withdrawn)
    assert FORMS["ninjs2"].render(document) == FORMS["ninjs2"].render(document)
