from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import NewerSchema, StoreError
from data.records import Stage, Status
from data.store import Dataset, ProjectFolder, StageLog, check, repair
from data.store.backups import KEPT, states
from data.store.journal import Header, header_line
from tests.stubs.made_up import a_call, a_candidate, a_decision, a_sentence
from tests.stubs.store_worker import seen_by

SENTENCES = [a_sentence(number) for number in range(5)]


def content(folder: ProjectFolder) -> dict[str, object]:
    with Dataset.open(folder, read_only=True) as dataset:
        return seen_by(dataset)


def codes(folder: ProjectFolder) -> set[str]:
    return {finding.id for finding in check(folder)}


@pytest.fixture
def worked(folder: ProjectFolder) -> ProjectFolder:
    """A project folded twice, with changes in its journal."""
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.add_sentences(SENTENCES)
        for sentence in SENTENCES[:4]:
            dataset.add_candidate(a_candidate(sentence))
        dataset.decide(a_decision(SENTENCES[0]))
        dataset.fold()
        dataset.decide(a_decision(SENTENCES[1], "reject", reasons=("needs-context",)))
        dataset.decide(a_decision(SENTENCES[2], output="by hand"))
        dataset.undo()
        dataset.fold()
        dataset.redo()
        dataset.set_flag(SENTENCES[4].id, "hard", True)
    return folder


def test_a_sound_project_has_no_findings_and_survives_a_repair(worked: ProjectFolder) -> None:
    before = content(worked)
    assert check(worked) == ()
    repaired = repair(worked)
    assert (repaired.mended, repaired.lost) == ((), ())
    assert repaired.rows["sentences"] == 5
    assert content(worked) == before
    assert check(worked) == ()


def test_checking_changes_nothing(worked: ProjectFolder) -> None:
    with worked.journal.open("ab") as journal:
        journal.write(b'{"sum":"torn')
    before = {path: path.read_bytes() for path in worked.root.rglob("*") if path.is_file()}
    assert codes(worked) == {"journal-torn"}
    assert {path: path.read_bytes() for path in worked.root.rglob("*") if path.is_file()} == before


def with_a_hole(whole: bytes) -> bytes:
    start = whole.index(SENTENCES[1].id.encode())
    return whole[:start] + b"\0" * 900 + whole[start + 900 :]


def out_of_order(whole: bytes) -> bytes:
    first, second = re.findall(rb'\n,"[23]": \{"id":"[^\n]*"source"[^\n]*', whole)
    return whole.replace(first + second, second + first)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half": lambda whole: whole[: len(whole) // 2],
    "garbage": lambda whole: b"\0" * len(whole),
    "line": lambda whole: whole.replace(b'"kind":"reject"', b'"kind":\0reject"'),
    "key": lambda whole: whole.replace(b'"kind":"reject"', b'"kinb":"reject"'),
    "number": lambda whole: re.sub(rb'"2": (?=[^\n]*"source")', b'"6": ', whole),
    "hole": with_a_hole,
    "order": out_of_order,
    "list": lambda whole: b"[1, 2]",
    "no-tables": lambda whole: b"{}",
    "no-records": lambda whole: b'{"sentences": {"1": {"id": 5}}, "meta": []}',
}


def test_a_lost_dataset_is_rebuilt_without_a_loss(worked: ProjectFolder) -> None:
    before = content(worked)
    worked.dataset.unlink()
    assert any(finding.level == "error" for finding in check(worked))
    repair(worked)
    assert content(worked) == before
    assert check(worked) == ()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_dataset_is_rebuilt_without_a_loss(worked: ProjectFolder, damage: str) -> None:
    before = content(worked)
    whole = worked.dataset.read_bytes()
    worked.dataset.write_bytes(DAMAGES[damage](whole))
    assert worked.dataset.read_bytes() != whole
    with pytest.raises(StoreError):
        content(worked)
    assert any(finding.level == "error" for finding in check(worked))
    repaired = repair(worked)
    assert content(worked) == before
    assert check(worked) == ()
    assert (repaired.aside / "dataset.json").read_bytes() == DAMAGES[damage](whole)


def test_a_journal_with_the_line_ends_of_another_editor_is_not_taken_for_torn(worked: ProjectFolder) -> None:
    before = content(worked)
    worked.journal.write_bytes(worked.journal.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(StoreError, match="damaged"):
        Dataset.open(worked)
    assert repair(worked).lost == ()
    assert content(worked) == before


def test_more_than_one_broken_line_at_the_end_is_no_torn_one(worked: ProjectFolder) -> None:
    header, *lines = worked.journal.read_bytes().splitlines(keepends=True)
    worked.journal.write_bytes(header + b"".join(line.replace(b'"sum"', b'"sun"') for line in lines))
    with pytest.raises(StoreError, match="damaged"):
        Dataset.open(worked)
    assert len(repair(worked).lost) == 2
    assert check(worked) == ()


def test_an_example_under_a_wrong_id_makes_no_second_sentence(worked: ProjectFolder) -> None:
    with Dataset.open(worked) as dataset:
        dataset.fold()
    for path in worked.backups.iterdir():
        path.unlink()
    head, examples = worked.dataset.read_bytes().rsplit(b'"examples": {', 1)
    wrong = examples.replace(SENTENCES[0].id.encode(), b"0" * 20, 1)
    worked.dataset.write_bytes(head + b'"examples": {' + wrong)
    repair(worked)
    assert check(worked) == ()
    with Dataset.open(worked) as dataset:
        assert dataset.count() == 5


def test_without_backups_every_whole_row_is_kept(worked: ProjectFolder) -> None:
    for path in worked.backups.iterdir():
        path.unlink()
    lines = worked.dataset.read_bytes().splitlines(keepends=True)
    lost = next(place for place, line in enumerate(lines) if SENTENCES[3].id.encode() in line)
    worked.dataset.write_bytes(b"".join([*lines[:lost], b"garbage\n", *lines[lost + 1 :]]))
    repaired = repair(worked)
    assert len(repaired.lost) == 1
    assert "dataset.json" in repaired.lost[0]
    with Dataset.open(worked) as dataset:
        assert dataset.count() == 4
        assert dataset.counts()[Status.ACCEPTED] == 1
        assert dataset.counts()[Status.EDITED] == 1
        dataset.add_sentences(SENTENCES)
        assert dataset.row(SENTENCES[3].id).status is Status.NEW
    assert "status-differs" in codes(worked)
    repair(worked)
    with Dataset.open(worked) as dataset:
        assert dataset.row(SENTENCES[3].id).status is Status.GENERATED


def test_a_broken_line_in_the_journal_costs_only_itself(worked: ProjectFolder) -> None:
    lines = worked.journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    worked.journal.write_bytes(lines[0] + lines[1].replace(b"redo", b"rodo") + lines[2])
    with pytest.raises(StoreError, match="damaged"):
        Dataset.open(worked)
    assert codes(worked) == {"rows-damaged", "store-damaged"}
    repaired = repair(worked)
    assert "dataset.journal" in repaired.lost[0]
    assert (repaired.aside / "dataset.journal").read_bytes().count(b"rodo")
    with Dataset.open(worked, annotator="mina") as dataset:
        assert dataset.row(SENTENCES[4].id).flags == ("hard",)
        assert dataset.row(SENTENCES[2].id).status is Status.GENERATED
        assert dataset.redo() is not None
        assert dataset.row(SENTENCES[2].id).status is Status.EDITED


def test_a_missing_journal_is_named_and_worked_around(worked: ProjectFolder) -> None:
    worked.journal.write_bytes(header_line(Header(7, 1)))
    with pytest.raises(StoreError, match="Journal 3 of this project is missing"):
        Dataset.open(worked)
    assert codes(worked) == {"journal-missing", "store-damaged"}
    repaired = repair(worked)
    assert repaired.lost == tuple(f"journal {number} is missing" for number in (3, 4, 5, 6))
    with Dataset.open(worked) as dataset:
        assert dataset.count() == 5
    assert check(worked) == ()


def test_contradictions_are_settled_by_the_decisions(worked: ProjectFolder) -> None:
    before = content(worked)
    whole = worked.dataset.read_bytes()
    changed = whole.replace(b'"status":"accepted","group"', b'"status":"rejected","group"')
    assert len(changed) == len(whole)
    assert changed != whole
    worked.dataset.write_bytes(changed)
    assert codes(worked) == {"status-differs"}
    repaired = repair(worked)
    assert len(repaired.mended) == 1
    assert content(worked) == before


def test_records_found_twice_are_made_one(worked: ProjectFolder) -> None:
    before = content(worked)
    head, _, rest = worked.dataset.read_bytes().partition(b'"sentences": {\n"1": ')
    row, _, rest = rest.partition(b"\n")
    tables = b'"sentences": {\n"1": ' + row + b'\n,"77": ' + row + b"\n" + rest
    worked.dataset.write_bytes(head + tables)
    assert "id-twice" in codes(worked)
    repair(worked)
    assert content(worked) == before
    assert check(worked) == ()


def test_others_who_have_the_project_open_see_the_repair(worked: ProjectFolder) -> None:
    with Dataset.open(worked, annotator="mina") as dataset:
        dataset.decide(a_decision(SENTENCES[3], "skip"))
        repair(worked)
        assert dataset.count() == 5
        dataset.decide(a_decision(SENTENCES[4], "skip"))
        repair(worked)
        dataset.follow()
        assert dataset.undo() is not None
        seen = seen_by(dataset)
    assert content(worked) == seen
    with Dataset.open(worked) as dataset:
        dataset.fold()
    assert content(worked) == seen


def test_a_newer_project_is_not_repaired(worked: ProjectFolder) -> None:
    worked.dataset.write_bytes(worked.dataset.read_bytes().replace(b'"schema":1', b'"schema":2', 1))
    assert codes(worked) == {"store-newer"}
    with pytest.raises(NewerSchema):
        repair(worked)


def test_traces_are_looked_over(worked: ProjectFolder) -> None:
    with StageLog(worked) as log:
        log.append(a_call(sentence=SENTENCES[0].id))
        log.append(a_call(sentence="of a book").model_copy(update={"stage": Stage.MINE}))
        assert check(worked) == ()
        log.append(a_call(sentence="nobody"))
        [path] = worked.traces.iterdir()
        with path.open("ab") as file:
            file.write(b'{"key":"torn')
    assert {finding.id: finding.message[:2] for finding in check(worked)} == {
        "trace-torn": "1 ",
        "trace-orphan": "1 ",
    }


def test_orphans_are_reported_and_kept(worked: ProjectFolder) -> None:
    lines = worked.dataset.read_bytes().splitlines(keepends=True)
    for path in worked.backups.iterdir():
        path.unlink()
    first = next(place for place, line in enumerate(lines) if line.startswith(b'"1": {"id":"'))
    worked.dataset.write_bytes(
        b"".join([*lines[:first], lines[first + 1].removeprefix(b","), *lines[first + 2 :]])
    )
    repair(worked)
    with Dataset.open(worked) as dataset:
        assert dataset.count() == 5  # its example still held the sentence
        assert dataset.row(SENTENCES[0].id).status is Status.ACCEPTED


def test_one_backup_a_day_and_ten_are_kept(worked: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name[:8] for _, path in states(worked)] == ["dataset-"]
    for day in range(1, 15):
        monkeypatch.setattr("data.store.backups.today", lambda day=day: f"2030-01-{day:02}")
        for _ in range(2):
            with Dataset.open(worked, annotator="mina") as dataset:
                dataset.decide(a_decision(SENTENCES[0], "skip"))
                dataset.fold()
    backups = states(worked)
    assert len(backups) == KEPT
    assert backups[-1][1].name == "dataset-2030-01-14.json"
    before = content(worked)
    worked.dataset.unlink()
    repair(worked)
    assert content(worked) == before
    newest = backups[-1][0]
    kept = sorted(int(Path(path).suffix[1:]) for path in worked.backups.glob("dataset.journal.*"))
    assert kept[0] == newest + 1
