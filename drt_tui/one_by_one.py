"""Keys in their order, each to where the ones before it led.

Textual sends a key to the widget that has the focus when the key arrives, and runs a binding only
after the key has come back from there. When several keys arrive at once, while the app is busy or
from a paste or an input method, the later ones then go to a screen that the first is just leaving,
and text is typed before the command that was to make room for it. Here the next key waits until the
one before has passed through every widget on its way.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

PATIENCE = 0.5
"""Seconds that a key may take; a longer one, e.g. an editor being opened, does not hold up the rest."""


class OneByOne(App[None]):
    """Hands on one key, or one paste, at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: asyncio.Queue[events.Key | events.Paste] = asyncio.Queue()
        self.last_typed = 0.0
        """When the last key arrived, by the monotonic clock: what streams is painted after what the key did."""

    def on_mount(self) -> None:
        """Begin to hand on."""
        self.run_worker(self._hand_on(), group="keys", description="handing on keys", exit_on_error=True)

    async def on_event(self, event: events.Event) -> None:
        """Let a key or a paste wait for its turn."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.last_typed = monotonic()
            self._typed.put_nowait(event)
        else:
            await super().on_event(event)

    async def _hand_on(self) -> None:
        while True:
            event = await self._typed.get()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await _has_caught_up(self.screen)
            target = self.focused or self.screen
            await super().on_event(event)
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    for node in target.ancestors_with_self:
                        await _has_caught_up(node)


async def _has_caught_up(node: MessagePump) -> None:
    """Wait until a widget has dealt with everything that was sent to it before."""
    done = asyncio.Event()
    if node.is_running and node.call_later(done.set):
        await done.wait()
