"""A program in a pseudo-terminal, and how long it takes from a key to what the key makes appear."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_BRACKETS_FRAMES = b"\x1b[?2026;2$y"
_FRAME = b"\x1b[?2026h"
_END_OF_FRAME = b"\x1b[?2026l"
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>()][0-9A-Z]?")


class Screen:
    """The program in a pseudo-terminal."""

    def __init__(
        self, folder: Path, *, width: int = 120, height: int = 40, command: list[str] | None = None
    ) -> None:
        """Start `drt-tui review` on a project, or another command."""
        self._began = time.perf_counter()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = os.environ | {
            "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8",
            "ESCDELAY": "1",  # the reader's own wait of 0.1 s is enough to tell a lone escape
        }  # fmt: skip
        environment.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # an installed program is compiled once, not each time
        self.process = subprocess.Popen(
            command or [sys.executable, "-P", "-m", "drt_tui", "review", "--project", str(folder)],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def read(self) -> bytes:
        """Return what the terminal was sent; say, as most terminals do, that frames may be bracketed."""
        told = os.read(self._master, 1 << 20)
        if _ASKS_FOR_FRAMES in told:
            os.write(self._master, _BRACKETS_FRAMES)
        return told

    def until(self, pattern: bytes) -> float:
        """Read until a whole frame with something in it has come; return the seconds since the start, or since the last key."""
        told = b""
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            if not select.select([self._master], [], [], 0.5)[0]:
                continue
            told += self.read()
            is_whole = told.rfind(_FRAME) <= told.rfind(_END_OF_FRAME)
            if is_whole and re.search(pattern, _ESCAPES.sub(b"", told)):
                return time.perf_counter() - self._began
        raise TimeoutError(f"never saw {pattern!r}; last: {_ESCAPES.sub(b'', told)[-2000:]!r}")

    def press(self, keys: bytes) -> None:
        """Press keys, after reading what is left from before."""
        while select.select([self._master], [], [], 0)[0]:
            self.read()
        self._began = time.perf_counter()
        self.write(keys)

    def write(self, keys: bytes) -> None:
        """Press keys, and leave unread what the terminal was sent."""
        os.write(self._master, keys)

    def drain(self, seconds: float) -> int:
        """Read for a while; return how many frames came."""
        frames, deadline = 0, time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                frames += self.read().count(_END_OF_FRAME)
        return frames

    @property
    def memory(self) -> int:
        """Resident megabytes, of which nothing is shared with another process worth telling."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024

    @property
    def main_thread(self) -> float:
        """Seconds that its main thread was on a processor: what a key costs, however busy the machine is."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat").read_text(encoding="utf-8")
        return int(told.split()[0]) / 1e9

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it took so far, which a busy machine does not lengthen."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
