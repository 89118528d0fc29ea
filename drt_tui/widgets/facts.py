"""How a finished candidate came about, in a few words: who made it, at what cost, what it passed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from data.records import Candidate, Usage
from drt_tui.review.item import Item
from drt_tui.widgets.bars import compact, money

Fact = tuple[str, str]
"""A label, and what is to be said under it."""


def facts_of(item: Item, *, off: Collection[str]) -> tuple[Fact, ...]:
    """Return who made the candidate, unless it is met blind, and the checks that found nothing.

    `off` are the codes of the checks that the project does not run.
    """
    candidate = item.candidate
    if candidate is None:
        return ()
    made = () if item.is_blind else _made(candidate)
    passed = _passed({finding.code for finding in item.findings}.union(off))
    return (*made, ("checks", f"{len(passed)} passed: {', '.join(passed)}"))


def _made(candidate: Candidate) -> Iterator[Fact]:
    by: dict[str, list[str]] = {}
    for stage, models in candidate.models.items():
        for model in dict.fromkeys(models):
            by.setdefault(model, []).append(stage)
    told = [f"{model} ({', '.join(stages)})" if len(by) > 1 else model for model, stages in by.items()]
    told += ["judged its own translations"] if candidate.judged_itself else []
    told += [candidate.made_by] if candidate.made_by and candidate.made_by not in by else []
    if told:
        yield "made by", " · ".join(told)
    if candidate.usage.calls:
        yield "  took", _took(candidate.usage)


def _took(usage: Usage) -> str:
    calls = f"{usage.calls} call{'s' if usage.calls != 1 else ''}"
    tokens = f"{compact(usage.prompt_tokens + usage.completion_tokens)} tokens"
    return " · ".join((calls, tokens, money(usage.cost_usd), f"{usage.seconds:.0f} s"))


def _passed(others: Collection[str]) -> list[str]:
    from data.lint.rules import ROW_RULES

    return [rule.code for rule in ROW_RULES if rule.code not in others]
