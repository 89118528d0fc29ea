"""Sides at an endpoint that serves both names: the exact requests, S1, and what can go wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from data.format import Format
from tests.stubs.model_server import Manners, ModelServer
from tests.stubs.run_states import state
from train.chat import ChatTokenizer
from train.errors import NoAnswer, ServingFailed
from train.evaluation.contender import Answer, Contender, Question, Sampling, Text, Turn
from train.manifest import Manifest
from train.run.folder import RunFolder
from train.run.state import write_state
from train.serving.elsewhere import Elsewhere, served_elsewhere
from train.serving.side import BACKBONE, BACKBONE_DRT, DRT, sides_of_run

FORMAT = Format("ko", "en")
QUESTION = Question("s1", "그는 발이 넓다.", before=("앞 문장.",))


@pytest.fixture
def run(tmp_path: Path, tiny: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "runs" / "001-trl-built-in")
    shutil.copytree(tiny, folder.adapter)
    (folder.adapter / "adapter_config.json").write_text("{}")
    written = state()
    write_state(folder, written)
    Manifest.of(written).write(folder.adapter)
    return folder


def at(server: ModelServer, *, adapter: int | None = None) -> Elsewhere:
    names = ("side", "side") if adapter is not None else ("base", "drt")
    return Elsewhere(f"{server.root}/v1", *names, adapter=adapter)


async def answers(contender: Contender, question: Question = QUESTION) -> tuple[list[str], Answer]:
    items = [item async for item in contender.translate(question)]
    assert isinstance(items[-1], Answer)
    return [item.text for item in items if isinstance(item, Text)], items[-1]


async def test_each_side_is_asked_by_its_name_in_its_own_words(run: RunFolder, chat: ChatTokenizer) -> None:
    async with (
        ModelServer(chat, manners="vllm", names=("base", "drt")) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        assert [each.name for each in serving.contenders] == [BACKBONE, BACKBONE_DRT, DRT]
        for contender in serving.contenders:
            await answers(contender)
        plain, same_prompt, drt = server.bodies
    assert [body["model"] for body in server.bodies] == ["base", "base", "drt"]
    assert drt == {
        "model": "drt",
        "messages": FORMAT.prompt(QUESTION.source),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 640,
        "temperature": 0.0,
        "top_p": 1.0,
        "seed": 0,
        "chat_template_kwargs": {"enable_thinking": False},
        "repeat_penalty": 1.0,
        "repetition_penalty": 1.0,
    }
    assert same_prompt == drt | {"model": "base"}, "the prompt alone is no difference between the two"
    assert "philosopher" not in plain["messages"][0]["content"]
    assert "thought" not in str(plain["messages"])


async def test_one_name_is_told_apart_by_the_scale_of_the_adapter(
    run: RunFolder, chat: ChatTokenizer
) -> None:
    async with (
        ModelServer(chat) as server,
        served_elsewhere(sides_of_run(run), at(server, adapter=0)) as serving,
    ):
        for contender in serving.contenders:
            await answers(contender)
    assert [body["lora"] for body in server.bodies] == [
        [{"id": 0, "scale": 0.0}], [{"id": 0, "scale": 0.0}], [{"id": 0, "scale": 1.0}],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("manners", "path"), [("llama-server", "/apply-template"), ("vllm", "/tokenize"), ("ollama", "/api/chat")]
)
async def test_s1_asks_each_server_in_its_own_way(
    run: RunFolder, chat: ChatTokenizer, manners: Manners, path: str
) -> None:
    async with (
        ModelServer(chat, manners=manners, names=("base", "drt:latest", "base:latest")) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        assert {name: check.level for name, check in serving.checks.items()} == {
            BACKBONE_DRT: "pass",
            DRT: "pass",
        }
        assert {asked for asked, _ in server.rendered} == {path}
        body = server.rendered[-1][1]
        assert body["messages"][0]["content"] == FORMAT.system
        if manners == "ollama":
            assert (body["model"], body["stream"], body["_debug_render_only"]) == ("drt", False, True)


async def test_a_prompt_that_differs_by_one_character_fails_s1(run: RunFolder, chat: ChatTokenizer) -> None:
    def with_bos(prompt: str) -> str:
        return f"<|endoftext|>{prompt}"

    async with (
        ModelServer(chat, manners="vllm", names=("base", "drt"), render=with_bos) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        check = serving.checks[DRT]
        assert check.level == "fail"
        assert "differs from character 3 on" in check.message
        assert check.fix


async def test_a_server_that_does_not_say_leaves_s1_open(run: RunFolder, chat: ChatTokenizer) -> None:
    async with (
        ModelServer(chat, manners="none", names=("base", "drt")) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        assert serving.checks[DRT].level == "warn"


async def test_a_run_asked_in_another_format_fails_s1(run: RunFolder, chat: ChatTokenizer) -> None:
    sides = sides_of_run(run)
    other = Manifest.of(state().model_copy(update={"format": Format("ko", "en", system="Be quick.")}))
    other.write(run.adapter)
    async with (
        ModelServer(chat, names=("base", "drt")) as server,
        served_elsewhere(sides, at(server)) as serving,
    ):
        assert serving.checks[DRT].level == "fail"
        assert "another format" in serving.checks[DRT].message


async def test_an_answer_is_read_and_counted(run: RunFolder, chat: ChatTokenizer) -> None:
    async with (
        ModelServer(chat, names=("base", "drt"), finish="length") as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        pieces, answer = await answers(serving.contenders[2])
        assert "".join(pieces) == answer.text
        assert (answer.thought, answer.output, answer.troubles) == ("feet", "He knows all.", ())
        assert (answer.is_cut, answer.completion_tokens, answer.cost_usd) == (True, 9, 0.0)
        assert answer.prompt_fingerprint == serving.contenders[2].about.trained_fingerprint
        assert answer.seconds is not None
        assert answer.first_seconds is not None
        assert answer.first_seconds <= answer.seconds
        _, plain = await answers(serving.contenders[0])
        assert (plain.thought, plain.troubles) == ("", ()), "nobody asked for tags"


async def test_tags_that_others_take_for_reasoning_stay_in_the_answer(
    run: RunFolder, chat: ChatTokenizer
) -> None:
    told = state().model_copy(update={"format": Format("ko", "en", thought_tag="think", output_tag="")})
    write_state(run, told)
    Manifest.of(told).write(run.adapter)
    answer_text = "<think>\nfeet\n</think>\nHe knows all."
    async with (
        ModelServer(chat, names=("base", "drt"), answer=answer_text) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        pieces, answer = await answers(serving.contenders[2])
    assert "".join(pieces) == answer_text
    assert (answer.thought, answer.output) == ("feet", "He knows all.")


async def test_history_and_sampling_are_sent_as_they_are_set(run: RunFolder, chat: ChatTokenizer) -> None:
    question = Question("s2", "둘.", history=(Turn("하나.", "One."),), sampling=Sampling(0.7, 0.9, 5, 40))
    async with (
        ModelServer(chat, names=("base", "drt")) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        await answers(serving.contenders[2], question)
    (body,) = server.bodies
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["messages"][1] == FORMAT.prompt("하나.")[1]
    assert body["messages"][2]["content"] == "One."
    drawn: dict[str, Any] = {"temperature": 0.7, "top_p": 0.9, "seed": 5, "max_tokens": 40}
    assert {name: body[name] for name in drawn} == drawn


async def test_an_endpoint_that_dies_in_mid_stream_is_no_answer(run: RunFolder, chat: ChatTokenizer) -> None:
    async with (
        ModelServer(chat, names=("base", "drt"), dies_after=2) as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        seen: list[str] = []

        async def listen() -> None:
            async for item in serving.contenders[2].translate(QUESTION):
                assert isinstance(item, Text)
                seen.append(item.text)

        with pytest.raises(NoAnswer, match=DRT):
            await listen()
        assert seen, "what had come was shown"
        server.dies_after = None
        await answers(serving.contenders[0])


async def test_an_empty_answer_is_no_answer(run: RunFolder, chat: ChatTokenizer) -> None:
    async with (
        ModelServer(chat, names=("base", "drt"), answer="") as server,
        served_elsewhere(sides_of_run(run), at(server)) as serving,
    ):
        with pytest.raises(NoAnswer, match="said nothing"):
            await answers(serving.contenders[2])


async def test_a_name_that_the_endpoint_does_not_know_is_refused(run: RunFolder, chat: ChatTokenizer) -> None:
    async with ModelServer(chat, names=("base", "other")) as server:
        with pytest.raises(ServingFailed, match="no model drt; it has base, other") as caught:
            async with served_elsewhere(sides_of_run(run), at(server)):
                pass
    assert "--lora-modules drt=" in caught.value.hint


async def test_one_name_for_both_without_an_adapter_is_refused(run: RunFolder, chat: ChatTokenizer) -> None:
    async with ModelServer(chat) as server:
        with pytest.raises(ServingFailed, match="the same model"):
            async with served_elsewhere(sides_of_run(run), Elsewhere(server.root, "side", "side")):
                pass


async def test_an_endpoint_that_is_not_there_is_named(run: RunFolder) -> None:
    place = Elsewhere("http://127.0.0.1:9/v1", "base", "drt")
    with pytest.raises(ServingFailed, match=r"127\.0\.0\.1:9"):
        async with served_elsewhere(sides_of_run(run), place):
            pass
