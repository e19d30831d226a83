"""Decoders that are wrong on purpose: python conformance/zoo/wrong.py NAME [options] in out meta.

Each starts from the right answer of the reference decoder and spoils one thing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.reference.conventions import Refusal
from conformance.reference.decode import Result, decode

VECTORS = Path(__file__).resolve().parents[1] / "vectors"

Answer = tuple[int, bytes | None, dict[str, Any] | None]  # exit status, out.raw, meta.json


def right(data: bytes) -> Answer:
    """The reference decoder's answer."""
    try:
        result = decode(data)
    except Refusal as error:
        kind = type(error).__name__
        return (1 if kind in ("Damaged", "NotDctz") else 2), None, None
    return 0, result.raw(), result.meta()


def prints_nothing(data: bytes) -> Answer:
    return 0, None, None


def old_output(data: bytes) -> Answer:
    """The output of another run."""
    return right((VECTORS / "container" / "depth-9.dctz").read_bytes())


def all_zero(data: bytes) -> Answer:
    status, raw, meta = right(data)
    return status, raw and bytes(len(raw)), meta


def short_file(data: bytes) -> Answer:
    status, raw, meta = right(data)
    return status, raw and raw[:-1], meta


def last_sample(data: bytes) -> Answer:
    status, raw, meta = right(data)
    return status, raw and raw[:-1] + bytes([raw[-1] ^ 1]), meta


def changed(data: bytes, change: Callable[[Result], None]) -> Answer:
    """The right answer after a change of its samples."""
    try:
        result = decode(data)
    except Refusal:
        return right(data)
    meta = result.meta()
    change(result)
    return 0, result.raw(), meta


def swapped_planes(data: bytes) -> Answer:
    def change(result: Result) -> None:
        for frame in result.frames:
            frame.samples = [[pixel[::-1] for pixel in row] for row in frame.samples]

    return changed(data, change)


def big_endian(data: bytes) -> Answer:
    status, raw, meta = right(data)
    if raw is None or meta is None or meta["depth"] <= 8:
        return status, raw, meta
    return status, b"".join(raw[i : i + 2][::-1] for i in range(0, len(raw), 2)), meta


def without_alpha(data: bytes) -> Answer:
    def change(result: Result) -> None:
        if result.header.has_alpha:
            for frame in result.frames:
                frame.samples = [[pixel[:-1] for pixel in row] for row in frame.samples]

    return changed(data, change)


def one_frame_more(data: bytes) -> Answer:
    return changed(data, lambda result: result.frames.append(result.frames[-1]))


def empty_meta(data: bytes) -> Answer:
    status, raw, meta = right(data)
    return status, raw, None if meta is None else {}


def wrong_status(data: bytes) -> Answer:
    """Right samples, exit status 1."""
    _, raw, meta = right(data)
    return 1, raw, meta


def accepts_all(data: bytes) -> Answer:
    _, raw, meta = right(data)
    return 0, raw or b"\0", meta or {}


def refuses_all(data: bytes) -> Answer:
    return 1, None, None


def supports_nothing(data: bytes) -> Answer:
    return 2, None, None


def crashes(data: bytes) -> Answer:
    """By a signal, on bad input."""
    answer = right(data)
    if answer[0]:
        os.abort()
    return answer


def hangs(data: bytes) -> Answer:
    answer = right(data)
    if answer[0]:
        time.sleep(3600)
    return answer


def raises(data: bytes) -> Answer:
    """Ends by an exception that nobody caught, with a status of its own."""
    answer = right(data)
    return (3 if answer[0] else 0), *answer[1:]


def keeps_samples(data: bytes) -> Answer:
    """Refuses, but leaves samples."""
    answer = right(data)
    return (answer[0], b"\1\2\3", None) if answer[0] else answer


def floats_in_meta(data: bytes) -> Answer:
    status, raw, meta = right(data)
    return status, raw, meta and {**meta, "width": float(meta["width"])}


def eats_memory(data: bytes) -> Answer:
    """Right, but for a gibibyte and more that it fills."""
    filled = bytearray(b"\1" * (1100 << 20))
    answer = right(data)
    return answer if filled[-1] else (3, None, None)


def talks(data: bytes) -> Answer:
    sys.stderr.write("x" * (2 << 20))
    return right(data)


DECODERS: dict[str, Callable[[bytes], Answer]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        prints_nothing,
        old_output,
        all_zero,
        short_file,
        last_sample,
        swapped_planes,
        big_endian,
        without_alpha,
        one_frame_more,
        empty_meta,
        wrong_status,
        accepts_all,
        refuses_all,
        supports_nothing,
        crashes,
        hangs,
        raises,
        keeps_samples,
        floats_in_meta,
        eats_memory,
        talks,
    )
}


def main() -> int:
    name, source, raw_path, meta_path = sys.argv[1], *sys.argv[-3:]
    status, raw, meta = DECODERS[name](Path(source).read_bytes())
    if raw is not None:
        Path(raw_path).write_bytes(raw)
    if meta is not None:
        Path(meta_path).write_text(json.dumps(meta), "ascii")
    return status


if __name__ == "__main__":
    sys.exit(main())
