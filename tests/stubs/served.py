"""A fake endpoint in a thread of its own, for tests that block: commands, child processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anyio.from_thread import start_blocking_portal

from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script


@contextmanager
def served(script: Script | None = None) -> Iterator[FakeEndpoint]:
    """Serve a script on loopback until the end of the context."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(FakeEndpoint(script)) as endpoint,
    ):
        yield endpoint
