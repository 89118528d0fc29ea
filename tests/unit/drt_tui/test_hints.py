"""Hints from a person's own work: accepted rows, and rejected ones with their reason."""

from __future__ import annotations

import pytest

from data.ids import new_id
from data.records import Decision
from drt_tui.review.hints import Memory
from tests.stubs.session import OUTPUT, candidate, sentence

TWIN = "그녀는 발이 넓어서 아는 사람이 아주 많다."


def decide(dataset, sentence_id: str, kind: str, **changes) -> None:
    dataset.decide(Decision(id=new_id(), sentence=sentence_id, kind=kind, by="kim", **changes))


@pytest.fixture
def twin(dataset):
    """A sentence much like the first, of no idiom."""
    one = sentence(0, id="f" * 20, source=TWIN, group=None, spans=())
    dataset.add_sentences([one])
    dataset.add_candidate(candidate(one, "C9", output="She knows everyone."))
    return one


async def test_an_accepted_row_with_a_similar_source_is_a_hint(dataset, twin):
    decide(dataset, dataset.ids()[0], "accept")
    [hint] = await Memory(dataset).similar(twin)
    assert (hint.output, hint.why) == (OUTPUT, "")
    assert hint.likeness > 75


async def test_a_persons_own_wording_is_what_is_remembered(dataset, twin):
    decide(dataset, dataset.ids()[0], "edit", output="He is everybody's friend.")
    [hint] = await Memory(dataset).similar(twin)
    assert hint.output == "He is everybody's friend."


async def test_a_rejected_row_comes_with_its_reason(dataset, twin):
    decide(dataset, dataset.ids()[0], "reject", reasons=("image-lost",))
    [hint] = await Memory(dataset).similar(twin)
    assert hint.why == "idiom or image lost"


async def test_the_same_idiom_is_a_hint_however_different_the_source(dataset):
    other = sentence(0, id="e" * 20, source="전혀 다른 이야기", spans=())
    dataset.add_sentences([other])
    decide(dataset, dataset.ids()[0], "accept")
    [hint] = await Memory(dataset).similar(other)
    assert hint.sentence == dataset.ids()[0]


async def test_what_is_taken_back_or_unlike_or_the_sentence_itself_is_no_hint(dataset, twin):
    first, second = dataset.ids()[:2]
    memory = Memory(dataset)
    decide(dataset, second, "accept")
    assert await memory.similar(twin) == ()
    decide(dataset, first, "accept")
    assert len(await memory.similar(twin)) == 1
    dataset.undo()
    assert await memory.similar(twin) == ()
    decide(dataset, twin.id, "accept")
    assert await memory.similar(twin) == ()
