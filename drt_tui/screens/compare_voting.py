"""Voting blind, taking votes back, and sending what the DRT model lost back to review."""

from __future__ import annotations

from data.errors import StoreError
from data.reasons import BY_DIGIT
from drt_tui.comparing import losses
from drt_tui.comparing.voting import MOST_SIDES, Ballot, lost_by, standing
from drt_tui.keygate import HeldKeyGuard
from drt_tui.screens.compare_front import CompareFront
from train.evaluation.contender import Question
from train.evaluation.votes import Vote


class CompareVoting(CompareFront):
    """Blind mode: the sides are drawn anew for each item."""

    guard: HeldKeyGuard
    _voted: list[Vote]
    """Votes of this sitting, the newest last."""
    _sent_back: list[Vote]
    _seen_openly: set[str]
    """Questions whose answers stood under their names: whoever saw that cannot vote blind."""

    def begin_voting(self) -> None:
        """Start with no votes of this sitting."""
        self.guard = HeldKeyGuard()
        self._voted, self._sent_back, self._seen_openly = [], [], set()

    def action_blind(self) -> None:
        """Hide whose translation is whose, from the next unseen item on, or show it again."""
        self._note_what_is_seen()
        count = len(self.comparison.columns)
        if self.ballot is None and not 2 <= count <= MOST_SIDES:
            self.status.tell(f"a blind vote is between two and {MOST_SIDES} sides", "$warning")
            return
        self.marking = None
        self.diff_against = None
        self.ballot = Ballot.draw(count, self.chance) if self.ballot is None else None
        self.show_keys()
        self.status.tell("")
        if self.ballot is not None and self._was_seen(self.comparison.question):
            self.after_vote()
        self.paint()

    def draw_sides(self, question: Question) -> None:
        """Draw the sides of the next item, in blind mode; one that was seen openly is shown as it was."""
        self._note_what_is_seen()
        self.marking = None
        if self.ballot is not None:
            self.ballot = Ballot.draw(len(self.comparison.columns), self.chance)
            if self._was_seen(question):
                self.action_reveal()

    def _note_what_is_seen(self) -> None:
        question = self.comparison.question
        if (
            question is not None
            and not self.is_blind
            and any(each.text or each.answer for each in self.comparison.columns)
        ):
            self._seen_openly.add(question.id)

    def _was_seen(self, question: Question | None) -> bool:
        return question is not None and question.id in self._seen_openly

    def action_digit(self, digit: int) -> None:
        """Vote, or mark an error of the chosen side."""
        if self.ballot is None:
            return
        if self.ballot.is_revealed:
            self.status.tell("whose is whose was seen, so there is no vote on this one", "$warning")
        elif self.marking is not None:
            self._mark(self.ballot, digit)
        elif not self.guard.lets_through(str(digit)):
            return
        elif not self.comparison.is_answered:
            told = (
                "not all sides have answered yet"
                if self.comparison.is_busy
                else "there is no vote on this one"
            )
            self.status.tell(told, "$warning")
        else:
            self._vote(self.ballot, digit)

    def _vote(self, ballot: Ballot, digit: int) -> None:
        question = self.comparison.question
        assert question is not None
        try:
            vote = ballot.vote(
                digit,
                self.comparison.columns,
                question,
                by=self.session.dataset.annotator,
                seconds=self.reading.seconds,
            )
        except ValueError:
            return
        try:
            self.votes.add(vote)
        except StoreError as error:
            self.tell_error("not saved", error)
            return
        self._voted.append(vote)
        self.guard.decided(str(digit))
        self.status.tell(f"saved: {_told(digit)} · {self._told_votes()} in this sitting", "$success")
        self.after_vote()

    def _told_votes(self) -> str:
        return f"{len(self._voted)} vote{'s' * (len(self._voted) != 1)}"

    def after_vote(self) -> None:
        """Go on; the screen says where to."""
        raise NotImplementedError

    def action_mark(self) -> None:
        """Choose a side whose errors are marked, or end marking."""
        if self.is_blind and self.comparison.is_answered:
            self.marking = -1 if self.marking is None else None
            self.paint()

    def _mark(self, ballot: Ballot, digit: int) -> None:
        assert self.marking is not None
        if self.marking < 0:
            self.marking = digit - 1 if 1 <= digit <= len(ballot.order) else self.marking
        else:
            reason = BY_DIGIT.get(str(digit))
            if reason is not None and reason.concerns == "output":
                ballot.toggle(self.marking, reason.code)
        self.paint()

    def action_reveal(self) -> None:
        """Show whose is whose, and what all votes come to; an item that was revealed is not voted on."""
        if self.ballot is None:
            return
        self.ballot.is_revealed = True
        self.marking = None
        names = [column.name for column in self.comparison.columns]
        self.standing = standing(self.votes.standing(), names)
        self.paint()

    def action_undo(self) -> None:
        """Take back what was done last here: sending losses back, else the last vote."""
        try:
            if self._sent_back:
                losses.take_back(self.session.dataset, self._sent_back)
                self.status.tell(f"{len(self._sent_back)} losses are no longer sent back")
                self._sent_back = []
            elif self._voted:
                self.votes.take_back(self._voted[-1].id)
                self._voted.pop()
                self.status.tell(f"vote taken back; {self._told_votes()} of this sitting left")
            else:
                self.status.tell("nothing to undo")
        except StoreError as error:
            self.tell_error("not saved", error)

    def action_losses(self) -> None:
        """Send the sentences that the DRT model lost back to review."""
        loser = self.lineup.trained
        if loser is None:
            self.status.tell("there is no DRT model among these contenders", "$warning")
            return
        by = self.session.dataset.annotator
        lost = [vote for vote in self.votes.standing() if vote.by == by and lost_by(vote, loser)]
        fresh = [vote for vote in lost if not self._is_back(vote)]
        if not fresh:
            self.status.tell(f"{loser} lost no vote that is not in review already")
            return
        try:
            losses.send_back(self.session.dataset, fresh, loser)
        except StoreError as error:
            self.tell_error("not saved", error)
            return
        self._sent_back = fresh
        self.status.tell(
            f"{len(fresh)} lost sentences are in review again, flagged {losses.FLAG}; u undoes", "$success"
        )

    def _is_back(self, vote: Vote) -> bool:
        dataset = self.session.dataset
        return vote.item in dataset and losses.FLAG in dataset.row(vote.item).flags

    def tell_error(self, title: str, error: StoreError) -> None:
        """Show what went wrong and what to do next."""
        self.notify(f"{error.message} {error.hint}", title=title, severity="error", timeout=20, markup=False)


def _told(digit: int) -> str:
    return {0: "tie", 9: "all bad"}.get(digit, f"{digit} is better")
