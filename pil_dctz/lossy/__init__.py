"""The lossy mode: planes in segments, 8x8 blocks, low frequencies first."""
