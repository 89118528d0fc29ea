"""`drt-tui import`: what comes in, what is reported, and how it ends on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tinydb import TinyDB

from data.errors import NotSaved
from data.store import Dataset
from drt_tui.cli import run


def imported(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = run(["import", *arguments, "--json"])
    return code, json.loads(capfd.readouterr().out)


def sentences(project: Path) -> list[str]:
    with TinyDB(project / "dataset.json", encoding="utf-8") as database:
        return [row["source"] for row in database.table("sentences").all()]


def test_sentences_are_in_tinydb_and_bad_rows_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.csv"
    file.write_text(
        "원문,번역\n비가 온다.,It rains.\n,Nothing.\n비가 온다.,Rain.\n눈이 온다.,It snows.\n",
        encoding="utf-8",
    )

    code, report = imported([str(file), "--project", str(tmp_path / "p")], capfd)

    assert code == 0
    assert (report["read"], report["added"], report["duplicates"]) == (4, 2, 1)
    assert [(bad["row"], Path(bad["file"]).name) for bad in report["bad"]] == [(3, "set.csv")]  # type: ignore[attr-defined]
    assert sentences(tmp_path / "p") == ["비가 온다.", "눈이 온다."]


def test_the_same_file_twice_adds_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.txt"
    file.write_text("하나.\n둘.\n", encoding="utf-8")
    arguments = [str(file), "--project", str(tmp_path / "p")]

    imported(arguments, capfd)
    _, report = imported(arguments, capfd)

    assert (report["added"], report["duplicates"]) == (0, 2)


def test_strict_makes_a_bad_row_exit_code_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.csv"
    file.write_text("source,reference\n비.,Rain.\n,Nothing.\n", encoding="utf-8")

    assert imported([str(file), "--project", str(tmp_path / "p"), "--strict"], capfd)[0] == 1


def test_a_dry_run_reports_and_changes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.txt"
    file.write_text("하나.\n하나.\n둘.\n", encoding="utf-8")

    _, report = imported([str(file), "--project", str(tmp_path / "p"), "--dry-run"], capfd)

    assert (report["added"], report["duplicates"]) == (2, 1)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("name", "content", "extra"),
    [
        ("missing.csv", None, []),
        ("empty.csv", b"", []),
        ("unnamed.csv", "가,나\n다,라\n".encode(), []),
        ("narrow.csv", "가\n나\n".encode(), ["--map", "source=7"]),
        ("named.csv", "가,나\n다,라\n".encode(), ["--map", "source=nope"]),
        ("set.csv", "가,나\n".encode(), ["--map", "sauce=1"]),
        ("broken.xlsx", b"PK\x03\x04 no spreadsheet", ["--map", "source=1"]),
        ("what.pdf", b"%PDF", []),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, content: bytes | None, extra: list[str]
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    code, answer = imported([str(file), *extra, "--project", str(tmp_path / "p")], capfd)

    assert code == 2
    error = answer["error"]
    assert error["message"]  # type: ignore[index]
    assert error["hint"]  # type: ignore[index]
    assert "Traceback" not in str(answer)


def test_without_names_the_columns_are_shown_with_the_map_to_type(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.csv"
    file.write_text(
        "발이 넓다,그는 발이 넓다.,He knows everyone.\n눈이 높다,그녀는 눈이 높다.,She is picky.\n"
    )

    assert run(["import", str(file), "--project", str(tmp_path / "p")]) == 2
    assert "--map source=" in capfd.readouterr().err


def test_a_guess_of_the_languages_is_written_down_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.csv"
    file.write_text("source,reference\nIt rains.,비가 온다.\n", encoding="utf-8")

    imported([str(file), "--project", str(tmp_path / "p")], capfd)

    assert 'source = "en"' in (tmp_path / "p" / "drt.toml").read_text()


def test_settings_that_cannot_be_used_are_said_before_anything_is_imported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.txt"
    file.write_text("하나.\n", encoding="utf-8")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "drt.toml").write_text("[lop]\n", encoding="utf-8")

    code, report = imported([str(file), "--project", str(tmp_path / "p")], capfd)

    assert (code, report["error"]["code"]) == (2, "settings")  # type: ignore[index]
    assert [path.name for path in (tmp_path / "p").iterdir()] == ["drt.toml"]


def test_an_address_in_the_environment_alone_does_not_hinder_an_import(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "set.txt"
    file.write_text("하나.\n", encoding="utf-8")
    monkeypatch.setenv("DRT_BASE_URL", "http://127.0.0.1:9/v1")

    code, report = imported([str(file), "--project", str(tmp_path / "p")], capfd)

    assert (code, report["added"]) == (0, 1)


def test_a_fold_that_is_refused_is_told_and_is_no_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "set.txt"
    file.write_text("하나.\n", encoding="utf-8")

    def refuse(_: Dataset) -> None:
        raise NotSaved("Not saved: the disk is full.", hint="Free some space.")

    monkeypatch.setattr(Dataset, "fold", refuse)
    code = run(["import", str(file), "--project", str(tmp_path / "p"), "--json"])

    told = capfd.readouterr()
    assert (code, json.loads(told.out)["added"]) == (0, 1)
    assert "All changes are saved" in told.err
