from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import TinyDB

from data.errors import FileProblem
from data.exporters import Exported, ExportFormat, Selection, Shape, export
from data.format import Format
from data.importers import read_examples, read_file, read_proposals
from data.importers.proposals import Proposal
from data.records import Candidate, Example, Generated, Sentence, Status
from data.text import nfc
from tests.unit.data.exporters.examples import PROMPTS, example

SHAPE = Shape(PROMPTS)


def lines(path: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def write(
    folder: Path, *examples: Example, format: ExportFormat = "jsonl", **options: object
) -> tuple[Path, Exported]:
    path = folder / f"set.{format}"
    return path, export(examples, path, format=format, **{"shape": SHAPE, **options})  # type: ignore[arg-type]


def test_a_jsonl_row_has_the_fields_that_readers_expect(tmp_path: Path) -> None:
    path, exported = write(tmp_path, example())
    (row,) = lines(path)
    assert list(row)[:13] == [
        "id", "source", "reference", "group", "status", "thought", "output", "keywords", "drafts", "models", "usage",
        "decision", "generated",
    ]  # fmt: skip
    assert row["keywords"] == {"발이 넓다": ["have wide feet", "be well connected"]}
    assert row["models"] == {"literal": ["main"], "evaluate": ["judge"], "refine": ["main"]}
    assert {"text", "score", "reason", "advice"} <= row["drafts"][0].keys()  # type: ignore[index]
    assert exported.rows == 1


def test_an_export_reads_back_as_the_same_rows(tmp_path: Path) -> None:
    rows = [
        example(),
        example("어머니는 손이 크시다.", status=Status.EDITED, generated=Generated(thought="a", output="b")),
    ]
    path, _ = write(tmp_path, *rows)
    assert list(read_examples(path)) == rows
    assert list(read_file(path, None)) == [row.sentence for row in rows]
    proposals = [each for each in read_proposals(path) if isinstance(each, Proposal)]
    assert [(p.candidate.thought, p.candidate.output, p.candidate.drafts) for p in proposals] == [
        (row.thought, row.output, row.drafts) for row in rows
    ]
    again, _ = write(tmp_path / "again", *(row for row in read_examples(path) if isinstance(row, Example)))
    assert again.read_bytes() == path.read_bytes()


texts = st.text(st.characters(exclude_categories=["Cs"])).map(nfc)


@given(texts.filter(str.strip), texts, texts)
def test_any_text_survives_export_and_import(
    tmp_path_factory: pytest.TempPathFactory, source: str, thought: str, output: str
) -> None:
    row = example(source, thought=thought, output=output)
    path, _ = write(tmp_path_factory.mktemp("set"), row)
    assert list(read_examples(path)) == [row]
    (sentence,) = read_file(path, None)
    assert isinstance(sentence, Sentence)
    assert sentence.source == source


def test_a_chat_is_what_the_model_will_see(tmp_path: Path) -> None:
    path, _ = write(tmp_path, example(), format="messages")
    (row,) = lines(path)
    chat = [
        *PROMPTS.prompt("그는 발이 넓다."),
        {"role": "assistant", "content": PROMPTS.answer("I look at 발이 넓다 first.", "He knows everyone.")},
    ]
    assert row["messages"] == chat


def test_a_prompt_with_its_completion_is_the_same_chat_in_two(tmp_path: Path) -> None:
    chat, _ = write(tmp_path, example(), format="messages")
    parts, _ = write(tmp_path, example(), format="prompt-completion")
    row = lines(parts)[0]
    assert [*row["prompt"], *row["completion"]] == lines(chat)[0]["messages"]  # type: ignore[misc]


def test_sharegpt_and_alpaca_hold_the_same_texts(tmp_path: Path) -> None:
    shared, _ = write(tmp_path, example(), format="sharegpt")
    turns = lines(shared)[0]["conversations"]
    assert [turn["from"] for turn in turns] == ["system", "human", "gpt"]  # type: ignore[attr-defined]
    flat, _ = write(tmp_path, example(), format="alpaca")
    row = lines(flat)[0]
    assert f"{row['instruction']}\n{row['input']}" == PROMPTS.prompt("그는 발이 넓다.")[1]["content"]
    assert row["system"] == PROMPTS.system
    assert row["input"] == "그는 발이 넓다."


def test_stock_tinydb_opens_it_in_any_locale(tmp_path: Path) -> None:
    path, _ = write(tmp_path, example(), example("어머니는 손이 크시다."), format="tinydb")
    with TinyDB(path, encoding="ascii") as database:
        assert [row["source"] for row in database.all()] == ["그는 발이 넓다.", "어머니는 손이 크시다."]
        assert database.get(doc_id=2)["status"] == "accepted"  # type: ignore[index, call-overload]


def test_an_empty_tinydb_opens_too(tmp_path: Path) -> None:
    path, _ = write(tmp_path, format="tinydb")
    with TinyDB(path) as database:
        assert database.all() == []


def test_outputs_only_leaves_every_thought_out(tmp_path: Path) -> None:
    shape = Shape(PROMPTS, outputs_only=True)
    row = example(
        status=Status.EDITED, generated=Generated(thought="machine's own thought", output="He has feet.")
    )
    for format in ("jsonl", "messages", "alpaca", "dpo", "kto", "tinydb"):
        path, _ = write(tmp_path, row, format=format, shape=shape)
        written = path.read_text(encoding="utf-8")
        assert "I look at" not in written
        assert "machine's own" not in written
        assert "<thought>" not in written
        assert "He knows everyone." in written


def test_without_provenance_only_the_row_itself_is_written(tmp_path: Path) -> None:
    path, _ = write(tmp_path, example(), shape=Shape(PROMPTS, provenance=False))
    (row,) = lines(path)
    assert row.keys().isdisjoint({"drafts", "models", "usage", "decision", "generated", "candidate"})
    assert "kim" not in path.read_text(encoding="utf-8")
    assert "set.xlsx" not in path.read_text(encoding="utf-8")
    assert row["sentence"]["licence"] == "CC0-1.0"  # type: ignore[index]


def test_rows_of_the_built_in_model_stay_out_unless_asked_for(tmp_path: Path) -> None:
    rows = [example(), example("둘째 문장", made_by="built-in")]
    path, exported = write(tmp_path, *rows)
    assert [row["source"] for row in lines(path)] == ["그는 발이 넓다."]
    assert exported.left_out == {"built-in": 1}
    path, exported = write(tmp_path, *rows, selection=Selection(include_built_in=True))
    assert [row["made_by"] for row in lines(path)] == ["", "built-in"]
    assert not exported.left_out


def test_rows_of_unknown_licence_are_refused_and_listed(tmp_path: Path) -> None:
    rows = [example(), example("둘", licence=None), example("셋", licence="unknown")]
    path, exported = write(tmp_path, *rows, selection=Selection(require_licence=True))
    assert len(lines(path)) == 1
    assert exported.unlicensed == (rows[1].id, rows[2].id)


def test_generated_rows_are_exported_as_they_stand(tmp_path: Path) -> None:
    rows = [example(), example("둘", status=Status.GENERATED), example("셋", status=Status.AUTO)]
    path, exported = write(tmp_path, *rows, selection=Selection(statuses=frozenset({Status.GENERATED})))
    assert [row["status"] for row in lines(path)] == ["generated"]
    assert exported.left_out == {"status": 2}


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), "abcd"),
        (Selection(splits=frozenset({"train"})), "acd"),
        (Selection(splits=frozenset({"valid", "test"})), "b"),
        (Selection(groups=frozenset({"other"})), "c"),
        (Selection(annotators=frozenset({"lee"})), "d"),
        (Selection(models=frozenset({"main", "judge"})), "abd"),
        (Selection(min_score=91), ""),
        (Selection(min_score=90), "abcd"),
        (Selection(without_findings=frozenset()), "bcd"),
        (Selection(without_findings=frozenset({"other-code"})), "abcd"),
    ],
)
def test_filters(tmp_path: Path, selection: Selection, taken: str) -> None:
    rows = [
        example("a"),
        example("b", split="test"),
        example("c", group="other", models={"literal": ("backup",)}),
        example("d", by="lee"),
    ]
    path, exported = write(
        tmp_path,
        *rows,
        selection=selection,
        findings_of=lambda row: ["label-in-output"] if row.source == "a" else [],
    )
    assert "".join(str(row["source"]) for row in lines(path)) == taken
    assert exported.rows + sum(exported.left_out.values()) == 4


def test_terms_of_the_models_go_with_the_row(tmp_path: Path) -> None:
    path, _ = write(tmp_path, example(), shape=Shape(PROMPTS, output_terms={"main": "CC-BY-4.0"}))
    assert lines(path)[0]["output_terms"] == ["CC-BY-4.0", "unknown"]


def test_sentences_before_are_written_where_the_format_has_context(tmp_path: Path) -> None:
    shape = Shape(Format("ko", "en", context=1), before=lambda _: ["앞 문장이다."])
    path, _ = write(tmp_path, example(), format="messages", shape=shape)
    assert "앞 문장이다." in lines(path)[0]["messages"][1]["content"]  # type: ignore[index]


def test_pairs_show_whose_preference_they_are(tmp_path: Path) -> None:
    row = example(status=Status.EDITED, generated=Generated(thought="T", output="He has feet."))
    rejected = Candidate(id="c0", sentence=row.id, thought="R", output="Feet are wide.")
    shape = Shape(PROMPTS, rejected=lambda _: [rejected])
    path, exported = write(tmp_path, row, format="dpo", shape=shape)
    pairs = lines(path)
    assert exported.rows == 2
    assert {pair["preferred_by"] for pair in pairs} == {"people"}
    assert [pair["rejected"][0]["content"] for pair in pairs] == [  # type: ignore[index]
        PROMPTS.answer("T", "He has feet."),
        PROMPTS.answer("R", "Feet are wide."),
    ]
    path, _ = write(tmp_path, row, format="kto", shape=shape)
    assert [judged["label"] for judged in lines(path)] == [True, False, False]


def test_the_evaluators_pairs_come_only_when_asked_for_and_hold_outputs_alone(tmp_path: Path) -> None:
    path, exported = write(tmp_path, example(), format="dpo")
    assert exported.rows == 0
    path, exported = write(
        tmp_path, example(), format="dpo", shape=Shape(PROMPTS, preferred_by="evaluator", margin=50)
    )
    (pair,) = lines(path)
    assert pair["preferred_by"] == "evaluator"
    assert "He has wide feet." in pair["rejected"][0]["content"]  # type: ignore[index]
    assert "thought" not in pair["chosen"][0]["content"]  # type: ignore[index]
    path, exported = write(
        tmp_path, example(), format="dpo", shape=Shape(PROMPTS, preferred_by="evaluator", margin=51)
    )
    assert exported.rows == 0


def test_a_failing_export_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path, _ = write(tmp_path / "exports", example())
    before = path.read_bytes()

    def broken() -> Iterator[Example]:
        yield example("새 문장")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        export(broken(), path, format="jsonl", shape=SHAPE)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="directory"):
        export([example()], tmp_path, format="jsonl", shape=SHAPE)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileProblem, match="cannot be written"):
        export([example()], tmp_path / "file" / "set.jsonl", format="jsonl", shape=SHAPE)


def answer_of(format: ExportFormat, row: dict[str, Any]) -> str:
    """What the model is taught to say, where each format has it."""
    match format:
        case "messages":
            said = row["messages"][-1]["content"]
        case "prompt-completion":
            said = row["completion"][-1]["content"]
        case "sharegpt":
            said = row["conversations"][-1]["value"]
        case _:
            said = row["output"]
    return str(said)


said = texts.map(str.strip).filter(bool)


@pytest.mark.parametrize("format", ["messages", "prompt-completion", "sharegpt", "alpaca"])
@given(source=said, thought=said, output=said)
def test_any_text_is_taught_as_it_was_accepted(
    tmp_path_factory: pytest.TempPathFactory, format: ExportFormat, source: str, thought: str, output: str
) -> None:
    path, _ = write(
        tmp_path_factory.mktemp("set"), example(source, thought=thought, output=output), format=format
    )
    (row,) = lines(path)
    reply = PROMPTS.parse(answer_of(format, row))
    assert (reply.thought, reply.output) == (thought, output)
    assert reply.well_formed


@given(source=said, thought=said, output=said)
def test_any_text_is_in_a_tinydb_as_it_was_accepted(
    tmp_path_factory: pytest.TempPathFactory, source: str, thought: str, output: str
) -> None:
    path, _ = write(
        tmp_path_factory.mktemp("set"), example(source, thought=thought, output=output), format="tinydb"
    )
    with TinyDB(path) as database:
        (row,) = database.all()
    assert (row["source"], row["thought"], row["output"]) == (source, thought, output)
