"""A terminal that goes away without a word: the line dropped, the window's container ended."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.terminal.conftest import PATIENCE, ROOT

pytestmark = pytest.mark.terminal


def test_the_app_ends_with_its_terminal_though_no_signal_comes(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-P", "-m", "drt_tui", "review", "--demo", "--project", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DRT_")}
    process = subprocess.Popen(  # a session of its own without a controlling terminal gets no SIGHUP
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = b""
        while b"accept" not in shown:
            shown += os.read(ours, 65536)
        os.close(ours)
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
    with (tmp_path / "dataset.journal").open("rb") as journal:
        assert journal.read(1), "the project is there, and can be gone on with"
