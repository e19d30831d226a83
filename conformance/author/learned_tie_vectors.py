"""Vectors of chapter 10 whose values lie on ties and at limits, where a rule and the one beside it
differ. Samples of 12 bits show what moves by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.draw import Draw
from conformance.author.exact import exact, sampled
from conformance.author.fields import u8
from conformance.author.learned import (
    Filters,
    Layer,
    Network,
    Tap,
    i8,
    lmdl,
    lrnd,
    model_file,
    u16,
)
from conformance.author.learned_vectors import FULL
from conformance.author.lossy import Plan
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import hash_of
from conformance.author.vector import Vector, refusal

TAPS = [[(0, 0, 4, 255), (0, 4, 0, 255)], [(1, 0, 1, 255), (1, 4, 0, 255)], [(2, 1, 0, 255)]]
LOUD: dict[str, Any] = {"taps": TAPS, "most": 127, "shifts": (4, 4, 4)}
ACTIVITIES = [64 * k for k in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)]


def vectors() -> Iterator[Vector]:
    yield from classes()
    yield from networks()
    yield from filters()
    yield from refused()


def file_of(plan: Plan, size: tuple[int, int], model: bytes, layer: bytes) -> bytes:
    layout = f.GRAY if plan.components == 1 else f.RGB
    head = f.header(*size, layout, 12, shape_bits=FULL)
    frame = f.Frame([lossy_group(plan, *size)], between=layer)
    return f.still(head, frame, before=lmdl(model))


def drawn(seed: int, most: int) -> Callable[[int, int, int], int]:
    return lambda c, i, j: Draw(hash_of(seed, c, i, j)).between(-most, most)


def classes() -> Iterator[Vector]:
    model = Filters(seed=60, rates=[11, 12, 13], activities=ACTIVITIES, **LOUD).file()
    colours = drawn(61, 3000)

    def two(c: int, i: int, j: int) -> int:
        return colours(c, i, j) if c else 32 * (colours(c, i, j) & 1)

    yield Vector(
        "learned/classes-ties",
        file_of(exact(two), (40, 40), model, lrnd(model, 7, 7)),
        ("learned.classes",),
        "squares of two heights: activities at thresholds, ratios of two to three",
    )
    colour = drawn(62, 300)

    def lone(c: int, y: int, x: int) -> int:
        if c:
            return colour(c, y // 2, x // 2)
        return int(y % 12 == x % 12 == 9 or (y % 12 == 5 and x % 12 == 10))

    yield Vector(
        "learned/classes-corner",
        file_of(sampled(lone), (40, 40), model, lrnd(model, 7, 7)),
        ("learned.classes",),
        "a sample that only a diagonal at the corner of what a block sees comes to",
    )
    rates = Filters(seed=63, rates=list(range(38, 53)), activities=[], **LOUD).file()
    plan = sampled(lambda c, y, x: drawn(64, 99)(c, y // 3, x // 3), base=600)
    plan.map_level = lambda i, j: j
    yield Vector(
        "learned/classes-rates",
        file_of(plan, (208, 8), rates, lrnd(rates, 7, 7)),
        ("learned.classes", "learned.inputs"),
        "each map level has a set of weights of its own",
    )


def one_of(outputs: list[tuple[int, int]], inputs: int) -> bytes:
    """Weights 1x1: of each output one input, or none of weight 0."""
    return b"".join(
        i8(weight if c == chosen else 0) for chosen, weight in outputs for c in range(inputs)
    )


def networks() -> Iterator[Vector]:
    small = sampled(drawn(65, 100), base=2048)
    first = Layer(
        16,
        k=1,
        flags=2,
        constant=0,
        shift=1,
        multiplier=32767,
        bias=[100000 * (1 - 2 * (o % 2)) for o in range(16)],
    )
    back = [(o, 2) for o in range(12)]
    bias = [-65532 * (1 - 2 * (o % 2)) for o in range(12)]
    second = Layer(12, k=1, shift=1, multiplier=32767, bias=bias, weights=one_of(back, 16))
    model = Network([first, second]).file()
    yield Vector(
        "learned/network-limits",
        file_of(small, (16, 16), model, lrnd(model, 7, 7)),
        ("learned.layers",),
        "sums and activations at both limits, then taken back to small ones",
    )
    wide = sampled(lambda c, y, x: 600 * drawn(66, 1)(c, y, x) + drawn(65, 20)(c, y, x), base=8)
    picked = [(o, 127) for o in range(12)]
    bias = [-127 * 32767 * (1 - 2 * (o % 2)) for o in range(12)]
    only = Layer(12, k=1, shift=1, multiplier=32767, bias=bias, weights=one_of(picked, 16))
    model = Network([only]).file()
    yield Vector(
        "learned/network-inputs",
        file_of(wide, (16, 16), model, lrnd(model, 7, 7)),
        ("learned.cells",),
        "inputs at both limits",
    )
    bias = [10000 * (1 - 2 * (o % 2)) for o in range(12)]
    only = Layer(12, k=1, constant=0, shift=1, multiplier=32767, bias=bias)
    model = Network([only]).file()

    def turned(c: int, y: int, x: int) -> int:
        return drawn(65, 100)(c, y, x) + (0 if c else 600 if x % 2 else -600)

    yield Vector(
        "learned/network-outputs",
        file_of(sampled(turned, base=2048), (16, 16), model, lrnd(model, 1, 0)),
        ("learned.correction",),
        "outputs beyond both limits",
    )
    halves = [16384, 16383] * 6
    only = Layer(12, k=1, constant=0, shift=1, multiplier=halves, bias=2)
    model = Network([only]).file()
    yield Vector(
        "learned/network-halves",
        file_of(small, (16, 16), model, lrnd(model, 7, 7)),
        ("learned.layers",),
        "products of a half, and of a half less one",
    )
    one = Network([Layer(12, k=1, constant=0, shift=1, multiplier=32767, bias=2)]).file()
    for base, strength in ((1024, 1), (341, 3)):
        plan = sampled(drawn(67, 100), base=base)
        yield Vector(
            f"learned/correction-{base * strength}",
            file_of(plan, (16, 16), one, lrnd(one, strength, strength)),
            ("learned.correction",),
            "corrections of a half, or a 2048th less",
        )
    bias = [1350] * 4 + [0] * 4 + [4094] * 4
    only = Layer(12, k=1, constant=0, shift=1, multiplier=32767, bias=bias)
    model = Network([only]).file()
    plan = sampled(drawn(68, 1000), base=4682)
    yield Vector(
        "learned/network-saturated-x",
        file_of(plan, (16, 16), model, lrnd(model, 7, 7)),
        ("learned.correction",),
        "samples of X at their limit, where green shows them",
    )


def filters() -> Iterator[Vector]:
    taps: list[list[Tap]] = [[(0, 0, 1, 1), (0, 1, 0, 63)], [(1, 1, 0, 40)], [(2, 0, 1, 60)]]
    model = Filters(seed=69, taps=taps, most=127, shifts=(4, 4, 4)).file()
    yield Vector(
        "learned/filters-least",
        file_of(sampled(drawn(70, 100)), (16, 16), model, lrnd(model, 7, 7)),
        ("learned.sum",),
        "differences of at most 1",
    )

    def loud(c: int, i: int, j: int, p: int, n: int) -> int:
        return drawn(201, 4)(p, i, j) if c == 1 else 0

    plan = Plan(
        curves=0, base=65535, residual=lambda c, i, j: 0, level=loud, end=lambda c, i, j: 10
    )
    far = [[], [], [(1, 0, 1, 255), (1, 1, 0, 255), (1, 4, -3, 255), (1, 0, 2, 255)]]
    model = Filters(seed=72, taps=far, most=3, shifts=(4, 4, 4)).file()
    yield Vector(
        "learned/filters-limits",
        file_of(plan, (32, 32), model, lrnd(model, 7, 7)),
        ("learned.sum", "learned.inputs"),
        "differences beyond both limits, seen from X",
    )
    far = [[], [], [(1, 0, 1, 255)]]
    model = Filters(seed=73, taps=far, most=20, shifts=(4, 4, 4)).file()
    yield Vector(
        "learned/filters-far",
        file_of(plan, (32, 32), model, lrnd(model, 7, 7)),
        ("learned.sum", "learned.inputs"),
        "samples beyond both limits, seen from X",
    )


def refused() -> Iterator[Vector]:
    """Models that are whole but for a count or a kind that is one too few or too many."""
    plan = sampled(lambda c, y, x: 0)

    def bad(name: str, model: bytes, why: str, here: str = "learned.network") -> Vector:
        kind = "network-largest-sum" if here == "learned.network" else "model-twin"
        data = file_of(plan, (8, 8), model, lrnd(model))
        twin = f"learned/{kind}"
        return refusal(f"learned/model-{name}", data, here, why, twin=twin, stage="chunk")

    def filters_of(name: str, body: bytes, why: str) -> Vector:
        return bad(name, model_file(0, body), why, "learned.filters")

    rest = bytes((0, 0, 0, 8, 8, 8))
    yield filters_of("rate-0", u8(2) + u8(0) + u8(1) + rest, "a threshold of 0")
    yield filters_of("activities", u8(1) + u8(0) + rest, "no activities")
    rising = b"".join(u16(v) for v in range(1, 17))
    yield filters_of("activities-17", u8(1) + u8(17) + rising + rest, "17 activities")
    yield filters_of("shift-3", u8(1) + u8(1) + bytes((0, 0, 0, 8, 8, 3)), "a shift of 3")
    third = Filters(rates=[], activities=[], taps=[[], [(3, 0, 1, 1)], []]).body()
    yield filters_of("tap-source-3", third, "a tap from a fourth plane")

    last = Layer(12, k=1, constant=0)
    ones = [Layer(1, k=1, constant=0)] * 16
    yield bad("side-0", Network([Layer(3, k=1)], side_log2=0).file(), "places of one sample")
    yield bad("layers-17", Network([*ones, last]).file(), "17 layers")
    yield bad("form-2", Network([Layer(12, constant=0, form=2)]).file(), "form 2, and nine weights")
    yield bad("outputs-0", Network([Layer(0, k=1), last]).file(), "a layer of no outputs")
    sizes = ((44, 1), (37, 3), (21, 1), (12, 1))
    over = [Layer(outputs, k=k, constant=0) for outputs, k in sizes]
    yield bad("work-16385", Network(over).file(), "a product more than a place may have")
    most = (1 << 31) - 1 - 16 * 127 * 32767 - 128
    full = Network([Layer(12, k=1, constant=127, bias=most)]).file()
    yield Vector(
        "learned/network-largest-weights",
        file_of(plan, (8, 8), full, lrnd(full)),
        ("learned.network",),
        "the largest sum that int32 takes, of weights and bias",
    )
