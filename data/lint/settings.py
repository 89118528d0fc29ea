"""The `[lint]` section of `drt.toml`: which rules are off, and where the others draw the line."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class LintSettings(BaseModel):
    """Thresholds of the rules. The defaults are chosen for few false alarms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: tuple[str, ...] = ()
    """Codes of rules that are not to be run."""
    longest: float = Field(default=2.0, gt=1)
    """An output longer than this many times what its source leads to expect is a finding."""
    shortest: float = Field(default=0.45, gt=0, lt=1)
    long: float = Field(default=1.6, gt=1)
    """From here on it is a finding if the output also has words that no draft had."""
    short: float = Field(default=0.6, gt=0, lt=1)
    openings: float = Field(default=0.1, gt=0, le=1)
    """Share of thoughts with the same first four words from which the set has a finding."""
    near_duplicate: float = Field(default=90, gt=0, le=100)
    """Likeness in percent from which two sources are near-duplicates."""
