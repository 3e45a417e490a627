"""Search over items and stories, for the desk: a page of what was found, with the words that were looked for marked."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from syndication.review.search import MOST_TERMS, find, is_long, sought
from syndication.storage import partners
from syndication.storage.search import LAST
from syndication.web.parts import parts

search = Blueprint("search", __name__)


@search.get("/search")
def results() -> ResponseReturnValue:
    """`?q=` the words, `?before=` the place of the last one of the page before; a page has its size, whatever is asked for (X05)."""
    query = request.args.get("q", "").strip()
    with parts().database.read() as tx:
        found, older = find(tx, query, request.args.get("before", LAST, type=_place))
        names = {one.id: one.name for one in partners.all(tx)}
    return render_template(
        "search.html",
        query=query,
        found=found,
        older=older,
        names=names,
        has_words=bool(sought(query)),
        cut=MOST_TERMS if is_long(query) else None,
    )


def _place(text: str) -> int:
    """Raises ValueError for what is no place: no database takes a number of any length."""
    place = int(text) if len(text) < len(str(LAST)) else 0
    if place < 1:
        raise ValueError(text)
    return place
