"""The files that llama.cpp serves: a backbone's GGUF and a run's adapter, made where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from train.backbones import builtin
from train.backbones.backbone import find_backbone
from train.backbones.shape import Shape
from train.errors import RunProblem, UnknownBackbone
from train.run.folder import RunFolder
from train.run.observe import observe
from train.run.state import RunState
from train.run.step import run_step

Tell = Callable[[str], None]

_FOLDER = "serving"


@dataclass(frozen=True, slots=True)
class Weights:
    """What a server loads. `adapter` is `None` for a backbone, and for a model that was trained whole."""

    model: Path
    adapter: Path | None = None
    template: str = ""
    """Chat template of the training; empty: the file's own."""
    shape: Shape | None = None


class MakeRequest(BaseModel):
    """Files to make of a run; those that are `None` are there."""

    model_config = ConfigDict(frozen=True)

    run: str
    adapter: str | None = None
    backbone: str | None = None
    whole: str | None = None
    """The model of a run that trained all weights."""


class Made(BaseModel):
    """What was made."""

    files: tuple[str, ...]


def backbone_weights() -> Weights:
    """Return the built-in model, for comparing before there is a run.

    Raises:
        NotInstalled: it is not there.
    """
    return Weights(builtin.gguf_file())


def run_weights(folder: RunFolder, tell: Tell = lambda _: None) -> tuple[Weights, Weights | None]:
    """Return what to serve of a run, and of its backbone, making the files if need be (minutes).

    The backbone is `None` for a model that was trained whole from another one than the built-in:
    two copies of weights are not what a comparison is for.

    Raises:
        RunProblem: the run is not done.
        StepFailed: a file cannot be made.
        UnknownBackbone, NotInstalled: the backbone, or what makes the files, is not there.
    """
    run = observe(folder)
    if run.status != "done" or run.state is None:
        raise RunProblem(f"Run {run.id} is {run.status}; only finished runs are served.", hint=run.advice)
    state, shape = run.state, _shape(run.state.settings.backbone)
    template = _template(folder)
    is_lora = (folder.adapter / "adapter_config.json").exists()
    request = _missing(folder, state, is_lora=is_lora)
    if any((request.adapter, request.backbone, request.whole)):
        tell(f"making the files that llama.cpp serves of {folder.id}")
        (folder.root / _FOLDER).mkdir(exist_ok=True)
        run_step("train.serving.making", request, Made, folder.root / "serving.log")
    if not is_lora:
        whole = Weights(_whole_file(folder), None, template, shape)
        own = state.settings.backbone == builtin.NAME
        return whole, Weights(builtin.gguf_file(), None, template, shape) if own else None
    backbone = backbone_file(state)
    return (
        Weights(backbone, _adapter_file(folder), template, shape),
        Weights(backbone, None, template, shape),
    )


def backbone_file(state: RunState) -> Path:
    """Return where the GGUF of a run's backbone is, or will be: one for all runs of the same backbone."""
    if state.settings.backbone == builtin.NAME:
        return builtin.gguf_file()
    from platformdirs import user_cache_path

    name = f"{state.source}\x1f{_weighed(Path(state.source))}"
    return (
        user_cache_path("drt-tui")
        / "backbones"
        / f"{blake2b(name.encode(), digest_size=8).hexdigest()}-q8_0.gguf"
    )


def _missing(folder: RunFolder, state: RunState, *, is_lora: bool) -> MakeRequest:
    if not is_lora:
        whole = _whole_file(folder)
        return MakeRequest(run=str(folder.root), whole=None if whole.exists() else str(whole))
    adapter, backbone = _adapter_file(folder), backbone_file(state)
    return MakeRequest(
        run=str(folder.root),
        adapter=None if adapter.exists() else str(adapter),
        backbone=None if backbone.exists() else str(backbone),
    )


def _adapter_file(folder: RunFolder) -> Path:
    return folder.root.resolve() / _FOLDER / "adapter.gguf"


def _whole_file(folder: RunFolder) -> Path:
    return folder.root.resolve() / _FOLDER / "model-q8_0.gguf"


def _template(folder: RunFolder) -> str:
    try:
        return (folder.adapter / "chat_template.jinja").read_text(encoding="utf-8")
    except OSError:
        return ""


def _shape(backbone: str) -> Shape | None:
    try:
        return find_backbone(backbone).shape
    except UnknownBackbone:  # its files were moved; what was made of them may still be there
        return None


def _weighed(source: Path) -> str:
    """Tell one folder's weights from what stood there before."""
    files = sorted(source.glob("*.safetensors")) if source.is_dir() else []
    return " ".join(f"{file.stat().st_size} {file.stat().st_mtime_ns}" for file in files)
