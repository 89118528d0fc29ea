"""Making the exports of a run, in a process that may load torch; each is loaded again and tried."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from train.backbones import builtin
from train.doctor import adapter as adapter_checks
from train.doctor.check import Check
from train.errors import CannotExport
from train.export import gguf_adapter, gguf_model
from train.export.companions import Companions
from train.export.forms import Exported, ExportReport, ExportRequest, Form
from train.export.gguf_layout import Layout
from train.export.models import weights_of
from train.export.subject import Subject
from train.export.trial import Trial
from train.manifest import MANIFEST
from train.run.step import Tell

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
        self._request = request
        self._out = Path(request.out)
        self._tell = tell
        self._subject = Subject.of(Path(request.run), request.checked_rows)
        self._companions = Companions(self._subject, self._out)

    def make(self) -> ExportReport:
        self._refuse_early()
        self._out.mkdir(parents=True, exist_ok=True)
        self._tell("loading the trained model")
        model, trial = self._subject.load()
        made: list[Exported] = []
        if "adapter" in self._request.forms:
            made.append(self._adapter(trial))
        if "gguf-lora" in self._request.forms:
            made.append(self._gguf_lora(trial))
        if {"merged", "gguf"} & set(self._request.forms):
            merged = model.merge_and_unload(safe_merge=True) if self._subject.lora else model
            if "gguf" in self._request.forms:
                made += self._ggufs(merged, trial)
            if "merged" in self._request.forms:
                target = self._write_merged(merged)
                del merged, model
                gc.collect()
                self._tell("trying merged")
                made.append(_exported("merged", target, trial.of_merged(target)))
        files = self._companions.write([Path(each.path).name for each in made])
        return ExportReport(run=self._subject.state.id, exported=tuple(made), files=tuple(files))

    def _refuse_early(self) -> None:
        subject = self._subject
        if not subject.lora and {"adapter", "gguf-lora"} & set(self._request.forms):
            raise CannotExport("A fully trained model has no adapter.", hint="Export it as merged or gguf.")
        if subject.lora:
            files = adapter_checks.weights(subject.folder.adapter, subject.backbone.shape)
            if files.level == "fail":  # merged, it would be the backbone again
                raise CannotExport(files.message, hint=files.fix)
        if "gguf-lora" in self._request.forms:
            Layout.of(subject.backbone.config)
        if "gguf" in self._request.forms:
            gguf_model.insist_on_writing(subject.backbone.folder, subject.backbone.config)
            for quant in set(self._request.quants) - set(gguf_model.OWN_QUANTS):
                gguf_model.quantiser(quant)

    def _adapter(self, trial: Trial) -> Exported:
        target = self._out / "adapter"
        shutil.copytree(self._subject.folder.adapter, target, dirs_exist_ok=True)
        return _exported("adapter", target, trial.of_adapter(target))

    def _write_merged(self, merged: Any) -> Path:
        import torch

        self._tell("writing merged")
        target, config = self._out / "merged", self._subject.backbone.config
        stored = str(config.get("dtype") or config.get("torch_dtype") or "bfloat16")
        merged.to(torch.bfloat16 if stored == "float32" else getattr(torch, stored)).save_pretrained(target)
        for name in _TOKENIZER_FILES:
            if (self._subject.folder.adapter / name).exists():
                shutil.copy2(self._subject.folder.adapter / name, target / name)
        return target

    def _ggufs(self, merged: Any, trial: Trial) -> Iterator[Exported]:
        whole: Path | None = None
        for quant in sorted(self._request.quants, key=lambda quant: quant not in gguf_model.OWN_QUANTS):
            file = self._file(quant)
            if quant in gguf_model.OWN_QUANTS:
                self._write_gguf(merged, file, quant)
            else:
                if whole is None:
                    whole = self._file("f16")
                    if not whole.exists():
                        self._write_gguf(merged, whole, "f16")
                self._tell(f"shrinking it to {quant}")
                gguf_model.shrink(whole, file, quant)
            modelfile = self._companions.modelfile(f"./{file.name}")
            self._tell(f"trying {file.name}")
            checks = trial.of_gguf(file, None, modelfile, exact=quant == "f16")
            yield _exported("gguf", file, checks)
        if whole is not None and "f16" not in self._request.quants:
            whole.unlink()

    def _write_gguf(self, merged: Any, file: Path, quant: gguf_model.OwnQuant) -> None:
        self._tell(f"writing {file.name}")
        subject = self._subject
        gguf_model.write_model(weights_of(merged), subject.backbone.folder, file, quant, subject.state.id)

    def _gguf_lora(self, trial: Trial) -> Exported:
        subject = self._subject
        file = self._out / f"{subject.state.id}-lora.gguf"
        self._tell(f"writing {file.name}")
        gguf_adapter.write_adapter(subject.folder.adapter, subject.backbone, file)
        if subject.backbone.kind != "built-in":
            self._companions.modelfile("BACKBONE.gguf", f"./{file.name}")
            message = "No GGUF of the backbone is here to try the adapter on."
            fix = f"llama-server -m BACKBONE.gguf --lora {file.name}, then ask it."
            return _exported("gguf-lora", file, (Check("A5", "warn", message, fix),))
        base = builtin.gguf_file()
        modelfile = self._companions.modelfile(str(base), f"./{file.name}")
        self._tell(f"trying {file.name}")
        return _exported("gguf-lora", file, trial.of_gguf(base, file, modelfile, exact=False))

    def _file(self, quant: str) -> Path:
        return self._out / f"{self._subject.state.id}-{quant}.gguf"


def _exported(form: Form, path: Path, checks: tuple[Check, ...]) -> Exported:
    files = path.rglob("*") if path.is_dir() else [path]
    return Exported(
        form=form, path=str(path), bytes=sum(file.stat().st_size for file in files), checks=checks
    )
