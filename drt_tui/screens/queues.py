"""Choosing a queue, and the order in which it is met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from data.records import PENDING, Status
from drt_tui.review.ordering import OrderName
from drt_tui.review.queue_choice import AUDIT, FLAGGED, QUEUES, QueueChoice

_ABOUT = {
    "balanced": "one of each idiom in turn",
    "shuffled": "by chance",
    "file": "as imported",
    "doubtful": "lowest score and most findings first",
}


class QueueScreen(ModalScreen[QueueChoice | None]):
    """Lists the queues with their counts, and the orders; a choice of either closes the list."""

    CSS_PATH = "queues.tcss"
    BINDINGS = [
        Binding("escape,q", "leave", "Close"),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, current: QueueChoice, counts: dict[str, int]) -> None:
        super().__init__()
        self._current = current
        self._counts = counts

    def compose(self) -> ComposeResult:
        """Show queues, then orders."""
        names = (*QUEUES, FLAGGED, *({AUDIT} & self._counts.keys()))
        queues = [Option(self._queue_line(name), id=f"queue-{name}") for name in names]
        orders = [Option(self._order_line(name), id=f"order-{name}") for name in get_args(OrderName)]
        options = OptionList(*queues, None, *orders)
        options.border_title = "queues and orders"
        options.border_subtitle = "enter chooses · esc leaves"
        yield options

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close with what was chosen."""
        kind, _, name = (event.option.id or "").partition("-")
        order: OrderName = name if kind == "order" else self._current.order  # type: ignore[assignment]
        queue = name if kind == "queue" else self._current.name
        is_flagged = queue == FLAGGED
        statuses = frozenset(Status) if is_flagged else QUEUES.get(queue, PENDING)
        is_known = queue in {*QUEUES, FLAGGED, AUDIT}
        self.dismiss(QueueChoice(queue if is_known else "pending", statuses, order, is_flagged))

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Go down a line."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go up a line."""
        self.query_one(OptionList).action_cursor_up()

    def _queue_line(self, name: str) -> Content:
        return _columns((_mark(name == self._current.name), name, f"{self._counts.get(name, 0):>7,}"))

    def _order_line(self, name: str) -> Content:
        return _columns((_mark(name == self._current.order), name, "  " + _ABOUT[name]))


def _mark(is_current: bool) -> str:
    return "›" if is_current else " "


def _columns(parts: Sequence[str]) -> Content:
    mark, name, about = parts
    return Content.assemble(f"{mark} {name:<12}", (about, "$muted"))
