"""What the gate is asked about: the facts of an entry or a story, as one Subject."""

from collections.abc import Iterable
from dataclasses import replace

from syndication.model.clearance import Subject
from syndication.model.entry import Entry
from syndication.model.partner import Flow, Partner
from syndication.model.story import Content, Pubstatus, StoryVersion


def mapped(entry: Entry, partner: Partner, flow: Flow) -> Entry:
    """The same entry with the Media Topics its categories stand for; where nothing is known, those of the flow, flagged (S08)."""
    said = tuple(dict.fromkeys((*entry.content.topics, *partner.topics((*entry.categories, *entry.content.topics)))))
    flags = entry.flags
    if not said and entry.categories:
        unknown = ", ".join(entry.categories)
        flags = (*flags, f"its categories are not mapped ({unknown}): it is taken to be about what its flow is about")
    return replace(entry, content=replace(entry.content, topics=said or flow.topics), flags=flags)


def origins(entry: Entry, sender: Partner, partners: Iterable[Partner]) -> tuple[str, ...]:
    """The partners of ours, besides its sender, that the entry says it comes from. A claim: it narrows, and never widens (S02, S22)."""
    claimed = entry.claimed_source
    return tuple(one.id for one in partners if claimed and one.id != sender.id and one.is_called(claimed))


def of_entry(entry: Entry, origins: tuple[str, ...] = ()) -> Subject:
    """An entry as it came, its topics already `mapped`."""
    return replace(_of(entry.content, entry.pubstatus), origins=origins)


def of_story(version: StoryVersion, pubstatus: Pubstatus) -> Subject:
    """A version of a story; `pubstatus` is the story's of now, which may be another than that version's."""
    return replace(_of(version.content, pubstatus), sources=version.sources)


def _of(content: Content, pubstatus: Pubstatus) -> Subject:
    return Subject(
        type=content.type,
        language=content.language,
        topics=content.topics,
        pubstatus=pubstatus,
        embargo_until=content.embargo_until,
        credit_line=content.credit_line,
        types_inside=tuple(dict.fromkeys(rendition.type for rendition in content.renditions)),
    )
