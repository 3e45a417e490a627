"""What headers ask of us."""

from datetime import UTC, datetime, timedelta

import pytest

from syndication.fetch.headers import http_date, links, max_age, opaque, retry_after

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param('"abc"', True, id="a strong tag"),
        pytest.param('W/"abc"', True, id="a weak tag keeps its W/"),
        pytest.param("abc", True, id="a tag without quotes is opaque all the same"),
        pytest.param("\xe9\xff", True, id="bytes beyond ASCII"),
        pytest.param("x" * 1024, True, id="1 KB"),
        pytest.param("x" * 1025, False, id="over 1 KB"),
        pytest.param('"a\r\nX: y"', False, id="CRLF"),
        pytest.param('"a\0"', False, id="NUL"),
        pytest.param('"a\x7f"', False, id="DEL"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
    ],
)
def test_f24_wire_31_validators_are_kept_as_they_came_or_not_at_all(value: str | None, kept: bool) -> None:
    assert opaque(value) == (value if kept else None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param(" 120 ", 120, id="blanks around"),
        pytest.param("0", 60, id="at once: a minute at least"),
        pytest.param("-1", 60, id="in the past"),
        pytest.param("99999999999", 86_400, id="three thousand years"),
        pytest.param("9" * 5000, 86_400, id="a number of 5000 digits"),
        pytest.param("-" + "9" * 5000, 60, id="a negative number of 5000 digits"),
        pytest.param("Tue, 24 Nov 2026 12:10:00 GMT", 600, id="a date"),
        pytest.param("Tuesday, 24-Nov-26 12:10:00 GMT", 600, id="a date of RFC 850"),
        pytest.param("Tue Nov 24 12:10:00 2026", 600, id="a date of asctime"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 86_400, id="the year 9999"),
        pytest.param("Tue, 24 Nov 2020 12:10:00 GMT", 60, id="a date long past"),
        pytest.param("Fri, 31 Dec 9999", None, id="a date without a time"),
        pytest.param("soon", None, id="a word"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("١٢٠", None, id="digits that are not ASCII"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_f21_retry_after_is_clamped(value: str | None, seconds: int | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_date_needs_a_clock() -> None:
    assert retry_after("Tue, 24 Nov 2026 12:10:00 GMT", None) is None
    assert retry_after("120", None) == 120


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Cache-Control": "max-age=300"}, 300, id="max-age"),
        pytest.param({"Cache-Control": "private, Max-Age=300, must-revalidate"}, 300, id="among others, in capitals"),
        pytest.param({"Cache-Control": 'max-age="300"'}, 300, id="quoted"),
        pytest.param({"Cache-Control": "s-maxage=300"}, None, id="s-maxage is for shared caches"),
        pytest.param({"Cache-Control": "max-age=300", "Age": "100"}, 200, id="what a cache has used up is taken off"),
        pytest.param({"Cache-Control": "max-age=300", "Age": "400"}, None, id="all used up"),
        pytest.param({"Cache-Control": "max-age=300", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 300, id="it outranks Expires"),
        pytest.param({"Cache-Control": "no-cache, max-age=300"}, None, id="no-cache"),
        pytest.param({"Cache-Control": "no-store"}, None, id="no-store"),
        pytest.param({"Cache-Control": "max-age=99999999999999999999"}, 86_400, id="at most a day"),
        pytest.param({"Cache-Control": "max-age=-5"}, None, id="negative"),
        pytest.param({"Cache-Control": "max-age=0"}, None, id="none"),
        pytest.param({"Expires": "Tue, 24 Nov 2026 12:30:00 GMT"}, 1800, id="Expires"),
        pytest.param({"Expires": "0"}, None, id="Expires 0"),
        pytest.param({"Expires": "Tue, 24 Nov 2026 11:30:00 GMT"}, None, id="expired"),
        pytest.param({}, None, id="nothing said"),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert max_age(headers, NOW) == (timedelta(seconds=seconds) if seconds else None)


def test_expires_needs_the_servers_clock() -> None:
    assert max_age({"Expires": "Tue, 24 Nov 2026 12:30:00 GMT"}, None) is None


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT", "Tue, 24 Nov 99999 12:00:00 GMT", "\xff", "x" * 9000]
)
def test_what_is_no_date_is_none(value: str) -> None:
    assert http_date(value) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param(None, (), id="none"),
        pytest.param("", (), id="empty"),
        pytest.param('<https://h/>; rel="hub"', (("hub", "https://h/"),), id="one"),
        pytest.param("<https://h/>;rel=hub,<b>;REL=self", (("hub", "https://h/"), ("self", "b")), id="two, without quotes"),
        pytest.param('<a>; rel="hub  SELF"', (("hub", "a"), ("self", "a")), id="two relations"),
        pytest.param('<https://h/a,b;c>; title="x, <y>; rel=hub"; rel=self', (("self", "https://h/a,b;c"),), id="commas within"),
        pytest.param(r'<a>; title="say \"; rel=hub"; rel=self', (("self", "a"),), id="quotes within quotes"),
        pytest.param("<a>; rel=self; rel=hub", (("self", "a"),), id="the first rel counts"),
        pytest.param('<a>; rel=hub; anchor="#x", <b>; rel=self', (("self", "b"),), id="of something else"),
        pytest.param("<a>; flag; rel=hub , ,<b> ; rel = self", (("hub", "a"), ("self", "b")), id="odd spaces"),
        pytest.param("<a>; rel=hub, nonsense, <b>; rel=self", (("hub", "a"),), id="up to what cannot be read"),
        pytest.param("hub", (), id="no address"),
        pytest.param("<a>", (), id="no relation"),
        pytest.param("," * 8 * 1024 + "<a>; rel=hub", (), id="too long"),
    ],
)
def test_wire_47_the_links_of_a_header(value: str | None, found: tuple[tuple[str, str], ...]) -> None:
    assert links(value) == found
