"""Trying an export: it is loaded again, compared with the trained model, and asked held-out prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from train.backbones.backbone import Backbone
from train.chat import ChatTokenizer
from train.doctor import adapter as adapter_checks
from train.doctor import after, serving
from train.doctor.check import Check
from train.export.llama import Llama
from train.export.modelfile import sampling_of
from train.export.models import Reference, choices, load_model
from train.machine import installed
from train.rows import Row
from train.run.folder import RunFolder
from train.run.state import RunState
from train.tags import Sample, TagRate
from train.worker.answers import answers
from train.worker.results import BackboneAnswers


@dataclass(frozen=True, slots=True)
class Trial:
    """What every export of a run has to stand: A4-A6, and S1-S5 where it brings its own server's files."""

    folder: RunFolder
    state: RunState
    backbone: Backbone
    chat: ChatTokenizer
    asked: tuple[Row, ...]
    reference: Reference

    def of_adapter(self, folder: Path) -> tuple[Check, ...]:
        """A1 and A6 of a copied adapter."""
        return (adapter_checks.weights(folder, self.backbone.shape), self._tokenizer(folder))

    def of_merged(self, folder: Path) -> tuple[Check, ...]:
        """A4-A6 of a merged model."""
        model = load_model(str(folder), self.backbone)
        return (
            self.reference.judge(choices(model, self.reference.rows), exact=True),
            self._behaviour(answers(model, self.chat, self.asked, self.state.limits.max_new_tokens)),
            self._tokenizer(folder),
        )

    def of_gguf(self, model: Path, adapter: Path | None, modelfile: str, *, exact: bool) -> tuple[Check, ...]:
        """A4-A6 and S1-S5 of a GGUF, through llama.cpp; `modelfile` is what Ollama would be given."""
        if installed("xllamacpp") is None:
            fix = "pip install 'drt-tui[local]'"
            return (Check("A5", "warn", "It was not tried: llama.cpp is not installed.", fix),)
        rows = self.reference.rows
        llama = Llama(model, self.chat, self.state.limits.context, adapter=adapter)
        chosen = [token for row in rows for token in llama.choices(row)]
        strange = [row.id for row in rows if llama.tokens(self.chat.decode(row.ids)) != row.input_ids]
        samples = llama.answers(self.asked, self.state.limits.max_new_tokens)
        return (
            self.reference.judge(chosen, exact=exact),
            self._behaviour(samples),
            after.tokens(strange),
            *self._served(llama, samples, modelfile),
        )

    def _served(self, llama: Llama, samples: Sequence[Sample], modelfile: str) -> tuple[Check, ...]:
        """S1-S5: llama.cpp's own rendering of the prompt, and how the answers were asked for and ended."""
        messages = self.state.format.prompt("SENTENCE")
        worst = max(samples, key=lambda sample: (sample.cut, sample.tokens))
        prompts = [self.chat.decode(row.ids[: row.prompt]) for row in self.asked]
        return (
            serving.prompt(self.chat.render(messages, ask=True), llama.rendered(messages)),
            serving.messages(messages),
            serving.finish("length" if worst.cut else "stop", worst.tokens, self.state.limits.max_new_tokens),
            serving.sampling(*sampling_of(modelfile)),
            serving.sides([(each, each) for each in prompts], self._beside_the_backbone(samples)),
        )

    def _beside_the_backbone(self, samples: Sequence[Sample]) -> list[tuple[str, str]]:
        """Return what the backbone answered before training, and the export's answer, where both are known."""
        known = BackboneAnswers.of(self.folder)
        said = {sample.id: sample.answer for sample in known.samples} if known is not None else {}
        return [(said[sample.id], sample.answer) for sample in samples if sample.id in said]

    def _behaviour(self, samples: Sequence[Sample]) -> Check:
        return after.behaviour(TagRate.of(samples, self.state.format))

    def _tokenizer(self, folder: Path) -> Check:
        end, padding = self.chat.token_id("eos_token"), self.chat.token_id("pad_token")
        return adapter_checks.tokenizer(folder, self.state.template, end, padding)
