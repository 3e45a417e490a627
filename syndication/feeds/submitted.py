"""A story that our own newsroom hands in, whichever format it writes: told by what the document begins with."""

from datetime import datetime

from syndication.feeds import ninjs_story
from syndication.model.story import Submitted


def read(data: bytes, now: datetime) -> Submitted:
    """The story that the document holds. Raises StoryError with every fault, each at its place."""
    return ninjs_story.read(data, now)
