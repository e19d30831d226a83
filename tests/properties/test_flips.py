"""One bit wrong, anywhere in a file, is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import pil_dctz
from pil_dctz import EncodeOptions
from tests.pictures import draw_graphic, draw_photo

ROOT = Path(__file__).resolve().parents[2]


def notices(data: bytes, bit: int) -> bool:
    """Whether the decoder refuses `data` with that bit turned round."""
    broken = bytearray(data)
    broken[bit // 8] ^= 1 << bit % 8
    try:
        if pil_dctz.read_header(broken).animated:
            list(pil_dctz.decode_frames(broken))
        else:
            pil_dctz.decode(broken, threads=1)
    except pil_dctz.DctzError:
        return True
    return False


def small_files() -> dict[str, bytes]:
    """Some hundred bytes each: every bit of them is tried."""
    metadata = pil_dctz.Metadata(icc=b"i" * 40, exif=b"II*\0", dpi=(72, 72), text={"k": "v"})
    raw = EncodeOptions(mode="raw", segment_size=64)
    lossy = EncodeOptions(mode="lossy", segment_size=64)
    return {
        "metadata": pil_dctz.encode(draw_graphic(9, 8), lossless=True, metadata=metadata),
        "compact": pil_dctz.encode(draw_photo(9, 8), lossless=True),
        "lossy": pil_dctz.encode(draw_photo(17, 15), options=lossy),
        "alpha": pil_dctz.encode(draw_photo(9, 8, 4), options=lossy),
        "animation": pil_dctz.encode_frames(
            [draw_graphic(6, 5, 4, seed=seed) for seed in range(3)], [1, 2, 300], options=raw
        ),
    }


@pytest.mark.parametrize("name", ["metadata", "compact", "lossy", "alpha", "animation"])
def test_every_bit_of_small_files_is_watched(name: str) -> None:
    data = small_files()[name]
    assert len(data) < 1200
    missed = [bit for bit in range(8 * len(data)) if not notices(data, bit)]
    assert not missed


def test_bits_of_every_vector_are_watched() -> None:
    manifest = ROOT / "conformance" / "manifest.json"
    entries = json.loads(manifest.read_text("ascii"))["vectors"]
    rng = np.random.default_rng(40)
    whole = {e["file"] for e in entries if e["kind"] == "must" and e["scale"] == 1}
    for file in sorted(whole):
        data = (ROOT / "conformance" / file).read_bytes()
        chunks = pil_dctz.inspect(data).chunks
        if chunks:  # what stands behind DEND is no part of the file
            data = data[: chunks[-1].offset + chunks[-1].size_bytes]
        for bit in map(int, rng.integers(0, 8 * len(data), 12)):
            assert notices(data, bit), f"{file}: bit {bit & 7} of byte {bit >> 3}"
