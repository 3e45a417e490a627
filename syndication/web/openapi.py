"""What the newsroom's door takes and answers, as an OpenAPI 3.1 document: a value, written by hand, held to the door by the tests."""

from typing import Any, Final

from syndication import __version__
from syndication.feeds.draft import LONGEST_NOTE
from syndication.feeds.ninjs_story import KEYS, NAMED, SPELLED
from syndication.model.agreement import ContentType
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, StoryAct

Json = dict[str, Any]

IDEMPOTENCY_KEY: Final = "[!-~]{1,255}"
"""Visible ASCII, without spaces."""
CONDITION: Final = r'(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)'
"""If-Match, as far as we give ETags (RFC 9110, 13.1.1)."""


def _text(**more: Any) -> Json:
    return {"type": "string", **more}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Json, **more: Any) -> Json:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties, **more}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


MOMENT: Final = _text(format="date-time")
COUNT: Final[Json] = {"type": "integer", "minimum": 1}
EXAMPLE: Final[Json] = {
    "uri": "urn:vna:2026:1",
    "language": "en",
    "headline": "Hanoi opens a rail museum",
    "body_html": "<p>It has <b>40</b> engines.</p>",
    "subject": [{"code": "medtop:01000000"}],
}

STORY: Final = _object(
    {
        "id": _text(description="Ours, for these addresses."),
        "entry_id": _text(description="Under which partners know it, for ever."),
        "uri": _or_null(_text(description="Yours.")),
        "version": COUNT,
        "pubstatus": _text(enum=[str(one) for one in Pubstatus]),
        "act": _text(enum=[str(one) for one in StoryAct], description="Why this version was made."),
        "note": _or_null(_text(description="Why, for those who got it.")),
        "made_at": MOMENT,
        "first_made_at": MOMENT,
        "evolved_from": _or_null(_text(description="The id of the take before it.")),
        "derived_from": _list(_text()),
        "headline": _text(),
        "summary": _text(),
        "body": _text(description="HTML, cleaned."),
        "language": _text(),
        "type": _text(enum=[str(one) for one in ContentType]),
        "byline": _list(_text()),
        "topics": _list(_text()),
        "credit_line": _or_null(_text()),
        "embargo_until": _or_null(MOMENT),
        "urgency": _or_null({"type": "integer", "minimum": 1, "maximum": 9}),
        "link": _or_null(_text()),
        "renditions": _list(_object({"url": _text(), "media_type": _text(), "title": _or_null(_text()), "credit": _or_null(_text())})),
        "placed": _list(
            _object(
                {
                    "flow": _text(),
                    "partner": _text(),
                    "version": COUNT,
                    "kind": _text(enum=[str(one) for one in PublicationKind], description="A withdrawal tells that it was taken back."),
                    "agreement": _text(),
                    "agreement_version": COUNT,
                    "clause": _text(),
                    "placed_at": MOMENT,
                }
            )
        )
        | {"description": "What stands on each flow that has it, and under which agreement."},
        "fetched": _list(
            _object(
                {
                    "flow": _text(),
                    "partner": _text(),
                    "version": COUNT,
                    "kind": _text(enum=[str(one) for one in PublicationKind]),
                    "at": MOMENT,
                }
            )
        )
        | {"description": "When a partner first got each version, or was told that it was taken back."},
    }
)

FAULT: Final[Json] = {
    "type": "object",
    "required": ["detail"],
    "additionalProperties": False,
    "properties": {
        "pointer": _text(description="Its place in a JSON document (RFC 6901)."),
        "xpath": _text(description="Its place in an XML document."),
        "detail": _text(),
    },
}
PROBLEM: Final[Json] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
    "properties": {
        "type": _text(),
        "title": _text(),
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _text(),
        "instance": _text(),
        "faults": _list(_ref("schemas", "Fault")),
        "story": _text(description="The address of the story that is here already."),
    },
}
DOCUMENT_SCHEMA: Final[Json] = {
    "description": "A ninjs document (IPTC, 1.x to 3.x). It must be a whole story; what else it must be, a problem says by its place.",
    "type": "object",
    "required": ["uri", "language"],
    "properties": {
        **{key: {} for key in sorted(KEYS | SPELLED.keys())},
        "uri": _text(minLength=1, description="Your own id of the story."),
        "language": _text(minLength=1, description="BCP 47."),
    },
    "patternProperties": {f"^{NAMED.pattern}$": {}},
    "additionalProperties": False,
    "example": EXAMPLE,
}
REASON: Final[Json] = _object({"note": _text(minLength=1, maxLength=LONGEST_NOTE, description="Why, for those who got the story.")}) | {
    "example": {"note": "It has not opened."}
}

STORY_ID: Final[Json] = {
    "name": "story",
    "in": "path",
    "required": True,
    "description": "The story's id, or your own uri of it where that has no slash.",
    "schema": _text(minLength=1),
}
KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this request. The same request with the same key is carried out once, and answered for 24 hours as it was the first time.",  # noqa: E501 - one sentence
    "schema": _text(pattern=f"^{IDEMPOTENCY_KEY}$"),
}


VERSION: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version that is corrected: on another one nothing is done.",
    "example": '"1"',
    "schema": _text(pattern=f"^{CONDITION}$"),
}


def _problem(said: str, headers: Json | None = None) -> Json:
    content = {"application/problem+json": {"schema": _ref("schemas", "Problem")}}
    return {"description": said, "content": content, **({"headers": headers} if headers else {})}


WAIT: Final[Json] = {"Retry-After": {"description": "Seconds to wait.", "schema": _text()}}
PROBLEMS: Final[Json] = {
    "400": _problem("The request cannot be read."),
    "401": _problem(
        "No token of the newsroom, or none that stands; whatever is wrong with it, the answer is the same.",
        {"WWW-Authenticate": {"required": True, "schema": _text()}},
    ),
    "403": _problem("The request came from another site's page."),
    "404": _problem("There is no such story of our own."),
    "409": _problem("The state does not allow it: the story is here already, was killed, or is held; or the same request is under way."),
    "412": _problem("Another version of the story stands: get it, and look again."),
    "413": _problem("The body is too large."),
    "415": _problem("The body is encoded."),
    "422": _problem("The body is not what it must be, fault by fault; or the Idempotency-Key is another request's. Nothing was kept."),
    "428": _problem("If-Match is missing."),
    "429": _problem("Too many wrong tokens from this address.", WAIT),
    "503": _problem("The database cannot do it just now.", WAIT),
}


def _answers(good: Json, *problems: str) -> Json:
    always = ("400", "401", "403", "429", "503")
    return good | {status: _ref("responses", f"P{status}") for status in sorted((*always, *problems))}


def _story(status: str, said: str, *names: str) -> Json:
    headers = {name: {"required": True, "schema": _text()} for name in ("ETag", *names)}
    return {status: {"description": said, "headers": headers, "content": {"application/json": {"schema": _ref("schemas", "Story")}}}}


def _taking(schema: str) -> Json:
    return {"required": True, "content": {"application/json": {"schema": _ref("schemas", schema)}}}


UPLOADED: Final = _object(
    {
        "href": _text(description="To name it by, as the href of a rendition in a document, within a day."),
        "media_type": _text(description="What it is."),
        "length": COUNT,
        "width": _or_null(COUNT),
        "height": _or_null(COUNT),
    }
)
DOCUMENT_BODY: Final[Json] = {
    "required": True,
    "description": "ninjs, NewsML-G2 or NITF: told by how it begins, whatever its Content-Type.",
    "content": {
        "application/json": {"schema": _ref("schemas", "Document")},
        "application/xml": {"schema": _text(description="A NewsML-G2 newsItem, a newsMessage with one, or NITF 3.")},
    },
}


def _act(name: str, summary: str) -> Json:
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "parameters": [KEY],
            "requestBody": _taking("Reason"),
            "responses": _answers(_story("200", "Done."), "404", "409", "413", "415", "422"),
        },
        "parameters": [STORY_ID],
    }


DOCUMENT: Final[Json] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Hand in our own stories",
        "version": __version__,
        "description": "What is handed in is a story at once, and goes to every partner whose agreement lets it.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/"}],
    "security": [{"newsroom": []}],
    "paths": {
        "/api/stories": {
            "post": {
                "operationId": "add",
                "summary": "A new story; an update (a new take) is one with evolvedfrom.",
                "parameters": [KEY],
                "requestBody": DOCUMENT_BODY,
                "responses": _answers(_story("201", "The story, as it was taken.", "Location"), "409", "413", "415", "422"),
            },
            "get": {
                "operationId": "find",
                "summary": "The story that has this uri in your own system.",
                "parameters": [{"name": "uri", "in": "query", "required": True, "schema": _text(minLength=1)}],
                "responses": _answers(_story("200", "The story.", "Content-Location"), "404"),
            },
        },
        "/api/stories/{story}": {
            "get": {
                "operationId": "show",
                "summary": "A story as it stands, where it was placed, and who has fetched it.",
                "responses": _answers(_story("200", "The story."), "404"),
            },
            "put": {
                "operationId": "correct",
                "summary": "Correct a story: it goes to all who got it.",
                "parameters": [VERSION, KEY],
                "requestBody": DOCUMENT_BODY,
                "responses": _answers(_story("200", "The story, corrected."), "404", "409", "412", "413", "415", "422", "428"),
            },
            "parameters": [STORY_ID],
        },
        "/api/renditions": {
            "post": {
                "operationId": "upload",
                "summary": "A picture, audio or video, for a story that is handed in next.",
                "requestBody": {
                    "required": True,
                    "description": "The bytes, with their Content-Type: JPEG, PNG, WebP, still GIF, MP4, WebM, MP3, Ogg or WAV.",
                    "content": {"image/jpeg": {}, "image/png": {}, "video/mp4": {}, "audio/mpeg": {}},
                },
                "responses": _answers(
                    {"201": {"description": "It is kept.", "content": {"application/json": {"schema": _ref("schemas", "Uploaded")}}}},
                    *("409", "413", "415", "422"),
                ),
            },
        },
        "/api/stories/{story}/kill": _act("kill", "Kill a story, for good, wherever it went."),
        "/api/stories/{story}/hold": _act("hold", "Withhold a story everywhere, until it is lifted."),
        "/api/stories/{story}/lift": _act("lift", "End the hold of a story: it goes again to all who may have it."),
    },
    "components": {
        "securitySchemes": {
            "newsroom": {"type": "http", "scheme": "bearer", "description": "A token of 'syndication newsroom-token issue'."}
        },
        "schemas": {
            "Story": STORY,
            "Problem": PROBLEM,
            "Fault": FAULT,
            "Document": DOCUMENT_SCHEMA,
            "Reason": REASON,
            "Uploaded": UPLOADED,
        },
        "responses": {f"P{status}": said for status, said in PROBLEMS.items()},
    },
}
