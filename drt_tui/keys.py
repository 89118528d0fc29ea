"""The one table of the review screen's keys, and what a project's `[review] keys` makes of it.

Every command has keys that work on a Latin keyboard, twins that the same physical keys send in
Hangul mode (an input method hands them on as jamo), and, where it decides something, a control key
that no input method holds back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process

from drt_tui.errors import SettingsProblem

Group = Literal["decide", "look", "change", "move", "app"]


@dataclass(frozen=True, slots=True)
class Command:
    """Something a key does. `keys` are characters or Textual key names; the first is shown."""

    id: str
    keys: tuple[str, ...]
    label: str
    """A word or two for the footer."""
    help: str
    group: Group
    control: str | None = None
    """The key that works while an input method composes."""
    decides: bool = False
    """A held key must not run it twice."""


COMMANDS = (
    Command("accept", ("a",), "accept", "Accept output and thought as they stand.", "decide", "ctrl+a", True),
    Command(
        "output_only",
        ("o",),
        "output only",
        "Output good, thought bad: only the thought is written anew, with your reason.",
        "decide",
        None,
        True,
    ),
    Command("edit", ("e",), "edit", "Change output or thought, then accept with ctrl+s.", "decide", "ctrl+e"),
    Command(
        "reject",
        ("x",),
        "reject",
        "Reject, then a digit for the reason, or enter for none.",
        "decide",
        "ctrl+x",
    ),
    Command(
        "skip",
        ("space",),
        "skip",
        "Decide nothing: neither trained on nor counted.",
        "decide",
        "ctrl+k",
        True,
    ),
    Command("undo", ("u",), "undo", "Take back the last decision, also after a restart.", "decide", "ctrl+z"),
    Command("redo", ("ctrl+y",), "redo", "Do again what was undone.", "decide"),
    Command("reopen", ("p",), "put back", "Put a judged sentence back among the pending ones.", "decide"),
    Command(
        "regenerate", ("r",), "again", "Generate again: all, with advice, or with another model.", "change"
    ),
    Command("older", ("[",), "older", "The candidate before this one.", "look"),
    Command("newer", ("]",), "newer", "The candidate after this one.", "look"),
    Command("diff", ("d",), "diff", "What differs: mine, draft to draft, output and reference.", "look"),
    Command("trace", ("t",), "loop", "How it came about; a digit takes that draft as output.", "look"),
    Command("whole", ("T",), "whole thought", "Show the whole thought, or fold it again.", "look"),
    Command("reference", ("R",), "reference", "Show or hide the reference translation.", "look"),
    Command("help", ("?",), "help", "This page.", "app"),
    Command("quit", ("q",), "quit", "Leave. All is saved already.", "app"),
)

JAMO = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)
"""What a Korean two-set keyboard sends for a Latin letter; other capitals send the small one's."""


def jamo_twin(key: str) -> str | None:
    """Return the jamo that the physical key of `key` sends in Hangul mode, if it sends one."""
    return JAMO.get(key) or (JAMO.get(key.lower()) if len(key) == 1 else None)


class Keymap:
    """Which key runs which command, after a project's own choices.

    Raises:
        SettingsProblem: a choice names no command, or gives one key to two commands.
    """

    def __init__(self, choices: Mapping[str, str] | None = None) -> None:
        self._keys = {command.id: command.keys for command in COMMANDS}
        for name, keys in (choices or {}).items():
            self._keys[_known(name)] = tuple(key.strip() for key in keys.split())
        self._by_key: dict[str, Command] = {}
        self._twins: dict[str, Command] = {}
        for command in COMMANDS:
            for key in (*self._keys[command.id], *((command.control,) if command.control else ())):
                self._bind(key, command)
        self._add_twins()

    def command(self, key: str) -> Command | None:
        """Return what `key` runs: a character, or the name of a key that has none."""
        return self._by_key.get(key) or self._twins.get(key)

    def is_twin(self, key: str) -> bool:
        """Whether `key` is a jamo that stands in for a Latin letter."""
        return key in self._twins

    def shown(self, command: Command) -> str:
        """Return the key to print beside a command's label."""
        return self._keys[command.id][0]

    def _bind(self, key: str, command: Command) -> None:
        other = self._by_key.get(key)
        if other is not None and other is not command:
            raise SettingsProblem(
                f"[review] keys: {key!r} would run both {other.id!r} and {command.id!r}.",
                hint="Give one of them another key.",
            )
        self._by_key[key] = command

    def _add_twins(self) -> None:
        """A capital's twin yields to a small letter's where both send the same jamo."""
        letters = [(key, command) for command in COMMANDS for key in self._keys[command.id] if len(key) == 1]
        for key, command in sorted(letters, key=lambda pair: pair[0].isupper()):
            twin = jamo_twin(key)
            if twin is not None:
                self._twins.setdefault(twin, command)


BY_ID = {command.id: command for command in COMMANDS}


def _known(name: str) -> str:
    if name in BY_ID:
        return name
    near = process.extractOne(name, list(BY_ID))
    raise SettingsProblem(
        f"[review] keys names {name!r}, which is no command.",
        hint=f"Did you mean {near[0]!r}?" if near else "",
    )
