"""Asking a model: greedy answers to prompts, and how likely it finds the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from train.chat import ChatTokenizer
from train.memory import ANSWERED_AT_ONCE
from train.rows import Row
from train.tags import Sample, loops

_LOOK_FOR_LOOPS_EVERY = 32
"""Steps of generation between two looks at whether an answer only repeats itself."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What a model makes of the right answers, without sampling.

    `opening`: mean probability of the first tag after a prompt; `ending`: mean probability of the end
    token after the whole answer; `loss`: mean over all answer tokens.
    """

    opening: float
    ending: float
    loss: float


def answers(model: Any, chat: ChatTokenizer, rows: Sequence[Row], max_new_tokens: int) -> list[Sample]:
    """Return greedy answers to the rows' prompts; one that only repeats itself is cut before the limit."""
    return [
        sample
        for start in range(0, len(rows), ANSWERED_AT_ONCE)
        for sample in _answer_batch(model, chat, rows[start : start + ANSWERED_AT_ONCE], max_new_tokens)
    ]


def likelihood(model: Any, chat: ChatTokenizer, rows: Sequence[Row], first_tag: str) -> Likelihood:
    """Return how likely the rows' own answers are; `rows` holds at least one."""
    opening = len(chat.encode([first_tag])[0])
    found = [_log_probabilities(model, row) for row in rows]
    return Likelihood(
        opening=_mean([sum(each[:opening]) for each in found], exponential=True),
        ending=_mean([each[-1] for each in found], exponential=True),
        loss=-sum(map(sum, found)) / sum(map(len, found)),
    )


def logits(model: Any, row: Row) -> Any:
    """Return the model's logits over a row's answer, one line a token, in 32 bits."""
    import torch

    ids = torch.tensor([list(row.ids)], device=model.device)
    with torch.inference_mode():
        return model(input_ids=ids).logits[0, row.prompt - 1 : -1].float()


def _answer_batch(
    model: Any, chat: ChatTokenizer, rows: Sequence[Row], max_new_tokens: int
) -> Iterator[Sample]:
    import torch
    from transformers import GenerationConfig, StoppingCriteriaList

    padding = chat.token_id("pad_token") or 0
    width = max(row.prompt for row in rows)
    gaps = [width - row.prompt for row in rows]
    ids = [[padding] * gap + list(row.ids[: row.prompt]) for gap, row in zip(gaps, rows, strict=True)]
    mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
    # Whole and explicit: a backbone's own defaults sample, and punish repeated words.
    greedy = GenerationConfig(
        max_new_tokens=max_new_tokens, do_sample=False, eos_token_id=sorted(chat.stops), pad_token_id=padding
    )
    with torch.inference_mode():
        made = model.generate(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            generation_config=greedy,
            stopping_criteria=StoppingCriteriaList([_repeats_itself(chat, width)]),
        )
    for row, line in zip(rows, made[:, width:].tolist(), strict=True):
        end = next((place for place, token in enumerate(line) if token in chat.stops), None)
        said = _without_padding(line, padding) if end is None else line[:end]
        yield Sample(id=row.id, answer=chat.decode(said), tokens=len(said), cut=end is None)


def _repeats_itself(chat: ChatTokenizer, prompt: int) -> Callable[..., Any]:
    """Return what tells, now and then, which answers of a batch loop; prompts have `prompt` tokens."""
    import torch

    def criterion(ids: Any, scores: Any, **kwargs: Any) -> Any:
        made = ids.shape[1] - prompt
        found = [False] * ids.shape[0]
        if made and made % _LOOK_FOR_LOOPS_EVERY == 0:
            found = [loops(chat.decode(line)) for line in ids[:, prompt:].tolist()]
        return torch.tensor(found, device=ids.device)

    return criterion


def _without_padding(line: list[int], padding: int) -> list[int]:
    end = len(line)
    while end and line[end - 1] == padding:
        end -= 1
    return line[:end]


def _log_probabilities(model: Any, row: Row) -> list[float]:
    import torch

    scores = torch.log_softmax(logits(model, row), dim=-1)
    wanted = torch.tensor(row.ids[row.prompt :], device=scores.device)
    return list(scores.gather(1, wanted[:, None])[:, 0].tolist())


def _mean(values: Sequence[float], *, exponential: bool = False) -> float:
    from math import exp

    return sum(map(exp, values) if exponential else values) / len(values)
