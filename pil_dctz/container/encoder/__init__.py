"""Headers, chunks and frame heads become bytes."""
