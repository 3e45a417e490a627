"""What every command shares: the settings it runs under, the opened house, and how rows are printed."""

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
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


def who() -> str:
    """Who runs this command, for the log of who did what."""
    return f"command:{getpass.getuser()}"


def show(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None) -> None:
    """A table on standard output; one line a row, tab-separated, where it is not a terminal."""
    console = Console()
    if not console.is_terminal:
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    table = Table(*columns, title=title, show_lines=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def show_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
