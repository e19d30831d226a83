"""The manifest: read strictly, and judged against the files. Clause `conformance.manifest`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "manifest.json"

KINDS = ("must", "may", "refuse", "unsupported", "salvage")
STAGES = (None, "signature", "header", "chunk", "table", "segment", "end")
META = {
    "width": int,
    "height": int,
    "channels": int,
    "depth": int,
    "layout": str,
    "frames": int,
    "durations_us": list,
    "loop": int,
    "icc": (str, type(None)),
    "exif": (str, type(None)),
    "xmp": (str, type(None)),
    "text": dict,
    "dpi": (list, type(None)),
}
FIELDS: dict[str, Any] = {
    "id": str,
    "since": str,
    "kind": str,
    "clauses": list,
    "file": str,
    "sha256": str,
    "bytes": int,
    "region": (list, type(None)),
    "scale": int,
    "tolerant": bool,
    "stage": (str, type(None)),
    "twin": (str, type(None)),
    "origin": str,
    "source": str,
    "why": str,
}
DECODED: dict[str, Any] = {"frames": list, "meta": dict}
FRAME: dict[str, Any] = {"sha256": str, "bytes": int, "duration_us": int}

Entry = dict[str, Any]


class SuiteError(Exception):
    """The suite itself is not as it should be."""


def load(manifest: Path = MANIFEST) -> list[Entry]:
    """All entries, judged. Raises SuiteError."""
    try:
        whole = json.loads(manifest.read_text("ascii"), object_pairs_hook=_distinct)
    except (OSError, ValueError) as error:
        raise SuiteError(f"{manifest}: {error}") from error
    if not isinstance(whole, dict) or set(whole) != {"format", "vectors"}:
        raise SuiteError("the manifest holds `format` and `vectors`, and nothing else")
    entries = whole["vectors"]
    if not isinstance(entries, list) or not entries:
        raise SuiteError("the suite is empty")
    for entry in entries:
        _judge_fields(entry)
    _judge_ids(entries)
    _judge_files(entries, manifest.parent)
    return entries


MAX_FILE = 1 << 16
MAX_SUITE = 10 << 20


def summary(entries: list[Entry]) -> str:
    """What the suite holds. Raises SuiteError where it is larger than chapter 11 lets it be."""
    sizes = {entry["file"]: entry["bytes"] for entry in entries}
    large = sorted(file for file, size in sizes.items() if size > MAX_FILE)
    if large or sum(sizes.values()) > MAX_SUITE:
        raise SuiteError(f"{sum(sizes.values())} bytes, files above {MAX_FILE} bytes: {large}")
    kinds = ", ".join(f"{sum(entry['kind'] == kind for entry in entries)} {kind}" for kind in KINDS)
    ours = sum(entry["origin"] == "encoder" for entry in entries)
    clauses = {clause for entry in entries for clause in entry["clauses"]}
    return (
        f"{len(entries)} vectors ({kinds}) in {len(sizes)} files of {sum(sizes.values())} bytes;\n"
        f"{len(clauses)} clauses; {ours} vectors come from an encoder.\n"
        "All files are there, unchanged, and listed; every refusal has a twin that decodes."
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError(f"a key twice in {sorted(name for name, _ in pairs)}")
    return out


def _judge_fields(entry: Any) -> None:
    name = entry.get("id") if isinstance(entry, dict) else entry

    def typed(value: Any, fields: dict[str, Any], what: str) -> None:
        if not isinstance(value, dict) or set(value) != set(fields):
            known = set(value) ^ set(fields) if isinstance(value, dict) else value
            raise SuiteError(f"{name}: {what} has missing or unknown fields: {known}")
        for field, kind in fields.items():
            right = isinstance(value[field], kind)
            if not right or (kind is int and isinstance(value[field], bool)):
                raise SuiteError(f"{name}: {field} is {value[field]!r}")

    decoded = isinstance(entry, dict) and entry.get("kind") in ("must", "may", "salvage")
    typed(entry, {**FIELDS, **DECODED} if decoded else FIELDS, "the entry")
    if (
        entry["kind"] not in KINDS
        or entry["stage"] not in STAGES
        or entry["scale"] not in (1, 2, 4, 8)
    ):
        raise SuiteError(f"{name}: an unknown kind, stage or scale")
    if not entry["clauses"] or not all(isinstance(clause, str) for clause in entry["clauses"]):
        raise SuiteError(f"{name}: no clause")
    if decoded:
        typed(entry["meta"], META, "meta")
        if not entry["frames"]:
            raise SuiteError(f"{name}: no frame")
        for frame in entry["frames"]:
            typed(frame, FRAME, "a frame")


def _judge_ids(entries: list[Entry]) -> None:
    by_id = {entry["id"]: entry for entry in entries}
    if len(by_id) != len(entries):
        raise SuiteError("an id occurs twice")
    for entry in entries:
        negative = entry["kind"] not in ("must", "may")
        twin = by_id.get(entry["twin"])
        if negative and (twin is None or twin["kind"] != "must"):
            raise SuiteError(f"{entry['id']}: no twin that decodes")


def _judge_files(entries: list[Entry], folder: Path) -> None:
    for entry in entries:
        path = folder / entry["file"]
        if not path.is_file():
            raise SuiteError(f"{entry['id']}: {entry['file']} is missing")
        data = path.read_bytes()
        if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise SuiteError(f"{entry['id']}: {entry['file']} was changed")
    listed = {(folder / entry["file"]).resolve() for entry in entries}
    unlisted = {path.resolve() for path in (folder / "vectors").rglob("*.dctz")} - listed
    if unlisted:
        raise SuiteError(f"files that no entry names: {sorted(map(str, unlisted))}")
