"""How far the translation of a text is, and what it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.records import Usage
    from train.evaluation.contender import Answer

_TOLD = 20
"""Failed lines that are told one by one."""


@dataclass(slots=True)
class Work:
    """How far a translation is, and what it took."""

    lines: int
    outputs: dict[int, str] = field(default_factory=dict)
    """By line number from 0; blank lines are not among them."""
    failed: dict[int, str] = field(default_factory=dict)
    """Why a line was not translated."""
    blank: int = 0
    kept: int = 0
    """Lines that an earlier run had translated."""
    retries: int = 0
    asked: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    is_interrupted: bool = False
    is_dry_run: bool = False

    @property
    def left(self) -> int:
        """Lines that nobody was asked for yet."""
        return self.lines - self.blank - len(self.outputs) - len(self.failed)

    def take(self, took: Answer | Usage) -> None:
        """Count what an answer took, or a failure."""
        self.calls += took.calls
        self.prompt_tokens += took.prompt_tokens or 0
        self.completion_tokens += took.completion_tokens or 0
        self.seconds += took.seconds or 0.0
        known = self.cost_usd is not None and (took.cost_usd is not None or not took.calls)
        self.cost_usd = (self.cost_usd or 0.0) + (took.cost_usd or 0.0) if known else None

    def as_json(self) -> dict[str, Any]:
        """Return the object that `translate --json` prints."""
        return {
            "lines": self.lines, "blank": self.blank, "translated": len(self.outputs), "kept": self.kept,
            "failed": [{"line": place + 1, "why": why} for place, why in sorted(self.failed.items())],
            "left": self.left, "retries": self.retries, "calls": self.calls,
            "prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens,
            "cost_usd": self.cost_usd, "seconds": round(self.seconds, 3), "projected": self._projected(),
            "warnings": list(self.warnings),
        }  # fmt: skip

    def as_text(self) -> str:
        """Return the same for a person."""
        money = "price unknown" if self.cost_usd is None else f"${self.cost_usd:.4f}"
        lines = [
            *self.warnings,
            f"lines {self.lines:,} · translated {len(self.outputs):,} · failed {len(self.failed):,}"
            f" · blank {self.blank:,} · left {self.left:,}",
            f"{self.calls:,} calls · {self.prompt_tokens:,} + {self.completion_tokens:,} tokens · {money}"
            f" · {self.seconds:.0f} s of answering",
        ]
        lines += [f"  line {place + 1}: {why}" for place, why in sorted(self.failed.items())[:_TOLD]]
        if self.failed:
            more = len(self.failed) - _TOLD
            told = f"  and {more:,} more; " if more > 0 else "  "
            lines.append(f"{told}the same command asks for them again")
        if projected := self._projected():
            cost = projected["cost_usd"]
            money = "price unknown" if cost is None else f"${cost:.4f}"
            lines.append(
                f"the {self.left:,} left: about {projected['calls']:,.0f} calls · {projected['tokens']:,.0f} tokens"
                f" · {money} · {projected['seconds']:.0f} s of answering"
            )
        if self.is_interrupted:
            lines.append("interrupted; the same command goes on from here")
        return "\n".join(lines)

    def _projected(self) -> dict[str, float | None] | None:
        """Say what the lines that are left will take, going by those that were asked now."""
        if not (self.is_dry_run and self.left and self.asked):
            return None
        times = self.left / self.asked
        return {
            "calls": self.calls * times,
            "tokens": (self.prompt_tokens + self.completion_tokens) * times,
            "seconds": self.seconds * times,
            "cost_usd": None if self.cost_usd is None else self.cost_usd * times,
        }
