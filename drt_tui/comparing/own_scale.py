"""The project's own evaluator as a yardstick: for the appendix only, since it chose the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

from data.records import Draft, Sentence
from drt_tui.comparing.contenders import told_of_model
from drt_tui.project.session import Session
from pipeline.agents.evaluate import ROLE, Evaluation
from pipeline.agents.prompts import Prompts
from pipeline.agents.role import Brief
from pipeline.errors import StageFailed
from pipeline.llm.request import Models, Request
from pipeline.progress import Progress
from train.evaluation.contender import Contender
from train.evaluation.crew import Crew, Job
from train.evaluation.items import EvaluationItem
from train.evaluation.kept import Kept, key_of


async def score_all(
    session: Session,
    models: Models,
    outputs: Iterable[tuple[Contender, EvaluationItem, str]],
    crew: Crew,
    at_once: int,
) -> dict[str, dict[str, float]]:
    """Return the evaluator's scores by contender and item; an empty output is worth nothing.

    Raises:
        PipelineError: no retry can help: key, model, budget. What was scored is kept.
    """
    prompts = Prompts.load(session.folder.prompts)
    told = tuple(told_of_model(session, name) for name in models.names(ROLE.stage))
    scores: defaultdict[str, dict[str, float]] = defaultdict(dict)
    with Kept(session.folder.evaluations / "judgements.jsonl") as kept:

        async def one(contender: Contender, item: EvaluationItem, output: str) -> None:
            request = _request(session, prompts, item, output)
            key = key_of("evaluator", told, request.prompt, request.messages)
            if (value := kept.find(key)) is None:
                try:
                    reply = await models.complete(request)
                except StageFailed:
                    return
                value = {"said": reply.value.score}
                kept.keep(key, value, item=item.id, judge="evaluator")
            scores[contender.name][item.id] = float(value["said"])

        def jobs() -> Iterator[Job]:
            for contender, item, output in outputs:
                if output:
                    yield partial(one, contender, item, output)
                else:
                    scores[contender.name][item.id] = 0.0

        await crew.work([(jobs(), at_once)])
    return dict(scores)


def _request(session: Session, prompts: Prompts, item: EvaluationItem, output: str) -> Request[Evaluation]:
    brief = Brief.of(
        Sentence(id=item.id, source=item.question.source),
        source=session.source,
        target=session.target,
        settings=session.settings.loop,
        prompts=prompts,
        before=item.question.before,
        plan="",
        avoid_openings=(),
    )
    return ROLE.request(brief, Progress(drafts=(Draft(text=output),)), seed=0)
