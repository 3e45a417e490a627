"""What the machine makes of one entry."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.agreements.decision import fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.subject import mapped, outside
from syndication.ingest.triage import Judgement, Known, Repeated, judge, within_budget
from syndication.model.agreement import ContentType, ReviewTerm
from syndication.model.item import Item, ReviewState, Triage
from syndication.model.story import Content, Pubstatus
from tests.worlds import NOW, agreement, content, dossier, entry, flow, grant, item, item_version, partner, register, terms


def held(**changes: Any) -> Item:
    """The entry as it was taken before, with these differences."""
    before = entry(**changes)
    return item(current=item_version(entry=before, fingerprint=fingerprint(before.content, before.pubstatus)))


def judged(given: Any, known: Item | None = None, *, buried: bool = False) -> Judgement:
    return judge(given, Known(known, buried=buried), flow(), Standing(register(), NOW))


CHANGED = content(body="<p>Trains will run weekly from May.</p>")


@pytest.mark.parametrize(
    ("given", "known", "answer"),
    [
        pytest.param(entry(), None, Triage.NEW, id="never seen"),
        pytest.param(entry(replaces="tag:trc.example,2026:0"), None, Triage.UPDATE, id="a new take of an earlier one"),
        pytest.param(entry(), held(), Triage.NOTHING, id="the same again"),
        pytest.param(entry(raw=b"<entry><!-- other bytes --></entry>"), held(), Triage.NOTHING, id="other bytes, the same words"),
        pytest.param(entry(updated=NOW + timedelta(minutes=5)), held(), Triage.NOTHING, id="only its date is new"),
        pytest.param(entry(content=CHANGED), held(), Triage.CORRECTION, id="other words"),
        pytest.param(entry(content=CHANGED, updated=None), held(), Triage.CORRECTION, id="other words, no date"),
        pytest.param(entry(content=CHANGED), held(updated=NOW + timedelta(1)), Triage.NOTHING, id="S12: older than what we hold"),
        pytest.param(entry(pubstatus=Pubstatus.WITHHELD), held(), Triage.CORRECTION, id="the partner withholds it"),
        pytest.param(entry(pubstatus=Pubstatus.CANCELED), held(), Triage.KILL, id="it says that it is killed"),
        pytest.param(entry(pubstatus=Pubstatus.CANCELED), None, Triage.KILL, id="S10: the kill comes before the story"),
        pytest.param(entry(), replace(held(), state=ReviewState.WITHDRAWN), Triage.NOTHING, id="S11: killed, and sent again"),
        pytest.param(entry(content=content(type=ContentType.VIDEO)), None, Triage.REFUSED, id="a type that is not granted"),
        pytest.param(entry(content=content(language="fr")), None, Triage.REFUSED, id="a language that is not granted"),
    ],
)
def test_wire_40_what_it_is(given: Any, known: Item | None, answer: Triage) -> None:
    assert judged(given, known).triage is answer


@pytest.mark.parametrize("given", [entry(), entry(content=CHANGED), entry(pubstatus=Pubstatus.CANCELED)])
def test_what_the_partner_killed_never_comes_back(given: Any) -> None:
    """S11: by poll or by any other road, with or without an item of ours."""
    assert judged(given, buried=True).triage is Triage.NOTHING
    assert judged(given, held(), buried=True).triage is Triage.NOTHING


ERASED = replace(held(), erased_at=NOW)


@pytest.mark.parametrize(
    ("given", "known", "answer"),
    [
        pytest.param(entry(), Known(ERASED, erased=True), Triage.NOTHING, id="the same again"),
        pytest.param(entry(content=CHANGED), Known(ERASED, erased=True), Triage.NOTHING, id="with other words"),
        pytest.param(entry(content=CHANGED), Known(erased=True), Triage.NOTHING, id="on another flow of the partner's"),
        pytest.param(
            entry(content=CHANGED), Known(held(), erased=True), Triage.CORRECTION, id="held on this flow under other terms: lives on"
        ),
        pytest.param(entry(pubstatus=Pubstatus.CANCELED), Known(ERASED, erased=True), Triage.KILL, id="a kill of it is carried out"),
        pytest.param(entry(pubstatus=Pubstatus.CANCELED), Known(erased=True), Triage.KILL, id="so is one on another flow"),
        pytest.param(entry(), Known(), Triage.NEW, id="the control: it was not deleted"),
    ],
)
def test_what_was_deleted_at_the_end_of_its_use_does_not_come_in_again(given: Any, known: Known, answer: Triage) -> None:
    assert judge(given, known, flow(), Standing(register(), NOW)).triage is answer


def test_without_the_tombstone_it_would() -> None:
    """The control of S11."""
    assert judged(entry()).triage is Triage.NEW


def test_a_refusal_names_each_clause() -> None:
    answer = judged(entry(content=content(type=ContentType.VIDEO, language="fr")))
    assert "type" in answer.reason
    assert "language" in answer.reason


def test_nothing_in_force_lets_nothing_in() -> None:
    """Z01: deny by default."""
    draft = dossier(replace(register().dossiers[0].versions[0], signed_on=None))
    answer = judge(entry(), Known(), flow(), Standing(register(draft), NOW))
    assert answer.triage is Triage.REFUSED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(entry(content=content(embargo_until=NOW + timedelta(hours=1))), "under embargo until 2026-11-24 09:00", id="embargo"),
        pytest.param(entry(pubstatus=Pubstatus.WITHHELD), "withheld by the partner", id="hold"),
        pytest.param(entry(claimed_source="Agency A"), "says it comes from: Agency A", id="S02: a claim is shown as one"),
        pytest.param(entry(flags=("date 'x' cannot be read",)), "date 'x' cannot be read", id="what parsing found odd"),
    ],
)
def test_what_an_editor_is_told(given: Any, said: str) -> None:
    assert any(said in flag for flag in judged(given).flags)


def test_an_id_used_for_another_text_is_flagged() -> None:
    """S03: kept for review, never taken for a correction like others."""
    other = entry(content=content(headline="Bakıda sərgi", summary="", body="<p>Muzey yeni zal açdı.</p>"))
    assert any("used the id twice" in flag for flag in judged(other, held()).flags)
    assert not any("used the id twice" in flag for flag in judged(entry(content=CHANGED), held()).flags)


@pytest.mark.parametrize(
    ("given", "known", "answer"),
    [
        pytest.param(
            entry(pubstatus=Pubstatus.WITHHELD, updated=NOW - timedelta(seconds=1)), Known(held()), Triage.CORRECTION, id="an older hold"
        ),
        pytest.param(
            entry(), Known(held(content=content(embargo_until=NOW))), Triage.NOTHING, id="its embargo is over, and nothing else is new"
        ),
        pytest.param(
            entry(),
            Known(held(content=content(embargo_until=NOW + timedelta(hours=1)))),
            Triage.CORRECTION,
            id="its embargo is lifted before the hour",
        ),
        pytest.param(
            entry(content=CHANGED), Known(held(content=content(embargo_until=NOW))), Triage.CORRECTION, id="other words after its embargo"
        ),
        pytest.param(entry(), Known(repeated=Repeated(ours=True)), Triage.NOTHING, id="our own, come back"),
        pytest.param(
            entry(pubstatus=Pubstatus.CANCELED), Known(repeated=Repeated(ours=True)), Triage.NOTHING, id="our own, said to be killed"
        ),
    ],
)
def test_what_it_is_by_its_standing(given: Any, known: Known, answer: Triage) -> None:
    assert judge(given, known, flow(), Standing(register(), NOW)).triage is answer


@pytest.mark.parametrize(
    ("follows_killed", "at_once"), [pytest.param(True, False, id="it follows what was killed"), pytest.param(False, True, id="the control")]
)
def test_what_follows_a_kill_waits_for_an_editor(follows_killed: bool, at_once: bool) -> None:
    automatic = grant(terms=terms(review=ReviewTerm.AUTOMATIC))
    known = Known(follows_killed=follows_killed)
    standing = Standing(register(dossier(agreement(grants=(automatic,)))), NOW)
    assert judge(entry(replaces="tag:trc.example,2026:0"), known, flow(), standing).at_once is at_once


def test_a_field_of_content_that_is_added_later_makes_no_correction() -> None:
    """What says nothing more is what it was: a field with its default leaves every fingerprint as it is."""
    before = fingerprint(content(), Pubstatus.USABLE)

    @dataclass(frozen=True)
    class Later(Content):
        added: str = ""

    later = Later(**{field.name: getattr(content(), field.name) for field in fields(Content)})
    assert fingerprint(later, Pubstatus.USABLE) == before
    assert fingerprint(replace(later, added="said"), Pubstatus.USABLE) != before


def hasty(urgency: int | None = None, *, priority: bool = False) -> Judgement:
    """A new item, marked with that urgency; `priority`: the agreement puts it first."""
    under = agreement(grants=(grant(terms=terms(priority=priority, review=ReviewTerm.AUTOMATIC)),))
    return judge(entry(content=content(urgency=urgency)), Known(), flow(), Standing(register(dossier(under)), NOW))


@pytest.mark.parametrize(
    ("given", "held", "left", "urgent", "urgency", "flagged"),
    [
        pytest.param(hasty(), None, 0, False, None, False, id="says nothing of it"),
        pytest.param(hasty(4), None, 0, False, 4, False, id="ordinary by its own word"),
        pytest.param(hasty(1), None, 1, True, 1, False, id="a flash, and there is room"),
        pytest.param(hasty(2), None, 0, False, 5, True, id="S09: one more than may be"),
        pytest.param(hasty(3), None, 0, False, 3, False, id="no flash: it is not counted"),
        pytest.param(hasty(priority=True), None, 1, True, None, False, id="the agreement puts it first"),
        pytest.param(hasty(priority=True), None, 0, False, None, True, id="S09: and there is no room"),
        pytest.param(hasty(1), item(urgent=True), 0, True, 1, False, id="a correction of what was urgent counts no more"),
        pytest.param(hasty(1), item(), 9, False, 5, True, id="a correction of what was ordinary"),
    ],
)
def test_s09_so_many_of_a_partners_items_are_urgent_within_an_hour(
    given: Judgement, held: Item | None, left: int, urgent: bool, urgency: int | None, flagged: bool
) -> None:
    found = within_budget(given, held, left)
    assert (found.urgent, found.entry.content.urgency, bool(found.flags)) == (urgent, urgency, flagged)
    assert found.at_once is not flagged
    # What it is compared with at the next poll is what the partner said.
    assert found.fingerprint == given.fingerprint


@pytest.mark.parametrize(
    ("link", "host"),
    [
        pytest.param("https://trc.example/rail", None, id="its own site"),
        pytest.param("https://WWW.trc.example./rail", None, id="with www, in capitals, with a dot at the end"),
        pytest.param("https://photo.trc.example/1", None, id="below it"),
        pytest.param("https://other.example/rail", "other.example", id="S20: another's"),
        pytest.param("https://www.other.example/rail", "other.example", id="S20: another's, with www"),
        pytest.param("https://trc.example.other.example/", "trc.example.other.example", id="S20: that begins like its own"),
        pytest.param("https://nottrc.example/", "nottrc.example", id="S20: that ends like its own"),
        pytest.param("https://trc.example@other.example/", "other.example", id="S20: that names its own as a user"),
        pytest.param("https://[broken/", None, id="no address at all"),
        pytest.param(None, None, id="no link"),
    ],
)
def test_s20_a_link_that_leads_outside_the_agreement_is_flagged(link: str | None, host: str | None) -> None:
    found = mapped(entry(content=content(link=link)), partner(), flow())
    assert outside(link, partner(), flow()) == host
    assert any("outside the agreement" in flag for flag in found.flags) is (host is not None)
    assert found.content.link == link


@pytest.mark.parametrize(
    ("url", "homepage", "link", "host"),
    [
        pytest.param("https://feeds.trc.example/a", None, "https://trc.example/1", None, id="above its feed"),
        pytest.param("https://cdn.example/a", "https://trc.example/", "https://trc.example/1", None, id="its home page's"),
        pytest.param("https://www.cdn.example/a", None, "https://img.cdn.example/1", None, id="beside its feed, which has www"),
        pytest.param("https://cdn.example/a", "https://www.trc.example/", "https://img.trc.example/1", None, id="below its home page"),
        pytest.param("https://cdn.example/a", "https://trc.example/", "https://cdn.example/1", None, id="its feed's"),
        pytest.param(
            "https://feeds.trc.example/a",
            None,
            "https://photo.trc.example/1",
            "photo.trc.example",
            id="beside its feed",
        ),
    ],
)
def test_s20_what_is_the_partners_own(url: str, homepage: str | None, link: str, host: str | None) -> None:
    assert outside(link, partner(homepage=homepage), flow(url=url)) == host
