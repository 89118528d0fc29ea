"""A person's own words about a run, kept in its folder."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from data.text import show_controls
from drt_tui.widgets.text_input import typed
from drt_tui.widgets.text_pad import TextPad
from train.run.folder import RunFolder


class NotesScreen(ModalScreen[None]):
    """Edits `notes.txt`."""

    CSS_PATH = "train_notes.tcss"
    BINDINGS = [
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("escape", "leave", "Leave", priority=True),
    ]

    pad = getters.query_one(TextPad)

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder

    def compose(self) -> ComposeResult:
        """Show what is written there."""
        with Vertical() as frame:
            frame.border_title = "notes"
            frame.border_subtitle = "^s saves · esc leaves as it was"
            yield TextPad(show_controls(read_notes(self._folder)), tab_behavior="focus")

    def on_mount(self) -> None:
        """Write on at the end."""
        self.pad.move_cursor(self.pad.document.end)

    def action_save(self) -> None:
        """Keep what is written."""
        try:
            self._folder.notes.write_text(typed(self.pad.text).strip() + "\n", encoding="utf-8")
        except OSError as error:
            self.notify(f"Not saved: {error.strerror}.", title="notes", severity="error", markup=False)
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def read_notes(folder: RunFolder) -> str:
    """Return a run's notes; empty where there are none that can be read."""
    try:
        return folder.notes.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
