"""Who gets in, for how long, and where to (A02, A05, W02, W03, W04, W05, W14)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication import access
from syndication.settings import Settings
from syndication.storage import accounts
from tests.web.exchange import EDITOR, MANAGER, PASSWORD, Exchange, Visitor, words

NEXT = "/stories"


def link_for(exchange: Exchange, editor: str = "e_mai") -> str:
    with exchange.database.write() as tx:
        found = accounts.by_id(tx, editor)
        assert found is not None
        return f"/sign-in/{access.issue_sign_in_link(tx, found, exchange.clock())}"


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/queue").status_code == 200


def test_a_link_signs_in_once(exchange: Exchange) -> None:
    link = link_for(exchange)
    first, second = exchange.visitor(), exchange.visitor()
    assert first.post(link, page=link).status_code == 303
    assert is_in(first)
    told = second.get(link)
    assert told.status_code == 410
    assert "used already" in words(told)
    answer = second.post(link, page="/sign-in")
    assert answer.status_code == 403
    assert "used already" in words(answer)
    assert not is_in(second)


def test_what_looks_ahead_at_a_link_does_not_use_it_up(exchange: Exchange) -> None:
    link = link_for(exchange)
    for _ in range(3):
        assert exchange.visitor().get(link).status_code == 200
        assert exchange.visitor().client.head(link).status_code == 200
    visitor = exchange.visitor()
    assert visitor.post(link, page=link).status_code == 303


def test_a_link_is_over_after_its_day(exchange: Exchange) -> None:
    link = link_for(exchange)
    exchange.clock.pass_by(hours=24)
    assert "its day is over" in words(exchange.visitor().get(link))
    assert exchange.visitor().post(link, page="/sign-in").status_code == 403


@pytest.mark.parametrize(
    "login",
    [
        pytest.param("mai", id="wrong password"),
        pytest.param("nobody", id="no such editor"),
        pytest.param("\x00é" * 50, id="no name at all"),
    ],
)
def test_every_wrong_sign_in_gets_one_answer(exchange: Exchange, login: str) -> None:
    """A02, W14: the page that comes back tells only what was typed."""
    answer = exchange.visitor().post("/sign-in", page="/sign-in", login=login, password="wrong password")
    assert answer.status_code == 403
    assert "The name or the password is wrong." in words(answer)


def test_an_editor_without_a_password_cannot_sign_in_by_one(exchange: Exchange) -> None:
    with exchange.database.write() as tx:
        accounts.add(tx, replace(EDITOR, id="e_new", login="new"))
    answer = exchange.visitor().post("/sign-in", page="/sign-in", login="new", password="")
    assert answer.status_code == 403


def test_guessing_is_slowed_down_and_another_address_is_not(exchange: Exchange) -> None:
    """A05: also with a forged X-Forwarded-For; after the minute it goes on."""
    guesser, limit = exchange.visitor(), exchange.settings.attempts_per_minute
    for number in range(limit):
        answer = guesser.post("/sign-in", page="/sign-in", headers={"X-Forwarded-For": f"10.0.0.{number}"}, login="mai", password="wrong")
        assert answer.status_code == 403
    refused = guesser.post("/sign-in", page="/sign-in", login="mai", password=PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    token = guesser.form_token("/sign-in")
    elsewhere = guesser.client.post(
        "/sign-in", data={"csrf_token": token, "login": "mai", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 303
    exchange.clock.pass_by(minutes=1, seconds=1)
    assert exchange.visitor().post("/sign-in", page="/sign-in", login="mai", password=PASSWORD).status_code == 303


def test_links_are_not_guessed_either(exchange: Exchange) -> None:
    visitor = exchange.visitor()
    statuses = [visitor.post("/sign-in/guess", page="/sign-in").status_code for _ in range(exchange.settings.attempts_per_minute + 1)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {403}


@pytest.mark.parametrize(
    ("given", "leads"),
    [
        pytest.param("/stories", "/stories", id="a page of ours"),
        pytest.param("/queue?state=held&item=i_1", "/queue?state=held&item=i_1", id="a page of ours with a question"),
        pytest.param("//evil.example", "/queue", id="a host"),
        pytest.param("/\\evil.example", "/queue", id="a backslash"),
        pytest.param("/\t/evil.example", "/queue", id="a tab, which browsers leave out"),
        pytest.param("/\n/evil.example", "/queue", id="a line end"),
        pytest.param("https:evil.example", "/queue", id="a scheme"),
        pytest.param("https://evil.example/", "/queue", id="another site"),
        pytest.param("javascript:alert(1)", "/queue", id="a script"),
        pytest.param("\\\\evil.example", "/queue", id="two backslashes"),
        pytest.param(" //evil.example", "/queue", id="a space before"),
        pytest.param("/@evil.example", "/queue", id="an at sign"),
        pytest.param("", "/queue", id="nothing"),
    ],
)
def test_signing_in_leads_nowhere_but_here(exchange: Exchange, given: str, leads: str) -> None:
    """W04."""
    answer = exchange.visitor().post("/sign-in", page="/sign-in", login="mai", password=PASSWORD, next=given)
    assert answer.status_code == 303
    assert answer.headers["Location"] == leads


def test_who_is_sent_to_sign_in_comes_back_to_the_page(exchange: Exchange) -> None:
    visitor = exchange.visitor()
    sent = visitor.get("/stories?x=1")
    assert sent.headers["Location"].startswith("/sign-in?next=")
    form = visitor.get(sent.headers["Location"]).text
    assert 'name="next" value="/stories?x=1"' in form


def test_a_session_ends_after_its_hours(exchange: Exchange) -> None:
    """W03: whatever was done meanwhile."""
    visitor = exchange.seated()
    for _ in range(exchange.settings.session_hours * 4 - 1):
        exchange.clock.pass_by(minutes=15)
        assert is_in(visitor)
    exchange.clock.pass_by(minutes=15)
    assert not is_in(visitor)


def test_a_managers_session_ends_when_nobody_is_there(exchange: Exchange) -> None:
    """W03; what the page asks by itself is nobody. The control: an editor's goes on."""
    manager, editor = exchange.seated("lan"), exchange.seated("mai")
    exchange.clock.pass_by(minutes=29)
    assert is_in(manager)
    for _ in range(4):
        exchange.clock.pass_by(minutes=8)
        manager.get("/queue/fresh")
    assert not is_in(manager)
    assert is_in(editor)


def test_signing_out_ends_a_cookie_that_was_copied(exchange: Exchange) -> None:
    """W02; the control: the copy worked before."""
    visitor, thief = exchange.seated(), exchange.visitor()
    cookie = visitor.client.get_cookie("desk")
    assert cookie is not None
    thief.client.set_cookie("desk", cookie.value)
    assert is_in(thief)
    assert visitor.get("/sign-out").status_code == 405
    assert is_in(visitor)
    assert visitor.post("/sign-out").status_code == 303
    assert not is_in(visitor)
    assert not is_in(thief)


def test_signing_in_begins_a_session_of_its_own(exchange: Exchange) -> None:
    """W02: a form token from before, which somebody else may have planted, is worth nothing after."""
    visitor = exchange.visitor()
    planted = visitor.form_token("/sign-in")
    visitor.post("/sign-in", page="/sign-in", login="mai", password=PASSWORD)
    assert visitor.client.post("/account", data={"csrf_token": planted, "language": "fr"}).status_code == 403


def test_another_password_ends_other_sessions_and_not_this_one(exchange: Exchange) -> None:
    """W02, W14."""
    visitor, other = exchange.seated(), exchange.seated()
    answer = visitor.post("/account/password", page="/account", password=PASSWORD, new="another long password")
    assert answer.status_code == 303
    assert is_in(visitor)
    assert not is_in(other)
    assert exchange.visitor().post("/sign-in", page="/sign-in", login="mai", password=PASSWORD).status_code == 403


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        pytest.param("wrong", "another long password", 403, id="the old one is wrong"),
        pytest.param("", "another long password", 403, id="the old one is missing"),
        pytest.param(PASSWORD, "short", 422, id="the new one is too short"),
    ],
)
def test_a_password_change_needs_the_old_one(exchange: Exchange, old: str, new: str, status: int) -> None:
    """W14."""
    visitor = exchange.seated()
    assert visitor.post("/account/password", page="/account", password=old, new=new).status_code == status
    assert exchange.visitor().post("/sign-in", page="/sign-in", login="mai", password=PASSWORD).status_code == 303


def test_the_first_password_is_set_after_a_link(exchange: Exchange) -> None:
    with exchange.database.write() as tx:
        accounts.add(tx, replace(EDITOR, id="e_new", login="new"))
    link = link_for(exchange, "e_new")
    visitor = exchange.visitor()
    visitor.post(link, page=link)
    assert "You have no password yet" in words(visitor.get("/queue"))
    assert visitor.post("/account/password", page="/account", new="a password of mine").status_code == 303
    assert exchange.visitor().post("/sign-in", page="/sign-in", login="new", password="a password of mine").status_code == 303


def test_issuing_a_token_asks_for_the_password_again_after_a_while(exchange: Exchange) -> None:
    """W05; the control: right after signing in it does not."""
    visitor = exchange.seated("lan")
    assert visitor.post("/tokens", partner="trc", label="first").status_code == 200
    exchange.clock.pass_by(minutes=16)
    refused = visitor.post("/tokens", partner="trc", label="second")
    assert refused.status_code == 403
    assert "syn_" not in refused.text
    assert 'value="second"' in refused.text
    assert visitor.post("/tokens", partner="trc", label="second", password="wrong").status_code == 403
    assert visitor.post("/tokens", partner="trc", label="second", password=PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [
        pytest.param("https://desk.vna.example", "__Host-desk", True, id="by https, for this host alone"),
        pytest.param("http://127.0.0.1:8800", "desk", False, id="on this machine"),
    ],
)
def test_the_cookie_is_kept_from_scripts_and_other_sites(exchange: Exchange, base_url: str, name: str, secure: bool) -> None:
    """W03."""
    exchange.settings = replace(Settings(), base_url=base_url)
    host = base_url.removeprefix("https://").removeprefix("http://")
    answer = exchange.visitor().get("/sign-in", base_url=base_url, headers={"Host": host})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


def test_the_link_itself_stays_out_of_the_log(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """W13: neither one that is wrong, nor one that is good still, where the form's token is missing."""
    exchange.visitor().post("/sign-in/guessed-token", page="/sign-in")
    assert exchange.visitor().client.post("/sign-in/guessed-token").status_code == 403
    said = capsys.readouterr()
    assert "guessed-token" not in said.err + said.out
    assert "refused a form" in said.err + said.out


def test_an_editor_chooses_the_language_of_the_desk(exchange: Exchange) -> None:
    visitor = exchange.seated()
    assert visitor.post("/account", page="/account", language="fr", keys="on").status_code == 303
    assert '<html lang="fr">' in visitor.get("/queue").text
    assert visitor.post("/account", page="/account", language="xx").status_code == 400
    assert visitor.post("/account", page="/account", language="en").status_code == 303
    assert 'data-keys="off"' in visitor.get("/queue").text


def test_a_session_of_an_editor_who_is_gone_is_over(exchange: Exchange) -> None:
    """The session names an editor by id and number: another number is another session."""
    visitor = exchange.seated()
    assert is_in(visitor)
    with exchange.database.write() as tx:
        accounts.end_sessions(tx, EDITOR.id)
    assert not is_in(visitor)
    assert MANAGER.session == 1


def test_the_manager_stays_while_working(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    for _ in range(6):
        exchange.clock.now += timedelta(minutes=20)
        assert is_in(manager)
