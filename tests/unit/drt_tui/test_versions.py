"""A person's own version of a row: kept as a draft, written in another editor, compared with what was made."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import NotSaved
from data.ids import new_id
from data.records import Decision, Seen
from data.text import nfc
from drt_tui.review import external_editor
from drt_tui.review.drafts import Drafts, Edit
from drt_tui.review.external_editor import BrokenFileError, Returned
from drt_tui.review.figures import Figures
from tests.stubs.session import candidate, sentence

EDIT = Edit("C1", "그는 발이 넓다.", "I think.\nI settle.", "a reference")


def test_a_draft_is_kept_for_its_person(tmp_path):
    drafts = Drafts(tmp_path / "drafts", "kim")
    assert drafts.load("S1") is None
    drafts.save("S1", EDIT)
    assert drafts.load("S1") == EDIT
    assert Drafts(tmp_path / "drafts", "lee").load("S1") is None
    drafts.drop("S1")
    assert drafts.load("S1") is None


def test_a_damaged_draft_is_no_draft(tmp_path):
    drafts = Drafts(tmp_path / "drafts", "kim")
    drafts.save("S1", EDIT)
    [path] = (tmp_path / "drafts").iterdir()
    path.write_bytes(b'{"candidate": ')
    assert drafts.load("S1") is None


def test_a_draft_that_cannot_be_kept_is_told(tmp_path):
    (tmp_path / "drafts").write_text("a file where the folder should be")
    with pytest.raises(NotSaved):
        Drafts(tmp_path / "drafts", "kim").save("S1", EDIT)


BODIES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), min_size=1).filter(
    lambda text: text.strip() == text and text and not any(line.startswith("=") for line in text.split("\n"))
)


@given(BODIES, BODIES)
def test_what_is_written_for_an_editor_is_read_back(output, thought):
    edit = Edit("C1", nfc(output).strip(), nfc(thought).strip(), "")
    if edit.output and edit.thought:
        assert external_editor.read(Returned(external_editor.written(edit, "원문")), edit) == edit


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "one line"),
        ("===== output =====\nx\n===== thoughts =====\ny", "===== thought ====="),
        ("===== output =====\nx", "thought"),
        ("===== output =====\nx\n===== thought =====\n\n", "nothing stands under"),
        ("===== output =====\nx\n===== thought =====\ny\n===== thought =====\nz", "one line"),
    ],
)
def test_a_broken_file_is_told_apart(text, told):
    with pytest.raises(BrokenFileError, match=told):
        external_editor.read(Returned(text), EDIT)


def test_a_line_like_a_marker_is_text():
    edit = Edit("C1", "x", "first\n===== notes =====\nlast", "")
    assert external_editor.read(Returned(external_editor.written(edit, "원문")), edit) == edit


def test_a_broken_text_is_offered_until_it_is_mended(tmp_path):
    drafts = Drafts(tmp_path, "kim")
    drafts.keep_text("S1", "half a file")
    assert [drafts.kept_text("S1"), drafts.kept_text("S1")] == ["half a file"] * 2
    drafts.drop_text("S1")
    assert drafts.kept_text("S1") is None


def test_the_persons_own_editor_is_used(tmp_path, monkeypatch):
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text('utf-8').upper(), 'utf-8')"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    assert external_editor.edit_outside("abc 한글") == Returned("ABC 한글")


@pytest.mark.parametrize(
    ("program", "kept", "failure"),
    [
        ("p.write_text('half', 'utf-8'); sys.exit(3)", "half", "ended with error 3"),
        ("p.write_bytes('한글'.encode('cp949'))", "\\xc7", "not saved as UTF-8"),
        ("p.unlink()", "abc", "removed the file"),
    ],
)
def test_what_an_editor_leaves_behind_is_never_dropped(tmp_path, monkeypatch, program, kept, failure):
    script = tmp_path / "editor.py"
    script.write_text(f"import sys, pathlib\np = pathlib.Path(sys.argv[1])\n{program}")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    returned = external_editor.edit_outside("abc")
    assert kept in returned.text
    assert failure in returned.failure
    with pytest.raises(BrokenFileError, match=failure):
        external_editor.read(returned, EDIT)


def decision(kind: str, seconds: float, **changes: object) -> Decision:
    return Decision(id=new_id(), sentence="S1", kind=kind, by="kim", seen=Seen(seconds=seconds), **changes)


def test_session_figures():
    figures = Figures()
    made = candidate(
        sentence(), models={"literal": ("fast",), "evaluate": ("strong",)}, prompts={"reformulate": "ab12"}
    )
    figures.note(decision("accept", 30), made)
    figures.note(decision("edit", 60, output="He knows everyone."), made)
    figures.note(undone := decision("reject", 30), made)
    figures.note(decision("skip", 0), None)
    figures.take_back(undone)
    tally = figures.all
    assert (tally.rows, tally.rows_an_hour, tally.seconds_a_row) == (3, 120, 30)
    assert tally.share("accept") == pytest.approx(1 / 3)
    assert tally.share("reject") == 0
    assert tally.hter is not None
    assert tally.hter > 0
    figures.do_again(undone)
    assert figures.all.share("reject") == pytest.approx(1 / 4)
    assert list(figures.by_model()) == ["fast, strong"]
    assert figures.by_prompt()["ab12"].rows == 3
