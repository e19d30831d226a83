"""Rate-distortion curves and lossless bars, drawn by matplotlib from records."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import METRICS, OURS
from benchmarks.store import Record

#: Colours that stay apart for the colour-blind (Okabe and Ito); ours in the strongest.
_COLOURS = {
    "dctz": "#D55E00",
    "jpeg": "#777777",
    "webp": "#009E73",
    "webp-m6": "#56B4A0",
    "avif": "#0072B2",
    "avif-tuned": "#56B4E9",
    "jxl": "#CC79A7",
    "png": "#BBBBBB",
    "oxipng": "#777777",
}
_SHORT = {
    "dctz": "DCTZ",
    "jpeg": "JPEG",
    "webp": "WebP m4",
    "webp-m6": "WebP m6",
    "avif": "AVIF",
    "avif-tuned": "AVIF tuned, 4:4:4",
    "jxl": "JPEG XL e7",
    "png": "PNG",
    "oxipng": "oxipng -o4",
}
_AXES = {
    "ssimulacra2": ("SSIMULACRA2", (20.0, 92.0)),
    "ms_ssim": ("MS-SSIM, -10 log10(1 - x)", (13.0, 31.0)),
    "psnr": ("PSNR, dB", (27.0, 43.0)),
}


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update(
        {
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e6e6e6",
            "grid.linewidth": 0.8,
            "axes.axisbelow": True,
        }
    )
    return pyplot


def curve(records: Sequence[Record], codec: str, metric: int) -> list[tuple[float, float]]:
    """Mean bits per pixel and mean score over all pictures, a point for each setting."""
    name, _, axis, _ = METRICS[metric]
    groups: dict[float, list[Record]] = {}
    for record in records:
        if record["codec"] == codec:
            groups.setdefault(record["setting"], []).append(record)
    points = [
        (
            statistics.mean(record["bpp"] for record in own),
            statistics.mean(axis(record[name]) for record in own),
        )
        for own in groups.values()
    ]
    return sorted(points)


def draw_rd(records: Sequence[Record], path: Path, *, metrics: Sequence[int] = (0, 1, 2)) -> None:
    """A panel for each metric: mean score over mean bits per pixel (log axis)."""
    own = [record for record in records if record["bench"] == "rd"]
    codecs = sorted(dict.fromkeys(record["codec"] for record in own), key=lambda c: c == OURS)
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(
        1, len(metrics), figsize=(4.4 * len(metrics), 3.6), squeeze=False
    )
    for axis, metric in zip(axes[0], metrics, strict=True):
        title, limits = _AXES[METRICS[metric][0]]
        for codec in codecs:
            points = curve(own, codec, metric)
            thick = codec == OURS
            axis.plot(
                *zip(*points, strict=True),
                color=_COLOURS.get(codec),
                label=_SHORT[codec],
                linewidth=2.4 if thick else 1.3,
                marker="o",
                markersize=4 if thick else 2.5,
            )
        axis.set_xscale("log")
        axis.set_xlim(0.2, 3.2)
        axis.set_ylim(*limits)
        ticks = (0.25, 0.5, 1, 2)
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.minorticks_off()
        axis.set_xlabel("bits per pixel")
        axis.set_title(title, fontsize=9.5, loc="left")
    handles, labels = axes[0][0].get_legend_handles_labels()
    axes[0][0].legend(handles[::-1], labels[::-1], fontsize=8, frameon=False, loc="lower right")
    sets = ", ".join(sorted({record["set"] for record in own}))
    count = len({(record["set"], record["picture"]) for record in own})
    figure.suptitle(f"Mean over {sets} ({count} pictures)", fontsize=10, x=0.01, ha="left")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def draw_lossless(records: Sequence[Record], path: Path) -> None:
    """Bars of total bytes, oxipng (or the first peer) being 100 %, a group for each set."""
    own = [record for record in records if record["bench"] == "lossless"]
    sets = list(dict.fromkeys(record["set"] for record in own))
    codecs = sorted(dict.fromkeys(record["codec"] for record in own), key=lambda c: c == OURS)
    base = "oxipng" if "oxipng" in codecs else codecs[0]
    pyplot = _pyplot()
    figure, axis = pyplot.subplots(figsize=(7.5, 0.6 + 0.28 * len(sets) * len(codecs)))
    place = 0.0
    ticks = []
    for name in sets:
        held = _held_by_all([record for record in own if record["set"] == name], codecs)
        ticks.append((place + (len(codecs) - 1) / 2, name))
        for codec in reversed(codecs):
            share = held[codec] / held[base] * 100
            axis.barh(place, share, color=_COLOURS.get(codec), height=0.85)
            note = f"{_SHORT[codec].replace(' m4', ' m6')}  {share:.1f} %"
            axis.text(share + 0.8, place, note, va="center", fontsize=8)
            place += 1
        place += 0.8
    axis.set_yticks([y for y, _ in ticks], [name for _, name in ticks])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.set_xlim(0, 150)
    axis.set_title(f"Lossless, total bytes ({_SHORT[base]} = 100 %)", fontsize=9.5, loc="left")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _held_by_all(records: Sequence[Record], codecs: Sequence[str]) -> dict[str, int]:
    """Total bytes of each codec over the pictures that every codec has."""
    sizes: dict[str, dict[str, int]] = {codec: {} for codec in codecs}
    for record in records:
        sizes[record["codec"]][record["picture"]] = record["bytes"]
    common = set.intersection(*(set(size) for size in sizes.values()))
    return {codec: sum(size[picture] for picture in common) for codec, size in sizes.items()}
