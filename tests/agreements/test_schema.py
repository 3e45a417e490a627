"""The JSON Schema of the files, held against the reader by a validator that is not ours."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from syndication.agreements import schema
from syndication.agreements.keys import Key, Table, read
from syndication.agreements.shapes import AGREEMENT, PARTNER
from tests.agreements.test_files import PLAIN

CONFIG = Path(__file__).parents[2] / "config"
SHAPES = {"agreement": AGREEMENT, "partner": PARTNER}
KINDS = {"agreements": "agreement", "partners": "partner"}


def plain(given: Any) -> Any:
    """As an editor's tool sees it: a day as its text."""
    return json.loads(json.dumps(given, default=str))


def by_schema(kind: str, text: str) -> bool:
    made = schema.of(kind)
    Draft202012Validator.check_schema(made)
    return bool(Draft202012Validator(made, format_checker=FormatChecker()).is_valid(plain(tomllib.loads(text))))


def by_reader(kind: str, text: str) -> bool:
    return not read(Table("", "", tomllib.loads(text), []), SHAPES[kind]).faults


@pytest.mark.parametrize("path", sorted(CONFIG.glob("*s/*.toml")), ids=lambda path: path.name)
def test_every_shipped_file_is_valid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert by_schema(KINDS[path.parent.name], text)
    assert by_reader(KINDS[path.parent.name], text)


AGREED, TRC = PLAIN["agreements/vna-trc.toml"], PLAIN["partners/trc.toml"]
CATEGORY = '[[categories]]\nname = "Sport"\ntopics = ["medtop:15000000"]'


@pytest.mark.parametrize("kind", SHAPES)
def test_a_schema_says_what_it_is(kind: str) -> None:
    made = schema.of(kind)
    assert (made["$schema"], made["title"]) == ("https://json-schema.org/draft/2020-12/schema", f"{kind} file of syndication")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        pytest.param("agreement", "onward_use", "onward_us", id="an unknown key"),
        pytest.param("agreement", 'title = "Exchange"', "", id="a key left out"),
        pytest.param("agreement", 'title = "Exchange"', 'title = ""', id="an empty title"),
        pytest.param("agreement", '"own-use"', '"own-usee"', id="an unknown value"),
        pytest.param("agreement", '["text"]', '["txt"]', id="an unknown type"),
        pytest.param("agreement", '["text"]', "[]", id="no type"),
        pytest.param("agreement", '["text"]', '["text", "text"]', id="a type twice"),
        pytest.param("agreement", '["text"]', '"text"', id="no list"),
        pytest.param("agreement", "use_days = 30", "use_days = 0", id="a number too small"),
        pytest.param("agreement", "use_days = 30", "use_days = 36501", id="a number too large"),
        pytest.param("agreement", "use_days = 30", 'use_days = "30"', id="a number in quotes"),
        pytest.param("agreement", "use_days = 30", "use_days = true", id="a flag for a number"),
        pytest.param("agreement", "archive = true", 'archive = "yes"', id="a word for a flag"),
        pytest.param("agreement", "medtop:15000000", "medtop:15", id="a topic cut short"),
        pytest.param("agreement", '["VN"]', '["Vietnam"]', id="a country in words"),
        pytest.param("agreement", "2028-05-05", "2028-05-05T00:00:00", id="a moment for a day"),
        pytest.param("agreement", '"vna-trc"', '"VNA TRC"', id="a reference that is no name"),
        pytest.param("agreement", '"suspend"', '"pause"', id="an unknown act"),
        pytest.param("agreement", '["en", "*"]', '["en_US"]', id="no language tag"),
        pytest.param("partner", 'country = "KZ"', 'country = "kz"', id="a country in small letters"),
        pytest.param("partner", "https://trc.example/", "trc.example", id="no address"),
        pytest.param("partner", CATEGORY, 'categories = ["Sport"]', id="a text for a table"),
        pytest.param("partner", '"medtop:15000000"', '"sport"', id="a category that stands for no topic"),
        pytest.param("partner", 'direction = "in"', 'direction = "inbound"', id="an unknown direction"),
        pytest.param("partner", "interval_minutes = 10", "interval_minutes = 0", id="polled all the time"),
    ],
)
def test_both_refuse_what_a_schema_can_say(kind: str, old: str, new: str) -> None:
    text = AGREED if kind == "agreement" else TRC
    assert (by_schema(kind, text), by_reader(kind, text)) == (True, True)
    assert text.count(old) >= 1
    assert (by_schema(kind, text.replace(old, new, 1)), by_reader(kind, text.replace(old, new, 1))) == (False, False)


def described(shape: dict[str, Key], made: dict[str, Any]) -> Iterator[tuple[str, Key, dict[str, Any]]]:
    for key, rule in shape.items():
        one = made["properties"][key]
        yield key, rule, one
        if rule.shape is not None:
            yield from described(dict(rule.shape), one["items"] if rule.many else one)


@pytest.mark.parametrize("kind", SHAPES)
def test_every_key_is_in_the_schema_and_explained(kind: str) -> None:
    made = schema.of(kind)
    for key, rule, one in described(dict(SHAPES[kind]), made):
        assert one["description"], key
        assert rule.shape is None or (one["items"] if rule.many else one)["additionalProperties"] is False
