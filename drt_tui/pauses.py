"""Keeping the garbage collector from holding up keys.

A full collection looks at every object there is, and after half a second of libraries that takes as
long as several frames. What was loaded lives as long as the process, so it need never be looked at.
"""

from __future__ import annotations

import gc


def while_loading() -> None:
    """Collect nothing until `spare_what_is_loaded` is called."""
    gc.disable()


def spare_what_is_loaded() -> None:
    """Leave out everything that exists now from all collections to come."""
    gc.freeze()
    gc.enable()
