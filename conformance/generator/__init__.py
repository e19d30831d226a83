"""Draws legal files from seeds, over the whole grammar, and holds two decoders against each other.

    python -m conformance.generator --seed N --count M

Files are written field by field and bit by bit by `conformance.author`, with no encoder of ours.
"""
