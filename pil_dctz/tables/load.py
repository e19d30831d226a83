"""The only reader of `spec/tables`: the very files of the specification, checked by SHA-256.

A wheel carries the folder as `pil_dctz.tables.data`; in a checkout it is `spec/tables`.

Formats, all readable by a stranger:
`*.txt`, `*.csv`  decimal integers in C order, separated by white space or commas; a line that
                  begins with `#` is a comment.
`*.bin`           little-endian integers in C order.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.errors import DctzError

__all__ = ["load_array", "load_table"]

CHECKSUMS = "CHECKSUMS"


@cache
def load_table(name: str) -> bytes:
    """The bytes of the table file `name`, as in `load_table("lossy-curve.txt")`.

    Raises DctzError for a file that is missing, not listed or not the listed one: the installation
    is damaged then, and no picture would come out right.
    """
    import hashlib

    with _open(name) as file:
        data: bytes = file.read()
    found = hashlib.sha256(data).hexdigest()
    expected = _checksums().get(name)
    if expected is None:
        raise DctzError(f"table {name} is not listed in {CHECKSUMS}")
    if found != expected:
        raise DctzError(f"table {name}: SHA-256 {found}, {CHECKSUMS} says {expected}")
    return data


@cache
def load_array(name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The table `name` as a read-only, C-contiguous array, shared by all callers.

    dtype: as NumPy names it, such as "uint16" or "int32"; every value must fit.
    shape: one -1 stands for what is left.

    Raises DctzError as `load_table`, and where the values do not fit dtype or shape.
    """
    data = load_table(name)
    kind = np.dtype(dtype)
    if name.endswith(".bin"):
        values = np.frombuffer(data, kind.newbyteorder("<"))
    else:
        values = _parse_integers(data)
    array = np.ascontiguousarray(values.astype(kind))
    if not np.array_equal(array, values):
        raise DctzError(f"table {name}: values {values.min()}..{values.max()} do not fit {kind}")
    try:
        array = array.reshape(shape)
    except ValueError:
        raise DctzError(f"table {name}: {array.size} values, expected shape {shape}") from None
    array.flags.writeable = False
    return array


def _parse_integers(text: bytes) -> NDArray[np.int64]:
    if b"#" in text:
        text = b"\n".join(line for line in text.split(b"\n") if not line.startswith(b"#"))
    return np.fromstring(text.replace(b",", b" ").decode("ascii"), np.int64, sep=" ")


@cache
def _checksums() -> dict[str, str]:
    with _open(CHECKSUMS) as file:
        lines = file.read().decode("ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line)}


def _open(name: str) -> Any:
    """Open `name` in the installed folder or, in a checkout, in `spec/tables`."""
    here = os.path.dirname(os.path.abspath(__file__))
    checkout = os.path.join(os.path.dirname(os.path.dirname(here)), "spec", "tables")
    for folder in (os.path.join(here, "data"), checkout):
        try:
            return open(os.path.join(folder, name), "rb")
        except FileNotFoundError:
            continue
    raise DctzError(f"table {name} is missing from the installation")
