"""Identifiers of passes, candidates and decisions: ULIDs."""

from __future__ import annotations

import secrets
import time

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """Return a new ULID: 48 bits of milliseconds, then 80 random bits, as 26 characters.

    Ids sort roughly by time, for people who look at files; no order in the program depends on it.
    """
    bits = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[bits >> shift & 31] for shift in range(125, -1, -5))
