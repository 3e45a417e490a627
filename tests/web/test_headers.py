"""Every address there is: its headers, who may open it, what it changes (W01, W05, W09, W12, A13, H11)."""

import re
import shutil
import sqlite3
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.routing import Rule

from syndication.settings import Settings
from syndication.storage.database import Database
from syndication.web.app import LARGEST_FORM, PUBLIC, hosts
from tests.web.exchange import PASSWORD, Exchange, story
from tests.web.served import served

FOR_MANAGERS = {
    "exchanges.tokens",
    "exchanges.issue_token",
    "exchanges.revoke_token",
    "agreements.attach",
    "agreements.new_activity",
    "agreements.add_activity",
    "agreements.edit_activity",
    "agreements.change_activity",
    "writing.write",
    "writing.preview",
    "writing.rehearse",
    "writing.take",
    "writing.act",
    "writing.do",
    "writing.sign_off",
    "writing.turn_down",
}
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def exchange(migrated_sqlite: Path, tmp_path: Path) -> Exchange:
    """One kind of database is enough here; the file lies open to be compared."""
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    return Exchange(Database(f"sqlite:///{tmp_path / 'desk.db'}"))


@pytest.mark.parametrize(("size", "status"), [(15_000, 200), (17_000, 431)], ids=["long", "too long"])
def test_x05_a_long_head_is_not_taken_apart(exchange: Exchange, size: int, status: int) -> None:
    with served(exchange.app(), exchange.settings) as where:
        assert requests.get(f"{where}/sign-in", headers={"Accept-Language": "0-1," * (size // 4)}, timeout=30).status_code == status


def rules(app: Flask) -> list[Rule]:
    """Every route of the application."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)


def path_of(rule: Rule, exchange: Exchange) -> str:
    """An address that the rule answers, with things that are there."""
    item = exchange.item()
    known = {
        "item": item.id if item else "i_none",
        "story": (item.story if item else None) or "s_none",
        "flow": "to-trc" if rule.endpoint.startswith(("outbox", "reading")) else "trc-en",
        "reference": "vna-trc-2025",
        "token": "t_none",
        "kind": "suspend",
        "digest": "0" * 64,
        "activity": "a_none",
        "proposal": "p_none",
        "number": "1",
        "hash_": "0" * 64,
        "form": "atom",
        "filename": "desk.css",
        "name": "cb_none",
    }
    path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: known[found.group(1)], rule.rule)
    assert "<" not in path, path
    return path


def filled(exchange: Exchange) -> Exchange:
    """With an item that was accepted, so that every page has something to show."""
    exchange.receive(story())
    visitor = exchange.seated()
    visitor.post(f"/items/{exchange.item().id}/accept", revision=1)
    return exchange


def is_guarded(answer: Any) -> bool:
    given = {part.strip() for part in answer.headers.get("Content-Security-Policy", "").split(";")}
    others = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"}
    return given == POLICY and all(answer.headers.get(name) == value for name, value in others.items())


def test_every_answer_is_guarded(exchange: Exchange) -> None:
    """W12: pages, redirects, refusals and errors, with a session and without. The control: without the hook the test sees it."""
    filled(exchange)
    app = exchange.app()
    for visitor in (exchange.visitor(), exchange.seated(), exchange.seated("lan")):
        for rule in rules(app):
            for method in sorted(rule.methods or ()):
                answer = visitor.client.open(path_of(rule, exchange), method=method)
                assert is_guarded(answer), (rule, method, answer.status)
    for path in ("/none", "/feeds/none.atom", "/feeds/to-trc.xml", "/items/%00", "/static/../app.py"):
        assert is_guarded(exchange.visitor().get(path)), path
    app.after_request_funcs.clear()
    assert not is_guarded(app.test_client().get("/sign-in"))


def test_no_page_has_a_script_or_a_style_of_its_own(exchange: Exchange) -> None:
    """So that the policy holds without exceptions: the browser would refuse them."""
    filled(exchange)
    visitor = exchange.seated("lan")
    inline = re.compile(r"<style|<script(?![^>]+src=)|\sstyle=|\son[a-z]+=|javascript:", re.I)
    for rule in rules(exchange.app()):
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            answer = visitor.get(path_of(rule, exchange))
            assert inline.findall(answer.text) == [], rule
    assert inline.findall('<p onclick="x">')


def test_every_page_asks_to_sign_in_but_those_listed(exchange: Exchange) -> None:
    filled(exchange)
    visitor = exchange.visitor()
    for rule in rules(exchange.app()):
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = visitor.client.open(path_of(rule, exchange), method=method)
            asked = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
            forged = answer.status_code == 403 and method not in SAFE
            forged |= answer.status_code == 401 and rule.endpoint.startswith(("api.", "hub.")) and method not in SAFE
            # A hub has no token: its address is one, and there is nothing at this.
            forged |= answer.status_code == 404 and rule.endpoint == "callback.take" and method not in SAFE
            assert (asked or forged) != (rule.endpoint in PUBLIC and method in SAFE), (rule, method, answer.status)
            if asked or forged:
                assert "Astana" not in answer.text
    assert {rule.endpoint for rule in rules(exchange.app())} >= PUBLIC


def test_every_change_needs_the_token_of_its_own_session(exchange: Exchange) -> None:
    """W01: none, a wrong one, another user's; the control: with its own it is not 403 for that."""
    filled(exchange)
    manager, other = exchange.seated("lan"), exchange.seated("mai")
    without = ("api.", "hub.", "callback.")
    changing = [rule for rule in rules(exchange.app()) if (rule.methods or set()) - SAFE and not rule.endpoint.startswith(without)]
    assert len(changing) > 8
    before = dump(exchange)
    for rule in changing:
        path = path_of(rule, exchange)
        for token in (None, "wrong", other.form_token()):
            data = {"revision": "2", "partner": "trc", "reason": "x", "note": "x", "meant": "yes", "language": "en"}
            answer = manager.client.post(path, data=data if token is None else {**data, "csrf_token": token})
            assert answer.status_code == 403, (rule, token)
            assert "This page was open for too long" in answer.text
    assert dump(exchange) == before
    assert manager.post("/account", language="fr").status_code == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing_even_with_a_token(exchange: Exchange, site: str) -> None:
    """W01."""
    visitor = exchange.seated()
    assert visitor.post("/account", headers={"Sec-Fetch-Site": site}, language="fr").status_code == 403
    assert visitor.post("/account", headers={"Sec-Fetch-Site": "same-origin"}, language="fr").status_code == 303


def test_opening_pages_changes_nothing(exchange: Exchange) -> None:
    """W01, H07: every GET there is, also with words that would be an act; the database is the same byte by byte, table by table."""
    filled(exchange)
    manager = exchange.seated("lan")
    before = dump(exchange)
    for rule in rules(exchange.app()):
        if "GET" in (rule.methods or ()):
            path = path_of(rule, exchange)
            for ask in ("", "?action=kill&confirm=1", "?_method=POST&revision=2&meant=yes"):
                manager.get(path + ask)
                manager.client.head(path + ask)
    assert dump(exchange) == before
    manager.post("/account", language="fr")
    assert dump(exchange) != before


def test_what_is_for_managers_refuses_editors(exchange: Exchange) -> None:
    editor, manager = exchange.seated("mai"), exchange.seated("lan")
    for rule in rules(exchange.app()):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            path = path_of(rule, exchange)
            answers = [
                one.get(path) if method == "GET" else one.post(path, partner="trc", password=PASSWORD, language="en")
                for one in (editor, manager)
                if rule.endpoint not in ("login.sign_out", "login.sign_in_by_password", "login.sign_in_by_link", "login.change_password")
            ]
            if answers:
                assert (answers[0].status_code == 403 and answers[1].status_code != 403) == (rule.endpoint in FOR_MANAGERS), (rule, method)
    assert {rule.endpoint for rule in rules(exchange.app())} >= FOR_MANAGERS
    assert "/tokens" not in editor.get("/queue").text
    assert "/tokens" in manager.get("/queue").text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1:8800", 200, id="the address of the settings"),
        pytest.param("localhost:5000", 200, id="this machine by name"),
        pytest.param("evil.example", 400, id="another name"),
        pytest.param("127.0.0.1.evil.example", 400, id="a name that begins like ours"),
        pytest.param("evil.example:127.0.0.1", 400, id="ours as the port"),
        pytest.param("", 400, id="no name"),
    ],
)
def test_another_host_is_refused(exchange: Exchange, host: str, status: int) -> None:
    """A13: also for the feeds, whose links come from the settings anyhow."""
    for path in ("/sign-in", "/healthz"):
        answer = exchange.visitor().get(path, headers={"Host": host})
        assert answer.status_code == status
        assert "evil" not in answer.text
    if status == 400:
        assert exchange.visitor().get("/feeds/to-trc.atom", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        pytest.param({}, ["127.0.0.1", "localhost"], id="on this machine"),
        pytest.param({"base_url": "https://desk.vna.example/", "listen": "0.0.0.0:80"}, ["desk.vna.example"], id="behind a proxy"),
        pytest.param(
            {"base_url": "https://desk.vna.example", "listen": "10.0.0.7:80"}, ["10.0.0.7", "desk.vna.example"], id="by number too"
        ),
    ],
)
def test_the_hosts_are_those_of_the_settings(settings: dict[str, str], known: list[str]) -> None:
    assert hosts(replace(Settings(), **settings)) == known  # type: ignore[arg-type]


def test_a_form_too_large_is_refused(exchange: Exchange) -> None:
    """W09; the control: a large item passes."""
    visitor = exchange.seated()
    fields: dict[str, Any] = {"revision": 1, "headline": "x", "summary": ""}
    assert visitor.post("/items/i_none/accept", body="x" * (LARGEST_FORM - 4_096), **fields).status_code == 404
    assert visitor.post("/items/i_none/accept", body="x" * LARGEST_FORM, **fields).status_code == 413


def test_a_form_of_a_thousand_parts_is_refused(exchange: Exchange) -> None:
    """W09: before they are unpacked."""
    visitor = exchange.seated()
    part = b'--B\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    answer = visitor.client.post(
        "/account", input_stream=BytesIO(part * 1_001 + b"--B--\r\n"), content_type="multipart/form-data; boundary=B"
    )
    assert answer.status_code in (400, 413)
    endless = visitor.client.post("/account", data=part * 3, content_type="multipart/form-data; boundary=B")
    assert endless.status_code in (400, 403, 413)


def test_pages_are_kept_by_nobody(exchange: Exchange) -> None:
    filled(exchange)
    assert exchange.seated().get("/queue").headers["Cache-Control"] == "no-store"
    feed = exchange.app().test_client().get("/feeds/to-azertac.atom")
    assert feed.headers["Cache-Control"] == "private, no-cache"
    assert feed.content_type.startswith("text/plain")


def test_partners_get_refusals_in_plain_text(exchange: Exchange) -> None:
    for path, method, status in (
        ("/feeds/none/none", "GET", 404),
        ("/feeds/to-trc.atom", "DELETE", 405),
        ("/feeds/to-trc.atom", "POST", 405),
    ):
        answer = exchange.app().test_client().open(path, method=method)
        assert answer.status_code == status
        assert answer.content_type == "text/plain; charset=utf-8"


def dump(exchange: Exchange) -> list[str]:
    """The whole database as text."""
    name = str(exchange.database._engine.url.database)
    with sqlite3.connect(name) as connection:
        return list(connection.iterdump())
