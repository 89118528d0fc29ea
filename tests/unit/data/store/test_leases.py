from __future__ import annotations

import errno
import fcntl
import os
import threading
import time

import pytest

from data.errors import NotSaved
from data.store import Dataset, ProjectFolder
from data.store.locks import FileLock
from tests.stubs.made_up import a_sentence


def test_a_lease_excludes_others_until_it_is_released(folder: ProjectFolder) -> None:
    one, two = a_sentence(1).id, a_sentence(2).id
    with Dataset.open(folder) as mina, Dataset.open(folder) as jun:
        mina.add_sentences([a_sentence(1), a_sentence(2)])
        lease = mina.claim(one, "generate")
        assert lease is not None
        assert jun.claim(one, "generate") is None
        assert mina.claim(one, "generate") is None
        with jun.claim(one, "review") as review, jun.claim(two, "generate") as other:  # type: ignore[union-attr]
            assert (review.sentence, other.sentence) == (one, two)
        lease.release()
        lease.release()
        with jun.claim(one, "generate") as again:  # type: ignore[union-attr]
            assert again.sentence == one
    assert list(folder.leases.iterdir()) == []


def test_a_dropped_lease_is_free(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence()])
        dataset.claim(a_sentence().id, "generate")
        assert dataset.claim(a_sentence().id, "generate") is not None


def test_a_claim_takes_in_what_others_did_before(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as mina, Dataset.open(folder) as jun:
        mina.add_sentences([a_sentence()])
        assert a_sentence().id not in jun
        with jun.claim(a_sentence().id, "review"):  # type: ignore[union-attr]
            assert a_sentence().id in jun
        assert jun.follow() == {a_sentence().id}


def test_a_sentence_with_an_outlandish_id_has_a_lease_in_its_folder(folder: ProjectFolder) -> None:
    folder.root.mkdir()
    with Dataset.open(folder) as dataset, dataset.claim("../" * 9 + "x" * 300, "review") as lease:  # type: ignore[union-attr]
        assert lease is not None
        assert len(list(folder.leases.iterdir())) == 1


def test_claims_and_releases_of_many_threads_never_overlap(folder: ProjectFolder) -> None:
    folder.root.mkdir()
    dataset = Dataset.open(folder)
    inside, most, granted = 0, 0, 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal inside, most, granted
        for _ in range(300):
            lease = dataset.claim("one", "generate")
            if lease is None:
                continue
            with counting:
                inside += 1
                granted += 1
                most = max(most, inside)
            with counting:
                inside -= 1
            lease.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert granted > 0
    assert dataset.claim("one", "generate") is not None


class TestWithoutFlock:
    """A network file system that knows no `flock`."""

    @pytest.fixture(autouse=True)
    def no_flock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unsupported(*_: object) -> None:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

        monkeypatch.setattr(fcntl, "flock", unsupported)

    def test_leases_and_changes_work_by_the_clock(self, folder: ProjectFolder) -> None:
        with Dataset.open(folder) as mina, Dataset.open(folder) as jun:
            mina.add_sentences([a_sentence(1)])
            jun.add_sentences([a_sentence(2)])
            lease = mina.claim(a_sentence(1).id, "generate")
            assert lease is not None
            assert jun.claim(a_sentence(1).id, "generate") is None
            lease.release()
            assert jun.claim(a_sentence(1).id, "generate") is not None
            mina.fold()
        with Dataset.open(folder) as dataset:
            assert dataset.count() == 2

    def test_a_lease_of_a_dead_process_is_free(self, folder: ProjectFolder) -> None:
        folder.leases.mkdir(parents=True)
        with Dataset.open(folder) as dataset:
            held = folder.leases / "one.generate.lock.held"
            held.write_text(f"{os.uname().nodename} {2**22 + 1}", encoding="utf-8")
            assert dataset.claim("one", "generate") is not None

    def test_a_lease_of_another_machine_lasts_ten_minutes_behind_its_last_sign_of_life(
        self, folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder.leases.mkdir(parents=True)
        held = folder.leases / "one.generate.lock.held"
        held.write_text("elsewhere 1", encoding="utf-8")
        with Dataset.open(folder) as dataset:
            assert dataset.claim("one", "generate") is None
            ago = time.time() - 601
            os.utime(held, (ago, ago))
            lease = dataset.claim("one", "generate")
            assert lease is not None
            os.utime(held, (ago, ago))
            later = time.monotonic() + 61
            monkeypatch.setattr(time, "monotonic", lambda: later)
            dataset.follow()
            assert dataset.claim("one", "generate") is None
            lease.release()
        assert not held.exists()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_none(folder: ProjectFolder) -> None:
    folder.root.mkdir()
    first, second, third = (FileLock(folder.lock) for _ in range(3))
    assert first.try_acquire()
    assert not second.try_acquire()
    first.remove()
    assert second.try_acquire()
    assert not third.try_acquire()


def test_a_forked_child_does_not_keep_its_parents_leases(folder: ProjectFolder) -> None:
    folder.root.mkdir()
    with Dataset.open(folder) as dataset:
        lease = dataset.claim("one", "generate")
        assert lease is not None
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        os.close(reading)
        lease.release()
        with dataset.claim("one", "generate") as again:  # type: ignore[union-attr]
            assert again.sentence == "one"
        os.close(writing)
        assert os.waitpid(child, 0)[1] == 0


def test_a_lock_that_is_held_for_too_long_is_reported(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.locks._PATIENCE", 0.01)
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence(1)])
        with folder.lock.open("rb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(NotSaved, match="another process has held") as caught:
                dataset.add_sentences([a_sentence(2)])
            assert "ctrl+z" in caught.value.hint
        dataset.add_sentences([a_sentence(2)])
