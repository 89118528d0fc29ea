"""`drt-tui translate` from the outside: as many lines out as in, whatever happens."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stubs.command_line import Ended, drt_tui, end, start
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Body, Script
from tests.stubs.served import served

TEXT = "그는 발이 넓다.\n\n둘째 줄이다.\n   \n셋째 줄.\n그는 발이 넓다.\n"
SAID = "He is so well connected that he knows everyone."


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with served(Script()) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, endpoint: FakeEndpoint) -> Path:
    """A folder with settings and a text, and without any dataset."""
    (tmp_path / "drt.toml").write_text(
        f'[project]\nsource = "ko"\ntarget = "en"\n[models.main]\nbase_url = "{endpoint.url}"\nmodel = "fake"\n'
        "price = { input = 1.0, output = 2.0 }\n",
        encoding="utf-8",
    )
    (tmp_path / "in.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def words(desk: Path, *more: object, contender: str = "model:main+drt") -> list[object]:
    return [
        "--project", desk, "translate", desk / "in.txt", "-o", desk / "out.txt", "--contender", contender,
        "--json", *more,
    ]  # fmt: skip


def translate(desk: Path, *more: object, contender: str = "model:main+drt") -> Ended:
    return drt_tui(*words(desk, *more, contender=contender))


def answering(
    endpoint: FakeEndpoint, answer: Callable[[str, int], str], *, to: dict[str, int] | None = None
) -> None:
    """Answer by the last line of the question and the number of times it was asked."""
    times: dict[str, int] = to if to is not None else {}

    def said(stage: str, body: Body, chance: random.Random) -> str:
        source = body["messages"][-1]["content"].splitlines()[-1]
        times[source] = times.get(source, 0) + 1
        return answer(source, times[source])

    endpoint.script.answer = said


def tagged(output: str) -> str:
    return f"<thought>\nI look.\n</thought>\n<output>\n{output}\n</output>"


def test_there_are_as_many_lines_out_as_in_and_blank_ones_stay_blank(desk: Path) -> None:
    ended = translate(desk)
    assert ended.code == 0
    assert (desk / "out.txt").read_text(encoding="utf-8") == f"{SAID}\n\n{SAID}\n\n{SAID}\n{SAID}\n"
    data = ended.data
    assert (data["lines"], data["blank"], data["translated"], data["failed"]) == (6, 2, 4, [])
    assert data["cost_usd"] > 0


def test_a_last_line_without_an_end_stays_without_one(desk: Path) -> None:
    (desk / "in.txt").write_text("하나\n둘", encoding="utf-8")
    translate(desk)
    assert (desk / "out.txt").read_bytes().count(b"\n") == 1


@pytest.mark.parametrize("content", ["", "\n", "\n  \n\n"])
def test_of_no_lines_or_blank_ones_as_many_come_out(desk: Path, endpoint: FakeEndpoint, content: str) -> None:
    (desk / "in.txt").write_text(content, encoding="utf-8")
    ended = translate(desk)
    assert ended.code == 0
    assert ended.data["lines"] == ended.data["blank"] == content.count("\n")
    assert (desk / "out.txt").read_text(encoding="utf-8") == content.replace(" ", "")
    assert not endpoint.script.seen


def test_the_log_holds_the_thoughts(desk: Path) -> None:
    log = Path(translate(desk).data["log"])
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 3
    assert sorted(number for line in lines for number in line["lines"]) == [1, 3, 5, 6]
    assert all("발이 넓다" in line["value"]["thought"] for line in lines)


def test_a_bad_reply_is_asked_for_anew_with_more_freedom(desk: Path, endpoint: FakeEndpoint) -> None:
    answering(
        endpoint, lambda source, times: tagged("Fine.") if times > 2 or "둘째" not in source else "no tags"
    )
    data = translate(desk).data
    assert data["failed"] == []
    assert data["retries"] == 2
    asked = [seen.body for seen in endpoint.script.seen if "둘째" in seen.body["messages"][-1]["content"]]
    assert [body["temperature"] for body in asked] == pytest.approx([0.0, 0.3, 0.6])
    assert len({body["seed"] for body in asked}) == 3


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("no tags at all", "no whole output"),
        (tagged("one\ntwo"), "more than one line"),
        (tagged(" "), "empty"),
        ("<thought>\nI look", "no whole output"),
    ],
)
def test_after_three_retries_a_line_is_marked_and_the_others_are_not_touched(
    desk: Path, endpoint: FakeEndpoint, reply: str, why: str
) -> None:
    times: dict[str, int] = {}
    answering(endpoint, lambda source, _: reply if "둘째" in source else tagged("Fine."), to=times)
    ended = translate(desk, "--strict")
    assert ended.code == 1
    (failed,) = ended.data["failed"]
    assert failed["line"] == 3
    assert why in failed["why"]
    lines = (desk / "out.txt").read_text(encoding="utf-8").splitlines()
    assert lines[2] == "[not translated] 둘째 줄이다."
    assert lines[0] == lines[5] == "Fine."
    assert len(lines) == 6
    assert times["둘째 줄이다."] == 4


def test_the_same_command_again_asks_only_for_what_failed(desk: Path, endpoint: FakeEndpoint) -> None:
    answering(endpoint, lambda source, _: "bad" if "둘째" in source else tagged("Fine."))
    translate(desk)
    before = len(endpoint.script.seen)
    answering(endpoint, lambda source, _: tagged("Second."))
    data = translate(desk).data
    assert len(endpoint.script.seen) == before + 1
    assert data["kept"] == 3
    assert (desk / "out.txt").read_text(encoding="utf-8").splitlines()[2] == "Second."


def test_lines_before_go_with_each_line(desk: Path, endpoint: FakeEndpoint) -> None:
    translate(desk, "--context", 2)
    asked = {
        seen.body["messages"][-1]["content"].splitlines()[-1]: seen.body["messages"][-1]["content"]
        for seen in endpoint.script.seen
    }
    assert "둘째 줄이다." in asked["셋째 줄."]
    assert "그는 발이 넓다." in asked["셋째 줄."]
    assert len(endpoint.script.seen) == 4


def test_without_context_no_line_sees_another(desk: Path, endpoint: FakeEndpoint) -> None:
    translate(desk)
    assert not any(
        "둘째" in seen.body["messages"][-1]["content"] and "셋째" in seen.body["messages"][-1]["content"]
        for seen in endpoint.script.seen
    )
    assert len(endpoint.script.seen) == 3


def test_a_dry_run_says_what_the_rest_would_cost_and_writes_no_output(desk: Path) -> None:
    (desk / "in.txt").write_text("\n".join(f"문장 {number}" for number in range(25)), encoding="utf-8")
    data = translate(desk, "--dry-run").data
    assert not (desk / "out.txt").exists()
    assert (data["translated"], data["left"]) == (5, 20)
    assert data["projected"]["calls"] == 20
    assert data["projected"]["cost_usd"] == pytest.approx(4 * data["cost_usd"], rel=0.01)
    assert translate(desk).data["kept"] == 5


def test_any_encoding_is_read_and_utf8_is_written(desk: Path) -> None:
    (desk / "in.txt").write_bytes("그는 발이 넓다.\r\n\r\n둘째 줄이다.\r\n".encode("cp949"))
    assert translate(desk).data["lines"] == 3
    assert (desk / "out.txt").read_text(encoding="utf-8").splitlines() == [SAID, "", SAID]


def test_after_kill_9_nothing_is_paid_twice_but_what_was_in_flight(
    desk: Path, endpoint: FakeEndpoint
) -> None:
    (desk / "in.txt").write_text("\n".join(f"문장 {number}" for number in range(30)), encoding="utf-8")
    endpoint.script.latency_s = 0.05
    process = start(*words(desk, "--concurrency", 2))
    log = desk / "out.txt.log.jsonl"
    while not (log.exists() and log.read_bytes().count(b"\n") >= 5):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    end(process)
    kept = log.read_bytes().count(b"\n")
    endpoint.script.latency_s = 0.0
    assert translate(desk).data["kept"] == kept
    assert endpoint.script.calls <= 30 + 2
    assert len((desk / "out.txt").read_text(encoding="utf-8").splitlines()) == 30


def test_an_interrupt_keeps_what_was_translated_and_leaves_the_output_alone(
    desk: Path, endpoint: FakeEndpoint
) -> None:
    (desk / "in.txt").write_text("\n".join(f"문장 {number}" for number in range(30)), encoding="utf-8")
    (desk / "out.txt").write_text("from before", encoding="utf-8")
    endpoint.script.latency_s = 0.3
    process = start(*words(desk, "--concurrency", 1))
    log = desk / "out.txt.log.jsonl"
    while not (log.exists() and log.read_bytes().count(b"\n") >= 2):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    ended = end(process)
    assert ended.code == 130
    assert ended.data["left"] > 0
    assert (desk / "out.txt").read_text(encoding="utf-8") == "from before"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-o", "{desk}/in.txt"], "replace the file"),
        (["-o", "{desk}"], "cannot be written"),
        (["-o", "{desk}/no/such/out.txt"], "cannot be written"),
        (["--contender", "drt"], "no finished run"),
        (["--contender", "model:main,loop"], "One contender"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_paid(
    desk: Path, endpoint: FakeEndpoint, more: list[str], said: str
) -> None:
    arguments: list[Any] = [word.format(desk=desk) for word in more]
    ended = translate(desk, *arguments)
    assert ended.code == 2
    assert said in ended.error["message"]
    assert endpoint.script.seen == []


def test_a_file_that_is_not_there_is_said(desk: Path) -> None:
    (desk / "in.txt").unlink()
    assert translate(desk).error["code"] == "file"
