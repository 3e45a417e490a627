"""NewsML-G2 going out: in the order of the standard's schema, with QCodes of the IPTC's own catalog, and read by the IPTC's own reader."""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import NewsMLG2
import pytest
from hypothesis import given, settings
from lxml import etree

from syndication.feeds import newsml, odrl
from syndication.feeds.forms import FORMS
from syndication.model.agreement import ContentType
from syndication.model.publication import FeedDocument
from tests.feeds.documents import CLIP, COPY, DOCUMENT, EMPTY, FULL, GONE, KILLED, PHOTO, PLAIN, hostile_documents
from tests.feeds.odrl_rules import IRI

NAR = "http://iptc.org/std/nar/2006-10-01/"
CATALOGS: Final = Path(NewsMLG2.__file__).parent / "catalogs"
SCHEMES: Final = {
    scheme.get("alias"): scheme.get("uri") for scheme in etree.parse(CATALOGS / newsml.CATALOG.rpartition("/")[2]).iter(f"{{{NAR}}}scheme")
}
"""The aliases of the catalog that we refer to, as the IPTC's own reader has it."""
NS = {"n": NAR, "h": "http://www.w3.org/1999/xhtml"}

# The schema of NewsML-G2 2.35 (IPTC, 2024), as far as what a feed of stories may say: the children of each element in their order, those
# that must be there with an exclamation mark, those that may be there more than once with a star.
ORDER: Final = {
    "newsMessage": "header! itemSet!",
    "header": "sent! sender transmitId priority origin channel*",
    "itemSet": "newsItem*",
    "newsItem": "catalogRef!* rightsInfo* itemMeta! contentMeta partMeta* contentSet",
    "rightsInfo": "copyrightHolder copyrightNotice* usageTerms* rightsExpressionData* dataMining",
    "itemMeta": "itemClass! provider! versionCreated! firstCreated embargoed pubStatus edNote* altRep* expires*",
    "contentMeta": "urgency infoSource* creator* language* subject* headline* by* creditline* description*",
    "partMeta": "headline* by* creditline* description*",
    "contentSet": "inlineXML* remoteContent*",
    "copyrightHolder": "name*",
    "provider": "name*",
    "infoSource": "name*",
    "creator": "name*",
    "subject": "name*",
    "inlineXML": "html",
}
"""Any other element has no child."""
ATTRIBUTES = {
    "newsItem": {"guid", "version", "standard", "standardversion", "conformance"},
    "catalogRef": {"href"},
    "itemClass": {"qcode"},
    "pubStatus": {"qcode"},
    "provider": {"uri"},
    "rightsExpressionData": {"langid", "enctype"},
    "dataMining": {"uri"},
    "language": {"tag"},
    "remoteContent": {"id", "href"},
    "partMeta": {"partid", "contentrefs"},
    "inlineXML": {"contenttype"},
}
"""Those that must be there."""
MOMENTS: Final = {"sent", "versionCreated", "firstCreated", "embargoed", "expires"}


def tree(document: FeedDocument) -> Any:
    """The message as a reader of XML sees it, with nothing forgiven."""
    return etree.fromstring(FORMS["newsml"].render(document), etree.XMLParser(resolve_entities=False))


def local(element: Any) -> str:
    """Its name, without its namespace."""
    return str(etree.QName(element).localname)


def faults(element: Any) -> list[str]:
    """What is wrong with an element of NewsML-G2, and with all that is in it."""
    name = local(element)
    found = [f"{name}: no {key}" for key in ATTRIBUTES.get(name, set()) - set(element.attrib)]
    known = [re.fullmatch(r"(\w+)(!?)(\*?)", word) for word in ORDER.get(name, "").split()]
    order = [one[1] for one in known if one]
    children = [local(child) for child in element]
    found += [f"{name}: {child} has no place here" for child in children if child not in order]
    places = [order.index(child) for child in children if child in order]
    found += [f"{name}: not in order: {children}"] if places != sorted(places) else []
    for one in filter(None, known):
        count = children.count(one[1])
        found += [f"{name}: {count} times {one[1]}"] if (one[2] and not count) or (count > 1 and not one[3]) else []
    if name in MOMENTS and datetime.fromisoformat(element.text).tzinfo is None:
        found.append(f"{name}: {element.text}")
    found += _values(name, element)
    return found + [fault for child in element if child.tag.startswith(f"{{{NAR}}}") for fault in faults(child)]


def _values(name: str, element: Any) -> list[str]:
    qcodes = [element.get(key) for key in ("qcode", "role", "type") if element.get(key)]
    found = [f"{name}: {qcode} is in no catalog" for qcode in qcodes if qcode.partition(":")[0] not in SCHEMES]
    found += [f"{name}: {element.get('uri')} is no IRI"] if "uri" in element.attrib and not IRI.match(element.get("uri")) else []
    if name == "newsItem":
        found += [] if element.get("version").isdecimal() and int(element.get("version")) > 0 else ["the version is a positive number"]
        status = element.find("n:itemMeta/n:pubStatus", NS)
        taken = status is not None and status.get("qcode") != "stat:usable"
        found += ["what was taken back has content"] if taken and element.find("n:contentSet", NS) is not None else []
        ids = {one.get("id") for one in element.iter(f"{{{NAR}}}remoteContent")}
        referred = {one.get("contentrefs") for one in element.findall("n:partMeta", NS)}
        found += [f"{one} is not there" for one in referred - ids]
    if name == "inlineXML":
        found += [f"{one.tag} is no XHTML" for one in element.iterdescendants() if not str(one.tag).startswith(f"{{{NS['h']}}}")]
    if name == "remoteContent":
        found += [f"{key}: {element.get(key)}" for key in ("size", "width", "height") if not (element.get(key) or "0").isdecimal()]
    return found


def meant(qcode: str) -> str:
    """The IRI that a QCode stands for."""
    alias, _, code = qcode.partition(":")
    return f"{SCHEMES[alias]}{code}"


@pytest.mark.parametrize("document", [DOCUMENT, EMPTY, replace(DOCUMENT, entries=(COPY,))], ids=["full", "empty", "a copy"])
def test_what_the_schema_requires_is_there(document: FeedDocument) -> None:
    assert faults(tree(document)) == []
    assert len(tree(document).findall("n:itemSet/n:newsItem", NS)) == len(document.entries) + len(document.withdrawn)


def broken(path: str, act: str) -> list[str]:
    """The faults of the full message after one act on one of its elements."""
    root = tree(DOCUMENT)
    found = root.find(path, NS)
    match act.split("="):
        case ["gone"]:
            found.getparent().remove(found)
        case ["last"]:
            found.getparent().append(found)
        case [name, value]:
            found.set(name, value)
    return faults(root)


@pytest.mark.parametrize(
    ("path", "act"),
    [
        pytest.param(".//n:provider", "gone", id="no provider"),
        pytest.param(".//n:itemClass", "last", id="out of order"),
        pytest.param(".//n:headline", "last", id="a headline after the description"),
        pytest.param(".//n:itemClass", "qcode=nature:text", id="a QCode of no catalog"),
        pytest.param(".//n:newsItem", "version=0", id="a version of 0"),
        pytest.param(".//n:provider", "uri=vna", id="no IRI"),
        pytest.param(".//n:pubStatus", "qcode=stat:canceled", id="a kill with content"),
        pytest.param(".//n:remoteContent", "id=other", id="a caption of nothing"),
        pytest.param(".//n:remoteContent", "size=-1", id="a negative size"),
    ],
)
def test_control_the_rules_find_what_is_wrong(path: str, act: str) -> None:
    assert broken(path, act)


def test_the_header_says_when_from_whom_and_where() -> None:
    header = tree(DOCUMENT).find("n:header", NS)
    told = {local(one): one.text for one in header}
    assert told == {
        "sent": "2026-11-24T12:05:00Z",
        "sender": DOCUMENT.agency,
        "transmitId": DOCUMENT.id,
        "origin": DOCUMENT.url,
        "channel": DOCUMENT.title,
    }


def item(document: FeedDocument, guid: str) -> Any:
    """The one with this guid."""
    (found,) = [one for one in tree(document).iter(f"{{{NAR}}}newsItem") if one.get("guid") == guid]
    return found


def text(parent: Any, path: str) -> str | None:
    """The text of what must be there once."""
    (found,) = parent.findall(path, NS)
    return str(found.text)


def test_the_terms_travel_with_it() -> None:
    rights = item(DOCUMENT, FULL.entry_id).find("n:rightsInfo", NS)
    assert text(rights, "n:usageTerms") == FULL.terms
    assert text(rights, "n:rightsExpressionData") == odrl.written(odrl.of_entry(DOCUMENT, FULL))
    assert rights.find("n:dataMining", NS).get("uri") == "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
    assert text(rights, "n:copyrightNotice") == "© Vietnam News Agency"
    meta = item(DOCUMENT, FULL.entry_id).find("n:itemMeta", NS)
    assert (text(meta, "n:embargoed"), text(meta, "n:expires")) == ("2026-11-24T18:00:00Z", "2026-12-24T12:00:00Z")
    assert text(meta, "n:edNote") == FULL.version.note


def test_a_partners_copyright_is_not_ours_to_state() -> None:
    taken = item(replace(DOCUMENT, entries=(COPY,)), COPY.entry_id)
    assert taken.find("n:rightsInfo/n:copyrightNotice", NS) is None
    source = taken.find("n:contentMeta/n:infoSource", NS)
    assert (source.get("uri"), text(source, "n:name")) == ("tag:vna.example,2025:party:azertac", "azertac")


def test_the_body_is_xhtml_word_for_word() -> None:
    """Well-formed, and with no space that is not in the story."""
    version = replace(FULL.version, content=replace(FULL.version.content, body="<p><b>one</b><i>two</i><br>three &amp; four</p>"))
    document = replace(DOCUMENT, entries=(replace(FULL, version=version),))
    page = item(document, FULL.entry_id).find("n:contentSet/n:inlineXML/h:html", NS)
    assert text(page, "h:head/h:title") == FULL.version.content.headline
    assert etree.tostring(page.find("h:body", NS)).decode() == (
        '<body xmlns="http://www.w3.org/1999/xhtml"><p><b>one</b><i>two</i><br/>three &amp; four</p></body>'
    )


def test_each_picture_has_its_credit_and_its_caption() -> None:
    told = item(DOCUMENT, FULL.entry_id)
    photo, clip = told.findall("n:contentSet/n:remoteContent", NS)
    assert {key: photo.get(key) for key in ("href", "contenttype", "size", "width", "height")} == {
        "href": PHOTO.url,
        "contenttype": "image/jpeg",
        "size": "482113",
        "width": "3000",
        "height": "2000",
    }
    assert (clip.get("href"), clip.get("contenttype"), clip.get("size")) == (CLIP.url, "video/mp4", None)
    parts = {part.get("contentrefs"): {local(one): one.text for one in part} for part in told.findall("n:partMeta", NS)}
    assert parts == {
        photo.get("id"): {"headline": PHOTO.title, "creditline": PHOTO.credit, "description": PHOTO.description},
        clip.get("id"): {"creditline": "VNA"},
    }


@pytest.mark.parametrize("kind", ContentType)
def test_each_type_has_its_class(kind: ContentType) -> None:
    version = replace(FULL.version, content=replace(FULL.version.content, type=kind))
    document = replace(DOCUMENT, entries=(replace(FULL, version=version),))
    assert item(document, FULL.entry_id).find("n:itemMeta/n:itemClass", NS).get("qcode") == f"ninat:{kind}"
    assert faults(tree(document)) == []


def test_a_story_taken_back_carries_no_content() -> None:
    """A kill is canceled; a hold is withheld, and may come again; each says of which version it speaks."""
    killed, gone = item(DOCUMENT, KILLED.entry_id), item(DOCUMENT, GONE.entry_id)
    assert [one.find("n:itemMeta/n:pubStatus", NS).get("qcode") for one in (killed, gone)] == ["stat:canceled", "stat:withheld"]
    assert (killed.get("version"), text(killed, "n:itemMeta/n:edNote")) == ("3", KILLED.note)
    for one in (killed, gone):
        assert {local(child) for child in one} == {"catalogRef", "itemMeta"}


def test_the_iptcs_own_reader_reads_it() -> None:
    message = NewsMLG2.NewsMLG2Document(FORMS["newsml"].render(DOCUMENT)).item
    assert (str(message.header.sent), str(message.header.sender)) == ("2026-11-24T12:05:00Z", DOCUMENT.agency)
    # It does not go into the items of a message.
    first, second, killed, _ = (NewsMLG2.NewsMLG2Document(etree.tostring(one)).item for one in tree(DOCUMENT).iter(f"{{{NAR}}}newsItem"))
    assert (first.guid, first.version, str(first.contentmeta.headline[0])) == (FULL.entry_id, "2", FULL.version.content.headline)
    assert [meant(one.qcode) for one in first.contentmeta.subject] == [
        "http://cv.iptc.org/newscodes/mediatopic/04000000",
        "http://cv.iptc.org/newscodes/mediatopic/20000210",
    ]
    assert [(one.href, one.contenttype) for one in first.contentset.remotecontent] == [(PHOTO.url, "image/jpeg"), (CLIP.url, "video/mp4")]
    assert json.loads(str(first.rightsinfo[0].rightsexpressiondata[0]))["target"] == FULL.entry_id
    assert str(second.contentmeta.headline[0]) == PLAIN.version.content.headline
    assert meant(killed.itemmeta.pubstatus.qcode) == "http://cv.iptc.org/newscodes/pubstatusg2/canceled"


@given(hostile_documents)
@settings(deadline=None, max_examples=60)
def test_h12_whatever_the_words_the_message_is_well_formed_and_in_order(document: FeedDocument) -> None:
    """Wire 15: one bad item costs nobody the message."""
    assert [fault for fault in faults(tree(document)) if "language" not in fault] == []
