"""The commands. Data on standard output, words on standard error; exit 0 done, 1 failed, 2 wrong use, 3 not found, 4 in part."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from syndication import __version__, settings
from syndication.cli import (
    agreement,
    audit,
    demo,
    exchange,
    journal,
    media,
    people,
    push,
    refusals,
    rehearse,
    retention,
    search,
    serve,
    story,
)
from syndication.cli.desk import Office
from syndication.errors import NotFoundError, SyndicationError
from syndication.logs import configure


class Commands(click.Group):
    """A failure of ours is a sentence on standard error and an exit status, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; translate what it raises."""
        try:
            return super().invoke(ctx)
        except NotFoundError as error:
            click.echo(str(error), err=True)
            sys.exit(3)
        except SyndicationError as error:
            click.echo(str(error), err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
@click.option(
    "--config",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SYNDICATION_CONFIG",
    help="The folder of settings.toml, partners/ and agreements/. [config, if it is here]",
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="The folder of the embedded database. [var/data; the demo: var/demo]"
)
@click.option("--database", help="postgresql://... or sqlite:///...: another database than the embedded one.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, data: Path | None, database: str | None) -> None:
    """Exchange stories with other agencies, under the agreements signed with them."""
    configure()
    folder = config or (Path("config") if Path("config").is_dir() else None)
    loaded = settings.load(folder, os.environ)
    if data is not None:
        loaded = replace(loaded, data=str(data))
    if database is not None:
        loaded = replace(loaded, database=database)
    ctx.obj = Office(loaded, folder)


agreement.agreement.add_command(rehearse.rehearse)
for part in (refusals.refused, refusals.categories, refusals.replay, refusals.ids, refusals.health):
    exchange.flow.add_command(part)
for command in (
    serve.serve,
    serve.web,
    serve.worker,
    serve.migrate_command,
    demo.demo,
    exchange.apply,
    exchange.export,
    agreement.agreement,
    agreement.activity,
    exchange.flow,
    exchange.explain,
    exchange.item,
    search.search,
    story.story,
    retention.retention,
    audit.audit,
    journal.journal,
    people.user,
    people.token,
    push.push,
    media.media,
    people.newsroom_token,
    exchange.settings_command,
):
    main.add_command(command)
