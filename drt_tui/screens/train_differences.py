"""What two runs differ in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from drt_tui.keys import with_twin
from drt_tui.widgets.sheet import Sheet
from drt_tui.widgets.training_lines import difference_lines
from train.run.observe import Run, differences


class DifferencesScreen(ModalScreen[None]):
    """Lists settings, plan, rows and versions that are not the same in both."""

    CSS_PATH = "train_differences.tcss"
    BINDINGS = [Binding("escape," + with_twin("d", "q"), "dismiss", "Close")]

    def __init__(self, first: Run, second: Run) -> None:
        super().__init__()
        self._runs = (first, second)

    def compose(self) -> ComposeResult:
        """Show them side by side."""
        states = [run.state for run in self._runs if run.state is not None]
        found = differences(states)
        with VerticalScroll() as page:
            page.border_title = "differences"
            page.border_subtitle = "esc closes"
            sheet = Sheet()
            sheet.show(lambda width: difference_lines(self._runs, found, width))
            yield sheet
