"""The engine: everything that a pass over a sentence needs, and the pass as a stream of events."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

from data.ids import new_id
from data.records import Draft, Sentence, Stage
from data.text import nfc
from pipeline.agents.prompts import Prompts
from pipeline.agents.role import Brief
from pipeline.asking import StageLogLike
from pipeline.events import Event
from pipeline.keywords import KeywordChooser, WordRule
from pipeline.llm.request import Models
from pipeline.loop import Pass
from pipeline.progress import Progress
from pipeline.settings import LoopSettings


@dataclass(frozen=True)
class Engine:
    """Turns sentences into candidates. Holds no state of a pass: any number may run at once."""

    models: Models
    settings: LoopSettings = field(default_factory=LoopSettings)
    source: str = "ko"
    target: str = "en"
    prompts: Prompts = field(default_factory=Prompts.load)
    log: StageLogLike | None = None
    seed: int = 0
    avoid_openings: tuple[str, ...] = ()
    """Openings that too many thoughts share already; the reformulator is asked not to use them."""
    tokenizer: KeywordChooser = field(default_factory=WordRule)
    """Chooses keywords where no model does; see `pipeline.tokenizer`."""
    asks: tuple[str, ...] = ()
    """Fallback list to ask at every stage in place of the roles' lists; empty: as the roles say."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all that shapes the text: prompts, loop settings, model lists, languages, seed."""
        parts = (
            self.prompts.versions, self.settings.model_dump(),
            {stage: self.asks or self.models.names(stage) for stage in Stage if stage.is_of_the_loop},
            self.source, self.target, self.seed,
        )  # fmt: skip
        return blake2b(repr(parts).encode(), digest_size=8).hexdigest()

    def run(
        self,
        sentence: Sentence,
        *,
        before: Sequence[str] = (),
        start: Progress = Progress(),  # noqa: B008 - frozen
        stream: bool = False,
        advice: str | None = None,
        trace: str | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Run the loop over one sentence.

        Args:
            sentence: what to translate; its references are never looked at.
            before: the sentences before it, oldest first; the last `context` of them are shown.
            start: artefacts that are there already; only what follows from them is run.
            stream: say `TextDelta` as text arrives.
            advice: a person's advice for the next refinement or, where `start` has an output or
                all drafts are as they should be, for the thought. Where `start` has drafts and no
                output, they count as turned down: a new one is written, and no old one wins.
            trace: id of the pass and of its candidate; a new one by default.

        Yields:
            Events, the last of which is `CandidateReady`, `SentenceDropped` or `SentenceFailed`.

        Raises:
            WrongKey, UnknownModel, UnknownPrice, BudgetReached: no retry can help.
        """
        start, thought_advice = _advised(_with_output(start), nfc(advice or "").strip())
        brief = replace(self._brief(sentence, before), advice=thought_advice)
        return Pass(self, sentence, brief, start, trace=trace or new_id(), stream=stream).events()

    def _brief(self, sentence: Sentence, before: Sequence[str]) -> Brief:
        plans = sorted(self.prompts["plans"].sections)
        return Brief.of(
            sentence,
            source=self.source,
            target=self.target,
            settings=self.settings,
            prompts=self.prompts,
            before=tuple(before),
            plan=random.Random(f"{self.seed}:{sentence.id}").choice(plans),
            avoid_openings=self.avoid_openings,
        )


def _with_output(start: Progress) -> Progress:
    """An output that no draft has is a person's: it becomes the last draft, where the thought can end."""
    if start.output is None or any(draft.text == start.output for draft in start.drafts):
        return start
    return replace(start, drafts=(*start.drafts, Draft(text=start.output, by="person")))


def _advised(start: Progress, advice: str) -> tuple[Progress, str]:
    """Place a person's advice: on the last draft if a new one is to be written, else with the thought."""
    if not advice or start.output is not None or not start.drafts:
        return start, advice
    noted = "\n".join(part for part in (start.drafts[-1].advice, advice) if part)
    return replace(start.with_last(advice=noted), since=len(start.drafts)), ""
