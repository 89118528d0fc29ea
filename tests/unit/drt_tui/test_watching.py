"""What a watch keeps of a run: always little, always the end, nothing of what is trained again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drt_tui.training.watched import Curve, Watched
from drt_tui.widgets.watched_lines import progress_lines
from train.doctor.check import Check
from train.run.events import Checked, Ended, Evaluated, Failed, Started, Stepped, Warned
from train.run.state import Problem

LOSSES = st.lists(st.floats(min_value=0, max_value=20), min_size=1, max_size=3000)


@given(LOSSES)
def test_a_curve_stays_small_and_keeps_its_ends_and_its_mean(values):
    curve = Curve()
    for step, value in enumerate(values, 1):
        curve.add(step, value)
    points = curve.points
    assert len(points) <= 513
    assert (curve.first, curve.last) == (values[0], values[-1])
    assert points[-1][0] == len(values), "the last step is always on the plot"
    steps = [step for step, _ in points]
    assert steps == sorted(set(steps))
    assert min(values) - 1e-9 <= min(value for _, value in points)
    assert max(value for _, value in points) <= max(values) + 1e-9


def test_a_long_run_takes_no_more_room_than_a_short_one():
    curve = Curve()
    for step in range(100_000):
        curve.add(step, 1.0)
    assert 200 < len(curve.points) <= 513


def test_what_is_trained_again_after_a_resume_is_drawn_once():
    watched = Watched()
    watched.take(
        [Started(engine="trl", versions={}, max_steps=20), *steps(1, 12), Evaluated(step=12, loss=3.0)]
    )
    watched.take([Started(engine="trl", versions={}, max_steps=20, resumed_from=8), *steps(9, 10)])
    assert [step for step, _ in watched.losses.points] == list(range(1, 11))
    assert watched.held_out.points == []
    assert watched.resumed_from == 8


def test_a_new_worker_begins_without_the_old_ones_verdicts():
    watched = Watched()
    trouble = Problem(kind="error", message="broken")
    watched.take(
        [Checked(check=Check("D1", "fail", "x", "y")), Failed(problem=trouble), Ended(status="failed")]
    )
    assert watched.problem == trouble
    watched.take([Started(engine="trl", versions={}, max_steps=20, resumed_from=8)])
    assert (watched.checks, watched.problem, watched.is_over) == ([], None, False)


def test_warnings_of_a_chatty_worker_are_bounded():
    watched = Watched()
    watched.take(Warned(message=str(number)) for number in range(1000))
    assert len(watched.warnings) == 20
    assert watched.warnings[-1] == "999"


def test_a_loss_that_is_no_number_is_not_drawn():
    watched = Watched()
    watched.take([Stepped(step=1, max_steps=9, loss=None), Evaluated(step=1, loss=None)])
    assert watched.losses.points == watched.held_out.points == []
    assert watched.step is not None


def steps(first, last):
    return [Stepped(step=number, max_steps=20, loss=2.0) for number in range(first, last + 1)]


def test_no_time_is_left_of_a_run_whose_worker_is_gone_without_a_word():
    watched = Watched()
    watched.take([Stepped(step=1, max_steps=20, loss=1.0, eta=600.0)])
    assert "10 min" in told(watched)
    watched.close()
    assert "10 min" not in told(watched)
    watched.take(
        [Started(engine="trl", versions={}, max_steps=20), Stepped(step=2, max_steps=20, loss=1.0, eta=540.0)]
    )
    assert "9 min" in told(watched)


def told(watched):
    return "\n".join(line.plain for line in progress_lines(watched, None, 100))
