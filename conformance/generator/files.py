"""Whole files: header, metadata, chunks nobody knows, frames, and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.author import fields as f
from conformance.author.draw import noise
from conformance.author.learned import Filters, Layer, Network, lmdl, lrnd, ranks_of, some_taps
from conformance.generator import lossless, lossy
from conformance.generator.choose import Chooser, NoFileError

__all__ = ["Drawn", "drawn_file"]

COLOURS = {f.GRAY: 1, f.GRAY_ALPHA: 1, f.RGB: 3, f.RGBA: 3, f.FOUR: 4}
FULL = 32  # the header bit


@dataclass
class Drawn:
    """A file and what is asked of it. parts: what it is made of, for the report."""

    seed: int
    data: bytes
    region: tuple[int, int, int, int] | None
    scale: int
    parts: tuple[str, ...]


def drawn_file(seed: int) -> Drawn:
    """The file of a seed; a seed that leads nowhere goes on to the next of its own."""
    draw = Chooser(seed)
    while True:
        try:
            return _drawn(seed, draw)
        except NoFileError:
            pass
        except KeyError:  # a code length that the sending code has no word for
            pass


def _drawn(seed: int, draw: Chooser) -> Drawn:
    layout = draw.of((f.GRAY, f.GRAY_ALPHA, f.RGB, f.RGB, f.RGBA, f.FOUR))
    depth = 8 if draw.one_in(2) else draw.between(1, 16)
    width, height = draw.side(), draw.side()
    if draw.one_in(6):
        width, height = draw.between(60, 140), draw.between(1, 70)
    parts: list[str] = []
    colour = None
    if draw.one_in(3):
        colour = (draw.below(256), draw.below(256), draw.below(256), draw.below(2))
    form = draw.below(5)
    head = {"colour": colour, "shape_bits": FULL * draw.below(2)}
    if form == 0:
        group = drawn_group(draw, (width, height), layout, depth, parts, whole=True, compact=True)
        start = f.header(width, height, layout, depth, compact=True, **head)  # type: ignore[arg-type]
        data = f.compact(start, group[0])
        parts.append("compact")
    elif form == 1:
        start = f.header(
            width,
            height,
            layout,
            depth,
            loop=draw.log_uniform(0, 65535),
            **head,  # type: ignore[arg-type]
        )
        frames = [
            drawn_frame(draw, (width, height), layout, depth, parts, moving=True)
            for _ in range(draw.between(1, 4))
        ]
        for frame in frames:
            frame.last = frame is frames[-1]
        before, after = metadata(draw, parts), b""
        data = f.animation(start, frames, before=before + f.index(frames)) + after
        parts.append("animation")
    else:
        start = f.header(width, height, layout, depth, **head)  # type: ignore[arg-type]
        frame = drawn_frame(draw, (width, height), layout, depth, parts, moving=False)
        model = drawn_model(draw, frame, (width, height), layout, parts)
        data = f.still(start, frame, metadata(draw, parts) + model, strange(draw))
    region = None
    scale = 1
    if form != 1:  # clause `frame.scale`: of files that are not animated
        scale = 1 if draw.one_in(2) else draw.of((1, 2, 4, 8))
    if form != 1 and draw.one_in(4):
        x, y = draw.below(width), draw.below(height)
        region = (x, y, draw.between(1, width - x), draw.between(1, height - y))
    return Drawn(seed, data, region, scale, tuple(parts))


def log2_of(draw: Chooser) -> int:
    return 0 if draw.one_in(2) else draw.of((6, 6, 6, 7, 15))


def drawn_group(
    draw: Chooser,
    size: tuple[int, int],
    layout: int,
    depth: int,
    parts: list[str],
    *,
    whole: bool,
    compact: bool = False,
    alpha: bool = False,
) -> tuple[f.Group, int]:
    """A group of any mode that its channels allow, and its mode.

    whole: of all channels; else of the colours, or of the alpha alone.
    """
    channels = f.CHANNELS[layout] if whole else 1 if alpha else COLOURS[layout]
    log2 = 0 if compact else log2_of(draw)
    modes = [f.RAW, f.LOSSLESS, f.LOSSLESS, f.LOSSLESS]
    has_alpha = whole and layout in (f.GRAY_ALPHA, f.RGBA)
    if 8 <= depth <= 12 and not has_alpha and channels in (1, 3, 4):
        modes += [f.LOSSY] * 4
    mode = draw.of(modes)
    if mode == f.RAW:
        parts.append("raw")
        return f.raw_group(noise(*size, channels, depth, draw.below(1 << 30)), depth, log2), mode
    if mode == f.LOSSY:
        group, plan = lossy.drawn_group(draw, size, channels, log2, compact=compact)
        parts.append("lossy")
        parts += ["blocks"] * (plan.choice is not None)
        parts += ["directions"] * (plan.direction is not None)
        parts += [f"passes {plan.passes}"] * (plan.passes > 1)
        return group, mode
    group = lossless.drawn_group(draw, size, channels, depth, log2, overlay=False)
    parts.append(("", "lzw", "prediction", "both")[group.tables[0]])
    return group, mode


def drawn_frame(
    draw: Chooser,
    size: tuple[int, int],
    layout: int,
    depth: int,
    parts: list[str],
    *,
    moving: bool,
) -> f.Frame:
    has_alpha = layout in (f.GRAY_ALPHA, f.RGBA)
    place = None
    if moving and draw.one_in(2):
        x, y = draw.below(size[0]), draw.below(size[1])
        place = (x, y, draw.between(1, size[0] - x), draw.between(1, size[1] - y))
        size = place[2:]
    apart = has_alpha and draw.one_in(2)
    first, mode = drawn_group(draw, size, layout, depth, parts, whole=not apart)
    groups = [first]
    if apart:
        parts.append("alpha apart")
        groups.append(drawn_group(draw, size, layout, depth, parts, whole=False, alpha=True)[0])
    out = f.Frame(groups, place)
    if moving:
        out.duration = draw.log_uniform(0, 1 << 40)
        out.blend = draw.below(2) if has_alpha else 0
        out.dispose = draw.below(3)
    if mode == f.LOSSY and draw.one_in(3):
        channels = COLOURS[layout]
        out.overlay = lossless.drawn_group(draw, size, channels, depth, log2_of(draw), overlay=True)
        parts.append("overlay")
    out.between = strange(draw)
    return out


def drawn_model(
    draw: Chooser, frame: f.Frame, size: tuple[int, int], layout: int, parts: list[str]
) -> bytes:
    """A learned layer on a frame that may have one (clause `learned.place`); its model's chunk."""
    group = frame.groups[0]
    whole = layout not in (f.GRAY, f.RGB) and len(frame.groups) == 1
    if group.mode != f.LOSSY or group.tables[0] & 15 or whole or draw.one_in(2):
        return b""
    if draw.one_in(2):
        thresholds = sorted({draw.between(1, 79) for _ in range(draw.below(4))})
        activities = sorted({draw.between(1, 5000) for _ in range(draw.below(4))})
        taps = some_taps()
        model = Filters(draw.below(99), draw.between(1, 60), thresholds, activities, taps).file()
    else:
        layers = [Layer(8, flags=1, seed=draw.below(99)), Layer(8, flags=3, seed=draw.below(99))]
        layers = [*layers[: draw.below(3)], Layer(12, k=draw.of((1, 3)), seed=draw.below(99))]
        if layers[0].flags & 2:
            layers = layers[1:]
        model = Network(layers).file()
    luma, chroma = draw.below(8), draw.below(8) if COLOURS[layout] == 3 else 0
    ranks = None
    segments = f.rectangles(*size, group.log2)
    if draw.one_in(2) and len(segments) == 1:
        cells = f.ceil_div(size[0], 64) * f.ceil_div(size[1], 64)
        if COLOURS[layout] == 3:
            ranks = ranks_of([(draw.below(8), draw.below(8)) for _ in range(cells)], (luma, chroma))
        else:
            ranks = ranks_of([(draw.below(8),) for _ in range(cells)], (luma,))
    frame.between += lrnd(model, luma, chroma, ranks)
    parts.append("learned")
    return lmdl(model)


def metadata(draw: Chooser, parts: list[str]) -> bytes:
    out = b""
    for kind in ("iccp", "exif", "xmpd"):
        if draw.one_in(6):
            blob = draw.bytes(draw.between(1, 60))
            out += f.chunk(kind, f.stored(blob) if draw.one_in(2) else f.deflated(blob))
            parts.append(kind)
    for n in range(draw.below(3) if draw.one_in(4) else 0):
        text = f"k{n}".encode() + b"\0" + "grün".encode() * draw.below(4)
        out += f.chunk("text", f.stored(text) if draw.one_in(2) else f.deflated(text))
        parts.append("text")
    if draw.one_in(6):
        dots = draw.log_uniform(1, (1 << 32) - 1), draw.log_uniform(1, (1 << 32) - 1)
        out += f.chunk("dpis", b"".join(f.u32(v) for v in dots))
        parts.append("dpis")
    return out + strange(draw)


def strange(draw: Chooser) -> bytes:
    """Chunks that a decoder skips."""
    if not draw.one_in(6):
        return b""
    name = "".join(draw.of("zqjwZQJ") for _ in range(3))
    return f.chunk("z" + name, draw.bytes(draw.below(200)))
