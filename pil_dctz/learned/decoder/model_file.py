"""Model files, read and judged. Clauses `learned.model`, `learned.filters`, `learned.network`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.errors import DamagedError, UnsupportedError
from pil_dctz.learned.model import (
    DIRECTIONS,
    FORM_POINT,
    MAX_CHANNELS,
    MAX_METADATA,
    MAX_MODEL,
    MAX_REACH,
    MAX_TAPS,
    NEAR,
    SIGNATURE,
    VERSION,
    FilterModel,
    Layer,
    Model,
    NetworkModel,
    Tap,
    input_channels,
    network_fault,
)

__all__ = ["parse_model"]

_MODEL = "learned.model"
_FILTERS = "learned.filters"
_NETWORK = "learned.network"


def parse_model(data: bytes) -> Model:
    """A model from the bytes of its file, its hash judged first.

    Raises DamagedError, or UnsupportedError for a version or kind of later; offsets in `data`.
    """
    if not len(SIGNATURE) + 35 <= len(data) <= MAX_MODEL:
        raise DamagedError(
            f"a model file of {len(data)} bytes, must be 43..{MAX_MODEL}", offset=0, clause=_MODEL
        )
    if not data.startswith(SIGNATURE):
        raise DamagedError("not a model file", offset=0, clause=_MODEL)
    digest = hashlib.sha256(data[:-32]).digest()
    if digest != data[-32:]:
        raise DamagedError(
            f"SHA-256 of the model {digest.hex()[:16]}.., file says {data[-32:].hex()[:16]}..",
            offset=len(data) - 32,
            clause=_MODEL,
        )
    cursor = Cursor(data[:-32], 0, "model file")
    cursor.take(len(SIGNATURE), "signature", _MODEL)
    version = cursor.u8("version", _MODEL)
    if version != VERSION:
        raise UnsupportedError(f"model version {version}", offset=8, clause=_MODEL)
    kind = cursor.u8("kind", _MODEL)
    if kind > 1:
        raise UnsupportedError(f"model kind {kind}", offset=9, clause=_MODEL)
    size = cursor.leb("metadata_size", _MODEL, 0, MAX_METADATA)
    metadata = _metadata(cursor.take(size, "metadata", _MODEL))
    model: Model
    if kind == 0:
        model = _parse_filters(cursor, metadata, digest)
    else:
        model = _parse_network(cursor, metadata, digest)
    if cursor.left:
        raise DamagedError(
            f"{cursor.left} bytes behind the model", offset=cursor.offset, clause=_MODEL
        )
    return model


def _metadata(raw: bytes) -> dict[str, Any]:
    """The object, {} for what is none: a decoder of samples does not care."""
    try:
        found = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(cursor: Cursor, name: str, clause: str, least: int, most: int) -> int:
    offset = cursor.offset
    value = cursor.u8(name, clause)
    if not least <= value <= most:
        raise DamagedError(
            f"{name} is {value}, must be {least}..{most}", offset=offset, clause=clause
        )
    return value


def _array(
    cursor: Cursor, name: str, clause: str, kind: str, shape: tuple[int, ...]
) -> NDArray[Any]:
    dtype = np.dtype(kind)
    size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
    data = cursor.take(size, name, clause)
    return np.frombuffer(data, dtype).reshape(shape)


def _rising(
    cursor: Cursor, count: int, name: str, read: Callable[[], int], most: int
) -> tuple[int, ...]:
    offset = cursor.offset
    values = tuple(read() for _ in range(count))
    if any(b <= a for a, b in zip((0, *values), values, strict=False)) or max(values, default=0) > (
        most
    ):
        raise DamagedError(
            f"{name} {values} must rise within 1..{most}", offset=offset, clause=_FILTERS
        )
    return values


def _parse_filters(cursor: Cursor, metadata: dict[str, Any], digest: bytes) -> FilterModel:
    rates = _number(cursor, "rates", _FILTERS, 1, 16)
    rate_thresholds = _rising(
        cursor, rates - 1, "rate thresholds", lambda: cursor.u8("a rate", _FILTERS), 79
    )
    activities = _number(cursor, "activities", _FILTERS, 1, 16)
    activity_thresholds = _rising(
        cursor,
        activities - 1,
        "activity thresholds",
        lambda: int.from_bytes(cursor.take(2, "an activity", _FILTERS), "little"),
        65535,
    )
    counts = [_number(cursor, "taps", _FILTERS, 0, MAX_TAPS) for _ in range(3)]
    shifts = tuple(_number(cursor, "shift", _FILTERS, 4, 15) for _ in range(3))
    taps = tuple(tuple(_parse_tap(cursor, p) for _ in range(n)) for p, n in enumerate(counts))
    weights = []
    for n in counts:
        offset = cursor.offset
        shape = (rates, DIRECTIONS * NEAR * activities, n)
        weights.append(_array(cursor, "weights", _FILTERS, "i1", shape))
        if int(weights[-1].min(initial=0)) < -127:
            raise DamagedError("weight -128", offset=offset, clause=_FILTERS)
    return FilterModel(
        rate_thresholds, activity_thresholds, taps, shifts, tuple(weights), metadata, digest
    )


def _parse_tap(cursor: Cursor, plane: int) -> Tap:
    source = _number(cursor, "source", _FILTERS, 0, 2 if plane else 0)
    offset = cursor.offset
    dy, dx = _array(cursor, "a tap", _FILTERS, "i1", (2,)).tolist()
    if max(abs(dy), abs(dx)) > MAX_REACH or dy == dx == 0:
        raise DamagedError(f"a tap at {(dy, dx)}", offset=offset, clause=_FILTERS)
    return Tap(source, dy, dx, _number(cursor, "clip", _FILTERS, 1, 255))


def _parse_network(cursor: Cursor, metadata: dict[str, Any], digest: bytes) -> NetworkModel:
    side_log2 = _number(cursor, "side_log2", _NETWORK, 1, 2)
    count = _number(cursor, "layers", _NETWORK, 1, 16)
    body = cursor.offset
    inputs = input_channels(side_log2)
    layers = []
    for _ in range(count):
        layers.append(_parse_layer(cursor, inputs))
        inputs = layers[-1].outputs
    fault = network_fault(side_log2, tuple(layers))
    if fault:
        raise DamagedError(fault, offset=body, clause=_NETWORK)
    return NetworkModel(side_log2, tuple(layers), metadata, digest)


def _parse_layer(cursor: Cursor, inputs: int) -> Layer:
    form = _number(cursor, "form", _NETWORK, 0, 1)
    flags = _number(cursor, "layer_flags", _NETWORK, 0, 3)
    outputs = _number(cursor, "outputs", _NETWORK, 1, MAX_CHANNELS)
    multipliers = _array(cursor, "multipliers", _NETWORK, "<u2", (outputs,)).astype(np.int32)
    shifts = _array(cursor, "shifts", _NETWORK, "u1", (outputs,)).astype(np.int32)
    biases = _array(cursor, "biases", _NETWORK, "<i4", (outputs,)).astype(np.int32)
    k = 1 if form == FORM_POINT else 3
    shape = (outputs, k, k, inputs)
    weights = _array(cursor, "weights", _NETWORK, "i1", shape)
    return Layer(form, bool(flags & 1), bool(flags & 2), weights, multipliers, shifts, biases)
