"""Bytes of a text file as lines of text, in whatever encoding they were written.

UTF-8 is tried on every line, so files glued together from differently encoded parts can still be
read; a legacy encoding is only believed where its reading looks like text. Korean has the first say:
short files in CP949 are too little evidence for statistical detection.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from data.errors import FileProblem
from data.scripts import letters_by_script

SAMPLE_BYTES = 1 << 20
"""How much of a file is looked at before its encoding is decided."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FREQUENT = frozenset("이다는에의을가고하한지로은사도를기어서시리자인아대정라일나수부스해보들")
"""The syllables that make up most of any Korean text."""
_MOSTLY, _OFTEN, _TOO_FEW = 0.6, 0.15, 12
_WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_NON_ASCII_BESIDE_LATIN = re.compile(r"[A-Za-z][\x80-\u024f]|[\x80-\u024f][A-Za-z]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. `trouble` says why it cannot be read; `text` is empty then."""

    text: str
    trouble: str = ""


def encoding_of(sample: bytes, *, trust_utf8: bool = False) -> str | None:
    """Return the Python name of the encoding of a file that begins with `sample`; `None`: no text.

    With `trust_utf8`, what is valid UTF-8 is UTF-8, even if a few Korean syllables look the same.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _wide_encoding(sample):
        return wide
    utf8: list[bytes] = []
    unclear: list[bytes] = []
    legacy: list[bytes] = []
    for line in sample.splitlines():
        if _NON_ASCII.search(line):
            text = _decoded(line, "utf-8")
            kind = legacy if text is None else unclear if _may_be_korean_misread(line, text) else utf8
            kind.append(line)
    if sum(map(len, legacy)) > sum(map(len, utf8)):
        return _legacy_encoding(b"\n".join(legacy))
    return "cp949" if unclear and not utf8 and not trust_utf8 else "utf-8"


def read_lines(path: Path, *, trust_utf8: bool = False) -> Iterator[Line]:
    r"""Yield the lines of a text file, ended by `\n`, `\r\n` or `\r` and by nothing else.

    NEL, U+2028 and their like are characters of the text. A byte order mark at the start of any line
    is dropped: it is what remains of files glued together. `trust_utf8` as in `encoding_of`.

    Raises:
        FileProblem: the bytes are no text in any encoding we know.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        encoding = encoding_of(_whole_lines(sample), trust_utf8=trust_utf8)
        if encoding is None:
            raise FileProblem(
                f"{path} is no text in an encoding that could be recognised.", hint="Save it as UTF-8."
            )
        file.seek(0)
        lines = _wide_lines(file, encoding) if encoding in _WIDE else _narrow_lines(file, encoding)
        for line in lines:
            yield Line(line.text.lstrip("\ufeff"), line.trouble) if line.text[:1] == "\ufeff" else line


def read_text(path: Path) -> str:
    """Return a whole JSON document as text.

    Raises:
        FileProblem: a part of it is not readable in the encoding of the rest.
    """
    lines = []
    for number, line in enumerate(read_lines(path, trust_utf8=True), 1):
        if line.trouble:
            raise FileProblem(f"{path}: line {number}: {line.trouble}.", hint="Save the file as UTF-8.")
        lines.append(line.text)
    return "\n".join(lines)


def _whole_lines(sample: bytes) -> bytes:
    """Cut off a last line that the sample's end may have torn."""
    if len(sample) < SAMPLE_BYTES:
        return sample
    end = max(sample.rfind(b"\n"), sample.rfind(b"\r"))
    return sample[: end + 1] if end > 0 else sample[:-4]


def _wide_lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    # A byte that completes no character becomes U+FFFD, so that one bad line stays one bad line.
    with TextIOWrapper(file, encoding=encoding, errors="replace", newline=None) as text:
        for line in text:
            if "\ufffd" in line:
                yield Line("", f"holds bytes that are no {encoding.upper()} text")
            else:
                yield Line(line.removesuffix("\n"))


def _narrow_lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    for chunk in file:
        ended = chunk.removesuffix(b"\n").removesuffix(b"\r")
        for raw in ended.split(b"\r") if b"\r" in ended else (ended,):
            yield _line(raw, encoding)


def _line(raw: bytes, encoding: str) -> Line:
    if not _NON_ASCII.search(raw):
        return Line(raw.decode("ascii"))
    text = _decoded(raw, "utf-8")
    if encoding == "utf-8":
        text = text if text is not None else _korean(raw)
    elif text is None or max(text) < "\u0800":
        # Only three-byte characters are proof of UTF-8: two-byte ones occur in CP949 by chance.
        text = _decoded(raw, encoding)
    return Line(text) if text is not None else Line("", f"holds bytes that are no {encoding.upper()} text")


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _korean(raw: bytes) -> str | None:
    """Return the CP949 reading of `raw` where it looks like Korean, else `None`.

    Chinese and Japanese bytes read as CP949 give hanja, stray jamo and syllables that hardly occur.
    """
    text = _decoded(raw, "cp949")
    if text is None:
        return None
    letters = letters_by_script("".join(character for character in text if character > "\x7f"))
    syllables = [character for character in text if "가" <= character <= "힣"]
    if not syllables or len(syllables) < _MOSTLY * letters.total():
        return None
    frequent = sum(syllable in _FREQUENT for syllable in syllables)
    return text if len(syllables) < _TOO_FEW or frequent > _OFTEN * len(syllables) else None


def _may_be_korean_misread(raw: bytes, text: str) -> bool:
    """Whether valid UTF-8 is more probably a few Korean syllables in EUC-KR.

    `표` in EUC-KR is also the UTF-8 form of `ǥ`. Accented letters of real words stand beside plain
    ones; those that come of a misreading stand alone.
    """
    if max(text) > "\u024f" or _NON_ASCII_BESIDE_LATIN.search(text):
        return False
    korean = _decoded(raw, "euc_kr")
    return korean is not None and all("가" <= character <= "힣" for character in korean if character > "\x7f")


def _wide_encoding(sample: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero bytes of its spaces, line ends and Latin letters."""
    if b"\0" not in sample:
        return None
    sample = sample[: len(sample) // 2 * 2]
    high_zeros = {"utf-16-le": sample[1::2].count(0), "utf-16-be": sample[0::2].count(0)}
    encoding = max(high_zeros, key=high_zeros.__getitem__)
    units = len(sample) // 2
    # Text that is also valid UTF-8 with a few NUL bytes is that, unless nearly every unit has one.
    if _decoded(sample, "utf-8") is not None and high_zeros[encoding] < 0.4 * units:
        return None
    ends = sample.count(b"\n"), sample.count("\n".encode(encoding))
    if high_zeros[encoding] < units / 10 and ends[0] > 2 * ends[1]:
        return None  # lines end as narrow ones do: a few broken bytes among them
    text = _decoded(sample, encoding)
    if text is None or not set(text) & set(" \n\r,."):
        return None
    known = letters_by_script(text).total() + sum(
        character < "\x7f" for character in text if character >= " "
    )
    return encoding if known >= 0.5 * len(text) else None


def _legacy_encoding(sample: bytes) -> str | None:
    """Tell East Asian encodings by what their readings hold, all others by statistics."""
    if _korean(sample) is not None:
        return "cp949"
    for encoding in ("shift_jis", "euc_jp"):
        letters = letters_by_script(_decoded(sample, encoding) or "")
        if letters["kana"] > 0.3 * letters.total() and not letters["hangul"]:
            return encoding

    from charset_normalizer import from_bytes

    best = from_bytes(sample[: 1 << 16]).best()
    return None if best is None or best.encoding.startswith(("utf_16", "utf_32")) else best.encoding
