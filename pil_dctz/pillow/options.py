"""The keywords of `Image.save` for DCTZ."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from pil_dctz import Metadata

__all__ = ["SaveOptions", "parse_durations", "parse_loop", "parse_options"]

Info = Mapping[str | tuple[int, int], Any]
"""`Image.info`; some formats have pairs among its keys."""

_MAX_DURATION_MS = (1 << 40) / 1000


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """What `Image.save` was asked for; None: not asked."""

    quality: float | None
    target_size: int | None
    target_quality: float | None
    preset: str
    alpha_quality: float | None
    progressive: int
    learned: bool | str | os.PathLike[str]
    lossless: bool
    near_lossless: int
    effort: int
    threads: int | None
    bits: int | None
    metadata: Metadata


def parse_options(given: Mapping[str, Any], info: Info) -> SaveOptions:
    """Options from the keywords of `save` and from the picture's `info`.

    ICC profile, Exif, XMP, dpi and text are taken from `info` where no keyword names them, so that
    they survive opening and saving; None, or an empty value, leaves them out.
    Raises ValueError that names what can be given. Keywords of other formats are ignored, as
    Pillow's own writers do.
    """
    lossless = given.get("lossless", False)
    if not isinstance(lossless, bool | int) or lossless not in (0, 1):
        raise ValueError(f"lossless must be True or False, got {lossless!r}")
    threads, bits, size = given.get("threads"), given.get("bits"), given.get("target_size")
    return SaveOptions(
        quality=_quality("quality", given),
        target_size=None if size is None else _integer("target_size", size, 1, 1 << 62),
        target_quality=_quality("target_quality", given),
        preset=given.get("preset", "auto"),
        alpha_quality=_quality("alpha_quality", given),
        progressive=_progressive(given),
        learned=_learned(given.get("learned", False)),
        lossless=bool(lossless),
        near_lossless=_integer("near_lossless", given.get("near_lossless", 0), 0, 65535),
        effort=_integer("effort", given.get("effort", 5), 0, 9),
        threads=None if threads is None else _integer("threads", threads, 1, 1 << 16),
        bits=None if bits is None else _integer("bits", bits, 1, 16),
        metadata=_metadata(given, info),
    )


def _progressive(given: Mapping[str, Any]) -> int:
    """True is what programs say for all formats: no more than a wish."""
    value = given.get("progressive", False)
    if isinstance(value, bool):
        exact = given.get("lossless") or given.get("near_lossless")
        return int(value and not exact)
    return _integer("progressive", value, 0, 3)


def _learned(value: Any) -> bool | str | os.PathLike[str]:
    if isinstance(value, bool | str | os.PathLike):
        return value
    raise ValueError(f"learned must be True, False or the path of a model, got {value!r}")


def parse_durations(given: Any, of_frames: list[Any]) -> list[int]:
    """Microseconds of each frame.

    given: milliseconds for all frames, a list of them (one a frame), or None: those of the frames
    themselves (`info["duration"]`), 0 where they have none. Raises ValueError.
    """
    if given is None:
        values = [0 if own is None else own for own in of_frames]
    elif isinstance(given, list | tuple):
        values = list(given)
        if len(values) != len(of_frames):
            raise ValueError(f"duration has {len(values)} entries for {len(of_frames)} frames")
    else:
        values = [given] * len(of_frames)
    for value in values:
        if not _is_number(value) or not 0 <= value <= _MAX_DURATION_MS:
            raise ValueError(f"duration must be 0..{_MAX_DURATION_MS:.0f} ms, got {value!r}")
    return [round(value * 1000) for value in values]


def parse_loop(given: Mapping[str, Any], info: Info) -> int:
    """How often an animation runs, 0: for ever, which is also the default. Raises ValueError."""
    return _integer("loop", given.get("loop", info.get("loop", 0)), 0, 65535)


def _metadata(given: Mapping[str, Any], info: Info) -> Metadata:
    def value(key: str) -> Any:
        return given[key] if key in given else info.get(key)

    return Metadata(
        icc=_bytes("icc_profile", value("icc_profile")),
        exif=_exif(value("exif")),
        xmp=_bytes("xmp", value("xmp")),
        dpi=_asked_dpi(given["dpi"]) if "dpi" in given else _dpi(info.get("dpi")),
        text=_asked_text(given["text"]) if "text" in given else _text(info.get("text")),
    )


def _bytes(name: str, value: Any) -> bytes | None:
    if not value:
        return None
    if isinstance(value, str):
        return value.encode("utf-8")
    if not isinstance(value, bytes | bytearray | memoryview):
        raise ValueError(f"{name} must be bytes or None, got {type(value).__name__}")
    return bytes(value)


def _exif(value: Any) -> bytes | None:
    if isinstance(value, Image.Exif):
        value = value.tobytes()
        if len(value) <= len(Image.Exif().tobytes()):  # as `im.getexif()` of a picture without
            return None
    return _bytes("exif", value)


def _asked_dpi(value: Any) -> tuple[float, float] | None:
    dpi = _dpi(value)
    if value is not None and dpi is None:
        raise ValueError(f"dpi must be two numbers, 0.001..4294967.295 each, got {value!r}")
    return dpi


def _dpi(value: Any) -> tuple[float, float] | None:
    """The pair, None for what is none: other formats leave zeros and worse in `info`."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    if not all(_is_number(side) and 0.001 <= side <= 4294967.295 for side in value):
        return None
    return float(value[0]), float(value[1])


def _asked_text(value: Any) -> dict[str, str]:
    text = _text(value)
    if value and not text:
        raise ValueError(f"text must be a dictionary of strings, got {value!r}")
    return text


def _text(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    if not all(isinstance(word, str) for pair in value.items() for word in pair):
        return {}
    return dict(value)


def _quality(name: str, given: Mapping[str, Any]) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if not (_is_number(value) and 0 <= value <= 100):
        raise ValueError(f"{name} must be 0..100, got {value!r}")
    return float(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return math.isfinite(value)


def _integer(name: str, value: Any, low: int, high: int) -> int:
    """An integer in low..high; NumPy's integers too. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(f"{name} must be an integer, {low}..{high}, got {value!r}")
    number = int(value)
    if not low <= number <= high:
        raise ValueError(f"{name} must be {low}..{high}, got {number}")
    return number
