"""What is looked for, and what is found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word to be found, as `folding.words` gives it; with `prefix`, any word that begins so."""

    word: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An item or a story that has all that was looked for. `number`: its place among all; who changed last has the highest."""

    number: int
    subject: str
