"""Machines and a backbone that nobody needs to own."""

from __future__ import annotations

from dataclasses import replace

from train.backbones.shape import Shape
from train.machine import GIB, Gpu, Machine

INSTALLED = {
    "torch": "2.13.0+cpu", "transformers": "5.17.0", "trl": "1.13.0", "peft": "0.21.2", "datasets": "4.8.5",
}  # fmt: skip
LAPTOP = Machine(cores=8, memory=16 * GIB, free=12 * GIB, gpus=(), bfloat16=False)
GPU_BOX = replace(LAPTOP, gpus=(Gpu("RTX 4090", 24 * GIB, 23 * GIB, (8, 9)),), bfloat16=True)
QWEN_7B = Shape("qwen2", 28, 3584, 18944, 28, 4, 128, 152064, tied=False, context=32768)
