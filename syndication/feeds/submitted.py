"""A story that our own newsroom hands in, whichever format it writes: told by what the document begins with. Pure."""

from datetime import datetime
from typing import Final

from syndication.errors import Fault, StoryError
from syndication.feeds import newsml_story, ninjs_story, nitf_story, tree
from syndication.feeds.draft import decoded
from syndication.feeds.sanitize import clean_text
from syndication.model.story import Submitted

TAKEN: Final = "a story is handed in as ninjs (a JSON object), NewsML-G2 (a newsItem or newsMessage) or NITF 3 (nitf)"


def read(data: bytes, now: datetime) -> Submitted:
    """The one story that the document holds. Raises StoryError with every fault, each at its place; also where it holds several."""
    read = read_all(data, now)
    if len(read) > 1:
        why = (
            f"holds {len(read)} stories, and one is asked for: hand in each newsItem by itself, or put the message into the newsroom's "
            "folder (newsroom_folder, or 'syndication story take FOLDER'), which takes all of them or none"
        )
        raise StoryError(f"this newsMessage {why}", (Fault("", "/newsMessage/itemSet", why),))
    return read[0]


def read_all(data: bytes, now: datetime) -> tuple[Submitted, ...]:
    """Every story that the document holds, in its order: of a newsMessage one or more, of any other one.

    Raises StoryError with every fault of them all, each at its place: a document is taken whole or not at all.
    """
    text = decoded(data)
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return (ninjs_story.read(data, now),)
    if start != "<":
        raise StoryError(f"{TAKEN}; this begins with '{clean_text(text.lstrip()[:20], 20)}'" if start else f"{TAKEN}; this is empty")
    root = tree.parsed(text)
    name, space = tree.name(root), tree.space(root)
    if name == "nitf" and space in nitf_story.SPACES:
        return (nitf_story.read(root, now),)
    if name in ("newsItem", "newsMessage") and space == newsml_story.NAR:
        return newsml_story.read_all(root, now)
    meant = f", in the namespace {newsml_story.NAR}" if name in ("newsItem", "newsMessage") else ""
    why = f"{TAKEN}{meant}; this is <{clean_text(name, 40)}>" + (f" of {clean_text(space, 100)}" if space else "")
    raise StoryError(why, (Fault("", f"/{clean_text(name, 40)}", why),))
