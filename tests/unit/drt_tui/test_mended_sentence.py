"""A mended source or reference, and what is left of the imported one."""

from __future__ import annotations

from drt_tui.review.mended_sentence import with_reference, with_source
from tests.stubs.session import sentence


def test_the_imported_source_stays_however_often_it_is_mended():
    one = sentence()
    twice = with_source(with_source(one, "어제 " + one.source), "오늘 " + one.source)
    assert (twice.id, twice.source, twice.imported) == (one.id, "오늘 " + one.source, one.source)
    assert with_source(one, "") is one
    assert with_source(one, f" {one.source} ") is one


def test_a_mark_that_is_no_longer_there_goes():
    one = sentence()
    assert with_source(one, "아주 다른 문장이다.").spans == ()


def test_a_reference_is_written_or_mended():
    one = sentence()
    assert [reference.origin for reference in with_reference(one, "Mine.").references] == ["post-edited", "imported"]  # fmt: skip
    bare = one.model_copy(update={"references": ()})
    assert [reference.origin for reference in with_reference(bare, "Mine.").references] == ["written"]
    assert with_reference(one, one.references[0].text) is one
