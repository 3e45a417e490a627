"""Values -> the files of `config/partners` and `config/agreements`: what `files.read` takes back as the same values. Pure.

Which keys there are, and in which order they stand, is in `shapes`; what a value would be anyway is left out. Comments are not kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any

import tomli_w

from syndication.agreements.files import TERMS
from syndication.agreements.keys import Key, OneOf, Shape
from syndication.agreements.shapes import AGREEMENT, GRANT, PARTNER
from syndication.model.activity import Activity
from syndication.model.agreement import Agreement, Dossier, Grant
from syndication.model.partner import Flow, FlowState, Partner

Given = dict[str, Any]
"""A table of a file: texts, numbers, days, lists and tables."""


def agreement(dossier: Dossier, activities: Iterable[Activity] = (), version: Agreement | None = None) -> Given:
    """An agreement's file: one of its versions (None: the last), every act done to it, and the activities under it."""
    stated = version or dossier.versions[-1]
    return _table(stated, AGREEMENT, {"acts": tuple(sorted(dossier.acts, key=lambda act: act.on)), "activities": tuple(activities)})


def partner(one: Partner, flows: Iterable[Flow]) -> Given:
    """A partner's file, with its flows."""
    return _table(one, PARTNER, {"flows": tuple(flows)})


def grant(one: Grant) -> Given:
    """One of `[[grants]]`."""
    return _table(one, GRANT)


def toml(given: Given) -> str:
    """The text of the file."""
    return tomli_w.dumps(given, multiline_strings=True)


def _table(value: Any, shape: Shape, more: Mapping[str, Any] | None = None) -> Given:
    """Every key of the shape that says something. `more`: what stands in the file and not in the value."""
    told = {**_told(value), **(more or {})}
    return {key: _written(told[key], rule) for key, rule in shape.items() if rule.required or not _is_plain(told[key], key, value)}


def _told(value: Any) -> dict[str, Any]:
    """What the value says, under the keys of its file."""
    told = {one.name: getattr(value, one.name) for one in fields(value)}
    match value:
        case Grant():
            return {**told, **{key: getattr(value.terms, name) for key, name in TERMS.items()}}
        case Flow():
            minutes = max(value.interval // timedelta(minutes=1), 1) if value.interval is not None else None
            return {**told, "interval_minutes": minutes, "paused": value.state is FlowState.PAUSED}
        case _:
            return told


def _is_plain(found: Any, key: str, value: Any) -> bool:
    """What a file that does not say it means too."""
    if found is None or found == () or found is False:
        return True
    holder, name = (value.terms, TERMS[key]) if isinstance(value, Grant) and key in TERMS else (value, key)
    return any(one.name == name and one.default is not MISSING and one.default == found for one in fields(holder))


def _written(found: Any, rule: Key) -> Any:
    return [_one(one, rule) for one in found] if rule.many else _one(found, rule)


def _one(found: Any, rule: Key) -> Any:
    if rule.shape is not None:
        return _table(found, rule.shape)
    if isinstance(rule.check, OneOf):
        return next(word for word, meaning in rule.check.choices.items() if meaning == found)
    return found
