"""The lossy mode: planes in segments, blocks of 8x8 to 64x64, low frequencies first."""
