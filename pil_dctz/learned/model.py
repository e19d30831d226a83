"""What a model is. Clauses `learned.model`, `learned.filters`, `learned.network`.

A model that exists has been judged: its shapes fit together and no accumulator can overflow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FilterModel",
    "Layer",
    "Model",
    "NetworkModel",
    "Tap",
    "layer_fault",
]

SIGNATURE = b"\xc4CTM\r\n\x1a\n"
VERSION = 1
MAX_MODEL = 1 << 20
MAX_METADATA = 1 << 15
MAX_TAPS = 32
MAX_REACH = 4
#: Classes of direction, of nearness to an edge.
DIRECTIONS, NEAR = 5, 2
#: Side inputs of a network: map level, edges on the left and above, base step.
SIDE_INPUTS = 4
#: Largest activation of a network.
PEAK = 32767
MAX_CHANNELS = 64
#: Products for one sample place of all planes.
MAX_PRODUCTS = 4096

#: The form of a layer of 1x1; the other one is 3x3.
FORM_POINT = 0
MAX_SHIFT = 20


@dataclass(frozen=True, slots=True)
class Tap:
    """A pair of places around a sample. source: plane 0..2. clip: in 1/16 of the base step."""

    source: int
    dy: int
    dx: int
    clip: int


@dataclass(frozen=True, slots=True)
class FilterModel:
    """Kind 0. Clause `learned.filters`.

    taps, shifts, weights: by plane; weights int8 (rates, 10 * activities, taps).
    metadata: a JSON object, for people. digest: SHA-256, the last bytes of the file (b"" before it
    was written).
    """

    rate_thresholds: tuple[int, ...]
    activity_thresholds: tuple[int, ...]
    taps: tuple[tuple[Tap, ...], ...]
    shifts: tuple[int, ...]
    weights: tuple[NDArray[np.int8], ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    digest: bytes = b""

    @property
    def rates(self) -> int:
        return len(self.rate_thresholds) + 1

    @property
    def classes(self) -> int:
        return DIRECTIONS * NEAR * (len(self.activity_thresholds) + 1)

    @property
    def products(self) -> float:
        """Multiplications for one place of the picture."""
        return float(sum(map(len, self.taps)))

    @property
    def work_bytes(self) -> int:
        """Memory for one place of the picture: padded planes, classes."""
        return 8


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution. Clause `learned.network`.

    form: 0 1x1, 1 3x3. weights: int8 (outputs, k, k, inputs). multipliers, shifts, biases: int32,
    one for each output.
    """

    form: int
    positive: bool
    add: bool
    weights: NDArray[np.int8]
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]
    biases: NDArray[np.int32]

    @property
    def outputs(self) -> int:
        return int(self.weights.shape[0])


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """Kind 1. Clause `learned.network`. metadata, digest: as of a FilterModel."""

    side_log2: int
    layers: tuple[Layer, ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    digest: bytes = b""

    @property
    def inputs(self) -> int:
        return input_channels(self.side_log2)

    @property
    def products(self) -> float:
        """Multiplications for one place of the picture."""
        return sum(layer.weights.size for layer in self.layers) / (1 << (2 * self.side_log2))

    @property
    def work_bytes(self) -> int:
        """Memory for one place of the picture: the inputs and outputs of a layer."""
        widths = [self.inputs, *(layer.outputs for layer in self.layers)]
        pair = max(a + b for a, b in pairwise(widths))
        return -(-2 * pair >> (2 * self.side_log2))


Model = FilterModel | NetworkModel


def input_channels(side_log2: int) -> int:
    """Inputs of a network's first layer."""
    return (3 << (2 * side_log2)) + SIDE_INPUTS


def layer_fault(layer: Layer, inputs: int) -> str:
    """What is wrong with a layer behind one of `inputs` channels, "" if nothing.

    The proof that no accumulator overflows: activations are at most 32767 in magnitude, so every
    partial sum, in any order, is at most 32767 * (sum of abs(weight)) + abs(bias); then half of the
    shift's divisor is added.
    """
    if layer.add and layer.outputs != inputs:
        return f"{layer.outputs} outputs added to {inputs} inputs"
    if int(layer.weights.min(initial=0)) < -127:
        return "weight -128"
    if not (layer.multipliers.min() >= 1 and layer.multipliers.max() <= 32767):
        return "a multiplier outside 1..32767"
    if not (layer.shifts.min() >= 1 and layer.shifts.max() <= MAX_SHIFT):
        return f"a shift outside 1..{MAX_SHIFT}"
    sums = np.abs(layer.weights.astype(np.int64)).reshape(layer.outputs, -1).sum(axis=1)
    worst = PEAK * sums + np.abs(layer.biases.astype(np.int64)) + (1 << (layer.shifts - 1))
    if int(worst.max()) >= 1 << 31:
        return f"sums of output {int(worst.argmax())} may reach {int(worst.max())}"
    return ""


def network_fault(side_log2: int, layers: tuple[Layer, ...]) -> str:
    """What is wrong with the layers together, "" if nothing."""
    inputs = input_channels(side_log2)
    for number, layer in enumerate(layers):
        fault = layer_fault(layer, inputs)
        if fault:
            return f"layer {number}: {fault}"
        inputs = layer.outputs
    if inputs != 3 << (2 * side_log2) or layers[-1].positive:
        return f"the last layer has {inputs} outputs, or is positive"
    products = sum(layer.weights.size for layer in layers)
    if products > MAX_PRODUCTS << (2 * side_log2):
        return f"{products >> (2 * side_log2)} products a sample, at most {MAX_PRODUCTS}"
    return ""
