"""Pictures, audio and video of what came in, for the desk: from our own store, never from the partner; what was killed or deleted, not."""

from typing import IO, Final

from flask import Blueprint, Response, abort, send_file

from syndication.errors import NotFoundError
from syndication.media.sniff import EXTENSIONS
from syndication.media.store import Store
from syndication.model.item import ReviewState
from syndication.model.media import Kept
from syndication.storage import arrivals, items
from syndication.web.parts import parts

pictures = Blueprint("pictures", __name__)

KEPT_BY_THE_BROWSER: Final = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""It asks each time whether it may show it still: a kill takes the picture from the desk, too."""


@pictures.get("/items/<item>/thumbnails/<hash_>")
def thumbnail(item: str, hash_: str) -> Response:
    """The picture, small: a JPEG that our own program wrote."""
    kept, file = _opened(item, hash_, small=True)
    return _sent(file, "image/jpeg", None, f"{kept.hash}-small")


@pictures.get("/items/<item>/files/<hash_>")
def whole(item: str, hash_: str) -> Response:
    """The bytes as they are kept, which a browser only ever saves (W07, H10)."""
    kept, file = _opened(item, hash_, small=False)
    return _sent(file, kept.media_type, f"{kept.hash[:16]}.{EXTENSIONS[kept.media_type]}", kept.hash)


def _opened(identity: str, hash_: str, *, small: bool) -> tuple[Kept, IO[bytes]]:
    """What the item's current version holds under that hash."""
    here = parts()
    with here.database.read() as tx:
        item = items.get(tx, identity)
        if item is None:
            raise NotFoundError(f"there is no item {identity}")
        if item.state is ReviewState.WITHDRAWN or item.erased_at is not None:
            abort(410)
        kept = arrivals.held(tx, item.id, item.current.number, hash_)
    if kept is None:
        raise NotFoundError("there is no such picture, audio or video")
    return kept, Store.of(here.settings).open(kept.hash, small=small)


def _sent(file: IO[bytes], media_type: str, name: str | None, tag: str) -> Response:
    answer = send_file(file, media_type, as_attachment=name is not None, download_name=name, etag=tag)
    answer.headers.update(KEPT_BY_THE_BROWSER)
    return answer
