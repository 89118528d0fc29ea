"""`drt-tui autogen`: what it prints, how it ends, and what it pays for."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from tests.stubs.command_line import drt_tui, end, start
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script
from tests.stubs.served import served

KEYS = {
    "generated", "failed", "skipped", "calls", "prompt_tokens", "completion_tokens", "cost_usd", "seconds",
    "utilisation", "fallbacks",
}  # fmt: skip
SENTENCES = 40
CLOSED = "http://127.0.0.1:9/v1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with sentences and no candidate."""
    file = tmp_path / "sentences.txt"
    file.write_text(
        "\n".join(f"그는 {number}째 집에서 발이 넓다." for number in range(SENTENCES)), encoding="utf-8"
    )
    folder = tmp_path / "project"
    assert drt_tui("import", file, "--project", folder).code == 0
    return folder


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with served() as started:
        yield started


def asking(project: Path, endpoint: FakeEndpoint | str) -> list[object]:
    """The words of a run against an endpoint."""
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    return ["autogen", "--project", project, "--base-url", url, "--model", "fake", "--json"]


def candidates(project: Path) -> list[str]:
    """The sentences that have a candidate, one for each."""
    return [row["sentence"] for row in candidate_rows(project)]


def usages(project: Path) -> list[dict[str, float]]:
    return [row["usage"] for row in candidate_rows(project)]


def candidate_rows(project: Path) -> list[dict[str, Any]]:
    with TinyDB(project / "dataset.json", encoding="utf-8") as database:
        return [dict(row) for row in database.table("candidates").all()]


def with_settings(project: Path, text: str) -> None:
    file = project / "drt.toml"
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def priced(endpoint: FakeEndpoint, name: str = "main") -> str:
    return (
        f'\n[models.{name}]\nbase_url = "{endpoint.url}"\nmodel = "fake"\n'
        "price = { input = 1.0, output = 2.0 }\nmax_tokens = 100\n"
    )


def test_so_many_sentences_and_no_more_get_a_candidate(project: Path, endpoint: FakeEndpoint) -> None:
    ended = end(start(*asking(project, endpoint), "--limit", 5))

    assert ended.code == 0
    assert ended.data.keys() >= KEYS
    assert (ended.data["generated"], ended.data["failed"]) == (5, 0)
    assert ended.data["calls"] == endpoint.script.calls
    assert ended.data["cost_usd"] is None, "an unknown price is no price of 0"
    assert len(set(candidates(project))) == 5
    assert "sentences: 5 " in ended.err


def test_files_are_imported_first_and_only_their_sentences_are_taken(
    project: Path, endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    file = tmp_path / "more.tsv"
    file.write_text("손이 크다.\tgenerous\n귀가 얇다.\tgullible\n", encoding="utf-8")

    ended = drt_tui(*asking(project, endpoint), file, "--map", "source=1,reference=2")

    assert (ended.code, ended.data["generated"]) == (0, 2)
    sent = str([seen.body["messages"] for seen in endpoint.script.seen])
    assert "generous" not in sent, "no model is told the reference"


def test_an_unreachable_endpoint_is_1_and_says_what_to_do(project: Path) -> None:
    ended = drt_tui(*asking(project, CLOSED), "--limit", 5)

    assert ended.code == 1
    assert ended.error["code"] == "unreachable"
    assert "127.0.0.1:9" in ended.error["message"]
    assert ended.error["hint"]
    assert candidates(project) == []


def test_a_wrong_key_is_2_and_names_the_variable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "wrong-and-secret")
    with served(Script(key="right")) as endpoint:
        ended = drt_tui(*asking(project, endpoint), "--limit", 2)

    assert (ended.code, ended.error["code"]) == (2, "key")
    assert "OPENAI_API_KEY" in ended.error["message"] + ended.error["hint"]
    assert "wrong-and-secret" not in ended.out + ended.err


def test_an_unknown_model_is_2_and_names_those_there_are(project: Path, endpoint: FakeEndpoint) -> None:
    ended = drt_tui(*asking(project, endpoint), "--model", "fork")

    assert (ended.code, ended.error["code"]) == (2, "model")
    assert "fake" in ended.error["hint"]


def test_a_budget_without_a_price_is_2_and_names_the_setting(project: Path, endpoint: FakeEndpoint) -> None:
    ended = drt_tui(*asking(project, endpoint), "--budget-usd", 1)

    assert ended.code == 2
    assert "models.env.price" in ended.error["hint"]
    assert endpoint.script.seen == []


def test_a_budget_is_3_and_never_crossed_over_all_runs(project: Path, endpoint: FakeEndpoint) -> None:
    with_settings(project, priced(endpoint))
    command = ["autogen", "--project", project, "--budget-usd", 0.01, "--json"]

    first, again = drt_tui(*command), drt_tui(*command)

    assert (first.code, first.data["ended"]) == (3, "budget")
    assert again.code == 3
    spent = first.data["cost_usd"] + again.data["cost_usd"]
    assert 0 < spent <= 0.01
    assert spent == pytest.approx(drt_tui("stats", "--project", project, "--json").data["cost_usd"], abs=1e-6)


def test_failures_everywhere_are_4_and_counted_by_reason(project: Path) -> None:
    with served(Script(faults={"refusal": 1.0})) as endpoint:
        ended = drt_tui(*asking(project, endpoint))

    assert (ended.code, ended.data["ended"]) == (4, "failure-rate")
    assert ended.data["generated"] == 0
    assert sum(ended.data["reasons"].values()) == ended.data["failed"] > 0


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--strict"], 1)])
def test_a_failed_sentence_fails_the_run_only_where_that_is_asked_for(
    project: Path, more: list[str], code: int
) -> None:
    with served(Script(faults={"refusal": 1.0})) as endpoint:
        ended = drt_tui(*asking(project, endpoint), "--limit", 2, *more)

    assert (ended.code, ended.data["failed"]) == (code, 2)


def test_an_interrupted_run_goes_on_with_its_own_sentences_and_pays_for_nothing_twice(project: Path) -> None:
    with served(Script(latency_s=0.15)) as endpoint:
        command = [*asking(project, endpoint), "--limit", 8, "--concurrency", 3]
        process = start(*command)
        while endpoint.script.calls < 12 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        interrupted = end(process)
        paid_by_then = endpoint.script.calls
        again = drt_tui(*command)

    assert (interrupted.code, interrupted.data["ended"]) == (130, "interrupted")
    assert interrupted.data["calls"] == paid_by_then, (
        "what was answered is counted, and what is counted is kept"
    )
    assert again.code == 0
    assert interrupted.data["generated"] + again.data["generated"] == 8
    assert again.data["calls"] == endpoint.script.calls - paid_by_then
    assert len(candidates(project)) == len(set(candidates(project))) == 8
    asked = Counter(repr(seen.body) for seen in endpoint.script.seen)
    assert max(asked.values()) == 1, "no question was asked twice"


def test_a_second_interrupt_stops_at_once_and_what_was_answered_is_kept(project: Path) -> None:
    with served(Script(next_faults=[None, None, *["stall"] * 100])) as endpoint:
        process = start(*asking(project, endpoint), "--limit", 4, "--concurrency", 1)
        while len(endpoint.script.seen) < 3 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "once more to stop at once" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        interrupted = end(process)
        endpoint.script.next_faults.clear()
        again = drt_tui(*asking(project, endpoint), "--limit", 4)

    assert (interrupted.code, interrupted.data["ended"]) == (130, "interrupted")
    assert (again.code, again.data["generated"]) == (0, 4)
    assert again.data["cached"] >= 2


def test_plain_http_to_another_machine_needs_to_be_allowed(project: Path) -> None:
    ended = drt_tui(*asking(project, "http://models.example/v1"), "--limit", 1)

    assert (ended.code, ended.error["code"]) == (2, "endpoint")
    assert "--allow-http" in ended.error["hint"]


def test_a_recorded_run_is_replayed_without_a_server(
    project: Path, endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    tape, other = tmp_path / "tape.jsonl", tmp_path / "other"
    assert drt_tui("import", tmp_path / "sentences.txt", "--project", other).code == 0
    recorded = drt_tui(*asking(project, endpoint), "--limit", 3, "--record", tape)
    asked = endpoint.script.calls

    replayed = drt_tui("autogen", "--project", other, "--limit", 3, "--replay", tape, "--json")

    assert (recorded.code, replayed.code) == (0, 0)
    assert replayed.data["generated"] == recorded.data["generated"] == 3
    assert endpoint.script.calls == asked
    assert "calls in flight at most: 4" in recorded.err, "recording makes a run no slower"
    assert sorted(candidates(other)) == sorted(candidates(project))


def test_a_call_that_is_not_on_the_tape_is_2(project: Path, tmp_path: Path) -> None:
    ended = drt_tui("autogen", "--project", project, "--replay", tmp_path / "none.jsonl", "--json")

    assert (ended.code, ended.error["code"]) == (2, "cassette")


def test_a_dry_run_keeps_five_and_says_what_the_rest_will_take(project: Path, endpoint: FakeEndpoint) -> None:
    with_settings(project, priced(endpoint))

    ended = drt_tui("autogen", "--project", project, "--dry-run", "--json")

    assert ended.code == 0
    assert (ended.data["generated"], ended.data["left"]) == (5, SENTENCES - 5)
    projected = ended.data["projected_cost_usd"]
    assert 0 < projected["low"] < projected["likely"] < projected["high"]
    whole_price = sum(usage["cost_usd"] for usage in usages(project))
    assert projected["likely"] == pytest.approx(whole_price / 5 * (SENTENCES - 5))
    assert len(candidates(project)) == 5


def test_a_dry_run_of_unknown_price_projects_calls_and_tokens(project: Path, endpoint: FakeEndpoint) -> None:
    ended = drt_tui(*asking(project, endpoint)[:-1], "--dry-run", "--limit", 10)

    assert re.search(r"the 10 left: about \d+ calls, [\d,]+ tokens$", ended.out.strip())


def test_arms_are_dealt_to_sentences_and_compared(project: Path, endpoint: FakeEndpoint) -> None:
    with_settings(project, priced(endpoint) + priced(endpoint, "other") + '\n[roles]\ndefault = ["main"]\n')
    arms = ["--arm", "loop=max_iterations:1", "--arm", "single=workflow:single,model:other"]

    ended = drt_tui("autogen", "--project", project, "--limit", 12, *arms, "--json")

    assert ended.code == 0
    assert ended.data["by_arm"].keys() == {"loop", "single"}
    assert sum(ended.data["by_arm"].values()) == 12
    compared = drt_tui("stats", "--arms", "--project", project, "--json").data["arms"]
    assert {arm["name"] for arm in compared} == {"loop", "single"}
    assert "single" in drt_tui("stats", "--arms", "--project", project).out


@pytest.mark.parametrize("arm", ["nonsense", "a=workflow:none", "a=model:none", "a=spiral:1"])
def test_an_arm_that_makes_no_sense_is_2(project: Path, endpoint: FakeEndpoint, arm: str) -> None:
    ended = drt_tui(*asking(project, endpoint), "--arm", arm)

    assert (ended.code, ended.error["code"]) == (2, "arm")
    assert ended.error["hint"]


def test_a_run_that_waits_for_its_endpoint_says_so(project: Path) -> None:
    with served(Script(dead=(0.3, 6.5), latency_s=0.05)) as endpoint:
        ended = drt_tui(*asking(project, endpoint), "--limit", 10)

    assert (ended.code, ended.data["generated"]) == (0, 10)
    assert "waiting: env is down" in ended.err
    assert ended.out.count("\n") == 1
