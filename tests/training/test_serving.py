"""Backbone and DRT model of a real, short training, served at once over one copy of the weights."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from data.records import Sentence, sentence_id
from drt_tui.app import DrtApp
from drt_tui.comparing.served_lineup import lineup_for_screen
from drt_tui.screens.compare import CompareScreen
from tests.stubs.session import project, session
from tests.stubs.short_rows import short_items
from train.evaluation.contender import Answer, Contender, Question, Sampling, Text
from train.run.folder import RunFolder
from train.serving.served import served
from train.serving.side import BACKBONE, BACKBONE_DRT, DRT, Side, sides_of_run

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real_model

UNSEEN = [item.source for item in short_items(40, seed=7)[-3:]]
SHORT = Sampling(max_tokens=48)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(trained_run: RunFolder) -> RunFolder:
    return trained_run


async def ask(contender: Contender, source: str, sampling: Sampling | None = None) -> Answer:
    items = [item async for item in contender.translate(Question("s", source, sampling=sampling))]
    assert isinstance(items[-1], Answer)
    assert "".join(item.text for item in items if isinstance(item, Text)).strip() == items[-1].text
    return items[-1]


def named(sides: Iterable[Side], *names: str) -> list[Side]:
    return [side for side in sides if side.name in names]


async def test_the_training_shows_in_the_tags_and_the_prompt_alone_does_not(
    run: RunFolder, tmp_path: Path
) -> None:
    async with served(sides_of_run(run), tmp_path / "logs", in_turn=False) as serving:
        assert {name: check.level for name, check in serving.checks.items()} == {
            BACKBONE_DRT: "pass",
            DRT: "pass",
        }
        assert len(serving.servers) == 2, "both prompts of the backbone are asked of one server"
        plain, same_prompt, drt = serving.contenders
        for source in UNSEEN:
            told, untrained, trained = await asyncio.gather(
                ask(plain, source, SHORT), ask(same_prompt, source, SHORT), ask(drt, source)
            )
            assert trained.troubles == ()
            assert trained.thought
            assert trained.output
            assert "no-output" in untrained.troubles
            assert told.troubles == ()
            assert trained.prompt_tokens == untrained.prompt_tokens


@pytest.mark.parametrize("in_turn", [False, True])
async def test_with_scale_0_the_backbone_answers_token_for_token(
    run: RunFolder, tmp_path: Path, in_turn: bool
) -> None:
    backbone, drt = named(sides_of_run(run), BACKBONE_DRT, DRT)
    sides = [backbone, drt, replace(drt, name="nothing of it", scale=0.0)]
    async with served(sides, tmp_path / "logs", in_turn=in_turn) as serving:
        for source in UNSEEN[:2]:
            whole, trained, none = [await ask(each, source, SHORT) for each in serving.contenders]
            assert none.text == whole.text
            assert none.completion_tokens == whole.completion_tokens
            assert trained.text != whole.text


async def test_in_turn_the_second_side_begins_when_the_first_has_ended(
    run: RunFolder, tmp_path: Path
) -> None:
    order: list[str] = []

    async def listen(contender: Contender) -> None:
        async for _ in contender.translate(Question("s", UNSEEN[0], sampling=Sampling(max_tokens=8))):
            order.append(contender.name)

    async with served(
        named(sides_of_run(run), BACKBONE_DRT, DRT), tmp_path / "logs", in_turn=True
    ) as serving:
        assert serving.in_turn
        assert len(serving.servers) == 1
        await asyncio.gather(*map(listen, serving.contenders))
    assert order == sorted(order, key=order.index), "one after the other, never mixed"


async def test_both_columns_stream_in_the_app_at_the_same_time(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a machine that nobody else uses: two cores are free, whatever other servers run.
    monkeypatch.setattr("train.serving.served.cores_folder", lambda: tmp_path / "cores")
    monkeypatch.setattr("train.serving.served.number_of_cores", lambda: 2)
    monkeypatch.setattr("pipeline.llm.builtin_files.number_of_cores", lambda: 2)
    with project(run.root.parents[1]) as dataset:
        dataset.add_sentences(
            Sentence(id=sentence_id(source), source=source, split="test") for source in UNSEEN
        )
        opened = session(dataset)
        screen = CompareScreen(opened, lineup_for_screen(opened, run=run))
        both = False
        async with DrtApp(opened, opening=screen).run_test(size=(160, 50)) as pilot:
            while not screen.comparison.is_answered:
                states = {column.name: column.state for column in screen.comparison.columns}
                both = both or (states.get("backbone+drt") == states.get(DRT) == "streaming")
                await pilot.pause(0.01)
            screen.paint()
            await pilot.pause()
            text = "\n".join(strip.text for strip in screen._compositor.render_strips())
    assert both
    assert "tags ok" in text
    assert "no output" in text
    assert BACKBONE in text
    assert screen.lineup.warnings == ()


async def test_the_servers_end_after_kill_9(run: RunFolder, tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from train.run.folder import RunFolder
from train.serving.served import served
from train.serving.side import sides_of_run

async def main():
    async with served(sides_of_run(RunFolder(Path({str(run.root)!r}))), Path({str(tmp_path)!r})) as serving:
        print(*(each.pid for each in serving.servers), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
    user = subprocess.Popen(  # noqa: ASYNC220 - it is killed, not awaited
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert user.stdout is not None
    pids = [int(word) for word in (await asyncio.to_thread(user.stdout.readline)).split()]
    assert pids
    user.send_signal(signal.SIGKILL)
    user.wait()
    user.stdout.close()
    for pid in pids:
        while _is_alive(pid):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def test_one_batch_answers_for_all_sides_each_by_its_own_adapter(
    run: RunFolder, tmp_path: Path
) -> None:
    """What a GPU would do, on a processor: PEFT with a row's own adapter in one batch."""
    sides = named(sides_of_run(run), BACKBONE_DRT, DRT)
    async with served(sides, tmp_path / "logs", on_gpu=True) as serving:
        assert {check.level for check in serving.checks.values()} == {"pass"}
        begun: list[str] = []
        ended: list[str] = []

        async def listen(contender: Contender) -> Answer:
            made = None
            async for item in contender.translate(Question("s", UNSEEN[0], sampling=SHORT)):
                if isinstance(item, Answer):
                    made = item
                    ended.append(contender.name)
                elif contender.name not in begun:
                    assert not ended, "both stream before either has ended"
                    begun.append(contender.name)
            assert made is not None
            return made

        untrained, trained = await asyncio.gather(*map(listen, serving.contenders))
        assert trained.text.startswith("<thought>")
        assert "<thought>" not in untrained.text


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
