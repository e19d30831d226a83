"""Writes files field by field, bit by bit, with no encoder or decoder of ours.

    python -m conformance.author.make

makes all vectors and the manifest again.
"""
