"""A command line on a data folder of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from syndication.cli import main

STORY: dict[str, Any] = {
    "uri": "urn:vna:1",
    "type": "text",
    "language": "en",
    "headline": "Hanoi opens a rail museum",
    "body_html": "<p>It has <b>40</b> engines.</p>",
    "subject": [{"code": "medtop:01000000"}],
}


@dataclass
class Shell:
    """Runs a command on a data folder of its own."""

    config: Path
    data: Path

    def run(self, *arguments: str, given: str | None = None, exit_code: int = 0) -> Result:
        options = ["--config", str(self.config), "--data", str(self.data)]
        result = CliRunner().invoke(main, [*options, *arguments], input=given, env={"SYNDICATION_DOMAIN": "vna.example"})
        assert result.exit_code == exit_code, result.output
        return result

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def add(self, **changes: Any) -> str:
        return self.run("story", "add", "-", given=json.dumps({**STORY, **changes})).stdout.strip()
