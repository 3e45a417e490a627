"""A decision as it is kept: what was asked, what was answered, and the hashes that give away who changes either."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from syndication.agreements.decision import Asked, ask, decision, digest, fingerprint, inputs
from syndication.agreements.governing import Standing
from syndication.model.agreement import ContentType, Measure, Obligation, Period, Register
from syndication.model.clearance import Subject, Usage
from syndication.model.event import Decision
from syndication.model.partner import Direction, Flow
from syndication.model.story import Content, Pubstatus
from tests import worlds
from tests.agreements.builders import ECONOMY, NOW, TICK, clear, from_trc, subject, vna

IN = worlds.flow()
HANOI = timezone(timedelta(hours=7))
REGISTER = replace(vna(worlds.agreement()), revision=5)
USED = Usage((3,), counted=((ContentType.TEXT, "en"),))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param({"b": 1, "a": [2]}, b'{"a": [2], "b": 1}', id="keys in order"),
        pytest.param("tin t\u1ee9c", b'"tin t\\u1ee9c"', id="letters beyond ASCII as JSON escapes them"),
        pytest.param(timedelta(minutes=15), b'"0:15:00"', id="what JSON has not, in words"),
    ],
)
def test_a_digest_is_of_plain_json(value: Any, written: bytes) -> None:
    assert digest(value) == hashlib.sha256(written).hexdigest()


PLAIN = Content(headline="Rail", body="<p>Trains.</p>", language="en")


def test_a_fingerprint_is_of_what_differs_from_its_default() -> None:
    """Written down, so that a change of how it is made is seen: it would make a correction of all that is held."""
    written = b'[{"body": "<p>Trains.</p>", "headline": "Rail", "language": "en"}, "usable"]'
    assert fingerprint(PLAIN, Pubstatus.USABLE) == hashlib.sha256(written).hexdigest()
    noon = replace(PLAIN, embargo_until=NOW.astimezone(HANOI), topics=(ECONOMY,), renditions=(worlds.rendition(),))
    written = (
        b'[{"body": "<p>Trains.</p>", "embargo_until": "2026-11-24T08:00:00+00:00", "headline": "Rail", "language": "en", '
        b'"renditions": [{"credit": "TRC/A. Bek", "description": "A train", "height": 800, "length": 48213, "media_type": "image/jpeg", '
        b'"title": "Rail", "type": "picture", "url": "https://trc.example/rail.jpg", "width": 1200}], '
        b'"topics": ["medtop:04000000"]}, "withheld"]'
    )
    assert fingerprint(noon, Pubstatus.WITHHELD) == hashlib.sha256(written).hexdigest()


def made(**changes: Any) -> Decision:
    """A decision on an item of TRC's, refused, with all that was asked."""
    plain = Decision(NOW, "i_7", 3, "Rail", "f" * 64, "trc-en", "trc", Direction.INBOUND, None, None, None, False, ())
    return replace(plain, **{"facts": subject(), "on": IN, "used": USED, "register": 5, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"subject": "i_8"}, id="what it is about"),
        pytest.param({"subject_version": 4}, id="which version of it"),
        pytest.param({"headline": "Road"}, id="its headline"),
        pytest.param({"fingerprint": "e" * 64}, id="its fingerprint"),
        pytest.param({"facts": subject(language="vi")}, id="the facts"),
        pytest.param({"facts": subject(sources=(from_trc(),))}, id="what it was made from"),
        pytest.param({"on": worlds.flow(id="trc-ru")}, id="the flow"),
        pytest.param({"on": worlds.flow(interval=timedelta(minutes=16))}, id="how often it is polled"),
        pytest.param({"used": Usage((4,), counted=((ContentType.TEXT, "en"),))}, id="the counts"),
        pytest.param({"used": None}, id="no counts"),
        pytest.param({"register": 6}, id="the register"),
        pytest.param({"at": NOW + TICK}, id="the moment"),
    ],
)
def test_whatever_the_gate_was_given_is_in_the_hash(changes: dict[str, Any]) -> None:
    assert inputs(made()) != inputs(made(**changes))


@pytest.mark.parametrize("at", [pytest.param(NOW, id="in UTC"), pytest.param(NOW.astimezone(HANOI), id="told in Hanoi's time")])
def test_the_hash_of_the_inputs_is_written_down(at: datetime) -> None:
    """Another one would make every decision differ that was kept before it."""
    flow = Flow("to-trc", "trc", Direction.OUTBOUND, "vna-trc-2025", "VNA for TRC", ("en",))
    facts = hashlib.sha256(b'{"language": "en", "pubstatus": "usable", "topics": ["medtop:04000000"], "type": "text"}').hexdigest()
    on = hashlib.sha256(
        b'{"agreement": "vna-trc-2025", "direction": "out", "id": "to-trc", "languages": ["en"], "partner": "trc", "title": "VNA for TRC"}'
    ).hexdigest()
    used = hashlib.sha256(b'{"counted": [["text", "en"]], "counts": [3]}').hexdigest()
    about = f'["i_7", 3, "Rail", "{"f" * 64}"]'
    written = f'[{about}, "{facts}", "{on}", "{used}", 5, "2026-11-24T08:00:00+00:00"]'.encode()
    assert inputs(made(on=flow, at=at)) == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize(
    ("facts", "register", "under"),
    [
        pytest.param(subject(), REGISTER, ("vna-trc-2025", 1, "2.1"), id="let in"),
        pytest.param(subject(pubstatus=Pubstatus.CANCELED), REGISTER, ("vna-trc-2025", 1, "2.1"), id="refused, though a grant covers it"),
        pytest.param(subject(language="fr"), REGISTER, (None, None, None), id="no grant covers it"),
        pytest.param(subject(), replace(vna(), revision=4), (None, None, None), id="no agreement"),
    ],
)
def test_what_was_asked_and_answered_is_kept_whole(facts: Subject, register: Register, under: tuple[Any, Any, Any]) -> None:
    standing = Standing(register, NOW)
    answer = clear(facts, IN, register, NOW, USED)
    asked = ask(facts, IN, standing, USED)
    assert asked == Asked(facts, IN, standing, USED, answer)
    agreement, version, clause = under
    expected = Decision(
        at=NOW,
        subject="i_7",
        subject_version=3,
        headline="Rail",
        fingerprint="f" * 64,
        flow="trc-en",
        partner="trc",
        direction=Direction.INBOUND,
        agreement=agreement,
        agreement_version=version,
        clause=clause,
        allowed=answer.allowed,
        verdicts=answer.verdicts,
        facts=facts,
        on=IN,
        used=USED,
        register=register.revision,
    )
    assert decision(asked, subject="i_7", version=3, headline="Rail", mark="f" * 64) == replace(expected, inputs=inputs(expected))
    assert answer.allowed is (facts == subject() and under != (None, None, None))


def test_without_counts_none_are_kept() -> None:
    standing = Standing(REGISTER, NOW)
    assert ask(subject(), IN, standing) == Asked(subject(), IN, standing, None, clear(subject(), IN, REGISTER, NOW))


@pytest.mark.parametrize(
    ("used", "allowed"), [pytest.param(USED, True, id="stands there"), pytest.param(Usage((3,)), False, id="over the ceiling")]
)
def test_the_gate_is_asked_with_what_is_used(used: Usage, allowed: bool) -> None:
    ceiling = Obligation("4.1", Direction.INBOUND, "a day", at_most=3, measure=Measure.PUBLISHED, period=Period.DAY)
    standing = Standing(vna(worlds.agreement(obligations=(ceiling,))), NOW)
    assert ask(subject(), IN, standing, used).answer.allowed is allowed
