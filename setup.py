"""What pyproject.toml cannot say: kernels compiled ahead of time, folders under other names.

A wheel (and so `pip install .`) gets the kernels as extension modules where there is a C compiler.
Without one, with `PIL_DCTZ_KERNELS=jit` set, or in an editable installation numba compiles them
at first use; `python -m pil_dctz.kernels.build` adds them to a checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, find_namespace_packages, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from pil_dctz.kernels.variants import NO_COMPILER, variants_here  # noqa: E402


class BuildKernels(build_ext):
    """Runs `pil_dctz.kernels.build` once for each variant, side by side."""

    def run(self) -> None:
        self.made: list[str] = []
        if self.editable_mode or os.environ.get("PIL_DCTZ_KERNELS") == "jit":
            return
        folder = Path(self.get_ext_fullpath("pil_dctz._kernels")).resolve().parent
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        command = [sys.executable, "-m", "pil_dctz.kernels.build", "--output", str(folder)]
        jobs = [
            subprocess.Popen([*command, "--variant", variant], cwd=ROOT, env=environment)
            for variant in variants_here()
        ]
        statuses = {job.wait() for job in jobs}
        if statuses - {0, NO_COMPILER}:
            raise SystemExit("the kernels could not be compiled")
        if statuses == {0}:
            self.made = [str(path) for path in sorted(folder.glob("_kernels*"))]

    def get_outputs(self) -> list[str]:
        return self.made

    def get_output_mapping(self) -> dict[str, str]:
        return {}


setup(
    packages=[  # namespace: data folders too
        *find_namespace_packages(
            include=["pil_dctz", "pil_dctz.*"], exclude=["*.__pycache__", "*.__pycache__.*"]
        ),
        "imageio_dctz",
        "pil_dctz.tables.data",
        "dctz_conformance",
        "dctz_conformance.reference",
        "dctz_conformance.tables",
    ],
    package_dir={
        "imageio_dctz": "imageio_plugin",
        "pil_dctz.tables.data": "spec/tables",
        "dctz_conformance": "conformance",
        "dctz_conformance.tables": "spec/tables",
    },
    package_data={
        "pil_dctz": ["py.typed"],
        "pil_dctz.learned": ["models/*.dctm"],
        "imageio_dctz": ["py.typed"],
        "pil_dctz.tables.data": ["CHECKSUMS", "*.txt", "*.csv", "*.bin"],
        "dctz_conformance": ["manifest.json", "vectors/**/*.dctz"],
        "dctz_conformance.tables": ["CHECKSUMS", "*.txt", "*.csv", "*.bin"],
        "pil_dctz.demo": ["**/*.png", "**/*.jpg", "**/*.html", "**/*.txt"],
    },
    ext_modules=[Extension("pil_dctz._kernels", sources=[])],  # makes the wheel a platform's own
    cmdclass={"build_ext": BuildKernels},
)
