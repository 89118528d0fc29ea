"""The `drt.toml` that `init` writes: what must be set, and what is most often changed, as comments."""

from __future__ import annotations

from json import dumps
from pathlib import Path

from drt_tui.errors import UsageProblem

_TEMPLATE = """\
[project]
source = {source}
target = {target}

# Without a model the built-in one answers: it is for trying the keys only.
# [models.main]
# base_url = "https://api.openai.com/v1"
# model = "gpt-4o-mini"
# api_key_env = "OPENAI_API_KEY"    # the name of the variable, never the key
# price = {{ input = 0.15, cached_input = 0.075, output = 0.60 }}    # USD per million tokens

# [roles]
# default = ["main"]                # fallback lists; a stage can have its own: evaluate = ["strong", "main"]

# [loop]
# workflow = "evaluate-first"       # or advise-first, economy, single
# threshold = 90
# max_iterations = 4

# [review]
# prefetch = 2
# strict = []                       # finding codes that an accepted row must not have
# blind = 0.2                       # share of sentences judged without scores, reasons, models
# checks = 0.02                     # share of known-bad rows put between; never data
# glossary = "glossary.tsv"         # source term, tab, target term; other target term
# keys = {{ accept = "y" }}           # other keys, by command; a conflict is an error

# [train]
# backbone = "Qwen/Qwen2.5-7B-Instruct"    # a Hugging Face id, a folder, or built-in
# epochs = 3
"""


def write_project_file(directory: Path, source: str, target: str) -> Path:
    """Write a `drt.toml` and return its path.

    Raises:
        UsageProblem: there is one already, or the directory cannot be written to.
    """
    path = directory.resolve() / "drt.toml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            languages = {"source": source, "target": target}
            file.write(
                _TEMPLATE.format_map(
                    {name: dumps(code, ensure_ascii=False) for name, code in languages.items()}
                )
            )
    except FileExistsError as error:
        raise UsageProblem(f"{path} is there already.", hint="Edit it, or name another directory.") from error
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written: {error.strerror}.") from error
    return path
