"""The encoding side."""
