"""A screen that is not painted anew because the keyboard changes hands."""

from __future__ import annotations

from textual.reactive import Reactive
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget


class CalmScreen(Screen[ScreenResultType]):
    """Leaves it to the two widgets concerned to paint where the focus was and where it is.

    Textual's own screen paints all its lines for that, which takes longer than whatever a key opens.
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
