"""Generating for several sides in one batch, each row of it by its own adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from train.chat import ChatTokenizer

_TORN = "\ufffd"
"""What a decoder makes of a character of which not all tokens are there."""


@dataclass(eq=False)
class Ask:
    """One request, and its answer as far as it has come."""

    model: str
    prompt: list[int]
    sampling: tuple[float, float, int]
    """Temperature, top_p, seed: rows of a batch share them."""
    most: int
    loop: asyncio.AbstractEventLoop
    pieces: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    """Text as it comes; `None` is its end."""
    finish: str = "stop"
    made: int = 0
    is_dropped: bool = False
    """Nobody listens any more."""
    is_over: bool = False
    _ids: list[int] = field(default_factory=list)
    _told: int = 0

    def take(self, token: int, chat: ChatTokenizer) -> None:
        """Take in a token, and hand on the text that is certain."""
        if self.is_over:
            return
        if token in chat.stops:
            self.end(chat, "stop")
            return
        self._ids.append(token)
        self.made += 1
        self._tell(chat)
        if self.made >= self.most:
            self.end(chat, "length")

    def end(self, chat: ChatTokenizer, finish: str) -> None:
        """Say that nothing more comes."""
        if not self.is_over:
            self._tell(chat, is_last=True)
            self.is_over, self.finish = True, finish
            self.loop.call_soon_threadsafe(self.pieces.put_nowait, None)

    def _tell(self, chat: ChatTokenizer, *, is_last: bool = False) -> None:
        text = chat.decode(self._ids)
        if is_last:
            text = text.rstrip(_TORN)
        if len(text) > self._told and not text.endswith(_TORN):
            self.loop.call_soon_threadsafe(self.pieces.put_nowait, text[self._told :])
            self._told = len(text)


class BatchModel:
    """A backbone with adapters, and its tokenizer."""

    def __init__(self, model: Any, chat: ChatTokenizer) -> None:
        self._model = model
        self.chat = chat

    def ask(self, body: Mapping[str, Any], loop: asyncio.AbstractEventLoop) -> Ask:
        """Read a request."""
        (prompt,) = self.chat.encode([self.chat.render(body["messages"], ask=True)])
        temperature = float(body.get("temperature", 0))
        drawn = (temperature, float(body.get("top_p", 1)), int(body.get("seed", 0)))
        sampling = drawn if temperature > 0 else (0.0, 1.0, 0)
        return Ask(str(body["model"]), list(prompt), sampling, int(body.get("max_tokens", 640)), loop)

    def generate(self, asks: Sequence[Ask]) -> None:
        """Answer a batch; blocks. An error ends the answers, and is in the log."""
        try:
            self._generate(asks)
        finally:
            for ask in asks:
                ask.end(self.chat, "length" if ask.made else "error")

    def _generate(self, asks: Sequence[Ask]) -> None:
        import torch
        from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList
        from transformers.generation.streamers import BaseStreamer

        chat = self.chat

        class Rows(BaseStreamer):  # type: ignore[misc]
            """Hands the tokens of each step to their rows; the first call holds the prompts."""

            has_begun = False

            def put(self, value: Any) -> None:
                if self.has_begun:
                    for ask, token in zip(asks, value.tolist(), strict=True):
                        ask.take(token, chat)
                self.has_begun = True

            def end(self) -> None:
                pass

        class Enough(StoppingCriteria):  # type: ignore[misc]
            """Ends the batch when every row has its end, or nobody listens to it any more."""

            def __call__(self, ids: Any, scores: Any, **more: Any) -> Any:
                over = [ask.is_over or ask.is_dropped for ask in asks]
                return torch.tensor([all(over)] * len(asks), device=ids.device)

        padding = chat.token_id("pad_token") or 0
        width = max(len(ask.prompt) for ask in asks)
        gaps = [width - len(ask.prompt) for ask in asks]
        ids = [[padding] * gap + ask.prompt for gap, ask in zip(gaps, asks, strict=True)]
        mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
        temperature, top_p, seed = asks[0].sampling
        drawn = {"temperature": temperature, "top_p": top_p, "top_k": 0} if temperature else {}
        config = GenerationConfig(
            max_new_tokens=max(ask.most for ask in asks),
            do_sample=bool(temperature),
            eos_token_id=sorted(chat.stops),
            pad_token_id=padding,
            **drawn,
        )
        torch.manual_seed(seed)
        names = (
            {} if not hasattr(self._model, "peft_config") else {"adapter_names": [ask.model for ask in asks]}
        )
        device = self._model.device
        with torch.inference_mode():
            self._model.generate(
                input_ids=torch.tensor(ids, device=device),
                attention_mask=torch.tensor(mask, device=device),
                generation_config=config,
                streamer=Rows(),
                stopping_criteria=StoppingCriteriaList([Enough()]),
                **names,
            )
