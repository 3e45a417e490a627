"""What a database that came back from an older backup lacks of the journal, and doing it again: kills, ends of tokens, acts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from syndication.agreements import register
from syndication.errors import ConfigError
from syndication.logs import logger
from syndication.model.agreement import Act
from syndication.model.event import Event
from syndication.model.journal import Buried, Deed, Enacted, Ending, Killed, Revoked
from syndication.review import desk
from syndication.settings import Settings
from syndication.storage import accounts, agreements, events, items, partners, stories
from syndication.storage.database import Transaction


def lacking(tx: Transaction, deeds: Sequence[Deed], agency: str) -> tuple[Deed, ...]:
    """Those of the deeds that the database does not know of. What they were done to may have come after the backup: then there is nothing
    to do.
    """
    alive = stories.alive(tx, [deed.story for deed in deeds if isinstance(deed, Killed)])
    standing = accounts.standing(tx, [deed.token for deed in deeds if isinstance(deed, Revoked | Ending)])
    undead = _undead(tx, [deed for deed in deeds if isinstance(deed, Buried)])
    undone = _undone(tx, [deed for deed in deeds if isinstance(deed, Enacted)], agency)
    found: list[Deed] = []
    for deed in deeds:
        match deed:
            case Killed():
                lacks = deed.story in alive
            case Revoked():
                lacks = deed.token in standing
            case Ending():
                ends = standing.get(deed.token, deed.at)
                lacks = ends is None or ends > deed.at
            case Buried():
                lacks = deed in undead
            case Enacted():
                lacks = deed in undone
        if lacks:
            found.append(deed)
    return tuple(found)


def replay(tx: Transaction, deeds: Sequence[Deed], settings: Settings, now: datetime) -> tuple[Deed, ...]:
    """Do again what the database lacks, each as it was done then; returns those. Whoever has such a story is told of its kill now."""
    tx.in_order()
    lacks = lacking(tx, deeds, settings.agency)
    # A story by its own deed first: one that goes with what it was made from, or with its item, has the version and the words of its own.
    killed = [deed for deed in lacks if isinstance(deed, Killed)]
    for one in killed:
        story = stories.get(tx, one.story)
        if story is not None:
            desk.kill_again(tx, story, settings, one, now)
    for one in killed:
        for derived in stories.derived(tx, one.story):
            desk.kill_again(tx, derived, settings, one, now)
    done = [deed for deed in lacks if _again(tx, deed, settings, now)]
    for deed in done:
        events.record_event(tx, Event(now, "journal", "did again", _subject(deed), type(deed).__name__.lower()))
        logger.warning("done again from the journal", what=type(deed).__name__.lower(), of=_subject(deed))
    return tuple(done)


def _again(tx: Transaction, deed: Deed, settings: Settings, now: datetime) -> bool:
    """Whether it is done. An act that is refused, as after an end that was recorded anew, is told to the log."""
    match deed:
        case Killed():
            pass  # with all the others
        case Revoked():
            accounts.revoke(tx, deed.token, deed.at) or accounts.revoke_newsroom(tx, deed.token, deed.at)
        case Ending():
            accounts.end(tx, deed.token, deed.at)
        case Buried():
            desk.bury(tx, deed, settings, now)
        case Enacted():
            try:
                register.act(tx, settings.agency, deed.agreement, deed.act, deed.at, deed.by)
            except ConfigError as error:
                logger.error("an act of the journal cannot be done again", agreement=deed.agreement, act=str(deed.act.kind), why=str(error))
                return False
    return True


def _undead(tx: Transaction, buried: Sequence[Buried]) -> set[Buried]:
    by_partner: defaultdict[str, list[Buried]] = defaultdict(list)
    for one in buried:
        by_partner[one.partner].append(one)
    found: set[Buried] = set()
    for partner, mine in by_partner.items():
        if partners.get(tx, partner) is not None:
            dead = items.killed(tx, partner, [one.guid for one in mine])
            found.update(one for one in mine if one.guid not in dead)
    return found


def _undone(tx: Transaction, enacted: Sequence[Enacted], agency: str) -> set[Enacted]:
    by_reference: defaultdict[str, list[Enacted]] = defaultdict(list)
    for one in enacted:
        by_reference[one.agreement].append(one)
    # Of most databases nothing was done to any agreement by hand: then the register need not be read.
    known = {one.reference: one for one in agreements.register(tx, agency).dossiers} if enacted else {}
    found: set[Enacted] = set()
    for reference, mine in by_reference.items():
        if reference not in known:
            continue
        left: list[Act] = register.new_acts(tuple(one.act for one in mine), known[reference].acts)
        for one in reversed(mine):
            if one.act in left:
                left.remove(one.act)
                found.add(one)
    return found


def _subject(deed: Deed) -> str:
    match deed:
        case Killed():
            return deed.story
        case Buried():
            return deed.guid
        case Revoked() | Ending():
            return deed.token
        case Enacted():
            return deed.agreement
