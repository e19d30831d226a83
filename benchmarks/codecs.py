"""Ours and its peers behind one face: samples and a setting to bytes, bytes to samples.

Each peer runs at one thread, so that its bytes do not depend on the machine (AVIF's do) and times
compare. `label` tells the settings as the tables print them.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL
from PIL import Image, features

Samples = npt.NDArray[Any]


@dataclass(frozen=True)
class Codec:
    """encode(samples, setting) and decode(bytes); `settings` from the lowest rate up."""

    name: str
    label: str
    settings: tuple[float, ...]
    encode: Callable[[Samples, float], bytes]
    decode: Callable[[bytes], Samples]
    version: Callable[[], str]
    ours: bool = False


def _save(samples: Samples, **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(samples).save(out, **options)
    return out.getvalue()


def _open(data: bytes) -> Samples:
    with Image.open(BytesIO(data)) as picture:
        return np.array(picture)


def _ours_registered() -> None:
    import pil_dctz  # noqa: F401  registers the format with Pillow


def _dctz(**options: Any) -> Callable[[Samples, float], bytes]:
    def encode(samples: Samples, quality: float) -> bytes:
        _ours_registered()
        return _save(samples, format="DCTZ", quality=quality, **options)

    return encode


def _dctz_lossless(samples: Samples, effort: float) -> bytes:
    """Through the library, which also takes the 16-bit colour that Pillow has no mode for."""
    import pil_dctz

    return bytes(pil_dctz.encode(samples, lossless=True, effort=int(effort)))


def _dctz_samples(data: bytes) -> Samples:
    import pil_dctz

    return np.asarray(pil_dctz.decode(data))


def _dctz_open(data: bytes) -> Samples:
    _ours_registered()
    return _open(data)


def _jpeg(samples: Samples, quality: float) -> bytes:
    return _save(samples, format="JPEG", quality=int(quality), optimize=True, subsampling="4:2:0")


def _webp(method: int) -> Callable[[Samples, float], bytes]:
    return lambda samples, quality: _save(
        samples, format="WEBP", quality=int(quality), method=method
    )


def _avif(**options: Any) -> Callable[[Samples, float], bytes]:
    return lambda samples, quality: _save(
        samples, format="AVIF", quality=int(quality), max_threads=1, **options
    )


def _jxl(samples: Samples, distance: float) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpegxl_encode(samples, distance=distance, effort=7, numthreads=1))


def _jxl_open(data: bytes) -> Samples:
    import imagecodecs

    return np.asarray(imagecodecs.jpegxl_decode(data, numthreads=1))


def _jxl_lossless(samples: Samples, effort: float) -> bytes:
    import imagecodecs

    return bytes(
        imagecodecs.jpegxl_encode(samples, lossless=True, effort=int(effort), numthreads=1)
    )


def _webp_lossless(method: int) -> Callable[[Samples, float], bytes]:
    def encode(samples: Samples, quality: float) -> bytes:
        if samples.dtype != np.uint8:
            raise ValueError("WebP has 8 bits a sample")
        options: dict[str, Any] = {"lossless": True, "exact": True, "method": method}
        return _save(samples, format="WEBP", quality=int(quality), **options)

    return encode


def _png(samples: Samples, level: float) -> bytes:
    if samples.dtype == np.uint8:
        return _save(samples, format="PNG", compress_level=int(level))
    import imagecodecs

    return bytes(imagecodecs.png_encode(samples, level=int(level)))


def _png_open(data: bytes) -> Samples:
    from benchmarks.pictures import samples_of

    return samples_of(data)


def oxipng(data: bytes, level: int) -> bytes:
    """A PNG file made smaller without a change of its samples, its metadata dropped."""
    import oxipng as tool

    return bytes(tool.optimize_from_memory(data, level=level, strip=tool.StripChunks.all()))


def _oxipng(samples: Samples, level: float) -> bytes:
    return oxipng(_png(samples, 1), int(level))


def _of_package(name: str) -> Callable[[], str]:
    return lambda: f"{name} {importlib.metadata.version(name)}"


def _of_pillow(feature: str) -> Callable[[], str]:
    return lambda: f"Pillow {PIL.__version__} {feature} {features.version(feature)}"


def _jxl_version() -> str:
    import imagecodecs

    return str(imagecodecs.jpegxl_version())


def _our_version() -> str:
    import pil_dctz

    return f"pil-dctz {getattr(pil_dctz, '__version__', '')}".strip()


_QUALITIES = (12, 20, 30, 40, 50, 60, 70, 80, 88, 94)
_AVIF_TUNED: dict[str, Any] = {"advanced": {"tune": "ssimulacra2"}, "subsampling": "4:4:4"}

LOSSY = {
    codec.name: codec
    for codec in (
        Codec(
            "dctz", "DCTZ", _QUALITIES, _dctz(), _dctz_open, _our_version, ours=True,
        ),
        Codec(
            "dctz-learned", "DCTZ, learned layer", _QUALITIES, _dctz(learned=True), _dctz_open,
            _our_version, ours=True,
        ),
        Codec(
            "dctz-filters", "DCTZ, filters", _QUALITIES, _dctz(learned="filters"), _dctz_open,
            _our_version, ours=True,
        ),
        Codec(
            "dctz-e9", "DCTZ, effort 9, learned layer", _QUALITIES, _dctz(effort=9, learned=True),
            _dctz_open, _our_version, ours=True,
        ),
        Codec(
            "dctz-psnr", "DCTZ, preset psnr", _QUALITIES, _dctz(preset="psnr"), _dctz_open,
            _our_version, ours=True,
        ),
        Codec(
            "jpeg", "JPEG 4:2:0, optimized", (12, 20, 30, 42, 55, 68, 80, 88, 93, 97), _jpeg,
            _open, _of_pillow("libjpeg_turbo"),
        ),
        Codec(
            "webp", "WebP, method 4", (4, 15, 30, 45, 60, 75, 85, 92, 97), _webp(4), _open,
            _of_pillow("webp"),
        ),
        Codec(
            "webp-m6", "WebP, method 6", (4, 15, 30, 45, 60, 75, 85, 92, 97), _webp(6), _open,
            _of_pillow("webp"),
        ),
        Codec(
            "avif", "AVIF, speed 6, 4:2:0", (22, 30, 40, 50, 60, 70, 80, 88, 94), _avif(), _open,
            _of_pillow("avif"),
        ),
        Codec(
            "avif-tuned", "AVIF, speed 6, 4:4:4, tune=ssimulacra2",
            (22, 30, 40, 50, 60, 70, 80, 88, 94), _avif(**_AVIF_TUNED), _open,
            _of_pillow("avif"),
        ),
        Codec(
            "avif-best", "AVIF, speed 2, 4:4:4, tune=ssimulacra2",
            (22, 30, 40, 50, 60, 70, 80, 88, 94), _avif(speed=2, **_AVIF_TUNED), _open,
            _of_pillow("avif"),
        ),
        Codec(
            "avif-psnr", "AVIF, speed 6, 4:4:4, tune=psnr", (22, 30, 40, 50, 60, 70, 80, 88, 94),
            _avif(advanced={"tune": "psnr"}, subsampling="4:4:4"), _open, _of_pillow("avif"),
        ),
        Codec(
            "jxl", "JPEG XL, effort 7", (9, 7, 5.5, 4.5, 3.3, 2.4, 1.7, 1.2, 0.8, 0.5), _jxl,
            _jxl_open, _jxl_version,
        ),
    )
}  # fmt: skip

#: Codecs of a run, by name. Ours is the first of each.
PEERS = {
    "usual": ("dctz", "jpeg", "webp", "webp-m6", "avif", "avif-tuned", "jxl"),
    "best": ("dctz-e9", "dctz", "avif-best"),
    "psnr": ("dctz-psnr", "avif", "avif-psnr"),
}

LOSSLESS = {
    codec.name: codec
    for codec in (
        Codec(
            "dctz", "DCTZ, lossless", (5,), _dctz_lossless, _dctz_samples, _our_version, ours=True
        ),
        Codec("png", "PNG, Pillow's default", (6,), _png, _png_open, _of_pillow("zlib")),
        Codec("oxipng", "PNG, oxipng level 4", (4,), _oxipng, _png_open, _of_package("pyoxipng")),
        Codec(
            "webp", "WebP lossless, method 6, quality 100, exact", (100,), _webp_lossless(6),
            _open, _of_pillow("webp"),
        ),
        Codec(
            "webp-m4", "WebP lossless, method 4, quality 100, exact", (100,), _webp_lossless(4),
            _open, _of_pillow("webp"),
        ),
        Codec(
            "jxl", "JPEG XL lossless, effort 7", (7,), _jxl_lossless, _jxl_open, _jxl_version
        ),
        Codec(
            "jxl-e3", "JPEG XL lossless, effort 3", (3,), _jxl_lossless, _jxl_open, _jxl_version
        ),
        Codec(
            "jxl-e9", "JPEG XL lossless, effort 9", (9,), _jxl_lossless, _jxl_open, _jxl_version
        ),
    )
}  # fmt: skip

#: What is measured where no codecs are named: effort 9 of JPEG XL takes minutes a picture.
LOSSLESS_USUAL = ("dctz", "png", "oxipng", "webp", "jxl")
