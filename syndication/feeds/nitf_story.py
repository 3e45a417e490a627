"""NITF, read: a story of our own newsroom (IPTC NITF 3.x, with its namespace or without). Pure."""

import re
from datetime import datetime
from typing import Final

from syndication.feeds.draft import LONGEST_NOTE, Draft
from syndication.feeds.parse import LONGEST_ID, LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TITLE, MOST
from syndication.feeds.sanitize import clean_text
from syndication.feeds.tree import LANG, Element, astray, every, few, first, known, markup, name, place, single, space, words
from syndication.feeds.vocabulary import topic_of, topic_of_subject
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

NITF: Final = "http://iptc.org/std/NITF/2006-10-18/"
SPACES: Final = frozenset({"", NITF})
DOCDATA: Final = frozenset(
    re.findall(
        r"\S+",
        """correction evloc doc-id del-list urgency fixture date.issue date.release date.expire doc-scope series ed-msg du-key doc.copyright
        doc.rights key-list identified-content""",
    )
)
RENAMED: Final = {"hl2": "h2", "bq": "blockquote"}
WITHOUT: Final = frozenset({"media", "nitf-table-metadata", "custom-table"})
TOLD: Final = {
    "kill": Pubstatus.CANCELED,
    "cancel": Pubstatus.CANCELED,
    "canceled": Pubstatus.CANCELED,
    "cancelled": Pubstatus.CANCELED,
    "withhold": Pubstatus.WITHHELD,
    "withheld": Pubstatus.WITHHELD,
    "hold": Pubstatus.WITHHELD,
}
"""What an `ed-msg` may order, by its msg-type; others are for people to read."""
SEVERITY: Final = (Pubstatus.USABLE, Pubstatus.WITHHELD, Pubstatus.CANCELED)
BASIC: Final = re.compile(r"\s*(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(.*)", re.DOTALL)
"""A moment in the basic form of ISO 8601, as NITF has it: 20261201T080000+0700."""


def read(root: Element, now: datetime) -> Submitted:
    """The story that an `nitf` element holds. Raises StoryError, which names every fault by its XPath."""
    return story(root, Draft(now))


def story(root: Element, draft: Draft) -> Submitted:
    """The same, by a draft of who asks."""
    identity = single(draft, root, "head/docdata/doc-id")
    uri = draft.identity(f"{_docdata(root)}/doc-id/@id-string", "" if identity is None else identity.get("id-string", ""))
    pubstatus, embargo = restraint(draft, root)
    for each in (*few(draft, root, "head/docdata/date.issue"), *few(draft, root, "head/docdata/date.expire")):
        draft.moment(place(each, "/@norm"), _moment(each.get("norm", "")))
    draft.created = draft.changed = next((_moment(one.get("norm", "")) for one in every(root, "head/docdata/date.issue")), "")
    draft.ends = next((_moment(one.get("norm", "")) for one in every(root, "head/docdata/date.expire")), "")
    urgency = single(draft, root, "head/docdata/urgency")
    content = Content(
        headline=clean_text(words(first(root, "body/body.head/hedline/hl1")) or words(first(root, "head/title")), LONGEST_TITLE),
        body=body(draft, root),
        language=clean_text(_language(root), 40),
        summary=clean_text(words(first(root, "body/body.head/abstract")), LONGEST_SUMMARY),
        byline=_byline(draft, root),
        topics=_topics(draft, root),
        renditions=renditions(draft, root),
        credit_line=_credit(root) or None,
        embargo_until=embargo,
        urgency=None if urgency is None else draft.urgency(place(urgency, "/@ed-urg"), urgency.get("ed-urg", "")),
    )
    notes = [*every(root, "head/docdata/ed-msg"), *every(root, "head/docdata/correction")]
    note = clean_text(" ".join(one.get("info", "") for one in notes), LONGEST_NOTE)
    places = ("/nitf/@xml:lang", "/nitf/body/body.head/hedline/hl1", "/nitf/body/body.content", "/nitf/body/body.content/media")
    return draft.finished(uri, content, pubstatus, _evolved(draft, root), note, places)


def restraint(draft: Draft, root: Element) -> tuple[Pubstatus, datetime | None]:
    """What its docdata says of whether it may go out, and when: the most severe of what it says, and the latest of its hours."""
    astray(draft, root, {"docdata"}, "head")
    astray(draft, root, {"date.release", "ed-msg", "doc.rights"}, "docdata")
    docdata = single(draft, root, "head/docdata")
    if docdata is None:
        return Pubstatus.USABLE, None
    known(draft, docdata, DOCDATA)
    hours = [(place(one, "/@norm"), one.get("norm", "")) for one in few(draft, docdata, "date.release")]
    hours += [(place(one, "/@startdate"), one.get("startdate", "")) for one in few(draft, docdata, "doc.rights") if one.get("startdate")]
    written = docdata.get("management-status", "usable").strip().casefold()
    if written == "embargoed":
        if not hours:
            draft.fault(place(docdata, "/date.release/@norm"), "is missing: an embargo needs its hour")
        written = "usable"
    status = draft.choice(place(docdata, "/@management-status"), written, Pubstatus, Pubstatus.USABLE)
    ordered = [TOLD.get(one.get("msg-type", "").strip().casefold(), Pubstatus.USABLE) for one in every(docdata, "ed-msg")]
    until = [draft.embargo(where, _moment(text)) for where, text in hours]
    return max([status, *ordered], key=SEVERITY.index), max((one for one in until if one is not None), default=None)


def body(draft: Draft, root: Element) -> str:
    """The text of body.content, without its media."""
    content = first(root, "body/body.content")
    return "" if content is None else draft.html(place(content), markup(content, RENAMED, WITHOUT))


def renditions(draft: Draft, root: Element) -> tuple[Rendition, ...]:
    """Each media-reference with its caption and credit."""
    made: list[Rendition] = []
    around = space(root)
    found = list(root.iter(f"{{{around}}}media" if around else "media"))
    if len(found) > MOST:
        draft.fault(place(root, "//media"), f"is there more than {MOST} times")
    for media in found[:MOST]:
        described = clean_text(words(first(media, "media-caption")), LONGEST_SUMMARY)
        producer = words(first(media, "media-producer"))
        references = few(draft, media, "media-reference")
        if not references:
            draft.fault(place(media, "/media-reference"), "is missing: what stands in the document itself is not taken")
        for one in references:
            credit = clean_text(one.get("source-credit") or producer, LONGEST_NAME)
            sizes = (None, one.get("width"), one.get("height"))
            rendition = draft.rendition(place(one), one.get("source", ""), one.get("mime-type", ""), sizes, ("", described, credit))
            if rendition is not None:
                made.append(rendition)
    return tuple({one.url: one for one in made}.values())


def _docdata(root: Element) -> str:
    return place(root, "/head/docdata")


def _moment(norm: str) -> str:
    """The same in the extended form; what is neither stays as it is."""
    found = BASIC.fullmatch(norm)
    return norm if found is None else f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6] or '00'}{found[7]}"


def _language(root: Element) -> str:
    spoken = [root, *(one for path in ("body", "body/body.content", "body/body.head") for one in every(root, path))]
    tags = [one.get(LANG) or "" for one in spoken]
    tags += [one.get("content") or "" for one in every(root, "head/meta") if one.get("name", "").casefold() == "language"]
    return next((tag for tag in tags if tag), "")


def _byline(draft: Draft, root: Element) -> tuple[str, ...]:
    """One name each: the people that a byline marks, unless it says more than them; else its words. The title of a writer is no name."""
    found: list[str] = []
    for one in few(draft, root, "body/body.head/byline"):
        people = [words(person) for person in every(one, "person")]
        parts = [one.text or "", *((words(child) if name(child) != "byttl" else "") + (child.tail or "") for child in one)]
        said = " ".join("".join(parts).split())
        # One word to each of them, as in 'By A and B', joins names; what is more may be another name.
        found += (
            people
            if people and len(re.findall(r"\w+", said)) <= len(re.findall(r"\w+", " ".join(people))) + len(people)
            else [said or words(one)]
        )
    return tuple(dict.fromkeys(who for who in (clean_text(each, LONGEST_NAME).strip(" ,;") for each in found) if who))


def _credit(root: Element) -> str:
    owners = (one.get("owner", "") for one in every(root, "head/docdata/doc.rights"))
    return clean_text(words(first(root, "body/body.head/distributor")) or next(owners, ""), LONGEST_NAME)


def _topics(draft: Draft, root: Element) -> tuple[str, ...]:
    """IPTC's subjects: Media Topics as they stand, Subject Codes by their top level, which both have in common."""
    classes = few(draft, root, "head/docdata/identified-content/classifier")
    said = [topic_of(one.get("value", ""), one.get("idsrc") or one.get("type")) for one in classes]
    draft.category(*(one.get("value", "") for one, topic in zip(classes, said, strict=True) if topic is None))
    for one in few(draft, root, "head/tobject/tobject.subject"):
        number = one.get("tobject.subject.refnum", "").strip()
        draft.category(*(one.get(f"tobject.subject.{key}", "") for key in ("type", "matter", "detail")))
        if one.get("tobject.subject.ipr", "IPTC").strip().casefold() == "iptc":
            said.append(topic_of_subject(number) or topic_of(f"medtop:{number}"))
    return tuple(dict.fromkeys(topic for topic in said if topic))


def _evolved(draft: Draft, root: Element) -> str | None:
    """The document that this one takes the place of."""
    docdata = first(root, "head/docdata")
    if docdata is None or not docdata.get("management-doc-idref"):
        return None
    status = docdata.get("management-idref-status", "usable").strip().casefold()
    if status != "usable":
        where = place(docdata, "/@management-idref-status")
        draft.fault(where, f"'{clean_text(status, 40)}': another story is held or killed by a document with its own id")
    return clean_text(docdata.get("management-doc-idref", ""), LONGEST_ID) or None
