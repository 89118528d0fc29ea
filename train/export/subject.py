"""What is exported: a run, its backbone, and the rows that its exports are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.backbones.backbone import Backbone, find_backbone
from train.chat import ChatTokenizer
from train.errors import RunProblem
from train.export.models import Reference, choices, load_backbone, load_model
from train.export.trial import Trial
from train.rows import Row, read_rows
from train.run.folder import RunFolder
from train.run.state import RunState, read_state

_COMPARED = 3
"""Held-out answers over which an export's choices are compared with the trained model's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that has learned something."""

    folder: RunFolder
    state: RunState
    backbone: Backbone
    chat: ChatTokenizer
    lora: bool
    """It has an adapter; else all weights were trained."""
    asked: tuple[Row, ...]
    """Rows that every export answers, held out where there are some."""

    @classmethod
    def of(cls, root: Path, asked: int) -> Subject:
        """Read a run.

        Raises:
            RunProblem: it has learned nothing yet.
        """
        folder = RunFolder(root)
        state = read_state(folder)
        if not folder.adapter.exists():
            raise RunProblem(
                f"Run {folder.id} is {state.status}: it has learned nothing yet.", hint="Resume it."
            )
        rows = read_rows(folder.valid_rows) or read_rows(folder.train_rows)
        return cls(
            folder=folder,
            state=state,
            backbone=find_backbone(state.settings.backbone),
            chat=ChatTokenizer.load(folder.adapter),
            lora=(folder.adapter / "adapter_config.json").exists(),
            asked=tuple(rows[:asked]),
        )

    def load(self) -> tuple[Any, Trial]:
        """Return the trained model over 16- or 32-bit weights, and the trial that its exports stand.

        Raises:
            RunProblem: the backbone's weights were changed since.
        """
        compared = self.asked[:_COMPARED]
        base = None
        if self.lora:
            from peft import PeftModel

            model = load_backbone(self.backbone, self.folder.adapter)
            base = choices(model, compared)
            model = PeftModel.from_pretrained(model, self.folder.adapter)
        else:
            model = load_model(str(self.folder.adapter), self.backbone)
        reference = Reference(compared, choices(model, compared), base)
        return model, Trial(self.folder, self.state, self.backbone, self.chat, self.asked, reference)
