"""What every page needs to work with, handed to the application when it is made, and found again within a request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app

from syndication.publish.document import Outlooks
from syndication.settings import Settings
from syndication.storage.database import Database

KEY = "syndication"


@dataclass(frozen=True, slots=True)
class Parts:
    """`clock`: now, in UTC. `secret_key`: signs sessions and the validators of feeds; the same in every web process.

    `outlooks`: what feeds of this database showed last.
    """

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    secret_key: bytes
    outlooks: Outlooks = field(default_factory=Outlooks)


def parts() -> Parts:
    """The parts of the application that answers this request."""
    return cast(Parts, current_app.extensions[KEY])
