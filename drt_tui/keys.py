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
    """Something a key does. `key` is a character or a Textual key name."""

    id: str
    key: str
    label: str
    """A word or two for the footer."""
    group: Group
    help: str
    control: str | None = None
    """The key that works while an input method composes."""


_TABLE: tuple[tuple[Group, tuple[tuple[str, ...], ...]], ...] = (
    (
        "decide",
        (
            ("accept", "a", "accept", "Accept output and thought as they are on screen.", "ctrl+a"),
            ("output_only", "o", "output only", "The output is good: only the thought is written anew."),
            ("edit", "e", "edit", "Change output or thought; ctrl+s saves, accepts, goes on.", "ctrl+e"),
            ("reject", "x", "reject", "Reject; a digit says why, enter gives no reason.", "ctrl+x"),
            ("skip", "space", "skip", "Decide nothing: neither trained on nor counted.", "ctrl+k"),
            ("undo", "u", "undo", "Take back the last decision, also after a restart.", "ctrl+z"),
            ("redo", "ctrl+y", "redo", "Do again what was taken back."),
            ("reopen", "p", "put back", "Put a judged sentence back among the pending ones."),
        ),
    ),
    (
        "look",
        (
            ("whole", "T", "whole thought", "Show the whole thought, or fold it again."),
            (
                "trace",
                "t",
                "loop",
                "How it came about, by whom, checks passed; up, down, enter change a stage.",
            ),
            ("diff", "d", "diff", "What differs: mine, draft to draft, output and reference."),
            ("reference", "R", "reference", "Show or hide the reference translation."),
            ("hints", "h", "hints", "What you made of similar sentences before, and the glossary."),
            ("older", "[", "older", "The candidate before this one."),
            ("newer", "]", "newer", "The candidate after this one."),
        ),
    ),
    (
        "change",
        (
            ("regenerate", "r", "again", "Run the loop again: with advice, another model, or from a stage."),
            ("fix", "c", "correct", "Correct what can be corrected safely, to be accepted then."),
            ("mend", "m", "mend", "Have the thought mended where it argues for the old output."),
            ("external", "E", "editor", "Edit thought and output in your own editor."),
            ("note", "n", "note", "Write a note that goes with the decision."),
            ("flag", "f", "flag", "Mark the sentence, or take the mark away."),
            (
                "bad_reference",
                "B",
                "bad ref",
                "Mark the reference as bad: no figure is taken against it. Again: good.",
            ),
        ),
    ),
    (
        "move",
        (
            ("search", "/", "search", "Words, idiom:, status:, model:, finding:, flag:, score<60."),
            ("go_to", "g", "go to", "Go to a sentence by its number or id."),
            ("queues", "v", "queues", "Other queues: skipped, flagged, rejected …; and the order."),
            ("dataset", "l", "dataset", "All rows in a table."),
            (
                "report",
                "S",
                "report",
                "Statistics: what is skewed, what refining gains, what people change, what it costs.",
            ),
            ("autogen", "s", "autogen", "Generate many sentences while you review, and see how it goes."),
            ("compare", "b", "compare", "Backbone beside DRT model, by eye or blind."),
            ("train", "w", "train", "Train on what was accepted, watch it learn, see whether it did."),
        ),
    ),
    (
        "app",
        (
            ("figures", "i", "figures", "Rows an hour, seconds a row, shares, by model and prompt."),
            ("help", "?", "help", "This page."),
            ("quit", "q", "quit", "Leave. All is saved already."),
        ),
    ),
)

COMMANDS = tuple(
    Command(name, key, label, group, about, *control)
    for group, rows in _TABLE
    for name, key, label, about, *control in rows
)

SCROLLING = {"j": 1, "ㅓ": 1, "k": -1, "ㅏ": -1, "down": 1, "up": -1}
PAGING = {"pagedown": 1, "pageup": -1}
RESERVED = (
    dict.fromkeys([*SCROLLING, *PAGING], "scrolls")
    | dict.fromkeys("0123456789", "chooses a reason or a draft")
    | {"enter": "takes what is offered", "escape": "stops or leaves", "ctrl+p": "opens the palette"}
)
"""Keys that mean the same everywhere, and so can run no command."""

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


def with_twin(*keys: str) -> str:
    """Return keys for a binding, each with what it sends in Hangul mode."""
    return ",".join(part for key in keys for part in (key, jamo_twin(key)) if part)


class Keymap:
    """Which key runs which command, after a project's own choices.

    Raises:
        SettingsProblem: a choice names no command, or gives one key to two commands.
    """

    def __init__(self, choices: Mapping[str, str] | None = None) -> None:
        self._keys = {command.id: command.key for command in COMMANDS}
        for name, key in (choices or {}).items():
            self._keys[_known(name)] = _usable(name, key.strip())
        self._by_key: dict[str, Command] = {}
        self._twins: dict[str, Command] = {}
        for command in COMMANDS:
            self._bind(self._keys[command.id], command)
            if command.control is not None:
                self._bind(command.control, command)
        self._add_twins()

    def command(self, key: str) -> Command | None:
        """Return what `key` runs: a character, or the name of a key that has none."""
        return self._by_key.get(key) or self._twins.get(key)

    def is_twin(self, key: str) -> bool:
        """Whether `key` is a jamo that stands in for a Latin letter."""
        return key in self._twins

    def shown(self, command: Command) -> str:
        """Return the key to print beside a command's label."""
        return self._keys[command.id]

    def told(self, text: str) -> str:
        """Return a sentence of ours with the keys in place of the commands' ids, e.g. of `{accept}`."""
        return text.format_map(self._keys)

    def twin(self, command: Command) -> str | None:
        """Return the jamo that runs a command in Hangul mode, if one does."""
        twin = jamo_twin(self._keys[command.id])
        return twin if twin is not None and self.command(twin) is command else None

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
        for command in sorted(COMMANDS, key=lambda command: self._keys[command.id].isupper()):
            twin = jamo_twin(self._keys[command.id])
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


def _usable(name: str, key: str) -> str:
    if not key:
        raise SettingsProblem(f"[review] keys: {name} has no key.", hint="Leave the line out, or name a key.")
    if key in RESERVED:
        raise SettingsProblem(f"[review] keys: {key!r} {RESERVED[key]}.", hint=f"Give {name} another key.")
    return key
