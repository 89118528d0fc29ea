"""An evaluation from a session and a plan: who is asked what, by whom it is judged, and what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drt_tui.comparing.contenders import Spec, maker_of_model, open_contenders, told_of_model
from drt_tui.errors import UsageProblem
from drt_tui.narration import narrate, now_and_then, telling_who_rests
from drt_tui.running.interrupts import interruptible
from drt_tui.running.preparing import Metered

if TYPE_CHECKING:
    from data.importers import ColumnMap
    from data.records import Sentence
    from data.store import Dataset, ProjectFolder
    from drt_tui.comparing.contenders import Opened
    from drt_tui.project.session import Session
    from train.evaluation.asking import Asked
    from train.evaluation.assembling import JudgedBy
    from train.evaluation.contender import Contender
    from train.evaluation.crew import Crew
    from train.evaluation.items import EvaluationItem
    from train.evaluation.judging import Entry, Judgements
    from train.evaluation.kept import Kept
    from train.evaluation.results import Evaluation
    from train.evaluation.votes import Vote

_SLOTS = 16
_CONTEXT = 8
"""Sentences before one that a question carries; a contender takes as many as its format asks for."""
_TEACHERS = ("refine", "literal", "open", "single")
_EVALUATORS = ("evaluate", "critique")


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What `drt-tui evaluate` was asked for."""

    specs: tuple[Spec, ...]
    split: Literal["test", "valid"] = "test"
    limit: int | None = None
    judge: str | None = None
    judge_limit: int | None = None
    comet: str | None = None
    evaluator_scale: bool = False
    mapping: ColumnMap | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class EvaluationOutcome:
    """What an evaluation came to, and whether it was interrupted on the way."""

    evaluation: Evaluation
    is_interrupted: bool
    metric_failed: bool = False
    """The external metric gave no figures; the first warning says why."""


def usual_judge(folder: ProjectFolder, *, base_url: str | None, model: str | None) -> str | None:
    """Return the first model of `[roles] judge`: one yardstick for all, so no other stands in for it.

    Raises:
        SettingsProblem: `drt.toml` cannot be used.
    """
    from drt_tui.project.settings import load_settings

    settings = load_settings(folder.settings, base_url=base_url, model=model, for_models=True)
    return next(iter(settings.roles.root.get("judge", ())), None)


def evaluate(session: Session, plan: EvaluationPlan) -> EvaluationOutcome:
    """Ask the contenders, have them judged, and return the figures.

    The first interrupt finishes the questions under way, the second stops at once; what was answered
    is kept, and the same call goes on from there.

    Raises:
        UsageProblem: there is nothing held out, or a contender or judge that does not exist.
        DataError, PipelineError, TrainError: a file, model or run cannot be used.
    """
    return asyncio.run(_evaluate(session, plan))


async def _evaluate(session: Session, plan: EvaluationPlan) -> EvaluationOutcome:
    from train.evaluation.assembling import Material, assemble
    from train.evaluation.comet import check_startable
    from train.evaluation.crew import Crew
    from train.evaluation.kept import Kept
    from train.evaluation.votes import VoteFile

    if plan.comet is not None:
        check_startable(plan.comet)
    items = _items(session.dataset, plan)
    _tell_what_can_be_shown(items, len(plan.specs))
    crew, votes = Crew(), VoteFile(session.folder.votes).standing()
    folder = session.folder.evaluations
    with Kept(folder / "answers.jsonl") as answers, Kept(folder / "judgements.jsonl") as judgements:
        async with open_contenders(
            session, plan.specs, judge=plan.judge, needs_models=plan.evaluator_scale,
            mapping=plan.mapping, tell=narrate,
        ) as opened:  # fmt: skip
            questions = _Questions(session, plan, items, opened, crew)
            with interruptible(crew):
                async with telling_who_rests(questions.metered.snapshot if questions.metered else None):
                    asked = await questions.ask(answers)
                    judged = await questions.judge(asked, votes, judgements)
                measured = await questions.measure(asked)
            utilisation = questions.utilisation
    narrate("counting")
    material = Material(
        project=session.title, split=plan.split, languages=(session.source, session.target),
        contenders=opened.lineup.contenders, items=items, asked=asked, judged=judged, votes=votes, extra=measured.extra,
        warnings=(*measured.warnings, *opened.lineup.warnings), notes=opened.lineup.notes,
        calls=_calls(asked, judged.judgements if judged else None, utilisation),
    )  # fmt: skip
    return EvaluationOutcome(assemble(material), crew.is_stopping, metric_failed=bool(measured.warnings))


def _items(dataset: Dataset, plan: EvaluationPlan) -> tuple[EvaluationItem, ...]:
    """Return the held-out sentences; with a limit the same few each time, whatever the file's order."""
    from data.records import Status
    from pipeline.context import Preceding
    from train.evaluation.items import items_of

    seen = {row.group for row in dataset.rows() if row.group and not row.is_held_out}
    held_out = (dataset.sentence(row.id) for row in dataset.rows() if row.is_held_out)
    sentences = [each for each in held_out if each.split == plan.split]
    if not sentences:
        raise UsageProblem(
            f"No sentence is held out for {plan.split}.",
            hint="Sentences are held out when they are imported: from 100 groups on, or where a column "
            "`split` of the file says so. See drt-tui split.",
        )
    if plan.limit is not None and plan.limit < len(sentences):
        chosen = {each.id for each in sorted(sentences, key=_drawn)[: plan.limit]}
        sentences = [each for each in sentences if each.id in chosen]
    edited = {}
    for each in sentences:
        example = dataset.example(each.id)
        if example is not None and example.status is Status.EDITED:
            edited[each.id] = example.output
    preceding = Preceding(dataset)
    before = {each.id: preceding.of(each, _CONTEXT) for each in sentences}
    return items_of(sentences, seen_groups=seen, edited=edited, before=before)


def _drawn(sentence: Sentence) -> bytes:
    return blake2b(sentence.id.encode(), digest_size=8).digest()


def _tell_what_can_be_shown(items: Sequence[EvaluationItem], contenders: int) -> None:
    """Say before any question what a test set of this size can show at all."""
    from train.evaluation.reports.sections import told_reach
    from train.evaluation.statistics.verdicts import smallest_before

    groups = len({item.group or item.id for item in items})
    pairs = contenders * (contenders - 1) // 2
    narrate(f"items: {len(items):,} in {groups:,} groups · contenders: {contenders}")
    if pairs:
        narrate(told_reach(smallest_before(len(items), groups, pairs), groups))


@dataclass(frozen=True)
class _Measured:
    """Figures by metric, contender and item, and why some are missing."""

    extra: dict[str, dict[str, dict[str, float]]]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Questions:
    """Everything that is asked in one evaluation: of contenders, of the judge, of further metrics."""

    session: Session
    plan: EvaluationPlan
    items: Sequence[EvaluationItem]
    opened: Opened
    crew: Crew

    @property
    def contenders(self) -> tuple[Contender, ...]:
        return self.opened.lineup.contenders

    @property
    def metered(self) -> Metered | None:
        models = self.opened.models
        return models if isinstance(models, Metered) else None

    @property
    def utilisation(self) -> float | None:
        return self.metered.snapshot().utilisation if self.metered else None

    @property
    def at_once(self) -> int:
        """How many questions to keep open, so that the models' slots never run dry."""
        from pipeline.run import open_for

        return open_for(self.metered.snapshot().ceiling if self.metered else self.plan.concurrency or _SLOTS)

    async def ask(self, kept: Kept) -> Asked:
        """Ask the contenders."""
        from train.evaluation.asking import ask_all

        of = len(self.contenders) * len(self.items)
        tell = now_and_then(lambda done, of: f"{done:,} of {of:,} answers")
        return await ask_all(
            self.contenders, [item.question for item in self.items], kept, self.crew, at_once=self.at_once,
            on_outcome=lambda asked: tell(asked.done, of),
        )  # fmt: skip

    async def judge(self, asked: Asked, votes: Sequence[Vote], kept: Kept) -> JudgedBy | None:
        """Ask the judge, where there is one."""
        from train.evaluation.assembling import JudgedBy
        from train.evaluation.judge import Judge
        from train.evaluation.judging import judge_all

        name, models, session = self.plan.judge, self.opened.models, self.session
        if name is None or models is None or self.crew.is_stopping:
            return None
        maker = maker_of_model(session, name)
        judge = Judge(models, name, told_of_model(session, name), maker, session.source, session.target)
        tell = now_and_then(lambda done, of: f"{done:,} of {of:,} judgements")
        said = await judge_all(
            judge, list(self._entries(asked)), votes, kept, self.crew, at_once=self.at_once, on_judgement=tell
        )
        return JudgedBy(maker, said, _whose(session, self.contenders))

    async def measure(self, asked: Asked) -> _Measured:
        """Run the external metric and the project's own evaluator, where they are asked for.

        A metric that fails takes nothing from what was answered and judged: a warning says so.
        """
        from train.errors import StepFailed

        extra: dict[str, dict[str, dict[str, float]]] = {}
        warnings: tuple[str, ...] = ()
        if self.plan.comet is not None and not self.crew.is_stopping:
            narrate("the external metric is running")
            try:
                extra["comet"] = {each.name: await self._external(each, asked) for each in self.contenders}
            except StepFailed as error:
                warnings = (f"No figures of the external metric. {error.message} {error.hint}".strip(),)
        if self.plan.evaluator_scale and self.opened.models is not None and not self.crew.is_stopping:
            from drt_tui.comparing.own_scale import score_all

            extra["evaluator"] = await score_all(
                self.session, self.opened.models, self._outputs(asked), self.crew, self.at_once
            )
        return _Measured(extra, warnings)

    def _outputs(self, asked: Asked) -> Iterator[tuple[Contender, EvaluationItem, str]]:
        from train.evaluation.figures import output_of

        for item in self.items:
            for contender in self.contenders:
                output = output_of(asked.of(contender.name, item.id))
                if output is not None:
                    yield contender, item, output

    def _entries(self, asked: Asked) -> Iterator[Entry]:
        """Yield what the judge reads: of a limited number of items all outputs, so that pairs are whole."""
        from train.evaluation.judging import Entry

        drawn = sorted(self.items, key=lambda item: _drawn(item.sentence))[: self.plan.judge_limit]
        chosen = {item.id for item in drawn}
        for contender, item, output in self._outputs(asked):
            if item.id in chosen:
                yield Entry(contender.name, item.id, item.question.source, output)

    async def _external(self, contender: Contender, asked: Asked) -> dict[str, float]:
        from train.evaluation.comet import external_scores

        outputs = [(i, out) for each, i, out in self._outputs(asked) if each is contender and i.references]
        if self.plan.comet is None or not outputs:
            return {}
        scores = await external_scores(
            self.plan.comet,
            [item.question.source for item, _ in outputs],
            [output for _, output in outputs],
            [item.references[0] for item, _ in outputs],
        )
        return {item.id: score for (item, _), score in zip(outputs, scores, strict=True)}


def _whose(session: Session, contenders: Sequence[Contender]) -> dict[str, str]:
    """Return what each model is to this project: whose kind a judge should not be of."""
    whose: dict[str, str] = {}
    for example in session.dataset.examples():
        for stage, names in example.models.items():
            role = "teacher" if stage in _TEACHERS else "evaluator" if stage in _EVALUATORS else ""
            for name in names if role else ():
                whose.setdefault(maker_of_model(session, name), role)
    for contender in contenders:
        role = "backbone" if contender.about.kind in {"backbone", "drt", "outputs-only"} else "contender"
        for model in contender.about.models:
            whose.setdefault(model, role)
    return whose


def _calls(asked: Asked, judgements: Judgements | None, utilisation: float | None) -> Mapping[str, Any]:
    return {
        "answers_kept": asked.kept,
        "answers_made": asked.made,
        "judge_calls": judgements.usage.calls if judgements else 0,
        "judge_cost_usd": judgements.usage.cost_usd if judgements else 0.0,
        "utilisation": utilisation,
    }


def write_reports(evaluation: Evaluation, markdown: Path | None, html: Path | None) -> list[Path]:
    """Write the reports that are asked for, and return their files.

    Raises:
        FileProblem: a file cannot be written.
    """
    from data.exporters.files import replaced
    from train.evaluation.reports.markdown import markdown_report
    from train.evaluation.reports.page import html_report

    pages: list[tuple[Path | None, Callable[[], str]]] = [
        (markdown, lambda: markdown_report(evaluation)),
        (html, lambda: html_report(evaluation, made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")),
    ]
    for path, page in pages:
        if path is not None:
            with replaced(path) as file:
                file.write(page().encode("utf-8", "replace"))
    return [path for path, _ in pages if path is not None]
