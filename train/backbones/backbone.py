"""Finding a backbone by its name, without loading its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from train.backbones import builtin, hub
from train.backbones.shape import Shape
from train.errors import UnknownBackbone


@dataclass(frozen=True, slots=True)
class Backbone:
    """A model to start from.

    `name` is what the settings say; `folder` holds at least its configuration and tokenizer;
    `source` is what an engine loads: a Hugging Face id or a folder.
    """

    name: str
    kind: Literal["hub", "folder", "built-in"]
    folder: Path
    source: str
    config: dict[str, Any]

    @property
    def lasting_name(self) -> str:
        """Its name from wherever one looks: of a folder, the whole path."""
        return self.source if self.kind == "folder" else self.name

    @property
    def shape(self) -> Shape | None:
        """Its measures, `None` where the configuration does not tell them."""
        return Shape.of(self.config)


def find_backbone(name: str) -> Backbone:
    """Return the backbone of this name; fetches configuration and tokenizer of a Hugging Face id.

    Raises:
        UnknownBackbone: there is no such model, or it cannot be reached or read.
        NotInstalled: a package is missing that is needed to look.
    """
    if name == builtin.NAME:
        folder = builtin.unpacked()
        return Backbone(name, "built-in", folder, str(folder), _config(folder))
    folder = Path(name).expanduser()
    if folder.is_dir():
        folder = folder.resolve()
        return Backbone(name, "folder", folder, str(folder), _config(folder))
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise UnknownBackbone(
            f"There is no folder {name}, and it is no Hugging Face id either.",
            hint=f"Give a folder with config.json, an id such as Qwen/Qwen2.5-7B-Instruct, or {builtin.NAME}.",
        )
    folder = hub.small_files(name)
    return Backbone(name, "hub", folder, name, _config(folder))


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "Give the folder of a whole model, with config.json, tokenizer.json and its weights."
        if (folder / "adapter_config.json").exists():
            hint = "This folder holds an adapter; give the model it was trained from."
        raise UnknownBackbone(f"{folder} has no config.json.", hint=hint) from error
    except ValueError as error:
        raise UnknownBackbone(f"{path} is not JSON: {error}", hint="Download the model again.") from error
    if not isinstance(config, dict):
        raise UnknownBackbone(f"{path} holds no configuration.", hint="Download the model again.")
    return config
