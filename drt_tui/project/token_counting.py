"""Exact token counts, by the tokenizer of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drt_tui.errors import UsageProblem

if TYPE_CHECKING:
    from data.stats.collect import CountTokens

BUILT_IN = "built-in"
_FILE = "tokenizer.json"


def token_counter(name: str) -> CountTokens:
    """Return what counts the tokens of a text, without those that a chat template adds.

    `name` is a `tokenizer.json`, a folder that holds one, `built-in`, or a model's name on the Hugging Face hub.

    Raises:
        NotInstalled: the tokenizer library, or the built-in model, is missing.
        UsageProblem: there is no such tokenizer, or it cannot be read.
    """
    from train.errors import NotInstalled

    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise NotInstalled(
            "The package tokenizers, which counts tokens, is not installed.", hint="pip install tokenizers"
        ) from error
    try:
        path = _file(name)
        tokenizer = Tokenizer.from_pretrained(name) if path is None else Tokenizer.from_file(str(path))
    except (UsageProblem, NotInstalled):
        raise
    except Exception as error:  # the Rust library raises no other class
        raise UsageProblem(
            f"The tokenizer {name} cannot be read: {error}",
            hint=f"Name a {_FILE}, a folder that holds one, {BUILT_IN}, or a model on the Hugging Face hub.",
        ) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


def _file(name: str) -> Path | None:
    """Return the tokenizer's file, `None` where the name is that of a model on the hub."""
    if name == BUILT_IN:
        from train.backbones.builtin import unpacked

        return unpacked() / _FILE
    path = Path(name).expanduser()
    if path.is_dir() and not (path / _FILE).is_file():
        raise UsageProblem(
            f"{path} has no {_FILE}.", hint="Make one: AutoTokenizer.from_pretrained(…).save_pretrained(…)"
        )
    if path.is_dir():
        return path / _FILE
    if path.exists() or path.suffix == ".json" or name.startswith((".", "/", "~")):
        return path
    return None
