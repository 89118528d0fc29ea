"""The section `[train]`: what a person may choose of a training run, with the reason for each default."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from data.records import Status

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

EngineName = Literal["unsloth", "trl"]


class TrainSettings(BaseModel):
    """Settings of one run. `auto` and `None` are decided when the run is planned, and shown there."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    engine: Literal["auto", "unsloth", "trl"] = Field(
        default="auto",
        description="What trains. auto: Unsloth where it can use a GPU (faster, less memory), else plain TRL.",
    )
    backbone: str = Field(
        default="Qwen/Qwen2.5-7B-Instruct",
        description="Model to start from: a Hugging Face id, a folder, or built-in. "
        "Qwen2.5-7B-Instruct is what the published DRT models grew from, and 4-bit it fits a 12 GB GPU.",
    )
    method: Literal["auto", "qlora", "lora", "full"] = Field(
        default="auto",
        description="auto: LoRA on 4-bit weights (qlora) on an NVIDIA GPU, LoRA on 16- or 32-bit weights elsewhere. "
        "full trains every weight and needs about ten times the memory.",
    )

    outputs_only: bool = Field(
        default=False,
        description="Train the same rows without their thoughts: the baseline that shows what the thoughts add.",
    )
    uncurated: bool = Field(
        default=False,
        description="Train the candidates of the judged sentences as they were made: "
        "the baseline that shows what judging adds.",
    )
    statuses: tuple[Status, ...] = Field(
        default=(Status.ACCEPTED, Status.EDITED),
        description="Which rows. Rows accepted in bulk (auto) are left out, because nobody read them.",
    )
    unfit: Literal["stop", "drop"] = Field(
        default="stop",
        description="What to do with rows that cannot be trained (too long, tags or control tokens inside). "
        "stop: a run never trains on fewer rows than it showed.",
    )
    valid: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="Share of the idioms held out where the set has no rows for validation of its own. "
        "Whole idioms, because a sentence of a trained idiom is no test.",
    )
    seed: int = Field(default=0, ge=0, description="Order of rows, held-out idioms and first weights.")

    rank: int = Field(
        default=16, ge=1, le=512, description="LoRA rank. 16 learns the format; servers accept it unasked."
    )
    alpha: int = Field(default=16, ge=1, description="LoRA scale; equal to the rank it changes nothing else.")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="LoRA dropout. 0: runs repeat exactly, and Unsloth is fastest."
    )
    targets: tuple[str, ...] = Field(
        default=PROJECTIONS,
        min_length=1,
        description="Modules with LoRA. All seven projections: attention alone learns the format slowly.",
    )

    learning_rate: float | None = Field(
        default=None,
        gt=0,
        description="None: 2e-4 for LoRA, 1e-5 for full training; LoRA at a full-training rate learns nothing.",
    )
    epochs: float = Field(default=3, gt=0, description="Passes over the rows; the published models took 3.")
    max_steps: int | None = Field(
        default=None, ge=1, description="Stop after so many steps; None: by epochs."
    )
    batch: int = Field(default=2, ge=1, description="Rows at once on the device; 2 fits small GPUs.")
    accumulation: int = Field(
        default=4, ge=1, description="Batches a step. 2 × 4 = 8 rows a step, as the published models."
    )
    schedule: Literal["linear", "cosine", "constant"] = Field(
        default="linear", description="How the learning rate falls; linear is Unsloth's default."
    )
    warmup: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="Share of the steps until the rate is reached; spares the first ones.",
    )
    weight_decay: float = Field(default=0.001, ge=0, description="Small: adapters are small already.")
    max_grad_norm: float = Field(default=1.0, gt=0, description="Longer gradients are scaled down to this.")
    max_length: int = Field(
        default=2048,
        ge=32,
        description="Tokens a row may have; longer ones are refused, never cut. Batches are padded to "
        "their own longest row, so a generous limit costs nothing.",
    )

    eval_every: int | None = Field(
        default=None, ge=1, description="Steps between evaluations with sample answers; None: ten in a run."
    )
    save_every: int | None = Field(
        default=None,
        ge=1,
        description="Steps between checkpoints; None: five in a run. Stopping always saves one.",
    )
    probes: int = Field(default=3, ge=0, description="Held-out rows answered at each evaluation.")
    tag_rows: int = Field(
        default=20,
        ge=1,
        description="Held-out rows answered at the end, by backbone and model, for the tag rate.",
    )

    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        default="auto", description="auto: bfloat16 where the hardware computes in it, else float32."
    )
    gradient_checkpointing: bool | None = Field(
        default=None,
        description="Recompute activations to save memory. None: on a GPU yes, on a CPU no (it halves the speed).",
    )
    optimizer: Literal["auto", "adamw_torch_fused", "adamw_8bit"] = Field(
        default="auto", description="auto: 8-bit AdamW on an NVIDIA GPU, else torch's fused AdamW."
    )
    threads: int | None = Field(default=None, ge=1, description="CPU threads; None: all cores.")
    gpus: int = Field(
        default=1, ge=1, description="GPUs, each with a copy of the model, through accelerate launch."
    )
    trust_remote_code: bool = Field(
        default=False,
        description="Run code that the backbone's repository brings. Off: it could do anything.",
    )

    @property
    def rows_per_step(self) -> int:
        """Rows that one optimiser step learns from, over all GPUs."""
        return self.batch * self.accumulation * self.gpus
