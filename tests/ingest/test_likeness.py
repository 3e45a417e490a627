"""Which texts say the same: edited, cut, turned; and which only look it, as the weather of two days does."""

import pytest

from syndication.folding import words
from syndication.ingest.likeness import same

STORY = words(
    "The Prime Minister received the ambassador of Kazakhstan in Hanoi on Tuesday, and said that rail traffic between the two countries "
    "had doubled in two years. The ambassador thanked him for the welcome, and proposed a direct flight from Astana from next spring. "
    "Both sides agreed to exchange more news, and to train journalists together."
)
ADDED = "Astana, 24 November. This is what our own correspondent wrote about the meeting in the capital of Vietnam."
WEATHER = "In Hanoi {} to {} degrees, wind of {} km an hour, rain {} mm; in Hue {} to {} degrees, sea {} m high, in the south {} degrees."
FOLLOWED = words(
    "Vietnam Airlines will fly to Astana twice a week from April, the company announced on Friday in Ho Chi Minh City; tickets are on sale "
    "from today. The ambassador thanked him for the welcome, and proposed a direct flight from Astana from next spring."
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(STORY, STORY, True, id="the same"),
        pytest.param(STORY, STORY[:25], True, id="cut"),
        pytest.param(STORY, words(ADDED) + STORY, True, id="with a line before it"),
        pytest.param(STORY, STORY[30:] + STORY[:30], True, id="turned"),
        pytest.param(STORY, tuple("other" if place % 8 == 0 else word for place, word in enumerate(STORY)), True, id="edited"),
        pytest.param(STORY, FOLLOWED, False, id="a follow-up that repeats a sentence"),
        pytest.param(words(WEATHER.format(*range(20, 28))), words(WEATHER.format(*range(40, 48))), False, id="the weather of two days"),
        pytest.param(words(WEATHER.format(*range(20, 28))), words(WEATHER.format(*range(20, 28))), True, id="the weather of one day"),
        pytest.param(words(WEATHER.format(*range(20, 28))), words(WEATHER.format(*range(22, 30))), True, id="a correction of it"),
    ],
)
def test_what_is_the_same_story(one: tuple[str, ...], other: tuple[str, ...], expected: bool) -> None:
    assert same(one, other) is expected
    assert same(other, one) is expected
