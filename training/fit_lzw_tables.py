"""Fits the default tables of the LZW mode: `spec/tables/lzw-*`.

    python -m training.fit_lzw_tables [rounds]

Data: the odd rows (1st, 3rd, ...) of `screen/MANIFEST.tsv` up to 1.3 million pixels, in
`../shared/data` beside the checkout or where DCTZ_DATA says. A round encodes them with the tables
that are there, counts symbols by raw context, and fits maps, lengths and the codes that own codes
are sent with; each round runs in a fresh process, as tables are read once. Seed 7; the shipped
tables began with plain geometric guesses and took five rounds.
Each picture weighs bits^-0.7, so that icons count.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.encoder.prefix import build_lengths
from pil_dctz.lossless import syntax
from pil_dctz.lossless.encoder.families import gap_symbol, own_symbols
from pil_dctz.lossless.encoder.lzw import LzwCoder
from pil_dctz.lossless.encoder.lzw_segment import Counts
from pil_dctz.lossless.encoder.palette import find_palette
from training.checksums import TABLES, rewrite

SEED = 7
STARTS = 6
SWEEPS = 30
LARGEST = 1_300_000
EFFORT = 5

Floats = npt.NDArray[np.float64]


@dataclass
class Sums:
    """Weighted counts of one default set."""

    token: Floats
    residual: Floats
    phrase: Floats

    @classmethod
    def zeros(cls) -> Sums:
        return cls(np.zeros((1026, 338)), np.zeros((120, 38)), np.zeros(64))


def pictures() -> list[npt.NDArray[np.uint8]]:
    """The samples (h, w, channels) of all pictures to fit on."""
    root = Path(os.environ.get("DCTZ_DATA", Path(__file__).parents[2] / "shared" / "data"))
    with (root / "screen" / "MANIFEST.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))[0::2]
    found = []
    for row in rows:
        if int(row["width"]) * int(row["height"]) > LARGEST:
            continue
        with Image.open(root / "screen" / row["file"]) as image:
            if image.mode == "P":
                image = image.convert("RGBA" if "transparency" in image.info else "RGB")
            if image.mode == "1":
                image = image.convert("L")
            samples = np.ascontiguousarray(image)
        found.append(samples[:, :, None] if samples.ndim == 2 else samples)
    return found


def coders(samples: npt.NDArray[np.uint8]) -> list[LzwCoder]:
    """The picture encoded as palette indices (if it can be) and as pixels."""
    height, width, channels = samples.shape
    shape = GroupShape(width, height, channels, 8)
    found = find_palette(samples)
    out = []
    if found is not None and found[0].shape[0] > 1:
        out.append(LzwCoder([found[1]], shape, found[0]))
    if found is None or found[0].shape[0] > 8:
        out.append(LzwCoder([samples], shape, None))
    return out


def cluster(counts: Floats, classes: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Class of each row, by k-means with the cost of coding a row by its class's code."""
    whole = counts.sum(axis=0)
    whole = (whole + 1e-4 * whole.sum() / whole.size) / (1 + 1e-4) / whole.sum()
    weight = counts.sum(axis=1)
    used = np.flatnonzero(weight > 0)
    rows = counts[used]
    best: tuple[float, npt.NDArray[np.int64]] | None = None
    for _ in range(STARTS):
        seeds = rng.choice(used.size, min(classes, used.size), False, weight[used] / weight.sum())
        models = rows[seeds]
        chosen = np.zeros(used.size, np.int64)
        cost = np.inf
        for _ in range(SWEEPS):
            strength = 20.0
            probable = models + strength * whole
            probable /= probable.sum(axis=1, keepdims=True)
            bits = rows @ -np.log2(probable).T
            chosen = bits.argmin(axis=1)
            cost = float(bits.min(axis=1).sum())
            models = np.zeros((classes, counts.shape[1]))
            np.add.at(models, chosen, rows)
            for empty in np.flatnonzero(models.sum(axis=1) == 0):
                excess = bits.min(axis=1) - _ideal(rows)
                worst = int(excess.argmax())
                models[empty] = rows[worst]
                bits[worst] = 0
        if best is None or cost < best[0]:
            best = (cost, chosen)
    assert best is not None
    out = np.full(counts.shape[0], 255, np.uint8)
    out[used] = best[1]
    return _fill(out, weight)


def _ideal(rows: Floats) -> Floats:
    total = rows.sum(axis=1, keepdims=True)
    found: Floats = np.where(rows > 0, rows * np.log2(total / np.maximum(rows, 1e-12)), 0).sum(1)
    return found


def _fill(classes: npt.NDArray[np.uint8], weight: Floats) -> npt.NDArray[np.uint8]:
    """Contexts that never occurred: the class of the nearest number that did, in blocks of 6."""
    for i in np.flatnonzero(classes == 255):
        distances = np.abs(np.arange(classes.size) - i) + np.where(weight > 0, 0, 1 << 20)
        distances += 6 * (np.arange(classes.size) % 2 != i % 2)
        classes[i] = classes[int(distances.argmin())]
    return classes


def lengths_of(counts: Floats, fallback: Floats, strength: float) -> npt.NDArray[np.uint8]:
    """Code lengths, every symbol used. counts, fallback: (classes, symbols)."""
    whole = fallback / fallback.sum(axis=-1, keepdims=True)
    smooth = counts + strength * whole + 1e-3 * strength / counts.shape[1]
    scaled = 1 + (smooth / smooth.sum(axis=1, keepdims=True) * (1 << 24)).astype(np.int64)
    return build_lengths(scaled, syntax.MAX_LENGTH)


def put(name: str, rows: npt.NDArray[Any]) -> None:
    """A table as text, one row a line."""
    flat = rows.reshape(-1, rows.shape[-1]).tolist()
    (TABLES / name).write_text("".join(" ".join(map(str, row)) + "\n" for row in flat), "ascii")


def collect() -> tuple[list[Sums], Floats, Floats, float]:
    """Sums of the three sets, counts of the predictor symbols, of gaps and deltas; all bits."""
    sums = [Sums.zeros() for _ in range(syntax.SETS)]
    predictor = np.zeros(15)
    sending = np.zeros((6, syntax.GAPS + syntax.DELTAS))
    total = 0.0
    for samples in pictures():
        done = coders(samples)
        bits = [coder.run(EFFORT) for coder in done]
        total += min(bits)
        for coder, own in zip(done, bits, strict=True):
            counts = Counts.zeros()
            for segment in coder.segments:
                segment.count(coder.head, counts)
            weight = max(own, 100.0) ** -0.7 * (1.0 if own == min(bits) else 0.3)
            into = sums[coder.head.table_set]
            into.token += weight * counts.token
            into.residual += weight * counts.residual
            into.phrase += weight * counts.other[32, :64]
            predictor += weight * counts.other[34, :15]
            for fitted in coder.fitted:
                _count_sending(fitted, sending[fitted.family.number])
    return sums, predictor, sending, total


def _count_sending(fitted: Any, into: Floats) -> None:
    for t in range(fitted.own.shape[0]):
        first = int(np.flatnonzero(fitted.use == t + 1)[0])
        for gap, delta in own_symbols(fitted.family.defaults[first], fitted.own[t]):
            into[gap_symbol(gap)] += 1
            into[syntax.GAPS + delta] += 1


def fit_round() -> None:
    """One round. Prints the bytes of all pictures with the tables from before."""
    rng = np.random.default_rng(SEED)
    sums, predictor, sending, total = collect()
    print(f"{total / 8:.0f} bytes with the tables from before", flush=True)
    token_maps, token_lengths, residual_maps, residual_lengths, phrases = [], [], [], [], []
    pixels = sums[1].residual + sums[2].residual
    for one in sums:
        scale = 1e5 / one.token.sum()
        token = one.token * scale
        classes = cluster(token, 28, rng)
        grouped = np.zeros((28, 338))
        np.add.at(grouped, classes, token)
        token_maps.append(classes)
        token_lengths.append(lengths_of(grouped, token.sum(axis=0), 30.0))
        residual = one.residual if one.residual.any() else pixels
        residual = residual * (1e5 / residual.sum())
        classes = cluster(residual, 18, rng)
        grouped = np.zeros((18, 38))
        np.add.at(grouped, classes, residual)
        residual_maps.append(classes)
        residual_lengths.append(lengths_of(grouped, residual.sum(axis=0), 30.0))
        phrase = one.phrase[None] * (1e4 / one.phrase.sum())
        phrases.append(lengths_of(phrase, 0.9 ** np.arange(64)[None], 100.0))
    put("lzw-token-map.txt", np.array(token_maps))
    put("lzw-token-lengths.txt", np.array(token_lengths))
    put("lzw-residual-map.txt", np.array(residual_maps))
    put("lzw-residual-lengths.txt", np.array(residual_lengths))
    put("lzw-phrase-lengths.txt", np.array(phrases))
    put("lzw-predictor-lengths.txt", lengths_of(predictor[None], np.ones((1, 15)), 1e-3))
    put("lzw-sending-lengths.txt", _sending_lengths(sending))
    rewrite()


def _sending_lengths(sending: Floats) -> npt.NDArray[np.uint8]:
    whole = sending.sum(axis=0)
    parts = []
    for columns in (slice(0, syntax.GAPS), slice(syntax.GAPS, None)):
        decay = 0.8 ** np.arange(whole[columns].size)[None]
        smooth = whole[columns] / max(1.0, whole[columns].sum()) + 0.01 * decay
        parts.append(lengths_of(sending[:, columns], smooth, 20.0))
    return np.concatenate(parts, axis=1)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    if rounds == 1:
        fit_round()
        return
    for _ in range(rounds):
        subprocess.run([sys.executable, "-m", "training.fit_lzw_tables"], check=True)


if __name__ == "__main__":
    main()
