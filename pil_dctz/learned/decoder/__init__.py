"""The decoding side."""
