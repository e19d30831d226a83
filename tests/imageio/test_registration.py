"""What `import imageio_dctz` tells imageio, and what happens without it."""

from __future__ import annotations

import io

import imageio.v3 as iio
import imageio_dctz
import numpy as np
import pytest
from imageio.config import extension_list, known_extensions, known_plugins
from imageio.core.request import InitializationError, Request
from imageio_dctz import DctzPlugin
from PIL import Image

from tests.imageio.arrays import made


def test_registered_once():
    for _ in range(2):
        imageio_dctz.register()
    assert known_plugins["dctz"].plugin_class is DctzPlugin
    assert [extension.priority for extension in known_extensions[".dctz"]] == [["dctz", "pillow"]]
    assert sum(extension.extension == ".dctz" for extension in extension_list) == 1


@pytest.mark.parametrize("first", [b"", b"\xc4CTZ", b"BM" + bytes(60), b"nothing at all" * 30])
def test_foreign_bytes_are_left_to_others(first):
    with pytest.raises(InitializationError):
        DctzPlugin(Request(first, "r?"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_other_files_are_opened_as_before(tmp_path):
    picture = made("uint8", 3)
    path = tmp_path / "a.png"
    iio.imwrite(path, picture)
    assert np.array_equal(iio.imread(path), picture)
    with pytest.raises(OSError, match="Could not find a backend"):
        iio.imread(b"nothing at all" * 30)


def test_wrong_names_do_not_matter(tmp_path):
    picture = made("uint8", 3)
    png_inside, dctz_inside = tmp_path / "a.dctz", tmp_path / "b.png"
    Image.fromarray(picture).save(png_inside, "PNG")
    Image.fromarray(picture).save(dctz_inside, "DCTZ", lossless=True)
    for path in (png_inside, dctz_inside):
        assert np.array_equal(iio.imread(path), picture)


def test_tiff_written_without_the_plugin_is_named(tmp_path):
    path = tmp_path / "a.dctz"
    Image.fromarray(made("uint8", 3)).save(path, "TIFF")
    with pytest.raises(OSError, match="can not handle") as caught:
        iio.imread(path, plugin="dctz")
    assert "TIFF under the name" in str(caught.value.__cause__)


@pytest.mark.parametrize("plugin", ["dctz", DctzPlugin])
def test_plugin_by_name_and_by_class(plugin):
    picture = made("uint16", 3)
    data = iio.imwrite("<bytes>", picture, plugin=plugin, lossless=True)
    assert np.array_equal(iio.imread(data, plugin=plugin), picture)
    assert np.array_equal(iio.imread(io.BytesIO(data), plugin=plugin), picture)


def test_plugin_refuses_to_write_other_extensions(tmp_path):
    with pytest.raises(OSError, match="can not handle"):
        iio.imwrite(tmp_path / "a.png", made("uint8", 3), plugin="dctz")
