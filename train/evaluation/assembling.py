"""The last step of an evaluation: everything that was asked and judged, put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from train.evaluation.asking import Asked
from train.evaluation.contender import Contender
from train.evaluation.evaluation import examples_of, extremes, facts_of, families, slice_of, slices_of
from train.evaluation.families import kin_of
from train.evaluation.figures import Extra, Sheet, sheet_of
from train.evaluation.items import EvaluationItem
from train.evaluation.judging import Judgements
from train.evaluation.metrics import BY_KEY
from train.evaluation.overlap import bleu_tokenizer
from train.evaluation.results import Evaluation, JudgeReport
from train.evaluation.standings import agreement, strength_of
from train.evaluation.statistics.resampling import FEWEST_GROUPS
from train.evaluation.votes import Vote, duels

_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """A judge's judgements, and whose family it should not be of."""

    model: str
    """As its maker calls it."""
    judgements: Judgements
    judged: Mapping[str, str]
    """What each model is to this project, by the model as its maker calls it: `teacher`, `evaluator` …"""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that an evaluation is made of."""

    project: str
    split: str
    languages: tuple[str, str]
    contenders: Sequence[Contender]
    items: Sequence[EvaluationItem]
    asked: Asked
    judged: JudgedBy | None = None
    votes: Sequence[Vote] = ()
    extra: Extra = field(default_factory=dict)
    """E.g. the figures of an external metric."""
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    calls: Mapping[str, Any] = field(default_factory=dict)


def assemble(material: Material) -> Evaluation:
    """Return the evaluation; takes seconds where there are thousands of items."""
    items, judged = material.items, material.judged
    judgements = judged.judgements if judged is not None else None
    extra = dict(material.extra)
    if judgements is not None and judgements.one_number is None and judgements.scores:
        extra["judge"] = judgements.scores
    sheets = [
        sheet_of(each, items, material.asked, languages=material.languages, extra=extra)
        for each in material.contenders
    ]
    compared = families(sheets, items, judgements)
    groups = [item.group for item in items]
    ranked_by = "judge" if "judge" in extra else "chrf"
    worst, best = extremes(sheets, items, ranked_by)
    listed = [item for lists in (worst, best) for ids in lists.values() for item in ids]
    return Evaluation(
        project=material.project,
        split=material.split,
        languages=material.languages,
        whole=slice_of("all", range(len(items)), sheets, compared, groups),
        slices=slices_of(items, sheets, compared),
        contenders=tuple(facts_of(sheet, items) for sheet in sheets),
        warnings=(
            *_not_independent(judged),
            *material.warnings,
            *_too_few(items),
            *_warnings(sheets, judgements),
        ),
        notes=(*material.notes, *_notes(items, sheets, judgements)),
        judge=None if judged is None else _judge(judged),
        votes=strength_of((a, b, points) for a, b, points, _ in duels(material.votes)),
        worst=worst,
        best=best,
        ranked_by=ranked_by,
        examples=examples_of(listed, sheets, items, ranked_by),
        signatures=_signatures(material.languages[1]),
        calls=material.calls,
    )


def _judge(judged: JudgedBy) -> JudgeReport:
    said = judged.judgements
    fought = [(duel.a, duel.b, duel.points) for duel in said.duels if duel.points is not None]
    fought = [] if said.calls_all_ties else fought
    return JudgeReport(
        model=judged.model,
        kin=kin_of(judged.model, judged.judged),
        one_number=said.one_number,
        disagrees_with_itself=said.disagrees_with_itself,
        unusable=said.unusable,
        agreement=agreement(said.votes),
        strength=strength_of(fought),
    )


def _too_few(items: Sequence[EvaluationItem]) -> list[str]:
    groups = len({item.group or item.id for item in items})
    if groups >= FEWEST_GROUPS:
        return []
    return [
        f"The items are of {groups} group{'s' * (groups != 1)}, and an interval needs {FEWEST_GROUPS}: nothing can be "
        "told of any difference. Hold out more: drt-tui split."
    ]


def _not_independent(judged: JudgedBy | None) -> list[str]:
    kin = kin_of(judged.model, judged.judged) if judged is not None else ()
    if judged is None or not kin:
        return []
    return [f"not independent: the judge {judged.model} is of the family of the {'; the '.join(kin)}."]


def _warnings(sheets: Sequence[Sheet], judgements: Judgements | None) -> list[str]:
    found = [warning for sheet in sheets if (warning := _wrong_prompt(sheet))]
    if judgements is not None and judgements.one_number is not None:
        found.append(
            f"The judge gave {judgements.one_number:g} to everything: it tells nothing apart, and its scores "
            "are left out of every figure."
        )
    if judgements is not None and judgements.unusable and not judgements.given:
        found.append(
            f"The judge gave no usable answer to any of {judgements.unusable:,} questions: there is no figure "
            "of it. Name another: --judge."
        )
    if judgements is not None and judgements.calls_all_ties:
        found.append(
            "The judge called every comparison a tie: it tells nothing apart, and its wins are left out."
        )
    if judgements is not None and (judgements.disagrees_with_itself or 0) > _MOSTLY:
        found.append("The judge mostly goes by the order in which it sees two texts: its wins say little.")
    for sheet in sheets:
        missing = sum(outcome is not None and outcome.is_missing for outcome in sheet.outcomes)
        if missing:
            found.append(
                f"{sheet.contender.name} lacks {missing:,} of {len(sheet.outcomes):,} sentences; figures and "
                "pairs are over those that it has."
            )
        if lost := sum(outcome is not None and outcome.is_outage for outcome in sheet.outcomes):
            found.append(
                f"{lost:,} of {len(sheet.outcomes):,} questions to {sheet.contender.name} got no answer because its "
                "endpoint failed; figures and pairs are over the others. The same command asks them again."
            )
    return found


def _wrong_prompt(sheet: Sheet) -> str:
    """S1: a trained model that is asked in another format than it was trained in is another model."""
    trained = sheet.contender.about.trained_fingerprint
    if trained is None:
        return ""
    asked = Counter(
        outcome.answer.prompt_fingerprint
        for outcome in sheet.outcomes
        if outcome is not None and outcome.answer is not None
    )
    wrong = {fingerprint: count for fingerprint, count in asked.items() if fingerprint != trained}
    if not wrong:
        return ""
    return (
        f"{sheet.contender.name}: {sum(wrong.values()):,} of {asked.total():,} answers were asked in a format "
        f"({', '.join(str(each) for each in wrong)}) that it was not trained in ({trained}). Compare nothing by it."
    )


def _notes(
    items: Sequence[EvaluationItem], sheets: Sequence[Sheet], judgements: Judgements | None
) -> list[str]:
    found = []
    without = sum(not item.references for item in items)
    if without:
        found.append(
            f"{without:,} of {len(items):,} items have no independent reference that is not marked bad; "
            "chrF and BLEU leave them out."
        )
    if any(item.own_style and not item.references for item in items):
        found.append("References that a pipeline wrote are counted apart, as “in its own style”.")
    if judgements is not None and (share := judgements.disagrees_with_itself) is not None:
        found.append(
            f"The judge changed its mind with the order in {100 * share:.0f} % of its comparisons; "
            "each of these is half a win for both."
        )
    if judgements is not None and judgements.unusable and judgements.given:
        found.append(f"{judgements.unusable:,} questions to the judge got no usable answer.")
    asked = sum(outcome is None for sheet in sheets for outcome in sheet.outcomes)
    if asked:
        found.append(f"{asked:,} questions were not asked yet; the same command goes on from here.")
    return found


def _signatures(target: str) -> dict[str, str]:
    from sacrebleu import __version__

    return {
        BY_KEY["chrf"].key: f"chrF2, sacrebleu {__version__}",
        BY_KEY["bleu"].key: f"BLEU, tokenizer {bleu_tokenizer(target)}, sacrebleu {__version__}",
    }
