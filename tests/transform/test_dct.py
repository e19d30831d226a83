"""Inverse DCT. Clauses `transform.*`."""

import numpy as np
import pytest

from pil_dctz.tables.load import load_array
from pil_dctz.transform.decoder.dct_kernels import inverse, inverse_reduced
from pil_dctz.transform.encoder.dct_kernels import forward

MATRIX = load_array("lossy-dct.txt", "int32", (84,))


def cosines(n: int) -> np.ndarray:
    begin = {8: 0, 4: 64, 2: 80}[n]
    return MATRIX[begin : begin + n * n].reshape(n, n).astype(object)


def stated(block: np.ndarray, n: int) -> np.ndarray:
    """The formula of the specification in unbounded integers."""
    matrix = cosines(n)
    shift = {8: 12, 4: 13, 2: 14}[n]
    half = (block[:n, :n].astype(object) @ matrix + 8192) // 16384
    total = (matrix.T @ half + (1 << (shift - 1))) // (1 << shift)
    return np.clip(total.astype(np.int64), -32768, 32767)


def run(block: np.ndarray, n: int) -> np.ndarray:
    out = np.zeros((n, n), np.int16)
    flat, half = block.reshape(64).astype(np.int32), np.empty(64, np.int32)
    if n == 8:
        inverse(flat, 8, 8, MATRIX, half, out, 0, 0)
    else:
        offset, shift = {4: (64, 13), 2: (80, 14)}[n]
        inverse_reduced(flat, n, offset, shift, MATRIX, half, out, 0, 0)
    return out


@pytest.mark.parametrize("n", [8, 4, 2])
def test_kernel_gives_the_stated_integers_up_to_the_limits(n: int) -> None:
    rng = np.random.default_rng(n)
    for scale in (100, 5000, 131071):
        for _ in range(50):
            block = rng.integers(-scale, scale + 1, (8, 8))
            assert (run(block, n) == stated(block, n)).all()
    for signs in np.sign(MATRIX[: n * n].reshape(n, n)).T if n == 8 else ():
        block = np.outer(signs, signs) * 131071  # the largest sums
        assert (run(block, n) == stated(block, n)).all()


def test_sums_of_columns_are_as_the_text_says() -> None:
    assert [int(abs(cosines(n)).sum(0).max()) for n in (8, 4, 2)] == [10822, 7880, 5792]


def test_forward_then_inverse_is_within_a_sixteenth() -> None:
    rng = np.random.default_rng(1)
    x, k = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    basis = np.where(k == 0, 0.125**0.5, 0.5) * np.cos(np.pi * k * (2 * x + 1) / 16)
    flat = np.ascontiguousarray(basis.reshape(64), np.float32)
    plane = rng.uniform(-128, 128, (8, 8)).astype(np.float32)
    out = np.zeros(64, np.float32)
    forward(plane, 0, 0, flat, np.empty(64, np.float32), out, 0)
    back = run(np.rint(out * 64).astype(np.int32).reshape(8, 8), 8)
    assert abs(back / 16 - plane).max() < 1 / 8


@pytest.mark.parametrize("n", [4, 2])
def test_reduced_inverse_is_near_the_mean_of_smooth_blocks(n: int) -> None:
    block = np.zeros((8, 8), np.int32)
    block[0, 0], block[0, 1], block[1, 0] = 8 * 64 * 40, 64 * 30, -64 * 20
    full = run(block, 8).astype(float)
    means = full.reshape(n, 8 // n, n, 8 // n).mean((1, 3))
    assert abs(run(block, n) - means).max() < 16
