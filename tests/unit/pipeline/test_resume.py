"""Killed at any moment and started again, a run pays for nothing twice but what was in flight."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from data.records import Sentence, Status, sentence_id
from data.store import Dataset, ProjectFolder
from tests.stubs.autogen_worker import AT_ONCE, SENTENCES

ROOT = Path(__file__).parents[3]
SEEDS = int(os.environ.get("DRT_SOAK_SEEDS", "10"))


def work(folder: Path, *arguments: str) -> int:
    command = [sys.executable, "-m", "tests.stubs.autogen_worker", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_killed_run_pays_for_nothing_twice(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    workflow = ("evaluate-first", "advise-first")[seed % 2]
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        texts = [f"문장 {number}." for number in range(2 * SENTENCES)]
        dataset.add_sentences(Sentence(id=sentence_id(text), source=text) for text in texts)
    kills = 0
    for _ in range(2):
        moment = str(chance.randint(5, 120)) if chance.random() < 0.7 else f"{chance.uniform(0.4, 1.2):.3f}"
        kills += work(tmp_path, workflow, moment) != 0
    if work(tmp_path, workflow) != 0:
        pytest.fail("the last run was not to be killed")

    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        done = dataset.ids({Status.GENERATED})
        assert len(done) >= SENTENCES
        assert all(len(dataset.candidates_of(sentence)) == 1 for sentence in done)
        candidates = [dataset.candidate(dataset.candidates_of(sentence)[0]) for sentence in done]
    for candidate in candidates:
        stages = sum(len(models) for models in candidate.models.values())
        assert candidate.usage.calls == stages
    notes = [line.split() for line in (tmp_path / "paid").read_text(encoding="utf-8").splitlines()]
    started = Counter(key for what, key in notes if what == "start")
    paid = Counter(key for what, key in notes if what == "done")
    assert sum(count - 1 for count in started.values()) <= AT_ONCE * kills
    assert sum(count - 1 for count in paid.values()) <= kills
