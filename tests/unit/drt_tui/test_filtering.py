from __future__ import annotations

import unicodedata

import pytest

from data.records import Status
from drt_tui.review.filtering import parse_filter
from drt_tui.review.scanning import matching


def found(dataset, query: str) -> list[int]:
    wanted = parse_filter(query)
    return [number for number, sentence in enumerate(dataset.ids()) if wanted.matches(dataset, sentence)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("발이", [0, 1]),
        (unicodedata.normalize("NFD", "많다"), [0]),
        ("사람", [0, 1]),
        ("사람 눈이", [1]),
        ('"아는 사람이"', [0]),
        ("EVERYONE", [0, 1]),
        ("idiom:발", [0]),
        ("status:generated", [0, 1]),
        ("status:gen status:new", [0, 1, 2, 3, 4]),
        ("score<90", []),
        ("score>=93", [0, 1]),
        ("score>90 idiom:눈", [1]),
        ("finding:unfaithful", []),
        ("flag:later", [2]),
        ("model:main", []),
    ],
)
def test_what_a_search_line_finds(dataset, query, numbers):
    dataset.set_flag(dataset.ids()[2], "later", True)
    assert found(dataset, query) == numbers


@pytest.mark.parametrize(("query", "told"), [("colour:red", "idiom:"), ("status:done", "generated")])
def test_a_search_line_that_cannot_be_read_is_answered_with_what_can(query, told):
    with pytest.raises(ValueError, match=told):
        parse_filter(query)


def test_statuses_are_kept_apart():
    assert parse_filter("status:rejected x").statuses == {Status.REJECTED}


async def test_scanning_yields_everything_that_matches():
    found = [
        one async for some in matching(map(str, range(20_000)), lambda one: one.endswith("7")) for one in some
    ]
    assert found == [str(number) for number in range(20_000) if number % 10 == 7]
