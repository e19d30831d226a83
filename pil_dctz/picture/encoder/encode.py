"""Samples to a file: one picture, or the frames of an animation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pil_dctz.arrays import Samples, as_samples
from pil_dctz.container.decoder.frame import group_shapes
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.frame import write_compact_body, write_frame
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.encoder.metadata import write_metadata
from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import (
    EncodedGroup,
    FileHeader,
    GroupShape,
    Layout,
    Mode,
)
from pil_dctz.picture.encoder.choose import GroupJob, Kept, encode_best
from pil_dctz.picture.encoder.options import (
    EncodeOptions,
    layout_of,
    required_depth,
    required_mode,
    segment_log2_of,
)

__all__ = ["Picture", "encode_groups", "encode_picture", "take_picture"]

_COMPACT_PIXELS = 1 << 16


@dataclass(frozen=True, slots=True)
class Picture:
    """Samples (height, width, channels) and what they are."""

    samples: Samples
    layout: Layout
    depth: int

    @property
    def header(self) -> FileHeader:
        height, width, _ = self.samples.shape
        return FileHeader(width, height, self.layout, self.depth)


def take_picture(array: Any, layout: str | None, depth: int | None) -> Picture:
    """A public array with its layout and depth, by what they say or by the array. ValueError."""
    samples = as_samples(array)
    return Picture(samples, layout_of(samples, layout), required_depth(samples, depth))


def encode_picture(
    picture: Picture,
    options: EncodeOptions,
    metadata: Metadata,
    threads: int,
    kept: Kept | None = None,
) -> bytes:
    """The whole file. kept: groups of the same picture and options, but for the quality."""
    if options.learned is not False:
        from pil_dctz.picture.encoder.layer import wanted_model

        wanted_model(options.learned)
    header = picture.header._replace(colour=options.colour)
    few = header.width * header.height <= _COMPACT_PIXELS
    compact = few and options.compact and not metadata and not options.segment_size
    groups, colours = encode_groups(picture, options, threads, whole=compact, kept=kept)
    in_passes = options.passes > 1 and groups[0].mode is Mode.LOSSY
    if compact and len(groups) == 1 and not in_passes:
        head = write_header(header._replace(compact=True))
        return head + write_compact_body(head, groups[0])
    layer, model = _layer_of(picture, groups[0], colours, options, threads)
    header = header._replace(full_profile=layer is not None)
    if in_passes:
        groups = _cut_into_passes(groups, header, options.passes, threads)
    frame = write_frame(groups, layer=layer)
    parts = [write_header(header), write_metadata(metadata), model, frame]
    return b"".join((*parts, write_chunk(b"DEND", b"")))


def _cut_into_passes(
    groups: list[EncodedGroup], header: FileHeader, passes: int, threads: int
) -> list[EncodedGroup]:
    """The lossy ones of a frame in passes."""
    from pil_dctz.lossy.encoder.passes import cut_into_passes

    two_groups = sum(not group.overlay for group in groups) == 2
    shapes = [shape for shape, _ in group_shapes(header, header.width, header.height, two_groups)]
    lossy = (group.mode is Mode.LOSSY for group in groups)
    return [
        cut_into_passes(group, shapes[number], passes, threads) if cut else group
        for number, (group, cut) in enumerate(zip(groups, lossy, strict=True))
    ]


def _layer_of(
    picture: Picture,
    group: EncodedGroup,
    colours: Samples | None,
    options: EncodeOptions,
    threads: int,
) -> tuple[bytes | None, bytes]:
    """The payload of the learned layer, and the chunk of its model if that is asked for.

    colours: what the group was made from, where that is not the picture's.
    """
    if options.learned is False:
        return None, b""
    from pil_dctz.picture.encoder.layer import encode_layer, wanted_model

    if colours is None:
        colours = picture.samples
        if picture.layout.has_alpha:
            colours = np.ascontiguousarray(colours[..., :-1])
    height, width, channels = colours.shape
    shape = GroupShape(width, height, channels, picture.depth)
    layer = encode_layer(colours, group, shape, options.learned, options.effort, threads)
    if layer is None or not options.embed_model:
        return layer, b""
    return layer, write_chunk(b"lmdl", wanted_model(options.learned).read_bytes())


def encode_groups(
    picture: Picture,
    options: EncodeOptions,
    threads: int,
    *,
    whole: bool,
    kept: Kept | None = None,
) -> tuple[list[EncodedGroup], Samples | None]:
    """The plane groups of one frame. whole: each has one segment, and there is no overlay.

    Lossy colours have their alpha apart, exact or, with an alpha_quality, the smaller of exact and
    lossy; exact ones all channels in one group, also where they turn out the smaller. With an
    overlay, also what the lossy colours were made from.
    """
    samples, layout, depth = picture.samples, picture.layout, picture.depth
    height, width, channels = samples.shape
    mode = required_mode(options, layout, depth)
    job = GroupJob(
        mode=mode,
        quality=options.lossy_quality,
        near=options.near_lossless,
        effort=options.effort,
        segment_log2=0 if whole else segment_log2_of(options.segment_size),
        threads=threads,
        kept=kept,
        preset=options.preset,
        cells=options.mode in ("auto", "mixed") and not whole,
    )
    if mode in (Mode.RAW, Mode.LOSSLESS) or not layout.has_alpha:
        shape = GroupShape(width, height, channels, depth, layout.has_alpha)
        groups, painted = encode_best(samples, shape, job)
        return list(groups), painted
    colours = np.ascontiguousarray(samples[..., :-1])
    alpha = np.ascontiguousarray(samples[..., -1:])
    first, painted = encode_best(colours, GroupShape(width, height, channels - 1, depth), job)
    job = replace(job, cells=False)
    if options.alpha_quality is None:
        job = replace(job, mode=Mode.LOSSLESS)
        if first[0].mode is not Mode.LOSSY:
            shape = GroupShape(width, height, channels, depth, True)
            return list(encode_best(samples, shape, job).groups), None
    else:
        job = replace(job, mode=None, quality=float(options.alpha_quality))
    second = encode_best(alpha, GroupShape(width, height, 1, depth, alpha=True), job)
    return [first[0], *second.groups, *first[1:]], painted
