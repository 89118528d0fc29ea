"""The model card: what was trained, on what, how to ask it, and what is known of the result."""

from __future__ import annotations

from collections.abc import Sequence

from data.format import language_name
from train.backbones import builtin
from train.report import TrainReport
from train.run.state import RunState

_BASELINES = {
    (False, False): "",
    (True, False): "This is a baseline: the same rows without their thoughts.",
    (False, True): "This is a baseline: the candidates as they were made, uncurated.",
    (True, True): "This is a baseline: uncurated candidates without their thoughts.",
}


def model_card(state: RunState, report: TrainReport | None, files: Sequence[str]) -> str:
    """Return the card as Markdown with the header that Hugging Face reads."""
    settings, plan, format = state.settings, state.plan, state.format
    languages = [format.source_language, format.target_language]
    built_in = settings.backbone == builtin.NAME
    user = format.prompt("SENTENCE")[1]["content"]
    sections = [
        _header(
            languages, builtin.MODEL if built_in else settings.backbone, builtin.LICENCE if built_in else None
        ),
        f"# {state.id}",
        f"Deep reasoning translation from {language_name(languages[0])} to {language_name(languages[1])}, "
        f"trained from {settings.backbone}.",
        _BASELINES[settings.outputs_only, settings.uncurated],
        "## How to ask it",
        _quoted(f"system: {format.system}\nuser: {user}\n\n{format.answer('…', '…')}"),
        f"Greedy first, no repeat penalty, at least {state.limits.max_new_tokens:,} new tokens and "
        f"{state.limits.context:,} tokens of context. Format fingerprint `{state.format_fingerprint}`.",
        "## Training",
        f"{state.rows:,} rows (fingerprint `{state.dataset}`), {plan.steps:,} steps of {settings.rows_per_step} rows, "
        f"{plan.method} with {plan.engine}, learning rate {plan.learning_rate:g}, seed {settings.seed}."
        + ("" if plan.method == "full" else f" Rank {settings.rank}, alpha {settings.alpha}."),
        "## Result",
        _result(report),
        "## Files",
        "\n".join(f"- `{file}`" for file in files),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _header(languages: Sequence[str], base: str, licence: str | None) -> str:
    listed = "\n".join(f"- {language}" for language in dict.fromkeys(languages))
    # Without a known licence the line is left out: the backbone's terms are not ours to state.
    terms = f"license: {licence.lower()}\n" if licence is not None else ""
    return (
        f"---\n{terms}base_model: {base}\nlanguage:\n{listed}\npipeline_tag: translation\n"
        "tags:\n- deep-reasoning-translation\n---"
    )


def _result(report: TrainReport | None) -> str:
    if report is None or report.tags.drt is None:
        return "Nothing was measured."
    backbone = report.tags.backbone
    known = "" if backbone is None else f" The backbone: {backbone.words()}."
    return (
        f"{report.verdict()[:1].upper()}{report.verdict()[1:]}. The model, {report.tags.drt.words()}.{known} "
        "This says that the format was learned, not that the translations are good."
    )


def _quoted(text: str) -> str:
    return "```\n" + text + "\n```"
