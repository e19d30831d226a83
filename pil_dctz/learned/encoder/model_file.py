"""Model files, written. Clause `learned.model`."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.learned.model import SIGNATURE, VERSION, FilterModel, Layer, Model

__all__ = ["write_model"]


def write_model(model: Model) -> bytes:
    """A model's file. Reading it back judges the model: this does not."""
    metadata = json.dumps(model.metadata, ensure_ascii=False, sort_keys=True).encode()
    if not model.metadata:
        metadata = b""
    kind = 0 if isinstance(model, FilterModel) else 1
    data = SIGNATURE + bytes((VERSION, kind)) + write_leb(len(metadata)) + metadata
    if isinstance(model, FilterModel):
        data += _write_filters(model)
    else:
        data += bytes((model.side_log2, len(model.layers)))
        data += b"".join(map(_write_layer, model.layers))
    return data + hashlib.sha256(data).digest()


def _write_filters(model: FilterModel) -> bytes:
    out = [
        bytes((model.rates, *model.rate_thresholds)),
        bytes((len(model.activity_thresholds) + 1,)),
    ]
    out.append(np.array(model.activity_thresholds, "<u2").tobytes())
    out.append(bytes(map(len, model.taps)) + bytes(model.shifts))
    for taps in model.taps:
        out += [bytes((tap.source, tap.dy & 255, tap.dx & 255, tap.clip)) for tap in taps]
    out += [weights.astype("i1").tobytes() for weights in model.weights]
    return b"".join(out)


def _write_layer(layer: Layer) -> bytes:
    return b"".join(
        (
            bytes((layer.form, layer.positive | layer.add << 1, layer.outputs)),
            layer.multipliers.astype("<u2").tobytes(),
            layer.shifts.astype("u1").tobytes(),
            layer.biases.astype("<i4").tobytes(),
            layer.weights.astype("i1").tobytes(),
        )
    )
