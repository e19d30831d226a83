"""Vectors of chapter 9a that a decoder must refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, even, zigzag
from conformance.author.lossless import Prediction, Residuals, lossless_group
from conformance.author.prediction_files import SMALL, made, places, plain
from conformance.author.vector import Vector, refusal


def refused_streams() -> Iterator[Vector]:
    p = Prediction(1, value=[[32] * 40], rans=True)
    bits = Residuals(p)
    plain(400, 9)(bits)
    stream = bits.bytes()
    twin = "prediction/stream-twin"

    def file(tables: bytes, stream: bytes) -> bytes:
        group = f.Group(f.LOSSLESS, [[stream]], b"\2" + tables)
        return f.still(f.header(3, 3, f.GRAY), f.Frame([group]))

    yield Vector(twin, file(p.tables(), stream), ("prediction.segment",), "the twin of refusals")

    def bad(name: str, stream: bytes, clause: str, why: str) -> Vector:
        data = file(p.tables(), stream)
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="segment")

    yield bad("stream-short", stream[:7], "rans.stream", "7 bytes")
    yield bad("stream-cut", stream[:-2], "rans.stream", "a word is missing")
    yield bad("stream-long", stream + b"\0\0", "rans.end", "a word is left")
    yield bad("stream-state", bits.rans.bytes((65536, 65537)), "rans.end", "a state is not 65536")

    def worse(name: str, p: Prediction, clause: str, why: str) -> Vector:
        data = file(p.tables(), stream)
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="table")

    def like(value: list[int], count: int | None = None) -> Prediction:
        counts = {} if count is None else {"value": count}
        return Prediction(1, value=[value], rans=True, counts=counts)

    here = "prediction.histogram"
    yield worse("histogram-count-0", like([32] * 40, 0), here, "no symbol is sent")
    yield worse("histogram-count-73", like([32] * 73), here, "73 of 72 symbols")
    yield worse("histogram-empty", like([-1] * 5), here, "no symbol occurs")
    yield worse("histogram-48", like([47, 48]), here, "an exponent of 48")
    blob = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 1).raw(6, 0)
    blob.raw(7, 2).raw(2, 3).rice(3, zigzag(-32) + 1).rice(3, zigzag(-1))
    group = f.Group(f.LOSSLESS, [[stream]], b"\2" + blob.bytes())
    data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
    yield refusal(
        "prediction/histogram-minus", data, here, "an exponent of -1", twin=twin, stage="table"
    )


def refused_tables() -> Iterator[Vector]:
    good = Prediction(3, 1, own=(3, 2, 2), value=[SMALL])
    bits = Residuals(good)
    plain(370, 27)(bits)
    stream = bits.bytes()
    twin = "prediction/twin"
    group = lossless_group([stream], prediction=good)
    yield Vector(
        twin,
        f.still(f.header(3, 3), f.Frame([group])),
        ("prediction.tables", "lossless.tables"),
        "the twin of refusals",
    )

    def bad(name: str, p: Prediction | bytes, clause: str, why: str) -> Vector:
        tables = p if isinstance(p, bytes) else p.tables()
        group = f.Group(f.LOSSLESS, [[stream]], b"\2" + tables)
        data = f.still(f.header(3, 3), f.Frame([group]))
        valued = clause == "prediction.values"
        near = "prediction/values-twin" if valued else twin
        return refusal(f"prediction/{name}", data, clause, why, twin=near, stage="table")

    def like(**more: object) -> Prediction:
        given: dict[str, object] = {
            "channels": 3, "transform": 1, "own": (3, 2, 2), "value": [SMALL], **more,
        }  # fmt: skip
        return Prediction(**given)  # type: ignore[arg-type]

    here = "prediction.tables"
    yield bad("transform-7", like(transform=7), here, "colour transform 7")
    yield bad("own-0", like(own=(0, 2, 2)), here, "no own tap")
    yield bad("own-21", like(own=(21, 2, 2)), here, "21 own taps of plane 0")
    yield bad("own-17", like(own=(2, 17, 2)), here, "17 own taps of plane 1")
    yield bad(
        "cross-1", like(cross=(0, 2, 0), cross_told={1: 1}), here, "one tap of an earlier plane"
    )
    yield bad("cross-14", like(cross=(0, 0, 14)), here, "14 taps of an earlier plane")
    tables = good.tables()
    yield bad("tables-long", tables + b"\0", here, "a byte behind the tables")
    yield bad("tables-cut", tables[:-1], "prefix.bits", "the tables end too early")
    filled = like(fill=255).tables()
    assert filled != tables
    yield bad("tables-fill", filled, here, "fill bits are 1")
    yield bad("near-256", like(near=256), "prediction.near", "samples of 8 bits off by 256")
    here = "prediction.values"
    yield bad("values-none", like(values=[256]), here, "no value in the list")
    yield bad("values-over", like(values=[200, 57]), here, "a run beyond 2^depth")
    here = "prediction.coefficients"
    wide = like(classes=2, differ=even([0, 2, 3], 4), same=even([0, 2, 3], 4), rice=8)
    wide.means, wide.spread = {(0, 0): 511}, {(0, 0, 1): 1537}
    yield bad("coefficient-2048", wide, here, "a coefficient of 2048")
    wide.means, wide.spread = {(0, 0): -512}, {(0, 0, 1): -1536}
    yield bad("coefficient-minus-2048", wide, here, "a coefficient of -2048")
    here = "prefix.lengths"
    yield bad("lengths-0", like(counts={"value": 0}), here, "no length")
    yield bad("lengths-73", like(value=[[*SMALL, 0]], counts={"value": 73}), here, "73 of 72")
    yield bad("length-13", like(value=[[13, 1, 2]]), here, "a length of 13")
    yield bad("length-0", like(value=[[]], counts={"value": 0}), here, "a count of 0")
    here = "prefix.code"
    yield bad("code-empty", like(value=[[0, 0, 0]], counts={"value": 3}), here, "no symbol")
    yield bad("code-lone-2", like(value=[[0, 2]]), here, "a lone symbol of length 2")
    yield bad("code-under", like(value=[[2, 2, 2]]), here, "three words of two bits")
    yield bad("code-over", like(value=[[1, 1, 2]]), here, "more than full")
    many = Bits().raw(3, 0).raw(1, 0).raw(6, 0)
    assert many.bits


def refused_segments() -> Iterator[Vector]:
    number = even(list(range(40)), 72)
    p = Prediction(1, value=[number])

    def bad(
        name: str, put: Callable[[Residuals], object], clause: str, why: str, **more: object
    ) -> Vector:
        bits = Residuals(p)
        put(bits)
        stream = bits.bytes(int(str(more.get("fill", 0)))) + bytes(int(str(more.get("behind", 0))))
        group = lossless_group([stream], prediction=p)
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        twin = "prediction/segment-twin"
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="segment")

    data = made(p, 3, 3, plain(380, 9))
    yield Vector("prediction/segment-twin", data, ("prediction.segment",), "the twin of refusals")
    here = "prediction.segment"
    yield bad("segment-long", plain(380, 9), here, "a byte behind the last sample", behind=1)
    yield bad("segment-fill", plain(380, 9), here, "fill bits are 1", fill=255)
    yield bad("segment-cut", plain(380, 7), "prefix.bits", "two samples are missing")
    here = "prediction.sample"
    yield bad("sample-256", lambda b: [b.value(255)] + [b.value(0)] * 8, here, "a sample of 256")
    yield bad("sample-minus", lambda b: [b.value(258)] + [b.value(0)] * 8, here, "a sample of -1")
    p = Prediction(3, 1, value=[number])
    colour = Residuals(p)
    for z in (0, 255, 0):
        colour.value(z)
    group = lossless_group([colour.bytes()], prediction=p)
    yield refusal(
        "prediction/channel-256",
        f.still(f.header(1, 1), f.Frame([group])),
        "prediction.colour",
        "a channel of 256: 128 and the difference 128",
        twin="prediction/size-1x1",
        stage="segment",
    )
    p = Prediction(1, zeros=[even(list(range(72)), 72)], value=[number])
    yield bad("run-65536", lambda b: b.run(65536), "prediction.residual", "a run of 65536")
    p = Prediction(1, classes=2, differ=even([0, 1, 2, 3], 4), same=even([0, 1, 2, 3], 4))
    p.value = [number]
    here = "prediction.classes"
    yield bad(
        "class-missing", lambda b: b.of_class("same", 0), here, "the class at the left of none"
    )
    yield bad(
        "class-above", lambda b: b.of_class("same", 1), here, "the class above where both are one"
    )


def refused_numbers() -> Iterator[Vector]:
    def bad(name: str, p: Prediction, put: Callable[[Residuals], object], why: str) -> Vector:
        table = name != "number-3"
        return refusal(
            f"prediction/{name}",
            made(p, 8, 5, put, 12),
            "prediction.numbers" if table else "prediction.sample",
            why,
            twin="prediction/numbers-ranks",
            stage="table" if table else "segment",
        )

    p = Prediction(1, value=[SMALL], numbers=[0, 1, 2], number_bits=19)
    yield bad("numbers-19-bits", p, places(40, 3), "residual numbers of 19 bits")
    p.number_bits = 2
    yield bad("number-3", p, lambda bits: bits.value(3), "place 3 in a list of 3")
