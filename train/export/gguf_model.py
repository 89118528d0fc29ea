"""A whole model as GGUF, written with the `gguf` package: 16 bits or 8; smaller ones need llama.cpp."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from train.errors import CannotExport
from train.export.gguf_layout import Layout, by_hand

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFWriter

OwnQuant = Literal["f16", "q8_0"]
OWN_QUANTS: tuple[OwnQuant, ...] = ("f16", "q8_0")

_QUANTISER = "llama-quantize"
_ROUND = {"f16": 1, "q8_0": 32}
"""Values of a row that are stored together."""


def insist_on_writing(folder: Path, config: Mapping[str, Any]) -> None:
    """See that a model of this configuration, with the tokenizer in `folder`, can be written, before it is loaded.

    Raises:
        CannotExport: llama.cpp's own converter is needed for this model.
    """
    Layout.of(config)
    _rope_base(config)
    _splitting(json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")))


def write_model(
    weights: Iterable[tuple[str, np.ndarray]], folder: Path, file: Path, quant: OwnQuant, name: str
) -> None:
    """Write weights, under their Hugging Face names, with configuration and tokenizer from `folder`.

    Raises:
        CannotExport: llama.cpp's own converter is needed for this model.
    """
    from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType
    from gguf.quants import quantize

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    layout = Layout.of(config)
    writer = GGUFWriter(str(file), layout.architecture)
    writer.add_type("model")
    writer.add_name(name)
    _add_measures(writer, config)
    _add_tokenizer(writer, folder, int(config["vocab_size"]))
    kinds = {"f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16)}
    kinds["q8_0"] = (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0)
    kind, file_type = kinds[quant]
    writer.add_file_type(file_type)
    for weight, values in weights:
        arranged = layout.arrange(weight, values)
        if arranged.ndim < 2 or arranged.shape[-1] % _ROUND[quant]:
            writer.add_tensor(layout.name(weight), arranged)
        else:
            writer.add_tensor(layout.name(weight), quantize(arranged, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def shrink(file: Path, target: Path, quant: str) -> None:
    """Make a k-quant of a 16-bit GGUF with llama.cpp's own tool.

    Raises:
        CannotExport: llama.cpp is not installed, or refuses.
    """
    command = [quantiser(quant), str(file), str(target), quant.upper()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotExport(f"{_QUANTISER} refused {quant}: {done.stderr[-300:]}", hint="Export q8_0 or f16.")


def quantiser(quant: str) -> str:
    """Return llama.cpp's own tool that makes GGUFs of this size.

    Raises:
        CannotExport: llama.cpp is not installed.
    """
    tool = shutil.which(_QUANTISER)
    if tool is None:
        raise CannotExport(
            f"{quant} needs llama.cpp, and {_QUANTISER} is not on the PATH.",
            hint=f"Install llama.cpp, or export f16 and run: {_QUANTISER} F16.gguf SMALL.gguf {quant.upper()}; "
            "or export q8_0.",
        )
    return tool


def _rope_base(config: Mapping[str, Any]) -> float:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type") or rope.get("type") or "default"
    if kind != "default":
        raise CannotExport(
            f"Rotary embeddings of type {kind} are not written here.", hint=by_hand("MERGED_FOLDER")
        )
    return float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0)


def _add_measures(writer: GGUFWriter, config: Mapping[str, Any]) -> None:
    heads = int(config["num_attention_heads"])
    head = int(config.get("head_dim") or config["hidden_size"] // heads)
    writer.add_block_count(int(config["num_hidden_layers"]))
    writer.add_context_length(int(config["max_position_embeddings"]))
    writer.add_embedding_length(int(config["hidden_size"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(heads)
    writer.add_head_count_kv(int(config.get("num_key_value_heads") or heads))
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(_rope_base(config))
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_vocab_size(int(config["vocab_size"]))


def _add_tokenizer(writer: GGUFWriter, folder: Path, size: int) -> None:
    from gguf import SpecialVocab, TokenType

    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = [f"[PAD{number}]" for number in range(size)]
    kinds = [TokenType.UNUSED] * size
    for token, number in content["model"]["vocab"].items():
        tokens[number], kinds[number] = token, TokenType.NORMAL
    for added in content["added_tokens"]:
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitting(content))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    SpecialVocab(folder, load_merges=True, n_vocab=size).add_to_gguf(writer)
    writer.add_add_bos_token(False)


def _splitting(content: Mapping[str, Any]) -> str:
    """Return llama.cpp's name for the way a byte-level tokenizer splits text before it merges.

    Raises:
        CannotExport: it is none that we know for sure; a wrong name would split Hangul or digits
            in another way than in training.
    """
    splitter = content.get("pre_tokenizer") or {}
    parts = splitter.get("pretokenizers") or [splitter]
    kinds = [part.get("type") for part in parts]
    patterns = " ".join(str(part.get("pattern", {}).get("Regex", "")) for part in parts)
    if content["model"].get("type") == "BPE" and kinds[-1:] == ["ByteLevel"]:
        if kinds == ["Digits", "ByteLevel"] and parts[0].get("individual_digits"):
            return "smollm"
        if re.search(r"\\p\{N\}\{1,3\}", patterns):
            return "llama-bpe"
        if re.search(r"\\p\{N\}\|", patterns):
            return "qwen2"
    raise CannotExport(
        "This backbone's tokenizer is not one that is written here.", hint=by_hand("MERGED_FOLDER")
    )
