from __future__ import annotations

import pytest

from drt_tui.errors import SettingsProblem
from drt_tui.review.glossary import Glossary


@pytest.fixture
def glossary(tmp_path):
    path = tmp_path / "glossary.tsv"
    path.write_text("# terms\n\n장모\tmother-in-law\n이장\theadman; village head\n", encoding="utf-8-sig")
    return Glossary.read(path)


def test_a_miss_names_what_the_glossary_wants(glossary):
    [finding] = glossary.misses("이장이 장모를 만났다.", "The mayor met his Mother-in-law.")
    assert finding.code == "glossary"
    assert finding.message == "이장 is “headman or village head” in the glossary."
    assert glossary.misses("이장이 왔다.", "The village head came.") == ()
    assert [term.source for term in glossary.used_in("장모님")] == ["장모"]


@pytest.mark.parametrize("text", ["장모 mother-in-law", "\tx", "장모\t ; "])
def test_a_line_that_is_no_term_is_named(tmp_path, text):
    path = tmp_path / "glossary.tsv"
    path.write_text(f"a\tb\n{text}\n", encoding="utf-8")
    with pytest.raises(SettingsProblem, match="line 2"):
        Glossary.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsProblem, match="cannot be read"):
        Glossary.read(tmp_path / "none.tsv")
