"""The forms of an export, and what comes of making them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from train.doctor.check import Check, Level, levels

Form = Literal["adapter", "merged", "gguf", "gguf-lora"]
FORMS: tuple[Form, ...] = ("adapter", "merged", "gguf", "gguf-lora")


class ExportRequest(BaseModel):
    """What to make of a run, and where. `quants` are the sizes of GGUF."""

    model_config = ConfigDict(frozen=True)

    run: str
    out: str
    forms: tuple[Form, ...]
    quants: tuple[str, ...] = ("q8_0",)
    checked_rows: int = 8
    """Held-out rows that each export answers in its check."""


class Exported(BaseModel):
    """One file or folder that was made, and what the doctor says of it."""

    model_config = ConfigDict(frozen=True)

    form: Form
    path: str
    bytes: int
    checks: tuple[Check, ...]

    @property
    def levels(self) -> dict[str, Level]:
        """The worst level of each check."""
        return levels(self.checks)


class ExportReport(BaseModel):
    """All that was made; `files` are those that go with it (Modelfile, card)."""

    model_config = ConfigDict(frozen=True)

    run: str
    exported: tuple[Exported, ...]
    files: tuple[str, ...]

    @property
    def checks(self) -> dict[str, Level]:
        """The worst level of each check, over all forms."""
        return levels(check for each in self.exported for check in each.checks)
