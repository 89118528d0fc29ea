"""The live line of a headless run: one line, whatever the terminal's width."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.conftest import Terminal

pytestmark = pytest.mark.terminal

SENTENCES = 150
RUNNING = re.compile(rf" \d+/{SENTENCES} .*\$")


@pytest.mark.parametrize("width", [80, 160])
def test_a_run_is_one_line_that_never_wraps(
    terminal: Callable[..., Terminal], tmp_path: Path, endpoint: str, width: int
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "drt.toml").write_text(
        f'[models.a-model-with-a-long-name]\nbase_url = "{endpoint}"\nmodel = "fake"\n'
        "price = { input = 1.0, output = 2.0 }\n"
    )
    file = tmp_path / "sentences.txt"
    file.write_text(
        "\n".join(f"그는 {number}째 집에서 발이 넓다." for number in range(SENTENCES)), encoding="utf-8"
    )
    program = shlex.join([sys.executable, "-P", "-m", "drt_tui"])

    window = terminal(width=width)
    window.sh(f"{program} --project {project} autogen {file}")
    screen = window.until_so(lambda screen: RUNNING.search(screen) is not None, "the live line")

    told, live, *rest = screen.splitlines()
    assert told.startswith(f"sentences: {SENTENCES} · ")
    assert RUNNING.search(live)
    assert not any(rest)
    window.press("C-c")
    screen = window.until("the program has ended")
    assert screen.count(f"/{SENTENCES} ") <= 2, "the line before what is told in between, and the last"
    assert "interrupted; the same command goes on from here" in screen
