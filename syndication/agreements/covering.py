"""What a grant covers, and what it excludes: its types, languages and topics held against a subject. Pure."""

import re

from syndication.model.agreement import EVERY, Agreement, Grant
from syndication.model.clearance import Subject
from syndication.model.partner import Direction

TOPIC = "medtop:"
TOP_LEVEL = re.compile(r"medtop:(?:0[1-9]|1[0-7])000000")
"""The seventeen Media Topics under which all the others stand."""


def judged(subject: Subject, grants: tuple[Grant, ...]) -> Grant | None:
    """The first of these grants that covers the subject; where none does, the first of those that come nearest."""
    return max(grants, key=lambda grant: sum(_clauses(subject, grant)), default=None)


def covers(subject: Subject, grant: Grant) -> bool:
    """The grant covers the type, the language and the topics, all three."""
    return all(_clauses(subject, grant))


def names(subject: Subject, grant: Grant) -> bool:
    """The grant names the type, the language and some topic, whatever it excludes.

    So a denial is read, for otherwise what a clause excludes from 'own use only' would be free to go on (Z19).
    """
    told = bool(granted(subject.topics, grant)) if subject.topics else EVERY in grant.topics
    return subject.type in grant.types and speaks(grant.languages, subject.language) and told


def grants_in(agreement: Agreement | None, direction: Direction) -> tuple[Grant, ...]:
    """What the agreement grants in that direction, in the order of its file; no agreement grants nothing."""
    return tuple(grant for grant in agreement.grants if grant.direction is direction) if agreement else ()


def speaks(ranges: tuple[str, ...], language: str) -> bool:
    """RFC 4647 basic filtering: `en` covers `en-GB`, and not `eng`."""
    tag = language.casefold()
    return any(one == EVERY or tag == one.casefold() or tag.startswith(f"{one.casefold()}-") for one in ranges)


def about(topics: tuple[str, ...], grant: Grant) -> bool:
    """Some topic is granted, and none is barred."""
    return (bool(granted(topics, grant)) if topics else EVERY in grant.topics) and barred(topics, grant) is None


def barred(topics: tuple[str, ...], grant: Grant) -> str | None:
    """Why the grant keeps these topics out, as what follows a name; None where it does not.

    Topics are compared as they stand, without the tree that they stand in. So where a Media Topic is excluded, what names no topic of
    the top level cannot be told to be outside of it, and is kept out too.
    """
    if EVERY in grant.topics_out:
        return "everything is excluded"
    if outside := excluded(topics, grant):
        return f"{', '.join(outside)} is excluded"
    shut_out = [topic for topic in grant.topics_out if topic.startswith(TOPIC)]
    if shut_out and not any(TOP_LEVEL.fullmatch(topic) for topic in topics):
        named = f"of {', '.join(topics)} none is" if topics else "it names no subject"
        return f"{named} of the top level, so it cannot be told to be outside what is excluded: {', '.join(shut_out)}"
    return None


def granted(topics: tuple[str, ...], grant: Grant) -> tuple[str, ...]:
    """Which of the topics the grant names."""
    return tuple(topic for topic in topics if topic in grant.topics or EVERY in grant.topics)


def excluded(topics: tuple[str, ...], grant: Grant) -> tuple[str, ...]:
    """Which of the topics the grant excludes. `*` excludes them all: whoever wrote it did not mean nothing."""
    return tuple(topic for topic in topics if topic in grant.topics_out or EVERY in grant.topics_out)


def _clauses(subject: Subject, grant: Grant) -> tuple[bool, bool, bool]:
    return subject.type in grant.types, speaks(grant.languages, subject.language), about(subject.topics, grant)
