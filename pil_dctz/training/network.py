"""Kind (b): a small convolutional network, trained with its weights already rounded to int8.

Inputs and outputs count 1/64 of the base step (`learned.cells`), activations between the layers
1/8192: they end at 4 base steps, so that one strong edge does not outshout all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from pil_dctz.learned.decoder.apply import SquareFacts
from pil_dctz.learned.model import Layer, NetworkModel, input_channels

__all__ = ["LayerPlan", "Network", "facts_inputs"]

Tensor = Any
#: One base step at both ends, and between the layers.
UNIT = 64
HIDDEN = 8192
PEAK = 32767
#: `learned.correction`
LIMIT = 2047
#: Largest weight of a first layer: its scale must stay below 1/2 (`learned.network`).
FIRST_LIMIT = 0.48
#: Parameters count in these, so that all move at one rate: chroma's samples and what they miss are
#: so much smaller than luma's, in base steps; side inputs are larger; corrections are small.
CHROMA = 2.5
SIDES = (0.1, 0.3, 0.3, 0.03)
LAST = 0.1


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """form: 0 1x1, 1 3x3. The last layer's outputs are set by the side."""

    form: int
    outputs: int
    positive: bool = True
    add: bool = False


def facts_inputs(
    side_log2: int, planes: NDArray[np.int16], facts: SquareFacts
) -> NDArray[np.float32]:
    """float32 (channels, rows, columns): the integers of `learned.cells`, of planes of squares."""
    n = 1 << side_log2
    per, base = 8 // n, facts.base
    e = base.bit_length() - 1
    rows, columns = planes.shape[1] // n, planes.shape[2] // n
    scaled = (planes.astype(np.int64) * ((1 << (e + 14)) // base) + (1 << (e + 4))) >> (e + 5)
    inputs = np.zeros((input_channels(side_log2), rows, columns), np.float32)
    folded = np.clip(scaled, -PEAK, PEAK).reshape(3, rows, n, columns, n).transpose(0, 2, 4, 1, 3)
    inputs[: 3 * n * n] = folded.reshape(3 * n * n, rows, columns)
    inputs[-4] = np.kron((facts.levels.astype(np.int64) - 6) * 256, np.ones((per, per)))
    owners = facts.owners
    inputs[-3, :, per::per] = 256 * np.repeat(owners[:, 1:] != owners[:, :-1], per, 0)
    inputs[-2, per::per] = 256 * np.repeat(owners[1:] != owners[:-1], per, 1)
    inputs[-1] = (8 * e + (((base << 3) >> e) & 7) - 80) * 64
    return inputs


class _Rounded(nn.Module):
    """A layer whose weights and biases are what the integers will be. Values are base steps."""

    def __init__(self, plan: LayerPlan, inputs: int, samples: int, last: bool) -> None:
        # samples: first inputs that are samples, of three components; sums over each are 0, so
        # that the layer does not see how bright a place is.
        super().__init__()
        self.plan, self.samples = plan, samples
        self.unit_in = UNIT if samples else HIDDEN
        self.unit_out = UNIT if last else HIDDEN
        k = 1 if plan.form == 0 else 3
        shape = (plan.outputs, inputs, k, k)
        spread = (2 / (inputs * k * k)) ** 0.5
        weight = spread * torch.randn(shape)
        self.bias = nn.Parameter(torch.zeros(plan.outputs))
        luma = (samples or plan.outputs) // 3
        gain = torch.ones(1, 1, 1, 1)
        if samples:
            weight[plan.outputs // 3 :, luma:samples] *= 0.1  # the others begin with luma alone
            chroma = [CHROMA] * (2 * luma)
            gain = torch.tensor([1.0] * luma + chroma + list(SIDES))[None, :, None, None]
        elif last:
            chroma = [LAST / CHROMA] * (2 * luma)
            gain = torch.tensor([LAST] * luma + chroma)[:, None, None, None]
        self.weight = nn.Parameter(weight)
        self.register_buffer("gain", gain)

    def integers(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """weights (as floats), biases, multipliers and shifts."""
        w = self._balanced().detach().double()
        ratio = self.unit_out / self.unit_in
        least = w.abs().amax((1, 2, 3)).clamp(min=1e-6) / 126 * ratio
        shift = (-torch.floor(torch.log2(least)) - 1).clamp(1, 20)
        multiplier = torch.ceil(least * 2 ** (shift + 15)).clamp(1, 32767)
        scale = self._scale(multiplier, shift)
        w = w / scale[:, None, None, None]
        q = torch.round(w).clamp(-127, 127)
        if self.samples:
            q = _zero_sums(q, w, self.samples)
        limit = 2**31 - 1 - 2 ** (shift - 1) - PEAK * q.abs().sum((1, 2, 3))
        bias = torch.round(self.bias.detach().double() * self.unit_in / scale)
        return q, torch.minimum(torch.maximum(bias, -limit), limit), multiplier, shift

    def _scale(self, multiplier: Tensor, shift: Tensor) -> Tensor:
        """What a weight of 1 stands for."""
        return multiplier / 2 ** (shift + 15) * self.unit_in / self.unit_out

    def _balanced(self) -> Tensor:
        weight = self.weight * self.gain
        if not self.samples:
            return weight
        o, _, k, _ = weight.shape
        part = weight[:, : self.samples].reshape(o, 3, -1)
        part = part - part.mean(2, keepdim=True)
        part = part * (FIRST_LIMIT / part.abs().amax(2, keepdim=True).clamp(min=FIRST_LIMIT))
        sides = weight[:, self.samples :].clamp(-FIRST_LIMIT, FIRST_LIMIT)
        return torch.cat((part.reshape(o, self.samples, k, k), sides), 1)

    def forward(self, x: Tensor) -> Tensor:
        q, _, multiplier, shift = self.integers()
        w = self._balanced()
        w = w + ((q * self._scale(multiplier, shift)[:, None, None, None]).to(w.dtype) - w).detach()
        y = self._convolve(x, w, self.bias)
        if self.plan.add:
            y = y + x
        peak = PEAK / self.unit_out
        return y.clamp(0 if self.plan.positive else -peak, peak)

    def exact(self, x: Tensor) -> Tensor:
        """The integers' own way, in float64, which holds them all."""
        q, bias, multiplier, shift = self.integers()
        half = 2 ** (shift - 1)[:, None, None]
        y = self._convolve(x, q, bias)
        y = torch.floor((y + half) / (2 * half)).clamp(-PEAK, PEAK)
        y = torch.floor((y * multiplier[:, None, None] + 16384) / 32768)
        if self.plan.add:
            y = y + x
        return y.clamp(0 if self.plan.positive else -PEAK, PEAK)

    def _convolve(self, x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        if self.plan.form:
            x = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        return functional.conv2d(x, weights, bias)


def _zero_sums(q: Tensor, w: Tensor, samples: int) -> Tensor:
    """Rounded weights moved by 1 where that costs least, so that components sum to 0."""
    o, _, k, _ = q.shape
    part = q[:, :samples].reshape(3 * o, -1)
    miss = w[:, :samples].reshape(3 * o, -1) - part
    excess = part.sum(1)
    order = torch.argsort(torch.where(excess[:, None] > 0, miss, -miss), 1)
    rank = torch.argsort(order, 1)
    move = (rank < excess.abs()[:, None]) * torch.sign(excess)[:, None]
    fixed = (part - move).reshape(o, samples, k, k)
    return torch.cat((fixed, q[:, samples:]), 1)


class Network(nn.Module):
    """The layers of a plan; the last one's outputs are corrections in 1/64 base step."""

    def __init__(self, side_log2: int, plans: tuple[LayerPlan, ...]) -> None:
        super().__init__()
        self.side_log2 = side_log2
        channels = input_channels(side_log2)
        samples = 3 << (2 * side_log2)
        layers = []
        for n, plan in enumerate(plans):
            layers.append(_Rounded(plan, channels, 0 if n else samples, last=False))
            channels = plan.outputs
        last = LayerPlan(1, samples, positive=False)
        layers.append(_Rounded(last, channels, 0, last=True))
        with torch.no_grad():
            layers[-1].weight *= 0.1
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """float (n, 3, rows, columns) of samples, in base steps, from inputs of `learned.cells`."""
        x = x / UNIT
        for layer in self.layers:
            x = layer(x)
        return functional.pixel_shuffle(x.clamp(-LIMIT / UNIT, LIMIT / UNIT), 1 << self.side_log2)

    def exact_outputs(self, x: NDArray[Any]) -> NDArray[np.int64]:
        """int64 (outputs, rows, columns) of the last layer, from inputs: the integers' twin."""
        with torch.no_grad():
            y = torch.tensor(x, dtype=torch.float64)[None]
            for layer in self.layers:
                y = layer.exact(y)
        return np.asarray(y[0].numpy(), np.int64)

    def export(self, metadata: dict[str, Any]) -> NetworkModel:
        """The integers."""
        layers = []
        for layer in self.layers:
            q, bias, multiplier, shift = (np.asarray(x.numpy()) for x in layer.integers())
            weights = np.ascontiguousarray(q.transpose(0, 2, 3, 1)).astype(np.int8)
            layers.append(
                Layer(
                    form=layer.plan.form,
                    positive=layer.plan.positive,
                    add=layer.plan.add,
                    weights=weights,
                    multipliers=multiplier.astype(np.int32),
                    shifts=shift.astype(np.int32),
                    biases=bias.astype(np.int32),
                )
            )
        return NetworkModel(self.side_log2, tuple(layers), metadata)
