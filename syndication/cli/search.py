"""Items and stories by their words."""

import click

from syndication.cli.desk import Office, as_csv, as_json, show, show_json
from syndication.errors import InputError
from syndication.review.search import find, sought

MOST = 1_000


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, MOST, clamp=True), default=50, show_default=True, help=f"At most so many; never more than {MOST}."
)
@as_csv
@as_json
@click.pass_obj
def search(office: Office, words: tuple[str, ...], limit: int, as_csv: bool, as_json: bool) -> None:
    """Items and stories that have all these WORDS, who changed last first; of the last word the beginning will do."""
    query = " ".join(words)
    if not sought(query):
        raise InputError(f"there is no word in {query!r}; give letters or digits")
    with office.open() as house, house.database.read() as tx:
        found, _ = find(tx, query, limit=limit)
    if as_json:
        show_json(
            [
                {
                    "kind": "item" if one.is_item else "story",
                    "id": one.of.id,
                    "partner": one.partner,
                    "language": one.content.language,
                    "at": one.at,
                    "state": one.state,
                    "headline": one.content.headline,
                }
                for one in found
            ]
        )
        return
    told = [
        (one.of.id, one.partner or "", one.content.language, f"{one.at:%Y-%m-%d %H:%M}Z", one.state, one.content.headline) for one in found
    ]
    show(("id", "partner", "language", "at", "state", "headline"), told, as_csv=as_csv)
