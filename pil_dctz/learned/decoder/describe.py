"""What a model is, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.model import FilterModel, Model

__all__ = ["ModelInfo", "describe_model", "inspect_model"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model file.

    kind: "filters" or "network". identifier: what a frame names it by, hexadecimal. sha256: of the
    file before it. shape: in words. products: multiplications a pixel, all planes. weights: how
    many. metadata: of whoever trained it: name, data, metrics.
    """

    kind: str
    identifier: str
    sha256: str
    shape: str
    products: float
    weights: int
    metadata: dict[str, Any]


def inspect_model(data: bytes) -> ModelInfo:
    """Judge and describe the bytes of a `.dctm` file. Raises DamagedError, UnsupportedError."""
    return describe_model(parse_model(data))


def describe_model(model: Model) -> ModelInfo:
    if isinstance(model, FilterModel):
        kind = "filters"
        taps = ", ".join(str(len(taps)) for taps in model.taps)
        shape = f"{model.rates} sets of {model.classes} classes, {taps} pairs of taps"
        weights = sum(part.size for part in model.weights)
    else:
        kind = "network"
        side = 1 << model.side_log2
        widths = [
            f"{layer.weights.shape[1]}x{layer.weights.shape[2]} to {layer.outputs}"
            for layer in model.layers
        ]
        shape = f"places of {side}x{side}, {model.inputs} inputs, " + ", ".join(widths)
        weights = sum(layer.weights.size for layer in model.layers)
    digest = model.digest.hex()
    return ModelInfo(kind, digest[:16], digest, shape, model.products, weights, model.metadata)
