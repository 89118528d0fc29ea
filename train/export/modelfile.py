"""Ollama's `Modelfile`: template, stop tokens, system prompt and context as in training."""

from __future__ import annotations

from data.format import Format
from train.chat import ChatTokenizer
from train.doctor.before import Limits
from train.errors import CannotExport

_SYSTEM, _USER = "\x01system\x01", "\x01user\x01"


def modelfile(
    base: str, format: Format, chat: ChatTokenizer, limits: Limits, adapter: str | None = None
) -> str:
    """Return the file's text. `base` and `adapter` are what FROM and ADAPTER name.

    The template is cut out of a prompt that the backbone's own chat template rendered, so a single
    turn is asked as in training to the letter.

    Raises:
        CannotExport: the text of a prompt would break out of Ollama's quotes.
    """
    template = ollama_template(chat)
    if '"""' in template + format.system:
        raise CannotExport('The prompt holds three quotes (""").', hint="Write the Modelfile by hand.")
    stops = sorted(chat.decode([token]) for token in chat.stops)
    lines = [
        f"FROM {base}",
        *([f"ADAPTER {adapter}"] if adapter is not None else []),
        f'TEMPLATE """{template}"""',
        f'SYSTEM """{format.system}"""',
        *(f'PARAMETER stop "{stop}"' for stop in stops),
        f"PARAMETER num_ctx {limits.context}",
        f"PARAMETER num_predict {limits.max_new_tokens}",
        "PARAMETER temperature 0",
        "PARAMETER repeat_penalty 1.0",
    ]
    return "\n".join(lines) + "\n"


def ollama_template(chat: ChatTokenizer) -> str:
    """Return the chat template of one turn in Ollama's language, from what the backbone's own renders."""
    text = chat.render([{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _USER}], ask=True)
    return text.replace(_SYSTEM, "{{ .System }}").replace(_USER, "{{ .Prompt }}")


def sampling_of(text: str) -> tuple[float | None, float | None]:
    """Return temperature and repeat penalty that a Modelfile sets, for check S4."""
    words = [line.split() for line in text.splitlines() if line.startswith("PARAMETER ")]
    values = {line[1]: line[2] for line in words}
    temperature, penalty = values.get("temperature"), values.get("repeat_penalty")
    return (
        None if temperature is None else float(temperature),
        None if penalty is None else float(penalty),
    )


def rendered(template: str, system: str, prompt: str) -> str:
    """Return what Ollama makes of a template without conditions, for check S1."""
    return template.replace("{{ .System }}", system).replace("{{ .Prompt }}", prompt)
