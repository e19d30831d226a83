"""What a file holds beside its samples. Clause `container.metadata`."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Metadata"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Opaque companions of the samples; None where a file has none. Clause `container.metadata`.

    icc: an ICC profile. exif: a TIFF structure (the six bytes "Exif 00 00" before it are dropped
    when written). xmp: an XMP packet. dpi: dots per inch, x then y, kept in thousandths.
    text: keys of 1 to 79 bytes of UTF-8, and their values.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        fields = (self.icc, self.exif, self.xmp, self.dpi)
        return any(value is not None for value in fields) or bool(self.text)
