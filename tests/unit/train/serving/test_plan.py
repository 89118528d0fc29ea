"""How sides are spread over processes, cores and memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.format import Format
from pipeline.llm.builtin_files import Cores
from train.backbones.shape import Shape
from train.run.folder import RunFolder
from train.serving.plan import ServerPlan, memory_of_one, spread
from train.serving.served import _one_each, _scales, _together
from train.serving.side import Side
from train.serving.weights import Weights

MB = 1024**2
SMALL = Shape("llama", 30, 576, 1536, 9, 3, 64, 49152, True, 2048)
PLENTY = 10_000 * MB


@pytest.mark.parametrize(
    ("servers", "cores", "threads"), [(1, 2, 2), (2, 2, 1), (2, 4, 2), (2, 5, 2), (3, 8, 2), (3, 3, 1)]
)
def test_threads_are_split_and_never_more_than_the_cores(servers: int, cores: int, threads: int) -> None:
    how = spread(servers, cores, PLENTY, 100 * MB, 100 * MB)
    assert (how.threads, how.why_in_turn) == (threads, "")
    assert how.threads * servers <= cores


@pytest.mark.parametrize(("cores", "told"), [(1, "only one core is free"), (0, "no core is free")])
def test_with_fewer_cores_than_sides_they_take_turns(cores: int, told: str) -> None:
    assert spread(2, cores, PLENTY, 1, 1).why_in_turn == told


def test_where_memory_is_short_they_take_turns_and_it_is_said() -> None:
    how = spread(2, 4, 500 * MB, each=200 * MB, weights=200 * MB)
    assert how.why_in_turn == "memory is short: at the same time they need 0.6 GiB"
    assert how.threads == 4
    assert spread(2, 4, 601 * MB, each=200 * MB, weights=200 * MB).why_in_turn == ""


def test_one_server_never_takes_turns_with_itself() -> None:
    assert spread(1, 1, 0, PLENTY, PLENTY).why_in_turn == ""


def test_memory_grows_with_the_context_and_its_slots() -> None:
    one = memory_of_one(SMALL, ServerPlan(model="m", context=2048))
    two = memory_of_one(SMALL, ServerPlan(model="m", context=2048, slots=2))
    assert two - one == 2 * 30 * 3 * 64 * 2 * 2048, "keys and values of one more context, two bytes each"
    assert memory_of_one(replace(SMALL, vocabulary=150_000), ServerPlan(model="m")) > one
    assert memory_of_one(None, ServerPlan(model="m")) > 0


def sides_and_weights() -> dict[Side, Weights]:
    run, other = RunFolder(Path("runs/001")), RunFolder(Path("runs/002"))
    backbone = Weights(Path("b.gguf"), None, "template")
    format = Format("ko", "en")
    return {
        Side("plain", format, run, trained=False): backbone,
        Side("DRT prompt", format, run, trained=False): backbone,
        Side("DRT", format, run): replace(backbone, adapter=Path("1.gguf")),
        Side("outputs only", format, other): replace(backbone, adapter=Path("2.gguf")),
    }


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> dict[Side, Weights]:
    monkeypatch.setattr("train.serving.served._context", lambda side: 1024)
    return sides_and_weights()


def test_sides_that_differ_in_their_prompt_only_share_a_server(laid_out: dict[Side, Weights]) -> None:
    plans = _one_each(list(laid_out), laid_out, slots=1)
    assert [(plan.adapters, plan.slots) for plan in plans] == [((), 2), (("1.gguf",), 1), (("2.gguf",), 1)]
    assert {plan.model for plan in plans} == {"b.gguf"}


def test_taking_turns_is_one_server_with_all_adapters(laid_out: dict[Side, Weights]) -> None:
    (plan,) = _together(_one_each(list(laid_out), laid_out, slots=1))
    assert (plan.adapters, plan.slots) == (("1.gguf", "2.gguf"), 1)
    scales = [_scales(plan, files, 1.0)["lora"] for files in laid_out.values()]
    assert [[each["scale"] for each in one] for one in scales] == [[0, 0], [0, 0], [1, 0], [0, 1]]


def test_a_backbone_alone_is_asked_without_a_word_of_adapters() -> None:
    assert _scales(ServerPlan(model="b.gguf"), Weights(Path("b.gguf")), 1.0) == {}


def test_cores_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.llm.builtin_files.number_of_cores", lambda: 4)
    mine, built_in, late = Cores(tmp_path), Cores(tmp_path), Cores(tmp_path)
    built_in.take(1)
    assert mine.take(4) == mine.held == 3
    assert (late.take(1), late.held) == (1, 0), "it runs all the same, and knows that no core is its own"
    mine.close()
    assert (mine.held, late.take(4)) == (0, 3)
