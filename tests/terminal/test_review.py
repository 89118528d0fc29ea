"""The program in a real terminal, from the first key to the exported row."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest

from tests.stubs.session import OUTPUT, SOURCES, fill, project
from tests.terminal.conftest import ROOT

pytestmark = pytest.mark.terminal


def drt_tui(*arguments: str) -> str:
    words = [sys.executable, "-P", "-m", "drt_tui", *arguments]
    return " ".join(["env", "-u", "NO_COLOR", *map(shlex.quote, words)])


def exported(folder) -> list[dict]:
    words = [
        sys.executable,
        "-P",
        "-m",
        "drt_tui",
        "export",
        "--project",
        str(folder),
        "-o",
        str(folder / "rows.jsonl"),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*words, "--format", "jsonl"], check=True, capture_output=True, env=environment)
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def folder(tmp_path):
    """A project with five sentences, the first two of them ready."""
    path = tmp_path / "project"
    with project(path) as dataset:
        fill(dataset)
        dataset.fold()
    (path / "drt.toml").write_text(
        '[project]\nsource = "ko"\ntarget = "en"\n[review]\nannotator = "kim"\norder = "file"\n'
    )
    return path


def test_accept_reject_undo_and_export(terminal, folder, endpoint):
    window = terminal()
    window.sh(drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake"))
    screen = window.until("사람이 많다")
    assert SOURCES[0][0] in screen
    assert OUTPUT in screen
    window.press("a")
    window.until("accepted 1")
    window.until(SOURCES[1][0])
    window.press("x")
    window.until("1 meaning wrong")
    window.press("2")
    window.until("rejected: idiom or image lost")
    window.press("u")
    screen = window.until("taken back: reject")
    assert SOURCES[1][0] in screen
    window.press("q")
    window.until("the program has ended")
    [row] = exported(folder)
    assert (row["source"], row["output"], row["status"]) == (SOURCES[0][0], OUTPUT, "accepted")


def test_the_loop_streams_and_its_candidate_is_accepted(terminal, folder, endpoint):
    window = terminal()
    window.sh(drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake"))
    window.until(SOURCES[0][0])
    window.press("Space")
    window.until(SOURCES[1][0])
    window.press("C-k")
    window.until(SOURCES[2][0])
    window.until("thought · ")
    window.press("t")
    window.until(r"draft 1 .*He has wide feet")
    window.press("C-a")
    window.until("accepted 1")
    window.press("q")
    window.until("the program has ended")
    [row] = exported(folder)
    assert row["source"] == SOURCES[2][0]
    assert row["models"]["literal"] == ["env"]


def test_hangul_is_typed_and_its_letters_are_keys(terminal, folder, endpoint):
    window = terminal()
    window.sh(drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake"))
    window.until(SOURCES[0][0])
    window.press("e")
    window.until("save, accept, next")
    window.press("C-u")
    window.type("한국어 좋아, 도깨비불 안녕하세요")
    window.until("도깨비불 안녕하세요")
    window.press("C-s")
    window.until("accepted with your changes")
    window.until(SOURCES[1][0])
    window.type("ㅁ")
    window.until("accepted 2")
    window.press("q")
    window.until("the program has ended")
    rows = exported(folder)
    assert [row["output"] for row in rows] == ["한국어 좋아, 도깨비불 안녕하세요", OUTPUT]
    assert [row["status"] for row in rows] == ["edited", "accepted"]


def test_a_half_typed_edit_and_every_saved_decision_survive_a_kill(terminal, folder, endpoint):
    command = drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake")
    window = terminal()
    window.sh(f"exec {command}")
    window.until(SOURCES[0][0])
    window.press("a")
    window.until("accepted 1")
    window.press("e")
    window.until("save, accept, next")
    window.type(" 반쯤 쓴 글")
    window.until("반쯤 쓴 글")
    os.kill(window.pid(), signal.SIGKILL)
    again = terminal()
    again.sh(command)
    again.until(SOURCES[1][0])
    for shown in ("반쯤 쓴 글", "your version", "accepted 1"):
        again.until(shown)
    again.press("q")
    again.until("the program has ended")


def test_a_half_typed_note_survives_a_kill(terminal, folder, endpoint):
    command = drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake")
    window = terminal()
    window.sh(f"exec {command}")
    window.until(SOURCES[0][0])
    window.press("n")
    window.until("(?m)^ *note")
    window.type("반쯤 쓴 말")
    window.until("반쯤 쓴 말")
    os.kill(window.pid(), signal.SIGKILL)
    again = terminal()
    again.sh(command)
    again.until("note: 반쯤 쓴 말")
    again.press("q")
    again.until("the program has ended")


def test_the_dataset_screen_in_a_wide_terminal(terminal, folder, endpoint):
    window = terminal(width=160, height=50)
    window.sh(drt_tui("review", "--project", str(folder), "--base-url", endpoint, "--model", "fake"))
    window.until(SOURCES[0][0])
    window.press("l")
    screen = window.until(SOURCES[4][0][:10])
    assert all(source[:10] in screen for source, *_ in SOURCES)
    window.press("/")
    window.type("귀가")
    window.until("1 rows")
    window.press("Enter", "Enter")
    window.until(SOURCES[4][0])
    window.press("q")
    window.until("the program has ended")
