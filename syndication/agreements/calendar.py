"""The state of an agreement at a moment, from its dates and the acts done to it. Days are whole, in the agreement's own zone. Pure."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from syndication.model.agreement import Act, ActKind, Agreement, AgreementState, Dossier, Term

RENEWALS = 1_200
"""More often than this no agreement renews itself: a bound, so that no value of a term makes the question endless."""


def version_at(dossier: Dossier, at: datetime) -> Agreement:
    """The version whose words hold at `at`: the latest one begun by that day; before the first has begun, the first."""
    begun = [version for version in dossier.versions if version.since <= day_of(at, version.term.zone)]
    return max(begun, key=lambda version: (version.since, version.version)) if begun else dossier.versions[0]


def state(dossier: Dossier, at: datetime) -> AgreementState:
    """Where the agreement stands by itself at `at`, whatever succeeds it."""
    agreement = version_at(dossier, at)
    term = agreement.term
    today = day_of(at, term.zone)
    if agreement.signed_on is None:
        return AgreementState.DRAFT
    if today < max(term.effective, agreement.signed_on):
        return AgreementState.SIGNED
    if any(act.kind is ActKind.TERMINATE and act.on <= today for act in dossier.acts):
        return AgreementState.TERMINATED
    last = last_day(dossier, at)
    suspended = is_suspended(dossier.acts, today)
    if last is not None and today > last:
        in_grace = (today - last).days <= term.grace_days and not suspended
        return AgreementState.GRACE if in_grace else AgreementState.EXPIRED
    return AgreementState.SUSPENDED if suspended else AgreementState.IN_FORCE


def last_day(dossier: Dossier, at: datetime) -> date | None:
    """The last day of the term as it stands on the day of `at`, renewals counted; None: without end.

    A renewal happens unless notice was given at least `notice_days` before the end it would have renewed.
    """
    term = version_at(dossier, at).term
    if term.until is None:
        return None
    today = day_of(at, term.zone)
    notices = [act.on for act in dossier.acts if act.kind is ActKind.NOTICE]
    last = term.until
    for renewal in range(1, RENEWALS):
        if today <= last or not term.renewal_months or _noticed(notices, last, term):
            break
        last = add_months(term.until, renewal * term.renewal_months)
    return last


def is_suspended(acts: tuple[Act, ...], today: date) -> bool:
    """Whether the last of its suspensions and resumptions by that day is a suspension."""
    turns = [act for act in acts if act.kind in (ActKind.SUSPEND, ActKind.RESUME) and act.on <= today]
    # sorted() is stable: of two on one day, the one recorded later counts.
    return bool(turns) and sorted(turns, key=lambda act: act.on)[-1].kind is ActKind.SUSPEND


def day_of(at: datetime, zone: str) -> date:
    """The calendar day of that moment in that zone. Raises ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a moment without a zone cannot be judged: {at}")
    return at.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """So many calendar months later; where that month is too short, its last day. Never past the calendar's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _noticed(notices: list[date], last: date, term: Term) -> bool:
    return any((last - on).days >= term.notice_days for on in notices)
