"""All settings of a project: `drt.toml`, overridden by `DRT_SECTION__KEY` variables.

Each room defines the sections that it reads; this module only puts them together, and turns what
pydantic says of a bad file into a sentence that names the nearest valid key. Keys to models are
never settings: a model names the environment variable that holds its key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import tomlkit
from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from rapidfuzz import process

from data.lint.settings import LintSettings
from data.records import Stage
from drt_tui.errors import SettingsProblem
from pipeline.settings import LoopSettings, ModelSettings, Roles, Section
from train.settings import TrainSettings

_ALIKE = 50
"""From this likeness in percent a valid name is offered for a wrong one."""

ROLES = ("default", *(stage.value for stage in Stage))

ENVIRONMENT_MODEL = "env"
"""Name of the model that `DRT_BASE_URL`/`DRT_MODEL` or `--base-url`/`--model` make."""


class ProjectSettings(Section):
    """What the project translates."""

    source: str | None = None
    """Language code of the sources, e.g. `ko`; guessed at the first import."""
    target: str | None = None


class ReviewSettings(Section):
    """How a person judges."""

    annotator: str | None = None
    """Name that decisions carry; the login name where it is not set."""
    order: Literal["balanced", "shuffled", "file", "doubtful"] = "balanced"
    prefetch: int = Field(default=2, ge=0)
    """Items generated while one is being read."""
    strict: tuple[str, ...] = ()
    """Finding codes that an accepted row must not have."""
    blind: float = Field(default=0, ge=0, le=1)
    """Share of the sentences that are judged without seeing scores, reasons and models."""
    checks: float = Field(default=0, ge=0, le=1)
    """Share of known-bad rows put between; what is decided of them is counted and is no data."""
    glossary: str | None = None
    """File of source term, tab, target term."""
    keys: dict[str, str] = {}
    """Action name to key, e.g. `{ accept = "a" }`."""


class UiSettings(Section):
    """How the app looks."""

    language: Literal["en", "ko"] = "en"
    theme: str | None = None


class Settings(BaseSettings):
    """One project's settings, checked."""

    model_config = SettingsConfigDict(
        env_prefix="DRT_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    project: ProjectSettings = ProjectSettings()
    models: dict[str, ModelSettings] = {}
    roles: Roles = Roles()
    loop: LoopSettings = LoopSettings()
    review: ReviewSettings = ReviewSettings()
    lint: LintSettings = LintSettings()
    train: TrainSettings = TrainSettings()
    ui: UiSettings = UiSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file, which comes in as arguments."""
        return env_settings, init_settings


def load_settings(
    path: Path, *, base_url: str | None = None, model: str | None = None, for_models: bool = False
) -> Settings:
    """Return the settings in `path` (all defaults where it does not exist).

    `base_url` and `model`, from options or else from `DRT_BASE_URL` and `DRT_MODEL`, make a model
    `env` and put it before all others in every role. One without the other counts for nothing, and
    which of several models to ask may stay open, unless the settings are `for_models` to be asked.

    Raises:
        SettingsProblem: not TOML, an unknown key (the nearest valid one is named), a wrong value,
            a role that names no model; with `for_models`, half an endpoint, or no `default` of several.
    """
    document = _read(path)
    base_url = base_url or os.environ.get("DRT_BASE_URL")
    model = model or os.environ.get("DRT_MODEL")
    if (base_url and model) or (for_models and (base_url or model)):
        _add_environment_model(document, base_url, model)
    try:
        settings = Settings(**document)
    except ValidationError as error:
        raise _explained(error, path) from error
    if len(settings.models) == 1 and not settings.roles.of("default"):
        everything = Roles({"default": tuple(settings.models), **settings.roles.root})
        settings = settings.model_copy(update={"roles": everything})
    _check_roles(settings, path)
    if for_models and len(settings.models) > 1 and not settings.roles.of("default"):
        raise SettingsProblem(
            f"{path} sets {len(settings.models)} models, but not which one to use.",
            hint=f'Add: [roles] default = ["{next(iter(settings.models))}"]',
        )
    return settings


def remember_languages(path: Path, source: str, target: str) -> None:
    """Write the guessed languages into `drt.toml`, leaving all else in it as it stands.

    Raises:
        FileProblem: it cannot be written; it is as it was then.
    """
    from data.exporters.files import replaced

    document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
    section = document.setdefault("project", tomlkit.table())
    section.setdefault("source", source)
    section.setdefault("target", target)
    with replaced(path) as file:
        file.write(tomlkit.dumps(document).encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"{path} is not valid TOML: {error}.", hint="Mend that line.") from error
    except OSError as error:
        raise SettingsProblem(f"{path} cannot be read: {error.strerror}.") from error


def _add_environment_model(document: dict[str, Any], base_url: str | None, model: str | None) -> None:
    if not (base_url and model):
        missing = (
            "a model name: --model or DRT_MODEL" if base_url else "an endpoint: --base-url or DRT_BASE_URL"
        )
        raise SettingsProblem(f"An endpoint needs both an address and a model; missing is {missing}.")
    document.setdefault("models", {})[ENVIRONMENT_MODEL] = {"base_url": base_url, "model": model}
    document["roles"] = {"default": [ENVIRONMENT_MODEL]}


def _check_roles(settings: Settings, path: Path) -> None:
    for role, names in settings.roles.root.items():
        if role not in ROLES:
            raise SettingsProblem(f"{path}: unknown role {role!r}.", hint=_valid(role, ROLES))
        for name in names:
            if name not in settings.models:
                hint = f"Add a section [models.{name}]. {_valid(name, list(settings.models))}".strip()
                raise SettingsProblem(
                    f"{path}: roles.{role} names the model {name!r}, which is not set.", hint=hint
                )


def _explained(error: ValidationError, path: Path) -> SettingsProblem:
    problems = error.errors(include_url=False, include_input=True)
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return SettingsProblem(f"{path}: {place} is missing.", hint="Add that line.")
    if first["type"] != "extra_forbidden":
        return SettingsProblem(
            f"{path}: {place} = {first['input']!r}: {first['msg']}.", hint="Mend that value."
        )
    valid = sorted(_keys_beside(Settings, first["loc"]))
    return SettingsProblem(f"{path}: unknown key {place!r}.", hint=_valid(str(first["loc"][-1]), valid))


def _valid(name: str, valid: Sequence[str]) -> str:
    """Say which names are valid, the one nearest to `name` first."""
    if not valid:
        return ""
    near = process.extractOne(name, valid)
    guess = f"Did you mean {near[0]!r}? " if near[1] >= _ALIKE else ""
    return f"{guess}Valid here: {', '.join(valid)}."


def _keys_beside(model: type[BaseModel], place: tuple[int | str, ...]) -> Iterator[str]:
    """Yield the names that are valid where `place` (a pydantic location) ends."""
    section: type[BaseModel] | None = model
    for part in place[:-1]:
        field = section.model_fields.get(str(part)) if section else None
        section = _section_in(field.annotation) if field else section
    yield from (section or model).model_fields


def _section_in(annotation: Any) -> type[BaseModel] | None:
    """Return the section class within `Section`, `Section | None` or `dict[str, Section]`."""
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None
