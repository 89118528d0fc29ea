"""Statistics against published worked examples, and against data whose truth is known."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.evaluation.statistics.resampling import Estimate, Figure, Resampling
from train.evaluation.statistics.shares import wilson
from train.evaluation.statistics.strength import bradley_terry
from train.evaluation.statistics.student import quantile, two_sided
from train.evaluation.statistics.verdicts import compare, holm, smallest_before, smallest_difference

UNKNOWN = "cannot tell at this size"


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_in_newcombe_1998(hits: int, of: int, low: float, high: float) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, Table I, method 3."""
    found = wilson(hits, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_holm_as_in_its_textbook_example() -> None:
    """Four hypotheses of the article "Holm-Bonferroni method" (Wikipedia): the first and the last are rejected."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_bradley_terry_as_in_agresti_1990() -> None:
    """A. Agresti, Categorical Data Analysis (1990), baseball of 1987; estimates as in R's BradleyTerry2."""
    teams = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
    wins = (
        (0, 7, 9, 7, 7, 9, 11), (6, 0, 7, 5, 11, 9, 9), (4, 6, 0, 7, 7, 8, 12), (6, 8, 6, 0, 6, 7, 10),
        (6, 2, 6, 7, 0, 7, 12), (4, 4, 5, 6, 6, 0, 6), (2, 4, 1, 3, 1, 7, 0),
    )  # fmt: skip
    found = bradley_terry(_duels(teams, wins), prior=0)
    against_last = {team: round(strength - found["Baltimore"], 4) for team, strength in found.items()}
    assert against_last == {
        "Milwaukee": 1.5814, "Detroit": 1.4364, "Toronto": 1.2945, "New York": 1.2476, "Boston": 1.1077,
        "Cleveland": 0.6839, "Baltimore": 0.0,
    }  # fmt: skip


def test_bradley_terry_as_in_stigler_1994() -> None:
    """S. M. Stigler, Statistical Science 9 (1994), citations among four journals; as in R's BradleyTerry2."""
    journals = ("Biometrika", "Comm. Statist.", "JASA", "JRSS-B")
    cited = ((714, 730, 498, 221), (33, 425, 68, 17), (320, 813, 1072, 142), (284, 276, 325, 188))
    found = bradley_terry(_duels(journals, cited), prior=0)
    against_first = [round(found[journal] - found["Biometrika"], 4) for journal in journals]
    assert against_first == [0.0, -2.9491, -0.4796, 0.2690]


def test_one_who_never_lost_is_strong_and_not_infinitely_so() -> None:
    found = bradley_terry([("a", "b", 1.0)] * 20)
    assert 2 < found["a"] - found["b"] < 20


def test_bootstrap_as_in_efron_and_tibshirani_1993() -> None:
    """An Introduction to the Bootstrap, Table 2.2: the treated mice's mean has a standard error of 23.36.

    Ours is that of an unknown variance, which is √(7/6) times as large.
    """
    found = Resampling([None] * 7, draws=20_000).estimate(Figure.mean([94, 197, 16, 38, 99, 141, 23]))
    assert found.value == pytest.approx(86.86, abs=0.005)
    assert found.error == pytest.approx(23.36 * sqrt(7 / 6), rel=0.02)


@pytest.mark.parametrize(("freedom", "expected"), [(5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)])
def test_t_as_in_every_table(freedom: int, expected: float) -> None:
    assert quantile(0.975, freedom) == pytest.approx(expected, rel=0.003)
    assert two_sided(expected, freedom) == pytest.approx(0.05, abs=0.001)


def _duels(names: tuple[str, ...], wins: tuple[tuple[int, ...], ...]) -> list[tuple[str, str, float]]:
    pairs = product(enumerate(names), enumerate(names))
    return [(a, b, 1.0) for (row, a), (column, b) in pairs if row != column for _ in range(wins[row][column])]


# Data whose truth is known


def _rates(groups: int, each: int, between: float, effect: float, worlds: int = 250) -> tuple[float, float]:
    """How often "better" is said of a true difference of `effect`, and the interval holds it."""
    chance = np.random.default_rng(7)
    better = held = 0
    for world in range(worlds):
        values = np.repeat(chance.normal(0, between, groups), each) + chance.normal(effect, 1, groups * each)
        of = [place // each for place in range(groups * each)]
        found = Resampling(of, draws=400, seed=world).estimate(Figure.mean(list(values)))
        assert found.low is not None
        assert found.high is not None
        better += compare([found])[0].verdict == "better"
        held += found.low <= effect <= found.high
    return better / worlds, held / worlds


@pytest.mark.parametrize(
    ("groups", "each", "between"), [(40, 5, 0.0), (40, 5, 1.0), (12, 8, 0.5), (100, 1, 0.5)]
)
def test_without_a_difference_better_is_said_in_one_of_forty_tests(
    groups: int, each: int, between: float
) -> None:
    better, held = _rates(groups, each, between, effect=0)
    assert better < 0.06
    assert 0.91 < held < 0.99


@pytest.mark.parametrize(("groups", "each", "between"), [(40, 5, 0.0), (40, 5, 1.0), (100, 1, 0.5)])
def test_the_smallest_difference_is_found_four_times_out_of_five(
    groups: int, each: int, between: float
) -> None:
    true_error = sqrt((between**2 + 1 / each) / groups)
    smallest = smallest_difference(Estimate(0.0, error=true_error, freedom=groups - 1))
    assert smallest is not None
    better, _ = _rates(groups, each, between, smallest)
    assert 0.72 < better < 0.88


def test_with_many_comparisons_a_false_claim_is_no_likelier_than_with_one() -> None:
    chance = np.random.default_rng(3)
    claims = 0
    for world in range(200):
        draws = Resampling([None] * 60, draws=400, seed=world)
        found = compare([draws.estimate(Figure.mean(list(chance.normal(0, 1, 60)))) for _ in range(10)])
        claims += any(each.verdict != UNKNOWN for each in found)
    assert claims / 200 < 0.11


def test_rows_of_a_group_that_agree_are_one_witness() -> None:
    values = [1.0, -1.0, 0.5, -0.5, 0.8, -0.2] * 10
    copies = [value for value in values[:6] for _ in range(10)]
    alone = Resampling([None] * 60).estimate(Figure.mean(values))
    grouped = Resampling([place // 10 for place in range(60)]).estimate(Figure.mean(copies))
    assert alone.value == pytest.approx(grouped.value)
    assert grouped.error is not None
    assert alone.error is not None
    assert grouped.error > 2.5 * alone.error


def test_the_same_items_give_the_same_interval_twice() -> None:
    values = [float(place % 7) for place in range(50)]
    groups = [place % 9 for place in range(50)]
    assert Resampling(groups).estimate(Figure.mean(values)) == Resampling(groups).estimate(
        Figure.mean(values)
    )


def test_a_difference_is_paired() -> None:
    hard = [float(place) for place in range(40)]
    easier = [value + 1 + 0.01 * (place % 3) for place, value in enumerate(hard)]
    draws = Resampling([None] * 40)
    found = draws.estimate(Figure.mean(easier).minus(Figure.mean(hard)))
    assert found.value == pytest.approx(1.01, abs=0.01)
    assert found.error is not None
    assert found.error < 0.01


def test_items_without_a_value_are_left_out() -> None:
    found = Resampling([None] * 4).estimate(Figure.mean([1.0, None, 3.0, None]))
    assert found.value == 2.0


@pytest.mark.parametrize("groups", [[], ["a"], ["a", "a", "a"], ["a", "b"], list("abcdeabcde")])
def test_nothing_is_said_of_too_little(groups: list[str]) -> None:
    found = Resampling(groups).estimate(Figure.mean([1.0] * len(groups)))
    assert compare([found])[0].verdict == UNKNOWN
    assert found.low is None


def test_a_figure_of_one_item_among_many_says_nothing() -> None:
    found = Resampling([None] * 40).estimate(Figure.mean([5.0] + [None] * 39))
    assert found.value == 5.0
    assert found.low is None
    assert compare([found])[0].verdict == UNKNOWN


@pytest.mark.parametrize("groups", [6, 7, 12])
def test_groups_that_all_agree_are_as_sure_as_so_many_coins(groups: int) -> None:
    found = Resampling([None] * groups).estimate(Figure.mean([0.1 + 0.2] * groups))
    assert found.error == 0
    assert compare([found])[0].p == pytest.approx(2 * 0.5**groups)


@pytest.mark.parametrize(("rate", "items"), [(0.02, 40), (0.98, 40), (0.05, 12)])
def test_a_share_near_its_bound_lies_in_its_interval(rate: float, items: int) -> None:
    """Where no item is a hit, the draws alone would claim that none can be: one rate in two would lie outside."""
    chance = np.random.default_rng(5)
    held = 0
    for world in range(200):
        values = [float(hit) for hit in chance.random(items) < rate]
        found = Resampling([None] * items, draws=400, seed=world).estimate(Figure.share(values))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= rate <= found.high
    assert held / 200 > 0.9


def test_two_that_never_failed_may_still_differ() -> None:
    same = Figure.share([0.0] * 20)
    found = Resampling([None] * 20).estimate(same.minus(same))
    assert (found.low, found.high) == (pytest.approx(-0.161, abs=0.001), pytest.approx(0.161, abs=0.001))
    assert compare([found])[0].verdict == UNKNOWN


@pytest.mark.parametrize(("groups", "each"), [(6, 1), (6, 5), (8, 2)])
def test_an_interval_from_the_fewest_groups_is_hardly_too_narrow(groups: int, each: int) -> None:
    better, held = _rates(groups, each, 0.5, effect=0, worlds=300)
    assert held > 0.87
    assert better < 0.06


def test_before_anything_is_asked_the_size_says_what_can_be_found() -> None:
    alone, alike = smallest_before(400, 100) or (None, None)
    assert alone is not None
    assert alike is not None
    assert alone == pytest.approx(2.8 * 0.5 / 20, rel=0.01)
    assert alike == pytest.approx(2 * alone, rel=0.02)
    assert smallest_before(12, 5) is None
    assert smallest_before(6, 6) == (None, None), "not even six wins of six"


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_makes_a_claim_surer_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    assert [after for _, after in sorted(zip(p_values, adjusted, strict=True))] == sorted(adjusted)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share_it_speaks_of(hits: int, more: int) -> None:
    found = wilson(hits, hits + more)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.sampled_from("abc")), min_size=3, max_size=40),
)
def test_an_interval_holds_its_own_figure_or_says_nothing(items: list[tuple[float, str]]) -> None:
    draws = Resampling([group for _, group in items], draws=400)
    found = draws.estimate(Figure.mean([value for value, _ in items]))
    if found.low is not None and found.high is not None:
        assert found.low <= found.high
        assert found.low - 1e-3 <= found.value <= found.high + 1e-3
