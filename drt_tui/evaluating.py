"""An evaluation from a session and a plan: who is asked what, by whom it is judged, and what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drt_tui.contenders import Spec, maker_of_model, open_contenders, told_of_model
from drt_tui.errors import UsageProblem
from drt_tui.interrupts import interruptible
from drt_tui.narration import narrate, now_and_then
from drt_tui.preparing import Metered

if TYPE_CHECKING:
    from data.importers import ColumnMap
    from data.records import Sentence
    from data.store import Dataset
    from drt_tui.session import Session
    from pipeline.llm.request import Models
    from train.evaluation.asking import Asked
    from train.evaluation.contender import Contender
    from train.evaluation.crew import Crew
    from train.evaluation.items import EvaluationItem
    from train.evaluation.judge import Judge
    from train.evaluation.judging import Judgements
    from train.evaluation.kept import Kept
    from train.evaluation.results import Evaluation

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
    from train.evaluation.assembling import JudgedBy, Material, assemble
    from train.evaluation.crew import Crew
    from train.evaluation.kept import Kept
    from train.evaluation.votes import VoteFile

    items = _items(session.dataset, plan)
    _tell_what_can_be_shown(items, len(plan.specs))
    crew = Crew()
    votes = VoteFile(session.folder.votes).standing()
    folder = session.folder.evaluations
    with Kept(folder / "answers.jsonl") as answers, Kept(folder / "judgements.jsonl") as judgements:
        async with open_contenders(
            session, plan.specs, judge=plan.judge, needs_models=plan.evaluator_scale,
            mapping=plan.mapping, tell=narrate,
        ) as opened:  # fmt: skip
            with interruptible(crew):
                at_once = _at_once(opened.models, plan)
                contenders = opened.lineup.contenders
                asked = await _ask(contenders, items, answers, crew, at_once)
                judged = None
                if plan.judge is not None and opened.models is not None and not crew.is_stopping:
                    judge = _judge(session, plan.judge, opened.models)
                    said = await _judged(
                        judge, plan, contenders, items, asked, votes, judgements, crew, at_once
                    )
                    judged = JudgedBy(judge.made_by, said, _whose(session, contenders))
                extra = await _further(session, plan, opened.models, contenders, items, asked, crew, at_once)
            utilisation = opened.models.snapshot().utilisation if isinstance(opened.models, Metered) else None
    narrate("counting")
    material = Material(
        project=session.title, split=plan.split, languages=(session.source, session.target),
        contenders=contenders, items=items, asked=asked, judged=judged, votes=votes, extra=extra,
        warnings=opened.lineup.warnings, notes=opened.lineup.notes,
        calls=_calls(asked, judged.judgements if judged else None, utilisation),
    )  # fmt: skip
    return EvaluationOutcome(assemble(material), crew.is_stopping)


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
    from train.evaluation.statistics.verdicts import smallest_before

    groups = len({item.group or item.id for item in items})
    pairs = contenders * (contenders - 1) // 2
    narrate(f"items: {len(items):,} in {groups:,} groups · contenders: {contenders}")
    if pairs and (reach := smallest_before(len(items), groups, pairs)):
        narrate(
            f"the smallest difference to an even win rate that this could show, four times out of five: "
            f"{100 * reach[0]:.1f} points if sentences of an idiom are independent, {100 * reach[1]:.1f} if they agree"
        )


def _at_once(models: Models | None, plan: EvaluationPlan) -> int:
    """Return how many questions to keep open, so that the models' slots never run dry."""
    from pipeline.run import open_for

    slots = models.snapshot().ceiling if isinstance(models, Metered) else plan.concurrency or _SLOTS
    return open_for(slots)


async def _ask(
    contenders: Sequence[Contender],
    items: Sequence[EvaluationItem],
    kept: Kept,
    crew: Crew,
    at_once: int,
) -> Asked:
    from train.evaluation.asking import ask_all

    of = len(contenders) * len(items)
    tell = now_and_then(lambda done, of: f"{done:,} of {of:,} answers")
    questions = [item.question for item in items]
    return await ask_all(
        contenders, questions, kept, crew, at_once=at_once, on_outcome=lambda asked: tell(asked.done, of)
    )


def _judge(session: Session, name: str, models: Models) -> Judge:
    from train.evaluation.judge import Judge

    return Judge(
        models, name, told_of_model(session, name), maker_of_model(session, name), session.source,
        session.target,
    )  # fmt: skip


async def _judged(
    judge: Judge,
    plan: EvaluationPlan,
    contenders: Sequence[Contender],
    items: Sequence[EvaluationItem],
    asked: Asked,
    votes: Sequence[Any],
    kept: Kept,
    crew: Crew,
    at_once: int,
) -> Judgements:
    from train.evaluation.judging import judge_all

    tell = now_and_then(lambda done, of: f"{done:,} of {of:,} judgements")
    return await judge_all(
        judge, list(_entries(plan, contenders, items, asked)), votes, kept, crew, at_once=at_once,
        on_judgement=tell,
    )  # fmt: skip


def _entries(
    plan: EvaluationPlan, contenders: Sequence[Contender], items: Sequence[EvaluationItem], asked: Asked
) -> Iterator[Any]:
    """Yield the translations to judge: of a limited number of items all of them, so that pairs are whole."""
    from train.evaluation.figures import output_of
    from train.evaluation.judging import Entry

    for item in sorted(items, key=lambda item: _drawn(item.sentence))[: plan.judge_limit]:
        for contender in contenders:
            output = output_of(asked.of(contender.name, item.id))
            if output is not None:
                yield Entry(contender.name, item.id, item.question.source, output)


async def _further(
    session: Session,
    plan: EvaluationPlan,
    models: Models | None,
    contenders: Sequence[Contender],
    items: Sequence[EvaluationItem],
    asked: Asked,
    crew: Crew,
    at_once: int,
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the figures of an external metric and of the project's own evaluator, where they are asked for."""
    extra: dict[str, dict[str, dict[str, float]]] = {}
    if plan.comet is not None and not crew.is_stopping:
        narrate("the external metric is running")
        extra["comet"] = {each.name: await _external(plan.comet, each, items, asked) for each in contenders}
    if plan.evaluator_scale and models is not None and not crew.is_stopping:
        from drt_tui.own_scale import score_all

        extra["evaluator"] = await score_all(session, models, contenders, items, asked, crew, at_once)
    return extra


async def _external(
    command: str, contender: Contender, items: Sequence[EvaluationItem], asked: Asked
) -> dict[str, float]:
    from train.evaluation.comet import external_scores
    from train.evaluation.figures import output_of

    chosen = [
        (item, output)
        for item in items
        if item.references and (output := output_of(asked.of(contender.name, item.id))) is not None
    ]
    if not chosen:
        return {}
    scores = await external_scores(
        command,
        [item.question.source for item, _ in chosen],
        [output for _, output in chosen],
        [item.references[0] for item, _ in chosen],
    )
    return {item.id: score for (item, _), score in zip(chosen, scores, strict=True)}


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
