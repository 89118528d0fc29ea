"""The values of a training form, as `[train]` of `drt.toml` keeps them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.records import Status
from drt_tui.errors import SettingsProblem
from drt_tui.project.settings import load_settings
from drt_tui.training.saved import save_train_settings
from train.settings import TrainSettings

COMMENTED = """\
# our project
[project]
source = "ko"  # from
target = "en"

[train]
# small GPU
batch = 1     # never more
epochs = 2.0
learning_rate = 1e-4

[models.main]
base_url = "https://example.org/v1"
model = "m"
"""


def saved(path: Path, **values: object) -> tuple[str, ...]:
    now = load_settings(path).train
    return save_train_settings(path, TrainSettings.model_validate(now.model_dump() | values))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "drt.toml"
    file.write_text(COMMENTED, encoding="utf-8")
    return file


def test_only_the_line_that_changed_is_another(path: Path) -> None:
    assert saved(path, batch=4) == ("batch",)
    assert path.read_text(encoding="utf-8") == COMMENTED.replace("batch = 1 ", "batch = 4 ")


def test_a_new_value_gets_a_line_and_an_open_one_loses_it(path: Path) -> None:
    assert set(saved(path, rank=8, learning_rate=None)) == {"rank", "learning_rate"}
    text = path.read_text(encoding="utf-8")
    assert "rank = 8" in text
    assert "learning_rate" not in text
    assert text.index("rank = 8") < text.index("[models.main]")
    assert "# small GPU" in text
    assert load_settings(path).train.rank == 8


def test_a_value_that_is_the_default_again_says_so_in_its_line(path: Path) -> None:
    saved(path, epochs=3)
    assert load_settings(path).train.epochs == 3


def test_nothing_is_written_where_nothing_differs(path: Path) -> None:
    before = path.stat().st_mtime_ns
    assert saved(path) == ()
    assert path.stat().st_mtime_ns == before


def test_a_file_is_made_where_there_was_none(tmp_path: Path) -> None:
    path = tmp_path / "drt.toml"
    assert saved(path, statuses=(Status.AUTO,), outputs_only=True) == ("outputs_only", "statuses")
    assert load_settings(path).train.statuses == (Status.AUTO,)


@pytest.mark.parametrize(
    "text", ["train = {batch = 1}\n", "train.batch = 1\n", "[train]\n", "a = 1 # no newline at the end"]
)
def test_a_section_may_be_written_in_any_way(tmp_path: Path, text: str) -> None:
    path = tmp_path / "drt.toml"
    path.write_text(text, encoding="utf-8")
    save_train_settings(path, TrainSettings(batch=8, rank=4))
    assert tomllib.loads(path.read_text(encoding="utf-8"))["train"] == {"batch": 8, "rank": 4}


def test_a_link_stays_a_link_and_its_target_keeps_its_mode(path: Path, tmp_path: Path) -> None:
    path.chmod(0o600)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    save_train_settings(link, TrainSettings(batch=8))
    assert link.is_symlink()
    assert load_settings(path).train.batch == 8
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["[train\n", "train = 1\n", "\udcff"])
def test_a_file_that_cannot_be_mended_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "drt.toml"
    raw = text.encode("utf-8", "surrogateescape")
    path.write_bytes(raw)
    with pytest.raises(SettingsProblem, match=r"drt\.toml"):
        save_train_settings(path, TrainSettings(batch=8))
    assert path.read_bytes() == raw
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["drt.toml"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="cannot be written"):
        save_train_settings(tmp_path / "no" / "drt.toml", TrainSettings(batch=8))


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "backbone": st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        "learning_rate": st.none() | st.floats(min_value=1e-9, max_value=1, exclude_min=True),
        "epochs": st.floats(min_value=0.1, max_value=1e6),
        "max_steps": st.none() | st.integers(1, 10**9),
        "gradient_checkpointing": st.sampled_from([None, True, False]),
        "targets": st.lists(st.text("abc_'\"\\", min_size=1), min_size=1).map(tuple),
        "statuses": st.lists(st.sampled_from(Status)).map(tuple),
        "schedule": st.sampled_from(["linear", "cosine", "constant"]),
    },
)


@given(VALUES, VALUES)
def test_what_is_saved_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, object], then: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("saved") / "drt.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    for values in (first, then):
        settings = TrainSettings.model_validate(values)
        save_train_settings(path, settings)
        assert load_settings(path).train == settings
        assert save_train_settings(path, settings) == ()
    assert "# our project" in path.read_text(encoding="utf-8")
