"""imageio reads and writes `.dctz` once this is imported: `import imageio_dctz`.

imageio discovers no plugins by itself. Without this import it writes a TIFF under the name
`x.dctz` where tifffile is installed, and reads `.dctz` only through Pillow, with 8 bits of colour,
if `pil_dctz` is imported. (Where imageio was imported before, `import pil_dctz` imports this.)
Registering is cheap: the plugin is imported by the first file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pil_dctz  # noqa: F401  (imageio's Pillow plugin then knows `.dctz`, which is its fallback)

if TYPE_CHECKING:
    from imageio_dctz._plugin import DctzPlugin

__all__ = ["DctzPlugin", "register"]

_NAME = "dctz"
_BY_CONTENT = "dctz-by-content"
_EXTENSION = ".dctz"


def register() -> None:
    """Tell imageio about `.dctz`. Any number of times; the import has done it once."""
    from imageio.config import (
        FileExtension,
        PluginConfig,
        extension_list,
        known_extensions,
        known_plugins,
    )

    if _NAME in known_plugins:
        return

    def configured(name: str, class_name: str) -> PluginConfig:
        return PluginConfig(
            name=name,
            class_name=class_name,
            module_name="imageio_dctz._plugin",
            install_name="pil-dctz",
        )

    # Bytes and file objects have no extension: imageio then asks the plugins in their order, and
    # Pillow, which is the first, would give 16-bit colour with 8 bits.
    others = dict(known_plugins)
    known_plugins.clear()
    known_plugins[_BY_CONTENT] = configured(_BY_CONTENT, "DctzByContent")
    known_plugins.update(others)
    known_plugins[_NAME] = configured(_NAME, "DctzPlugin")
    extension = FileExtension(extension=_EXTENSION, name="DCTZ", priority=[_NAME, "pillow"])
    known_extensions[_EXTENSION] = [extension]
    extension_list.append(extension)


def __getattr__(name: str) -> Any:
    if name == "DctzPlugin":
        from imageio_dctz._plugin import DctzPlugin

        return DctzPlugin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


register()
