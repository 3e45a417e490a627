"""A Partner is the other agency; a Flow is one directed stream between it and us."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit


class Direction(StrEnum):
    """Which way a Flow or a Grant points, seen from our agency."""

    INBOUND = "in"
    OUTBOUND = "out"


class FlowState(StrEnum):
    """`CLOSED` is a flow that is no longer in the files; its records stay."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Told(StrEnum):
    """What a flow that comes in makes of a push from its partner's hub: that there is something to poll, or (`CONTENT`) what it holds."""

    HINT = "hint"
    CONTENT = "content"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Category:
    """What a partner calls a subject, in words or as a code, and the IPTC Media Topics (`medtop:15000000`) it stands for.

    Name every topic that applies, the parent too: topics are compared as they stand.
    """

    name: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Markers:
    """The words by which a partner marks a kill, a hold or an embargo where its documents have no field for it, as they stand."""

    kill: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    embargo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """One directed stream, under the agreement it names.

    `languages`: BCP 47; the first is what an item without a language of its own is taken to be in. An outbound flow
    carries only these. `topics`: what items of an inbound flow without a known category are about.
    `url`, `interval` and `push` are an inbound flow's; an outbound one has none.
    """

    id: str
    partner: str
    direction: Direction
    agreement: str
    title: str
    languages: tuple[str, ...]
    state: FlowState = FlowState.OPEN
    url: str | None = None
    interval: timedelta | None = None
    topics: tuple[str, ...] = ()
    push: Told = Told.HINT

    @property
    def host(self) -> str:
        """Of an inbound flow: the server it is polled from, as a name or an address."""
        return urlsplit(self.url or "").hostname or ""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another agency. `token_in_address`: its feeds may be asked for with `?token=` (A01: only where a partner asks for it)."""

    id: str
    name: str
    country: str
    homepage: str | None = None
    categories: tuple[Category, ...] = ()
    token_in_address: bool = False
    markers: Markers = Markers()

    def topics(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What its own category names stand for: Media Topics, and the category itself (`trc:sport`); unknown names, nothing (S08)."""
        known = {category.name.casefold(): category for category in self.categories}
        meant = [known[name.casefold()] for name in names if name.casefold() in known]
        return tuple(dict.fromkeys(code for category in meant for code in (*category.topics, self.code(category.name))))

    def called(self, topics: tuple[str, ...]) -> tuple[str, ...]:
        """What it calls what is about these Media Topics: each category of its own all of whose topics are among them."""
        return tuple(one.name for one in self.categories if one.topics and set(one.topics) <= set(topics))

    def code(self, name: str) -> str:
        """A category of its own as a grant names it."""
        return f"{self.id}:{name.casefold()}"

    def is_called(self, name: str) -> bool:
        """Whether that is its id, its name, or its home page's host."""
        host = (urlsplit(self.homepage).hostname or "") if self.homepage else ""
        said = name.strip().casefold()
        known = {self.id, self.name.casefold(), host.removeprefix("www.")} - {""}
        return said in known or (urlsplit(said).hostname or "").removeprefix("www.") in known
