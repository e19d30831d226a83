"""DCTZ still pictures."""
