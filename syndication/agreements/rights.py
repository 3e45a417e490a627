"""The rights that go with a publication: the terms it moves under and those of all it was made from, the narrowest of each. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from syndication.agreements.clearance import use_ends
from syndication.model.agreement import Alteration, CreditPlace, OnwardUse, Stamp, Terms
from syndication.model.rights import Credit, Rights
from syndication.model.story import Content

ONWARD = tuple(OnwardUse)
ALTERATION = tuple(Alteration)
"""Both enums stand from the narrowest to the widest."""


def narrowed(stamp: Stamp, sources: Sequence[Stamp], published: datetime) -> Rights:
    """The rights to what moves under `stamp` and was made from `sources`: in nothing wider than any of them.

    `published`: when the partner could first have it, from which the window of use of `stamp` is counted; that of a source runs since
    it came in. Raises ValueError for a moment without a zone.
    """
    all_terms = [one.terms for one in (stamp, *sources)]
    onward, partners = _onward(all_terms)
    moved = replace(stamp, at=max(stamp.at, published))
    ends = [end for end in map(use_ends, (moved, *sources)) if end is not None]
    return Rights(
        onward=onward,
        alteration=min((terms.alteration for terms in all_terms), key=ALTERATION.index),
        onward_partners=partners,
        territory=_territory(all_terms),
        not_territory=tuple(sorted({code for terms in all_terms for code in terms.not_territory})),
        use_until=min(ends, default=None),
        archive=all(terms.archive for terms in all_terms),
        delete_at_end=any(terms.delete_at_end for terms in all_terms),
        machine_translation=all(terms.machine_translation for terms in all_terms),
        model_training=all(terms.model_training for terms in all_terms),
    )


def credits(content: Content, stamp: Stamp, sources: Sequence[Stamp], agency: str) -> tuple[Credit, ...]:
    """The credit lines that are owed: the one written when it was accepted, then the one that `stamp` asks of its receiver.

    `agency`: our name, for `{partner}` in the latter: there, the partner that gives is us.
    """
    places = [one.terms.credit_place for one in sources if one.terms.credit_line is not None]
    owed = [Credit(content.credit_line, places[0] if places else CreditPlace.END)] if content.credit_line else []
    asked = stamp.terms.credit_line
    if asked is not None:
        author = ", ".join(content.byline) or agency
        line = asked.replace("{partner}", agency).replace("{author}", author).replace("{original}", content.link or "")
        if line not in [credit.line for credit in owed]:
            owed.append(Credit(line, stamp.terms.credit_place))
    return tuple(owed)


def _onward(all_terms: Iterable[Terms]) -> tuple[OnwardUse, tuple[str, ...]]:
    """The narrowest; of several lists of partners, those in each. Where none is in each, only own subscribers are left."""
    narrowest, named = OnwardUse.ANYONE, None
    for terms in all_terms:
        narrowest = min(narrowest, terms.onward, key=ONWARD.index)
        if terms.onward is OnwardUse.NAMED_PARTNERS:
            named = set(terms.onward_partners) if named is None else named & set(terms.onward_partners)
    if narrowest is not OnwardUse.NAMED_PARTNERS:
        return narrowest, ()
    return (OnwardUse.NAMED_PARTNERS, tuple(sorted(named))) if named else (OnwardUse.OWN_SUBSCRIBERS, ())


def _territory(all_terms: Iterable[Terms]) -> tuple[str, ...] | None:
    """What is in each list of countries; None where there is no list, which says everywhere."""
    limits = [set(terms.territory) for terms in all_terms if terms.territory]
    return tuple(sorted(set.intersection(*limits))) if limits else None
