"""From a file of sentences to exported rows and back to the shell, with a person's keys alone."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tinydb import TinyDB

from tests.terminal.conftest import Terminal

pytestmark = pytest.mark.terminal

SOURCES = [f"그는 {number}째 동네에서도 발이 넓다." for number in range(1, 13)]
PROGRAM = shlex.join([sys.executable, "-P", "-m", "drt_tui"])

Open = Callable[..., Terminal]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose sentences come in the order of their file."""
    path = tmp_path / "project"
    path.mkdir()
    (path / "drt.toml").write_text(
        '[project]\nsource = "ko"\ntarget = "en"\n[review]\nannotator = "kim"\norder = "file"\n'
    )
    (tmp_path / "sentences.txt").write_text("\n".join(SOURCES), encoding="utf-8")
    return path


def review(folder: Path, endpoint: str) -> str:
    file = folder.parent / "sentences.txt"
    return f"{PROGRAM} --project {folder} review {file} --base-url {endpoint} --model fake"


def decisions(folder: Path) -> list[tuple[str, str]]:
    """Who decided what, as another process reads it."""
    from data.store import Dataset, ProjectFolder

    with Dataset.open(ProjectFolder(folder), read_only=True) as dataset:
        return [
            (decision.kind, dataset.sentence(decision.sentence).source) for decision in dataset.decisions()
        ]


def next_ready(window: Terminal, *judged: str) -> str:
    """Wait for a finished candidate of another sentence than these, and return that sentence.

    What is ready comes before what is not, so that a slow answer changes the order.
    """
    screen = window.until_so(
        lambda screen: "thought · " in screen and not any(source in screen for source in judged)
        and any(source in screen for source in SOURCES)
    )  # fmt: skip
    return next(source for source in SOURCES if source in screen)


def program_in(window: Terminal) -> psutil.Process:
    """The program that runs in the window's shell."""
    return psutil.Process(window.pid()).children()[0]


def test_judged_rows_are_exported_and_the_shell_is_back(terminal: Open, folder: Path, endpoint: str) -> None:
    window = terminal()
    window.type(review(folder, endpoint))
    window.press("Enter")
    first = next_ready(window)
    window.press("a")
    window.until("accepted 1")
    second = next_ready(window, first)
    window.press("x")
    window.until("1 meaning wrong")
    window.press("1")
    window.until("rejected 1")
    window.press("Escape")
    third = next_ready(window, first, second)
    window.press("Space")
    next_ready(window, first, second, third)
    window.press("u")
    window.until("taken back: skip")
    window.press("q")
    window.until_so(lambda screen: "a accept" not in screen)
    window.type(f"{PROGRAM} --project {folder} export -o rows.jsonl")
    window.press("Enter")
    window.until("1 rows in")

    [row] = [json.loads(line) for line in (folder.parent / "rows.jsonl").read_text("utf-8").splitlines()]
    assert (row["source"], row["status"]) == (first, "accepted")
    assert [kind for kind, _ in decisions(folder)] == ["accept", "reject", "skip", "undo"]
    with TinyDB(folder / "dataset.json", encoding="utf-8") as database:
        assert [one["source"] for one in database.table("sentences").all()] == SOURCES
        assert len(database.table("decisions").all()) == 4


def test_no_decision_that_was_shown_is_lost_to_a_kill(terminal: Open, folder: Path, endpoint: str) -> None:
    window = terminal()
    window.type(review(folder, endpoint))
    window.press("Enter")
    judged: list[str] = []
    for number in range(1, 7):
        judged.append(next_ready(window, *judged[-1:]))
        window.press("a" if number % 2 else "C-a")  # the key of the last decision is dead for a moment
        window.until(rf"accepted {number}\b")
    next_ready(window, judged[-1])
    window.press("a", "C-a")
    program_in(window).kill()
    shown = max(map(int, re.findall(r"accepted (\d+)", window.screen())))

    kept = decisions(folder)
    assert kept[:6] == [("accept", source) for source in judged]
    assert len(kept) >= shown >= 6
    again = terminal()
    again.type(review(folder, endpoint))
    again.press("Enter")
    again.until(rf"accepted {len(kept)}\b")


@pytest.mark.parametrize("way", ["quit", "kill"])
def test_the_terminal_is_as_it_was(terminal: Open, folder: Path, endpoint: str, way: str) -> None:
    window = terminal()
    window.type("echo before the program")
    window.press("Enter")
    window.until("(?m)^before the program")
    window.type(review(folder, endpoint))
    window.press("Enter")
    next_ready(window)
    screen = window.screen()
    assert "before the program" not in screen
    if way == "quit":
        window.press("q")
    else:
        os.kill(program_in(window).pid, signal.SIGTERM)
    screen = window.until("(?m)^before the program")
    assert "a accept" not in screen
    window.type("stty -a | grep -q ' icanon.* echo ' && echo all is 'well'")
    window.press("Enter")
    screen = window.until("all is well")
    assert "echo all is 'well'" in screen, "the shell shows what is typed"
