"""What the parts of a worker share: the run, its rows, and a voice."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass, field
from typing import Literal

from train.chat import ChatTokenizer
from train.doctor.check import Check
from train.rows import Row
from train.run.events import Checked, RunEvent, append_event
from train.run.folder import RunFolder
from train.run.state import RunState


@dataclass(slots=True)
class Job:
    """One worker's work. Of several processes on several GPUs only the first one speaks and writes."""

    folder: RunFolder
    state: RunState
    train: list[Row]
    valid: list[Row]
    chat: ChatTokenizer
    checks: list[Check] = field(default_factory=list)
    interrupted: bool = False
    """A signal asked to stop."""

    @property
    def first(self) -> bool:
        """This process speaks for the run."""
        return is_first()

    @property
    def first_tag(self) -> str:
        """What an answer begins with."""
        return self.state.format.answer("", "").split("\n", 1)[0]

    @property
    def probed(self) -> list[Row]:
        """Rows whose answers are looked at; trained ones where none is held out."""
        return self.valid or self.train

    def say(self, event: RunEvent) -> None:
        """Add an event to the run's record."""
        if self.first:
            append_event(self.folder.events, event)

    def check(self, check: Check) -> Check:
        """Take a verdict into the record, and return it."""
        self.checks.append(check)
        self.say(Checked(check=check))
        return check

    def stop_wish(self) -> Literal["save", "discard"] | None:
        """Return what the STOP file or a signal asks for."""
        try:
            wish = self.folder.stop.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return "save" if self.interrupted else None
        return "discard" if wish == "discard" else "save"


def peak_memory() -> int:
    """Return the most bytes that training held: of the GPU if it was used, else of the process."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def is_first() -> bool:
    """Whether this process is the only one, or the first of several."""
    return os.environ.get("RANK", "0") == "0"
