"""Arms of an experiment: which settings a sentence gets, and how the arms compare.

`--arm NAME=workflow:…,prompt:…,model:…`: `workflow` and other numbers and words of `[loop]` by their
names, `prompt` a folder of prompt files, `model` one model (or several with `+`) for all roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rapidfuzz import process

from pipeline.agents.prompts import Prompts
from pipeline.engine import Engine
from pipeline.errors import BadArm
from pipeline.settings import LoopSettings

_OWN = ("prompt", "model")


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: what differs from the settings of the project."""

    name: str
    settings: LoopSettings
    prompts: Path | None = None
    models: tuple[str, ...] = ()
    """Fallback list for every role; empty: the project's roles."""


def read_arm(text: str, settings: LoopSettings, models: Sequence[str]) -> Arm:
    """Read the text of one `--arm`.

    Args:
        text: `NAME=key:value,key:value`.
        settings: the project's, which the arm changes.
        models: names of the models there are.

    Raises:
        BadArm: it is no such text, or names something that does not exist.
    """
    name, equals, parts = text.partition("=")
    if not equals or not name.strip():
        raise BadArm(f"{text!r} is no arm.", hint="Write NAME=workflow:…,prompt:…,model:…")
    changes: dict[str, Any] = {}
    for part in filter(None, parts.split(",")):
        key, colon, value = (piece.strip() for piece in part.partition(":"))
        known = (*_OWN, *LoopSettings.model_fields)
        if not colon or key not in known:
            nearest, _, _ = process.extractOne(key, known)
            raise BadArm(f"An arm has no {key!r}.", hint=f"Did you mean {nearest}:…?")
        changes[key] = int(value) if value.isdecimal() and key not in _OWN else value
    chosen = tuple(changes.pop("model", "").split("+")) if "model" in changes else ()
    for model in chosen:
        if model not in models:
            raise BadArm(f"No model is called {model!r}.", hint=f"There are: {', '.join(models) or 'none'}.")
    folder = Path(changes.pop("prompt")) if "prompt" in changes else None
    if folder is not None and not folder.is_dir():
        raise BadArm(f"{folder} is no folder of prompts.", hint="Give the folder that holds the .md files.")
    try:
        changed = LoopSettings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise BadArm(
            f"Arm {name.strip()}: {field}: {first['msg']}.", hint="See [loop] in drt.toml."
        ) from error
    return Arm(name.strip(), changed, folder, chosen)


def models_of_arms(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the models that the texts of `--arm` name, to be opened before the arms are read."""
    named = (part.strip() for text in texts for part in text.partition("=")[2].split(","))
    chosen = (part.partition(":")[2].strip() for part in named if part.partition(":")[0].strip() == "model")
    return tuple(dict.fromkeys(name for names in chosen for name in names.split("+") if name))


def arm_of(sentence: str, arms: Sequence[str], seed: int = 0) -> str:
    """Return the arm of a sentence id: drawn by hash, the same in any order and on any machine."""
    drawn = blake2b(f"{seed}\x1f{sentence}".encode(), digest_size=8).digest()
    return sorted(arms)[int.from_bytes(drawn) % len(arms)]


def engines_of(arms: Sequence[Arm], project: Engine) -> dict[str, Engine]:
    """Return an engine for each arm: the project's, with what the arm changes.

    Every model that an arm names must be open in the project's models.

    Raises:
        BadArm: two arms have one name.
        BadPrompt: an arm's prompts cannot be used.
    """
    engines = {
        arm.name: replace(
            project,
            settings=arm.settings,
            prompts=Prompts.load(arm.prompts) if arm.prompts else project.prompts,
            asks=arm.models,
        )
        for arm in arms
    }
    if len(engines) < len(arms):
        raise BadArm("Two arms have the same name.", hint="Give each arm a name of its own.")
    return engines
