"""Why, and why not: of a story on a flow, of an item, and of what a partner sent under an id of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from syndication.agreements import explain
from syndication.agreements.explain import Explanation
from syndication.errors import NotFoundError
from syndication.model.agreement import ActKind, Obligation, Period
from syndication.model.clearance import Clause
from syndication.model.erasure import Erasure
from syndication.model.partner import Direction
from syndication.review.desk import Desk
from syndication.storage import agreements, erasures, events, items, partners, stories
from syndication.storage.database import Database, Transaction
from tests import worlds
from tests.web.exchange import AGREEMENTS, FLOWS, FROM_AZERTAC, FROM_TRC, NOW, PARTNERS, Exchange, guid, story

LATER = NOW + timedelta(days=1)


@pytest.fixture
def exchange(database: Database) -> Exchange:
    """TRC's first story is accepted and goes on to AZERTAC; the second waits; the third, in Kazakh, was refused."""
    made = Exchange(database)
    made.receive(story(1), story(2), story(3, language="kk"))
    made.receive(story(2), on=FROM_AZERTAC)
    item = made.item(1)
    Desk(database, made.settings).accept(item.id, item.revision, "mai", made.clock())
    return made


def told(exchange: Exchange, ask: Callable[[Transaction], Explanation]) -> Explanation:
    with exchange.database.read() as tx:
        return ask(tx)


def of(exchange: Exchange, name: str, flow: str | None = None) -> Explanation:
    return told(exchange, lambda tx: explain.of_subject(tx, name, worlds.AGENCY, LATER, flow))


def accepted(exchange: Exchange) -> str:
    """The id of the story made of the first."""
    found = exchange.item(1).story
    assert found
    return str(found)


def test_a_story_on_a_flow(exchange: Exchange) -> None:
    """Now, and as it was decided when it was released; of that flow alone."""
    name = accepted(exchange)
    found = told(exchange, lambda tx: explain.of_story_on(tx, name, "to-azertac", worlds.AGENCY, LATER))
    assert (found.subject, found.what, found.flow, found.at) == (name, "Astana hosts the rail forum", "to-azertac", LATER)
    assert found.now.allowed
    assert [(one.flow, one.subject, one.allowed) for one in found.before] == [("to-azertac", name, True)]
    assert of(exchange, name, "to-azertac") == found


def test_what_was_decided_later_is_not_told(exchange: Exchange) -> None:
    name = accepted(exchange)
    for at, count in ((NOW, 1), (NOW - timedelta(microseconds=1), 0)):
        found = told(exchange, lambda tx, at=at: explain.of_story_on(tx, name, "to-azertac", worlds.AGENCY, at))  # type: ignore[misc]
        assert len(found.before) == count


def test_a_story_by_its_address(exchange: Exchange) -> None:
    """As our own system calls it."""
    address = "https://cms.vna.example/1"
    with exchange.database.write() as tx:
        stories.write(tx, worlds.story(uri=address))
        assert explain.of_story_on(tx, address, "to-azertac", worlds.AGENCY, LATER).subject == "s_1"
        assert explain.of_subject(tx, address, worlds.AGENCY, LATER, "to-azertac").subject == "s_1"


def test_what_was_placed_counts_no_second_time(exchange: Exchange) -> None:
    """The ceiling of one a day was reached by this very story: where it stands, it stands."""

    ceiling = Obligation("4", Direction.OUTBOUND, "texts", at_most=1, period=Period.DAY)
    with exchange.database.write() as tx:
        agreements.sign(tx, replace(AGREEMENTS[2], version=2, since=date(2026, 11, 1), obligations=(ceiling,)), NOW, "test")
        found = explain.of_story_on(tx, accepted(exchange), "to-azertac", worlds.AGENCY, NOW)
    assert found.now.allowed


def test_what_others_used_of_a_ceiling_counts(exchange: Exchange) -> None:
    ceiling = Obligation("4", Direction.OUTBOUND, "texts", at_most=1, period=Period.DAY)
    with exchange.database.write() as tx:
        agreements.sign(tx, replace(AGREEMENTS[2], version=2, since=date(2026, 11, 1), obligations=(ceiling,)), NOW, "test")
        stories.write(tx, worlds.story())
        found = explain.of_story_on(tx, "s_1", "to-azertac", worlds.AGENCY, NOW)
    assert [no.clause for no in found.now.refusals] == [Clause.QUOTA]


CREDIT = "the credit line is obligatory, after the text: TRC"


def test_a_credit_line_that_is_not_written_names_the_partner(exchange: Exchange) -> None:
    source = worlds.stamp(terms=worlds.terms(credit_line="{partner}"))
    with exchange.database.write() as tx:
        stories.write(tx, worlds.story(current=worlds.story_version(sources=(source,))))
        assert CREDIT in explain.of_story_on(tx, "s_1", "to-azertac", worlds.AGENCY, NOW).now.duties
        assert CREDIT in explain.of_item(tx, exchange.item(2).id, worlds.AGENCY, NOW).now.duties


def test_what_was_deleted_is_told_with_it(exchange: Exchange) -> None:
    """From its moment on."""
    name, item = accepted(exchange), exchange.item(2).id
    gone = [Erasure(LATER, one, 1, "trc", "g", "Rail", "f" * 64, worlds.REFERENCE, 1, "2.1", "its use has ended") for one in (name, item)]
    with exchange.database.write() as tx:
        for one in (*gone, replace(gone[0], at=LATER + timedelta(microseconds=1))):
            erasures.record(tx, one)
    assert of(exchange, name, "to-azertac").deleted == (gone[0],)
    assert of(exchange, item).deleted == (gone[1],)


def test_by_whose_way_an_item_came_is_asked_about(exchange: Exchange) -> None:
    current = worlds.item_version(stamp=worlds.stamp(origins=("azertac",)))
    with exchange.database.write() as tx:
        items.receive(tx, worlds.item(guid="other", current=current))
        stamp = explain.of_item(tx, "i_1", worlds.AGENCY, NOW).now.stamp
    assert stamp is not None
    assert stamp.origins == ("azertac",)


def test_an_item(exchange: Exchange) -> None:
    item = exchange.item(2)
    found = of(exchange, item.id)
    assert (found.subject, found.what, found.flow, found.at) == (item.id, "Astana hosts the rail forum", "trc-en", LATER)
    assert found.now.allowed
    assert [(one.subject, one.flow) for one in found.before] == [(item.id, "trc-en")]
    assert told(exchange, lambda tx: explain.of_item(tx, item.id, worlds.AGENCY, LATER)) == found
    earlier = told(exchange, lambda tx: explain.of_item(tx, item.id, worlds.AGENCY, NOW - timedelta(microseconds=1)))
    assert earlier.before == ()
    assert len(told(exchange, lambda tx: explain.of_item(tx, item.id, worlds.AGENCY, NOW)).before) == 1


def test_an_item_under_an_agreement_that_was_suspended(exchange: Exchange) -> None:
    exchange.act(worlds.REFERENCE, ActKind.SUSPEND, date(2026, 11, 1))
    found = of(exchange, exchange.item(2).id)
    assert (found.now.allowed, found.before[0].allowed) == (False, True)


def test_what_a_partner_sent_under_its_own_id(exchange: Exchange) -> None:
    assert of(exchange, guid(2), "trc-en").subject == exchange.item(2).id
    assert of(exchange, guid(2), "azertac-en").flow == "azertac-en"
    assert of(exchange, guid(1)).flow == "trc-en"
    assert of(exchange, guid(1)).now.allowed


def test_what_was_let_in_nowhere_is_known_by_what_was_decided(exchange: Exchange) -> None:
    found = of(exchange, guid(3))
    assert (found.subject, found.what, found.flow, found.at) == (guid(3), "Astana hosts the rail forum", "trc-en", LATER)
    assert Clause.LANGUAGE in {verdict.clause for verdict in found.now.refusals}
    assert [(one.subject, one.allowed) for one in found.before] == [(guid(3), False)]
    with exchange.database.read() as tx, pytest.raises(NotFoundError):
        explain.of_subject(tx, guid(3), worlds.AGENCY, NOW - timedelta(microseconds=1))
    assert told(exchange, lambda tx: explain.of_subject(tx, guid(3), worlds.AGENCY, NOW)).before == found.before


def test_what_was_let_in_nowhere_is_asked_again_as_it_was(exchange: Exchange) -> None:
    """What the agreement says by now lets it in, with its duties; why it was refused stays."""
    wider = replace(AGREEMENTS[0].grants[0], languages=("en", "ru", "kk"))
    with exchange.database.write() as tx:
        partners.take(tx, PARTNERS, (replace(FROM_TRC, languages=("en", "ru", "kk")), *FLOWS[1:]), NOW)
        agreements.sign(tx, replace(AGREEMENTS[0], version=2, since=date(2026, 11, 1), grants=(wider,)), NOW, "test")
    found = of(exchange, guid(3))
    assert found.now.refusals == ()
    assert [one.allowed for one in found.before] == [False]
    assert CREDIT in found.now.duties


def test_what_was_decided_on_a_flow_that_goes_out_came_from_nobody(exchange: Exchange) -> None:
    with exchange.database.write() as tx:
        events.record_decisions(tx, (worlds.decision(subject="gone", flow="to-azertac"),))
    with pytest.raises(NotFoundError, match="nothing that a partner sent under that id"):
        of(exchange, "gone")


def test_what_was_decided_before_the_questions_were_kept_is_told_as_it_was(exchange: Exchange) -> None:

    kept = worlds.decision(subject="old", flow="trc-en")
    with exchange.database.write() as tx:
        events.record_decisions(tx, (kept,))
    found = of(exchange, "old")
    assert (found.what, found.now.verdicts, found.now.stamp) == (kept.headline, kept.verdicts, None)


LISTS = "'syndication item ls' and 'story ls' list the newest, 'flow refused FLOW' what was not let in"
LISTED = "'syndication flow ls' lists them"


@pytest.mark.parametrize(
    ("name", "flow", "said"),
    [
        pytest.param(
            "i_none",
            None,
            f"there is no item i_none, no story, and nothing that a partner sent under that id; {LISTS}",
            id="nothing of that name",
        ),
        pytest.param(
            guid(1),
            "azertac-en",
            f"there is no item {guid(1)}, no story, and nothing that a partner sent under that id on azertac-en; {LISTS}",
            id="not on that flow",
        ),
        pytest.param(guid(2), None, f"{guid(2)} came on several flows, name one of them too: azertac-en, trc-en", id="on several flows"),
        pytest.param("s", None, "{story} is a story: name an outbound flow too, where it may go or not: to-azertac, to-trc", id="a story"),
        pytest.param("s", "trc-en", "flow trc-en comes in; a story goes out: name an outbound flow", id="a story on a flow that comes in"),
        pytest.param("s", "to-azertak", "there is no flow 'to-azertak'; did you mean 'to-azertac'? {LISTED}", id="no flow"),
        pytest.param("s", "", "there is no flow ''; {LISTED}", id="a flow without a name"),
        pytest.param("s", "?", "there is no flow '?'; {LISTED}", id="nothing like a flow"),
        pytest.param(
            "s_none", "to-azertac", "there is no story s_none; 'syndication story ls' lists the newest", id="no story on an outbound flow"
        ),
    ],
)
def test_what_is_missing_is_said(exchange: Exchange, name: str, flow: str | None, said: str) -> None:
    asked = accepted(exchange) if name == "s" else name
    with pytest.raises(NotFoundError) as refused:
        of(exchange, asked, flow)
    assert str(refused.value) == said.format(story=asked, LISTED=LISTED)


def test_an_item_that_is_not_there(exchange: Exchange) -> None:
    with pytest.raises(NotFoundError, match=r"^there is no item i_none; 'syndication item ls' lists the newest$"):
        told(exchange, lambda tx: explain.of_item(tx, "i_none", worlds.AGENCY, LATER))


def test_a_story_where_nothing_goes_out(database: Database) -> None:

    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(),), NOW)
        stories.write(tx, worlds.story())
        with pytest.raises(NotFoundError, match="where it may go or not: there is none"):
            explain.of_subject(tx, "s_1", worlds.AGENCY, NOW)
