"""`drt-tui mine` and `import --sentences`: what they print, how they end, and what is paid for."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.records import Status
from data.store import Dataset, ProjectFolder
from pipeline.context import Preceding
from tests.stubs.books import book
from tests.stubs.command_line import Ended, drt_tui, end, start
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script
from tests.stubs.served import served

KEYS = {
    "read", "sentences", "asked", "mined", "rejected", "failed", "duplicates", "calls", "prompt_tokens",
    "completion_tokens", "cost_usd", "seconds", "utilisation", "fallbacks", "left", "left_out",
}  # fmt: skip
SENTENCES = 50


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A book with 50 sentences of a fitting length, two short ones that come back, and a heading."""
    file = tmp_path / "book.txt"
    lines = list(book(1200))
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with served() as started:
        yield started


def mining(project: Path, text: Path, endpoint: FakeEndpoint | str) -> list[object]:
    """The words of a run against an endpoint."""
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    return ["mine", text, "--project", project, "--base-url", url, "--model", "fake", "--json"]


def answers(project: Path) -> list[dict[str, Any]]:
    lines = (project / "mined.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def kept(project: Path) -> list[str]:
    with Dataset.open(ProjectFolder(project), read_only=True) as dataset:
        return [dataset.sentence(sentence).source for sentence in dataset.ids({Status.NEW})]


def priced(project: Path, endpoint: FakeEndpoint, more: str = "") -> None:
    project.mkdir(exist_ok=True)
    (project / "drt.toml").write_text(
        f'[models.main]\nbase_url = "{endpoint.url}"\nmodel = "fake"\n'
        f"price = {{ input = 1.0, output = 2.0 }}\nmax_tokens = 100\n{more}",
        encoding="utf-8",
    )


def test_sentences_that_are_worth_it_become_new_and_all_answers_are_kept(
    tmp_path: Path, text: Path, endpoint: FakeEndpoint
) -> None:
    project = tmp_path / "p"

    ended = end(start(*mining(project, text, endpoint)))

    assert ended.code == 0
    assert ended.data.keys() >= KEYS
    data = ended.data
    assert (data["sentences"], data["asked"], data["failed"]) == (SENTENCES, SENTENCES, 0)
    assert data["mined"] + data["rejected"] == data["asked"] == data["calls"] == endpoint.script.calls
    assert data["left_out"] == {"heading": 1, "short": 20}
    assert data["read"] == SENTENCES + data["duplicates"] + 21
    assert {seen.stage for seen in endpoint.script.seen} == {"mine"}
    assert len(kept(project)) == data["mined"] > 0
    assert all("like a" in sentence for sentence in kept(project))
    assert {answer["source"] for answer in answers(project) if answer["kept"]} == set(kept(project))
    assert Counter(answer["kept"] for answer in answers(project)) == {
        True: data["mined"],
        False: data["rejected"],
    }
    assert (project / "drt.toml").read_text(encoding="utf-8").count('source = "en"') == 1


def test_again_nothing_is_asked_and_a_longer_text_costs_only_what_is_new(
    tmp_path: Path, text: Path, endpoint: FakeEndpoint
) -> None:
    project = tmp_path / "p"
    first = drt_tui(*mining(project, text, endpoint))
    again = drt_tui(*mining(project, text, endpoint))
    with text.open("a", encoding="utf-8") as file:
        file.write("\n\nThe last lamp went out like a word that nobody had wanted to hear that night.\n")
    longer = drt_tui(*mining(project, text, endpoint))

    assert (again.code, again.data["asked"], again.data["calls"]) == (0, 0, 0)
    assert again.data["answered_before"] == first.data["asked"]
    assert (longer.data["asked"], longer.data["mined"], longer.data["added"]) == (1, 1, 1)
    assert endpoint.script.calls == SENTENCES + 1


def test_killed_at_any_moment_it_pays_for_nothing_twice_but_what_was_in_flight(
    tmp_path: Path, text: Path
) -> None:
    project, at_once, kills = tmp_path / "p", 4, 2
    with served(Script(latency_s=0.05)) as endpoint:
        command = [*mining(project, text, endpoint), "--concurrency", at_once]
        for kill in range(1, kills + 1):
            process = start(*command)
            while endpoint.script.calls < 10 * kill and process.poll() is None:
                time.sleep(0.005)
            process.kill()
            end(process)
        last = drt_tui(*command)

        assert last.code == 0
        asked = Counter(json.dumps(seen.body) for seen in endpoint.script.seen)
    assert len(asked) == SENTENCES
    assert sum(count - 1 for count in asked.values()) <= at_once * kills
    assert len(answers(project)) == len({answer["id"] for answer in answers(project)}) == SENTENCES
    assert sum(answer["kept"] for answer in answers(project)) == len(kept(project))


def test_two_at_once_ask_about_no_sentence_twice(tmp_path: Path, text: Path) -> None:
    project = tmp_path / "p"
    with served(Script(latency_s=0.05)) as endpoint:
        both = [start(*mining(project, text, endpoint)) for _ in range(2)]
        ended = [end(process) for process in both]
        asked = Counter(json.dumps(seen.body) for seen in endpoint.script.seen)

    assert [each.code for each in ended] == [0, 0]
    assert (len(asked), max(asked.values())) == (SENTENCES, 1)
    assert sum(each.data["asked"] for each in ended) == SENTENCES
    assert sorted(answer["id"] for answer in answers(project)) == sorted(
        {each["id"] for each in answers(project)}
    )


def test_interrupted_it_ends_with_130_and_the_same_command_goes_on(tmp_path: Path, text: Path) -> None:
    project = tmp_path / "p"
    with served(Script(latency_s=0.1)) as endpoint:
        command = [*mining(project, text, endpoint), "--limit", 20, "--concurrency", 3]
        process = start(*command)
        while endpoint.script.calls < 6 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        interrupted = end(process)
        again = drt_tui(*command)
        asked = Counter(json.dumps(seen.body) for seen in endpoint.script.seen)

    assert (interrupted.code, interrupted.data["ended"]) == (130, "interrupted")
    assert again.code == 0
    assert interrupted.data["asked"] + again.data["asked"] == 20, "its own twenty, and no others"
    assert max(asked.values()) == 1
    assert len(answers(project)) == 20


def test_a_limit_takes_the_next_ones_each_time(tmp_path: Path, text: Path, endpoint: FakeEndpoint) -> None:
    project = tmp_path / "p"
    command = [*mining(project, text, endpoint), "--limit", 7]

    numbers = [drt_tui(*command).data["asked"] for _ in range(3)]

    assert numbers == [7, 7, 7]
    of_seven = 5  # sentences of a fitting length in each paragraph
    assert {answer["position"] for answer in answers(project)} == {
        place for place in range(1, 30) if (place - 1) % 7 < of_seven
    }


def test_a_budget_is_3_and_never_crossed(tmp_path: Path, text: Path, endpoint: FakeEndpoint) -> None:
    project = tmp_path / "p"
    priced(project, endpoint)

    ended = drt_tui("mine", text, "--project", project, "--budget-usd", 0.01, "--json")

    assert (ended.code, ended.data["ended"]) == (3, "budget")
    assert 0 < ended.data["cost_usd"] <= 0.01
    assert ended.data["left"] == SENTENCES - ended.data["asked"]


def test_failures_everywhere_are_4(tmp_path: Path, text: Path) -> None:
    with served(Script(faults={"refusal": 1.0})) as endpoint:
        ended = drt_tui(*mining(tmp_path / "p", text, endpoint))

    assert (ended.code, ended.data["ended"], ended.data["mined"]) == (4, "failure-rate", 0)
    assert sum(ended.data["reasons"].values()) == ended.data["failed"] > 0
    assert not (tmp_path / "p" / "mined.jsonl").exists()


def test_hostile_replies_fail_their_sentence_alone(tmp_path: Path, text: Path) -> None:
    hostile = iter(
        ['{"figurative": tr', "\x1b[2J<script>", '{"figurative": {}, "spoiled": []}', "", "null", "[]"] * 2
    )

    def answer(stage: str, body: Any, chance: Any) -> str:
        return next(hostile, '{"reason": "<b>\\u001b[31m", "figurative": true, "spoiled": "no"}')

    with served(Script(answer=answer)) as endpoint:
        ended = drt_tui(*mining(tmp_path / "p", text, endpoint), "--concurrency", 1)

    assert ended.code == 0
    assert ended.data["failed"] + ended.data["rejected"] == SENTENCES
    assert "\x1b" not in ended.err


def test_faults_of_an_endpoint_lose_no_sentence(tmp_path: Path, text: Path) -> None:
    with served(Script(faults={"429": 0.05, "500": 0.05, "truncated-json": 0.05})) as endpoint:
        ended = drt_tui(*mining(tmp_path / "p", text, endpoint))

    assert (ended.code, ended.data["asked"], ended.data["failed"]) == (0, SENTENCES, 0)


def test_a_dry_run_counts_and_asks_nothing(tmp_path: Path, text: Path, endpoint: FakeEndpoint) -> None:
    project = tmp_path / "p"
    priced(project, endpoint)
    before = {path.name for path in project.iterdir()}

    ended = drt_tui("mine", text, "--project", project, "--dry-run", "--limit", 30, "--json")
    paid = drt_tui("mine", text, "--project", project, "--limit", 30, "--json")

    assert (ended.code, ended.data["asked"], ended.data["left"]) == (0, 0, 30)
    guess = ended.data["projected"]
    assert guess["calls"] == 30
    assert guess["prompt_tokens"] == pytest.approx(paid.data["prompt_tokens"], rel=0.3)
    assert guess["cost_usd"] > 0
    assert before == {"drt.toml"}


def test_a_recorded_run_is_replayed_without_an_endpoint(
    tmp_path: Path, text: Path, endpoint: FakeEndpoint
) -> None:
    tape = tmp_path / "tape.jsonl"
    recorded = drt_tui(*mining(tmp_path / "p", text, endpoint), "--record", tape)
    asked = endpoint.script.calls

    replayed = drt_tui("mine", text, "--project", tmp_path / "q", "--replay", tape, "--json")

    assert (replayed.code, replayed.data["mined"]) == (0, recorded.data["mined"])
    assert endpoint.script.calls == asked
    assert sorted(kept(tmp_path / "q")) == sorted(kept(tmp_path / "p"))


def test_other_files_are_read_by_their_rows(tmp_path: Path, endpoint: FakeEndpoint) -> None:
    file = tmp_path / "list.tsv"
    file.write_text("그의 마음은 솜처럼 무거웠다.\tsecret\n비가 왔다.\tsecret too\n", encoding="utf-8")

    ended = drt_tui(
        *mining(tmp_path / "p", file, endpoint), "--map", "source=1,reference=2", "--licence", "CC0"
    )

    assert (ended.code, ended.data["asked"], ended.data["mined"]) == (0, 2, 1)
    assert "secret" not in str([seen.body for seen in endpoint.script.seen])
    with Dataset.open(ProjectFolder(tmp_path / "p"), read_only=True) as dataset:
        (only,) = dataset.ids()
        assert dataset.sentence(only).licence == "CC0"


@pytest.mark.parametrize("more", [["--words", "100-10"], ["--words", "ten"], ["--limit", "0"]])
def test_an_option_that_makes_no_sense_is_2(tmp_path: Path, text: Path, more: list[str]) -> None:
    assert drt_tui("mine", text, "--project", tmp_path / "p", "--json", *more).code == 2


def test_a_file_that_is_not_there_is_2_and_nothing_is_asked(tmp_path: Path, endpoint: FakeEndpoint) -> None:
    ended = drt_tui(*mining(tmp_path / "p", tmp_path / "none.txt", endpoint))

    assert (ended.code, ended.error["code"]) == (2, "file")
    assert endpoint.script.seen == []


def test_an_unreachable_endpoint_is_1(tmp_path: Path, text: Path) -> None:
    ended = drt_tui(*mining(tmp_path / "p", text, "http://127.0.0.1:9/v1"))

    assert (ended.code, ended.error["code"]) == (1, "unreachable")


def imported(project: Path, *arguments: object) -> Ended:
    return drt_tui("import", *arguments, "--project", project, "--json")


def test_a_book_is_imported_sentence_by_sentence_where_that_is_asked_for(tmp_path: Path, text: Path) -> None:
    ended = imported(tmp_path / "p", text, "--sentences")
    rehearsed = imported(tmp_path / "q", text, "--sentences", "--dry-run")
    by_line = imported(tmp_path / "r", text)

    assert (ended.code, ended.data["added"]) == (0, SENTENCES)
    assert ended.data["read"] == ended.data["added"] + ended.data["duplicates"] + len(ended.data["bad"])
    assert ended.data["left_out"] == rehearsed.data["left_out"] == {"heading": 1, "short": 20}
    assert by_line.data["added"] > SENTENCES, "a line is a sentence unless asked otherwise"
    assert imported(tmp_path / "p", text, "--sentences").data["duplicates"] == SENTENCES


def test_imported_sentences_know_those_before_them(tmp_path: Path, text: Path) -> None:
    imported(tmp_path / "p", text, "--sentences")

    with Dataset.open(ProjectFolder(tmp_path / "p"), read_only=True) as dataset:
        sixth = dataset.sentence(dataset.ids()[5])
        before = Preceding(dataset).of(sixth, 2)
    assert (sixth.document, sixth.position) == ("book.txt", 8)
    assert before == ('"It is late," he said.', '"Go home."')


def test_of_other_lengths_other_sentences_are_taken(tmp_path: Path, text: Path) -> None:
    ended = imported(tmp_path / "p", text, "--sentences", "--words", "1-6")

    assert (ended.data["added"], ended.data["left_out"]) == (2, {"heading": 1, "long": SENTENCES})


@pytest.mark.real_model
def test_the_built_in_model_answers_both_questions(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    text = tmp_path / "page.txt"
    text.write_text(
        "The harbour froze, and the boats stood in the ice like a row of teeth in an old jaw.",
        encoding="utf-8",
    )

    ended = drt_tui("mine", text, "--project", tmp_path / "p", "--json")

    assert (ended.code, ended.data["asked"], ended.data["failed"]) == (0, 1, 0)
    assert ended.data["cost_usd"] == 0
    (answer,) = answers(tmp_path / "p")
    assert isinstance(answer["figurative"], bool)
    assert answer["kept"] == (answer["figurative"] and answer["spoiled"]) == bool(kept(tmp_path / "p"))
