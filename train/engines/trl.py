"""Plain transformers and PEFT."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from train.run.state import RunState


class TrlEngine:
    """The stock libraries, which run wherever torch does."""

    def load(self, state: RunState) -> Any:
        """Return the backbone; in 4 bits for `qlora`."""
        import torch
        from transformers import AutoModelForCausalLM

        plan = state.plan
        options: dict[str, Any] = {}
        if plan.device == "cuda":
            options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}
        if plan.method == "qlora":
            from transformers import BitsAndBytesConfig

            options["quantization_config"] = BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=getattr(torch, plan.dtype),
            )
        return AutoModelForCausalLM.from_pretrained(
            state.source,
            dtype=getattr(torch, plan.dtype),
            trust_remote_code=state.settings.trust_remote_code,
            **options,
        )

    def adapt(self, model: Any, state: RunState) -> Any:
        """Put LoRA on; the first weights follow the seed."""
        import torch
        from peft import LoraConfig, get_peft_model

        settings = state.settings
        torch.manual_seed(settings.seed)
        return get_peft_model(
            model,
            LoraConfig(
                r=settings.rank,
                lora_alpha=settings.alpha,
                lora_dropout=settings.dropout,
                target_modules=list(settings.targets),
                task_type="CAUSAL_LM",
            ),
        )

    @contextmanager
    def answering(self, model: Any) -> Iterator[None]:
        """Switch dropout off and the cache on."""
        training, cached = model.training, model.config.use_cache
        model.eval()
        model.config.use_cache = True
        try:
            yield
        finally:
            model.train(training)
            model.config.use_cache = cached
