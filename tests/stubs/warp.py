"""An event loop whose clock jumps to the next timer instead of waiting for it.

For code that waits by the loop's clock and talks to nothing outside its process: a minute of
patience passes in no time, and always in the same order.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.passed += timeout
        elif not ready and timeout is None:
            return super().select(None)
        return ready


class WarpLoop(asyncio.SelectorEventLoop):
    """The loop; its time starts at `start` seconds."""

    def __init__(self, start: float = 1000.0) -> None:
        self._warp = _Selector()
        self._start = start
        super().__init__(self._warp)

    def time(self) -> float:
        return self._start + self._warp.passed

    def run_in_executor(
        self, executor: Any, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:  # type: ignore[override]
        """Run at once: a thread would take real time while this clock runs ahead."""
        future: asyncio.Future[Result] = self.create_future()
        future.set_result(func(*args))
        return future


def run_warped(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, its waits in no time."""
    with asyncio.Runner(loop_factory=WarpLoop) as runner:
        return runner.run(main)
