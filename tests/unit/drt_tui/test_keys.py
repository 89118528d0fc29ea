from __future__ import annotations

import pytest

from drt_tui.errors import SettingsProblem
from drt_tui.keygate import HELD_SECONDS, HeldKeyGuard
from drt_tui.keys import COMMANDS, JAMO, RESERVED, Keymap, jamo_twin


def test_every_key_of_the_table_runs_one_command():
    keymap = Keymap()
    for command in COMMANDS:
        assert keymap.command(command.key) is command
        if command.control is not None:
            assert keymap.command(command.control) is command
        assert command.key not in RESERVED


def test_a_twin_is_told_only_of_the_command_that_it_runs():
    keymap = Keymap()
    told = [twin for command in COMMANDS if (twin := keymap.twin(command)) is not None]
    assert len(told) == len(set(told)) > 20


def test_a_project_chooses_its_own_keys():
    one, other = [letter for letter in JAMO if letter.islower() and not is_taken(letter)][:2]
    keymap = Keymap({"accept": one, "skip": other})
    assert keymap.command(one).id == "accept"
    assert keymap.command("a") is None
    assert keymap.command("ctrl+a").id == "accept", "the control key stays"
    assert keymap.command(JAMO[one]).id == "accept", "the twin moves with the key"
    assert keymap.command(JAMO[other]).id == "skip"


def is_taken(letter: str) -> bool:
    return Keymap().command(letter) is not None or letter in RESERVED


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"accept": "x"}, "'x' would run both 'accept' and 'reject'"),
        ({"accept": "ctrl+e"}, "'accept' and 'edit'"),
        ({"acept": "a"}, "'acept', which is no command"),
        ({"accept": "j"}, "'j' scrolls"),
        ({"accept": ""}, "no key"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(choices, told):
    with pytest.raises(SettingsProblem) as caught:
        Keymap(choices)
    assert told in caught.value.message
    assert caught.value.hint


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(SettingsProblem) as caught:
        Keymap({"acept": "y"})
    assert "'accept'" in caught.value.hint


def test_jamo_twins():
    keymap = Keymap()
    assert jamo_twin("a") == "ㅁ"
    assert keymap.command("ㅁ").id == "accept"
    assert keymap.is_twin("ㅁ")
    assert keymap.command("ㅆ").id == "whole", "a capital has its own jamo where the keyboard has one"
    assert keymap.command("ㅅ").id == "trace"
    assert jamo_twin("?") is None


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def held(guard: HeldKeyGuard, clock: Clock, seconds: float) -> list[bool]:
    """What happens to a key that comes every 33 ms."""
    passed = []
    for _ in range(round(seconds / 0.033)):
        clock.now += 0.033
        passed.append(guard.lets_through("accept"))
    return passed


def test_a_held_key_decides_once_however_long_it_is_held():
    clock = Clock()
    guard = HeldKeyGuard(clock)
    assert guard.lets_through("accept")
    guard.decided("accept")
    guard.painted()
    assert not any(held(guard, clock, 60))


def test_the_key_lives_again_after_silence_and_a_painted_candidate():
    clock = Clock()
    guard = HeldKeyGuard(clock)
    guard.decided("accept")
    clock.now += HELD_SECONDS + 0.01
    assert not guard.lets_through("accept"), "the next candidate is not painted yet"
    guard.painted()
    assert not guard.lets_through("accept"), "the press before began a new silence"
    clock.now += HELD_SECONDS + 0.01
    assert guard.lets_through("accept")


def test_other_keys_work_at_once():
    guard = HeldKeyGuard(Clock())
    guard.decided("accept")
    assert guard.lets_through("reject")
    assert guard.lets_through("undo")
