"""What one key may say: the value it stands for, or a fault that shows what was given; and what a table of keys makes of them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from syndication.agreements import keys
from syndication.agreements.keys import Check, Key, Table, Whole, meant, one, read, several, shown
from syndication.model.agreement import Period

LONG, LONGER = "a" * keys.LONGEST, "a" * keys.LONGEST * 10
PERIOD = keys.member(Period)


@pytest.mark.parametrize(
    ("check", "given", "value"),
    [
        pytest.param(keys.text, "  Exchange ", "Exchange", id="text, trimmed"),
        pytest.param(keys.text, LONG, LONG, id="text as long as may be"),
        pytest.param(keys.lines, " one\n\ttwo ", "one\n\ttwo", id="lines"),
        pytest.param(keys.lines, LONGER, LONGER, id="lines as long as may be"),
        pytest.param(keys.slug, "trc-en-2", "trc-en-2", id="a name"),
        pytest.param(keys.slug, "a" * 64, "a" * 64, id="a name as long as may be"),
        pytest.param(keys.flag, False, False, id="false"),
        pytest.param(Whole(1, 5), 1, 1, id="the least"),
        pytest.param(Whole(1, 5), 5, 5, id="the most"),
        pytest.param(keys.day, date(1900, 1, 1), date(1900, 1, 1), id="the first year"),
        pytest.param(keys.day, date(2999, 12, 31), date(2999, 12, 31), id="the last year"),
        pytest.param(keys.zone, "Asia/Baku", "Asia/Baku", id="a zone"),
        pytest.param(keys.language, "az-Latn", "az-Latn", id="a language"),
        pytest.param(keys.language, "EN-GB", "EN-GB", id="a language in capitals"),
        pytest.param(keys.language_or_every, "*", "*", id="every language"),
        pytest.param(keys.language_or_every, "vi", "vi", id="one language"),
        pytest.param(keys.topic, "medtop:15000000", "medtop:15000000", id="a topic"),
        pytest.param(keys.subject, "medtop:15000000", "medtop:15000000", id="a topic for a subject"),
        pytest.param(keys.subject, "trc:Sport: all", "trc:sport: all", id="a category"),
        pytest.param(keys.subject_or_every, "*", "*", id="every subject"),
        pytest.param(keys.subject_or_every, "trc:Sport", "trc:sport", id="one subject"),
        pytest.param(keys.digest, "A" * 64, "a" * 64, id="a digest in capitals"),
        pytest.param(keys.country, "VN", "VN", id="a country"),
        pytest.param(keys.address, "http://trc.example:8080/a?b", "http://trc.example:8080/a?b", id="an address"),
        pytest.param(keys.address, "https://trc.example", "https://trc.example", id="a secure address"),
        pytest.param(keys.credit, "{author} / {partner}: {original}", "{author} / {partner}: {original}", id="a credit line"),
        pytest.param(PERIOD, "week", Period.WEEK, id="a word"),
    ],
)
def test_what_is_meant(check: Check, given: Any, value: Any) -> None:
    assert check(given) == value


ONE_LINE = f"must be one line of at most {keys.LONGEST} characters, without control characters"
SOME_LINES = f"must be a text of at most {keys.LONGEST * 10} characters, without control characters"
A_NAME = "must be a name of a-z, 0-9 and single hyphens, such as 'trc-en', and is "
A_DAY = "must be a day, such as 2025-05-06 (no quotes, no time), and is "
A_YEAR = "must lie between the years 1900 and 2999; what has no end is left out"
A_LANGUAGE = " is no language tag (BCP 47), such as 'en' or 'pt-BR'"
A_TOPIC = " is no IPTC Media Topic: medtop: and eight digits, such as 'medtop:15000000' (sport)"
A_SUBJECT = " is no IPTC Media Topic, such as 'medtop:15000000' (sport), nor a partner's category, such as 'trc:Sport'"
A_ZONE = " is no time zone of the IANA database, such as 'Asia/Ho_Chi_Minh'"
A_DIGEST = "must be a SHA-256, 64 hexadecimal digits, as 'sha256sum FILE' prints it, and is "
A_COUNTRY = " is no country code (ISO 3166-1), such as 'VN'"
AN_ADDRESS = "must be an http or https address, and is "
NOBODY = "must not hold a user or a password: files are read by many"


@pytest.mark.parametrize(
    ("check", "given", "told"),
    [
        pytest.param(keys.text, 5, "must be a text that is not empty, and is 5", id="a number for a text"),
        pytest.param(keys.text, "  ", 'must be a text that is not empty, and is "  "', id="blanks for a text"),
        pytest.param(keys.text, LONG + "a", ONE_LINE, id="a text too long"),
        pytest.param(keys.text, "two\nlines", ONE_LINE, id="two lines for a text"),
        pytest.param(keys.lines, 5, "must be a text that is not empty, and is 5", id="a number for lines"),
        pytest.param(keys.lines, " \n", 'must be a text that is not empty, and is " \\n"', id="blanks for lines"),
        pytest.param(keys.lines, LONGER + "a", SOME_LINES, id="lines too long"),
        pytest.param(keys.lines, "a\x1b[31m", SOME_LINES, id="an escape sequence in lines"),
        pytest.param(keys.slug, "trc--en", A_NAME + '"trc--en"', id="two hyphens in a name"),
        pytest.param(keys.slug, "a" * 65, f'{A_NAME}"{"a" * 65}"', id="a name too long"),
        pytest.param(keys.flag, 1, "must be true or false, and is 1", id="a number for a flag"),
        pytest.param(Whole(1, 5), 0, "must be a whole number from 1 to 5, and is 0", id="too little"),
        pytest.param(Whole(1, 5), 6, "must be a whole number from 1 to 5, and is 6", id="too much"),
        pytest.param(Whole(1, 5), True, "must be a whole number from 1 to 5, and is true", id="a flag for a number"),
        pytest.param(Whole(1, 5), 2.0, "must be a whole number from 1 to 5, and is 2.0", id="a fraction"),
        pytest.param(keys.day, "2025-05-06", A_DAY + '"2025-05-06"', id="a day in quotes"),
        pytest.param(keys.day, datetime(2025, 5, 6, tzinfo=UTC), A_DAY + '"2025-05-06 00:00:00+00:00"', id="a moment for a day"),
        pytest.param(keys.day, date(1899, 12, 31), A_YEAR, id="too early"),
        pytest.param(keys.day, date(3000, 1, 1), A_YEAR, id="too late"),
        pytest.param(keys.zone, "Asia/Hanoi", f'"Asia/Hanoi"{A_ZONE}{meant("Asia/Hanoi", keys._zones())}', id="a zone that is none"),
        pytest.param(keys.zone, "?", f'"?"{A_ZONE}', id="nothing like a zone"),
        pytest.param(keys.language, "vn", f"\"vn\"{A_LANGUAGE}; did you mean 'vi'?", id="a country for a language"),
        pytest.param(keys.language, "kz-Latn", f"\"kz-Latn\"{A_LANGUAGE}; did you mean 'kk'?", id="a country with a script"),
        pytest.param(keys.language, "xx", f'"xx"{A_LANGUAGE}', id="a language that is none"),
        pytest.param(keys.language, "english", f'"english"{A_LANGUAGE}', id="a language in words"),
        pytest.param(keys.language, "en_US", f'"en_US"{A_LANGUAGE}', id="an underscore"),
        pytest.param(keys.topic, "medtop:1500", f'"medtop:1500"{A_TOPIC}', id="a topic cut short"),
        pytest.param(keys.topic, "trc:sport", f'"trc:sport"{A_TOPIC}', id="a category for a topic"),
        pytest.param(keys.subject, "medtop:1500", f'"medtop:1500"{A_SUBJECT}', id="a subject cut short"),
        pytest.param(keys.subject, "sport", f'"sport"{A_SUBJECT}', id="a subject of nobody"),
        pytest.param(keys.digest, "g" * 64, f'{A_DIGEST}"{"g" * 64}"', id="no digest"),
        pytest.param(keys.country, "vn", f'"vn"{A_COUNTRY}', id="a country in small letters"),
        pytest.param(keys.country, "XX", f'"XX"{A_COUNTRY}', id="a country that is none"),
        pytest.param(keys.address, "ftp://trc.example/", f'{AN_ADDRESS}"ftp://trc.example/"', id="another scheme"),
        pytest.param(keys.address, "https:///en", f'{AN_ADDRESS}"https:///en"', id="no host"),
        pytest.param(keys.address, "https://trc.example/a b", f'{AN_ADDRESS}"https://trc.example/a b"', id="a blank"),
        pytest.param(keys.address, "https://trc.example:no/", f'{AN_ADDRESS}"https://trc.example:no/"', id="a port that is none"),
        pytest.param(keys.address, "https://u@trc.example/", NOBODY, id="a user"),
        pytest.param(keys.address, "https://:p@trc.example/", NOBODY, id="a password"),
        pytest.param(keys.credit, "{author", 'has a brace without the other: "{author"', id="a brace left open"),
        pytest.param(keys.credit, "author}", 'has a brace without the other: "author}"', id="a brace closed"),
        pytest.param(
            keys.credit,
            "{autor}",
            "{autor} stands for nothing; {partner}, {author}, {original} do; did you mean 'author'?",
            id="credit to nobody",
        ),
        pytest.param(PERIOD, "wek", "\"wek\" is none of day, week, month, quarter, year; did you mean 'week'?", id="another word"),
        pytest.param(PERIOD, 5, "5 is none of day, week, month, quarter, year", id="a number for a word"),
        pytest.param(
            PERIOD, ["week"], "[\"week\"] is none of day, week, month, quarter, year; did you mean 'week'?", id="a list for a word"
        ),
    ],
)
def test_what_is_no_value_is_shown(check: Check, given: Any, told: str) -> None:
    with pytest.raises(ValueError, match=r"^.") as refused:
        check(given)
    assert str(refused.value) == told


def test_how_a_key_is_described() -> None:
    """It may be left out, and a list may be empty, unless it is said that it may not."""
    assert (one(keys.text), several(keys.text)) == (Key(keys.text), Key(keys.text, many=True))
    assert one(keys.text, required=True, says="its name") == Key(keys.text, required=True, says="its name")
    whole = Key(keys.text, required=True, many=True, filled=True, says="its names")
    assert several(keys.text, required=True, filled=True, says="its names") == whole
    assert keys.member(Period).choices == {period.value: period for period in Period}


def test_the_nearest_word_is_meant() -> None:
    assert meant("texts", ["video", "text", "test"]) == "; did you mean 'text'?"
    assert meant("texts", ["video"]) == ""


def nested(depth: int) -> list[Any]:
    """A list in a list, as deep as that."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("given", "as_shown"),
    [
        pytest.param("Hà Nội", '"Hà Nội"', id="in its letters"),
        pytest.param("a\nb", '"a\\nb"', id="on one line"),
        pytest.param(date(2025, 5, 6), '"2025-05-06"', id="a day"),
        pytest.param("a" * 78, f'"{"a" * 78}"', id="80 characters"),
        pytest.param("a" * 79, f'"{"a" * 76}...', id="more than that, cut"),
        pytest.param(nested(100_000), "a list", id="nested beyond measure"),
    ],
)
def test_a_value_is_shown_short(given: Any, as_shown: str) -> None:
    assert shown(given) == as_shown


SHAPE = {
    "name": one(keys.slug, required=True),
    "days": several(Whole(1, 7), filled=True),
    "words": several(keys.text),
    "any": Key(),
    "part": Key(shape={"on": one(keys.day, required=True)}),
    "parts": Key(shape={"on": one(keys.day, required=True)}, many=True),
}
DAY = date(2025, 5, 6)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({"name": "a"}, {}, id="what it must have"),
        pytest.param({}, {"name": "is missing"}, id="nothing"),
        pytest.param({"name": "a", "nam": 1}, {"nam": "is no key here; did you mean 'name'?"}, id="another key"),
        pytest.param({"name": "a", "X": 1}, {"X": "is no key here"}, id="a key of one capital"),
        pytest.param({"name": "a", "n m": 1}, {'"n m"': "is no key here"}, id="a key with a blank"),
        pytest.param({"name": "A"}, {"name": A_NAME + '"A"'}, id="a value that is none"),
        pytest.param({"name": "a", "days": 3}, {"days": "must be a list, [...], and is 3"}, id="no list"),
        pytest.param({"name": "a", "days": []}, {"days": "is empty, and would name nothing at all: name them"}, id="an empty list"),
        pytest.param({"name": "a", "words": []}, {}, id="a list that may be empty"),
        pytest.param({"name": "a", "days": [1, 8]}, {"days[1]": "must be a whole number from 1 to 7, and is 8"}, id="one of a list"),
        pytest.param({"name": "a", "days": [1, 2, 1]}, {"days[2]": "1 stands here twice"}, id="twice in a list"),
        pytest.param({"name": "a", "any": [1, 1]}, {}, id="a key that may say anything"),
        pytest.param({"name": "a", "part": 3}, {"part": "must be a table, and is 3"}, id="no table"),
        pytest.param({"name": "a", "part": {}}, {"part.on": "is missing"}, id="in a table"),
        pytest.param({"name": "a", "parts": {"on": DAY}}, {"parts": "must be a list of tables, [[parts]]"}, id="a table for a list"),
        pytest.param({"name": "a", "parts": [{"on": DAY}, {}]}, {"parts[1].on": "is missing"}, id="in a list of tables"),
        pytest.param({"name": "a", "parts": [{"on": DAY}, {"on": DAY}]}, {}, id="two tables that are alike"),
        pytest.param({"name": "a", "words": ["a"] * (keys.MOST + 1)}, {"words": "names 1001 things, and may name 1000"}, id="too many"),
        pytest.param({"name": "a", "words": [str(number) for number in range(keys.MOST)]}, {}, id="as many as may be"),
    ],
)
def test_every_fault_of_a_table_is_told(given: dict[str, Any], told: dict[str, str]) -> None:
    table = read(Table("x.toml", "", given, []), SHAPE)
    assert {fault.key: fault.message for fault in table.faults} == told
    assert {fault.file for fault in table.faults} <= {"x.toml"}
    inner = read(Table("x.toml", "grants[0]", given, []), SHAPE)
    assert {fault.key for fault in inner.faults} == {f"grants[0].{key}" for key in told}


def test_what_a_table_holds() -> None:
    """What passed, each under its key; a list with a fault is no half of a list, and of tables each is judged by itself."""
    given = {"name": "a", "days": [1, 8], "words": ["x"], "any": 5, "part": {"on": DAY}, "parts": [{"on": DAY}, 3], "other": 1}
    table = read(Table("x.toml", "", given, []), SHAPE)
    assert set(table.values) == {"name", "words", "any", "part", "parts"}
    assert (table.get("name"), table.get("days"), table.get("words"), table.get("any")) == ("a", None, ("x",), 5)
    assert (table.has("days"), table.has("day")) == (True, False)
    assert [part.get("on") for part in table.tables("parts")] == [DAY]
    assert (table.tables("none"), table.get("part").get("on")) == ((), DAY)
    table.fault("", "of the whole")
    assert table.faults[-1].key == ""
