"""Prediction: exact round trips, nothing written outside, damage is an error. Chapter 9a."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pil_dctz.arrays import sample_dtype
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossless.decoder.prediction import decode_prediction, parse_prediction_tables
from pil_dctz.lossless.encoder.prediction import encode_prediction, fit_prediction
from pil_dctz.lossless.encoder.prediction_histograms import (
    choose_exponents,
    frequencies_of,
    write_histogram,
)

Samples = npt.NDArray[Any]
GUARD = 0xA5
DENSE = 8  # an effort that codes by rANS


def smooth_samples(height: int, width: int, channels: int, depth: int, seed: int) -> Samples:
    """A noisy slope with steps: like a photograph, in every depth."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    top = (1 << depth) - 1
    planes = []
    for _ in range(channels):
        wave = np.sin(x / rng.uniform(3, 40)) + np.cos(y / rng.uniform(3, 40))
        steps = 0.5 * ((x // 17 + y // 11) % 2)
        noise = rng.normal(0, 10.0 ** -rng.integers(1, 4), (height, width))
        planes.append(np.clip((wave + steps + noise + 2) / 4.6, 0, 1) * top)
    return np.rint(np.stack(planes, axis=-1)).astype(sample_dtype(depth))


def group(samples: Samples, depth: int) -> GroupShape:
    return GroupShape(samples.shape[1], samples.shape[0], samples.shape[2], depth)


def cells_of(height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.ones((-(-height // 64), -(-width // 64)), np.uint8)


def coded(
    samples: Samples, depth: int, cells: npt.NDArray[np.uint8], *, effort: int = 1, log2: int = 0
) -> tuple[bytes, dict[tuple[int, int], bytes]]:
    """Tables, and the payload of each segment by its corner."""
    shape = group(samples, depth)
    model = fit_prediction(samples, shape, cells, effort=effort, segment_log2=log2)
    side = 1 << log2 if log2 else 1 << 30
    corners = [(x, y) for y in range(0, shape.height, side) for x in range(0, shape.width, side)]
    return model.tables, {corner: encode_prediction(model, *corner) for corner in corners}


def round_trip(
    samples: Samples,
    depth: int,
    cells: npt.NDArray[np.uint8] | None = None,
    *,
    effort: int = 1,
    log2: int = 0,
) -> None:
    height, width = samples.shape[:2]
    if cells is None:
        cells = cells_of(height, width)
    blob, payloads = coded(samples, depth, cells, effort=effort, log2=log2)
    tables = parse_prediction_tables(blob, group(samples, depth))
    side = 1 << log2 if log2 else 1 << 30
    photo = (cells.repeat(64, 0).repeat(64, 1) != 0)[:height, :width]
    for (x, y), payload in payloads.items():
        part = samples[y : y + side, x : x + side]
        inside = photo[y : y + side, x : x + side]
        out = np.where(inside[..., None], 0, part).astype(samples.dtype)
        own = cells[
            y // 64 : -(-(y + part.shape[0]) // 64), x // 64 : -(-(x + part.shape[1]) // 64)
        ]
        if not own.any():
            assert payload == b""
            continue
        decode_prediction(tables, payload, np.ascontiguousarray(own), out)
        assert np.array_equal(out, part)


@pytest.mark.small
@pytest.mark.parametrize("effort", [0, 1, DENSE])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 7, 8, 9, 12, 16])
def test_every_depth_and_channel_count_comes_back(channels: int, depth: int, effort: int) -> None:
    round_trip(smooth_samples(19, 23, channels, depth, depth), depth, effort=effort)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    channels=st.integers(1, 4),
    depth=st.integers(1, 16),
    seed=st.integers(0, 99),
    noise=st.booleans(),
    effort=st.sampled_from([0, 1, DENSE]),
)
def test_every_size_comes_back(
    width: int, height: int, channels: int, depth: int, seed: int, noise: bool, effort: int
) -> None:
    samples = smooth_samples(height, width, channels, depth, seed)
    if noise:
        rng = np.random.default_rng(seed)
        samples = rng.integers(0, 1 << depth, samples.shape).astype(samples.dtype)
    round_trip(samples, depth, effort=effort)


@pytest.mark.parametrize("effort", range(10))
def test_every_effort_comes_back_in_many_segments(effort: int) -> None:
    round_trip(smooth_samples(150, 200, 3, 8, 5), 8, effort=effort, log2=6)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(bits=st.lists(st.booleans(), min_size=12, max_size=12), depth=st.sampled_from([8, 16]))
def test_other_cells_are_read_on_all_sides_and_stay(bits: list[bool], depth: int) -> None:
    cells = np.array(bits, np.uint8).reshape(3, 4)
    cells[1, 1] = 1
    round_trip(smooth_samples(150, 230, 3, depth, 8), depth, cells, log2=7)


def test_the_extremes_of_16_bits_come_back() -> None:
    rng = np.random.default_rng(0)
    samples = (rng.integers(0, 2, (40, 50, 3)) * 65535).astype(np.uint16)
    samples[:, :, 1] ^= rng.integers(0, 2, (40, 50)).astype(np.uint16)
    round_trip(samples, 16)


def test_few_values_are_packed() -> None:
    rng = np.random.default_rng(1)
    ranks = smooth_samples(64, 64, 1, 8, 3)
    spread = (np.sort(rng.choice(65536, 256, replace=False))[ranks]).astype(np.uint16)
    blob, payloads = coded(spread, 16, cells_of(64, 64))
    assert parse_prediction_tables(blob, group(spread, 16)).head.values is not None
    _, plain_payloads = coded(ranks, 8, cells_of(64, 64))
    assert len(payloads[0, 0]) <= len(plain_payloads[0, 0]) * 1.02
    round_trip(spread, 16)


def test_one_colour_takes_a_bit_or_so_a_row() -> None:
    samples = np.full((200, 256, 3), 77, np.uint8)
    blob, payloads = coded(samples, 8, cells_of(200, 256))
    assert len(blob) + len(payloads[0, 0]) < 120
    round_trip(samples, 8)


def test_runs_longer_than_the_limit_come_back() -> None:
    samples = np.zeros((300, 500, 1), np.uint8)
    samples[0, 0] = samples[299, 499] = samples[150, 3] = 9
    round_trip(samples, 8)


def test_noise_does_not_explode() -> None:
    samples = np.random.default_rng(2).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    blob, payloads = coded(samples, 8, cells_of(128, 128), effort=5)
    assert len(blob) + len(payloads[0, 0]) < samples.size * 1.15


def test_nothing_is_written_outside_the_samples() -> None:
    samples = smooth_samples(37, 41, 3, 8, 4)
    blob, payloads = coded(samples, 8, cells_of(37, 41))
    memory = np.full(64 + samples.size + 64, GUARD, np.uint8)
    out = memory[64:-64].reshape(samples.shape)
    tables = parse_prediction_tables(blob, group(samples, 8))
    decode_prediction(tables, payloads[0, 0], cells_of(37, 41), out)
    assert np.array_equal(out, samples)
    assert (memory[:64] == GUARD).all() and (memory[-64:] == GUARD).all()


@pytest.fixture(scope="module", params=[8, 16])
def specimen(request: pytest.FixtureRequest) -> tuple[Samples, int, bytes, bytes]:
    samples = smooth_samples(70, 90, 3, request.param, 6)
    samples[20:40] = samples[20, 0]
    blob, payloads = coded(samples, request.param, cells_of(70, 90), effort=4)
    return samples, request.param, blob, payloads[0, 0]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damaged_payloads_are_errors_or_other_samples(
    specimen: tuple[Samples, int, bytes, bytes], data: st.DataObject
) -> None:
    samples, depth, blob, payload = specimen
    damaged = _damage(payload, data)
    tables = parse_prediction_tables(blob, group(samples, depth))
    out = np.zeros_like(samples)
    try:
        decode_prediction(tables, damaged, cells_of(70, 90), out)
    except DamagedError as error:
        assert error.clause.startswith(("prediction.", "prefix."))
        assert error.offset is not None and 0 <= error.offset <= len(damaged)
        assert not out.any()
    else:
        assert int(out.max()) < 1 << depth


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damaged_tables_are_errors_or_other_tables(
    specimen: tuple[Samples, int, bytes, bytes], data: st.DataObject
) -> None:
    samples, depth, blob, payload = specimen
    damaged = _damage(blob, data)
    out = np.zeros_like(samples)
    try:
        tables = parse_prediction_tables(damaged, group(samples, depth))
    except DamagedError as error:
        assert error.clause.startswith(("prediction.", "prefix."))
        assert error.offset is not None and 0 <= error.offset <= len(damaged)
        return
    try:
        decode_prediction(tables, payload, cells_of(70, 90), out)
    except DamagedError as error:
        assert error.clause.startswith(("prediction.", "prefix."))


def _damage(whole: bytes, data: st.DataObject) -> bytes:
    out = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(out) - 1))
        out[at] = data.draw(st.integers(0, 255))
    return bytes(out[: data.draw(st.integers(0, len(out)))] if data.draw(st.booleans()) else out)


def test_bytes_after_the_end_are_damage() -> None:
    samples = smooth_samples(20, 30, 1, 8, 7)
    blob, payloads = coded(samples, 8, cells_of(20, 30))
    with pytest.raises(DamagedError, match="last byte"):
        parse_prediction_tables(blob + b"\0", group(samples, 8))
    tables = parse_prediction_tables(blob, group(samples, 8))
    out = np.zeros_like(samples)
    with pytest.raises(DamagedError, match="last byte"):
        decode_prediction(tables, payloads[0, 0] + b"\0", cells_of(20, 30), out)
    with pytest.raises(DamagedError, match="too early"):
        decode_prediction(tables, payloads[0, 0][:-3], cells_of(20, 30), out)
    assert not out.any()


def test_rans_takes_fewer_bytes_than_prefix_codes_on_a_photograph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples = smooth_samples(256, 256, 3, 8, 7)
    sizes = []
    for first in (DENSE, 5):
        monkeypatch.setattr("pil_dctz.lossless.encoder.prediction.RANS_EFFORT", first)
        blob, payloads = coded(samples, 8, cells_of(256, 256), effort=5)
        sizes.append(len(blob) + len(payloads[0, 0]))
    assert sizes[1] < sizes[0] * 0.995


@pytest.mark.parametrize("effort", [4, 5, 7, DENSE])
def test_large_photographs_are_rans_from_effort_5_on_mixed_and_small_ones_from_8(
    effort: int,
) -> None:
    samples = smooth_samples(128, 130, 1, 8, 3)
    mixed = cells_of(128, 130)
    mixed[0, 0] = 0
    for part, cells, first in (
        (samples, cells_of(128, 130), 5),
        (samples, mixed, DENSE),
        (samples[:70].copy(), cells_of(70, 130), DENSE),
    ):
        blob, _ = coded(part, 8, cells, effort=effort)
        tables = parse_prediction_tables(blob, group(part, 8))
        assert (tables.first is not None) == (effort >= first)


@settings(max_examples=50, deadline=None)
@given(counts=st.lists(st.integers(0, 1 << 20), min_size=1, max_size=72))
def test_the_histogram_that_is_sent_is_the_one_that_codes(counts: list[int]) -> None:
    rows = np.zeros((1, 72), np.int64)
    rows[0, : len(counts)] = counts
    if not any(counts):
        rows[0, 0] = 1
    exponents = choose_exponents(rows)
    writer = BitWriter()
    write_histogram(writer, exponents[0])
    data = np.frombuffer(writer.getvalue() + bytes(8), np.uint8)
    cumulative = np.zeros((1, 73), np.uint16)
    state = np.zeros(2, np.int64)
    kernels = load("pil_dctz.lossless.decoder.prediction_tables_kernels")
    assert kernels.read_histogram(data, state, cumulative, 0, np.zeros(72, np.int64)) == 0
    frequencies = np.diff(cumulative[0].astype(np.int64))
    assert np.array_equal(frequencies, frequencies_of(exponents)[0])
    assert np.array_equal(frequencies > 0, rows[0] > 0)
    assert state[0] == writer.position


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_effort_0_alone_has_contexts_that_decode_fast(channels: int) -> None:
    samples = smooth_samples(70, 90, channels, 8, 3)
    for effort in range(10):
        blob, _ = coded(samples, 8, cells_of(70, 90), effort=effort)
        assert parse_prediction_tables(blob, group(samples, 8)).head.is_above == (effort == 0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_efforts_2_and_3_alone_send_no_predictors(channels: int) -> None:
    samples = smooth_samples(70, 90, channels, 8, 3)
    for effort in range(10):
        blob, _ = coded(samples, 8, cells_of(70, 90), effort=effort)
        head = parse_prediction_tables(blob, group(samples, 8)).head
        assert head.is_preset == (effort in (2, 3))


@pytest.mark.parametrize("channels", [1, 3])
def test_effort_0_has_one_tap_in_the_own_row(channels: int) -> None:
    samples = smooth_samples(200, 190, channels, 8, 3)
    blob, _ = coded(samples, 8, cells_of(200, 190), effort=0)
    head = parse_prediction_tables(blob, group(samples, 8)).head
    assert max(head.own) <= 4


def test_a_higher_effort_takes_fewer_bytes_on_a_photograph() -> None:
    samples = smooth_samples(320, 320, 3, 8, 12)
    sizes = []
    for effort in (0, 1, 5, DENSE):  # the presets of 2 and 3 suit photographs, not drawn slopes
        blob, payloads = coded(samples, 8, cells_of(320, 320), effort=effort)
        sizes.append(len(blob) + len(payloads[0, 0]))
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.small
@pytest.mark.parametrize("near", [1, 2, 5, 40])
@pytest.mark.parametrize(
    ("channels", "depth", "effort"), [(1, 8, 1), (3, 8, 0), (3, 8, 4), (4, 8, 8), (3, 12, 4)]
)
def test_no_sample_is_off_by_more_than_near_lossless_allows(
    channels: int, depth: int, effort: int, near: int
) -> None:
    rng = np.random.default_rng(near)
    samples = smooth_samples(31, 45, channels, depth, 6)
    samples[8:20, 9:30] = rng.integers(0, 1 << depth, (12, 21, channels))  # up to both ends
    shape = group(samples, depth)
    model = fit_prediction(
        samples, shape, cells_of(31, 45), effort=effort, segment_log2=0, near=near
    )
    out = np.zeros_like(samples)
    tables = parse_prediction_tables(model.tables, shape)
    decode_prediction(tables, encode_prediction(model, 0, 0), cells_of(31, 45), out)
    assert np.abs(out.astype(np.int64) - samples).max() == near


def test_near_lossless_takes_fewer_bytes() -> None:
    samples = smooth_samples(128, 160, 3, 8, 8)
    sizes = []
    for near in (0, 1, 2, 4):
        model = fit_prediction(
            samples, group(samples, 8), cells_of(128, 160), effort=4, segment_log2=0, near=near
        )
        sizes.append(len(model.tables) + len(encode_prediction(model, 0, 0)))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < sizes[0] * 0.8
