"""One picture, both methods: cells are chosen by cost, and each method sees the other's pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pil_dctz.errors import DamagedError
from pil_dctz.lossless.decoder.segment import parse_tables
from pil_dctz.lossless.encoder import group as whole_group
from pil_dctz.lossless.encoder.choose import all_are_photographs, choose_cells
from tests.lossless.lzw_round_trip import (
    check,
    decode,
    decode_guarded,
    encode,
    shape_of,
    size_of,
)
from tests.pictures import shared_data


def page(height: int, width: int, channels: int, photo: tuple[slice, slice]) -> np.ndarray:
    """Lines of repeated glyphs on white, and a smooth noisy area at `photo`."""
    rng = np.random.default_rng(4)
    glyphs = np.where(rng.random((12, 10, 6, 1)) < 0.4, 30, 255)
    samples = np.full((height, width, channels), 255, np.int64)
    for top in range(4, height - 10, 14):
        for left in range(4, width - 6, 7):
            samples[top : top + 10, left : left + 6] = glyphs[rng.integers(12)]
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([128 + 60 * np.sin(x / (21 + 5 * k) + y / 37) for k in range(channels)], 2)
    noisy = smooth + rng.normal(0, 4, smooth.shape) + rng.normal(0, 6, (height, width, 1))
    samples[photo] = noisy[photo].astype(np.int64)
    return np.clip(samples, 0, 255).astype(np.uint8)


WHERE = (slice(64, 320), slice(128, 384))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_photo_on_a_page_has_its_own_method(channels):
    samples = page(400, 500, channels, WHERE)
    group = check(samples, effort=2)
    assert group.tables[0] == 3
    photo = np.ascontiguousarray(samples[WHERE])
    text = samples.copy()
    text[WHERE] = 255
    apart = size_of(check(photo, effort=2)) + size_of(check(text, effort=2))
    assert size_of(group) < 1.08 * apart


@pytest.mark.parametrize("segment_log2", [7, 8])
def test_segments_of_one_method_and_of_both(segment_log2):
    small = (slice(64, 192), slice(128, 320))
    group = check(page(400, 500, 3, small), effort=2, segment_log2=segment_log2)
    assert group.tables[0] == 3


def test_damage_in_mixed_segments_is_noticed():
    samples = page(400, 500, 3, WHERE)
    shape = shape_of(samples, 8)
    group = encode(samples, effort=2)
    tables = parse_tables(group.tables, shape)
    payload = group.streams[0][0]
    for size in (0, 1, 2, 3, len(payload) // 4, len(payload) - 1):
        with pytest.raises(DamagedError):
            decode_guarded(tables, payload[:size], 500, 400, shape)
    rng = np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(payload)
        bad[int(rng.integers(len(bad)))] ^= int(rng.integers(1, 256))
        try:
            decode_guarded(tables, bytes(bad), 500, 400, shape)
        except DamagedError as error:
            assert error.clause and 0 <= (error.offset or 0) <= len(payload)
    for size in range(0, len(group.tables), 37):
        with pytest.raises(DamagedError):
            parse_tables(group.tables[:size], shape)


def test_choice_of_cells():
    lzw = np.full((4, 4), 10000.0)
    lzw[1, 1] = 60000.0
    photo = np.full((4, 4), 60000.0)
    assert choose_cells(lzw, photo) is None
    photo[1, 1] = 40000.0
    cells = choose_cells(lzw, photo)
    assert cells is not None and cells.sum() == 1 and cells[1, 1] == 1
    photo[1, 1] = 58000.0  # saves nothing worth the tables
    assert choose_cells(lzw, photo) is None
    everywhere = choose_cells(lzw, np.full((4, 4), 5000.0))
    assert everywhere is not None and everywhere.all()


def test_a_real_page_has_cells_of_both_methods():
    path = shared_data("screen", "gnome-shell-appts.png")
    samples = np.ascontiguousarray(np.asarray(Image.open(path).convert("RGB")))
    group = encode(samples, effort=2)
    assert group.tables[0] == 3  # the encoder sends both parts only where both have cells
    assert np.array_equal(decode(group, shape_of(samples, 8)), samples)


def test_lzw_must_save_its_tables_and_a_part_of_all_bits():
    photo = np.full((3, 5), 10000.0)
    assert all_are_photographs(photo * 0.95, photo, 1.0)
    assert not all_are_photographs(photo * 0.5, photo, 1.0)
    one = photo.copy()
    one[0, :2] = 0
    assert not all_are_photographs(one, photo, 1.0)
    assert all_are_photographs(np.where(one > 0, 1e9, one + 5000), photo, 1.0)


@pytest.mark.parametrize("photographic", [False, True])
def test_rows_of_cells_may_spare_lzw_its_passes(monkeypatch, photographic):
    samples = page(900, 200, 3, (slice(0, 900), slice(0, 110)))
    asked = []
    monkeypatch.setattr(whole_group, "all_are_photographs", lambda *_: photographic)
    run = whole_group.LzwCoder.run

    def noted(self, effort, threads=1, most=100):
        asked.append(effort)
        return run(self, effort, threads, most)

    monkeypatch.setattr(whole_group.LzwCoder, "run", noted)
    group = check(samples, effort=4)
    assert asked == [0] if photographic else asked[:2] == [0, 4]
    assert (group.tables[0] == 2) == photographic
