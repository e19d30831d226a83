"""Tests run the installed package where there is one, and the checkout's where there is none."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _find_packages() -> None:
    """Let `pil_dctz` come from the installation, `tests` and `training` from the checkout.

    The checkout also holds `pil_dctz`, without what a wheel adds to it: the kernels compiled ahead
    of time and the names under which its folders are installed. So the installation goes first,
    unless PYTHONPATH names the checkout. (A worker of pytest-xdist gets the path that was made
    here.)
    """
    if str(ROOT) not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        sys.path[:] = [path for path in sys.path if path not in ("", str(ROOT))]
    try:
        import pil_dctz
    except ModuleNotFoundError:
        sys.path.insert(0, str(ROOT))
        import pil_dctz
    if Path(pil_dctz.__path__[0]).parent == ROOT:  # for the processes that tests start
        paths = (str(ROOT), os.environ.get("PYTHONPATH"))
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    else:
        os.environ["PYTHONSAFEPATH"] = "1"  # they do not look for packages where they start
    sys.path.insert(0, str(ROOT))

    if importlib.util.find_spec("imageio_dctz") is None:
        folder = ROOT / "imageio_plugin"
        spec = importlib.util.spec_from_file_location(
            "imageio_dctz", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["imageio_dctz"] = module
        spec.loader.exec_module(module)


_find_packages()


def pytest_report_header() -> list[str]:
    """Say which package is tested, and how its kernels run."""
    import pil_dctz

    settings = ("PIL_DCTZ_KERNELS", "NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK")
    chosen = [f"{name}={os.environ[name]}" for name in settings if name in os.environ]
    found = sorted(path.name for path in Path(pil_dctz.__path__[0]).glob("_kernels*"))
    return [
        f"pil_dctz: {pil_dctz.__path__[0]}",
        f"kernels ahead of time: {', '.join(found) or 'none'}; {' '.join(chosen) or 'no settings'}",
    ]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
