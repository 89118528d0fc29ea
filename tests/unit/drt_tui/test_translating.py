"""As many lines out as in, whatever is in them and whatever is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importers import read_lines
from data.records import Usage
from drt_tui.comparing.contenders import Opened, Spec
from drt_tui.comparing.lineup import Lineup
from drt_tui.comparing.translating import MARK, TranslationPlan, Work, translate
from tests.stubs.contenders import RuleContender
from train.errors import EndpointsFailed, NoAnswer

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12), max_size=8)
ANSWERS = st.dictionaries(
    st.integers(0, 7), st.sampled_from(["fine", "", "two\nlines", "\u2028x\u2028y", "down"])
)


@contextmanager
def answering(contender: RuleContender) -> Iterator[None]:
    @asynccontextmanager
    async def opening(*_: Any, **__: Any) -> AsyncIterator[Opened]:
        yield Opened(Lineup((contender,)), None)

    with patch("drt_tui.comparing.translating.open_contenders", opening):
        yield


def translated(folder: Path, text: str, contender: RuleContender) -> tuple[Work, str]:
    (folder / "in.txt").write_bytes(text.encode())
    plan = TranslationPlan(folder / "in.txt", folder / "out.txt", Spec("x", "model", "x"))
    with answering(contender):
        work = translate(None, plan)  # type: ignore[arg-type]  # who is asked is given
    return work, plan.out.read_text(encoding="utf-8")


@settings(max_examples=40)
@given(LINES, ANSWERS, st.booleans())
def test_no_line_is_lost_and_none_is_added(lines: list[str], answers: dict[int, str], ended: bool) -> None:
    text = "\n".join(lines) + ("\n" if ended else "")
    if not text:
        return

    def says(source: str) -> str | NoAnswer:
        said = answers.get(len(source) % 8, "fine")
        return NoAnswer("down") if said == "down" else said

    with TemporaryDirectory() as place:
        folder = Path(place)
        work, out = translated(folder, text, RuleContender("x", says))
        read = list(read_lines(folder / "in.txt"))
    made = out.split("\n")[: len(read)]
    assert len(made) == len(read) == work.lines
    assert out.endswith("\n") == text.endswith("\n")
    for line, output in zip(read, made, strict=True):
        if line.trouble:
            assert output.startswith(MARK)
        elif not line.text.replace("\0", "").strip():
            assert output == ""
        else:
            assert output == "fine" or output.startswith(MARK)
    assert work.left == 0


def test_a_contender_that_is_down_costs_three_retries_a_line_and_no_other_line(tmp_path: Path) -> None:
    contender = RuleContender("x", lambda source: NoAnswer("down") if source == "둘" else "fine")
    work, out = translated(tmp_path, "하나\n둘\n셋\n", contender)
    assert out == f"fine\n{MARK} 둘\nfine\n"
    assert work.failed == {1: "down"}
    assert len(contender.asked) == 2 + 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_did(tmp_path: Path, end: str, encoding: str) -> None:
    (tmp_path / "in.txt").write_bytes(f"하나{end}{end}둘{end}".encode(encoding))
    plan = TranslationPlan(tmp_path / "in.txt", tmp_path / "out.txt", Spec("x", "model", "x"))
    with answering(RuleContender("x", lambda _: "fine")):
        translate(None, plan)  # type: ignore[arg-type]  # who is asked is given
    assert plan.out.read_bytes() == f"fine{end}{end}fine{end}".encode()


def test_nothing_is_asked_about_a_line_of_nothing(tmp_path: Path) -> None:
    contender = RuleContender("x", lambda _: "fine")
    work, out = translated(tmp_path, "하나\n\0\n둘\0둘\n", contender)
    assert out == "fine\n\nfine\n"
    assert [question.source for question in contender.asked] == ["하나", "둘둘"]
    assert work.blank == 1


def test_what_a_failure_took_is_counted(tmp_path: Path) -> None:
    took = Usage(calls=2, prompt_tokens=30, completion_tokens=1, cost_usd=0.01)
    work, _ = translated(tmp_path, "하나\n", RuleContender("x", lambda _: NoAnswer("empty", usage=took)))
    assert (work.calls, work.prompt_tokens) == (8, 120)
    assert work.cost_usd == pytest.approx(0.04)
    assert "the same command asks for them again" in work.as_text()


def test_a_dead_line_is_not_asked_again_at_once(tmp_path: Path) -> None:
    def says(source: str) -> str | NoAnswer:
        return NoAnswer("connection lost", is_outage=True) if source == "둘" else "fine"

    contender = RuleContender("x", says)
    work, out = translated(tmp_path, "하나\n둘\n셋\n", contender)
    assert out == f"fine\n{MARK} 둘\nfine\n"
    assert len(contender.asked) == 3
    assert work.retries == 0


def test_a_text_without_prospect_is_left_and_the_output_not_written(tmp_path: Path) -> None:
    contender = RuleContender("x", lambda _: NoAnswer("connection lost", is_outage=True))
    with pytest.raises(EndpointsFailed, match="connection lost"):
        translated(tmp_path, "\n".join(f"줄 {number}" for number in range(200)), contender)
    assert len(contender.asked) < 200
    assert not (tmp_path / "out.txt").exists()
