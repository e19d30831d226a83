"""Conformance of DCTZ decoders: vectors, a reference decoder, a runner."""
