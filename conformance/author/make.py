"""Makes all vectors and the manifest.

    python -m conformance.author.make [--check] [--encoder] [--jobs N]

Expected samples come from the reference decoder. A refusal has to be refused there for the clause
that it is meant to break. With --check nothing is written: the files must be what would be made.
With --encoder the encoder's vectors are encoded anew; else their files are kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from conformance.author import (
    container_vectors,
    corner_vectors,
    damage_vectors,
    edge_vectors,
    extreme_vectors,
    frame_vectors,
    learned_edge_vectors,
    learned_tie_vectors,
    learned_vectors,
    limit_vectors,
    lossless_edge_vectors,
    lossless_vectors,
    lossy_block_vectors,
    lossy_border_vectors,
    lossy_colour_vectors,
    lossy_context_vectors,
    lossy_direction_vectors,
    lossy_entry_vectors,
    lossy_filter_vectors,
    lossy_follow_vectors,
    lossy_pass_vectors,
    lossy_season_vectors,
    lossy_tie_vectors,
    lossy_vectors,
    lzw_entry_vectors,
    lzw_table_vectors,
    lzw_walk_vectors,
    overlay_vectors,
    prediction_vectors,
    walk_vectors,
)
from conformance.author.vector import Vector
from conformance.reference.conventions import Damaged, NotDctz, Refusal
from conformance.reference.decode import decode

ROOT = Path(__file__).resolve().parents[1]
VECTORS, MANIFEST = ROOT / "vectors", ROOT / "manifest.json"
AUTHORED = (
    container_vectors,
    frame_vectors,
    overlay_vectors,
    lossy_vectors,
    lossy_block_vectors,
    lossy_border_vectors,
    lossy_direction_vectors,
    lossy_filter_vectors,
    lossy_follow_vectors,
    lossy_pass_vectors,
    lossy_tie_vectors,
    lossy_colour_vectors,
    lossy_context_vectors,
    lossy_season_vectors,
    lossy_entry_vectors,
    lossless_vectors,
    lossless_edge_vectors,
    lzw_walk_vectors,
    lzw_table_vectors,
    lzw_entry_vectors,
    prediction_vectors,
    learned_vectors,
    learned_edge_vectors,
    learned_tie_vectors,
    corner_vectors,
    damage_vectors,
    extreme_vectors,
    edge_vectors,
    limit_vectors,
    walk_vectors,
)


class WrongVectorError(Exception):
    """A vector that is not what it says."""


def authored() -> Iterator[Vector]:
    """All vectors of the author scripts."""
    for module in AUTHORED:
        for vector in module.vectors():
            vector.source = f"author/{module.__name__.rpartition('.')[2]}.py"
            yield vector


def encoded(anew: bool) -> Iterator[Vector]:
    """The vectors of our encoder, which is imported here alone."""
    from conformance import encoder_vectors

    for vector in encoder_vectors.vectors(anew):
        vector.source = "encoder_vectors.py"
        yield vector


def collect(anew: bool = False) -> list[Vector]:
    vectors = [*authored(), *encoded(anew)]
    ids = [vector.id for vector in vectors]
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise WrongVectorError(f"ids that are used twice: {sorted(twice)}")
    return vectors


def entry_of(vector: Vector) -> dict[str, Any]:
    """The manifest's entry, by the reference decoder."""
    out: dict[str, Any] = {
        "id": vector.id,
        "since": "0.1",
        "kind": vector.kind,
        "clauses": list(dict.fromkeys(vector.clauses)),
        "file": f"vectors/{vector.of or vector.id}.dctz",
        "sha256": hashlib.sha256(vector.data).hexdigest(),
        "bytes": len(vector.data),
        "region": list(vector.region) if vector.region else None,
        "scale": vector.scale,
        "tolerant": vector.tolerant,
        "stage": vector.stage,
        "twin": vector.twin,
        "origin": vector.origin,
        "source": vector.source,
        "why": vector.why,
    }
    try:
        result = decode(vector.data, vector.region, vector.scale, vector.tolerant)
    except Refusal as error:
        if vector.kind not in ("refuse", "unsupported"):
            raise WrongVectorError(f"{vector.id}: {error}") from error
        kind = "refuse" if isinstance(error, (Damaged, NotDctz)) else "unsupported"
        if kind != vector.kind or error.clause != vector.clauses[0]:
            told = f"{vector.id}: {vector.kind} by {vector.clauses[0]}"
            raise WrongVectorError(f"{told}, but the reference says {kind}, {error}") from error
        return out
    if vector.kind not in ("must", "may", "salvage"):
        raise WrongVectorError(f"{vector.id}: the reference decodes it")
    meta = result.meta()
    raw = result.raw()
    size = len(raw) // len(result.frames)
    out["frames"] = [
        {
            "sha256": hashlib.sha256(raw[i * size : (i + 1) * size]).hexdigest(),
            "bytes": size,
            "duration_us": frame.duration_us,
        }
        for i, frame in enumerate(result.frames)
    ]
    out["meta"] = meta
    return out


def make(jobs: int, anew: bool = False) -> tuple[list[Vector], str]:
    """All vectors, and the manifest's text."""
    vectors = collect(anew)
    with ProcessPoolExecutor(jobs) as pool:
        entries = list(pool.map(entry_of, vectors, chunksize=8))
    by_id = {entry["id"]: entry for entry in entries}
    for entry in entries:
        twin = entry["twin"]
        if entry["kind"] not in ("must", "may") and by_id.get(twin, {}).get("kind") != "must":
            raise WrongVectorError(f"{entry['id']}: the twin {twin} is no vector that decodes")
    lines = ",\n".join(json.dumps(entry, sort_keys=False) for entry in entries)
    return vectors, f'{{"format": "dctz 0.1", "vectors": [\n{lines}\n]}}\n'


def files_of(vectors: list[Vector]) -> dict[Path, bytes]:
    return {VECTORS / f"{v.id}.dctz": v.data for v in vectors if v.of is None}


def write(files: dict[Path, bytes], manifest: str) -> None:
    for old in VECTORS.rglob("*.dctz"):
        if old not in files:
            old.unlink()
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
    MANIFEST.write_text(manifest, "ascii")


def differences(files: dict[Path, bytes], manifest: str) -> list[str]:
    """What is not as it would be made."""
    present = set(VECTORS.rglob("*.dctz"))
    wrong = [
        path for path, data in files.items() if path not in present or path.read_bytes() != data
    ]
    wrong += sorted(present - set(files))
    if MANIFEST.read_text("ascii") != manifest:
        wrong.append(MANIFEST)
    return [str(path.relative_to(ROOT)) for path in wrong]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="conformance.author.make")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(arguments)
    vectors, manifest = make(given.jobs, given.encoder)
    files = files_of(vectors)
    if given.check:
        wrong = differences(files, manifest)
        for path in wrong:
            print(f"not as made: {path}")
        return int(bool(wrong))
    write(files, manifest)
    kinds = [vector.kind for vector in vectors]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    print(f"{len(vectors)} vectors ({counts}), {sum(map(len, files.values()))} bytes of files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
