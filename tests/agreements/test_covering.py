"""What a grant covers and what it excludes: a missing or empty list grants nothing."""

import pytest

from syndication.agreements.covering import about, barred, covers, excluded, granted, grants_in, judged, names, speaks
from syndication.model.agreement import ContentType, Grant
from syndication.model.partner import Direction
from tests import worlds
from tests.agreements.builders import ECONOMY, POLITICS, SPORT, subject


@pytest.mark.parametrize(
    ("ranges", "language", "expected"),
    [
        pytest.param(("en",), "en", True, id="the language itself"),
        pytest.param(("en",), "en-GB", True, id="en covers en-GB"),
        pytest.param(("en",), "eng", False, id="en does not cover eng"),
        pytest.param(("en-GB",), "en", False, id="en-GB does not cover en"),
        pytest.param(("en-GB",), "en-GB", True, id="en-GB covers itself"),
        pytest.param(("en-GB",), "en-US", False, id="nor en-US"),
        pytest.param(("EN",), "en-gb", True, id="upper and lower case are the same"),
        pytest.param(("en-gb",), "EN-GB", True, id="in the tag too"),
        pytest.param(("zh-Hant",), "zh-Hant-TW", True, id="three parts"),
        pytest.param(("zh-TW",), "zh-Hant-TW", False, id="basic filtering skips no part"),
        pytest.param(("*",), "kk", True, id="every language, said in so many words"),
        pytest.param((), "en", False, id="an empty list grants nothing"),
        pytest.param(("ru", "en"), "en", True, id="the second of two"),
        pytest.param(("ru", "kk"), "en", False, id="neither of two"),
        pytest.param(("en",), "", False, id="a text without a language"),
        pytest.param(("*",), "", True, id="a text without a language, where every language is granted"),
    ],
)
def test_languages(ranges: tuple[str, ...], language: str, expected: bool) -> None:
    assert speaks(ranges, language) is expected


@pytest.mark.parametrize(
    ("topics", "topics_out", "asked", "expected"),
    [
        pytest.param((ECONOMY,), (), (ECONOMY,), True, id="the topic is granted"),
        pytest.param((ECONOMY,), (), (SPORT,), False, id="the topic is not granted"),
        pytest.param((ECONOMY,), (), (SPORT, ECONOMY), True, id="one of its topics is granted"),
        pytest.param(("*",), (), (SPORT,), True, id="every topic"),
        pytest.param((), (), (SPORT,), False, id="an empty list grants nothing"),
        pytest.param((), (), (), False, id="an empty list grants nothing to what has no topic either"),
        pytest.param(("*",), (SPORT,), (ECONOMY,), True, id="every topic but another"),
        pytest.param(("*",), (SPORT,), (ECONOMY, SPORT), False, id="one of its topics is excluded"),
        pytest.param((ECONOMY,), (ECONOMY,), (ECONOMY,), False, id="granted and excluded: excluded"),
        pytest.param(("*",), (), (), True, id="without a topic, where every topic is granted"),
        pytest.param((ECONOMY,), (), (), False, id="without a topic, where one is granted"),
        pytest.param(("*",), (SPORT,), (), False, id="without a topic it cannot be told to be outside what is excluded"),
        pytest.param(("*",), ("*",), (SPORT,), False, id="every topic is excluded"),
        pytest.param(("*",), ("*",), (), False, id="every topic is excluded, and it has none"),
        pytest.param(("medtop:04",), (), (ECONOMY,), False, id="topics compare as they stand"),
    ],
)
def test_topics(topics: tuple[str, ...], topics_out: tuple[str, ...], asked: tuple[str, ...], expected: bool) -> None:
    assert about(asked, worlds.grant(topics=topics, topics_out=topics_out)) is expected


def test_which_topics_are_granted_and_which_excluded() -> None:
    asked = (ECONOMY, SPORT, POLITICS)
    assert granted(asked, worlds.grant(topics=(POLITICS, ECONOMY))) == (ECONOMY, POLITICS)
    assert granted(asked, worlds.grant(topics=("*",))) == asked
    assert excluded(asked, worlds.grant(topics_out=(SPORT,))) == (SPORT,)
    assert excluded(asked, worlds.grant(topics_out=("*",))) == asked
    assert excluded(asked, worlds.grant()) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="all three"),
        pytest.param({"types": (ContentType.VIDEO,)}, False, id="not the type"),
        pytest.param({"types": ()}, False, id="no type at all"),
        pytest.param({"languages": ("ru",)}, False, id="not the language"),
        pytest.param({"topics": (SPORT,)}, False, id="not the subject"),
    ],
)
def test_a_grant_covers_type_language_and_subject_together(changes: dict[str, object], expected: bool) -> None:
    assert covers(subject(), worlds.grant(**changes)) is expected


@pytest.mark.parametrize(
    ("changes", "topics", "expected"),
    [
        pytest.param({}, (ECONOMY,), True, id="all three"),
        pytest.param({"types": (ContentType.VIDEO,)}, (ECONOMY,), False, id="not the type"),
        pytest.param({"languages": ("ru",)}, (ECONOMY,), False, id="not the language"),
        pytest.param({"topics": (SPORT,)}, (ECONOMY,), False, id="not the subject"),
        pytest.param({"topics": (SPORT,)}, (ECONOMY, SPORT), True, id="one of two subjects"),
        pytest.param({"topics_out": (ECONOMY,)}, (ECONOMY,), True, id="what it excludes does not count"),
        pytest.param({"topics_out": (ECONOMY,)}, (), True, id="nor where there is no subject"),
        pytest.param({"topics": (ECONOMY,)}, (), False, id="no subject, where one is named"),
    ],
)
def test_a_denial_is_read_by_what_it_names(changes: dict[str, object], topics: tuple[str, ...], expected: bool) -> None:
    """Z19"""
    assert names(subject(topics=topics), worlds.grant(**changes)) is expected


NONE = worlds.grant(clause="none of three", types=(), languages=(), topics=())
ONE = worlds.grant(clause="one of three", languages=(), topics=())
TWO = worlds.grant(clause="two of three", topics=(SPORT,))
ALSO_TWO = worlds.grant(clause="two others of three", languages=("ru",))
ALL = worlds.grant(clause="all")
ALSO_ALL = worlds.grant(clause="all, too")


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        pytest.param((NONE, TWO, ALL, ALSO_ALL), "all", id="the first that covers it"),
        pytest.param((NONE, ONE, TWO, ALSO_TWO), "two of three", id="the first of those that come nearest"),
        pytest.param((NONE,), "none of three", id="one that covers none of it, where there is no other"),
        pytest.param((), None, id="no grant"),
    ],
)
def test_one_grant_is_judged(clauses: tuple[Grant, ...], expected: str | None) -> None:

    found = judged(subject(), clauses)
    assert (found.clause if found else None) == expected


def test_a_grant_counts_in_its_direction_only() -> None:
    agreement = worlds.agreement()
    assert [grant.clause for grant in grants_in(agreement, Direction.INBOUND)] == ["2.1"]
    assert [grant.clause for grant in grants_in(agreement, Direction.OUTBOUND)] == ["2.2"]
    assert grants_in(None, Direction.INBOUND) == ()


@pytest.mark.parametrize(
    ("topics", "outside", "why"),
    [
        pytest.param((SPORT,), ("*",), "everything is excluded", id="everything"),
        pytest.param((SPORT, ECONOMY), (ECONOMY, SPORT), f"{SPORT}, {ECONOMY} is excluded", id="both"),
        pytest.param(
            ("medtop:20000822", "medtop:20000823"),
            (SPORT, ECONOMY),
            "of medtop:20000822, medtop:20000823 none is of the top level, so it cannot be told to be outside what is excluded: "
            f"{SPORT}, {ECONOMY}",
            id="none of the top level",
        ),
        pytest.param(
            (), (SPORT,), f"it names no subject of the top level, so it cannot be told to be outside what is excluded: {SPORT}", id="none"
        ),
        pytest.param((ECONOMY,), (SPORT,), None, id="outside of it"),
        pytest.param((), ("trc:sport",), None, id="a partner's own word is no tree"),
    ],
)
def test_it_says_why_topics_are_kept_out(topics: tuple[str, ...], outside: tuple[str, ...], why: str | None) -> None:
    assert barred(topics, worlds.grant(topics_out=outside)) == why
