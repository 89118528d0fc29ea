"""A side of a comparison: a model's name, whose weights it has, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from data.format import Format
from train.evaluation.contender import Kind
from train.run.folder import RunFolder
from train.run.state import read_state
from train.serving.prompts import plain_format

BACKBONE = "backbone"
BACKBONE_DRT = "backbone, DRT prompt"
DRT = "DRT model"


@dataclass(frozen=True, slots=True)
class Side:
    """One column. `run` is `None` for a backbone that nobody trained yet."""

    name: str
    format: Format
    run: RunFolder | None = None
    trained: bool = True
    """With what the run learned; else its backbone as it was."""
    max_tokens: int = 640
    """Tokens that an answer may take."""
    scale: float = 1.0
    """Of the adapter; 0 is the backbone again."""

    @property
    def is_trained(self) -> bool:
        """It has what a run learned."""
        return self.run is not None and self.trained

    @property
    def kind(self) -> Kind:
        """What it is to the tables."""
        if not self.is_trained:
            return "backbone"
        return "drt" if self.format.with_thought else "outputs-only"


def sides_of_run(run: RunFolder, *, name: str = DRT) -> list[Side]:
    """Return a run's backbone with its plain prompt, the same with the DRT prompt, and the DRT model.

    The second one separates what the prompt does from what the training did.

    Raises:
        RunProblem: there is no such run.
    """
    state = read_state(run)
    format, tokens = state.format, state.limits.max_new_tokens
    plain = plain_format(format.source_language, format.target_language)
    return [
        Side(BACKBONE, plain, run, trained=False, max_tokens=tokens),
        Side(BACKBONE_DRT, format, run, trained=False, max_tokens=tokens),
        Side(name, format, run, max_tokens=tokens),
    ]


def sides_without_run(format: Format) -> list[Side]:
    """Return the built-in model with both prompts: what can be compared before anything is trained."""
    plain = plain_format(format.source_language, format.target_language)
    return [Side(BACKBONE, plain), Side(BACKBONE_DRT, format)]
