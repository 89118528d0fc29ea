"""Full training, of a model so small that it takes seconds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import train
from data.format import Format
from tests.stubs.short_rows import short_items
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.selection import divide


def test_every_weight_is_trained_and_the_whole_model_saved(tmp_path: Path) -> None:
    backbone = write_tiny_backbone(tmp_path / "backbone")
    root = Path(__file__).parents[2]
    make = "import sys; from pathlib import Path; from tests.stubs.tiny_backbone import write_tiny_weights as w; w(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", make, str(backbone)], cwd=root, check=True, capture_output=True)
    settings = train.TrainSettings(
        engine="trl",
        backbone=str(backbone),
        method="full",
        max_steps=6,
        batch=4,
        accumulation=1,
        tag_rows=2,
        probes=1,
    )
    selection = divide([(item, None) for item in short_items(12)], 0.2, 0)
    prepared = train.preflight(selection, settings, Format("ko", "en"), tmp_path / "runs")
    assert prepared.report.plan.dtype == "float32"
    run = train.start(tmp_path / "runs", prepared, settings)
    list(train.follow(run.folder))
    report = train.read_report(run.folder)
    assert report.status == "done"
    assert report.loss is not None
    assert report.loss[1] < report.loss[0]
    assert "A1" not in report.checks
    assert (run.folder.adapter / "model.safetensors").exists()
    assert (run.folder.adapter / "chat_template.jinja").exists()
