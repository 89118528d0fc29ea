"""Where the keys lead: other queues, a search, a certain sentence, other screens.

A screen is imported when it is first opened: the review screen is there sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from data.records import Status
from drt_tui.review.audit import Audit
from drt_tui.review.filtering import Filter, parse_filter
from drt_tui.review.ordering import in_order
from drt_tui.review.queue import ReviewQueue, counts_for_people
from drt_tui.review.queue_choice import AUDIT, FLAGGED, QUEUES, QueueChoice
from drt_tui.review.scanning import matching
from drt_tui.screens.changing import Changing

if TYPE_CHECKING:
    from drt_tui.screens.dataset import Destination


class Moving(Changing):
    """Chooses what is met next; a filter stays until another queue or search is chosen."""

    def action_go_to(self) -> None:
        """Ask for a sentence and show it."""
        self.ask("go to", self._go_to, hint="number in file order, or the beginning of an id")

    def _go_to(self, text: str) -> None:
        sentences = self.desk.dataset.ids()
        wanted = text.strip().lstrip("#")
        if wanted.isdecimal() and 1 <= int(wanted) <= len(sentences):
            self.jump(sentences[int(wanted) - 1])
            return
        found = next((sentence for sentence in sentences if wanted and sentence.startswith(wanted)), None)
        if found is None:
            self.tell(f"there is no sentence {wanted!r}; there are {len(sentences):,}")
        else:
            self.jump(found)

    def jump(self, sentence: str) -> None:
        """Show this sentence, whatever its status, and go on from there."""
        current = self.item
        item = self.desk.take(sentence)
        if item is None:
            self.tell("somebody else has that sentence in front of them", "$warning")
            return
        if current is not None and not current.is_judged and current.id != sentence:
            self.desk.queue.put_back(current.id)
        self.desk.queue.go_to(sentence)
        self.show_item(item)

    def follow(self) -> None:
        """Take in what others have done, also to the sentence that is waited for here."""
        changed = self.desk.follow()
        if not changed:
            return
        self.paint_counts()
        item = self.item
        if item is None:
            self.show_next()
        elif item.candidate is None and item.id in changed and not self.generation.is_running(item.id):
            self.show_ready(item.id)

    def action_undo(self) -> None:
        """Take back what was done last; after a bulk acceptance that is what its audit was about."""
        super().action_undo()
        if self.desk.queue.name == AUDIT and self.desk.audit is None and self.item is not None:
            self.desk.queue = ReviewQueue(self.desk.dataset, self._ordered())
            self.desk.queue.go_to(self.item.id)
            self.paint_counts()

    # queues

    def action_queues(self) -> None:
        """Choose a queue or an order."""
        from drt_tui.screens.queues import QueueScreen

        counts = counts_for_people(self.desk.dataset)
        told = {name: sum(counts[status] for status in statuses) for name, statuses in QUEUES.items()}
        told[FLAGGED] = sum(row.is_flagged for row in self.desk.dataset.rows())
        if self.desk.audit is not None:
            told[AUDIT] = len(self.desk.audit.unread)
        current = QueueChoice(self.desk.queue.name, frozenset(), self.order)
        self.app.push_screen(QueueScreen(current, told), self._queue_chosen)

    def _queue_chosen(self, choice: QueueChoice | None) -> None:
        if choice is None:
            return
        self.order = choice.order
        if choice.name == AUDIT and self.desk.audit is not None:
            self.open_audit(self.desk.audit)
            return
        sentences = self._ordered()
        if choice.is_flagged:
            sentences = [sentence for sentence in sentences if self.desk.dataset.row(sentence).is_flagged]
        self.open_queue(ReviewQueue(self.desk.dataset, sentences, statuses=choice.statuses, name=choice.name))

    def _ordered(self) -> list[str]:
        return in_order(
            self.desk.dataset, self.order,
            first_choice=self.session.settings.roles.of, codes=self.desk.codes.of,
        )  # fmt: skip

    def open_queue(self, queue: ReviewQueue) -> None:
        """Meet the sentences of this queue from now on."""
        self.desk.queue = queue
        self.show_next()

    # all rows

    def action_dataset(self) -> None:
        """Show all rows in a table."""
        from drt_tui.screens.dataset import DatasetScreen

        current = self.item.id if self.item is not None else None
        self.app.push_screen(
            DatasetScreen(
                self.desk.dataset, self.desk.steps, self.desk.codes, query=self.searched, current=current
            ),
            self._arrive,
        )

    def action_report(self) -> None:
        """Show the dataset in figures."""
        from drt_tui.screens.report import ReportScreen

        self.app.push_screen(ReportScreen(self.session.folder, self.session.title))

    def _arrive(self, destination: Destination | None) -> None:
        """Go on with what was chosen among all rows."""
        self.paint_counts()
        if destination is None:
            if self.item is not None:
                self.show_item(self.desk.take(self.item.id))
        elif destination.audit is not None:
            self.open_audit(destination.audit)
        elif destination.sentence is not None:
            self.jump(destination.sentence)
        else:
            everything = frozenset(Status)
            self.open_queue(
                ReviewQueue(
                    self.desk.dataset, destination.sentences, statuses=everything, name=destination.name
                )
            )

    def open_audit(self, audit: Audit) -> None:
        """Read the sample of a bulk acceptance."""
        self.desk.begin_audit(audit)
        self.open_queue(ReviewQueue(self.desk.dataset, audit.unread, statuses={Status.AUTO}, name=AUDIT))
        self.tell(str(audit))

    # generating many

    def action_autogen(self) -> None:
        """Show the run behind the screens, or start one."""
        from drt_tui.screens.autogen import AutogenScreen

        self.app.push_screen(AutogenScreen(self.session, self.autogen), self._review)

    def _review(self, sentence: str | None) -> None:
        """Go on with a sentence of the run, if one was chosen."""
        if sentence is not None:
            self.follow()
            self.jump(sentence)

    # training

    def action_train(self) -> None:
        """Show the runs that train on the curated rows, or prepare one."""
        from drt_tui.screens.train import TrainScreen

        self.app.push_screen(TrainScreen(self.session), lambda _: self.paint_counts())

    # comparing

    async def action_compare(self) -> None:
        """Show backbone and DRT model side by side."""
        await self.app.run_action("compare")

    # searching

    def action_search(self) -> None:
        """Ask for what to look for."""
        self.ask(
            "search",
            self._search,
            value=self.searched,
            hint="words  idiom:  status:  model:  finding:  flag:  score<60",
        )

    def _search(self, query: str) -> None:
        self.searched = query
        if not query.strip():
            self._queue_chosen(QueueChoice("pending", QUEUES["pending"], self.order))
            return
        try:
            self._scan(parse_filter(query))
        except ValueError as error:
            self.tell(str(error), "$error")

    @work(group="search", exclusive=True, exit_on_error=False, description="looking through all rows")
    async def _scan(self, wanted: Filter) -> None:
        """Open a queue of what matches as soon as something does; the rest joins it meanwhile."""
        dataset, codes = self.desk.dataset, self.desk.codes.of
        statuses = wanted.statuses or frozenset(Status)
        queue: ReviewQueue | None = None
        sentences = self._ordered()
        async for found in matching(sentences, lambda sentence: wanted.matches(dataset, sentence, codes)):
            if queue is not None:
                queue.append(found)
            elif found:
                queue = ReviewQueue(dataset, found, statuses=statuses, name=wanted.query)
                self.open_queue(queue)
        self.tell(f"{len(queue):,} found" if queue is not None else f"nothing is like {wanted.query}")
