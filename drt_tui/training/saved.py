"""Writing the values of a training form into `[train]` of `drt.toml`, where the next run begins from them."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from enum import Enum
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from drt_tui.errors import SettingsProblem
from drt_tui.project.session import Session
from drt_tui.project.settings import load_settings
from train.settings import TrainSettings

_SECTION = "train"


def save_train_settings(path: Path, settings: TrainSettings) -> tuple[str, ...]:
    """Write what differs from the file, or from the defaults it leaves open; return the names written.

    All else in the file stays as it is, comments too. A value that is decided when a run is planned has
    no line: TOML has no word for it. The file is replaced in one step, or not at all.

    Raises:
        SettingsProblem: the file is not TOML, or cannot be read or written.
    """
    path = path.resolve()  # a link stays a link
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        if _SECTION not in document:
            document[_SECTION] = tomlkit.table()
        section = document[_SECTION]
        if not isinstance(section, MutableMapping):
            raise SettingsProblem(f"{_SECTION} in {path.name} is no section.", hint="Mend it by hand.")
        names = _changed(section, settings)
        if names:
            _replace(path, tomlkit.dumps(document))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingsProblem(
            f"{path.name} is not TOML: {error}", hint="Mend it, then save again."
        ) from error
    except OSError as error:
        raise SettingsProblem(
            f"{path} cannot be written: {error.strerror}.", hint="Nothing was changed."
        ) from error
    return names


def present_train_settings(session: Session) -> TrainSettings:
    """Return `[train]` as the project's file has it by now; it may have been saved since the app began.

    Raises:
        SettingsProblem: the file was spoilt meanwhile.
    """
    path = session.folder.settings
    return load_settings(path).train if path.exists() else session.settings.train


def _changed(section: MutableMapping[str, Any], settings: TrainSettings) -> tuple[str, ...]:
    """Bring a section to the values of the settings, and return the names that were changed in it."""
    names: list[str] = []
    for name, field in TrainSettings.model_fields.items():
        value = _as_toml(getattr(settings, name))
        was = section.get(name, _as_toml(field.default))
        if value == was:
            continue
        if value is None:
            del section[name]
        else:
            section[name] = value
        names.append(name)
    return tuple(names)


def _as_toml(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case tuple():
            return [_as_toml(part) for part in value]
        case _:
            return value


def _replace(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.half")
    try:
        with half.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            half.chmod(path.stat().st_mode)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
