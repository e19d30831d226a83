"""The learned layer of a frame: its chunk, and the model it names. Clauses of part 10.1."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from pil_dctz.container.decoder.chunks import read_chunk, read_payload
from pil_dctz.container.decoder.contents import Contents
from pil_dctz.container.decoder.source import Source
from pil_dctz.container.syntax import FrameHeader, Mode
from pil_dctz.errors import DamagedError, DctzError, UnsupportedError
from pil_dctz.learned.decoder.known import find_model
from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.decoder.strengths import parse_layer
from pil_dctz.learned.model import MAX_MODEL, Model
from pil_dctz.learned.syntax import FrameLayer, Learned
from pil_dctz.lossy.decoder.layer import allows_layer
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.picture.segments import segments_of

__all__ = ["embedded_model", "find_layer", "read_layer"]


def find_layer(
    source: Source, contents: Contents, frame: FrameHeader, number: int, learned: Learned
) -> FrameLayer | None:
    """The layer of a frame that has a `lrnd` chunk; None, with a warning, without its model.

    Raises DamagedError.
    """
    identifier, strengths = read_layer(source, frame, number)
    model = embedded_model(source, contents)
    if model is None or not model.digest.startswith(identifier):
        model = find_model(identifier, None if isinstance(learned, bool) else learned)
    if model is None:
        warnings.warn(
            f"the learned layer needs model {identifier.hex()}, which is not here: "
            "the base picture is shown",
            stacklevel=2,
        )
        return None
    return FrameLayer(model, strengths)


def read_layer(
    source: Source, frame: FrameHeader, number: int
) -> tuple[bytes, tuple[NDArray[np.uint8], ...]]:
    """The identifier of the model and the strengths. Raises DamagedError."""
    assert frame.layer is not None
    chunk = read_chunk(source, frame.layer)
    offset = chunk.payload_offset
    where = f"layer of frame {number}"
    group = frame.groups[0]
    if group.mode is not Mode.LOSSY or not allows_layer(parse_tables(group.tables, group.shape)):
        what = f"{where}: its samples are not lossy in XYB"
        raise DamagedError(what, offset=offset, clause="learned.place")
    payload = read_payload(source, chunk)
    areas = [s.area for s in segments_of(frame.width, frame.height, group.segment_log2)]
    try:
        return parse_layer(
            payload, [(area.width, area.height) for area in areas], group.shape.channels
        )
    except DctzError as error:
        raise error.within(where, offset) from None


def embedded_model(source: Source, contents: Contents) -> Model | None:
    """The model in the file, None if there is none that is known. Raises DamagedError."""
    for chunk in contents.chunks:
        if chunk.type != b"lmdl" or chunk.offset > contents.frame_offsets[0]:
            continue
        if chunk.size_bytes > MAX_MODEL:
            what = f"a model of {chunk.size_bytes} bytes"
            raise DamagedError(what, offset=chunk.offset, clause="learned.model")
        try:
            return parse_model(read_payload(source, chunk))
        except UnsupportedError:
            return None  # of a later version: one that is not here
        except DctzError as error:
            raise error.within("chunk lmdl", chunk.payload_offset) from None
    return None
