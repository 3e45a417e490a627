"""States, terms and times in the words of the desk's language; and the one place where HTML of a partner becomes part of a page."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from flask import Flask
from flask_babel import LazyString, format_date, format_datetime, get_locale, lazy_gettext
from markupsafe import Markup, escape

from syndication.agreements.quota import Course
from syndication.agreements.rehearsal import Outcome as Rehearsed
from syndication.feeds.sanitize import clean_html
from syndication.model.account import Role
from syndication.model.agreement import (
    EVERY,
    ActKind,
    AgreementState,
    Alteration,
    ContentType,
    CreditPlace,
    EmbargoHandling,
    Grant,
    Measure,
    Obligation,
    OnwardUse,
    Period,
    ReviewTerm,
    Stamp,
    Terms,
)
from syndication.model.callback import CallbackState
from syndication.model.clearance import Clause
from syndication.model.item import ReviewAct, ReviewState
from syndication.model.partner import Direction, FlowState
from syndication.model.poll import Counts, Outcome, Sign
from syndication.model.proposal import ProposalState
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, StoryAct
from syndication.model.subscription import End, SubscriptionState
from syndication.web.catalog import gettext, ngettext

WORDS: Final[tuple[tuple[StrEnum, LazyString], ...]] = (
    (ReviewState.PENDING, lazy_gettext("to review")),
    (ReviewState.HELD, lazy_gettext("held")),
    (ReviewState.ACCEPTED, lazy_gettext("accepted")),
    (ReviewState.REJECTED, lazy_gettext("rejected")),
    (ReviewState.REOPENED, lazy_gettext("re-opened")),
    (ReviewState.WITHDRAWN, lazy_gettext("killed by the partner")),
    (ReviewAct.ACCEPT, lazy_gettext("accepted")),
    (ReviewAct.ACCEPT_EDITED, lazy_gettext("accepted with edits")),
    (ReviewAct.REJECT, lazy_gettext("rejected")),
    (ReviewAct.HOLD, lazy_gettext("held")),
    (ReviewAct.KEEP, lazy_gettext("kept what was taken")),
    (ReviewAct.UNDO, lazy_gettext("decision undone")),
    (ReviewAct.REOPEN, lazy_gettext("corrected by the partner")),
    (ReviewAct.WITHDRAW, lazy_gettext("killed by the partner")),
    (Pubstatus.USABLE, lazy_gettext("usable")),
    (Pubstatus.WITHHELD, lazy_gettext("withheld")),
    (Pubstatus.CANCELED, lazy_gettext("killed")),
    (StoryAct.WRITE, lazy_gettext("written")),
    (StoryAct.ACCEPT, lazy_gettext("accepted")),
    (StoryAct.CORRECT, lazy_gettext("corrected")),
    (StoryAct.HOLD, lazy_gettext("withheld")),
    (StoryAct.LIFT, lazy_gettext("hold lifted")),
    (StoryAct.KILL, lazy_gettext("killed")),
    (PublicationKind.STORY, lazy_gettext("placed")),
    (PublicationKind.WITHDRAWAL, lazy_gettext("taken back")),
    (AgreementState.DRAFT, lazy_gettext("draft")),
    (AgreementState.SIGNED, lazy_gettext("signed, not yet in force")),
    (AgreementState.IN_FORCE, lazy_gettext("in force")),
    (AgreementState.GRACE, lazy_gettext("ended, in its days of grace")),
    (AgreementState.SUSPENDED, lazy_gettext("suspended")),
    (AgreementState.EXPIRED, lazy_gettext("expired")),
    (AgreementState.TERMINATED, lazy_gettext("terminated")),
    (ActKind.SUSPEND, lazy_gettext("suspended")),
    (ActKind.RESUME, lazy_gettext("resumed")),
    (ActKind.NOTICE, lazy_gettext("notice given: it does not renew")),
    (ActKind.TERMINATE, lazy_gettext("terminated")),
    (ActKind.JOIN, lazy_gettext("a party joined")),
    (ActKind.LEAVE, lazy_gettext("a party left")),
    (Course.MET, lazy_gettext("met")),
    (Course.ON_COURSE, lazy_gettext("on course")),
    (Course.BEHIND, lazy_gettext("behind: it will not be met at this pace")),
    (Course.NEAR_CEILING, lazy_gettext("near the ceiling")),
    (Course.AT_CEILING, lazy_gettext("at the ceiling: nothing more until the period ends")),
    (Course.NOT_COUNTED, lazy_gettext("not counted here")),
    (Period.DAY, lazy_gettext("a day")),
    (Period.WEEK, lazy_gettext("a week")),
    (Period.MONTH, lazy_gettext("a month")),
    (Period.QUARTER, lazy_gettext("a quarter")),
    (Period.YEAR, lazy_gettext("a year")),
    (Measure.OFFERED, lazy_gettext("offered")),
    (Measure.PUBLISHED, lazy_gettext("published")),
    (Rehearsed.LET, lazy_gettext("newly let")),
    (Rehearsed.REFUSED, lazy_gettext("newly refused")),
    (Rehearsed.KEPT, lazy_gettext("let as before")),
    (Rehearsed.STILL_REFUSED, lazy_gettext("refused as before")),
    (ProposalState.OPEN, lazy_gettext("waits for a second person")),
    (ProposalState.SIGNED_OFF, lazy_gettext("signed off")),
    (ProposalState.TURNED_DOWN, lazy_gettext("turned down")),
    (ProposalState.TAKEN_BACK, lazy_gettext("taken back by who proposed it")),
    (FlowState.OPEN, lazy_gettext("open")),
    (FlowState.PAUSED, lazy_gettext("paused")),
    (FlowState.CLOSED, lazy_gettext("closed")),
    (SubscriptionState.ACTIVE, lazy_gettext("told at once")),
    (SubscriptionState.STALE, lazy_gettext("not reached for two days")),
    (SubscriptionState.ENDED, lazy_gettext("ended")),
    (End.UNSUBSCRIBED, lazy_gettext("unsubscribed by the partner")),
    (End.GONE, lazy_gettext("the callback is gone")),
    (End.LEASE, lazy_gettext("the lease ran out")),
    (End.REMOVED, lazy_gettext("removed by us")),
    (End.TOKEN, lazy_gettext("the token has ended")),
    (End.FLOW, lazy_gettext("the flow is closed")),
    (End.AGREEMENT, lazy_gettext("the agreement has ended")),
    (CallbackState.ASKED, lazy_gettext("asked, and not confirmed yet")),
    (CallbackState.ACTIVE, lazy_gettext("tells us at once")),
    (CallbackState.DENIED, lazy_gettext("denied by the hub")),
    (CallbackState.LEAVING, lazy_gettext("told to stop")),
    (Direction.INBOUND, lazy_gettext("comes in")),
    (Direction.OUTBOUND, lazy_gettext("goes out")),
    (Outcome.UPDATED, lazy_gettext("updated")),
    (Outcome.UNCHANGED, lazy_gettext("unchanged")),
    (Outcome.UNGOVERNED, lazy_gettext("not asked: no agreement in force")),
    (Outcome.FAILED, lazy_gettext("failed")),
    (Outcome.GONE, lazy_gettext("gone: stopped until an operator polls it")),
    (Sign.STOPPED, lazy_gettext("stopped by the partner")),
    (Sign.FAILING, lazy_gettext("failing")),
    (Sign.FLIPPED, lazy_gettext("ids changed")),
    (Sign.QUIET, lazy_gettext("gone quiet")),
    (Sign.BEHIND, lazy_gettext("behind what is owed")),
    (Sign.SHIFTED, lazy_gettext("clock or zone wrong")),
    (Sign.MISSED, lazy_gettext("may have missed stories")),
    (Clause.AGREEMENT, lazy_gettext("agreement in force")),
    (Clause.FLOW, lazy_gettext("state of the flow")),
    (Clause.DIRECTION, lazy_gettext("direction")),
    (Clause.TYPE, lazy_gettext("type of content")),
    (Clause.LANGUAGE, lazy_gettext("language")),
    (Clause.SUBJECT, lazy_gettext("subject")),
    (Clause.ONWARD_USE, lazy_gettext("onward use")),
    (Clause.CREDIT, lazy_gettext("credit line")),
    (Clause.PUBSTATUS, lazy_gettext("publication status")),
    (Clause.EMBARGO, lazy_gettext("embargo")),
    (Clause.QUOTA, lazy_gettext("quota ceiling")),
    (Clause.RETENTION, lazy_gettext("retention")),
    (ContentType.TEXT, lazy_gettext("text")),
    (ContentType.PICTURE, lazy_gettext("picture")),
    (ContentType.VIDEO, lazy_gettext("video")),
    (ContentType.AUDIO, lazy_gettext("audio")),
    (ContentType.GRAPHIC, lazy_gettext("graphic")),
    (ContentType.COMPOSITE, lazy_gettext("composite")),
    (OnwardUse.OWN_USE, lazy_gettext("for the receiver's own use only")),
    (OnwardUse.OWN_SUBSCRIBERS, lazy_gettext("for the receiver and its own subscribers")),
    (OnwardUse.NAMED_PARTNERS, lazy_gettext("may go on to named partners")),
    (OnwardUse.ANYONE, lazy_gettext("may go on to anyone")),
    (Alteration.NONE, lazy_gettext("no alteration")),
    (Alteration.ABRIDGE, lazy_gettext("may be abridged")),
    (Alteration.TRANSLATE, lazy_gettext("may be abridged and translated")),
    (Alteration.FREE, lazy_gettext("may be altered freely, meaning kept")),
    (EmbargoHandling.WITHHELD, lazy_gettext("embargoes hold until their hour")),
    (EmbargoHandling.MARKED, lazy_gettext("embargoed stories may go ahead, marked")),
    (CreditPlace.START, lazy_gettext("credit before the text")),
    (CreditPlace.BYLINE, lazy_gettext("credit as the byline")),
    (Role.EDITOR, lazy_gettext("editor")),
    (Role.MANAGER, lazy_gettext("manager")),
)
"""Every state and term that a page shows. Pairs, not a dict: enums of text are equal where their values are, whatever their kind."""

TOPICS: Final = {
    "medtop:01000000": lazy_gettext("arts, culture and entertainment"),
    "medtop:02000000": lazy_gettext("crime, law and justice"),
    "medtop:03000000": lazy_gettext("disaster and accident"),
    "medtop:04000000": lazy_gettext("economy, business and finance"),
    "medtop:05000000": lazy_gettext("education"),
    "medtop:06000000": lazy_gettext("environment"),
    "medtop:07000000": lazy_gettext("health"),
    "medtop:08000000": lazy_gettext("human interest"),
    "medtop:09000000": lazy_gettext("labour"),
    "medtop:10000000": lazy_gettext("lifestyle and leisure"),
    "medtop:11000000": lazy_gettext("politics and government"),
    "medtop:12000000": lazy_gettext("religion"),
    "medtop:13000000": lazy_gettext("science and technology"),
    "medtop:14000000": lazy_gettext("society"),
    "medtop:15000000": lazy_gettext("sport"),
    "medtop:16000000": lazy_gettext("conflict, war and peace"),
    "medtop:17000000": lazy_gettext("weather"),
}
"""The top level of the IPTC Media Topics; deeper ones are shown by their code."""

ACTS: Final = {
    "accept": lazy_gettext("accepted"),
    "accept with edits": lazy_gettext("accepted with edits"),
    "reject": lazy_gettext("rejected"),
    "hold": lazy_gettext("held"),
    "keep what was taken": lazy_gettext("kept what was taken"),
    "undo": lazy_gettext("decision undone"),
    "reopen": lazy_gettext("corrected by the partner"),
    "withdraw": lazy_gettext("killed by the partner"),
    "write": lazy_gettext("written"),
    "correct": lazy_gettext("corrected"),
    "lift": lazy_gettext("hold lifted"),
    "kill": lazy_gettext("killed"),
    "erase": lazy_gettext("deleted at the end of its use"),
    "echo": lazy_gettext("sent our own story back"),
    "signed in": lazy_gettext("signed in"),
    "signed out": lazy_gettext("signed out"),
    "set a password": lazy_gettext("set a password"),
    "issued a token": lazy_gettext("issued a token"),
    "revoked a token": lazy_gettext("revoked a token"),
    "replayed what was refused": lazy_gettext("replayed what was refused"),
    "said what new ids are": lazy_gettext("said what new ids are"),
    "attached": lazy_gettext("attached a document"),
    "noted an activity": lazy_gettext("noted an activity"),
    "changed an activity": lazy_gettext("changed an activity"),
    "proposed": lazy_gettext("proposed a change"),
    "signed off": lazy_gettext("signed off"),
    "turned down": lazy_gettext("turned down"),
    "taken back": lazy_gettext("taken back"),
    "applied": lazy_gettext("applied"),
    "suspend": lazy_gettext("suspended"),
    "resume": lazy_gettext("resumed"),
    "notice": lazy_gettext("notice given: it does not renew"),
    "terminate": lazy_gettext("terminated"),
    "join": lazy_gettext("a party joined"),
    "leave": lazy_gettext("a party left"),
}
"""Every act of the log that a person or the clock does, as the Status page tells it."""

_BY_KIND: Final = {(type(one), one.value): text for one, text in WORDS}


def word(value: StrEnum) -> str:
    """The state or term in the desk's language."""
    return str(_BY_KIND.get((type(value), value.value), value.value))


def shown_html(body: str) -> Markup:
    """A partner's or an editor's HTML as part of a page: cleaned once more at the last moment (H18). Nothing else is marked as safe."""
    return Markup(clean_html(body, ""))  # noqa: S704 - the one place; what it is given has passed the allow-list


def outward(address: str) -> str:
    """Where a link to a partner leads: its address, where that is one of the web; else nowhere, whatever was kept (H04)."""
    return address if urlsplit(address).scheme in ("http", "https") else ""


def in_lines(body: str) -> str:
    """HTML with each block on a line of its own, to be edited as it is."""
    return re.sub(r"(</(?:p|h[2-6]|li|ul|ol|blockquote|table|tr|figure|pre)>|<br>)(?=<)", "\\1\n", body)


def terms_line(terms: Terms, names: Mapping[str, str], partner: str = "") -> list[str]:
    """What a grant lets its receiver do and asks of it, a phrase each: onward use, alteration, credit, embargo, time, place, machines.

    `partner`: whose name the credit line gets; of a grant that has brought nothing yet, the words for it stand there.
    """
    said = [word(terms.onward)]
    if terms.onward is OnwardUse.NAMED_PARTNERS:
        said[0] = gettext("may go on to %(names)s", names=", ".join(names.get(one, one) for one in terms.onward_partners))
    said.append(word(terms.alteration))
    sender = partner or gettext("[the sender's name]")
    said.append(
        gettext("credit: %(line)s", line=terms.credit_line.replace("{partner}", sender))
        if terms.credit_line
        else gettext("no credit line asked")
    )
    said.append(word(terms.embargo))
    if terms.use_days is not None:
        said.append(ngettext("use within %(num)s day of receipt", "use within %(num)s days of receipt", terms.use_days))
    said.append(gettext("may stay in use after the end") if terms.archive else gettext("its use ends with the agreement"))
    if terms.territory:
        said.append(gettext("only in %(places)s", places=", ".join(country(one) for one in terms.territory)))
    if terms.not_territory:
        said.append(gettext("not in %(places)s", places=", ".join(country(one) for one in terms.not_territory)))
    said += _asked(terms)
    if not terms.machine_translation:
        said.append(gettext("no translation by machine"))
    if not terms.model_training:
        said.append(gettext("no training of models"))
    return said


def _asked(terms: Terms) -> list[str]:
    """What most grants do not say."""
    said = []
    if terms.credit_line and terms.credit_place is not CreditPlace.END:
        said.append(word(terms.credit_place))
    if terms.delete_at_end:
        said.append(gettext("its text is deleted when its use has ended"))
    if terms.review is ReviewTerm.AUTOMATIC:
        said.append(gettext("accepted at once, without an editor"))
    if terms.priority:
        said.append(gettext("stands first in the queue"))
    return said


def asked(duty: Obligation) -> str:
    """What an obligation asks, in numbers: so many a period, a time, or a report."""
    said = []
    if duty.at_least is not None:
        said.append(gettext("at least %(number)s", number=duty.at_least))
    if duty.at_most is not None:
        said.append(gettext("at most %(number)s", number=duty.at_most))
    if duty.within_minutes is not None:
        return ngettext("within %(num)s minute", "within %(num)s minutes", duty.within_minutes)
    period = word(duty.period) if duty.period else ""
    if not said:
        return gettext("a report, every period: %(period)s", period=period)
    counted = [word(duty.measure), *(word(one) for one in duty.types), *(tongue(one) for one in duty.languages)]
    return f"{', '.join(said)} {period} ({', '.join(counted)})"


def stamped(stamp: Stamp) -> str:
    """Where the terms stand: `vna-trc-2025 v1, 2.1`, and whether it was in the days of grace."""
    place = f"{stamp.agreement} v{stamp.version}, {stamp.clause}"
    return gettext("%(place)s (in its days of grace)", place=place) if stamp.grace else place


def covers(grant: Grant) -> list[str]:
    """What a grant covers: types, languages, subjects in and out."""
    said = [", ".join(word(one) for one in grant.types) or gettext("no type")]
    said.append(gettext("in every language") if EVERY in grant.languages else ", ".join(tongue(one) for one in grant.languages))
    said.append(
        gettext("every subject")
        if EVERY in grant.topics
        else gettext("subjects: %(topics)s", topics=", ".join(topic(one) for one in grant.topics))
    )
    if grant.topics_out:
        said.append(gettext("but not: %(topics)s", topics=", ".join(topic(one) for one in grant.topics_out)))
    return [one for one in said if one]


def counted(counts: Counts) -> str:
    """What a poll brought, in a line; empty where it brought nothing."""
    named = (
        (counts.new, ngettext("%(num)s new", "%(num)s new", counts.new)),
        (counts.updates, ngettext("%(num)s update", "%(num)s updates", counts.updates)),
        (counts.corrections, ngettext("%(num)s correction", "%(num)s corrections", counts.corrections)),
        (counts.kills, ngettext("%(num)s kill", "%(num)s kills", counts.kills)),
        (counts.refused, ngettext("%(num)s refused", "%(num)s refused", counts.refused)),
        (counts.unreadable, ngettext("%(num)s unreadable", "%(num)s unreadable", counts.unreadable)),
    )
    return ", ".join(text for count, text in named if count)


def act_name(kind: ActKind) -> str:
    """What a button calls an act."""
    return {
        ActKind.SUSPEND: gettext("Suspend"),
        ActKind.RESUME: gettext("Resume"),
        ActKind.NOTICE: gettext("Give notice"),
        ActKind.TERMINATE: gettext("End"),
        ActKind.JOIN: gettext("A party joins"),
        ActKind.LEAVE: gettext("A party leaves"),
    }[kind]


def topic(code: str) -> str:
    """A Media Topic's name in the desk's language, or its code below the top level; of a partner's own category, the partner's word."""
    partner, _, own = code.partition(":")
    return str(TOPICS[code]) if code in TOPICS else f"{own} ({partner})" if own and partner != "medtop" else code


def tongue(code: str) -> str:
    """A language's name in the desk's; the code itself where it is none that is known."""
    try:
        return Locale.parse(code, sep="-").get_display_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


def country(code: str) -> str:
    """A country's name in the desk's language, by its ISO 3166 code."""
    locale = get_locale()
    return str(locale.territories.get(code.upper(), code)) if locale else code


def moment(at: datetime | None, source: str | None = None, pattern: str = "d MMM y HH:mm") -> Markup:
    """A time in the desk's zone; UTC, or the source's own words for it, on hover."""
    if at is None:
        return Markup("—")
    utc = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(utc, source or utc, format_datetime(at, pattern))


def second(at: datetime | None) -> Markup:
    """The same to the second, where things follow each other closely."""
    return moment(at, pattern="d MMM y HH:mm:ss")


def done(act: str) -> Markup:
    """An act of the log in the desk's language; one that has no word there, in English and marked so."""
    known = ACTS.get(act)
    return Markup("{}").format(known) if known else Markup('<span lang="en">{}</span>').format(act)


def day(on: date | None) -> Markup:
    """A day, as the desk's language writes it."""
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), format_date(on, "d MMM y")) if on else Markup("—")


def joined(parts: Iterable[str]) -> Markup:
    """Phrases of one line, each kept whole where the line breaks."""
    return Markup(" ").join(Markup('<span class="phrase">{}</span>').format(escape(part)) for part in parts)


def install(app: Flask) -> None:
    """Give the templates these words."""
    for name in (
        word,
        shown_html,
        outward,
        in_lines,
        terms_line,
        asked,
        act_name,
        stamped,
        covers,
        counted,
        topic,
        tongue,
        country,
        moment,
        second,
        done,
        day,
        joined,
    ):
        app.jinja_env.filters[name.__name__] = name
