"""The kernels of the layer give what the text of chapter 10 says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from pil_dctz import DamagedError, UnsupportedError
from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.encoder.model_file import write_model
from pil_dctz.learned.model import FilterModel, NetworkModel
from tests.learned.drawn import draw_filters, draw_network, draw_segment
from tests.learned.plain import refine_plain

MODELS = {
    "filters": draw_filters(),
    "many taps": draw_filters(1, taps=32),
    "network": draw_network(),
    "network of 4x4": draw_network(2, side_log2=2, width=5),
}

#: Of little-endian planes, as they were found on the first machine.
HASHES = {"filters": "965c794aaefc5205", "network": "d9dd215e4b318db2"}


def both(
    model: FilterModel | NetworkModel,
    planes: int,
    size: tuple[int, int],
    base: int,
    most: int,
    strengths: NDArray[np.uint8] | None = None,
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """The planes before, by the kernels, by plain NumPy."""
    before, facts = draw_segment(base, planes, *size, base=base, most=most)
    cells = (-(-size[0] // 8), -(-size[1] // 8))
    if strengths is None:
        strengths = np.random.default_rng(base).integers(0, 8, (2, *cells)).astype(np.uint8)
    rows, columns = before.shape[1:]
    gains = np.repeat(np.repeat(strengths, 64, 1), 64, 2)[:, :rows, :columns]
    wanted = refine_plain(
        model,
        before,
        base,
        facts.local,
        facts.levels,
        facts.owners,
        gains[[0, 1, 1][:planes]],
    )
    found = before.copy()
    refine_planes(model, found, facts, strengths)
    return before, found, wanted


@pytest.mark.checked
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("planes", [1, 3])
@pytest.mark.parametrize("base", [1, 100, 2000, 65535])
def test_kernels_equal_the_text(name: str, planes: int, base: int) -> None:
    most = 3000 if base == 2000 else 32767
    before, found, wanted = both(MODELS[name], planes, (9, 11), base, most)
    assert np.array_equal(found, wanted)
    assert base == 1 or not np.array_equal(found, before)


@pytest.mark.small
@pytest.mark.parametrize("name", ["filters", "network"])
def test_kernels_equal_the_text_on_small_segments(name: str) -> None:
    strengths = np.full((2, 1, 1), 5, np.uint8)
    for size in ((1, 1), (2, 3)):
        before, found, wanted = both(MODELS[name], 3, size, 700, 3000, strengths)
        assert np.array_equal(found, wanted)
        assert not np.array_equal(found, before)


@pytest.mark.small
@pytest.mark.checked
@pytest.mark.parametrize("name, hashed", HASHES.items())
def test_results_have_one_hash_on_all_machines_compiled_or_not(name: str, hashed: str) -> None:
    _, found, _ = both(MODELS[name], 3, (3, 2), 900, 4000, np.full((2, 1, 1), 6, np.uint8))
    assert hashlib.sha256(found.astype("<i2").tobytes()).hexdigest()[:16] == hashed


@pytest.mark.small
@pytest.mark.parametrize("name", ["filters", "network"])
def test_strength_zero_changes_nothing(name: str) -> None:
    before, found, _ = both(MODELS[name], 3, (2, 2), 700, 3000, np.zeros((2, 1, 1), np.uint8))
    assert np.array_equal(found, before)


@pytest.mark.small
@pytest.mark.parametrize("planes", [1, 3])
def test_filters_without_taps_change_nothing(planes: int) -> None:
    before, found, _ = both(draw_filters(3, taps=0), planes, (2, 2), 700, 3000)
    assert np.array_equal(found, before)


@pytest.mark.parametrize("name", ["filters", "network"])
def test_cells_without_strength_stay_beside_others(name: str) -> None:
    strengths = np.zeros((2, 2, 3), np.uint8)
    strengths[0, 0, 0] = strengths[0, 0, 2] = strengths[1, 1, 1] = 7
    before, found, wanted = both(MODELS[name], 3, (16, 24), 700, 3000, strengths)
    assert np.array_equal(found, wanted)
    assert np.array_equal(found[0, :, 64:128], before[0, :, 64:128])
    assert np.array_equal(found[1:, :64], before[1:, :64])
    assert not np.array_equal(found[0, :64, 128:], before[0, :64, 128:])
    assert not np.array_equal(found[1, 64:, 64:128], before[1, 64:, 64:128])


@pytest.mark.small
def test_wrong_arrays_are_refused_before_any_kernel() -> None:
    planes, facts = draw_segment(0, 3, 2, 2, base=700, most=100)
    strengths = np.ones((2, 1, 1), np.uint8)
    for bad in (planes[:2], planes[:, :12], planes.astype(np.int32)):
        with pytest.raises((ValueError, TypeError)):
            refine_planes(MODELS["filters"], np.ascontiguousarray(bad), facts, strengths)
    with pytest.raises(ValueError, match="strengths"):
        refine_planes(MODELS["filters"], planes, facts, np.ones((2, 1, 2), np.uint8))


@pytest.mark.checked
@pytest.mark.parametrize("model", [draw_filters(5, taps=2), draw_network(5, width=3)])
def test_whatever_model_is_let_through_gives_what_the_text_says(
    model: FilterModel | NetworkModel,
) -> None:
    """Changed bytes behind a right hash, as a hostile file would have them."""
    body = write_model(model)[:-32]
    rng = np.random.default_rng(0)
    accepted = 0
    while accepted < 12:
        bad = bytearray(body)
        for _ in range(int(rng.integers(1, 30))):
            bad[int(rng.integers(11, len(bad)))] = int(rng.integers(0, 256))
        try:
            found = parse_model(bytes(bad) + hashlib.sha256(bytes(bad)).digest())
        except (DamagedError, UnsupportedError):
            continue
        accepted += 1
        base = (1, 40, 3000, 65535)[accepted % 4]
        _, ours, wanted = both(found, 3, (2, 3), base, 32767)
        assert np.array_equal(ours, wanted)
