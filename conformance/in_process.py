"""Decoders as functions: the contract without processes, for tests that ask often."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .judge import Outcome
from .suite import HERE, Entry

Answer = tuple[bytes, dict[str, Any]]
Decode = Callable[[bytes, tuple[int, int, int, int] | None, int, bool], Answer]


def reference(
    data: bytes, region: tuple[int, int, int, int] | None, scale: int, tolerant: bool
) -> Answer:
    """The reference decoder."""
    from .reference.decode import decode

    result = decode(data, region, scale, tolerant)
    return result.raw(), result.meta()


def outcome_of(
    decode: Decode,
    entry: Entry,
    damaged: tuple[type[Exception], ...],
    refused: type[Exception],
    folder: Path = HERE,
) -> Outcome:
    """What `decode` does with a vector. damaged: exceptions for exit status 1; refused: 1 or 2.

    Other exceptions are raised: a crash.
    """
    data = (folder / entry["file"]).read_bytes()
    x, y, w, h = entry["region"] or (0, 0, 0, 0)
    region = (x, y, w, h) if entry["region"] else None
    try:
        raw, meta = decode(data, region, entry["scale"], entry["tolerant"])
    except damaged as error:
        return Outcome(1, stderr=str(error))
    except refused as error:
        return Outcome(2, stderr=str(error))
    return Outcome(0, raw, json.dumps(meta).encode("ascii"))
