"""Our own newsroom's door: stories handed in, corrected, held, lifted and killed by our CMS, with a token that opens nothing else."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from syndication import access
from syndication.errors import ConflictError, KnownError, NotFoundError, StoryError
from syndication.feeds.draft import LARGEST, LONGEST_NOTE
from syndication.feeds.sanitize import clean_text
from syndication.intake.desk import Also, Newsroom, found, uploads
from syndication.media.store import Store
from syndication.model.account import NewsroomToken
from syndication.model.story import Story
from syndication.model.submission import Answer, KeyedRequest
from syndication.storage import publications, stories, submissions
from syndication.storage.database import Transaction
from syndication.web import openapi
from syndication.web.parts import Parts, parts
from syndication.web.problems import of, problem

api = Blueprint("api", __name__, url_prefix="/api")

LARGEST_ACT: Final = 64 * 1024
"""Bytes of the reason of a kill, a hold or its end."""
KEPT: Final = timedelta(hours=24)
"""For so long a request with an Idempotency-Key is answered as it was the first time."""
GIVEN_UP: Final = timedelta(minutes=1)
"""After so long a request that was not answered is taken for one that broke off: its process was killed."""
CHUNK: Final = 64 * 1024
BEFORE: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first character of a document, in UTF-8 or UTF-16."""
KEY_REUSED: Final = ("key-reused", "This Idempotency-Key is another request's")
KEY_IN_USE: Final = ("key-in-use", "The same request is being answered")
KNOWN: Final = ("known", "The story is here already")


@dataclass(slots=True)
class Asked:
    """One request: who asks, and when. `answer`: as it was worked out in the transaction of the act."""

    here: Parts
    token: NewsroomToken
    at: datetime
    answer: Answer | None = field(default=None)

    @property
    def newsroom(self) -> Newsroom:
        """Where the acts are done."""
        return Newsroom(self.here.database, self.here.settings)

    @property
    def by(self) -> str:
        """Who it is, for the log of who did what."""
        return f"api:{self.token.id}"

    @property
    def also(self) -> Also:
        """Works out the answer, 200, in the transaction of the act."""
        return partial(self._answer, 200)

    @property
    def also_created(self) -> Also:
        """The same for a story that is new: 201."""
        return partial(self._answer, 201)

    def _answer(self, status: int, tx: Transaction, story: Story) -> None:
        headers = [("ETag", _tag(story))]
        if status == 201:
            headers.append(("Location", _address(self.here, story.id)))
        self.answer = Answer(status, tuple(headers), _written(_shown(tx, story)))


def newsroom_only(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let in who presents a newsroom token that stands; everyone else gets the same refusal, whatever is wrong (A02, A09)."""

    @wraps(view)
    def door(**values: str) -> Response:
        here = parts()
        now, given, caller = here.clock(), _presented(), f"api:{request.remote_addr}"
        with here.database.read() as tx:
            token = access.newsroom_of(tx, given, now) if given else None
            # Only a wrong token is slowed down: who shares an address with a guesser is still served (A05).
            slowed = token is None and given is not None and access.throttled(tx, caller, now, here.settings)
        if slowed:
            return problem(429, "Too many wrong tokens from this address. Wait a minute and try again.", headers={"Retry-After": "60"})
        if token is None:
            if given:
                with here.database.write() as tx:
                    access.record_failure(tx, caller, now)
            said = "A token of the newsroom is needed, as a bearer token; 'syndication newsroom-token issue' makes one."
            return problem(401, said, headers={"WWW-Authenticate": 'Bearer realm="newsroom"'})
        response = view(Asked(here, token, now), **values)
        response.call_on_close(partial(access.note_use, here.database, token, now))
        return response

    return door


def _presented() -> bytes | None:
    """The bearer token; None where there is none, or it cannot be made out (A04). In the address none is looked for (A01)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip().encode("latin-1", "replace") or None if scheme.casefold() == "bearer" else None


@api.get("/openapi.json")
def description() -> Response:
    """What this door takes and answers, for programs (OpenAPI 3.1)."""
    return Response(_written(openapi.DOCUMENT), content_type="application/json")


@api.post("/stories")
@newsroom_only
def add(asked: Asked) -> Response:
    """A new story."""
    data = _body(LARGEST)

    def act(also: Also) -> None:
        asked.newsroom.add(data, asked.by, asked.at, also=also)

    return _document(asked, data, act, asked.also_created)


@api.get("/stories")
@newsroom_only
def find(asked: Asked) -> Response:
    """The story that has this `uri` in our own system."""
    uri = request.args.get("uri", "")
    if not uri:
        return problem(400, "Name the story: /api/stories?uri=..., or /api/stories/<id>.")
    with asked.here.database.read() as tx:
        story = stories.by_uri(tx, uri)
        if story is None:
            raise NotFoundError(f"there is no story of our own with the uri {clean_text(uri, 200)}")
        answer = Answer(200, (("ETag", _tag(story)), ("Content-Location", _address(asked.here, story.id))), _written(_shown(tx, story)))
    return _sent(answer)


@api.get("/stories/<story>")
@newsroom_only
def show(asked: Asked, story: str) -> Response:
    """One story of our own: as it stands, where it was placed, and who has fetched it."""
    with asked.here.database.read() as tx:
        own = _own(tx, story)
        answer = Answer(200, (("ETag", _tag(own)),), _written(_shown(tx, own)))
    return _sent(answer)


@api.put("/stories/<story>")
@newsroom_only
def correct(asked: Asked, story: str) -> Response:
    """Correct a story: the version that is corrected has to be named by If-Match (RFC 9110, 13.1.1; RFC 6585, 3)."""
    data = _body(LARGEST)
    own = _checked(asked, story)
    if request.headers.get("If-Match") is None:
        said = "A correction says which version it corrects: send If-Match with the ETag that GET gave."
        return problem(428, said)

    def act(also: Also) -> None:
        asked.newsroom.correct(own, data, None, asked.by, asked.at, _expected(), also)

    return _document(asked, data, act, asked.also)


@api.post("/stories/<story>/kill")
@newsroom_only
def kill(asked: Asked, story: str) -> Response:
    """Kill a story, for good."""
    return _act(asked, story, asked.newsroom.kill)


@api.post("/stories/<story>/hold")
@newsroom_only
def hold(asked: Asked, story: str) -> Response:
    """Withhold a story until it is lifted."""
    return _act(asked, story, asked.newsroom.hold)


@api.post("/stories/<story>/lift")
@newsroom_only
def lift(asked: Asked, story: str) -> Response:
    """End the hold of a story."""
    return _act(asked, story, asked.newsroom.lift)


def _act(asked: Asked, story: str, what: Callable[..., Story]) -> Response:
    """One of the three, with the reason, for those who got the story."""
    data = _body(LARGEST_ACT)
    own, note = _checked(asked, story), _note(data)

    def act(also: Also) -> None:
        what(own, note, asked.by, asked.at, also)

    return _once(asked, data, act, asked.also)


@api.post("/renditions")
@newsroom_only
def upload(asked: Asked) -> Response:
    """A picture, audio or video of a story: kept under its hash until a document names it, or for a day."""
    settings = asked.here.settings
    store = Store.of(settings)
    _as_it_is()
    request.max_content_length = settings.media_bytes + 1
    kept = store.take(request.stream, request.mimetype or None, settings.media_bytes, asked.here.checker, asked.at)
    with asked.here.database.write() as tx:
        store.record(tx, kept)
    said = {"href": f"{uploads(settings)}{kept.hash}", "media_type": kept.media_type, "length": kept.length}
    return Response(_written({**said, "width": kept.width, "height": kept.height}), 201, content_type="application/json")


def _document(asked: Asked, data: bytes, act: Callable[[Also], None], also: Also) -> Response:
    """What became of a document: of a faulty one, each fault at its place; of a story that is here, where to correct it."""
    try:
        return _once(asked, data, act, also)
    except KnownError as known:
        with asked.here.database.read() as tx:
            there = found(tx, known.story)
        where = _address(asked.here, known.story)
        said = f"A story with this uri is here already. To correct it: PUT {where} with If-Match: {_tag(there)}."
        return problem(409, said, kind=KNOWN, headers={"ETag": _tag(there)}, story=where)
    except StoryError as error:
        return of(error, xml=data.lstrip(BEFORE)[:1] == b"<")


def _once(asked: Asked, data: bytes, act: Callable[[Also], None], also: Also) -> Response:
    """Do it; with an Idempotency-Key once, and answer the same request again as the first time (draft-ietf-httpapi-idempotency-key-header).

    That it was answered is kept with what was done, in one transaction. What failed did nothing, and leaves its key free.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        act(also)
        return _sent(asked.answer)
    if re.fullmatch(openapi.IDEMPOTENCY_KEY, key) is None:
        return problem(400, "An Idempotency-Key has from 1 to 255 visible ASCII characters, without spaces.")
    mine = KeyedRequest(asked.token.id, key, _mark(data), asked.at)
    with asked.here.database.write() as tx:
        submissions.forget(tx, asked.at - KEPT)
        known = submissions.keyed(tx, mine.token, mine.key)
        if known is None or (known.answer is None and known.claimed_at <= asked.at - GIVEN_UP):
            submissions.claim(tx, mine)
            known = None
    if known is not None:
        return _known(known, mine)
    kept = False

    def with_answer(tx: Transaction, story: Story) -> None:
        also(tx, story)
        if asked.answer is not None:
            submissions.answer(tx, mine, asked.answer)

    try:
        act(with_answer)
        kept = True
    finally:
        if not kept:
            with asked.here.database.write() as tx:
                submissions.give_up(tx, mine)
    return _sent(asked.answer)


def _known(known: KeyedRequest, mine: KeyedRequest) -> Response:
    if known.fingerprint != mine.fingerprint:
        return problem(422, "This Idempotency-Key came before with another request. A new request needs a new key.", kind=KEY_REUSED)
    if known.answer is None:
        said = "The same request is being answered just now. Ask again in a moment, with the same key."
        return problem(409, said, kind=KEY_IN_USE, headers={"Retry-After": "1"})
    return _sent(known.answer)


def _mark(data: bytes) -> str:
    """SHA-256 of all that the request asks."""
    asked = (request.method, request.path, request.headers.get("If-Match", ""))
    return hashlib.sha256(json.dumps(asked).encode() + b"\n" + data).hexdigest()


def _body(most: int) -> bytes:
    """The body, whole. 413 where it has more bytes, also where they come in chunks: what is read is never a part of it (W10)."""
    _as_it_is()
    request.max_content_length = most + 1
    pieces: list[bytes] = []
    size = 0
    while piece := request.stream.read(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise RequestEntityTooLarge(f"The body has more than {most} bytes.")
    return b"".join(pieces)


def _as_it_is() -> None:
    if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")


def _note(data: bytes) -> str:
    """The reason, of `{"note": "..."}`. Raises StoryError for anything else."""
    try:
        said = json.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise StoryError('the reason is sent as JSON, in UTF-8: {"note": "..."}') from error
    note = said.get("note") if isinstance(said, dict) else None
    if not isinstance(note, str) or len(said) != 1:
        raise StoryError('the reason is sent as {"note": "..."}, and nothing besides')
    if not 0 < len(note) <= LONGEST_NOTE:
        raise StoryError(f"note: has {len(note)} characters; say why, in from 1 to {LONGEST_NOTE}: it is for those who got the story")
    return note


def _expected() -> frozenset[int] | None:
    """The versions that If-Match names; None where it names none in particular. Tags are compared strongly: a weak one is no version."""
    given = request.headers.get("If-Match")
    if given is not None and re.fullmatch(openapi.CONDITION, given) is None:
        raise BadRequest('If-Match is an ETag as GET gave it, in its quotes: If-Match: "1".')
    if given is None or given == "*":
        return None
    return frozenset(int(number) for weak, number in re.findall(r'(W/)?"([1-9][0-9]{0,8})"', given) if not weak)


def _checked(asked: Asked, story: str) -> str:
    """The id of the story of our own that is meant."""
    with asked.here.database.read() as tx:
        return _own(tx, story).id


def _own(tx: Transaction, name: str) -> Story:
    """The story of that id, or of that `uri`, if it is our own: a partner's is the same as none."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None or story.item is not None:
        raise NotFoundError(f"there is no story of our own {clean_text(name, 200)}")
    return story


def _address(here: Parts, story: str) -> str:
    return f"{here.settings.base_url.rstrip('/')}/api/stories/{story}"


def _tag(story: Story) -> str:
    """The version of the story, for If-Match. Where it was placed and who has fetched it may change without it."""
    return f'"{story.current.number}"'


def _sent(answer: Answer | None) -> Response:
    if answer is None:
        raise ConflictError("nothing was done")
    return Response(answer.body, answer.status, dict(answer.headers), content_type="application/json")


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_moment) + "\n"


def _moment(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _shown(tx: Transaction, story: Story) -> dict[str, object]:
    """The story as the API shows it (`Story` in the OpenAPI document)."""
    version, content = story.current, story.current.content
    readers = {one.flow: one.stamp.partner for one in publications.of_story(tx, story.id)}
    return {
        "id": story.id,
        "entry_id": story.entry_id,
        "uri": story.uri,
        "version": version.number,
        "pubstatus": version.pubstatus,
        "act": version.act,
        "note": version.note,
        "made_at": version.made_at,
        "first_made_at": story.first_made_at,
        "evolved_from": story.evolved_from,
        "derived_from": list(story.derived_from),
        "headline": content.headline,
        "summary": content.summary,
        "body": content.body,
        "language": content.language,
        "type": content.type,
        "byline": list(content.byline),
        "topics": list(content.topics),
        "credit_line": content.credit_line,
        "embargo_until": content.embargo_until,
        "urgency": content.urgency,
        "link": content.link,
        "renditions": [
            {"url": one.url, "media_type": one.media_type, "title": one.title, "credit": one.credit} for one in content.renditions
        ],
        "placed": [
            {
                "flow": one.flow,
                "partner": one.stamp.partner,
                "version": one.version,
                "kind": one.kind,
                "agreement": one.stamp.agreement,
                "agreement_version": one.stamp.version,
                "clause": one.stamp.clause,
                "placed_at": one.placed_at,
            }
            for one in publications.holding(tx, story.id)
        ],
        "fetched": [
            {"flow": one.flow, "partner": readers[one.flow], "version": one.version, "kind": one.kind, "at": one.at}
            for one in publications.fetches(tx, story.id)
        ],
    }
