"""The small files of a Hugging Face model: from the cache where they lie there, else from the hub, if it answers."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

from train.errors import NotInstalled, UnknownBackbone

_FILES = (
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "chat_template.jinja", "model.safetensors.index.json",
)  # fmt: skip
_NEEDED = ("config.json", "tokenizer.json")
_PATIENCE = 5.0
"""Seconds for the hub's first answer. The library itself waits for minutes, and a name server for half of one."""


def small_files(name: str) -> Path:
    """Return a folder with the configuration and tokenizer of a model; its weights are not fetched.

    What is cached is taken as it is: a model does not change under a project, and no network is needed.

    Raises:
        UnknownBackbone: there is no such model, or it is not here and cannot be fetched.
        NotInstalled: what downloads is not there.
    """
    try:
        from httpx import TransportError
        from huggingface_hub import errors, snapshot_download
    except ImportError as error:
        raise NotInstalled("Training is not installed.", hint="pip install 'drt-tui[train]'") from error
    try:
        if (folder := _cached(name)) is not None:
            return folder
        _await_answer(name)
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except errors.GatedRepoError as error:
        raise UnknownBackbone(
            f"{name} asks for its terms to be accepted.",
            hint=f"Accept them at https://huggingface.co/{name}, then run: hf auth login",
        ) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise UnknownBackbone(
            f"Hugging Face has no model {name} that can be read.",
            hint="Check its spelling; a private model needs: hf auth login",
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise UnknownBackbone(
            f"{name} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it.",
            hint="Unset HF_HUB_OFFLINE, or give a folder as backbone.",
        ) from error
    except (errors.LocalEntryNotFoundError, TransportError, TimeoutError) as error:
        raise UnknownBackbone(
            f"{name} is not on this machine, and Hugging Face cannot be reached.",
            hint="Download it where there is a network (hf download) and give its folder as backbone, "
            "or try the tool with the built-in one: --backbone built-in.",
        ) from error
    except (errors.HfHubHTTPError, OSError) as error:
        said = str(error).partition("\n")[0]
        raise UnknownBackbone(
            f"{name} cannot be fetched from Hugging Face: {said}",
            hint="Try again later, or download it elsewhere (hf download) and give its folder as backbone.",
        ) from error


def _cached(name: str) -> Path | None:
    """Return the folder in the cache, where it has all that is needed to make rows."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, allow_patterns=list(_FILES), local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if all((folder / file).exists() for file in _NEEDED) else None


def _await_answer(name: str) -> None:
    """See that the hub knows the model and answers, and wait no longer for it than a person would.

    The thread may hang in the look-up of a name, which nothing can interrupt; it ends with the process.
    """
    from httpx import HTTPError
    from huggingface_hub import HfApi

    answer: Future[object] = Future()

    def ask() -> None:
        try:
            answer.set_result(HfApi().model_info(name, timeout=_PATIENCE))
        except (HTTPError, OSError, ValueError) as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True, name="hub").start()
    answer.result(timeout=_PATIENCE)
