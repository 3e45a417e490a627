"""By what a text is found again: the same words in any spelling, some of it gone, some of it other; and no other text."""

import random

import pytest

from syndication.feeds.likeness import BANDS, FEWEST, address, bands, said, signature
from tests.worlds import content

DICE = random.Random(7)
VOCABULARY = [f"w{number}" for number in range(5_000)]
TEXT = tuple(DICE.choices(VOCABULARY, k=400))
OTHER = tuple(DICE.choices(VOCABULARY, k=400))


def in_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return len(set(bands(one)) & set(bands(other)))


def test_the_same_words_have_the_same_bands_however_they_are_written() -> None:
    body = "<p>Thủ tướng tiếp Đại sứ Kazakhstan tại Hà Nội.</p><p>Hai bên trao đổi về hợp tác đường sắt và hàng không trong năm nay.</p>"
    bare = "<h2>THU TUONG tiep Dai su Kazakhstan tai Ha Noi</h2>Hai ben trao doi ve hop tac duong sat va hang khong trong nam nay!"
    one, other = (said(content(headline="Tin", summary="", body=text)) for text in (body, bare))
    assert one == other
    assert len(set(bands(one))) == BANDS


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        pytest.param(TEXT, BANDS, BANDS, id="the same"),
        pytest.param(TEXT[:200], 1, BANDS, id="its first half"),
        pytest.param(TEXT[200:] + TEXT[:200], 15, BANDS, id="its halves turned"),
        pytest.param(tuple("other" if place % 15 == 0 else word for place, word in enumerate(TEXT)), 5, BANDS, id="one word in 15"),
        pytest.param(OTHER, 0, 0, id="another text"),
        pytest.param(tuple(DICE.sample(TEXT, len(TEXT))), 0, 0, id="the same words in no order"),
    ],
)
def test_what_has_bands_in_common(other: tuple[str, ...], least: int, most: int) -> None:
    assert least <= in_common(TEXT, other) <= most


def test_of_a_thousand_other_texts_hardly_any_is_supposed_to_be_the_same() -> None:
    mine = set(bands(TEXT))
    assert sum(bool(mine & set(bands(tuple(DICE.choices(VOCABULARY, k=60))))) for _ in range(1_000)) <= 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param((), 0, id="no words"),
        pytest.param(TEXT[: FEWEST - 1], 0, id="too few"),
        pytest.param(TEXT[:FEWEST], BANDS, id="just enough"),
        pytest.param(("same",) * 40, BANDS, id="one word, again and again"),
    ],
)
def test_a_short_text_has_none(words: tuple[str, ...], expected: int) -> None:
    found = bands(words)
    assert len(found) == expected
    assert all(-(1 << 63) <= band < 1 << 63 for band in found)
    assert len(set(found)) == expected


def test_chinese_is_told_apart_by_its_parts() -> None:
    headline, body = "越南国家主席星期二在河内会见了哈萨克斯坦大使", "<p>双方就铁路合作和经贸往来交换了意见</p>"
    one, other = (said(content(headline=headline, summary="", body=text)) for text in (body, body.replace("了", "")))
    assert len(one) >= FEWEST
    assert in_common(one, other) > 0


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        pytest.param("http://www.vna.example/en/rail-forum/", True, id="another scheme, www, a last slash"),
        pytest.param("https://VNA.example/en/rail-forum?utm_source=trc&fbclid=1#top", True, id="with what counts its readers"),
        pytest.param("https://vna.example/en/rail-forum?page=2", False, id="another page"),
        pytest.param("https://vna.example/en/Rail-forum", False, id="another path"),
        pytest.param("https://other.example/en/rail-forum", False, id="another host"),
        pytest.param("https://[vna.example/en/rail-forum", False, id="no address at all"),
    ],
)
def test_one_address_is_one_text_however_it_is_spelled(other: str, alike: bool) -> None:
    assert (address("https://vna.example/en/rail-forum") == address(other)) is alike


def test_a_content_is_found_by_its_words_and_by_its_address() -> None:
    long = content(body=f"<p>{' '.join(TEXT)}</p>", link="https://vna.example/1")
    assert len(signature(long)) == BANDS + 1
    assert set(signature(content(headline="Rail", summary="", body="", link="https://vna.example/1"))) < set(signature(long))
    assert signature(content(headline="Rail", summary="", body="", link=None)) == ()
