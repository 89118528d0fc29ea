"""A real terminal: tmux on a socket of its own, the program in it, and a person's keys."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""Seconds until a screen that never comes is given up."""

pytestmark = pytest.mark.terminal


class Terminal:
    """One tmux window. What is on it is always the whole screen, as text."""

    def __init__(self, folder: Path, width: int = 80, height: int = 24) -> None:
        self._socket = f"drt-{uuid.uuid4().hex[:8]}"
        self._folder = folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DRT_")}
        self._environment = environment | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        self._tmux(
            "-u", "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height), "sh"
        )
        self._tmux("set-option", "-g", "escape-time", "10")

    def sh(self, line: str) -> None:
        """Run a line of shell in the window, which stays open afterwards."""
        self._tmux("respawn-pane", "-k", "-t", "t", f"{line}; echo the program has ended; sleep 60")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        for key in keys:
            self._tmux("send-keys", "-t", "t", key)

    def type(self, text: str) -> None:
        """Type text, in any script."""
        self._tmux("send-keys", "-t", "t", "-l", text)

    def screen(self) -> str:
        """Return what is on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    def until(self, pattern: str) -> str:
        """Wait until the screen matches, and return it."""
        return self.until_so(lambda screen: re.search(pattern, screen) is not None, awaited=repr(pattern))

    def until_so(self, is_so: Callable[[str], bool], awaited: str = "what was awaited") -> str:
        """Wait until something is so of the screen, and return it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            screen = self.screen()
            if is_so(screen):
                return screen
            time.sleep(0.05)
        pytest.fail(f"never saw {awaited}; the screen is:\n{self.screen()}")

    def pid(self) -> int:
        """Return the process id of what runs in the window."""
        return int(self._tmux("display-message", "-p", "-t", "t", "#{pane_pid}"))

    def close(self) -> None:
        """End the window and all that runs in it."""
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *words],
            capture_output=True, text=True, encoding="utf-8", cwd=self._folder, env=self._environment, check=False,
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open terminals; they are closed after the test."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    opened: list[Terminal] = []

    def open_terminal(width: int = 80, height: int = 24) -> Terminal:
        opened.append(Terminal(tmp_path, width, height))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


@pytest.fixture
def endpoint() -> Iterator[str]:
    """The address of a model that answers every stage after a short while."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stubs.endpoint", "--port", "0", "--latency", "0.02"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait()
    process.stdout.close()
