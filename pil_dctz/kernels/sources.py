"""Which kernel modules there are, and a hash of the source that each of them is made of.

Nothing here imports a kernel module, so numba stays out.
"""

from __future__ import annotations

import hashlib
import os
import re
from importlib.util import find_spec

__all__ = ["all_groups", "group_digest"]

#: `from package.x_kernels import name`: how a kernel module may use another one.
_IMPORT = re.compile(rb"^(?:from|import)\s+([\w.]+_kernels)\b", re.MULTILINE)

_DECLARE = "pil_dctz.kernels.declare"


def all_groups() -> list[str]:
    """The dotted names of all kernel modules of the package, sorted."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = []
    for folder, _, files in os.walk(root):
        package = os.path.relpath(folder, os.path.dirname(root)).replace(os.sep, ".")
        found += [f"{package}.{name[:-3]}" for name in files if name.endswith("_kernels.py")]
    return sorted(found)


def group_digest(module: str) -> str:
    """Twelve hex digits over the sources of `module` and of the kernel modules it imports.

    Also over the meaning of a declaration (`declare.py`). Raises ModuleNotFoundError.
    """
    sources = {_DECLARE: _source(_DECLARE)}
    pending = [module]
    while pending:
        name = pending.pop()
        if name not in sources:
            sources[name] = _source(name)
            pending += [match.decode("ascii") for match in _IMPORT.findall(sources[name])]
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name} {len(sources[name])}\n".encode())
        digest.update(sources[name])
    return digest.hexdigest()[:12]


def _source(module: str) -> bytes:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no kernel module {module}", name=module)
    with open(spec.origin, "rb") as file:
        return file.read().replace(b"\r\n", b"\n")
