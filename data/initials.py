"""The initial of a group: the order in which Korean dictionaries, and sorted files, run."""

from __future__ import annotations

from collections.abc import Mapping

CONSONANTS = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_LEADING = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ"
"""Leading consonants in Unicode's order, doubled ones under their plain form."""
_VOWELS_AND_FINALS = 21 * 28
OTHER = "#"


def initial_of(text: str) -> str:
    """Return the plain consonant that a Korean text begins with, else its first letter in upper case.

    Digits and signs are `#`.
    """
    first = next((character for character in text if character.isalnum()), OTHER)
    if "가" <= first <= "힣":
        return _LEADING[(ord(first) - ord("가")) // _VOWELS_AND_FINALS]
    return first.upper()[:1] if first.isalpha() else OTHER


def coverage_note(covered: Mapping[str, int], of: Mapping[str, int]) -> str:
    """Say which initials of the source file the set has not reached, empty where it has them all.

    A file that is worked through in order shows at once: `only ㄱ-ㄷ so far: …`.
    """
    missing = [initial for initial in sorted(of) if not covered.get(initial)]
    reached = [initial for initial in sorted(of) if covered.get(initial)]
    if not missing or not reached:
        return ""
    if reached == sorted(of)[: len(reached)]:
        span = reached[0] if len(reached) == 1 else f"{reached[0]}-{reached[-1]}"
        return f"only {span} so far: none of the groups from {missing[0]} to {missing[-1]}"
    return f"no group yet with {', '.join(missing)}"
