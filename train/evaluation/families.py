"""Whether a judge is of the family of those it judges: models favour their own kind."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FAMILIES = {
    "GPT": r"gpt|chatgpt|davinci|(?<![a-z])o[134](?![a-z0-9])|openai",
    "Claude": r"claude|anthropic",
    "Gemini/Gemma": r"gemini|gemma|palm-|bison",
    "Qwen": r"qwen|qwq|drt-7b|drt-14b",
    "Llama": r"llama|vicuna|alpaca|drt-8b",
    "Mistral": r"mistral|mixtral|ministral|codestral|magistral",
    "DeepSeek": r"deepseek",
    "SmolLM": r"smollm|built-in",
    "EXAONE": r"exaone",
    "HyperCLOVA": r"hyperclova|clova",
    "SOLAR": r"solar",
    "Kanana": r"kanana",
    "A.X": r"(?<![a-z])a\.x(?![a-z])",
    "GLM": r"(?<![a-z])glm|zhipu",
    "Kimi": r"kimi|moonshot",
    "Yi": r"(?<![a-z])yi-",
    "Phi": r"(?<![a-z])phi-?\d",
    "Command": r"command-|aya-|cohere",
    "Grok": r"grok",
    "Nova": r"(?<![a-z])nova-",
    "InternLM": r"internlm",
    "MiniMax": r"minimax",
    "Doubao": r"doubao|(?<![a-z])seed-",
}
_PATTERNS = {family: re.compile(pattern) for family, pattern in _FAMILIES.items()}
_WORD = re.compile(r"[^\W\d_]{2,}")


def families_of(model: str) -> frozenset[str]:
    """Return the families of a model by its maker's name; a distilled one has two.

    One that is in no list is a family of its own, under the first word of its name.
    """
    name = model.casefold()
    known = frozenset(family for family, pattern in _PATTERNS.items() if pattern.search(name))
    if known:
        return known
    word = _WORD.search(name.rsplit("/", 1)[-1])
    return frozenset({word.group() if word else name})


def kin_of(judge: str, judged: Mapping[str, str]) -> tuple[str, ...]:
    """Return in words those of `judged`, role by model name, who are of the judge's family."""
    own = families_of(judge)
    return tuple(f"{role} {model}" for model, role in judged.items() if families_of(model) & own)
