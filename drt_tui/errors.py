"""Errors of the `drt_tui` room: `TuiError`, with `SettingsProblem` and `UsageProblem` (exit code 2)."""

from __future__ import annotations


class TuiError(Exception):
    """What went wrong in one sentence, and in `hint` what to do next."""

    code = "failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsProblem(TuiError):
    """`drt.toml`, or an environment variable that overrides it, cannot be used."""

    code = "settings"


class UsageProblem(TuiError):
    """The command was called in a way that cannot work."""

    code = "usage"
