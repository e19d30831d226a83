"""`imageio_dctz` is the folder `imageio_plugin` in a checkout; an installation renames it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def _load_from_checkout() -> None:
    folder = Path(__file__).resolve().parents[2] / "imageio_plugin"
    spec = importlib.util.spec_from_file_location(
        "imageio_dctz", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["imageio_dctz"] = module
    spec.loader.exec_module(module)


if importlib.util.find_spec("imageio_dctz") is None:
    _load_from_checkout()
