"""Chapter 6a: bit strings and canonical prefix codes."""

from __future__ import annotations

from .conventions import Damaged, require, unzigzag


class Bits:
    """A bit string, least significant bit first. Clause `prefix.bits`."""

    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data, "little")
        self.left = 8 * len(data)

    def raw(self, n: int) -> int:
        require(n <= self.left, "bits beyond the last byte", "prefix.bits")
        self.left -= n
        result = self.value & ((1 << n) - 1)
        self.value >>= n
        return result

    def unary(self, m: int) -> int:
        for count in range(m + 1):
            if self.raw(1) == 0:
                return count
        raise Damaged(f"more than {m} ones", "prefix.bits")

    def rice(self, k: int) -> int:
        q = self.unary(24)
        return (q << k) + self.raw(k)

    def gamma(self, m: int) -> int:
        """`gamma` of clauses `lossless.cells` (m = 30) and `prediction.values` (m = 16)."""
        k = self.unary(m)
        return (1 << k) + self.raw(k)

    def end(self, clause: str) -> None:
        """The string ends in its last byte, and the bits left there are 0."""
        require(self.left < 8, "bytes are left", clause)
        require(self.value == 0, "fill bits are not 0", clause)


class Code:
    """A prefix code of given lengths. Clause `prefix.code`."""

    def __init__(self, lengths: list[int], max_length: int) -> None:
        used = sorted((length, symbol) for symbol, length in enumerate(lengths) if length)
        self.lone: int | None = None
        self.words: dict[tuple[int, int], int] = {}
        if len(used) == 1:
            ((length, self.lone),) = used
            require(length == 1, "a lone symbol has length 1", "prefix.code")
            return
        full = 0
        for length, symbol in used:
            self.words[length, full >> (max_length - length)] = symbol
            full += 1 << (max_length - length)
        require(full == 1 << max_length, "the code is not full", "prefix.code")

    def symbol(self, bits: Bits) -> int:
        if self.lone is not None:
            return self.lone
        word, length = 0, 0
        while True:
            word = word << 1 | bits.raw(1)
            length += 1
            found = self.words.get((length, word))
            if found is not None:
                return found


def read_code(bits: Bits, symbols: int, max_length: int, width: int) -> Code:
    """Clause `prefix.lengths`."""
    here = "prefix.lengths"
    count = bits.raw(width)
    require(1 <= count <= symbols, f"{count} lengths of {symbols}", here)
    lengths = [0] * symbols
    last = 4
    for symbol in range(count):
        n = bits.unary(30)
        if n == 3:
            continue
        last += unzigzag(n - 1 if n > 3 else n)
        require(1 <= last <= max_length, f"length {last}", here)
        lengths[symbol] = last
    return Code(lengths, max_length)
