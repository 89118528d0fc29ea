from __future__ import annotations

from data.drift import drift
from data.records import Draft

FIRST = Draft(text="He has wide feet, so he knows many people.", advice="Say reach, not feet.")


def said(output: str, keywords: dict[str, tuple[str, ...]] | None = None, best: int = 1) -> str:
    drafts = (FIRST, Draft(text=output))
    return " ".join(finding.message for finding in drift(output, drafts, best, keywords or {}))


def test_an_output_that_stays_close_is_no_drift() -> None:
    known = {"발이 넓다": ("well connected",)}
    assert not said("He is so well connected that he knows everyone.", known)


def test_an_output_of_another_length_is_drift() -> None:
    assert "1.6 times" in said("He has wide feet, so he knows many people, he knows so many people.")
    assert "0.4 times" in said("He knows people.")


def test_words_that_come_from_nowhere_are_drift() -> None:
    assert "champagne" in said("He has champagne and so he knows many people.")


def test_the_first_draft_cannot_drift() -> None:
    assert not said("champagne", best=0)


def test_languages_without_word_spaces_are_judged_by_length_alone() -> None:
    drafts = (Draft(text="他的脚很宽所以认识人"), Draft(text="他人脉很广朋友遍天下"))
    assert not drift(drafts[1].text, drafts, 1, {})
