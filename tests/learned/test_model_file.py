"""Model files: what is written reads back; what may overflow, or is damaged, is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from pil_dctz import DamagedError, UnsupportedError
from pil_dctz.learned.decoder.known import find_model, read_model
from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.encoder.model_file import write_model
from pil_dctz.learned.model import Layer, Model, NetworkModel, layer_fault
from tests.learned.drawn import draw_filters, draw_network

pytestmark = pytest.mark.small


@pytest.mark.parametrize("model", [draw_filters(), draw_network(), draw_network(side_log2=2)])
def test_a_model_reads_back(model: Model) -> None:
    data = write_model(replace(model, metadata={"name": "n\u00e4me", "metrics": {"psnr": -5.5}}))
    found = parse_model(data)
    assert found.metadata == {"name": "n\u00e4me", "metrics": {"psnr": -5.5}}
    assert found.digest == data[-32:] == hashlib.sha256(data[:-32]).digest()
    assert write_model(found) == data


@pytest.mark.parametrize("model", [draw_filters(), draw_network()])
def test_every_byte_is_covered_by_the_hash(model: Model) -> None:
    data = write_model(model)
    for at in range(0, len(data), 97):
        bad = bytearray(data)
        bad[at] ^= 1
        with pytest.raises(DamagedError):
            parse_model(bytes(bad))


@pytest.mark.parametrize("model", [draw_filters(taps=1), draw_network(width=1)])
def test_cut_bodies_and_drawn_bytes_are_refused_or_read(model: Model) -> None:
    """With a right hash, whatever the body: our errors alone."""
    body = write_model(model)[:-32]
    rng = np.random.default_rng(0)
    for trial in range(600):
        bad = bytearray(body)
        for _ in range(int(rng.integers(1, 4))):
            bad[int(rng.integers(8, len(bad)))] = int(rng.integers(0, 256))
        if trial % 3 == 0:
            del bad[int(rng.integers(8, len(bad))) :]
        try:
            parse_model(bytes(bad) + hashlib.sha256(bytes(bad)).digest())
        except (DamagedError, UnsupportedError) as error:
            assert error.clause.startswith("learned.")


def layer_of(bias: int, weight: int, *, inputs: int = 64, shift: int = 1) -> Layer:
    return Layer(
        0,
        False,
        False,
        np.full((1, 1, 1, inputs), weight, np.int8),
        np.array([1], np.int32),
        np.array([shift], np.int32),
        np.array([bias], np.int32),
    )


def test_the_proof_stands_at_its_very_limit() -> None:
    """Sums of what is let through stay in int32, at the worst inputs; one more is refused."""
    for weight, shift in ((127, 1), (-127, 20), (0, 7)):
        most = (1 << 31) - 1 - 32767 * 127 * 64 * (weight != 0) - (1 << (shift - 1))
        for bias in (most, -most):
            layer = layer_of(bias, weight, shift=shift)
            assert layer_fault(layer, 64) == ""
            worst = 32767 * int(np.abs(layer.weights.astype(np.int64)).sum()) + abs(bias)
            assert worst + (1 << (shift - 1)) <= (1 << 31) - 1
            assert "may reach" in layer_fault(
                layer_of(bias + (1 if bias > 0 else -1), weight, shift=shift), 64
            )


def test_a_network_of_too_much_work_is_refused() -> None:
    rng = np.random.default_rng(0)
    wide = Layer(
        1,
        True,
        False,
        rng.integers(-9, 9, (64, 3, 3, 64)).astype(np.int8),
        np.full(64, 20000, np.int32),
        np.full(64, 9, np.int32),
        np.zeros(64, np.int32),
    )
    first = replace(wide, weights=wide.weights[..., :16])
    last = replace(
        wide,
        positive=False,
        weights=wide.weights[:12],
        multipliers=wide.multipliers[:12],
        shifts=wide.shifts[:12],
        biases=wide.biases[:12],
    )
    data = write_model(NetworkModel(1, (first, last)))
    assert parse_model(data).products == (64 * 9 * 16 + 12 * 9 * 64) / 4
    with pytest.raises(DamagedError, match="products"):
        parse_model(write_model(NetworkModel(1, (first, wide, last))))


def test_metadata_that_are_no_object_are_left_out() -> None:
    model = draw_filters(taps=1)
    empty = write_model(model)
    for raw in (b"[1]", b"{", b"\xff\xfe", b"[" * 30000):
        size = bytes((len(raw),)) if len(raw) < 128 else bytes((48 | 128, 106 | 128, 1))
        body = empty[:10] + size + raw + empty[11:-32]
        assert parse_model(body + hashlib.sha256(body).digest()).metadata == {}


def test_a_path_is_found_by_its_identifier_alone(tmp_path: pytest.TempPathFactory) -> None:
    data = write_model(draw_filters())
    path = tmp_path / "drawn.dctm"  # type: ignore[operator]
    path.write_bytes(data)
    found = find_model(data[-32:-24], path)
    assert found is not None and found.digest == data[-32:]
    assert find_model(b"\xff" * 8, path) is None
    assert read_model(path) is read_model(path)
    other = write_model(draw_filters(1))
    path.write_bytes(other + b"")
    assert read_model(path).digest == other[-32:]
