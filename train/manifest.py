"""`drt.json` beside every adapter and export: the format it was trained in, so that others ask it the same way."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from data.format import Format
from train.run.state import RunState

MANIFEST = "drt.json"


class Manifest(BaseModel):
    """What a server must know of a trained model."""

    model_config = ConfigDict(frozen=True)

    run: str
    backbone: str
    format: Format
    fingerprint: str
    """Of the format; every request to the model carries it."""
    template: str
    """Hash of the chat template."""
    dataset: str
    max_new_tokens: int
    context: int

    @classmethod
    def of(cls, state: RunState) -> Manifest:
        """Return what a run's state says."""
        return cls(
            run=state.id,
            backbone=state.settings.backbone,
            format=state.format,
            fingerprint=state.format_fingerprint,
            template=state.template,
            dataset=state.dataset,
            max_new_tokens=state.limits.max_new_tokens,
            context=state.limits.context,
        )

    def write(self, folder: Path) -> None:
        """Put it beside a model's files."""
        (folder / MANIFEST).write_text(self.model_dump_json(indent=2), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder; `None` where there is none that can be read."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return None
