"""The proof that what was decided follows from what was signed."""

from typing import Any

import click

from syndication.agreements.audit import Finding
from syndication.agreements.audit import verify as ask_again
from syndication.cli.desk import Office, as_json, show, show_json


@click.group()
def audit() -> None:
    """The decisions that were kept."""


@audit.command("verify")
@as_json
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Ask the gate every decision again, from the agreements as they stood then; exit 1 where an answer is another than the one kept."""
    office: Office = ctx.obj
    counts = {"checked": 0, "agree": 0, "differ": 0, "reworded": 0, "not kept": 0}
    differing: list[dict[str, Any]] = []
    with office.open() as house, house.database.read() as tx:
        for one in ask_again(tx, house.settings.agency):
            if one.comparison is None:
                counts["not kept"] += 1
                continue
            counts["checked"] += 1
            counts["reworded"] += one.comparison.reworded
            counts["differ" if one.comparison.differs else "agree"] += 1
            if one.comparison.differs:
                differing.append(_told(one, one.comparison.differs))
    if as_json:
        show_json({**counts, "differences": differing})
    else:
        show(tuple(counts), [tuple(str(number) for number in counts.values())])
        if counts["not kept"]:
            click.echo(NOT_KEPT)
        if differing:
            show(COLUMNS, [(*(str(row[name]) for name in COLUMNS[:-1]), "; ".join(row["differs"])) for row in differing])
    if differing:
        ctx.exit(1)


NOT_KEPT = (
    "not kept: the oldest decisions, made before what the gate was given was kept, so that nobody can ask it again."
    " The count must never grow: compare it with an earlier audit."
)
COLUMNS = ("decision", "at", "subject", "flow", "differs")


def _told(one: Finding, differs: tuple[str, ...]) -> dict[str, Any]:
    known = one.decision
    at, subject, flow = (f"{known.at:%Y-%m-%d %H:%M:%S}Z", known.subject, known.flow) if known else ("", "", "")
    return {"decision": one.number, "at": at, "subject": subject, "flow": flow, "differs": differs}
