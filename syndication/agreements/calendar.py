"""The state of an agreement at a moment, from its dates and the acts done to it. Days are whole, in the agreement's own zone. Pure."""

import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from syndication.model.agreement import Act, ActKind, Agreement, AgreementState, Dossier, Term

RENEWALS = 1_200
"""More often than this no agreement renews itself: a bound, so that no value of a term makes the question endless."""


def version_at(dossier: Dossier, at: datetime) -> Agreement:
    """The version whose words hold at `at`: the latest one begun by that day; before the first has begun, the first.

    Once one is signed, what is still a draft holds nothing up: talks that go on past the day they were meant for change nothing.

    Its parties are those of that day: who had joined it by then, since that version, and not left.
    """
    known = [version for version in dossier.versions if version.signed_on is not None] or dossier.versions
    begun = [version for version in known if version.since <= day_of(at, version.term.zone)]
    version = max(begun, key=lambda version: (version.since, version.version)) if begun else known[0]
    return replace(version, parties=_parties(version, dossier.acts, at)) if dossier.acts else version


def _parties(version: Agreement, acts: tuple[Act, ...], at: datetime) -> tuple[str, ...]:
    """A version names its parties; those who joined or left on its first day or later are counted on from there."""
    today = day_of(at, version.term.zone)
    parties = dict.fromkeys(version.parties)
    for act in sorted((act for act in acts if act.party and version.since <= act.on <= today), key=lambda act: act.on):
        if act.kind is ActKind.JOIN and act.party:
            parties[act.party] = None
        elif act.kind is ActKind.LEAVE and act.party:
            parties.pop(act.party, None)
    return tuple(parties)


def state(dossier: Dossier, at: datetime) -> AgreementState:
    """Where the agreement stands by itself at `at`, whatever succeeds it. Where its zone is not known, nothing moves: suspended."""
    agreement = version_at(dossier, at)
    term = agreement.term
    today = day_of(at, term.zone)
    if agreement.signed_on is None:
        return AgreementState.DRAFT
    if zone_named(term.zone) is None:
        return AgreementState.SUSPENDED
    if today < first_day(agreement):
        return AgreementState.SIGNED
    if termination(dossier.acts, today) is not None:
        return AgreementState.TERMINATED
    last = last_day(dossier, at)
    suspended = suspension(dossier.acts, today) is not None
    if last is not None and today > last:
        in_grace = (today - last).days <= term.grace_days and not suspended
        return AgreementState.GRACE if in_grace else AgreementState.EXPIRED
    return AgreementState.SUSPENDED if suspended else AgreementState.IN_FORCE


def has_begun(dossier: Dossier, at: datetime) -> bool:
    """Whether it has been more than signed by `at`, under any of its versions: a draft of its next version does not take that back."""
    return any(_begun(version, at) for version in dossier.versions)


def succeeded_by(dossier: Dossier, at: datetime) -> frozenset[str]:
    """The agreements whose place it has taken by `at`: what a version that has begun said stays so, and a draft says nothing yet."""
    return frozenset(version.succeeds for version in dossier.versions if version.succeeds is not None and _begun(version, at))


def _begun(version: Agreement, at: datetime) -> bool:
    return version.signed_on is not None and (zone_named(version.term.zone) is None or first_day(version) <= day_of(at, version.term.zone))


def first_day(agreement: Agreement) -> date:
    """The first day on which this version can be in force: it is effective, signed, and the version that counts."""
    return max(agreement.since, agreement.term.effective, agreement.signed_on or agreement.since)


def last_day(dossier: Dossier, at: datetime) -> date | None:
    """The last day of the term as it stands on the day of `at`, renewals counted; None: without end.

    A renewal happens unless notice was given at least `notice_days` before the end it would have renewed. Each end is counted in
    months from the first, so that a term that ends with January ends with February, and then with March.
    """
    term = version_at(dossier, at).term
    if term.until is None:
        return None
    today = day_of(at, term.zone)
    notices = [act.on for act in dossier.acts if act.kind is ActKind.NOTICE]
    months = max(term.renewal_months or 0, 0)
    last = term.until
    for renewal in range(1, RENEWALS):
        if today <= last or not months or _noticed(notices, last, term):
            break
        last = add_months(term.until, renewal * months)
    return last


def last_day_of_grace(last: date, term: Term) -> date:
    """The last of the days of grace after the term's last day. Never past the calendar's end."""
    return date.fromordinal(min(last.toordinal() + max(term.grace_days, 0), date.max.toordinal()))


def termination(acts: tuple[Act, ...], today: date) -> Act | None:
    """The act that ended it by that day, or None."""
    ended = [act for act in acts if act.kind is ActKind.TERMINATE and act.on <= today]
    return min(ended, key=lambda act: act.on, default=None)


def suspension(acts: tuple[Act, ...], today: date) -> Act | None:
    """The last of its suspensions and resumptions by that day, if that is a suspension."""
    turns = [act for act in acts if act.kind in (ActKind.SUSPEND, ActKind.RESUME) and act.on <= today]
    # sorted() is stable: of two on one day, the one recorded later counts.
    last = sorted(turns, key=lambda act: act.on)[-1] if turns else None
    return last if last is not None and last.kind is ActKind.SUSPEND else None


def utc(at: datetime) -> datetime:
    """The same moment in UTC, where two of them can be compared and counted between. Raises ValueError for a moment without a zone."""
    if at.utcoffset() is None:
        raise ValueError(f"a moment without a zone cannot be judged: {at}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _edge(at)


def day_of(at: datetime, zone: str) -> date:
    """The calendar day of that moment in that zone; in UTC where the zone is not known. Raises ValueError for a moment without a zone."""
    moment = utc(at)
    try:
        return moment.astimezone(zone_named(zone) or UTC).date()
    except OverflowError:
        return _edge(moment).date()


def next_midnight(at: datetime, zone: str) -> datetime:
    """The first moment, in UTC, of the day after that of `at` in that zone; of UTC where the zone is not known."""
    today = day_of(at, zone)
    if today >= date.max - timedelta(days=2):
        return _edge(utc(at))
    return datetime.combine(today + timedelta(days=1), time.min, tzinfo=zone_named(zone) or UTC).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name, or None: there is none (its data may be missing from this machine)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def add_months(day: date, months: int) -> date:
    """So many calendar months later; where that month is too short, its last day. Never past the calendar's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _edge(at: datetime) -> datetime:
    """The first or the last moment of the calendar, whichever is nearer: a zone's offset led past it (T07)."""
    return datetime.max.replace(tzinfo=UTC) if at.year > 5000 else datetime.min.replace(tzinfo=UTC)


def _noticed(notices: list[date], last: date, term: Term) -> bool:
    return any((last - on).days >= term.notice_days for on in notices)
