"""The words of the wire, read and written in one place: namespaces, IPTC Media Topics, media types."""

import re
from typing import Final

from syndication.model.agreement import ContentType

ATOM: Final = "http://www.w3.org/2005/Atom"
ATOM03: Final = "http://purl.org/atom/ns#"
CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
DC: Final = "http://purl.org/dc/elements/1.1/"
DCTERMS: Final = "http://purl.org/dc/terms/"
HISTORY: Final = "http://purl.org/syndication/history/1.0"
MEDIA: Final = "http://search.yahoo.com/mrss/"
NAR: Final = "http://iptc.org/std/nar/2006-10-01/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
XHTML: Final = "http://www.w3.org/1999/xhtml"
XML: Final = "http://www.w3.org/XML/1998/namespace"
ODRL: Final = "http://www.w3.org/ns/odrl/2/"
PLUS: Final = "http://ns.useplus.org/ldf/xmp/1.0/"
RSS: Final = frozenset(
    {
        "http://purl.org/rss/1.0/",
        "http://purl.org/rss/1.0/modules/rss091#",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
    }
)
RIGHTS: Final = "urn:uuid:6d0b7a52-3f0e-4c51-9d8b-1f6a2a4f7c10#"
"""Our own words for rights, where no standard has one; a name, compared as it stands and never fetched. docs/subscribe.md explains each."""

DATA_MINING: Final = {
    True: "http://ns.useplus.org/ldf/vocab/DMI-ALLOWED",
    False: "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING",
}
"""May models be trained with it: the property Data Mining of PLUS, which the IPTC Photo Metadata Standard took over in 2023.1."""

TOPICS: Final = {
    "medtop:01000000": "arts, culture and entertainment",
    "medtop:02000000": "crime, law and justice",
    "medtop:03000000": "disaster and accident",
    "medtop:04000000": "economy, business and finance",
    "medtop:05000000": "education",
    "medtop:06000000": "environment",
    "medtop:07000000": "health",
    "medtop:08000000": "human interest",
    "medtop:09000000": "labour",
    "medtop:10000000": "lifestyle and leisure",
    "medtop:11000000": "politics and government",
    "medtop:12000000": "religion",
    "medtop:13000000": "science and technology",
    "medtop:14000000": "society",
    "medtop:15000000": "sport",
    "medtop:16000000": "conflict, war and peace",
    "medtop:17000000": "weather",
}
"""The top level of the IPTC Media Topics; agreements and partners' categories are mapped to these."""

TOPIC_SCHEME: Final = "http://cv.iptc.org/newscodes/mediatopic/"
_TOPIC = re.compile(rf"(?:{re.escape(TOPIC_SCHEME)}|https://cv\.iptc\.org/newscodes/mediatopic/|medtop:)(\d{{8}})")


def topic_of(term: str, scheme: str | None = None) -> str | None:
    """The Media Topic that a category or subject code names (`medtop:15000000`), or None."""
    text = term.strip()
    if scheme and scheme.rstrip("/:").casefold().endswith(("mediatopic", "medtop")) and re.fullmatch(r"\d{8}", text):
        text = f"medtop:{text}"
    found = _TOPIC.fullmatch(text)
    return f"medtop:{found[1]}" if found else None


def topic_of_subject(code: str) -> str | None:
    """The Media Topic that an IPTC Subject Code (`15007000`) falls under: both have the same top level, and no other in common."""
    top = f"medtop:{code[:2]}000000"
    return top if re.fullmatch(r"[0-9]{8}", code) and top in TOPICS else None


def content_type_of(media_type: str, medium: str = "") -> ContentType | None:
    """What a rendition is, by its media type or by Media RSS `medium`; None for a document that is no picture, audio or video."""
    family = media_type.partition("/")[0].strip().casefold() or medium.strip().casefold()
    return {"image": ContentType.PICTURE, "video": ContentType.VIDEO, "audio": ContentType.AUDIO}.get(family)
