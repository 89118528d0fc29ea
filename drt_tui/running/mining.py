"""Mining from a terminal: from texts and a session to a report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.records import Sentence, Stage
from data.running_text import Lengths
from drt_tui.narration import RunNarrator, narrate, now_and_then
from drt_tui.running import headless
from drt_tui.running.engines import open_engine
from drt_tui.running.preparing import metered_of

if TYPE_CHECKING:
    from data.importers import ColumnMap
    from data.store import Dataset, MinedLog
    from drt_tui.project.session import Session
    from pipeline.mining import Mining
    from pipeline.report import MiningReport
    from pipeline.survey import Row, Seam, Survey

_BYTES_A_TOKEN = 3.0
_ANSWER_TOKENS = 90
"""Of a usual answer; with these two the cost is guessed before any call is made."""
_BAD_ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Texts:
    """What to mine: `.txt` files are running text, other files are read as an import reads them."""

    files: Sequence[Path]
    mapping: ColumnMap | None = None
    licence: str | None = None
    lengths: Lengths = Lengths()  # noqa: RUF009 - immutable

    def rows(self) -> Iterator[Row]:
        """Yield the sentences of all files in order, and what is none.

        Raises:
            FileProblem: a file cannot be read.
        """
        from data.importers import read_sources
        from data.importers.running_text import is_running_text, read_running_text

        for file in self.files:
            if self.mapping is None and is_running_text(file):
                yield from read_running_text(file, self.lengths, licence=self.licence)
            else:
                yield from map(self._licensed, read_sources(file, self.mapping))

    def sentences(self) -> Iterator[Sentence]:
        """Yield the sentences alone."""
        return (row for row in self.rows() if isinstance(row, Sentence))

    def _licensed(self, row: Row) -> Row:
        if isinstance(row, Sentence) and row.licence is None and self.licence is not None:
            return row.model_copy(update={"licence": self.licence})
        return row


@dataclass(frozen=True, slots=True)
class Guess:
    """About what the calls of a run will come to; money is `None` where the price is unknown."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None

    def as_text(self) -> str:
        """Return it for a person."""
        money = "price unknown" if self.cost_usd is None else f"${self.cost_usd:.2f}"
        return f"about {self.calls:,} calls · {self.prompt_tokens:,} + {self.completion_tokens:,} tokens · {money}"


@dataclass(frozen=True, slots=True)
class MiningOutcome:
    """What a text holds, and what a run over it came to."""

    survey: Survey
    report: MiningReport
    left: int
    """Sentences that were chosen and not asked about."""
    guess: Guess | None = None
    """For those, where nothing was asked."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that `mine --json` prints."""
        survey = self.survey
        bad = [{"file": row.file, "row": row.row, "reason": row.reason} for row in survey.bad]
        return {
            "read": survey.read, "sentences": survey.sentences, "duplicates": survey.duplicates,
            "left_out": dict(survey.left_out), "held_out": survey.held_out, "answered_before": survey.answered,
            **asdict(self.report),
            "left": self.left, "projected": asdict(self.guess) if self.guess else None, "bad": bad,
        }  # fmt: skip

    def as_text(self) -> str:
        """Return the same for a person."""
        from drt_tui.project.importing import told_counts

        survey, report = self.survey, self.report
        passed_over = [f"{survey.duplicates:,} duplicates"] if survey.duplicates else []
        passed_over += [told_counts(survey.left_out)] if survey.left_out else []
        passed_over += [f"{survey.held_out:,} held out"] if survey.held_out else []
        passed_over += [f"{len(survey.bad):,} bad lines"] if survey.bad else []
        lines = [
            f"read {survey.read:,} · sentences {survey.sentences:,} · answered before {survey.answered:,}"
            f" · left {self.left:,}",
            *([f"passed over: {' · '.join(passed_over)}"] if passed_over else []),
            *(f"  {row.file}:{row.row}  {row.reason}" for row in survey.bad[:_BAD_ROWS_SHOWN]),
        ]
        if self.guess is not None:
            return "\n".join([*lines, self.guess.as_text()])
        lines += [
            f"asked {report.asked:,} · mined {report.mined:,} · rejected {report.rejected:,}"
            f" · failed {report.failed:,} · new in the project {report.added:,}",
            headless.spent(report),
            *headless.failures(report),
        ]
        return "\n".join([*lines, *headless.ending(report)])

    def exit_code(self, *, strict: bool) -> int:
        """Return the exit code of the command."""
        return headless.exit_code(self.report, strict=strict)


def mine(session: Session, texts: Texts, *, limit: int | None = None, seed: int = 0) -> MiningOutcome:
    """Ask about the sentences of texts that have no answer yet, `limit` of them, and return what came of it.

    Raises:
        FileProblem: a file cannot be read; nothing is asked then.
        PipelineError: no retry can help: key, model, price, or no endpoint answers.
        StoreError: an answer could not be saved.
    """
    with _surveyed(session, texts, limit, seed) as plan:
        plan.choice.keep(plan.survey.until)
        report = asyncio.run(_mine(session, plan, seed))
        if report.ended == "done":
            plan.choice.keep(None)
        return MiningOutcome(plan.survey, report, report.remaining)


def rehearse(session: Session, texts: Texts, *, limit: int | None = None, seed: int = 0) -> MiningOutcome:
    """Count what `mine` would ask about and guess what it would cost; no call is made, nothing changed.

    Raises:
        FileProblem: a file cannot be read.
    """
    from pipeline.report import MiningReport

    with _surveyed(session, texts, limit, seed) as plan:
        survey = plan.survey
        report = MiningReport(remaining=survey.to_ask, ended="done")
        return MiningOutcome(survey, report, survey.to_ask, _guess(session, survey))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a call of mining is about."""

    answered: MinedLog
    seam: Seam
    survey: Survey
    choice: _Choice


@contextmanager
def _surveyed(session: Session, texts: Texts, limit: int | None, seed: int) -> Iterator[_Plan]:
    """Read the texts through, before any model is opened."""
    from data.store import MinedLog
    from pipeline.agents.prompts import Prompts
    from pipeline.mining import fingerprint
    from pipeline.survey import Seam

    answers = fingerprint(
        Prompts.load(session.folder.prompts), _names(session), session.source, session.target, seed,
        session.settings.loop.context,
    )  # fmt: skip
    with MinedLog(session.folder, answers) as answered:
        choice = _Choice(session.dataset, texts, limit, answers)
        told = Seam(partial(_told, texts), session.dataset, answered)
        survey = told.survey(limit, until=choice.until)
        yield _Plan(answered, Seam(texts.rows, session.dataset, answered), survey, choice)


def _told(texts: Texts) -> Iterator[Row]:
    """Yield the rows; once that takes long, tell how many there were so far."""
    tell = now_and_then(lambda done, _: f"{done:,} sentences read")
    for number, row in enumerate(texts.rows(), 1):
        yield row
        tell(number, 0)


async def _mine(session: Session, plan: _Plan, seed: int) -> MiningReport:
    from pipeline.mining import Miner, Mining
    from pipeline.run import open_for

    async with open_engine(session, seed=seed) as engine:
        miner = Miner(
            engine.models, engine.prompts, session.source, session.target,
            log=engine.log, seed=seed, context=session.settings.loop.context,
        )  # fmt: skip
        metered = metered_of(engine.models)
        slots = metered.snapshot().ceiling if metered else 1
        sentences = plan.survey.to_ask
        run = Mining(
            miner, session.dataset, plan.answered, plan.seam,
            limit=sentences, open_sentences=open_for(slots), traffic=metered,
        )  # fmt: skip
        narrate(f"sentences: {sentences:,} · {session.model_label} · calls in flight at most: {slots}")
        narrator = RunNarrator(
            run, sentences, metered.snapshot if metered else None, partial(_progress, run, sentences)
        )
        await headless.follow(run, narrator)
        return run.report


def _names(session: Session) -> tuple[str, ...]:
    """Return the models that are asked, first choice first."""
    from pipeline.llm.builtin import NAME

    return session.settings.roles.of(Stage.MINE) or (NAME,)


def _progress(run: Mining, sentences: int) -> str:
    report = run.report
    return f"{report.asked:,} of {sentences:,} asked, {report.mined:,} mined"


def _guess(session: Session, survey: Survey) -> Guess:
    from pipeline.agents.prompts import Prompts
    from pipeline.llm.answers import Tokens
    from pipeline.llm.prices import cost_of, price_of

    sections = Prompts.load(session.folder.prompts)["mine"].sections.values()
    size = survey.size + survey.to_ask * sum(len(text.encode()) for text in sections)
    tokens = Tokens(prompt=round(size / _BYTES_A_TOKEN), completion=survey.to_ask * _ANSWER_TOKENS)
    model = session.settings.models.get(_names(session)[0])
    price = price_of(model) if model is not None else None
    cost = cost_of(tokens, price) if price else 0.0 if session.built_in else None
    return Guess(survey.to_ask, tokens.prompt, tokens.completion, cost)


class _Choice:
    """The sentences of a call with a limit, kept until it is through with them.

    They are the first ones without an answer, so the last of them tells which.
    """

    def __init__(self, dataset: Dataset, texts: Texts, limit: int | None, answers: str) -> None:
        self._dataset = dataset
        files = [str(file.resolve()) for file in texts.files]
        parts = (limit, files, tuple(texts.lengths), answers)
        self._key = (
            None if limit is None else f"mining:{blake2b(repr(parts).encode(), digest_size=8).hexdigest()}"
        )

    @property
    def until(self) -> str | None:
        """The last sentence of an earlier call with the same arguments that was not through."""
        kept = self._dataset.meta(self._key) if self._key else None
        return kept if isinstance(kept, str) else None

    def keep(self, until: str | None) -> None:
        """Keep the last sentence of this call; `None` lets the next call choose anew."""
        if self._key and until != self.until:
            self._dataset.note_meta(self._key, until)
