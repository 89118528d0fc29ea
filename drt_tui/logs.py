"""Where the program writes what no screen has room for. No prompt, reply or key is ever logged."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

_BYTES, _FILES = 1_000_000, 3
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_to(folder: Path) -> None:
    """Write the rooms' log records to `folder/drt-tui.log`, made when the first one comes."""
    handler = _LateFile(
        folder / "drt-tui.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    for room in ("drt_tui", "pipeline", "train", "data"):
        logger = logging.getLogger(room)
        logger.setLevel(logging.INFO)
        logger.handlers = [handler]
        logger.propagate = False


def write_crash_report(error: Exception) -> Path:
    """Write the traceback of an error that nobody foresaw, and return the file."""
    from platformdirs import user_log_path

    folder = user_log_path("drt-tui", ensure_exists=True)
    path = folder / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return path


class _LateFile(RotatingFileHandler):
    """Makes its folder with the first record, so that a quiet run leaves none."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202  the type is typeshed's own secret
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()
