"""What the gate is asked about: the facts of an entry or a story, as one Subject."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from syndication.model.clearance import Subject
from syndication.model.entry import Entry
from syndication.model.partner import Flow, Partner
from syndication.model.story import Content, Pubstatus, StoryVersion


def mapped(entry: Entry, partner: Partner, flow: Flow) -> Entry:
    """The same entry with the Media Topics its categories stand for; where nothing is known, those of the flow, flagged (S08). Flagged,
    too, where its link leads elsewhere.
    """
    said = tuple(dict.fromkeys((*entry.content.topics, *partner.topics((*entry.categories, *entry.content.topics)))))
    flags = entry.flags
    if not said and entry.categories:
        unknown = ", ".join(entry.categories)
        flags = (*flags, f"its categories are not mapped ({unknown}): it is taken to be about what its flow is about")
    if (host := outside(entry.content.link, partner, flow)) is not None:
        flags = (*flags, f"its link leads to {host}, a domain outside the agreement: it is shown as text")
    return replace(entry, content=replace(entry.content, topics=said or flow.topics), flags=flags)


def unmapped(entries: Iterable[Entry], partner: Partner) -> tuple[tuple[str, int], ...]:
    """The categories of these that the partner's file maps to nothing, and how many have each; those of most first, for someone to map."""
    spelled: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for entry in entries:
        unknown = {name.casefold(): name for name in entry.categories if not partner.topics((name,))}
        counted.update(unknown.keys())
        spelled = {**unknown, **spelled}
    return tuple((spelled[name], many) for name, many in sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def outside(link: str | None, partner: Partner, flow: Flow) -> str | None:
    """The host of that link, where it is neither of the partner's home page nor of its feed, nor above or below them (S20)."""
    host = _host(link)
    homes = {_host(partner.homepage), flow.host.removeprefix("www.")}
    near = any(host == home or host.endswith(f".{home}") or home.endswith(f".{host}") for home in homes)
    return host if host and not near else None


def _host(address: str | None) -> str:
    try:
        return (urlsplit(address or "").hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        # No address at all: what stands there leads nowhere.
        return ""


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
