"""Regions and scales, and what they read: clauses `frame.region`, `frame.scale`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pil_dctz
from pil_dctz.picture.decoder.scale import box_mean
from tests.pictures import draw_photo

W, H = 333, 271
MODES: dict[str, dict[str, Any]] = {
    "raw": {"options": pil_dctz.EncodeOptions(mode="raw", segment_size=64)},
    "lossless": {"lossless": True, "segment_size": 64},
    "lossy": {"options": pil_dctz.EncodeOptions(mode="lossy"), "segment_size": 64},
    "compact": {"options": pil_dctz.EncodeOptions(mode="raw")},
}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    made = {name: pil_dctz.encode(draw_photo(W, H, 4), **MODES[name]) for name in MODES}
    made["compact"] = pil_dctz.encode(draw_photo(W, 190, 4), **MODES["compact"])
    return made


@pytest.mark.parametrize("name", MODES)
def test_a_region_is_the_crop_at_every_scale(name: str, files: dict[str, bytes]) -> None:
    data = files[name]
    wholes = {scale: pil_dctz.decode(data, scale=scale) for scale in (1, 2, 4, 8)}
    height, width = wholes[1].shape[:2]
    rng = np.random.default_rng(3)
    for _ in range(25):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1))
        for scale, whole in wholes.items():
            crop = whole[y // scale : -(-(y + h) // scale), x // scale : -(-(x + w) // scale)]
            part = pil_dctz.decode(data, region=(x, y, w, h), scale=scale)
            assert part.flags.c_contiguous
            assert part.shape == crop.shape
            assert (part == crop).all()


@pytest.mark.parametrize("name", MODES)
def test_scales_of_exact_samples_are_box_means(name: str, files: dict[str, bytes]) -> None:
    whole = pil_dctz.decode(files[name])
    for scale in (2, 4, 8):
        small = pil_dctz.decode(files[name], scale=scale)
        means = box_mean(whole, scale)
        assert small.shape == means.shape
        exact = slice(3, 4) if name == "lossy" else slice(0, 4)
        assert (small[..., exact] == means[..., exact]).all()
        distance = np.abs(small.astype(int) - means)
        assert distance.mean() < 4  # lossy colours: another filter, the same picture


def test_a_region_reads_only_its_segments(files: dict[str, bytes], tmp_path: Path) -> None:
    for name in ("raw", "lossless", "lossy"):
        data = files[name]
        info = pil_dctz.inspect(data)
        trace = pil_dctz.Trace()
        pil_dctz.decode(io.BytesIO(data), region=(60, 70, 10, 60), trace=trace)
        wanted = set()
        for number, group in enumerate(info.frames[0].groups):
            columns = group.columns
            # y 70..129 lies in rows 1 and 2, x 60..69 in columns 0 and 1
            touched = {row * columns + column for row in (1, 2) for column in (0, 1)}
            if group.segment_size == 0:
                touched = {0}
            for stream in range(len(group.stream_bytes)):
                wanted |= {(0, number, segment, stream) for segment in touched}
        assert trace.streams == wanted
        streams = sum(
            info.frames[0].groups[group].segment_bytes[stream][segment] + 4
            for _, group, segment, stream in wanted
        )
        heads = 60 * len(info.chunks) + info.header_bytes
        heads += 2 * sum(chunk.size_bytes for chunk in info.chunks if chunk.type == "FRAM")
        assert trace.bytes_read <= streams + heads
        assert trace.bytes_read < len(data) / 2
        path = tmp_path / "a.dctz"
        path.write_bytes(data)
        again = pil_dctz.Trace()
        pil_dctz.decode(path, region=(60, 70, 10, 60), trace=again)
        assert (again.streams, again.bytes_read) == (trace.streams, trace.bytes_read)


def test_scale_8_reads_the_low_frequencies_alone(files: dict[str, bytes]) -> None:
    data = files["lossy"]
    info = pil_dctz.inspect(data)
    colour, alpha = info.frames[0].groups
    assert (colour.mode, alpha.mode) == ("lossy", "lossless")
    trace = pil_dctz.Trace()
    pil_dctz.decode(data, scale=8, trace=trace)
    assert {stream for _, group, _, stream in trace.streams if group == 0} == {0}
    assert len(trace.streams) == colour.columns * colour.rows + alpha.columns * alpha.rows
    segs = next(chunk for chunk in info.chunks if chunk.type == "SEGS")
    high_begins = segs.offset + segs.size_bytes - 4 - colour.stream_bytes[1]
    high_begins -= 4 * colour.columns * colour.rows
    for offset, size in trace.reads:
        assert offset + size <= high_begins or offset >= segs.offset + segs.size_bytes - 4
    assert pil_dctz.Trace().bytes_read == 0
    for scale in (1, 2, 4):
        full = pil_dctz.Trace()
        pil_dctz.decode(data, scale=scale, trace=full)
        assert {stream for _, group, _, stream in full.streams if group == 0} == {0, 1}


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 40), st.sampled_from([None, (5, 70, 300, 99)]), st.sampled_from((1, 2, 8)))
def test_threads_change_nothing(
    files: dict[str, bytes], threads: int, region: tuple[int, int, int, int] | None, scale: int
) -> None:
    for data in files.values():
        if region is None or data is not files["compact"]:
            one = pil_dctz.decode(data, region=region, scale=scale, threads=1)
            many = pil_dctz.decode(data, region=region, scale=scale, threads=threads)
            assert (one == many).all()
