"""How texts are made alike: by example, over all of Unicode, and over any text."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.folding import LONGEST, folded, placed, words

# Half a surrogate pair is a str too.
ANY = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        pytest.param("Đồng Tháp", "dong thap", id="Vietnamese without marks"),
        pytest.param("Đại sứ Ủy ban".upper(), "dai su uy ban", id="Vietnamese in capitals"),
        pytest.param(unicodedata.normalize("NFD", "Đồng Tháp"), "dong thap", id="Vietnamese with its marks apart"),
        pytest.param("Azərbaycan İqtisadiyyatı", "azerbaycan iqtisadiyyati", id="Azerbaijani: dotted and dotless i, and schwa"),
        pytest.param("Élysée, œuvre", "elysee, œuvre", id="French"),
        pytest.param("Ёлка Қазақстан", "елка қазақстан", id="Russian and Kazakh"),
        pytest.param("Łódź", "lodz", id="Polish"),
        pytest.param("Straße", "strasse", id="German"),
        pytest.param("\uff28\uff21\uff2e\uff2f\uff29 \uff12\uff10", "hanoi 20", id="letters and digits of full width"),
        pytest.param("co\u00adopera\u200dtion\ufeff", "cooperation", id="soft hyphen and other invisible characters"),
        pytest.param("ﬁn ²", "fin 2", id="a ligature and a raised digit"),
        pytest.param("a\ud800b", "ab", id="half a surrogate pair"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_people_leave_out_makes_no_difference(text: str, alike: str) -> None:
    assert folded(text) == alike


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Đồng Tháp: lũ lên!", ("dong", "thap", "lu", "len"), id="words between spaces and stops"),
        pytest.param("L'accord no_1, 3.5%", ("l", "accord", "no", "1", "3", "5"), id="apostrophe, underscore and decimal point"),
        pytest.param("mưa, mưa", ("mua", "mua"), id="each as often as it stands there"),
        pytest.param("北京市", ("北京", "京市"), id="Chinese: each two neighbours"),
        pytest.param("新华社记者2026年", ("新华", "华社", "社记", "记者", "2026", "年"), id="Chinese, a number, one alone"),
        pytest.param("VNA在北京。上海", ("vna", "在北", "北京", "上海"), id="Latin letters joined on, and a stop between"),
        pytest.param("ラオス", ("ラオ", "オス"), id="Japanese"),
        pytest.param("ລາວ", ("ລາ", "າວ"), id="Lao"),
        pytest.param("भारत", ("भरत",), id="Hindi: no word ends at a vowel sign"),
        pytest.param("x" * (LONGEST + 9), ("x" * LONGEST,), id="a word without an end"),
        pytest.param("\0 ☂ — _", (), id="no word"),
    ],
)
def test_a_text_has_these_words(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


def test_folding_again_changes_no_character_of_unicode() -> None:
    """With the test below, that each character is folded by itself, it changes nothing in any text."""
    once = "\n".join(folded(chr(code)) for code in range(sys.maxunicode + 1))
    assert folded(once) == once


@given(ANY, ANY)
def test_the_folding_of_two_texts_is_that_of_both(one: str, other: str) -> None:
    assert folded(one) + folded(other) == folded(one + other)


@given(ANY)
def test_any_text_folds_and_its_case_and_form_make_no_difference(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert folded(text.upper()) == folded(text.lower()) == folded(text.title()) == once
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text)) == once
    once.encode()


@given(ANY)
def test_words_are_letters_and_digits_that_stand_in_the_folded_text(text: str) -> None:
    for word in words(text):
        assert word.isalnum()
        assert 0 < len(word) <= LONGEST
        assert word in folded(text)
        assert words(word) == (word,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Lũ ở Đồng Tháp", ["Lũ", "ở", "Đồng", "Tháp"], id="marks within letters"),
        pytest.param(unicodedata.normalize("NFD", "Lũ ở!"), [unicodedata.normalize("NFD", one) for one in ("Lũ", "ở")], id="marks apart"),
        pytest.param("ﬁne Straße", ["ﬁne", "Straße"], id="letters that fold to two"),
        pytest.param("北京市", ["北京", "京市"], id="two neighbours"),
    ],
)
def test_words_are_shown_where_they_stand(text: str, found: list[str]) -> None:
    assert [text[start:end] for _, start, end in placed(text)] == found


@given(ANY)
def test_what_stands_there_folds_to_the_word(text: str) -> None:
    assert tuple(word for word, _, _ in placed(text)) == words(text)
    for word, start, end in placed(text):
        assert 0 <= start < end <= len(text)
        assert word in folded(text[start:end])
