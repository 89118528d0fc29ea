from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from data.errors import FileProblem
from data.exporters import Selection, Shape, export
from data.importers import BadRow, Proposal, files_of, holds_proposals, read_examples, read_proposals
from data.lint import LintRow, read_rows
from data.records import Example
from tests.unit.data.exporters.examples import PROMPTS, example

SHAPE = Shape(PROMPTS, output_terms={"main": "MIT"})


def test_without_pyarrow_the_command_to_type_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for format in ("parquet", "datasets"):
        with pytest.raises(FileProblem) as problem:
            export([example()], tmp_path / "out" / "set", format=format, shape=SHAPE)  # type: ignore[arg-type]
        assert "pip install" in problem.value.hint
    assert not any(file.is_file() for file in tmp_path.rglob("*set*"))


def test_parquet_holds_texts_chat_and_the_whole_row(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "set.parquet"
    rows = [example(f"문장 {number}") for number in range(1001)]
    export(rows, path, format="parquet", shape=SHAPE)
    table = parquet.read_table(path).to_pylist()
    assert [row["source"] for row in table] == [row.source for row in rows]
    assert [turn["role"] for turn in table[0]["messages"]] == ["system", "user", "assistant"]
    record = {
        name: value for name, value in orjson.loads(table[0]["record"]).items() if name != "output_terms"
    }
    assert Example.model_validate(record) == rows[0]


def less_terms(row: Example | BadRow) -> Example:
    """Return a row that was read, less the terms of its models' outputs, which an export adds."""
    assert isinstance(row, Example)
    return Example.model_validate(row.model_dump(exclude={"output_terms"}))


def test_a_parquet_file_and_a_folder_are_read_again_as_they_were(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    rows = [example(f"문장 {number}", split="valid" if number % 3 else "train") for number in range(1001)]
    export(rows, tmp_path / "set.parquet", format="parquet", shape=SHAPE)
    export(rows, tmp_path / "set", format="datasets", shape=SHAPE)
    assert [less_terms(row) for row in read_examples(tmp_path / "set.parquet")] == rows
    files = files_of(tmp_path / "set")
    assert [file.name for file in files] == ["train.parquet", "validation.parquet"]
    read = [row for file in files for row in read_examples(file)]
    assert sorted(row.source for row in read if isinstance(row, Example)) == sorted(
        row.source for row in rows
    )


def test_parquet_without_provenance_is_a_set_like_anybodys(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "set.parquet"
    export([example("a")], path, format="parquet", shape=replace(SHAPE, provenance=False))
    assert holds_proposals(path)
    [proposal] = read_proposals(path)
    assert isinstance(proposal, Proposal)
    assert (proposal.sentence.source, proposal.candidate.output) == ("a", example("a").output)
    assert [row.thought for row in read_rows(path) if isinstance(row, LintRow)] == [example("a").thought]


def test_what_is_no_parquet_is_a_file_problem(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "set.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(FileProblem, match="no Parquet file"):
        list(read_proposals(path))


def test_a_folder_holds_a_file_a_split_and_a_card(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    folder = tmp_path / "idioms"
    rows = [example("a"), example("b", split="valid"), example("c", split="test", licence=None)]
    export(
        rows,
        folder,
        format="datasets",
        shape=SHAPE,
        title="Idioms <b>|",
        findings_of=lambda _: ["no-revision"],
    )
    assert sorted(file.stem for file in (folder / "data").iterdir()) == ["test", "train", "validation"]
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage:\n- ko\n- en\nlicense: other\n")
    assert "- split: validation\n    path: data/validation.parquet" in card
    assert "| unknown | 1 |" in card
    assert "| CC0-1.0 | 2 |" in card
    assert "| MIT | 3 |" in card
    assert "| no-revision | 3 |" in card
    assert "$0.03" in card
    assert "<b>" not in card
    assert "kim" not in card

    export(rows, folder, format="datasets", shape=SHAPE, selection=Selection(splits=frozenset({"train"})))
    assert [file.stem for file in (folder / "data").iterdir()] == ["train"]


def test_the_card_says_who_judged_itself_and_what_the_built_in_model_made(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    row = example("a", made_by="built-in", models={"literal": ("x",), "evaluate": ("x",)})
    export(
        [row], tmp_path / "set", format="datasets", shape=SHAPE, selection=Selection(include_built_in=True)
    )
    card = (tmp_path / "set" / "README.md").read_text(encoding="utf-8")
    assert "judged its own translations" in card
    assert "built-in model" in card


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ("CC0-1.0", 'license: "cc0-1.0"'),
        ("for our lab: only", 'license: other\nlicense_name: "for our lab: only"'),
    ],
)
def test_the_card_names_a_licence_as_the_hub_reads_it(tmp_path: Path, licence: str, told: str) -> None:
    pytest.importorskip("pyarrow")
    export([example("a", licence=licence)], tmp_path / "set", format="datasets", shape=SHAPE)
    assert told in (tmp_path / "set" / "README.md").read_text(encoding="utf-8")
