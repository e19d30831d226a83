"""The fitted tables of the specification, as arrays."""
