"""`drt-tui doctor`: what is wrong with project, endpoints and environment, or with an adapter, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.model_options import AllowHttpOption, BaseUrlOption, ModelOption


@command("doctor")
def doctor(
    invocation: Invocation,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Rebuild dataset.json from backups and journal; moves aside, never deletes."
        ),
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no endpoint.")] = False,
    adapter: Annotated[
        Path | None,
        typer.Option("--adapter", metavar="DIR", help="Examine this LoRA adapter instead, whoever made it."),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone", metavar="MODEL", help="With --adapter: its backbone, else the one it names."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when something is wrong.")] = False,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
) -> Outcome:
    """Check the project's files, its endpoints and this machine."""
    if adapter is not None:
        return _adapter(invocation, adapter, backbone, strict=strict)
    from dataclasses import asdict

    from drt_tui.project.checkup import examine
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import has_dataset, locate

    folder = locate(invocation.project)
    mended: list[str] = []
    lost: list[str] = []
    if repair and has_dataset(folder):
        from data.store.repair import repair as rebuild

        repaired = rebuild(folder)
        mended, lost = list(repaired.mended), list(repaired.lost)
    findings = examine(folder, ModelOptions(base_url, model, allow_http), offline=offline)
    is_well = all(finding.level != "error" for finding in findings)
    data = {"ok": is_well, "findings": [asdict(finding) for finding in findings]}
    if repair:
        data |= {"mended": mended, "lost": lost}
    lines = [f"mended: {what}" for what in mended] + [f"could not be read: {what}" for what in lost]
    lines += [
        f"{finding.level:7}  {finding.id}: {finding.message}\n         {finding.fix}" for finding in findings
    ]
    return Outcome(data, "\n".join(lines) or "All is well.", code=0 if is_well or not strict else 1)


def _adapter(invocation: Invocation, folder: Path, backbone: str | None, *, strict: bool) -> Outcome:
    """Examine an adapter; every check is a finding, those that passed too."""
    from dataclasses import asdict

    import train
    from drt_tui.errors import UsageProblem
    from drt_tui.narration import narrate
    from drt_tui.project.opening import locate
    from drt_tui.project.settings import load_settings
    from drt_tui.training.setting_out import training_format
    from drt_tui.training.words import check_line

    if not folder.is_dir():
        raise UsageProblem(f"There is no folder {folder}.", hint="Name the folder with adapter_config.json.")
    format = training_format(load_settings(locate(invocation.project).settings))
    checks = train.doctor_adapter(folder, format, backbone=backbone, on_progress=narrate)
    is_well = all(check.level != "fail" for check in checks)
    data = {"ok": is_well, "findings": [asdict(check) for check in checks]}
    return Outcome(data, "\n".join(map(check_line, checks)), code=0 if is_well or not strict else 1)
