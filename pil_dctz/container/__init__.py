"""The container: header, chunks, frame heads and metadata."""
