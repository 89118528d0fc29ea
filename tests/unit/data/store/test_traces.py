from __future__ import annotations

import pathlib
import threading

import pytest

from data.records import Call
from data.store import Dataset, ProjectFolder, StageLog
from tests.stubs.made_up import a_call, a_candidate, a_decision, a_sentence
from tests.stubs.store_worker import Worker


def files(folder: ProjectFolder) -> list[str]:
    return sorted(path.name for path in folder.traces.iterdir())


def on_day(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr("data.store.traces.today", lambda: day)


@pytest.fixture(autouse=True)
def project(folder: ProjectFolder) -> None:
    folder.root.mkdir()


def test_a_call_is_found_by_its_key_and_by_its_trace(folder: ProjectFolder) -> None:
    first, second = a_call("t1", key="a", number=0), a_call("t1", key="b", number=1)
    other = a_call("t2", key="c", reply="둘째\n줄", reasoning='"quoted" <think>')
    with StageLog(folder) as log:
        for call in (second, other, first):
            log.append(call)
        assert log.find("a") == first
        assert log.find("c") == other
        assert log.find("d") is None
        assert log.of("t1") == (first, second)
        assert log.of("nothing") == ()
    with StageLog(folder) as log:
        assert (log.find("b"), log.of("t2")) == (second, (other,))


def test_the_newest_call_with_a_key_is_found_and_one_without_key_never(folder: ProjectFolder) -> None:
    old, new, copy = a_call(key="a", reply="old"), a_call(key="a", reply="new"), a_call("t", key="x")
    copy = copy.model_copy(update={"key": "", "cached": True})
    with StageLog(folder) as log:
        for call in (old, new, copy):
            log.append(call)
        assert log.find("a") == new
        assert log.find("") is None
        assert log.of("t") == (copy,)


def test_looking_creates_nothing(folder: ProjectFolder) -> None:
    with StageLog(folder) as log:
        assert log.find("a") is None
        assert log.of("t") == ()
    assert not folder.traces.exists()


def test_a_call_is_found_right_after_it_was_looked_for_in_vain(folder: ProjectFolder) -> None:
    with StageLog(folder) as log:
        for key in ("a", "b"):
            assert log.find(key) is None
            log.append(a_call(key=key))
            assert log.find(key) is not None


def test_what_another_process_appends_is_found(folder: ProjectFolder) -> None:
    with StageLog(folder) as mine, StageLog(folder) as theirs:
        for number in range(5):
            call = a_call("t", key=f"k{number}", number=number)
            (theirs if number % 2 else mine).append(call)
            assert mine.find(f"k{number}") == theirs.find(f"k{number}") == call
        assert len(mine.of("t")) == 5


def test_a_call_survives_kill_9_as_soon_as_it_is_appended(folder: ProjectFolder) -> None:
    worker = Worker(folder.root, "mina")
    worker.ask("call", a_call("t", key="a").model_dump())
    worker.stop()
    with StageLog(folder) as log:
        assert log.find("a") is not None


def test_a_torn_line_costs_only_itself(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    on_day(monkeypatch, "2026-11-01")
    with StageLog(folder) as log:
        log.append(a_call(key="a"))
        path = folder.traces / "2026-11-01.jsonl"
        whole = path.read_bytes()
        with path.open("ab") as torn:
            torn.write(whole.replace(b'"a"', b'"t"')[:60])
        assert log.find("t") is None
        log.append(a_call(key="b"))
        assert log.find("b") is not None
        assert log.find("t") is None
    with path.open("ab") as torn:
        torn.write(b'{"key":"c","trace":"' + b"x" * 3 + b'"}\nnonsense\n{"key":"d"')
    with StageLog(folder) as log:
        assert [key for key in "abcdt" if log.find(key)] == ["a", "b"]


def test_a_file_a_day_whatever_the_clock_does(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    with StageLog(folder) as log:
        for number, day in enumerate(("2026-11-02", "2026-11-03", "2026-11-01", "2026-11-03")):
            on_day(monkeypatch, day)
            log.append(a_call("t", key=f"k{number}", number=number))
        assert files(folder) == ["2026-11-01.jsonl", "2026-11-02.jsonl", "2026-11-03.jsonl"]
        assert [call.key for call in log.of("t")] == ["k0", "k1", "k2", "k3"]
        assert log.find("k2") is not None


def test_a_lost_trace_file_loses_no_example(folder: ProjectFolder) -> None:
    candidate = a_candidate(a_sentence())
    with StageLog(folder) as log, Dataset.open(folder) as dataset:
        log.append(a_call(candidate.id, key="a"))
        dataset.add_sentences([a_sentence()])
        dataset.add_candidate(candidate)
        dataset.decide(a_decision(a_sentence()))
        assert log.find("a") is not None
        for path in folder.traces.iterdir():
            path.unlink()
        assert log.find("a") is None
        assert log.of(candidate.id) == ()
        assert [example.candidate for example in dataset.examples()] == [candidate.id]
        log.append(a_call(candidate.id, key="b"))
        log.close()
    with StageLog(folder) as log:
        assert log.find("b") is not None


def test_the_disk_is_synced_for_many_calls_at_once(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Event()
    times = []

    def sync(fd: int) -> None:
        if not pathlib.Path(f"/proc/self/fd/{fd}").is_dir():
            times.append(fd)
            synced.set()

    monkeypatch.setattr("data.store.disk.sync", sync)
    with StageLog(folder) as log:
        for _ in range(200):
            log.append(a_call())
        assert synced.wait(10)
    assert len(times) < 20


def test_a_failed_sync_is_reported_once(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.errors import NotSaved

    def sync(fd: int) -> None:
        raise OSError(5, "Input/output error")

    log = StageLog(folder)
    log.append(a_call(key="a"))
    monkeypatch.setattr("data.store.disk.sync", sync)
    with pytest.raises(NotSaved, match="Input/output"):
        log.close()
    log.close()


def test_many_threads_append_whole_lines(folder: ProjectFolder) -> None:
    def work(name: str) -> None:
        for number in range(50):
            log.append(a_call(name, key=f"{name}{number}", number=number))

    with StageLog(folder) as log:
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all([call.number for call in log.of(name)] == list(range(50)) for name in "abcd")
        assert isinstance(log.find("c49"), Call)
