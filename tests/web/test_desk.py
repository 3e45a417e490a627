"""The queue and the item: what an editor sees, what each act does, and what is refused without losing a word (H02 to H08, W01, W15)."""

import io
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from syndication.feeds import language
from syndication.feeds.likeness import signature
from syndication.intake.desk import Newsroom
from syndication.model.entry import Entry, Tombstone
from syndication.model.item import ReviewState
from syndication.model.story import Pubstatus, Submitted
from syndication.settings import Settings
from syndication.storage import arrivals, events, stories
from syndication.storage.database import Database
from syndication.web import words as desk_words
from tests.media import pictures
from tests.web.exchange import FROM_AZERTAC, NOW, Exchange, Visitor, guid, story, words
from tests.web.gallery import bring_home
from tests.worlds import rendition


def decide(visitor: Visitor, exchange: Exchange, act: str, *, status: int = 303, **fields: Any) -> str:
    """Do that act on the first item as it stands now, from its own page; returns what the answer says."""
    item = exchange.item()
    answer = visitor.post(f"/items/{item.id}/{act}", revision=item.revision, **fields)
    assert answer.status_code == status, words(answer)
    return words(answer)


def test_the_queue_shows_what_came_in_newest_first(exchange: Exchange) -> None:
    exchange.receive(story(1, headline="Rail forum opens"))
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(2, headline="Wheat exports rise"))
    text = exchange.seated().get("/queue").text
    assert text.index("Wheat exports rise") < text.index("Rail forum opens")
    assert re.findall(r'<span class="count">(\d+)</span>', text)[0] == "2"


def test_the_item_says_under_what_and_where_it_would_go(exchange: Exchange) -> None:
    """The agreement line, and for each outbound flow the verdict of the gate, before anything is decided."""
    exchange.receive(story())
    page = words(exchange.seated().get(f"/items/{exchange.item().id}"))
    assert "vna-trc-2025 v1, 2.1" in page
    for phrase in (
        "may go on to AZERTAC",
        "may be abridged",
        "credit: TRC",
        "use within 30 days of receipt",
        "only in Vietnam, Azerbaijan",
    ):
        assert phrase in page
    assert re.search(r"would go AZERTAC to-azertac", page)
    assert re.search(r"would not go TRC to-trc onward use", page)
    assert "it says: TRC" in page
    assert "{partner}" not in page


@pytest.mark.parametrize(("link", "leads"), [("https://trc.example/rail", True), ("https://other.example/rail", False)])
def test_s20_a_link_outside_the_agreement_is_text(exchange: Exchange, link: str, leads: bool) -> None:
    exchange.receive(story(link=link))
    page = exchange.seated().get(f"/items/{exchange.item().id}")
    assert link in words(page)
    assert (f'href="{link}"' in page.text) is leads
    assert ("outside the agreement" in words(page)) is not leads


def test_what_may_not_go_on_says_which_clause(exchange: Exchange) -> None:
    exchange.receive(story(), on=FROM_AZERTAC)
    page = words(exchange.seated().get(f"/items/{exchange.item(on=FROM_AZERTAC).id}"))
    assert re.search(r"would not go TRC to-trc onward use: .*vna-azertac-2025 v1, 3\.1", page)


def test_accepting_publishes_and_undo_takes_it_back(exchange: Exchange) -> None:
    exchange.receive(story())
    token = exchange.token("azertac")
    visitor = exchange.seated()
    assert "Astana hosts the rail forum" not in exchange.feed("to-azertac", token)
    decide(visitor, exchange, "accept")
    feed = exchange.feed("to-azertac", token)
    assert "Astana hosts the rail forum" in feed
    assert "TRC" in feed  # the credit line of the agreement
    page = words(visitor.get(f"/items/{exchange.item().id}"))
    assert "accepted: mai" in page
    assert re.search(r"goes AZERTAC to-azertac placed", page)
    exchange.clock.pass_by(seconds=20)
    decide(visitor, exchange, "undo")
    assert exchange.item().state is ReviewState.PENDING
    assert "<title>Astana hosts the rail forum" not in exchange.feed("to-azertac", token)


def test_undo_is_over_after_its_seconds(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    decide(visitor, exchange, "hold")
    exchange.clock.pass_by(seconds=exchange.settings.undo_seconds + 1)
    assert 'data-act="undo"' not in visitor.get(f"/items/{exchange.item().id}").text.split('class="toasts"')[1].split("<main")[1]
    assert "there is no decision of the last 30 seconds to undo" in decide(visitor, exchange, "undo", status=403)


def test_accepting_with_edits_that_only_abridge(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    form = visitor.get(f"/items/{exchange.item().id}/edit").text
    assert "Trains will run daily from May." in form
    decide(visitor, exchange, "accept", headline="Astana hosts the rail forum", summary="", body="<p>Trains will run from May.</p>")
    with exchange.database.read() as tx:
        made = stories.get(tx, exchange.item().story)
    assert made is not None
    assert made.current.content.body == "<p>Trains will run from May.</p>"


def test_an_edit_beyond_the_agreement_is_refused_and_kept_in_the_form(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    item = exchange.item()
    fields = {"headline": "Astana triumphs", "summary": "Ours", "body": "<p>Our own words.</p>", "revision": item.revision}
    answer = visitor.post(f"/items/{item.id}/accept", **fields)
    assert answer.status_code == 422
    assert "the agreement allows only to abridge (vna-trc-2025 v1, 2.1)" in words(answer)
    for kept in ('value="Astana triumphs"', ">Ours</textarea>", "Our own words."):
        assert kept in answer.text
    assert exchange.item().state is ReviewState.PENDING


def test_no_edits_are_offered_where_none_are_allowed(exchange: Exchange) -> None:
    exchange.receive(story(), on=FROM_AZERTAC)
    item = exchange.item(on=FROM_AZERTAC)
    page = exchange.seated().get(f"/items/{item.id}").text
    assert f"/items/{item.id}/accept" in page
    assert f"/items/{item.id}/edit" not in page


def test_rejecting_needs_a_reason(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    assert "say why it is rejected" in decide(visitor, exchange, "reject", status=422, reason="  ")
    decide(visitor, exchange, "reject", reason="we have it already")
    assert exchange.item().state is ReviewState.REJECTED
    assert "we have it already" in words(visitor.get(f"/items/{exchange.item().id}"))
    assert "Astana hosts" in words(visitor.get("/queue?state=rejected"))
    assert "Astana hosts" not in words(visitor.get("/queue")).replace("Rejected: Astana hosts", "")


def test_a_held_item_stays_in_the_queue_marked(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    decide(visitor, exchange, "hold")
    page = visitor.get("/queue").text
    assert "state-held" in page
    assert "Astana hosts the rail forum" in page


def test_the_queue_goes_on_with_the_next_item(exchange: Exchange) -> None:
    for number in (1, 2, 3):
        exchange.receive(story(number, headline=f"Story {number}"))
        exchange.clock.pass_by(minutes=1)
    visitor = exchange.seated()
    first, second = exchange.item(3), exchange.item(2)
    pane = visitor.get(f"/queue?item={first.id}").text
    assert f'name="next" value="{second.id}"' in pane
    answer = visitor.post(f"/items/{first.id}/hold", revision=1, **{"from": "queue", "next": second.id, "state": "review"})
    assert answer.headers["Location"] == f"/queue?item={second.id}"
    assert "Held: Story 3" in words(visitor.get(answer.headers["Location"]))


def test_a_correction_of_what_was_taken_comes_back_with_its_diff(exchange: Exchange) -> None:
    exchange.receive(story())
    token = exchange.token("azertac")
    visitor = exchange.seated()
    decide(visitor, exchange, "accept")
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(body="<p>Trains will run weekly from May.</p>"))
    item = exchange.item()
    assert item.state is ReviewState.REOPENED
    page = visitor.get(f"/queue?item={item.id}").text
    assert "<del>daily </del><ins>weekly </ins>" in page
    assert "Take the correction" in page
    assert "daily" in exchange.feed("to-azertac", token)
    decide(visitor, exchange, "accept")
    feed = exchange.feed("to-azertac", token)
    assert "weekly" in feed
    assert "daily" not in feed


def test_what_was_taken_may_be_kept(exchange: Exchange) -> None:
    exchange.receive(story())
    visitor = exchange.seated()
    decide(visitor, exchange, "accept")
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(headline="Astana hosts the road forum"))
    decide(visitor, exchange, "keep")
    assert exchange.item().state is ReviewState.ACCEPTED
    assert "what changed since" in words(visitor.get(f"/items/{exchange.item().id}"))
    against = visitor.get(f"/items/{exchange.item().id}?against=1").text
    assert "<del>rail </del><ins>road </ins>" in against


def test_what_the_partner_kills_leaves_the_queue(exchange: Exchange) -> None:
    exchange.receive(story())
    exchange.clock.pass_by(minutes=5)
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock(), "names the wrong person"),))
    visitor = exchange.seated()
    assert "Astana hosts" not in words(visitor.get("/queue"))
    page = words(visitor.get(f"/items/{exchange.item().id}"))
    assert "names the wrong person" in page
    assert "Accept" not in page


def test_the_second_of_two_editors_is_told_and_loses_nothing(exchange: Exchange) -> None:
    """W15: 409, what happened meanwhile, the edits still in the form; one publication. The control: on the new revision it passes."""
    exchange.receive(story())
    first, second = exchange.seated("lan"), exchange.seated("mai")
    item = exchange.item()
    decide(first, exchange, "hold")
    edits = {"headline": "Astana hosts the forum", "summary": "Two days", "body": "<p>Trains will run from May.</p>"}
    answer = second.post(f"/items/{item.id}/accept", revision=item.revision, **edits)
    assert answer.status_code == 409
    said = words(answer)
    assert "meanwhile this item was changed by lan: it is now held" in said
    for kept in ('value="Astana hosts the forum"', ">Two days</textarea>", "Trains will run from May."):
        assert kept in answer.text
    assert exchange.item().state is ReviewState.HELD
    revision = int(re.findall(r'name="revision" value="(\d+)"', answer.text)[-1])
    assert revision == exchange.item().revision
    assert second.post(f"/items/{item.id}/accept", revision=revision, **edits).status_code == 303


def test_a_reason_typed_for_a_stale_item_is_kept(exchange: Exchange) -> None:
    """W15."""
    exchange.receive(story())
    first, second = exchange.seated("lan"), exchange.seated("mai")
    item = exchange.item()
    decide(first, exchange, "hold")
    answer = second.post(f"/items/{item.id}/reject", revision=item.revision, reason="too late for us")
    assert answer.status_code == 409
    assert 'value="too late for us"' in answer.text


def test_an_act_without_a_revision_is_no_request(exchange: Exchange) -> None:
    exchange.receive(story())
    assert exchange.seated().post(f"/items/{exchange.item().id}/accept").status_code == 400


def test_what_the_partner_withholds_cannot_be_accepted(exchange: Exchange) -> None:
    held = story()
    exchange.receive(type(held)(held.guid, held.content, held.raw, pubstatus=Pubstatus.WITHHELD))
    assert "the partner withholds this item" in decide(exchange.seated(), exchange, "accept", status=403)


def test_an_embargo_is_shown_and_holds(exchange: Exchange) -> None:
    exchange.receive(story(embargo_until=NOW + timedelta(hours=3)))
    token = exchange.token("azertac")
    visitor = exchange.seated()
    assert "embargo until" in words(visitor.get(f"/items/{exchange.item().id}"))
    decide(visitor, exchange, "accept")
    assert "waits for its embargo AZERTAC" in words(visitor.get(f"/items/{exchange.item().id}"))
    assert "Astana hosts" not in exchange.feed("to-azertac", token)
    exchange.clock.pass_by(hours=3)
    assert "Astana hosts" in exchange.feed("to-azertac", token)


def test_the_bar_counts_what_changed_since(exchange: Exchange) -> None:
    exchange.receive(story(1))
    visitor = exchange.seated()
    found = re.search(r'data-fresh="([^"]+)"', visitor.get("/queue").text)
    assert found
    address = found.group(1).replace("&amp;", "&")
    assert visitor.get(address).json == {"count": 0, "more": False}
    exchange.clock.pass_by(minutes=1)
    exchange.receive(story(2, headline="Wheat exports rise"))
    assert visitor.get(address).json == {"count": 1, "more": False}


@pytest.mark.parametrize(
    "address", ["/queue?before=nonsense", "/queue?before=9999-99-99,x", "/queue/fresh?since=%00", "/queue?item=i_none"]
)
def test_an_odd_address_is_answered(exchange: Exchange, address: str) -> None:
    assert exchange.seated().get(address).status_code in (200, 400, 404)


def test_the_list_goes_back_page_by_page(exchange: Exchange) -> None:
    exchange.receive(*(story(number, headline=f"Story {number:03}") for number in range(60)))
    visitor = exchange.seated()
    first = visitor.get("/queue").text
    found = re.search(r'href="([^"]+)" rel="next"', first)
    assert found
    second = visitor.get(found.group(1).replace("&amp;", "&")).text
    shown = set(re.findall(r"Story \d{3}", first)), set(re.findall(r"Story \d{3}", second))
    assert (len(shown[0]), len(shown[1]), shown[0] & shown[1]) == (50, 10, set())


HOSTILE = (
    '<p onclick="fire()">one</p><script>fire()</script><img src=x onerror="fire()"><a href="javascript:fire()">two</a>'
    '<a href="/items/i_1/accept?action=kill">three</a><form action="/sign-in"><input name="password"></form>'
    '<div style="position:fixed" id="main" class="toasts" data-act="accept">four</div><iframe srcdoc="<b>x"></iframe>{{ 7*7 }}'
)
HARM = re.compile(r"onclick=|onerror=|javascript:|<iframe|<img|srcdoc|style=\"position|fire\(\)</script>|<form action=|action=kill", re.I)


def harmful(text: str) -> list[str]:
    """What of the hostile item became markup of the page."""
    return HARM.findall(re.sub(r'<pre class="raw".*?</pre>', "", text, flags=re.S))


@pytest.mark.parametrize(
    "page", ["/queue?item={item}", "/items/{item}", "/items/{item}?against=1", "/stories/{story}", "/stories/{story}/kill"]
)
def test_a_hostile_item_is_inert_in_every_view(exchange: Exchange, page: str) -> None:
    """H02, H04, H06, H07, H08, H09, H18: body, headline, summary, byline, link and picture."""
    hostile: dict[str, Any] = {
        "headline": "<script>fire()</script><img src=x onerror=fire()>",
        "summary": "<img src=x onerror=fire()>",
        "byline": ("<b onclick=fire()>me</b>",),
        "body": HOSTILE,
        "renditions": (rendition(title='"><img src=x onerror=fire()>'),),
    }
    exchange.receive(story(**hostile))
    visitor = exchange.seated()
    decide(visitor, exchange, "accept")
    exchange.clock.pass_by(minutes=1)
    exchange.receive(story(**{**hostile, "headline": "<script>fire()</script>"}))
    item = exchange.item()
    text = visitor.get(page.format(item=item.id, story=item.story)).text
    assert "&lt;script&gt;fire()" in text
    assert [one for one in harmful(text) if one.lower() not in ("onerror=", "onclick=", "<img")] == []
    assert re.findall(r"<(?:img|script|iframe|form)\b[^>]*(?:fire|onerror|srcdoc)", text) == []
    assert "{{ 7*7 }}" in text or "/kill" in page or "49" not in text


def test_the_oracle_sees_a_hostile_item_when_nothing_cleans_it(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the sanitizer the same item would become markup of the page."""
    monkeypatch.setattr(desk_words, "clean_html", lambda html, base: html)
    exchange.receive(story(body=HOSTILE))
    text = exchange.seated().get(f"/items/{exchange.item().id}").text
    assert {"javascript:", "<iframe", "action=kill"} <= set(harmful(text))


def test_nothing_of_a_partner_is_loaded_when_an_item_is_opened(exchange: Exchange) -> None:
    """H06: pictures are links with their credit; the only addresses loaded are our own."""
    exchange.receive(story(renditions=(rendition(),)))
    text = exchange.seated().get(f"/items/{exchange.item().id}").text
    assert 'href="https://trc.example/rail.jpg"' in text
    assert "TRC/A. Bek" in text
    loaded = re.findall(r'(?:src|srcset|poster|data)="([^"]+)"|<link[^>]+href="([^"]+)"', text)
    assert loaded
    assert all((one or other).startswith("/static/") for one, other in loaded)


def test_a_headline_in_another_language_says_so(exchange: Exchange) -> None:
    """For who listens to the page, and for the direction of its letters."""
    exchange.receive(story(headline="Астана принимает форум", language="ru"))
    visitor = exchange.seated()
    assert '<h2 class="headline" lang="ru" dir="auto">Астана' in visitor.get(f"/items/{exchange.item().id}").text
    assert '<span class="headline" lang="ru" dir="auto">Астана' in visitor.get("/queue").text


def test_our_stories_show_where_they_went_and_a_kill_asks_twice(exchange: Exchange) -> None:
    exchange.receive(story())
    token = exchange.token("azertac")
    visitor = exchange.seated()
    decide(visitor, exchange, "accept")
    exchange.feed("to-azertac", token)
    made = exchange.item().story
    assert "Astana hosts" in words(visitor.get("/stories"))
    page = words(visitor.get(f"/stories/{made}"))
    assert re.search(r"to-azertac 1 placed", page)
    assert "not yet" not in page
    assert visitor.post(f"/stories/{made}/kill", note="wrong person").status_code == 422
    assert visitor.post(f"/stories/{made}/kill", meant="yes", note=" ").status_code == 422
    assert "Astana hosts" in exchange.feed("to-azertac", token)
    exchange.clock.pass_by(minutes=1)
    assert visitor.post(f"/stories/{made}/kill", meant="yes", note="wrong person").status_code == 303
    feed = exchange.feed("to-azertac", token)
    assert "Astana hosts" not in feed
    assert "wrong person" in feed
    assert visitor.post(f"/stories/{made}/kill", meant="yes", note="again").status_code == 403
    assert "Killed." in words(visitor.get(f"/stories/{made}"))


LONG = (
    "<p>The Prime Minister received the ambassador of Kazakhstan in Hanoi on Tuesday, and said that rail traffic between the two countries "
    "had doubled in two years. The ambassador thanked him for the welcome.</p>"
)


def signed(number: int, **changes: Any) -> Entry:
    """A long text, as the parser gives it."""
    plain = story(number, body=LONG, link=None, **changes)
    return replace(plain, signature=signature(plain.content))


def test_s23_one_text_of_two_partners_is_shown_as_one_with_the_terms_of_each(exchange: Exchange) -> None:
    exchange.receive(signed(1), on=FROM_AZERTAC)
    exchange.receive(signed(2))
    exchange.receive(story(3, headline="Wheat exports rise"))  # the control
    visitor = exchange.seated()
    queue = words(visitor.get("/queue"))
    assert (queue.count("also from TRC"), queue.count("also from AZERTAC")) == (1, 1)
    one, other, control = exchange.item(2), exchange.item(1, on=FROM_AZERTAC), exchange.item(3)
    page = visitor.get(f"/items/{one.id}")
    assert f'href="/items/{other.id}"' in page.text
    assert re.search(r"also from AZERTAC to review vna-azertac-2025 v1, 3\.1: for the receiver's own use only", words(page)), words(page)
    assert "also from TRC" in words(visitor.get(f"/items/{other.id}"))
    assert "also from" not in words(visitor.get(f"/items/{control.id}"))


def test_s21_our_own_story_come_back_is_told_and_its_use_shown(exchange: Exchange) -> None:
    token = exchange.token("trc")
    told = Newsroom(exchange.database, exchange.settings).take(Submitted("urn:newsroom:1", signed(1).content), "0" * 64, "test", NOW)[1]
    assert told is not None
    assert told.entry_id in exchange.feed("to-trc", token)
    visitor = exchange.seated()
    assert "counted as used" not in words(visitor.get(f"/stories/{told.id}"))
    exchange.receive(signed(2))
    assert "our own story, come back" in words(visitor.get("/queue"))
    page = visitor.get(f"/items/{exchange.item(2).id}")
    assert f'href="/stories/{told.id}"' in page.text
    assert "It came back, and was counted as used: TRC" in words(visitor.get(f"/stories/{told.id}"))
    assert "sent our own story back" in words(visitor.get("/status"))


def test_a_text_that_reads_like_another_language_has_a_badge_and_nothing_else(exchange: Exchange) -> None:
    exchange.receive(replace(story(1), reads_as="kk"), story(2, headline="Wheat exports rise"))
    visitor = exchange.seated()
    assert words(visitor.get("/queue")).count("reads like Kazakh") == 1
    assert "reads like Kazakh" in words(visitor.get(f"/items/{exchange.item().id}"))
    assert "reads like" not in words(visitor.get(f"/items/{exchange.item(2).id}"))
    assert exchange.item().flags == ()


def test_the_status_says_whether_languages_are_checked(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = exchange.seated()
    assert "extra 'language'" not in words(visitor.get("/status"))
    monkeypatch.setattr(language, "INSTALLED", False)
    assert "extra 'language' is not installed" in words(visitor.get("/status"))


@pytest.fixture
def gallery(migrated_sqlite: Path, tmp_path: Path) -> Exchange:
    """With an item of two pictures, of which one is at home and the other was given up."""
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    made = Exchange(Database(f"sqlite:///{tmp_path / 'desk.db'}"), Settings(data=str(tmp_path / "data")))
    made.receive(story(renditions=(rendition(), rendition(url="https://trc.example/gone.jpg", title="Gone"))))
    bring_home(made)
    return made


def test_what_is_at_home_is_shown_from_our_own_store_with_its_words(gallery: Exchange) -> None:
    """H06: with caption and credit; the only addresses loaded are our own."""
    item, visitor = gallery.item(), gallery.seated()
    for page in (f"/items/{item.id}", f"/queue?item={item.id}"):
        text = visitor.get(page).text
        loaded = [one or other for one, other in re.findall(r'(?:src|srcset|poster)="([^"]+)"|<link[^>]+href="([^"]+)"', text)]
        shown = {one for one in loaded if not one.startswith("/static/")}
        (thumbnail,) = shown
        assert re.fullmatch(rf"/items/{item.id}/thumbnails/[0-9a-f]{{64}}", thumbnail)
        assert f'<img src="{thumbnail}" alt="A train"' in text
        assert "TRC/A. Bek" in text
    answer = visitor.get(thumbnail)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "image/jpeg", "private, no-cache")
    with Image.open(io.BytesIO(answer.data)) as small:
        assert small.size == (320, 240)
    assert visitor.get(thumbnail, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert gallery.visitor().get(thumbnail).status_code == 303


def test_w07_the_whole_is_only_ever_saved(gallery: Exchange) -> None:
    """W07, H10."""
    visitor = gallery.seated()
    (path,) = set(re.findall(r'href="(/items/\w+/files/[0-9a-f]{64})"', visitor.get(f"/items/{gallery.item().id}").text))
    answer = visitor.get(path)
    assert (answer.data, answer.mimetype) == (pictures.jpeg(640, 480), "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_was_given_up_says_why_and_can_be_asked_for_again(gallery: Exchange) -> None:
    item, visitor = gallery.item(), gallery.seated()
    page = visitor.get(f"/items/{item.id}")
    assert "Not brought home: trc.example answered 404: there is nothing. given up" in words(page)
    assert "not brought home" in words(visitor.get("/queue"))
    gallery.clock.pass_by(minutes=5)
    answer = visitor.post(f"/items/{item.id}/pictures", page=f"/items/{item.id}", place="1", revision=str(item.revision))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/items/{item.id}")
    assert "It is being fetched" in visitor.get(f"/items/{item.id}").text
    with gallery.database.read() as tx:
        assert arrivals.of_version(tx, item.id, 1)[1].next_at == gallery.clock()
        assert [(one.actor, one.act) for one in events.events(tx, 9, item.id)] == [("mai", "fetch again")]
    for place in ("2", "", "x"):
        assert visitor.post(f"/items/{item.id}/pictures", place=place).status_code == 404
    assert visitor.post("/items/i_none/pictures", place="0").status_code == 404


def test_what_the_partner_killed_is_shown_no_more(gallery: Exchange) -> None:
    """Z05: at the desk too."""
    item, visitor = gallery.item(), gallery.seated()
    (thumbnail,) = set(re.findall(r'src="(/items/\w+/thumbnails/[0-9a-f]{64})"', visitor.get(f"/items/{item.id}").text))
    assert visitor.get(f"/items/{item.id}/thumbnails/{'0' * 64}").status_code == 404
    assert visitor.get(f"/items/i_none/files/{'0' * 64}").status_code == 404
    gallery.receive(tombstones=(Tombstone(guid(1), gallery.clock()),))
    assert visitor.get(thumbnail).status_code == visitor.get(thumbnail.replace("thumbnails", "files")).status_code == 410
    assert "/thumbnails/" not in visitor.get(f"/items/{item.id}").text


def test_a_story_says_that_it_goes_out_without_what_is_not_at_home(gallery: Exchange) -> None:
    visitor = gallery.seated()
    decide(visitor, gallery, "accept")
    text = words(visitor.get(f"/stories/{gallery.item().story}"))
    assert "Kept here, and handed out to partners from here." in text
    assert "not at home yet The story goes out without it until it is." in text
