"""What goes with an export: a Modelfile for each GGUF, and the card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from train.export.card import model_card
from train.export.modelfile import modelfile
from train.export.subject import Subject
from train.report import read_report


class Companions:
    """Collects Modelfiles while exports are made; writes all at the end, when it is known how many there are."""

    def __init__(self, subject: Subject, out: Path) -> None:
        self._subject = subject
        self._out = out
        self._modelfiles: list[tuple[str, str]] = []
        """Stem of the GGUF it is for, and text."""

    def modelfile(self, base: str, adapter: str | None = None) -> str:
        """Add the Modelfile of a GGUF, and return its text."""
        subject = self._subject
        text = modelfile(base, subject.state.format, subject.chat, subject.state.limits, adapter)
        self._modelfiles.append((Path(adapter or base).stem, text))
        return text

    def write(self, made: Sequence[str]) -> list[str]:
        """Write Modelfiles and card; return their names."""
        names = []
        for stem, text in self._modelfiles:
            name = "Modelfile" if len(self._modelfiles) == 1 else f"Modelfile.{stem}"
            (self._out / name).write_text(text, encoding="utf-8")
            names.append(name)
        folder = self._subject.folder
        report = read_report(folder) if folder.report.exists() else None
        card = model_card(self._subject.state, report, [*made, *names])
        (self._out / "README.md").write_text(card, encoding="utf-8")
        return [*names, "README.md"]
