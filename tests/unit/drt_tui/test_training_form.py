"""Settings as a form: every one is there with its reason, and reads back as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drt_tui.training.form import (
    GROUPS,
    changed,
    choices_of,
    default_of,
    next_choice,
    planned,
    reason_for,
    written,
)
from tests.stubs.machines import INSTALLED, LAPTOP
from train.plan import plan
from train.settings import TrainSettings

NAMES = [name for names in GROUPS.values() for name in names]


def test_every_setting_is_in_the_form_once_and_gives_its_reason():
    assert sorted(NAMES) == sorted(TrainSettings.model_fields)
    assert all(reason_for(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_default_reads_back_as_it_is_written(name):
    settings = TrainSettings()
    assert changed(settings, name, written(getattr(settings, name))) == settings
    assert changed(settings, name, "  ") == settings


@pytest.mark.parametrize("name", [name for name in NAMES if choices_of(name)])
def test_choices_go_round(name):
    settings = TrainSettings()
    seen = []
    for _ in choices_of(name):
        settings = next_choice(settings, name)
        seen.append(written(getattr(settings, name)))
    assert sorted(seen) == sorted(choices_of(name))
    assert settings == TrainSettings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("learning_rate", "1e-4", 1e-4), ("max_steps", "60", 60), ("max_steps", "auto", None),
        ("statuses", "accepted, edited auto", ("accepted", "edited", "auto")), ("targets", "q_proj", ("q_proj",)),
        ("gradient_checkpointing", "yes", True), ("gradient_checkpointing", "auto", None),
        ("backbone", "~/models/[x]", "~/models/[x]"),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(name, text, value):
    assert getattr(changed(TrainSettings(), name, text), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rank", "0"),
        ("rank", "many"),
        ("valid", "1"),
        ("statuses", "good"),
        ("max_steps", "-3"),
        ("epochs", "nan"),
        ("epochs", "inf"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, text):
    with pytest.raises(ValueError, match=f"{name} cannot be '{text}'"):
        changed(TrainSettings(), name, text)


@given(st.sampled_from(NAMES), st.text(max_size=40))
def test_whatever_is_typed_is_a_setting_or_a_sentence(name, text):
    try:
        settings = changed(TrainSettings(), name, text)
    except ValueError as error:
        said = str(error)
    else:
        said = name
        assert changed(settings, name, written(getattr(settings, name))) == settings
    assert said.startswith(name)


def test_what_the_plan_made_of_an_open_setting_is_told_and_of_a_chosen_one_is_not():
    settings = TrainSettings(backbone="built-in", dtype="float32")
    made = plan(settings, 1300, LAPTOP, INSTALLED)
    assert planned(made, settings, "engine") == "trl"
    assert planned(made, settings, "learning_rate") == "0.0002"
    assert planned(made, settings, "max_steps") == str(made.steps)
    assert planned(made, settings, "dtype") is None
    assert planned(made, settings, "rank") is None
    assert default_of("rank") == 16
