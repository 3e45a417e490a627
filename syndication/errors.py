"""Every failure this program can name, as one tree.

    SyndicationError
    ├── InputError            what a person or a file gave us is wrong; nothing was taken
    │   ├── ConfigError       settings, partners or agreements: carries every fault found, not the first
    │   ├── StoryError        a story that cannot be read, or an edit that the terms do not allow
    │   └── MediaError        a picture, audio or video that is not what it says, or is too large
    ├── NotFoundError         what was named does not exist
    ├── RefusedError          it exists, but may not be done: by its state, or by the terms of an agreement
    │   └── ConflictError     someone else acted in between; says what happened meanwhile
    │       ├── KnownError    a story with that uri is here already
    │       └── StaleError    another version stands than the one that was meant
    ├── FlowError             an inbound flow could not be polled; stored with its flow, never shown as "0 items"
    │   ├── FetchError        the visit failed: address, network, time, size, status
    │   └── FeedError         what came is no feed that can be read
    └── StorageError          the database could not do it: busy, full, not migrated

Raised where the cause is known, translated at the border, caught in two places: the outcome of a poll and the web page.
"""

from dataclasses import dataclass


class SyndicationError(Exception):
    """The root. `str(error)` is a sentence for a person: what happened, to what, and what to do."""


class InputError(SyndicationError):
    """What a person or a file gave us is wrong; nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a file: where it is (`config/partners/trc.toml`, `flows[0].url`) and what is wrong with it.

    `file` is empty for a document that came without a name; `key` is then its place there, a JSON pointer or an XPath.
    """

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class ConfigError(InputError):
    """The files of `config/` were refused whole. `faults` holds all that was found, in the order of the files."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class StoryError(InputError):
    """A story that cannot be read, or an edit that goes beyond what the agreement lets us alter.

    `faults`: one by one, each at its place in the document (a JSON pointer or an XPath); empty where it is about the whole.
    """

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message)


class MediaError(InputError):
    """The bytes of a rendition are not taken: what they are, and what is wrong with them."""


class TooLargeError(MediaError):
    """They are more than may be taken: 413, never cut."""


class NotFoundError(SyndicationError):
    """What was named does not exist here."""


class RefusedError(SyndicationError):
    """It exists, but its state or the terms of an agreement do not allow this act."""


class ConflictError(RefusedError):
    """Someone else acted in between; the message says what happened meanwhile."""


class KnownError(ConflictError):
    """A story with that uri is here already: `story` is its id."""

    def __init__(self, message: str, story: str) -> None:
        self.story = story
        super().__init__(message)


class StaleError(ConflictError):
    """Another version of a story stands than the one that was meant."""


class FlowError(SyndicationError):
    """An inbound flow could not be polled. `retry_after` is in seconds, when the server named a time."""

    def __init__(self, message: str, *, retry_after: int | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class FetchError(FlowError):
    """The visit failed: the address is not allowed, the network, the time, the size, or the status."""


class FeedError(FlowError):
    """What came back is no feed that can be read."""


class StorageError(SyndicationError):
    """The database could not do it: it is busy, full, unreachable, or not migrated."""
