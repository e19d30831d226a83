"""The learned layer in plain NumPy, from the text of chapter 10: what the kernels must give."""

from __future__ import annotations

from typing import Any

import numpy as np

from pil_dctz.learned.model import FilterModel, Layer, NetworkModel

Array = Any


def refine_plain(
    model: FilterModel | NetworkModel,
    planes: Array,
    base: int,
    local: Array,
    levels: Array,
    owners: Array,
    gains: Array,
) -> Array:
    """int16 planes (1 or 3, rows, columns) after the layer.

    planes: int16, of whole squares. By square: local (`learned.inputs`), levels of the map 0..12,
    owners. gains: int (planes, rows, columns), strength 0..7 of each sample.
    """
    planes = np.asarray(planes, np.int64)
    if isinstance(model, FilterModel):
        sums = filter_sums(model, planes, base, local, owners)
        out = [
            plane + ((g * v + (1 << (s + 1))) >> (s + 2))
            for plane, g, v, s in zip(planes, gains, sums, model.shifts, strict=False)
        ]
    else:
        outputs = network_outputs(model, planes, base, levels, owners)
        moves = np.clip(outputs, -2047, 2047) * base * gains
        out = list(planes + ((moves + 1024) >> 11))
    return np.clip(np.stack(out), -32768, 32767).astype(np.int16)


# Filters


def filter_sums(model: FilterModel, planes: Array, base: int, local: Array, owners: Array) -> Array:
    """v of `learned.sum`, int64, like planes."""
    sets, classes = classify(model, planes[0], local, owners)
    clipped = np.clip(planes, -16383, 16383)
    padded = np.pad(clipped, ((0, 0), (4, 4), (4, 4)), "edge")
    rows, columns = planes.shape[1:]
    sums = np.zeros(planes.shape, np.int64)
    for p in range(len(planes)):
        for k, tap in enumerate(model.taps[p]):
            if tap.source >= len(planes):
                continue
            limit = min(max((tap.clip * base) >> 7, 1), 8191)
            centre = clipped[tap.source]
            pair = np.zeros((rows, columns), np.int64)
            for sign in (1, -1):
                top, left = 4 + sign * tap.dy, 4 + sign * tap.dx
                there = padded[tap.source, top : top + rows, left : left + columns]
                pair += np.clip(there - centre, -limit, limit)
            sums[p] += model.weights[p].astype(np.int64)[sets, classes, k] * pair
    return sums


def classify(
    model: FilterModel, y_plane: Array, local: Array, owners: Array
) -> tuple[Array, Array]:
    """(set, class) of each sample. Clause `learned.classes`."""
    rows, columns = y_plane.shape
    c = np.pad(np.clip(y_plane, -16383, 16383), 3, "edge")
    m = c[1:-1, 1:-1]
    bends = [
        abs(2 * m - c[1:-1, :-2] - c[1:-1, 2:]),
        abs(2 * m - c[:-2, 1:-1] - c[2:, 1:-1]),
        abs(2 * m - c[:-2, :-2] - c[2:, 2:]),
        abs(2 * m - c[:-2, 2:] - c[2:, :-2]),
    ]
    sums = []
    for bend in bends:  # (rows + 4, columns + 4), the first at (-2, -2)
        total = np.zeros((rows // 4, columns // 4), np.int64)
        for dy in range(8):
            for dx in range(8):
                total += bend[dy : dy + rows - 3 : 4, dx : dx + columns - 3 : 4]
        sums.append(total)
    h, v, d, e = sums
    local4 = np.repeat(np.repeat(local.astype(np.int64), 2, 0), 2, 1)
    activity = np.zeros(h.shape, np.int64)
    for threshold in model.activity_thresholds:
        activity += ((h + v) << 17) >= threshold * local4
    big, small = np.maximum(h, v), np.minimum(h, v)
    big2, small2 = np.maximum(d, e), np.minimum(d, e)
    flat = (2 * big <= 3 * small) & (2 * big2 <= 3 * small2)
    straight = big * small2 >= big2 * small
    direction = np.where(straight, np.where(h >= v, 1, 2), np.where(d >= e, 3, 4))
    direction[flat] = 0
    rate = rates_of(local)
    sets = np.zeros(rate.shape, np.int64)
    for threshold in model.rate_thresholds:
        sets += rate >= threshold
    by_sample = np.repeat(np.repeat(10 * activity + 2 * direction, 4, 0), 4, 1)
    return np.repeat(np.repeat(sets, 8, 0), 8, 1), by_sample + near_edges(owners)


def rates_of(local: Array) -> Array:
    """Rate 0..79 of each square. Clause `learned.inputs`."""
    local = np.asarray(local, np.int64)
    e = np.array([int(x).bit_length() - 1 for x in local.reshape(-1)]).reshape(local.shape)
    return 4 * (e - 8) + (((local << 2) >> e) & 3)


def near_edges(owners: Array) -> Array:
    """1 for samples within two of an edge between blocks."""
    rows, columns = owners.shape
    near = np.zeros((8 * rows, 8 * columns), np.int64)
    for i in range(rows):
        for j in range(columns):
            if j and owners[i, j] != owners[i, j - 1]:
                near[8 * i : 8 * i + 8, 8 * j - 2 : 8 * j + 2] = 1
            if i and owners[i, j] != owners[i - 1, j]:
                near[8 * i - 2 : 8 * i + 2, 8 * j : 8 * j + 8] = 1
    return near


# Network


def network_inputs(side_log2: int, planes: Array, base: int, levels: Array, owners: Array) -> Array:
    """int64 (channels, rows, columns) of the first layer. Clause `learned.cells`."""
    n = 1 << side_log2
    e = base.bit_length() - 1
    rows, columns = planes.shape[1] // n, planes.shape[2] // n
    scaled = (planes.astype(np.int64) * ((1 << (e + 14)) // base) + (1 << (e + 4))) >> (e + 5)
    samples = np.zeros((3, rows * n, columns * n), np.int64)
    samples[: len(planes)] = np.clip(scaled, -32767, 32767)
    folded = samples.reshape(3, rows, n, columns, n).transpose(0, 2, 4, 1, 3)
    side = np.zeros((4, rows, columns), np.int64)
    per = 8 // n
    side[0] = np.repeat(np.repeat((np.asarray(levels, np.int64) - 6) * 256, per, 0), per, 1)
    side[1, :, per::per] = 256 * np.repeat(owners[:, 1:] != owners[:, :-1], per, 0)
    side[2, per::per, :] = 256 * np.repeat(owners[1:] != owners[:-1], per, 1)
    side[3] = (8 * e + (((base << 3) >> e) & 7) - 80) * 64
    return np.concatenate([folded.reshape(3 * n * n, rows, columns), side])


def apply_layer(layer: Layer, x: Array) -> Array:
    """Clause `learned.layers`. x: int64 (inputs, rows, columns)."""
    w = layer.weights.astype(np.int64)
    k = w.shape[1]
    rows, columns = x.shape[1:]
    padded = np.pad(x, ((0, 0), (k // 2, k // 2), (k // 2, k // 2)), "edge")
    acc = np.zeros((layer.outputs, rows, columns), np.int64)
    acc += layer.biases.astype(np.int64)[:, None, None]
    for r in range(k):
        for s in range(k):
            part = padded[:, r : r + rows, s : s + columns]
            acc += np.einsum("oc,cyx->oyx", w[:, r, s, :], part)
    shifts = layer.shifts.astype(np.int64)[:, None, None]
    multipliers = layer.multipliers.astype(np.int64)[:, None, None]
    t = np.clip((acc + (np.int64(1) << (shifts - 1))) >> shifts, -32767, 32767)
    out = (t * multipliers + 16384) >> 15
    if layer.add:
        out = out + x
    return np.clip(out, 0 if layer.positive else -32767, 32767)


def network_outputs(
    model: NetworkModel, planes: Array, base: int, levels: Array, owners: Array
) -> Array:
    """Outputs of the last layer as int64 (planes, rows, columns)."""
    n = 1 << model.side_log2
    x = network_inputs(model.side_log2, planes, base, levels, owners)
    for layer in model.layers:
        x = apply_layer(layer, x)
    rows, columns = x.shape[1:]
    unfolded = x.reshape(3, n, n, rows, columns).transpose(0, 3, 1, 4, 2)
    return unfolded.reshape(3, rows * n, columns * n)[: len(planes)]
