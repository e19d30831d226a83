"""Kernels: written once, run ahead-of-time compiled, just-in-time compiled or interpreted."""
