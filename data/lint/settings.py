"""The `[lint]` section of `drt.toml`: which rules are off, and where the others draw the line."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class LintSettings(BaseModel):
    """Thresholds of the rules. The defaults are chosen for few false alarms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: tuple[str, ...] = ()
    """Codes of rules that are not to be run."""
