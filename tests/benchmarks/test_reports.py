"""Tables from made-up records with known totals, the cache, and a set of one small file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import knobs, lossless, report, rules, threads
from benchmarks.fresh import tiled
from benchmarks.pictures import Picture, read_set, samples_of
from benchmarks.store import Cache, Record, read_lines
from tests.pictures import draw_photo


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCTZ_BENCHMARK_CACHE", str(tmp_path / "cache"))


def _density(codec: str, picture: str, size: int) -> Record:
    head = {"bench": "lossless", "set": "s", "picture": picture, "codec": codec, "label": codec}
    return {**head, "bytes": size, "pixels": 100, "raw_bytes": 300}


def test_totals_compare_the_pictures_that_both_codecs_hold() -> None:
    records = [_density("dctz", "a", 50), _density("dctz", "b", 150), _density("webp", "a", 100)]
    table = report.density_table(records)
    assert "| dctz | 2 | 200 | 8.000 | 33.3 % |  |" in table
    assert "| webp | 1 | 100 | 8.000 | 33.3 % | -50.0 % |" in table


def test_pictures_that_are_not_exact_are_named() -> None:
    head = {"bench": "exact", "set": "s"}
    records: list[Record] = [
        {**head, "picture": "good", "library": True, "pillow": True},
        {**head, "picture": "deep", "library": True, "pillow": None},
        {**head, "picture": "bad", "library": True, "pillow": False},
        {**head, "picture": "broken", "refused": "bad header"},
    ]
    table = report.exact_table(records)
    assert "| s | 3 of 3 | 1 of 2 | 1 | bad |" in table


def test_the_cache_is_read_back_and_survives_a_line_cut_off(tmp_path: Path) -> None:
    Cache("x").put({"bytes": 3}, "key", 1.5)
    file = tmp_path / "cache" / "x.jsonl"
    file.write_text(file.read_text() + '{"key": "half')
    assert Cache("x").get("key", 1.5) == {"bytes": 3}
    assert Cache("x").get("key", 1.6) is None


def test_records_of_a_set_of_one_file_come_from_the_cache_the_second_time(tmp_path: Path) -> None:
    ramp = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    first = list(lossless.measure(str(tmp_path), ["png"]))
    again = list(lossless.measure(str(tmp_path), ["png"]))
    assert len(first) == 1
    assert first[0]["pixels"] == 16
    assert first == again  # times and all


def test_palettes_and_transparent_colours_become_the_samples_they_mean(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "p.png")
    assert samples_of((tmp_path / "p.png").read_bytes()).tolist() == [[[10, 20, 30], [40, 50, 60]]]
    picture.save(tmp_path / "t.png", transparency=0)
    transparent = samples_of((tmp_path / "t.png").read_bytes())
    assert transparent.tolist() == [[[10, 20, 30, 0], [40, 50, 60, 255]]]
    assert [picture.name for picture in read_set(str(tmp_path), only=["t"])] == ["t"]


def test_tiling_reaches_the_megapixels_asked_for() -> None:
    samples = np.zeros((512, 768, 3), np.uint8)
    large = tiled(Picture("k", Path(), b"", samples), 20)
    assert 20e6 <= large.pixels < 20.1e6
    assert large.samples.flags.c_contiguous


def test_json_lines_are_read_from_several_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"bench": "x"}\n\n{"bench": "y"}\n')
    (tmp_path / "b").write_text('{"bench": "z"}\n')
    records = read_lines([tmp_path / "a", tmp_path / "b"])
    assert [record["bench"] for record in records] == ["x", "y", "z"]


def test_generations_and_floors_tell_the_worst(tmp_path: Path) -> None:
    Image.fromarray(draw_photo(64, 48)).save(tmp_path / "a.png")
    records = list(knobs.measure_generations([str(tmp_path)], quality=60, count=3))
    assert len(records[0]["scores"]) == len(records[0]["bytes"]) == 3
    assert records[0]["loss"] == round(records[0]["scores"][0] - records[0]["scores"][2], 3)
    made_up = [{**records[0], "loss": loss} for loss in (0.25, 1.5)]
    assert "greatest loss 1.50, mean 0.88, below 1 point on 1 of 2" in "".join(
        report.tables(made_up)
    )
    high = list(knobs.measure_floor([str(tmp_path)], quality=97, floor=50))
    low = list(knobs.measure_floor([str(tmp_path)], quality=3, floor=99))
    assert [record["held"] for record in (*high, *low)] == [True, False]
    assert "1 of 2 at 50 or more" in "".join(report.tables([*high, *low]))


def test_threads_are_measured_where_there_are_two_segments(tmp_path: Path) -> None:
    for name, width in (("wide", 600), ("small", 40)):
        Image.fromarray(draw_photo(width, 200)).save(tmp_path / f"{name}.png")
    records = list(threads.measure(str(tmp_path), turns=1, modes=("lossy",)))
    assert [record["picture"] for record in records] == ["wide"]
    assert records[0]["segments"] == 2
    assert "| s/wide | lossy | 2 |" in report.threads_table([{**records[0], "set": "s"}])


def test_a_layer_is_held_against_the_base_and_its_worst_picture_named() -> None:
    records: list[Record] = []
    for picture, factor in (("a", 0.9), ("b", 1.1)):
        for codec, size in (("dctz", 1.0), ("dctz-filters", factor)):
            for n in range(1, 5):
                head = {"bench": "rd", "set": "s", "picture": picture, "codec": codec}
                scores = {"ssimulacra2": 20 + 15 * n, "ms_ssim": 1 - 0.1**n, "psnr": 30 + 2 * n}
                records.append(
                    {**head, "label": codec, **scores, "bytes": round(10000 * size * 2**n)}
                )
    (table,) = report.tables(records)
    assert "BD-rate of dctz-filters" in table
    assert "| dctz | +0.0 % | -10.0 (a) .. +10.0 (b) | +0.0 %, worst +10.0 (b) |" in table


def test_rules_are_held_against_the_first_of_their_kind(tmp_path: Path) -> None:
    Image.fromarray(draw_photo(96, 64)).save(tmp_path / "drawn.png")
    records = list(rules.measure(str(tmp_path), ["levels"]))
    assert [record["rule"] for record in records] == list(rules.RULES["levels"])
    first, rounding = records[0], records[-1]
    assert (first["ssimulacra2"], first["psnr"]) == (0, 0) and first["ns"] > 0
    assert rounding["ssimulacra2"] > 1, "what no search touched takes more bytes"
    table = report.rules_table(records)
    assert "| levels: search, one pass | +0.00 % | +0.00 % |" in table and "1 pictures" in table
    with pytest.raises(ValueError, match="kinds must be of map, levels, got edges"):
        next(rules.measure(str(tmp_path), ["edges"]))
