"""NewsML-G2, read: stories of our own newsroom (IPTC NewsML-G2 2.x, conformance core and power). Pure."""

import re
from datetime import datetime
from typing import Final

from syndication.errors import Fault, StoryError
from syndication.feeds import nitf_story
from syndication.feeds.draft import LONGEST_NOTE, Draft, refusal
from syndication.feeds.parse import LONGEST_ID, LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TITLE, absolute
from syndication.feeds.sanitize import clean_text
from syndication.feeds.tree import LANG, Element, astray, every, few, first, known, markup, name, place, single, space, words
from syndication.feeds.vocabulary import TOPIC_SCHEME, topic_of, topic_of_subject
from syndication.model.agreement import ContentType
from syndication.model.story import Content, Pubstatus, Rendition, Submitted

NAR: Final = "http://iptc.org/std/nar/2006-10-01/"
XHTML: Final = "http://www.w3.org/1999/xhtml"
SCHEMES: Final = {
    "irel": "http://cv.iptc.org/newscodes/itemrelation/",
    "medtop": TOPIC_SCHEME,
    "ninat": "http://cv.iptc.org/newscodes/ninature/",
    "subj": "http://cv.iptc.org/newscodes/subjectcode/",
    "stat": "http://cv.iptc.org/newscodes/pubstatusg2/",
}
"""The schemes of IPTC by the aliases of its catalog; that catalog is never fetched, a document may say others in a catalog of its own."""
MOST_ITEMS: Final = 500
"""Items of one message."""
ITEM_META: Final = frozenset(
    re.findall(
        r"\S+",
        """itemClass provider versionCreated firstCreated embargoed pubStatus role fileName generator profile service title edNote memberOf
        instanceOf signal altRep deliverableOf hash expires origRep incomingFeedId metadataCreator link itemMetaExtProperty""",
    )
)
MOMENTS: Final = (
    "itemMeta/versionCreated",
    "itemMeta/firstCreated",
    "itemMeta/expires",
    "contentMeta/contentCreated",
    "contentMeta/contentModified",
)


def read_all(root: Element, now: datetime) -> tuple[Submitted, ...]:
    """The story of a `newsItem`, or every story of a `newsMessage`, in its order.

    Raises StoryError, which names every fault of every item by its XPath: a message is taken whole or not at all.
    """
    if name(root) == "newsItem":
        return (story(root, Draft(now)),)
    held = [one for group in every(root, "itemSet") for one in group]
    if len(held) > MOST_ITEMS:
        raise refusal([Fault("", "/newsMessage/itemSet", f"holds {len(held)} items; a message may hold {MOST_ITEMS}")])
    faults = [Fault("", place(one), "is no newsItem, and no story") for one in held if name(one) != "newsItem" or space(one) != NAR]
    read: dict[str, Submitted] = {}
    for item in (one for one in held if name(one) == "newsItem" and space(one) == NAR):
        try:
            one = story(item, Draft(now))
        except StoryError as error:
            faults += error.faults
            continue
        if one.uri in read:
            faults.append(Fault("", place(item, "/@guid"), "is that of an earlier item of the message"))
        read[one.uri] = one
    if not held:
        faults.append(Fault("", "/newsMessage/itemSet", "holds no newsItem"))
    if faults:
        raise refusal(faults)
    return tuple(read.values())


def story(item: Element, draft: Draft) -> Submitted:
    """The story of one `newsItem`, by a draft of who asks. Raises StoryError, as `read_all` does."""
    uri = draft.identity(place(item, "/@guid"), item.get("guid", ""))
    _said(draft, item)
    schemes = _schemes(draft, item)
    status = single(draft, item, "itemMeta/pubStatus")
    kind = single(draft, item, "itemMeta/itemClass")
    urgency = single(draft, item, "contentMeta/urgency")
    body, pictures, held, hour = _content(draft, item)
    if status is not None:
        told = draft.choice(place(status), _code(schemes, status, "stat"), Pubstatus, Pubstatus.USABLE)
        held = max(held, told, key=nitf_story.SEVERITY.index)
    embargoes = [draft.embargo(place(one), words(one)) for one in few(draft, item, "itemMeta/embargoed")]
    content = Content(
        headline=_main(item, "contentMeta/headline", "main", LONGEST_TITLE)
        or clean_text(words(first(item, "itemMeta/title")), LONGEST_TITLE),
        body=body,
        language=_language(draft, item),
        type=ContentType.TEXT if kind is None else draft.choice(place(kind), _code(schemes, kind, "ninat"), ContentType, ContentType.TEXT),
        summary=_main(item, "contentMeta/description", "summary", LONGEST_SUMMARY),
        byline=_byline(draft, item),
        topics=_topics(draft, item, schemes),
        renditions=pictures,
        credit_line=clean_text(words(first(item, "contentMeta/creditline")), LONGEST_NAME) or None,
        embargo_until=max((one for one in (*embargoes, hour) if one is not None), default=None),
        urgency=None if urgency is None else draft.urgency(place(urgency), words(urgency)),
        link=_link(draft, item),
    )
    note = clean_text(" ".join(words(one) for one in every(item, "itemMeta/edNote")), LONGEST_NOTE)
    places = (
        place(item, "/contentMeta/language/@tag"),
        place(item, "/contentMeta/headline"),
        place(item, "/contentSet"),
        place(item, "/contentSet/remoteContent"),
    )
    return draft.finished(uri, content, held, _evolved(draft, item, schemes), note, places)


def _said(draft: Draft, item: Element) -> None:
    """What the item says of itself, and whether what it says stands where it is looked for."""
    if item.get("conformance", "core") not in ("core", "power"):
        draft.fault(place(item, "/@conformance"), "must be core or power")
    if not re.fullmatch(r"\s*[1-9][0-9]{0,8}\s*", item.get("version", "1")):
        draft.fault(place(item, "/@version"), "must be a whole number from 1")
    astray(draft, item, {"pubStatus", "embargoed"}, "itemMeta")
    meta = single(draft, item, "itemMeta")
    if meta is not None:
        known(draft, meta, ITEM_META)
    for path in MOMENTS:
        for one in few(draft, item, path):
            draft.moment(place(one), words(one))
    draft.created, draft.changed, draft.ends = (
        words(first(item, f"itemMeta/{path}")) for path in ("firstCreated", "versionCreated", "expires")
    )
    draft.source = clean_text(words(first(item, "contentMeta/infoSource/name")), LONGEST_NAME)
    draft.rights = clean_text(words(first(item, "rightsInfo/usageTerms")), LONGEST_SUMMARY)
    draft.category(*(words(one) for one in every(item, "contentMeta/subject/name")))


def _schemes(draft: Draft, item: Element) -> dict[str, str]:
    """The schemes that QCodes of the item may name, by alias: those of its own catalog go before those of IPTC."""
    own = {one.get("alias", ""): one.get("uri", "") for one in few(draft, item, "catalog/scheme")}
    return SCHEMES | own


def _code(schemes: dict[str, str], element: Element, scheme: str, key: str = "qcode") -> str:
    """The code that an element names in a scheme of IPTC, by QCode or by URI; whatever else it names as it stands."""
    return re.sub("^https:", "http:", _uri(schemes, element, key)).removeprefix(SCHEMES[scheme])


def _uri(schemes: dict[str, str], element: Element, key: str = "qcode") -> str:
    """What an element names, as a URI: `qcode` and `uri` (or `rel` and `reluri`) are two ways to say it (NewsML-G2, QCodes)."""
    alias, colon, code = element.get(key, "").strip().partition(":")
    named = element.get("uri" if key == "qcode" else f"{key}uri", "").strip()
    return schemes[alias] + code if colon and schemes.get(alias) else named or f"{alias}{colon}{code}"


def _main(item: Element, path: str, role: str, limit: int) -> str:
    """The text that has this role, else none, else another."""

    def rank(one: Element) -> int:
        given = one.get("role", one.get("roleuri", ""))
        return 0 if re.fullmatch(rf"(?:.*[:/])?{role}", given) else 1 if not given else 2

    return next((text for text in (clean_text(words(one), limit) for one in sorted(every(item, path), key=rank)) if text), "")


def _language(draft: Draft, item: Element) -> str:
    """The language of the content, which the item's own is where it says no other."""
    tags = list(dict.fromkeys(clean_text(one.get("tag", ""), 40) for one in every(item, "contentMeta/language")))
    if len(tags) > 1:
        draft.fault(place(item, "/contentMeta/language[2]/@tag"), "a story has one language")
    around = (one.get(LANG) for one in (item, *item.iterancestors()))
    return tags[0] if tags else clean_text(next((tag for tag in around if tag), ""), 40)


def _byline(draft: Draft, item: Element) -> tuple[str, ...]:
    """The byline as it is written; where there is none, or it is the same in one line, the names of the creators."""
    written = [clean_text(words(one), LONGEST_NAME) for one in few(draft, item, "contentMeta/by")]
    creators = [clean_text(words(first(one, "name")), LONGEST_NAME) for one in few(draft, item, "contentMeta/creator")]
    names = [who for who in creators if who]
    return tuple(dict.fromkeys(who for who in (written if any(written) and written != [", ".join(names)] else names) if who))


def _topics(draft: Draft, item: Element, schemes: dict[str, str]) -> tuple[str, ...]:
    subjects = (*few(draft, item, "contentMeta/subject"), *few(draft, item, "contentMeta/subject/sameAs"))
    said = (topic_of(_uri(schemes, one)) or topic_of_subject(_code(schemes, one, "subj")) for one in subjects)
    return tuple(dict.fromkeys(topic for topic in said if topic))


def _evolved(draft: Draft, item: Element, schemes: dict[str, str]) -> str | None:
    """The earlier take: what the item evolved from. What is only to be seen too is no earlier take."""
    links = [one for one in few(draft, item, "itemMeta/link") if _code(schemes, one, "irel", "rel") == "evolvedFrom"]
    if len(links) > 1:
        draft.fault(place(links[1]), "a story follows one earlier take")
    target = clean_text(links[0].get("residref") or links[0].get("href") or "", LONGEST_ID) if links else ""
    if links and not target:
        draft.fault(place(links[0], "/@residref"), "is missing; it names the earlier take")
    return target or None


def _link(draft: Draft, item: Element) -> str | None:
    """Where it can be read: the form of it that is a page."""
    pages = [one for one in few(draft, item, "itemMeta/altRep") if "html" in one.get("contenttype", "")]
    return absolute(draft.base, words(pages[0])) if pages else None


def _content(draft: Draft, item: Element) -> tuple[str, tuple[Rendition, ...], Pubstatus, datetime | None]:
    """The body and the renditions; and what a document within says of whether and when it may go out.

    The forms of a contentSet are the same content (NewsML-G2): of a text the one that keeps most of it is taken, of a picture each.
    """
    bodies: dict[str, str] = {}
    pictures: list[Rendition] = []
    held, hour = Pubstatus.USABLE, None
    for one in few(draft, item, "contentSet/inlineXML"):
        for inner in one:
            if name(inner) == "nitf" and space(inner) in nitf_story.SPACES:
                told, until = nitf_story.restraint(draft, inner)
                held = max(held, told, key=nitf_story.SEVERITY.index)
                hour = max((each for each in (hour, until) if each is not None), default=None)
                bodies.setdefault("nitf", nitf_story.body(draft, inner))
                pictures += nitf_story.renditions(draft, inner)
            elif space(inner) == XHTML:
                whole = first(inner, "body") if name(inner) == "html" else one
                bodies.setdefault("html", "" if whole is None else draft.html(place(one), markup(whole, {})))
    for one in few(draft, item, "contentSet/inlineData"):
        kind = one.get("contenttype", "text/plain").partition(";")[0].strip().casefold()
        if one.get("encoding") or kind not in ("text/plain", "text/html", "application/xhtml+xml"):
            draft.fault(place(one), "must be text/plain or text/html, and as it is: what is encoded is not taken")
        elif "html" in kind:
            bodies.setdefault("data", draft.html(place(one), words(one)))
        else:
            bodies.setdefault("plain", draft.plain(place(one), words(one)))
    pictures += _remote(draft, item)
    body = next((bodies[form] for form in ("html", "nitf", "data", "plain") if bodies.get(form)), "")
    return body, tuple({one.url: one for one in pictures}.values()), held, hour


def _remote(draft: Draft, item: Element) -> list[Rendition]:
    """Each remoteContent, with what a partMeta says of it; its credit is that of the story where nothing does."""
    made: list[Rendition] = []
    parts = {ref: part for part in few(draft, item, "partMeta") for ref in part.get("contentrefs", "").split()}
    for one in few(draft, item, "contentSet/remoteContent"):
        title = described = credit = ""
        part = parts.get(one.get("id"))
        if part is not None:
            title = _main(part, "headline", "main", LONGEST_TITLE)
            described = _main(part, "description", "caption", LONGEST_SUMMARY)
            credit = words(first(part, "creditline"))
        credit = clean_text(credit or words(first(item, "contentMeta/creditline")), LONGEST_NAME)
        sizes = (one.get("size"), one.get("width"), one.get("height"))
        found = draft.rendition(place(one), one.get("href", ""), one.get("contenttype", ""), sizes, (title, described, credit))
        if found is not None:
            made.append(found)
    return made
