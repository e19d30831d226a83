"""Writes `spec/tables/CHECKSUMS`: every fitting script calls `rewrite()` after its table.

By hand: `python -m training.checksums`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["TABLES", "rewrite"]

TABLES = Path(__file__).resolve().parent.parent / "spec" / "tables"


def rewrite(folder: Path = TABLES) -> None:
    """List the SHA-256 of each table in `folder` (`sha256  name`, sorted by name)."""
    names = sorted(path.name for path in folder.iterdir() if _is_table(path))
    digests = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    lines = [f"{digest}  {name}\n" for digest, name in zip(digests, names, strict=True)]
    fresh = folder / "CHECKSUMS.new"
    fresh.write_text("".join(lines), "ascii")
    os.replace(fresh, folder / "CHECKSUMS")


def _is_table(path: Path) -> bool:
    return path.suffix in {".txt", ".csv", ".bin"}


if __name__ == "__main__":
    rewrite()
