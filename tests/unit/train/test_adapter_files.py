"""A1 and A6, from files alone; each fault has its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format
from tests.stubs.machines import QWEN_7B
from tests.stubs.safetensors_made import write_safetensors
from tests.stubs.tiny_backbone import CHATML, write_tiny_backbone
from train.chat import ChatTokenizer
from train.doctor import adapter
from train.doctor.foreign import doctor_adapter
from train.safetensors_file import DamagedTensors, all_zero, read_header

PREFIX = "base_model.model.model.layers"


def keys(layers: int = 2, targets: tuple[str, ...] = ("q_proj", "down_proj")) -> list[str]:
    return [
        f"{PREFIX}.{layer}.mlp.{target}.lora_{part}.weight"
        for layer in range(layers)
        for target in targets
        for part in "AB"
    ]


def write(folder: Path, tensors: dict[str, bytes] | None = None, **config: object) -> Path:
    folder.mkdir(exist_ok=True)
    content = {
        "r": 16,
        "target_modules": ["q_proj", "down_proj"],
        "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    }
    (folder / "adapter_config.json").write_text(json.dumps(content | config))
    write_safetensors(
        folder / "adapter_model.safetensors",
        tensors if tensors is not None else dict.fromkeys(keys(), b"\1\2"),
    )
    return folder


def test_a_sound_adapter_passes(tmp_path: Path) -> None:
    assert adapter.weights(write(tmp_path)).level == "pass"


@pytest.mark.parametrize(
    ("tensors", "config", "level", "says"),
    [
        (
            {f"base_model.model.{k}": b"\1" for k in keys()},
            {},
            "fail",
            "doubled prefix",
        ),
        ({"model.embed_tokens.weight": b"\1"}, {}, "fail", "no LoRA"),
        (dict.fromkeys(keys()[:-1], b"\1"), {}, "fail", "one half"),
        (dict.fromkeys(keys(targets=("q_proj",)), b"\1"), {}, "fail", "down_proj"),
        ({k: b"\0\0" if "lora_B" in k else b"\1" for k in keys()}, {}, "fail", "zero"),
        (
            dict.fromkeys(keys(), b"\1"),
            {"base_model_name_or_path": "unsloth/qwen2.5-7b-bnb-4bit"},
            "warn",
            "quantised",
        ),
        (dict.fromkeys(keys(), b"\1"), {"r": 64}, "warn", "--max-lora-rank 64"),
    ],
)
def test_a1_names_what_is_wrong(tmp_path: Path, tensors, config, level: str, says: str) -> None:
    check = adapter.weights(write(tmp_path, tensors, **config))
    assert (check.id, check.level) == ("A1", level)
    assert says in check.message + check.fix
    assert check.fix


def test_a1_misses_layers_that_the_backbone_has(tmp_path: Path) -> None:
    assert "all 28 layers" in adapter.weights(write(tmp_path), QWEN_7B).message


@pytest.mark.parametrize("missing", ["adapter_config.json", "adapter_model.safetensors"])
def test_a1_fails_on_a_folder_that_is_no_adapter(tmp_path: Path, missing: str) -> None:
    (write(tmp_path) / missing).unlink()
    assert adapter.weights(tmp_path).level == "fail"


@pytest.mark.parametrize("content", ["[]", "{", '"text"'])
def test_a1_fails_on_a_configuration_that_is_none(tmp_path: Path, content: str) -> None:
    write(tmp_path)
    (tmp_path / "adapter_config.json").write_text(content)
    assert adapter.weights(tmp_path).level == "fail"
    assert not adapter.is_whole(tmp_path)


def test_an_adapter_that_is_not_whole_is_not_loaded(tmp_path: Path, tiny: Path) -> None:
    write(tmp_path)
    path = tmp_path / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    broken, loaded = doctor_adapter(tmp_path, Format("ko", "en"), backbone=str(tiny))
    assert (broken.id, broken.level) == ("A1", "fail")
    assert "\n" not in broken.message
    assert (loaded.id, loaded.level) == ("A2", "warn")
    assert "A1" in loaded.fix


def test_weights_in_a_pickle_are_not_opened(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "adapter_model.safetensors").rename(tmp_path / "adapter_model.bin")
    assert "pickle" in adapter.weights(tmp_path).fix


def test_a6_compares_template_and_ends_with_the_training(tmp_path: Path, chat: ChatTokenizer) -> None:
    def look(folder: Path) -> str:
        return adapter.tokenizer(
            folder, chat.template_hash, chat.token_id("eos_token"), chat.token_id("pad_token")
        ).level

    assert look(write_tiny_backbone(tmp_path / "same")) == "pass"
    assert look(write_tiny_backbone(tmp_path / "template", template=CHATML + " ")) == "fail"
    assert look(write_tiny_backbone(tmp_path / "end", eos="<|endoftext|>")) == "fail"
    assert look(tmp_path) == "warn"


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: name != "__metadata__"), st.binary(max_size=9)
    )
)
def test_headers_are_read_back(tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, bytes]) -> None:
    path = write_safetensors(tmp_path_factory.mktemp("t") / "t.safetensors", tensors)
    header = read_header(path)
    assert header.keys() == tensors.keys()
    for name, data in tensors.items():
        assert all_zero(path, header[name]) == (not any(data))


@given(st.data())
def test_a_cut_file_is_never_taken_for_a_whole_one(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = write_safetensors(tmp_path_factory.mktemp("t") / "t.safetensors", {"a": b"\1" * 8, "b": b"\2" * 8})
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(DamagedTensors):
        read_header(path)


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_with_our_own_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    path.write_bytes(noise)
    with pytest.raises(DamagedTensors):
        read_header(path)
