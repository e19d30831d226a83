"""The distinct pixels of a picture and their numbers, up to a limit. Encoder only.

Index proofs: y, x, c below the shape. A slot is 0..1023 (masked); no more than `most` <= 256
slots are ever filled, so each search ends at an empty one. order holds channels (wrapper).
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

SLOTS = 1024
MIX_HIGH = np.uint64(0x5E3779B9)
MIX_LOW = np.uint64(0x7F4A7C15)
LOW = np.uint64(0xFFFFFFFF)


@inner
def first_slot(key):
    # 32 by 31 bits: no product overflows, so the interpreter agrees.
    mixed = ((key >> np.uint64(32)) * MIX_HIGH) ^ ((key & LOW) * MIX_LOW)
    return np.int64(mixed >> np.uint64(24)) & (SLOTS - 1)


@inner
def number_colours(samples, order, most, keys, slots, colours, indices):
    height, width, _ = samples.shape
    count = 0
    last = np.uint64(0)
    number = np.int64(-1)
    for y in range(height):
        for x in range(width):
            key = np.uint64(0)
            for c in range(order.shape[0]):
                key = (key << np.uint64(16)) | np.uint64(samples[y, x, order[c]])
            if number < 0 or key != last:
                last = key
                slot = first_slot(key)
                while slots[slot] >= 0 and keys[slot] != key:
                    slot = (slot + 1) & (SLOTS - 1)
                number = np.int64(slots[slot])
                if number < 0:
                    if count == most:
                        return np.int64(-1)
                    number = np.int64(count)
                    slots[slot] = number
                    keys[slot] = key
                    colours[number] = key
                    count += 1
            indices[y, x] = number
    return np.int64(count)


# order: channels, the most significant first. keys, slots: (1024,), slots filled with -1. colours:
# (256,), the pixels as found; indices: (h, w), their places in it. Returns how many, or -1 where
# there are more than `most`.
@kernel(
    "int64(u8ro[:, :, ::1], i64ro[::1], int64, uint64[::1], int64[::1], uint64[::1], uint8[:, ::1])"
)
def number_colours_8(samples, order, most, keys, slots, colours, indices):
    return number_colours(samples, order, most, keys, slots, colours, indices)


@kernel(
    "int64(u16ro[:, :, ::1], i64ro[::1], int64, uint64[::1], int64[::1], uint64[::1],"
    " uint8[:, ::1])"
)
def number_colours_16(samples, order, most, keys, slots, colours, indices):
    return number_colours(samples, order, most, keys, slots, colours, indices)
