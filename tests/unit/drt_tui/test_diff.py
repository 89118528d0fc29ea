from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drt_tui.review.diff import Change, Piece, changes, diff, units

TEXTS = st.text(
    st.sampled_from("그는발이넓어서 그 사람은 abc dé,.!\n\t他是个贼，👨‍👩‍👧 ") | st.characters(), max_size=60
)


@given(TEXTS, TEXTS)
def test_the_pieces_join_to_both_texts(old, new):
    pieces = diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new


@given(TEXTS)
def test_units_join_to_the_text(text):
    assert "".join(units(text)) == text


@given(TEXTS)
def test_equal_texts_have_no_changes(text):
    assert changes(text, text) == ()
    assert all(piece.kind == "same" for piece in diff(text, text))


def test_english_changes_by_words():
    assert diff("He has wide feet.", "He has big feet.") == (
        Piece("same", "He has "),
        Piece("gone", "wide"),
        Piece("new", "big"),
        Piece("same", " feet."),
    )


def test_an_eojeol_that_changed_in_part_is_told_by_syllables():
    pieces = diff("사람이 많았다", "사람들이 많았다")
    assert [piece.text for piece in pieces if piece.kind == "new"] == ["들"]
    assert not [piece for piece in pieces if piece.kind == "gone"]


def test_another_eojeol_is_told_whole():
    assert [piece for piece in diff("발이 넓다", "눈이 높다") if piece.kind != "same"] == [
        Piece("gone", "발이 넓다"),
        Piece("new", "눈이 높다"),
    ]


def test_chinese_changes_by_characters():
    assert [piece for piece in diff("他是个贼，走了", "他是小偷，走了") if piece.kind != "same"] == [
        Piece("gone", "个贼"),
        Piece("new", "小偷"),
    ]


def test_what_a_reader_sees_as_one_sign_is_never_torn():
    pieces = diff("a👨‍👩‍👧b", "a👨‍👩‍👦b")
    assert [piece.text for piece in pieces if piece.kind == "gone"] == ["👨‍👩‍👧"]


def test_close_changes_are_told_as_one_place():
    old, new = (
        "He has wide feet, so he knows many people.",
        "He is well connected, so he knows everybody here.",
    )
    assert changes(old, new, bridge=0) == (
        Change("has wide feet", "is well connected"),
        Change("many people", "everybody here"),
    )
    assert len(changes(old, new, bridge=5)) == 1
