"""What every command shares: the settings it runs under, the opened house, and how rows are printed."""

import csv
import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from syndication.bootstrap import House, opened
from syndication.settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """The settings, and the folder that they, the partners and the agreements were read from."""

    settings: Settings
    config: Path | None

    @contextmanager
    def open(self) -> Iterator[House]:
        """The house, its database brought to this version's schema."""
        with opened(self.settings) as house:
            yield house


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
as_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (W11)."""


class Moment(click.ParamType[datetime]):
    """A moment as a person writes it: `2025-05-07`, `2025-05-07T09:30+07:00`, `2025-05-07 09:30 Asia/Baku`; UTC where no zone is said."""

    name = "when"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """In UTC; a day is its first moment."""
        if isinstance(value, datetime):
            return value
        text, _, zone = value.strip().rpartition(" ")
        if not text or ":" in zone:
            text, zone = value.strip(), ""
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                found = found.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
            elif zone:
                self.fail(f"'{value}' says its zone twice.", param, ctx)
            return found.astimezone(UTC)
        except (ValueError, KeyError, OSError, OverflowError):
            told = "2025-05-07, 2025-05-07T09:30+07:00 or '2025-05-07 09:30 Asia/Baku'"
            self.fail(f"'{value}' is no moment; write it as {told} (UTC where no zone is said).", param, ctx)


at_moment = click.option("--at", type=Moment(), metavar="WHEN", help="As it stands at this day or moment; in UTC if no zone is said. [now]")


def who() -> str:
    """Who runs this command, for the log of who did what."""
    return f"command:{getpass.getuser()}"


def show(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None, as_csv: bool = False, as_json: bool = False
) -> None:
    """A table on standard output; one line a row, tab-separated, where it is not a terminal; or as CSV (RFC 4180), or JSON, by column."""
    console = Console()
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    if as_csv:
        safe = [[f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in (columns, *rows)]
        csv.writer(sys.stdout).writerows(safe)
        return
    if not console.is_terminal:
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    table = Table(*columns, title=title, show_lines=False)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def show_json(value: Any) -> None:
    """One JSON document on standard output; days and moments as ISO 8601 writes them."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_written))


def _written(value: object) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else str(value)
