"""Fits the tables of `spec/tables`. The package never imports this."""
