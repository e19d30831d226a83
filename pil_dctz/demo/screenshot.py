"""The screenshot of the demo, drawn: a window with code, a chart and a table."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

_SIZE = (800, 520)
_SIDEBAR = 170
_INK, _SOFT, _LINE = "#24292f", "#6e7781", "#d0d7de"
_ACCENT = "#d55e00"
_CODE = (
    (("import", "#cf222e"), (" numpy ", _INK), ("as", "#cf222e"), (" np", _INK)),
    (("import", "#cf222e"), (" pil_dctz", _INK)),
    (),
    (("def", "#cf222e"), (" thumbnail", "#8250df"), ("(path):", _INK)),
    (('    """An eighth of the picture."""', "#0a3069"),),
    (("    data = path.", _INK), ("read_bytes", "#8250df"), ("()", _INK)),
    (("    return", "#cf222e"), (" pil_dctz.", _INK), ("decode", "#8250df"),
     ("(data, scale=", _INK), ("8", "#0550ae"), (")", _INK)),
    (),
    (("# only the low frequencies are read", _SOFT),),
    (("print", "#8250df"), ("(", _INK), ("thumbnail", "#8250df"), ("(p).shape)", _INK)),
)  # fmt: skip
_FILES = ("README.md", "gallery", "  beach.dctz", "  harbour.dctz", "  plans.dctz", "notes.txt",
          "thumbs.py", "tests")  # fmt: skip
_TABLE = (("mode", "photo", "screen"), ("lossy", "0.9 bpp", "0.6 bpp"), ("lossless", "9.1", "0.4"),
          ("region", "yes", "yes"), ("1/8", "yes", "yes"))  # fmt: skip


def draw_screenshot() -> npt.NDArray[np.uint8]:
    """RGB samples (520, 800, 3)."""
    image = Image.new("RGB", _SIZE, "#ffffff")
    draw = ImageDraw.Draw(image)
    _window(draw)
    _sidebar(draw)
    _editor(draw, _SIDEBAR + 1, 62)
    _chart(draw, _SIDEBAR + 24, 300, 330, 190)
    _grid(draw, 552, 316)
    return np.array(image)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _window(draw: ImageDraw.ImageDraw) -> None:
    width, height = _SIZE
    draw.rectangle((0, 0, width - 1, 33), fill="#2d333b")
    for place, colour in ((18, "#ff5f57"), (38, "#febc2e"), (58, "#28c840")):
        draw.ellipse((place - 6, 11, place + 6, 23), fill=colour)
    draw.text((width / 2, 17), "thumbs.py - gallery", "#cdd9e5", _font(13), anchor="mm")
    draw.rectangle((0, 34, width - 1, 61), fill="#f6f8fa")
    for place, word in ((12, "File"), (56, "Edit"), (102, "View"), (152, "Run"), (196, "Help")):
        draw.text((place, 48), word, _INK, _font(13), anchor="lm")
    draw.line((0, 61, width, 61), fill=_LINE)
    draw.rectangle((0, height - 22, width - 1, height - 1), fill="#0969da")
    draw.text((12, height - 11), "main", "#ffffff", _font(12), anchor="lm")
    draw.text((width - 12, height - 11), "Ln 7, Col 12   UTF-8", "#ffffff", _font(12), anchor="rm")


def _sidebar(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 62, _SIDEBAR, _SIZE[1] - 23), fill="#f6f8fa")
    draw.line((_SIDEBAR, 62, _SIDEBAR, _SIZE[1] - 23), fill=_LINE)
    draw.text((14, 80), "FILES", _SOFT, _font(11), anchor="lm")
    for row, name in enumerate(_FILES):
        y = 104 + 24 * row
        if name == "thumbs.py":
            draw.rectangle((0, y - 12, _SIDEBAR - 1, y + 11), fill="#ddf4ff")
        indent = 12 * (len(name) - len(name.lstrip()))
        folder = "." not in name
        colour = "#54aeff" if folder else (_ACCENT if "dctz" in name else "#8c959f")
        draw.rounded_rectangle((14 + indent, y - 6, 26 + indent, y + 5), 2, fill=colour)
        draw.text((33 + indent, y), name.strip(), _INK, _font(13), anchor="lm")


def _editor(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    font = _font(14)
    for row, line in enumerate(_CODE):
        y = top + 20 + 22 * row
        if row == 6:
            draw.rectangle((left, y - 11, _SIZE[0], y + 10), fill="#fff8c5")
        draw.text((left + 28, y), str(row + 1), "#8c959f", font, anchor="rm")
        x = left + 44.0
        for text, colour in line:
            draw.text((x, y), text, colour, font, anchor="lm")
            x += draw.textlength(text, font)
    draw.line((left, top + 234, _SIZE[0], top + 234), fill=_LINE)


def _chart(draw: ImageDraw.ImageDraw, left: int, top: int, width: int, height: int) -> None:
    draw.text((left, top + 12), "score over bits per pixel", _INK, _font(13), anchor="lm")
    bottom = top + height - 24
    for step in range(5):
        rule = bottom - step * 32
        draw.line((left + 26, rule, left + width, rule), fill="#eaeef2")
        draw.text((left + 20, rule), str(20 * step), _SOFT, _font(11), anchor="rm")
    for colour, rate in ((_ACCENT, 2.4), ("#0072b2", 1.9), ("#009e73", 1.35), ("#8c959f", 1.0)):
        points = [
            (left + 26 + 2 * i, bottom - 125 * (1 - math.exp(-rate * i / 60)))
            for i in range((width - 30) // 2)
        ]
        draw.line(points, fill=colour, width=2, joint="curve")
        for across, y in points[15::30]:
            draw.ellipse((across - 3, y - 3, across + 3, y + 3), fill=colour)


def _grid(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    widths = (76, 74, 74)
    for row, cells in enumerate(_TABLE):
        y = top + 28 * row
        if row % 2 == 0:
            draw.rectangle((left, y, left + sum(widths), y + 27), fill="#f6f8fa")
        x = left
        for cell, width in zip(cells, widths, strict=True):
            colour = _SOFT if row == 0 else _INK
            draw.text((x + 8, y + 14), cell, colour, _font(12), anchor="lm")
            x += width
        draw.line((left, y + 28, left + sum(widths), y + 28), fill=_LINE)
    draw.rectangle((left, top, left + sum(widths), top + 28 * len(_TABLE)), outline=_LINE)
