"""The photograph of the demo: one that an installed package ships, else one that is drawn."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

UInt8 = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float64]

#: Package, file, what it is. The first two are CC0; the third is a work of the US Navy (public
#: domain), a JPEG, and so taken at half its size, where that JPEG's blocks are gone.
_SHIPPED = (
    ("skimage", "data/coffee.png", "a cup of coffee, by Rachel Michetti (scikit-image, CC0)", 1),
    ("skimage", "data/chelsea.png", "a cat, by Stefan van der Walt (scikit-image, CC0)", 1),
    (
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "Grace Hopper, by James S. Davis (matplotlib, public domain)",
        2,
    ),
)  # fmt: skip
_WIDTH, _HEIGHT = 600, 400


def photograph(path: Path | None = None) -> tuple[UInt8, str]:
    """RGB samples (height, width, 3) and a line that says what they show.

    path: a picture of the user's own, read by Pillow (OSError if it cannot be).
    """
    if path is not None:
        with Image.open(path) as picture:
            return np.array(picture.convert("RGB")), path.name
    for package, name, words, reduction in _SHIPPED:
        spec = importlib.util.find_spec(package)
        file = Path(spec.origin).parent / name if spec and spec.origin else None
        if file is not None and file.is_file():
            with Image.open(file) as picture:
                return np.array(picture.convert("RGB").reduce(reduction)), words
    return draw_landscape(), "a landscape, drawn (no installed package ships a photograph)"


def draw_landscape() -> UInt8:
    """A sunset behind hills over water, with the grain of a sensor: (400, 600, 3)."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float64)
    horizon = 250.0
    sky = _mix((0.16, 0.30, 0.55), (0.98, 0.72, 0.45), np.clip(y / horizon, 0, 1) ** 1.6)
    distance = np.hypot(x - 410, y - 118)
    glow = np.exp(-distance / 90)[..., None] * np.array((0.55, 0.35, 0.12))
    clouds = (
        np.clip(_clouds(random, 1.9, 3.0)[..., None] - 0.15, 0, 1)
        * np.clip(1.4 - y / 190, 0, 1)[..., None]
    )
    scene = sky + glow + clouds * np.array((0.42, 0.34, 0.33))
    sun = np.clip(24 - distance, 0, 1)[..., None]
    scene = scene * (1 - sun) + sun * np.array((1.0, 0.95, 0.8))
    for depth in range(4):
        scene = _hill(scene, random, x, y, depth)
    scene = _water(scene, random, x, y, horizon)
    scene += random.normal(0, 0.012, scene.shape) * (0.4 + scene.clip(0, 1))
    return np.asarray((scene.clip(0, 1) * 255).round(), np.uint8)


def _mix(top: tuple[float, ...], bottom: tuple[float, ...], share: Field) -> Field:
    mixed = np.array(top) * (1 - share[..., None]) + np.array(bottom) * share[..., None]
    return np.asarray(mixed, np.float64)


def _clouds(random: np.random.Generator, roughness: float, stretch: float = 2.5) -> Field:
    """Noise of deviation 1, its spectrum falling as frequency ** -roughness, drawn out sideways."""
    v = np.fft.fftfreq(_HEIGHT)[:, None]
    u = np.fft.fftfreq(_WIDTH)[None, :] * stretch
    spectrum = np.fft.fft2(random.normal(size=(_HEIGHT, _WIDTH)))
    spectrum *= (np.hypot(u, v) + 1.0 / _WIDTH) ** -roughness
    field = np.fft.ifft2(spectrum).real
    return np.asarray((field - field.mean()) / field.std(), np.float64)


def _hill(scene: Field, random: np.random.Generator, x: Field, y: Field, depth: int) -> Field:
    """A ridge in front of the scene; nearer ones are darker, greener and rougher."""
    steps = np.cumsum(np.cumsum(random.normal(0, 0.022, _WIDTH)))
    ridge = steps - np.linspace(steps[0], steps[-1], _WIDTH)
    ridge += random.normal(0, 0.25 + 0.5 * depth, _WIDTH)  # trees on the skyline
    top = 175 + 19 * depth - 26 * (ridge - ridge.min()) / np.ptp(ridge) * (1 + depth % 2)
    cover = np.clip(y - top[None, :], 0, 1)[..., None]
    haze = _mix((0.42, 0.40, 0.50), (0.07, 0.10, 0.07), np.full_like(x, depth / 3))
    light = 1 + 0.10 * (1 + depth) * _clouds(random, 1.1, 1.0)
    return np.asarray(scene * (1 - cover) + cover * haze * light[..., None], np.float64)


def _water(scene: Field, random: np.random.Generator, x: Field, y: Field, horizon: float) -> Field:
    """The scene mirrored below the horizon, in waves that grow towards the viewer."""
    near = np.clip((y - horizon) / (_HEIGHT - horizon), 0, 1)
    waves = _clouds(random, 1.5, 6.0)
    rows = 2 * horizon - y - 3 + waves * (3 + 16 * near)
    columns = x + waves * 5 * near
    mirrored = scene[
        rows.round().astype(int).clip(0, int(horizon) - 1),
        columns.round().astype(int).clip(0, _WIDTH - 1),
    ]
    mirrored = mirrored * (0.78 - 0.15 * near[..., None]) + np.array((0.0, 0.02, 0.05))
    mirrored += 0.05 * (waves > 1.1)[..., None] * near[..., None]
    below = (y >= horizon)[..., None]
    return np.where(below, mirrored, scene)
