"""Passes: what each has, and what a part of them shows. Clause `lossy.passes`."""

import numpy as np
import pytest

from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_streams import Writer
from pil_dctz.container.syntax import GroupShape
from pil_dctz.errors import DamagedError
from pil_dctz.lossy.decoder.parse import parse_low, parse_passes
from pil_dctz.lossy.decoder.segment import decode_segment, parse_tables
from pil_dctz.lossy.encoder.group import encode_group
from pil_dctz.lossy.encoder.passes import cut_into_passes, known_after, write_passes
from pil_dctz.lossy.encoder.tokens import write_high
from pil_dctz.lossy.passes import BOUNDS, WHOLE, zones
from pil_dctz.lossy.shapes import ENDS
from pil_dctz.lossy.syntax import coding_grid
from tests.lossy.drawn_levels import tables_of
from tests.pictures import draw_photo

W, H = 75, 62


def written(passes, seed=3):
    """(tables, grid, streams) of a drawn segment, by the author's scripts."""
    plan = predicted(seed, end=30, levels=5, passes=passes)
    writer = Writer(plan, W, H)
    streams = [writer.low().bytes(), *(writer.high(n).bytes() for n in range(passes))]
    tables = tables_of(plan)
    return tables, coding_grid(W, H, tables.factors), streams


def parsed(tables, grid, streams):
    segment = parse_low(streams[0], tables, grid)
    parse_passes(streams[1:], tables, grid, segment)
    return segment


@pytest.mark.checked
@pytest.mark.parametrize("passes", [1, 2, 3])
def test_levels_do_not_depend_on_the_passes_and_are_written_as_the_author_does(passes):
    tables, grid, streams = written(passes)
    segment = parsed(tables, grid, streams)
    alone = parsed(*written(1))
    for name in ("levels", "ends", "directions", "values"):
        assert np.array_equal(getattr(segment, name), getattr(alone, name)), name
    assert write_passes(segment, tables, grid, passes) == streams[1:]
    assert segment.levels.any()


@pytest.mark.checked
@pytest.mark.parametrize("passes", [2, 3])
def test_missing_passes_leave_the_levels_of_those_before(passes):
    tables, grid, streams = written(passes)
    whole = parsed(tables, grid, streams)
    for known in range(1, passes):
        shown = [*streams[: 1 + known], *[b""] * (passes - known)]
        part = parsed(tables, grid, shown)
        expected = known_after(whole, BOUNDS[passes - 1][known])
        assert np.array_equal(part.levels, expected.levels)
        assert np.array_equal(part.ends, whole.ends)
        assert (part.levels != whole.levels).any()


def test_one_pass_is_the_high_stream():
    tables, grid, streams = written(1)
    segment = parsed(tables, grid, streams)
    assert zones(1) == (WHOLE,)
    assert write_passes(segment, tables, grid, 1) == [write_high(segment, tables, grid)]


@pytest.mark.small
@pytest.mark.parametrize("passes", [1, 2, 3])
def test_zones_share_all_places_and_know_the_classes_that_reach_over_them(passes):
    last = 1
    for begin, end, *classes in (zone.tolist() for zone in zones(passes)):
        assert begin == last < end
        last = end
        if end == 64:
            assert classes == [len(ENDS) - 1] * 7
            continue
        for log2, found in enumerate(classes):
            places = (end - 1) << log2
            assert ENDS[found] >= places
            assert found == 0 or ENDS[found - 1] < places
    assert last == 64


@pytest.mark.checked
def test_each_cut_or_lengthened_pass_is_damage():
    tables, grid, streams = written(3)
    for n in (1, 2, 3):
        for wrong in (streams[n][:-2], streams[n] + b"\0\0", streams[n][:7]):
            with pytest.raises(DamagedError):
                parsed(tables, grid, [*streams[:n], wrong, *streams[n + 1 :]])


@pytest.mark.parametrize("passes", [2, 3])
def test_a_group_in_passes_decodes_to_the_same_samples_at_every_scale(passes):
    samples = draw_photo(150, 90, 3)
    shape = GroupShape(150, 90, 3, 8)
    group = encode_group(samples, shape, quality=70, effort=3, segment_log2=7, threads=1)
    assert cut_into_passes(group, shape, 1, 1) == group
    cut = cut_into_passes(group, shape, passes, 2)
    assert len(cut.streams) == 1 + passes
    assert cut.streams[0] == group.streams[0]
    tables = parse_tables(group.tables, shape)
    for number, width in enumerate((128, 22)):
        for scale in (1, 2):
            outs = []
            for streams in (group.streams, cut.streams):
                low, *high = (stream[number] for stream in streams)
                out = np.zeros((-(-90 // scale), -(-width // scale), 3), np.uint8)
                decode_segment(tables, low, high, width, 90, out, scale=scale)
                outs.append(out)
            assert (outs[0] == outs[1]).all()
            assert outs[0].std() > 5


def test_passes_cost_few_bytes():
    samples = draw_photo(512, 512, 3)
    shape = GroupShape(512, 512, 3, 8)
    group = encode_group(samples, shape, quality=75, effort=3, segment_log2=0, threads=1)
    sizes = [
        sum(len(stream[0]) for stream in cut_into_passes(group, shape, passes, 1).streams)
        for passes in (1, 2, 3)
    ]
    assert sizes[0] < sizes[1] < sizes[2] < 1.06 * sizes[0]
