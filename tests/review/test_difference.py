"""What changed between two texts, and what an edit may change."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.model.agreement import Alteration
from syndication.review.difference import MOST_PAIRS, Piece, PieceKind, beyond, likeness, words
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
        Piece(PieceKind.GONE, "12 "),
        Piece(PieceKind.NEW, "21 "),
        Piece(PieceKind.SAME, "phần trăm"),
    )


def alternating(count: int, letters: str) -> str:
    return " ".join(letters[n * n * n % 7 % len(letters)] for n in range(count)) + " "


def test_parts_with_too_much_in_common_are_shown_whole_within_what_is_the_same() -> None:
    old, new = alternating(1_000, "abc"), alternating(1_000, "bca")
    assert words(f"Same {old}end", f"Same {new}end") == (
        Piece(PieceKind.SAME, "Same "),
        Piece(PieceKind.GONE, old),
        Piece(PieceKind.NEW, new),
        Piece(PieceKind.SAME, "end"),
    )


def test_a_comparison_takes_no_time_whatever_the_texts() -> None:
    """The worst there is within the bound: every match is one word, and leaves all the rest to be compared anew."""
    side = int(MOST_PAIRS**0.5)
    started = time.process_time()
    for old, new in (
        ("".join(f"a x{n} " for n in range(side)), "".join(f"a y{n} " for n in range(side))),
        (alternating(20_000, "ab"), alternating(20_000, "ba")),
    ):
        words(old, new)
    assert time.process_time() - started < 5


def test_a_long_article_is_still_compared() -> None:
    old = [f"word{n * n % 701}" for n in range(5_000)]
    new = [*old[:2_000], "changed", *old[2_001:]]
    assert [piece.text for piece in words(" ".join(old), " ".join(new)) if piece.kind is not PieceKind.SAME] == [
        f"{old[2_000]} ",
        "changed ",
    ]


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


LINKED = worlds.content(body='<p>See <a href="https://a.example/">the report</a> and <a href="https://b.example/">the map</a>.</p>')


@pytest.mark.parametrize(
    ("allowed", "body", "fault"),
    [
        pytest.param(Alteration.NONE, LINKED.body, None, id="none: as it stands"),
        pytest.param(Alteration.NONE, LINKED.body.replace("a.example", "x.example"), "link", id="none: the same words lead elsewhere"),
        pytest.param(Alteration.NONE, "<p>See the report and the map.</p>", "link", id="none: no link left out"),
        pytest.param(Alteration.ABRIDGE, "<p>See the report and the map.</p>", None, id="abridge: links left out"),
        pytest.param(Alteration.ABRIDGE, LINKED.body.replace("a.example", "x.example"), "links", id="abridge: no other link"),
        pytest.param(Alteration.TRANSLATE, LINKED.body.replace("a.example", "x.example"), "links", id="translate: nor in its own language"),
        pytest.param(Alteration.FREE, LINKED.body.replace("a.example", "x.example"), None, id="free"),
    ],
)
def test_where_links_lead_is_part_of_the_text(allowed: Alteration, body: str, fault: str | None) -> None:
    answer = beyond(allowed, LINKED, replace(LINKED, body=body))
    assert answer is None if fault is None else answer is not None and fault in answer


def test_a_figure_is_not_abridged_into_another() -> None:
    source = worlds.content(body="<p>It grew by 1.5% in 2025-26.</p>")
    assert beyond(Alteration.ABRIDGE, source, replace(source, body="<p>It grew by 5% in 2025-26.</p>")) is not None
    assert beyond(Alteration.ABRIDGE, source, replace(source, body="<p>It grew by 1.5%.</p>")) is None


def test_likeness() -> None:
    assert likeness(SOURCE, SOURCE) == 1.0
    assert likeness(SOURCE, worlds.content(headline="Bakıda sərgi", body="<p>Muzey açıldı.</p>")) == 0.0
    assert likeness(worlds.content(headline="", body=""), worlds.content(headline="", body="")) == 1.0


def test_likeness_of_nested_marks_takes_no_time() -> None:
    """It is taken inside the poll's transaction."""
    nested = worlds.content(body="<blockquote>" * 20_000 + "one" + "</blockquote>" * 20_000)
    started = time.process_time()
    assert likeness(nested, nested) == 1.0
    assert time.process_time() - started < 1
