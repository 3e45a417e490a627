"""Documents to publish, and the values in them: one that says all there is to say, an empty one, and whatever Hypothesis thinks of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from syndication.model.agreement import Alteration, ContentType, CreditPlace, EmbargoHandling, OnwardUse, Stamp, Terms
from syndication.model.partner import Direction
from syndication.model.publication import FeedDocument, FeedEntry, Links, Watermark, Withdrawn
from syndication.model.rights import Credit, Rights
from syndication.model.story import Content, Pubstatus, Rendition, StoryAct, StoryVersion

GOLDEN = Path(__file__).parents[2] / "fixtures" / "outbox"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

TERMS = Terms(
    onward=OnwardUse.OWN_SUBSCRIBERS,
    alteration=Alteration.TRANSLATE,
    credit_line="{partner}",
    embargo=EmbargoHandling.MARKED,
    use_days=30,
    territory=("KZ",),
)
STAMP = Stamp("vna-trc-2025", 1, "2.1", Direction.OUTBOUND, "trc", "vna-to-trc", TERMS, NOON)

PHOTO = Rendition(
    url="https://media.vna.example/2026/11/delta.jpg",
    media_type="image/jpeg",
    type=ContentType.PICTURE,
    length=482_113,
    width=3000,
    height=2000,
    title="Đồng Tháp at dawn",
    description="Farmers on the way to the fields",
    credit="Nguyễn Văn A/VNA",
)
CLIP = Rendition(url="https://media.vna.example/2026/11/delta.mp4?a=1&b=2", media_type="video/mp4", type=ContentType.VIDEO, credit="VNA")

FULL = FeedEntry(
    entry_id="tag:vna.example,2026:s_0123456789abcdef01234567",
    version=StoryVersion(
        story="s_0123456789abcdef01234567",
        number=2,
        content=Content(
            headline="Rice & fish: 5 < 6 in the Mekong Delta",
            body='<p>Farmers in <a href="https://vna.example/dong-thap">Đồng Tháp</a> said "yes" ]]&gt; &amp; went on.</p>',
            language="en-GB",
            summary="Farmers turn to rice & fish.",
            byline=("Nguyễn Văn A", "Trần Thị B"),
            topics=("medtop:04000000", "medtop:20000210", "trc:экономика"),
            renditions=(PHOTO, CLIP),
            credit_line="Vietnam News Agency",
            embargo_until=NOON + timedelta(hours=6),
            urgency=4,
            link="https://vna.example/stories/1?a=1&b=2",
        ),
        pubstatus=Pubstatus.USABLE,
        act=StoryAct.CORRECT,
        made_at=NOON,
        made_by="lan",
        note="The second figure was wrong.",
    ),
    stamp=STAMP,
    rights=Rights(OnwardUse.OWN_SUBSCRIBERS, Alteration.TRANSLATE, territory=("KZ",), use_until=NOON + timedelta(days=30)),
    credits=(Credit("Vietnam News Agency", CreditPlace.END),),
    published=NOON - timedelta(hours=3),
    updated=NOON + timedelta(microseconds=123_456),
    terms="Under vna-trc-2025 v1, 2.1: for you and your own subscribers; alteration: translate.",
    mark=Watermark(NOON - timedelta(hours=3), 12),
)
PLAIN = FeedEntry(
    entry_id="tag:vna.example,2026:s_fedcba9876543210fedcba98",
    version=StoryVersion(
        story="s_fedcba9876543210fedcba98",
        number=1,
        content=Content(headline="Một tin ngắn", body="<p>Đây là một tin ngắn.</p>", language="vi"),
        pubstatus=Pubstatus.USABLE,
        act=StoryAct.WRITE,
        made_at=NOON - timedelta(days=1),
        made_by="lan",
    ),
    stamp=replace(STAMP, terms=Terms(onward=OnwardUse.ANYONE, alteration=Alteration.FREE, machine_translation=True, model_training=True)),
    rights=Rights(OnwardUse.ANYONE, Alteration.FREE, archive=True, machine_translation=True, model_training=True),
    credits=(),
    published=NOON - timedelta(days=1),
    updated=NOON - timedelta(days=1),
    terms="Under vna-trc-2025 v1, 2.2: may be passed on to anyone; alteration: free.",
    mark=Watermark(NOON - timedelta(days=1), 7),
)
KILLED = Withdrawn(
    "tag:vna.example,2026:s_00000000000000000000dead",
    NOON + timedelta(minutes=5),
    "Killed: the minister is < alive & well.",
    Pubstatus.CANCELED,
    Watermark(NOON + timedelta(minutes=5), 13),
    3,
    ContentType.TEXT,
)
GONE = Withdrawn(
    "tag:vna.example,2026:s_00000000000000000000beef",
    NOON - timedelta(days=2),
    None,
    Pubstatus.WITHHELD,
    Watermark(NOON - timedelta(days=2), 5),
    1,
    ContentType.PICTURE,
)

EMPTY = FeedDocument(
    id="tag:vna.example,2025:flow:vna-to-trc",
    title="VNA to TRC",
    url="https://feeds.vna.example/feeds/vna-to-trc.xml",
    home="https://vna.example/",
    agency="Vietnam News Agency",
    giver="vna",
    authority="tag:vna.example,2025",
    language="en",
    updated=datetime(2025, 5, 6, tzinfo=UTC),
    entries=(),
    withdrawn=(),
    rights="Under vna-trc-2025 v1: Exchange of information",
)
DOCUMENT = replace(EMPTY, updated=KILLED.when, entries=(FULL, PLAIN), withdrawn=(KILLED, GONE))
LINKS = Links(
    current="https://feeds.vna.example/feeds/vna-to-trc.xml",
    prev_archive="https://feeds.vna.example/feeds/vna-to-trc/archive/1.xml?a=1&b=2",
    next_archive="https://feeds.vna.example/feeds/vna-to-trc/archive/3.xml",
    hub="https://feeds.vna.example/hub",
)
ARCHIVE = replace(DOCUMENT, url="https://feeds.vna.example/feeds/vna-to-trc/archive/2.xml", links=LINKS)
"""The same as an archive document (RFC 5005, 4)."""
TAKEN = replace(STAMP, agreement="vna-azertac-2025", direction=Direction.INBOUND, partner="azertac", at=NOON - timedelta(hours=5))
COPY = replace(FULL, version=replace(FULL.version, sources=(replace(TAKEN, at=NOON - timedelta(days=1)), TAKEN)))
"""AZERTAC's story, published again by us."""


# Any text at all: C0, lone surrogates, U+FFFE, markup, half a CDATA section.
texts = (
    st.text(max_size=30)
    | st.text(alphabet="\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffff]>&<\"'\r\n\u2028\u202e a", max_size=12)
    | st.just("]]><x>&")
)
moments = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them so
addresses = st.sampled_from(
    ["https://a.example/?b&c", "javascript:alert(1)", "//a", "", "http://a.example/\x00\ud800\"'<>", "http://[", "HTTPS://A.example/"]
)

hostile_renditions = st.builds(
    Rendition,
    url=addresses,
    media_type=texts,
    type=st.sampled_from(ContentType),
    length=st.none() | st.integers(-5, 10**20),
    width=st.none() | st.integers(-5, 10**6),
    title=st.none() | texts,
    description=st.none() | texts,
    credit=st.none() | texts,
)
hostile_content = st.builds(
    Content,
    headline=texts,
    body=texts,
    language=texts,
    summary=texts,
    byline=st.lists(texts, max_size=3).map(tuple),
    topics=st.lists(texts, max_size=3).map(tuple),
    renditions=st.lists(hostile_renditions, max_size=3).map(tuple),
    credit_line=st.none() | texts,
    embargo_until=st.none() | moments,
    link=st.none() | addresses,
)
hostile_rights = st.builds(
    Rights,
    onward=st.sampled_from(OnwardUse),
    alteration=st.sampled_from(Alteration),
    onward_partners=st.lists(texts, max_size=2).map(tuple),
    territory=st.none() | st.lists(texts, max_size=2).map(tuple),
    not_territory=st.lists(texts, max_size=2).map(tuple),
    use_until=st.none() | moments,
    archive=st.booleans(),
    delete_at_end=st.booleans(),
    machine_translation=st.booleans(),
    model_training=st.booleans(),
)
hostile_entries = st.builds(
    lambda content, name, rights, owed, terms, published, updated: replace(
        FULL,
        entry_id="tag:vna.example,2026:" + name,
        version=replace(FULL.version, content=content),
        rights=rights,
        credits=tuple(owed),
        terms=terms,
        published=published,
        updated=updated,
    ),
    content=hostile_content,
    name=texts,
    rights=hostile_rights,
    owed=st.lists(st.builds(Credit, texts, st.sampled_from(CreditPlace)), max_size=2),
    terms=texts,
    published=moments,
    updated=moments,
)
hostile_withdrawn = st.builds(
    Withdrawn,
    texts,
    moments,
    st.none() | texts,
    st.sampled_from(Pubstatus),
    st.just(KILLED.mark),
    st.integers(1, 9),
    st.sampled_from(ContentType),
)
hostile_links = st.builds(Links, *[st.none() | st.just("https://a.example/?b&c\x00\"'<>")] * 5)
hostile_documents = st.builds(
    lambda title, agency, rights, language, entries, withdrawn, links: replace(
        EMPTY, title=title, agency=agency, rights=rights, language=language, entries=tuple(entries), withdrawn=tuple(withdrawn), links=links
    ),
    title=texts,
    agency=texts,
    rights=texts,
    language=st.sampled_from(["en", "vi", "zh-Hant-TW"]),
    entries=st.lists(hostile_entries, max_size=3),
    withdrawn=st.lists(hostile_withdrawn, max_size=3),
    links=hostile_links,
)
