"""Identifiers of passes, candidates and decisions: ULIDs."""

from __future__ import annotations

import secrets
import time
from hashlib import blake2b

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """Return a new ULID: 48 bits of milliseconds, then 80 random bits, as 26 characters.

    Ids sort roughly by time, for people who look at files; no order in the program depends on it.
    """
    bits = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[bits >> shift & 31] for shift in range(125, -1, -5))


def stable_id(*parts: str) -> str:
    """Return the id of something that came from outside: a ULID of time zero made of a hash of `parts`.

    The same text has the same id whenever it is imported, so that importing twice adds nothing twice.
    """
    bits = int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=10).digest(), "big")
    return "0" * 10 + "".join(_CROCKFORD[bits >> shift & 31] for shift in range(75, -1, -5))
