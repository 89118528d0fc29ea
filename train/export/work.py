"""Making the exports of a run, in a process that may load torch; each is loaded again and checked."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from train.backbones import builtin
from train.backbones.backbone import Backbone, find_backbone
from train.chat import ChatTokenizer
from train.doctor import adapter as adapter_checks
from train.doctor import after
from train.doctor.check import Check
from train.errors import CannotExport, RunProblem
from train.export import gguf_adapter, gguf_model
from train.export.card import model_card
from train.export.forms import Exported, ExportReport, ExportRequest, Form
from train.export.llama import Llama
from train.export.modelfile import modelfile
from train.export.models import Reference, choices, load_model, weights_of
from train.machine import installed
from train.manifest import MANIFEST
from train.report import read_report
from train.rows import Row, read_rows
from train.run.folder import RunFolder
from train.run.state import RunState, read_state
from train.run.step import Tell
from train.tags import Sample, TagRate
from train.worker.answers import answers

_COMPARED = 3
"""Held-out answers over which an export's choices are compared with the trained model's."""
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    MANIFEST,
)


def export(request: ExportRequest, tell: Tell) -> ExportReport:
    """Make all forms that were asked for.

    Raises:
        CannotExport: a form is not possible for this run.
        RunProblem: the run is not done.
    """
    return _Export(request, tell).make()


class _Export:
    def __init__(self, request: ExportRequest, tell: Tell) -> None:
        self.request = request
        self.tell = tell
        self.folder = RunFolder(Path(request.run))
        self.out = Path(request.out)
        self.state: RunState = read_state(self.folder)
        if not self.folder.adapter.exists():
            raise RunProblem(
                f"Run {self.folder.id} is {self.state.status}: it has learned nothing yet.", hint="Resume it."
            )
        self.lora = (self.folder.adapter / "adapter_config.json").exists()
        self.backbone: Backbone = find_backbone(self.state.settings.backbone)
        self.chat = ChatTokenizer.load(self.folder.adapter)
        rows = read_rows(self.folder.valid_rows) or read_rows(self.folder.train_rows)
        self.asked = tuple(rows[: request.checked_rows])
        self.compared = tuple(rows[:_COMPARED])
        self.modelfiles: list[tuple[str, str | None]] = []

    def make(self) -> ExportReport:
        self._refuse_early()
        self.out.mkdir(parents=True, exist_ok=True)
        made: list[Exported] = []
        model, reference = self._trained()
        if "adapter" in self.request.forms:
            made.append(self._adapter())
        if "gguf-lora" in self.request.forms:
            made.append(self._gguf_lora(reference))
        if {"merged", "gguf"} & set(self.request.forms):
            merged = model.merge_and_unload(safe_merge=True) if self.lora else model
            if "gguf" in self.request.forms:
                made += self._ggufs(merged, reference)
            if "merged" in self.request.forms:
                self._write_merged(merged)
                del merged, model
                gc.collect()
                made.append(self._check_merged(reference))
        files = self._companions([Path(each.path).name for each in made])
        return ExportReport(run=self.state.id, exported=tuple(made), files=tuple(files))

    def _refuse_early(self) -> None:
        if not self.lora and {"adapter", "gguf-lora"} & set(self.request.forms):
            raise CannotExport("A fully trained model has no adapter.", hint="Export it as merged or gguf.")
        if self.lora:
            files = adapter_checks.weights(self.folder.adapter, self.backbone.shape)
            if files.level == "fail":  # merged, it would be the backbone again
                raise CannotExport(files.message, hint=files.fix)

    def _trained(self) -> tuple[Any, Reference]:
        """Return the trained model over 16- or 32-bit weights, and its first choices."""
        model = load_model(self.backbone.source if self.lora else str(self.folder.adapter), self.backbone)
        if not self.lora:
            return model, Reference(self.compared, choices(model, self.compared), None)
        from peft import PeftModel

        base = choices(model, self.compared)
        model = PeftModel.from_pretrained(model, self.folder.adapter)
        return model, Reference(self.compared, choices(model, self.compared), base)

    def _adapter(self) -> Exported:
        target = self.out / "adapter"
        shutil.copytree(self.folder.adapter, target, dirs_exist_ok=True)
        return self._exported(
            "adapter", target, (adapter_checks.weights(target, self.backbone.shape), self._tokenizer(target))
        )

    def _write_merged(self, merged: Any) -> None:
        import torch

        target = self.out / "merged"
        stored = str(
            self.backbone.config.get("dtype") or self.backbone.config.get("torch_dtype") or "bfloat16"
        )
        merged.to(torch.bfloat16 if stored == "float32" else getattr(torch, stored)).save_pretrained(target)
        for name in _TOKENIZER_FILES:
            if (self.folder.adapter / name).exists():
                shutil.copy2(self.folder.adapter / name, target / name)

    def _check_merged(self, reference: Reference) -> Exported:
        target = self.out / "merged"
        model = load_model(str(target), self.backbone)
        checks = (
            reference.judge(choices(model, self.compared), exact=True),
            self._behaviour(lambda rows, limit: answers(model, self.chat, rows, limit)),
            self._tokenizer(target),
        )
        return self._exported("merged", target, checks)

    def _ggufs(self, merged: Any, reference: Reference) -> Iterator[Exported]:
        whole: Path | None = None
        for quant in sorted(self.request.quants, key=lambda quant: quant not in gguf_model.OWN_QUANTS):
            file = self._file(quant)
            if quant in gguf_model.OWN_QUANTS:
                self._write_gguf(merged, file, quant)
            else:
                if whole is None:
                    whole = self._file("f16")
                    if not whole.exists():
                        self._write_gguf(merged, whole, "f16")
                gguf_model.shrink(whole, file, quant)
            self.modelfiles.append((f"./{file.name}", None))
            yield self._check_gguf("gguf", file, file, None, reference, exact=quant == "f16")
        if whole is not None and "f16" not in self.request.quants:
            whole.unlink()

    def _write_gguf(self, merged: Any, file: Path, quant: gguf_model.OwnQuant) -> None:
        gguf_model.write_model(weights_of(merged), self.backbone.folder, file, quant, self.state.id)

    def _gguf_lora(self, reference: Reference) -> Exported:
        file = self.out / f"{self.state.id}-lora.gguf"
        gguf_adapter.write_adapter(self.folder.adapter, self.backbone, file)
        if self.backbone.kind != "built-in":
            self.modelfiles.append(("BACKBONE.gguf", f"./{file.name}"))
            message = "No GGUF of the backbone is here to try the adapter on."
            check = Check(
                "A5", "warn", message, f"llama-server -m BACKBONE.gguf --lora {file.name}, then ask it."
            )
            return self._exported("gguf-lora", file, (check,))
        base = builtin.gguf_file()
        self.modelfiles.append((str(base), f"./{file.name}"))
        return self._check_gguf("gguf-lora", file, base, file, reference, exact=False)

    def _check_gguf(
        self, form: Form, file: Path, model: Path, adapter: Path | None, reference: Reference, *, exact: bool
    ) -> Exported:
        if installed("xllamacpp") is None:
            check = Check(
                "A5", "warn", "It was not tried: llama.cpp is not installed.", "pip install 'drt-tui[local]'"
            )
            return self._exported(form, file, (check,))
        llama = Llama(model, self.chat, self.state.limits.context, adapter=adapter)
        chosen = [token for row in reference.rows for token in llama.choices(row)]
        strange = [
            row.id for row in reference.rows if llama.tokens(self.chat.decode(row.ids)) != row.input_ids
        ]
        checks = (
            reference.judge(chosen, exact=exact),
            self._behaviour(llama.answers),
            after.tokens(strange),
        )
        return self._exported(form, file, checks)

    def _behaviour(self, ask: Callable[[Sequence[Row], int], list[Sample]]) -> Check:
        return after.behaviour(
            TagRate.of(ask(self.asked, self.state.limits.max_new_tokens), self.state.format)
        )

    def _tokenizer(self, folder: Path) -> Check:
        end, padding = self.chat.token_id("eos_token"), self.chat.token_id("pad_token")
        return adapter_checks.tokenizer(folder, self.state.template, end, padding)

    def _companions(self, made: Sequence[str]) -> list[str]:
        """Write a Modelfile for each GGUF and the card."""
        names = []
        for base, adapter in self.modelfiles:
            name = "Modelfile" if len(self.modelfiles) == 1 else f"Modelfile.{Path(adapter or base).stem}"
            text = modelfile(base, self.state.format, self.chat, self.state.limits, adapter)
            (self.out / name).write_text(text, encoding="utf-8")
            names.append(name)
        report = read_report(self.folder) if self.folder.report.exists() else None
        (self.out / "README.md").write_text(model_card(self.state, report, [*made, *names]), encoding="utf-8")
        return [*names, "README.md"]

    def _file(self, quant: str) -> Path:
        return self.out / f"{self.state.id}-{quant}.gguf"

    def _exported(self, form: Form, path: Path, checks: tuple[Check, ...]) -> Exported:
        files = path.rglob("*") if path.is_dir() else [path]
        return Exported(
            form=form, path=str(path), bytes=sum(file.stat().st_size for file in files), checks=checks
        )
