"""What every page needs to work with, handed to the application when it is made, and found again within a request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app

from syndication.media.check import Checker
from syndication.publish.document import Outlooks
from syndication.publish.shelf import Shelf
from syndication.settings import Settings
from syndication.storage.database import Database
from syndication.web.budget import Budget
from syndication.web.recent import Recent

KEY = "syndication"


@dataclass(frozen=True, slots=True)
class Parts:
    """`clock`: now, in UTC. `secret_key`: signs sessions and the validators of feeds; the same in every web process.

    `outlooks`: what feeds of this database showed last; `shelf`: their bytes; `recent`: the last answers to partners; `budget`: how much
    each of them may ask for; `checker`: looks over what our newsroom uploads, in a child that is started for the first one.
    """

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    secret_key: bytes
    outlooks: Outlooks = field(default_factory=Outlooks)
    shelf: Shelf = field(default_factory=Shelf)
    recent: Recent = field(default_factory=Recent)
    checker: Checker = field(default_factory=Checker)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "budget", Budget(self.settings.requests_per_minute))


def parts() -> Parts:
    """The parts of the application that answers this request."""
    return cast(Parts, current_app.extensions[KEY])
