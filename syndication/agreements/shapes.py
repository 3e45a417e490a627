"""Which keys the files in `config/partners` and `config/agreements` have, table by table."""

from typing import Final

from syndication.agreements.keys import (
    Key,
    OneOf,
    Shape,
    Whole,
    address,
    country,
    credit,
    day,
    digest,
    flag,
    language,
    language_or_every,
    lines,
    member,
    one,
    several,
    slug,
    subject,
    subject_or_every,
    text,
    topic,
    zone,
)
from syndication.model.agreement import (
    ActKind,
    Alteration,
    ContentType,
    CreditPlace,
    EmbargoHandling,
    Measure,
    OnwardUse,
    Period,
    ReviewTerm,
)
from syndication.model.partner import Direction

BY: Final = {"us": Direction.OUTBOUND, "them": Direction.INBOUND}

TERM: Final[Shape] = {
    "effective": one(day, required=True),
    "until": one(day),
    "zone": one(zone),
    "renewal_months": one(Whole(1, 1_200)),
    "notice_days": one(Whole(0, 3_650)),
    "grace_days": one(Whole(0, 3_650)),
}
GRANT: Final[Shape] = {
    "clause": one(text, required=True),
    "direction": one(member(Direction), required=True),
    "types": several(member(ContentType), required=True, filled=True),
    "languages": several(language_or_every, required=True, filled=True),
    "topics": several(subject_or_every, required=True, filled=True),
    "topics_out": several(subject),
    "onward_use": one(member(OnwardUse), required=True),
    "onward_partners": several(slug),
    "alteration": one(member(Alteration), required=True),
    "credit_line": one(credit),
    "embargo": one(member(EmbargoHandling)),
    "use_days": one(Whole(1, 36_500)),
    "archive": one(flag),
    "territory": several(country),
    "not_territory": several(country),
    "machine_translation": one(flag),
    "model_training": one(flag),
    "credit_place": one(member(CreditPlace)),
    "delete_at_end": one(flag),
    "review": one(member(ReviewTerm)),
    "priority": one(flag),
}
OBLIGATION: Final[Shape] = {
    "clause": one(text, required=True),
    "by": one(OneOf(BY), required=True),
    "what": one(text, required=True),
    "at_least": one(Whole(1, 1_000_000)),
    "at_most": one(Whole(1, 1_000_000)),
    "period": one(member(Period)),
    "measure": one(member(Measure)),
    "types": several(member(ContentType)),
    "languages": several(language_or_every),
    "within_minutes": one(Whole(1, 525_600)),
}
ACTIVITY: Final[Shape] = {
    "kind": one(text, required=True),
    "title": one(text, required=True),
    "on": one(day),
    "until": one(day),
    "place": one(text),
    "who": several(text),
    "outcome": one(text),
    "minutes": one(lines),
}
ACT: Final[Shape] = {
    "kind": one(member(ActKind), required=True),
    "on": one(day, required=True),
    "reason": one(text, required=True),
    "by": one(text),
    "party": one(slug),
}
DOCUMENT: Final[Shape] = {"name": one(text, required=True), "sha256": one(digest, required=True)}
AGREEMENT: Final[Shape] = {
    "reference": one(slug, required=True),
    "version": one(Whole(1, 10_000)),
    "since": one(day),
    "title": one(text, required=True),
    "parties": several(slug, required=True, filled=True),
    "signed_on": one(day),
    "signed_at": one(text),
    "languages": several(language),
    "succeeds": one(slug),
    "under": one(slug),
    "clauses": several(text),
    "assumptions": several(text),
    "term": Key(shape=TERM, required=True),
    "grants": Key(shape=GRANT, many=True),
    "obligations": Key(shape=OBLIGATION, many=True),
    "documents": Key(shape=DOCUMENT, many=True),
    "activities": Key(shape=ACTIVITY, many=True),
    "acts": Key(shape=ACT, many=True),
}
CATEGORY: Final[Shape] = {"name": one(text, required=True), "topics": several(topic, required=True, filled=True)}
FLOW: Final[Shape] = {
    "id": one(slug, required=True),
    "direction": one(member(Direction), required=True),
    "agreement": one(slug, required=True),
    "title": one(text, required=True),
    "languages": several(language, required=True, filled=True),
    "url": one(address),
    "interval_minutes": one(Whole(1, 7 * 24 * 60)),
    "topics": several(topic),
    "paused": one(flag),
}
PARTNER: Final[Shape] = {
    "id": one(slug, required=True),
    "name": one(text, required=True),
    "country": one(country, required=True),
    "homepage": one(address),
    "token_in_address": one(flag),
    "categories": Key(shape=CATEGORY, many=True),
    "flows": Key(shape=FLOW, many=True),
}
