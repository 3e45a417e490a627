"""What changed between two texts, and what an edit may change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.model.agreement import Alteration
from syndication.review.difference import LONGEST, Piece, PieceKind, beyond, likeness, words
from tests import worlds

TEXT = st.text(alphabet=st.sampled_from("ab ,.\nđəи"), max_size=60)


@given(TEXT, TEXT)
def test_the_pieces_hold_both_texts(old: str, new: str) -> None:
    """Independent of how the difference is found: nothing is lost, nothing invented."""
    pieces = words(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind is not PieceKind.NEW) == old
    assert "".join(piece.text for piece in pieces if piece.kind is not PieceKind.GONE) == new


def test_a_changed_number_is_one_word_gone_and_one_new() -> None:
    assert words("Hàng hóa tăng 12 phần trăm", "Hàng hóa tăng 21 phần trăm") == (
        Piece(PieceKind.SAME, "Hàng hóa tăng "),
        Piece(PieceKind.GONE, "12"),
        Piece(PieceKind.NEW, "21"),
        Piece(PieceKind.SAME, " phần trăm"),
    )


def test_texts_too_long_to_compare_are_shown_whole() -> None:
    old, new = "a " * LONGEST, "b"
    assert words(old, new) == (Piece(PieceKind.GONE, old), Piece(PieceKind.NEW, new))


SOURCE = worlds.content(headline="Astana hosts the rail forum", summary="Two days of talks.", body="<p>Trains will run daily from May.</p>")


@pytest.mark.parametrize(
    ("allowed", "edit", "fault"),
    [
        pytest.param(Alteration.NONE, {}, None, id="no change is always within"),
        pytest.param(
            Alteration.NONE, {"body": "<div><p>Trains will run daily from May.</p></div>"}, None, id="the same words in other marks"
        ),
        pytest.param(Alteration.NONE, {"headline": "Astana hosts rail forum"}, "headline", id="none: not a word less"),
        pytest.param(Alteration.ABRIDGE, {"headline": "Astana hosts rail forum"}, None, id="abridge: a word left out"),
        pytest.param(Alteration.ABRIDGE, {"body": ""}, None, id="abridge: the body left out"),
        pytest.param(Alteration.ABRIDGE, {"body": "<p>Trains will run daily.</p>"}, None, id="abridge: a sentence that ends sooner"),
        pytest.param(Alteration.ABRIDGE, {"body": "<p>Trains will run weekly from May.</p>"}, "body", id="abridge: not another word"),
        pytest.param(Alteration.ABRIDGE, {"body": "<p>daily Trains will run</p>"}, "body", id="abridge: not another order"),
        pytest.param(Alteration.ABRIDGE, {"summary": "Three days of talks."}, "summary", id="abridge: the summary too"),
        pytest.param(
            Alteration.TRANSLATE, {"language": "vi", "body": "<p>Tàu chạy hằng ngày.</p>"}, None, id="translate: into another language"
        ),
        pytest.param(
            Alteration.TRANSLATE, {"body": "<p>Trains might run daily from May.</p>"}, "body", id="translate: not rewritten in its own"
        ),
        pytest.param(
            Alteration.TRANSLATE, {"language": "en-GB", "headline": "Forum"}, "headline", id="translate: en-GB is no other language"
        ),
        pytest.param(Alteration.FREE, {"body": "<p>All new.</p>"}, None, id="free"),
    ],
)
def test_what_an_edit_may_change(allowed: Alteration, edit: dict[str, str], fault: str | None) -> None:
    answer = beyond(allowed, SOURCE, replace(SOURCE, **edit))  # type: ignore[arg-type]
    assert answer is None if fault is None else answer is not None and fault in answer


def test_a_figure_is_not_abridged_into_another() -> None:
    source = worlds.content(body="<p>It grew by 1.5% in 2025-26.</p>")
    assert beyond(Alteration.ABRIDGE, source, replace(source, body="<p>It grew by 5% in 2025-26.</p>")) is not None
    assert beyond(Alteration.ABRIDGE, source, replace(source, body="<p>It grew by 1.5%.</p>")) is None


def test_likeness() -> None:
    assert likeness(SOURCE, SOURCE) == 1.0
    assert likeness(SOURCE, worlds.content(headline="Bakıda sərgi", body="<p>Muzey açıldı.</p>")) == 0.0
    assert likeness(worlds.content(headline="", body=""), worlds.content(headline="", body="")) == 1.0
