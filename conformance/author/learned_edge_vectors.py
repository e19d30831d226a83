"""Vectors of chapter 10 at edges that mutants of the reference decoder showed to be unmet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.author import fields as f
from conformance.author.learned import Filters, Layer, Network, lmdl, lrnd, ranks_of, some_taps
from conformance.author.learned_vectors import FULL, file_of
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.overlay_vectors import overlay, palette_lzw
from conformance.author.vector import Vector, refusal


def vectors() -> Iterator[Vector]:
    yield from layers()
    yield from taps()
    yield from networks()


def layers() -> Iterator[Vector]:
    """The byte of the first strengths."""
    model = Filters(taps=some_taps(), seed=3).file()
    plan = drawn(940, base=700)
    yield refusal(
        "learned/bad-bit-alone",
        file_of(plan, (20, 12), model, lrnd(model, 0, 0, bits=128)),
        "learned.layer",
        "the reserved bit and no other",
        twin="learned/zero",
        stage="chunk",
    )
    cells = [(7, 7), (7, 7), (6, 7), (7, 0)]
    yield Vector(
        "learned/varied-most",
        file_of(plan, (70, 66), model, lrnd(model, 7, 7, ranks_of(cells, (7, 7)))),
        ("learned.layer", "learned.strengths"),
        "all bits but the reserved one",
    )
    same = [(3, 2)] * 4
    yield Vector(
        "learned/varied-zeros",
        file_of(plan, (70, 66), model, lrnd(model, 3, 2, ranks_of(same, (3, 2)))),
        ("learned.strengths",),
        "eight ranks of 0: eight bits, which are all there are",
    )

    size = (70, 66)
    frame = f.Frame(
        [lossy_group(drawn(944, base=700, end=4), *size, 7)],
        overlay=overlay(palette_lzw(), size, [1], 6),
        between=lrnd(model, 5, 3),
    )
    yield Vector(
        "learned/beside-overlay",
        f.still(f.header(*size, shape_bits=FULL), frame, before=lmdl(model)),
        ("learned.place", "frame.overlay"),
        "one segment that the layer refines, four of an overlay",
    )


def taps() -> Iterator[Vector]:
    plan = drawn(941, base=700)
    for name, dy, dx in (("up", -5, 0), ("left", 0, -5)):
        far = Filters(taps=[[(0, dy, dx, 9)], [], []]).file()
        yield refusal(
            f"learned/model-tap-{name}",
            file_of(plan, (20, 12), far, lrnd(far)),
            "learned.filters",
            f"a tap at {dy}, {dx}",
            twin="learned/model-twin",
            stage="chunk",
        )


def networks() -> Iterator[Vector]:
    plan = drawn(942, base=900)
    first = Layer(16, k=1, flags=1, seed=21)
    least = Network([first, Layer(12, k=1, seed=22, multiplier=1, bias=1 << 28, shift=1)]).file()
    yield Vector(
        "learned/network-multiplier-1",
        file_of(plan, (24, 17), least, lrnd(least, 7, 7)),
        ("learned.network", "learned.layers"),
        "the least multiplier: outputs of 1 and 0",
    )
    wide = Layer(64, k=3, seed=23, most=3)
    most = [Layer(16, k=1, flags=1, seed=24), wide, Layer(12, k=3, seed=25, most=3)]
    full = Network(most).file()
    yield Vector(
        "learned/network-4096",
        file_of(plan, (9, 8), full, lrnd(full, 7, 7)),
        ("learned.network",),
        "4096 products a sample, the most there may be",
    )
    more = [replace(most[0], outputs=17), *most[1:]]
    over = Network(more).file()
    yield refusal(
        "learned/model-work-least",
        file_of(plan, (9, 8), over, lrnd(over)),
        "learned.network",
        "a channel more than 4096 products a sample allow",
        twin="learned/network-4096",
        stage="chunk",
    )
