"""The blocks of a segment from the beginning of its low stream. Clause `lossy.partition`.

Checked by the wrapper (parse.py): data.size >= 8; `blocks`, `owners` and `shapes` have a place for
each square; the histograms are the normative ones, one for each context. Work: one symbol a node.
"""

import numpy as np

from pil_dctz.entropy.decoder.rans_kernels import begin, decode_symbol
from pil_dctz.kernels.declare import kernel
from pil_dctz.lossy.blocks_kernels import add_block, put_node
from pil_dctz.lossy.contexts_kernels import partition_context


@kernel(
    "int64(u8ro[::1], int64, int64, int64, u16ro[:, ::1], u8ro[:, ::1],"
    " uint8[::1], int32[:, ::1], int32[::1], int64[::1])"
)
def parse_partition(data, rows, columns, rate, sums, coarse, shapes, blocks, owners, reader):
    # lossy.partition. shapes uint8 (squares), begins as 0; blocks int32 (squares, 6); reader
    # int64[3] keeps (x, y, position). Returns the number of blocks.
    # Proof: nodes lie inside the grid wherever a symbol is read, so blocks do; every square is
    # covered once, so there are at most as many blocks as squares.
    x, y, position = begin(data)
    count = 0
    at = 0
    for top in range(0, rows, 8):
        for left in range(0, columns, 8):
            whole = np.int64(0)
            if top + 8 <= rows and left + 8 <= columns:
                context = partition_context(shapes, columns, top, left, 0, rate)
                whole, x, y, position = decode_symbol(data, x, y, position, sums, coarse, context)
            if whole > 0:
                count, at = add_block(blocks, owners, shapes, columns, count, at, top, left, 7)
                continue
            for part in range(4):
                i = top + 4 * (part >> 1)
                j = left + 4 * (part & 1)
                if i >= rows or j >= columns:
                    continue
                kind = np.int64(0)
                if i + 4 <= rows and j + 4 <= columns:
                    context = partition_context(shapes, columns, i, j, 1, rate)
                    kind, x, y, position = decode_symbol(
                        data, x, y, position, sums, coarse, context
                    )
                if kind > 0:
                    count, at = put_node(blocks, owners, shapes, columns, count, at, i, j, 1, kind)
                    continue
                for quarter in range(4):
                    v = i + 2 * (quarter >> 1)
                    u = j + 2 * (quarter & 1)
                    if v >= rows or u >= columns:
                        continue
                    kind = np.int64(0)
                    if v + 2 <= rows and u + 2 <= columns:
                        context = partition_context(shapes, columns, v, u, 2, rate)
                        kind, x, y, position = decode_symbol(
                            data, x, y, position, sums, coarse, context
                        )
                    if kind > 0:
                        count, at = put_node(
                            blocks, owners, shapes, columns, count, at, v, u, 2, kind
                        )
                        continue
                    for n in range(4):
                        r = v + (n >> 1)
                        c = u + (n & 1)
                        if r < rows and c < columns:
                            count, at = add_block(
                                blocks, owners, shapes, columns, count, at, r, c, 0
                            )
    reader[0] = x
    reader[1] = y
    reader[2] = position
    return count
