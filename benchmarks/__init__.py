"""Measurements of `.dctz` beside its peers. `python -m benchmarks --help` lists them."""
