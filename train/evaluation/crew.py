"""Many questions at once: a crew of workers a queue, and one way to stop them all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

Job = Callable[[], Awaitable[None]]


class Crew:
    """Works through queues of jobs. After the first that raises no other begins, and its error is passed on."""

    def __init__(self) -> None:
        self._workers: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self.is_stopping = False

    async def work(self, queues: Iterable[tuple[Iterable[Job], int]]) -> None:
        """Do all jobs; each queue has so many workers, who take the next job as soon as they are free.

        Jobs under way are finished also when another has raised: they may be paid for already.
        """
        for jobs, at_once in queues:
            remaining = iter(jobs)
            for _ in range(at_once):
                self._workers.add(asyncio.create_task(self._worker(remaining)))
        try:
            while self._workers:
                done, self._workers = await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
                errors = [worker.exception() for worker in done if not worker.cancelled()]
                self._error = next((error for error in (self._error, *errors) if error is not None), None)
        finally:
            await self._dismiss()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Begin no further job; those under way finish. A second call ends them at once."""
        if self.is_stopping:
            for worker in self._workers:
                worker.cancel()
        self.is_stopping = True

    async def _worker(self, remaining: Iterable[Job]) -> None:
        for job in remaining:
            if self.is_stopping or self._error is not None:
                return
            await job()

    async def _dismiss(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers.clear()
