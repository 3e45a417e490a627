"""The forms a feed can be had in: one file each in this room, all of the same FeedDocument."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from syndication.feeds import atom, jsonfeed, ninjs, rss
from syndication.model.publication import FeedDocument


@dataclass(frozen=True, slots=True)
class Form:
    """`tells`: whether it can tell what was taken back, so that who read that has been told."""

    media_type: str
    render: Callable[[FeedDocument], bytes]
    tells: bool


FORMS: Final[Mapping[str, Form]] = {
    "rss": Form("application/rss+xml; charset=utf-8", rss.render, tells=False),
    "atom": Form("application/atom+xml; charset=utf-8", atom.render, tells=True),
    "json": Form("application/feed+json", jsonfeed.render, tells=True),
    "ninjs": Form("application/json", ninjs.render, tells=True),
}
"""By the ending of their address."""
