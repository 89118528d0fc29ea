"""What the keys show: the whole thought, the loop, differences, the reference, other candidates."""

from __future__ import annotations

from textual import work
from textual.containers import VerticalScroll

from drt_tui.review.item import Item
from drt_tui.screens.deciding import Deciding
from drt_tui.widgets.diff_lines import diff_lines
from drt_tui.widgets.figure_lines import figure_lines
from drt_tui.widgets.hint_lines import hint_lines
from drt_tui.widgets.sheet import Build


class Looking(Deciding):
    """Changes what is on view, and nothing in the dataset."""

    def action_trace(self) -> None:
        """Show how the candidate came about, or the thought again."""
        if self.has_candidate():
            self.view = "thought" if self.view == "loop" else "loop"
            self.chosen_stage = None
            self.paint()
            self.body.scroll_home(animate=False)

    def action_whole(self) -> None:
        """Show the whole thought, or fold it."""
        self.view, self.whole = "thought", not self.whole
        self.paint()

    def action_reference(self) -> None:
        """Show or hide the reference."""
        self.with_reference = not self.with_reference
        self.paint()

    def action_diff(self) -> None:
        """Show what differs, or the thought again."""
        if not self.has_candidate() or self.item is None:
            return
        item = self.item
        self.toggle_other("differences", lambda width: diff_lines(item, width))

    def action_hints(self) -> None:
        """Show what was made of similar sentences before, or the thought again."""
        if self.item is not None and not self.closes_other("hints"):
            self._find_hints(self.item)

    @work(group="hints", exclusive=True, exit_on_error=False, description="looking for similar sentences")
    async def _find_hints(self, item: Item) -> None:
        hints = await self.desk.memory.similar(item.sentence)
        terms = self.glossary.used_in(item.sentence.source)
        if self.item is not None and self.item.id == item.id:
            self.show_other("hints", lambda width: hint_lines(hints, terms, width))

    def action_figures(self) -> None:
        """Show how the session goes, or the thought again."""
        checks, threshold = self.desk.checks.tally, self.session.settings.loop.threshold
        self.toggle_other("session", lambda width: figure_lines(self.desk.figures, checks, threshold, width))

    def toggle_other(self, title: str, build: Build) -> None:
        """Show something in the body, or the thought again where it is there already."""
        if not self.closes_other(title):
            self.show_other(title, build)

    def closes_other(self, title: str) -> bool:
        """Show the thought again if this is in the body."""
        if self.view != "other" or self.body.border_title != title or self.item is None:
            return False
        self.view = "thought"
        self.paint()
        return True

    def action_older(self) -> None:
        """Show the candidate before this one, or before the one that is being made."""
        self._show_candidate(-1)

    def action_newer(self) -> None:
        """Show the candidate after this one."""
        self._show_candidate(1)

    def _show_candidate(self, step: int) -> None:
        item = self.item
        if item is None:
            return
        made = self.desk.dataset.candidates_of(item.id)
        place = (item.place if item.candidate is not None else len(made)) + step
        if item.planted is None and 0 <= place < len(made):
            self.item = self.desk.load(item.id, candidate=made[place])
        elif place == len(made) and self.generation.is_running(item.id):
            self.item = item.while_made_anew()
        else:
            self.tell("there is no older candidate" if step < 0 else "there is no newer candidate")
            return
        self.paint()
        self.body.scroll_home(animate=False)

    def action_scroll_body(self, lines: int) -> None:
        """Scroll in the order of reading: what is above the body where it does not fit, then the body."""
        self._part_to_scroll(lines).scroll_relative(y=lines, animate=False)

    def action_page_body(self, pages: int) -> None:
        """Scroll by pages, less a line that stays for the eye."""
        part = self._part_to_scroll(pages)
        part.scroll_relative(y=pages * max(1, part.size.height - 1), animate=False)

    def _part_to_scroll(self, direction: int) -> VerticalScroll:
        if direction > 0:
            return self.front if self.front.scroll_y < self.front.max_scroll_y else self.body
        return self.body if self.body.scroll_y > 0 else self.front
