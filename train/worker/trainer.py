"""TRL's trainer over our rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from train.rows import IGNORED, Row
from train.run.folder import RunFolder
from train.run.state import RunState

_KEPT_CHECKPOINTS = 3


class Batches:
    """Pads rows to a batch; keeps the first one for check D1 and counts tokens as they pass."""

    def __init__(self, tokenizer: Any) -> None:
        from transformers import DataCollatorForSeq2Seq

        self._pad = DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=IGNORED)
        self.first: dict[str, list[list[int]]] | None = None
        self.tokens = 0

    def __call__(self, features: Sequence[dict[str, Any]], return_tensors: str | None = None) -> Any:
        """Return a batch of tensors."""
        batch = self._pad(features, return_tensors)
        if self.first is None:
            self.first = {name: batch[name].tolist() for name in ("input_ids", "labels", "attention_mask")}
        self.tokens += int(batch["attention_mask"].sum())
        return batch


def build_trainer(
    model: Any, tokenizer: Any, folder: RunFolder, state: RunState, train: Sequence[Row], valid: Sequence[Row]
) -> Any:
    """Return a trainer that has nothing left to prepare: rows are token ids and labels already."""
    from trl import SFTConfig, SFTTrainer

    known = {each.name for each in fields(SFTConfig)}
    options = {name: value for name, value in _options(folder, state, train, valid).items() if name in known}
    return SFTTrainer(
        model=model,
        args=SFTConfig(**options),
        train_dataset=_dataset(train),
        eval_dataset=_dataset(valid) if valid else None,
        processing_class=tokenizer,
        data_collator=Batches(tokenizer),
    )


def _options(
    folder: RunFolder, state: RunState, train: Sequence[Row], valid: Sequence[Row]
) -> dict[str, Any]:
    """Every option that matters, said aloud: defaults differ between releases, and between engines."""
    settings, plan = state.settings, state.plan
    on_gpu = plan.device == "cuda"
    return {
        "output_dir": str(folder.checkpoints),
        "max_steps": plan.steps,
        "per_device_train_batch_size": settings.batch,
        "per_device_eval_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulation,
        "learning_rate": plan.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_steps": round(settings.warmup * plan.steps),
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "optim": plan.optimizer,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": not on_gpu,
        "bf16": on_gpu and plan.dtype != "float16",
        "fp16": on_gpu and plan.dtype == "float16",
        "gradient_checkpointing": plan.gradient_checkpointing,
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if plan.gradient_checkpointing else None,
        # Rows are never cut, joined or filled up by the library: this length is the longest row's.
        "max_length": max(len(row.ids) for row in (*train, *valid)),
        "packing": False,
        "eval_packing": False,
        "padding_free": False,
        "prediction_loss_only": True,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # the filter hides a NaN as the last good loss
        "eval_strategy": "steps" if valid else "no",
        "eval_steps": plan.eval_every,
        "save_strategy": "steps",
        "save_steps": plan.save_every,
        "save_total_limit": _KEPT_CHECKPOINTS,
        "load_best_model_at_end": False,
        "remove_unused_columns": True,
        "dataloader_pin_memory": on_gpu,
        "disable_tqdm": True,
        "report_to": "none",
    }


def _dataset(rows: Sequence[Row]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )
