"""The tables of a lossy group. Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`."""

from dataclasses import replace

import numpy as np
import pytest

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.container.syntax import GroupShape
from pil_dctz.errors import DamagedError, UnsupportedError
from pil_dctz.lossy.decoder.segment import parse_tables
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.presets import PRESETS, tables_of_preset
from pil_dctz.lossy.encoder.tables import write_tables
from pil_dctz.lossy.shapes import ENDS, LAYOUT, SHAPES, bands, extents, radii, scans
from pil_dctz.lossy.steps import (
    KNOT_RADII,
    MAP_MULTIPLIERS,
    SHAPE_MULTIPLIERS,
    curve_of_knots,
    step_curve,
    step_gains,
)
from pil_dctz.lossy.syntax import Curves, LossyTables
from tests.lossy.drawn_levels import explicit_tables

pytestmark = pytest.mark.small

RGB = GroupShape(40, 30, 3, 8)


def same(one: LossyTables, other: LossyTables) -> bool:
    fields = ("colour", "factors", "base", "partition", "filtered", "directions", "curves", "depth")
    return all(getattr(one, f) == getattr(other, f) for f in fields) and all(
        np.array_equal(getattr(one, f), getattr(other, f)) for f in ("curve", "gains")
    )


@pytest.mark.parametrize("base", [1, 127, 128, 16384, 65535])
def test_xyb_tables_come_back(base: int) -> None:
    for channels in (1, 3):
        shape = GroupShape(40, 30, channels, 8)
        for partition in (False, True):
            tables = replace(xyb_tables(channels, base, partition), partition=partition)
            assert same(parse_tables(write_tables(tables), shape), tables)


def test_a_usual_table_is_three_bytes() -> None:
    assert write_tables(xyb_tables(3, 2000)).hex() == "70d00f"


@pytest.mark.parametrize(
    ("colour", "factors"),
    [
        (ColourTransform.YCBCR, ((2, 2), (1, 1), (1, 1))),
        (ColourTransform.NONE, ((1, 1),)),
        (ColourTransform.NONE, ((2, 1), (1, 1), (1, 2), (2, 2))),
    ],
)
def test_explicit_tables_come_back(
    colour: ColourTransform, factors: tuple[tuple[int, int], ...]
) -> None:
    tables = explicit_tables(colour, factors)
    shape = GroupShape(40, 30, len(factors), 8)
    assert same(parse_tables(write_tables(tables), shape), tables)


@pytest.mark.parametrize(
    ("blob", "error", "clause"),
    [
        ("", DamagedError, "lossy.tables"),
        ("00", DamagedError, "lossy.tables"),
        ("0000", DamagedError, "lossy.tables"),
        ("00ffff04", DamagedError, "lossy.tables"),
        ("008000", DamagedError, "lossy.tables"),
        ("00808000", DamagedError, "lossy.tables"),
        ("000100", DamagedError, "lossy.tables"),
        ("0301", DamagedError, "lossy.tables"),
        ("2400" + "01" * 64 + "0101", DamagedError, "lossy.tables"),
        ("280000000001", DamagedError, "lossy.tables"),
        ("4001", DamagedError, "lossy.tables"),
        ("4400", DamagedError, "lossy.tables"),
        ("8001", DamagedError, "lossy.curves"),
        ("800103", UnsupportedError, "lossy.curves"),
        ("80010000", DamagedError, "lossy.tables"),
        ("800102" + "07" * 23, DamagedError, "lossy.curves"),
        ("800102" + "07" * 23 + "00", DamagedError, "lossy.curves"),
        ("8400" + "01" * 64 + "0101" + "00", DamagedError, "lossy.tables"),
        ("0804000001", DamagedError, "lossy.sampling"),
        ("080000", DamagedError, "lossy.sampling"),
        ("0401", DamagedError, "lossy.explicit"),
        ("0402", DamagedError, "lossy.explicit"),
        ("0400" + "01" * 63, DamagedError, "lossy.explicit"),
        ("0400" + "01" * 63 + "00" + "0101", DamagedError, "lossy.explicit"),
    ],
)
def test_wrong_tables_are_refused(blob: str, error: type[Exception], clause: str) -> None:
    with pytest.raises(error) as caught:
        parse_tables(bytes.fromhex(blob), RGB)
    assert caught.value.clause == clause  # type: ignore[attr-defined]


@pytest.mark.parametrize(("flags", "channels"), [(0, 4), (0, 2), (1, 1), (1, 4), (2, 2)])
def test_transforms_have_their_number_of_channels(flags: int, channels: int) -> None:
    with pytest.raises(DamagedError, match="channels"):
        parse_tables(bytes([flags, 1]), GroupShape(8, 8, channels, 8))


@pytest.mark.parametrize("depth", [7, 13])
def test_other_depths_are_unsupported(depth: int) -> None:
    with pytest.raises(UnsupportedError, match=f"depth {depth}"):
        parse_tables(b"\x00\x01", GroupShape(8, 8, 3, depth))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("channels", "depth"), [(1, 8), (3, 10)])
def test_tables_of_presets_come_back(preset: str, channels: int, depth: int) -> None:
    tables = tables_of_preset(PRESETS[preset], channels, depth, 60)
    assert same(parse_tables(write_tables(tables), GroupShape(40, 30, channels, depth)), tables)


def test_curves_of_knots_come_back() -> None:
    knots = [[1, 65535, 7, 1024, 1025, 700, 127, 128], [500, 600, 700, 800, 900, 1000, 1100, 1200]]
    knots.append(knots[1][::-1])
    curve = curve_of_knots(knots)
    assert curve[:, list(KNOT_RADII)].tolist() == knots
    assert (np.diff(curve[1]) >= 0).all() and (np.diff(curve[2]) <= 0).all()
    tables = replace(xyb_tables(3, 300), curve=curve, curves=Curves.KNOTS)
    assert same(parse_tables(write_tables(tables), RGB), tables)


def steps(base: int) -> np.ndarray:
    """By plane, radius, map level and log2 of a block's squares."""
    product = np.multiply.outer(step_curve((0, 1, 2)).astype(np.int64), step_gains(base))
    return np.clip((product + (1 << 26)) >> 27, 1, 1 << 26)


def test_steps_rise_with_base_and_map_and_fall_with_the_block() -> None:
    assert [round(1024 * 2 ** ((m - 6) / 4)) for m in range(13)] == list(MAP_MULTIPLIERS)
    assert [round(1024 * 2 ** (-n / 2)) for n in range(7)] == list(SHAPE_MULTIPLIERS)
    low, middle, high = steps(1), steps(2000), steps(65535)
    assert low.min() == 1
    assert high.max() < 1 << 26
    assert (np.diff(middle, axis=2) > 0).all()
    assert (np.diff(middle, axis=3) < 0).all()
    assert (low <= middle).all()
    assert (middle < high).all()
    for base in (0, 65536):
        with pytest.raises(ValueError, match=r"base step must be 1\.\.65535"):
            step_gains(base)


@pytest.mark.parametrize("shape", range(8))
def test_scans_begin_with_the_corner_and_go_outwards(shape: int) -> None:
    lw, lh = SHAPES[shape]
    first, places, corner = LAYOUT[shape, 2:5].tolist()
    scan = scans()[first : first + places].astype(int)
    assert sorted(scan) == list(range(64 << (lw + lh)))
    v, u = np.divmod(scan, 8 << lw)
    inside = (u < 1 << lw) & (v < 1 << lh)
    assert inside[:corner].all()
    assert not inside[corner:].any()
    away = (u << (3 - lw)) ** 2 + (v << (3 - lh)) ** 2
    for part in (slice(corner), slice(corner, None)):
        assert (np.diff(away[part] * 64 + v[part]) > 0).all()
    found = radii()[first : first + places].astype(int)[scan]
    assert ((found**2 <= away) & (away < (found + 1) ** 2)).all()
    assert set(bands()[first : first + places][scan][away < 80]) == {0}
    assert set(bands()[first : first + places][scan][away >= 1280]) == {3}


@pytest.mark.parametrize("shape", range(8))
def test_extents_cover_what_each_end_class_may_reach(shape: int) -> None:
    first, places, corner = LAYOUT[shape, 2:5].tolist()
    wide = 8 << SHAPES[shape][0]
    scan = scans()[first : first + places].astype(int)
    for end, more in enumerate(ENDS):
        v, u = np.divmod(scan[: corner + more], wide)
        assert extents()[shape, end].tolist() == [u.max() + 1, v.max() + 1]
