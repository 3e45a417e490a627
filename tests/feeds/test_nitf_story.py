"""NITF coming in: where each thing is read from, every fault by its XPath, and what it may not bring along."""

from datetime import UTC, datetime

import pytest

from syndication.errors import StoryError
from syndication.feeds import submitted
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SCHEMA = 'xmlns="http://iptc.org/std/NITF/2006-10-18/" '
STORY = """<nitf SPACE xml:lang="vi">
  <head>
    <title>Bảo tàng</title>
    <tobject><tobject.subject tobject.subject.refnum="01004000"/><tobject.subject tobject.subject.refnum="20000210"/></tobject>
    <docdata management-status="withheld" management-doc-idref="urn:vna:6">
      <doc-id id-string="urn:vna:7" regsrc="vna"/>
      <urgency ed-urg="3"/>
      <date.issue norm="20261124T100000Z"/>
      <date.release norm="20261201T080000+0700"/>
      <ed-msg info="Sửa số liệu."/>
      <doc.rights owner="TTXVN"/>
      <key-list><keyword key="văn hóa"/></key-list>
      <identified-content><classifier type="medtop" value="05000000"/><classifier type="vna" value="7"/></identified-content>
    </docdata>
  </head>
  <body>
    <body.head>
      <hedline><hl1>Hà Nội mở <em>bảo tàng</em></hl1><hl2>Nhỏ</hl2></hedline>
      <byline>Bởi <person>Lan</person>, <byttl>phóng viên</byttl></byline>
      <abstract><p>Bảo tàng mở cửa.</p></abstract>
    </body.head>
    <body.content>
      <block><p lede="true">Một &amp; <a href="https://vna.example/1" onclick="x()">hai</a> <person>Ba</person>.</p>
      <hl2>Bốn</hl2><script>x()</script>
      <media media-type="image"><media-reference source="https://m.example/1.jpg" mime-type="image/jpeg" width="30" height="20"/>
        <media-caption>Cửa bảo tàng</media-caption><media-producer>An</media-producer></media></block>
    </body.content>
  </body>
</nitf>"""
PLAIN = STORY.replace("SPACE ", "")
MUTE = PLAIN.replace(' xml:lang="vi"', "")
TAKEN = Submitted(
    uri="urn:vna:7",
    content=Content(
        headline="Hà Nội mở bảo tàng",
        body='<p>Một &amp; <a href="https://vna.example/1" rel="noopener noreferrer nofollow">hai</a> Ba.</p>\n      <h2>Bốn</h2>',
        language="vi",
        summary="Bảo tàng mở cửa.",
        byline=("Lan",),
        topics=("medtop:05000000", "medtop:01000000", "medtop:20000210"),
        renditions=(
            Rendition("https://m.example/1.jpg", "image/jpeg", ContentType.PICTURE, None, 30, 20, description="Cửa bảo tàng", credit="An"),
        ),
        credit_line="TTXVN",
        embargo_until=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        urgency=3,
    ),
    pubstatus=Pubstatus.WITHHELD,
    evolved_from="urn:vna:6",
    note="Sửa số liệu.",
)


def read(document: str) -> Submitted:
    return submitted.read(document.encode(), NOW)


def changed(old: str, new: str) -> str:
    assert old in PLAIN
    return PLAIN.replace(old, new)


def faults(document: str) -> dict[str, str]:
    with pytest.raises(StoryError) as caught:
        read(document)
    return {fault.key: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(PLAIN, id="of the DTD"),
        pytest.param(STORY.replace("SPACE ", SCHEMA), id="of the schema"),
        pytest.param('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nitf SYSTEM "nitf-3-5.dtd">\n' + PLAIN, id="with the bare DOCTYPE"),
        pytest.param(
            '<!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.4//EN" "http://www.iptc.org/std/NITF/3.4/specification/dtd/nitf-3-4.dtd">' + PLAIN,
            id="with the public name of the DTD",
        ),
        pytest.param(MUTE.replace("<title>", '<meta name="language" content="vi"/><title>'), id="with a meta"),
        pytest.param(MUTE.replace("<body.content>", '<body.content xml:lang="vi">'), id="in its body"),
    ],
)
def test_the_same_story_from_each(document: str) -> None:
    assert read(document) == TAKEN


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        pytest.param(' id-string="urn:vna:7"', "", "/nitf/head/docdata/doc-id/@id-string", "is missing", id="no id"),
        pytest.param("<urgency", '<doc-id id-string="b"/><urgency', "/nitf/head/docdata/doc-id[2]", "more than once", id="two ids"),
        pytest.param('ed-urg="3"', 'ed-urg="0"', "/nitf/head/docdata/urgency/@ed-urg", "from 1", id="an urgency of 0"),
        pytest.param('"withheld"', '"spiked"', "/nitf/head/docdata/@management-status", "must be one of", id="a status that is none"),
        pytest.param("20261124T100000Z", "today", "/nitf/head/docdata/date.issue/@norm", "a moment", id="an issue of no day"),
        pytest.param("+0700", "", "/nitf/head/docdata/date.release/@norm", "its zone", id="an embargo without a zone"),
        pytest.param("20261201T080000+0700", "20261201", "/nitf/head/docdata/date.release/@norm", "its zone", id="an embargo of a day"),
        pytest.param(
            "date.release norm", "date.releases norm", "/nitf/head/docdata/date.releases", "did you mean 'date.release'?", id="mistyped"
        ),
        pytest.param(
            "<body.head>", '<body.head><date.release norm="x"/>', "/nitf/body/body.head/date.release", "belongs in docdata", id="astray"
        ),
        pytest.param(' xml:lang="vi"', "", "/nitf/@xml:lang", "is missing", id="no language"),
        pytest.param(' xml:lang="vi"', ' xml:lang="zz_"', "/nitf/@xml:lang", "BCP 47", id="a language that is none"),
        pytest.param("https://m.example/1.jpg", "1.jpg", "//media/media-reference", "http(s)", id="an address without a host"),
        pytest.param("image/jpeg", "text/html", "//media/media-reference", "media type", id="a picture that is a page"),
        pytest.param("<media-reference", "<media-object", "//media/media-reference", "is missing", id="a picture in the document"),
        pytest.param("body.content>", "body.text>", "/nitf/body/body.content", "is missing", id="no text"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, place: str, said: str) -> None:
    told = faults(changed(old, new))
    place = place.replace("//", "/nitf/body/body.content/block/")
    assert said in told[place]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert set(faults("<nitf><body/></nitf>")) == {
        "/nitf/head/docdata/doc-id/@id-string",
        "/nitf/@xml:lang",
        "/nitf/body/body.head/hedline/hl1",
        "/nitf/body/body.content",
    }


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param(('management-status="withheld" ', ""), Pubstatus.USABLE, id="nothing said"),
        pytest.param(('"withheld"', '"canceled"'), Pubstatus.CANCELED, id="canceled"),
        pytest.param(('"withheld"', '"embargoed"'), Pubstatus.USABLE, id="under an embargo"),
        pytest.param(("<ed-msg ", '<ed-msg msg-type="kill" '), Pubstatus.CANCELED, id="a kill by message"),
        pytest.param(("<ed-msg ", '<ed-msg msg-type="advisory" '), Pubstatus.WITHHELD, id="an advice"),
    ],
)
def test_the_most_severe_of_what_it_says_holds(change: tuple[str, str], status: Pubstatus) -> None:
    assert read(changed(*change)).pubstatus is status


def test_an_embargo_needs_its_hour_and_the_latest_holds() -> None:
    bare = changed('"withheld"', '"embargoed"').replace('<date.release norm="20261201T080000+0700"/>', "")
    assert "needs its hour" in faults(bare)["/nitf/head/docdata/date.release/@norm"]
    later = changed('owner="TTXVN"', 'owner="TTXVN" startdate="20261202T000000Z"')
    assert read(later).content.embargo_until == datetime(2026, 12, 2, tzinfo=UTC)
    past = changed("20261201T080000+0700", "20091002T000000")
    assert read(past).content.embargo_until is None


def test_another_story_is_not_killed_on_the_way() -> None:
    told = faults(changed('management-doc-idref="urn:vna:6"', 'management-doc-idref="urn:vna:6" management-idref-status="canceled"'))
    assert "its own id" in told["/nitf/head/docdata/@management-idref-status"]


def test_a_kill_needs_its_id_only() -> None:
    told = read('<nitf><head><docdata management-status="canceled"><doc-id id-string="a"/></docdata></head></nitf>')
    assert (told.uri, told.pubstatus) == ("a", Pubstatus.CANCELED)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        pytest.param("By <person>An</person> and <person>Lan</person>", ("An", "Lan"), id="two people"),
        pytest.param("By <person>An</person> and Lan", ("By An and Lan",), id="one that is marked, one that is not"),
        pytest.param("Lan, <byttl>editor</byttl>", ("Lan",), id="none that is marked"),
        pytest.param("<byttl>TTXVN</byttl>", ("TTXVN",), id="a title alone"),
        pytest.param(" ", (), id="nobody"),
    ],
)
def test_who_wrote_it(byline: str, names: tuple[str, ...]) -> None:
    assert read(changed("Bởi <person>Lan</person>, <byttl>phóng viên</byttl>", byline)).content.byline == names


def test_subjects_of_others_say_nothing_here() -> None:
    told = read(changed('refnum="01004000"', 'refnum="01004000" tobject.subject.ipr="VNA"'))
    assert told.content.topics == ("medtop:05000000", "medtop:20000210")
