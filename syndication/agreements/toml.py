"""An agreement as the TOML that `agreements/files` reads: every key that says something, in the order of `agreements/shapes`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from enum import Enum
from typing import Any

from syndication.agreements.files import TERMS
from syndication.agreements.shapes import ACT, ACTIVITY, AGREEMENT, BY, DOCUMENT, GRANT, OBLIGATION, TERM
from syndication.model.activity import Activity
from syndication.model.agreement import Dossier, Grant, Obligation
from syndication.model.partner import Flow, Partner

DEFAULTS = {
    "notice_days": 0,
    "grace_days": 0,
    "zone": "UTC",
    "credit_place": "end",
    "embargo": "withheld",
    "review": "editor",
    "measure": "offered",
}
"""What is understood where nothing is said, and so is not written."""


def as_toml(dossier: Dossier, activities: tuple[Activity, ...] = ()) -> str:
    """The last version of an agreement, the acts done to it and its activities. Read again, it says the same."""
    return "\n".join(_lines(as_given(dossier, activities))).strip() + "\n"


def as_given(dossier: Dossier, activities: tuple[Activity, ...] = ()) -> dict[str, Any]:
    """The same, as TOML would be read into."""
    agreement = dossier.versions[-1]
    given = _given(agreement, AGREEMENT)
    tables = {
        "grants": [_grant(one) for one in agreement.grants],
        "obligations": [_obligation(one) for one in agreement.obligations],
        "documents": [_given(one, DOCUMENT) for one in agreement.documents],
        "activities": [_given(one, ACTIVITY) for one in activities],
        "acts": [_given(one, ACT) for one in dossier.acts],
    }
    return {**given, "term": _given(agreement.term, TERM), **{key: found for key, found in tables.items() if found}}


def _given(value: Any, shape: Mapping[str, Any]) -> dict[str, Any]:
    known = {one.name for one in fields(value)}
    plain = {key: _plain(getattr(value, key)) for key in shape if key in known and shape[key].shape is None}
    return {key: one for key, one in plain.items() if one not in (None, [], False) and one != DEFAULTS.get(key)}


def _grant(grant: Grant) -> dict[str, Any]:
    plain = {key: _plain(getattr(grant.terms, TERMS[key]) if key in TERMS else getattr(grant, key)) for key in GRANT}
    named = ("types", "languages", "topics")
    return {key: one for key, one in plain.items() if key in named or (one not in (None, [], False) and one != DEFAULTS.get(key))}


def _obligation(duty: Obligation) -> dict[str, Any]:
    by = next(word for word, direction in BY.items() if direction is duty.by)
    return {key: by if key == "by" else one for key, one in _given(duty, OBLIGATION).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def _lines(given: Mapping[str, Any]) -> Iterator[str]:
    nested = {
        key: one for key, one in given.items() if isinstance(one, dict) or (isinstance(one, list) and one and isinstance(one[0], dict))
    }
    for key, one in given.items():
        if key not in nested:
            yield f"{key} = {_written(one)}"
    for key, one in nested.items():
        for table in one if isinstance(one, list) else [one]:
            yield ""
            yield f"[[{key}]]" if isinstance(one, list) else f"[{key}]"
            yield from _lines(table)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_written(one) for one in value)}]"
    if isinstance(value, date):
        return value.isoformat()
    # What JSON escapes, TOML escapes alike.
    return json.dumps(value, ensure_ascii=False)


def partner_given(partner: Partner, flows: Iterable[Flow]) -> dict[str, Any]:
    """A partner with its flows, as far as agreements are held against it."""
    categories = [{"name": one.name, "topics": list(one.topics)} for one in partner.categories]
    told = [
        {
            "id": one.id,
            "direction": one.direction.value,
            "agreement": one.agreement,
            "title": one.title,
            "languages": list(one.languages),
            **({"url": one.url} if one.url else {}),
        }
        for one in flows
    ]
    return {"id": partner.id, "name": partner.name, "country": partner.country, "categories": categories, "flows": told}
