"""What a partner says over again: our own story, known by its name, its address and its words (S21); and another partner's (S23)."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from syndication.errors import RefusedError
from syndication.feeds.likeness import signature
from syndication.ingest.likeness import at_home
from syndication.intake.desk import Newsroom
from syndication.model.agreement import OnwardUse, ReviewTerm
from syndication.model.entry import Entry, Tombstone
from syndication.model.item import Item, ReviewState
from syndication.model.ledger import Movement
from syndication.model.partner import Direction, Flow
from syndication.model.story import Pubstatus, Story, Submitted
from syndication.review.desk import Desk
from syndication.settings import Settings
from syndication.storage import agreements, events, items, ledger, likeness, publications, stories
from syndication.storage.database import Database
from syndication.storage.schema import publications as publications_table
from syndication.storage.schema import standings
from tests.web.exchange import AGREEMENTS, FROM_AZERTAC, FROM_TRC, NOW, TO_TRC, Exchange, guid, story
from tests.worlds import content, grant, terms

BODY = (
    "<p>The Prime Minister received the ambassador of Kazakhstan in Hanoi on Tuesday, and said that rail traffic between the two countries "
    "had doubled in two years. The ambassador thanked him for the welcome, and proposed a direct flight from Astana from next spring.</p>"
)
CUT = BODY.split(". The")[0] + "</p>"
AT_ONCE = terms(onward=OnwardUse.ANYONE, review=ReviewTerm.AUTOMATIC)
OF_AZERTAC = terms(onward=OnwardUse.NAMED_PARTNERS, onward_partners=("trc",))
ADDRESS = "https://vna.example/en/rail"


@pytest.fixture
def exchange(database: Database) -> Exchange:
    """TRC's stories are accepted at once; AZERTAC's by an editor, and may go on to TRC."""
    made = Exchange(database)
    outbound = grant(clause="9", direction=Direction.OUTBOUND, languages=("en",), terms=terms(onward=OnwardUse.ANYONE))
    with database.write() as tx:
        for agreement, incoming in ((AGREEMENTS[0], AT_ONCE), (AGREEMENTS[2], OF_AZERTAC)):
            grants = (grant(clause="1", languages=("en",), terms=incoming), outbound)
            agreements.sign(tx, replace(agreement, version=2, grants=grants), NOW, "test")
    return made


def said(number: int = 1, name: str | None = None, **changes: Any) -> Entry:
    """An entry as the parser gives it: with its signature."""
    plain = story(number, **{"headline": "A flight to Astana", "summary": "", "body": BODY, "link": None, **changes})
    return replace(plain, guid=name or plain.guid, signature=signature(plain.content))


def ours(exchange: Exchange, **changes: Any) -> Story:
    """A story of our newsroom's, which goes to both partners."""
    told = content(**{"headline": "A flight to Astana", "summary": "", "body": BODY, "link": ADDRESS, **changes})
    newsroom = Newsroom(exchange.database, exchange.settings)
    newsroom.take(Submitted("urn:newsroom:1", told), "0" * 64, "test", NOW)
    with exchange.database.read() as tx:
        made = stories.by_uri(tx, "urn:newsroom:1")
    assert made is not None
    return made


def item(exchange: Exchange, name: str, flow: Flow = FROM_TRC) -> Item | None:
    with exchange.database.read() as tx:
        return items.by_guid(tx, flow.id, name)


def uses(exchange: Exchange, told: Story) -> list[str]:
    """The flows on which it went out to those who used it, as counted."""
    with exchange.database.read() as tx:
        assert len(events.events(tx, 10, told.id)) >= len(ledger.kinds(tx, Movement.PUBLISHED, told.id))
        return sorted(ledger.kinds(tx, Movement.PUBLISHED, told.id))


def accepted(exchange: Exchange, one: Item | None) -> Story:
    assert one is not None
    after = Desk(exchange.database, exchange.settings).accept(one.id, one.revision, "mai", NOW)
    with exchange.database.read() as tx:
        made = stories.get(tx, after.story or "")
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("changes", "comes_in", "used"),
    [
        pytest.param({"name": "{entry_id}", "body": "<p>Short.</p>"}, False, True, id="by the name our feeds give it"),
        pytest.param({"name": "urn:newsroom:1", "body": "<p>Short.</p>"}, False, True, id="by the name our newsroom gives it"),
        pytest.param({"link": f"{ADDRESS}?utm_source=trc", "body": "<p>Short.</p>"}, False, True, id="by its address"),
        pytest.param({"name": "https://vna.example/en/other", "body": "<p>Short.</p>"}, False, False, id="another address of ours"),
        pytest.param({}, True, True, id="by its words"),
        pytest.param({"body": CUT, "headline": "Flight to Astana planned"}, True, True, id="by some of its words, under another headline"),
        pytest.param({"body": "<p>Short.</p>"}, True, False, id="the control: other words, name and address"),
    ],
)
def test_s21_our_own_story_come_back_is_counted_and_goes_nowhere_by_itself(
    exchange: Exchange, changes: dict[str, Any], comes_in: bool, used: bool
) -> None:
    told = ours(exchange)
    name = changes.get("name", guid(1)).format(entry_id=told.entry_id)
    for _ in range(2):
        exchange.receive(said(**{**changes, "name": name}))
        assert uses(exchange, told) == (["to-trc"] if used else [])
    one = item(exchange, name)
    assert (one is not None) is comes_in
    if one is not None:
        assert one.state is (ReviewState.PENDING if used else ReviewState.ACCEPTED)
        assert one.flags == ((f"our own story, come back: {told.id}",) if used else ())


def test_s21_the_terms_of_the_original_apply_and_its_kill(exchange: Exchange) -> None:
    """AZERTAC's, by way of us, as TRC's: taken, it moves under what AZERTAC allows too, and goes with ours."""
    exchange.receive(said(), on=FROM_AZERTAC)
    original = accepted(exchange, item(exchange, guid(1), FROM_AZERTAC))
    exchange.receive(said(2))
    again = accepted(exchange, item(exchange, guid(2)))
    assert [stamp.partner for stamp in again.current.sources] == ["trc", "azertac"]
    assert again.derived_from == (original.id,)
    with exchange.database.read() as tx:
        # TRC's own terms alone would let it go to anyone.
        assert [one.flow for one in publications.holding(tx, again.id)] == []
        assert [one.flow for one in publications.holding(tx, original.id)] == [TO_TRC.id]


def test_the_words_of_a_kill_go_no_further_than_the_story(exchange: Exchange) -> None:
    """Not to who has only what was made from it, maybe under terms that keep the partner's words from it."""
    exchange.receive(said(), on=FROM_AZERTAC)
    original = accepted(exchange, item(exchange, guid(1), FROM_AZERTAC))
    exchange.receive(said(2))
    again = accepted(exchange, item(exchange, guid(2)))
    exchange.receive(on=FROM_AZERTAC, tombstones=(Tombstone(guid(1), None, "Our man there was mistaken."),))
    with exchange.database.read() as tx:
        first, second = (stories.get(tx, one.id) for one in (original, again))
    assert first is not None
    assert second is not None
    assert first.current.note == "Our man there was mistaken."
    assert (second.current.pubstatus, second.current.note) == (Pubstatus.CANCELED, "Killed, with what it was made from: do not use.")


def test_s21_what_we_killed_is_not_taken_back_from_a_partner(exchange: Exchange) -> None:
    told = ours(exchange)
    exchange.receive(said())
    Newsroom(exchange.database, exchange.settings).kill(told.id, "It was wrong.", "mai", NOW)
    exchange.receive(said(2))
    second = item(exchange, guid(2))
    assert second is not None
    assert second.flags == (f"our own story, come back: {told.id}, which is canceled",)
    for one in (item(exchange, guid(1)), second):
        with pytest.raises(RefusedError, match="our own story"):
            accepted(exchange, one)


def test_s21_our_story_is_known_also_after_an_echo_of_it_was_taken(exchange: Exchange) -> None:
    """What was made of the echo says the same, and does not stand before ours."""
    told = ours(exchange)
    exchange.receive(said())
    accepted(exchange, item(exchange, guid(1)))
    Newsroom(exchange.database, exchange.settings).kill(told.id, "It was wrong.", "mai", NOW)
    exchange.receive(said(2))
    assert (again := item(exchange, guid(2))) is not None
    assert f"our own story, come back: {told.id}, which is canceled" in again.flags
    assert again.state is ReviewState.PENDING


def test_a_partners_own_story_that_it_sends_again_is_no_echo(exchange: Exchange) -> None:
    """A new take of it, after ours was made from the first."""
    exchange.receive(said(), on=FROM_AZERTAC)
    accepted(exchange, item(exchange, guid(1), FROM_AZERTAC))
    exchange.receive(said(2), on=FROM_AZERTAC)
    again = item(exchange, guid(2), FROM_AZERTAC)
    assert again is not None
    assert again.flags == ()


def test_a_partners_own_story_that_was_killed_does_not_come_again_by_itself(exchange: Exchange) -> None:
    """Under another id: its partner may have put it right, so an editor may take it."""
    exchange.receive(said())
    first = item(exchange, guid(1))
    assert first is not None
    assert first.state is ReviewState.ACCEPTED
    Newsroom(exchange.database, exchange.settings).kill(first.story or "", "It was wrong.", "mai", NOW)
    exchange.receive(said(2))
    assert (again := item(exchange, guid(2))) is not None
    assert again.state is ReviewState.PENDING
    assert again.flags == (f"our own story, come back: {first.story}, which is canceled",)
    assert accepted(exchange, again).derived_from == ()


def test_what_a_partner_did_not_get_from_us_is_flagged_and_not_counted(exchange: Exchange) -> None:
    exchange.receive(said(), on=FROM_AZERTAC)
    original = accepted(exchange, item(exchange, guid(1), FROM_AZERTAC))
    with exchange.database.write() as tx:
        tx.change(delete(standings))
    exchange.receive(said(2))
    assert uses(exchange, original) == []
    one = item(exchange, guid(2))
    assert one is not None
    assert len(one.flags) == 1


def related(exchange: Exchange, one: Item | None) -> tuple[str, ...]:
    assert one is not None
    with exchange.database.read() as tx:
        return likeness.alike(tx, (one.id,)).get(one.id, ())


def test_s23_one_text_of_two_partners_stays_two_items_each_with_its_own_terms(exchange: Exchange) -> None:
    """What goes out at once by its own terms does not, where the same has come under others; taken, it has none of the other's."""
    exchange.receive(said(), on=FROM_AZERTAC)
    exchange.receive(said(7, body=BODY.replace("Tuesday", "Wednesday")))
    exchange.receive(replace(said(8), signature=()))  # the control
    other, one = item(exchange, guid(1), FROM_AZERTAC), item(exchange, guid(7))
    assert other is not None
    assert one is not None
    assert related(exchange, one) == (other.id,)
    assert related(exchange, other) == (one.id,)
    assert one.state is ReviewState.PENDING
    assert (control := item(exchange, guid(8))) is not None
    assert control.state is ReviewState.ACCEPTED
    assert [stamp.partner for stamp in accepted(exchange, one).current.sources] == ["trc"]
    assert (still := item(exchange, guid(1), FROM_AZERTAC)) is not None
    assert (still.state, still.current.stamp.terms) == (ReviewState.PENDING, OF_AZERTAC)


def test_a_corrected_text_is_held_against_the_others_anew(exchange: Exchange) -> None:
    exchange.receive(said(), on=FROM_AZERTAC)
    exchange.receive(said(body="<p>Short.</p>"))
    assert related(exchange, item(exchange, guid(1))) == ()
    exchange.receive(said())
    assert len(related(exchange, item(exchange, guid(1)))) == 1
    exchange.receive(said(body="<p>Short.</p>"))
    assert related(exchange, item(exchange, guid(1))) == ()
    exchange.receive(said(2), on=FROM_AZERTAC)
    assert related(exchange, item(exchange, guid(2), FROM_AZERTAC)) == ()


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("https://vna.example/en/rail", True, id="our home page's host"),
        pytest.param("http://www.vna.example/", True, id="with www"),
        pytest.param("https://cms.VNA.example:8443/x", True, id="under our domain"),
        pytest.param("http://127.0.0.1:8800/x", True, id="this server"),
        pytest.param("http://127.0.0.1:8801/x", False, id="another port"),
        pytest.param("https://notvna.example/", False, id="a host that ends like ours"),
        pytest.param("https://vna.example.evil.example/", False, id="a host that begins like ours"),
        pytest.param("tag:trc.example,2026:1", False, id="a name"),
        pytest.param("https://[vna.example/", False, id="no address"),
        pytest.param(None, False, id="none"),
    ],
)
def test_which_address_is_ours(link: str | None, expected: bool) -> None:
    assert at_home(Settings(), link) is expected


@pytest.mark.parametrize("given", [pytest.param(False, id="never given"), pytest.param(True, id="the control: given by us")])
def test_s23_a_partner_cannot_bury_what_another_says_in_the_same_words(exchange: Exchange, given: bool) -> None:
    """TRC's went out at once, and is killed: AZERTAC, which did not have it from us, is taken, and on its own terms alone."""
    exchange.receive(said())
    if not given:
        with exchange.database.write() as tx:
            tx.change(delete(standings))
            tx.change(delete(publications_table))
    exchange.receive(said(2), on=FROM_AZERTAC)
    exchange.receive(said(3), on=FROM_AZERTAC)
    if not given:
        before = accepted(exchange, item(exchange, guid(2), FROM_AZERTAC))
        assert [stamp.partner for stamp in before.current.sources] == ["azertac"]
    exchange.receive(tombstones=(Tombstone(guid(1), None, "Wrong."),))
    with pytest.raises(RefusedError, match="our own story") if given else nullcontext():
        after = accepted(exchange, item(exchange, guid(3), FROM_AZERTAC))
        assert after.current.pubstatus is Pubstatus.USABLE
    if not given:
        with exchange.database.read() as tx:
            assert (still := stories.get(tx, before.id)) is not None
        assert still.current.pubstatus is Pubstatus.USABLE


def test_what_a_partner_sent_before_our_newsroom_used_its_name_is_still_killed(exchange: Exchange) -> None:
    """The newsroom took it up under the name that the partner gives it: that makes the partner's item no echo, and its kill is done."""
    exchange.receive(said(name="urn:newsroom:1"))
    ours(exchange, headline="A flight from Hanoi", body="<p>Short.</p>")
    killed = replace(said(name="urn:newsroom:1"), pubstatus=Pubstatus.CANCELED)
    exchange.receive(killed)
    assert (one := item(exchange, "urn:newsroom:1")) is not None
    assert one.state is ReviewState.WITHDRAWN
