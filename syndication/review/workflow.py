"""The legal moves of a review, as one table. Pure."""

from datetime import datetime, timedelta

from syndication.model.item import Item, Review, ReviewAct, ReviewState

MOVES: dict[ReviewState, dict[ReviewAct, ReviewState]] = {
    ReviewState.PENDING: {
        ReviewAct.ACCEPT: ReviewState.ACCEPTED,
        ReviewAct.ACCEPT_EDITED: ReviewState.ACCEPTED,
        ReviewAct.REJECT: ReviewState.REJECTED,
        ReviewAct.HOLD: ReviewState.HELD,
        ReviewAct.REOPEN: ReviewState.PENDING,
        ReviewAct.WITHDRAW: ReviewState.WITHDRAWN,
    },
    ReviewState.HELD: {
        ReviewAct.ACCEPT: ReviewState.ACCEPTED,
        ReviewAct.ACCEPT_EDITED: ReviewState.ACCEPTED,
        ReviewAct.REJECT: ReviewState.REJECTED,
        ReviewAct.REOPEN: ReviewState.HELD,
        ReviewAct.WITHDRAW: ReviewState.WITHDRAWN,
    },
    ReviewState.ACCEPTED: {
        ReviewAct.REOPEN: ReviewState.REOPENED,
        ReviewAct.WITHDRAW: ReviewState.WITHDRAWN,
    },
    # A correction of what was rejected is offered again: the reason for the rejection may be what was corrected.
    ReviewState.REJECTED: {
        ReviewAct.REOPEN: ReviewState.PENDING,
        ReviewAct.WITHDRAW: ReviewState.WITHDRAWN,
    },
    ReviewState.REOPENED: {
        ReviewAct.ACCEPT: ReviewState.ACCEPTED,
        ReviewAct.ACCEPT_EDITED: ReviewState.ACCEPTED,
        ReviewAct.KEEP: ReviewState.ACCEPTED,
        ReviewAct.REOPEN: ReviewState.REOPENED,
        ReviewAct.WITHDRAW: ReviewState.WITHDRAWN,
    },
    ReviewState.WITHDRAWN: {},
}

BY_EDITOR = frozenset({ReviewAct.ACCEPT, ReviewAct.ACCEPT_EDITED, ReviewAct.REJECT, ReviewAct.HOLD, ReviewAct.KEEP})
"""The decisions of the queue; each can be undone. REOPEN and WITHDRAW are the partner's word, carried out by triage."""


def legal(item: Item) -> frozenset[ReviewAct]:
    """What an editor may do with the item as it stands; undo is asked of `undoable`."""
    return frozenset(MOVES[item.state]) & BY_EDITOR


def after(state: ReviewState, act: ReviewAct) -> ReviewState | None:
    """Where the act leads from this state, or None: it is not a legal move."""
    return MOVES[state].get(act)


def undoable(item: Item, last: Review | None, now: datetime, within: timedelta) -> bool:
    """The item's last act was an editor's decision, nothing has happened to the item since, and it is not long ago."""
    return (
        last is not None
        and last.act in BY_EDITOR
        and last.revision == item.revision
        and item.state is not ReviewState.WITHDRAWN
        and now - last.at <= within
    )
