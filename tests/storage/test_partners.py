"""Partners and flows, as the files last said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.model.partner import Direction, FlowState
from syndication.model.poll import Outcome
from syndication.storage import partners, polls
from syndication.storage.database import Database
from tests import worlds

LATER = worlds.NOW + timedelta(hours=1)


def test_they_come_back_as_they_went_in(peopled: Database) -> None:
    with peopled.read() as tx:
        assert partners.all(tx) == (worlds.partner(),)
        assert partners.get(tx, "trc") == worlds.partner()
        assert partners.flow(tx, "trc-en") == worlds.flow()
        assert partners.flows(tx) == (worlds.outbound(), worlds.flow())
        assert partners.get(tx, "none") is None
        assert partners.flow(tx, "none") is None


def test_flows_by_direction_and_partner(peopled: Database) -> None:
    with peopled.read() as tx:
        assert partners.flows(tx, direction=Direction.INBOUND) == (worlds.flow(),)
        assert partners.flows(tx, direction=Direction.OUTBOUND) == (worlds.outbound(),)
        assert partners.flows(tx, partner="trc") == (worlds.outbound(), worlds.flow())
        assert partners.flows(tx, partner="azertac") == ()


def test_what_changed_in_the_files_changes_here(peopled: Database) -> None:
    partner, flow = worlds.partner(name="Khabar"), worlds.flow(title="Other", interval=timedelta(seconds=90))
    with peopled.write() as tx:
        partners.take(tx, (partner,), (flow, worlds.outbound()), LATER)
    with peopled.read() as tx:
        assert partners.get(tx, "trc") == partner
        assert partners.flow(tx, "trc-en") == flow


def test_a_flow_no_longer_named_is_closed_and_its_partner_stays(peopled: Database) -> None:
    with peopled.write() as tx:
        partners.take(tx, (), (worlds.outbound(),), LATER)
    with peopled.write() as tx:
        assert partners.flows(tx) == (worlds.outbound(),)
        assert partners.get(tx, "trc") == worlds.partner()
        assert polls.claim(tx, LATER, 9, 60) == ()


def test_a_new_inbound_flow_is_due_at_once_and_an_outbound_one_never(peopled: Database) -> None:
    with peopled.read() as tx:
        assert polls.health(tx, "trc-en").due_at == worlds.NOW
        assert polls.health(tx, "to-trc").due_at is None


@pytest.mark.parametrize(
    ("between", "then", "due"),
    [
        pytest.param(worlds.flow(), worlds.flow(), False, id="the same: it stays stopped after a 410"),
        pytest.param(worlds.flow(), worlds.flow(title="Other"), False, id="another title: no reason to ask again"),
        pytest.param(worlds.flow(), worlds.flow(url="https://new.trc.example/en.atom"), True, id="another address"),
        pytest.param(worlds.flow(state=FlowState.PAUSED), worlds.flow(), True, id="paused, and opened again"),
        pytest.param(None, worlds.flow(), True, id="closed, and named again"),
    ],
)
def test_what_makes_a_stopped_flow_due_again(peopled: Database, between: object, then: object, due: bool) -> None:
    with peopled.write() as tx:
        polls.record(tx, replace(worlds.poll(), outcome=Outcome.GONE), None, None, 1, ())
        partners.take(tx, (worlds.partner(),), tuple(flow for flow in (between,) if flow), LATER)  # type: ignore[misc]
        polls.record(tx, replace(worlds.poll(), outcome=Outcome.GONE), None, None, 1, ())
        partners.take(tx, (worlds.partner(),), (then,), LATER)  # type: ignore[arg-type]
        assert polls.health(tx, "trc-en").due_at == (LATER if due else None)
