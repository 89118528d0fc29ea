"""A2-A4 of somebody's adapter, in a process that may load torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train.backbones.weight_sample import WeightSample
from train.chat import ChatTokenizer
from train.doctor import after
from train.doctor.check import Check
from train.doctor.foreign import AdapterQuestion, AdapterVerdict
from train.rows import encode
from train.run.step import Tell
from train.tags import TagRate
from train.worker.answers import answers, likelihood, logits

_LONGEST = 4096


def examine_adapter(question: AdapterQuestion, tell: Tell) -> AdapterVerdict:
    """Load the adapter over its backbone and ask both."""
    tell("loading the adapter over its backbone")
    model, loading = _load(question)
    if model is None or loading.level == "fail":
        return AdapterVerdict(checks=(loading,))
    chat = ChatTokenizer.load(Path(question.backbone))
    rows, _ = encode(question.items, question.format, chat, _LONGEST)
    first_tag = question.format.answer("", "").split("\n", 1)[0]
    seen, changed = likelihood(model, chat, rows, first_tag), logits(model, rows[0])
    with model.disable_adapter():
        without, plain = likelihood(model, chat, rows, first_tag), logits(model, rows[0])
    tell(f"asking it {len(rows)} prompts")
    rate = TagRate.of(answers(model, chat, rows, question.max_new_tokens), question.format)
    return AdapterVerdict(
        checks=(
            loading,
            after.effect(float((changed - plain).abs().max()), seen.loss, without.loss),
            after.behaviour(rate),
        )
    )


def _load(question: AdapterQuestion) -> tuple[Any, Check]:
    """Return the model with the adapter on, and A2.

    A fresh adapter is put on first, so that what is missing in the file can be told by name.
    """
    import torch
    from peft import PeftConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(question.source, dtype=torch.float32)
    trained = WeightSample.read(Path(question.adapter))
    here = WeightSample.of(model)
    if trained is not None and trained.is_of_another(here):
        return None, after.recognised(trained.difference(here), question.named or question.backbone)
    config = PeftConfig.from_pretrained(question.adapter)
    config.inference_mode = False
    try:
        model = get_peft_model(model, config)
        found = model.load_adapter(question.adapter, adapter_name="examined")
    except (RuntimeError, ValueError) as error:
        fix = "Give the backbone that it was trained from: --backbone."
        return None, Check("A2", "fail", f"It does not fit this backbone: {str(error)[:200]}", fix)
    model.set_adapter("examined")
    model.eval()
    loaded = after.loaded(found.missing_keys, found.unexpected_keys)
    if loaded.level == "pass" and trained is None and question.named:
        return model, after.renamed(question.named, question.source)
    return model, loaded
