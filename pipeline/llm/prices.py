"""What a model's tokens cost."""

from __future__ import annotations

from pipeline.llm.answers import Tokens
from pipeline.settings import ModelSettings, Price

_SAMPLE = 1000
"""Tokens to ask the price list for: few enough to stay below every surcharge for long prompts."""


def price_of(settings: ModelSettings) -> Price | None:
    """Return the price of a model in US dollars per million tokens; `None` where it is unknown.

    The settings' own price holds; else that of the provider at `base_url` in the price list of
    `genai-prices`.
    """
    return settings.price or _listed_price(settings.base_url, settings.model)


def cost_of(tokens: Tokens, price: Price) -> float:
    """Return what a call cost, in US dollars."""
    cached_price = price.input if price.cached_input is None else price.cached_input
    fresh = tokens.prompt - tokens.cached
    return (fresh * price.input + tokens.cached * cached_price + tokens.completion * price.output) / 1e6


def _listed_price(base_url: str, model: str) -> Price | None:
    from genai_prices import Usage, calc_price

    def per_million(usage: Usage) -> float:
        listed = calc_price(usage, model, provider_api_url=base_url)
        return float(listed.total_price) * 1e6 / _SAMPLE

    try:
        return Price(
            input=per_million(Usage(input_tokens=_SAMPLE)),
            cached_input=per_million(Usage(input_tokens=_SAMPLE, cache_read_tokens=_SAMPLE)),
            output=per_million(Usage(output_tokens=_SAMPLE)),
        )
    except LookupError:
        return None
