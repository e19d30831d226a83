"""A file of a size, or of a score: a search over `quality`, of whole files.

Bytes and score rise with the quality, but not strictly, and in steps where the quantizer's step is
small or the mode changes. So nothing is assumed of them but that an answer lies between a trial
below and one above; the search narrows that gap along a typical curve, where both are nearly
straight lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import Mode
from pil_dctz.limits import Limits
from pil_dctz.picture.encoder.animate import encode_animation
from pil_dctz.picture.encoder.choose import Kept
from pil_dctz.picture.encoder.encode import Picture, encode_picture
from pil_dctz.picture.encoder.options import EncodeOptions, required_mode

__all__ = ["encode_frames_as_asked", "encode_still_as_asked"]

_TRIALS = 8
_WORST, _BEST = 0.0, 100.0
_LEAST_GAP = 0.01
"""Of two qualities between which nothing more is sought."""

_ROOM = 0.02
"""How far below target_size a file may stay."""

_NEAR = 0.5
"""Points from target_quality at which the search stops; it promises 1."""

#: Quality and typical bits a pixel (docs/quality.md). A poor curve costs trials, no precision.
_TYPICAL = (
    (0.0, 0.10),
    (10.0, 0.12),
    (30.0, 0.18),
    (50.0, 0.30),
    (60.0, 0.43),
    (70.0, 0.64),
    (80.0, 1.04),
    (90.0, 2.12),
    (95.0, 3.96),
    (98.0, 6.5),
    (100.0, 8.0),
)
_QUALITIES, _LOG_BITS = np.array(_TYPICAL).T
_LOG_BITS = np.log(_LOG_BITS)

_EVERYTHING = Limits(*[1 << 62] * len(Limits._fields))
"""Our own file is read back, however large."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A whole file, and what counts of it: log bytes, or the score."""

    quality: float
    value: float
    data: bytes


@dataclass(frozen=True, slots=True)
class _Goal:
    """What the value should be: aim, and from least to most. along: the axis on which it is nearly
    a line of slope 1, from quality and back."""

    aim: float
    least: float
    most: float
    along: Callable[[float], float] = float
    back: Callable[[float], float] = float


def encode_still_as_asked(
    picture: Picture, options: EncodeOptions, metadata: Metadata, threads: int
) -> bytes:
    """The whole file of a picture, at the quality that the options name or that meets their target.

    Raises ValueError that names what can be reached.
    """
    kept: Kept = {}

    def encode_at(quality: float, mode: str = options.mode) -> bytes:
        trial = replace(_without_target(options), quality=quality, mode=mode)
        return encode_picture(picture, trial, metadata, threads, kept)

    if options.target_quality is not None:
        required_mode(options, picture.layout, picture.depth)
        mode = "lossy" if options.mode == "lossy" else "mixed"
        quality = _quality_of_score(
            picture, options.target_quality, lambda quality: encode_at(quality, mode), threads
        )
        return encode_at(quality)
    if options.target_size is None:
        return encode_picture(picture, options, metadata, threads)
    if required_mode(options, picture.layout, picture.depth) is Mode.LOSSLESS:
        exact = encode_picture(picture, _without_target(options), metadata, threads)
        return _require_size(exact, options.target_size, "exact, as this kind of picture must be,")
    pixels = picture.header.width * picture.header.height
    return _encode_to_size(encode_at, options.target_size, pixels)


def encode_frames_as_asked(
    pictures: Iterable[Picture],
    durations_us: list[int],
    loop: int,
    options: EncodeOptions,
    metadata: Metadata,
    threads: int,
) -> bytes:
    """As `encode_still_as_asked`, of an animation; all its frames are held for a target_size.

    Raises ValueError, also for a target_quality.
    """
    if options.target_quality is not None:
        raise ValueError("target_quality is for still pictures; animations have target_size")
    if options.progressive:
        raise ValueError("progressive is for still pictures")
    if options.target_size is None:
        return encode_animation(pictures, durations_us, loop, options, metadata, threads)
    held = list(pictures)

    def encode_at(quality: float | None) -> bytes:
        trial = replace(_without_target(options), quality=quality)
        return encode_animation(held, durations_us, loop, trial, metadata, threads)

    if any(required_mode(options, one.layout, one.depth) is Mode.LOSSLESS for one in held):
        exact = encode_at(None)
        return _require_size(exact, options.target_size, "exact, as this kind of picture must be,")
    pixels = sum(one.header.width * one.header.height for one in held)
    return _encode_to_size(encode_at, options.target_size, max(pixels, 1))


def _without_target(options: EncodeOptions) -> EncodeOptions:
    return replace(options, target_size=None, target_quality=None)


def _require_size(data: bytes, size: int, what: str) -> bytes:
    if len(data) > size:
        raise ValueError(
            f"target_size {size} cannot be reached: {what} the file has {len(data)} bytes"
        )
    return data


def _encode_to_size(encode_at: Callable[[float], bytes], size: int, pixels: int) -> bytes:
    """The file of the highest quality tried that has at most `size` bytes."""

    def try_at(quality: float) -> _Trial:
        data = encode_at(quality)
        return _Trial(quality, math.log(len(data)), data)

    goal = _Goal(
        aim=math.log((1 - _ROOM / 2) * size),
        least=math.log((1 - _ROOM) * size),
        most=math.log(size),
        along=lambda quality: float(np.interp(quality, _QUALITIES, _LOG_BITS)),
        back=lambda bits: float(np.interp(bits, _LOG_BITS, _QUALITIES)),
    )
    trials = _search(try_at, goal, goal.back(math.log(8 * size / pixels)))
    fitting = [trial for trial in trials if len(trial.data) <= size]
    if fitting:
        return max(fitting, key=lambda trial: trial.quality).data
    least = min((trial.data for trial in trials), key=len)
    return _require_size(least, size, f"at quality {_WORST:g}")


def _quality_of_score(
    picture: Picture, score: float, encode_at: Callable[[float], bytes], threads: int
) -> float:
    """The quality whose lossy file has nearly this SSIMULACRA2."""
    from pil_dctz.metrics import Reference
    from pil_dctz.picture.decoder.picture import decode_picture

    samples = picture.samples
    reference = Reference(samples)

    def try_at(quality: float) -> _Trial:
        data = encode_at(quality)
        decoded = decode_picture(
            data,
            frame=0,
            region=None,
            scale=1,
            strict=True,
            threads=threads,
            limits=_EVERYTHING,
            trace=None,
            learned=False,
        )
        return _Trial(quality, reference.score(decoded.reshape(samples.shape)), data)

    trials = _search(try_at, _Goal(score, score - _NEAR, score + _NEAR), score)
    # An overlay's cells make the score jump: the far side of a jump then, not the near one below.
    reached = [trial for trial in trials if trial.value >= score - 1]
    best = min(reached or trials, key=lambda trial: abs(trial.value - score))
    if not reached:
        raise ValueError(
            f"target_quality {score:g} cannot be reached: quality {best.quality:g} scores "
            f"{best.value:.2f}; lossless=True keeps every sample"
        )
    return best.quality


def _search(try_at: Callable[[float], _Trial], goal: _Goal, start: float) -> list[_Trial]:
    """Trials up to the first in the goal's range, or until the scale or their number ends."""
    trials: list[_Trial] = []
    low: _Trial | None = None
    high: _Trial | None = None
    quality: float | None = min(max(start, _WORST), _BEST)
    while quality is not None and len(trials) < _TRIALS:
        trial = try_at(quality)
        trials.append(trial)
        if goal.least <= trial.value <= goal.most:
            break
        if trial.value < goal.aim:
            low = trial
        else:
            high = trial
        if low is not None and high is not None:
            quality = _between(low, high, goal, trials)
        else:
            quality = _beyond(trials, goal)
    return trials


def _beyond(trials: list[_Trial], goal: _Goal) -> float | None:
    """The next quality where all trials lie on one side: by their slope and half as far again,
    after three of them the end of the scale; None if that was tried."""
    last = trials[-1]
    end = _BEST if last.value < goal.aim else _WORST
    if last.quality == end:
        return None
    if len(trials) >= 3:
        return end
    x = goal.along(last.quality)
    slope = 1.0
    if len(trials) == 2:
        run = x - goal.along(trials[0].quality)
        slope = (last.value - trials[0].value) / run if run else 0.0
    if slope <= 0:
        return end
    reach = 1.0 if len(trials) == 1 else 1.5
    quality = goal.back(x + reach * (goal.aim - last.value) / slope)
    moved = max(quality, last.quality + 1) if end == _BEST else min(quality, last.quality - 1)
    return min(max(moved, _WORST), _BEST)


def _between(low: _Trial, high: _Trial, goal: _Goal, trials: list[_Trial]) -> float | None:
    """The next quality inside the bracket; None if there is no room in it."""
    if high.quality - low.quality < _LEAST_GAP:
        return None
    share = (goal.aim - low.value) / (high.value - low.value)
    sides = [trial.value < goal.aim for trial in trials[-2:]]
    if len(sides) == 2 and sides[0] == sides[1]:
        share = (share + 0.5) / 2  # the other end is stale
    begin, end = goal.along(low.quality), goal.along(high.quality)
    return goal.back(begin + min(max(share, 0.05), 0.95) * (end - begin))
