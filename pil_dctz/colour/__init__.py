"""Colour transforms of the lossy mode."""
