"""From answers to figures: what each contender did with each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from data.edit_rate import hter
from data.lint import LintRow, lint_row
from data.records import Usage
from train.evaluation.asking import Asked, Outcome
from train.evaluation.contender import Answer, Contender
from train.evaluation.items import EvaluationItem
from train.evaluation.overlap import bleu, chrf, each_chrf
from train.evaluation.statistics.resampling import Figure

_OBJECTIONS = {"error", "warning"}

Extra = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Figures that come from elsewhere, by metric, contender and item."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is known of one contender's answers, in the order of the items."""

    contender: Contender
    outcomes: tuple[Outcome | None, ...]
    """`None`: not asked, because the run was stopped."""
    figures: Mapping[str, Figure]
    single: Mapping[str, tuple[float | None, ...]]
    """Figures of each item alone, for lists of the best and the worst."""
    codes: Mapping[str, int]
    """Answers by the code of a finding in them."""

    @property
    def outputs(self) -> tuple[str | None, ...]:
        """What it wrote; empty where that cannot be read, `None` where it was not asked or has nothing."""
        return tuple(output_of(outcome) for outcome in self.outcomes)


def output_of(outcome: Outcome | None) -> str | None:
    """Return the translation of an outcome: a failure is an empty one, but for that of an endpoint."""
    if outcome is None or outcome.is_missing or outcome.is_outage:
        return None
    return outcome.answer.output.strip() if outcome.answer is not None else ""


def sheet_of(
    contender: Contender,
    items: Sequence[EvaluationItem],
    asked: Asked,
    *,
    languages: tuple[str, str],
    extra: Extra,
) -> Sheet:
    """Measure one contender; `languages` are the codes of source and target."""
    outcomes = tuple(asked.of(contender.name, item.id) for item in items)
    outputs = tuple(output_of(outcome) for outcome in outcomes)
    answers = tuple(outcome.answer if outcome is not None else None for outcome in outcomes)
    mine = {
        metric: tuple(of.get(contender.name, {}).get(item.id) for item in items)
        for metric, of in extra.items()
    }
    findings = [
        None if answer is None else _findings(item, answer, languages)
        for item, answer in zip(items, answers, strict=True)
    ]
    figures = {
        "tags": Figure.share([_tags(contender, outcome) for outcome in outcomes]),
        **_quality(items, outputs, languages[1]),
        **_objections(findings),
        **_effort(outcomes),
        **{metric: Figure.mean(values) for metric, values in mine.items()},
    }
    single = {"chrf": tuple(each_chrf(outputs, [item.references for item in items])), **mine}
    codes = Counter(code for each in findings if each for code in each.output | (each.thought or set()))
    return Sheet(contender, outcomes, figures, single, codes)


def _quality(
    items: Sequence[EvaluationItem], outputs: Sequence[str | None], target: str
) -> dict[str, Figure]:
    """Return what can be said of outputs by what others wrote."""
    references, own_style = [item.references for item in items], [_own_style(item) for item in items]
    edits: list[float | None] = []
    lengths: list[float | None] = []
    for item, output in zip(items, outputs, strict=True):
        edits.append(None if item.edited is None or output is None else hter(output, item.edited))
        lengths.append(len(output) / max(1, len(item.question.source)) if output else None)
    return {
        "chrf": chrf(outputs, references),
        "bleu": bleu(outputs, references, target),
        "own_style_chrf": chrf(outputs, own_style),
        "own_style_bleu": bleu(outputs, own_style, target),
        "hter": Figure.mean(edits),
        "length": Figure.mean(lengths),
    }


def _effort(outcomes: Sequence[Outcome | None]) -> dict[str, Figure]:
    """Return what answers took, and failures; an imported one took nothing that we know of."""
    wanted: dict[str, Callable[[Answer | Usage], float | None]] = {
        "seconds": lambda took: took.seconds,
        "tokens": _tokens,
        "calls": lambda took: float(took.calls),
        "cost_usd": lambda took: took.cost_usd,
    }
    spent = [_spent(outcome) for outcome in outcomes]
    cut = Figure.share([float(took.is_cut) if isinstance(took, Answer) else None for took in spent])
    return {"cut": cut} | {
        name: Figure.mean([None if took is None else value(took) for took in spent])
        for name, value in wanted.items()
    }


def _spent(outcome: Outcome | None) -> Answer | Usage | None:
    if outcome is None:
        return None
    took = outcome.answer or outcome.usage
    return took if took is not None and took.calls else None


def _own_style(item: EvaluationItem) -> tuple[str, ...]:
    """A pipeline's references count where there is no other, and apart from the others."""
    return () if item.references else item.own_style


def _tags(contender: Contender, outcome: Outcome | None) -> float | None:
    if not contender.has_thought or outcome is None or outcome.is_missing or outcome.is_outage:
        return None
    return float(outcome.answer is not None and not outcome.answer.troubles)


def _tokens(took: Answer | Usage) -> float | None:
    if took.prompt_tokens is None or took.completion_tokens is None:
        return None
    return float(took.prompt_tokens + took.completion_tokens)


@dataclass(frozen=True, slots=True)
class _Findings:
    """Codes of what the linter has against an answer; what is wrong with the source is nobody's fault here."""

    output: frozenset[str]
    """Against the output alone, as every contender has one."""
    thought: frozenset[str] | None
    """Against the thought, or what it and the output make together; `None` without a thought."""


def _objections(findings: Sequence[_Findings | None]) -> dict[str, Figure]:
    """Return the shares of outputs and of thoughts that the linter has something against."""
    of_outputs = [None if each is None else float(bool(each.output)) for each in findings]
    of_thoughts = [
        None if each is None or each.thought is None else float(bool(each.thought)) for each in findings
    ]
    return {"findings": Figure.share(of_outputs), "thought_findings": Figure.share(of_thoughts)}


def _findings(item: EvaluationItem, answer: Answer, languages: tuple[str, str]) -> _Findings:
    row = LintRow(
        source=item.question.source,
        output=answer.output,
        references=item.references,
        group=item.group,
        spans=item.sentence.spans,
        finish_reason="length" if answer.is_cut else "",
        languages=languages,
    )
    of_output = _codes(row)
    of_both = _codes(replace(row, thought=answer.thought)) if answer.thought else None
    return _Findings(of_output, None if of_both is None else of_both - of_output)


def _codes(row: LintRow) -> frozenset[str]:
    return frozenset(
        finding.code
        for finding in lint_row(row)
        if finding.severity in _OBJECTIONS and finding.field in {"output", "thought"}
    )
