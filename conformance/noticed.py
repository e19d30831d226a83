"""Which vector noticed which mutant of the reference decoder, kept with the vectors.

A run asks these first, and continuous integration asks nothing else: a complete look takes hours,
to repeat it minutes. Under each function or table of the reference a line for each of its mutants:
the beginning of the SHA-256 of its name, and the vector; NONE of one that all asked let pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from .mutants import Mutant
from .suite import HERE

__all__ = ["NONE", "NOTICED", "heading", "name_of", "read", "write"]

NOTICED = HERE / "noticed.txt"
NONE = "-"
_ABOUT = (
    "# Written by `python -m conformance.mutate --keep`: mutants, and the vectors that notice them."
)


def heading(mutant: Mutant) -> str:
    """The function or the table file that it is of."""
    return mutant.table or mutant.key.partition(":")[0]


def name_of(mutant: Mutant) -> str:
    """Eight digits, as the names themselves are a megabyte."""
    return hashlib.sha256(mutant.key.encode("utf-8")).hexdigest()[:8]


def read(path: Path) -> dict[tuple[str, str], str]:
    """The ids of vectors, or NONE, by heading and name."""
    found, of = {}, ""
    for line in path.read_text("ascii").splitlines() if path.exists() else []:
        first, _, vector = line.partition(" ")
        if vector and first != "#":
            found[of, first] = vector
        else:
            of = line
    return found


def write(path: Path, known: Mapping[tuple[str, str], str], headings: Iterable[str]) -> None:
    """Of these headings alone."""
    lines = [_ABOUT]
    for of in sorted(set(headings)):
        lines.append(of)
        lines += sorted(f"{name} {vector}" for (own, name), vector in known.items() if own == of)
    path.write_text("\n".join(lines) + "\n", "ascii")
