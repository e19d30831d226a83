"""`dctz demo`: a photograph and a screenshot, in both modes, through Pillow and imageio."""

from pil_dctz.demo.show import run

__all__ = ["run"]
