"""Where the parts of a run lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's directory below `runs/`. Nothing here touches the disk."""

    root: Path

    @property
    def id(self) -> str:
        """The run's name, which is its folder's."""
        return self.root.name

    @property
    def state(self) -> Path:
        """Settings, status and process; written by one process at a time."""
        return self.root / "run.json"

    @property
    def preflight(self) -> Path:
        """The report that the person saw before the start."""
        return self.root / "preflight.json"

    @property
    def train_rows(self) -> Path:
        """Token ids that are trained, in order."""
        return self.root / "rows" / "train.jsonl"

    @property
    def valid_rows(self) -> Path:
        """Token ids that are held out."""
        return self.root / "rows" / "valid.jsonl"

    @property
    def events(self) -> Path:
        """What the worker says while it runs, a line each."""
        return self.root / "events.jsonl"

    @property
    def heartbeat(self) -> Path:
        """Time and memory of the worker, anew every few seconds."""
        return self.root / "heartbeat.json"

    @property
    def stop(self) -> Path:
        """Asks the worker to stop: `save` or `discard`."""
        return self.root / "STOP"

    @property
    def log(self) -> Path:
        """All that the worker and its libraries print."""
        return self.root / "worker.log"

    @property
    def checkpoints(self) -> Path:
        """States from which training can go on."""
        return self.root / "checkpoints"

    @property
    def adapter(self) -> Path:
        """What was learned: a LoRA adapter or, after full training, a whole model; with its tokenizer."""
        return self.root / "adapter"

    @property
    def backbone_answers(self) -> Path:
        """What the backbone answered to the held-out rows, before training."""
        return self.root / "backbone.json"

    @property
    def report(self) -> Path:
        """The result."""
        return self.root / "report.json"

    @property
    def notes(self) -> Path:
        """A person's own words."""
        return self.root / "notes.txt"

    @property
    def cache(self) -> Path:
        """Code that libraries compile for this run."""
        return self.root / "cache"
