"""Draws files and holds two decoders against each other, sample by sample.

    python -m conformance.generator [--seed N] [--count M] [--keep DIR]

File number n of seed N is the file of seed N + n. Reference and product decoder (which share no
code) must both decode it, whole or as it is asked (a region, a smaller scale), to the same samples
and metadata. A file on which they differ is kept and named; it becomes a vector when the
specification has been read. Exit status 1: there was one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from conformance import product_decoder
from conformance.generator.files import Drawn, drawn_file
from conformance.in_process import reference


def difference(drawn: Drawn) -> str:
    """What the decoders do not agree on; "" for nothing."""
    answers = []
    for name, decode in (("reference", reference), ("product", product_decoder.decode)):
        try:
            raw, meta = decode(drawn.data, drawn.region, drawn.scale, False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            return f"{name}: {type(error).__name__}: {error}"
        answers.append((raw, json.dumps(meta, sort_keys=True)))
    (raw, meta_text), (other, other_text) = answers
    if meta_text != other_text:
        return f"metadata: {meta_text} and {other_text}"
    if len(raw) != len(other):
        return f"{len(raw)} and {len(other)} bytes of samples"
    wrong = [i for i, (a, b) in enumerate(zip(raw, other, strict=True)) if a != b]
    return f"{len(wrong)} bytes of samples, the first at {wrong[0]}" if wrong else ""


def main(arguments: list[str] | None = None) -> int:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m conformance.generator",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--keep", type=Path, default=Path("drawn"), help="for files that differ")
    given = parser.parse_args(arguments)
    parts: Counter[str] = Counter()
    differ = 0
    begin = time.perf_counter()
    for done, seed in enumerate(range(given.seed, given.seed + given.count)):
        if done and done % 500 == 0:
            print(f"... {done} files, {differ} differ", flush=True)
        drawn = drawn_file(seed)
        parts.update(set(drawn.parts))
        parts["region"] += drawn.region is not None
        parts["smaller"] += drawn.scale > 1
        what = difference(drawn)
        if what:
            differ += 1
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{seed}.dctz").write_bytes(drawn.data)
            asked = f"region {drawn.region}, scale {drawn.scale}"
            print(f"seed {seed} ({', '.join(drawn.parts)}; {asked}): {what}", flush=True)
    told = ", ".join(f"{name} {number}" for name, number in sorted(parts.items()))
    seconds = time.perf_counter() - begin
    print(f"{given.count} files from seed {given.seed}: {told}")
    print(f"{differ} differ ({seconds:.0f} s)")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
