"""Pictures of an item that are at home, and one that was given up: for the pages that show them."""

import io
from datetime import timedelta

from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.storage import arrivals
from tests.media import pictures
from tests.web.exchange import Exchange


def bring_home(exchange: Exchange) -> None:
    """The first picture of the first item; the second is broken."""
    checker = Checker()
    kept = Store.of(exchange.settings).take(io.BytesIO(pictures.jpeg(640, 480)), None, 100_000, checker, exchange.clock())
    checker.close()
    for first in (True, False):
        with exchange.database.write() as tx:
            (one,) = arrivals.claim(tx, exchange.clock(), 1, timedelta(minutes=4), 3)
            if first:
                assert arrivals.bring(tx, one, kept, exchange.clock())
            else:
                arrivals.fail(tx, one, "trc.example answered 404: there is nothing", None)
