"""A server's process: it ends with whoever started it, and a start that fails says why."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from train.errors import ServingFailed
from train.serving.process import child

SERVER = """
import json, os, sys
with os.fdopen(int(sys.argv[1]), "w") as told:
    json.dump({"url": "http://127.0.0.1:1", "pid": os.getpid()}, told)
print("it prints into the log")
while sys.stdin.buffer.read(1):
    pass
"""
COMMAND = [sys.executable, "-c", SERVER]
STARTER = f"""
import asyncio, sys
from pathlib import Path
from train.serving.process import child

async def main():
    async with child([sys.executable, "-c", {SERVER!r}], Path(sys.argv[1])) as started:
        print(started.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"


async def gone(pid: int) -> None:
    """Wait for the end of another process; the test's own time limit ends a vain wait."""
    while is_alive(pid):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)


async def test_it_ends_with_its_context(tmp_path: Path) -> None:
    async with child(COMMAND, tmp_path / "log") as started:
        assert is_alive(started.pid)
    await gone(started.pid)


async def test_it_ends_with_its_starter_also_after_kill_9(tmp_path: Path) -> None:
    root = Path(__file__).parents[4]
    starter = subprocess.Popen(  # noqa: ASYNC220 - it is killed, not awaited
        [sys.executable, "-c", STARTER, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert starter.stdout is not None
    pid = int(await asyncio.to_thread(starter.stdout.readline))
    assert is_alive(pid)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    await gone(pid)


async def test_nothing_it_prints_is_lost_or_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with child(COMMAND, tmp_path / "log"):
        while "it prints" not in (tmp_path / "log").read_text():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("print('no such model')", "no such model"),
        ("import os, sys; os.write(int(sys.argv[1]), b'{}')", "it said nothing"),
    ],
)
async def test_a_start_that_fails_is_told_in_its_own_words(tmp_path: Path, script: str, told: str) -> None:
    with pytest.raises(ServingFailed, match=told) as caught:
        async with child([sys.executable, "-c", script], tmp_path / "the.log"):
            pass
    assert "the.log" in caught.value.hint


async def test_a_start_that_is_cancelled_leaves_nothing_running(tmp_path: Path) -> None:
    script = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"

    async def start() -> None:
        async with child([sys.executable, "-c", script], tmp_path / "log"):
            pass

    task = asyncio.create_task(start())
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int((tmp_path / "pid").read_text()))
