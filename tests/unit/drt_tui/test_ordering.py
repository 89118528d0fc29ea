"""The most doubtful first."""

from __future__ import annotations

from data.records import Draft, Finding
from data.store.documents import IndexRow
from drt_tui.review.ordering import in_order
from tests.stubs.session import OUTPUT, candidate


def roles(stage: str) -> tuple[str, ...]:
    return ("main", "backup")


def test_score_then_findings_then_fallbacks_decide(dataset):
    ids = dataset.ids()
    finding = Finding(code="x", message="x")

    def make(number: int, score: int, findings=(), models=("main",)) -> None:
        of = dataset.sentence(ids[number])
        drafts = (Draft(text=OUTPUT, score=score),)
        made = candidate(
            of, f"N{number}", drafts=drafts, best=0, findings=findings, models={"literal": models}
        )
        dataset.add_candidate(made)

    make(0, 90)
    make(1, 90, models=("backup",))
    make(2, 90, findings=(finding,))
    make(3, 40)
    ordered = in_order(dataset, "doubtful", first_choice=roles)
    assert ordered == [ids[3], ids[2], ids[1], ids[0], ids[4]]

    def codes(row: IndexRow) -> tuple[str, ...]:
        return ("a", "b") if row.id == ids[0] else row.codes

    assert in_order(dataset, "doubtful", codes=codes)[:2] == [ids[3], ids[0]], (
        "what is found later counts, too"
    )
