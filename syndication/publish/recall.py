"""Who got a story, and who has been told since that it was taken back or changed: the proof of a kill (A5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from syndication.model.publication import Fetch, Publication, PublicationKind


@dataclass(frozen=True, slots=True)
class Recipient:
    """One flow on which the story was placed.

    `got`: the last fetch of a version of it, None if its partner never had one. `last`: what was placed there last; `told`: when that was
    fetched, None while it was not.
    """

    flow: str
    got: Fetch | None
    last: Publication
    told: datetime | None

    @property
    def waits(self) -> bool:
        """Whether this partner has a version, and has not yet fetched what came after it."""
        return self.got is not None and self.told is None


def recipients(publications: Iterable[Publication], fetches: Iterable[Fetch]) -> tuple[Recipient, ...]:
    """Of every flow on which a story was placed, by flow. Pure. `publications`: all of the story; `fetches`: of all of them."""
    last: dict[str, Publication] = {}
    for one in sorted(publications, key=lambda one: one.sequence):
        last[one.flow] = one
    got: dict[str, Fetch] = {}
    told: dict[int, datetime] = {}
    for fetch in sorted(fetches, key=lambda fetch: fetch.sequence):
        told[fetch.sequence] = fetch.at
        if fetch.kind is PublicationKind.STORY:
            got[fetch.flow] = fetch
    return tuple(Recipient(flow, got.get(flow), one, told.get(one.sequence)) for flow, one in sorted(last.items()))
