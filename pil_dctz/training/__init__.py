"""Trains what `pil_dctz.learned` and the encoder's learned decisions use: `dctz train`."""
