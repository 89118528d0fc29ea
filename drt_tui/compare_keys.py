"""The one table of the compare screen's keys: bindings, footer, help page and palette are made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drt_tui.keys import with_twin


@dataclass(frozen=True, slots=True)
class CompareKey:
    """Something a key does on the compare screen."""

    key: str
    """As it is shown and pressed: a character, or a Textual key name."""
    action: str
    """Of the screen, as a binding spells it."""
    label: str
    """A word or two for the footer and the palette."""
    help: str
    also: str = ""
    """A key that does the same."""

    @property
    def bound(self) -> str:
        """All keys that do it, those of Hangul mode among them."""
        own = "R,ㄲ" if self.key == "R" else with_twin(_NAMES.get(self.key, self.key))
        return f"{own},{self.also}" if self.also else own


_NAMES = {"?": "question_mark", "esc": "escape"}

TABLE: tuple[tuple[str, tuple[CompareKey, ...]], ...] = (
    (
        "Ask",
        (
            CompareKey("i", "type", "type", "Translate a sentence of your own.", "enter"),
            CompareKey("n", "step(1)", "next", "The next sentence that is held out for the test.", "right"),
            CompareKey("p", "step(-1)", "previous", "The one before.", "left"),
            CompareKey("r", "again", "again", "Ask the same again."),
            CompareKey("s", "sampling", "sampling", "How answers are drawn: temperature, top-p, seed, length."),
            CompareKey(
                "h", "history", "history",
                "Send the turns so far along: a chat, which no model here was trained for.",
            ),
        ),
    ),
    (
        "Look",
        (
            CompareKey("t", "fold", "thought", "Show the thoughts, or fold them."),
            CompareKey("d", "diff", "diff", "Hold the outputs against each column in turn, then the reference."),
            CompareKey("R", "reference", "reference", "Show or hide the reference translation."),
            CompareKey("j", "scroll(1)", "down", "Scroll all columns.", "down"),
            CompareKey("k", "scroll(-1)", "up", "Scroll back.", "up"),
        ),
    ),
    (
        "Vote blind",
        (
            CompareKey("b", "blind", "blind", "Hide whose translation is whose, or end hiding."),
            CompareKey("e", "mark", "mark errors", "Mark errors in a side: its digit, then what is wrong."),
            CompareKey("v", "reveal", "reveal", "Show whose is whose, and what all votes come to."),
            CompareKey("u", "undo", "undo", "Take back the last vote, or the last sending back."),
            CompareKey("l", "losses", "losses to review", "Send what the DRT model lost back to review."),
        ),
    ),
    (
        "The app",
        (
            CompareKey("?", "help", "help", "This page."),
            CompareKey("esc", "leave", "back", "Stop what is being answered; then leave."),
            CompareKey("q", "close", "leave", "Leave at once. All votes are saved already."),
        ),
    ),
)  # fmt: skip
"""By heading, in the order of the help page. The digits vote, and stand in it by themselves."""

DIGITS = (
    ("1 … 8", "This side is better."),
    ("0", "A tie."),
    ("9", "All of them are bad."),
)
VOTING = "Vote blind"

KEYS = ("i", "n p", "b", "t", "d", "R", "s", "r", "h", "?")
"""Of the footer: where it is narrow, those before the last fall out first."""
BLIND_KEYS = ("n p", "i", "r", "u", "l", "b", "?")


def all_keys() -> Iterator[CompareKey]:
    """Yield every key of the table."""
    for _, keys in TABLE:
        yield from keys


def hints(keys: tuple[str, ...], **labels: str) -> list[tuple[str, str]]:
    """Return keys with their labels for a footer; a pair of keys is called as its first, `labels` call otherwise."""
    known = {each.key: each.label for each in all_keys()}
    return [(key, labels.get(key, known[key.split()[0]])) for key in keys]
