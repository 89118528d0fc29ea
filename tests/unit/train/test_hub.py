"""Backbones by their Hugging Face id: cached ones need no network, and a silent hub is given up soon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from train.backbones import hub
from train.backbones.backbone import find_backbone
from train.errors import UnknownBackbone

huggingface_hub = pytest.importorskip("huggingface_hub")

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nobody to ask."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:1")
    return tmp_path / "hub"


def put(cache: Path, *files: str) -> None:
    folder = cache / "models--some--model"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(SHA)
    snapshot = folder / "snapshots" / SHA
    snapshot.mkdir(parents=True)
    for file in files:
        (snapshot / file).write_text("{}")


@contextmanager
def answering(status: int, code: str) -> Iterator[str]:
    """A hub that refuses everything in one way."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_is_cached_is_taken_without_a_network(cache: Path) -> None:
    put(cache, "config.json", "tokenizer.json")
    found = find_backbone("some/model")
    assert (found.kind, found.source) == ("hub", "some/model")
    assert found.folder == cache / "models--some--model" / "snapshots" / SHA


@pytest.mark.parametrize("files", [(), ("config.json",)])
def test_nothing_or_half_of_it_in_the_cache_and_no_network(cache: Path, files: tuple[str, ...]) -> None:
    put(cache, *files)
    with pytest.raises(UnknownBackbone, match="cannot be reached") as failure:
        find_backbone("some/model")
    assert "hf download" in failure.value.hint


def test_a_hub_that_takes_calls_and_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(
            "huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        with pytest.raises(UnknownBackbone, match="cannot be reached"):
            find_backbone("some/model")


def test_a_name_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(hub, "_PATIENCE", 0.2)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *args, **options: free.wait())
    with pytest.raises(UnknownBackbone, match="cannot be reached"):
        find_backbone("some/model")
    free.set()


@pytest.mark.parametrize(
    ("status", "code", "said", "hint"),
    [
        (404, "RepoNotFound", "has no model some/model", "spelling"),
        (403, "GatedRepo", "terms to be accepted", "hf auth login"),
        (500, "", "cannot be fetched", "Try again later"),
    ],
)
def test_what_the_hub_refuses_is_said(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, said: str, hint: str
) -> None:
    with answering(status, code) as endpoint:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
        with pytest.raises(UnknownBackbone, match=said) as failure:
            find_backbone("some/model")
    assert hint in failure.value.hint


def test_a_wish_to_stay_offline_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UnknownBackbone, match="HF_HUB_OFFLINE"):
        find_backbone("some/model")
