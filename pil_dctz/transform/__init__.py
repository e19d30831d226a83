"""Block transforms: integer inverse on the decoding side, float forward on the encoding side."""
