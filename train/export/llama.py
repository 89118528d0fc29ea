"""Asking a GGUF through llama.cpp, within this process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from train.chat import ChatTokenizer
from train.rows import Row
from train.tags import Sample


class Llama:
    """One model in memory, with or without an adapter over it."""

    def __init__(
        self, model: Path, chat: ChatTokenizer, context: int, *, adapter: Path | None = None
    ) -> None:
        from xllamacpp import CommonAdapterLoraInfo, CommonParams, Server

        from train.machine import this_machine

        params = CommonParams()
        params.model.path = str(model)
        params.n_ctx = context
        params.n_parallel = 1
        params.n_gpu_layers = 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = this_machine().cores
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.cache_ram_mib = 0
        params.verbosity = 1
        params.offline = True
        params.ui = False
        if adapter is not None:
            params.lora_adapters = [CommonAdapterLoraInfo(str(adapter), 1.0)]
        self._server = Server(params)
        self._chat = chat

    def tokens(self, text: str) -> list[int]:
        """Return the token ids that llama.cpp makes of a rendered text."""
        made = self._post("tokenize", {"content": text, "add_special": False, "parse_special": True})
        return list(made["tokens"])

    def rendered(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Return the prompt that llama.cpp makes of a conversation, with the template in its file."""
        return str(self._post("apply-template", {"messages": list(messages)})["prompt"])

    def choices(self, row: Row) -> list[int]:
        """Return, for each place of a row's own answer, the token that the model finds likeliest there."""
        return [self._next(row.input_ids[:place]) for place in range(row.prompt, len(row.ids))]

    def answers(self, rows: Sequence[Row], max_new_tokens: int) -> list[Sample]:
        """Return greedy answers to the rows' prompts."""
        return [self._answer(row, max_new_tokens) for row in rows]

    def _post(self, path: str, content: Mapping[str, Any]) -> Any:
        from urllib.request import Request, urlopen

        body = json.dumps(content).encode()
        request = Request(
            f"{self._server.listening_address}/{path}", body, {"Content-Type": "application/json"}
        )
        with urlopen(request) as reply:
            return json.load(reply)

    def _next(self, ids: list[int]) -> int:
        # As ids, not as text: a token may be a piece of a character, of which no text is sent.
        request = {"prompt": ids, "n_predict": 1, "temperature": 0, "cache_prompt": True}
        return int(self._post("completion", request | {"return_tokens": True})["tokens"][0])

    def _answer(self, row: Row, max_new_tokens: int) -> Sample:
        made = self._complete(row.input_ids[: row.prompt], max_new_tokens)
        choice = made["choices"][0]
        return Sample(
            id=row.id,
            answer=choice["text"],
            tokens=made["usage"]["completion_tokens"],
            cut=choice["finish_reason"] == "length",
        )

    def _complete(self, ids: list[int], count: int) -> Any:
        request = {"prompt": ids, "max_tokens": count, "temperature": 0, "cache_prompt": True}
        return self._server.handle_completions(request)
