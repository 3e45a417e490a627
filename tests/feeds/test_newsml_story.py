"""NewsML-G2 coming in: where each thing is read from, one item or a message of them, and every fault by its XPath."""

from datetime import UTC, datetime

import pytest

from syndication.errors import StoryError
from syndication.feeds import submitted
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ITEM = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:vna:7" version="2" standard="NewsML-G2" standardversion="2.35"
  conformance="power" xml:lang="en">
  <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml"/>
  <catalog><scheme alias="mt" uri="http://cv.iptc.org/newscodes/mediatopic/"/></catalog>
  <rightsInfo><copyrightNotice>TTXVN</copyrightNotice></rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text"/>
    <provider qcode="nprov:VNA"/>
    <versionCreated>2026-11-24T10:00:00Z</versionCreated>
    <embargoed>2026-12-01T08:00:00+07:00</embargoed>
    <pubStatus qcode="stat:withheld"/>
    <edNote>Sửa số liệu.</edNote>
    <altRep contenttype="application/json">https://vna.example/7.json</altRep>
    <altRep contenttype="text/html">https://vna.example/7</altRep>
    <link rel="irel:seeAlso" href="https://vna.example/5"/>
    <link rel="irel:evolvedFrom" residref="urn:vna:6"/>
  </itemMeta>
  <contentMeta>
    <urgency>3</urgency>
    <creator><name>Lan</name></creator>
    <creator><name>An</name></creator>
    <creditline>TTXVN</creditline>
    <language tag="vi"/>
    <subject qcode="medtop:01000000"/>
    <subject qcode="mt:05000000"/>
    <subject uri="https://cv.iptc.org/newscodes/mediatopic/20000210"/>
    <subject qcode="vna:7"><sameAs qcode="subj:15007000"/></subject>
    <headline role="hldrole:short">Bảo tàng</headline>
    <headline role="hldrole:main">Hà Nội mở bảo tàng</headline>
    <by>Lan, An</by>
    <description role="drol:summary">Bảo tàng mở cửa.</description>
  </contentMeta>
  <partMeta contentrefs="p9 p1"><headline>Cửa</headline><description>Cửa bảo tàng</description><creditline>An</creditline></partMeta>
  <contentSet>BODY
    <remoteContent id="p1" href="https://m.example/1.jpg" contenttype="image/jpeg" size="9" width="30" height="20" rendition="rnd:highRes"/>
  </contentSet>
</newsItem>"""
XHTML = """<inlineXML contenttype="application/xhtml+xml"><h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title></h:head>
<h:body><h:p onclick="x()">Một &amp; hai.</h:p><h:script>x()</h:script></h:body></h:html></inlineXML>"""
NITF = """<inlineXML contenttype="application/nitf+xml"><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body><body.head/>
<body.content><p>Một &amp; hai.</p></body.content></body></nitf></inlineXML>"""
USABLE = '<pubStatus qcode="stat:usable"/>'
ESCAPED = "&lt;p>Một &amp;amp; hai.&lt;/p>"
STORY = ITEM.replace("BODY", XHTML)
TAKEN = Submitted(
    uri="urn:vna:7",
    content=Content(
        headline="Hà Nội mở bảo tàng",
        body="<p>Một &amp; hai.</p>",
        language="vi",
        summary="Bảo tàng mở cửa.",
        byline=("Lan", "An"),
        topics=("medtop:01000000", "medtop:05000000", "medtop:20000210", "medtop:15000000"),
        renditions=(
            Rendition(
                "https://m.example/1.jpg",
                "image/jpeg",
                ContentType.PICTURE,
                9,
                30,
                20,
                title="Cửa",
                description="Cửa bảo tàng",
                credit="An",
            ),
        ),
        credit_line="TTXVN",
        embargo_until=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        urgency=3,
        link="https://vna.example/7",
    ),
    pubstatus=Pubstatus.WITHHELD,
    evolved_from="urn:vna:6",
    note="Sửa số liệu.",
)


def read(document: str) -> Submitted:
    return submitted.read(document.encode(), NOW)


def changed(old: str, new: str) -> str:
    assert old in STORY
    return STORY.replace(old, new)


def message(*items: str) -> str:
    return (
        '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>2026-11-24T10:00:00Z</sent></header>'
        f"<itemSet>{''.join(items)}</itemSet></newsMessage>"
    )


def faults(document: str) -> dict[str, str]:
    with pytest.raises(StoryError) as caught:
        submitted.read_all(document.encode(), NOW)
    return {fault.key: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(STORY, id="XHTML"),
        pytest.param(ITEM.replace("BODY", NITF), id="NITF"),
        pytest.param(ITEM.replace("BODY", NITF + XHTML), id="both"),
        pytest.param(ITEM.replace("BODY", '<inlineData contenttype="text/plain">Một &amp; hai.</inlineData>'), id="plain text"),
        pytest.param(
            ITEM.replace("BODY", '<inlineData contenttype="text/html">&lt;p>Một &amp;amp; hai.&lt;/p></inlineData>'), id="escaped HTML"
        ),
        pytest.param(message(STORY), id="in a message"),
        pytest.param(STORY.replace(' conformance="power"', ""), id="core"),
        pytest.param(STORY.replace('<language tag="vi"/>', "").replace('xml:lang="en"', 'xml:lang="vi"'), id="the language of the item"),
        pytest.param(STORY.replace('qcode="stat:', 'uri="http://cv.iptc.org/newscodes/pubstatusg2/'), id="a status by URI"),
        pytest.param("\n" + STORY, id="after an empty line"),
    ],
)
def test_the_same_story_from_each(document: str) -> None:
    assert read(document) == TAKEN


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        pytest.param(' guid="urn:vna:7"', "", "/@guid", "is missing", id="no id"),
        pytest.param('version="2"', 'version="b"', "/@version", "a whole number", id="a version that is none"),
        pytest.param('"power"', '"full"', "/@conformance", "core or power", id="a conformance that is none"),
        pytest.param("stat:withheld", "stat:spiked", "/itemMeta/pubStatus", "'spiked' must be one of", id="a status that is none"),
        pytest.param("stat:withheld", "sta:usable", "/itemMeta/pubStatus", "must be one of", id="a status of another scheme"),
        pytest.param(
            "<pubStatus", '<pubStatus qcode="stat:usable"/><pubStatus', "/itemMeta/pubStatus[2]", "more than once", id="two states"
        ),
        pytest.param(
            "<urgency>", '<pubStatus qcode="stat:usable"/><urgency>', "/contentMeta/pubStatus", "belongs in itemMeta", id="astray"
        ),
        pytest.param("embargoed>", "embargoedd>", "/itemMeta/embargoedd", "did you mean 'embargoed'?", id="a mistyped embargo"),
        pytest.param("2026-12-01T08:00:00+07:00", "", "/itemMeta/embargoed", "its zone", id="an embargo without an hour"),
        pytest.param("+07:00", "", "/itemMeta/embargoed", "its zone", id="an embargo without a zone"),
        pytest.param("2026-11-24T10:00:00Z", "today", "/itemMeta/versionCreated", "a moment", id="a date that is none"),
        pytest.param("ninat:text", "ninat:event", "/itemMeta/itemClass", "'event' must be one of", id="an event"),
        pytest.param("ninat:text", "ninat:video", "/contentSet/remoteContent", "type video", id="a video without one"),
        pytest.param("<urgency>3", "<urgency>0", "/contentMeta/urgency", "from 1", id="an urgency of 0"),
        pytest.param('tag="vi"/>', 'tag="vi"/><language tag="en"/>', "/contentMeta/language[2]/@tag", "one language", id="two languages"),
        pytest.param('tag="vi"', 'tag="zz_"', "/contentMeta/language/@tag", "BCP 47", id="a language that is none"),
        pytest.param("headline", "slugline", "/contentMeta/headline", "is missing", id="no headline"),
        pytest.param("h:p", "h:style", "/contentSet", "is missing or empty", id="no text"),
        pytest.param('<link rel="irel:seeAlso" ', '<link rel="irel:evolvedFrom" ', "/itemMeta/link[2]", "one earlier take", id="two takes"),
        pytest.param(' residref="urn:vna:6"', "", "/itemMeta/link[2]/@residref", "is missing", id="a take of nothing"),
        pytest.param("https://m.example/1.jpg", "./1.jpg", "/contentSet/remoteContent", "http(s)", id="an address without a host"),
        pytest.param(
            "<remoteContent",
            '<inlineData contenttype="image/png" encoding="base64">aa</inlineData><remoteContent',
            "/contentSet/inlineData",
            "encoded",
            id="a picture in the document",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, place: str, said: str) -> None:
    assert said in faults(changed(old, new))[f"/newsItem{place}"]


def test_everything_that_is_wrong_is_said_at_once_and_of_every_item() -> None:
    bare = '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"/>'
    places = {f"/newsMessage/itemSet/newsItem[{number}]{more}" for number in (2, 3) for more in ("/@guid", "/contentMeta/language/@tag")}
    told = faults(message(STORY, bare, bare, "<packageItem/>"))
    assert places <= told.keys()
    assert "no story" in told["/newsMessage/itemSet/packageItem"]


def test_a_message_of_several_is_read_whole_or_not_at_all() -> None:
    other = STORY.replace("urn:vna:7", "urn:vna:8")
    assert [one.uri for one in submitted.read_all(message(STORY, other).encode(), NOW)] == ["urn:vna:7", "urn:vna:8"]
    with pytest.raises(StoryError, match=r"holds 2 stories.*each newsItem by itself.*newsroom_folder"):
        read(message(STORY, other))
    assert "earlier item" in faults(message(STORY, STORY))["/newsMessage/itemSet/newsItem[2]/@guid"]
    assert "no newsItem" in faults(message())["/newsMessage/itemSet"]


def test_what_the_document_within_restrains_is_restrained() -> None:
    """A NITF within may say that it is killed, or under an embargo, where the item says nothing."""
    within = NITF.replace(
        "<body>", '<head><docdata management-status="canceled"><date.release norm="20261203T000000Z"/></docdata></head><body>'
    )
    told = read(ITEM.replace("BODY", within))
    assert (told.pubstatus, told.content.embargo_until) == (Pubstatus.CANCELED, datetime(2026, 12, 3, tzinfo=UTC))


def test_a_kill_needs_its_id_only() -> None:
    told = read(
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="a"><itemMeta><pubStatus qcode="stat:canceled"/>'
        "<edNote>Sai người.</edNote></itemMeta></newsItem>"
    )
    assert (told.uri, told.pubstatus, told.note) == ("a", Pubstatus.CANCELED, "Sai người.")


def test_a_picture_of_which_nothing_is_said_has_the_credit_of_the_story() -> None:
    (picture,) = read(changed(' id="p1"', "")).content.renditions
    assert (picture.title, picture.description, picture.credit) == (None, None, "TTXVN")


def test_a_picture_is_a_story_of_its_own() -> None:
    told = read(changed("ninat:text", "ninat:picture").replace(XHTML, ""))
    assert (told.content.type, told.content.body, len(told.content.renditions)) == (ContentType.PICTURE, "", 1)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        pytest.param("<by>Lan (Huế)</by>", ("Lan (Huế)",), id="as it is written"),
        pytest.param("", ("Lan", "An"), id="by the creators"),
    ],
)
def test_who_wrote_it(byline: str, names: tuple[str, ...]) -> None:
    assert read(changed("<by>Lan, An</by>", byline)).content.byline == names
