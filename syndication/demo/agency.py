"""A partner agency on loopback: its script read from files, its feeds served over HTTP, its clock remembered between starts."""

import json
import threading
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syndication.demo.documents import Programme, Script
from syndication.demo.server import Front, serve
from syndication.errors import ConfigError, Fault


class DemoAgency:
    """Serves what `fixtures` scripts: one TOML file a feed, and `pictures/`. `state`: where it remembers when it opened."""

    def __init__(self, fixtures: Path, state: Path, clock: Callable[[], datetime]) -> None:
        self._programmes = read(fixtures)
        self._pictures = fixtures / "pictures"
        self._state = state
        self._clock = clock
        self._stop: Callable[[], None] | None = None

    def start(self, port: int) -> str:
        """Serve on 127.0.0.1, on this port, or on any free one for 0. Returns the origin, `http://127.0.0.1:NNNN`."""
        front = Front(self._programmes, self._pictures, self._opened(), self._clock)
        server = serve(front, port)
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="demo agency", daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        self._stop = stop
        return front.origin

    def stop(self) -> None:
        """Stop serving."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _opened(self) -> datetime:
        """When the agency first opened: kept, so that after a restart no story comes again under another name."""
        path = self._state / "opened.json"
        if path.exists():
            return datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["opened"]).astimezone(UTC)
        opened = self._clock().replace(microsecond=0)
        self._state.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"opened": opened.isoformat()}), encoding="utf-8")
        fresh.replace(path)
        return opened


def read(fixtures: Path) -> dict[str, Programme]:
    """The feeds of a folder, by the path they are served at (`/en.rss`). Raises ConfigError for a script that cannot be read."""
    programmes: dict[str, Programme] = {}
    for path in sorted(fixtures.glob("*.toml")):
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
            programme = _programme(given)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise ConfigError((Fault(str(path), "", f"is no script of a demo agency: {error}"),)) from error
        programmes[f"/{path.stem}.{programme.form}"] = programme
    if not programmes:
        raise ConfigError((Fault(str(fixtures), "", "holds no feed to serve"),))
    return programmes


def _programme(given: dict[str, Any]) -> Programme:
    language = given["language"]
    stories = tuple(Script(**{"byline": given["agency"], "language": language, **story}) for story in given["stories"])
    return Programme(given["agency"], given["domain"], given["title"], language, given["form"], stories)
