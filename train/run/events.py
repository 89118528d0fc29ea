"""What a worker says while it runs, a JSON line each in `events.jsonl`.

The worker appends, others tail by byte offset. A line without its end is not read yet, a line of a
kind that this version does not know is passed over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from train.doctor.check import Check
from train.run.state import Problem, StoredStatus
from train.tags import Sample, TagRate


class RunEvent(BaseModel):
    """Base of all events; `at` is seconds since the epoch."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")

    at: float = Field(default_factory=time.time)


class Started(RunEvent):
    """The worker is up. `resumed_from` is the step it goes on from."""

    type: Literal["started"] = "started"
    engine: str
    versions: dict[str, str]
    max_steps: int
    resumed_from: int | None = None


class PhaseBegun(RunEvent):
    """What the worker does now."""

    type: Literal["phase"] = "phase"
    phase: Literal["loading", "asking the backbone", "training", "saving", "checking"]


class Checked(RunEvent):
    """The doctor looked at something."""

    type: Literal["checked"] = "checked"
    check: Check


class Stepped(RunEvent):
    """A step is done. `eta` in seconds; `memory` in bytes; unknown values are `None`."""

    type: Literal["step"] = "step"
    step: int
    max_steps: int
    loss: float | None
    learning_rate: float | None = None
    grad_norm: float | None = None
    epoch: float | None = None
    tokens_per_second: float | None = None
    memory: int | None = None
    eta: float | None = None


class Evaluated(RunEvent):
    """Mean loss over the held-out rows."""

    type: Literal["evaluated"] = "evaluated"
    step: int
    loss: float | None


class Probed(RunEvent):
    """How the model answers held-out rows at this step.

    `opening` is the probability of the first tag after a prompt, `ending` that of the end token after
    a whole answer; both without sampling, so they show learning long before an answer is well formed.
    """

    type: Literal["probed"] = "probed"
    step: int
    opening: float
    ending: float
    rate: TagRate
    samples: tuple[Sample, ...] = ()


class CheckpointSaved(RunEvent):
    """Training can go on from here."""

    type: Literal["checkpoint"] = "checkpoint"
    step: int


class Warned(RunEvent):
    """Something a person should know; the run goes on."""

    type: Literal["warning"] = "warning"
    message: str


class Failed(RunEvent):
    """The run ended with a problem; `traceback` is for a bug report."""

    type: Literal["failed"] = "failed"
    problem: Problem
    traceback: str = ""


class Ended(RunEvent):
    """The worker is done. `memory` is the most it took, in bytes."""

    type: Literal["ended"] = "ended"
    status: StoredStatus
    memory: int | None = None


AnyEvent = Annotated[
    Started | PhaseBegun | Checked | Stepped | Evaluated | Probed | CheckpointSaved | Warned | Failed | Ended,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def append_event(path: Path, event: RunEvent) -> None:
    """Add one line in one write."""
    with path.open("ab") as file:
        file.write(event.model_dump_json().encode() + b"\n")


@dataclass(slots=True)
class EventTail:
    """Reads events as they are added; a new one over the same file starts at its beginning."""

    path: Path
    offset: int = 0

    def read(self) -> list[AnyEvent]:
        """Return the whole lines added since the last call; none where the file is not there yet."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                added = file.read()
        except FileNotFoundError:
            return []
        whole, newline, _ = added.rpartition(b"\n")
        self.offset += len(whole) + len(newline)
        return [event for line in whole.splitlines() if (event := _event(line)) is not None]


def _event(line: bytes) -> AnyEvent | None:
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError:
        return None
