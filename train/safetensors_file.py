"""Reading safetensors files without torch: what is inside, and whether a tensor is all zero."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_LENGTH_BYTES = 8
_LONGEST_HEADER = 100_000_000
_PIECE = 1 << 20


class DamagedTensors(ValueError):
    """The file is cut off or is no safetensors file."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's type as safetensors names it, its shape, and where its bytes lie in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_header(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name.

    Raises:
        DamagedTensors: it is missing, cut off, or something else.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if size > _LONGEST_HEADER:
                raise DamagedTensors(f"{path.name} is no safetensors file")
            header = json.loads(file.read(size))
        first = _LENGTH_BYTES + size
        tensors = {
            name: Tensor(
                each["dtype"],
                tuple(each["shape"]),
                first + each["data_offsets"][0],
                first + each["data_offsets"][1],
            )
            for name, each in header.items()
            if name != "__metadata__"
        }
    except OSError as error:
        raise DamagedTensors(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DamagedTensors(f"{path.name} is no whole safetensors file") from error
    if path.stat().st_size < max((tensor.end for tensor in tensors.values()), default=0):
        raise DamagedTensors(f"{path.name} is cut off")
    return tensors


def all_zero(path: Path, tensor: Tensor) -> bool:
    """Whether every byte of a tensor is zero."""
    with path.open("rb") as file:
        file.seek(tensor.start)
        remaining = tensor.end - tensor.start
        while remaining:
            piece = file.read(min(_PIECE, remaining))
            if not piece or any(piece):
                return False
            remaining -= len(piece)
    return True
