"""Whether two texts say the same, word for word or nearly: what the bands only suppose. Pure."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

ENOUGH: Final = 80.0
"""Of a hundred: how much the shorter text's words have to be among the longer one's."""
FIGURES: Final = 3
"""From so many figures on they are compared, too: the weather of two days differs in nothing else."""


def same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one of two texts, as their folded words, is the other one, edited, cut, or with its parts in another order."""
    return _figures(one, other) and fuzz.token_set_ratio(" ".join(one), " ".join(other), score_cutoff=ENOUGH) > 0


def _figures(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether at least half the figures of the text that has fewer are in the other one."""
    here, there = ({word for word in text if any(letter.isdigit() for letter in word)} for text in (one, other))
    fewer = min(len(here), len(there))
    return fewer < FIGURES or len(here & there) * 2 >= fewer
