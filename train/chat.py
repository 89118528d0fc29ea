"""A backbone's chat template and tokenizer, used without torch.

The template is code from somebody else: it runs in Jinja's sandbox, with the few extras that
Hugging Face templates expect. The worker compares its own library's rendering with this one before
it trains (check B2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.errors import NotInstalled, UnknownBackbone

if TYPE_CHECKING:
    from jinja2 import Template
    from tokenizers import Tokenizer

TEMPLATE_EXTRAS: Mapping[str, Any] = {"enable_thinking": False}
"""Given to every template: models with a thinking mode of their own must not open it around our tags."""

Message = Mapping[str, str]


@dataclass(frozen=True)
class ChatTokenizer:
    """Turns messages into text as the backbone's template does, and text into token ids.

    `end` is what the tokenizer calls the end of a turn or text; `stops` are the ids at which
    generation stops.
    """

    tokenizer: Tokenizer
    template: str
    special: Mapping[str, str]
    """Text of the named tokens: bos_token, eos_token, pad_token, unk_token."""
    stops: frozenset[int]

    @classmethod
    def load(cls, folder: Path) -> ChatTokenizer:
        """Read the tokenizer files of a model's folder.

        Raises:
            UnknownBackbone: files are missing or unreadable, or there is no chat template.
            NotInstalled: the tokenizer library is missing.
        """
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise NotInstalled("Training is not installed.", hint="pip install 'drt-tui[train]'") from error
        path = folder / "tokenizer.json"
        if not path.exists():
            raise UnknownBackbone(
                f"{folder} has no tokenizer.json.",
                hint="Make one: AutoTokenizer.from_pretrained(…).save_pretrained(…), and put it there.",
            )
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the Rust library raises no other class
            raise UnknownBackbone(
                f"{path} cannot be read: {error}", hint="Download the model again."
            ) from error
        settings = _json(folder / "tokenizer_config.json")
        special = {
            name: text
            for name in ("bos_token", "eos_token", "pad_token", "unk_token")
            if (text := _token_text(settings.get(name)))
        }
        end = special.get("eos_token")
        stops = _ids(_json(folder / "generation_config.json").get("eos_token_id"))
        if end is not None:
            stops |= _ids(tokenizer.token_to_id(end))
        return cls(tokenizer, _template(folder, settings), special, frozenset(stops))

    @property
    def template_hash(self) -> str:
        """Hash of the chat template; the same in training and wherever the model is used."""
        return blake2b(self.template.encode(), digest_size=8).hexdigest()

    @property
    def dated(self) -> bool:
        """The template writes today's date, so a prompt differs from one day to the next."""
        return "strftime_now" in self.template

    @cached_property
    def _compiled(self) -> Template:
        return _compile(self.template)

    @cached_property
    def control(self) -> re.Pattern[str]:
        """Matches the tokens that steer a model, none of which may stand in a field's text."""
        added = self.tokenizer.get_added_tokens_decoder().values()
        steering = {
            token.content
            for token in added
            if token.content.strip() and (token.special or (token.content[0] + token.content[-1] == "<>"))
        } | set(self.special.values())
        longest_first = sorted(steering, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def token_id(self, name: str) -> int | None:
        """Return the id of a named token such as `pad_token`."""
        text = self.special.get(name)
        return None if text is None else self.tokenizer.token_to_id(text)

    def render(self, messages: Sequence[Message], *, ask: bool) -> str:
        """Return the text of a conversation; with `ask`, up to where the model shall answer.

        Raises:
            UnknownBackbone: the template refuses this conversation, e.g. its system message.
        """
        from jinja2 import TemplateError

        try:
            return str(
                self._compiled.render(
                    messages=messages, add_generation_prompt=ask, **self.special, **TEMPLATE_EXTRAS
                )
            )
        except TemplateError as error:
            raise UnknownBackbone(
                f"The backbone's chat template refuses our messages: {error}",
                hint="Choose an instruct model whose template takes a system message.",
            ) from error

    def end_of(self, whole: str, *, after: str) -> str:
        """Return what ends the answer in a rendered conversation: the control token that follows it.

        Raises:
            UnknownBackbone: the template changes the answer, or puts no end after it.
        """
        if not whole.startswith(after):
            raise UnknownBackbone(
                "The backbone's chat template changes the answer, or writes something before it.",
                hint="Choose an instruct model whose template keeps the assistant's text as it is.",
            )
        rest = whole[len(after) :]
        end = self.control.match(rest, len(rest) - len(rest.lstrip()))
        if end is None:
            raise UnknownBackbone(
                "The backbone's chat template puts no end token after an answer: the model would never stop.",
                hint="Choose its instruct variant.",
            )
        return rest[: end.end()]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of rendered texts; nothing is added to them."""
        return [
            found.ids for found in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, control tokens included."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=False))


def _compile(template: str) -> Template:
    try:
        from jinja2 import TemplateSyntaxError, nodes
        from jinja2.ext import Extension, loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise NotInstalled("Training is not installed.", hint="pip install 'drt-tui[train]'") from error

    class Generation(Extension):  # type: ignore[misc]
        """`{% generation %}` marks the assistant's text for other tools; for us it is plain text."""

        tags = {"generation"}

        def parse(self, parser: Any) -> list[nodes.Node]:
            next(parser.stream)
            return list(parser.parse_statements(("name:endgeneration",), drop_needle=True))

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = _now
    try:
        return environment.from_string(template)
    except TemplateSyntaxError as error:
        raise UnknownBackbone(f"The backbone's chat template cannot be read: {error}") from error


def _raise(message: str) -> None:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _now(pattern: str) -> str:
    from datetime import datetime

    return datetime.now().astimezone().strftime(pattern)


def _to_json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **options: Any) -> str:
    """Jinja's own filter escapes HTML, which templates do not want."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **options)


def _template(folder: Path, settings: Mapping[str, Any]) -> str:
    path = folder / "chat_template.jinja"
    if path.exists():
        return path.read_text(encoding="utf-8")
    found = settings.get("chat_template")
    if isinstance(found, list):
        found = next((each.get("template") for each in found if each.get("name") == "default"), None)
    if not isinstance(found, str):
        raise UnknownBackbone(
            f"{folder} has no chat template, so it is a base model.",
            hint="Choose its instruct variant: it knows how a turn ends.",
        )
    return found


def _json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnknownBackbone(f"{path} cannot be read: {error}", hint="Download the model again.") from error
    return content if isinstance(content, dict) else {}


def _token_text(value: Any) -> str | None:
    """A named token is written as text, or as an object with its text and flags."""
    return value.get("content") if isinstance(value, dict) else value


def _ids(value: Any) -> set[int]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {int(value)}
