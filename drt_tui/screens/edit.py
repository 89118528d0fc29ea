"""Editing a row: its output and thought, and where needed its source and reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.timer import Timer

from data.records import Finding
from data.text import show_controls
from drt_tui.review.drafts import Edit
from drt_tui.review.item import Item
from drt_tui.widgets.bars import KeyBar, TopBar
from drt_tui.widgets.findings_pane import FindingsPane
from drt_tui.widgets.source_pane import SourcePane
from drt_tui.widgets.text_input import typed
from drt_tui.widgets.text_pad import TextPad

FIELDS = ("output", "thought", "source", "reference")
PAUSE = 0.3
"""Seconds without a key after which what is typed is looked over."""


@dataclass(frozen=True, slots=True)
class EditResult:
    """What stands in the fields at the end; only a saved edit is to be accepted."""

    edit: Edit
    is_saved: bool


class EditScreen(Screen[EditResult]):
    """Keeps a draft with every key; returns when it is saved or left."""

    CSS_PATH = "edit.tcss"
    AUTO_FOCUS = "#output"
    BINDINGS = [
        Binding("ctrl+s", "save", "Save, accept, next", priority=True),
        Binding("escape", "leave", "Leave, keep the draft", priority=True),
        Binding("tab", "next_field", "Next field", priority=True),
        Binding("shift+tab", "previous_field", "Previous field", priority=True),
    ]

    output = getters.query_one("#output", TextPad)
    thought = getters.query_one("#thought", TextPad)
    findings = getters.query_one(FindingsPane)

    def __init__(
        self,
        item: Item,
        *,
        keep: Callable[[Edit], None],
        look_over: Callable[[Edit], tuple[Finding, ...]],
    ) -> None:
        super().__init__()
        self._item = item
        self._start = item.as_edit()
        self._keep = keep
        self._look_over = look_over
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the fields in the order in which tab visits them."""
        yield TopBar()
        yield SourcePane()
        for name in FIELDS:
            pad = TextPad(show_controls(getattr(self._start, name)), id=name, tab_behavior="focus")
            pad.border_title = name
            yield pad
        yield FindingsPane()
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Show what is edited and which keys work here."""
        self.output.move_cursor(self.output.document.end)
        self.query_one(TopBar).show_title("edit", self._item.sentence.group or "")
        self.query_one(SourcePane).show_item(self._item, with_reference=False)
        self.query_one(KeyBar).show_hints(
            [("^s", "save, accept, next"), ("tab", "next field"), ("esc", "leave, the draft is kept")]
        )
        self.findings.show_findings(self._look_over(self._start))

    @property
    def edit(self) -> Edit:
        """What stands in the fields."""
        fields = {name: typed(self.query_one(f"#{name}", TextPad).text) for name in FIELDS}
        return replace(self._start, **fields)

    @on(TextPad.Changed)
    def _typed(self) -> None:
        if self.edit == self._start:
            return
        self._keep(self.edit)
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, lambda: self.findings.show_findings(self._look_over(self.edit)))

    def action_save(self) -> None:
        """Hand the edit back."""
        self.dismiss(EditResult(self.edit, is_saved=True))

    def action_leave(self) -> None:
        """Hand the edit back as a draft."""
        self.dismiss(EditResult(self.edit, is_saved=False))

    def action_next_field(self) -> None:
        """Go on to the next field; source and reference appear when they are reached."""
        place = FIELDS.index(self.focused.id) + 1 if self.focused and self.focused.id in FIELDS else 0
        pad = self.query_one(f"#{FIELDS[place % len(FIELDS)]}", TextPad)
        pad.display = True
        pad.focus()

    def action_previous_field(self) -> None:
        """Go back to the field before."""
        self.focus_previous(TextPad)
