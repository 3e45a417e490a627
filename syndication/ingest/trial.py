"""A feed looked at as a poll would, and nothing of it kept: what came, and what would become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from syndication.agreements.governing import Standing
from syndication.agreements.subject import mapped, origins
from syndication.errors import FeedError
from syndication.feeds.parse import absolute
from syndication.feeds.sanitize import clean_text
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, FetchRequest, FetchResult
from syndication.fetch.guard import Guard
from syndication.fetch.headers import links
from syndication.ingest.marking import marked
from syndication.ingest.triage import Judgement, Known, judge
from syndication.model.entry import Entry, ParsedFeed
from syndication.model.partner import Flow, Partner

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One entry. `verdict`: what becomes of it where it is new and comes now by the flow; empty where no flow is polled from that host."""

    headline: str
    date: datetime | None
    language: str
    guid: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a visit found. `asked`: how long the partner asks to stay away; `spoken`: the languages of the entries, as they say;
    `flow`: of ours, that is polled from there; `governed`: under what, or why under nothing.
    """

    url: str
    hops: tuple[str, ...]
    moved_to: str | None
    size: int
    content_type: str | None
    certificate_until: datetime | None
    title: str
    language: str | None
    spoken: tuple[str, ...]
    asked: timedelta | None
    skip_hours: tuple[int, ...]
    skip_days: tuple[int, ...]
    hubs: tuple[str, ...]
    older: str | None
    entries: int
    tombstones: int
    unreadable: int
    note: str | None
    flow: str | None
    governed: str
    samples: tuple[Sample, ...]


def of_host(url: str, flows: Sequence[Flow]) -> Flow | None:
    """Of these inbound flows the one with that address, else the first that is polled from its host."""
    host = _host(url)
    same = [one for one in flows if one.url == url] or [one for one in flows if one.url and one.host == host]
    return same[0] if same else None


def attempt(
    client: Client, parser: Parser, guard: Guard, url: str, flow: Flow | None, people: Sequence[Partner], standing: Standing
) -> Trial:
    """Fetch it, read it, and ask the gate about its first entries. `people`: every partner. Raises FlowError where there is no feed."""
    result = client.get(FetchRequest(url=url, guard=guard))
    if result.body is None:
        raise FeedError(f"{url} says that nothing has changed since a visit we never made")
    spoken = flow.languages[0] if flow else "und"
    feed = parser.parse(result.body, content_type=result.content_type, base_url=result.url, language=spoken, now=standing.at)
    sender = next((one for one in people if flow and one.id == flow.partner), None)
    return _told(result, marked(feed, sender.markers, {}, standing.at) if sender else feed, flow, people, standing)


def _told(result: FetchResult, feed: ParsedFeed, flow: Flow | None, people: Sequence[Partner], standing: Standing) -> Trial:
    return Trial(
        url=result.url,
        hops=result.hops,
        moved_to=result.moved_to,
        size=result.size,
        content_type=clean_text(result.content_type or "", 100) or None,
        certificate_until=result.certificate_until,
        title=feed.title,
        language=feed.language,
        spoken=tuple(sorted({entry.content.language for entry in feed.entries})),
        asked=max((wait for wait in (result.max_age, feed.ttl) if wait), default=None),
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        hubs=_hubs(result) or feed.links.hubs,
        older=feed.links.prev_archive or feed.links.next_page,
        entries=len(feed.entries),
        tombstones=len(feed.tombstones),
        unreadable=len(feed.unreadable),
        note=feed.note,
        flow=flow.id if flow else None,
        governed=standing.governing(flow).reason if flow else f"no flow of ours is polled from {_host(result.url)}",
        samples=tuple(_sample(entry, flow, people, standing) for entry in feed.entries[:SHOWN]),
    )


def _hubs(result: FetchResult) -> tuple[str, ...]:
    """Those of its Link headers, which outrank its document's."""
    return tuple(found for rel, address in links(result.link) if rel == "hub" and (found := absolute(result.url, address)))


def _sample(entry: Entry, flow: Flow | None, people: Sequence[Partner], standing: Standing) -> Sample:
    content = entry.content
    verdict = ""
    sender = next((one for one in people if flow and one.id == flow.partner), None)
    if flow and sender:
        known = Known(origins=origins(entry, sender, people))
        verdict = _verdict(judge(mapped(entry, sender, flow), known, flow, standing))
    return Sample(content.headline, entry.updated or entry.published, content.language, entry.guid, verdict)


def _verdict(judged: Judgement) -> str:
    stamp = judged.asked.answer.stamp if judged.asked else None
    if stamp is None:
        return f"{judged.triage}: {judged.reason}"
    return "; ".join((f"{judged.triage}, under {stamp.agreement} v{stamp.version}, {stamp.clause}", *judged.flags))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
