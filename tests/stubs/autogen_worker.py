"""A run of autogen in a process of its own that can kill itself: FOLDER WORKFLOW [KILL_AT | KILL_AFTER_S].

Every call is noted in FOLDER/paid: `start KEY` when it goes out, `done KEY` when it is answered.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import threading
from contextlib import aclosing
from hashlib import blake2b
from pathlib import Path
from typing import Any

from data.records import Stage
from data.store import Dataset, ProjectFolder, StageLog
from pipeline.autogen import Autogen
from pipeline.engine import Engine
from pipeline.llm.request import Reply, Request
from pipeline.order import select
from pipeline.settings import LoopSettings
from tests.stubs.scripted import ScriptedModels, evaluation

SENTENCES = 12
AT_ONCE = 5


def key_of(request: Request[Any]) -> str:
    return blake2b(
        repr((request.stage, request.messages, request.sample)).encode(), digest_size=8
    ).hexdigest()


class PaidModels(ScriptedModels):
    """Answers after a moment, alike for the same question, and dies at the n-th line of its notes."""

    def __init__(self, notes: Path, kill_at: int | None) -> None:
        super().__init__()
        self._notes = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._left = kill_at

    async def complete(self, request: Request[Any]) -> Reply[Any]:
        chance = random.Random(key_of(request))
        self._note("start", request)
        await asyncio.sleep(chance.uniform(0, 0.02))
        if request.stage is Stage.EVALUATE:
            self.scripts[Stage.EVALUATE] = [evaluation(chance.choice((50, 70, 92)))]
            self._asked[Stage.EVALUATE] = 0
        reply = await super().complete(request)
        self._note("done", request)
        return reply

    def _note(self, what: str, request: Request[Any]) -> None:
        os.write(self._notes, f"{what} {key_of(request)}\n".encode())
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def run(folder: Path, workflow: str, kill_at: int | None) -> None:
    project = ProjectFolder(folder)
    with Dataset.open(project) as dataset, StageLog(project) as log:
        settings = LoopSettings.model_validate({"workflow": workflow})
        engine = Engine(PaidModels(folder / "paid", kill_at), settings, log=log)
        selection = select(dataset, limit=SENTENCES, settings=engine.fingerprint)
        autogen = Autogen(engine, dataset, selection, open_sentences=AT_ONCE)
        async with aclosing(autogen.events()) as events:
            async for _ in events:
                pass


def main() -> None:
    folder, workflow, *kill = sys.argv[1:]
    kill_at = None
    if kill and "." in kill[0]:
        timer = threading.Timer(float(kill[0]), os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    elif kill:
        kill_at = int(kill[0])
    asyncio.run(run(Path(folder), workflow, kill_at))


if __name__ == "__main__":
    main()
