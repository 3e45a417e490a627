"""What the rules say, in the desk's language: an English sentence is known by its shape, and said again with its values.

The rules speak English and know no desk: what they said is kept in decisions, compared, and read by programs. So a sentence is taken apart
only where it is shown, here. A sentence of the rules that is not in this list fails a test.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from flask import Flask
from flask_babel import get_locale
from markupsafe import Markup, escape

from syndication.model.agreement import Alteration, ContentType, OnwardUse, Period
from syndication.model.clearance import Clause
from syndication.model.partner import FlowState
from syndication.web.catalog import gettext
from syndication.web.words import word

PLACE: Final = re.compile(r"%\((\w+)\)s")
BETWEEN: Final = re.compile(r"(, |: | \(|\))")
WORDS: Final[dict[str, type[StrEnum]]] = {
    "kinds": ContentType,
    "names": ContentType,
    "more": ContentType,
    "state": FlowState,
    "terms": OnwardUse,
    "alteration": Alteration,
}
"""What a place may hold, besides names and numbers; `before` is what another place of its sentence was."""
ONE_OF: Final = {"period": ("a day", "a week", "a month", "a quarter", "a year", *Period), "state": tuple(FlowState)}
"""Places that hold one of these, or the sentence is another."""
NESTED: Final = frozenset({"agreement", "sentence"})
"""Places that may hold a sentence of their own."""
VERBATIM: Final = frozenset({"text", "cause", "fault"})
"""Places with somebody's own words."""


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    """Marks a text for the catalogs, and leaves it."""
    return text


SENTENCES: Final = (
    # The gate: which agreement governs, and how it stands.
    N_("there is no agreement %(reference)s"),
    N_("%(reference)s is succeeded in a circle: mend 'succeeds' in the agreements' files"),
    N_("%(reference)s may have been succeeded: %(sentence)s"),
    N_("%(reference)s is in the database and cannot be read, so nothing flows under it (%(fault)s)"),
    N_("%(sentence)s; what it denies between %(partner)s and us is not known, so nothing moves"),
    N_("%(party)s is no party to %(agreement)s"),
    N_("%(reference)s, which succeeded %(older)s,"),
    N_("%(agreement)s is a draft: it is not signed"),
    N_("%(agreement)s is signed, but not in force before %(day)s"),
    N_("%(agreement)s counts its days in the zone %(zone)s, which is not known: nothing moves under it"),
    N_("%(agreement)s was terminated on %(day)s (%(cause)s), and nothing in force succeeds it"),
    N_("%(agreement)s ended on %(day)s; its terms go on for %(days)s days of grace, until %(last)s"),
    N_("%(agreement)s expired on %(day)s, and nothing in force succeeds it"),
    N_("%(agreement)s expired on %(day)s, its days of grace on %(last)s, and nothing in force succeeds it"),
    N_("%(agreement)s was suspended on %(day)s (%(cause)s), and has not been resumed"),
    N_("%(agreement)s is in force since %(day)s, until %(last)s"),
    N_("%(agreement)s is in force since %(day)s, without end"),
    # The gate, clause by clause.
    N_("no agreement is in force, so nothing is granted"),
    N_("the agreement grants nothing that goes from us to them"),
    N_("the agreement grants nothing that goes from them to us"),
    N_("%(agreement)s grants nothing that goes from us to them"),
    N_("%(agreement)s grants nothing that goes from them to us"),
    N_("%(flow)s is paused: what goes out is placed, and is not read before it is opened"),
    N_("%(flow)s is %(state)s"),
    N_("the agreement grants content that goes from us to them"),
    N_("the agreement grants content that comes from them to us"),
    N_("%(names)s is granted"),
    N_("%(names)s is not among what is granted: %(more)s"),
    N_("%(flow)s carries %(names)s, not %(more)s"),
    N_("%(names)s is granted, and %(flow)s carries it"),
    N_("everything is excluded"),
    N_("%(names)s is excluded"),
    N_("it names no subject of the top level, so it cannot be told to be outside what is excluded: %(names)s"),
    N_("of %(names)s none is of the top level, so it cannot be told to be outside what is excluded: %(more)s"),
    N_("it names no subject, and what is granted depends on the subject"),
    N_("asked when it goes out"),
    N_("it is our own"),
    N_("what it came under lets it go on: %(terms)s"),
    N_("it came from %(partner)s, and does not go back there"),
    N_("it came from %(partner)s for %(terms)s, not for %(to)s"),
    N_("content of this kind from %(partner)s is for our own use only"),
    N_("it comes from %(partner)s, by way of %(way)s, and does not go back there"),
    N_("it comes from %(partner)s, by way of %(way)s, and nothing in force between %(other)s and us lets it go on to %(to)s"),
    N_("written when it is accepted"),
    N_("written as it goes out"),
    N_("none is asked for"),
    N_("it says: %(text)s"),
    N_("the credit line is missing"),
    N_("it is usable"),
    N_("it is withheld: it comes in, held"),
    N_("it is withheld"),
    N_("it is killed"),
    N_("a kill carries no content: it is carried out, not let in"),
    N_("it is under no embargo"),
    N_("it comes in; its embargo is until %(hour)s"),
    N_("its embargo ended at %(hour)s"),
    N_("it goes out before %(hour)s, marked"),
    N_("it is under embargo until %(hour)s"),
    N_("no agreement is in force, so nothing is counted"),
    N_("the agreement sets no ceiling for it"),
    N_("counted when it is placed"),
    N_("counted when it is accepted"),
    N_("%(count)s of %(most)s %(period)s are used"),
    N_("the ceiling of %(most)s %(period)s is reached (%(text)s); it is free again from %(hour)s"),
    N_("it is counted already, and not twice"),
    N_("counted from when it comes in"),
    N_("its use ended at %(hour)s, %(days)s days after it came"),
    N_("it may not be used after the end of what it came under: %(sentence)s"),
    N_("its use has not ended"),
    # The duties that go with it.
    N_("the credit line is obligatory, %(place)s: %(text)s"),
    N_("its use ends %(days)s days after it was received"),
    N_("its use ends at %(hour)s"),
    N_("its text is deleted when its use has ended"),
    N_("only in: %(names)s"),
    N_("not in: %(names)s"),
    N_("no translation by machine"),
    N_("no training of models"),
    N_("under embargo until %(hour)s"),
    # What is flagged for the editor.
    N_("withheld by the partner"),
    N_("says it comes from: %(text)s"),
    N_("note to editors: %(text)s"),
    N_("the text is wholly different from the one before: the partner may have used the id twice"),
    N_("marked as a kill ('%(text)s'): see what it takes back"),
    N_("marked as a hold ('%(text)s')"),
    N_("marked as under embargo ('%(text)s'), with no hour that can be read: withheld"),
    N_("it has no headline: the first words stand in for it"),
    N_("its use ended on %(hour)s: withheld"),
    N_("our own story, come back: %(story)s"),
    N_("our own story, come back: %(story)s, which is withheld"),
    N_("our own story, come back: %(story)s, which is canceled"),
    N_("the partner marked it with the urgency %(number)s"),
    N_("taken as an ordinary one: its partner's urgent items of this hour are used up, or it was ordinary before"),
    N_("its categories are not mapped (%(text)s): it is taken to be about what its flow is about"),
    N_("its link leads to %(host)s, a domain outside the agreement: it is shown as text"),
    # What a flow is in trouble for.
    N_("the partner wants us no more"),
    N_("%(number)s polls in a row failed, the last: %(text)s"),
    N_("its entries came under new ids, with titles that are known: what is new waits until someone says whether they are the same"),
    N_("gone quiet, by its own rhythm of the last weeks (such a silence was to be expected once in %(number)s)"),
    N_("the agreement asks for more: %(count)s of at least %(least)s in this %(period)s"),
    N_("its dates lie %(hours)s ahead of the time at which its stories come: its clock or zone is wrong"),
    N_("its dates lie %(hours)s behind the time at which its stories come: its clock or zone is wrong"),
    N_("may have missed stories: nothing of the last good poll was in a document"),
    # What a change of an agreement widens.
    N_("%(agreement)s is new: what it grants from %(day)s on has not moved under it before"),
    N_("%(agreement)s was a draft, under which nothing moves; signed, what it grants moves from %(day)s"),
    N_("version %(number)s was a draft, under which nothing moves from %(day)s on"),
    N_("%(agreement)s is resumed: from %(day)s on what it grants moves again"),
    N_("%(party)s joins %(agreement)s: from %(day)s on what it grants moves with %(to)s too"),
    N_("it succeeds %(older)s: the flows that name that one run under this one"),
    N_("it succeeds %(older)s no more: that one may be in force again"),
    N_("%(party)s is a new party: what is granted moves with %(to)s too"),
    N_("it is in force from %(day)s, and was from %(before)s"),
    N_("its term has no end, and ended on %(before)s"),
    N_("its term ends on %(day)s, and ended on %(before)s"),
    N_("it renews by %(number)s months, and renewed by %(before)s"),
    N_("it renews by %(number)s months, and did not renew"),
    N_("it renews from %(day)s, and renewed from %(before)s"),
    N_("notice is to be given %(number)s days before the end, and was %(before)s: a late one ends nothing"),
    N_("its terms go on for %(number)s days after the end, and went on for %(before)s"),
    N_("its days are those of %(zone)s, and were those of %(before)s: they begin and end at other hours"),
    N_("%(kinds)s in %(names)s about %(more)s comes in, and did not"),
    N_("%(kinds)s in %(names)s about %(more)s goes out, and did not"),
    N_("what comes in about %(names)s is excluded no more"),
    N_("what goes out about %(names)s is excluded no more"),
    N_("it may go on to %(names)s, and might not"),
    N_("%(kinds)s inside what it covers passes, and was left out"),
    N_("not all of it is for our own use only, as it was; other agreements may let it go on"),
    N_("onward use is %(terms)s, and was %(before)s"),
    N_("alteration is %(alteration)s, and was %(before)s"),
    N_("the credit line is asked for no more: %(text)s"),
    N_("the credit line is '%(text)s', and was '%(before)s'"),
    N_("what is under embargo is delivered before its hour, marked, and was withheld"),
    N_("it may be used for %(number)s days, and might be for %(before)s"),
    N_("it may be used without limit, and might be for %(before)s"),
    N_("it may stay in use after the end of the agreement"),
    N_("its text is not deleted when its use has ended"),
    N_("it may be translated by machine"),
    N_("models may be trained on it"),
    N_("it is accepted at once, and waited for an editor"),
    N_("it may be used everywhere, and might be only in %(names)s"),
    N_("it may be used in %(names)s too"),
    N_("the ceiling of %(most)s %(period)s is gone (%(text)s)"),
    N_("the ceiling is %(number)s %(period)s, and was %(most)s (%(text)s)"),
    N_("its exclusion of %(names)s holds no more against %(references)s"),
    N_("it keeps for own use no more what %(references)s lets go on"),
)
PIECES: Final = (
    N_("everything"),
    N_("nothing"),
    N_("anything"),
    N_("anyone"),
    N_("every language"),
    N_("every subject"),
    N_("before the text"),
    N_("after the text"),
    N_("as the byline"),
    N_("its author"),
    N_("day"),
    N_("week"),
    N_("month"),
    N_("quarter"),
    N_("year"),
    N_("a day"),
    N_("a week"),
    N_("a month"),
    N_("a quarter"),
    N_("a year"),
)


def _shape(sentence: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    parts = PLACE.split(sentence)
    return sentence, tuple(parts[::2]), tuple(parts[1::2])


_WHOLE: Final = frozenset(one for one in SENTENCES if not PLACE.search(one))
_SHAPES: Final = sorted(map(_shape, (one for one in SENTENCES if one not in _WHOLE)), key=lambda one: -sum(map(len, one[1])))
"""The ones with most words of their own first, so that what could be two sentences is the one that says more."""


@lru_cache(maxsize=4096)
def taken_apart(said: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Which sentence that is, and what stands in its places; None for one that is not known. In time linear in its length."""
    if said in _WHOLE:
        return said, ()
    for sentence, words, places in _SHAPES:
        values = _values(said, words)
        if values is not None and all(value in ONE_OF.get(place, (value,)) for place, value in zip(places, values, strict=True)):
            return sentence, tuple(zip(places, values, strict=True))
    return None


def _values(said: str, words: tuple[str, ...]) -> list[str] | None:
    """What stands between these words, each looked for once, from the left; the first and the last at the two ends."""
    first, *between, last = words
    if not said.startswith(first) or not said.endswith(last) or len(said) < len(first) + len(last):
        return None
    values, at, end = [], len(first), len(said) - len(last)
    for one in between:
        found = said.find(one, at, end)
        if found < 0:
            return None
        values.append(said[at:found])
        at = found + len(one)
    values.append(said[at:end])
    return values if all(values) else None


def again(said: str) -> str | None:
    """The sentence, or the list of sentences, in the desk's language; None for one that is not known. Its clause stays before it."""
    if (listed := _list(said, "; ")) is not None:
        return listed
    before, colon, rest = said.partition(": ")
    clause = next((word(one) for one in Clause if one.value == before), None)
    apart = None if clause else taken_apart(said)
    if apart is not None:
        sentence, values = apart
        return gettext(sentence, **{place: _again(place, value, sentence) for place, value in values})
    if (listed := _list(said, ", ")) is not None:
        return listed
    known = again(rest) if colon else None
    return None if known is None else f"{clause or before}: {known}"


def _list(said: str, between: str) -> str | None:
    pieces = [again(one) for one in said.split(between)] if between in said else [None]
    return None if None in pieces else between.join(filter(None, pieces))


def _again(place: str, value: str, sentence: str) -> str:
    if place in VERBATIM:
        return value
    if place in NESTED:
        return again(value) or value
    if place == "before":
        place = next((one for one in PLACE.findall(sentence) if one in WORDS), place)
    return "".join(_piece(one, WORDS.get(place)) for one in BETWEEN.split(value))


def _piece(value: str, kind: type[StrEnum] | None) -> str:
    if value in PIECES:
        return gettext(value)
    return next((word(one) for one in kind or () if one.value == value), value)


def told(said: str) -> Markup:
    """What the rules said, on a page: in the desk's language, or in English and marked so."""
    if str(get_locale()) == "en":
        return escape(said)
    known = again(said)
    return Markup('<span lang="en">{}</span>').format(said) if known is None else escape(known)


def install(app: Flask) -> None:
    """Give the templates this filter."""
    app.jinja_env.filters["told"] = told
