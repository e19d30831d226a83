"""From samples to a file."""
