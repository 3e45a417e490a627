"""The files of `config/partners` and `config/agreements`: TOML -> values, all of them or, with every fault named, none."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from syndication.agreements.coherence import Documents, check
from syndication.agreements.keys import Shape, Table
from syndication.agreements.keys import read as read_table
from syndication.agreements.shapes import AGREEMENT, PARTNER
from syndication.errors import ConfigError, Fault
from syndication.model.activity import Activity
from syndication.model.agreement import Act, Agreement, Document, Dossier, Grant, Obligation, Register, Term, Terms
from syndication.model.partner import Category, Direction, Flow, FlowState, Markers, Partner

INTERVAL_MINUTES = 15
"""How often an inbound flow is polled whose file does not say."""

TERMS: Mapping[str, str] = {
    "onward_use": "onward",
    "onward_partners": "onward_partners",
    "alteration": "alteration",
    "credit_line": "credit_line",
    "embargo": "embargo",
    "use_days": "use_days",
    "archive": "archive",
    "territory": "territory",
    "not_territory": "not_territory",
    "machine_translation": "machine_translation",
    "model_training": "model_training",
    "credit_place": "credit_place",
    "delete_at_end": "delete_at_end",
    "review": "review",
    "priority": "priority",
}
"""The keys of a grant that follow the content, and so go into its Terms: key -> field."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the files say. `agreements`: of each, the version its file states (not those before it) and the acts done to it.

    `activities`: what they say was held or is meant to be, besides what the desk has entered.
    """

    partners: tuple[Partner, ...]
    flows: tuple[Flow, ...]
    agreements: tuple[Dossier, ...]
    activities: tuple[Activity, ...] = ()


def read(config_dir: Path, agency: str) -> Files:
    """The partners, flows and agreements of a folder; `agency` is our id among the parties.

    Raises ConfigError with every fault of every file: what cannot be read, what is unknown, missing or wrong, what does not fit.
    """
    faults: list[Fault] = []
    broken: set[str] = set()
    partners = tuple(_tables(config_dir / "partners", PARTNER, faults, broken))
    agreements = tuple(_tables(config_dir / "agreements", AGREEMENT, faults, broken))
    check(Documents(agency, partners, agreements, frozenset(broken)))
    told = [fault for table in (*partners, *agreements) for fault in table.faults]
    if faults or told:
        raise ConfigError((*faults, *told))
    return Files(
        partners=tuple(_partner(table) for table in partners),
        flows=tuple(_flow(flow, table.get("id")) for table in partners for flow in table.tables("flows")),
        agreements=tuple(_dossier(table) for table in agreements),
        activities=tuple(activity(one, table.get("reference")) for table in agreements for one in table.tables("activities")),
    )


def read_text(text: str, agency: str, partners: Iterable[Mapping[str, Any]], agreements: Iterable[Mapping[str, Any]]) -> Files:
    """One agreement, as the desk writes it, among the partners and agreements that there are, each as its file would say it.

    Its own reference may be among those: it is held against the others. Raises ConfigError with every fault, also what would not fit
    any more in others, and in no file but what is named so.
    """
    faults: list[Fault] = []
    given = _parsed("", text.encode(errors="replace"), faults)
    if given is None:
        raise ConfigError(tuple(faults))
    known, every, stated = tuple(partners), tuple(agreements), read_table(Table("", "", given, []), AGREEMENT)
    others = [one for one in every if one["reference"] != stated.get("reference")]
    before = _misfits(agency, known, every)
    beside = [fault for fault in _misfits(agency, known, others, stated) if fault not in before]
    if stated.faults or beside:
        raise ConfigError((*stated.faults, *beside))
    activities = tuple(activity(one, stated.get("reference")) for one in stated.tables("activities"))
    return Files((), (), (_dossier(stated),), activities)


def line_of(text: str, fault: Fault) -> int | None:
    """The line, from 1, on which the fault's key stands, or its table begins; None where that cannot be told."""
    told = re.search(r"\(at line (\d+), column", fault.message)
    if told:
        return int(told.group(1))
    *tables, key = re.sub(r"\[(\d+)\]", r".\1", fault.key).split(".")
    wanted, place, seen, begun = [part for part in tables if part], [""], dict[str, int](), None
    if key.isdigit() and wanted:
        key = wanted.pop()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[(\[?)\s*([\w-]+)\s*\]", line):
            name = header.group(2)
            seen[name] = seen.get(name, -1) + 1
            place = [name, str(seen[name])] if header.group(1) else [name]
            begun = number if place in (wanted, [key], [*wanted, key]) else begun
        elif (place == wanted or (place == [""] and not wanted)) and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return begun


def _misfits(
    agency: str, partners: Iterable[Mapping[str, Any]], agreements: Iterable[Mapping[str, Any]], stated: Table | None = None
) -> list[Fault]:
    """What is wrong with these, without what is wrong with the one that is being stated, which keeps its own."""
    whose = tuple(read_table(Table(f"partners/{one['id']}", "", one, []), PARTNER) for one in partners)
    what = tuple(read_table(Table(str(one["reference"]), "", one, []), AGREEMENT) for one in agreements)
    check(Documents(agency, whose, (*what, stated) if stated else what, frozenset()))
    return [fault for table in (*whose, *what) for fault in table.faults]


def draft(file: str, body: bytes, register: Register, partners: tuple[Partner, ...]) -> Agreement:
    """What one agreement's file says, held against the agreements and partners that are known; what it would replace is left out.

    `file`: its name, for what is told. Raises ConfigError with every fault in it.
    """
    faults: list[Fault] = []
    given = _parsed(file, body, faults)
    if given is None:
        raise ConfigError(tuple(faults))
    table = read_table(Table(file, "", given, faults), AGREEMENT)
    known = tuple(_known(dossier) for dossier in register.dossiers if dossier.reference != table.get("reference"))
    # The draft comes last: it is told of what does not fit the others, not they of what does not fit the draft.
    check(Documents(register.agency, tuple(_known_partner(one) for one in partners), (*known, table), frozenset()))
    if faults:
        raise ConfigError(tuple(faults))
    return _dossier(table).versions[0]


def _known(dossier: Dossier) -> Table:
    """What the register holds, as far as a file must fit it; what is wrong with it by itself is not told here."""
    last = dossier.versions[-1]
    parties = (*last.parties, *(act.party for act in dossier.acts if act.party))
    term = Table(last.reference, "term", {}, [], {"effective": last.term.effective})
    values = {"reference": last.reference, "parties": parties, "succeeds": last.succeeds, "term": term}
    return Table(last.reference, "", {"reference": last.reference}, [], values)


def _known_partner(partner: Partner) -> Table:
    categories = tuple(Table(partner.id, "", {}, [], {"name": one.name}) for one in partner.categories)
    return Table(partner.id, "", {"id": partner.id}, [], {"id": partner.id, "categories": categories})


def _tables(folder: Path, shape: Shape, faults: list[Fault], broken: set[str]) -> Iterator[Table]:
    if not folder.is_dir():
        # To go on would close every flow there is.
        faults.append(Fault(str(folder), "", "there is no such folder; if there is nothing to put into it, make it and leave it empty"))
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".toml" or path.name.startswith("."):
            continue
        given = _given(path, faults)
        if given is None:
            broken.add(path.stem)
        else:
            yield read_table(Table(str(path), "", given, []), shape)


def _given(path: Path, faults: list[Fault]) -> dict[str, Any] | None:
    """What stands in a file, or None, with the fault told."""
    try:
        body = path.read_bytes()
    except OSError as error:
        faults.append(Fault(str(path), "", f"cannot be read: {error.strerror}"))
        return None
    return _parsed(str(path), body, faults)


def _parsed(file: str, body: bytes, faults: list[Fault]) -> dict[str, Any] | None:
    try:
        # As the lines of a text file are read: tomllib refuses a carriage return by itself.
        given = tomllib.loads(body.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError as error:
        faults.append(Fault(file, "", f"is not UTF-8: byte {error.start + 1} cannot be read; save it as UTF-8"))
    except RecursionError:
        faults.append(Fault(file, "", "is nested too deep"))
    except ValueError as error:  # what tomllib raises, and int() for a number of thousands of digits
        faults.append(Fault(file, "", f"is no TOML: {_no_day(body) or error}"))
    else:
        if given:
            return given
        faults.append(Fault(file, "", "is empty"))
    return None


def _no_day(body: bytes) -> str | None:
    """What is wrong with the first day that no calendar has: of `2025-13-07` TOML says only that it expected the end of the line."""
    for number, line in enumerate(body.decode("utf-8-sig").splitlines(), start=1):
        given = re.match(r"\s*[\w.-]+\s*=\s*(\d{4}-\d{2}-\d{2})\b", line)
        if given is None:
            continue
        try:
            date.fromisoformat(given[1])
        except ValueError:
            return f"line {number}: {given[1]} is no day of the calendar; write year-month-day, such as 2025-05-07"
    return None


def _partner(table: Table) -> Partner:
    values = {key: value for key, value in table.values.items() if key not in ("flows", "categories", "markers")}
    categories = tuple(Category(**one.values) for one in table.tables("categories"))
    markers = table.get("markers")
    return Partner(**values, categories=categories, markers=Markers(**markers.values) if markers else Markers())


def _flow(table: Table, partner: str) -> Flow:
    values = {key: value for key, value in table.values.items() if key not in ("interval_minutes", "paused")}
    inbound = values["direction"] is Direction.INBOUND
    return Flow(
        **values,
        partner=partner,
        state=FlowState.PAUSED if table.get("paused") else FlowState.OPEN,
        interval=timedelta(minutes=table.get("interval_minutes") or INTERVAL_MINUTES) if inbound else None,
    )


def _dossier(table: Table) -> Dossier:
    nested = ("term", "grants", "obligations", "activities", "acts", "documents")
    values = {key: value for key, value in table.values.items() if key not in nested}
    term = Term(**table.get("term").values)
    defaults = {"version": 1, "since": term.effective}
    agreement = Agreement(
        **{**defaults, **values},
        term=term,
        grants=tuple(_grant(one) for one in table.tables("grants")),
        obligations=tuple(Obligation(**one.values) for one in table.tables("obligations")),
        documents=tuple(Document(**one.values) for one in table.tables("documents")),
    )
    return Dossier((agreement,), tuple(Act(**one.values) for one in table.tables("acts")))


def activity(table: Table, agreement: str) -> Activity:
    """What a table of that shape says was held. Its id follows from what it is called: a file that is read again names the same one."""
    named = f"{agreement}\n{table.get('kind')}\n{table.get('title')}\n{table.get('on') or ''}"
    return Activity(f"a_{hashlib.sha256(named.encode()).hexdigest()[:24]}", agreement, **table.values)


def _grant(table: Table) -> Grant:
    terms = Terms(**{TERMS[key]: value for key, value in table.values.items() if key in TERMS})
    values = {key: value for key, value in table.values.items() if key not in TERMS}
    return Grant(**{"topics_out": (), **values}, terms=terms)
