"""What the gate is asked about: topics mapped from a partner's own words, claimed origins, and the facts of entries and stories."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.agreements.subject import mapped, of_entry, of_story, origins, unmapped
from syndication.model.agreement import ContentType
from syndication.model.clearance import Subject
from syndication.model.partner import Category, Partner
from syndication.model.story import Pubstatus
from tests import worlds
from tests.agreements.builders import ECONOMY, NOW, POLITICS, SPORT

CINEMA = Category("Кино", ())
TRC = worlds.partner(categories=(*worlds.partner().categories, CINEMA))
BTA = Partner("bta", "Bulgarian News Agency", "BG", homepage="https://www.bta.example/")
UNKNOWN = "its categories are not mapped ({}): it is taken to be about what its flow is about"


@pytest.mark.parametrize(
    ("categories", "coded", "topics", "flags"),
    [
        pytest.param(("Sport",), (), (SPORT, "trc:sport"), (), id="its word, and the topic it stands for"),
        pytest.param(("SPORT",), (), (SPORT, "trc:sport"), (), id="in capitals"),
        pytest.param(("Sport",), (POLITICS,), (POLITICS, SPORT, "trc:sport"), (), id="besides what the document says in codes"),
        pytest.param(("Sport", "Балет"), (), (SPORT, "trc:sport"), (), id="one word known, one not"),
        pytest.param(("Кино",), (), ("trc:кино",), (), id="a word that stands for itself"),
        pytest.param((), ("Sport",), ("Sport", SPORT, "trc:sport"), (), id="a code that is its word"),
        pytest.param(("Sport", "sport"), (SPORT,), (SPORT, "trc:sport"), (), id="each once"),
        pytest.param(("Балет", "Опера"), (), (ECONOMY,), (UNKNOWN.format("Балет, Опера"),), id="nothing known: the flow's, flagged"),
        pytest.param((), (), (ECONOMY,), (), id="nothing said: the flow's"),
    ],
)
def test_what_an_entry_is_about(
    categories: tuple[str, ...], coded: tuple[str, ...], topics: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    said = worlds.entry(content=worlds.content(topics=coded), categories=categories, flags=("odd",))
    about = mapped(said, TRC, worlds.flow())
    assert (about.content.topics, about.flags) == (topics, ("odd", *flags))
    assert replace(about, content=said.content, flags=said.flags) == said


def test_the_words_that_stand_for_nothing_those_of_most_first() -> None:
    """Counted by entry, whatever their capitals, as they were first written; a word that stands for itself is known."""
    said = [("Опера", "опера", "Sport"), ("Балет",), ("БАЛЕТ", "Кино"), ("Арт",), ()]
    assert unmapped([worlds.entry(categories=one) for one in said], TRC) == (("Балет", 2), ("Арт", 1), ("опера", 1))


@pytest.mark.parametrize(
    ("claimed", "found"),
    [
        pytest.param(None, (), id="nothing said"),
        pytest.param("bta", ("bta",), id="a partner's id"),
        pytest.param(" BULGARIAN news agency ", ("bta",), id="its name"),
        pytest.param("https://bta.example/en", ("bta",), id="its host"),
        pytest.param("TRC", (), id="its sender"),
        pytest.param("Reuters", (), id="nobody of ours"),
    ],
)
def test_whom_an_entry_says_it_comes_from(claimed: str | None, found: tuple[str, ...]) -> None:
    """S02, S22: a claim, which can only narrow."""
    assert origins(worlds.entry(claimed_source=claimed), TRC, (TRC, BTA)) == found


def test_the_facts_of_an_entry_and_of_a_story() -> None:
    picture = worlds.rendition()
    hour = NOW + timedelta(hours=1)
    said = worlds.content(credit_line="TRC", embargo_until=hour, renditions=(picture, picture), topics=(SPORT,))
    facts = Subject(
        ContentType.TEXT, "en", (SPORT,), Pubstatus.WITHHELD, embargo_until=hour, credit_line="TRC", types_inside=(ContentType.PICTURE,)
    )
    assert of_entry(worlds.entry(content=said, pubstatus=Pubstatus.WITHHELD)) == facts
    assert of_entry(worlds.entry(content=said, pubstatus=Pubstatus.WITHHELD), ("bta",)) == replace(facts, origins=("bta",))
    version = worlds.story_version(content=said, sources=(worlds.stamp(),))
    assert of_story(version, Pubstatus.CANCELED) == replace(facts, pubstatus=Pubstatus.CANCELED, sources=(worlds.stamp(),))
