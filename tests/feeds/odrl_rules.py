"""What the ODRL Information Model 2.2 and RightsML 2.0 require of a policy, read from them and not from the program; and what one allows.

`faults` names what is wrong with a policy as parsed JSON; `may` answers whether it lets somebody do something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Json = Any

IRI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
# RightsML 2.0 takes these over from the ODRL Common Vocabulary.
_ACTIONS = """acceptTracking aggregate annotate anonymize archive attribute compensate concurrentUse delete derive digitize display
    distribute
    ensureExclusivity execute extract give grantUse include index inform modify move nextPolicy obtainConsent play present print reproduce
    reviewPolicy sell stream synchronize textToSpeech transform translate watermark"""
ACTIONS = {*_ACTIONS.split(), "use", "transfer"}
_LEFT = """absolutePosition absoluteSize absoluteSpatialPosition absoluteTemporalPosition percentage count dateTime delayPeriod
    deliveryChannel
    elapsedTime event fileFormat spatialCoordinates spatial industry language media meteredTime payAmount product purpose recipient
    timeInterval relativePosition relativeSize relativeSpatialPosition relativeTemporalPosition resolution systemDevice unitOfCount version
    virtualLocation"""
LEFT = set(_LEFT.split())
OPERATORS = {"eq", "gt", "gteq", "lt", "lteq", "neq", "isA", "hasPart", "isPartOf", "isAllOf", "isAnyOf", "isNoneOf"}
OF_SETS = {"isAllOf", "isAnyOf", "isNoneOf"}
POLICY = {"@context", "@type", "uid", "profile", "conflict", "permission", "prohibition", "obligation", "inheritFrom"}
SHARED = {"assigner", "assignee", "target", "action"}
RULE = {"uid", "constraint", "duty", "remedy", "consequence", "relation", "function", "failure"} | SHARED
ALLOWED_IN = {
    "permission": RULE - {"remedy", "consequence"},
    "prohibition": RULE - {"duty", "consequence"},
    "obligation": RULE - {"duty", "remedy"},
}
LOGICAL = {"or", "xone", "and", "andSequence"}
INCLUDED = {"extract": "reproduce"}
"""Which action another encompasses, beside `use`, which encompasses all (ODRL Vocabulary, includedIn)."""


def listed(value: Json) -> list[Json]:
    """JSON-LD: one value, or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def atomic(policy: Json) -> Iterator[tuple[str, Json]]:
    """Each rule by itself: what stands at the policy stands in each, several actions are several rules (Information Model, 2.7.1)."""
    for kind in ("permission", "prohibition", "obligation"):
        for rule in listed(policy.get(kind)):
            whole = {**{key: policy[key] for key in SHARED if key in policy}, **rule}
            for action in listed(whole.get("action")) or [None]:
                yield kind, {**whole, "action": action}


def faults(policy: Json) -> list[str]:
    """Everything that is wrong with it; nothing is what a valid policy gets."""
    prefixes = {key for one in listed(policy.get("@context")) if isinstance(one, dict) for key in one} | {"odrl", "rdf", "xsd"}
    found = []
    if "http://www.w3.org/ns/odrl.jsonld" not in listed(policy.get("@context")):
        found.append("the context of ODRL is missing")
    kind = policy.get("@type")
    if kind not in ("Set", "Offer", "Agreement"):
        found.append(f"@type is {kind}")
    if not isinstance(policy.get("uid"), str) or not IRI.fullmatch(policy["uid"]):
        found.append("uid must be one IRI")
    if policy.get("conflict", "invalid") not in ("perm", "prohibit", "invalid"):
        found.append("conflict is none of the three")
    profiles = listed(policy.get("profile"))
    if not profiles or not all(isinstance(one, str) and IRI.fullmatch(one) for one in profiles):
        found.append("terms beside the core need a profile")
    found += [f"{key} is no property of a policy" for key in policy if key not in POLICY | SHARED and not _prefixed(key, prefixes)]
    rules = list(atomic(policy))
    if not rules:
        found.append("a policy has at least one rule")
    needed = {"Set": (), "Offer": ("assigner",), "Agreement": ("assigner", "assignee")}.get(str(kind), ())
    for where, rule in rules:
        found += [
            f"{where}: one {role} is needed" for role in needed if not (isinstance(rule.get(role), str) and IRI.fullmatch(rule[role]))
        ]
        if where != "obligation" and "target" not in rule:
            found.append(f"{where}: a target is needed")
        found += [f"{where}: {key} has no place there" for key in rule if key not in ALLOWED_IN[where] and not _prefixed(key, prefixes)]
        found += _action(rule["action"], prefixes)
        found += _target(rule.get("target"), prefixes)
        found += [fault for one in listed(rule.get("constraint")) for fault in _constraint(one, prefixes)]
        for duty in listed(rule.get("duty")):
            for action in listed(duty.get("action")) or [None]:
                found += _action(action, prefixes)
    return found


def _prefixed(name: object, prefixes: set[str]) -> bool:
    return isinstance(name, str) and name.partition(":")[0] in prefixes and bool(name.partition(":")[2])


def _action(action: Json, prefixes: set[str]) -> list[str]:
    if isinstance(action, dict):
        inner = action.get("rdf:value", {}).get("@id", "")
        bad = (
            []
            if inner.removeprefix("odrl:") in ACTIONS and listed(action.get("refinement"))
            else ["a refined action has a value and refinements"]
        )
        return bad + [fault for one in listed(action.get("refinement")) for fault in _constraint(one, prefixes)]
    return [] if action in ACTIONS or _prefixed(action, prefixes) else [f"{action} is no action"]


def _target(target: Json, prefixes: set[str]) -> list[str]:
    if isinstance(target, dict):
        if target.get("@type") != "AssetCollection" or not IRI.fullmatch(target.get("source", "")) or "uid" in target:
            return ["a collection that is refined names its source, and has no uid"]
        return [fault for one in listed(target.get("refinement")) for fault in _constraint(one, prefixes)]
    return [] if target is None or (isinstance(target, str) and IRI.fullmatch(target)) else [f"{target} is no IRI"]


def _constraint(one: Json, prefixes: set[str]) -> list[str]:
    if operands := [key for key in one if key in LOGICAL]:
        # A logical constraint: one operand, and a list of constraints (Information Model, 2.5.2).
        inner = one[operands[0]]
        if len(one) != 1 or not isinstance(inner, dict) or not inner.get("@list"):
            return ["a logical constraint has one operand, and a list"]
        return [fault for each in inner["@list"] for fault in _constraint(each, prefixes)]
    left, operator = one.get("leftOperand"), one.get("operator")
    found = [] if left in LEFT or _prefixed(left, prefixes) else [f"{left} is no left operand"]
    found += [] if operator in OPERATORS else [f"{operator} is no operator"]
    if ("rightOperand" in one) == ("rightOperandReference" in one):
        return [*found, f"{left}: one right operand, or a reference to one"]
    right = one.get("rightOperand")
    several = isinstance(right, dict) and "@list" in right
    if several != (operator in OF_SETS) or (several and not right["@list"]):
        found.append(f"{left}: a list belongs to an operator of sets, and is not empty")
    for value in right["@list"] if several else [right]:
        typed = value.get("@type") if isinstance(value, dict) else None
        name = value.get("@id", "") if isinstance(value, dict) else ""
        if left in ("dateTime", "syn:received") and (typed != "xsd:dateTime" or datetime.fromisoformat(value["@value"]).tzinfo is None):
            found.append("dateTime: xsd:dateTime, with its zone")
        if left in ("elapsedTime", "delayPeriod") and typed != "xsd:duration":
            found.append(f"{left}: xsd:duration")
        if left in ("spatial", "recipient") and not IRI.fullmatch(name):
            found.append(f"{left}: an IRI")
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do. `to`: party IRIs and categories the receiver is of. `since`: the time since the receipt."""

    action: str
    at: datetime
    country: str = "VN"
    to: tuple[str, ...] = ()
    since: timedelta = timedelta(0)
    ended: bool = False
    purpose: str = "syn:other"


@dataclass(frozen=True, slots=True)
class Piece:
    """What somebody wants to do it with. `received`: when they got it."""

    type: str
    language: str
    topics: tuple[str, ...]
    received: datetime


def may(policy: Json, asked: Asked, piece: Piece | None = None) -> bool:
    """Whether a permission covers it and no prohibition does, where prohibitions win. `piece`: where the target is a collection."""
    assert policy["conflict"] == "prohibit"
    wider = {asked.action, "use", *([INCLUDED[asked.action]] if asked.action in INCLUDED else [])}
    answers = {
        kind: any(
            rule["action"] in wider and _among(rule["target"], piece) and all(_holds(one, asked) for one in listed(rule.get("constraint")))
            for where, rule in atomic(policy)
            if where == kind
        )
        for kind in ("permission", "prohibition")
    }
    return answers["permission"] and not answers["prohibition"]


def _among(target: Json, piece: Piece | None) -> bool:
    """Whether the piece is one of those that the target is refined to."""
    return piece is None or all(_is(one, piece) for one in listed(target.get("refinement")))


def _is(one: Json, piece: Piece) -> bool:
    if "or" in one:
        return any(_is(each, piece) for each in one["or"]["@list"])
    right = one["rightOperand"]
    if one["leftOperand"] == "syn:received":
        limit = datetime.fromisoformat(right["@value"])
        return piece.received < limit if one["operator"] == "lt" else piece.received >= limit
    match one["leftOperand"]:
        case "syn:type":
            found = piece.type in right["@list"]
        case "syn:language":
            tags = [tag.lower() for tag in right["@list"]]
            found = any(f"{piece.language.lower()}-".startswith(f"{tag}-") for tag in tags)
        case "syn:topic":
            found = bool(set(right["@list"]) & set(piece.topics))
        case _:
            raise AssertionError(one["leftOperand"])
    return found is (one["operator"] == "isAnyOf")


def _holds(one: Json, asked: Asked) -> bool:
    operator, right = one["operator"], one["rightOperand"]
    values = [value["@id"] for value in right["@list"]] if "@list" in right else [right.get("@id", right.get("@value"))]
    match one["leftOperand"]:
        case "dateTime":
            limit = datetime.fromisoformat(values[0])
            return asked.at < limit if operator == "lt" else asked.at >= limit
        case "syn:timeSinceReceipt":
            days = timedelta(days=int(values[0].strip("PD")))
            return asked.since < days if operator == "lt" else asked.since >= days
        case "event":
            return asked.ended is (operator == "gt")
        case "spatial":
            inside = f"https://www.iso.org/obp/ui/#iso:code:3166:{asked.country}" in values
            return inside is (operator == "isAnyOf")
        case "recipient":
            return bool(set(values) & set(asked.to))
        case "purpose":
            return asked.purpose in values
    raise AssertionError(one["leftOperand"])
