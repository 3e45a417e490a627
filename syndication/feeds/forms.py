"""The forms a feed can be had in: one file each in this room, all of the same FeedDocument."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syndication.feeds import atom, jsonfeed, newsml, ninjs, rss
from syndication.model.publication import FeedDocument, FeedEntry


@dataclass(frozen=True, slots=True)
class Form:
    """How a document becomes bytes: of each entry once, and of the document from those.

    `entry`: one entry's bytes, which depend on the entry and, of the document, on nothing but its agency, giver and authority: they can be
    kept, and joined in whatever document shows the entry. `join`: the document with these for its entries, in this order.
    `tells`: whether it tells what was taken back in words of its own, so that who read it has been told. RSS has only those of Atom, which
    its readers may pass over. `notices`: whether the notices can be had in it.
    """

    media_type: str
    entry: Callable[[FeedDocument, FeedEntry], bytes]
    join: Callable[[FeedDocument, Sequence[bytes]], bytes]
    tells: bool = True
    notices: bool = True

    def render(self, document: FeedDocument) -> bytes:
        """UTF-8; the same document, the same bytes (wire 3)."""
        return self.join(document, [self.entry(document, entry) for entry in document.entries])


FORMS: Final[Mapping[str, Form]] = {
    "rss": Form("application/rss+xml; charset=utf-8", rss.entry, rss.join, tells=False, notices=False),
    "atom": Form("application/atom+xml; charset=utf-8", atom.entry, atom.join),
    "json": Form("application/feed+json", jsonfeed.entry, jsonfeed.join),
    "ninjs": Form("application/json", ninjs.V3.entry, ninjs.V3.join),
    "ninjs2": Form("application/json", ninjs.V2.entry, ninjs.V2.join),
    "newsml": Form("application/vnd.iptc.g2.newsmessage+xml", newsml.entry, newsml.join),
}
"""By the ending of their address."""
