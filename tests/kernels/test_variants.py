"""Each extension module that this processor can run decodes to the same samples."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pil_dctz
from pil_dctz.kernels.load import ahead_of_time
from pil_dctz.kernels.sources import all_groups
from pil_dctz.kernels.variants import variants_here, variants_to_run

DECODE = """
import hashlib, sys
import numpy as np
import pil_dctz
from pil_dctz.kernels import load
load.variants_to_run = lambda: (sys.argv[1],)
for path in sys.argv[2:]:
    print(hashlib.sha256(pil_dctz.decode(path).tobytes()).hexdigest())
"""


def test_what_can_run_here_is_what_is_made_here() -> None:
    assert set(variants_to_run()) <= set(variants_here())


@pytest.mark.parametrize("variant", variants_to_run())
def test_lossy_and_lossless_decode_to_the_same_samples(variant: str, tmp_path: Path) -> None:
    if not any(ahead_of_time(group, variant) for group in all_groups()):
        pytest.skip(f"{variant} is not built, or not from this source")
    noise = np.random.default_rng(1).integers(0, 40, (90, 150, 3))
    slope = np.add.outer(np.arange(90), np.arange(150))[..., None] % 200
    picture = (noise + slope).astype(np.uint8)
    paths = []
    for name, lossless in (("lossy", False), ("lossless", True)):
        paths.append(tmp_path / f"{name}.dctz")
        pil_dctz.write(paths[-1], picture, lossless=lossless)
    expected = [hashlib.sha256(pil_dctz.decode(path).tobytes()).hexdigest() for path in paths]
    search = os.pathsep.join([str(Path(pil_dctz.__path__[0]).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", DECODE, variant, *map(str, paths)],
        env={**os.environ, "PYTHONPATH": search, "PIL_DCTZ_KERNELS": "aot"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == expected
