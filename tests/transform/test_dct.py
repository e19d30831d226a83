"""Inverse DCT. Clauses `transform.*`."""

import numpy as np
import pytest

from pil_dctz.lossy.encoder.quantize import _cosines
from pil_dctz.tables.load import load_array
from pil_dctz.transform.decoder.dct_kernels import inverse
from pil_dctz.transform.encoder.dct_kernels import forward

pytestmark = pytest.mark.checked

MATRIX = load_array("lossy-dct.txt", "int32", (5461,))
PRECISION = {2: 11, 4: 11, 8: 11, 16: 10, 32: 9, 64: 8}
#: (columns, rows) of squares of each shape
SHAPES = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 2), (2, 4), (4, 4), (8, 8)]


def cosines(n: int) -> np.ndarray:
    begin = (n * n - 1) // 3
    return MATRIX[begin : begin + n * n].reshape(n, n).astype(object)


def rounded(total: np.ndarray, shift: int) -> np.ndarray:
    return (total + (1 << (shift - 1))) // (1 << shift)


def stated(block: np.ndarray, n: int, m: int) -> np.ndarray:
    """The formula of the specification in unbounded integers: m rows of n samples."""
    half = rounded(block[:m, :n].astype(object) @ cosines(n), PRECISION[n])
    half = np.clip(half, -131071, 131071)
    total = rounded(cosines(m).T @ half, PRECISION[m] + 5)
    return np.clip(total, -32768, 32767).astype(np.int64)


def run(block: np.ndarray, n: int, m: int, rows: int = 64, columns: int = 64) -> np.ndarray:
    """The kernel on a block of which only so many rows and columns are not 0."""
    high, wide = block.shape
    out = np.full((m + 2, n + 3), 77, np.int16)
    half, line = np.full(4096, 99, np.int32), np.full(128, 99, np.int32)
    flat = np.ascontiguousarray(block, np.int32).reshape(-1)
    rows, columns = min(rows, high), min(columns, wide)
    wide2, high2 = n.bit_length() - 1, m.bit_length() - 1
    inverse(flat, wide, rows, columns, wide2, high2, MATRIX, half, line, out, 1, 2)
    guard = out.copy()
    guard[1 : m + 1, 2 : n + 2] = 77
    assert (guard == 77).all()
    return out[1 : m + 1, 2 : n + 2]


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize(("w", "h"), SHAPES)
def test_kernel_gives_the_stated_integers_up_to_the_limits(w: int, h: int, scale: int) -> None:
    rng = np.random.default_rng(10 * w + h)
    n, m = 8 * w // scale, 8 * h // scale
    for size in (100, 5000, 131071):
        for _ in range(max(2, 48 // (w * h))):
            block = rng.integers(-size, size + 1, (8 * h, 8 * w))
            assert (run(block, n, m) == stated(block, n, m)).all()
            rows, columns = int(rng.integers(1, 8 * h + 1)), int(rng.integers(1, 8 * w + 1))
            block[rows:] = 0
            block[:, columns:] = 0
            assert (run(block, n, m, rows, columns) == stated(block, n, m)).all()


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize(("w", "h"), SHAPES)
def test_largest_sums_do_not_overflow(w: int, h: int, scale: int) -> None:
    n, m = 8 * w // scale, 8 * h // scale
    across, down = np.sign(cosines(n)), np.sign(cosines(m))
    for x in {0, n // 2, n - 1}:
        for y in {0, m // 2, m - 1}:
            for most in (131071, -131071):
                block = np.zeros((8 * h, 8 * w), np.int64)
                block[:m, :n] = np.outer(down[:, y], across[:, x]) * most
                assert (run(block, n, m) == stated(block, n, m)).all()


def test_sums_of_columns_are_as_the_text_says() -> None:
    sums = [int(abs(cosines(n)).sum(0).max()) for n in (1, 2, 4, 8, 16, 32, 64)]
    assert max(sums) == 15303
    assert 15303 * 131071 + (1 << 15) < 2.01e9


@pytest.mark.parametrize("n", [1, 2, 4, 8, 16, 32, 64])
def test_the_table_holds_rounded_cosines(n: int) -> None:
    k, x = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    scale = (1 << PRECISION.get(n, 11)) * np.where(k == 0, 1, 2**0.5)
    assert (cosines(n) == np.rint(scale * np.cos(np.pi * k * (2 * x + 1) / (2 * n)))).all()


@pytest.mark.parametrize(("w", "h"), SHAPES)
def test_inverse_is_a_cosine_transform_within_an_eighth_of_a_unit(w: int, h: int) -> None:
    """Coefficients are those of an orthonormal transform, divided by the root of w * h."""
    rng = np.random.default_rng(w + h)

    def basis(n: int) -> np.ndarray:
        k, x = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
        weight = np.where(k == 0, (1 / n) ** 0.5, (2 / n) ** 0.5)
        return weight * np.cos(np.pi * k * (2 * x + 1) / (2 * n))

    plane = rng.uniform(-128, 128, (8 * h, 8 * w))
    exact = basis(8 * h) @ plane @ basis(8 * w).T
    block = np.rint(exact / (w * h) ** 0.5 * 64).astype(np.int64)
    assert abs(run(block, 8 * w, 8 * h) / 16 - plane).max() < 0.125 * (w * h) ** 0.5


@pytest.mark.parametrize(("w", "h"), SHAPES)
def test_forward_then_inverse_gives_the_samples(w: int, h: int) -> None:
    rng = np.random.default_rng(1)
    plane = rng.uniform(-128, 128, (8 * h + 3, 8 * w + 5)).astype(np.float32)
    out = np.zeros(64 * w * h + 7, np.float32)
    wide2, high2 = (8 * w).bit_length() - 1, (8 * h).bit_length() - 1
    forward(plane, 3, 5, wide2, high2, _cosines(), np.empty(4160, np.float32), out, 7)
    assert (out[:7] == 0).all()
    block = np.rint(out[7:] * 64).astype(np.int64).reshape(8 * h, 8 * w)
    away = run(block, 8 * w, 8 * h) / 16 - plane[3:, 5:]
    assert abs(away).max() < 0.125 * (w * h) ** 0.5


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(("w", "h"), SHAPES)
def test_reduced_inverse_is_near_the_mean_of_smooth_blocks(w: int, h: int, scale: int) -> None:
    block = np.zeros((8 * h, 8 * w), np.int32)
    block[0, 0], block[0, 1], block[1, 0] = 8 * 64 * 40, 64 * 30, -64 * 20
    n, m = 8 * w // scale, 8 * h // scale
    full = run(block, 8 * w, 8 * h).astype(float)
    means = full.reshape(m, scale, n, scale).mean((1, 3))
    assert abs(run(block, n, m) - means).max() < 16
