"""Between Pillow's pictures and the library's arrays: modes, save options, saving."""
