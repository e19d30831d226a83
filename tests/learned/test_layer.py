"""A frame with a layer, through the public functions."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pil_dctz
import pil_dctz.DctzImagePlugin as DctzImagePlugin
from conformance.author.learned import lmdl, lrnd, ranks_of
from pil_dctz.learned.encoder.model_file import write_model
from tests.learned.drawn import draw_filters, draw_network
from tests.pictures import draw_photo

WIDTH, HEIGHT = 150, 100
FILTERS = write_model(draw_filters(most=40))
NETWORK = write_model(draw_network())


def with_layer(
    model: bytes | None, layer: bytes, *, alpha: bool = False, size: int = 64
) -> tuple[bytes, bytes]:
    """A file with chunks of a layer, and the same without them."""
    samples = draw_photo(WIDTH, HEIGHT, 4 if alpha else 3)
    base = pil_dctz.encode(
        samples,
        options=pil_dctz.EncodeOptions(quality=50, mode="lossy", compact=False, segment_size=size),
    )
    frame, segs = base.index(b"FRAM"), base.index(b"SEGS")
    before = b"" if model is None else lmdl(model)
    return base[:frame] + before + base[frame:segs] + layer + base[segs:], base


@pytest.mark.parametrize("model", [FILTERS, NETWORK])
@pytest.mark.parametrize("alpha", [False, True])
def test_regions_and_threads_give_the_same_samples(model: bytes, alpha: bool) -> None:
    rng = np.random.default_rng(0)
    cells = [tuple(rng.integers(0, 8, 2).tolist()) for _ in range(6)]
    data, base = with_layer(model, lrnd(model, 4, 4, ranks_of(cells, (4, 4))), alpha=alpha)
    whole = pil_dctz.decode(data, threads=1)
    assert not np.array_equal(whole, pil_dctz.decode(base))
    assert np.array_equal(whole, pil_dctz.decode(data, threads=4))
    for x, y, w, h in ((0, 0, 1, 1), (60, 60, 9, 9), (64, 10, 64, 54), (149, 99, 1, 1)):
        part = pil_dctz.decode(data, region=(x, y, w, h))
        assert np.array_equal(part, whole[y : y + h, x : x + w])


def test_told_not_to_it_is_the_base_picture() -> None:
    data, base = with_layer(FILTERS, lrnd(FILTERS))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(pil_dctz.decode(data, learned=False), pil_dctz.decode(base))
        damaged, _ = with_layer(None, lrnd(FILTERS, bits=128))
        assert np.array_equal(pil_dctz.decode(damaged, learned=False), pil_dctz.decode(base))


def test_smaller_scales_are_those_of_the_base_picture() -> None:
    data, base = with_layer(FILTERS, lrnd(FILTERS))
    for scale in (2, 4, 8):
        small = pil_dctz.decode(data, scale=scale)
        assert np.array_equal(small, pil_dctz.decode(base, scale=scale))


def test_without_its_model_it_is_the_base_picture_and_says_so_once() -> None:
    data, base = with_layer(None, lrnd(FILTERS))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            assert np.array_equal(pil_dctz.decode(data), pil_dctz.decode(base))
    assert len(caught) == 1
    assert FILTERS[-32:-24].hex() in str(caught[0].message)


def test_a_model_by_path_is_the_same_as_one_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.dctm"
    path.write_bytes(NETWORK)
    apart, _ = with_layer(None, lrnd(NETWORK))
    inside, _ = with_layer(NETWORK, lrnd(NETWORK))
    assert np.array_equal(pil_dctz.decode(apart, learned=path), pil_dctz.decode(inside))
    (tmp_path / "no.dctm").write_bytes(b"no model")
    with pytest.raises(pil_dctz.DamagedError, match="model file"):
        pil_dctz.decode(apart, learned=tmp_path / "no.dctm")


def test_a_lost_segment_leaves_the_others_refined() -> None:
    data, base = with_layer(FILTERS, lrnd(FILTERS))
    whole = pil_dctz.decode(data)
    bad = bytearray(data)
    bad[-40] ^= 1  # of the last segment's high stream
    trace = pil_dctz.Trace()
    found = pil_dctz.decode(bytes(bad), strict=False, trace=trace)
    assert [damage.segment for damage in trace.lost] == [5]
    assert np.array_equal(found[:64], whole[:64])
    assert np.array_equal(found[:, :128], whole[:, :128])
    assert not np.array_equal(found[:64], pil_dctz.decode(base)[:64])


def test_a_damaged_layer_raises_unless_tolerant() -> None:
    data, base = with_layer(FILTERS, lrnd(FILTERS, check=1))
    with pytest.raises(pil_dctz.DamagedError, match="lrnd"):
        pil_dctz.decode(data)
    assert np.array_equal(pil_dctz.decode(data, strict=False), pil_dctz.decode(base))


def test_verify_judges_the_layer_and_the_model() -> None:
    good, _ = with_layer(FILTERS, lrnd(FILTERS))
    assert pil_dctz.verify(good).whole
    bad_layer, _ = with_layer(FILTERS, lrnd(FILTERS, bits=128))
    bad_model, _ = with_layer(FILTERS[:-1] + b"?", lrnd(FILTERS))
    for data, clause in ((bad_layer, "learned.layer"), (bad_model, "learned.model")):
        assert [damage.clause for damage in pil_dctz.verify(data).damages] == [clause]


def test_memory_of_the_layer_counts() -> None:
    data, base = with_layer(NETWORK, lrnd(NETWORK), size=0)
    room = WIDTH * HEIGHT * (3 + 24 + 4)
    pil_dctz.decode(base, limits=pil_dctz.Limits(max_memory=room))
    with pytest.raises(pil_dctz.LimitError):
        pil_dctz.decode(data, limits=pil_dctz.Limits(max_memory=room))


def test_more_cells_than_bits_are_refused_before_they_are_made() -> None:
    data, _ = with_layer(FILTERS, lrnd(FILTERS, 4, 4, b"\0"))
    with pytest.raises(pil_dctz.DamagedError, match="strengths in 1 bytes"):
        pil_dctz.decode(data)


def test_pillow_shows_what_the_plugin_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    data, base = with_layer(FILTERS, lrnd(FILTERS))
    for learned, wanted in ((True, pil_dctz.decode(data)), (False, pil_dctz.decode(base))):
        monkeypatch.setattr(DctzImagePlugin, "LEARNED", learned)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), wanted)
