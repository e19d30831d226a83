"""The reference decoder: plain Python integers, a module per chapter of the specification.

Slow and obvious on purpose. It imports the standard library alone and reads `spec/tables` itself.
"""
