"""What must be true of the environment before Textual is imported for the first time.

Textual reads this variable once, at import. With the Kitty keyboard protocol on, several terminals
drop or garble text that an input method composes (Korean above all), so it is off except on native
Windows, whose driver speaks it regardless. Whoever wants it back exports the variable as 0.
"""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
