"""Adapters of a tiny model, sound and spoilt, made with the real library, and another model of its shape.

`python make_adapters.py BACKBONE OUT`.
"""

from __future__ import annotations

import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from data.format import Format
from train.backbones.weight_sample import WeightSample
from train.manifest import Manifest

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main(backbone: Path, out: Path) -> None:
    from transformers import AutoTokenizer

    from tests.stubs.tiny_backbone import write_tiny_weights

    write_tiny_weights(backbone)
    backbone_weights = WeightSample.of(_plain(backbone))
    for name, make in (("sound", once), ("nested", twice), ("untrained", untrained)):
        make(backbone).save_pretrained(out / name)
        AutoTokenizer.from_pretrained(backbone).save_pretrained(out / name)
        if name != "nested":
            manifest(backbone).write(out / name)
            backbone_weights.write(out / name)
    another = out / "another-backbone"
    shutil.copytree(backbone, another)
    write_tiny_weights(another, seed=1)


def manifest(backbone: Path) -> Manifest:
    """What a run would have written, with an end to answers that never end by themselves."""
    return Manifest(
        run="001",
        backbone=str(backbone),
        format=Format("ko", "en"),
        fingerprint="",
        template="",
        dataset="",
        max_new_tokens=32,
        context=512,
    )


def once(backbone: Path) -> Any:
    """LoRA put on once, with weights that do something."""
    return _stirred(_wrapped(_plain(backbone)))


def twice(backbone: Path) -> Any:
    """The cell that puts LoRA on was run again, over the model that it had returned."""
    return _stirred(_wrapped(_wrapped(_plain(backbone))))


def untrained(backbone: Path) -> Any:
    """LoRA as it begins: every B matrix is zero."""
    return _wrapped(_plain(backbone))


def _plain(backbone: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(backbone)


def _wrapped(model: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return get_peft_model(model, LoraConfig(r=4, target_modules=TARGETS, task_type="CAUSAL_LM"))


def _stirred(model: Any) -> Any:
    import torch

    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.5)
    return model


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
