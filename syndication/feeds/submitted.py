"""A story that our own newsroom hands in, whichever format it writes: told by what the document begins with."""

from datetime import datetime

from syndication.feeds import ninjs
from syndication.feeds.ninjs import NinjsStory


def read(data: bytes, now: datetime) -> NinjsStory:
    """The story that the document holds. Raises StoryError with every fault, each at its place."""
    return ninjs.read(data, now)
