"""A reference that a person marks as bad counts no more, in any figure or export."""

from __future__ import annotations

import json

from data.store import Dataset
from drt_tui.cli import run


async def test_a_reference_is_marked_as_bad_with_one_key_and_good_again_with_it(reviewing, dataset):
    first = dataset.ids()[0]
    async with reviewing() as bench:
        await bench.press("B")
        assert "reference (marked as bad)" in bench.text
        assert not dataset.sentence(first).references[0].good
        await bench.press("B")
        assert "marked as bad" not in bench.text
        assert dataset.sentence(first).references[0].good


async def test_a_mark_outlives_the_app_and_is_left_out_of_the_export(reviewing, dataset, tmp_path, capfd):
    first = dataset.ids()[0]
    async with reviewing() as bench:
        await bench.press("B", "a")
        await bench.until(lambda: dataset.example(first) is not None)
    example = dataset.example(first)
    assert example.reference is None
    with Dataset.open(dataset.folder, read_only=True) as reopened:
        assert not reopened.sentence(first).references[0].good
    file = tmp_path / "out.jsonl"
    assert run(["export", "-o", str(file), "--format", "jsonl", "--project", str(dataset.folder.root)]) == 0
    capfd.readouterr()
    row = json.loads(file.read_text(encoding="utf-8"))
    assert row["reference"] is None


async def test_a_mark_is_taken_back_in_its_turn(reviewing, dataset):
    first = dataset.ids()[0]

    def is_good():
        return dataset.sentence(first).references[0].good

    async with reviewing() as bench:
        await bench.press("a", "u", "B", "u")
        assert is_good()
        assert "marked as bad" not in bench.text
        await bench.press("ctrl+y")
        assert not is_good()
        await bench.press("space", "u")
        assert not is_good(), "the decision came after it"
        await bench.press("u")
        assert is_good()
