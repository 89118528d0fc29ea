from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import StoreError
from data.store import Dataset, ProjectFolder
from data.store.journal import Change, is_whole, read_transaction, transaction_line
from tests.stubs.made_up import a_candidate, a_decision, a_sentence

names = st.sampled_from(["sentences", "examples", "_default"])
documents = st.none() | st.dictionaries(st.text(), st.text()).map(
    lambda fields: __import__("orjson").dumps(fields)
)


@given(
    st.lists(st.builds(Change, names, st.integers(1, 10**9), documents), min_size=1), st.integers(0, 10**9)
)
def test_a_line_gives_back_its_changes_and_where_they_lie(changes: list[Change], offset: int) -> None:
    line = transaction_line(changes)
    entries = list(read_transaction(line, offset))
    assert [Change(entry.table, entry.row, entry.document) for entry in entries] == changes
    for entry in entries:
        start = entry.offset - offset
        assert entry.document is None or line[start : start + entry.length] == entry.document


@given(st.data())
def test_a_line_with_a_changed_byte_is_not_whole(data: st.DataObject) -> None:
    line = bytearray(transaction_line([Change("sentences", 1, b'{"id":"a"}')]))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    assert not is_whole(bytes(line))


@cache
def a_project() -> tuple[Path, list[int]]:
    """Return a project with a journal, and how many decisions each length of it holds."""
    root = Path(mkdtemp()) / "project"
    folder = ProjectFolder(root)
    ends = []
    with Dataset.open(folder, annotator="mina") as dataset:
        sentences = [a_sentence(number) for number in range(5)]
        dataset.add_sentences(sentences)
        for sentence in sentences:
            dataset.add_candidate(a_candidate(sentence))
        for sentence in sentences:
            dataset.decide(a_decision(sentence))
            ends.append(folder.journal.stat().st_size)
    return root, ends


@given(st.data())
def test_a_journal_cut_at_any_byte_opens_with_all_whole_decisions(data: st.DataObject) -> None:
    root, ends = a_project()
    cut = data.draw(st.integers(0, ends[-1]))
    copy = ProjectFolder(Path(mkdtemp()) / "copy")
    shutil.copytree(root, copy.root)
    content = copy.journal.read_bytes()
    copy.journal.write_bytes(content[:cut])
    whole = sum(end <= cut for end in ends)
    is_torn = cut > 0 and content[cut - 1 : cut] != b"\n"

    with Dataset.open(copy, read_only=True) as dataset:
        assert len(list(dataset.decisions())) == whole
    assert copy.journal.stat().st_size == cut
    with Dataset.open(copy, annotator="mina") as dataset:
        assert any("torn" in notice for notice in dataset.notices) == is_torn
        assert len(list(dataset.decisions())) == len(list(dataset.examples())) == whole
        dataset.add_sentences([a_sentence(99)])
    with Dataset.open(copy, annotator="mina") as dataset:
        assert not dataset.notices
        assert a_sentence(99).id in dataset
        assert len(list(dataset.decisions())) == whole
    shutil.rmtree(copy.root.parent)


def test_a_broken_line_before_whole_ones_is_not_passed_over(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        for number in range(3):
            dataset.add_sentences([a_sentence(number)])
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"sentences", b"sentemces")
    folder.journal.write_bytes(b"".join(lines))
    with pytest.raises(StoreError, match="damaged") as caught:
        Dataset.open(folder)
    assert "doctor --repair" in caught.value.hint


def test_a_removed_journal_is_written_again_by_whoever_has_it_open(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence(1)])
        dataset.fold()
        dataset.add_sentences([a_sentence(2)])
        folder.journal.unlink()
        dataset.add_sentences([a_sentence(3)])
        assert dataset.notices == ["dataset.journal was removed while it was in use; it was written again."]
    with Dataset.open(folder) as dataset:
        assert dataset.count() == 3
