"""What a rule is: a code, what it means, an example of each kind, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.records import Finding, Span

Severity = Literal["error", "warning", "info"]
Field = Literal["source", "thought", "output", "trace"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule objects to in one row. `span` is in code points of the field."""

    message: str
    span: tuple[int, int] | None = None
    field: Field | None = None
    """The field concerned, where it is not the rule's own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over one row. It looks at `Facts` and yields a `Hit` for each thing it objects to."""

    code: str
    meaning: str
    """What a finding says, why it matters, and what is not objected to."""
    severity: Severity
    field: Field
    look: Callable[[Facts], Iterable[Hit]]
    bad: LintRow
    """A row that the rule objects to."""
    good: LintRow
    """A row like it that the rule lets pass."""
    fix: Callable[[LintRow], LintRow] | None = None
    """Returns the row without the fault, or unchanged where that would not be safe."""

    def finding(self, hit: Hit) -> Finding:
        """Return `hit` as a finding of this rule."""
        return Finding(
            code=self.code,
            message=hit.message,
            severity=self.severity,
            field=hit.field or self.field,
            span=Span(start=hit.span[0], end=hit.span[1], kind=self.code) if hit.span else None,
        )
