"""MS-SSIM against a plain float64 rendering of the paper, and its stated rules."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pil_dctz.metrics import ms_ssim

Float = npt.NDArray[np.float64]


def _by_the_paper(a: Float, b: Float, scales: int = 5) -> float:
    """Five scales, even sides only, values 0..255, every window summed by its 121 products."""
    offsets = np.arange(-5, 6)
    row = np.exp(-(offsets**2) / 4.5)
    window = np.outer(row, row) / row.sum() ** 2
    exponents = np.array((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)[:scales])
    product = 1.0
    for scale, exponent in enumerate(exponents / exponents.sum()):
        shape = (a.shape[0] - 10, a.shape[1] - 10)

        def blur(plane: Float, shape: tuple[int, int] = shape) -> Float:
            out = np.zeros(shape)
            for (i, j), weight in np.ndenumerate(window):
                out += weight * plane[i : i + shape[0], j : j + shape[1]]
            return out

        u, v = blur(a), blur(b)
        variances = blur(a * a) - u * u + blur(b * b) - v * v
        term = (2 * (blur(a * b) - u * v) + 7.65**2) / (variances + 7.65**2)
        if scale == scales - 1:
            term = term * (2 * u * v + 2.55**2) / (u * u + v * v + 2.55**2)
        product *= term.mean() ** exponent
        if scale < scales - 1:
            a, b = (x.reshape(x.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3)) for x in (a, b))
    return product


def _pair(height: int, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    random = np.random.default_rng(3)
    ramp = np.linspace(0, 255, height * width * 3).reshape(height, width, 3)
    noisy = np.clip(ramp + random.normal(0, 20, ramp.shape), 0, 255).astype(np.uint8)
    return ramp.astype(np.uint8), noisy


@pytest.mark.parametrize(("height", "width", "scales"), [(176, 208, 5), (48, 64, 3), (32, 16, 1)])
def test_it_is_the_paper(height: int, width: int, scales: int) -> None:
    a, b = _pair(height, width)
    luma = np.array((0.299, 0.587, 0.114))
    assert ms_ssim(a, b) == pytest.approx(_by_the_paper(a @ luma, b @ luma, scales), abs=2e-5)


def test_equal_pictures_give_1_at_any_size() -> None:
    for size in [(1, 1), (5, 40), (11, 11), (75, 177)]:
        a, b = _pair(*size)
        assert ms_ssim(a, a) == 1
        assert ms_ssim(a, b) < 1


def test_an_inverted_picture_gives_0_not_a_complex_number() -> None:
    a, _ = _pair(64, 64)
    checks = np.where((np.indices((64, 64)).sum(0) % 2)[..., None] > 0, a, 255 - a).astype(np.uint8)
    assert ms_ssim(checks, 255 - checks) == 0


def test_gray_and_alpha() -> None:
    a, b = _pair(40, 40)
    gray, worse = a[..., 0], b[..., 0]
    score = ms_ssim(gray, worse)
    assert score == pytest.approx(ms_ssim(np.dstack([gray] * 3), np.dstack([worse] * 3)), abs=1e-5)
    clear = np.zeros((40, 40), np.uint8)
    assert ms_ssim(np.dstack([gray, clear]), np.dstack([worse, clear])) == 1
