"""The review queue and the item: what an editor sees, with every reason, and what an editor does, one form an act."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from syndication.agreements.explain import of_item
from syndication.agreements.governing import Standing
from syndication.agreements.subject import outside
from syndication.errors import InputError, NotFoundError, RefusedError
from syndication.feeds.sanitize import text_of
from syndication.model.agreement import Alteration
from syndication.model.clearance import Clearance
from syndication.model.event import Event
from syndication.model.item import Item, ItemVersion, Review, ReviewAct, ReviewState
from syndication.model.media import Arrival
from syndication.model.partner import Flow
from syndication.model.publication import Publication
from syndication.model.story import Story, StoryAct, StoryVersion
from syndication.publish.release import questions
from syndication.review.desk import Desk, Edits, credited
from syndication.review.difference import Piece, words
from syndication.review.workflow import legal, undoable
from syndication.storage import agreements, arrivals, events, items, likeness, partners, publications, stories
from syndication.storage.database import Transaction
from syndication.web.catalog import gettext
from syndication.web.errors import status_of
from syndication.web.login import seated
from syndication.web.parts import Parts, parts
from syndication.web.words import word

desk = Blueprint("desk", __name__)

PAGE: Final = 50
TO_REVIEW: Final = (ReviewState.PENDING, ReviewState.REOPENED, ReviewState.HELD)
TABS: Final[dict[str, tuple[ReviewState, ...]]] = {
    "review": TO_REVIEW,
    **{state.value: (state,) for state in ReviewState if state is not ReviewState.PENDING},
}
"""What the list may be narrowed to, by the word in the address."""
LONGEST_TOLD: Final = 60
"""Letters of a headline in a message: messages travel in a cookie."""
MOST_VERSIONS: Final = 1_000_000
IDENTITY: Final = re.compile(r"\w{1,80}", re.ASCII)
MOST_RAW: Final = 100_000
"""Bytes of the raw entry that the page shows."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One outbound flow: whether the story goes there, why or why not, and where it stands there now."""

    flow: Flow
    partner: str
    clearance: Clearance
    publication: Publication | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one version says otherwise than another, word by word, part by part; a part that is the same is left out."""

    old: int
    new: int
    headline: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    body: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What says the same as an item: other partners' items, each under its own terms, and stories of ours that it repeats."""

    items: tuple[Item, ...] = ()
    stories: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything an editor decides on, read in one go. `outside`: the host its link leads to, where that is not the partner's (S20)."""

    item: Item
    partner: str
    names: dict[str, str]
    legal: frozenset[ReviewAct]
    undoable: bool
    destinations: tuple[Destination, ...]
    inbound: Clearance
    versions: tuple[ItemVersion, ...]
    reviews: tuple[Review, ...]
    change: Change | None
    story: Story | None
    cluster: Cluster
    raw: str
    outside: str | None
    arrivals: tuple[Arrival, ...]

    @property
    def editable(self) -> bool:
        """Whether the agreement lets us change anything at all."""
        return ReviewAct.ACCEPT_EDITED in self.legal and self.item.current.stamp.terms.alteration is not Alteration.NONE


@desk.get("/")
def home() -> ResponseReturnValue:
    """The queue is an editor's home."""
    return redirect(url_for("desk.queue"), 303)


@desk.get("/queue")
def queue() -> ResponseReturnValue:
    """The list, and beside it the item that `?item=` names."""
    here = parts()
    now = here.clock()
    tab = request.args.get("state", "review")
    if tab not in TABS:
        abort(404)
    chosen = request.args.get("item")
    before = _before()
    with here.database.read() as tx:
        listed = items.queue(tx, TABS[tab], PAGE + 1, before)
        counts = items.counts(tx)
        names = {one.id: one.name for one in partners.all(tx)}
        sheet = _sheet(tx, here, chosen, now) if chosen else None
        shown, more = listed[:PAGE], len(listed) > PAGE
        found = clusters(tx, shown)
        homes = arrivals.of_versions(tx, [(one.id, one.current.number) for one in shown])
    return render_template(
        "queue.html",
        items=shown,
        clusters=found,
        older=_cursor(shown[-1]) if more else None,
        newest=max(one.changed_at for one in shown).isoformat() if shown and before is None else "",
        names=names,
        tab=tab,
        tabs={name: (word(states[0]), sum(counts.get(state, 0) for state in states)) for name, states in TABS.items()},
        sheet=sheet,
        following=_following(shown, chosen),
        arrivals={identity: of_item for (identity, _), of_item in homes.items()},
        at=now,
    )


@desk.get("/queue/fresh")
def fresh() -> ResponseReturnValue:
    """How many items of the list have changed since the newest it shows: for the bar that says so. The list itself stays."""
    states = TABS.get(request.args.get("state", "review"), TO_REVIEW)
    since = _since(request.args.get("since", ""))
    with parts().database.read() as tx:
        newest = items.queue(tx, states, PAGE, None)
    count = sum(1 for item in newest if since is None or item.changed_at > since)
    return jsonify(count=count, more=count == PAGE)


@desk.get("/keys")
def all_keys() -> ResponseReturnValue:
    """The table of keys, for who has no script."""
    return render_template("keys.html")


@desk.get("/items/<item>")
def item_page(item: str) -> ResponseReturnValue:
    """One item, whole. `?against=` names the version to hold the current one against."""
    here = parts()
    with here.database.read() as tx:
        sheet = _sheet(tx, here, item, here.clock(), against=request.args.get("against", type=_version))
    return render_template("item.html", sheet=sheet)


@desk.get("/items/<item>/edit")
def edit(item: str) -> ResponseReturnValue:
    """The form for accepting with edits."""
    here = parts()
    with here.database.read() as tx:
        sheet = _sheet(tx, here, item, here.clock())
    if ReviewAct.ACCEPT_EDITED not in sheet.legal:
        return redirect(url_for("desk.item_page", item=item), 303)
    source = sheet.item.current.entry.content
    return render_template("edit.html", sheet=sheet, edits=Edits(source.headline, source.summary, source.body))


@desk.post("/items/<item>/accept")
def accept(item: str) -> ResponseReturnValue:
    """Take the item as it is, or with the edits of the form."""
    edits = None
    if "headline" in request.form:
        edits = Edits(request.form["headline"], request.form.get("summary", ""), request.form.get("body", ""))

    def take(acts: Desk, revision: int, by: str, now: datetime) -> Item:
        return acts.accept(item, revision, by, now, edits)

    return _done(item, take, gettext("Accepted"), edits=edits)


@desk.post("/items/<item>/reject")
def reject(item: str) -> ResponseReturnValue:
    """Leave it out, with the reason of the form."""
    reason = request.form.get("reason", "")

    def leave(acts: Desk, revision: int, by: str, now: datetime) -> Item:
        return acts.reject(item, revision, reason, by, now)

    return _done(item, leave, gettext("Rejected"), reason=reason)


@desk.post("/items/<item>/hold")
def hold(item: str) -> ResponseReturnValue:
    """Put it aside, in the queue."""

    def put_aside(acts: Desk, revision: int, by: str, now: datetime) -> Item:
        return acts.hold(item, revision, by, now)

    return _done(item, put_aside, gettext("Held"))


@desk.post("/items/<item>/keep")
def keep(item: str) -> ResponseReturnValue:
    """Of a re-opened item: the story stays as it was taken."""

    def stay(acts: Desk, revision: int, by: str, now: datetime) -> Item:
        return acts.keep(item, revision, by, now)

    return _done(item, stay, gettext("Kept as it was taken"))


@desk.post("/items/<item>/undo")
def undo(item: str) -> ResponseReturnValue:
    """Take the last decision back; the item is shown again."""

    def take_back(acts: Desk, revision: int, by: str, now: datetime) -> Item:
        return acts.undo(item, revision, by, now)

    return _done(item, take_back, gettext("Undone"), can_undo=False)


@desk.post("/items/<item>/pictures")
def fetch_again(item: str) -> ResponseReturnValue:
    """Ask once more for what is not at home, from the start of its tries."""
    here, place = parts(), request.form.get("place", type=int)
    with here.database.write() as tx:
        found = items.get(tx, item)
        if found is None:
            raise NotFoundError(f"there is no item {item}")
        asked = next((one for one in arrivals.of_version(tx, item, found.current.number) if one.place == place), None)
        if asked is None:
            raise NotFoundError("there is no such picture, audio or video: what was killed or deleted is not asked for")
        if arrivals.ask_again(tx, asked, here.clock()):
            events.record_event(tx, Event(here.clock(), seated().login, "fetch again", item, asked.url))
    flash(gettext("It is being fetched: look again in a moment."))
    return redirect(_onward(item, stay=True), 303)


Act = Callable[[Desk, int, str, datetime], Item]


def _done(item: str, act: Act, told: str, *, edits: Edits | None = None, reason: str = "", can_undo: bool = True) -> ResponseReturnValue:
    """Do it on the revision that the editor saw; what is refused is shown again, with all that was typed."""
    here = parts()
    revision = request.form.get("revision", type=int)
    if revision is None:
        abort(400)
    try:
        after = act(Desk(here.database, here.settings), revision, seated().login, here.clock())
    except NotFoundError:
        raise
    except (RefusedError, InputError) as refused:
        return _shown_again(here, item, refused, edits, reason)
    message: dict[str, object] = {"text": told, "headline": _short(after.current.entry.content.headline)}
    if can_undo:
        message["undo"] = {"item": after.id, "revision": after.revision}
    flash(message)  # type: ignore[arg-type]  # a message is whatever the template can show
    return redirect(_onward(item, stay=not can_undo), 303)


def _shown_again(here: Parts, item: str, refused: RefusedError | InputError, edits: Edits | None, reason: str) -> ResponseReturnValue:
    with here.database.read() as tx:
        sheet = _sheet(tx, here, item, here.clock())
    status = status_of(refused)
    template = "edit.html" if edits else "item.html"
    return make_response(render_template(template, sheet=sheet, refused=str(refused), status=status, edits=edits, reason=reason), status)


def _onward(item: str, *, stay: bool) -> str:
    """Back to where the editor was: in the queue, at the next item; an item that was undone is shown itself."""
    if request.form.get("from") != "queue":
        return url_for("desk.item_page", item=item)
    tab = request.form.get("state", "review")
    following = item if stay else request.form.get("next") or None
    return url_for("desk.queue", state=tab if tab in TABS and tab != "review" else None, item=following)


def _sheet(tx: Transaction, here: Parts, identity: str, now: datetime, *, against: int | None = None) -> Sheet:
    """Raises NotFoundError where there is no such item."""
    item = items.get(tx, identity)
    if item is None:
        raise NotFoundError(f"there is no item {identity}")
    people = {one.id: one for one in partners.all(tx)}
    names = {one.id: one.name for one in people.values()}
    sender, flow = people.get(item.partner), partners.flow_ever(tx, item.flow)
    reviews = items.reviews(tx, item.id)
    story = stories.get(tx, item.story) if item.story else None
    within = timedelta(seconds=here.settings.undo_seconds)
    return Sheet(
        item=item,
        partner=names.get(item.partner, item.partner),
        names=names,
        legal=legal(item),
        undoable=undoable(item, reviews[-1] if reviews else None, now, within),
        destinations=destinations(tx, story or prospect(tx, item, now), names, here.settings.agency, now),
        inbound=of_item(tx, item.id, here.settings.agency, now).now,
        versions=items.versions(tx, item.id),
        reviews=reviews,
        change=_change(tx, item, against),
        story=story,
        cluster=clusters(tx, (item,))[item.id],
        arrivals=arrivals.of_version(tx, item.id, item.current.number),
        raw=(items.raw(tx, item.id, item.current.number) or b"")[:MOST_RAW].decode("utf-8", "replace"),
        outside=outside(item.current.entry.content.link, sender, flow) if sender and flow else None,
    )


def clusters(tx: Transaction, shown: Sequence[Item]) -> dict[str, Cluster]:
    """What says the same as each of these items, and still has its text."""
    others = likeness.alike(tx, [one.id for one in shown])
    named = sorted({other for found in others.values() for other in found})
    held = items.several(tx, named)
    told = {one: story for one in named if one not in held and (story := stories.get(tx, one))}
    return {
        item.id: Cluster(
            tuple(held[one] for one in others.get(item.id, ()) if one in held and held[one].erased_at is None),
            # Of a story that was made from the item itself it is no repetition.
            tuple(told[one] for one in others.get(item.id, ()) if one in told and told[one].item != item.id),
        )
        for item in shown
    }


def prospect(tx: Transaction, item: Item, now: datetime) -> Story:
    """The story that accepting the item would make, to ask the gate about it beforehand. Kept nowhere."""
    version = item.current
    content = credited(tx, item, version.entry.content)
    return Story("", "", StoryVersion("", 1, content, version.entry.pubstatus, StoryAct.ACCEPT, now, "", None, (version.stamp,)), now)


def destinations(tx: Transaction, story: Story, names: dict[str, str], agency: str, now: datetime) -> tuple[Destination, ...]:
    """Every outbound flow: what the gate says of the story there now, and the latest that was placed there."""
    placed = {one.flow: one for one in publications.holding(tx, story.id)} if story.id else {}
    answers = questions(tx, story, Standing(agreements.register(tx, agency), now))
    return tuple(
        Destination(one.flow, names.get(one.flow.partner, one.flow.partner), one.answer, placed.get(one.flow.id)) for one in answers
    )


def _change(tx: Transaction, item: Item, against: int | None) -> Change | None:
    """Between the current version and the one named, or (of an item that came back) the one that was taken."""
    number = against or (item.taken_version if item.state is ReviewState.REOPENED else None)
    if number is None or number == item.current.number:
        return None
    earlier = items.version(tx, item.id, number)
    return compared(earlier, item.current) if earlier else None


def compared(old: ItemVersion, new: ItemVersion) -> Change:
    """What changed, on the text without its markup."""
    before, now = old.entry.content, new.entry.content
    return Change(
        old=old.number,
        new=new.number,
        headline=_differing(before.headline, now.headline),
        summary=_differing(text_of(before.summary), text_of(now.summary)),
        body=_differing(text_of(before.body), text_of(now.body)),
    )


def _differing(old: str, new: str) -> tuple[Piece, ...]:
    return () if old == new else words(old, new)


def _following(shown: tuple[Item, ...], chosen: str | None) -> str:
    """The item after the chosen one, else the one before it: where the queue goes on when it is decided."""
    order = [item.id for item in shown]
    if chosen not in order:
        return ""
    place = order.index(chosen)
    return next(iter(order[place + 1 : place + 2] or order[max(place - 1, 0) : place]), "")


def _since(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _version(text: str) -> int:
    """The number of a version. Raises ValueError for what none can have: no database takes a number of any length."""
    number = int(text)
    if not 0 < number <= MOST_VERSIONS:
        raise ValueError(text)
    return number


def _before() -> tuple[bool, datetime, str] | None:
    """The place in the list that `?before=` names: `0,2026-11-24T08:00:00+00:00,i_...`; None for what names none."""
    priority, _, rest = request.args.get("before", "").partition(",")
    text, _, identity = rest.partition(",")
    at = _since(text)
    return (priority == "1", at, identity) if at and IDENTITY.fullmatch(identity) else None


def _cursor(last: Item) -> str:
    return f"{int(last.stands_first)},{last.changed_at.isoformat()},{last.id}"


def _short(headline: str) -> str:
    return headline if len(headline) <= LONGEST_TOLD else f"{headline[:LONGEST_TOLD]}…"
