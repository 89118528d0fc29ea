"""chrF and BLEU of a corpus, by sacrebleu, in sums that can be drawn anew."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from math import nan
from typing import Any

from train.evaluation.statistics.resampling import Array, Figure

_TOKENIZERS = {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
_NEEDED = {"ja-mecab": "MeCab", "ko-mecab": "mecab_ko"}


def bleu_tokenizer(target: str) -> str:
    """Return sacrebleu's tokenizer for a target language: characters where its own is not installed."""
    name = _TOKENIZERS.get(target.lower().split("-")[0], "13a")
    needed = _NEEDED.get(name)
    return "char" if needed and importlib.util.find_spec(needed) is None else name


def chrf(outputs: Sequence[str | None], references: Sequence[Sequence[str]]) -> Figure:
    """Return chrF2 over all items together, from 0 to 100.

    An item without references or without an output (`None`) is left out; an empty output counts as one.
    """
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    return _figure(metric, outputs, references, metric._compute_f_score, 3 * metric.order)


def bleu(outputs: Sequence[str | None], references: Sequence[Sequence[str]], target: str) -> Figure:
    """Return BLEU over all items together, from 0 to 100; items as in `chrf`."""
    from sacrebleu.metrics import BLEU

    metric = BLEU(tokenize=bleu_tokenizer(target), force=True)

    def score(sums: Sequence[float]) -> float:
        return float(metric._compute_score_from_stats(sums).score)

    return _figure(metric, outputs, references, score, 2 + 2 * metric.max_ngram_order)


def each_chrf(outputs: Sequence[str | None], references: Sequence[Sequence[str]]) -> list[float | None]:
    """Return chrF2 of each item alone, for lists of the best and the worst."""
    from sacrebleu.metrics import CHRF

    metric = CHRF(eps_smoothing=True)
    return [
        None if output is None or not given else float(metric.sentence_score(output, list(given)).score)
        for output, given in zip(outputs, references, strict=True)
    ]


def _figure(
    metric: Any,
    outputs: Sequence[str | None],
    references: Sequence[Sequence[str]],
    score: Callable[[Sequence[float]], float],
    width: int,
) -> Figure:
    import numpy as np

    rows = np.zeros((len(outputs), width))
    for place, (output, given) in enumerate(zip(outputs, references, strict=True)):
        if output is not None and given:
            rows[place] = metric._extract_corpus_statistics([output], [[each] for each in given])[0]

    def of(sums: Array) -> Array:
        return np.array([score(line) if any(line) else nan for line in sums.tolist()])

    return Figure(rows, of)
