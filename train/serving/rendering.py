"""S1 for a server: does it render a prompt to the letter as in training?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from train.chat import TEMPLATE_EXTRAS, ChatTokenizer
from train.doctor import serving
from train.doctor.check import Check
from train.errors import NotInstalled, UnknownBackbone
from train.evaluation.contender import Question
from train.manifest import read_manifest
from train.serving.prompts import messages
from train.serving.side import Side

_SAMPLE = Question("sample", '그는 발이 넓다. 50 % <b>"quoted"</b>', before=("앞 문장.", "바로 앞 문장."))
_TIMEOUT_S = 20.0


async def rendered_alike(side: Side, base_url: str, model: str) -> Check | None:
    """Return S1 for a side that was trained, asked in any format; `None` for one that never was."""
    if side.run is None or not side.format.output_tag:
        return None
    manifest = read_manifest(side.run.adapter)
    if manifest is not None and manifest.fingerprint != side.format.fingerprint:
        return Check(
            "S1",
            "fail",
            f"{side.name} is asked in another format than it was trained in.",
            "Ask it in the format of its run; drt.json beside the adapter holds it.",
        )
    sent = messages(side.format, _SAMPLE)
    try:
        trained = ChatTokenizer.load(side.run.adapter)
        wanted = trained.render(sent, ask=True)
    except (NotInstalled, UnknownBackbone) as error:
        return _unknown(f"{error.message} {error.hint}".strip())
    served = await _rendered(base_url, model, sent, trained)
    return (
        _unknown("this server does not say how it renders prompts")
        if served is None
        else serving.prompt(wanted, served)
    )


async def _rendered(
    base_url: str, model: str, sent: Sequence[Mapping[str, str]], trained: ChatTokenizer
) -> str | None:
    """Ask in the ways of llama-server, vLLM and Ollama, until one of them answers."""
    root = base_url.removesuffix("/").removesuffix("/v1")
    extras = {"chat_template_kwargs": dict(TEMPLATE_EXTRAS)}
    told = await _post(f"{root}/apply-template", {"messages": sent, **extras})
    if isinstance(prompt := told.get("prompt"), str):
        return prompt
    told = await _post(f"{root}/tokenize", {"model": model, "messages": sent, **extras})
    if isinstance(tokens := told.get("tokens"), list) and all(isinstance(each, int) for each in tokens):
        return trained.decode(tokens)
    asked = {"model": model, "messages": sent, "stream": False, "_debug_render_only": True}
    told = await _post(f"{root}/api/chat", asked)
    debug = told.get("_debug_info")
    prompt = debug.get("rendered_template") if isinstance(debug, Mapping) else None
    return prompt if isinstance(prompt, str) else None


async def _post(url: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON object of an answer; an empty one where there is none."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url, json=body) as answer:
            told = await answer.json(content_type=None) if answer.ok else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
    return told if isinstance(told, Mapping) else {}


def _unknown(why: str) -> Check:
    return Check(
        "S1", "warn", f"Whether the prompt is that of the training is not known: {why}.", "Compare by hand."
    )
