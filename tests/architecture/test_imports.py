"""Who imports whom: the arrows that keep numba out, the rooms apart, the reference independent."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What a kernel module may import besides other kernel modules: nothing that the digest of its
#: source (`kernels.sources`) does not see.
KERNEL_IMPORTS = {"__future__", "math", "numpy", "pil_dctz.kernels.declare"}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Each module that a file imports, wherever in it, as a dotted name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:  # the reference names its package nowhere
                assert node.level == 1 and path.parent.name == "reference", f"{path}: relative"
                yield from ([node.module] if node.module else [alias.name for alias in node.names])
                continue
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_layers_and_decoders_apart_from_encoders() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_kernel_modules_are_imported_by_kernel_modules_alone() -> None:
    for path in python_files("pil_dctz", "imageio_plugin"):
        if not path.name.endswith("_kernels.py"):
            assert not [name for name in imports(path) if name.endswith("_kernels")], path


def test_kernel_modules_import_nothing_that_their_digest_misses() -> None:
    for path in python_files("pil_dctz"):
        if not path.name.endswith("_kernels.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= KERNEL_IMPORTS, path
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert module in KERNEL_IMPORTS or module.endswith("_kernels"), path
                assert node.col_offset == 0, f"{path}: an import inside a function"


def test_numba_is_imported_by_the_kernels_room_alone() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("pil_dctz", "imageio_plugin")
        if any(name.split(".")[0] == "numba" for name in imports(path))
    }
    assert users <= {f"pil_dctz/kernels/{name}.py" for name in ("build", "declare", "jit")}


def test_one_file_uses_numbas_ahead_of_time_compiler() -> None:
    users = [path for path in python_files("pil_dctz") if "numba.pycc" in path.read_text("utf-8")]
    assert {path.name for path in users} <= {"build.py", "variants.py"}


def test_the_package_does_not_import_what_builds_or_checks_it() -> None:
    outside = {"training", "benchmarks", "conformance", "tests"}
    for path in python_files("pil_dctz", "imageio_plugin"):
        assert not outside & {name.split(".")[0] for name in imports(path)}, path


def test_the_reference_decoder_imports_the_standard_library_alone() -> None:
    files = python_files("conformance/reference")
    assert files, "conformance/reference does not exist"
    own = {"conformance", "reference", *(path.stem for path in files)}
    for path in files:
        tops = {name.split(".")[0] for name in imports(path)}
        assert tops <= own | set(sys.stdlib_module_names), path
