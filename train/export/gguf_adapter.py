"""A LoRA adapter as GGUF: llama.cpp puts it over the backbone's own GGUF, so weights are shared."""

from __future__ import annotations

import json
import re
from pathlib import Path

from train.backbones.backbone import Backbone
from train.errors import CannotExport
from train.export.gguf_layout import Layout

_KEY = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<part>[AB])\.weight")


def write_adapter(adapter: Path, backbone: Backbone, file: Path) -> None:
    """Write the adapter of a folder as GGUF, in 32 bits (it is small).

    Raises:
        CannotExport: the adapter has parts that llama.cpp knows nothing of.
    """
    from gguf import GGUFWriter
    from safetensors import safe_open

    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    if config.get("use_dora") or config.get("use_rslora") or config.get("modules_to_save"):
        raise CannotExport(
            "llama.cpp takes plain LoRA adapters only.", hint="Export the merged model as GGUF."
        )
    layout = Layout.of(backbone.config)
    writer = GGUFWriter(str(file), layout.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    with safe_open(str(adapter / "adapter_model.safetensors"), framework="pt") as tensors:
        for key in tensors.keys():  # noqa: SIM118 - no mapping, only this method
            match = _KEY.fullmatch(key)
            if match is None:
                raise CannotExport(
                    f"llama.cpp knows no weight {key}.", hint="Export the merged model as GGUF."
                )
            weight = f"{match['module']}.weight"
            values = tensors.get_tensor(key).float().numpy()
            if match["part"] == "B":
                values = layout.arrange(weight, values)
            writer.add_tensor(f"{layout.name(weight)}.lora_{match['part'].lower()}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
