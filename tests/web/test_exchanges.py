"""Agreements, partners, flows and tokens, as the desk shows them, and the probes (A06, A07, A10, H11)."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from syndication import access
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.agreement import ActKind
from syndication.model.callback import Callback, CallbackState
from syndication.model.item import ReviewAct
from syndication.model.partner import Direction
from syndication.model.poll import Counts, Outcome, Poll, RefusedKind, Renaming
from syndication.model.proposal import ProposalState
from syndication.model.story import StoryAct
from syndication.storage import accounts, agreements, callbacks, events, partners, polls
from syndication.web.words import ACTS
from tests.web.exchange import FLOWS, FROM_TRC, NOW, PARTNERS, Exchange, guid, story, words
from tests.worlds import agreement, grant, refused, terms


def test_the_agreements_are_listed_with_their_state_now(exchange: Exchange) -> None:
    page = words(exchange.seated().get("/agreements"))
    assert re.search(r"vna-trc-2025 v1 Exchange of information Vietnam News Agency, TRC in force 6 May 2025 without end", page)
    assert re.search(r"vna-azertac-2014 v1 .* expired succeeded by vna-azertac-2025", page)
    exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 24))
    assert re.search(r"vna-trc-2025 .*? suspended 6 May 2025", words(exchange.seated().get("/agreements")))


def test_an_agreement_says_in_words_what_it_grants_each_way(exchange: Exchange) -> None:
    page = words(exchange.seated().get("/agreements/vna-trc-2025"))
    theirs, ours = page.split("What they grant us")[1].split("What we grant them")
    assert "2.1 text, picture English, Russian every subject may go on to AZERTAC may be abridged" in theirs
    assert "2.2 text, picture English, Vietnamese every subject may go on to anyone may be altered freely" in ours
    assert "one year is assumed" in page
    assert "to-trc: TRC, goes out" in page


def test_an_agreement_shows_its_chain(exchange: Exchange) -> None:
    visitor = exchange.seated()
    assert "succeeds vna-azertac-2014." in words(visitor.get("/agreements/vna-azertac-2025"))
    assert "succeeded by vna-azertac-2025." in words(visitor.get("/agreements/vna-azertac-2014"))


def test_a_flow_says_why_nothing_governs_it(exchange: Exchange) -> None:
    exchange.act("vna-trc-2025", ActKind.TERMINATE, date(2026, 11, 20))
    page = words(exchange.seated().get("/flows"))
    assert re.search(r"to-trc VNA for TRC TRC goes out open none vna-trc-2025 v1 .*terminated", page)
    assert re.search(r"to-azertac VNA for AZERTAC AZERTAC goes out open vna-azertac-2025 v1, in force", page)


def test_a_flow_says_what_the_agreement_refuses(exchange: Exchange) -> None:
    """What was let in later, under another agreement, is not among it."""
    exchange.receive(story(1, language="de", headline="Bahnforum"), story(2))
    page = words(exchange.seated().get("/flows/trc-en"))
    assert f"Bahnforum {guid(1)}" in page
    assert "language: de is not among what is granted: en, ru (vna-trc-2025 v1, 2.1)" in page
    assert guid(2) not in page
    exchange.receive(story(1, language="en", headline="Rail forum"))
    assert guid(1) not in words(exchange.seated().get("/flows/trc-en"))


def test_an_outbound_flow_says_when_the_partner_last_fetched_something_new(exchange: Exchange) -> None:
    exchange.receive(story())
    desk = exchange.seated()
    desk.post(f"/items/{exchange.item().id}/accept", revision="1")
    assert "The partner has fetched nothing yet." in words(desk.get("/flows/to-azertac"))
    exchange.feed("to-azertac", exchange.token("azertac"))
    assert "The partner last fetched something new 24 Nov 2026 15:00:00." in words(desk.get("/flows/to-azertac"))


def test_a_flow_says_how_its_last_poll_went_and_what_could_not_be_taken(exchange: Exchange) -> None:
    """H11: what a partner's server says is text on our page, whatever it looks like."""
    hostile = "<script>fire()</script> is no feed"
    failed = Poll("trc-en", NOW, NOW, Outcome.FAILED, counts=Counts(unreadable=1), status=200, error=hostile)
    with exchange.database.write() as tx:
        fault = refused(title="<b>bold</b>", reason="the date cannot be read", raw=b"<item>\xff</item>")
        polls.record(tx, failed, None, NOW + timedelta(minutes=30), 3, (fault,))
    for path in ("/flows", "/flows/trc-en"):
        answer = exchange.seated().get(path)
        assert "<script>fire" not in answer.text
        page = words(answer)
        assert "failed" in page
        assert "is no feed" in page
        assert "3 failures in a row" in page
    assert "the date cannot be read" in page
    assert "1 unreadable" in page


def test_what_was_refused_can_be_saved_and_never_opens_as_a_page(exchange: Exchange) -> None:
    """H11: bytes of a stranger's, as plain text and as a file; for who has signed in only."""
    with exchange.database.write() as tx:
        polls.keep_refused(tx, (refused(raw=b"<script>fire()</script>", kind=RefusedKind.DOCUMENT, head=b""),))
        (number,) = polls.refused_numbers(tx, "trc-en")
    desk = exchange.seated()
    page = desk.get("/flows/trc-en")
    address = f"/flows/trc-en/refused/{number}"
    assert address in page.text
    assert "<script>fire" not in page.text
    assert "syndication flow replay trc-en" in words(page)
    answer = desk.get(address)
    assert answer.data == b"<script>fire()</script>"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert desk.get(f"/flows/trc-fr/refused/{number}").status_code == 404
    assert desk.get("/flows/trc-en/refused/99").status_code == 404
    assert exchange.visitor().get(address).status_code == 303


def test_what_the_agreement_refused_can_be_saved_too(exchange: Exchange) -> None:
    exchange.receive(story(1, language="de", headline="Bahnforum"))
    with exchange.database.write() as tx:
        polls.keep_refused(tx, (refused(raw=b"<item/>", kind=RefusedKind.AGREEMENT, guid=guid(1), title="Bahnforum"),))
        (number,) = polls.refused_numbers(tx, "trc-en")
    page = exchange.seated().get("/flows/trc-en")
    assert words(page).count("Bahnforum") == 1
    assert f"/flows/trc-en/refused/{number}" in page.text


def test_a_flow_that_should_be_looked_at_is_named(exchange: Exchange) -> None:
    """On its page, and on the status page, with since when in our own zone."""
    desk = exchange.seated()
    assert "Flows to look at" not in words(desk.get("/status"))
    with exchange.database.write() as tx:
        failed = Poll("trc-en", NOW, NOW, Outcome.FAILED, error="<b>no</b> feed")
        polls.record(tx, Poll("trc-en", NOW, NOW, Outcome.UPDATED, counts=Counts(new=5)), None, NOW, 0, (), shifted=7)
        polls.record(tx, failed, None, NOW, 4, ())
    for path in ("/status", "/flows/trc-en"):
        page = desk.get(path)
        told = words(page)
        assert "failing since 24 Nov 2026 15:00:00 4 polls in a row failed, the last: <b>no</b> feed" in told
        assert "clock or zone wrong its dates lie 7 hours ahead of the time" in told
        assert "<b>no" not in page.text


def test_s14_new_ids_are_asked_about_and_said_once(exchange: Exchange) -> None:
    desk = exchange.seated()
    assert "Its ids have changed" not in words(desk.get("/flows/trc-en"))
    with exchange.database.write() as tx:
        polls.ask_about(tx, "trc-en", {"<b>new</b>": "old"})
        polls.record(tx, Poll("trc-en", NOW, NOW, Outcome.UPDATED), None, NOW + timedelta(hours=9), 0, (), flipped=True)
    page = desk.get("/flows/trc-en")
    assert "old → <b>new</b>" in words(page)
    assert "<b>new" not in page.text
    assert "ids changed since 24 Nov 2026 15:00:00" in words(desk.get("/status"))
    assert desk.post("/flows/trc-en/ids", said="perhaps").status_code == 400
    assert desk.post("/flows/trc-en/ids", said="same").status_code == 303
    assert desk.post("/flows/trc-en/ids", said="new").status_code == 409
    with exchange.database.read() as tx:
        assert polls.renamings(tx, "trc-en", ["<b>new</b>"]) == {"<b>new</b>": ("old", Renaming.SAME)}
        assert polls.health(tx, "trc-en").due_at != NOW + timedelta(hours=9)
        assert [(one.actor, one.act) for one in events.events(tx, 1)] == [("mai", "said what new ids are")]


def test_wire_44_a_flow_says_that_it_may_have_missed_stories(exchange: Exchange) -> None:
    desk = exchange.seated()
    assert "may have missed stories" not in words(desk.get("/flows/trc-en"))
    with exchange.database.write() as tx:
        polls.record(tx, Poll("trc-en", NOW, NOW, Outcome.UPDATED), None, NOW, 0, (), missed=True)
        polls.record(tx, Poll("trc-en", NOW, NOW, Outcome.UNCHANGED), None, NOW, 0, ())
    for path in ("/flows", "/flows/trc-en"):
        assert "may have missed stories 24 Nov 2026 15:00:00" in words(desk.get(path))


def test_wire_35_the_status_names_the_flows_that_their_partner_stopped(exchange: Exchange) -> None:
    desk = exchange.seated()
    assert "Stopped by the partner" not in words(desk.get("/status"))
    with exchange.database.write() as tx:
        polls.record(tx, Poll("trc-en", NOW, NOW, Outcome.GONE, status=410, error="<b>gone</b> for good"), None, None, 1, ())
    page = desk.get("/status")
    assert "Stopped by the partner" in words(page)
    assert "<b>gone" not in page.text
    assert "trc-en: <b>gone</b> for good" in words(page)


def test_wire_47_a_flow_says_what_its_hub_was_asked_and_has_told(exchange: Exchange) -> None:
    """By its host alone would not do: whoever looks why nothing comes has to see which hub it is. What the hub says is text."""
    one = Callback(
        "cb_1", FROM_TRC.id, "https://hub.example/", "https://trc.example/en", CallbackState.ACTIVE, NOW, NOW + timedelta(days=9)
    )
    with exchange.database.write() as tx:
        callbacks.found(tx, FROM_TRC.id, one.hub, one.topic, NOW)
        callbacks.ask(tx, one)
        callbacks.ask(tx, replace(one, id="cb_2", state=CallbackState.DENIED, lease_until=None, reason="<b>full</b>"))
    page = exchange.seated().get(f"/flows/{FROM_TRC.id}")
    assert "https://hub.example/. It is not asked to tell us: base_url is not https" in words(page)
    assert "tells us at once until" in words(page)
    assert "denied by the hub: <b>full</b> It has told us nothing yet." in words(page)
    with exchange.database.write() as tx:
        callbacks.pushed(tx, FROM_TRC.id, NOW)
        callbacks.failed(tx, FROM_TRC.id, NOW, "it answered 500")
    said = words(exchange.seated().get(f"/flows/{FROM_TRC.id}"))
    assert "Last push:" in said
    assert "1 failure in a row: it answered 500" in said


def test_an_outbound_flow_names_its_addresses_without_a_secret(exchange: Exchange) -> None:
    exchange.token("trc")
    page = exchange.seated().get("/flows/to-trc").text
    for form in FORMS:
        assert f"http://127.0.0.1:8800/feeds/to-trc.{form}" in page
    assert "syn_" not in page


def test_the_address_that_is_polled_is_shown_without_the_token_in_it(exchange: Exchange) -> None:
    """Whoever may read the desk may not read the partner's feed by it."""
    with exchange.database.write() as tx:
        told = tuple(replace(one, url="https://trc.example/en.rss?token=very-secret") if one.id == "trc-en" else one for one in FLOWS)
        partners.take(tx, PARTNERS, told, NOW)
    page = exchange.seated("lan").get("/flows/trc-en").text
    assert "https://trc.example/en.rss?…" in page
    assert "very-secret" not in page


def test_a_flow_lists_the_categories_that_stand_for_nothing(exchange: Exchange) -> None:
    exchange.receive(replace(story(1), categories=("Ballet", "Sport")), replace(story(2), categories=("Ballet", "<b>Opera")))
    page = exchange.seated().get("/flows/trc-en")
    assert "Categories that stand for no subject yet" in page.text
    assert re.search(r"Ballet 2 items .*<b>Opera 1 item", words(page))
    assert "Sport 1 item" not in words(page)


def test_the_partners_are_shown_with_their_flows(exchange: Exchange) -> None:
    page = words(exchange.seated().get("/partners"))
    assert re.search(r"TRC trc Kazakhstan", page)
    assert "trc-en: comes in, vna-trc-2025 v1" in page
    assert "Экономика: economy, business and finance" in page


def test_a_token_is_shown_once_and_works_until_it_is_revoked(exchange: Exchange) -> None:
    """A06, A10."""
    manager = exchange.seated("lan")
    issued = manager.post("/tokens", partner="trc", label="for the <desk>")
    found = re.search(r"syn_[\w-]+", issued.text)
    assert found
    plain = found.group()
    assert issued.headers["Cache-Control"] == "no-store"
    later = manager.get("/tokens")
    assert plain not in later.text
    assert "for the <desk>" in words(later)
    assert "atom" in exchange.feed("to-trc", plain)
    identity = re.search(r"/tokens/(t_\w+)/revoke", later.text)
    assert identity
    assert manager.post(identity.group()).status_code == 303
    refused = exchange.app().test_client().get("/feeds/to-trc.atom", headers={"Authorization": f"Bearer {plain}"})
    assert refused.status_code == 401
    assert manager.post(identity.group()).status_code == 404


def test_two_tokens_stand_at_a_time(exchange: Exchange) -> None:
    """A07."""
    manager = exchange.seated("lan")
    issued = [re.findall(r"syn_[\w-]+", manager.post("/tokens", partner="trc", label=one).text)[0] for one in ("old", "new")]
    for plain in issued:
        assert "atom" in exchange.feed("to-trc", plain)


def test_a_token_says_which_flows_it_opens_and_when_it_was_last_used(exchange: Exchange) -> None:
    """The use is kept when the answer has left, not before."""
    plain, digest = access.new_token()
    with exchange.database.write() as tx:
        accounts.issue(tx, FeedToken("t_one", "trc", "one flow", NOW, NOW + timedelta(days=30), flows=("to-trc",)), digest)
    manager = exchange.seated("lan")
    page = words(manager.get("/tokens"))
    assert re.search(r"t_one one flow to-trc 24 Nov 2026 15:00 never used 24 Dec 2026 15:00", page), page
    exchange.clock.pass_by(minutes=5)
    with exchange.app().test_client().get("/feeds/to-trc.atom", headers={"Authorization": f"Bearer {plain}"}) as answer:
        assert answer.status_code == 200
        assert "never used" in words(manager.get("/tokens"))
    assert re.search(r"t_one one flow to-trc 24 Nov 2026 15:00 24 Nov 2026 15:05", words(manager.get("/tokens")))


def test_no_token_for_who_is_no_partner(exchange: Exchange) -> None:
    assert exchange.seated("lan").post("/tokens", partner="nobody", label="").status_code == 400


@pytest.mark.parametrize("path", ["/agreements/none", "/flows/none", "/items/none", "/stories/none", "/none", "/static/none.css"])
def test_what_is_not_there_is_404(exchange: Exchange, path: str) -> None:
    answer = exchange.seated().get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in words(answer)


def test_the_probes_tell_nothing_else(exchange: Exchange) -> None:
    visitor = exchange.visitor()
    assert visitor.get("/healthz").text == "ok\n"
    assert visitor.get("/readyz").text == "ready\n"


def test_the_status_counts_plainly(exchange: Exchange) -> None:
    page = words(exchange.seated().get("/status"))
    assert "Inbound flows 2" in page
    assert "to review 0" in page
    assert "signed in" in page


def test_the_right_party_stands_in_what_each_grants(exchange: Exchange) -> None:
    """What we grant is for them and their subscribers, not for ours; a credit line's place for a name is filled with words."""
    with exchange.database.write() as tx:
        both = tuple(grant(clause=f"9.{n}", direction=way, terms=terms(credit_line="{partner}")) for n, way in enumerate(Direction))
        agreements.sign(tx, agreement(reference="x", grants=both), NOW, "test")
    page = words(exchange.seated().get("/agreements/x"))
    assert page.count("for the receiver and its own subscribers") == 2
    assert page.count("credit: [the sender's name]") == 2
    assert "{partner}" not in page


def test_acts_on_the_status_page_are_in_the_desks_language(exchange: Exchange) -> None:
    exchange.receive(story())
    desk = exchange.seated()
    desk.post(f"/items/{exchange.item().id}/accept", revision="1")
    desk.post("/account", page="/account", language="vi")
    page = desk.get("/status").text
    assert "đã nhận" in page
    assert "đã đăng nhập" in page
    assert ">accept<" not in page


def test_every_act_that_is_logged_has_a_word() -> None:
    known = {
        *map(str, ReviewAct),
        *map(str, StoryAct),
        *map(str, ActKind),
        *(str(one) for one in ProposalState if one is not ProposalState.OPEN),
    }
    assert known <= set(ACTS)


def test_an_account_is_told_in_words(exchange: Exchange) -> None:
    assert "Signs in as lan Role manager" in words(exchange.seated("lan").get("/account"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/items/{item}?against=9999999999999999999999999999", 200, id="a version that no database has a number for"),
        pytest.param("/items/{item}?against=-1", 200, id="a version below the first"),
        pytest.param("/queue?before=0,0001-01-01T00:00:00%2B14:00,i_1", 200, id="before all time"),
        pytest.param("/queue?before=0,2026-11-24T08:00:00Z,%00", 400, id="a NUL in the cursor"),
        pytest.param("/queue?before=0,2026-11-24T08:00:00Z,%27%22", 200, id="a cursor that is no id"),
        pytest.param("/queue?item=%00", 400, id="a NUL for an item"),
        pytest.param("/items/%00", 400, id="a NUL in the path"),
        pytest.param("/queue/fresh?since=0001-01-01T00:00:00%2B14:00", 200, id="since before all time"),
    ],
)
def test_an_odd_address_is_no_failure(exchange: Exchange, path: str, status: int) -> None:
    exchange.receive(story())
    assert exchange.seated().get(path.replace("{item}", exchange.item().id)).status_code == status
