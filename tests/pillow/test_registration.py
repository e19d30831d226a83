"""What `import pil_dctz` tells Pillow, and what it leaves alone."""

from __future__ import annotations

import mimetypes
import subprocess
import sys
import tempfile

import pytest
from PIL import Image

import pil_dctz  # noqa: F401
from pil_dctz.DctzImagePlugin import register


def run_fresh(program: str) -> str:
    """Standard output of a program in a fresh interpreter, away from the checkout."""
    command = [sys.executable, "-c", program]
    away = tempfile.gettempdir()
    return subprocess.run(command, cwd=away, capture_output=True, text=True, check=True).stdout


def test_registered_under_the_names_that_pillow_looks_up():
    assert Image.EXTENSION[".dctz"] == "DCTZ"
    assert Image.MIME["DCTZ"] == "image/x-dctz"
    for table in (Image.OPEN, Image.SAVE, Image.SAVE_ALL, Image.DECODERS, Image.ENCODERS):
        assert "DCTZ" in table
    assert mimetypes.guess_type("a.dctz") == ("image/x-dctz", None)


@pytest.mark.parametrize(
    "before",
    [
        "import pathlib, pil_dctz, mimetypes",
        "import mimetypes, pil_dctz",
        "import mimetypes; mimetypes.init(); import pil_dctz",
        "import pil_dctz, mimetypes; pil_dctz.register()",
    ],
)
def test_mimetypes_knows_the_type(before):
    ask = "print(mimetypes.guess_type('a.dctz'), mimetypes.guess_extension('image/x-dctz'))"
    program = f"{before}; {ask}"
    assert run_fresh(program).strip() == "('image/x-dctz', None) .dctz"


def test_registering_again_changes_nothing():
    before = list(Image.ID)
    register()
    register()
    assert before == Image.ID
    assert Image.ID.count("DCTZ") == 1


def test_import_loads_neither_numpy_nor_numba_nor_other_plugins():
    program = (
        "import sys, pil_dctz; from PIL import Image;"
        "print([name for name in ('numpy', 'numba', 'imageio') if name in sys.modules],"
        " Image._initialized, Image.ID)"
    )
    assert run_fresh(program).strip() == "[] 0 ['DCTZ']"


def test_opening_loads_neither_numba_nor_numpy(tmp_path):
    path = tmp_path / "a.dctz"
    Image.new("RGB", (300, 200), "teal").save(path, lossless=True)
    program = (
        f"import sys, pil_dctz; from PIL import Image; im = Image.open({str(path)!r});"
        "print(im.size, {'numba', 'numpy'} & set(sys.modules), Image._initialized < 2)"
    )
    assert run_fresh(program).strip() == "(300, 200) set() True"


def test_plugin_module_alone_registers(tmp_path):
    program = "import pil_dctz.DctzImagePlugin; from PIL import Image; print(Image.ID)"
    assert run_fresh(program).strip() == "['DCTZ']"


def test_imageio_is_told_where_it_was_imported_before(tmp_path):
    (tmp_path / "imageio_dctz.py").write_text("print('told')")
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
    assert run_fresh(start + "import imageio.v3, pil_dctz") == "told\n"
    assert run_fresh(start + "import pil_dctz, imageio.v3") == ""
