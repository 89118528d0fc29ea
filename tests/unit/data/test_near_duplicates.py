from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data.near_duplicates import clusters
from data.samples import sample_sentences

DISTINCT = [sentence.source for sentence in sample_sentences()]


def test_different_sentences_are_no_duplicates() -> None:
    assert clusters(DISTINCT, 90) == []


def test_small_changes_are_found_in_every_language() -> None:
    pairs = [
        ("그는 발이 넓어서 모르는 사람이 없다.", "그는 발이 넓어서, 모르는 사람이 없다!"),
        (
            "He has wide feet, so he knows everybody in town.",
            "He has wide feet so he knows everyone in town.",
        ),
        ("他像狼一样，一无是处，注定不会有好下场。", "他像狼一样，一无是处，注定没有好下场。"),
        ("Déjà vu: the café was full of old friends.", "Deja vu: the café was full of old friends."),
    ]
    texts = [one for one, _ in pairs] + DISTINCT + [other for _, other in pairs]
    behind = len(pairs) + len(DISTINCT)
    assert clusters(texts, 80) == [[place, place + behind] for place in range(len(pairs))]


def test_the_threshold_decides() -> None:
    texts = ["그는 발이 넓어서 모르는 사람이 없다.", "그는 발이 넓어서 모르는 이가 없다."]
    assert clusters(texts, 85) == [[0, 1]]
    assert clusters(texts, 99) == []


def test_case_punctuation_and_spaces_do_not_count() -> None:
    assert clusters(["He left.", "something else", "he  LEFT!", "..."], 100) == [[0, 2]]


def test_chains_are_one_group() -> None:
    texts = ["가나다라마바사아자차카타", "가나다라마바사아자차카파", "가나다라마바사아자차하파"]
    assert clusters(texts, 90) == [[0, 1, 2]]


def test_empty_texts_and_no_texts() -> None:
    assert clusters([], 90) == []
    assert clusters(["", "", "!", "?"], 90) == [[0, 1]]


def test_a_thousand_rows_from_one_template_are_one_group() -> None:
    texts = [f"{number}번째 행의 문장은 이렇게 생겼다고 한다." for number in range(1000)]
    assert clusters(texts, 85) == [list(range(1000))]


def test_progress_ends_at_the_number_of_texts() -> None:
    seen: list[tuple[int, int]] = []
    clusters(DISTINCT, 90, lambda done, of: seen.append((done, of)))
    assert seen[0][0] == 0
    assert seen[-1] == (len(DISTINCT), len(DISTINCT))


@given(st.lists(st.text(max_size=12), max_size=12))
def test_groups_hold_each_place_once_and_do_not_depend_on_order(texts: list[str]) -> None:
    groups = clusters(texts, 80)
    places = [place for group in groups for place in group]
    assert len(places) == len(set(places))
    assert groups == sorted(sorted(group) for group in groups)
    assert all(len(group) > 1 for group in groups)
    together = {frozenset(texts[place] for place in group) for group in groups}
    backwards = {frozenset(texts[::-1][place] for place in group) for group in clusters(texts[::-1], 80)}
    assert together == backwards
