"""Unsloth: the same method with less memory and time on a GPU; its CPU path serves tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from train.engines.engine import EngineUnusable
from train.run.state import RunState


class UnslothEngine:
    """Importing Unsloth patches transformers and TRL, so it happens once, first, in a process of its own."""

    def __init__(self) -> None:
        try:
            from unsloth import FastLanguageModel
        except (ImportError, NotImplementedError, RuntimeError, AttributeError, OSError) as error:
            raise EngineUnusable(f"Unsloth cannot be loaded here: {error}") from error
        self._fast = FastLanguageModel

    def load(self, state: RunState) -> Any:
        """Return the backbone; with 4 bits Unsloth may take its own ready-made copy of it."""
        import torch

        plan = state.plan
        model, _ = self._fast.from_pretrained(
            model_name=state.source,
            max_seq_length=state.settings.max_length,
            dtype=getattr(torch, plan.dtype),
            load_in_4bit=plan.method == "qlora",
            full_finetuning=plan.method == "full",
            trust_remote_code=state.settings.trust_remote_code,
            use_gradient_checkpointing="unsloth" if plan.gradient_checkpointing else False,
        )
        return model

    def adapt(self, model: Any, state: RunState) -> Any:
        """Put LoRA on; the first weights follow the seed."""
        settings = state.settings
        return self._fast.get_peft_model(
            model,
            r=settings.rank,
            lora_alpha=settings.alpha,
            lora_dropout=settings.dropout,
            target_modules=list(settings.targets),
            use_gradient_checkpointing="unsloth" if state.plan.gradient_checkpointing else False,
            random_state=settings.seed,
        )

    @contextmanager
    def answering(self, model: Any) -> Iterator[None]:
        """Switch between Unsloth's modes for inference and training."""
        training = model.training
        self._fast.for_inference(model)
        try:
            yield
        finally:
            if training:
                self._fast.for_training(model)
