"""What a finding means, with an example and how often the rule is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import orjson
from rapidfuzz import process

from data.errors import DataError
from data.lint.linter import BROKEN, LINE_MEANING
from data.lint.row import LintRow
from data.lint.rule import Severity
from data.lint.rules import ROW_RULES
from data.lint.sets import SET_RULES
from data.lint.twins import CODE as EQUALS_OTHER
from data.lint.twins import MEANING as EQUALS_OTHER_MEANING

_ALIKE = 50
"""From this likeness in percent a known code is offered for an unknown one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a rule did on the hand-labelled rows: how often it fired, was right, and could have been wrong."""

    fired: int
    right: int
    without_fault: int
    """Rows that do not have the fault."""

    @property
    def precision(self) -> float | None:
        """The share of its findings that are right, `None` where it found nothing."""
        return self.right / self.fired if self.fired else None

    @property
    def false_alarm_rate(self) -> float:
        """The share of rows without the fault that it objects to."""
        return (self.fired - self.right) / self.without_fault


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to know of a code; the measured figures are those of the hand-labelled rows."""

    code: str
    meaning: str
    severity: Severity
    scope: Literal["row", "set"]
    example: LintRow | None = None
    """A row with the fault."""
    counterexample: LintRow | None = None
    """A row like it without the fault."""
    fixable: bool = False
    false_alarm_rate: float | None = None
    precision: float | None = None


def explain(code: str) -> Explanation:
    """Return the explanation of a finding's code.

    Raises:
        DataError: no rule has this code; the hint names the nearest one.
    """
    known = _explanations()
    if code not in known:
        nearest = process.extractOne(code, list(known), score_cutoff=_ALIKE)
        hint = f"Did you mean {nearest[0]}?" if nearest else f"The codes are: {', '.join(known)}."
        raise DataError(f"No finding has the code {code!r}.", hint=hint)
    return known[code]


def codes() -> tuple[str, ...]:
    """Return the codes of all findings, those of rows first."""
    return tuple(_explanations())


@cache
def measured() -> dict[str, Measured]:
    """Return what was measured of each row rule on the hand-labelled rows."""
    stored = orjson.loads(files("data.lint").joinpath("measured.json").read_bytes())
    return {code: Measured(**figures) for code, figures in stored["rules"].items()}


@cache
def _explanations() -> dict[str, Explanation]:
    explanations = [Explanation(BROKEN, LINE_MEANING, "error", "row")]
    for rule in ROW_RULES:
        figures = measured().get(rule.code)
        explanations.append(
            Explanation(
                code=rule.code,
                meaning=rule.meaning,
                severity=rule.severity,
                scope="row",
                example=rule.bad,
                counterexample=rule.good,
                fixable=rule.fix is not None,
                false_alarm_rate=figures.false_alarm_rate if figures else None,
                precision=figures.precision if figures else None,
            )
        )
    explanations.append(Explanation(EQUALS_OTHER, EQUALS_OTHER_MEANING, "warning", "row"))
    explanations += (Explanation(rule.code, rule.meaning, "info", "set") for rule in SET_RULES)
    return {explanation.code: explanation for explanation in explanations}
