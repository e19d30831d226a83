"""DCTZ pictures for Python: encode, decode, and a Pillow plugin that registers itself.

    import pil_dctz
    data = pil_dctz.encode(array, quality=75)
    array = pil_dctz.decode(data)

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pil_dctz.api import (
        Header,
        decode,
        decode_frames,
        decode_progressive,
        encode,
        encode_frames,
        inspect,
        read,
        read_header,
        read_metadata,
        repair,
        verify,
        write,
    )
    from pil_dctz.container.metadata import Metadata
    from pil_dctz.container.syntax import Colour
    from pil_dctz.DctzImagePlugin import register
    from pil_dctz.errors import (
        DamagedError,
        DctzError,
        LimitError,
        NotDctzError,
        TruncatedError,
        UnsupportedError,
    )
    from pil_dctz.learned.decoder.describe import ModelInfo, inspect_model
    from pil_dctz.limits import Limits
    from pil_dctz.picture.decoder.inspect import FileInfo
    from pil_dctz.picture.decoder.trace import Damage, Trace
    from pil_dctz.picture.decoder.verify import Report
    from pil_dctz.picture.encoder.options import EncodeOptions
    from pil_dctz.picture.encoder.repair import Repair

__version__ = "0.1.0"

__all__ = [
    "Colour",
    "Damage",
    "DamagedError",
    "DctzError",
    "EncodeOptions",
    "FileInfo",
    "Header",
    "LimitError",
    "Limits",
    "Metadata",
    "ModelInfo",
    "NotDctzError",
    "Repair",
    "Report",
    "Trace",
    "TruncatedError",
    "UnsupportedError",
    "decode",
    "decode_frames",
    "decode_progressive",
    "encode",
    "encode_frames",
    "inspect",
    "inspect_model",
    "read",
    "read_header",
    "read_metadata",
    "register",
    "repair",
    "verify",
    "write",
]

_HOMES = {
    "pil_dctz.DctzImagePlugin": "register",
    "pil_dctz.api": (
        "Header decode decode_frames decode_progressive encode encode_frames inspect read "
        "read_header read_metadata repair verify write"
    ),
    "pil_dctz.container.metadata": "Metadata",
    "pil_dctz.container.syntax": "Colour",
    "pil_dctz.errors": (
        "DamagedError DctzError LimitError NotDctzError TruncatedError UnsupportedError"
    ),
    "pil_dctz.learned.decoder.describe": "ModelInfo inspect_model",
    "pil_dctz.limits": "Limits",
    "pil_dctz.picture.decoder.inspect": "FileInfo",
    "pil_dctz.picture.decoder.trace": "Damage Trace",
    "pil_dctz.picture.decoder.verify": "Report",
    "pil_dctz.picture.encoder.options": "EncodeOptions",
    "pil_dctz.picture.encoder.repair": "Repair",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _register() -> None:
    """Tell Pillow, and load what opens a file: the first `Image.open` need not wait for it."""
    import pil_dctz.api
    import pil_dctz.pillow.modes  # noqa: F401
    from pil_dctz.DctzImagePlugin import tell_pillow

    tell_pillow()


_register()
