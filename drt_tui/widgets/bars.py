"""The lines above and below: where we are, what happened last, what the keys do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from data.records import Status, Usage
from drt_tui.keys import BY_ID, Keymap
from drt_tui.widgets.sheet import Sheet, plain, spread


class TopBar(Sheet):
    """Says which queue this is and how many sentences have which status."""

    def show_title(self, name: str, subject: str) -> None:
        """Show what this screen is and what it is about."""
        left = Content.styled(name, "bold") + Content.styled("  ·  ", "$faint") + plain(subject, "$muted")
        self.show(lambda width: [left.truncate(width, ellipsis=True)])

    def show_counts(self, title: str, queue: str, counts: Mapping[Status, int]) -> None:
        """Show the project's title, the queue's name and the counts."""
        ready = counts.get(Status.GENERATED, 0)
        told = (
            ("pending", counts.get(Status.NEW, 0) + ready),
            ("ready", ready),
            ("accepted", sum(counts.get(s, 0) for s in (Status.ACCEPTED, Status.EDITED, Status.AUTO))),
            ("rejected", counts.get(Status.REJECTED, 0)),
        )
        name = "review" if queue == "pending" else f"review {queue}"
        left = Content.assemble((name, "bold"), ("  ·  ", "$faint")) + plain(title, "$muted")
        right = Content("  ").join(
            Content.assemble((f"{name} ", "$muted"), (f"{count:,}", "bold")) for name, count in told
        )
        self.show(lambda width: [spread(left, right, width)])


class StatusBar(Sheet):
    """Says what happened last, and at its end: model, tokens, money, and when something was last saved."""

    def __init__(self, model: str, *, built_in: bool, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = "built-in model: for trying the keys only" if built_in else model
        self._is_warning = built_in
        self._is_hidden = False
        self._note: tuple[str, str] = ("", "")
        self._usage = Usage()
        self._saved = ""
        self._refresh_lines()

    def tell(self, note: str, style: str = "$muted") -> None:
        """Show what happened."""
        self._note = (note, style)
        self._refresh_lines()

    def hide_model(self, is_hidden: bool) -> None:
        """Leave the model's name out, or show it again."""
        self._is_hidden = is_hidden
        self._refresh_lines()

    def show_usage(self, usage: Usage) -> None:
        """Show what the session's calls took."""
        self._usage = usage
        self._refresh_lines()

    def show_saved(self, time: str) -> None:
        """Show when the last decision was on disk."""
        self._saved = time
        self._refresh_lines()

    def _refresh_lines(self) -> None:
        note, style = self._note
        told, facts = plain(note, style), self._facts()
        self.show(lambda width: [_with_room_for(told, facts, width)])

    def _facts(self) -> list[Content]:
        """Return what stands at the end, the most important last."""
        usage = self._usage
        model = plain(self._model, "$warning" if self._is_warning else "$muted")
        facts = [Content.styled("blind", "$muted") if self._is_hidden else model]
        if usage.calls:
            tokens = usage.prompt_tokens + usage.completion_tokens
            facts.append(Content.styled(f"{compact(tokens)} tokens", "$muted"))
        if usage.calls and not self._is_warning:
            facts.append(Content.styled(money(usage.cost_usd), "$muted"))
        if self._saved:
            facts.append(Content.assemble(("saved ", "$muted"), (self._saved, "$success")))
        return facts


class KeyBar(Sheet):
    """Shows what the most used keys do here."""

    def show_keys(self, keymap: Keymap, commands: Sequence[str], *, control: bool = False) -> None:
        """Show keys and labels; with `control` the keys that work while an input method composes."""
        hints = []
        for name in commands:
            command = BY_ID[name]
            key = command.control if control and command.control else keymap.shown(command)
            hints.append(hint(key.replace("ctrl+", "^"), command.label))
        self.show(lambda width: [_fitting(hints, width)])

    def show_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """Show other keys than those of the table, e.g. an editor's."""
        told = [hint(key, label) for key, label in hints]
        self.show(lambda width: [_fitting(told, width)])


def hint(key: str, label: str) -> Content:
    """Return a key and what it does."""
    return Content.assemble((key, "bold $primary"), " ", (label, "$muted"))


def compact(count: int) -> str:
    """Return a count in at most five characters, e.g. `12.3k`."""
    if count < 1_000:
        return str(count)
    return f"{count / 1_000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def money(dollars: float | None) -> str:
    """Return an amount, or the words that say that it is not known."""
    if dollars is None:
        return "price unknown"
    return f"${dollars:.2f}" if dollars >= 0.01 or dollars == 0 else f"${dollars:.4f}"


def _with_room_for(note: Content, facts: Sequence[Content], width: int) -> Content:
    """Return the note, and at its end as many of the last facts as leave it whole."""
    for first in range(len(facts)):
        shown = Content("  ").join(facts[first:])
        if note.cell_length + shown.cell_length < width:
            return spread(note, shown, width)
    return note.truncate(width, ellipsis=True)


def _fitting(hints: Sequence[Content], width: int) -> Content:
    """Return as many hints as fit, from the first on, the last one always."""
    shown = list(hints)
    while len(shown) > 2 and sum(part.cell_length + 2 for part in shown) - 2 > width:
        del shown[-2]
    return Content("  ").join(shown)
