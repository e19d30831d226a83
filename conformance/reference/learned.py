"""Chapter 10.1: which model refines a frame, and how much in each cell."""

from __future__ import annotations

from dataclasses import dataclass

from .conventions import Cursor, Damaged, Unsupported, ceil_div, require
from .learned_model import Model, parse_model
from .lossy_tables import Tables
from .transform_colour import XYB


@dataclass
class Layer:
    """Clause `learned.layer`. strength[segment][row][column]: luma, chroma."""

    model: Model
    strength: list[list[list[list[int]]]]


def parse_layer(
    payload: bytes, embedded: bytes | None, tables: object, sizes: list[tuple[int, int]]
) -> Layer | None:
    """The layer of a frame, None for the base picture. sizes: (w, z) of the segments of group 0."""
    fits = isinstance(tables, Tables) and tables.transform == XYB and tables.explicit is None
    require(fits, "a layer of other planes", "learned.place")
    assert isinstance(tables, Tables)
    require(set(tables.factors) == {(1, 1)}, "a layer of sampled planes", "learned.place")
    here = "learned.layer"
    cursor = Cursor(payload)
    identifier = cursor.take(8, here)
    head = cursor.u8(here)
    first = [head & 7, head >> 3 & 7]
    require(head < 128, "reserved bit", here, 8)
    kinds = min(tables.components, 2)
    require(kinds == 2 or first[1] == 0, "chroma of a gray picture", here, 8)
    grids = [(ceil_div(z, 64), ceil_div(w, 64)) for w, z in sizes]
    if head & 64:
        strength = parse_strengths(cursor.take(cursor.left, here), grids, first, kinds)
    else:
        require(cursor.left == 0, "bytes behind the strengths", here, cursor.at)
        strength = [[[first] * columns for _ in range(rows)] for rows, columns in grids]
    model = None
    if embedded is not None:
        try:
            model = parse_model(embedded)
        except Unsupported:
            return None
    if model is None or model.hash[:8] != identifier:
        return None  # this decoder has no models of its own
    return Layer(model, strength)


def parse_strengths(
    data: bytes, grids: list[tuple[int, int]], first: list[int], kinds: int
) -> list[list[list[list[int]]]]:
    """Clause `learned.strengths`."""
    here = "learned.strengths"
    bits = [byte >> place & 1 for byte in data for place in range(8)]
    lists = [[f, *(s for s in range(8) if s != f)] for f in first]
    at = 0
    out = []
    for rows, columns in grids:
        segment: list[list[list[int]]] = [[[] for _ in range(columns)] for _ in range(rows)]
        for line in segment:
            for cell in line:
                for kind in range(kinds):
                    rank = 0
                    while rank < 7:
                        if at == len(bits):
                            raise Damaged("the bits end early", here)
                        at += 1
                        if bits[at - 1] == 0:
                            break
                        rank += 1
                    strength = lists[kind].pop(rank)
                    lists[kind].insert(0, strength)
                    cell.append(strength)
        out.append(segment)
    require(ceil_div(at, 8) == len(data) and not any(bits[at:]), "bits behind the strengths", here)
    return out
