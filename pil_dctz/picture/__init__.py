"""The picture level: segments, threads, regions, frames on the canvas."""
