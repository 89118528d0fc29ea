"""Every form of export of a real run, made by the command line and tried as a stranger would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stubs.command_line import drt_tui
from tests.training.conftest import FORMAT
from train.run.folder import RunFolder

PASSED = {"A1", "A5", "A6", "S1", "S2", "S4", "S5"}
"""What does not hang on how well a small model learned in a minute."""


def test_every_export_is_the_trained_model(trained_run: RunFolder, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    name, project = trained_run.root.name, trained_run.root.parents[1]
    forms = [word for form in ("adapter", "merged", "gguf", "gguf-lora") for word in ("--form", form)]
    ended = drt_tui("export-model", name, *forms, "-o", tmp_path, "--project", project, "--json")
    assert ended.code == 0, ended.out
    assert [each["form"] for each in ended.data["exported"]] == ["adapter", "gguf-lora", "gguf", "merged"]
    levels = ended.data["checks"]
    assert "fail" not in levels.values()
    assert {id for id, level in levels.items() if level == "pass"} >= PASSED
    modelfile = (tmp_path / f"Modelfile.{name}-q8_0").read_text()
    assert f"FROM ./{name}-q8_0.gguf" in modelfile
    assert 'PARAMETER stop "<|im_end|>"' in modelfile
    card = (tmp_path / "README.md").read_text()
    assert "of held-out answers; backbone 0%" in card
    assert FORMAT.fingerprint in card
    assert "merged" in ended.err
