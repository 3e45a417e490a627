"""Documents as bytes, made once for each state they tell of, not once for each request."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from syndication.feeds.forms import Form
from syndication.model.publication import FeedDocument, FeedEntry

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of each kind that one process keeps."""


class Shelf:
    """What was rendered last, of entries and of documents: those that were not asked for the longest go first. Threads share it.

    It decides nothing: whoever takes from it has asked the gate, and names what it wants by all that its bytes depend on.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._entries = _Kept(largest)
        self._documents = _Kept(largest)

    def document(self, tag: str, form: Form, document: FeedDocument, *, packed: bool) -> bytes:
        """The document in that form, packed as gzip or not. `tag`: the validator of its state in that form."""
        whole = self._documents.get((tag, False), lambda: form.join(document, self._fragments(form, document)))
        return self._documents.get((tag, True), lambda: gzip.compress(whole, 6, mtime=0)) if packed else whole

    def _fragments(self, form: Form, document: FeedDocument) -> list[bytes]:
        return [self._entry(form, document, one) for one in document.entries]

    def _entry(self, form: Form, document: FeedDocument, entry: FeedEntry) -> bytes:
        shown = tuple((one.url, one.type) for one in entry.version.content.renditions)
        said = (entry.terms, entry.categories, entry.published, entry.updated, shown)
        key = (form, document.authority, document.agency, entry.mark, said)
        return self._entries.get(key, lambda: form.entry(document, entry))


class _Kept:
    """Bytes by name, up to `largest` of them in all."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """What is held under the key; else what is made, which is held from now on. Of two who make it, either may be held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._size += len(made) - len(self._held.pop(key, b""))
            self._held[key] = made
            while self._size > self._largest and self._held:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone)
        return made
