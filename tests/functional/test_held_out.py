"""What an import holds out: decided once, kept, and never shown to a model or among the pending."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from data.records import Candidate, Decision, Sentence, Status, sentence_id
from data.store import Dataset, ProjectFolder
from drt_tui.cli import run
from drt_tui.project.holding_out import settle, settled
from drt_tui.review.hints import Memory
from drt_tui.review.ordering import in_order
from drt_tui.review.queue import ReviewQueue, counts_for_people
from pipeline.order import select
from tests.stubs.served import served
from tests.stubs.session import session

SYLLABLES = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호"
SETTINGS = """[project]
source = "ko"
target = "en"
[loop]
max_iterations = 1
context = 2
"""


def source(number: int) -> str:
    """A sentence that shares hardly anything with that of another number."""
    return f"{''.join(Random(number).choices(SYLLABLES, k=24))}."


def sentence_file(path: Path, groups: int, each: int = 2, first: int = 0) -> Path:
    rows = [
        {"source": source(first + number), "reference": f"Reference {first + number}.", "group": f"관용구 {number // each}"}
        for number in range(groups * each)
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def said(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def splits(project: Path) -> dict[str, str | None]:
    with Dataset.open(ProjectFolder(project), read_only=True) as dataset:
        return {sentence: dataset.sentence(sentence).split for sentence in dataset.ids()}


@pytest.fixture
def project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A project of 120 groups, some of which are held out."""
    file = sentence_file(tmp_path / "set.jsonl", 120)
    said(["import", str(file), "--project", str(tmp_path / "p")], capfd)
    return tmp_path / "p"


def test_from_a_hundred_groups_on_some_are_held_out(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    held_out = sum(split in {"valid", "test"} for split in splits(project).values())
    assert 10 <= held_out <= 80
    statistics = said(["stats", "--project", str(project)], capfd)
    assert statistics["held_out"] == held_out
    assert statistics["status"]["new"] == 240
    assert said(["split", "--project", str(project)], capfd)["leaks"] == 0


def test_with_fewer_groups_nothing_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = sentence_file(tmp_path / "set.jsonl", 99)
    report = said(["import", str(file), "--project", str(tmp_path / "p")], capfd)
    assert report["held_out"] == 0
    assert {*splits(tmp_path / "p").values()} == {None}


def test_a_share_of_nothing_is_kept_for_later_imports(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = sentence_file(tmp_path / "first.jsonl", 120)
    later = sentence_file(tmp_path / "later.jsonl", 150, first=1000)
    target = ["--project", str(tmp_path / "p")]
    said(["import", str(first), "--test-share", "0", *target], capfd)
    report = said(["import", str(later), *target], capfd)
    assert report["held_out"] == 0
    assert {*splits(tmp_path / "p").values()} == {None}


def test_new_rows_join_without_moving_old_ones(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = splits(project)
    later = sentence_file(tmp_path / "later.jsonl", 160, each=1, first=5000)
    report = said(["import", str(later), "--project", str(project)], capfd)
    after = splits(project)
    assert report["added"] == 160
    assert report["held_out"] > 0
    assert {sentence: after[sentence] for sentence in before} == before
    assert said(["split", "--project", str(project)], capfd)["leaks"] == 0


def refuse(*_: object) -> None:
    raise AssertionError("sentences were compared")


def test_an_import_compares_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.split.clusters", refuse)
    file = sentence_file(tmp_path / "set.jsonl", 120)
    report = said(["import", str(file), "--project", str(tmp_path / "p")], capfd)
    assert report["added"] == 240
    assert report["held_out"] > 0


def test_a_rehearsed_import_tells_what_would_be_held_out(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    later = sentence_file(tmp_path / "later.jsonl", 160, each=1, first=5000)
    for target in (tmp_path / "none yet", project):
        arguments = ["import", str(later), "--project", str(target)]
        rehearsed = said([*arguments, "--dry-run"], capfd)
        assert rehearsed == said(arguments, capfd)
        assert rehearsed["held_out"] > 0
    rehearsed = said(
        ["import", str(later), "--project", str(tmp_path / "off"), "--dry-run", "--test-share", "0"], capfd
    )
    assert rehearsed["held_out"] == 0


def with_near_duplicates(project: Path, file: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Import a near copy of each sentence that is held out; return by id where they belong."""
    with Dataset.open(ProjectFolder(project), read_only=True) as dataset:
        everything = [dataset.sentence(sentence) for sentence in dataset.ids()]
    held_out = [each for each in everything if each.split in {"valid", "test"}]
    rows = [{"source": f"{each.source}!"} for each in held_out]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    said(["import", str(file), "--project", str(project)], capfd)
    return {sentence_id(f"{each.source}!"): str(each.split) for each in held_out}


def test_near_duplicates_are_settled_before_the_first_call_and_once(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "drt.toml").write_text(SETTINGS)
    with served() as endpoint:
        generate = [
            "autogen",
            "--limit",
            "1",
            "--project",
            str(project),
            "--base-url",
            endpoint.url,
            "--model",
            "fake",
        ]
        said(generate, capfd)
        before = splits(project)
        wanted = with_near_duplicates(project, tmp_path / "copies.jsonl", capfd)
        assert {splits(project)[copy] for copy in wanted} <= {None, "train"}
        assert said(["split", "--project", str(project)], capfd)["leaks"] == 0, "told as it will be"
        said(generate, capfd)
        after = splits(project)
        assert {copy: after[copy] for copy in wanted} == wanted
        assert {sentence: after[sentence] for sentence in before} == before
        monkeypatch.setattr("data.split.clusters", refuse)
        said(generate, capfd)


async def test_a_comparison_that_nobody_waits_for_any_longer_ends(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def endless(texts: object, near: object, progress: Callable[[int, int], None]) -> None:
        loop.call_soon_threadsafe(started.set)
        try:
            while True:
                progress(0, 1)
        finally:
            ended.set()

    monkeypatch.setattr("data.split.clusters", endless)
    with Dataset.open(ProjectFolder(project)) as dataset:
        waiting = asyncio.create_task(settled(session(dataset, None)))
        await started.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await asyncio.to_thread(ended.wait, 30)
        monkeypatch.undo()
        await settled(session(dataset, None))
    monkeypatch.setattr("data.split.clusters", refuse)
    with Dataset.open(ProjectFolder(project)) as dataset:
        assert settle(dataset) == 0


def test_an_old_sentence_that_is_given_a_split_is_held_out_from_then_on(project: Path) -> None:
    with Dataset.open(ProjectFolder(project)) as dataset:
        trained = next(row.id for row in dataset.rows() if not row.is_held_out)
        before = sum(dataset.held_out().values())
        dataset.update_sentence(dataset.sentence(trained).model_copy(update={"split": "test"}))
        assert dataset.row(trained).is_held_out
        dataset.set_flag(trained, "look again", True)
        dataset.fold()
    with Dataset.open(ProjectFolder(project)) as dataset:
        assert dataset.row(trained).flags == ("held-out", "look again")
        assert sum(dataset.held_out().values()) == before + 1
        dataset.update_sentence(dataset.sentence(trained).model_copy(update={"split": "train"}))
        assert dataset.row(trained).flags == ("look again",)
        assert sum(dataset.held_out().values()) == before


def test_held_out_sentences_are_not_pending(project: Path) -> None:
    with Dataset.open(ProjectFolder(project), annotator="kim") as dataset:
        held_out = {row.id for row in dataset.rows() if row.is_held_out}
        assert counts_for_people(dataset)[Status.NEW] == 240 - len(held_out)
        one = min(held_out)
        dataset.add_candidate(Candidate(id="C1", sentence=one, thought="T.", output="O."))
        assert counts_for_people(dataset)[Status.GENERATED] == 0
        queue = ReviewQueue(dataset, in_order(dataset, "balanced", first=[one]))
        met = []
        while (sentence := queue.advance()) is not None:
            met.append(sentence)
        assert len(met) == 240 - len(held_out)
        assert held_out.isdisjoint(met)
        everything = ReviewQueue(dataset, in_order(dataset, "file"), statuses=frozenset(Status))
        assert held_out.isdisjoint(everything.upcoming(240))
        assert held_out.isdisjoint(select(dataset).ids)


async def test_held_out_sentences_are_no_hints(project: Path) -> None:
    with Dataset.open(ProjectFolder(project), annotator="kim") as dataset:
        one = next(row.id for row in dataset.rows() if row.is_held_out)
        dataset.add_candidate(Candidate(id="C1", sentence=one, thought="T.", output="O."))
        dataset.decide(Decision(id="D1", sentence=one, kind="accept", by="kim"))
        known = dataset.sentence(one)
        like = Sentence(id=sentence_id(known.source + "!"), source=known.source + "!", group=known.group)
        assert await Memory(dataset).similar(like) == ()


@pytest.mark.timeout(120)
def test_no_held_out_text_ever_reaches_a_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = sentence_file(tmp_path / "set.jsonl", 110)
    project = tmp_path / "p"
    project.mkdir()
    (project / "drt.toml").write_text(SETTINGS)
    with served() as endpoint:
        report = said(
            ["autogen", str(file), "--project", str(project), "--base-url", endpoint.url, "--model", "fake"],
            capfd,
        )
        asked = [json.dumps(seen.body, ensure_ascii=False) for seen in endpoint.script.seen]

    told = "\n".join(asked)
    with Dataset.open(ProjectFolder(project), read_only=True) as dataset:
        held_out = [dataset.sentence(row.id) for row in dataset.rows() if row.is_held_out]
        trained = [dataset.sentence(row.id) for row in dataset.rows() if not row.is_held_out]
    assert len(held_out) > 10
    assert report["generated"] == len(trained)
    assert all(sentence.source in told for sentence in trained), "the canaries would be seen"
    canaries = [text for each in held_out for text in (each.source, each.references[0].text)]
    assert [text for text in canaries if text in told] == []
