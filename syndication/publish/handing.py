"""Whether a partner may have the bytes of a rendition at this moment: what it may read of the flow decides, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.agreements.subject import of_story
from syndication.model.media import Kept
from syndication.model.partner import Flow
from syndication.model.story import Pubstatus
from syndication.publish.document import open_to_reading, visible
from syndication.settings import Settings
from syndication.storage import agreements, media, publications, stories
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Handing:
    """`kept`: what is handed out, None: nothing. `sequences`: the publications that show it, for the record of what was fetched.

    `killed`: the partner had it, and the story was killed since.
    """

    kept: Kept | None
    sequences: tuple[int, ...]
    killed: bool


def handing(tx: Transaction, flow: Flow, settings: Settings, hash_: str, at: datetime) -> Handing:
    """The same gate as the feed's, asked at this moment: some story that the partner can see there shows these bytes (Z10).

    That they are kept here for somebody else, or for later, is not to be told from that they are not (Z11).
    Raises as `document.outlook`.
    """
    standing = Standing(agreements.register(tx, settings.agency), at)
    open_to_reading(flow, standing)
    sight = visible(publications.showing(tx, flow.id, hash_), flow, standing, settings.agency_name)
    shown = tuple(
        one.publication.sequence for one, entry in sight.entries if hash_ in {held.hash for held in entry.version.content.renditions}
    )
    if shown:
        return Handing(media.get(tx, hash_), shown, killed=False)
    return Handing(None, (), killed=_was_shown(tx, flow, hash_, standing))


def _was_shown(tx: Transaction, flow: Flow, hash_: str, standing: Standing) -> bool:
    """Whether some killed story of the flow showed it, and would show it now if it had not been killed: what the partner never could see
    is not told of.
    """
    for identity, number, place in media.killed(tx, flow.id, hash_):
        version = stories.version(tx, identity, number)
        # What was deleted at the end of its use has no renditions any more.
        if version is None or place >= len(version.content.renditions):
            continue
        answer = clear(of_story(version, Pubstatus.USABLE), flow, standing)
        if answer.allowed and version.content.renditions[place].type not in answer.left_out:
            return True
    return False
