"""An external metric: files in, a number a line out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from train.errors import StepFailed
from train.evaluation.comet import check_startable, external_scores

COUNT = "import sys; [print(len(line.rstrip())) for line in open(sys.argv[1], encoding='utf-8')]"


def command(tmp_path: Path, code: str, *words: str) -> str:
    script = tmp_path / "metric with space.py"
    script.write_text(code, encoding="utf-8")
    return f"'{sys.executable}' '{script}' {' '.join(words)}"


async def scores(command: str) -> list[float]:
    return await external_scores(command, ["가", "나"], ["one\ntwo", "three"], ["r", "s"])


async def test_files_have_a_line_an_item_whatever_is_in_the_texts(tmp_path: Path) -> None:
    assert await scores(command(tmp_path, COUNT, "{output}")) == [7.0, 5.0]


async def test_without_places_the_three_files_stand_behind_the_command(tmp_path: Path) -> None:
    code = "import sys; [print(len(sys.argv), open(p).read().count(chr(10))) for p in sys.argv[2:]]"
    assert await scores(command(tmp_path, code)) == [2.0, 2.0]


async def test_the_last_word_of_a_line_is_its_number(tmp_path: Path) -> None:
    assert await scores(command(tmp_path, "print('Segment 0 score: 0.5\\n\\nSegment 1 score: 0.25')")) == [
        0.5,
        0.25,
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(1)", "1 lines for 2 items"),
        ("print('a'); print('b')", "no number"),
        ("print('nan'); print(1)", "no number"),
        ("import sys; sys.exit('CUDA is gone')", "CUDA is gone"),
    ],
)
async def test_what_is_no_result_is_said_in_words(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(StepFailed, match=said):
        await scores(command(tmp_path, code))


@pytest.mark.parametrize("text", ["/no/such/program", "'unclosed", "/no/such/program {source}"])
async def test_a_command_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StepFailed):
        await scores(text)
    with pytest.raises(StepFailed):
        check_startable(text)


def test_a_command_that_is_there_is_startable() -> None:
    check_startable("python3 score.py {output}")
    with pytest.raises(StepFailed, match="empty"):
        check_startable(" ")
