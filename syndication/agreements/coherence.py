"""What the files of partners and agreements must say to each other: no name without a bearer, no day before its time, no circle."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from syndication.agreements.keys import Table, meant
from syndication.model.agreement import EVERY, ActKind, Measure, OnwardUse
from syndication.model.partner import Direction


@dataclass(frozen=True, slots=True)
class Documents:
    """Every file as far as it could be read. `broken`: the names (without `.toml`) of files that could not be read at all.

    A name that a broken file may bear is not told as unknown: one mistake, one fault.
    """

    agency: str
    partners: tuple[Table, ...]
    agreements: tuple[Table, ...]
    broken: frozenset[str]

    def flows(self) -> Iterator[Table]:
        """Every flow of every partner."""
        return (flow for partner in self.partners for flow in partner.tables("flows"))


def check(documents: Documents) -> None:
    """Tell every fault in the tables it is in."""
    partners = _names(documents.partners, "id") | documents.broken
    references = _names(documents.agreements, "reference") | documents.broken
    _check_twice(documents.partners, "id", "a partner")
    _check_twice(tuple(documents.flows()), "id", "a flow")
    _check_twice(documents.agreements, "reference", "an agreement")
    for partner in documents.partners:
        _check_partner(partner, documents.agency)
        for flow in partner.tables("flows"):
            _check_flow(flow, partner, documents, references)
    for agreement in documents.agreements:
        _check_parties(agreement, partners, documents.agency)
        _check_days(agreement)
        check_acts(agreement, partners)
        for grant in agreement.tables("grants"):
            _check_grant(grant, partners, documents.agency)
            _check_subjects(grant, documents)
        for obligation in agreement.tables("obligations"):
            _check_obligation(obligation)
        for activity in agreement.tables("activities"):
            check_activity(activity)
        _check_under(agreement, documents, references)
    _check_succession(documents, references)


def _names(tables: Iterable[Table], key: str) -> frozenset[str]:
    """As they stand in the files, also where they are no good names: those are told once, where they stand."""
    return frozenset(str(table.given[key]) for table in tables if table.has(key))


def _check_twice(tables: Sequence[Table], key: str, noun: str) -> None:
    first: dict[str, Table] = {}
    for table in tables:
        name = table.get(key)
        if name is None:
            continue
        if name in first:
            table.fault(key, f"there is {noun} '{name}' already, in {first[name].file}")
        first.setdefault(name, table)


def _check_partner(partner: Table, agency: str) -> None:
    if partner.get("id") == agency:
        partner.fault("id", f"'{agency}' is our own id, not a partner's")
    seen: set[str] = set()
    for category in partner.tables("categories"):
        name = str(category.get("name")).casefold()
        if name in seen and category.get("name"):
            category.fault("name", f"the category '{category.get('name')}' stands here twice; capitals make no difference")
        seen.add(name)


def _check_flow(flow: Table, partner: Table, documents: Documents, references: frozenset[str]) -> None:
    if flow.get("direction") is Direction.INBOUND and not flow.has("url"):
        flow.fault("url", "is missing: a flow that comes in is polled there")
    if flow.get("direction") is Direction.OUTBOUND:
        for key in ("url", "interval_minutes", "push", "topics"):
            if flow.has(key):
                flow.fault(key, "is for flows that come in; we serve this one ourselves")
    reference = flow.get("agreement")
    if reference is None:
        return
    if reference not in references:
        flow.fault("agreement", f"there is no agreement '{reference}'{meant(reference, references)}")
    agreement = _of(documents.agreements, reference)
    parties = agreement.get("parties") if agreement else None
    name = partner.get("id")
    if parties and name and name not in parties:
        flow.fault("agreement", f"'{reference}' does not name the partner '{name}': its parties are {', '.join(parties)}")


def _of(agreements: Iterable[Table], reference: object) -> Table | None:
    return next((one for one in agreements if one.get("reference") == reference), None)


def _check_parties(agreement: Table, partners: frozenset[str], agency: str) -> None:
    parties = agreement.get("parties")
    if not parties:
        return
    for index, party in enumerate(parties):
        if party != agency and party not in partners:
            agreement.fault(f"parties[{index}]", f"there is no partner '{party}'{meant(party, partners | {agency})}")
    if agency not in parties:
        agreement.fault("parties", f"we are not among them: our id is '{agency}' (the setting `agency`)")
    if len(parties) < 2:
        agreement.fault("parties", "an agreement has at least two")


def _check_days(agreement: Table) -> None:
    version, since = agreement.get("version"), agreement.get("since")
    if version is not None and version > 1 and not agreement.has("since"):
        agreement.fault("since", f"is missing: version {version} must say from which day it is in force")
    term = agreement.get("term")
    if term is None:
        return
    effective, until = term.get("effective"), term.get("until")
    if effective and until and until < effective:
        term.fault("until", f"the term ends on {until}, before it begins on {effective}")
    if since and effective and since < effective:
        agreement.fault("since", f"{since} is before the term begins, on {effective} (`term.effective`)")
    if since and until and since > until and not term.has("renewal_months"):
        agreement.fault("since", f"{since} is after the term has ended, on {until} (`term.until`)")
    if term.has("renewal_months") and not term.has("until"):
        term.fault("renewal_months", "a term without an end (`until`) has nothing to renew")
    if term.has("notice_days") and not term.has("renewal_months"):
        term.fault("notice_days", "notice is given against renewal, and this term has none (`renewal_months`)")
    if term.has("grace_days") and not term.has("until"):
        term.fault("grace_days", "a term without an end (`until`) has no days of grace after it")


def check_acts(agreement: Table, partners: frozenset[str]) -> None:
    """What was done to an agreement: to one that was signed, in order, and only what could be done then."""
    suspended, before = False, None
    acts = agreement.tables("acts")
    # The draft of an amendment says nothing of the versions before it; `register` knows whether one was signed.
    if acts and not agreement.has("signed_on") and agreement.get("version") in (None, 1):
        acts[0].fault("", "nothing can be done to a draft: the agreement has no `signed_on`")
    for act in acts:
        kind, on = act.get("kind"), act.get("on")
        if on and before and on < before:
            act.fault("on", f"{on} is before the act above it, of {before}: acts stand in order, the oldest first")
        before = on or before
        if kind is ActKind.SUSPEND and suspended:
            act.fault("kind", "it is suspended already")
        elif kind is ActKind.RESUME and not suspended:
            act.fault("kind", "it was not suspended")
        elif kind is ActKind.NOTICE and not _renews(agreement):
            act.fault("kind", "notice ends the renewal, and this term has none (`term.renewal_months`)")
        suspended = kind is ActKind.SUSPEND or (suspended and kind is not ActKind.RESUME)
    _check_members(agreement, partners)


def _check_members(agreement: Table, partners: frozenset[str]) -> None:
    """Who joins and who leaves a frame: a partner that is not in it, a party that is."""
    inside = set(agreement.get("parties") or ())
    since = agreement.get("since")
    for act in agreement.tables("acts"):
        kind, party, on = act.get("kind"), act.get("party"), act.get("on")
        joining = kind in (ActKind.JOIN, ActKind.LEAVE)
        if kind is not None and joining != act.has("party"):
            act.fault("party", "is missing: who?" if joining else f"is for 'join' and 'leave', not for '{kind}'")
        if not joining or party is None or (since and on and on < since):
            continue  # what was before this version is in its parties already
        if party not in partners and party not in inside:
            act.fault("party", f"there is no partner '{party}'{meant(party, partners)}")
        elif (party in inside) == (kind is ActKind.JOIN):
            act.fault("party", f"'{party}' is a party already" if party in inside else f"'{party}' is no party by then")
        elif kind is ActKind.JOIN:
            inside.add(party)
        else:
            inside.remove(party)


def check_activity(activity: Table) -> None:
    """Its days are in order."""
    on, until = activity.get("on"), activity.get("until")
    if on and until and until < on:
        activity.fault("until", f"it ends on {until}, before it begins on {on}")


def _check_obligation(duty: Table) -> None:
    least, most, within, period = (duty.get(key) for key in ("at_least", "at_most", "within_minutes", "period"))
    counted = duty.has("at_least") or duty.has("at_most")
    if counted and duty.has("within_minutes"):
        duty.fault("within_minutes", "is for kills and corrections; what is counted has `at_least` or `at_most` a `period`")
    elif not duty.has("within_minutes") and not duty.has("period"):
        duty.fault("period", "is missing: by what is it counted, or how often is it reported?")
    if within is not None and period is not None:
        duty.fault("period", "is for what is counted or reported; `within_minutes` is a time by itself")
    if least and most and least > most:
        duty.fault("at_most", f"{most} is less than `at_least`, {least}")
    for key in ("measure", "types", "languages"):
        if duty.has(key) and not counted:
            duty.fault(key, "is for what is counted, by `at_least` or `at_most`")
    if duty.has("at_most") and duty.get("by") is Direction.OUTBOUND and duty.get("measure") is Measure.PUBLISHED:
        duty.fault("measure", "what they publish of ours they alone know, so it cannot be held to a ceiling; did you mean 'offered'?")


def _check_subjects(grant: Table, documents: Documents) -> None:
    """A partner's own category is one of those that its file names (S08)."""
    known = {
        f"{partner.get('id')}:{str(category.get('name')).casefold()}"
        for partner in documents.partners
        for category in partner.tables("categories")
    }
    for key in ("topics", "topics_out"):
        for index, code in enumerate(grant.get(key) or ()):
            partner, _, _ = str(code).partition(":")
            if code != EVERY and partner != "medtop" and code not in known and partner not in documents.broken:
                grant.fault(f"{key}[{index}]", f"'{code}' is no category of a partner's file{meant(code, known)}")


def _renews(agreement: Table) -> bool:
    term = agreement.get("term")
    return term is None or term.has("renewal_months")


def _check_grant(grant: Table, partners: frozenset[str], agency: str) -> None:
    onward, named = grant.get("onward_use"), grant.get("onward_partners")
    if onward is OnwardUse.NAMED_PARTNERS and not grant.given.get("onward_partners"):
        grant.fault("onward_partners", "is missing: onward use by 'named-partners' names them")
    if onward not in (None, OnwardUse.NAMED_PARTNERS) and named:
        grant.fault("onward_partners", f"are named, but onward use is '{onward}'; did you mean 'named-partners'?")
    for index, partner in enumerate(named or ()):
        if partner == agency:
            grant.fault(f"onward_partners[{index}]", f"'{agency}' is ourselves; these are the partners that may get it from us")
        elif partner not in partners:
            grant.fault(f"onward_partners[{index}]", f"there is no partner '{partner}'{meant(partner, partners)}")
    if grant.get("direction") is Direction.OUTBOUND:
        for key in ("review", "priority"):
            if grant.has(key):
                grant.fault(key, "is for what comes in; how the other party reviews what we send is theirs to say")
    if grant.get("delete_at_end") and grant.get("archive"):
        grant.fault("delete_at_end", "`archive` lets it stay in use after the end; one of the two must go")
    if grant.has("credit_place") and not grant.has("credit_line"):
        grant.fault("credit_place", "says where the credit line stands, and there is none (`credit_line`)")
    for code in set(grant.get("territory") or ()) & set(grant.get("not_territory") or ()):
        grant.fault("not_territory", f"'{code}' stands in `territory` too")


def _check_under(agreement: Table, documents: Documents, references: frozenset[str]) -> None:
    under, parties = agreement.get("under"), agreement.get("parties")
    if under is None:
        return
    if under == agreement.get("reference"):
        agreement.fault("under", "an agreement does not stand under itself")
        return
    if under not in references:
        agreement.fault("under", f"there is no agreement '{under}'{meant(under, references)}")
    frame = _of(documents.agreements, under)
    framed = frame.get("parties") if frame else None
    for party in parties or ():
        if framed and party not in framed:
            agreement.fault("under", f"'{party}' is no party of the frame '{under}'")


def _check_succession(documents: Documents, references: frozenset[str]) -> None:
    after: dict[str, Table] = {}
    for agreement in documents.agreements:
        before = agreement.get("succeeds")
        if before is None:
            continue
        if before not in references:
            agreement.fault("succeeds", f"there is no agreement '{before}'{meant(before, references)}")
        if before in after:
            other = after[before]
            agreement.fault(
                "succeeds", f"'{other.get('reference')}' ({other.file}) succeeds '{before}' already: successors must not overlap"
            )
        after.setdefault(before, agreement)
        circle = _circle(agreement, documents.agreements)
        if circle:
            agreement.fault("succeeds", f"is a circle: {' succeeds '.join(circle)}")
            continue
        predecessor = _of(documents.agreements, before)
        if predecessor is not None:
            _check_successor(agreement, predecessor)


def _circle(agreement: Table, agreements: tuple[Table, ...]) -> list[str]:
    """The references from this agreement back to itself, or nothing."""
    start = agreement.get("reference")
    path: list[str] = [start]
    here: Table | None = agreement
    while here is not None and here.get("succeeds"):
        path.append(here.get("succeeds"))
        if path[-1] == start:
            return path
        if path[-1] in path[:-1]:
            return []  # it leads into a circle that it is not part of; that one's members tell it
        here = _of(agreements, path[-1])
    return []


def _check_successor(agreement: Table, predecessor: Table) -> None:
    parties, before = set(agreement.get("parties") or ()), set(predecessor.get("parties") or ())
    if parties and before and len(parties & before) < 2:
        agreement.fault("succeeds", f"'{predecessor.get('reference')}' is between others: {', '.join(sorted(before))}")
    term, earlier = agreement.get("term"), predecessor.get("term")
    begins = term.get("effective") if term else None
    began = earlier.get("effective") if earlier else None
    if begins and began and begins <= began:
        agreement.fault("succeeds", f"it begins on {begins}, and '{predecessor.get('reference')}', before it, only on {began}")
