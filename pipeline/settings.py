"""The sections of `drt.toml` that the engine reads: `[models.NAME]`, `[roles]`, `[loop]`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class Section(BaseModel):
    """Base of settings sections: immutable; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(Section):
    """US dollars per million tokens."""

    input: float
    output: float
    cached_input: float | None = None


class ModelSettings(Section):
    """An OpenAI-compatible endpoint and a model on it."""

    base_url: str
    model: str
    api_key_env: str = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; the key itself is never written down."""
    concurrency: int | None = Field(default=None, ge=1)
    """Most calls at once; `None`: 16, or 4 for loopback endpoints and the built-in model."""
    rpm: int | None = Field(default=None, ge=1)
    tpm: int | None = Field(default=None, ge=1)
    timeout_s: float = Field(default=180, gt=0)
    max_tokens: int = Field(default=2048, ge=16)
    price: Price | None = None
    extra_body: dict[str, object] = {}
    extra_headers: dict[str, str] = {}
    output_terms: str | None = None
    """Licence or terms under which this model's output may be used; goes with every row."""


class Roles(RootModel[dict[str, tuple[str, ...]]]):
    """Fallback lists of model names by stage; a missing stage takes `default`."""

    root: dict[str, tuple[str, ...]] = {}

    def of(self, stage: str) -> tuple[str, ...]:
        """Return the fallback list for a stage."""
        return self.root.get(stage) or self.root.get("default", ())


class LoopSettings(Section):
    """How a sentence becomes a candidate."""

    workflow: Literal["evaluate-first", "advise-first", "economy", "single"] = "evaluate-first"
    threshold: int = Field(default=90, ge=0, le=100)
    max_iterations: int = Field(default=4, ge=0)
    """Most refinements of a draft."""
    patience: int = Field(default=2, ge=1)
    """Rounds without a better score before giving up."""
    min_refinements: int = Field(default=0, ge=0)
    drafts: int = Field(default=1, ge=1)
    evaluations: Literal[1, 3] = 1
    context: int = Field(default=0, ge=0)
    keywords: Literal["llm", "tokenizer"] = "llm"
    thought_language: Literal["en", "ko", "target"] = "en"
    thought_words: tuple[int, int] = (120, 320)

    @property
    def keywords_by_tokenizer(self) -> bool:
        """Keywords are chosen without a model; `economy` always does that."""
        return self.keywords == "tokenizer" or self.workflow == "economy"
