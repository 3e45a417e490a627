"""The JSON Schema (2020-12) of the files of `config/`, for completion in an editor; made from `shapes`. Pure.

It says what one key may hold. What files must say to each other, `coherence` says: a schema cannot.
"""

from collections.abc import Mapping
from typing import Any, Final

from syndication.agreements import keys
from syndication.agreements.keys import Check, Key, OneOf, Shape, Whole
from syndication.agreements.shapes import AGREEMENT, PARTNER

SCHEMAS: Final[Mapping[str, Shape]] = {"agreement": AGREEMENT, "partner": PARTNER}

_LINE: Final = {"type": "string", "minLength": 1, "maxLength": keys.LONGEST}
_TOPIC: Final = r"medtop:[0-9]{8}"
_SLUG: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
_LANGUAGE: Final = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_SAYS: Final[Mapping[Check, Mapping[str, Any]]] = {
    keys.text: _LINE,
    keys.credit: _LINE,
    keys.lines: {"type": "string", "minLength": 1, "maxLength": keys.LONGEST * 10},
    keys.slug: {"type": "string", "pattern": f"^{_SLUG}$", "maxLength": 64},
    keys.flag: {"type": "boolean"},
    keys.day: {"type": "string", "format": "date", "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"},
    keys.zone: {"type": "string", "minLength": 1},
    keys.language: {"type": "string", "pattern": f"^{_LANGUAGE}$"},
    keys.language_or_every: {"type": "string", "pattern": rf"^({_LANGUAGE}|\*)$"},
    keys.topic: {"type": "string", "pattern": f"^{_TOPIC}$"},
    keys.subject: {"type": "string", "pattern": rf"^({_TOPIC}|(?!medtop:){_SLUG}:\S.*)$"},
    keys.subject_or_every: {"type": "string", "pattern": rf"^({_TOPIC}|(?!medtop:){_SLUG}:\S.*|\*)$"},
    keys.digest: {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"},
    keys.country: {"type": "string", "pattern": "^[A-Z]{2}$"},
    keys.address: {"type": "string", "pattern": "^https?://[^ ]+$"},
}
"""What each check lets pass, and perhaps a little more: a zone's name, a country's code or a brace it does not look up."""


def of(kind: str) -> dict[str, Any]:
    """The schema of an `agreement`'s file, or a `partner`'s. A day of TOML stands for its text."""
    title = f"{kind} file of syndication"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **_table(SCHEMAS[kind])}


def _table(shape: Shape) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key for key, rule in shape.items() if rule.required],
        "properties": {key: _key(rule) for key, rule in shape.items()},
    }


def _key(rule: Key) -> dict[str, Any]:
    one = _table(rule.shape) if rule.shape is not None else _value(rule.check)
    if not rule.many:
        return {"description": rule.says, **one}
    # Tables of a list may be alike: each is judged by itself.
    return {"description": rule.says, "type": "array", "items": one, "minItems": int(rule.filled), "uniqueItems": rule.shape is None}


def _value(check: Check | None) -> dict[str, Any]:
    match check:
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case OneOf(choices):
            return {"enum": list(choices)}
        case None:
            return {}
        case _:
            return dict(_SAYS[check])
