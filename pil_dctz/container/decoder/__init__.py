"""Bytes become headers, chunks and frame heads."""
