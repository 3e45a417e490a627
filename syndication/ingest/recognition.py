"""What an entry says over again, another partner's item or a story of ours: found among all that came and went of late, and counted."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from syndication.feeds.likeness import address, said
from syndication.identity import given_here
from syndication.ingest.likeness import at_home, same
from syndication.ingest.triage import Repeated
from syndication.model.entry import Entry
from syndication.model.event import Event
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Flow, Partner
from syndication.model.story import Pubstatus, Story
from syndication.settings import Settings
from syndication.storage import events, items, ledger, likeness, publications, stories
from syndication.storage.database import Transaction

LOOKED_AT = 8
"""Of all that has some band in common with an entry, so many are read: those that have the most."""


def recognised(tx: Transaction, entries: Sequence[Entry], partner: Partner, settings: Settings) -> dict[str, Repeated]:
    """What each of a document's entries repeats, by its guid. A few questions for all of them."""
    names = stories.named(tx, [entry.guid for entry in entries])
    by_band = likeness.found(tx, sorted({band for entry in entries for band in entry.signature}), partner.id)
    supposed = {entry.guid: _supposed(entry, by_band) for entry in entries}
    subjects = {subject for found in supposed.values() for subject in found} | set(names.values())
    held = items.several(tx, sorted(subjects))
    told = {one: story for one in sorted(subjects - held.keys()) if (story := stories.get(tx, one))}
    found: dict[str, Repeated] = {}
    for entry in entries:
        words = said(entry.content) if supposed[entry.guid] else ()
        near = [told[one] for one in supposed[entry.guid] if one in told]
        named = [told[names[entry.guid]]] if entry.guid in names else []
        found[entry.guid] = Repeated(
            items=tuple(held[one] for one in supposed[entry.guid] if one in held and same(words, said(held[one].current.entry.content))),
            stories=tuple(dict.fromkeys((*named, *(one for one in near if _is_echo(entry, words, one, partner))))),
            ours=bool(named) or given_here(settings.domain, entry.guid),
            at_home=at_home(settings, entry.guid) or at_home(settings, entry.content.link),
        )
    return found


def _supposed(entry: Entry, by_band: dict[int, tuple[str, ...]]) -> list[str]:
    times = Counter(subject for band in entry.signature for subject in by_band.get(band, ()))
    return [subject for subject, _ in times.most_common(LOOKED_AT)]


def _is_echo(entry: Entry, words: Sequence[str], story: Story, partner: Partner) -> bool:
    """What we made of the partner's own is no echo when it sends that again; but what was killed or is held, an editor is to see again."""
    if story.current.pubstatus is Pubstatus.USABLE and any(stamp.partner == partner.id for stamp in story.current.sources):
        return False
    content = story.current.content
    here, there = entry.content.link, content.link
    return bool(here and there and address(here) == address(there)) or same(words, said(content))


def count(tx: Transaction, story: Story, flow: Flow, now: datetime) -> None:
    """The flow's partner has used that story of ours: counted once, under the agreement by which the partner got it; one that it did not
    get from us is not counted.
    """
    given = [one for one in publications.holding(tx, story.id) if one.stamp.partner == flow.partner]
    if not given or given[0].flow in ledger.kinds(tx, Movement.PUBLISHED, story.id):
        return
    content = story.current.content
    ledger.enter(tx, (Line(Movement.PUBLISHED, story.id, given[0].stamp, content.type, content.language, now),))
    events.record_event(tx, Event(now, flow.partner, "echo", story.id, f"it came back on {flow.id}"))
