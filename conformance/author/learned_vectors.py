"""Vectors of chapter 10."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.author import fields as f
from conformance.author.draw import Draw
from conformance.author.learned import (
    Filters,
    Layer,
    Network,
    lmdl,
    lrnd,
    model_file,
    ranks_of,
    some_taps,
)
from conformance.author.lossy import NONE, Plan
from conformance.author.lossy_block_vectors import blocks
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.vector import Vector, refusal, view

FILTERS = ("learned.filters", "learned.classes", "learned.sum", "learned.inputs")
NETWORK = ("learned.network", "learned.cells", "learned.layers", "learned.correction")
PLACE = ("learned.place", "learned.layer", "learned.model")
FULL = 32  # the header bit


def vectors() -> Iterator[Vector]:
    yield from filters()
    yield from networks()
    yield from chunks()
    yield from refused_chunks()
    yield from refused_models()


def plan_of(seed: int, **more: Any) -> Plan:
    """Blocks of all sizes, a map, deblocking: whatever the layer reads."""
    return blocks(seed, **{"base": 900, "end": 20, "filtered": True, **more})


def file_of(
    plan: Plan,
    size: tuple[int, int],
    model: bytes | None,
    layer: bytes | None,
    log2: int = 0,
) -> bytes:
    """A picture with a model and a layer."""
    layout = f.GRAY if plan.components == 1 else f.RGB
    head = f.header(*size, layout, shape_bits=FULL)
    frame = f.Frame([lossy_group(plan, *size, log2)], between=layer or b"")
    return f.still(head, frame, before=b"" if model is None else lmdl(model))


def small_network() -> Network:
    return Network([Layer(8, flags=1, seed=3), Layer(8, flags=3, seed=4), Layer(12, k=1, seed=5)])


def filters() -> Iterator[Vector]:
    model = Filters(taps=some_taps()).file(b'{"name": "drawn"}')
    whole = Vector(
        "learned/filters",
        file_of(plan_of(900), (53, 45), model, lrnd(model, 4, 5)),
        (*PLACE, *FILTERS),
        "drawn weights, taps across planes, all classes of size, map and edges",
    )
    yield whole
    yield view(whole, "part", "a few samples of it", region=(29, 30, 9, 7))
    yield view(whole, "half", "a smaller scale has no layer", scale=2)
    gray = Filters(taps=some_taps(), seed=2).file()
    yield Vector(
        "learned/filters-gray",
        file_of(plan_of(901, components=1), (40, 24), gray, lrnd(gray, 7, 0)),
        FILTERS,
        "one component: taps of others are left out",
    )
    extreme = Filters(
        taps=[[(p, dy, dx, 255) for dy in (0, 1, -3, 4) for dx in (1, -4)] for p in range(3)],
        constant=127,
        shifts=(4, 15, 4),
    ).file()
    far = drawn(902, size=60, levels=0, end=1, base=65535)
    yield Vector(
        "learned/filters-extreme",
        file_of(far, (40, 24), extreme, lrnd(extreme, 7, 7)),
        ("learned.sum", "learned.inputs", "learned.filters"),
        "largest weights, steps, differences and strengths: samples saturate",
    )
    none = Filters(rates=[], activities=[], taps=[[], [], []]).file()
    yield Vector(
        "learned/filters-empty",
        file_of(drawn(903), (20, 12), none, lrnd(none)),
        ("learned.filters",),
        "no taps, no thresholds: the base picture",
    )
    for base in (1, 65535):
        yield Vector(
            f"learned/filters-base-{base}",
            file_of(drawn(904, base=base, levels=2), (24, 17), model, lrnd(model)),
            ("learned.inputs", "learned.sum"),
            f"base step {base}",
        )


def networks() -> Iterator[Vector]:
    model = small_network().file(b'{"name": "drawn"}')
    whole = Vector(
        "learned/network",
        file_of(plan_of(910), (53, 45), model, lrnd(model, 4, 5)),
        (*PLACE, *NETWORK, "learned.inputs"),
        "3x3 and 1x1, positive, added; blocks, map and edges as inputs",
    )
    yield whole
    yield view(whole, "part", "a few samples of it", region=(29, 30, 9, 7))
    wide = Network([Layer(6, k=1, flags=1, seed=6), Layer(48, seed=7)], side_log2=2).file()
    yield Vector(
        "learned/network-sixteen",
        file_of(plan_of(911), (40, 33), wide, lrnd(wide, 2, 6)),
        NETWORK,
        "places of 4x4 samples",
    )
    gray = small_network().file()
    yield Vector(
        "learned/network-gray",
        file_of(plan_of(912, components=1), (24, 40), gray, lrnd(gray, 3, 0)),
        NETWORK,
        "one component: the others are 0",
    )
    loud = Network(
        [
            Layer(16, flags=2, constant=127, shift=1, multiplier=32767, bias=1 << 20),
            Layer(12, constant=-127, shift=1, multiplier=32767, bias=-(1 << 20)),
        ]
    ).file()
    far = drawn(913, size=60, levels=0, end=1, base=65535)
    yield Vector(
        "learned/network-saturated",
        file_of(far, (24, 16), loud, lrnd(loud, 7, 7)),
        ("learned.layers", "learned.correction"),
        "activations, corrections and samples saturate",
    )
    edge = Network([Layer(12, k=1, constant=0, bias=(1 << 31) - 2, shift=1)]).file()
    yield Vector(
        "learned/network-largest-sum",
        file_of(drawn(914), (20, 12), edge, lrnd(edge)),
        ("learned.network", "learned.layers"),
        "the largest sum that int32 takes, with half of the divisor",
    )
    for base in (1, 65535):
        yield Vector(
            f"learned/network-base-{base}",
            file_of(drawn(915, base=base, levels=2), (24, 17), model, lrnd(model)),
            ("learned.cells", "learned.correction"),
            f"base step {base}",
        )


def chunks() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=3).file()
    small = drawn(920, base=700)
    yield Vector(
        "learned/unknown-model",
        file_of(small, (41, 35), None, lrnd(model, identifier=b"\xff" * 8)),
        ("learned.layer",),
        "a model that nobody has: the base picture",
    )
    yield Vector(
        "learned/other-model",
        file_of(small, (41, 35), model, lrnd(model, identifier=b"\xff" * 8)),
        ("learned.layer",),
        "the model in the file is another one",
    )
    later = model_file(2, b"what a later version says")
    yield Vector(
        "learned/later-kind",
        file_of(small, (41, 35), later, lrnd(later)),
        ("learned.model", "learned.layer"),
        "a model of a kind that this version does not define: the base picture",
    )
    yield Vector(
        "learned/zero",
        file_of(small, (41, 35), model, lrnd(model, 0, 0)),
        ("learned.strengths",),
        "strength 0: the base picture",
    )
    yield Vector(
        "learned/unused-model",
        file_of(small, (41, 35), model, None),
        ("learned.place",),
        "a model and no layer: the base picture",
    )
    for name, first in (("luma", (0, 5)), ("chroma", (5, 0))):
        yield Vector(
            f"learned/{name}-off",
            file_of(small, (41, 35), model, lrnd(model, *first)),
            ("learned.sum", "learned.strengths"),
            f"strength 0 of {name} alone",
        )
    yield from varied(model)
    behind = f.still(
        f.header(20, 12, shape_bits=FULL),
        f.Frame(
            [lossy_group(drawn(921), 20, 12)],
            between=f.chunk("prIV", b"x") + lrnd(model, 2, 2) + lrnd(model, 7, 7),
        ),
        before=lmdl(model) + lmdl(b"a second one"),
        after=lrnd(model, 6, 6) + lmdl(model),
    )
    yield Vector(
        "learned/chunks-elsewhere",
        behind,
        ("learned.place",),
        "second chunks, and chunks in other places, are skipped",
    )
    plans = [drawn(922 + i) for i in range(2)]
    frames = [
        f.Frame([lossy_group(plans[0], 20, 12)], None, 1000, between=lrnd(model, 4, 4)),
        f.Frame([lossy_group(plans[1], 20, 12)], None, 1000),
    ]
    head = f.header(20, 12, loop=0, shape_bits=FULL)
    frames[0].last = False
    yield Vector(
        "learned/animation",
        f.animation(head, frames, before=lmdl(model) + f.index(frames)),
        ("learned.place", "learned.layer"),
        "a layer of the first frame alone",
    )


def varied(model: bytes) -> Iterator[Vector]:
    """Strengths of cells."""
    draw = Draw(930)
    cells = [(draw.below(8), draw.below(8)) for _ in range(4)]
    yield Vector(
        "learned/varied",
        file_of(
            drawn(931, base=700, end=6),
            (70, 66),
            model,
            lrnd(model, 3, 1, ranks_of(cells, (3, 1))),
        ),
        ("learned.strengths", "learned.sum"),
        "four cells of drawn strengths",
    )
    yield Vector(
        "learned/same-cells",
        file_of(drawn(936, base=700, end=6), (66, 65), model, lrnd(model, 3, 5)),
        ("learned.strengths", "learned.layer"),
        "four cells of one strength",
    )
    net = small_network().file()
    order = [(7, 0), (0, 7), (0, 7), (5, 5)]
    yield Vector(
        "learned/varied-segments",
        file_of(
            drawn(932, base=700, end=6),
            (72, 72),
            net,
            lrnd(net, 0, 0, ranks_of(order, (0, 0))),
            log2=6,
        ),
        ("learned.strengths", "learned.place", "learned.layers"),
        "four segments, which do not see each other; ranks of seven",
    )
    gray = [(1,), (0,), (7,)]
    yield Vector(
        "learned/varied-gray",
        file_of(
            drawn(933, components=1, base=700, end=6),
            (130, 12),
            model,
            lrnd(model, 2, 0, ranks_of(gray, (2,))),
        ),
        ("learned.strengths",),
        "one component has ranks of luma alone",
    )


def refused_chunks() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=3).file()
    plan = drawn(920, base=700)

    def bad(name: str, data: bytes, clause: str, why: str, twin: str = "zero") -> Vector:
        return refusal(
            f"learned/bad-{name}", data, clause, why, twin=f"learned/{twin}", stage="chunk"
        )

    def with_layer(layer: bytes, plan: Plan = plan, size: tuple[int, int] = (41, 35)) -> bytes:
        return file_of(plan, size, model, layer)

    here = "learned.layer"
    yield bad("bit", with_layer(lrnd(model, bits=128)), here, "the reserved bit is set")
    yield bad("behind", with_layer(lrnd(model, behind=b"\0")), here, "a byte behind the layer")
    empty = with_layer(f.chunk("lrnd", model[-32:-24]))
    yield bad("short", empty, here, "no strengths")
    gray = drawn(933, components=1, base=700, end=6)
    yield bad(
        "gray-chroma",
        with_layer(lrnd(model, 2, 1), gray, (130, 12)),
        here,
        "chroma of one component",
        "varied-gray",
    )
    here = "learned.strengths"
    fill = bytes([ranks_of([(2,)] * 3, (2,))[0] | 8])
    for name, ranks, why in (
        ("ranks-few", b"", "fewer bits than strengths"),
        ("ranks-short", b"\xff", "the bits end inside a strength"),
        ("ranks-fill", fill, "a fill bit is 1"),
        ("ranks-behind", b"\0\0", "a byte behind the last strength"),
    ):
        data = with_layer(lrnd(model, 2, 0, ranks), gray, (130, 12))
        yield bad(name, data, here, why, "varied-gray")
    for name, other in (
        ("transform", replace(plan, transform=NONE)),
        ("sampled", drawn(934, sampling=[0, 3, 3])),
        ("explicit", drawn(935, explicit=[[16] * 64, None, None])),
    ):
        data = with_layer(lrnd(model, 0, 0), other)
        yield bad(name, data, "learned.place", f"a layer of planes with {name}")
    check = with_layer(lrnd(model, 0, 0, check=1))
    yield bad("check", check, "container.chunk", "a wrong CRC of the layer")
    yield Vector(
        "learned/tolerant-check",
        check,
        ("frame.tolerant", "learned.place"),
        "a layer with a wrong CRC is ignored",
        "salvage",
        twin="learned/zero",
        of="learned/bad-check",
        tolerant=True,
    )
    data = with_layer(lrnd(model, bits=128))
    yield Vector(
        "learned/tolerant-bit",
        data,
        ("frame.tolerant", "learned.place"),
        "a layer that is damaged is ignored",
        "salvage",
        twin="learned/zero",
        of="learned/bad-bit",
        tolerant=True,
    )


def refused_models() -> Iterator[Vector]:
    plan = drawn(903)

    def bad(name: str, model: bytes, clause: str, why: str) -> Vector:
        kind = "network-largest-sum" if clause == "learned.network" else "model-twin"
        data = file_of(plan, (20, 12), model, lrnd(model, identifier=model[-32:-24].ljust(8, b"?")))
        return refusal(
            f"learned/model-{name}", data, clause, why, twin=f"learned/{kind}", stage="chunk"
        )

    here = "learned.model"
    body = Filters(rates=[], activities=[], taps=[[], [], []]).body()
    yield bad("hash", model_file(0, body, wrong_hash=1), here, "the hash is wrong")
    yield bad("signature", model_file(0, body, signature=b"\xc4CTZ\r\n\x1a\n"), here, "signature")
    yield bad("behind", model_file(0, body + b"\0"), here, "a byte behind the model")
    yield bad("metadata", model_file(0, body, b" " * 32769), here, "metadata of 32769 bytes")
    yield bad("empty", b"", here, "no model at all")
    here = "learned.filters"

    def filters_of(name: str, why: str, **given: Any) -> Vector:
        whole: dict[str, Any] = {"rates": [], "activities": [], "taps": [[], [], []], **given}
        return bad(name, Filters(**whole).file(), here, why)

    tap = (0, 0, 1, 1)
    yield filters_of("rates", "no rates", rate_count=0)
    yield filters_of("rates-many", "17 rates", rates=list(range(1, 17)))
    yield filters_of("rates-fall", "thresholds that do not rise", rates=[7, 7])
    yield filters_of("rate-80", "a threshold of 80", rates=[80])
    yield filters_of("activities-fall", "thresholds that fall", activities=[9, 8])
    yield filters_of("activity-0", "a threshold of 0", activities=[0])
    yield filters_of("taps-many", "33 taps", taps=[[tap] * 33, [], []], constant=0)
    yield filters_of("tap-far", "a tap five rows away", taps=[[(0, 5, 0, 1)], [], []])
    yield filters_of("tap-none", "a tap at (0, 0)", taps=[[(0, 0, 0, 1)], [], []])
    yield filters_of("tap-source", "Y from B-Y", taps=[[(1, 0, 1, 1)], [], []])
    yield filters_of("tap-clip", "a clip of 0", taps=[[(0, 0, 1, 0)], [], []])
    yield filters_of("shift", "a shift of 16", shifts=(8, 16, 8))
    yield filters_of("weight", "weight -128", taps=[[tap], [], []], constant=-128)
    cut = model_file(0, Filters(rates=[], activities=[], taps=[[tap], [], []]).body()[:-1])
    yield bad("cut", cut, here, "the weights end early")
    here = "learned.network"

    def network_of(name: str, why: str, *layers: Layer, **given: Any) -> Vector:
        return bad(name, Network(list(layers), **given).file(), here, why)

    last = Layer(12, k=1, constant=0)
    yield network_of(
        "sum", "a sum that may leave int32", replace(last, bias=(1 << 31) - 1, shift=1)
    )
    yield network_of(
        "sum-low", "a sum that may leave int32 below", replace(last, bias=-(1 << 31), shift=1)
    )
    yield network_of(
        "sum-weights",
        "weights and bias that may together leave int32",
        replace(last, constant=127, bias=(1 << 31) - 16 * 127 * 32767 - 128, shift=8),
    )
    yield network_of("side", "places of 8x8 samples", last, side_log2=3)
    yield network_of("layers", "no layers", count=0)
    yield network_of("outputs-last", "a last layer of 11 outputs", replace(last, outputs=11))
    yield network_of("outputs-many", "65 outputs", Layer(65, k=1, constant=0), last)
    yield network_of("positive-last", "a last layer that is positive", replace(last, flags=1))
    yield network_of("add", "12 outputs added to 16 inputs", replace(last, flags=2))
    yield network_of("flags", "a reserved flag", replace(last, flags=4))
    yield network_of("form", "form 2", replace(last, form=2))
    yield network_of("multiplier", "a multiplier of 0", replace(last, multiplier=0))
    one = replace(last, multiplier=[*[20000] * 11, 0])
    yield network_of("multiplier-one", "one multiplier of 0 behind eleven others", one)
    yield network_of("multiplier-large", "one of 32768", replace(last, multiplier=32768))
    yield network_of("shift-0", "a shift of 0", replace(last, shift=0))
    yield network_of("shift-21", "a shift of 21", replace(last, shift=21))
    yield network_of("weight-128", "weight -128", replace(last, constant=-128))
    wide = [Layer(64, constant=0) for _ in range(2)]
    yield network_of("work", "more than 4096 products a sample", *wide, last)
