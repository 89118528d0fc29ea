"""The dataset screen: all rows, searched as you type, sorted, tagged, accepted in bulk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from textual import getters, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding
from textual.widgets import Input

from data.errors import StoreError
from data.records import Status
from data.store import Dataset
from drt_tui.keys import jamo_twin
from drt_tui.review.audit import Audit, accept_unread, remembered
from drt_tui.review.codes import Codes
from drt_tui.review.filtering import parse_filter
from drt_tui.review.ordering import SORTS, Sort, sorted_rows
from drt_tui.review.scanning import matching
from drt_tui.review.steps import Change, Steps
from drt_tui.screens.asking import Asking
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.row_table import ColumnHeads, RowTable

KEYS = (
    ("enter", "review", "Review this row, and go on from there."),
    ("o", "all", "Review the rows listed, or those marked, as a queue."),
    ("/", "search", "Search as you type: words, idiom:, status:, model:, finding:, flag:, score<60."),
    ("s", "sort", "Sort by the next column: file order, score, status, idiom, findings."),
    ("space", "mark", "Mark this row, or take its mark away."),
    ("f", "tag", "Tag the rows marked, or this one; -tag takes a tag away."),
    ("b", "accept all", "Accept the ready rows listed, or marked, unread; then read a sample of them."),
    ("u", "undo", "Take back what was done last: a tag, a bulk acceptance."),
    ("esc", "back", "Go back to review."),
    ("?", "help", "This page."),
)
"""What the keys do: the key, a word for the footer, a line for the help page."""
BORNE = "10"
"""Share of faulty rows, in percent, that is proposed for a bulk acceptance."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the person goes from here: a sentence, a list of them, or an audit that begins."""

    sentence: str | None = None
    sentences: tuple[str, ...] = ()
    name: str = ""
    audit: Audit | None = None


class DatasetScreen(Asking[Destination | None]):
    """Shows rows and returns where to go on in review."""

    CSS_PATH = "dataset.tcss"
    AUTO_FOCUS = "RowTable"
    BINDINGS = [
        Binding("escape,l,ㅣ,q,ㅂ", "leave", show=False),
        Binding("slash", "search", show=False),
        Binding("s,ㄴ", "sort", show=False),
        Binding("o,ㅐ", "review_all", show=False),
        Binding("f,ㄹ", "tag", show=False),
        Binding("b,ㅠ", "accept_all", show=False),
        Binding("u,ㅕ", "undo", show=False),
        Binding("question_mark", "help", show=False),
    ]

    top = getters.query_one(TopBar)
    heads = getters.query_one(ColumnHeads)
    table = getters.query_one(RowTable)
    status = getters.query_one(StatusBar)

    def __init__(
        self, dataset: Dataset, steps: Steps, codes: Codes, *, query: str = "", current: str | None = None
    ) -> None:
        super().__init__()
        self._dataset = dataset
        self._steps = steps
        self._codes = codes
        self._query = query
        self._current = current
        self._sort: Sort = "file"
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the table between its bars."""
        yield TopBar()
        yield ColumnHeads(id="columns")
        yield RowTable(self._dataset, self._codes)
        yield StatusBar("", built_in=False, id="status")
        yield PromptLine()
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Show all rows, or those of the last search."""
        self.keybar.show_hints([(key, label) for key, label, _ in KEYS])
        ids = self._dataset.ids()
        self.table.number_rows(ids)
        self._show(list(ids))
        if self._query:
            self._look(self._query)
        elif self._current is not None and self._current in self._dataset:
            self.table.cursor = self._rows.index(self._current)

    def _show(self, rows: list[str]) -> None:
        self._rows = rows
        self.table.show_rows(rows)
        self._count()

    def _count(self) -> None:
        self.top.show_title("dataset", f"{len(self._rows):,} rows   {self._query or 'all'}   by {self._sort}")

    # searching and sorting

    def action_search(self) -> None:
        """Search as you type."""
        self.ask(
            "search",
            None,
            value=self._query,
            hint="words  idiom:  status:  model:  finding:  flag:  score<60",
        )

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self.answer is None and self.prompt.is_open:
            self._look(event.value)

    @work(group="search", exclusive=True, exit_on_error=False, description="looking through all rows")
    async def _look(self, query: str) -> None:
        """Show what matches as it is found; a further key ends this search."""
        self._query = query
        try:
            wanted = parse_filter(query)
        except ValueError as error:
            self.status.tell(str(error), "$error")
            return
        if self._sort == "findings":
            self.status.tell("looking for findings in all rows ...")
            async for _ in matching(self._dataset.ids(), self._look_over):
                pass
        self.status.tell("")
        rows = sorted_rows(self._dataset, self._sort, self._codes.of)
        if not query.strip():
            self._show(rows)
            return
        self._show([])
        async for found in matching(rows, partial(wanted.matches, self._dataset, codes=self._codes.of)):
            self._rows.extend(found)
            self.table.note_more()
            self._count()

    def _look_over(self, sentence: str) -> bool:
        return bool(self._codes.of(self._dataset.row(sentence)))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self.heads.mark(self._sort)
        self._look(self._query)

    # many rows at once

    def _chosen(self) -> Sequence[str]:
        """Return the marked rows, or else the one under the cursor."""
        marked = [row for row in self._dataset.ids() if row in self.table.marked]
        return marked or ([self.table.current] if self.table.current else [])

    @on(RowTable.Marked)
    def _marked(self, event: RowTable.Marked) -> None:
        self.status.tell(f"{event.count:,} marked" if event.count else "")

    def action_tag(self) -> None:
        """Ask for a tag to set, or to take away, on the marked rows."""
        if self._chosen():
            self.ask(
                f"tag for {len(self._chosen()):,} rows", self._tag, value="flag", hint="-tag takes it away"
            )

    @work(group="tag", exit_on_error=False, description="tagging rows")
    async def _tag(self, text: str) -> None:
        tag = text.strip().removeprefix("-")
        if not tag:
            return
        is_on = not text.strip().startswith("-")
        try:
            changed = await asyncio.to_thread(self._dataset.set_flags, self._chosen(), tag, is_on)
        except StoreError as error:
            self._tell_error(error)
        else:
            if changed:
                put = partial(self._dataset.set_flags, changed, tag)
                what = f"{text.strip()} on {len(changed):,} rows"
                self._steps.note(Change(what, changed[0], partial(put, not is_on), partial(put, is_on)))
            self.table.marked.clear()
            self.status.tell(f"{len(changed):,} rows: {text.strip()}; u takes it back", "$success")
        self.table.refresh_rows()

    def action_accept_all(self) -> None:
        """Ask for the share of faults that is borne, and accept the marked or listed ready rows unread."""
        ready = self._ready()
        audit = remembered(self._dataset)
        if audit is not None and audit.is_under_way(self._dataset):
            self.status.tell(
                "a sample is being read already: the list of queues leads back to it", "$warning"
            )
        elif ready:
            self.ask(
                f"accept {len(ready):,} ready rows unread; faulty rows borne, in %",
                self._accept_all,
                value=BORNE,
            )
        else:
            self.status.tell("no row here is ready to be accepted", "$warning")

    def _ready(self) -> list[str]:
        rows = [row for row in self._rows if not self.table.marked or row in self.table.marked]
        return [row for row in rows if self._dataset.row(row).status is Status.GENERATED]

    @work(group="accept", exit_on_error=False, description="accepting rows unread")
    async def _accept_all(self, text: str) -> None:
        try:
            limit = float(text.strip().rstrip("%")) / 100
        except ValueError:
            limit = 0.0
        if not 0 < limit < 1:
            self.status.tell(f"{text!r} is no share in percent between 0 and 100", "$error")
            return
        try:
            audit = await asyncio.to_thread(accept_unread, self._dataset, self._ready(), limit=limit)
        except StoreError as error:
            self._tell_error(error)
            return
        self.dismiss(Destination(audit=audit))

    def action_undo(self) -> None:
        """Take back what was done last; a bulk acceptance or tag as one."""
        try:
            step = self._steps.undo()
        except StoreError as error:
            self._tell_error(error)
            return
        self.status.tell(f"taken back: {step.what}" if step else "nothing to undo")
        self.table.refresh_rows()

    # leaving

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        self.dismiss(Destination(sentence=event.sentence))

    def action_review_all(self) -> None:
        """Review the rows listed, or those marked, as a queue."""
        rows = [row for row in self._rows if not self.table.marked or row in self.table.marked]
        if rows:
            self.dismiss(Destination(sentences=tuple(rows), name=self._query or "all rows"))

    def action_help(self) -> None:
        """Show all keys."""
        from drt_tui.screens.help import HelpKey, HelpScreen

        keys = [HelpKey(key, told, jamo_twin(key) or "") for key, _, told in KEYS]
        self.app.push_screen(HelpScreen([("All rows", keys)]))

    def offered(self) -> Iterator[SystemCommand]:
        """Yield what the palette offers."""
        told = {label: about for _, label, about in KEYS}
        for label, action in (
            ("all", self.action_review_all), ("search", self.action_search), ("sort", self.action_sort),
            ("tag", self.action_tag), ("accept all", self.action_accept_all), ("undo", self.action_undo),
            ("back", self.action_leave), ("help", self.action_help),
        ):  # fmt: skip
            yield SystemCommand(label, told[label], action)

    def action_leave(self) -> None:
        """Go back to where review was."""
        self.dismiss(None)

    def focus_first(self) -> None:
        """Go back to the table when nothing is asked."""
        self.set_focus(self.table)

    def _tell_error(self, error: StoreError) -> None:
        self.notify(
            f"{error.message} {error.hint}", title="not saved", severity="error", timeout=20, markup=False
        )
