"""Whether two texts say the same, word for word or nearly (the bands only suppose it), and whether an address is ours. Pure."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from syndication.settings import Settings

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


def at_home(settings: Settings, link: str | None) -> bool:
    """Whether that is an address of ours: of our home page, of this server, or under our domain."""
    try:
        host, place = urlsplit(link or "").hostname or "", urlsplit(link or "").netloc
    except ValueError:
        return False
    if urlsplit(settings.base_url).netloc == place != "":
        return True
    home = urlsplit(settings.home).hostname or ""
    return host.removeprefix("www.") == home.removeprefix("www.") or f".{host}".endswith(f".{settings.domain.casefold()}")
