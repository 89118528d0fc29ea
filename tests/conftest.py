"""Every test runs in a world of its own: no keys, no settings, no network but this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(  # a busy machine is no failure
    "drt-tui", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("gate", settings.get_profile("drt-tui"), derandomize=True)
settings.load_profile("drt-tui")


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own keys, settings and files out of the tests, and the tests out of theirs."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in ("OPENAI_API_KEY", "DRT_BASE_URL", "DRT_MODEL", "NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.chdir(home)
