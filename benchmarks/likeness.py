"""How many of the stories that are the same are told to be, and how many of those told are: precision and recall, on a set that is made.

    python -m benchmarks.likeness [DIR]

From each of many stories others are made, as agencies make them of one another's: each is the same story. Besides there are stories that
are not, though they look it: follow-ups that repeat an older story's background, the weather and the exchange rates of other days, and all
the other stories, of the same few subjects. The stories are written by chance (words by Zipf's law, names of several words, a stock of
background paragraphs for each subject), always the same ones; or, given a folder, they are the entries of its feeds.
"""

import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, inbound
from syndication.errors import FeedError
from syndication.feeds.incoming import read
from syndication.feeds.likeness import bands, signature
from syndication.feeds.sanitize import text_of
from syndication.folding import words
from syndication.ingest.likeness import same
from syndication.ingest.taking import take
from syndication.model.entry import Entry, ParsedFeed
from syndication.model.partner import Partner
from syndication.model.story import Content
from syndication.settings import Settings

SEED = 20_261_125
STORIES, SUBJECTS, DAYS = 400, 12, 12
VOCABULARY, NAMES = 6_000, 400
AT_ONCE, ROUNDS = 20, 25
SHORTEST = 60
"""Words of an entry of a given feed, below which nothing is made of it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A headline and paragraphs, all of words."""

    headline: tuple[str, ...]
    paragraphs: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """As the program compares them."""
        return words(" ".join((*self.headline, *(word for paragraph in self.paragraphs for word in paragraph))))


@dataclass(frozen=True, slots=True)
class Made:
    """A text of the set: those of one `family` are the same story; `kind`: what was done to it."""

    family: int
    kind: str
    words: tuple[str, ...]


class Writer:
    """Writes stories by chance: `dice` alone decides."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        syllables = [a + b for a in "bdghklmnprstvxyz" for b in ("a", "e", "i", "o", "u", "an", "en", "or", "is", "un")]
        self.vocabulary = ["".join(dice.choices(syllables, k=dice.choice((1, 1, 2, 2, 3, 3, 4)))) for _ in range(VOCABULARY)]
        self.weights = [1 / rank for rank in range(1, VOCABULARY + 1)]
        self.names = [tuple(self._some(dice.randint(2, 4), flat=True)) for _ in range(NAMES)]
        self.backgrounds = [[self.paragraph(40, 80) for _ in range(4)] for _ in range(SUBJECTS)]
        self.own = [[self.names[place] for place in dice.sample(range(NAMES), 15)] for _ in range(SUBJECTS)]
        self.forms = [self._some(120) for _ in range(SUBJECTS)]

    def _some(self, count: int, *, flat: bool = False) -> list[str]:
        return self.dice.choices(self.vocabulary, None if flat else self.weights, k=count)

    def paragraph(self, least: int, most: int, names: list[tuple[str, ...]] | None = None) -> tuple[str, ...]:
        """Words, one in twelve of them a name of several words, one in twenty-five a figure."""
        found: list[str] = []
        for word in self._some(self.dice.randint(least, most)):
            found.append(word)
            if self.dice.random() < 1 / 12:
                found.extend(self.dice.choice(names or self.names))
            if self.dice.random() < 1 / 25:
                found.append(str(self.dice.randint(2, 3_000)))
        return tuple(found)

    def story(self, subject: int) -> Text:
        """Five to nine paragraphs; two in five stories end with a stock paragraph of their subject."""
        names = self.own[subject]
        told = [self.paragraph(25, 70, names) for _ in range(self.dice.randint(5, 9))]
        if self.dice.random() < 0.4:
            told.append(self.dice.choice(self.backgrounds[subject]))
        return Text(self.paragraph(7, 11, names), tuple(told))

    def day(self, subject: int) -> Text:
        """A form that is filled in again each day, as the weather is: one word in four a figure."""
        filled = [str(self.dice.randint(1, 99)) if place % 4 == 3 else word for place, word in enumerate(self.forms[subject])]
        return Text(tuple(filled[:8]), (tuple(filled[8:]),))


Doing = Callable[[Text, Writer], Text]


def edited(text: Text, writer: Writer) -> Text:
    """One word in fifteen is another."""
    return _rewritten(text, writer, 1 / 15)


def rewritten(text: Text, writer: Writer) -> Text:
    """One word in six is another, and one paragraph in five is left out."""
    kept = [one for one in text.paragraphs if writer.dice.random() > 0.2] or list(text.paragraphs)
    return _rewritten(replace(text, paragraphs=tuple(kept)), writer, 1 / 6)


def retold(text: Text, writer: Writer) -> Text:
    """One word in three is another: little is left to know it by."""
    return _rewritten(text, writer, 1 / 3)


def cut(text: Text, _: Writer) -> Text:
    """The first half of its paragraphs."""
    return replace(text, paragraphs=text.paragraphs[: (len(text.paragraphs) + 1) // 2])


def headed(text: Text, writer: Writer) -> Text:
    """Another headline, as a translated one is, and a line before and after it."""
    return Text(writer.paragraph(7, 11), (writer.paragraph(15, 25), *text.paragraphs, writer.paragraph(15, 25)))


def turned(text: Text, writer: Writer) -> Text:
    """Its paragraphs in another order."""
    return replace(text, paragraphs=tuple(writer.dice.sample(text.paragraphs, len(text.paragraphs))))


def _rewritten(text: Text, writer: Writer, share: float) -> Text:
    def told(paragraph: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(writer.dice.choice(writer.vocabulary) if writer.dice.random() < share else word for word in paragraph)

    return Text(told(text.headline), tuple(map(told, text.paragraphs)))


SAME: dict[str, Doing] = {
    "edited: 1 word in 15": edited,
    "cut to its first half": cut,
    "another headline, lines added": headed,
    "in another order": turned,
    "rewritten: 1 word in 6, 1 paragraph in 5 gone": rewritten,
    "retold: 1 word in 3": retold,
}


def followed(text: Text, writer: Writer) -> Text:
    """The next day's story: all new, but for two paragraphs of the one before."""
    return Text(writer.paragraph(7, 11), (*(writer.paragraph(25, 70) for _ in range(5)), *text.paragraphs[-2:]))


def of_feeds(folder: Path) -> Iterator[Text]:
    """The entries of a folder's feeds that are long enough, each text once."""
    seen: set[tuple[str, ...]] = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            feed = read(path.read_bytes(), content_type=None, base_url="https://partner.example/", language="en", now=NOW)
        except FeedError:
            continue
        for entry in feed.entries:
            lines = text_of(entry.content.body).replace(". ", ".\n").split("\n")
            text = Text(tuple(entry.content.headline.split()), tuple(tuple(line.split()) for line in lines))
            if len(text.words) >= SHORTEST and text.words not in seen:
                seen.add(text.words)
                yield text


def made(stories: list[Text], writer: Writer) -> list[Made]:
    """The set: each story with what was made of it, a follow-up of every second, and the forms of some days."""
    found: list[Made] = []
    families = iter(range(1_000_000))
    for number, story in enumerate(stories):
        family = next(families)
        found.append(Made(family, "", story.words))
        found += [Made(family, kind, doing(story, writer).words) for kind, doing in SAME.items()]
        if number % 2:
            found.append(Made(next(families), "a follow-up", followed(story, writer).words))
    for subject in range(SUBJECTS):
        found += [Made(next(families), "a form, filled in", writer.day(subject).words) for _ in range(DAYS)]
    return found


def supposed(texts: list[Made]) -> set[tuple[int, int]]:
    """The pairs that have a band in common."""
    shelves: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(texts):
        for band in bands(one.words):
            shelves[band].append(place)
    return {pair for held in shelves.values() for pair in combinations(held, 2)}


def taken(texts: list[Made]) -> tuple[float, float]:
    """Milliseconds of processor time that an item takes to be judged and kept on SQLite, in documents of AT_ONCE: unsigned, and signed."""
    flow, settings = inbound("likeness", "http://127.0.0.1:1/"), Settings(agency=AGENCY)
    took: dict[bool, list[float]] = {False: [], True: []}
    with exchange((flow,)) as database:
        for start in range(0, AT_ONCE * 2 * ROUNDS, AT_ONCE):
            entries = []
            signed = start // AT_ONCE % 2 == 1
            for place in range(start, start + AT_ONCE):
                said = Content(
                    f"Story {place}", f"<p>{' '.join(texts[place % len(texts)].words)}</p>", "en", link=f"https://p.example/{place}"
                )
                entries.append(Entry(f"tag:p,2026:{place}", said, b"", signature=signature(said) if signed else ()))
            begin = time.process_time()
            with database.write() as tx:
                take(tx, ParsedFeed("", "en", tuple(entries)), flow, Partner(PARTNER, "Partner", "KZ"), settings, NOW)
            took[signed].append((time.process_time() - begin) / AT_ONCE * 1000)
    return statistics.median(took[False]), statistics.median(took[True])


def main(arguments: list[str]) -> int:
    """Print what is found of each kind, and precision and recall."""
    if len(arguments) > 1 or (arguments and not Path(arguments[0]).is_dir()):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    writer = Writer(random.Random(SEED))
    stories = list(of_feeds(Path(arguments[0]))) if arguments else [writer.story(number % SUBJECTS) for number in range(STORIES)]
    texts = made(stories, writer)
    start = time.process_time()
    for one in texts:
        bands(one.words)
    signing = (time.process_time() - start) / len(texts) * 1000
    pairs = supposed(texts)
    start = time.process_time()
    told = {(one, other) for one, other in pairs if same(texts[one].words, texts[other].words)}
    confirming = (time.process_time() - start) / max(len(pairs), 1) * 1000
    true = {(one, other) for one, other in told if texts[one].family == texts[other].family}
    table = Table("the same story, made of another", "pairs", "in one band", "told", "recall")
    originals = {one.family: place for place, one in enumerate(texts) if not one.kind}
    counts: Counter[tuple[str, str]] = Counter()
    for place, one in enumerate(texts):
        pair = (originals.get(one.family, place), place)
        counts[one.kind, "all"] += 1
        counts[one.kind, "supposed"] += pair in pairs
        counts[one.kind, "told"] += pair in told
    for kind in SAME:
        every, inband, found = (counts[kind, which] for which in ("all", "supposed", "told"))
        table.add_row(kind, str(every), str(inband), str(found), f"{found / every:.1%}")
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    every, found = (sum(counts[kind, which] for kind in SAME) for which in ("all", "told"))
    wrong = Counter(" / ".join(sorted({texts[one].kind or "a story", texts[other].kind or "a story"})) for one, other in told - true)
    sys.stdout.write(
        f"{len(texts)} texts of {len(stories)} stories: recall {found / every:.1%} of {every} pairs with their original;"
        f" precision {len(true) / max(len(told), 1):.1%} of {len(told)} pairs told to be the same, {len(pairs)} supposed\n"
    )
    for kinds, number in wrong.most_common(5):
        sys.stdout.write(f"  told, and not the same: {number} x {kinds}\n")
    sys.stdout.write(f"processor time: signing a text {signing:.2f} ms, confirming a pair {confirming:.2f} ms\n")
    plain, signed = taken(texts)
    sys.stdout.write(f"an item judged and kept on SQLite: unsigned {plain:.2f} ms, signed {signed:.2f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
