"""A whole review in a real browser, by keyboard alone; pages for everybody (WCAG)."""

import re
import shutil
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from syndication.model.item import ReviewState
from syndication.review.search import Index
from syndication.settings import Settings
from syndication.storage import agreements, stories
from syndication.storage.database import Database
from tests.web.browser import Site, chromium, served, sign_in
from tests.web.exchange import FROM_AZERTAC, Exchange, story
from tests.web.gallery import bring_home
from tests.web.test_agreements import WIDER, taken, text_of
from tests.worlds import rendition

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = ("en", "fr", "ru", "vi")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def exchange(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Exchange]:
    """What a browser sees does not depend on the kind of database."""
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield Exchange(database, Settings(data=str(tmp_path / "data")))
    database.close()


@pytest.fixture
def site(exchange: Exchange) -> Iterator[Site]:
    with served(exchange) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened_context(browser) as context:
        yield context.new_page()


def opened_context(browser: Browser, **more: Any) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 800}, locale="en", **more)


def press(page: Page, *keys: str) -> None:
    """Once the page listens: what it shows is there before its script is."""
    for key in keys:
        page.wait_for_load_state()
        page.keyboard.press(key)


def test_a_whole_review_by_keyboard_alone(site: Site, page: Page) -> None:
    """Sign in by link, j, o, a, see it published, undo with z, # with a reason, a corrected item back with its diff. No mouse."""
    exchange = site.exchange
    exchange.receive(story(1, headline="Rail forum opens"))
    exchange.clock.pass_by(minutes=1)
    exchange.receive(story(2, headline="Wheat exports rise"))
    token = exchange.token("azertac")
    sign_in(page, site)

    press(page, "j")
    pane = page.locator("#pane")
    expect(pane.locator("h2.headline")).to_have_text("Wheat exports rise")
    press(page, "j")
    expect(pane.locator("h2.headline")).to_have_text("Rail forum opens")
    press(page, "k")
    expect(pane.locator("h2.headline")).to_have_text("Wheat exports rise")
    press(page, "o")
    page.wait_for_url("**/items/*")
    press(page, "a")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Accepted: Wheat exports rise")
    expect(page.locator(".goes")).to_contain_text("goes")
    assert "Wheat exports rise" in exchange.feed("to-azertac", token)

    press(page, "z")
    expect(toast).to_contain_text("Undone")
    assert exchange.item(2).state is ReviewState.PENDING
    assert "<title>Wheat exports rise" not in exchange.feed("to-azertac", token)

    press(page, "Escape")
    page.wait_for_url("**/queue")
    press(page, "j", "#")
    expect(pane.locator("input[name=reason]")).to_be_focused()
    page.keyboard.type("a joke, j k z ? are letters here")
    press(page, "Enter")
    expect(toast).to_contain_text("Rejected: Wheat exports rise")
    assert exchange.item(2).reason == "a joke, j k z ? are letters here"
    # The queue has gone on with the next item.
    expect(pane.locator("h2.headline")).to_have_text("Rail forum opens")
    press(page, "a")
    expect(toast).to_contain_text("Accepted: Rail forum opens")

    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(1, headline="Rail forum closes"))
    expect(page.locator("#list .row")).to_have_count(0)
    press(page, "g", "q")
    expect(page.locator("#list .row")).to_contain_text("re-opened")
    press(page, "j", "d")
    diff = pane.locator(".diff")
    expect(diff).to_be_focused()
    expect(diff.locator("del")).to_have_text("opens")
    expect(diff.locator("ins")).to_have_text("closes")
    press(page, "a")
    expect(toast).to_contain_text("Accepted: Rail forum closes")
    assert "Rail forum closes" in exchange.feed("to-azertac", token)


def test_the_dialog_shows_all_keys_and_keys_do_nothing_under_it(site: Site, page: Page) -> None:
    site.exchange.receive(story())
    sign_in(page, site)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="All keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("undo the last decision")
    press(page, "j")
    expect(page.locator("#pane h2")).to_have_count(0)
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    press(page, "g", "a")
    page.wait_for_url("**/agreements")
    press(page, "g", "s")
    page.wait_for_url("**/stories")


def test_search_by_keyboard_alone(site: Site, page: Page) -> None:
    """`/` leads to the field from any page, and back into it from what was found; in the field it is a letter."""
    site.exchange.receive(story(1, headline="Lũ lên ở Đồng Tháp"))
    Index(site.exchange.database).round(site.exchange.clock())
    sign_in(page, site)
    press(page, "/")
    page.wait_for_url("**/search")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("dong/thap")
    press(page, "Enter")
    page.wait_for_url("**/search?q=dong*")
    expect(page.locator("td mark")).to_have_text(["Đồng", "Tháp"])
    press(page, "/")
    expect(field).to_be_focused()
    page.keyboard.type("hanoi")
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text("Nothing has all of these words")


def test_keys_are_not_taken_from_fields_modifiers_or_who_does_not_want_them(site: Site, page: Page) -> None:
    site.exchange.receive(story())
    sign_in(page, site)
    press(page, "j")
    expect(page.locator("#pane h2")).to_be_visible()
    press(page, "Control+a", "Alt+h")
    page.wait_for_timeout(200)
    assert site.exchange.item().state is ReviewState.PENDING
    page.goto(f"{site.origin}/account")
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Kept.")
    page.goto(f"{site.origin}/items/{site.exchange.item().id}")
    press(page, "a")
    page.wait_for_timeout(200)
    assert site.exchange.item().state is ReviewState.PENDING


def test_everything_works_without_the_script(site: Site, browser: Browser) -> None:
    """Plain links and forms: choose, open the reason, reject, undo."""
    site.exchange.receive(story())
    with opened_context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.link())
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Astana hosts the rail forum").click()
        page.locator("details.reject > summary").click()
        page.get_by_label("Why?").fill("we have it already")
        page.locator("details.reject button").click()
        expect(page.locator(".toast")).to_contain_text("Rejected")
        assert site.exchange.item().state is ReviewState.REJECTED
        page.locator(".toast").get_by_role("button", name="Undo").click()
        assert site.exchange.item().state is ReviewState.PENDING


def test_the_list_does_not_move_and_a_bar_says_what_is_new(site: Site, page: Page) -> None:
    page.clock.install()
    site.exchange.receive(story(1))
    sign_in(page, site)
    site.exchange.clock.pass_by(minutes=1)
    site.exchange.receive(story(2, headline="Wheat exports rise"))
    page.clock.run_for(11_000)
    bar = page.locator(".fresh a")
    expect(bar).to_have_text("1 new or changed: show them")
    assert page.locator("#list .row").count() == 1
    bar.click()
    expect(page.locator("#list .row")).to_have_count(2)


def test_the_text_is_edited_as_it_reads(site: Site, page: Page) -> None:
    """Not as HTML; what is pasted comes as plain text, and what is sent is cleaned like everything."""
    site.exchange.receive(story())
    sign_in(page, site)
    page.goto(f"{site.origin}/items/{site.exchange.item().id}/edit")
    written = page.get_by_role("textbox", name="Text", exact=True)
    expect(written).to_have_text("Trains will run daily from May.")
    written.click()
    press(page, "Control+End", *["Backspace"] * len(" from May."), ".")
    page.get_by_role("button", name="Accept with these edits").click()
    expect(page.locator(".toast")).to_contain_text("Accepted")
    with site.exchange.database.read() as tx:
        made = stories.get(tx, site.exchange.item().story)
    assert made is not None
    assert made.current.content.body == "<p>Trains will run daily.</p>"


def test_two_editors_in_two_browsers(site: Site, browser: Browser) -> None:
    """W15: the second is told what happened, and what was typed is still there."""
    site.exchange.receive(story())
    address = f"{site.origin}/items/{site.exchange.item().id}"
    with opened_context(browser) as mine, opened_context(browser) as theirs:
        first, second = mine.new_page(), theirs.new_page()
        sign_in(first, site)
        sign_in(second, site, "e_lan")
        second.goto(f"{address}/edit")
        second.get_by_label("Headline").fill("Astana hosts the forum")
        first.goto(address)
        press(first, "h")
        expect(first.locator(".toast")).to_contain_text("Held")
        second.get_by_role("button", name="Accept with these edits").click()
        expect(second.get_by_role("alert")).to_contain_text("meanwhile this item was changed by mai")
        expect(second.get_by_label("Headline")).to_have_value("Astana hosts the forum")
        second.get_by_role("button", name="Accept with these edits").click()
        expect(second.locator(".toast")).to_contain_text("Accepted")


@pytest.mark.parametrize("scripted", [True, False], ids=["with the script", "without it"])
def test_an_agreement_is_written_with_a_fault_and_mended(site: Site, browser: Browser, scripted: bool) -> None:
    """The fault names its line, and leads there; nothing that was typed is lost; then it is saved, for it narrows."""
    with opened_context(browser, java_script_enabled=scripted) as context:
        page = context.new_page()
        page.goto(site.link("e_lan"))
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{site.origin}/agreements/vna-trc-2025")
        page.get_by_role("link", name="Amend").click()
        text = page.get_by_label("The agreement, as the file")
        typed = text.input_value().replace("use_days = 30", "use_dais = 20") + "# agreed by telephone\n"
        text.fill(typed)
        page.get_by_role("button", name="See what it would do").click()
        fault = page.get_by_role("alert").get_by_role("link")
        expect(page.get_by_role("alert")).to_contain_text("did you mean 'use_days'?")
        expect(text).to_have_value(typed)
        fault.focus()
        press(page, "Enter")
        if scripted:
            expect(text).to_be_focused()
            assert page.evaluate("getSelection().toString()") == "use_dais = 20"
        text.fill(typed.replace("use_dais", "use_days"))
        page.get_by_role("button", name="See what it would do").click()
        expect(page.get_by_text("It widens no right")).to_be_visible()
        expect(page.locator(".difference ins").last).to_have_text("+use_days = 20")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".toast")).to_contain_text("Taken.")
        expect(page.locator("main")).to_contain_text("v2: from 25 Nov 2026")
    with site.exchange.database.read() as tx:
        dossier = agreements.register(tx, "vna").dossier("vna-trc-2025")
    assert dossier is not None
    assert [version.grants[0].terms.use_days for version in dossier.versions] == [30, 20]


def test_what_widens_needs_two_people(site: Site, browser: Browser) -> None:
    """Lan proposes and cannot sign off; Minh reads what it widens, and does."""
    with opened_context(browser) as mine, opened_context(browser) as theirs:
        first, second = mine.new_page(), theirs.new_page()
        sign_in(first, site, "e_lan")
        sign_in(second, site, "e_minh")
        first.goto(f"{site.origin}/writing?amend=vna-trc-2025")
        text = first.get_by_label("The agreement, as the file")
        text.fill(text.input_value().replace('    "en",\n    "ru",', '    "*",'))
        first.get_by_role("button", name="See what it would do").click()
        first.get_by_role("button", name="Propose it to a second person").click()
        expect(first.locator(".toast")).to_contain_text("another manager signs it off")
        expect(first.get_by_role("button", name="Sign off")).to_have_count(0)
        second.goto(f"{site.origin}/agreements")
        second.get_by_role("link", name="Proposals 1 waits").click()
        second.get_by_role("link", name="vna-trc-2025").click()
        expect(second.locator(".change .notice")).to_contain_text("in every language about every subject comes in, and did not")
        second.get_by_role("button", name="Sign off").click()
        expect(second.locator(".toast")).to_contain_text("Signed off: it is taken.")
        expect(second.locator("main")).to_contain_text("lan, signed off by minh")
        first.reload()
        expect(first.locator("main")).to_contain_text("signed off: minh")


def test_an_agreement_is_suspended_by_keyboard(site: Site, page: Page) -> None:
    """A day, a reason, what stops, and then it stops."""
    token = site.exchange.token("trc")
    assert "<feed" in site.exchange.feed("to-trc", token)
    sign_in(page, site, "e_lan")
    page.goto(f"{site.origin}/agreements/vna-trc-2025")
    page.get_by_role("link", name="Suspend").focus()
    press(page, "Enter")
    page.get_by_label("Why").focus()
    page.keyboard.type("talks on costs")
    press(page, "Enter")
    expect(page.locator(".change")).to_contain_text("stops to-trc (TRC, goes out), from 24 Nov 2026 15:00")
    page.get_by_role("button", name="Do it: Suspend").focus()
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("Taken.")
    expect(page.locator("main")).to_contain_text("24 Nov 2026: suspended. talks on costs")
    refused = site.exchange.app().test_client().get("/feeds/to-trc.atom", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert "suspended" in refused.text


def test_a_document_is_attached_and_saved_again(site: Site, page: Page, tmp_path: Path) -> None:
    """W07: a page in disguise is not shown, it is downloaded."""
    file = tmp_path / "ký kết.html"
    file.write_bytes(b"<script>top.fired = 1</script>" + b" " * 2_000_000)
    sign_in(page, site, "e_lan")
    page.goto(f"{site.origin}/agreements/vna-trc-2025")
    page.get_by_label("A document").set_input_files(file)
    page.get_by_role("button", name="Attach").click()
    expect(page.locator(".toast")).to_contain_text("Attached")
    with page.expect_download() as saved:
        page.get_by_role("link", name="ký kết.html").click()
    assert saved.value.suggested_filename == "ký kết.html"
    assert saved.value.path().read_bytes() == file.read_bytes()
    assert page.evaluate("'fired' in window") is False


def pages(exchange: Exchange) -> dict[str, str]:
    """Every page there is, by name, with something on it."""
    held = (rendition(), rendition(url="https://trc.example/gone.jpg", title="Gone"))
    exchange.receive(story(1, renditions=held))
    exchange.receive(story(1), on=FROM_AZERTAC)
    bring_home(exchange)
    visitor = exchange.seated("lan")
    visitor.post(f"/items/{exchange.item().id}/accept", revision=1)
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(1, headline="Astana hosts the road forum", renditions=held))
    exchange.receive(story(2, headline="Wheat exports rise"))
    exchange.token("trc")
    item = exchange.item()
    Index(exchange.database).round(exchange.clock())
    widened, activity = agreed(exchange)
    return {
        "queue": "/queue",
        "queue-item": f"/queue?item={item.id}",
        "item": f"/items/{item.id}",
        "edit": f"/items/{item.id}/edit",
        "search": "/search",
        "search-found": "/search?q=forum+asta",
        "search-none": "/search?q=nowhere",
        "search-no-word": "/search?q=%3F",
        "stories": "/stories",
        "story": f"/stories/{item.story}",
        "kill": f"/stories/{item.story}/kill",
        "agreements": "/agreements",
        "agreement": "/agreements/vna-trc-2025",
        "writing": "/writing",
        "amending": "/writing?amend=vna-trc-2025",
        "act": "/agreements/vna-trc-2025/acts/join",
        "act-shown": "/agreements/vna-trc-2025/acts/suspend?on=2026-12-01&reason=talks",
        "act-refused": "/agreements/vna-trc-2025/acts/resume?on=2026-12-01&reason=talks",
        "proposals": "/proposals",
        "proposal": widened,
        "activity-new": "/agreements/vna-trc-2025/activities/new",
        "activity": activity,
        "partners": "/partners",
        "flows": "/flows",
        "flow-in": "/flows/trc-en",
        "flow-out": "/flows/to-trc",
        "tokens": "/tokens",
        "status": "/status",
        "account": "/account",
        "keys": "/keys",
        "error": "/none",
    }


def agreed(exchange: Exchange) -> tuple[str, str]:
    """Addresses of a proposal and of an activity; with the agreement, duties and a document."""
    manager = exchange.seated("lan")
    duty = '\n[[obligations]]\nclause = "4.1"\nby = "us"\nwhat = "texts in English"\nat_least = 10\nat_most = 40\nperiod = "week"\n'
    assert taken(manager, text_of(since=date(2026, 11, 24)) + duty).status_code == 303
    manager.post("/agreements/vna-trc-2025/documents", document=(BytesIO(b"%PDF-1.7"), "signed.pdf"))
    manager.post("/agreements/vna-trc-2025/activities", kind="training", title="Data journalism", on="2026-12-01", minutes="1. Opening")
    widened = taken(manager, WIDER.replace("version = 2", "version = 3") + duty).headers["Location"]
    held = re.search(r"/activities/a_\w+", manager.get("/agreements/vna-trc-2025").text)
    assert held
    return widened, held.group()


def violations(page: Page) -> list[str]:
    """What axe finds wrong, of any weight, by WCAG 2.2 AA."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "languages"),
    [pytest.param("light", LANGUAGES, id="light, in each language"), pytest.param("dark", ("en",), id="dark")],
)
def test_axe_finds_nothing_on_any_page(site: Site, browser: Browser, scheme: Any, languages: tuple[str, ...]) -> None:
    """Every page, in each language, light and dark, and at the width of a phone. The policy is off for axe, which runs as a script."""
    known = pages(site.exchange)
    with opened_context(browser, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        faults = []
        page.goto(f"{site.origin}/sign-in")
        faults += [f"sign-in {one}" for one in violations(page)]
        sign_in(page, site, "e_lan")
        for language in languages:
            page.goto(f"{site.origin}/account")
            page.locator("select[name=language]").select_option(language)
            page.locator("form[action='/account'] button").click()
            for name, path in known.items():
                page.goto(site.origin + path)
                faults += [f"{language} {name} {one}" for one in violations(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        for name, path in known.items():
            page.goto(site.origin + path)
            faults += [f"phone {name} {one}" for one in violations(page)]
        assert faults == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_what_a_text_is_answered_with(site: Site, browser: Browser, language: str) -> None:
    """Faults, a preview that widens, a rehearsal: wide, and at the width of a phone, which none of them makes scroll."""
    site.exchange.receive(story(1), story(2, language="ru"))
    site.exchange.clock.pass_by(minutes=5)
    with opened_context(browser, bypass_csp=True) as context:
        page = context.new_page()
        sign_in(page, site, "e_lan")
        page.goto(f"{site.origin}/account")
        page.locator("select[name=language]").select_option(language)
        page.locator("form[action='/account'] button").click()
        faults = []
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{site.origin}/writing?amend=vna-trc-2025")
            text = page.locator("#text").input_value()
            for name, typed, button in (
                ("faults", text.replace("use_days", "use_dais"), "form.edit button.go"),
                ("preview", text.replace("use_days = 30", "use_days = 40"), "form.edit button.go"),
                ("rehearsal", text, "form.edit button[formaction]"),
            ):
                page.locator("#text").fill(typed)
                page.locator(button).click()
                page.wait_for_load_state()
                expect(
                    page.locator({"faults": ".faults", "preview": ".change .notice", "rehearsal": "main table"}[name]).first
                ).to_be_visible()
                faults += [f"{width} {name} {one}" for one in violations(page)]
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert faults == []


def test_axe_sees_a_fault(page: Page) -> None:
    """The control."""
    page.set_content("<html><body><img src='x'><button></button></body></html>")
    assert violations(page)


@pytest.mark.parametrize("width", [320, 390])
def test_pages_fit_a_phone(site: Site, browser: Browser, width: int) -> None:
    """Reflow: nothing makes the page itself scroll sideways."""
    known = pages(site.exchange)
    with opened_context(browser) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        sign_in(page, site, "e_lan")
        wide = {}
        for name, path in known.items():
            page.goto(site.origin + path)
            wide[name] = page.evaluate("document.documentElement.scrollWidth")
        assert {name: found for name, found in wide.items() if found > width} == {}


def test_no_page_is_refused_anything_by_its_own_policy(site: Site, page: Page) -> None:
    """A word in the console is a script, a style or a picture that the policy stopped."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    known = pages(site.exchange)
    sign_in(page, site, "e_lan")
    for name, path in known.items():
        if name not in ("error", "act-refused"):
            page.goto(site.origin + path)
    assert said == []
