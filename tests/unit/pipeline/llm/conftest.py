from __future__ import annotations

import pytest


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real sockets need real waits; these keep them short."""
    monkeypatch.setattr("pipeline.llm.walk._FIRST_BACK_OFF_S", 0.01)
    monkeypatch.setattr("pipeline.llm.walk._LONGEST_BACK_OFF_S", 0.05)
    monkeypatch.setattr("pipeline.llm.pace._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("pipeline.llm.pace._LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr("pipeline.llm.breaker._FIRST_REST_S", 0.02)
    monkeypatch.setattr("pipeline.llm.breaker._LONGEST_REST_S", 0.05)
