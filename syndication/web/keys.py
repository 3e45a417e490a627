"""The keys of the desk, as one table: it draws the dialog and the buttons' hints, feeds the script and the docs."""

from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString, lazy_gettext


@dataclass(frozen=True, slots=True)
class Key:
    """`keys`: any of them does it, as `KeyboardEvent.key` names them; two letters are typed one after the other.

    `act`: what `static/desk.js` looks for: an element with that `data-act`, or one of the acts it knows itself.
    """

    keys: tuple[str, ...]
    act: str
    text: LazyString


KEYS: Final = (
    Key(("j",), "next", lazy_gettext("next item")),
    Key(("k",), "previous", lazy_gettext("previous item")),
    Key(("o", "Enter"), "open", lazy_gettext("open the item")),
    Key(("Escape",), "close", lazy_gettext("back to the queue")),
    Key(("a",), "accept", lazy_gettext("accept; of a re-opened item, take the correction")),
    Key(("#",), "reject", lazy_gettext("reject: asks why")),
    Key(("h",), "hold", lazy_gettext("hold")),
    Key(("z",), "undo", lazy_gettext("undo the last decision")),
    Key(("d",), "diff", lazy_gettext("what the correction changes")),
    Key(("i",), "media", lazy_gettext("pictures, audio and video")),
    Key(("v",), "original", lazy_gettext("the original, on the partner's site")),
    Key(("/",), "search", lazy_gettext("search")),
    Key(("g q",), "queue", lazy_gettext("go to the queue")),
    Key(("g s",), "stories", lazy_gettext("go to the stories")),
    Key(("g p",), "partners", lazy_gettext("go to the partners")),
    Key(("g a",), "agreements", lazy_gettext("go to the agreements")),
    Key(("?",), "help", lazy_gettext("all keys")),
)
"""Plain keys; ignored in fields, with modifiers and while composing; an editor may switch them off."""


def hint(act: str) -> str:
    """The key to show beside the button of that act."""
    return next(key.keys[0] for key in KEYS if key.act == act)


def as_markdown() -> str:
    """The table as docs/review.md prints it, in English."""
    rows = [f"| {' or '.join(f'`{one}`' for one in key.keys)} | {key.text} |" for key in KEYS]
    return "\n".join(("| key | does |", "|---|---|", *rows))
