"""What all commands have in common: one object on stdout, the exit code, the project, no stray files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stubs.command_line import Ended, drt_tui, end, start
from tests.stubs.session import OUTPUT, fill, project

KEYS = {
    "stats": {"status", "groups", "initials", "calls", "tokens", "cost_usd", "fallbacks"},
    "split": {"train", "valid", "test", "groups", "leaks"},
    "doctor --offline": {"ok", "findings"},
    "lint": {"rows", "rows_with_findings", "findings", "by_row", "info", "set_findings", "languages"},
    "history": {"decisions"},
}
"""What only reads, and the keys of its object."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five sentences; the first is accepted, the second has a candidate."""
    path = tmp_path / "project"
    with project(path) as dataset:
        first = fill(dataset)[0].id
        dataset.decide(accept(first, dataset.row(first).candidate))
    return path


def accept(sentence: str, candidate: str | None) -> object:
    from data.records import Decision

    return Decision(
        id="D1", sentence=sentence, candidate=candidate, kind="accept", by="kim", at="2026-01-01T00:00:00Z"
    )


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def only_object(ended: Ended) -> dict[str, object]:
    """The object on stdout, which holds nothing else."""
    assert ended.out.endswith("\n")
    assert ended.out.count("\n") == 1
    return ended.data


@pytest.mark.parametrize("command", KEYS)
def test_what_only_reads_has_its_keys_and_changes_no_file(folder: Path, command: str) -> None:
    before = everything_in(folder)

    ended = drt_tui(*command.split(), "--project", folder, "--json")

    assert ended.code == 0
    assert only_object(ended).keys() >= KEYS[command]
    assert everything_in(folder) == before


@pytest.mark.parametrize("command", [*KEYS, "export -o out.jsonl", "autogen"])
def test_what_has_nothing_to_work_on_makes_nothing_of_an_empty_directory(
    tmp_path: Path, command: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    ended = drt_tui(*command.split(), "--project", empty, "--json")

    assert ended.code in (0, 2)
    assert only_object(ended)
    assert list(empty.iterdir()) == []


def test_export_writes_its_file_and_nothing_into_the_project(folder: Path, tmp_path: Path) -> None:
    before, file = everything_in(folder), tmp_path / "out.jsonl"

    ended = drt_tui("export", "-o", file, "--project", folder, "--json")

    assert only_object(ended) == {"file": str(file), "rows": 1, "left_out": {}, "unlicensed": []}
    [row] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert row.keys() >= {
        "id", "source", "reference", "group", "status", "thought", "output", "keywords", "drafts", "models", "usage",
        "decision", "generated",
    }  # fmt: skip
    assert (row["status"], row["output"]) == ("accepted", OUTPUT)
    assert everything_in(folder) == before


@pytest.mark.parametrize(
    "words",
    [
        "--json --nonsense",
        "--json nonsense",
        "--project elsewhere --json",
        "autogen --json --nonsense",
        "autogen --json --limit none",
        "autogen --json --limit 0",
        "import --json",
        "import --json missing.csv",
        "import --json missing.csv --map sauce=1",
        "export --json",
        "export --json -o out --format novel",
        "export --json -o out --status imaginary",
        "review --json",
        "lint --json missing.jsonl",
        "split --json --check missing.jsonl --check other.jsonl",
        "lint --json --explain no-such-code",
    ],
)
def test_a_wrong_call_is_2_and_one_error_object(folder: Path, words: str) -> None:
    ended = drt_tui("--project", folder, *words.split())

    assert ended.code == 2, ended
    error = only_object(ended)["error"]
    assert error.keys() == {"code", "message", "hint"}  # type: ignore[attr-defined]
    assert error["message"]  # type: ignore[index]
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize(
    "line",
    ["[review]\nordr = 'file'", "[models.a\n", "[roles]\ndefault = ['gone']", "[loop]\nthreshold = 200"],
)
def test_settings_that_cannot_be_used_are_2_and_named(folder: Path, line: str) -> None:
    (folder / "drt.toml").write_text(line, encoding="utf-8")

    ended = drt_tui("autogen", "--project", folder, "--json")

    assert (ended.code, ended.error["code"]) == (2, "settings")
    assert "drt.toml" in ended.error["message"]


def test_an_interrupt_is_130_and_an_error_object_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("drt_tui.project.opening.reading", interrupt)
    ended = drt_tui("history", "--project", folder, "--json")

    assert ended.code == 130
    assert only_object(ended)["error"]["code"] == "interrupted"  # type: ignore[index]


def test_history_is_a_line_a_decision_whatever_a_name_holds(folder: Path) -> None:
    from data.store import Dataset, ProjectFolder

    with Dataset.open(ProjectFolder(folder), annotator="mina\x1b[31m\nmallory") as dataset:
        dataset.reopen(dataset.ids()[0])
    lines = drt_tui("history", "--project", folder).out.splitlines()

    assert len(lines) == 2
    assert "mina<U+001B>[31m mallory  reopen" in lines[1]


def test_an_error_of_a_person_is_two_lines_on_stderr(tmp_path: Path) -> None:
    ended = drt_tui("stats", "--project", tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("drt-tui: There is no dataset in ")
    assert "--project" in ended.err


def test_the_project_is_named_before_the_command_or_after_it_or_found(folder: Path, monkeypatch) -> None:
    before = drt_tui("--project", folder, "stats", "--json")
    after = drt_tui("stats", "--json", "--project", folder)
    (folder / "drt.toml").write_text("", encoding="utf-8")
    (folder / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(folder / "deep" / "down")
    found = drt_tui("stats", "--json")

    assert before.code == 0
    assert before.out == after.out == found.out
    assert before.data["status"]["accepted"] == 1


def test_without_a_terminal_review_says_what_to_use_instead(folder: Path) -> None:
    ended = end(start("review", "--project", folder))

    assert ended.code == 2
    assert "autogen" in ended.err


def test_the_help_of_every_command_is_0(tmp_path: Path) -> None:
    page = drt_tui("--help")

    assert drt_tui() == page
    assert page.code == 0
    assert page.out.startswith("Usage: drt-tui ")
    assert {"import", "review", "autogen", "export", "stats", "doctor"} <= set(page.out.split())


def test_stats_tell_what_was_kept_and_what_it_took(folder: Path) -> None:
    told = drt_tui("stats", "--project", folder).out

    assert "kept 1 of 1 judged (100%), 0 of them edited" in told
    assert "a kept row took 12.0 calls · 7,000 tokens · 0.0020 USD" in told
