"""Safetensors files written by hand, so that tests of broken ones need no library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def write_safetensors(path: Path, tensors: Mapping[str, bytes]) -> Path:
    """Write tensors of bytes; the dtype is a lie that no reader of headers minds."""
    header, offset = {}, 0
    for name, data in tensors.items():
        header[name] = {"dtype": "U8", "shape": [len(data)], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    head = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(head).to_bytes(8, "little") + head + b"".join(tensors.values()))
    return path
