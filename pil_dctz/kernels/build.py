"""Compiles all kernels ahead of time into extension modules. The only user of `numba.pycc`.

    python -m pil_dctz.kernels.build            into the package, beside its source
    python -m pil_dctz.kernels.build --output DIR --variant _kernels_v3

`setup.py` calls it when a wheel is made. The public interface of `CC` releases no lock and knows no
error model, so the compiler's flags are replaced, in this process alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from pil_dctz.kernels.load import symbol
from pil_dctz.kernels.sources import all_groups, group_digest
from pil_dctz.kernels.variants import NO_COMPILER, TARGETS, variants_here

__all__ = ["build", "main"]


def build(variant: str, output: str, groups: Sequence[str]) -> str:
    """Compile the kernel modules `groups` into `variant`, in the folder `output`; its path.

    Once a process: what was compiled for one target is kept by numba and would be used again.
    """
    from pil_dctz.kernels.declare import entry_points, signature_of

    compiler: Any = import_module("numba.pycc.compiler")
    compiler.Flags = partial(_kernel_flags, compiler.Flags)
    modules = import_module("numba.pycc").CC(variant, source_module=__name__)
    modules.output_dir = output
    modules.target_cpu = TARGETS[variant]
    modules.use_nrt = False  # as in declare.py: kernels allocate nothing
    for group in groups:
        import_module(group)
        digest = group_digest(group)
        for name, entry in entry_points(group).items():
            modules.export(symbol(group, name, digest), signature_of(entry.signature))(
                entry.function
            )
    modules.compile()
    return os.path.join(output, modules.output_file)


def _kernel_flags(make: Any) -> Any:
    flags = make()
    flags.release_gil = True
    flags.error_model = "numpy"
    return flags


def _why_not() -> str:
    """Why nothing can be compiled here, or ""."""
    try:
        from numba.pycc.platform import external_compiler_works
    except ImportError:
        return "this numba does not compile ahead of time"
    return "" if external_compiler_works() else "there is no working C compiler"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make one variant, or all of this machine one after the other. Returns an exit status."""
    parser = argparse.ArgumentParser(description="Compile the kernels ahead of time.")
    parser.add_argument("--output", default=os.path.dirname(os.path.dirname(__file__)))
    parser.add_argument("--variant", choices=sorted(TARGETS))
    options = parser.parse_args(arguments)
    reason = _why_not()
    if reason:
        print(f"kernels are not compiled ahead of time: {reason}", file=sys.stderr)
        return NO_COMPILER
    if options.variant:
        print(build(options.variant, options.output, all_groups()))
        return 0
    command = [sys.executable, "-m", "pil_dctz.kernels.build"]
    statuses = [
        subprocess.run([*command, "--output", options.output, "--variant", variant]).returncode
        for variant in variants_here()
    ]
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main())
