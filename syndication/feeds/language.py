"""Which language a text reads like, where the extra `language` is installed: a guess, held against what the text is said to be in."""

import importlib
import importlib.util
import threading
from collections.abc import Callable
from functools import cache
from typing import Final

from syndication.feeds.sanitize import unmarked
from syndication.model.story import Content

INSTALLED: Final = importlib.util.find_spec("py3langid") is not None
SHORTEST: Final = 60
"""Letters below which nothing is guessed: names make up too much of so little."""
LONGEST: Final = 2_000
"""Letters that are looked at."""
SURE: Final = 0.9
"""How sure the guess has to be, of 1."""
KNOWN: Final = (
    "ar az be bg bn bs ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk km ko ku ky lo lt lv mk mn ms my nl no pl ps pt ro "  # noqa: SIM905 - a page, as a list
    "ru sk sl sq sr sv sw ta tg th tk tr tt uk ur uz vi zh".split()
)
"""The languages of the world's news agencies. A text said to be in another is not doubted; the fewer there are, the surer the guess."""
ONE: Final = ({"bs", "hr", "sr"}, {"id", "ms"}, {"da", "no", "nb", "nn"}, {"fa", "tg", "prs"})
"""Languages that are not held apart by their letters, or in which one is as often called by the name of another."""

_lock = threading.Lock()


def reads_as(content: Content) -> str | None:
    """The language that the content reads like, where it is surely another than it is said to be in; None where it is not, or is too short,
    or where nobody can tell: without the extra.
    """
    said = content.language.split("-")[0].casefold()
    text = f"{content.headline}\n{content.summary}\n{unmarked(content.body[: LONGEST * 4])}"[:LONGEST]
    if not INSTALLED or said not in KNOWN or sum(map(str.isalpha, text)) < SHORTEST:
        return None
    with _lock:
        guess, sure = _ear()(text)
    told = guess != said and not any({guess, said} <= group for group in ONE)
    return guess if told and sure >= SURE else None


@cache
def _ear() -> Callable[[str], tuple[str, float]]:
    """The guess and how sure it is. Loaded when first needed: it takes a second, and memory, that not every process has to spare."""
    library = importlib.import_module("py3langid.langid")
    identifier = library.LanguageIdentifier.from_model_file(library.MODEL_FILE, norm_probs=True)
    identifier.set_languages(KNOWN)
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify
