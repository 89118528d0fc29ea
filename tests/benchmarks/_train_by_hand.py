"""The same training as a notebook would do it: `python _train_by_hand.py ENGINE ROWS STEPS THREADS`."""

import json
import os
import sys
import time
from pathlib import Path

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main(engine, rows, steps, threads):
    os.environ.update(OMP_NUM_THREADS=threads, UNSLOTH_DISABLE_STATISTICS="1", TOKENIZERS_PARALLELISM="false")
    if engine == "unsloth":
        from unsloth import FastLanguageModel
    import torch
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from train.backbones.builtin import unpacked

    ends = []

    class Clock(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if logs and "loss" in logs:
                ends.append((time.time(), time.process_time()))

    folder = str(unpacked())
    if engine == "unsloth":
        model, _ = FastLanguageModel.from_pretrained(folder, dtype=torch.bfloat16, load_in_4bit=False)
        model = FastLanguageModel.get_peft_model(
            model, r=16, lora_alpha=16, target_modules=TARGETS, use_gradient_checkpointing=False
        )
    else:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
        model = get_peft_model(
            model, LoraConfig(r=16, lora_alpha=16, target_modules=TARGETS, task_type="CAUSAL_LM")
        )
    lines = [json.loads(line) for line in Path(rows).read_text(encoding="utf-8").splitlines()]
    ids = [line["input_ids"] for line in lines]
    labels = [[-100] * line["prompt"] + line["input_ids"][line["prompt"] :] for line in lines]
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            "out", per_device_train_batch_size=4, max_steps=steps, learning_rate=1e-3, logging_steps=1,
            report_to="none", use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no",
            optim="adamw_torch_fused",
        ),
        train_dataset=Dataset.from_dict({"input_ids": ids, "labels": labels}),
        processing_class=AutoTokenizer.from_pretrained(folder),
        callbacks=[Clock()],
    )  # fmt: skip
    trainer.train()
    wall, cpu = ((last - first) / (len(ends) - 1) for first, last in zip(ends[0], ends[-1], strict=True))
    print(json.dumps({"wall": wall, "cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
