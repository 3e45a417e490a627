"""Draws docs/queue.png, and every page of the desk: `python -m tests.web.picture docs/queue.png`, `python -m tests.web.picture --all DIR`.

The stories are written for this project; nothing in them happened.
"""

import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from syndication.model.entry import Entry
from syndication.model.poll import Outcome, Poll
from syndication.storage import polls
from syndication.storage.database import Database
from syndication.storage.migrate import migrate
from tests.web.browser import Site, chromium, served, sign_in
from tests.web.exchange import FROM_AZERTAC, NOW, Exchange, story
from tests.worlds import rendition

LANGUAGES = ("en", "fr", "ru", "vi")
CORRECTED = (
    "<p>ASTANA, 24 November. The first container train of the year from Hai Phong reached the dry port of Khorgos on Monday "
    "with {boxes} containers of coffee, furniture and machine parts, the railway said.</p>"
    "<p>The journey took {days} days. Return trains will carry grain and flour from Kostanay, and are to run weekly from January.</p>"
    "<p>“The line brings our farmers a sea,” said Aigerim Bek, who heads the port's freight office.</p>"
)


def scene(exchange: Exchange) -> None:
    """A morning's queue: new items in several languages, one embargoed, one held, one corrected after it was accepted."""
    train: dict[str, Any] = {
        "headline": "Container train from Hai Phong reaches Khorgos",
        "summary": "Grain is to travel back the same way.",
    }
    picture = rendition(url="https://trc.example/photo/khorgos-4.jpg", title="Khorgos dry port", description="Unloading at Khorgos.")
    exchange.receive(story(1, body=CORRECTED.format(boxes=40, days="eleven"), renditions=(picture,), **train))
    editor = exchange.seated()
    editor.post(f"/items/{exchange.item(1).id}/accept", revision=1)
    _later(exchange, story(2, headline="Steppe wind park near Ereymentau starts its second stage", summary="Forty turbines by spring."))
    _later(exchange, story(3, headline="В Алматы открыли школу народных инструментов", language="ru", renditions=(picture,)))
    _later(exchange, story(4, headline="Central bank to announce rate at noon", embargo_until=NOW + timedelta(hours=5)))
    exchange.clock.pass_by(minutes=7)
    exchange.receive(
        story(5, headline="Baku hosts regional forum of news agencies", body="<p>BAKU. Editors of nineteen agencies met on Monday.</p>"),
        story(6, headline="Shusha restores its 18th-century caravanserai", renditions=(picture, picture)),
        on=FROM_AZERTAC,
    )
    _later(exchange, story(7, headline="Kazakh chess players lead after four rounds in Astana"))
    editor.post(f"/items/{exchange.item(7).id}/hold", revision=1)
    exchange.clock.pass_by(minutes=6)
    exchange.receive(story(1, body=CORRECTED.format(boxes=46, days="twelve"), renditions=(picture,), **train))
    exchange.clock.pass_by(minutes=3)
    failed = "the server of azertac answered 503 after 0.4 s; tried again at the next visit"
    with exchange.database.write() as tx:
        at = exchange.clock()
        polls.record(tx, Poll("trc-en", at, at, Outcome.UNCHANGED, status=304), None, at + timedelta(minutes=15), 0, ())
        polls.record(tx, Poll("azertac-en", at, at, Outcome.FAILED, status=503, error=failed), None, at + timedelta(minutes=30), 1, ())
    exchange.token("azertac")


def _later(exchange: Exchange, entry: Entry) -> None:
    exchange.clock.pass_by(minutes=9)
    exchange.receive(entry)


def shot(page: Page, path: Path) -> None:
    """The page as a small PNG."""
    with Image.open(BytesIO(page.screenshot())) as drawn:
        drawn.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(path, optimize=True)


def queue_picture(browser: Browser, site: Site, path: Path) -> None:
    """The queue with the corrected item open, as the README shows it."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
    sign_in(page, site)
    page.keyboard.press("j")
    page.locator("#pane h2.headline").wait_for()
    page.wait_for_timeout(500)
    shot(page, path)


def every_page(browser: Browser, site: Site, folder: Path) -> None:
    """Each page in each language, and on a phone, and in the dark."""
    exchange = site.exchange
    item = exchange.item(1)
    paths = {
        "queue": "/queue",
        "queue-item": f"/queue?item={item.id}",
        "item": f"/items/{item.id}",
        "edit": f"/items/{item.id}/edit",
        "search": "/search?q=rail",
        "stories": "/stories",
        "story": f"/stories/{item.story}",
        "kill": f"/stories/{item.story}/kill",
        "agreements": "/agreements",
        "agreement": "/agreements/vna-trc-2025",
        "partners": "/partners",
        "flows": "/flows",
        "flow": "/flows/azertac-en",
        "tokens": "/tokens",
        "status": "/status",
        "account": "/account",
        "keys": "/keys",
        "error": "/none",
    }
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
    page.goto(f"{site.origin}/sign-in")
    shot(page, folder / "en-sign-in.png")
    sign_in(page, site, "e_lan")
    for language in LANGUAGES:
        page.goto(f"{site.origin}/account")
        page.locator("select[name=language]").select_option(language)
        page.locator("form[action='/account'] button").click()
        for name, path in paths.items():
            page.goto(site.origin + path)
            shot(page, folder / f"{language}-{name}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    for name, path in paths.items():
        page.goto(site.origin + path)
        shot(page, folder / f"phone-{name}.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="dark")
    for name, path in paths.items():
        page.goto(site.origin + path)
        shot(page, folder / f"dark-{name}.png")


def main(arguments: list[str]) -> None:
    """Draw what the arguments ask for."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/desk.db"
        migrate(url)
        database = Database(url)
        exchange = Exchange(database)
        scene(exchange)
        with served(exchange) as site, chromium() as browser:
            if arguments[0] == "--all":
                every_page(browser, site, Path(arguments[1]))
            else:
                queue_picture(browser, site, Path(arguments[0]))
        database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
