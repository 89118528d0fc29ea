"""What an export writes without torch: names and order of weights, Modelfile, card."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format
from tests.stubs.run_states import state
from tests.stubs.tiny_backbone import CONFIG, write_tiny_backbone
from train.chat import ChatTokenizer
from train.doctor import serving
from train.doctor.before import Limits
from train.errors import CannotExport
from train.export.card import model_card
from train.export.modelfile import modelfile, ollama_template, rendered, sampling_of
from train.report import Shares, Tags, TrainReport
from train.tags import TagRate

FORMAT = Format("ko", "en")
LIMITS = Limits(max_new_tokens=640, context=1024)
LLAMA = CONFIG | {"model_type": "llama"}
clean = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def report() -> TrainReport:
    rates = {
        "drt": TagRate(items=50, opened=50, tagged=49, well_formed=49, cut=1),
        "backbone": TagRate(items=50),
    }
    return TrainReport(
        run="001", status="done", engine="trl", backbone="built-in", rows=1300, steps=489, seconds=1.0, loss=(3.0, 0.5),
        tag_rate=Shares(drt=0.98, backbone=0.0), checks={}, adapter="", tags=Tags.model_validate(rates),
    )  # fmt: skip


@given(source=clean)
def test_ollama_asks_the_prompt_of_the_training_to_the_letter(chat: ChatTokenizer, source: str) -> None:
    system, user = FORMAT.prompt(source)
    trained = chat.render([system, user], ask=True)
    served = rendered(ollama_template(chat), system["content"], user["content"])
    assert serving.prompt(trained, served).level == "pass"


def test_a_modelfile_holds_all_that_must_match_the_training(chat: ChatTokenizer) -> None:
    text = modelfile("./x.gguf", FORMAT, chat, LIMITS, "./lora.gguf")
    assert text.startswith("FROM ./x.gguf\nADAPTER ./lora.gguf\n")
    for line in (
        'PARAMETER stop "<|im_end|>"',
        "PARAMETER num_ctx 1024",
        "PARAMETER num_predict 640",
        "PARAMETER repeat_penalty 1.0",
    ):
        assert line in text.splitlines()
    assert f'SYSTEM """{FORMAT.system}"""' in text
    assert sampling_of(text) == (0, 1)
    assert sampling_of("FROM x") == (None, None)
    with pytest.raises(CannotExport):
        modelfile("./x.gguf", replace(FORMAT, system='say """'), chat, LIMITS)


def test_the_card_says_how_to_ask_and_what_was_measured() -> None:
    card = model_card(state(), report(), ["x.gguf"])
    assert card.startswith("---\nlicense: apache-2.0\nbase_model: HuggingFaceTB/SmolLM2-135M-Instruct\n")
    for words in (
        "Korean to English",
        FORMAT.fingerprint,
        "Tags in 98%",
        "cut 1",
        "`x.gguf`",
        "not that the translations are good",
    ):
        assert words in card
    assert "baseline" not in card
    assert "without their thoughts" in model_card(state(outputs_only=True), None, [])
    assert "license" not in model_card(state(backbone="Qwen/Qwen2.5-7B-Instruct"), None, [])


def test_a_report_leads_with_the_check_that_failed() -> None:
    from train.doctor.check import Check

    assert report().verdict() == "tags in 98% of held-out answers; backbone 0%"
    trained = report().model_copy(update={"held_out": False})
    assert trained.verdict() == "tags in 98% of answers to trained rows; backbone 0%"
    failed = report().model_copy(
        update={"findings": (Check("A2", "fail", "420 weights are missing.", "Train again."),)}
    )
    assert failed.verdict() == "A2 failed: 420 weights are missing. Train again."


def test_weights_get_the_names_and_the_order_of_llama_cpp() -> None:
    numpy = pytest.importorskip("numpy")
    pytest.importorskip("gguf")
    from train.export.gguf_layout import Layout

    layout = Layout.of(LLAMA)
    assert layout.name("model.layers.1.self_attn.k_proj.weight") == "blk.1.attn_k.weight"
    assert layout.name("model.embed_tokens.weight") == "token_embd.weight"
    with pytest.raises(CannotExport):
        layout.name("vision.weight")
    weight = numpy.arange(64 * 2).reshape(64, 2)
    queries = layout.arrange("model.layers.0.self_attn.q_proj.weight", weight)
    assert queries[:4, 0].tolist() == [0, 16, 2, 18]  # halves of a head of 16 interleave
    assert (layout.arrange("model.layers.0.self_attn.v_proj.weight", weight) == weight).all()
    assert (Layout.of(CONFIG).arrange("model.layers.0.self_attn.q_proj.weight", weight) == weight).all()


def test_what_llama_cpp_must_convert_itself_is_said(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    from train.export.gguf_layout import Layout
    from train.export.gguf_model import insist_on_writing, shrink, write_model

    with pytest.raises(CannotExport) as raised:
        Layout.of({"model_type": "mamba"})
    assert "convert_hf_to_gguf.py" in raised.value.hint
    folder = write_tiny_backbone(tmp_path / "tiny")
    with pytest.raises(CannotExport, match="tokenizer"):
        insist_on_writing(folder, CONFIG)
    with pytest.raises(CannotExport, match="tokenizer"):
        write_model([], folder, tmp_path / "x.gguf", "f16", "x")
    with pytest.raises(CannotExport, match="q4_k_m") as raised:
        shrink(tmp_path / "x.gguf", tmp_path / "y.gguf", "q4_k_m")
    assert "q8_0" in raised.value.hint


@pytest.mark.real_model
def test_the_built_in_models_tokens_are_those_of_llama_cpp() -> None:
    pytest.importorskip("xllamacpp")
    pytest.importorskip("gguf")
    from data.samples import sample_sentences
    from train.backbones.builtin import gguf_file, unpacked
    from train.export.llama import Llama
    from train.rows import Row

    chat = ChatTokenizer.load(unpacked())
    assert (chat.special["eos_token"], chat.stops) == ("<|im_end|>", frozenset({2}))
    texts = [sentence.source for sentence in sample_sentences()[:20]]
    texts += ["In  1234 he, <thought>\nI 3.5%\n\n  x", chat.render(FORMAT.prompt("그는 2,000원을"), ask=True)]
    llama = Llama(gguf_file(), chat, 512)
    for text in texts:
        [ids] = chat.encode([text])
        assert llama.tokens(text) == ids
        assert chat.decode(ids) == text
    assert len(llama.choices(Row("1", None, array("i", ids), len(ids) - 1))) == 1
    [ids] = chat.encode(
        ["발이 넓다. 발이 넓다. 발이 넓다."]
    )  # a syllable is several tokens, and so are its likeliest
    assert len(llama.choices(Row("2", None, array("i", ids), 1))) == len(ids) - 1
