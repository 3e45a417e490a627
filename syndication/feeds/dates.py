"""Dates as feeds write them, right or wrong. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from syndication.feeds.sanitize import visible

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
FURTHEST = timedelta(hours=14)
"""No zone is further from UTC (ISO 8601 allows more, the world does not)."""
ZONES = {
    "-0000": "+0000",
    "CET": "+0100",
    "CEST": "+0200",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "BST": "+0100",
    "WET": "+0000",
    "WEST": "+0100",
}
"""Names that RFC 822 does not know, and that feeds use; without this they would be read as UTC. -0000 is UTC (RFC 5322, 3.3)."""

_SHORT = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})[Tt ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?P<more>.*)", re.DOTALL)

_FIRST_CENTURIES = re.compile(r"[A-Za-z]{3,}[ -]+0\d{3}\b")


def moment(text: str) -> datetime | None:
    """The moment that a date of RFC 822 or of RFC 3339 names, in UTC; None for what is neither. Without a zone it is taken as UTC."""
    found = _read(text)
    return found[0] if found else None


def embargo(text: str, now: datetime) -> datetime | None:
    """The moment an embargo ends; None where the date cannot be read, or where, its zone missing or unknown, it may still be to come."""
    found = _read(text)
    return found[0] if found and (found[1] or found[0] <= now - FURTHEST) else None


def _read(text: str) -> tuple[datetime, bool] | None:
    """The moment, and whether its zone is known; otherwise it is taken as UTC."""
    text = text.strip()[:80]
    try:
        found = _iso(text) if re.match(r"\d{4}-\d{2}", text) else _mail(text)
        return (found.astimezone(UTC), True) if found.tzinfo else (found.replace(tzinfo=UTC), False)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def believable(text: str, now: datetime) -> tuple[datetime | None, str | None]:
    """The moment, if a news item can be of it (wire 41: from 1990 to a day ahead); else None, and why, for the editor."""
    found = moment(text)
    shown = " ".join(visible(text).split())[:60]
    if found is None:
        return None, f"date '{shown}' cannot be read: taken as of now"
    if not EARLIEST <= found <= now + AHEAD:
        return None, f"date '{shown}' cannot be: taken as of now"
    return found, None


def _iso(text: str) -> datetime:
    found = _SHORT.fullmatch(text)
    if found:
        # A fraction of a second, and a space before the zone, are as common as they are unimportant.
        more = re.sub(r"^[.,]\d+", "", found["more"]).strip()
        text = f"{found['day']}T{found['time']}{more}"
    return datetime.fromisoformat(text)


def _mail(text: str) -> datetime:
    if _FIRST_CENTURIES.search(text):
        # What many programs write for no date at all; the library takes the year 0001 for 2001.
        raise ValueError("a year before 1000")
    head, _, zone = text.rpartition(" ")
    if zone.upper() in ZONES:
        text = f"{head} {ZONES[zone.upper()]}"
    return parsedate_to_datetime(text)
