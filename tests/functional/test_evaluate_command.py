"""`drt-tui evaluate` from the outside: figures, money, interrupts, and what it says when it cannot."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.records import Example, Sentence, Status, sentence_id
from data.store import Dataset, ProjectFolder
from tests.stubs.command_line import Ended, drt_tui, end, start
from tests.stubs.contenders import sentences
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script
from tests.stubs.served import served

TOML = """\
[project]
source = "ko"
target = "en"
[models.main]
base_url = "{url}"
model = "fake"
price = {{ input = 1.0, output = 2.0 }}
[models.strong]
base_url = "{url}"
model = "judge-1"
price = {{ input = 1.0, output = 2.0 }}
[roles]
default = ["main"]
"""


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with served(Script(models=("fake", "judge-1"))) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, endpoint: FakeEndpoint) -> Path:
    """A project with 24 test sentences in 6 idioms, and some to train."""
    made = sentences(24, groups=6)
    trained = [each.model_copy(update={"split": "train"}) for each in _others(4)]
    path = tmp_path / "project"
    path.mkdir()
    (path / "drt.toml").write_text(TOML.format(url=endpoint.url), encoding="utf-8")
    with Dataset.open(ProjectFolder(path)) as dataset:
        dataset.add_sentences([*made, *trained])
    return path


def _others(count: int) -> list[Sentence]:
    sources = [f"훈련 문장 {number}은 다르다." for number in range(count)]
    return [Sentence(id=sentence_id(source), source=source, group="idiom 0") for source in sources]


def evaluate(folder: Path, *words: object) -> Ended:
    return drt_tui("--project", folder, "evaluate", *words)


def both(folder: Path, *words: object) -> Ended:
    return evaluate(folder, "--contenders", "plain=model:main,drt=model:main+drt", *words)


def test_two_models_are_asked_and_held_against_each_other(folder: Path, endpoint: FakeEndpoint) -> None:
    ended = both(folder, "--json")
    assert ended.code == 0
    data = ended.data
    assert data["items"] == 24
    assert data["contenders"]["drt"]["tags"] == 1.0
    assert data["contenders"]["plain"]["calls"] == 1.0
    assert {pair["verdict"] for pair in data["pairs"]} <= {"better", "worse", "cannot tell at this size"}
    assert set(data["slices"]) > {"unseen idiom", "seen idiom"}
    assert {seen.stage for seen in endpoint.script.seen} == {"translate"}
    assert "the smallest difference" in ended.err
    assert len(endpoint.script.seen) == 48


def test_the_same_command_again_pays_for_nothing(folder: Path, endpoint: FakeEndpoint) -> None:
    first = both(folder, "--json", "--judge", "strong").data
    asked = len(endpoint.script.seen)
    again = both(folder, "--json", "--judge", "strong").data
    assert len(endpoint.script.seen) == asked
    assert again["this_run"]["answers_made"] == 0
    assert again["contenders"] == first["contenders"]
    assert again["pairs"] == first["pairs"]


def test_a_judge_scores_and_compares(folder: Path) -> None:
    data = both(folder, "--json", "--judge", "strong").data
    assert data["judge"]["independent"] is True
    assert 60 <= data["contenders"]["plain"]["judge"] <= 92
    assert data["judge"]["wins"]["duels"] == 24
    assert any(pair["metric"] == "judge_wins" for pair in data["pairs"])


def test_a_judge_of_the_teachers_family_is_said_first(folder: Path) -> None:
    ended = both(folder, "--judge", "main")
    assert ended.out.splitlines()[0].startswith("not independent: the judge fake")


def test_the_role_of_the_judge_names_one_and_can_be_left_out(folder: Path) -> None:
    settings = folder / "drt.toml"
    settings.write_text(settings.read_text("utf-8") + 'judge = ["strong", "main"]\n', encoding="utf-8")
    assert (
        evaluate(folder, "--contenders", "main", "--limit", 2, "--json").data["judge"]["model"] == "judge-1"
    )
    assert (
        evaluate(folder, "--contenders", "main", "--limit", 2, "--no-judge", "--json").data["judge"] is None
    )
    assert evaluate(folder, "--judge", "main", "--no-judge", "--json").code == 2


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_a_few_items_nothing_is_told(folder: Path, count: int) -> None:
    ended = both(folder, "--limit", count, "--judge", "strong", "--json")
    assert ended.code == 0
    assert ended.data["items"] == count
    assert {pair["verdict"] for pair in ended.data["pairs"]} == {"cannot tell at this size"}
    assert all(pair["ci"] is None for pair in ended.data["pairs"])
    assert ended.data["smallest_win_rate"] is None
    assert "an interval needs 6" in ended.data["warnings"][0]


def test_a_judge_may_be_shown_fewer_items_and_the_evaluators_own_scale_is_in_the_appendix(
    folder: Path, endpoint: FakeEndpoint
) -> None:
    data = both(folder, "--json", "--judge", "strong", "--judge-limit", 5, "--evaluator-scale").data
    assert data["judge"]["wins"]["duels"] == 5
    assert 60 <= data["contenders"]["drt"]["evaluator"] <= 92
    assert not any(pair["metric"] == "evaluator" for pair in data["pairs"])


def test_a_limit_chooses_the_same_items_each_time_and_more_of_them_with_a_higher_one(folder: Path) -> None:
    evaluate(folder, "--contenders", "model:main", "--limit", 5, "--json")
    more = evaluate(folder, "--contenders", "model:main", "--limit", 8, "--json").data
    assert more["items"] == 8
    assert more["this_run"]["answers_kept"] == 5


def test_a_file_and_the_loop_stand_beside_a_model(folder: Path, tmp_path: Path) -> None:
    rows = [{"source": each.source, "deepl": "He knows everyone."} for each in sentences(23)]
    path = tmp_path / "others.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    specs = f"model:main,loop,file:{path}:deepl"
    data = evaluate(folder, "--contenders", specs, "--json").data
    assert len(data["contenders"]["deepl"]["missing"]) == 1
    assert data["contenders"]["deepl"]["calls"] is None
    assert data["contenders"]["loop"]["calls"] > 3
    with Dataset.open(ProjectFolder(folder), read_only=True) as dataset:
        assert not any(dataset.candidates_of(each) for each in dataset.ids())


def test_reports_are_written_where_they_are_asked_for(folder: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "r.html", tmp_path / "r.md"
    ended = both(folder, "--html", page, "--markdown", text)
    assert str(page) in ended.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "## Pairs" in text.read_text(encoding="utf-8")


def test_my_edits_are_what_hter_is_against(folder: Path) -> None:
    source = sentences(1)[0]
    with Dataset.open(ProjectFolder(folder)) as dataset:
        from data.records import Candidate, Decision

        dataset.add_candidate(Candidate(id="C1", sentence=source.id, thought="t", output="He knows many."))
        dataset.decide(
            Decision(
                id="D1",
                sentence=source.id,
                candidate="C1",
                kind="edit",
                by="kim",
                output="He knows a lot of people.",
            )
        )
        example = dataset.example(source.id)
        assert isinstance(example, Example)
        assert example.status is Status.EDITED
    data = both(folder, "--json").data
    assert data["contenders"]["plain"]["hter"] == 0.0
    assert data["contenders"]["drt"]["hter"] > 0


# Money, interrupts, crashes


def test_a_budget_is_not_crossed_and_what_was_paid_is_kept(folder: Path, endpoint: FakeEndpoint) -> None:
    ended = evaluate(
        folder, "--contenders", "model:main", "--budget-usd", 0.005, "--concurrency", 1, "--json"
    )
    assert ended.code == 3
    assert ended.error["code"] == "budget"
    paid = len(endpoint.script.seen)
    assert 0 < paid < 24
    after = evaluate(folder, "--contenders", "model:main", "--json").data
    assert after["this_run"]["answers_kept"] == paid


def test_after_kill_9_nothing_is_paid_twice_but_what_was_in_flight(
    folder: Path, endpoint: FakeEndpoint
) -> None:
    endpoint.script.latency_s = 0.05
    process = start(
        "--project", folder, "evaluate", "--contenders", "model:main", "--concurrency", 2, "--json"
    )
    kept = folder / "evaluations" / "answers.jsonl"
    while not (kept.exists() and kept.read_bytes().count(b"\n") >= 5):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    end(process)
    lines = kept.read_bytes().count(b"\n")
    endpoint.script.latency_s = 0.0
    data = evaluate(folder, "--contenders", "model:main", "--json").data
    assert data["this_run"]["answers_kept"] == lines
    assert endpoint.script.calls <= 24 + 2


def test_an_interrupt_keeps_what_was_answered(folder: Path, endpoint: FakeEndpoint) -> None:
    endpoint.script.latency_s = 0.3
    process = start(
        "--project", folder, "evaluate", "--contenders", "model:main", "--concurrency", 1, "--json"
    )
    kept = folder / "evaluations" / "answers.jsonl"
    while not (kept.exists() and kept.read_bytes().count(b"\n") >= 2):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    ended = end(process)
    assert ended.code == 130
    assert 2 <= ended.data["contenders"]["model:main"]["answered"] < 24
    assert any("not asked yet" in note for note in ended.data["notes"])


def test_failures_are_counted_and_strict_makes_them_an_error(folder: Path, endpoint: FakeEndpoint) -> None:
    endpoint.script.faults = {"content-filter": 0.4}
    ended = evaluate(folder, "--contenders", "model:main", "--strict", "--json")
    assert ended.code == 1
    assert ended.data["contenders"]["model:main"]["failed"] > 0


# What it cannot do


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--contenders", "no body"], "usage", "no contender"),
        (["--contenders", "nobody"], "usage", "[models.nobody]"),
        (["--contenders", "model:other"], "usage", "[models.other]"),
        (["--contenders", "drt"], "usage", "no finished run"),
        (["--contenders", "model:main", "--split", "valid"], "usage", "held out for valid"),
        (["--contenders", "file:/no/such.csv:x"], "file", "does not exist"),
        (["--contenders", "model:main", "--judge", "nobody"], "usage", "nobody"),
    ],
)
def test_what_cannot_be_evaluated_is_said_before_anything_is_paid(
    folder: Path, endpoint: FakeEndpoint, words: list[str], code: str, said: str
) -> None:
    ended = evaluate(folder, *words, "--json")
    assert ended.code == 2
    assert ended.error["code"] == code
    assert said in ended.error["message"]
    assert endpoint.script.seen == []


def test_a_metric_that_fails_costs_no_answer(folder: Path, endpoint: FakeEndpoint) -> None:
    ended = evaluate(folder, "--contenders", "model:main", "--comet", "/no/such/metric", "--json")
    assert ended.code == 1
    assert "/no/such/metric" in ended.error["message"]
    assert endpoint.script.seen == [], "a program that is not there is noticed before anything is paid"
    failing = evaluate(
        folder, "--contenders", "model:main", "--comet", f"{sys.executable} -c 'print(1)'", "--json"
    )
    assert failing.code == 1
    assert "1 lines for 24 items" in failing.data["warnings"][0]
    assert failing.data["contenders"]["model:main"]["answered"] == 24, (
        "what was answered is reported all the same"
    )
    assert evaluate(folder, "--contenders", "model:main", "--json").data["this_run"]["answers_made"] == 0


def test_a_recorded_evaluation_is_replayed_without_an_endpoint(
    folder: Path, endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    tape = tmp_path / "tape.jsonl"
    words = ("--contenders", "model:main", "--limit", 6, "--judge", "strong", "--json")
    recorded = evaluate(folder, *words, "--record", tape).data
    asked = len(endpoint.script.seen)
    for kept in (folder / "evaluations").iterdir():
        kept.unlink()
    replayed = evaluate(folder, *words, "--replay", tape).data
    assert len(endpoint.script.seen) == asked
    assert replayed["contenders"] == recorded["contenders"]
    assert replayed["judge"] == recorded["judge"]


def test_without_a_project_nothing_is_made(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert evaluate(empty, "--json").code == 2
    assert list(empty.iterdir()) == []
