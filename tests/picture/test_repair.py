"""A repaired file is whole, and shows what is whole of the damaged one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import EncodeOptions
from tests.pictures import draw_graphic, draw_photo

METADATA = pil_dctz.Metadata(icc=b"i" * 90, exif=b"II*\0", text={"note": "text"})
OPTIONS = {
    "raw": EncodeOptions(mode="raw", segment_size=64),
    "exact": EncodeOptions(lossless=True, segment_size=64),
    "lossy": EncodeOptions(mode="lossy", quality=60, segment_size=64),
    "mixed": EncodeOptions(mode="mixed", quality=60, segment_size=64),
}


def picture(name: str, channels: int = 3) -> Any:
    out = draw_photo(150, 90, channels)
    if name == "mixed":
        out[:, :64] = draw_graphic(64, 90, channels)
    return out


def file_of(name: str, channels: int = 3) -> bytes:
    return pil_dctz.encode(picture(name, channels), options=OPTIONS[name], metadata=METADATA)


def flipped(data: bytes, bit: int) -> bytes:
    out = bytearray(data)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def is_shown_alike(broken: bytes, found: pil_dctz.Repair) -> None:
    """Whole, the same metadata, and the same samples as by a tolerant decoder but for the gray."""
    assert pil_dctz.verify(found.data).whole
    trace = pil_dctz.Trace()
    left = pil_dctz.decode(broken, strict=False, trace=trace)
    again = pil_dctz.decode(found.data)
    colours = left.reshape(90, 150, -1)[..., :3]
    gray = (colours == 128).all(axis=2)
    assert np.array_equal(left[~gray], again[~gray])
    assert pil_dctz.read_metadata(found.data) == pil_dctz.read_metadata(broken, strict=False)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", list(OPTIONS))
def test_any_bit_that_is_wrong_is_told_and_mended(name: str, channels: int) -> None:
    data = file_of(name, channels)
    begin = data.index(b"SEGS")
    rng = np.random.default_rng([3, channels])
    for bit in rng.integers(8 * begin, 8 * (len(data) - 9), 12):
        broken = flipped(data, int(bit))
        found = pil_dctz.repair(broken)
        assert len(found.damages) >= 1
        assert found.segments - 2 <= found.kept <= found.segments
        is_shown_alike(broken, found)


def test_what_is_whole_keeps_its_bytes() -> None:
    data = file_of("lossy")
    report = pil_dctz.inspect(data)
    sizes = report.frames[0].groups[0].segment_bytes
    last = len(data) - 9 - 4 - 4 - 2  # a byte of the last high stream
    found = pil_dctz.repair(flipped(data, 8 * last))
    assert found.kept == found.segments - 1
    again = pil_dctz.inspect(found.data).frames[0].groups[0].segment_bytes
    assert [s[:-1] for s in again] == [s[:-1] for s in sizes]
    assert again[1][-1] == 0  # low frequencies alone
    assert again[0][-1] == sizes[0][-1]


@pytest.mark.parametrize("name", list(OPTIONS))
def test_a_file_that_was_cut_is_whole_again(name: str) -> None:
    data = file_of(name)
    for part in (0.5, 0.8, 0.99):
        broken = data[: int(len(data) * part)]
        if broken.rfind(b"SEGS") < 0:
            continue
        is_shown_alike(broken, pil_dctz.repair(broken))


def test_a_whole_file_is_given_back() -> None:
    data = file_of("exact")
    found = pil_dctz.repair(data)
    assert (found.data, found.damages, found.kept) == (data, (), found.segments)


def test_damaged_metadata_are_left_out_and_the_samples_keep_their_bytes() -> None:
    data = file_of("exact")
    place = data.index(b"iccp") + 9
    found = pil_dctz.repair(flipped(data, 8 * place))
    assert found.kept == found.segments
    assert [damage.clause for damage in found.damages] == ["container.chunk"]
    assert pil_dctz.read_metadata(found.data) == pil_dctz.Metadata(
        exif=METADATA.exif, text=METADATA.text
    )
    assert data[data.index(b"FRAM") :] == found.data[found.data.index(b"FRAM") :]


def test_an_animation_loses_what_is_damaged_alone() -> None:
    pictures = [draw_graphic(70, 65, 4, seed=seed) for seed in range(3)]
    data = pil_dctz.encode_frames(pictures, [1, 2, 300], options=OPTIONS["raw"], loop=4)
    broken = flipped(data, 8 * (data.rindex(b"SEGS") + 40))
    found = pil_dctz.repair(broken)
    assert pil_dctz.verify(found.data).whole
    shown = [(array.copy(), time) for array, time in pil_dctz.decode_frames(found.data)]
    assert [time for _, time in shown] == [1, 2, 300]
    assert all(np.array_equal(shown[n][0], pictures[n]) for n in range(2))
    head = flipped(data, 8 * (data.rindex(b"FRAM") + 7))
    shown = list(pil_dctz.decode_frames(pil_dctz.repair(head).data))
    assert [time for _, time in shown] == [1, 2]


@pytest.mark.parametrize("where", ["header", "head", "compact"])
def test_where_nothing_can_be_saved_it_says_so(where: str) -> None:
    data = file_of("raw")
    if where == "compact":
        data = pil_dctz.encode(draw_photo(9, 8), lossless=True)
    place = {"header": 10, "head": data.find(b"FRAM") + 6, "compact": 20}[where]
    with pytest.raises(pil_dctz.DamagedError):
        pil_dctz.repair(flipped(data, 8 * place))
