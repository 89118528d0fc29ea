"""The section `[train]`: checked like every other, and overridden by what a person asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from drt_tui.errors import SettingsProblem
from drt_tui.project.settings import load_settings
from drt_tui.training.setting_out import chosen_settings, training_format


def load(tmp_path: Path, toml: str):
    path = tmp_path / "drt.toml"
    path.write_text(toml, encoding="utf-8")
    return load_settings(path)


def test_the_section_is_read_and_options_go_before_it(tmp_path: Path) -> None:
    settings = load(tmp_path, '[train]\nbackbone = "built-in"\nrank = 8\nstatuses = ["auto"]')
    assert (settings.train.backbone, settings.train.rank) == ("built-in", 8)
    chosen = chosen_settings(settings, {"rank": 4, "max_steps": 7})
    assert (chosen.backbone, chosen.rank, chosen.max_steps) == ("built-in", 4, 7)
    assert chosen.statuses == ("auto",)


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match=r"train\.learning_rat") as raised:
        load(tmp_path, "[train]\nlearning_rat = 1e-4")
    assert "Did you mean 'learning_rate'?" in raised.value.hint


@pytest.mark.parametrize("toml", ["rank = 0", 'engine = "axolotl"', "epochs = -1"])
def test_a_value_that_cannot_be_is_named(tmp_path: Path, toml: str) -> None:
    with pytest.raises(SettingsProblem, match=f"train.{toml.split()[0]}"):
        load(tmp_path, f"[train]\n{toml}")


def test_an_option_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="rank = 9999"):
        chosen_settings(load(tmp_path, ""), {"rank": 9999})


def test_the_format_follows_languages_and_context(tmp_path: Path) -> None:
    format = training_format(load(tmp_path, '[project]\nsource = "zh"\ntarget = "en"\n[loop]\ncontext = 2'))
    assert (format.source_language, format.target_language, format.context) == ("zh", "en", 2)
