"""Wrong decoders: the runner must fail each of them."""
