"""The demo's page: one HTML file that needs no other, with the pictures inside."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from pil_dctz.demo.trial import Row, Trial

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #656d76; --line: #d8dee4; --back: #fff;
  --card: #f6f8fa; --ours: #d55e00; --bar: #9aa4ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #8d96a0; --line: #30363d;
  --back: #0d1117; --card: #161b22; --bar: #5d6771; } }
body { margin: 0 auto; max-width: 1260px; padding: 2rem 1.5rem 4rem; color: var(--ink);
  background: var(--back); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.6rem 0 .2rem; }
p { color: var(--soft); margin: .2rem 0 1rem; max-width: 50rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
td.share { width: 34%; } tr.ours td:first-child { font-weight: 600; color: var(--ours); }
.bar { height: .8rem; border-radius: 2px; background: var(--bar); }
tr.ours .bar { background: var(--ours); }
tr.group td { border-bottom-width: 2px; }
.pictures { display: grid; grid-template-columns: repeat(2, 1fr); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  overflow: hidden; } figure img { display: block; width: 100%; }
figcaption { padding: .45rem .8rem; color: var(--soft); } figcaption b { color: var(--ink); }
.ours b { color: var(--ours); }
.slider { position: relative; margin-bottom: 1rem; border-radius: 6px; overflow: hidden;
  border: 1px solid var(--line); line-height: 0; }
.slider img { width: 100%; } .slider img + img { position: absolute; inset: 0;
  clip-path: inset(0 0 0 var(--at, 50%)); }
.slider input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  cursor: ew-resize; }
.slider span { position: absolute; top: .6rem; padding: .1rem .5rem; border-radius: 4px;
  color: #fff; background: #0009; line-height: 1.5; } .slider span:nth-of-type(2) { right: .6rem; }
.slider span:first-of-type { left: .6rem; }
.slider i { position: absolute; top: 0; bottom: 0; left: var(--at, 50%); width: 2px;
  background: #fff; box-shadow: 0 0 4px #000; pointer-events: none; }
@media (max-width: 800px) { .pictures { grid-template-columns: 1fr; } }
"""
_MIME = {b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def write_page(path: Path, trials: list[Trial]) -> None:
    """Write the page: for each trial a table, a slider and the pictures at equal bytes."""
    body = "\n".join(_section(trial) for trial in trials)
    path.write_text(
        "<!doctype html>\n<html lang=en><meta charset=utf-8>\n"
        "<meta name=viewport content='width=device-width, initial-scale=1'>\n"
        f"<title>DCTZ demo</title>\n<style>{_STYLE}</style>\n"
        "<h1>DCTZ demo</h1>\n<p>A photograph and a screenshot, saved and opened again on this "
        "machine. SSIMULACRA2: 90 is hard to tell from the original, 70 high, 50 medium quality."
        f"</p>\n{body}\n</html>\n",
        encoding="utf-8",
    )


def _section(trial: Trial) -> str:
    height, width = trial.samples.shape[:2]
    ours, *others = trial.shown
    original = _uri(trial.samples)
    figures = [_figure("Original", f"{trial.samples.nbytes:,} bytes raw", original, ours=False)]
    for row in trial.shown:
        words = f"{row.size_bytes:,} bytes, SSIMULACRA2 {row.score:.1f}"
        figures.append(_figure(_format(row), words, _row_uri(row), ours=row is ours))
    return "\n".join(
        [
            f"<h2>{escape(trial.name.capitalize())}</h2>",
            f"<p>{escape(trial.words)}, {width}x{height}</p>",
            _table(trial),
            "<h2>At equal bytes</h2>",
            f"<p>At a low rate, so that the eye sees what is lost: {_format(ours)} on the left, "
            f"{_format(others[0])} on the right. Drag.</p>",
            _slider(ours, others[0]),
            f"<div class=pictures>{''.join(figures)}</div>",
        ]
    )


def _table(trial: Trial) -> str:
    largest = max(row.size_bytes for row in trial.rows)
    lines = ["<table><tr><th>file<th>bytes<th>of raw<th>SSIMULACRA2<th>PSNR<th>"]
    for row in trial.rows:
        ours = " class=ours" if row.label.startswith("DCTZ") else ""
        noise = "exact" if row.exact else f"{row.psnr:.1f} dB"
        lines.append(
            f"<tr{ours}><td>{escape(row.label)}<td>{row.size_bytes:,}"
            f"<td>{row.size_bytes / trial.samples.nbytes * 100:.1f} %<td>{row.score:.1f}"
            f"<td>{noise}<td class=share>"
            f"<div class=bar style='width:{row.size_bytes / largest * 100:.1f}%'></div>"
        )
    return "\n".join([*lines, "</table>"])


def _slider(left: Row, right: Row) -> str:
    move = "this.parentNode.style.setProperty('--at', this.value + '%')"
    return (
        f"<div class=slider><img alt='' src='{_row_uri(left)}'><img alt='' src='{_row_uri(right)}'>"
        f"<i></i><span>{_format(left)}</span><span>{_format(right)}</span>"
        f'<input type=range min=0 max=100 step=.1 value=50 aria-label=compare oninput="{move}">'
        "</div>"
    )


def _figure(title: str, words: str, uri: str, *, ours: bool) -> str:
    kind = " class=ours" if ours else ""
    return (
        f"<figure{kind}><img alt='{escape(title)}' src='{uri}'>"
        f"<figcaption><b>{escape(title)}</b> {escape(words)}</figcaption></figure>"
    )


def _format(row: Row) -> str:
    return row.label.split()[0]


def _row_uri(row: Row) -> str:
    """The file itself where browsers know its format, else its samples as PNG."""
    for start, mime in _MIME.items():
        if row.data.startswith(start):
            return f"data:{mime};base64,{base64.b64encode(row.data).decode()}"
    return _uri(row.decoded)


def _uri(samples: npt.NDArray[np.uint8]) -> str:
    out = BytesIO()
    Image.fromarray(samples).save(out, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
