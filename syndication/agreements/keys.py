"""What a key of the files in `config/` may say, and a table of keys read with every fault; which keys there are is in `shapes`."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale
from babel.languages import get_official_languages

from syndication.errors import Fault
from syndication.model.agreement import EVERY

Check = Callable[[Any], Any]
"""What the file gives -> the value, or a ValueError whose text follows the key's name."""

CREDIT_FIELDS = ("partner", "author", "original")
YEARS = (1900, 2999)
LONGEST = 2_000
MOST = 1_000
"""Entries of one list."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOPIC = re.compile(r"medtop:[0-9]{8}")
_CATEGORY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*:\S.*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELD = re.compile(r"\{([^{}]*)\}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?(-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*", re.IGNORECASE)


def meant(word: object, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, where one of the known words is near; else nothing."""
    near = difflib.get_close_matches(str(word), sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def shown(value: object) -> str:
    """A value of a file as it may stand in a message: short, on one line, no control characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def text(given: Any) -> str:
    """A line of text that is not empty."""
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"must be a text that is not empty, and is {shown(given)}")
    if len(given) > LONGEST or not all(character.isprintable() for character in given.strip()):
        raise ValueError(f"must be one line of at most {LONGEST} characters, without control characters")
    return given.strip()


def lines(given: Any) -> str:
    """A text of as many lines as it likes that is not empty."""
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"must be a text that is not empty, and is {shown(given)}")
    if len(given) > LONGEST * 10 or not all(character.isprintable() or character in "\n\t" for character in given.strip()):
        raise ValueError(f"must be a text of at most {LONGEST * 10} characters, without control characters")
    return given.strip()


def slug(given: Any) -> str:
    """What names a thing in addresses and in the log."""
    name = text(given)
    if not _SLUG.fullmatch(name) or len(name) > 64:
        raise ValueError(f"must be a name of a-z, 0-9 and single hyphens, such as 'trc-en', and is {shown(given)}")
    return name


def flag(given: Any) -> bool:
    """`true` or `false`."""
    if not isinstance(given, bool):
        raise ValueError(f"must be true or false, and is {shown(given)}")
    return given


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between these, both included."""

    least: int
    most: int

    def __call__(self, given: Any) -> int:
        """The number."""
        if not isinstance(given, int) or isinstance(given, bool) or not self.least <= given <= self.most:
            raise ValueError(f"must be a whole number from {self.least} to {self.most}, and is {shown(given)}")
        return given


def day(given: Any) -> date:
    """A day of the calendar; moments, with a zone or without, are not days."""
    if not isinstance(given, date) or isinstance(given, datetime):
        raise ValueError(f"must be a day, such as 2025-05-06 (no quotes, no time), and is {shown(given)}")
    if not YEARS[0] <= given.year <= YEARS[1]:
        raise ValueError(f"must lie between the years {YEARS[0]} and {YEARS[1]}; what has no end is left out")
    return given


def zone(given: Any) -> str:
    """A time zone of the IANA database."""
    name = text(given)
    if name not in _zones():
        raise ValueError(f"{shown(name)} is no time zone of the IANA database, such as 'Asia/Ho_Chi_Minh'{meant(name, _zones())}")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _languages() -> frozenset[str]:
    return frozenset(Locale("en").languages)


def language(given: Any) -> str:
    """A language tag (BCP 47) whose language there is: `vi`, `pt-BR`, `az-Latn`."""
    tag = text(given)
    primary = tag.partition("-")[0].casefold()
    if _LANGUAGE.fullmatch(tag) and primary in _languages():
        return tag
    # The usual slip is the country's code: vn for vi, kz for kk.
    spoken = get_official_languages(primary)
    hint = f"; did you mean '{spoken[-1]}'?" if spoken else ""
    raise ValueError(f"{shown(tag)} is no language tag (BCP 47), such as 'en' or 'pt-BR'{hint}")


def language_or_every(given: Any) -> str:
    """A language tag, or `*` for all."""
    return EVERY if given == EVERY else language(given)


def topic(given: Any) -> str:
    """An IPTC Media Topic."""
    code = text(given)
    if not _TOPIC.fullmatch(code):
        raise ValueError(f"{shown(code)} is no IPTC Media Topic: medtop: and eight digits, such as 'medtop:15000000' (sport)")
    return code


def subject(given: Any) -> str:
    """An IPTC Media Topic, or a partner's own category, `trc:sport`; capitals make no difference in it."""
    code = text(given)
    if _CATEGORY.fullmatch(code) and not code.startswith("medtop:"):
        return code.casefold()
    if not _TOPIC.fullmatch(code):
        raise ValueError(
            f"{shown(code)} is no IPTC Media Topic, such as 'medtop:15000000' (sport), nor a partner's category, such as 'trc:Sport'"
        )
    return code


def subject_or_every(given: Any) -> str:
    """A subject, or `*` for all."""
    return EVERY if given == EVERY else subject(given)


def digest(given: Any) -> str:
    """A SHA-256, in hex."""
    found = text(given).lower()
    if not _DIGEST.fullmatch(found):
        raise ValueError(f"must be a SHA-256, 64 hexadecimal digits, as 'sha256sum FILE' prints it, and is {shown(given)}")
    return found


def country(given: Any) -> str:
    """A country's code of two letters (ISO 3166-1)."""
    code = text(given)
    if not _COUNTRY.fullmatch(code) or code not in Locale("en").territories:
        raise ValueError(f"{shown(code)} is no country code (ISO 3166-1), such as 'VN'")
    return code


def address(given: Any) -> str:
    """An http or https address, without a password in it."""
    url = text(given)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
        parts.port  # noqa: B018  # raises where the port is no number
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"must be an http or https address, and is {shown(url)}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or a password: files are read by many")
    return url


def credit(given: Any) -> str:
    """A credit line, in which `{partner}`, `{author}` and `{original}` stand for what they say."""
    line = text(given)
    if "{" in (rest := _FIELD.sub("", line)) or "}" in rest:
        raise ValueError(f"has a brace without the other: {shown(line)}")
    for name in _FIELD.findall(line):
        if name not in CREDIT_FIELDS:
            known = ", ".join(f"{{{one}}}" for one in CREDIT_FIELDS)
            raise ValueError(f"{{{name}}} stands for nothing; {known} do{meant(name, CREDIT_FIELDS)}")
    return line


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words; what it stands for."""

    choices: Mapping[str, Any]

    def __call__(self, given: Any) -> Any:
        """What the word stands for."""
        if not isinstance(given, str) or given not in self.choices:
            raise ValueError(f"{shown(given)} is none of {', '.join(self.choices)}{meant(given, self.choices)}")
        return self.choices[given]


def member(kind: type[Enum]) -> OneOf:
    """One of an enum's values."""
    return OneOf({str(one.value): one for one in kind})


@dataclass(frozen=True, slots=True)
class Key:
    """One key: how its value is checked, or, of a table, its keys (`shape`). `many`: a list of those. `filled`: of at least one.

    `says`: what the key says, for people; stands in the docs and in the JSON Schema.
    """

    check: Check | None = None
    shape: "Mapping[str, Key] | None" = None
    required: bool = False
    many: bool = False
    filled: bool = False
    says: str = ""


def one(check: Check, *, required: bool = False, says: str = "") -> Key:
    """A key with one value."""
    return Key(check, required=required, says=says)


def several(check: Check, *, required: bool = False, filled: bool = False, says: str = "") -> Key:
    """A key with a list of values."""
    return Key(check, required=required, many=True, filled=filled, says=says)


Shape = Mapping[str, Key]


@dataclass(slots=True)
class Table:
    """A table of a file as far as it could be read: `given`, as it stands; `values`, those that passed, each under its key."""

    file: str
    at: str
    given: Mapping[str, Any]
    faults: list[Fault]
    values: dict[str, Any] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """The file says something here, right or wrong."""
        return key in self.given

    def get(self, key: str) -> Any:
        """The value, or None where there is none or it has a fault (which is told already)."""
        return self.values.get(key)

    def tables(self, key: str) -> "tuple[Table, ...]":
        """The tables of a list of them."""
        return self.values.get(key) or ()

    def fault(self, key: str, message: str) -> None:
        """Tell one, of a key of this table; of the table itself with an empty key."""
        self.faults.append(Fault(self.file, f"{self.at}.{key}".strip("."), message))


def read(table: Table, shape: Shape) -> Table:
    """Read a table's keys into `table.values`; what is unknown, missing or wrong is told in `table.faults`."""
    for key, value in table.given.items():
        name = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else shown(key)
        if key not in shape:
            table.fault(name, f"is no key here{meant(key, shape)}")
            continue
        known = len(table.faults)
        found = _read_key(shape[key], name, value, table)
        # A list with a fault in it is not half a list; of tables, each is judged by itself.
        if len(table.faults) == known or shape[key].shape is not None:
            table.values[key] = found
    for key, rule in shape.items():
        if rule.required and key not in table.given:
            table.fault(key, "is missing")
    return table


def _read_key(rule: Key, name: str, value: Any, table: Table) -> Any:
    if not rule.many:
        return _read_one(rule, name, value, table)
    if not isinstance(value, list):
        table.fault(name, f"must be a list of tables, [[{name}]]" if rule.shape else f"must be a list, [...], and is {shown(value)}")
        return ()
    if rule.filled and not value:
        table.fault(name, "is empty, and would name nothing at all: name them")
    if len(value) > MOST:
        table.fault(name, f"names {len(value)} things, and may name {MOST}")
        return ()
    if not rule.shape:
        before: set[str] = set()
        for index, one_value in enumerate(value):
            if repr(one_value) in before:
                table.fault(f"{name}[{index}]", f"{shown(one_value)} stands here twice")
            before.add(repr(one_value))
    found = (_read_one(rule, f"{name}[{index}]", one_value, table) for index, one_value in enumerate(value))
    return tuple(one_value for one_value in found if one_value is not None)


def _read_one(rule: Key, name: str, value: Any, table: Table) -> Any:
    if rule.shape is not None:
        if not isinstance(value, dict):
            table.fault(name, f"must be a table, and is {shown(value)}")
            return None
        return read(Table(table.file, f"{table.at}.{name}".strip("."), value, table.faults), rule.shape)
    try:
        return rule.check(value) if rule.check else value
    except ValueError as error:
        table.fault(name, str(error))
        return None
