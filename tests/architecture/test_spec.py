"""What code and specification say of each other."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import pytest

from pil_dctz.kernels.sources import all_groups, group_digest

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"

CLAUSE = re.compile(r"^clause: `([a-z]+\.[a-z-]+)`", re.MULTILINE)
CITED = re.compile(r"[Cc]lauses?:?\s+((?:`?[a-z]+\.[a-z-]+`?(?:, and |, | and )?)+)")
WORD = re.compile(r"[a-z]+\.[a-z-]+")


def clauses() -> list[str]:
    return [name for path in sorted(SPEC.glob("*.md")) for name in CLAUSE.findall(path.read_text())]


def cited(path: Path, rooms: set[str]) -> set[str]:
    """The clause ids that a file names: in prose after "Clause", and as whole strings."""
    text = path.read_text("utf-8")
    prose = {word for group in CITED.findall(text) for word in WORD.findall(group)}
    found = {word for word in prose if word.split(".")[0] in rooms}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole = WORD.fullmatch(node.value)
            if whole and node.value.split(".")[0] in rooms:
                found.add(node.value)
    return found


def test_each_clause_has_one_place() -> None:
    names = clauses()
    assert names
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("folder", ["pil_dctz", "imageio_plugin", "conformance"])
def test_each_clause_that_code_names_exists(folder: str) -> None:
    known = set(clauses())
    rooms = {name.split(".")[0] for name in known}
    for path in sorted((ROOT / folder).rglob("*.py")):
        unknown = cited(path, rooms) - known
        assert not unknown, f"{path.relative_to(ROOT)} cites {sorted(unknown)}"


def test_the_tables_are_the_listed_ones() -> None:
    lines = (SPEC / "tables" / "CHECKSUMS").read_text("ascii").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (SPEC / "tables").iterdir()
        if path.suffix in {".txt", ".csv", ".bin"}
    }
    assert listed == present


def test_a_kernel_modules_digest_follows_what_it_imports() -> None:
    digests = {group: group_digest(group) for group in all_groups()}
    assert len(digests) > 10
    assert len(set(digests.values())) == len(digests)
