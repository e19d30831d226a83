"""The tables of a lossy group. Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`."""

import numpy as np
import pytest

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.container.syntax import GroupShape
from pil_dctz.errors import DamagedError, UnsupportedError
from pil_dctz.lossy.decoder.segment import parse_tables
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.tables import write_tables
from pil_dctz.lossy.steps import MAP_MULTIPLIERS, curve_steps
from pil_dctz.lossy.syntax import LossyTables
from tests.lossy.drawn_levels import explicit_tables

pytestmark = pytest.mark.small

RGB = GroupShape(40, 30, 3, 8)


def same(one: LossyTables, other: LossyTables) -> bool:
    fields = ("colour", "factors", "base", "deblock")
    return all(getattr(one, f) == getattr(other, f) for f in fields) and np.array_equal(
        one.steps, other.steps
    )


@pytest.mark.parametrize("base", [1, 127, 128, 16384, 65535])
def test_xyb_tables_come_back(base: int) -> None:
    for channels in (1, 3):
        tables = xyb_tables(channels, base)
        shape = GroupShape(40, 30, channels, 8)
        assert same(parse_tables(write_tables(tables), shape), tables)


def test_a_usual_table_is_three_bytes() -> None:
    assert write_tables(xyb_tables(3, 2000)).hex() == "10d00f"


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
        ("2001", UnsupportedError, "lossy.tables"),
        ("4001", UnsupportedError, "lossy.tables"),
        ("8001", UnsupportedError, "lossy.tables"),
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


def test_other_depths_are_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="depth 10"):
        parse_tables(b"\x00\x01", GroupShape(8, 8, 3, 10))


def test_steps_rise_with_base_and_map_and_stay_in_range() -> None:
    assert [round(1024 * 2 ** ((m - 6) / 4)) for m in range(13)] == list(MAP_MULTIPLIERS)
    low, high = curve_steps(1, (0, 1, 2)), curve_steps(65535, (0, 1, 2))
    assert low.min() == 1
    assert high.max() == 65535
    steps = curve_steps(2000, (0, 1, 2))
    assert (np.diff(steps, axis=0) > 0).all()
