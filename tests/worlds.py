"""Values to test with: each builder gives a plain, valid one; name what matters to the test, leave the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from syndication.model.account import Editor, FeedToken, Role
from syndication.model.agreement import Agreement, Alteration, ContentType, Dossier, Grant, OnwardUse, Register, Stamp, Term, Terms
from syndication.model.clearance import Clause, Verdict
from syndication.model.entry import Entry
from syndication.model.event import Decision
from syndication.model.item import Item, ItemVersion, Review, ReviewAct, ReviewState
from syndication.model.partner import Category, Direction, Flow, Partner
from syndication.model.poll import Counts, Lease, Outcome, Poll, Refused, RefusedKind, Validators
from syndication.model.story import Content, Pubstatus, Rendition, Story, StoryAct, StoryVersion

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AGENCY = "vna"
REFERENCE = "vna-trc-2025"


def partner(**changes: Any) -> Partner:
    """TRC of Astana, which calls economy `Экономика`."""
    categories = (Category("Экономика", ("medtop:04000000",)), Category("Sport", ("medtop:15000000",)))
    return replace(Partner("trc", "TRC", "KZ", homepage="https://trc.example/", categories=categories), **changes)


def flow(**changes: Any) -> Flow:
    """An inbound flow of TRC's, in English."""
    plain = Flow(
        id="trc-en",
        partner="trc",
        direction=Direction.INBOUND,
        agreement=REFERENCE,
        title="TRC in English",
        languages=("en",),
        url="https://feeds.trc.example/en.atom",
        interval=timedelta(minutes=15),
        topics=("medtop:04000000",),
    )
    return replace(plain, **changes)


def outbound(**changes: Any) -> Flow:
    """Our flow to TRC, in English and Vietnamese."""
    return replace(Flow("to-trc", "trc", Direction.OUTBOUND, REFERENCE, "VNA for TRC", ("en", "vi")), **changes)


def terms(**changes: Any) -> Terms:
    """For own subscribers; may be abridged."""
    return replace(Terms(OnwardUse.OWN_SUBSCRIBERS, Alteration.ABRIDGE), **changes)


def grant(**changes: Any) -> Grant:
    """Text and pictures, in English, of every topic, coming in. A change to `Terms` is given as `terms=terms(...)`."""
    types = (ContentType.TEXT, ContentType.PICTURE)
    return replace(Grant("2.1", Direction.INBOUND, types, ("en",), ("*",), (), terms()), **changes)


def term(**changes: Any) -> Term:
    """From 6 May 2025, without end, in Vietnam's time."""
    return replace(Term(date(2025, 5, 6), zone="Asia/Ho_Chi_Minh"), **changes)


def agreement(**changes: Any) -> Agreement:
    """Between VNA and TRC, signed in Astana, with a grant each way."""
    plain = Agreement(
        reference=REFERENCE,
        version=1,
        since=date(2025, 5, 6),
        title="Exchange of information",
        parties=(AGENCY, "trc"),
        term=term(),
        grants=(grant(), grant(clause="2.2", direction=Direction.OUTBOUND, languages=("en", "vi"))),
        signed_on=date(2025, 5, 6),
        signed_at="Astana",
    )
    return replace(plain, **changes)


def dossier(*versions: Agreement, **changes: Any) -> Dossier:
    """These versions of an agreement, or the plain one; nothing was done to it."""
    return replace(Dossier(versions or (agreement(),)), **changes)


def register(*dossiers: Dossier) -> Register:
    """VNA's, with these dossiers, or with the plain one."""
    return Register(AGENCY, dossiers or (dossier(),))


def rendition(**changes: Any) -> Rendition:
    """A photograph."""
    plain = Rendition("https://trc.example/rail.jpg", "image/jpeg", ContentType.PICTURE, 48_213, 1200, 800, "Rail", "A train", "TRC/A. Bek")
    return replace(plain, **changes)


def content(**changes: Any) -> Content:
    """A short text in English, about economy."""
    plain = Content(
        headline="Astana hosts the rail forum",
        body="<p>Trains will run daily from May.</p>",
        language="en",
        summary="Two days of talks.",
        byline=("Aigerim Bek",),
        topics=("medtop:04000000",),
        link="https://trc.example/rail",
    )
    return replace(plain, **changes)


def entry(**changes: Any) -> Entry:
    """That text, as an entry of TRC's feed."""
    plain = Entry("tag:trc.example,2026:1", content(), b"<entry>rail</entry>", categories=("Экономика",), published=NOW, updated=NOW)
    return replace(plain, **changes)


def stamp(**changes: Any) -> Stamp:
    """Of the plain agreement, on what comes in from TRC."""
    return replace(Stamp(REFERENCE, 1, "2.1", Direction.INBOUND, "trc", "trc-en", terms(), NOW), **changes)


def out_stamp(**changes: Any) -> Stamp:
    """Of the plain agreement, on what goes out to TRC."""
    return replace(stamp(clause="2.2", direction=Direction.OUTBOUND, flow="to-trc"), **changes)


def item_version(**changes: Any) -> ItemVersion:
    """The first version of item `i_1`."""
    return replace(ItemVersion("i_1", 1, entry(), stamp(), "f" * 64, NOW), **changes)


def item(**changes: Any) -> Item:
    """A new item in the queue. Its id, and the guid, are also its version's, unless `current` is given."""
    identity, guid = changes.get("id", "i_1"), changes.get("guid", "tag:trc.example,2026:1")
    current = changes.pop("current", None) or item_version(item=identity, entry=entry(guid=guid))
    plain = Item(identity, "trc-en", "trc", guid, ReviewState.PENDING, 1, current, NOW, NOW)
    return replace(plain, **changes)


def review(**changes: Any) -> Review:
    """Mai accepts item `i_1`."""
    return replace(Review("i_1", 2, ReviewAct.ACCEPT, "mai", NOW, ReviewState.PENDING, ReviewState.ACCEPTED), **changes)


def story_version(**changes: Any) -> StoryVersion:
    """The first version of story `s_1`, written by our own desk."""
    return replace(StoryVersion("s_1", 1, content(), Pubstatus.USABLE, StoryAct.WRITE, NOW, "mai"), **changes)


def story(**changes: Any) -> Story:
    """A story of our own. Its id is also its version's and in its entry id, unless those are given."""
    identity = changes.get("id", "s_1")
    current = changes.pop("current", None) or story_version(story=identity)
    return replace(Story(identity, f"tag:vna.example,2026:{identity}", current, NOW), **changes)


def editor(**changes: Any) -> Editor:
    """Mai, an editor, without a password yet."""
    return replace(Editor("e_1", "mai", "Mai Trần", Role.EDITOR, "vi", 1, None, NOW), **changes)


def token(**changes: Any) -> FeedToken:
    """One of TRC's."""
    return replace(FeedToken("t_1", "trc", "desk", NOW), **changes)


def lease(**changes: Any) -> Lease:
    """The first, on `trc-en`, for two minutes."""
    return replace(Lease("trc-en", 1, NOW + timedelta(seconds=120)), **changes)


def poll(**changes: Any) -> Poll:
    """A visit to `trc-en` that brought one new item."""
    plain = Poll(
        flow="trc-en",
        started_at=NOW,
        finished_at=NOW,
        outcome=Outcome.UPDATED,
        validators=Validators('"v1"', "Tue, 24 Nov 2026 08:00:00 GMT", "b" * 64, f"{REFERENCE} v1"),
        counts=Counts(new=1),
        status=200,
        size=2_048,
        url="https://feeds.trc.example/en.atom",
    )
    return replace(plain, **changes)


def refused(**changes: Any) -> Refused:
    """An entry of `trc-en` without an id, as its document had it; the document of it alone can be read again."""
    plain = Refused("trc-en", NOW, RefusedKind.ENTRY, "Rail", "no id", b"<item>rail</item>", head=b"<rss>", tail=b"</rss>")
    return replace(plain, **changes)


def decision(**changes: Any) -> Decision:
    """Item `i_1` may come in."""
    verdicts = (
        Verdict(Clause.AGREEMENT, True, "vna-trc-2025 is in force", "vna-trc-2025 v1"),
        Verdict(Clause.TYPE, True, "text is granted"),
    )
    headline = "Astana hosts the rail forum"
    plain = Decision(NOW, "i_1", 1, headline, "f" * 64, "trc-en", "trc", Direction.INBOUND, REFERENCE, 1, "2.1", True, verdicts)
    return replace(plain, **changes)
