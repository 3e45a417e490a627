"""Terms as policies that software can act on: ODRL 2.2 with the profile RightsML 2.0, in JSON-LD. Pure.

Sources: ODRL Information Model 2.2 and ODRL Vocabulary & Expression 2.2 (W3C Recommendations, 15 February 2018); RightsML 2.0
(IPTC, 2018), whose profile takes over the actions and left operands used here; TDMRep (W3C Community Group, 10 May 2024) for `tdm:mine`.
Where these have no word, ours stands under the prefix `syn`; docs/subscribe.md explains each.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from syndication.feeds.outgoing import instant, legal, party, within
from syndication.feeds.vocabulary import RIGHTS, TOPICS
from syndication.model.agreement import EVERY, Agreement, Alteration, CreditPlace, Grant, OnwardUse
from syndication.model.partner import Direction
from syndication.model.publication import FeedDocument, FeedEntry
from syndication.model.rights import Bounds, Credit, Rights

RIGHTSML: Final = "https://iptc.org/std/RightsML/odrl-profile/"
TDMREP: Final = "http://www.w3.org/ns/tdmrep"
CONTEXT: Final = ("http://www.w3.org/ns/odrl.jsonld", f"{RIGHTSML}rightsml.jsonld", {"syn": RIGHTS, "tdm": f"{TDMREP}#"})
COUNTRY: Final = "https://www.iso.org/obp/ui/#iso:code:3166:"
"""ODRL asks for an IRI in `spatial`; this is how its own examples write an ISO 3166 code (Information Model, 2.5)."""

PUBLISHING: Final = ("display", "play", "present", "print", "reproduce")
"""What an agency does that publishes. Never `use`: it includes every other action, passing on and altering too (Vocabulary, `use`)."""
ALTERING: Final = {
    Alteration.NONE: (),
    Alteration.ABRIDGE: ("extract",),
    Alteration.TRANSLATE: ("extract", "translate"),
    Alteration.FREE: ("derive", "extract", "modify", "translate"),
}
BY_MACHINE: Final = "syn:translateByMachine"
TRAINING: Final = {"leftOperand": "purpose", "operator": "eq", "rightOperand": {"@id": "syn:modelTraining"}}
END: Final = {"@id": "syn:endOfAgreement"}
RECEIVED: Final = "syn:received"

Policy = dict[str, Any]


def of_entry(document: FeedDocument, entry: FeedEntry) -> Policy:
    """The policy that goes with one story in a feed: the terms of its Stamp, narrowed by those of all it was made from."""
    stamp, version = entry.stamp, entry.version
    limits: list[Policy] = []
    if entry.rights.use_until is not None:
        limits.append(_limit("dateTime", "lt", _moment(entry.rights.use_until)))
    until = version.content.embargo_until
    ended = [] if entry.rights.use_until is None else [_limit("dateTime", "gteq", _moment(entry.rights.use_until))]
    return {
        **_head("Agreement", f"{document.authority}:policy:{within(stamp.flow)}:{within(version.story)}:v{version.number}"),
        "assigner": party(document.authority, document.giver),
        "assignee": party(document.authority, stamp.partner),
        "target": entry.entry_id,
        "syn:agreement": stamp.agreement,
        "syn:version": stamp.version,
        "syn:clause": stamp.clause,
        **_rules(
            entry.rights,
            entry.credits,
            [*limits, *([_limit("dateTime", "gteq", _moment(until))] if until is not None else [])],
            ended,
            document.authority,
        ),
    }


def of_agreement(agreement: Agreement, agency: str, authority: str, bounds: Mapping[str, Bounds]) -> list[Policy]:
    """A policy for each grant and each other party, in the agreement's own order. What is not signed yet is an Offer, not an Agreement.

    `agency`: our own id; `authority`: as in FeedDocument; `bounds`: by the other party. Each policy may be read alone: it carries what any
    grant between the two denies, and speaks of nothing that moves under an earlier grant.
    """
    return [
        _of_grant(agreement, place, grant, agency, other, authority, bound)
        for place, grant in enumerate(agreement.grants, start=1)
        for other, bound in bounds.items()
    ]


def written(policy: Policy | list[Policy], *, indent: int | None = None) -> str:
    """As JSON, with its keys in order: the same policy, the same text. Without what no XML document may hold."""
    separators = None if indent else (",", ":")
    return legal(json.dumps(policy, ensure_ascii=False, sort_keys=True, indent=indent, separators=separators))


def _of_grant(agreement: Agreement, place: int, grant: Grant, agency: str, other: str, authority: str, bounds: Bounds) -> Policy:
    giver, taker = (agency, other) if grant.direction is Direction.OUTBOUND else (other, agency)
    terms = grant.terms
    days = None if terms.use_days is None else {"@type": "xsd:duration", "@value": f"P{terms.use_days}D"}
    rights = Rights(
        onward=terms.onward,
        alteration=terms.alteration,
        onward_partners=terms.onward_partners,
        territory=terms.territory or None,
        not_territory=terms.not_territory,
        archive=terms.archive,
        delete_at_end=terms.delete_at_end,
        machine_translation=terms.machine_translation,
        model_training=terms.model_training,
    )
    owed = () if terms.credit_line is None else (Credit(terms.credit_line, terms.credit_place),)
    earlier = [one for one in agreement.grants[: place - 1] if one.direction is grant.direction]
    others = [one for held in (agreement, *bounds.beside) for one in held.grants if one.direction is grant.direction]
    denied = {topic for one in others for topic in one.topics_out}
    granted = bool(grant.types and grant.languages and grant.topics and bounds.spans and EVERY not in denied)
    target = _asset(grant, f"{authority}:content:{within(giver)}", [*_unless(denied), *_outside(earlier), *_received(bounds)])
    own_use = _outside([one for one in others if one.terms.onward is OnwardUse.OWN_USE])
    passed_on = {"target": {**target, "refinement": [*target.get("refinement", ()), *own_use]}} if own_use else {}
    over = [] if terms.archive or bounds.used_until is None else [_limit("dateTime", "lt", _moment(bounds.used_until))]
    return {
        **_head(
            "Agreement" if agreement.signed_on else "Offer",
            f"{authority}:policy:{within(agreement.reference)}:v{agreement.version}:{place}:{within(other)}",
        ),
        "assigner": party(authority, giver),
        "assignee": party(authority, taker),
        "target": target,
        "syn:agreement": agreement.reference,
        "syn:version": agreement.version,
        "syn:clause": grant.clause,
        # ODRL's elapsedTime starts when the action is first exercised; the agreements count from the receipt.
        **_rules(
            rights,
            owed,
            [*over, *([] if days is None else [_limit("syn:timeSinceReceipt", "lt", days)])],
            [] if days is None else [_limit("syn:timeSinceReceipt", "gteq", days)],
            authority,
            granted=granted,
            passed_on=passed_on,
        ),
    }


def _head(kind: str, uid: str) -> Policy:
    """A prohibition beats a permission: `reproduce` includes `extract`, which may be prohibited."""
    return {"@context": list(CONTEXT), "@type": kind, "uid": uid, "profile": [RIGHTSML, TDMREP, RIGHTS], "conflict": "prohibit"}


def _asset(grant: Grant, source: str, narrower: list[Policy]) -> Policy:
    """What a grant is about: of all that the giver publishes, what is of these types, languages and subjects, and `narrower` still."""
    refinement = [
        _limit(f"syn:{name}", operator, {"@list": sorted(map(str, values))})
        for name, operator, values in (
            ("type", "isAnyOf", grant.types),
            ("language", "isAnyOf", () if EVERY in grant.languages else grant.languages),
            ("topic", "isAnyOf", () if EVERY in grant.topics else grant.topics),
        )
        if values
    ]
    refinement += narrower
    return {"@type": "AssetCollection", "source": source, **({"refinement": refinement} if refinement else {})}


def _unless(denied: Collection[str]) -> list[Policy]:
    """Nothing of these topics. Where a Media Topic is among them, what names none of the top level cannot be told to be outside of it."""
    told = [_limit("syn:topic", "isNoneOf", {"@list": sorted(denied)})] if denied else []
    named = any(topic.startswith("medtop:") for topic in denied)
    return [*told, *([_limit("syn:topic", "isAnyOf", {"@list": sorted(TOPICS)})] if named else [])]


def _outside(grants: Iterable[Grant]) -> list[Policy]:
    """What none of these grants names: of another type, or another language, or with none of its subjects."""
    found: list[Policy] = []
    for grant in grants:
        if not (grant.types and grant.languages and grant.topics):
            continue
        ways = [_limit("syn:type", "isNoneOf", {"@list": sorted(map(str, grant.types))})]
        for name, values in (("language", grant.languages), ("topic", grant.topics)):
            ways += [] if EVERY in values else [_limit(f"syn:{name}", "isNoneOf", {"@list": sorted(values)})]
        found.append(ways[0] if len(ways) == 1 else {"or": {"@list": ways}})
    return found


def _received(bounds: Bounds) -> list[Policy]:
    """What was received while content moved under the version, and not in between."""
    found: list[Policy] = []
    for place, (since, until) in enumerate(bounds.spans):
        if place == 0:
            found.append(_limit(RECEIVED, "gteq", _moment(since)))
        if until is not None:
            before = _limit(RECEIVED, "lt", _moment(until))
            again = [_limit(RECEIVED, "gteq", _moment(since)) for since, _ in bounds.spans[place + 1 : place + 2]]
            found.append({"or": {"@list": [before, *again]}} if again else before)
    return found


def _rules(
    rights: Rights,
    owed: tuple[Credit, ...],
    window: list[Policy],
    ended: list[Policy],
    authority: str,
    *,
    granted: bool = True,
    passed_on: Mapping[str, Any] = MappingProxyType({}),
) -> Policy:
    """The permissions, the prohibitions and the obligation.

    `window`: when it may be used; `ended`: when that is over; `passed_on`: the target of what is passed on, where that is narrower.
    """
    if not granted or rights.territory == ():
        return {"prohibition": [{"action": "use"}]}
    limits = [*window, *_places(rights), *([] if rights.archive else [_limit("event", "lt", END)])]
    allowed = ALTERING[rights.alteration]
    by_machine = rights.machine_translation and "translate" in allowed
    publishing = [*PUBLISHING, *allowed, *(["archive"] if rights.archive else []), *([BY_MACHINE] if by_machine else [])]
    duty = {"duty": [_attribution(credit) for credit in owed]} if owed else {}
    permissions = [_permission(publishing, limits, duty)]
    permissions += [_permission(["distribute"], [*limits, *to], {**duty, **passed_on}) for to in _recipients(rights, authority)]
    if rights.model_training:
        permissions.append(_permission(["tdm:mine"], [*limits, TRAINING], {}))
    barred = [action for action in ALTERING[Alteration.FREE] if action not in allowed]
    barred += ["distribute"] if rights.onward is OnwardUse.OWN_USE else []
    barred += [] if by_machine else [BY_MACHINE]
    prohibitions: list[Policy] = [{"action": sorted(barred)}] if barred else []
    if not rights.model_training:
        prohibitions.append({"action": "tdm:mine", "constraint": [TRAINING]})
    found: Policy = {"permission": permissions, **({"prohibition": prohibitions} if prohibitions else {})}
    if rights.delete_at_end:
        found["obligation"] = [{"action": "delete", "constraint": ended or [_limit("event", "gt", END)]}]
    return found


def _permission(actions: Iterable[str], limits: list[Policy], duty: Mapping[str, Any]) -> Policy:
    return {"action": sorted(actions), **({"constraint": limits} if limits else {}), **duty}


def _recipients(rights: Rights, authority: str) -> list[list[Policy]]:
    """To whom it may be supplied: a permission for each of these, with these constraints."""
    if rights.onward is OnwardUse.OWN_USE:
        return []
    if rights.onward is OnwardUse.ANYONE:
        return [[]]
    subscribers = [_limit("recipient", "isA", {"@id": "syn:ownSubscribers"})]
    if rights.onward is OnwardUse.OWN_SUBSCRIBERS or not rights.onward_partners:
        return [subscribers]
    named = {"@list": [{"@id": party(authority, one)} for one in sorted(rights.onward_partners)]}
    return [subscribers, [_limit("recipient", "isAnyOf", named)]]


def _places(rights: Rights) -> list[Policy]:
    found = []
    if rights.territory is not None:
        found.append(_limit("spatial", "isAnyOf", _countries(rights.territory)))
    if rights.not_territory:
        found.append(_limit("spatial", "isNoneOf", _countries(rights.not_territory)))
    return found


def _countries(codes: Iterable[str]) -> Policy:
    return {"@list": [{"@id": COUNTRY + within(code)} for code in sorted(codes)]}


def _attribution(credit: Credit) -> Policy:
    """The duty to show the line, in its place, as refinements of the action (Information Model, 2.4)."""
    place = {CreditPlace.START: "syn:start", CreditPlace.END: "syn:end", CreditPlace.BYLINE: "syn:byline"}[credit.place]
    refinement = [_limit("syn:creditLine", "eq", credit.line), _limit("syn:creditPlace", "eq", {"@id": place})]
    return {"action": [{"rdf:value": {"@id": "odrl:attribute"}, "refinement": refinement}]}


def _limit(left: str, operator: str, right: object) -> Policy:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _moment(at: datetime) -> Policy:
    return {"@type": "xsd:dateTime", "@value": instant(at)}
