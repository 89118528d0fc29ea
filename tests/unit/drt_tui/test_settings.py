from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from data.errors import FileProblem
from drt_tui.errors import SettingsProblem
from drt_tui.project.settings import load_settings, remember_languages


def write(folder: Path, text: str) -> Path:
    path = folder / "drt.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "drt.toml")

    assert settings.loop.threshold == 90
    assert settings.models == {}


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[loop]\ntreshold = 80", "threshold"),
        ("[looop]\nthreshold = 80", "loop"),
        ('[models.main]\nbase_url = "http://localhost"\nmodel = "m"\nconcurency = 3', "concurrency"),
        ("[review]\nprefech = 1", "prefetch"),
        ('[roles]\nevaluat = ["main"]', "evaluate"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(tmp_path: Path, text: str, nearest: str) -> None:
    with pytest.raises(SettingsProblem) as problem:
        load_settings(write(tmp_path, text))

    assert f"Did you mean '{nearest}'?" in problem.value.hint


@pytest.mark.parametrize("text", ["[loop]\nthreshold = 101", "[loop", "[loop]\nevaluations = 2"])
def test_a_wrong_value_says_where_it_stands(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsProblem) as problem:
        load_settings(write(tmp_path, text))

    assert str(tmp_path / "drt.toml") in problem.value.message


def test_a_role_must_name_a_model_that_is_set(tmp_path: Path) -> None:
    path = write(
        tmp_path, '[models.main]\nbase_url = "http://localhost"\nmodel = "m"\n[roles]\ndefault = ["mian"]'
    )

    with pytest.raises(SettingsProblem, match="'mian'"):
        load_settings(path)


def test_a_single_model_takes_every_role(tmp_path: Path) -> None:
    path = write(tmp_path, '[models.main]\nbase_url = "http://localhost"\nmodel = "m"')

    assert load_settings(path).roles.of("refine") == ("main",)


def test_two_models_without_roles_are_a_question_not_a_guess(tmp_path: Path) -> None:
    one = '[models.{}]\nbase_url = "http://localhost"\nmodel = "m"\n'

    with pytest.raises(SettingsProblem, match="which one"):
        load_settings(write(tmp_path, one.format("a") + one.format("b")), for_models=True)


def test_options_and_environment_make_a_model_that_takes_every_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(
        tmp_path, '[models.main]\nbase_url = "http://localhost"\nmodel = "m"\n[roles]\nrefine = ["main"]'
    )
    monkeypatch.setenv("DRT_BASE_URL", "http://127.0.0.1:9/v1")

    settings = load_settings(path, model="big")

    assert settings.models["env"].model == "big"
    assert settings.roles.of("refine") == ("env",)


def test_an_address_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="--model"):
        load_settings(tmp_path / "drt.toml", base_url="http://127.0.0.1:9/v1", for_models=True)


def test_an_address_without_a_model_is_no_matter_where_no_model_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRT_BASE_URL", "http://127.0.0.1:9/v1")

    assert load_settings(tmp_path / "drt.toml").models == {}


def test_a_key_that_is_misspelt_is_named_before_the_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem) as problem:
        load_settings(write(tmp_path, '[models.a]\nbase_ulr = "http://localhost"\n'))

    assert "unknown key 'models.a.base_ulr'" in problem.value.message
    assert "Did you mean 'base_url'?" in problem.value.hint


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff[loop]\nthreshold = 80\n")

    remember_languages(path, "ko", "en")

    assert load_settings(path).loop.threshold == 80
    assert load_settings(path).project.source == "ko"


def test_settings_that_cannot_be_written_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "# mine\n[loop]\nthreshold = 80\n")

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(FileProblem, match="No space"):
        remember_languages(path, "ko", "en")

    assert path.read_text(encoding="utf-8") == "# mine\n[loop]\nthreshold = 80\n"


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRT_LOOP__THRESHOLD", "75")

    assert load_settings(write(tmp_path, "[loop]\nthreshold = 80\npatience = 3")).loop.threshold == 75


def test_guessed_languages_leave_the_rest_of_the_file_as_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path, "# mine\n[loop]\nthreshold = 80  # strict\n")

    remember_languages(path, "ko", "en")

    assert "# mine" in path.read_text()
    assert "threshold = 80  # strict" in path.read_text()
    assert load_settings(path).project.target == "en"
