"""What a run must show that has learned the tags."""

from __future__ import annotations

import train
from tests.training.conftest import HELD_OUT, STEPS
from train.run.events import Evaluated, EventTail, Probed
from train.run.folder import RunFolder

EXAMINED = {"B1", "B5", "B9", "D1", "D2", "D3", "A1", "A2", "A3", "A4", "A6"}


def learned_the_tags(folder: RunFolder) -> None:
    """See that greedy answers to held-out rows have the tags, that the backbone's have not, and why."""
    report = train.read_report(folder)
    assert report.tags.drt is not None
    assert report.tags.drt.items == report.tags.backbone.items == HELD_OUT
    assert report.tag_rate.drt is not None
    assert report.tag_rate.drt >= 0.9
    assert report.tag_rate.backbone == 0
    assert report.steps == STEPS
    assert {id: level for id, level in report.checks.items() if level == "fail"} == {}
    assert report.checks.keys() >= EXAMINED
    assert "tags in" in report.verdict()
    events = list(EventTail(folder.events).read())
    probes = [event for event in events if isinstance(event, Probed)]
    assert [probe.step for probe in probes] == [STEPS]
    assert probes[-1].opening > 0.9
    held_out = [event.loss for event in events if isinstance(event, Evaluated)]
    assert held_out[-1] is not None
    assert held_out[-1] < 1, "the backbone's is above 3"
