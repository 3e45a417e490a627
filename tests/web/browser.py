"""A real Chromium, and the exchange served to it by the server that serves it in production."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from syndication import access
from syndication.storage import accounts
from syndication.web.door import open_door
from tests.web.exchange import Exchange

NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(slots=True)
class Site:
    """The exchange, and where it answers."""

    exchange: Exchange
    origin: str

    def link(self, editor: str = "e_mai") -> str:
        """A link that signs that editor in, once."""
        with self.exchange.database.write() as tx:
            found = accounts.by_id(tx, editor)
            assert found is not None
            return f"{self.origin}/sign-in/{access.issue_sign_in_link(tx, found, self.exchange.clock())}"


@contextmanager
def served(exchange: Exchange) -> Iterator[Site]:
    """The exchange on a free port of this machine, under waitress."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{probe.getsockname()[1]}"
    exchange.settings = replace(exchange.settings, listen=where, base_url=f"http://{where}")
    with open_door(exchange.app(), where, exchange.settings):
        yield Site(exchange, f"http://{where}")


@contextmanager
def tripwire() -> Iterator[tuple[str, list[str]]]:
    """A stranger's server on this machine: its address, and the first line of whatever reaches it."""
    hits: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.requestline)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Said by `hits`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", hits
        server.shutdown()
        thread.join(5)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine. Where there is none the test fails, and says what to do."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path, "the browser tests need Chromium: apt install chromium, or your system's like"
    with sync_playwright() as playwright:
        browser = _launched(playwright, path)
        try:
            yield browser
        finally:
            browser.close()


def _launched(playwright: Playwright, path: str) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])


def sign_in(page: Page, site: Site, editor: str = "e_mai") -> None:
    """By a one-time link, with the keyboard."""
    page.goto(site.link(editor))
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
