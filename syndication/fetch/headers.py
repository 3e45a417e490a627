"""What a partner's headers say: its validators, kept opaque; how long to wait; how long its answer stays fresh; its links. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_VALIDATOR: Final = 1024
SHORTEST_WAIT: Final = 60
LONGEST_WAIT: Final = 86_400
"""Seconds. A partner may slow us down, but not switch itself off for a year (F21)."""

NUMBER: Final = re.compile(r"-?[0-9]+")
DIRECTIVE: Final = re.compile(r'(?:^|[,\s])(max-age|no-cache|no-store)(?:\s*=\s*"?([0-9]+)"?)?(?=$|[,;\s])', re.IGNORECASE)

LONGEST_LINKS: Final = 8 * 1024
LINK: Final = re.compile(r"[\s,]*<([^<>]*)>")
PARAMETER: Final = re.compile(r"""\s*;\s*([\w!#$&+.^`|~*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?""")


def opaque(value: str | None) -> str | None:
    """A validator as it came (wire 31); None where sending it back does no good: empty, over 1 KB, control characters (F24)."""
    if not value or len(value) > LONGEST_VALIDATOR:
        return None
    return None if any(ord(character) < 0x20 or ord(character) == 0x7F for character in value) else value


def http_date(value: str | None) -> datetime | None:
    """Any of the three forms of RFC 9110, 5.6.7, in UTC; None for anything else."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(value: str | None, now: datetime | None) -> int | None:
    """Seconds to stay away, from 60 to 86,400; None where nothing that can be read was said.

    `now`: the server's own Date where there is one, so that its clock need not agree with ours; None: only a number counts.
    """
    text = (value or "").strip()
    if NUMBER.fullmatch(text):
        # A number of a thousand digits is not worth converting; it is clamped all the same.
        return _clamped(int(text) if len(text) < 12 else (0 if text.startswith("-") else LONGEST_WAIT))
    until = http_date(text)
    if until is None or now is None:
        return None
    return _clamped(int((until - now).total_seconds()))


def max_age(headers: Mapping[str, str], now: datetime | None) -> timedelta | None:
    """How long the answer stays fresh (RFC 9111, 4.2), at most a day; None where it does not say, or says that it does not.

    `headers`: looked up without regard to case. Cache-Control outranks Expires; what an intermediary has used up (Age) is taken off.
    """
    said = {name.lower(): seconds for name, seconds in DIRECTIVE.findall(headers.get("Cache-Control") or "")}
    if "no-cache" in said or "no-store" in said:
        return None
    if said.get("max-age"):
        fresh = _bounded(said["max-age"]) - _bounded(headers.get("Age") or "0")
    else:
        expires = http_date(headers.get("Expires"))
        if expires is None or now is None:
            return None
        fresh = int((expires - now).total_seconds())
    return timedelta(seconds=min(fresh, LONGEST_WAIT)) if fresh > 0 else None


def links(value: str | None) -> tuple[tuple[str, str], ...]:
    """The links of a Link header (RFC 8288, 3), as (rel, address): one for each relation of each, as far as they can be read.

    Of a parameter that is there twice the first counts; a link with an `anchor` is about something else, and is left out.
    """
    text, found, at = (value or "")[:LONGEST_LINKS], list[tuple[str, str]](), 0
    while link := LINK.match(text, at):
        at, said = link.end(), dict[str, str]()
        while given := PARAMETER.match(text, at):
            at = given.end()
            word = re.sub(r"\\(.)", r"\1", given[2]) if given[2] is not None else given[3]
            said.setdefault(given[1].lower(), word or "")
        if "anchor" not in said:
            found += [(rel.lower(), link[1].strip()) for rel in said.get("rel", "").split()]
    return tuple(found)


def _clamped(seconds: int) -> int:
    return max(SHORTEST_WAIT, min(seconds, LONGEST_WAIT))


def _bounded(digits: str) -> int:
    text = digits.strip()
    if not text.isascii() or not text.isdecimal():
        return 0
    return int(text) if len(text) < 12 else 10**12
