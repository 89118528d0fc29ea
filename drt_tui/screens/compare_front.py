"""What the compare screen shows, and how it is painted; what the keys do is in the modules beside."""

from __future__ import annotations

import random
from time import monotonic

from textual import getters
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from data.reasons import BY_CODE
from data.records import Span
from drt_tui.compare_keys import BLIND_KEYS, KEYS, hints
from drt_tui.comparing.comparison import MOST_BESIDE, Column, Comparison
from drt_tui.comparing.lineup import Items, Lineup, OpenLineup
from drt_tui.comparing.sampling import told_sampling
from drt_tui.comparing.voting import Ballot, Standing
from drt_tui.one_by_one import OneByOne
from drt_tui.pauses import spare_what_is_loaded
from drt_tui.project.session import Session
from drt_tui.review.reading_time import ReadingTime
from drt_tui.screens.asking import Asking
from drt_tui.widgets.ballot_lines import ballot_line, marking_line, standing_lines
from drt_tui.widgets.bars import KeyBar, StatusBar
from drt_tui.widgets.column_lines import Look
from drt_tui.widgets.column_pane import ColumnPane
from drt_tui.widgets.marking import IDIOM, marked
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.sheet import Sheet, hang, plain, spread
from train.evaluation.votes import VoteFile

PAINTS_A_SECOND = 6
"""How often streamed text is painted: all columns in one frame, which costs little more than one of them."""
_AFTER_A_KEY = 0.08
"""Seconds in which nothing that streams is painted: what a key did is seen first."""
_LABEL = 11


class CompareFront(Asking[None]):
    """The widgets of the compare screen and the state they show."""

    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = ""

    top = getters.query_one("#top", Sheet)
    source = getters.query_one("#source", Sheet)
    warning = getters.query_one("#warning", Sheet)
    columns = getters.query_one("#columns", Container)
    ballot_sheet = getters.query_one("#ballot", Sheet)
    status = getters.query_one(StatusBar)

    def __init__(
        self, session: Session, open_lineup: OpenLineup, *, chance: random.Random | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.open_lineup = open_lineup
        self.chance = chance or random.SystemRandom()
        self.comparison = Comparison()
        self.lineup = Lineup(())
        self.items: Items | None = None
        self.place: int | None = None
        """Of the held-out sentence in front; `None` for a typed one."""
        self.is_folded = True
        self.with_reference = False
        self.diff_against: int | None = None
        """A column, or one past the last for the reference; `None`: nothing is compared."""
        self.ballot: Ballot | None = None
        """Of the item in front, in blind mode."""
        self.marking: int | None = None
        """The side whose errors are being marked; -1 while it is being chosen."""
        self.votes = VoteFile(session.folder.votes)
        self.standing: Standing | None = None
        self.reading = ReadingTime()
        self._ballot_shown: tuple[object, ...] = ()
        self._is_loaded = False

    def compose(self) -> ComposeResult:
        """Lay out the screen, in the order in which it is read."""
        yield Sheet(id="top")
        yield Sheet(id="warning")
        yield Sheet(id="source")
        yield Container(id="columns")
        yield Sheet(id="ballot")
        yield StatusBar("", built_in=False, id="status")
        yield PromptLine(id="prompt")
        yield KeyBar(id="keys")

    # the sides

    @property
    def is_blind(self) -> bool:
        """Whose translation is whose is not to be seen."""
        return self.ballot is not None and not self.ballot.is_revealed

    @property
    def panes(self) -> list[ColumnPane]:
        """The frames, in the order of the screen."""
        return list(self.columns.query(ColumnPane))

    def column_at(self, place: int) -> Column:
        """Return what stands at a place of the screen."""
        number = self.ballot.order[place] if self.ballot is not None else place
        return self.comparison.columns[number]

    @property
    def references(self) -> list[str]:
        """Independent translations of the sentence in front, if any."""
        if self.items is None or self.place is None:
            return []
        return [each.text for each in self.items.sentence(self.place).references if each.good]

    # painting

    def show_keys(self) -> None:
        """Show the keys of what is being done."""
        if self.ballot is None:
            self.keybar.show_hints(hints(KEYS))
        else:
            self.keybar.show_hints(hints(BLIND_KEYS, b="end blind"))

    def start_painting(self) -> None:
        """Begin to paint what streams."""
        self.set_interval(1 / PAINTS_A_SECOND, self.paint_streams)

    def paint(self) -> None:
        """Paint everything that is not as it should be."""
        self.paint_head()
        self._paint_ballot()
        for place in range(len(self.comparison.columns)):
            self._paint_pane(place)

    def paint_streams(self) -> None:
        """Paint the columns that have changed, unless a key is just being answered."""
        if isinstance(self.app, OneByOne) and monotonic() - self.app.last_typed < _AFTER_A_KEY:
            return
        self._paint_ballot()
        for place in range(len(self.comparison.columns)):
            self._paint_pane(place)
        if not self._is_loaded and any(column.text for column in self.comparison.columns):
            self._is_loaded = True  # the first word has brought in the client library, too
            spare_what_is_loaded()

    def _paint_pane(self, place: int) -> bool:
        pane, column = self.panes[place], self.column_at(place)
        if not self.is_blind:
            pane.set_class(column.state == "failed", "-failed")
            look = Look(self.is_folded, self._base(column))
            return pane.show(column, column.name, look)
        pane.remove_class("-failed")
        title = str(place + 1)
        if not self.comparison.is_answered:
            pane.show_note(title, "")
            return False
        assert self.ballot is not None
        marks = tuple(BY_CODE[code].text for code in sorted(self.ballot.marks.get(place, ())))
        return pane.show(column, title, Look(is_blind=True, marks=marks))

    def _base(self, column: Column) -> str | None:
        """Return the text that a column's output is held against."""
        if self.diff_against is None or column.is_busy:
            return None
        if self.diff_against < len(self.comparison.columns):
            other = self.comparison.columns[self.diff_against]
            return None if other is column or other.is_busy else other.output
        return self.references[0] if self.references else None

    def paint_head(self) -> None:
        """Paint what stands above the columns."""
        comparison = self.comparison
        question = comparison.question
        told = [told_sampling(comparison.sampling)]
        if self.diff_against is not None and not self.is_blind:
            told.insert(0, f"diff to {self._told_base()}")
        right = Content.styled("  ·  ", "$faint").join(plain(each, "$muted") for each in told)
        if comparison.keeps_history:
            history = (
                f"not as trained: {comparison.turns} earlier turn{'s' * (comparison.turns != 1)}"
                if comparison.turns
                else "not as trained"
            )
            right = Content.styled(history, "$error bold") + Content.styled("  ·  ", "$faint") + right
        left = Content.styled("compare", "bold") + Content.styled("  ·  ", "$faint")
        left += plain(self._told_place(), "$muted")
        if self.ballot is not None:
            left += Content.styled("  ·  ", "$faint") + Content.styled("blind", "$warning bold")
        self.top.show(lambda width: [spread(left, right, width)])
        self.source.show(lambda width: self._source_lines(width) if question is not None else [Content()])
        warnings = self.lineup.warnings
        self.warning.display = bool(warnings)
        self.warning.show(
            lambda width: [line for each in warnings for line in plain(each, "$error bold").wrap(width)]
        )

    def _told_place(self) -> str:
        if self.place is not None and self.items is not None:
            return f"held-out {self.place + 1:,} of {len(self.items):,}"
        return "typed" if self.comparison.question is not None else self.session.title

    def _told_base(self) -> str:
        assert self.diff_against is not None
        columns = self.comparison.columns
        return columns[self.diff_against].name if self.diff_against < len(columns) else "reference"

    def _source_lines(self, width: int) -> list[Content]:
        """Return the source and a free line, which a reference takes that needs no more: no column moves."""
        question = self.comparison.question
        assert question is not None
        spans: tuple[Span, ...] = ()
        if self.items is not None and self.place is not None:
            sentence = self.items.sentence(self.place)
            spans = sentence.spans if sentence.source == question.source else ()
        text = marked(question.source, [(span.start, span.end, IDIOM) for span in spans])
        lines = hang(Content.styled("source", "$muted"), text, width, indent=_LABEL)
        if self.with_reference and not self.is_blind:
            for reference in self.references or ["there is none"]:
                lines += hang(Content.styled("reference", "$muted"), plain(reference), width, indent=_LABEL)
            return lines
        return [*lines, Content()]

    def _paint_ballot(self) -> None:
        sheet, ballot = self.ballot_sheet, self.ballot
        sheet.display = ballot is not None
        if ballot is None:
            return
        is_ready, is_busy = self.comparison.is_answered, self.comparison.is_busy
        state = (id(ballot), ballot.is_revealed, self.marking, is_ready, is_busy, self.standing)
        if state == self._ballot_shown:
            return
        self._ballot_shown = state
        sides, standing = len(ballot.order), self.standing
        if ballot.is_revealed:
            sheet.show(lambda width: standing_lines(standing or Standing(), width) or [_no_votes()])
        elif self.marking is not None:
            chosen = None if self.marking < 0 else self.marking
            sheet.show(lambda width: [marking_line(sides, chosen).truncate(width)])
        else:
            line = ballot_line(sides, is_ready=is_ready, is_busy=is_busy)
            sheet.show(lambda width: [line.truncate(width)])

    async def lay_out(self, count: int) -> None:
        """Make a frame for each contender: up to four beside each other, more one under the other."""
        self.columns.set_class(count > MOST_BESIDE, "-rows")
        await self.columns.remove_children()
        await self.columns.mount_all(ColumnPane() for _ in range(count))


def _no_votes() -> Content:
    return Content.styled("no votes on these contenders yet", "$muted")
