"""Every field that a partner fills, with markup that acts, on every page there is, in a real browser (H01, H04, H06, H11, H15, H18)."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from syndication.model.entry import Entry, Tombstone
from syndication.model.poll import Poll, Refused, RefusedKind
from syndication.model.story import Content, Rendition
from syndication.review.search import Index
from syndication.storage import items, polls
from syndication.storage.database import Database
from syndication.web import app as desk_app
from syndication.web import words as desk_words
from tests import worlds
from tests.web.browser import chromium, served, sign_in, tripwire
from tests.web.exchange import Exchange, story
from tests.web.test_agreements import NARROWER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ACTING = """\
"'></title></textarea></select></pre></style>]]><b>{field}</b>\
<script>(top.fired ??= {{}}).{field} = 1</script>\
<img src="{stranger}/{field}.png" onerror="(top.fired ??= {{}}).{field} = 1"><svg onload="(top.fired ??= {{}}).{field} = 1"></svg>\
<iframe srcdoc="<script>(top.fired ??= {{}}).{field} = 1</script>"></iframe><link rel="stylesheet" href="{stranger}/{field}.css">\
<a href="javascript:(top.fired ??= {{}}).{field} = 1">trap</a>\
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=(top.fired??={{}}).{field}=1&gt;">\
<details open ontoggle="(top.fired ??= {{}}).{field} = 1">x</details><div style="position:fixed;bottom:0">over everything</div>\
<form action="/trap/{field}"><button data-act="accept">go</button>\
<input name="x" autofocus onfocus="(top.fired ??= {{}}).{field} = 1"></form>\
<img src="/trap/{field}"><video autoplay src="{stranger}/{field}.mp4" poster="/trap/{field}"></video>"""
ADDRESS = "javascript:(top.fired ??= {{}}).{field} = 1//{stranger}"
ADDRESSES = {("Content", "link"), ("Rendition", "url")}

OF_A_FORM_OF_ITS_OWN = {
    ("Content", "language"): "the agreement is asked for it: a story of a language that it does not name does not come in",
    ("Content", "credit_line"): "written here, by the agreement",
    ("Rendition", "hash"): "made here, of the bytes",
}
"""The text fields of an entry that hold no words of the partner's in what is kept."""

NO_PAGES = {"static", "desk.home", "desk.fresh", "api.find", "api.show", "api.description", "agreements.document", "media.rendition"} | {
    "exchanges.refused_bytes",
    "callback.confirm",
    "status.healthz",
    "status.readyz",
    "reading.subscriptions",
}
"""What answers with bytes, with data or with another address, and is no page."""


KINDS = (Entry, Content, Rendition, Refused, Tombstone, Poll)
WORDS = {
    *("content_headline", "content_summary", "content_body", "content_byline", "content_topics"),
    *("entry_guid", "entry_categories", "entry_claimed_source", "entry_flags", "entry_rights", "entry_raw"),
    *("rendition_title", "rendition_description", "rendition_credit", "rendition_media_type", "tombstone_comment"),
    *("poll_error", "poll_note", "refused_title", "refused_reason", "refused_raw"),
}
"""Fields that some page shows, at least."""
ESCAPED_ALWAYS = {"content_link", "entry_published_raw", "entry_flags", "poll_error", "refused_reason"}
"""Shown too; by what escapes also where the templates do not."""


def acting(kind: type[Any], stranger: str) -> dict[str, Any]:
    """Every text field of that kind, filled with what acts; and the bytes. The name of the field is in what it does."""
    filled: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        if (kind.__name__, name) in OF_A_FORM_OF_ITS_OWN:
            continue
        shape = ADDRESS if (kind.__name__, name) in ADDRESSES else ACTING
        text = shape.format(field=f"{kind.__name__.lower()}_{name}", stranger=stranger)
        if hint in (str, str | None):
            filled[name] = text
        elif hint == tuple[str, ...]:
            filled[name] = (text,)
        elif hint is bytes:
            filled[name] = text.encode()
    return filled


@dataclass
class Seen:
    """What the pages did: the fields whose script ran, what of the stranger and of ourselves was asked for, links that act; and what
    the pages say, by their endpoint.
    """

    fired: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def harm(self) -> set[str]:
        return self.fired | self.strangers | self.ours | self.links

    @property
    def shown(self) -> dict[str, set[str]]:
        """By field, the endpoints of the pages that show it."""
        names = [f"{kind.__name__.lower()}_{name}" for kind in KINDS for name in get_type_hints(kind)]
        found = {name: {page for page, text in self.said.items() if re.search(rf"\b{name}\b", text)} for name in names}
        return {name: pages for name, pages in found.items() if pages}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def exchange(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Exchange]:
    """What a browser sees does not depend on the kind of database."""
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield Exchange(database)
    database.close()


def hostile(stranger: str, number: int, **changes: Any) -> Entry:
    """The n-th entry, with all that a partner can say in it."""
    said = {**acting(Content, stranger), "renditions": (worlds.rendition(**acting(Rendition, stranger)),), **changes}
    plain = acting(Entry, stranger)
    return replace(story(number), **{**plain, "guid": f"{plain['guid']}{number}", "content": worlds.content(**said)})


def filled(exchange: Exchange, stranger: str) -> dict[str, tuple[str, ...]]:
    """Everything that a page can show of a partner, in every state of it. Gives the addresses of all pages, by their endpoint."""
    lan = exchange.seated("lan")
    entries = [hostile(stranger, number) for number in (1, 2, 3)]
    exchange.receive(*entries, hostile(stranger, 4, language="xx"))
    with exchange.database.read() as tx:
        held = [items.by_guid(tx, "trc-en", one.guid) for one in entries]
    for one in held[:2]:
        assert one is not None
        assert lan.post(f"/items/{one.id}/accept", revision=1).status_code == 303
    taken, killed, other = (one.id for one in held if one)
    assert lan.post(f"/items/{other}/hold", revision=1).status_code == 303
    exchange.clock.pass_by(minutes=5)
    first = entries[0].content
    again: dict[str, Any] = {part: f"{getattr(first, part)} Again." for part in ("headline", "summary", "body")}
    exchange.receive(replace(entries[0], content=replace(first, **again), updated=exchange.clock()))
    exchange.receive(tombstones=(Tombstone(entries[1].guid, exchange.clock(), acting(Tombstone, stranger)["comment"]),))
    said = acting(Poll, stranger)
    told_of = {part: acting(Refused, stranger)[part] for part in ("title", "reason", "raw")}
    told = {part: said[part] for part in ("error", "note", "url")}
    visit = worlds.poll(started_at=exchange.clock(), finished_at=exchange.clock(), **told)
    with exchange.database.write() as tx:
        polls.record(tx, visit, None, exchange.clock(), 1, (Refused("trc-en", exchange.clock(), RefusedKind.ENTRY, **told_of),))
        stories = [one.story for one in (items.get(tx, taken), items.get(tx, killed)) if one]
    Index(exchange.database).round(exchange.clock())
    return {
        "desk.queue": (f"/queue?item={taken}", f"/queue?state=held&item={other}", "/queue?state=rejected"),
        "desk.all_keys": ("/keys",),
        "desk.item_page": (f"/items/{taken}", f"/items/{taken}?against=1", f"/items/{killed}"),
        "desk.edit": (f"/items/{taken}/edit",),
        "newsroom.listed": ("/stories",),
        "newsroom.story_page": tuple(f"/stories/{one}" for one in stories),
        "newsroom.ask_to_kill": (f"/stories/{stories[0]}/kill",),
        "exchanges.all_partners": ("/partners",),
        "exchanges.all_flows": ("/flows",),
        "exchanges.flow_page": ("/flows/trc-en", "/flows/to-azertac"),
        "exchanges.tokens": ("/tokens",),
        "search.results": ("/search?q=trap",),
        "agreements.listed": ("/agreements",),
        "agreements.page": ("/agreements/vna-trc-2025",),
        "agreements.new_activity": ("/agreements/vna-trc-2025/activities/new",),
        "agreements.edit_activity": ("/activities/a_none",),
        "writing.write": ("/writing", "/writing?amend=vna-trc-2025"),
        "writing.act": ("/agreements/vna-trc-2025/acts/suspend",),
        "writing.listed": ("/proposals",),
        "writing.page": ("/proposals/p_none",),
        "status.standing": ("/status",),
        "login.account": ("/account",),
        "login.sign_in": ("/sign-in",),
        "login.link": ("/sign-in/none",),
        "reading.index": ("/feeds",),
        "reading.page": ("/feeds/to-azertac",),
        "outbox.feed": ("/feeds/to-azertac.atom", "/feeds/to-azertac.rss", "/feeds/to-azertac.json"),
        "outbox.withdrawn": ("/feeds/to-azertac/withdrawn.atom",),
        "outbox.archived": ("/feeds/to-azertac/archive/1.atom",),
    }


def forms(pages: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, dict[str, str]]]:
    """What is answered to a form with a page that shows items: an act refused, with what stands now; a rehearsal."""
    item, story = pages["desk.item_page"][0], pages["newsroom.story_page"][0]
    return {
        "desk.accept": (f"{item}/accept", {"revision": "1", "headline": "Mine", "summary": "", "body": "<p>Mine</p>"}),
        "desk.reject": (f"{item}/reject", {"revision": "1", "reason": "late"}),
        "newsroom.kill": (f"{story}/kill", {"note": ""}),
        "writing.rehearse": ("/writing/rehearse", {"text": NARROWER}),
    }


SUBMIT = """([action, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  const token = document.querySelector("[name=csrf_token]").value;
  for (const [name, value] of [["csrf_token", token], ...Object.entries(fields)]) {
    const one = document.createElement("textarea");
    one.name = name;
    one.value = value;
    form.append(one);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""
LOOK = """async () => {
  for (const one of document.querySelectorAll("a")) if (one.textContent === "trap") one.click();
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)));
  const names = ["href", "src", "action", "formaction"];
  const acting = one => names.some(name => /^\\s*(javascript|data|vbscript):/i.test(one.getAttribute(name)));
  const links = [...document.querySelectorAll(names.map(name => `[${name}]`))].filter(acting).map(one => one.outerHTML.slice(0, 120));
  return [Object.keys(window.fired ?? {}), links, document.documentElement.outerHTML];
}"""


def look(page: Page, endpoint: str, seen: Seen) -> None:
    fired, links, said = page.evaluate(LOOK)
    seen.fired |= set(fired)
    seen.links |= {f"{endpoint}: {link}" for link in links}
    seen.said[endpoint] = seen.said.get(endpoint, "") + said


def walked(exchange: Exchange, browser: Browser) -> Seen:
    """Open every page there is, as a manager or as the partner, click what says `trap`, and send the forms."""
    seen = Seen()
    with tripwire() as (stranger, hits), served(exchange) as site, browser.new_context() as desk, browser.new_context() as reader:
        pages = filled(exchange, stranger)
        reader.set_extra_http_headers({"Authorization": f"Bearer {exchange.token('azertac')}"})
        ours, theirs = desk.new_page(), reader.new_page()
        sign_in(ours, site, "e_lan")
        asked: list[str] = []
        for page in (ours, theirs):
            page.on("request", lambda request: None if request.is_navigation_request() else asked.append(request.url))
        for endpoint, paths in pages.items():
            page = theirs if endpoint.startswith(("reading", "outbox", "login.sign_in", "login.link")) else ours
            for path in paths:
                page.goto(site.origin + path)
                look(page, endpoint, seen)
        for endpoint, (path, fields) in forms(pages).items():
            ours.goto(f"{site.origin}/keys")
            with ours.expect_navigation():
                ours.evaluate(SUBMIT, [path, fields])
            look(ours, endpoint, seen)
        seen.strangers = {hit.split()[1] for hit in hits}
        known = ("/static/", "/queue/fresh")
        seen.ours = {path for url in asked if (path := url.removeprefix(site.origin)) != url and not path.startswith(known)}
    return seen


def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cleaned, and nothing escaped."""
    monkeypatch.setattr(desk_words, "clean_html", lambda html, base: html)
    monkeypatch.setattr(Flask, "select_jinja_autoescape", lambda self, filename: False)

    def outward(address: str) -> str:
        return address

    monkeypatch.setattr(desk_words, "outward", outward)


def test_what_is_cleaned_does_nothing_on_any_page(exchange: Exchange, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """H01, H04, H06, H11, H18: without the policy. Every field is on a page, as text."""
    monkeypatch.setattr(desk_app, "SECURITY_HEADERS", {})
    seen = walked(exchange, browser)
    assert seen.harm == set()
    assert seen.shown.keys() >= WORDS | ESCAPED_ALWAYS
    assert {"desk.queue", "desk.item_page", "desk.edit", "newsroom.story_page", "reading.page", "outbox.feed"} <= seen.shown["content_body"]


def test_the_policy_alone_stops_every_script_and_every_stranger(
    exchange: Exchange, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H15: nothing is cleaned, and nothing escaped. It does not stop a request to ourselves; that such a request changes nothing is W01."""
    undone(monkeypatch)
    seen = walked(exchange, browser)
    assert (seen.fired, seen.strangers) == (set(), set())


def test_every_field_does_harm_with_both_layers_off(exchange: Exchange, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: of every field that a page shows, the script runs, and the stranger is reached."""
    monkeypatch.setattr(desk_app, "SECURITY_HEADERS", {})
    undone(monkeypatch)
    seen = walked(exchange, browser)
    assert seen.shown.keys() - seen.fired == {*ESCAPED_ALWAYS, "rendition_url"}
    # A topic is shown in two parts, around its first colon: its address is none any more.
    assert seen.strangers >= {f"/{name}.png" for name in WORDS - ESCAPED_ALWAYS - {"content_topics"}}
    assert "/trap/content_body" in seen.ours
    assert [link for link in seen.links if "content_link" in link]


def test_every_page_is_walked(exchange: Exchange) -> None:
    """A page that is added later has to be added here."""
    known = {*filled(exchange, "http://stranger.example"), *NO_PAGES}
    assert {rule.endpoint for rule in exchange.app().url_map.iter_rules() if "GET" in (rule.methods or ())} == known
