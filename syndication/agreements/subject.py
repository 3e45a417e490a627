"""What the gate is asked about: the facts of an entry or a story, as one Subject."""

from dataclasses import replace

from syndication.model.clearance import Subject
from syndication.model.entry import Entry
from syndication.model.partner import Flow, Partner
from syndication.model.story import Content, Pubstatus, StoryVersion


def mapped(entry: Entry, partner: Partner, flow: Flow) -> Entry:
    """The same entry with the Media Topics its categories stand for; where nothing is known, those of the flow (S08)."""
    named = tuple(dict.fromkeys((*entry.content.topics, *partner.topics(entry.categories))))
    return replace(entry, content=replace(entry.content, topics=named or flow.topics))


def of_entry(entry: Entry) -> Subject:
    """An entry as it came, its topics already `mapped`."""
    return _of(entry.content, entry.pubstatus)


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
