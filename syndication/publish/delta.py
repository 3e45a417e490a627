"""What is new in a feed, changed or taken back since a validator that its partner holds (RFC 3229, with "feed"). Pure."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from syndication import __version__
from syndication.model.publication import Watermark
from syndication.publish.document import Outlook

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sealed:
    """How the feed's validators are continued: with the newest mark in it, under a seal that nobody else can make.

    `key`: ours; `partner`, `form`: whose it is. Only a feed in which every story can be seen whole has one: else what came to be seen
    since would be no newer than the mark.
    """

    key: bytes
    partner: str
    form: str

    def ending(self, seen: Outlook) -> str:
        """What follows the tag of the state: empty where nothing can be told since."""
        newest = max(_marked(seen), default=None)
        if newest is None or not seen.complete:
            return ""
        mark, name = newest
        said = f"{(mark.at - EPOCH) // timedelta(microseconds=1)}.{name}"
        return f"-{said}-{self._seal(seen, said)}"

    def mark(self, seen: Outlook, tags: Collection[str]) -> Watermark | None:
        """The oldest mark that one of these tags was sealed with, as the feed stands; None where none of them was."""
        found = [mark for mark in (self._mark(seen, tag) for tag in tags) if mark is not None]
        return min(found, default=None)

    def _mark(self, seen: Outlook, tag: str) -> Watermark | None:
        _, _, sealed = tag.partition("-")
        said, _, seal = sealed.partition("-")
        if not said or not hmac.compare_digest(self._seal(seen, said).encode(), seal.encode("utf-8", "replace")):
            return None
        micros, _, name = said.partition(".")
        at = EPOCH + timedelta(microseconds=int(micros))
        # Where it has changed since, it stands elsewhere now; then whatever is of the same moment is told again.
        return max((mark for mark, known in _marked(seen) if (mark.at, known) == (at, name)), default=Watermark(at, 0))

    def _seal(self, seen: Outlook, said: str) -> str:
        document = seen.document
        parts = (__version__, self.partner, self.form, seen.state, document.id, document.url, document.title, document.rights)
        told = "\x1f".join((*parts, document.home, document.agency, document.language, said))
        return hmac.new(self.key, told.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def since(seen: Outlook, mark: Watermark) -> Outlook | None:
    """The same feed with only what is new in it since that mark; None where that cannot be told from what it shows."""
    if not seen.complete or (seen.archived is not None and mark < seen.archived) or (seen.brought is not None and seen.brought > mark.at):
        return None
    document = seen.document
    pairs = [(entry, sequence) for entry, sequence in zip(document.entries, seen.sequences, strict=True) if entry.mark > mark]
    shown = replace(
        document,
        entries=tuple(entry for entry, _ in pairs),
        withdrawn=tuple(gone for gone in document.withdrawn if gone.mark > mark),
    )
    return replace(seen, document=shown, sequences=tuple(sequence for _, sequence in pairs))


def _marked(seen: Outlook) -> list[tuple[Watermark, str]]:
    """Each story in it, shown or taken back: its mark, and its name and version. Sequences would tell how much others get (Z03)."""
    told = [(entry.mark, entry.entry_id, entry.version.number) for entry in seen.document.entries]
    told += [(gone.mark, gone.entry_id, gone.version) for gone in seen.document.withdrawn]
    return [(mark, f"{name.rpartition(':')[2]}.{version}") for mark, name, version in told]
