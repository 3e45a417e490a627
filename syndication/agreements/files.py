"""Partners and agreements as TOML files: taken whole, or refused with every fault, each with its file, its key and what was meant."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints, ValidationError

from syndication.errors import ConfigError, Fault
from syndication.model.agreement import (
    EVERY,
    Act,
    Activity,
    ActKind,
    Agreement,
    Alteration,
    ContentType,
    Dossier,
    EmbargoHandling,
    Grant,
    Obligation,
    OnwardUse,
    Term,
    Terms,
)
from syndication.model.partner import Category, Direction, Flow, FlowState, Partner

Model = TypeVar("Model", bound=BaseModel)
PLACEHOLDERS = ("partner", "author", "original")


@dataclass(frozen=True, slots=True)
class Files:
    """What the files say, checked as a whole."""

    partners: tuple[Partner, ...]
    flows: tuple[Flow, ...]
    agreements: tuple[Dossier, ...]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is no time zone of the IANA database, such as Asia/Ho_Chi_Minh") from error
    return name


def _matching(pattern: str, said: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"'{value}' {said}")
        return value

    return check


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"'{value}' must be an http or https address without a user in it")
    return value


def _template(value: str) -> str:
    unknown = [name for name in re.findall(r"\{(.*?)\}", value) if name not in PLACEHOLDERS]
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} is no placeholder; there are {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}")
    return value


Text = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Name = Annotated[Text, AfterValidator(_matching(r"[a-z0-9][a-z0-9-]{0,62}", "must be lower-case letters, digits and hyphens"))]
Day = Annotated[date, Strict()]
Count = Annotated[int, Strict(), Field(ge=0, le=100_000)]
Yes = Annotated[bool, Strict()]
Country = Annotated[Text, AfterValidator(_matching(r"[A-Z]{2}", "must be an ISO 3166 code of two letters, such as KZ"))]
Language = Annotated[
    Text, AfterValidator(_matching(r"\*|[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "must be a BCP 47 tag, such as en or en-GB, or '*' for all"))
]
Spoken = Annotated[Text, AfterValidator(_matching(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "must be a BCP 47 tag, such as en or en-GB"))]
Topic = Annotated[Text, AfterValidator(_matching(r"medtop:\d{8}", "must be an IPTC Media Topic, such as medtop:15000000"))]
Topics = Annotated[
    Text, AfterValidator(_matching(r"\*|medtop:\d{8}", "must be an IPTC Media Topic, such as medtop:15000000, or '*' for all"))
]
Address = Annotated[Text, AfterValidator(_address)]
Zone = Annotated[Text, AfterValidator(_zone)]
Template = Annotated[Text, AfterValidator(_template)]


class _Table(BaseModel):
    """A table of a file: a key that is not here is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CategoryTable(_Table):
    """`[[categories]]` of a partner."""

    name: Text
    topics: tuple[Topic, ...]


class FlowTable(_Table):
    """`[[flows]]` of a partner."""

    id: Name
    direction: Direction
    agreement: Name
    title: Text
    languages: Annotated[tuple[Spoken, ...], Field(min_length=1)]
    paused: Yes = False
    url: Address | None = None
    interval_minutes: Annotated[int, Strict(), Field(ge=1, le=10_080)] | None = None
    topics: tuple[Topic, ...] = ()


class PartnerTable(_Table):
    """A file of `partners/`."""

    id: Name
    name: Text
    country: Country
    homepage: Address | None = None
    token_in_address: Yes = False
    categories: tuple[CategoryTable, ...] = ()
    flows: tuple[FlowTable, ...] = ()


class TermTable(_Table):
    """`[term]` of an agreement."""

    effective: Day
    until: Day | None = None
    zone: Zone
    renewal_months: Annotated[int, Strict(), Field(ge=1, le=1_200)] | None = None
    notice_days: Count = 0
    grace_days: Count = 0


class GrantTable(_Table):
    """`[[grants]]` of an agreement. What is not listed is not granted."""

    clause: Text
    direction: Direction
    types: tuple[ContentType, ...]
    languages: tuple[Language, ...]
    topics: tuple[Topics, ...]
    topics_out: tuple[Topic, ...] = ()
    onward: OnwardUse
    onward_partners: tuple[Name, ...] = ()
    alteration: Alteration
    credit_line: Template | None = None
    embargo: EmbargoHandling = EmbargoHandling.WITHHELD
    use_days: Annotated[int, Strict(), Field(ge=1, le=36_500)] | None = None
    archive: Yes = False
    territory: tuple[Country, ...] = ()
    not_territory: tuple[Country, ...] = ()
    machine_translation: Yes = False
    model_training: Yes = False


class ObligationTable(_Table):
    """`[[obligations]]` of an agreement."""

    clause: Text
    by: Direction
    what: Text
    count: Count | None = None
    period: Literal["day", "week", "month", "year"] | None = None


class ActivityTable(_Table):
    """`[[activities]]` of an agreement."""

    kind: Text
    title: Text
    on: Day | None = None
    place: Text | None = None
    outcome: Text | None = None


class ActTable(_Table):
    """`[[acts]]` of an agreement."""

    kind: ActKind
    on: Day
    reason: Text


class AgreementTable(_Table):
    """A file of `agreements/`, without its `[[acts]]` and `[[amendments]]`; or an amendment laid over what it amends."""

    reference: Name
    version: Annotated[int, Strict(), Field(ge=1, le=1_000)] = 1
    since: Day | None = None
    title: Text
    parties: Annotated[tuple[Name, ...], Field(min_length=2)]
    signed_on: Day | None = None
    signed_at: Text | None = None
    languages: tuple[Spoken, ...] = ()
    succeeds: Name | None = None
    under: Name | None = None
    term: TermTable
    grants: tuple[GrantTable, ...] = ()
    obligations: tuple[ObligationTable, ...] = ()
    activities: tuple[ActivityTable, ...] = ()
    clauses: tuple[Text, ...] = ()
    assumptions: tuple[Text, ...] = ()


FIXED = ("reference", "parties", "succeeds", "acts", "amendments")
"""Keys that an amendment cannot change: they would make it another agreement."""


def read(config: Path, agency: str) -> Files:
    """Everything in `config/partners/*.toml` and `config/agreements/*.toml`. `agency`: our own id among the parties.

    Raises ConfigError with all that is wrong in all of them.
    """
    faults: list[Fault] = []
    partners: list[tuple[str, Partner]] = []
    flows: list[tuple[str, Flow]] = []
    dossiers: list[tuple[str, Dossier]] = []
    for place, document in _documents(config, "partners", faults):
        table = _checked(PartnerTable, document, place, "", faults)
        if table:
            partners.append((place, _partner(table)))
            flows += [(place, _flow(table.id, flow)) for flow in table.flows]
    for place, document in _documents(config, "agreements", faults):
        dossier = _dossier(document, place, faults)
        if dossier:
            dossiers.append((place, dossier))
    # What could not be read would be missed elsewhere too: those faults would only hide the first ones.
    if not faults:
        faults += _twice(partners, flows, dossiers)
        faults += _of_flows(flows, {dossier.reference: dossier for _, dossier in dossiers}, agency)
        faults += _of_agreements(dossiers, {agency, *(partner.id for _, partner in partners)}, agency)
    if faults:
        raise ConfigError(tuple(faults))
    return Files(tuple(one for _, one in partners), tuple(one for _, one in flows), tuple(one for _, one in dossiers))


def _documents(config: Path, folder: str, faults: list[Fault]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not (config / folder).is_dir():
        faults.append(Fault(f"{config}", folder, "there is no such folder"))
        return
    for path in sorted((config / folder).glob("*.toml")):
        place = f"{folder}/{path.name}"
        try:
            yield place, tomllib.loads(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            faults.append(Fault(place, "", f"is not UTF-8 (byte {error.start})"))
        except tomllib.TOMLDecodeError as error:
            faults.append(Fault(place, "", f"is no TOML: {error}"))
        except (OSError, RecursionError) as error:
            faults.append(Fault(place, "", f"cannot be read: {error}"))


def _checked(model: type[Model], document: dict[str, Any], place: str, prefix: str, faults: list[Fault]) -> Model | None:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        for one in error.errors():
            faults.append(Fault(place, prefix + _key(one["loc"]), _message(model, one)))
        return None


def _key(path: tuple[int | str, ...]) -> str:
    """`('grants', 1, 'onward')` as the file's reader counts: `grants[1].onward`."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")


def _message(model: type[BaseModel], error: Any) -> str:
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        known = tuple(_fields(model, error["loc"]))
        return f"is no key here{_meant(str(error['loc'][-1]), known) or '; there are ' + ', '.join(known)}"
    if kind == "missing":
        return "is missing"
    if kind in ("enum", "literal_error"):
        known = tuple(re.findall(r"'([^']+)'", error["ctx"]["expected"]))
        return f"'{given}' must be one of {', '.join(known)}{_meant(str(given), known)}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind.startswith("date_"):
        return f"{given!r} must be a date, written without quotes: 2025-05-06"
    return f"{given!r}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _fields(model: type[BaseModel], path: tuple[int | str, ...]) -> Iterator[str]:
    """The keys of the table in which an unknown key stood."""
    tables: dict[str, type[BaseModel]] = {"flows": FlowTable, "categories": CategoryTable, "term": TermTable, "grants": GrantTable}
    tables |= {"obligations": ObligationTable, "activities": ActivityTable}
    outer = [part for part in path[:-1] if isinstance(part, str)]
    table = tables[outer[-1]] if outer else model
    yield from table.model_fields
    if table is AgreementTable:
        yield from ("acts", "amendments")


def _meant(given: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _partner(table: PartnerTable) -> Partner:
    categories = tuple(Category(one.name, one.topics) for one in table.categories)
    return Partner(table.id, table.name, table.country, table.homepage, categories, table.token_in_address)


def _flow(partner: str, table: FlowTable) -> Flow:
    return Flow(
        id=table.id,
        partner=partner,
        direction=table.direction,
        agreement=table.agreement,
        title=table.title,
        languages=table.languages,
        state=FlowState.PAUSED if table.paused else FlowState.OPEN,
        url=table.url,
        interval=timedelta(minutes=table.interval_minutes) if table.interval_minutes else None,
        topics=table.topics,
    )


def _dossier(document: dict[str, Any], place: str, faults: list[Fault]) -> Dossier | None:
    """The agreement with its amendments, each laid over the version before it, and its acts."""
    found = len(faults)
    amendments = _tables(document.pop("amendments", []), place, "amendments", faults)
    acts = _acts(document.pop("acts", []), place, faults)
    laid = [("", document)]
    for number, amendment in enumerate(amendments):
        prefix = f"amendments[{number}]."
        for key in FIXED:
            if key in amendment:
                faults.append(Fault(place, prefix + key, "an amendment cannot change it: write a new agreement that succeeds this one"))
        if "since" not in amendment:
            faults.append(Fault(place, prefix + "since", "is missing: the day from which the amendment holds"))
        laid.append((prefix, {**laid[-1][1], "signed_on": None, **amendment, "version": amendment.get("version", len(laid) + 1)}))
    read = [(prefix, _checked(AgreementTable, _without_none(one), place, prefix, faults)) for prefix, one in laid]
    tables = [(prefix, table) for prefix, table in read if table]
    for number, (prefix, table) in enumerate(tables, start=1):
        if table.version != number:
            faults.append(Fault(place, prefix + "version", f"{table.version} must be {number}: versions are counted from 1"))
    if len(faults) > found:
        return None
    return Dossier(tuple(_agreement(table) for _, table in tables), acts)


def _without_none(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def _tables(given: Any, place: str, key: str, faults: list[Fault]) -> list[dict[str, Any]]:
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        return given
    faults.append(Fault(place, key, f"must be tables, each begun by [[{key}]]"))
    return []


def _acts(given: Any, place: str, faults: list[Fault]) -> tuple[Act, ...]:
    tables = [
        _checked(ActTable, one, place, f"acts[{number}].", faults) for number, one in enumerate(_tables(given, place, "acts", faults))
    ]
    acts = tuple(Act(table.kind, table.on, table.reason) for table in tables if table)
    if any(later.on < earlier.on for earlier, later in pairwise(acts)):
        faults.append(Fault(place, "acts", "must stand in the order of their days"))
    return acts


def _agreement(table: AgreementTable) -> Agreement:
    return Agreement(
        reference=table.reference,
        version=table.version,
        since=table.since or table.term.effective,
        title=table.title,
        parties=table.parties,
        term=Term(**table.term.model_dump()),
        grants=tuple(_grant(grant) for grant in table.grants),
        signed_on=table.signed_on,
        signed_at=table.signed_at,
        languages=table.languages,
        succeeds=table.succeeds,
        under=table.under,
        obligations=tuple(Obligation(**one.model_dump()) for one in table.obligations),
        activities=tuple(Activity(**one.model_dump()) for one in table.activities),
        clauses=table.clauses,
        assumptions=table.assumptions,
    )


def _grant(table: GrantTable) -> Grant:
    terms = Terms(
        onward=table.onward,
        alteration=table.alteration,
        onward_partners=table.onward_partners,
        credit_line=table.credit_line,
        embargo=table.embargo,
        use_days=table.use_days,
        archive=table.archive,
        territory=table.territory,
        not_territory=table.not_territory,
        machine_translation=table.machine_translation,
        model_training=table.model_training,
    )
    return Grant(table.clause, table.direction, table.types, table.languages, table.topics, table.topics_out, terms)


def _twice(partners: list[tuple[str, Partner]], flows: list[tuple[str, Flow]], dossiers: list[tuple[str, Dossier]]) -> Iterator[Fault]:
    named = [("id", place, partner.id) for place, partner in partners]
    named += [("flows", place, flow.id) for place, flow in flows]
    named += [("reference", place, dossier.reference) for place, dossier in dossiers]
    seen: dict[tuple[str, str], str] = {}
    for kind, place, name in named:
        first = seen.setdefault((kind, name), place)
        if first is not place:
            yield Fault(place, kind, f"'{name}' is in {first} already")
    for place, partner in partners:
        mine = [flow.id for _, flow in flows if flow.partner == partner.id]
        for name in sorted({name for name in mine if mine.count(name) > 1}):
            yield Fault(place, "flows", f"'{name}' is there twice")


def _of_flows(flows: list[tuple[str, Flow]], dossiers: dict[str, Dossier], agency: str) -> Iterator[Fault]:
    for place, flow in flows:
        key = f"flows '{flow.id}'"
        dossier = dossiers.get(flow.agreement)
        if dossier is None:
            yield Fault(place, f"{key}.agreement", f"there is no agreement '{flow.agreement}'{_meant(flow.agreement, tuple(dossiers))}")
        else:
            for party in (flow.partner, agency):
                if party not in dossier.versions[-1].parties:
                    yield Fault(place, f"{key}.agreement", f"{party} is no party to {flow.agreement}")
        if flow.direction is Direction.INBOUND and flow.url is None:
            yield Fault(place, f"{key}.url", "is missing: an inbound flow is polled")
        if flow.direction is Direction.OUTBOUND:
            for name, value in (("url", flow.url), ("interval_minutes", flow.interval), ("topics", flow.topics or None)):
                if value is not None:
                    yield Fault(place, f"{key}.{name}", "is of inbound flows only")


def _of_agreements(dossiers: list[tuple[str, Dossier]], known: set[str], agency: str) -> Iterator[Fault]:
    references = {dossier.reference: dossier for _, dossier in dossiers}
    succeeded: dict[str, str] = {}
    for place, dossier in dossiers:
        for agreement in dossier.versions:
            prefix = f"amendments[{agreement.version - 2}]." if agreement.version > 1 else ""
            yield from _of_version(place, prefix, agreement, known, agency)
        for earlier, later in pairwise(dossier.versions):
            if later.since <= earlier.since:
                yield Fault(place, f"amendments[{later.version - 2}].since", f"{later.since} must be after {earlier.since}")
        last = dossier.versions[-1]
        for key, name in (("succeeds", last.succeeds), ("under", last.under)):
            if name is not None and name not in references:
                yield Fault(place, key, f"there is no agreement '{name}'{_meant(name, tuple(references))}")
        if last.succeeds:
            first = succeeded.setdefault(last.succeeds, dossier.reference)
            if first != dossier.reference:
                yield Fault(place, "succeeds", f"{first} succeeds '{last.succeeds}' already")
            if _in_a_circle(dossier.reference, references):
                yield Fault(place, "succeeds", f"{dossier.reference} succeeds itself in the end")


def _in_a_circle(reference: str, references: dict[str, Dossier]) -> bool:
    seen: set[str] = set()
    name: str | None = reference
    while name in references and name not in seen:
        seen.add(name)
        name = references[name].versions[-1].succeeds
    return name == reference


def _of_version(place: str, prefix: str, agreement: Agreement, known: set[str], agency: str) -> Iterator[Fault]:
    for party in agreement.parties:
        if party not in known:
            yield Fault(place, f"{prefix}parties", f"there is no partner '{party}'{_meant(party, tuple(known))}")
    if agency not in agreement.parties:
        yield Fault(place, f"{prefix}parties", f"we, '{agency}', are not among them")
    term = agreement.term
    if term.until is not None and term.until < term.effective:
        yield Fault(place, f"{prefix}term.until", f"{term.until} is before it takes effect, {term.effective}")
    if term.until is None and (term.renewal_months or term.grace_days):
        yield Fault(place, f"{prefix}term.until", "is missing: without an end there is nothing to renew, and no grace")
    if agreement.version == 1 and agreement.since != term.effective:
        yield Fault(place, "since", f"the first version holds from when it takes effect, {term.effective}")
    for number, grant in enumerate(agreement.grants):
        key = f"{prefix}grants[{number}]."
        yield from _of_grant(place, key, grant, known)


def _of_grant(place: str, key: str, grant: Grant, known: set[str]) -> Iterator[Fault]:
    named = grant.terms.onward is OnwardUse.NAMED_PARTNERS
    if named and not grant.terms.onward_partners:
        yield Fault(place, f"{key}onward_partners", "is missing: onward = 'named-partners' names them here")
    if not named and grant.terms.onward_partners:
        yield Fault(place, f"{key}onward_partners", f"is read only with onward = 'named-partners', not '{grant.terms.onward}'")
    for partner in grant.terms.onward_partners:
        if partner not in known:
            yield Fault(place, f"{key}onward_partners", f"there is no partner '{partner}'{_meant(partner, tuple(known))}")
    both = [topic for topic in grant.topics if topic in grant.topics_out and topic != EVERY]
    if both:
        yield Fault(place, f"{key}topics_out", f"{both[0]} is granted and excluded at once")
