"""A Clearance as it is kept: what, to or from whom, when, under which clause, allowed or not, why, and all that was asked."""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from syndication.agreements.calendar import utc
from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.model.clearance import Clearance, Subject, Usage
from syndication.model.event import Decision
from syndication.model.partner import Flow
from syndication.model.story import Content, Pubstatus


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the gate, and its answer: what `decision` keeps."""

    facts: Subject
    flow: Flow
    standing: Standing
    used: Usage | None
    answer: Clearance


def ask(facts: Subject, flow: Flow, standing: Standing, used: Usage | None = None) -> Asked:
    """Ask the gate, and keep the question with the answer."""
    return Asked(facts, flow, standing, used, clear(facts, flow, standing, used))


def fingerprint(content: Content, pubstatus: Pubstatus) -> str:
    """SHA-256, in hex, of what is read: two versions with the same fingerprint say the same.

    What has its default is left out, as of `inputs`: a field that is added later makes no correction of all that is held.
    """
    return digest([_stated(content), pubstatus])


def digest(value: Any) -> str:
    """SHA-256, in hex, of plain values as JSON, keys in order."""
    return hashlib.sha256(json.dumps(value, default=str, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def inputs(made: Decision) -> str:
    """SHA-256, in hex, over what was decided about and all that the gate was given: who changes any of it in the records gives
    themselves away, unless they make the hash anew too.

    What has its default is left out, so that a field which a later version adds leaves the hashes of today as they are.
    """
    about = [made.subject, made.subject_version, made.headline, made.fingerprint]
    return digest([about, _mark(made.facts), _mark(made.on), _mark(made.used), made.register, utc(made.at).isoformat()])


@lru_cache(maxsize=1_024)
def _mark(value: Subject | Flow | Usage | None) -> str:
    return digest(_stated(value))


def _stated(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, tuple):
        return [_stated(one) for one in value]
    if not is_dataclass(value):
        return value
    kind: Any = type(value)
    told = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: _stated(said) for name, said, default in told if said != default}


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(kind))


def decision(asked: Asked, *, subject: str, version: int, headline: str, mark: str) -> Decision:
    """What the gate answered, to be stored. `subject`: an item's or story's id, or the guid of an entry; `mark`: its `fingerprint`."""
    stamp = asked.answer.stamp
    made = Decision(
        at=asked.standing.at,
        subject=subject,
        subject_version=version,
        headline=headline,
        fingerprint=mark,
        flow=asked.flow.id,
        partner=asked.flow.partner,
        direction=asked.flow.direction,
        agreement=stamp.agreement if stamp else None,
        agreement_version=stamp.version if stamp else None,
        clause=stamp.clause if stamp else None,
        allowed=asked.answer.allowed,
        verdicts=asked.answer.verdicts,
        facts=asked.facts,
        on=asked.flow,
        used=asked.used,
        register=asked.standing.register.revision,
    )
    return replace(made, inputs=inputs(made))
