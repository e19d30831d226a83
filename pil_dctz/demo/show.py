"""The demo's run: encode, open again in three ways, compare, print the table, write the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import pil_dctz
from pil_dctz.demo.page import write_page
from pil_dctz.demo.photo import photograph
from pil_dctz.demo.screenshot import draw_screenshot
from pil_dctz.demo.trial import Row, Trial, lossless_peers, peers_at_bytes, peers_at_score

UInt8 = npt.NDArray[np.uint8]

#: The quality that the table shows, and the lower one at which the page lets eyes compare.
_QUALITY = 75
_LOW_QUALITY = 45


def run(
    out_dir: Path | str,
    *,
    photo: Path | None = None,
    say: Callable[[str], object] = print,
) -> bool:
    """Write the demo's files and page into `out_dir`; True if every check held.

    out_dir: made if missing; photo.dctz, photo-lossless.dctz, photo-low.dctz, the same for the
        screenshot, and index.html are written there.
    photo: a picture of the user's own; None: one that an installed package ships, or a drawn one.
    say: takes each line of the report.

    Checked for every file: `pil_dctz.decode`, Pillow and imageio give the same samples; lossless
    files give back the very picture. Raises OSError where a file cannot be read or written.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    samples, words = photograph(photo)
    trials = [
        _trial("photo", words, samples, folder),
        _trial(
            "screen", "a window with code, a chart and a table, drawn", draw_screenshot(), folder
        ),
    ]
    for trial in trials:
        say(_report(trial))
    page = folder / "index.html"
    write_page(page, trials)
    good = all(row.checks_hold for trial in trials for row in trial.rows)
    say(
        "Every file opens to the same samples through pil_dctz, Pillow and imageio; "
        "lossless ones to the very picture."
        if good
        else "A CHECK FAILED: see the rows marked above."
    )
    say(f"Pictures side by side: {page}")
    return good


def _trial(name: str, words: str, samples: UInt8, folder: Path) -> Trial:
    lossy = _ours(samples, folder / f"{name}.dctz", f"DCTZ quality {_QUALITY}", quality=_QUALITY)
    exact = _ours(samples, folder / f"{name}-lossless.dctz", "DCTZ lossless", lossless=True)
    low = _ours(
        samples, folder / f"{name}-low.dctz", f"DCTZ quality {_LOW_QUALITY}", quality=_LOW_QUALITY
    )
    return Trial(
        name,
        words,
        samples,
        rows=[lossy, *peers_at_score(samples, lossy.score), exact, *lossless_peers(samples)],
        shown=[low, *peers_at_bytes(samples, low.size_bytes)],
    )


def _ours(samples: UInt8, path: Path, label: str, **options: Any) -> Row:
    """Save through Pillow, open in three ways, judge."""
    import imageio.v3
    import imageio_dctz  # noqa: F401  registers the ending with imageio

    Image.fromarray(samples).save(path, **options)
    with Image.open(path) as picture:
        decoded = np.array(picture)
    others = [
        np.asarray(pil_dctz.decode(path.read_bytes())),
        np.asarray(imageio.v3.imread(path)),
    ]
    same = all(np.array_equal(decoded, other) for other in others)
    if options.get("lossless"):
        same = same and np.array_equal(decoded, samples)
    return Row.of(label, path.read_bytes(), samples, decoded, checks_hold=same)


def _report(trial: Trial) -> str:
    height, width = trial.samples.shape[:2]
    lines = ["", f"{trial.name}: {trial.words}, {width}x{height}", ""]
    lines.append(f"  {'':34}{'bytes':>10}{'of raw':>9}{'SSIMULACRA2':>13}{'PSNR':>9}")
    for row in trial.rows:
        share = f"{row.size_bytes / trial.samples.nbytes * 100:.1f} %"
        noise = "exact" if row.exact else f"{row.psnr:.1f} dB"
        mark = "" if row.checks_hold else "   <- CHECK FAILED"
        line = f"  {row.label:34}{row.size_bytes:>10,}{share:>9}{row.score:>13.1f}{noise:>9}"
        lines.append(line + mark)
    return "\n".join(lines)
