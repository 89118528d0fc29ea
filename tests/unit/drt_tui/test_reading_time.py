"""Active seconds: what counts as reading, and what does not."""

from __future__ import annotations

from drt_tui.review.reading_time import IDLE_AFTER, ReadingTime


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_between_keys_is_reading_time():
    clock = Clock()
    reading = ReadingTime(clock)
    for _ in range(3):
        clock.now += 20
        reading.note_activity()
    assert reading.seconds == 60


def test_of_a_long_pause_only_the_beginning_counts():
    clock = Clock()
    reading = ReadingTime(clock)
    clock.now += 3_600
    assert reading.seconds == IDLE_AFTER
    reading.note_activity()
    clock.now += 10
    assert reading.seconds == IDLE_AFTER + 10


def test_time_away_from_the_terminal_does_not_count():
    clock = Clock()
    reading = ReadingTime(clock)
    clock.now += 5
    reading.pause()
    clock.now += 60
    reading.resume()
    clock.now += 5
    assert reading.seconds == 10


def test_each_candidate_has_its_own_time():
    clock = Clock()
    reading = ReadingTime(clock)
    clock.now += 50
    reading.restart()
    clock.now += 7
    assert reading.seconds == 7
